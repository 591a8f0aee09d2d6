#!/usr/bin/env python3
"""Checks that the generated parts of README.md are what the program prints today.

usage: readme.py SMTPSEQ README.md

Such a part stands between two comments and is the output of the command that the first one names, in a code block or as
a table:

    <!-- generated: smtpseq graph --format=mermaid -->
    ...
    <!-- end -->

A block of `ini` is a settings file that the program must accept.

With UPDATE=1 in the environment the parts are updated instead.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

# Settings of a person that change the output.
SHOWN_BY = ("NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "COLUMNS", "GITHUB_ACTIONS")
PART = re.compile(r"(?P<head><!-- generated: (?P<command>smtpseq [^\n]*) -->\n)(?P<body>.*?)(?P<end><!-- end -->\n)", re.DOTALL)


SETTINGS = re.compile(r"^```ini\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def understood(smtpseq, settings):
    """Returns the errors of a settings file; empty if there are none."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(settings)
        file.flush()
        done = subprocess.run([smtpseq, "config", f"--config={file.name}"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def run(smtpseq, command, root):
    arguments = shlex.split(command)[1:]
    environment = {name: value for name, value in os.environ.items() if name not in SHOWN_BY}
    done = subprocess.run([smtpseq, *arguments], cwd=root, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode > 1:
        raise RuntimeError(f"{command}: exit status {done.returncode}: {done.stderr}")
    return done.stdout


def table(rows, columns):
    def cell(text):
        return re.sub(r"([|<>*_])", r"\\\1", text)

    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(f"`{row[column]}`" if column in ("code", "name") else cell(row[column]) for column in columns) + " |"
              for row in rows]
    return "\n".join(lines) + "\n"


def body(smtpseq, command, root):
    output = run(smtpseq, command, root)
    if command == "smtpseq rules --format=json":
        return table(json.loads(output), ("code", "name", "severity", "fault", "title"))
    if command == "smtpseq formats --format=json":
        return table(json.loads(output), ("name", "program", "how"))
    if "--format=markdown" in command:
        return output
    language = "mermaid" if "mermaid" in command else ""
    return f"```{language}\n{output}```\n"


def main():
    smtpseq, readme = os.path.abspath(sys.argv[1]), sys.argv[2]
    root = os.path.dirname(os.path.abspath(readme))
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    parts = list(PART.finditer(text))
    if os.environ.get("UPDATE") == "1":
        text = PART.sub(lambda part: part["head"] + body(smtpseq, part["command"], root) + part["end"], text)
        with open(readme, "w", encoding="utf-8") as file:
            file.write(text)
        parts = list(PART.finditer(text))
    settings = SETTINGS.findall(text)
    print(f"1..{len(parts) + len(settings) + 1}")
    print(f"{'ok' if parts else 'not ok'} 1 - README has generated parts")
    for number, part in enumerate(parts, 2):
        current = part["body"] == body(smtpseq, part["command"], root)
        print(f"{'ok' if current else 'not ok'} {number} - {part['command']}" + ("" if current else " (make it anew: UPDATE=1)"))
    for number, block in enumerate(settings, len(parts) + 2):
        wrong = understood(smtpseq, block)
        print(f"{'not ok' if wrong else 'ok'} {number} - settings" + "".join(f"\n# {line}" for line in wrong.splitlines()))


if __name__ == "__main__":
    main()
