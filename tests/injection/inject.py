#!/usr/bin/env python3
"""Makes every allocation and every system call of smtpseq fail once, over the fixtures.

    inject.py SMTPSEQ (--preload INJECT.so | --wrapped) [--root FOLDER] [--points N] [--files N] [--jobs N] [--only WORD]

--points  of each command line so many points are tried: the first half one by one, the others spread over the rest
          (0: every one)
--files   so many of the fixtures, evenly taken (0: all)
--wrapped SMTPSEQ has inject.c in it (a build with a sanitizer, which looks for leaks itself)

A run may not crash, hang, or leave more allocated than it does where nothing fails. It ends with exit status 2 and a message,
or, where the failure did no harm, with the output and the exit status that it has otherwise.
"""

import argparse
import collections
import concurrent.futures
import os
import subprocess
import sys
import tempfile

MARK = "@"  # in a command: the recording
# What is run on a recording; each recording has its turn with the next one.
COMMANDS = [
    ["check", "-j1", MARK],
    ["check", "-j1", "--format=ndjson", "--server=all", MARK],
    ["replay", "-j1", "--format=ndjson", MARK],
    ["check", "-j1", "--format=gcc", "-v", MARK],
    ["replay", "-j1", "--server=postfix,exim", MARK],
    ["forwards", "-j1", MARK],
    ["formats", MARK],
    ["check", "-j1", "--format=json", MARK],
    ["check", "-j1", "--format=sarif", MARK],
    ["check", "-j1", "--format=junit", MARK],
    ["check", "-j1", "--format=github", MARK],
    ["check", "-j1", "--format=gitlab", MARK],
    ["check", "-j1", "--format=tap", MARK],
    ["check", "-j1", "--format=html", "--server=postfix,haraka", MARK],
    ["replay", "-j1", "--format=html", MARK],
    ["replay", "-j1", "--format=json", MARK],
    ["replay", "-j1", "--format=mermaid", MARK],
    ["coverage", "-j1", MARK],
    ["coverage", "-j1", "--format=json", MARK],
]
# What is run once.
ALONE = [
    ["rules"], ["rules", "--format=json"], ["formats", "--format=json"], ["servers", "--format=json"], ["servers", "--matrix"],
    ["servers", "--show", "postfix"], ["graph"], ["graph", "--format=mermaid"], ["explain", "251", "551"], ["explain", "nested-mail"],
    ["explain", "503"], ["coverage", "-j1", "--format=dot", "fixtures/rules/nested-mail"], ["check", "--help"], ["--version"], ["config"],
    ["check", "-j1", "--write-baseline={folder}/baseline.json", "fixtures/rules/nested-mail"],
    ["config", "--format=json", "--config=tests/cli/input/project/smtpseq.ini", "tests/cli/input/project"],
    ["check", "-j1", "--config=tests/cli/input/project/smtpseq.ini", "tests/cli/input/project"],
    ["check", "--disable=no-such-rule", "fixtures/rules/nested-mail/catch-2.txt"],
    ["check", "-j1", "--output", "text:-", "--output", "ndjson:{folder}/out.ndjson", "fixtures/rules/nested-mail"],
    ["check", "-j1", "fixtures/rules/forward-251", "fixtures/formats/tcpflow", "no-such-file"],
    ["check", "-j3", "--format=ndjson", "fixtures/rules/nested-mail"],
    ["check", "-j1", *(word for name in ("sarif", "junit", "gitlab", "html", "json", "tap", "github")
                       for word in ("--output", f"{name}:{{folder}}/out.{name}")), "fixtures/rules/forward-251"],
]
KINDS = [("memory", "error", ""), ("memory", "error", "from there on"), ("calls", "error", ""), ("calls", "short", ""),
         ("calls", "interrupt", "")]
TIME_MAX = 60
# What these keep of a library that is loaded in the middle of a run is no leak of the program's.
LOADERS = ("/ld-linux", "/libstdc++")
LIBRARIES = ("/libarchive", "/liblzma", "/libxml2")


class Run:
    def __init__(self, status, out, err, report):
        self.status, self.out, self.err = status, out, err
        self.count, self.live, self.refused, self.crashed = 0, collections.Counter(), "nothing", ""
        for line in report.splitlines():
            word, rest = line.split(" ", 1)
            if word == "count":
                self.count = int(rest)
            elif word == "refused":
                self.refused = rest
            elif word == "crashed":
                self.crashed = rest
            else:
                self.live[rest] += 1


class Injector:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder

    def run(self, number, command, kind, at):
        name, how, span = kind
        report = os.path.join(self.folder, f"report-{number}")
        aside = os.path.join(self.folder, f"aside-{number}")
        os.makedirs(aside, exist_ok=True)
        environment = {**os.environ, "INJECT_KIND": name, "INJECT_HOW": how, "INJECT_AT": str(at), "INJECT_REPORT": report,
                       "MALLOC_PERTURB_": "165", "LC_ALL": "C"}
        if span:
            environment["INJECT_LAST"] = "0"
        if self.options.preload:
            environment["LD_PRELOAD"] = self.options.preload
        if os.path.exists(report):
            os.unlink(report)
        words = [self.options.program, *(word.replace("{folder}", aside) for word in command)]
        try:
            done = subprocess.run(words, env=environment, cwd=self.options.root, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=TIME_MAX, check=False, close_fds=False)
        except subprocess.TimeoutExpired:
            return Run(None, b"", b"", "")
        text = ""
        if os.path.exists(report):
            with open(report, encoding="utf-8", errors="replace") as file:
                text = file.read()
        out = done.stdout
        for path in sorted(os.listdir(aside)):  # a report counts as output
            with open(os.path.join(aside, path), "rb") as file:
                out += b"\n== " + path.encode() + b"\n" + file.read()
            os.unlink(os.path.join(aside, path))
        return Run(done.returncode, out, done.stderr.replace(aside.encode(), b"ASIDE"), text)


def points(count, most):
    """Which failures are tried: the first ones, and a spread over the others."""
    if not most or count <= most:
        return range(1, count + 1)
    first = most // 2
    step = (count - first) / (most - first)
    return [*range(1, first + 1), *(first + int((i + 1) * step) for i in range(most - first))]


def of_library(usual, got):
    """libarchive 3.6 uses some allocations without a look, and exits after others; it and libxml2 forget some: not the program's."""
    if "/libarchive" in got.crashed or b"Fatal Internal Error in libarchive" in got.err and got.status == 2:
        return True
    forgotten = got.live - usual.live
    return got.status == 2 and got.err != usual.err and bool(forgotten) and all(any(name in place for name in LIBRARIES) for place in forgotten)


def judge(usual, got):
    """What is wrong with a run in which something failed; None where nothing is."""
    if got.status is None:
        return "hangs"
    if got.crashed:
        return f"crashes at {got.crashed}"
    if got.status < 0:
        return f"killed by signal {-got.status}"
    if b"Sanitizer" in got.err or b"runtime error" in got.err:
        return "sanitizer's report: " + got.err.decode(errors="replace")
    if got.status not in (0, 1, 2):
        return f"exit status {got.status}"
    # A file that cannot be looked at may want libraries.
    live, usually = ({place: count for place, count in run.live.items() if not any(name in place for name in LOADERS)} for run in (got, usual))
    more = collections.Counter(live) - collections.Counter(usually)
    if more and sum(live.values()) > sum(usually.values()):
        return f"leaves allocated: {dict(more)}"
    if (got.status, got.out) == (usual.status, usual.out):
        # It may say more: that there is no sandbox.
        return None if set(usual.err.splitlines()) <= set(got.err.splitlines()) or got.status == 2 else f"other messages: {got.err!r}"
    if got.status != 2:
        return f"exit status {got.status} (otherwise {usual.status}) and other output"
    if not set(got.err.splitlines()) - set(usual.err.splitlines()):
        return "exit status 2 without a message"
    return None


def try_command(injector, number, command, kind):
    """Gives how many failures were tried, how many came to grief in a library, and what was wrong."""
    usual = injector.run(number, command, kind, 0)
    if usual.status == 77:
        return 0, 0, [("nothing", "this kernel has no seccomp")]
    if usual.status not in (0, 1, 2):
        return 0, 0, [("nothing", f"{' '.join(command)}: exit status {usual.status} where nothing fails: {usual.err!r}")]
    wrong, tried, foreign = [], 0, 0
    most = injector.options.points
    if kind[1] != "error" or kind[2]:
        most = max(1, most // 4) if most else 0
    for at in points(usual.count, most):
        tried += 1
        got = injector.run(number, command, kind, at)
        if of_library(usual, got):
            foreign += 1
            continue
        why = judge(usual, got)
        if why:
            wrong.append((got.refused, f"INJECT_KIND={kind[0]} INJECT_HOW={kind[1]} {'INJECT_LAST=0 ' if kind[2] else ''}INJECT_AT={at} "
                                       f"smtpseq {' '.join(command)}: {why}"))
    return tried, foreign, wrong


def recordings(root, most):
    found = []
    for folder, folders, names in os.walk(os.path.join(root, "fixtures")):
        folders.sort()
        found += [os.path.relpath(os.path.join(folder, name), root) for name in sorted(names)
                  if not name.endswith((".replay", ".md", ".gz", ".expect"))]
    if most and most < len(found):
        found = [found[int(i * len(found) / most)] for i in range(most)]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--preload")
    parser.add_argument("--wrapped", action="store_true")
    parser.add_argument("--root", default=os.path.join(os.path.dirname(__file__), "..", ".."))
    parser.add_argument("--points", type=int, default=0)
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="only commands that have this word")
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    options.preload = options.preload and os.path.abspath(options.preload)
    commands = [list(command) for command in ALONE]
    for turn, recording in enumerate(recordings(options.root, options.files)):
        commands.append([recording if word == MARK else word for word in COMMANDS[turn % len(COMMANDS)]])
    commands = [command for command in commands if options.only in " ".join(command)]
    tasks = [(command, kind) for kind in KINDS for command in commands if not (options.wrapped and kind[0] != "memory")]
    tried, foreign, wrong = collections.Counter(), collections.Counter(), collections.defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="smtpseq-inject-") as folder:
        injector = Injector(options, folder)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            running = {pool.submit(try_command, injector, number, *task): task[1] for number, task in enumerate(tasks)}
            for done in concurrent.futures.as_completed(running):
                kind = " ".join(filter(None, running[done]))
                count, theirs, bad = done.result()
                foreign[kind] += theirs
                tried[kind] += count
                wrong[kind] += bad
    for number, kind in enumerate(sorted(tried)):
        print(f"{'not ok' if wrong[kind] or not tried[kind] else 'ok'} {number + 1} - {kind}: {tried[kind]} failures in "
              f"{len(commands)} command lines, {len(wrong[kind])} went wrong, {foreign[kind]} in a library")
        by_place = collections.defaultdict(list)
        for place, text in sorted(wrong[kind]):
            by_place[place].append(text)
        for place, texts in by_place.items():
            print(f"#   refused at {place}: {len(texts)}, for example\n" +
                  "".join(f"#     {line}\n" for line in texts[0].splitlines()), end="")
    print(f"1..{len(tried)}")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
