#!/usr/bin/env python3
"""Runs smtpseq on files that are no recordings, on damaged ones, and on files and pipes that fail.

usage: bad_input.py SMTPSEQ [--sanitized]

Each case says which exit status and which words it expects. A crash, a hang or a sanitizer's report is a failure whatever
the case. A part is run again under valgrind, where that is installed. --sanitized: the program has ASan in it, so its memory
says nothing, and valgrind cannot run it.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

os.environ.pop("GITHUB_ACTIONS", None)  # there the default format is another
SMTPSEQ = os.path.abspath(sys.argv[1])
SANITIZED = "--sanitized" in sys.argv[2:]
MEMORY_MAX = 64  # MB
MB = 1 << 20

GOOD = b"S: 220 mx.example.com\nC: EHLO a.example.org\nS: 250 mx.example.com\nC: QUIT\nS: 221 bye\n"
BEGUN = b"S: 220 mx.example.com\nC: EHLO a.example.org\nS: 250-mx.example.com\nS: 250 PIPELINING\n"
NESTED = BEGUN + b"C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: MAIL FROM:<a@example.org>\nS: 503 no\nC: QUIT\nS: 221 bye\n"
IN_MAIL = BEGUN + b"C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 250 ok\n"
HEADER_OF_PNG = b"\x89PNG\r\n\x1a\n"


class Result:
    def __init__(self, status, out, err, memory):
        self.status, self.out, self.err, self.memory = status, out, err, memory

    def __str__(self):
        return f"exit status {self.status}, peak {self.memory:.0f} MB\nstdout: {self.out[:500]!r}\nstderr: {self.err[:2000]!r}"


def watch_memory(child, peak):
    """Reads the peak memory of a running program, which wait4() would confuse with this program's."""
    while child.poll() is None:
        try:
            with open(f"/proc/{child.pid}/status", encoding="ascii") as status:
                for line in status:
                    if line.startswith("VmHWM:"):
                        peak[0] = max(peak[0], int(line.split()[1]) / 1024)
        except OSError:
            return
        time.sleep(0.01)


def run(*arguments, feed=None, out=subprocess.PIPE, prefix=()):
    """Runs smtpseq. `feed`: the input of a pipe, as an iterable of octets."""
    child = subprocess.Popen([*prefix, SMTPSEQ, *arguments], stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
                             stdout=out, stderr=subprocess.PIPE)
    peak = [0.0]
    watcher = threading.Thread(target=watch_memory, args=(child, peak))
    watcher.start()
    pipe, child.stdin = child.stdin, None

    def write():
        try:
            with pipe:
                for octets in feed:
                    pipe.write(octets)
        except BrokenPipeError:
            pass

    writer = threading.Thread(target=write) if feed is not None else None
    if writer:
        writer.start()
    try:
        output, errors = child.communicate(timeout=1200)
    except subprocess.TimeoutExpired:
        child.kill()
        output, errors = child.communicate()
        errors += b"\n[killed after 1200 s]"
    if writer:
        writer.join()
    watcher.join()
    return Result(child.returncode, output or b"", errors, peak[0])


class Tap:
    def __init__(self):
        self.count = 0

    def report(self, good, name, why=""):
        self.count += 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in str(why).splitlines()), end="", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def expect(self, name, result, status, err=(), out=(), memory=MEMORY_MAX):
        """`status`: the one, or several, that are right. `err`, `out`: words that must be there; None: nothing may."""
        why = []
        if result.status not in (status if isinstance(status, tuple) else (status,)):
            why.append(f"exit status is to be {status}")
        for words, text, stream in ((err, result.err, "stderr"), (out, result.out, "stdout")):
            if words is None and text and not (stream == "stdout" and re.fullmatch(rb"(.*: session .*\n)*no findings in .*\n", text)):
                why.append(f"{stream} is to be empty")
            for word in (words,) if isinstance(words, str) else words or ():
                if word.encode() not in text:
                    why.append(f"{stream} is to have: {word}")
        for sign in (b"Sanitizer", b"runtime error"):
            if sign in result.err:
                why.append("sanitizer's report")
        if not SANITIZED and result.memory > memory:
            why.append(f"memory is to stay below {memory} MB")
        self.report(not why, name, "\n".join(why) + f"\n{result}")


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixels = b"".join(b"\0" + bytes((x * y) % 256 for x in range(64 * 3)) for y in range(64))
    return (HEADER_OF_PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))


# name of the file, its octets, exit status, words on stderr, words on stdout
FILES = [
    ("empty", b"", 2, ("empty.txt:", "no SMTP session found", "empty"), None),
    ("blank-lines", b"\n\n\n\n", 2, ("blank-lines.txt:", "no SMTP session found"), None),
    ("prose", b"Dear diary,\nnothing happened today.\n", 2, ("prose.txt:1:", "no SMTP session found"), None),
    ("picture", png(), 2, ("picture.txt:1:", "no SMTP session found", "binary"), None),
    ("binary", bytes(range(256)) * 400, 2, ("binary.txt:1:", "no SMTP session found", "binary"), None),
    ("one-octet", b"S", 2, ("one-octet.txt:1:", "no SMTP session found"), None),
    ("only-marks", b"C:\nS:\nC:\nS:\n", 2, ("only-marks.txt:", "no SMTP session found"), None),
    ("nul-in-command", GOOD.replace(b"EHLO a", b"EHLO \0a\0"), 0, (), ()),
    ("nul-in-reply", NESTED.replace(b"503 no", b"503 n\0o"), 1, (), ("nested-mail", "\\x00")),
    ("nul-line", GOOD.replace(b"S: 250 mx.example.com", b"\0\0\0\0"), 0, ("nul-line.txt: 1 of 5 lines",), ("reply-missing",)),
    ("cr-only", NESTED.replace(b"\n", b"\r"), 1, (), ("cr-only.txt:7:4:", "nested-mail")),
    ("crlf", NESTED.replace(b"\n", b"\r\n"), 1, (), ("crlf.txt:7:4:", "nested-mail")),
    ("mixed-ends", NESTED.replace(b"\nC:", b"\r\nC:"), 1, (), ("mixed-ends.txt:7:4:", "nested-mail")),
    ("no-newline-at-end", NESTED[:-1], 1, (), ("no-newline-at-end.txt:7:4:", "nested-mail")),
    ("byte-order-mark", b"\xef\xbb\xbf" + NESTED, (0, 1), (), ("byte-order-mark.txt:",)),
    ("not-utf-8", NESTED.replace(b"503 no", b"503 \xff\xfe\xc3\x28 no"), 1, (), ("nested-mail", "\\xff")),
    ("terminal-controls", NESTED.replace(b"503 no", b"503 \x1b]0;pwned\x07\x1b[2Jno"), 1, (), ("nested-mail", "\\x1b")),
    ("code-999", GOOD.replace(b"S: 250 mx.example.com", b"S: 999 what"), 0, (), ("code-999.txt:3:4:", "reply-malformed")),
    ("code-without-text", GOOD.replace(b"S: 250 mx.example.com", b"S: 250"), 0, None, None),
    ("code-of-four-digits", GOOD.replace(b"S: 250 mx", b"S: 2500 mx"), 0, (), ("code-of-four-digits.txt:3:4:", "reply-malformed")),
    ("empty-reply", GOOD.replace(b"S: 250 mx.example.com", b"S:"), 0, (), ("reply-missing",)),
    ("reply-without-end", BEGUN + b"C: NOOP\nS: 250-and\nS: 250-so\nC: QUIT\nS: 221 bye\n", 0, (), ("reply-malformed",)),
    ("ends-in-reply", BEGUN + b"C: NOOP\nS: 250-and\nS: 250-so\n", 0, (), ("session-truncated",)),
    ("middle-of-session", b"S: 250 ok\nC: DATA\nS: 354 go\nC: text\nC: .\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 503 no\n", 1, (),
     ("middle-of-session.txt:7:4:", "rcpt-before-mail")),
    ("middle-of-message", b"C: text\nC: more text\nC: .\nS: 250 ok\nC: QUIT\nS: 221 bye\n", (0, 1), (), ()),
    ("ends-in-message", IN_MAIL + b"C: DATA\nS: 354 go\nC: text\n", 0, (), ("session-truncated",)),
    ("ends-in-line", IN_MAIL + b"C: DA", (0, 1), (), ("session-truncated",)),
    ("replies-only", b"S: 220 mx\nS: 250 mx\nS: 250 ok\nS: 221 bye\n", 0, ("there are no commands to judge",), ()),
    ("bdat-of-2-to-the-64", IN_MAIL + b"C: BDAT 18446744073709551616 LAST\nC: x\n", (0, 1), (), ()),
    ("bdat-of-minus-one", IN_MAIL + b"C: BDAT -1 LAST\nS: 501 what\n", (0, 1), (), ()),
    ("python-literal-cut", b"reply: b'220 mx\\r\\n'\nsend: 'ehlo a\\r\\n'\nreply: b'250 mx\\r\\n'\nsend: 'noop\\", (0, 1), (), ()),
    ("python-bad-escapes", b"reply: b'220 mx\\r\\n'\nsend: 'ehlo \\x\\xz\\q\\r\\n'\nreply: b'250 \\xff\\r\\n'\n", (0, 1), (), ()),
]


def repeated(head, octets, times, tail):
    """Octets for a pipe, in pieces of a megabyte or so."""
    each = max(1, MB // len(octets))
    yield head
    while times > 0:
        count = min(each, times)
        yield octets * count
        times -= count
    yield tail


GIGABYTE = (1 << 30) if not SANITIZED else (1 << 27)
MILLION = 1000000

# name, what comes through the pipe, exit status, words on stderr, words on stdout
STREAMS = [
    ("a line of 1 GB", lambda: repeated(b"", b"x", GIGABYTE, b""), 2, ("-:1:", "no SMTP session found"), None),
    ("a command of 1 GB", lambda: repeated(BEGUN + b"C: MAIL FROM:<", b"x", GIGABYTE, b">\nS: 500 no\nC: MAIL\nS: 503 no\n"), 0,
     ("very long line",), ("-:7:4:", "unexpected-503")),
    ("a line of a message of 1 GB",
     lambda: repeated(IN_MAIL + b"C: DATA\nS: 354 go\nC: ", b"x", GIGABYTE, b"\nC: .\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 503 no\n"), 1,
     ("very long line",), ("-:14:4:", "rcpt-before-mail")),
    ("a reply line of 1 GB", lambda: repeated(BEGUN + b"C: NOOP\nS: 250 ", b"x", GIGABYTE, b"\nC: RCPT TO:<b@example.com>\nS: 503 no\n"), 1,
     ("very long line",), ("-:7:4:", "rcpt-before-mail")),
    ("a Python literal of 1 GB", lambda: repeated(b"reply: b'220 mx\\r\\n'\nsend: '", b"x", GIGABYTE, b"'\n"), (0, 1), ("very long line",), ()),
    ("a reply of a million lines",
     lambda: repeated(BEGUN + b"C: NOOP\n", b"S: 250-and so on\n", MILLION, b"S: 250 ok\nC: RCPT TO:<b@example.com>\nS: 503 no\n"), 1, (),
     ("-:1000007:4:", "rcpt-before-mail")),
    ("a million commands without a reply", lambda: repeated(BEGUN, b"C: RSET\n", MILLION, b""), (0, 1), (), ("session-truncated",)),
    ("a million replies to nothing", lambda: repeated(BEGUN, b"S: 250 ok\n", MILLION, b""), 0, (), ("unreadable-session",)),
    ("a million greetings", lambda: repeated(b"", b"S: 220 mx\n", MILLION, b""), (0, 1), (), ()),
    ("a message sent before its 354", lambda: repeated(IN_MAIL + b"C: DATA\n", b"C: text\n", 60000, b"S: 354 go\nC: .\nS: 250 ok\n"), 1, (),
     ("pipelined-past-sync-point",)),
    ("an endless message", lambda: repeated(IN_MAIL + b"C: DATA\nS: 354 go\n", b"C: text\n", MILLION, b""), 0, (), ("session-truncated",)),
]


def check_files(tap, folder):
    good = os.path.join(folder, "zz-nested.txt")
    for name, octets, status, err, out in FILES:
        path = os.path.join(folder, name + ".txt")
        with open(path, "wb") as file:
            file.write(octets)
        tap.expect(name, run("check", path), status, err, out)
        # The same through a pipe, as JSON, and with another file after it, which must still be checked.
        with open(good, "wb") as file:
            file.write(NESTED)
        both = run("check", "--format=ndjson", path, "-", good, feed=[octets])
        findings = []
        try:
            findings = [json.loads(line) for line in both.out.decode("utf-8").splitlines()]
        except ValueError as error:
            both.err += f"\nnot JSON in UTF-8: {error}".encode()
        followed = any(row.get("rule") == "nested-mail" and row.get("file") == good for row in findings)
        if not followed:
            both.err += b"\nthe file after it was not checked"
        tap.report(followed and both.status == (2 if status == 2 else 1) and b"not JSON" not in both.err, name + ", as JSON and through a pipe",
                   both)
        replayed = run("replay", path)
        tap.report(replayed.status == (2 if status == 2 else 0), name + ", replayed", replayed)


def check_streams(tap):
    for name, feed, status, err, out in STREAMS:
        tap.expect(name, run("check", feed=feed()), status, err, out)


def check_files_that_fail(tap, folder):
    good = os.path.join(folder, "zz-nested.txt")

    def path(name):
        return os.path.join(folder, name)

    os.symlink("nothing", path("dangling"))
    os.symlink("loop", path("loop"))
    os.makedirs(path("void"))
    os.makedirs(path("letters/old"))
    for name in ("letters/a.txt", "letters/old/b.txt"):
        with open(path(name), "wb") as file:
            file.write(b"no session in here\n")
    found = "nested-mail"
    tap.expect("no such file", run("check", path("missing"), good), 2, ("missing: No such file",), found)
    tap.expect("a dangling link", run("check", path("dangling"), good), 2, ("dangling: No such file",), found)
    tap.expect("a link to itself", run("check", path("loop"), good), 2, ("loop: Too many levels",), found)
    tap.expect("a file that cannot be read", run("check", "/proc/self/mem", good), 2, ("/proc/self/mem: Input/output error",), found)
    tap.expect("a path below a file", run("check", good + "/x", good), 2, ("/x: Not a directory",), found)
    tap.expect("an empty folder", run("check", path("void")), 2, ("no SMTP session found",), None)
    tap.expect("a folder without recordings", run("check", path("letters")), 2, ("no SMTP session found",), None)
    tap.expect("a device that is empty", run("check", "/dev/null"), 2, ("/dev/null:", "no SMTP session found"), None)

    os.mkfifo(path("fifo"))

    def write():
        with open(path("fifo"), "wb") as fifo:
            fifo.write(NESTED)

    writer = threading.Thread(target=write)
    writer.start()
    tap.expect("a FIFO", run("check", path("fifo")), 1, (), ("fifo:7:4:", found))
    writer.join()


def check_many_files(tap, folder):
    many = os.path.join(folder, "many")
    for number in range(10000):
        inside = os.path.join(many, f"{number % 100:02}")
        os.makedirs(inside, exist_ok=True)
        with open(os.path.join(inside, f"{number:05}.txt"), "wb") as file:
            file.write(NESTED if number % 50 == 7 else b"" if number % 50 == 8 else GOOD)
    alone = run("check", "--format=gcc", "-j1", many)
    tap.expect("a folder of 10,000 files", alone, 1, ("passed over 200 files",), "nested-mail")
    tap.report(alone.out.count(b"\n") == 200, "... 200 of which have a finding", alone)
    tap.report(run("check", "--format=gcc", "-j8", many).out == alone.out, "... the same with 8 workers")
    # With AddressSanitizer a file takes 4 ms, mostly to map its memory: 20,000 files have to do there.
    operands = [os.path.join(many, f"{i:02}") for i in range(100)] * (2 if SANITIZED else 10)
    tap.expect("a folder named again and again", run("check", "-q", "--format=gcc", *operands), 1, (), "nested-mail")


def check_output_that_fails(tap, folder):
    nested = os.path.join(folder, "zz-nested.txt")
    commands = [["check", nested], ["check", "--format=gcc", nested], ["check", "--format=ndjson", nested], ["check", "-j4", nested, nested],
                ["replay", nested], ["replay", "--format=ndjson", nested], ["forwards", nested], ["explain", "251", "503"], ["rules"],
                ["rules", "--format=json"], ["formats"], ["formats", nested], ["graph"], ["--help"], ["check", "--help"], ["--version"]]
    with open("/dev/full", "wb") as full:
        for command in commands:
            tap.expect(f"/dev/full: {' '.join(os.path.basename(word) for word in command)}", run(*command, out=full), 2,
                       ("standard output: No space left on device",))
    tap.expect("a report into /dev/full", run("check", "--output=ndjson:/dev/full", nested), 2, ("/dev/full: No space left on device",))
    tap.expect("a report into no folder", run("check", f"--output=ndjson:{folder}/missing/x", nested), 2, ("missing/x: No such file",))

    long = os.path.join(folder, "long.txt")
    with open(long, "wb") as file:
        file.write(IN_MAIL + b"C: RCPT TO:<b@example.com>\nS: 250 ok\n" * 100000)
    for command in (["check", "--disable=session-truncated"], ["replay"], ["replay", "--format=ndjson"]):
        child = subprocess.Popen([SMTPSEQ, *command, long] if command[0] == "replay" else [SMTPSEQ, *command, "--format=ndjson", *[nested] * 2000],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.readline()
        child.stdout.close()
        errors = child.stderr.read()
        child.stderr.close()
        tap.report(child.wait(timeout=900) in (-13, 2) and not errors, f"a reader that leaves: {' '.join(command)}", errors)


def check_with_valgrind(tap, folder):
    names = [name for name, *_ in FILES]
    if SANITIZED or not shutil.which("valgrind"):
        tap.skip("valgrind", "the program has ASan in it" if SANITIZED else "valgrind is not installed")
        return
    suppressions = os.path.join(os.path.dirname(os.path.abspath(__file__)), "valgrind.supp")
    prefix = ("valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=all", "--child-silent-after-fork=yes",
              "--num-callers=30", f"--suppressions={suppressions}")
    probe = run("--version", prefix=prefix)
    if probe.status != 0 and b"dwarf" in probe.err.lower():
        tap.skip("valgrind", "it cannot read this compiler's debug information")  # 3.19 and clang 14
        return
    files = [os.path.join(folder, name + ".txt") for name in names]
    cases = [["check", "-j1", *files], ["check", "-j4", "--format=ndjson", *files], ["check", "--format=gcc", "/proc/self/mem", folder + "/missing"],
             ["replay", "--format=ndjson", *files], ["forwards", *files], ["explain", "251", "503"], ["rules", "--format=json"], ["formats", *files],
             ["graph", "--format=mermaid"], ["check", "--disable=no-such-rule"], ["check", "--input-format=swaks", *files]]
    for command in cases:
        words = [word for word in command if not word.startswith(folder)]
        result = run(*command, prefix=prefix)
        tap.report(result.status in (0, 1, 2) and b"==" not in result.err, f"valgrind: {' '.join(words)}", result)
    result = run("check", feed=repeated(IN_MAIL + b"C: DATA\n", b"C: text\n", 20000, b"S: 354 go\nC: .\nS: 250 ok\n"), prefix=prefix)
    tap.report(result.status == 1 and b"==" not in result.err, "valgrind: a message sent before its 354", result)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="smtpseq-bad-") as folder:
        check_files(tap, folder)
        check_streams(tap)
        check_files_that_fail(tap, folder)
        check_output_that_fails(tap, folder)
        check_with_valgrind(tap, folder)
        check_many_files(tap, folder)
    print(f"1..{tap.count}")


if __name__ == "__main__":
    main()
