#!/usr/bin/env python3
"""Blinds each rule, or turns its condition round, one at a time, and demands that the tests notice.

    mutate.py [--only RULE,...] [--jobs N] [--keep]

The tree is copied; there each change is made, what it touches is built, and the suites below are run until one fails. A change
that survives and a pattern that is no longer in its file exactly once are failures.
Takes about 10 seconds for a rule.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITES = ["rules", "cli", "redaction", "conversation", "session", "server", "model"]

FIRST = ["check_rules"]  # enough for nearly all; the others are built for what gets past it
OTHERS = ["smtpseq:executable", *(f"check_{name}" for name in ("redaction", "conversation", "session", "server"))]

# rule: file, pattern (a text that is there once), what stands there instead. More than the row: the condition of the check.
ROWS = {
    "message-without-data": ("order_rules.c", "if (!text || !follows || (!dot && !reads_like_message(exchange)))", "if (text)"),
    "parameter-not-offered": ("extension_rules.c", "if (session_offers(session, extension))\n            return;", "if (!session_offers(session, extension))\n            return;"),
    "refused-by-server": ("server_rules.c", "if (!predictions[i].for_order)", "if (predictions[i].for_order)"),
    "malformed-command": ("syntax_rules.c", "if (!flaw.what || is_redacted(exchange->argument))", "if (!flaw.what || !is_redacted(exchange->argument))"),
    "auth-without-tls": ("safety_rules.c", "if (!password || encrypted ||", "if (!password || !encrypted ||"),
}


def registry_row(registry, name):
    """The rule's row, which then sees nothing."""
    block = re.search(r'RULE\(\w+, "SQ\d+", "' + re.escape(name) + r'",.*?(SEES|OUT_OF_ORDER|OUT_OF_ORDER_OR)\(', registry, re.DOTALL)
    begin, end, depth = block.start(), block.end(), 1
    while depth:
        depth += {"(": 1, ")": -1}.get(registry[end], 0)
        end += 1
    return "registry.def", registry[begin:end], registry[begin:block.start(1)] + "SEES(0, 0)"


def run(arguments, folder, **options):
    return subprocess.run(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)


class Tree:
    """A copy of the sources, built once."""

    def __init__(self, folder, jobs):
        self.folder = os.path.join(folder, "tree")
        self.build = os.path.join(folder, "build")
        self.jobs = str(jobs)
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        for path in filter(None, tracked):
            target = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, path), target, follow_symlinks=False)
        done = run(["meson", "setup", self.build, self.folder, "-Dtests=enabled", "--buildtype=plain"], self.folder)
        if done.returncode or self.compile(FIRST + OTHERS) is not None:
            sys.exit("mutate: the tree does not build:\n" + done.stdout.decode()[-2000:])

    def compile(self, targets):
        done = run(["meson", "compile", "-C", self.build, "-j", self.jobs, *targets], self.folder)
        return done.stdout.decode()[-2000:] if done.returncode else None

    def failing_suite(self):
        """The first suite that fails; None when all pass."""
        for suite in SUITES:
            if suite == SUITES[1] and self.compile(OTHERS):
                return "the build"
            if run(["meson", "test", "-C", self.build, "--no-rebuild", suite], self.folder).returncode:
                return suite
        return None

    def try_change(self, name, old, new):
        """What came of a change: a suite that noticed it, or what is wrong."""
        path = os.path.join(self.folder, "src", "rules", name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(old) != 1:
            return None, f"the pattern is in {name} {text.count(old)} times: {old!r}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        try:
            trouble = self.compile(FIRST)
            if trouble:
                return None, "does not build:\n" + trouble
            suite = self.failing_suite()
            return suite, None if suite else "survives"
        finally:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="rules, with commas between them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", action="store_true", help="leave the copy where it is")
    options = parser.parse_args()
    with open(os.path.join(ROOT, "src", "rules", "registry.def"), encoding="utf-8") as file:
        registry = file.read()
    names = re.findall(r'RULE\(\w+, "SQ\d+", "([\w-]+)"', registry)
    only = [name for name in options.only.split(",") if name]
    failed = 0
    folder = tempfile.mkdtemp(prefix="smtpseq-mutation-")
    try:
        tree = Tree(folder, options.jobs)
        first = tree.failing_suite()
        if first:
            sys.exit(f"mutate: {first} fails before anything is changed")
        for number, name in enumerate(only or names):
            row = ROWS.get(name) or registry_row(registry, name)
            suite, trouble = tree.try_change(*row)
            failed += trouble is not None
            print(f"{'not ok' if trouble else 'ok'} {number + 1} - {name}: {'noticed by ' + suite if suite else trouble}", flush=True)
        print(f"1..{len(only or names)}")
        print(f"# {len(only or names)} rules changed, {failed} not noticed")
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
