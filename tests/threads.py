#!/usr/bin/env python3
"""threads.py SMTPSEQ FIXTURES - checking eight files at once, or eight pieces of one, prints the same octets as one at a time.

Built with -Db_sanitize=thread this finds what the threads do to one another: ThreadSanitizer writes to standard error
and makes the exit status 66.
"""
import os
import subprocess
import sys
import tempfile

program, fixtures = sys.argv[1:3]
# What is measured of servers is read by tests of its own.
folders = [f"{fixtures}/{folder}" for folder in ("formats", "rules", "reports", "fuzz")]
LARGE = 6_000_000  # octets: enough to be cut
SESSION = "S: 220 mx.example.com ESMTP\nC: EHLO {0}.example.org\nS: 250-mx.example.com\nS: 250 AUTH PLAIN\n{1}C: QUIT\nS: 221 bye\n"
PARTS = [
    "C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: MAIL FROM:<b@example.org>\nS: 503 nested MAIL command\n",
    "C: RCPT TO:<c@example.org>\nS: 503 need MAIL\n",
    "C: AUTH PLAIN AGFsaWNlAHNlY3JldCB{0}\nS: 535 no such user alice with secret {0}\n",
    "C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<d@example.org>\nS: 551 try <e{0}@example.net>\nC: RSET\nS: 250 ok\n",
    "C: NOOP\nS: 250 ok\n" * 3,
]
COMMANDS = {
    "check, as text": ["check"],
    "check, as JSON": ["check", "--format=json", "--server=all"],
    "check, as a page": ["check", "--format=html"],
    "replay": ["replay", "--format=ndjson", "--server=all"],
    "forwards": ["forwards"],
    "coverage": ["coverage", "--format=json"],
}


def run(arguments, jobs, paths):
    return subprocess.run(
        [program, *arguments, "--isolated", "-j", str(jobs), *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def write_large(path):
    """Sessions one after the other, of which most have a fault, and some a message that quotes a session."""
    with open(path, "w", encoding="ascii") as out:
        number = 0
        while out.tell() < LARGE:
            number += 1
            parts = "".join(PARTS[number * step % len(PARTS)].format(number) for step in (1, 3, 7)[: number % 4])
            if number % 50 == 0:
                parts += "C: DATA\nS: 354 go\nC: " + SESSION.format("quoted", "").replace("\n", "\nC: ") + "\nC: .\nS: 250 ok\n"
            out.write(SESSION.format(f"client{number % 7}", parts))


failed = 0
large = tempfile.TemporaryDirectory(prefix="smtpseq-threads-")
write_large(os.path.join(large.name, "large.txt"))
runs = [(name, arguments, folders) for name, arguments in COMMANDS.items()]
runs += [(f"one large file, as {form}", ["check", f"--format={form}"], [os.path.join(large.name, "large.txt")])
         for form in ("text", "json", "gcc")]
print(f"1..{len(runs)}")
for number, (name, arguments, paths) in enumerate(runs, 1):
    one, eight = run(arguments, 1, paths), run(arguments, 8, paths)
    same = (one.returncode, one.stdout, one.stderr) == (eight.returncode, eight.stdout, eight.stderr)
    fine = same and one.returncode in (0, 1) and len(one.stdout) > 1000 and b"ThreadSanitizer" not in eight.stderr
    print(f"{'ok' if fine else 'not ok'} {number} - {name}")
    if not fine:
        failed += 1
        print(f"# exit status {one.returncode} and {eight.returncode}, {len(one.stdout)} and {len(eight.stdout)} octets",
              file=sys.stderr)
        sys.stderr.buffer.write(eight.stderr[:4000])
sys.exit(failed > 0)
