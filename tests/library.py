#!/usr/bin/env python3
"""libsmtpseq as another program uses it: its symbols, its header, its examples, and the same findings as the program's.

usage: library.py SMTPSEQ LIBRARY EXAMPLE ROOT [--sanitized] -- COMPILER...

EXAMPLE is examples/lint.c, built. A library with a sanitizer cannot be loaded into Python: then only the example is tried.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

SMTPSEQ, LIBRARY, EXAMPLE = map(os.path.abspath, sys.argv[1:4])
ROOT = pathlib.Path(sys.argv[4]).resolve()
SANITIZED = "--sanitized" in sys.argv
COMPILER = sys.argv[sys.argv.index("--") + 1:]
RECORDINGS = [ROOT / "fixtures" / name for name in ("reports/clean.txt", "reports/faulty.txt", "reports/hostile.txt", "rules/nested-mail/catch-2.txt",
                                                    "formats/python-smtplib/ci-pytest-captured-rA.log")]
FINDING = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
EXCHANGE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
DONE, NO_SESSION = 0, 1
RESULTS = []


def report(good, name, why=""):
    RESULTS.append(good)
    print(f"{'ok' if good else 'not ok'} {len(RESULTS)} - {name}" + ("" if good else "".join(f"\n# {line}" for line in str(why)[:2000].splitlines())))


def run(*words, given=None):
    return subprocess.run(words, input=given, capture_output=True, check=False,
                          env={name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"})


def objects(command, path, kind):
    """What the program says of a recording, without the name of the file."""
    lines = map(json.loads, run(SMTPSEQ, command, "--isolated", "--format=ndjson", "-", given=path.read_bytes()).stdout.splitlines())
    return [{**line, "file": ""} for line in lines if line["type"] == kind]


def load():
    library = ctypes.CDLL(LIBRARY)
    library.smtpseq_lint_new.restype = ctypes.c_void_p
    for name in ("json", "rule", "version"):
        getattr(library, "smtpseq_lint_" + name).restype = ctypes.c_char_p
    library.smtpseq_lint_json.argtypes = library.smtpseq_lint_rule.argtypes = [ctypes.c_void_p]
    library.smtpseq_lint_feed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.smtpseq_lint_on_finding.argtypes = [ctypes.c_void_p, FINDING, ctypes.c_void_p]
    library.smtpseq_lint_on_exchange.argtypes = [ctypes.c_void_p, EXCHANGE, ctypes.c_void_p]
    library.smtpseq_lint_finish.argtypes = library.smtpseq_lint_free.argtypes = [ctypes.c_void_p]
    return library


def lint(library, octets, size):
    """The result, the findings and the exchanges of a recording that is fed in pieces, and how many findings came before its end."""
    findings, exchanges = [], []
    on_finding = FINDING(lambda _, finding: findings.append(json.loads(library.smtpseq_lint_json(finding))))
    on_exchange = EXCHANGE(lambda _, text: exchanges.append(json.loads(text)))
    handle = library.smtpseq_lint_new()
    library.smtpseq_lint_on_finding(handle, on_finding, None)
    library.smtpseq_lint_on_exchange(handle, on_exchange, None)
    for start in range(0, len(octets), size):
        library.smtpseq_lint_feed(handle, octets[start:start + size], len(octets[start:start + size]))
    early = len(findings)
    result = library.smtpseq_lint_finish(handle)
    library.smtpseq_lint_free(handle)
    return result, findings, exchanges, early


def defined(*paths):
    """The functions that object files define, also those that the library hides."""
    lines = (line.split() for line in run("nm", "--defined-only", *map(str, paths)).stdout.decode().splitlines())
    return {words[2] for words in lines if len(words) == 3 and words[1] == "T"}


def try_symbols():
    # Of two functions with the same name the linker takes the library's, without a word.
    own = defined(*pathlib.Path(LIBRARY + ".p").glob("*.o"))
    inner = defined(pathlib.Path(LIBRARY).parents[1] / "src/libsmtpseq.a")
    report(own and inner and not own & inner, "no function of the library hides one of the program's", own & inner)
    exported = {line.split()[-1].partition("@")[0] for line in run("nm", "-D", "--defined-only", LIBRARY).stdout.decode().splitlines()
                if line.split()[-2] == "T"}
    header = (ROOT / "lib/smtpseq.h").read_text(encoding="utf-8")
    declared = set(re.findall(r"\b(smtpseq_lint_\w+)\(", re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)))
    listed = set(re.findall(r"^ +(smtpseq_\w+);", (ROOT / "lib/smtpseq.map").read_text(encoding="utf-8"), re.MULTILINE))
    report(declared == listed, "the header declares what the list of symbols has", declared ^ listed)
    report({name for name in exported if name.startswith("smtpseq_")} == listed, "the library exports that", exported ^ listed)
    report(b"SONAME               libsmtpseq.so.0\n" in run("objdump", "-p", LIBRARY).stdout, "its soname is libsmtpseq.so.0")
    included = set(re.findall(r"#include [<\"]([^>\"]+)", header))
    report(included == {"stddef.h", "stdint.h"}, "the header includes only the standard's", included)


def try_header():
    with tempfile.TemporaryDirectory() as room:
        for name, options in (("c99.c", ["-std=c99"]), ("plus.cc", ["-x", "c++", "-std=c++11"])):
            if name == "plus.cc" and not shutil.which("c++"):
                report(True, "the header as C++ # SKIP there is no c++ here")
                continue
            path = pathlib.Path(room) / name
            path.write_text("#include <smtpseq.h>\nint main(void) { return smtpseq_lint_version()[0] == 0; }\n", encoding="ascii")
            compiler = ["c++"] if name == "plus.cc" else COMPILER
            done = run(*compiler, *options, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", f"-I{ROOT}/lib", path)
            report(done.returncode == 0, f"the header by itself: {options[-1]}", done.stderr.decode())


def try_example():
    text = (ROOT / "examples/lint.c").read_text(encoding="utf-8")
    report(text.count("\n") < 50, "the example is short")
    for path in RECORDINGS:
        done = run(EXAMPLE, given=path.read_bytes())
        wanted = run(SMTPSEQ, "check", "--isolated", "--format=gcc", "-", given=path.read_bytes())
        report(done.stdout == wanted.stdout and done.returncode == wanted.returncode, f"the example: {path.name} as the program", done)
    done = run(EXAMPLE, given=b"nothing\n")
    report(done.returncode == 2 and b"no SMTP session" in done.stderr, "the example: no session", done)


def try_pieces(library):
    for path in RECORDINGS:
        octets = path.read_bytes()
        findings, exchanges = objects("check", path, "finding"), objects("replay", path, "exchange")
        for size in (1, 61, len(octets)):
            got = lint(library, octets, size)
            report(got[:2] == (DONE, findings), f"{path.name} in pieces of {size}: the findings of check", got[:2])
            same = [{**row, "predicted": None} for row in got[2]] == [{**row, "predicted": None} for row in exchanges]
            report(same, f"{path.name} in pieces of {size}: the exchanges of replay", got[2])
    report(lint(library, b"nothing\n" * 9, 5)[0] == NO_SESSION, "no session")
    report(lint(library, b"", 1)[0] == NO_SESSION, "nothing at all")


def try_live(library):
    octets = (ROOT / "fixtures/rules/nested-mail/catch-2.txt").read_bytes() * 2000
    result, findings, _, early = lint(library, octets, 4096)
    report(result == DONE and 0 < early and len(findings) - early < len(findings) // 2, "findings come while the recording goes on", (early, len(findings)))
    handle = library.smtpseq_lint_new()
    library.smtpseq_lint_feed(handle, octets, len(octets))
    library.smtpseq_lint_free(handle)
    library.smtpseq_lint_free(library.smtpseq_lint_new())
    library.smtpseq_lint_free(None)
    report(True, "a linter may be given up")


def try_threads(library):
    octets = (ROOT / "fixtures/reports/faulty.txt").read_bytes()
    expected, found = lint(library, octets, len(octets)), []
    threads = [threading.Thread(target=lambda size=size: found.append(lint(library, octets, size)[:3])) for size in range(30, 46)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(found == [expected[:3]] * len(threads), "sixteen linters at once")


def try_python():
    path = ROOT / "fixtures/reports/faulty.txt"
    done = run(sys.executable, ROOT / "examples/lint.py", LIBRARY, given=path.read_bytes())
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    report(done.returncode == DONE and lines == objects("check", path, "finding"), "the example in Python", done)


def main():
    try_symbols()
    try_header()
    try_example()
    if SANITIZED:
        report(True, "in Python # SKIP a sanitizer cannot be loaded into it")
    else:
        library = load()
        version = run(SMTPSEQ, "--version").stdout.split()[1]
        report(library.smtpseq_lint_version() == version, "it has the program's version")
        try_pieces(library)
        try_live(library)
        try_threads(library)
        try_python()
    print(f"1..{len(RESULTS)}")


if __name__ == "__main__":
    main()
