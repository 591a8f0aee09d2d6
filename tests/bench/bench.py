#!/usr/bin/env python3
"""Measures smtpseq beside programs that read the same, and prints one table.

usage: bench.py [--size MB] [--runs N] SMTPSEQ

A row has a figure, what smtpseq takes for it, what another program takes, and how many times the one is the other. Corpora are
made first (corpus.py); the capture is small, because tshark needs long for it. The programs run in turn, on one core, so that
a busy machine is busy for all of them, and the best run of each counts. Seconds are those of the processor; where several work
at once, those of the clock. Nothing here fails because something is slow, and what is not installed is absent from the table.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LINE_WALK = "import sys\nfor line in open(sys.argv[1], 'rb'):\n    line[:3] == b'C: ' and line[3:].split(None, 1)"
SMALL = "S: 220 mx.example.com\nC: EHLO a.example\nS: 250 mx.example.com\nC: QUIT\nS: 221 Bye\n"


class Run:
    """One run of a command: seconds of the processor and of the clock, and, where it is watched, its peak of memory in MB."""

    def __init__(self, command, out, pipe=None, cores=1, watched=False):
        feed = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) if pipe else None
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        actions.insert(0, (os.POSIX_SPAWN_DUP2, feed.stdout.fileno(), 0) if feed else (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
        allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(allowed)[:cores])
        begin = time.perf_counter()
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
        if feed:
            feed.stdout.close()
        self.memory = self.watch(child, command[0]) if watched else 0
        _, status, usage = os.wait4(child, 0)
        self.clock = time.perf_counter() - begin
        os.sched_setaffinity(0, allowed)
        if feed:
            feed.wait()
        if os.waitstatus_to_exitcode(status) not in (0, 1):  # 1: findings, or grep found nothing
            sys.exit(f"bench: {' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
        self.processor = usage.ru_utime + usage.ru_stime

    @staticmethod
    def watch(child, program):
        """The peak of resident memory in MB. What wait4 says counts the moment before exec too, which is this program."""
        peak = 0
        while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            try:
                with open(f"/proc/{child}/status", encoding="ascii") as status:
                    marks = [line.split()[1] for line in status if line.startswith("VmHWM:")]
                if marks and os.path.samefile(f"/proc/{child}/exe", shutil.which(program)):
                    peak = max(peak, int(marks[0]) / 1024)
            except OSError:
                pass  # it has just ended
            time.sleep(0.001)
        return peak


class Table:
    def __init__(self, runs, out):
        self.runs, self.out = runs, out
        print(f"{'figure':34} {'smtpseq':>10}   {'peer':22} {'its own':>10}  {'ratio':>7}")

    def best(self, value, commands, **how):
        """The best of each of several commands, run in turn."""
        best = [float("inf")] * len(commands)
        for _ in range(self.runs):
            for i, command in enumerate(commands):
                best[i] = min(best[i], value(Run(command, self.out, **how)))
        return best

    def row(self, figure, own, peer="", its=None, turned=False, unit="s"):
        """turned: how many times smtpseq is faster, not how many times its time is the other's."""
        if its is None:
            print(f"{figure:34} {own:10.3f} {unit}" + (f" {peer:22} {'absent':>10}" if peer else ""))
            return
        ratio = f"{its / own:.1f} x faster" if turned else f"{own / its:.1f}"
        print(f"{figure:34} {own:10.3f} {unit} {peer:22} {its:10.3f}  {ratio:>7}")
        sys.stdout.flush()

    def compare(self, figure, own, peers):
        """peers: (name, command, turned)."""
        peers = [(name, command, turned, bool(shutil.which(command[0]))) for name, command, turned in peers]
        value = lambda run: run.processor
        best = self.best(value, [own] + [command for _, command, _, there in peers if there])
        its = iter(best[1:])
        for name, _, turned, there in peers:
            self.row(figure, best[0], name, next(its) if there else None, turned)


def make(kind, path, size, *more):
    subprocess.run([sys.executable, os.path.join(HERE, "corpus.py"), "--size", str(size), *more, kind, path], check=True)


def large_files(table, check, folder, size):
    for kind in ("commands", "varied", "bodies"):
        path = os.path.join(folder, kind + ".txt")
        make(kind, path, size)
        megabytes = os.path.getsize(path) / 1e6
        table.compare(f"{kind}, {megabytes:.0f} MB", check + ["-j1", path], [
            ("wc -l", ["wc", "-l", path], False),
            ("grep -c '^S: 503'", ["grep", "-c", "^S: 503", path], False),
            ("Python line walk", [sys.executable, "-c", LINE_WALK, path], True),
        ])
        one, two = table.best(lambda run: run.clock, [check + ["-j1", path], check + ["-j2", path]], cores=2)
        table.row(f"{kind}, two cores (clock)", two, "smtpseq -j1", one, True)
        value = lambda run: run.memory
        table.row(f"{kind}: memory, file", *table.best(value, [check + [path]], watched=True), unit="MB")
        table.row(f"{kind}: memory, pipe", *table.best(value, [check + ["-"]], pipe=path, watched=True), unit="MB")


def capture(table, check, folder, size):
    path, packets = os.path.join(folder, "small.txt"), os.path.join(folder, "small.pcap")
    make("commands", path, size, "--capture", packets)
    table.compare(f"capture, {os.path.getsize(packets) / 1e6:.0f} MB", check + ["-j1", packets],
                  [("tshark -r -Y smtp", ["tshark", "-r", packets, "-Y", "smtp"], True)])


def many_files(table, check, folder, size):
    files = os.path.join(folder, "many")
    os.mkdir(files)
    path = os.path.join(folder, "commands.txt")
    with open(path, "rb") as whole:
        text = whole.read()
    sessions = text.split(b"S: 220 ")[1:]
    for i in range(64):
        with open(os.path.join(files, f"{i:02}.txt"), "wb") as out:
            out.writelines(b"S: 220 " + session for session in sessions[i::64])
    one, two = table.best(lambda run: run.clock, [check + ["-j1", files], check + ["-j2", files]], cores=2)
    table.row("64 files, two cores (clock)", two, "smtpseq -j1", one, True)


def start(table, check, folder):
    path = os.path.join(folder, "start.txt")
    with open(path, "w", encoding="ascii") as out:
        out.write(SMALL)
    runs, table.runs = table.runs, 100
    own, its = table.best(lambda run: run.clock * 1000, [check + [path], ["true"]])
    table.row("a file of 5 lines (clock)", own, "true", its, unit="ms")
    table.runs = runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=200, metavar="MB")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("smtpseq")
    options = parser.parse_args()
    os.environ["LC_ALL"] = "C"  # grep reads octets then, as the others do
    check = [os.path.abspath(options.smtpseq), "check", "-q", "--isolated"]
    if subprocess.run(check + ["--help"], capture_output=True, check=False).returncode != 0:
        check.pop()  # a version without configuration files
    # The output goes into a file: grep stops at its first hit when it sees /dev/null there.
    with tempfile.TemporaryDirectory(prefix="smtpseq-bench-") as folder, tempfile.TemporaryFile() as out:
        table = Table(options.runs, out)
        large_files(table, check, folder, options.size)
        many_files(table, check, folder, options.size)
        start(table, check, folder)
        table.runs = 1
        capture(table, check, folder, min(options.size / 10, 10))


if __name__ == "__main__":
    main()
