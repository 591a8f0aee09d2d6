#!/usr/bin/env python3
"""What the program can still do once it reads recordings: attempts.c, made inside smtpseq itself by a preloaded library.

usage: sandbox.py SMTPSEQ PRELOAD
"""

import ctypes
import errno
import os
import pathlib
import subprocess
import sys
import tempfile

SMTPSEQ, PRELOAD = (os.path.abspath(path) for path in sys.argv[1:3])
SESSION = b"S: 220 mx.example.com\nC: EHLO a.example.org\nS: 250 mx.example.com\nC: QUIT\nS: 221 bye\n"
LANDLOCK_CREATE_RULESET = 444
# In the order of enum refusal.
REFUSALS = [0, errno.ENOSYS, errno.EACCES]
RUNS = [("check", ["check", "-q", "given"]), ("check -j2", ["check", "-q", "-j2", "given", "given"]), ("replay", ["replay", "given"]), ("forwards", ["forwards", "given"]),
        ("formats", ["formats", "given"]), ("coverage", ["coverage", "given"]),
        ("check --output", ["check", "-q", "--output=json:report.json", "--output=html:report.html", "--write-baseline=known.json", "given"])]


def has_parts():
    """Whether this kernel has what the sandbox is made of."""
    landlock = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1) > 0
    return landlock and "Seccomp:" in pathlib.Path("/proc/self/status").read_text()


def state_of(folder):
    return {path.name: (path.read_bytes(), path.stat().st_mode) for path in folder.iterdir() if path.name[:6] not in ("report", "known.")}


def run(arguments):
    """The lines of the report, and what the folder holds before and after."""
    with tempfile.TemporaryDirectory(prefix="smtpseq-sandbox-") as room:
        folder = pathlib.Path(room) / "work"
        folder.mkdir()
        for name in ("given", "other"):
            (folder / name).write_bytes(SESSION)
        before = state_of(folder)
        with open(pathlib.Path(room) / "report", "w+b") as report:
            variables = {**os.environ, "LD_PRELOAD": PRELOAD, "ATTEMPTS_IN": str(folder), "ATTEMPTS_REPORT": str(report.fileno())}
            done = subprocess.run([SMTPSEQ, *arguments], cwd=folder, env=variables, pass_fds=[report.fileno()], capture_output=True, timeout=900, check=False)
            report.seek(0)
            lines = report.read().decode().splitlines()
        left = [path.name for path in folder.iterdir() if path.name.count(".") > 1]
        return done, lines, before == state_of(folder) and not left


def main():
    if not has_parts():
        print("1..0 # SKIP this kernel lacks Landlock or seccomp")
        return
    print(f"1..{3 * len(RUNS)}")
    count = 0

    def report(good, name, why):
        nonlocal count
        count += 1
        print(f"{'ok' if good else 'not ok'} {count} - {name}")
        for line in [] if good else why:
            print("#", line)

    for name, arguments in RUNS:
        done, lines, unchanged = run(arguments)
        wrong = [line for line in lines if int(line.split()[1]) != REFUSALS[int(line.split()[0])]]
        report(len(lines) > 44 and not wrong, f"{name}: {len(lines)} attempts", wrong or [repr(done.stderr)])
        report(unchanged, f"{name}: no file has changed", ["files changed"])
        report(done.returncode == 0, f"{name}: the run goes on", [f"exit status {done.returncode}", repr(done.stderr)])


if __name__ == "__main__":
    main()
