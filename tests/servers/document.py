#!/usr/bin/env python3
"""Checks the examples of doc/server-tables.md: the program reads the tables, and predicts what the document says.

    document.py SMTPSEQ DOCUMENT
"""

import json
import os
import re
import subprocess
import sys
import tempfile


def predictions(program, table, session):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("mine.server", table), ("session.txt", session)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([os.path.abspath(program), "replay", "--format=ndjson", "--server=./mine.server", "session.txt"],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    exchanges = [json.loads(line) for line in done.stdout.splitlines() if '"type":"exchange"' in line]
    said = [(list(item["predicted"].values())[1], item["command"]) for item in exchanges if item["command"] != "CONNECT"]
    return [f"{'-' if code is None else code} {command}" for code, command in said], done.stderr


def main():
    program, document = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        blocks = re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
    # A table, and how it predicts the session before it.
    session, table, failed, number = None, None, False, 0
    for kind, text in blocks:
        if kind == "session":
            session = text
        elif kind == "server":
            table = text
        elif kind == "predicted":
            number += 1
            found, error = predictions(program, table, session)
            good = found == text.split("\n")[:-1] and not error
            failed = failed or not good
            print(f"{'ok' if good else 'not ok'} {number} - example {number} is predicted as the document says")
            if not good:
                print("# " + "\n# ".join(found + error.splitlines()))
    print(f"1..{number}")
    return failed or number < 2


if __name__ == "__main__":
    sys.exit(main())
