#!/usr/bin/env python3
"""The progress line on a pseudo-terminal: it appears, is right, and is erased before anything else is printed.

usage: progress.py SMTPSEQ

A pipe that the test keeps open makes the work take as long as the test likes: nothing here depends on how fast the machine is.
Prints TAP.
"""

import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

SMTPSEQ = os.path.abspath(sys.argv[1])
SESSION = b"S: 220 mx.example.com\nC: EHLO a.example.org\nS: 250 mx.example.com\nC: QUIT\nS: 221 bye\n"
FAULTY = SESSION.replace(b"C: EHLO a.example.org\nS: 250 mx.example.com\n", b"C: MAIL FROM:<a@example.org>\nS: 503 hello first\n")
LINE = re.compile(rb"\rsmtpseq: (\d+) of (\d+) files?([^\r\n\x1b]*)\x1b\[K")
ERASED = b"\r\x1b[K"
PATIENCE = 120  # seconds until a line that does not come is missed
TESTS = []


def test(name, done, shown=b""):
    TESTS.append(bool(done))
    print(f"{'ok' if done else 'not ok'} {len(TESTS)} - {name}", flush=True)
    if not done:
        print(f"# {shown[-1500:]!r}")


class Run:
    """smtpseq over files and a pipe, with its output on a terminal of its own."""

    def __init__(self, folder, files, *options, term="xterm", out_too=False, **variables):
        self.fifo = folder / "fifo"
        os.mkfifo(self.fifo)
        self.terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            [SMTPSEQ, "check", "--fail-on=never", *options, *map(str, files), str(self.fifo)], stdin=subprocess.DEVNULL,
            stdout=inside if out_too else subprocess.DEVNULL, stderr=inside, env={"TERM": term, "PATH": os.environ["PATH"], **variables})
        os.close(inside)
        self.pipe = open(self.fifo, "wb", buffering=0)
        self.shown = b""

    def read(self, seconds):
        """Reads what comes within that time. False at the end."""
        if not select.select([self.terminal], [], [], seconds)[0]:
            return True
        try:
            octets = os.read(self.terminal, 4096)
        except OSError:  # the other end is closed
            octets = b""
        self.shown += octets
        return octets != b""

    def wait_for(self, pattern):
        until = time.monotonic() + PATIENCE
        while not pattern.search(self.shown) and time.monotonic() < until and self.read(0.1):
            pass
        return pattern.search(self.shown)

    def watch(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.read(0.1):
            pass
        return self.shown

    def end(self):
        """Lets the work end. Gives all that was shown."""
        self.pipe.write(FAULTY)
        self.pipe.close()
        while self.read(PATIENCE):
            pass
        os.close(self.terminal)
        self.process.wait(PATIENCE)
        self.fifo.unlink()
        return self.shown


def try_line(folder, recording):
    run = Run(folder, [recording])
    found = run.wait_for(LINE)
    test("work that takes long has a line", found, run.shown)
    test("with the files", found and found.groups()[:2] == (b"1", b"2"), run.shown)
    test("and the octets", found and re.match(rb", 0\.1 kB, [\d.]+ kB/s$", found.group(3)), run.shown)
    shown = run.end()
    last = shown.rfind(b"\rsmtpseq: ")
    test("it is erased at the end", shown.find(ERASED, last) > 0, shown)
    test("and then nothing of it is left", LINE.sub(b"", shown).replace(ERASED, b"") == b"", shown)


def try_findings(folder, recording):
    run = Run(folder, [recording], "-j1", out_too=True)
    run.wait_for(LINE)
    shown = run.end()
    before = shown[:shown.find(b"fifo:2:4: ")]
    test("it is erased before a finding is printed", before.rfind(ERASED) > before.rfind(b"\rsmtpseq: ") >= 0, shown)
    test("all findings are there, and the summary", shown.count(b"[mail-before-hello]") == 1 and b"1 error, 0 warnings" in shown, shown)


def try_time_left(folder):
    """Files have a known length, so the time left is shown. The run waits because nobody reads its findings."""
    long = folder / "long.txt"
    long.write_bytes(FAULTY * 50000)
    terminal, inside = pty.openpty()
    process = subprocess.Popen([SMTPSEQ, "check", "--format=gcc", "-j1", str(long)], stdout=subprocess.PIPE, stderr=inside,
                               env={"TERM": "xterm", "PATH": os.environ["PATH"]})
    os.close(inside)
    shown, until = b"", time.monotonic() + PATIENCE
    pattern = re.compile(rb"\rsmtpseq: 0 of 1 file, [\d.]+ [kM]B of 4\.5 MB, [\d.]+ [kM]B/s, (\d+ h )?(\d+ min )?(\d+ s )?left\x1b\[K")
    while not pattern.search(shown) and time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 4096)
    findings = process.communicate()[0]
    os.close(terminal)
    test("of files whose length is known also the time left", pattern.search(shown), shown)
    test("nothing is lost by it", findings.count(b"[mail-before-hello]") == 50000, findings)


def try_silence(folder, recording):
    for name, options, variables in (("-q: no line", ["-q"], {}), ("a terminal that cannot erase: no line", [], {"term": "dumb"})):
        run = Run(folder, [recording], *options, **variables)
        run.watch(2.5)
        test(name, b"files" not in run.end(), run.shown)
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen([SMTPSEQ, "check", "--fail-on=never", str(recording), str(fifo)], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, env={"TERM": "xterm", "PATH": os.environ["PATH"]})
    with open(fifo, "wb", buffering=0) as pipe:
        time.sleep(2.5)
        pipe.write(SESSION)
    said = process.communicate()[1]
    test("standard error that is no terminal: no line", said == b"", said)
    fifo.unlink()


def main():
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        recording = folder / "session.txt"
        recording.write_bytes(SESSION)
        try_line(folder, recording)
        try_findings(folder, recording)
        try_time_left(folder)
        try_silence(folder, recording)
        run = Run(folder, [recording], COLUMNS="24")
        found = run.wait_for(re.compile(rb"\rsmtpseq: 1 of 2 files?[^\x1b]*\x1b\[K"))
        test("in a narrow terminal it is cut", found and len(found.group(0)) <= 1 + 23 + 3, run.end())
    print(f"1..{len(TESTS)}")
    return 0 if all(TESTS) else 1


if __name__ == "__main__":
    sys.exit(main())
