#!/usr/bin/env python3
"""Measures smtpseq beside wc -l and grep -c, on two large transcripts that are made first (corpus.py).

usage: bench.py [--size MB] [--runs N] SMTPSEQ

SMTPSEQ is the program, built with --buildtype=release. The programs run in turn, so that a busy machine is busy for all of
them, and the best run of each counts. Nothing here fails because something is slow.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

WC, GREP = "wc -l", "grep -c '^S: 503'"
HERE = os.path.dirname(os.path.abspath(__file__))


def start(command, through_pipe, out):
    """Starts a command, its input a pipe or nothing."""
    feed = subprocess.Popen(["cat", through_pipe], stdout=subprocess.PIPE) if through_pipe else None
    child = subprocess.Popen(command, stdin=feed.stdout if feed else subprocess.DEVNULL, stdout=out)
    if feed:
        feed.stdout.close()
    return child, feed


def finish(child, feed):
    status = child.wait()
    if feed:
        feed.wait()
    if status not in (0, 1):  # 1: findings, or grep found nothing
        sys.exit(f"bench: {' '.join(child.args)}: exit status {status}")


def seconds_of(command, through_pipe, out):
    begin = time.monotonic()
    finish(*start(command, through_pipe, out))
    return time.monotonic() - begin


def memory_of(command, through_pipe, out):
    """The peak of resident memory in MB. What wait4 says counts the moment before exec too, which is this program."""
    child, feed = start(command, through_pipe, out)
    peak = 0
    while child.poll() is None:
        try:
            with open(f"/proc/{child.pid}/status", encoding="ascii") as status:
                marks = [line.split()[1] for line in status if line.startswith("VmHWM:")]
            if marks and os.path.samefile(f"/proc/{child.pid}/exe", shutil.which(command[0])):
                peak = max(peak, int(marks[0]) / 1024)
        except OSError:
            pass  # it has just ended
        time.sleep(0.002)
    finish(child, feed)
    return peak


def measure(programs, runs, out):
    """The best time of each of several commands, run in turn, and their peaks of memory."""
    seconds = {}
    for _ in range(runs):
        for name, program in programs.items():
            taken = seconds_of(*program, out)
            seconds[name] = min(taken, seconds.get(name, taken))
    return seconds, {name: memory_of(*program, out) for name, program in programs.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=float, default=200, metavar="MB")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("smtpseq")
    options = parser.parse_args()
    os.environ["LC_ALL"] = "C"  # grep reads octets then, as the others do

    print(f"{'corpus':9} {'octets':>11} {'lines':>9}  {'program':22} {'seconds':>8} {'MB/s':>7} {'x wc':>6} {'x grep':>7} {'peak MB':>8}")
    # The output goes into a file: grep stops at its first hit when it sees /dev/null there.
    with tempfile.TemporaryDirectory(prefix="smtpseq-bench-") as folder, tempfile.TemporaryFile() as out:
        for kind in ("commands", "bodies"):
            path = os.path.join(folder, kind + ".txt")
            subprocess.run([sys.executable, os.path.join(HERE, "corpus.py"), "--size", str(options.size), kind, path], check=True)
            size = os.path.getsize(path)
            lines = int(subprocess.check_output(["wc", "-l", path]).split()[0])
            check = [options.smtpseq, "check", "-q", "--isolated"]
            if subprocess.run(check + ["--help"], capture_output=True).returncode != 0:
                check.pop()  # a version without configuration files
            seconds, memory = measure({
                WC: (["wc", "-l", path], None),
                GREP: (["grep", "-c", "^S: 503", path], None),
                "smtpseq check": (check + [path], None),
                "cat | smtpseq check": (check + ["-"], path),
            }, options.runs, out)
            for name, taken in seconds.items():
                print(f"{kind:9} {size:11} {lines:9}  {name:22} {taken:8.3f} {size / 1e6 / taken:7.0f} {taken / seconds[WC]:6.1f} "
                      f"{taken / seconds[GREP]:7.1f} {memory[name]:8.1f}")
            os.unlink(path)


if __name__ == "__main__":
    main()
