#!/usr/bin/env python3
"""Reads the sequence diagrams of recordings as Mermaid does: line by line, entities last.

usage: mermaid.py SMTPSEQ FIXTURES

A line must be one of the few statements that a diagram is made of, its text free of all that Mermaid takes for syntax; and each
exchange that `replay --format=ndjson` has must be in the diagram, with its command, its code and the state after it. Prints TAP.
"""

import json
import pathlib
import re
import subprocess
import sys

SMTPSEQ, FIXTURES = sys.argv[1], pathlib.Path(sys.argv[2])
HEAD = ["sequenceDiagram", "    participant Client", "    participant Server"]
# What needs no entity: none of ; # % < > " { } [ ] \ and the like. The first letter of style and classDef does.
TEXT = r"(?:[^\x00-\x7f]|[-A-Za-z0-9 .,_@=/()!?*+:]|#\d+;|<br/>)*"
STATEMENT = re.compile(rf"    (Client->>Server|Server-->>Client|Server--xClient|Note (?:over Client,Server|left of Client|right of Server)): ({TEXT})")
SENT, REFUSED, ANSWERED = "Client->>Server", "Server--xClient", "Server-->>Client"


def replay(form, path):
    return subprocess.run([SMTPSEQ, "replay", f"--format={form}", str(path)], capture_output=True, timeout=900, check=False).stdout.decode()


def plain(text):
    return re.sub(r"#(\d+);", lambda entity: chr(int(entity.group(1))), text.replace("<br/>", "\n"))


def statements(diagram):
    """The statements as (kind, text); other lines are reported."""
    lines = diagram.splitlines()
    wrong = [] if lines[:3] == HEAD else [f"it begins with {lines[:3]}"]
    found = []
    for line in lines[3:]:
        match = STATEMENT.fullmatch(line)
        if not match or "style" in line or "classDef" in line:
            wrong.append(f"no statement: {line}")
        else:
            found.append((match.group(1), plain(match.group(2))))
    return found, wrong


def compare(path):
    found, wrong = statements(replay("mermaid", path))
    exchanges = [row for row in map(json.loads, replay("ndjson", path).splitlines()) if row["type"] == "exchange"]
    exchanges.sort(key=lambda row: row["session"])  # interleaved sessions are drawn one by one
    sent = [text for kind, text in found if kind == SENT]
    commands = [row for row in exchanges if row["command"] != "CONNECT"]
    if len(sent) != len(commands):
        wrong.append(f"{len(sent)} commands instead of {len(commands)}")
    for text, row in zip(sent, commands):
        if not text.upper().startswith(f"{row['line']}: " + ascii_only(row["command"]).upper()):
            wrong.append(f"{text} instead of {row['line']}: {row['command']}")
    codes = [(kind, int(text.rpartition("\n")[2][:3])) for kind, text in found if kind in (REFUSED, ANSWERED)]
    expected = [row["replies"][-1]["code"] for row in exchanges if row["replies"]]
    if [code for _, code in codes] != expected:
        wrong.append(f"codes {[code for _, code in codes]} instead of {expected}")
    if any((kind == REFUSED) != (code >= 400) for kind, code in codes):
        wrong.append("an arrow that is not that of its code")
    faults = [text for kind, text in found if kind == "Note left of Client" and "out of order" in text]
    if len(faults) != sum(not row["legal"] for row in exchanges):
        wrong.append(f"{len(faults)} faults")
    return wrong


def ascii_only(command):
    """The beginning of a command that is the same in every report."""
    return re.match(r"[\x21-\x7e]*", command).group(0) if command.isascii() else ""


def main():
    recordings = sorted([*FIXTURES.glob("reports/*.txt"), *FIXTURES.glob("rules/*/catch*.txt")])
    print(f"1..{len(recordings)}")
    failed = 0
    for number, path in enumerate(recordings, 1):
        wrong = compare(path)
        failed += bool(wrong)
        print("not ok" if wrong else "ok", number, "-", path.relative_to(FIXTURES))
        for line in wrong[:5]:
            print("#", ascii(line)[:300])
    return 1 if failed or not recordings else 0


if __name__ == "__main__":
    sys.exit(main())
