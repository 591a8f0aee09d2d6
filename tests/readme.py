#!/usr/bin/env python3
"""Checks the documents: README.md, HACKING.md and the others beside it, and doc/*.md.

usage: readme.py SMTPSEQ ROOT

A generated part stands between two comments and is the output of the command that the first one names, in a code block or as
a table:

    <!-- generated: smtpseq graph --format=mermaid -->
    ...
    <!-- end -->

A block of `ini` is a settings file that the program must accept. A link to a file of the tree must lead to one. Every
key of smtpseq's JSON must be in doc/reports.md or doc/coverage.md, and every command and option of an example must exist.

With UPDATE=1 in the environment the generated parts are updated first.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

SMTPSEQ, ROOT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
# Settings of a person that change the output.
SHOWN_BY = ("NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "COLUMNS", "GITHUB_ACTIONS")
PART = re.compile(r"(?P<head><!-- generated: (?P<command>smtpseq [^\n]*) -->\n)(?P<body>.*?)(?P<end><!-- end -->\n)", re.DOTALL)
SETTINGS = re.compile(r"^```ini\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)\s#]+)(?:#[^)]*)?\)")
# A command line of smtpseq in a block of code or between backquotes, up to what ends it.
EXAMPLE = re.compile(r"(?<![\w./-])smtpseq ((?:\w+)(?: [^`|;&>\n)]*)?)")


def environment():
    return {name: value for name, value in os.environ.items() if name not in SHOWN_BY}


def run(command):
    done = subprocess.run([SMTPSEQ, *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True, env=environment(),
                          stdin=subprocess.DEVNULL, check=False)
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


def body(command):
    output = run(command)
    if command == "smtpseq rules --format=json":
        return table(json.loads(output), ("code", "name", "severity", "fault", "title"))
    if command == "smtpseq formats --format=json":
        return table(json.loads(output), ("name", "program", "how"))
    if command == "smtpseq rules --format=markdown":
        return output.replace("\n## ", "\n### ").replace("## ", "### ", 1)
    if "--format=markdown" in command:
        return output
    language = "mermaid" if "mermaid" in command else ""
    return f"```{language}\n{output}```\n"


def update(path, text):
    text = PART.sub(lambda part: part["head"] + body(part["command"]) + part["end"], text)
    path.write_text(text, encoding="utf-8")
    return text


def understood(settings):
    """Returns the errors of a settings file; empty if there are none."""
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(settings)
        file.flush()
        done = subprocess.run([SMTPSEQ, "config", f"--config={file.name}"], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def known_options():
    """The options of each command."""
    commands = json.loads(run("smtpseq help --format=json"))
    return {command["name"]: {"--" + option["name"] for option in command["options"]} |
                             {"-" + option["letter"] for option in command["options"] if option["letter"]} for command in commands}


def wrong_examples(text, known):
    for example in EXAMPLE.findall(PART.sub("", text)):
        command, *words = example.split()
        if command not in known:
            continue  # prose: "smtpseq reads"
        for word in words:
            option = re.match(r"--?[a-z][a-z-]*", word)
            if option and option[0] not in known[command]:
                yield f"smtpseq {example}: {option[0]}"


def wrong_links(path, text):
    for target in LINK.findall(text):
        if not (path.parent / target).exists():
            yield target


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def json_keys():
    """Every key of the JSON that smtpseq writes, but for servers and topics, which are keys as well."""
    outputs = [run(f"smtpseq {command} --format=json fixtures/reports") for command in ("check --server=postfix", "replay --server=postfix", "forwards")]
    outputs += [run(command + " --format=json") for command in ("smtpseq coverage fixtures/reports", "smtpseq rules", "smtpseq formats", "smtpseq servers",
                                                                "smtpseq servers --matrix --server=postfix", "smtpseq config", "smtpseq help",
                                                                "smtpseq explain 503 nested-mail")]
    return sorted({key for output in outputs for key in keys_of(json.loads(output))} - {"postfix", "rfc5321", "503", "nested-mail"})


class Tap:
    count = 0

    def report(self, wrong, name):
        self.count += 1
        print("".join(f"# {line}\n" for line in wrong) + f"{'not ok' if wrong else 'ok'} {self.count} - {name}")


def check_page(tap, path, text, known):
    name = path.relative_to(ROOT)
    for part in PART.finditer(text):
        tap.report([] if part["body"] == body(part["command"]) else ["make it anew: UPDATE=1"], f"{name}: {part['command']}")
    for block in SETTINGS.findall(text):
        tap.report(understood(block).splitlines(), f"{name}: settings")
    tap.report(list(wrong_links(path, text)), f"{name}: links")
    tap.report(list(wrong_examples(text, known)), f"{name}: commands and options")


def main():
    tap, texts, known = Tap(), {}, known_options()
    for path in sorted(ROOT.glob("*.md")) + sorted((ROOT / "doc").glob("*.md")):
        texts[path.name] = path.read_text(encoding="utf-8")
        if os.environ.get("UPDATE") == "1":
            texts[path.name] = update(path, texts[path.name])
        check_page(tap, path, texts[path.name], known)
    tap.report([] if PART.search(texts["README.md"]) else ["none"], "README has generated parts")
    described = texts["reports.md"] + texts["coverage.md"]
    tap.report([key for key in json_keys() if f"`{key}`" not in described], "every key of the JSON is described")
    commands = json.loads(run("smtpseq help --format=json"))
    reports = {name for command in commands if command["name"] in ("check", "replay", "forwards")
               for option in command["options"] if option["name"] == "format" for name in option["names"]}
    tap.report([name for name in sorted(reports) if f"`{name}`" not in texts["reports.md"]], "every format of report is described")
    print(f"1..{tap.count}")


if __name__ == "__main__":
    main()
