#!/usr/bin/env python3
"""Runs smtpseq on very many files, sessions, commands and octets, and on files that change while they are read.

usage: limits.py SMTPSEQ [--sanitized] [--full]

--full: 100,000 files, a session of 10 million commands, a line of 4 GB; without it a part of that.
"""

import gzip
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

import bad_input
from bad_input import BEGUN, GOOD, IN_MAIL, MB, NESTED, SANITIZED, SMTPSEQ, Tap, repeated, run

# Seconds. Each of these takes a second or two by itself: what takes so long hangs, also with sanitizers on a busy machine.
TIME_MAX = 900

FULL = "--full" in sys.argv[2:]
ADDRESS_SPACE = 256 * MB  # libraries and the stacks of threads are in it


def run_limited(*arguments, feed):
    """Runs smtpseq on a pipe with a limit that makes every allocation beyond it fail."""
    limit = None if SANITIZED else lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    child = subprocess.Popen([SMTPSEQ, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=limit)
    # Findings are few here, so the pipes for them do not fill up.
    try:
        with child.stdin as pipe:
            for octets in feed:
                pipe.write(octets)
    except BrokenPipeError:
        pass
    child.stdin = None
    out, err = child.communicate(timeout=3000)
    return bad_input.Result(child.returncode, out, err, 0)


def check_long_line(tap):
    octets = 4 << 30 if FULL else 1 << 25 if SANITIZED else 1 << 28
    name = f"a line of {octets // MB} MB in an address space of {ADDRESS_SPACE // MB} MB"
    tap.expect(name, run_limited("check", "-", feed=repeated(BEGUN + b"C: NOOP ", b"x", octets, b"\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 503 no\n")),
               1, ("very long line",), ("-:7:4:", "rcpt-before-mail"))


# What a session repeats, how often (a part of it; all), exit status, words on stdout
SESSIONS = [
    ("commands in order", b"C: NOOP\nS: 250 ok\n", 300000, 10000000, 0, None),
    ("messages", b"C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: RCPT TO:<b@example.com>\nS: 250 ok\nC: DATA\nS: 354 go\nC: x\nC: .\nS: 250 ok\n",
     50000, 2500000, 0, None),
    ("commands out of order", b"C: RCPT TO:<b@example.com>\nS: 503 no\n", 300000, 10000000, 1, " more\n"),
    ("replies to nothing", b"S: 250 ok\n", 300000, 10000000, 0, "unreadable-session"),
]


def check_long_sessions(tap):
    for name, lines, part, whole, status, words in SESSIONS:
        times = whole if FULL else part
        tap.expect(f"a session of {times} {name}",
                   run("check", "--disable=session-truncated", feed=repeated(BEGUN, lines, times, b"C: QUIT\nS: 221 bye\n")),
                   status, None, words)


def check_many_findings(tap):
    """More findings than are held back, from a session that ends with all of them at once: still printed in order."""
    times = 1000000 if FULL else 20000
    nested = b"C: MAIL FROM:<a@example.org>\nS: 250 ok\nC: MAIL FROM:<a@example.org>\nS: 503 no\nC: RSET\nS: 250 ok\n"
    many = min(times, 60000)  # commands that wait for a reply at the same time
    for name, text, times, tail in (("in the middle of a session", nested, times, b""), ("at its end", b"C: NOOP\n", many, b"S: 250 ok\n" * many)):
        result = run("check", "--format=gcc", "--disable=session-truncated", feed=repeated(BEGUN, text, times, tail))
        places = [int(line.split(b":")[1]) for line in result.out.splitlines()]
        result.out = result.out[:2000]
        tap.report(len(places) > times * 0.999 and places == sorted(places) and (SANITIZED or result.memory < bad_input.MEMORY_MAX),
                   f"{times} findings {name}", f"{len(places)} findings\n{result}")


def check_cases(tap, folder):
    """Reports that are lists of tests want what a suite has before its cases: they keep it on disk."""
    for form in ("junit", "tap"):
        few, many = (run("check", "-j1", "--fail-on=never", f"--output={form}:{folder}/cases", feed=repeated(b"", NESTED, times, b"")) for times in (3000, 60000))
        with open(f"{folder}/cases", "rb") as file:
            points = sum(b"session " in line for line in file)
        tap.report(points == 60000 and (SANITIZED or many.memory < few.memory + 2), f"60,000 test cases take no more memory than 3,000: {form}",
                   f"{points} cases, {few.memory:.1f} MB, then {many}")


def write_interleaved(path, lines, count):
    """The sessions take turns, a line each."""
    with open(path, "wb") as file:
        # The first has the log to itself: what a recording is, is told by its beginning.
        for side, text, number in [(*line, 0) for line in lines] + [(*line, number) for line in lines for number in range(1, count)]:
            file.write(b'{"level":20,"component":"smtp-connection","sid":"s%05d","tnx":"%s","msg":"%s"}\n' % (number, side.encode(), text))


def check_interleaved(tap, folder):
    count = 10000
    path = os.path.join(folder, "interleaved.log")
    lines = [("server", b"220 mx.example.com"), ("client", b"EHLO a.example.org"), ("server", b"250 mx.example.com"),
             ("client", b"MAIL FROM:<a@example.org>"), ("server", b"250 ok"), ("client", b"MAIL FROM:<a@example.org>"), ("server", b"503 no"),
             ("client", b"QUIT"), ("server", b"221 bye")]
    write_interleaved(path, lines, count)
    result = run("check", "--format=gcc", path)
    places = [int(line.split(b":")[1]) for line in result.out.splitlines()]
    tap.report(result.status == 1 and len(places) == count and places == sorted(places) and not result.err, "10,000 interleaved sessions, a fault in each",
               f"{len(places)} findings\n{result}")
    counted = run("check", "-v", "--format=gcc", "--fail-on=never", path)
    tap.expect("... which are 10,000 sessions", counted, 0, (f"{count} sessions",), (), memory=112)
    write_interleaved(path, lines[:5] + lines[7:], 20000)
    tap.expect("20,000 sessions side by side are too many: said, and none is called truncated", run("check", "--format=gcc", path), 0,
               ("among too many side by side",), (), memory=112)


def check_folders(tap, folder):
    loop = os.path.join(folder, "loop")
    os.makedirs(os.path.join(loop, "a", "b"))
    os.symlink("../..", os.path.join(loop, "a", "b", "up"))
    os.symlink(".", os.path.join(loop, "a", "self"))
    os.mkfifo(os.path.join(loop, "a", "fifo"))
    with open(os.path.join(loop, "a", "b", "nested.txt"), "wb") as file:
        file.write(NESTED)
    result = run("check", "--format=gcc", loop)
    tap.expect("a folder that leads back to itself, with a FIFO in it", result, 1, None, "a/b/nested.txt:7:4:")
    tap.report(result.out.count(b"\n") == 1, "... whose file is read once", result)
    by_link = os.path.join(folder, "link-to-folder")
    os.symlink(loop, by_link)
    tap.expect("a link to a folder that is named itself", run("check", "--format=gcc", by_link), 1, None, "link-to-folder/a/b/nested.txt:7:4:")

    deep = os.path.join(folder, "deep")
    os.mkdir(deep)
    here = os.open(deep, os.O_RDONLY)
    for _ in range(30):  # longer in all than a path can be
        os.mkdir("d" * 200, dir_fd=here)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    with open(os.path.join(deep, "nested.txt"), "wb") as file:
        file.write(NESTED)
    tap.expect("folders too deep for a path", run("check", "--format=gcc", deep), 2, ("File name too long",), "deep/nested.txt:7:4:")

    many = os.path.join(folder, "many")
    count = 100000 if FULL else 5000 if SANITIZED else 20000
    for number in range(count):
        inside = os.path.join(many, f"{number % 100:02}")
        if number < 100:
            os.makedirs(inside)
        with open(os.path.join(inside, f"{number:06}.txt"), "wb") as file:
            file.write(NESTED if number % 100 == 7 else GOOD)
    result = run("check", "--format=gcc", many)
    tap.expect(f"a folder of {count} files", result, 1, None, "nested-mail")
    tap.report(result.out.count(b"\n") == count // 100, f"... {count // 100} of which have a finding", result)


def check_changing_file(tap, folder):
    """The program is stopped in the middle of a file, which is then made shorter, or longer."""
    for name, size in (("shrinks", 1 << 16), ("is emptied", 0), ("grows", None)):
        path = os.path.join(folder, "changing.txt")
        with open(path, "wb") as file:
            file.write(IN_MAIL + b"C: DATA\nS: 354 go\n" + b"C: text of a message that goes on and on and on\n" * 1000000)
        child = subprocess.Popen([SMTPSEQ, "check", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while child.poll() is None and first_read(child.pid) < 3:
            time.sleep(0.001)
        os.kill(child.pid, signal.SIGSTOP)
        if size is None:
            with open(path, "ab") as file:
                file.write(b"C: .\nS: 250 ok\nC: QUIT\nS: 221 bye\n")
        else:
            os.truncate(path, size)
        os.kill(child.pid, signal.SIGCONT)
        out, err = child.communicate(timeout=TIME_MAX)
        result = bad_input.Result(child.returncode, out, err, 0)
        tap.report(child.returncode in (0, 2) and b"Sanitizer" not in err, f"a file that {name} while it is read", result)


def first_read(pid):
    """The memory of a program in megabytes: what it has read, or what it has mapped."""
    try:
        with open(f"/proc/{pid}/io", encoding="ascii") as counts:
            octets = int(counts.readline().split()[1])
        with open(f"/proc/{pid}/statm", encoding="ascii") as pages:
            resident = int(pages.read().split()[1]) * 4096
    except (OSError, ValueError, IndexError):
        return 1 << 20
    return max(octets, 0 if SANITIZED else resident - 8 * MB) // MB


def check_closed_descriptors(tap, folder):
    path = os.path.join(folder, "nested.txt")
    report = os.path.join(folder, "report.ndjson")
    with open(path, "wb") as file:
        file.write(NESTED)

    def run_closed(*descriptors, arguments):
        close = lambda: [os.close(descriptor) for descriptor in descriptors]
        child = subprocess.Popen([SMTPSEQ, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=close)
        out, err = child.communicate(timeout=TIME_MAX)
        return bad_input.Result(child.returncode, out, err, 0)

    tap.expect("no standard output", run_closed(1, arguments=["check", path]), 2, ("standard output: Bad file descriptor",), None)
    tap.expect("no standard output, but a report", run_closed(1, arguments=["check", "--output", "text:-", "--output", f"ndjson:{report}", *[path] * 500]), 2,
               ("standard output: Bad file descriptor",), None)
    with open(report, "rb") as file:
        text = file.read()
    tap.report(text.startswith(b'{"type":"finding"') and b"error:" not in text, "... in which nothing else stands", text)
    tap.expect("no standard input", run_closed(0, arguments=["check", "-"]), 2, ("-: Bad file descriptor",), None)
    quiet = run_closed(2, arguments=["check", path, os.path.join(folder, "missing")])
    tap.report(quiet.status == 2 and b"nested-mail" in quiet.out and b"missing" not in quiet.out, "no standard error", quiet)


def check_signals(tap, folder):
    """A run that is killed while it reads leaves neither half a report nor a temporary file."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # a child inherits what nohup, or `&` of a shell, has ignored
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGKILL):
        place = os.path.join(folder, f"signal-{number}")
        os.mkdir(place)
        child = subprocess.Popen([SMTPSEQ, "check", "--output=json:report.json", "--output=html:report.html", "--write-baseline=known.json", "-"],
                                 cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdin.write(NESTED * 20000)
        child.stdin.flush()
        begun = len(os.listdir(place))
        child.send_signal(number)
        status = child.wait(timeout=TIME_MAX)
        left = os.listdir(place)
        for _ in range(100 if number == signal.SIGKILL else 0):  # which nobody can be told of in advance
            left = os.listdir(place)
            if not left:
                break
            time.sleep(0.1)
        child.communicate()
        tap.report(begun == 3 and status == -number and not left, f"ended by {number.name}", f"{begun} files, status {status}, left: {left}")


def check_few_descriptors(tap, folder):
    """With eight descriptors there are fewer workers; without any for a file that is said."""
    names = [os.path.join(folder, f"few-{number}.txt") for number in range(20)]
    for name in names:
        with open(name, "wb") as file:
            file.write(NESTED)

    def run_limited_to(descriptors, *arguments):
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        child = subprocess.run([SMTPSEQ, "check", "--format=gcc", *arguments], stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=limit, timeout=TIME_MAX, check=False)
        return bad_input.Result(child.returncode, child.stdout, child.stderr, 0)

    whole = run_limited_to(64, "-j8", *names)
    few = run_limited_to(8, "-j8", *names)
    tap.report(few.status == 1 and few.out == whole.out and b"few files can be open at once" in few.err, "eight descriptors: the same findings with fewer workers", few)
    tap.report(not whole.err, "... of which nothing is said where there are enough", whole)
    five = run_limited_to(5, f"--output=github:{folder}/few.out", *names)
    # What can be printed is printed all the same.
    tap.report(five.status == 2 and b"Too many open files" in five.err,
               "five descriptors and a report that wants more", five)


def packet(number, from_client, sequence, acknowledged, flags, data):
    """A TCP segment in an IPv4 packet, as a capture without a link layer has it."""
    ports = (40000, 25) if from_client else (25, 40000)
    addresses = b"\x0a\x00\x00\x01\x0a\x00\x00\x02" if from_client else b"\x0a\x00\x00\x02\x0a\x00\x00\x01"
    segment = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 5 << 4, flags, 65535, 0, 0) + data
    octets = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), number & 0xffff, 0, 64, 6, 0) + addresses + segment
    return struct.pack("<IIII", 1700000000 + number // 1000, number % 1000 * 1000, len(octets), len(octets)) + octets


def write_holes(path, count, backwards):
    """A session whose client's commands have a hole before each, in order or not."""
    head = [(False, b"220 mx.example.com\r\n"), (True, b"EHLO a.example.org\r\n"), (False, b"250 mx.example.com\r\n")]
    next_of = {True: 1000, False: 5000}
    packets = [packet(1, True, 999, 0, 2, b""), packet(2, False, 4999, 1000, 18, b"")]
    for from_client, data in head:
        packets.append(packet(len(packets), from_client, next_of[from_client], next_of[not from_client], 24, data))
        next_of[from_client] += len(data)
    order = range(count - 1, -1, -1) if backwards else range(count)
    packets += [packet(number, True, next_of[True] + 12 * number, next_of[False], 24, b"NOOP\r\n") for number in order]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 101) + b"".join(packets))


def check_bombs(tap, folder):
    """Small files that are large inside end soon, in little memory."""

    def expect(name, path, status, err):
        begun = time.monotonic()
        result = run("check", "--format=gcc", "--fail-on=never", path)
        taken = time.monotonic() - begun
        if b"built without" in result.err:
            tap.skip(name, "this build lacks a library")
            return
        tap.expect(name, result, status, err, None)
        tap.report(taken < TIME_MAX, f"... in bounded time", f"{taken:.0f} s")

    for name, block, times in (("zeros", bytes(MB), 1024 if FULL else 256), ("text", b"hello world\n" * 87000, 1024 if FULL else 128)):
        path = os.path.join(folder, f"bomb-{name}.gz")
        with gzip.open(path, "wb", 6) as file:
            for _ in range(times):
                file.write(block)
        expect(f"{times} MB of {name} in {os.path.getsize(path) // 1024} KB", path, 2, ("no SMTP session found",))
    path = os.path.join(folder, "many.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20000):
            archive.writestr(f"d/{number:05}.txt", bad_input.GOOD)
    expect("a zip of 20,000 members", path, 0, None)
    for backwards in (False, True):
        path = os.path.join(folder, "holes.pcap")
        write_holes(path, 60000, backwards)
        expect(f"a capture with 60,000 holes{', backwards' * backwards}", path, 0, ("are not in the capture",))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="smtpseq-limits-") as folder:
        check_folders(tap, folder)
        check_changing_file(tap, folder)
        check_closed_descriptors(tap, folder)
        check_signals(tap, folder)
        check_few_descriptors(tap, folder)
        check_bombs(tap, folder)
        check_interleaved(tap, folder)
        check_long_line(tap)
        check_long_sessions(tap)
        check_many_findings(tap)
        check_cases(tap, folder)
    print(f"1..{tap.count}")


if __name__ == "__main__":
    main()
