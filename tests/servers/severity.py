#!/usr/bin/env python3
"""Checks that a prediction never makes a fault less severe that the server itself did not take.

    severity.py SMTPSEQ FIXTURES

Each recorded session is checked without servers, and with the server that it was recorded from. A finding that is an
error at first and then a warning must be about a command that this server took in the recording. The greeting is a
stranger's, so that the table alone decides. Prints TAP.
"""

import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

import predict


def findings(program, options, folder):
    done = subprocess.run([program, "check", "--isolated", "--each", "--format=ndjson", *options, folder],
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{folder}: exit status {done.returncode}")
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return {(item["file"], item["line"], item["column"], item["rule"]): item for item in objects
            if item["type"] == "finding"}


def lowered(program, servers, folder):
    """Returns how many findings became less severe, and those among them whose command was refused."""
    before = findings(program, [], folder)
    after = findings(program, ["--server=" + ",".join(servers)], folder)
    count, wrong = 0, []
    for key, item in after.items():
        if item["severity"] != "warning" or key not in before or before[key]["severity"] != "error":
            continue
        count += 1
        if not item["reply"] or item["reply"]["code"] >= 400:
            code = item["reply"]["code"] if item["reply"] else "no reply"
            wrong.append(f"{os.path.basename(item['file'])}, line {item['line']}: {item['rule']}, {code}")
    return count, wrong


def of_evidence(program, path):
    name = os.path.basename(path).removesuffix(".ndjson.gz")
    with gzip.open(path, "rt", encoding="utf-8") as records, tempfile.TemporaryDirectory() as folder:
        for number, record in enumerate(map(json.loads, records)):
            file = os.path.join(folder, f"{number:04}.txt" if "groups" in record else "sessions.txt")
            with open(file, "a", encoding="utf-8") as out:
                out.write("\n".join(predict.lines_of(record)) + "\n")
        count, wrong = lowered(program, [name], folder)
    how = " pipelined" if "pipelined" in path else ""
    return f"{name}{how}: {count} findings are less severe, all of commands that it took", wrong


def of_limit(program, path):
    with open(path, encoding="utf-8") as file:
        head = dict(re.findall(r"^# (servers|measured): (.*)$", file.read(), re.MULTILINE))
    count, wrong = 0, []
    for server in head["servers"].split(", "):
        some, more = lowered(program, [server], path)
        count, wrong = count + some, wrong + more
    return f"{os.path.basename(path)}: {count} findings are less severe, all of commands that were taken", wrong


def main():
    program, fixtures = sys.argv[1:]
    evidence = sorted(glob.glob(os.path.join(fixtures, "*.ndjson.gz")))
    evidence += sorted(glob.glob(os.path.join(fixtures, "pipelined", "*.ndjson.gz")))
    results = [of_evidence(program, path) for path in evidence]
    results += [of_limit(program, path) for path in sorted(glob.glob(os.path.join(fixtures, "limits", "*.txt")))]
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong[:5]:
            print(f"# {line}")
    total = sum(int(re.search(r": (\d+) findings", what)[1]) for what, _ in results)
    print(f"{'ok' if total > 0 else 'not ok'} {len(results) + 1} - {total} findings are less severe in all")
    print(f"1..{len(results) + 1}")
    return total == 0 or any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
