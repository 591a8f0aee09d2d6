#!/usr/bin/env python3
"""Checks the example of doc/server-tables.md: the program reads its table, and predicts what it says.

    document.py SMTPSEQ DOCUMENT
"""

import json
import os
import re
import subprocess
import sys
import tempfile


def main():
    program, document = sys.argv[1:]
    with open(document, encoding="utf-8") as file:
        blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL))
    with tempfile.TemporaryDirectory() as folder:
        for name, block in (("mine.server", "server"), ("session.txt", "session")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(blocks[block])
        done = subprocess.run([os.path.abspath(program), "replay", "--format=ndjson", "--server=./mine.server", "session.txt"],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    exchanges = [json.loads(line) for line in done.stdout.splitlines() if '"type":"exchange"' in line]
    found = [f"{item['predicted']['mine']} {item['command']}" for item in exchanges if item["command"] != "CONNECT"]
    good = found == blocks["predicted"].split("\n")[:-1] and not done.stderr
    print(f"{'ok' if good else 'not ok'} 1 - the example is predicted as the document says")
    if not good:
        print("# " + "\n# ".join(found + done.stderr.splitlines()))
    print("1..1")
    return not good


if __name__ == "__main__":
    sys.exit(main())
