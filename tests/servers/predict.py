#!/usr/bin/env python3
"""Compares the program's predictions with what the servers answered.

    predict.py SMTPSEQ FIXTURES

FIXTURES/NAME.ndjson.gz: the evidence of a server, as exact.py reads it, written as transcripts.
FIXTURES/limits/*.txt: sessions in which something else than order decides, with the servers they were recorded from or
that answer so in "# servers:", and how many predictions there are in "# measured:". Each prediction for one of these
servers is the recorded answer, or says that it was not measured; for the evidence hardly any may say that. So no
prediction turns an error into a warning that this server would not have taken. Prints TAP.
"""

import glob
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile

# Of a server's evidence, the part of its exchanges that has to be predicted.
MEASURED_MIN = 0.9
# Of the predictions for pipelined commands, the part that has to be right.
PIPELINED_MIN = 0.99
# The texts of a message, of a chunk and of a password, which the records leave out.
BODY = ["Subject: sequence", "", "text"]


def answer(reply, greeting=False):
    """A reply as lines; the greeting is a stranger's, or a reply that contradicts the table would be forgiven."""
    texts = ["mx.example.com ESMTP"] if greeting and reply["code"] == 220 else reply["text"].split("\n")
    for text in texts[:-1]:
        yield f"S: {reply['code']}-{text}"
    yield f"S: {reply['code']} {texts[-1]}"


def lines_of_groups(record):
    """What was sent in groups as lines of a transcript."""
    yield "# session"
    first = True
    for group in record["groups"]:
        for sent in group["sent"]:
            if sent == "(TLS handshake)":
                yield "# TLS begins"
            else:
                yield from ("C: " + line for line in sent.removesuffix("\r\n").split("\r\n"))
        for reply in group["replies"]:
            if reply["code"] is not None:
                yield from answer(reply, first)
                first = False


def lines_of(record):
    """A recorded session as lines of a transcript."""
    if "groups" in record:
        yield from lines_of_groups(record)
        return
    yield "# session"
    for step in record["steps"]:
        symbol, code = step["sym"], step["code"]
        if symbol in ("EOM", "EOM_REJ"):
            if code is None:
                continue
            yield from ("C: " + text for text in BODY)
            yield "C: ."
        elif symbol != "GREETING":
            yield "C: " + step["cmd"]
            octets = re.match(r"BDAT (\d+)", step["cmd"])
            # The records leave the octets out; five lines "NOOP" are 30.
            if octets and int(octets[1]) > 1:
                yield "C: " + "x" * (int(octets[1]) - 2)
        if code is None:
            return
        for _ in range(step.get("replies", 1)):
            yield from answer(step, symbol == "GREETING")
        if symbol == "STARTTLS" and code == 220:
            yield "# TLS begins"


def replay(program, servers, path):
    done = subprocess.run([program, "replay", "--isolated", "--format=ndjson", "--server=" + ",".join(servers), path],
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{path}: exit status {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(objects, servers):
    """Returns how many exchanges were predicted, how many there were, and the predictions that are wrong."""
    measured, asked, wrong = 0, 0, []
    for item in objects:
        if item["type"] != "exchange" or not item["replies"]:
            continue
        code = item["replies"][-1]["code"]
        for server in servers:
            predicted = item["predicted"][server]
            asked += 1
            if predicted is None:
                continue
            measured += 1
            if predicted != code and not (predicted == 250 and code < 400):
                wrong.append(f"{os.path.basename(item['file'])}, line {item['line']}: {item['command']} {code}, {server}: {predicted}")
    return measured, asked, wrong


def of_evidence(program, path):
    name = os.path.basename(path).removesuffix(".ndjson.gz")
    how = " pipelined" if "pipelined" in path else ""
    with gzip.open(path, "rt", encoding="utf-8") as records, tempfile.TemporaryDirectory() as folder:
        # In a file of its own where it may begin with a command, before the greeting.
        for number, record in enumerate(map(json.loads, records)):
            file = os.path.join(folder, f"{number:04}.txt" if "groups" in record else "sessions.txt")
            with open(file, "a", encoding="utf-8") as out:
                out.write("\n".join(lines_of(record)) + "\n")
        measured, asked, wrong = compare(replay(program, [name], folder), [name])
    if "pipelined" in path:
        wrong = wrong if len(wrong) > (1 - PIPELINED_MIN) * measured else []
    if measured < MEASURED_MIN * asked:
        wrong.append(f"only {measured} of {asked} exchanges are predicted")
    return f"{name}{how}: {measured} of {asked} exchanges are predicted, as they were recorded", wrong


def of_limit(program, path):
    with open(path, encoding="utf-8") as file:
        head = dict(re.findall(r"^# (servers|measured): (.*)$", file.read(), re.MULTILINE))
    servers = head["servers"].split(", ")
    measured, asked, wrong = compare(replay(program, servers, path), servers)
    if measured != int(head["measured"]):
        wrong.append(f"{measured} predictions, not {head['measured']}")
    return f"{os.path.basename(path)}: {measured} of {asked} predicted, as recorded", wrong


def main():
    program, fixtures = sys.argv[1:]
    results = [of_evidence(program, path) for path in sorted(glob.glob(os.path.join(fixtures, "*.ndjson.gz")))]
    results += [of_evidence(program, path) for path in sorted(glob.glob(os.path.join(fixtures, "pipelined", "*.ndjson.gz")))]
    results += [of_limit(program, path) for path in sorted(glob.glob(os.path.join(fixtures, "limits", "*.txt")))]
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for line in wrong[:5]:
            print(f"# {line}")
    print(f"1..{len(results)}")
    return any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
