#!/usr/bin/env python3
"""The checker for browsers finds what the program finds, and exports what it exports: every fixture, to the octet.

usage: checker.py SMTPSEQ ROOT SITE

SITE is the folder that `meson compile site` writes. Prints TAP; without node, or if the site has no checker, everything is skipped.
"""

import base64
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys

SMTPSEQ, ROOT, SITE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).resolve()
FIXTURES = ROOT / "fixtures"
WORDS = ["check", "--format=ndjson", "--isolated", "--jobs=1"]
EXPORT = ["export", "--anonymize"]
TOGETHER = 40  # files of one run
LOADED_MAX = 1_000_000  # octets of the checker, compressed as a server sends it
# The checker's libarchive lacks what these are packed with.
LACKING = (b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18")


def is_lacking(path):
    with open(path, "rb") as file:
        return file.read(8).startswith(LACKING)


def native(words, files):
    done = subprocess.run([SMTPSEQ, *words, *files], cwd=FIXTURES, stdin=subprocess.DEVNULL, capture_output=True, timeout=1000, check=False,
                          env={name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")} | {"LC_ALL": "C"})
    return done.returncode, done.stdout, done.stderr


def in_browser(words, groups):
    jobs = "".join(json.dumps({"words": words, "files": files}) + "\n" for files in groups)
    done = subprocess.run(["node", ROOT / "tests/site/same.js", SITE / "program.js", FIXTURES], input=jobs, stdout=subprocess.PIPE, text=True, timeout=2000, check=True)
    for line in done.stdout.splitlines():
        found = json.loads(line)
        yield found["status"], base64.b64decode(found["out"]), base64.b64decode(found["errors"])


def different(found, expected):
    """What differs, the first lines of it."""
    names = ["status", "output", "messages"]
    for name, one, other in zip(names, found, expected):
        if one == other:
            continue
        lines = [(a, b) for a, b in zip(str(one).split("\\n"), str(other).split("\\n")) if a != b][:2]
        yield f"{name}: {lines or (len(str(one)), len(str(other)))}"


def check(number, files, found):
    """Whether these files give the same in both."""
    wrong = list(different(found, native(WORDS, files)))
    print("not ok" if wrong else "ok", number, "-", files[0], "to", files[-1], flush=True)
    for line in wrong:
        print("#", line[:600])
    return not wrong


def export(number, files):
    """Whether the anonymised transcript of each file is the same in both."""
    wrong = [f"{path}: {line}" for path, found in zip(files, in_browser(EXPORT, [[path] for path in files])) for line in different(found, native(EXPORT, [path]))]
    print("not ok" if wrong else "ok", number, "- the transcripts of", len(files), "files")
    for line in wrong[:10]:
        print("#", line[:600])
    return not wrong


def light(number):
    size = len(gzip.compress((SITE / "program.js").read_bytes()))
    print("ok" if size < LOADED_MAX else "not ok", number, "- light:", size, "octets")
    return size < LOADED_MAX


def main():
    if not shutil.which("node"):
        print("1..0 # SKIP there is no node here; see .ci/install site")
        return 0
    if not (SITE / "program.js").exists():
        print("1..0 # SKIP the site has no checker: .ci/install site, then meson setup --reconfigure and meson compile site")
        return 0
    files = sorted(path.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("*") if path.is_file() and not is_lacking(path))
    groups = [files[first:first + TOGETHER] for first in range(0, len(files), TOGETHER)]
    print(f"1..{len(groups) + 2}")
    done = [check(number, files, found) for number, (files, found) in enumerate(zip(groups, in_browser(WORDS, groups)), 1)]
    done += [export(len(groups) + 1, files), light(len(groups) + 2)]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
