#!/usr/bin/env python3
"""follow.py SMTPSEQ FIXTURES - check --follow reports what it finds while a log is written, and loses nothing when it is rotated;
a pipe that falls silent is reported as far as that changes nothing.

Prints TAP.
"""
import concurrent.futures
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
# A finding comes within a second; a busy machine may take longer.
SECONDS = 20
COUNTED = {"done": 0, "failed": 0}
BEGIN = b"S: 220 mx ESMTP\nC: MAIL FROM:<a@example.org>\nS: 503 5.5.1 hello first\n"
GREETED = b"C: EHLO me.example\nS: 250 mx\n"
NESTED = b"C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: MAIL FROM:<a@example.org>\nS: 503 nested\n"
DATA = b"C: RSET\nS: 250 ok\nC: DATA\nS: 503 need mail\n"


def ok(fine, name, *details):
    COUNTED["done"] += 1
    COUNTED["failed"] += not fine
    print(f"{'ok' if fine else 'not ok'} {COUNTED['done']} - {name}", flush=True)
    for detail in () if fine else details:
        print("# " + str(detail)[:600], file=sys.stderr)


class Follow:
    """A run that is under way."""

    def __init__(self, *words, form="gcc", **more):
        self.got = b""
        self.process = subprocess.Popen([SMTPSEQ, "check", "--isolated", *more.get("how", ["--follow"]), f"--format={form}", *words],
                                        stdin=more.get("stdin", subprocess.PIPE), stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def write(self, octets):
        self.process.stdin.write(octets)
        self.process.stdin.flush()

    def comes(self, text):
        """Waits until the text is in the output."""
        end = time.monotonic() + SECONDS
        while text not in self.got and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                octets = os.read(self.process.stdout.fileno(), 65536)
                self.got += octets
                if not octets:
                    break
        return text in self.got

    def memory(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
        return 0

    def end(self, by=signal.SIGINT):
        if by:
            self.process.send_signal(by)
        out, errors = self.process.communicate(timeout=900)
        return self.process.returncode, self.got + out, errors


def try_pipe():
    run = Follow()
    run.write(BEGIN)
    ok(run.comes(b"-:2:4: error: MAIL before"), "a pipe: the first finding", run.got)
    run.write(GREETED + NESTED)
    ok(run.comes(b"-:8:4: error: MAIL inside"), "a pipe: a finding of a session that goes on", run.got)
    status, out, errors = run.end()
    ok(status == 1 and out.count(b"error:") == 2 and errors == b"", "SIGINT ends it, and nothing is said twice", status, out, errors)
    run = Follow(form="text")
    run.write(BEGIN)
    run.process.stdin.close()
    run.process.stdin = None
    status, out, _ = run.end(by=None)
    ok(status == 1 and b"1 error, 0 warnings, 0 notes in 1 session" in out, "the end of the pipe ends it, with the summary", status, out)
    run = Follow()
    for octet in range(len(BEGIN)):
        run.write(BEGIN[octet:octet + 1])
    ok(run.comes(b"-:2:4: error"), "octet by octet", run.got)
    run.end()


def try_late(folder):
    """A log in which SMTP comes after other lines, of a format whose marks must be learnt."""
    path = folder / "late.log"
    path.write_bytes(b"starting\n" * 20000)
    run = Follow(str(path))
    with open(path, "ab") as log:
        log.write(BEGIN + GREETED + NESTED)
    ok(run.comes(b"late.log:20002:4: error: MAIL before") and run.comes(b"late.log:20008:4: error"), "after 180 KB of other lines", run.got)
    run.end(signal.SIGTERM)
    run = Follow()
    mark = b"2026-11-30 10:00:00 worker[17] to server => "
    lines = [mark.replace(b"to", b"from") + line[3:] if line[:1] == b"S" else mark + line[3:] for line in (BEGIN + GREETED + NESTED).splitlines(keepends=True)]
    run.write(b"".join(lines))
    ok(run.comes(b"error: MAIL inside"), "a format that is learnt", run.got)
    run.end()


def try_rotation(folder):
    path = folder / "mail.log"
    path.write_bytes(BEGIN)
    run = Follow(str(path))
    ok(run.comes(b"mail.log:2:4: error: MAIL before"), "a file: what is in it", run.got)
    with open(path, "ab") as log:
        log.write(GREETED)
        os.rename(path, folder / "mail.log.1")
        log.write(b"C: NOOP\nS: 250 o")
    path.write_bytes(NESTED)
    ok(run.comes(b"mail.log:10:4: error: MAIL inside"), "renamed in the middle of a line: the lines go on in the new file", run.got)
    path.write_bytes(DATA)
    ok(run.comes(b"error: DATA with no open"), "truncated", run.got)
    os.unlink(path)
    time.sleep(0.5)
    path.write_bytes(NESTED)
    ok(run.comes(b"mail.log:18:4: error: MAIL inside"), "removed, and there again", run.got)
    status, out, errors = run.end()
    ok(status == 1 and out.count(b"error:") == 4 and errors == b"", "all of it is one recording", status, out, errors)


def try_rest(folder):
    path, report = folder / "a.log", folder / "report.ndjson"
    path.write_bytes(BEGIN)
    run = Follow("--output", f"ndjson:{report}", str(path))
    run.comes(b"error")
    run.end()
    ok(b'"type":"summary"' in report.read_bytes(), "a report of its own is whole at the end")
    for name, words in (("two files", [str(path), str(path)]), ("a folder", [str(folder)]), ("a document", ["--format=html", str(path)])):
        done = subprocess.run([SMTPSEQ, "check", "--follow", *words], capture_output=True, timeout=900, check=False)
        ok(done.returncode == 2 and b"--follow" in done.stderr, f"{name} cannot be followed", done.stderr)
    run = Follow("--fail-on=never")
    login = b"S: 220 mx\nC: EHLO me\nS: 250-mx\nS: 250 AUTH PLAIN\nC: AUTH PLAIN AHVzZXIAc2VjcmV0LXdvcmQ=\nS: 235 ok\nC: QUIT\nS: 221 bye\n"
    run.write(login)
    run.comes(b"auth-without-tls")
    run.write(login * 3 + BEGIN)
    run.comes(b"MAIL before")
    out = run.end()[1]
    ok(out.count(b"[auth-without-tls]") == 1 and b"c2VjcmV0" not in out, "what is reported once a file is, and secrets are not", out)


def try_same():
    """A recording that is there as a whole gives the findings that it gives without --follow."""
    wrong = []
    for path in sorted((FIXTURES / "rules").glob("*/catch.txt"))[::3]:
        octets = path.read_bytes()
        sets = []
        for more in ([], ["--follow"]):
            done = subprocess.run([SMTPSEQ, "check", "--isolated", "--format=gcc", *more], input=octets, capture_output=True, timeout=900, check=False)
            sets.append((done.returncode, sorted(done.stdout.splitlines()), done.stderr))
        if sets[0] != sets[1]:
            wrong.append((path.parent.name, sets))
    ok(not wrong, "recordings of the rules: the same findings", *wrong)


def in_two_parts(form, octets, at):
    """What is reported of a pipe that falls silent before an octet: by then, and in the end, with the exit status."""
    run = Follow("-", form=form, how=["--all"])
    run.write(octets[:at])
    early = run.comes(b"nested-mail")
    run.write(octets[at:])
    run.process.stdin.close()
    run.process.stdin = None
    return early, run.end(by=None)


def try_silence(folder):
    session = b"S: 220 mx\n" + GREETED + NESTED + b"C: QUIT\nS: 221 bye\n"
    octets = session + BEGIN
    for form in ("gcc", "ndjson", "text"):
        early, got = in_two_parts(form, octets, len(session))
        done = subprocess.run([SMTPSEQ, "check", "--isolated", "--all", f"--format={form}"], input=octets, capture_output=True, timeout=900, check=False)
        ok(early and got == (done.returncode, done.stdout, done.stderr), f"a pipe that falls silent is reported so far, and comes out as ever: {form}", early, got, done)
    terminal, inside = pty.openpty()
    process = subprocess.Popen([SMTPSEQ, "check", "--isolated", "--format=gcc"], stdin=subprocess.PIPE, stdout=inside, stderr=inside,
                               env={**os.environ, "TERM": "xterm"})
    process.stdin.write(session)
    process.stdin.flush()
    shown, end = b"", time.monotonic() + SECONDS
    while b"nested-mail" not in shown and time.monotonic() < end:
        shown += os.read(terminal, 4096) if select.select([terminal], [], [], 0.1)[0] else b""
    process.communicate(BEGIN, timeout=900)
    os.close(inside)
    os.close(terminal)
    ok(shown.startswith(b"-:6:4:") and b"nested-mail" in shown, "... also on a terminal, where no line of progress is then", shown)
    with open(folder / "report", "wb") as report:  # nobody waits for it: what is a secret is known at the end
        process = subprocess.Popen([SMTPSEQ, "check", "--isolated", "--format=gcc"], stdin=subprocess.PIPE, stdout=report)
        process.stdin.write(session)
        process.stdin.flush()
        time.sleep(1.5)
        early = (folder / "report").read_bytes()
        process.communicate(BEGIN, timeout=900)
    ok(early == b"" and (folder / "report").read_bytes().count(b"error") == 2, "... but not into a file", early)


def try_silence_same():
    """Where a pipe falls silent makes no difference to what is reported."""
    def difference(path):
        octets = path.read_bytes()
        lines = octets.splitlines(keepends=True)
        command = [SMTPSEQ, "check", "--isolated", "--format=ndjson"]
        done = subprocess.run(command, input=octets, capture_output=True, timeout=900, check=False)
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        part = b"".join(lines[:len(lines) * 2 // 3])
        process.stdin.write(part)
        process.stdin.flush()
        time.sleep(0.8)
        out, errors = process.communicate(octets[len(part):], timeout=900)
        return [] if (process.returncode, out, errors) == (done.returncode, done.stdout, done.stderr) else [(path, out, done.stdout)]

    paths = sorted((FIXTURES / "rules").glob("*/catch.txt"))[1::3] + sorted((FIXTURES / "formats").glob("*/*.log"))[::3]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = sum(pool.map(difference, paths), [])
    ok(not wrong, f"{len(paths)} recordings, in two parts: the same reports", *wrong)


def try_memory(folder):
    """50,000 sessions, every tenth with a fault, take no more memory than 10,000."""
    path = folder / "long.log"
    clean = b"S: 220 mx\n" + GREETED + b"C: QUIT\nS: 221 bye\n"
    faulty = b"S: 220 mx\n" + GREETED + NESTED + b"C: QUIT\nS: 221 bye\n"
    sessions = (clean * 9 + faulty) * 1000
    path.write_bytes(sessions)
    # AddressSanitizer would keep what is freed.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    run, sizes, lines = Follow(str(path)), [], 0
    for part in range(5):
        if part > 0:
            with open(path, "ab") as log:
                log.write(sessions)
        lines += sessions.count(b"\n")
        if not run.comes(b"long.log:%d:4: error" % (lines - 3)):
            break
        run.got = run.got[-100:]
        sizes.append(run.memory())
    run.end()
    ok(len(sizes) == 5 and sizes[-1] < sizes[0] + 4096, "memory is bounded", sizes)


try_pipe()
for test in (try_late, try_rotation, try_rest, try_silence, try_memory):
    with tempfile.TemporaryDirectory() as temporary:
        test(pathlib.Path(temporary).resolve())
try_same()
try_silence_same()
print(f"1..{COUNTED['done']}")
sys.exit(COUNTED["failed"] > 0)
