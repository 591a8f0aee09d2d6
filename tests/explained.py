#!/usr/bin/env python3
"""What `replay` calls illegal has a finding in `check`, or is explained: by a finding that it follows from, by having no reply,
or by a session that could not be read.

usage: explained.py SMTPSEQ FIXTURES

The same for sessions of the model: tests/model/compare.py.
"""

import json
import os
import subprocess
import sys

SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), sys.argv[2]
SHOWN_MAX = 20
# Fewer than in the fixtures without libpcap: a run that finds none has read nothing.
LEAST = 300


def objects(*arguments):
    done = subprocess.run([SMTPSEQ, *arguments, "--isolated", "--format=ndjson", "."], cwd=FIXTURES, capture_output=True, timeout=600, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_explained(exchange, named, unreadable):
    place = (exchange["file"], exchange["line"])
    sent_with_recipients = exchange["pipelined"] and exchange["command"] == "DATA" and exchange["state"] == "refused"
    return (place in named or not exchange["replies"]
            or exchange["line"] >= unreadable.get((exchange["file"], exchange["session"]), float("inf"))
            # RFC 2920 3.1: DATA in one group with recipients that were refused is no fault of the client's.
            or sent_with_recipients)


def main():
    named, unreadable = set(), {}
    for finding in objects("check", "--fail-on=never"):
        if finding["type"] != "finding":
            continue
        named.update((finding["file"], line) for line in [finding["line"], *finding["followers"]])
        if finding["rule"] == "unreadable-session":
            unreadable.setdefault((finding["file"], finding["session"]), finding["line"])
    illegal = [row for row in objects("replay") if row["type"] == "exchange" and not row["legal"]]
    missed = [row for row in illegal if not is_explained(row, named, unreadable)]
    print("1..1")
    print(f"{'not ok' if missed or len(illegal) < LEAST else 'ok'} 1 - {len(illegal)} illegal exchanges, {len(missed)} of them without a finding")
    for row in missed[:SHOWN_MAX]:
        print(f"# {row['file']}:{row['line']}: {row['command']} in state {row['state']}: {[reply['code'] for reply in row['replies']]}")


if __name__ == "__main__":
    main()
