#!/usr/bin/env python3
"""The same sessions in every format: line ends are judged where a format shows them, and nowhere else.

usage: line_ends.py SMTPSEQ

Prints TAP.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "record"))
from writers import EXACT, FORMATS, LEARNT, on_wire  # noqa: E402

SMTPSEQ = os.path.abspath(sys.argv[1])
TESTS = []
BEGIN = [("S", "220 mx.example.com ESMTP"), ("C", "EHLO client.example.org"), ("S", "250 mx.example.com"),
         ("C", "MAIL FROM:<alice@example.org>"), ("S", "250 2.1.0 Ok"), ("C", "RCPT TO:<bob@example.com>"), ("S", "250 2.1.5 Ok")]
DATA = [("C", "DATA"), ("S", "354 go ahead")]
END = [("S", "250 2.0.0 queued"), ("C", "QUIT"), ("S", "221 2.0.0 Bye")]


def message(*lines):
    return BEGIN + DATA + [("C", line) for line in lines] + END


CASES = {
    "CR LF": (message("Subject: one", "", "..", "text", "."), []),
    "LF in the message": (message("Subject: one", "", "text\n", "more\n", "end", "."), ["bare-newline"]),
    "CR in the message": (message("Subject: one", "", "te\rxt", "."), ["bare-newline"]),
    "LF after a command": (BEGIN + [("C", "NOOP\n"), ("S", "250 Ok")] + END[1:], ["bare-newline"]),
    "LF after a reply": (BEGIN + [("C", "NOOP"), ("S", "250 Ok\n")] + END[1:], ["bare-newline"]),
    "LF . LF": (message("Subject: one", "", "text\n", ".\n", "more", "."), ["smuggled-end-of-data"]),
    "LF . CR LF": (message("Subject: one", "", "text\n", ".", "more", "."), ["smuggled-end-of-data"]),
    "CR LF . LF": (message("Subject: one", "", "text", ".\n", "more", "."), ["smuggled-end-of-data"]),
    "CR . CR LF": (message("Subject: one", "", "text\r.", "more", "."), ["smuggled-end-of-data"]),
    "CR LF . CR": (message("Subject: one", "", "text", ".\rmore", "."), ["smuggled-end-of-data"]),
    "LF . CR LF that ends it": (message("Subject: one", "", "text\n", "."), ["smuggled-end-of-data"]),
    "CR LF NUL . CR LF": (message("Subject: one", "", "text", "\0.", "more", "."), ["smuggled-end-of-data"]),
    "CR LF . NUL CR LF": (message("Subject: one", "", "text", ".\0", "more", "."), ["smuggled-end-of-data"]),
    "CR . CR": (message("Subject: one", "", "text\r.\rmore", "."), ["smuggled-end-of-data"]),
    "CR . LF": (message("Subject: one", "", "text\r.\n", "more", "."), ["smuggled-end-of-data"]),
    "LF . CR": (message("Subject: one", "", "text\n", ".\rmore", "."), ["smuggled-end-of-data"]),
    "a dot at the end of a sentence": (message("Subject: one", "", "text.", "more.", "."), []),
    "NUL and dot in a line": (message("Subject: one", "", "a \0. b", "."), []),
    "LF everywhere": ([(side, text if side == "S" else text + "\n") for side, text in message("Subject: one", "", "text", ".")],
                      ["bare-newline"]),
}
RULES = {"bare-newline", "smuggled-end-of-data"}


# What is sent in chunks: the next command begins right after one, whatever that ends with.
CHUNKED = b"Subject: one\r\n\r\n.\r\nQUIT\r\nBDAT 3 LAST\r\n\0\r\r\n\n.\n\r.\rRSET\r\nend"


def in_chunks(size):
    """A session that sends CHUNKED in two chunks."""
    octets = b"".join(b"BDAT %d%s\r\n%s" % (len(part), last, part) for part, last in ((CHUNKED[:size], b""), (CHUNKED[size:], b" LAST")))
    lines = (octets + b"QUIT\r\n").decode("latin-1").split("\n")[:-1]
    offer = [("S", "250-mx.example.com"), ("S", "250-PIPELINING"), ("S", "250 CHUNKING")]
    sent = [("C", line[:-1] if line.endswith("\r") else line + "\n") for line in lines]
    return BEGIN[:2] + offer + BEGIN[3:] + sent + [("S", "250 octets received"), END[0], END[2]]


def test(name, difference):
    TESTS.append(name)
    print(f"{'not ok' if difference else 'ok'} {len(TESTS)} - {name}", flush=True)
    for line in difference:
        print(f"# {line}")


def tcpflow_pair(folder, session):
    ends = ["192.000.002.007.45938", "192.000.002.001.00025"]
    for side, name in (("C", "-".join(ends)), ("S", "-".join(ends[::-1]))):
        (folder / name).write_bytes(b"".join(on_wire(text) for who, text in session if who == side))


def write_all(folder, session, forms):
    for form, write in forms.items():
        octets = write(session)
        (folder / f"{form}.log").write_bytes(octets if isinstance(octets, bytes) else octets.encode())
    (folder / "tcpflow-pair").mkdir()
    tcpflow_pair(folder / "tcpflow-pair", session)


def found_in(folder, rules=RULES):
    done = subprocess.run([SMTPSEQ, "check", "--format=ndjson", "--fail-on=never", folder], capture_output=True, timeout=900, check=False)
    found = {}
    for line in done.stdout.decode().splitlines():
        event = json.loads(line)
        if event["type"] in ("file", "finding"):
            drawn = found.setdefault(pathlib.Path(event["file"]).relative_to(folder).parts[0].removesuffix(".log"), set())
            if event.get("rule") and (rules is None or event["rule"] in rules):
                drawn.add(event["rule"])
    return found


def main():
    for name, (session, expected) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            write_all(folder, session, {**FORMATS, **LEARNT})
            found = found_in(folder)
        absent = [form for form in ("pcap", "pcapng") if form not in found]
        wrong = [f"{form}: not read" for form in EXACT if form not in found and form not in absent]
        wrong += [f"{form}: {', '.join(sorted(rules)) or 'nothing'}" for form, rules in found.items()
                  if rules != (set(expected) if form in EXACT else set())]
        test(name, wrong)
    for size in range(0, len(CHUNKED), 3):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            write_all(folder, in_chunks(size), {form: FORMATS[form] for form in EXACT if form in FORMATS})
            found = found_in(folder, None)
        test(f"a chunk of {size} octets", [f"{form}: {', '.join(sorted(rules))}" for form, rules in found.items() if rules])
    print(f"1..{len(TESTS)}")


main()
