#!/usr/bin/env python3
"""threads.py SMTPSEQ FIXTURES - checking eight files at once prints the same octets as one at a time.

Built with -Db_sanitize=thread this finds what the threads do to one another: ThreadSanitizer writes to standard error
and makes the exit status 66.
"""
import subprocess
import sys

program, fixtures = sys.argv[1:3]
# What is measured of servers is read by tests of its own.
folders = [f"{fixtures}/{folder}" for folder in ("formats", "rules", "reports", "fuzz")]
COMMANDS = {
    "check, as text": ["check"],
    "check, as JSON": ["check", "--format=json", "--server=all"],
    "check, as a page": ["check", "--format=html"],
    "replay": ["replay", "--format=ndjson", "--server=all"],
    "forwards": ["forwards"],
    "coverage": ["coverage", "--format=json"],
}


def run(arguments, jobs):
    return subprocess.run(
        [program, *arguments, "--isolated", "-j", str(jobs), *folders], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


failed = 0
print(f"1..{len(COMMANDS)}")
for number, (name, arguments) in enumerate(COMMANDS.items(), 1):
    one, eight = run(arguments, 1), run(arguments, 8)
    same = (one.returncode, one.stdout, one.stderr) == (eight.returncode, eight.stdout, eight.stderr)
    fine = same and one.returncode in (0, 1) and len(one.stdout) > 1000 and b"ThreadSanitizer" not in eight.stderr
    print(f"{'ok' if fine else 'not ok'} {number} - {name}")
    if not fine:
        failed += 1
        print(f"# exit status {one.returncode} and {eight.returncode}, {len(one.stdout)} and {len(eight.stdout)} octets",
              file=sys.stderr)
        sys.stderr.buffer.write(eight.stderr[:4000])
sys.exit(failed > 0)
