#!/usr/bin/env python3
"""The manual pages: mandoc has nothing to say of them, and they have every command, option, rule, format and function.

usage: man.py SMTPSEQ PAGE...
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def say(smtpseq, *arguments):
    return json.loads(subprocess.run([smtpseq, *arguments], check=True, capture_output=True).stdout)


def plain(page):
    """The page with the escapes of mdoc taken out."""
    with open(page, encoding="utf-8") as file:
        return file.read().replace("\\-", "-")


def missing(folder, page, words):
    text = plain(os.path.join(folder, page))
    return [f"{page}: {word}" for word in words if word not in text]


def lint(folder, pages):
    if not shutil.which("mandoc"):
        return "# SKIP there is no mandoc here", []
    done = subprocess.run(["mandoc", "-T", "lint", *pages], cwd=folder, capture_output=True, text=True, check=False)
    return "", (done.stdout + done.stderr).splitlines()


def main():
    smtpseq, folder = sys.argv[1], os.path.dirname(sys.argv[2])
    pages = [os.path.basename(page) for page in sys.argv[2:]]
    commands = say(smtpseq, "help", "--format=json")
    lacking = []
    for command in commands:
        lacking += missing(folder, f"smtpseq-{command['name']}.1", [f"-{option['name']}" for option in command["options"]])
    lacking += missing(folder, "smtpseq.1", [f"It Cm {command['name']}" for command in commands])
    rules = [rule["name"] for rule in say(smtpseq, "rules", "--format=json")]
    lacking += missing(folder, "smtpseq-rules.7", [f"It Cm {name}" for name in rules]) + missing(folder, "smtpseq.ini.5", rules)
    formats = [known["name"] for known in say(smtpseq, "formats", "--format=json")]
    lacking += missing(folder, "smtpseq-formats.1", [f"It Cm {name}" for name in formats])
    if "smtpseq.3" in pages:
        header = ROOT / "lib/smtpseq.h"
        functions = re.findall(r"(smtpseq_lint_\w+)\(", re.sub(r"/\*.*?\*/", "", header.read_text(encoding="utf-8"), flags=re.DOTALL))
        lacking += missing(folder, "smtpseq.3", [f"Fo {name}\n" for name in functions] + [f"Fn {name}" for name in functions])
    learner = subprocess.run([sys.executable, ROOT / "tests/servers/smtpseq-learn", "--help"], check=True, capture_output=True, text=True).stdout
    lacking += missing(ROOT / "man", "smtpseq-learn.1", [f"Fl {option[1:]}" for option in set(re.findall(r"--[a-z-]+", learner))])
    skipped, wrong = lint(folder, [*pages, ROOT / "man/smtpseq-learn.1"])
    print("1..2")
    print("".join(f"# missing in {text}\n" for text in lacking) + ("not ok" if lacking else "ok") + " 1 - every command, option, rule and format")
    print("".join(f"# {text}\n" for text in wrong) + ("not ok" if wrong else "ok") + f" 2 - mandoc -T lint {skipped}")


if __name__ == "__main__":
    main()
