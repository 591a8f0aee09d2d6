#!/usr/bin/env python3
"""How much of src/ and grammar/ the tests run: lines and branches, by gcov.

    gcov.py [BUILD] [--holes] [--no-tests]

BUILD        a folder to build in (default: build-gcov)
--holes      also name the lines and branches that were not reached
--no-tests   report on what has been run there already
Code that bison and flex add to the grammars is not counted, nor are tables (*.def): what stands there as code is that of a test
which includes them. The aims are 97 % of lines and 90 % of branches; below them the exit
status is 1.
"""

import argparse
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
LINES_LEAST, BRANCHES_LEAST = 97, 90


def run(*arguments, may_fail=False):
    done = subprocess.run(arguments, cwd=ROOT, check=False)
    if done.returncode and not may_fail:
        sys.exit(f"gcov: {' '.join(arguments[:3])}: exit status {done.returncode}")


def measure(build):
    done = subprocess.run(["gcovr", "--root", ROOT, "--object-directory", build, "--filter", "src/", "--filter", "grammar/",
                           "--exclude", r".*\.def$", "--exclude-unreachable-branches", "--gcov-ignore-parse-errors", build, "--json"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        sys.exit("gcov: gcovr: " + done.stderr.decode()[-2000:])
    return json.loads(done.stdout)["files"]


def percent(part, whole):
    return 100 * part / whole if whole else 100


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", nargs="?", default="build-gcov")
    parser.add_argument("--holes", action="store_true")
    parser.add_argument("--no-tests", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    if not options.no_tests:
        if not os.path.exists(build):
            run("meson", "setup", build, "-Dtests=enabled", "-Db_coverage=true", "--buildtype=debug",
                "-Dc_args=-fprofile-update=atomic")
        run("meson", "compile", "-C", build)
        run("meson", "test", "-C", build, "--no-rebuild", "--no-suite", "servers", "-t", "5", may_fail=True)
    total = collections.Counter()
    for file in sorted(measure(build), key=lambda file: file["file"]):
        lines = [line for line in file["lines"] if not line.get("gcovr/noncode") and not line.get("gcovr/excluded")]
        branches = [(line["line_number"], branch["count"]) for line in lines for branch in line["branches"]]
        ran = sum(line["count"] > 0 for line in lines)
        taken = sum(count > 0 for _, count in branches)
        total.update(lines=len(lines), ran=ran, branches=len(branches), taken=taken)
        print(f"{file['file']:36} {ran:5} of {len(lines):5} lines {percent(ran, len(lines)):5.1f} %   "
              f"{taken:5} of {len(branches):5} branches {percent(taken, len(branches)):5.1f} %")
        if options.holes:
            never = [line["line_number"] for line in lines if line["count"] == 0]
            half = sorted({number for number, count in branches if count == 0} - set(never))
            print(f"    lines: {' '.join(map(str, never)) or '-'}\n    branches: {' '.join(map(str, half)) or '-'}")
    lines, branches = percent(total["ran"], total["lines"]), percent(total["taken"], total["branches"])
    print(f"{'all':36} {total['ran']:5} of {total['lines']:5} lines {lines:5.1f} %   "
          f"{total['taken']:5} of {total['branches']:5} branches {branches:5.1f} %")
    return lines < LINES_LEAST or branches < BRANCHES_LEAST


if __name__ == "__main__":
    sys.exit(main())
