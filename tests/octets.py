#!/usr/bin/env python3
"""BDAT in every format that shows octets: a chunk is so many of them, whatever they are and wherever they are cut.

usage: octets.py SMTPSEQ

A message of dots, CR, LF, NUL and lines that read like commands goes in two chunks, the first of every size from 0 to 300. All that
the client sends is cut in two at every octet, or ends there. check_chunk.c does the same to the dialogue alone, in more ways. Prints TAP.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "record"))
from writers import EXACT, FORMATS, on_wire  # noqa: E402

SMTPSEQ = os.path.abspath(sys.argv[1])
SIZE = 300
TEXT = b"Subject: one\r\n\r\n.\r\n..\r\nQUIT\r\nBDAT 3 LAST\r\n\0\r\r\n\n.\n\r.\rRSET\r\n250 ok\r\nMAIL FROM:<a@b>\r\nend"
MESSAGE = (TEXT * (SIZE // len(TEXT) + 1))[:SIZE]
BEGIN = [("S", "220 mx.example.com ESMTP"), ("C", "EHLO client.example.org"), ("S", "250-mx.example.com"), ("S", "250-PIPELINING"),
         ("S", "250 CHUNKING"), ("C", "MAIL FROM:<a@example.org>"), ("S", "250 ok"), ("C", "RCPT TO:<b@example.com>"), ("S", "250 ok")]
END = [("S", "250 ok"), ("S", "250 queued"), ("S", "221 bye")]
WHOLE = ["CONNECT", "EHLO", "MAIL", "RCPT", "BDAT", "BDAT", "QUIT"]
# A line of these is what was written with one call.
CALLS = ("python-smtplib", "net-smtp-ruby")
# What a recording that ends too early may draw.
CUT = {"session-truncated", "reply-missing"}


def sent(size):
    return b"BDAT %d\r\n%s" % (size, MESSAGE[:size]) + b"BDAT %d LAST\r\n%s" % (SIZE - size, MESSAGE[size:]) + b"QUIT\r\n"


def in_pieces(form, octets, at):
    """Cut in two; a log that shows what was written with one call has commands whole."""
    if form in CALLS:
        lines = [match.span() for match in re.finditer(rb"BDAT \d+(?: LAST)?\r\n|QUIT\r\n", octets)]
        commands = [lines[0], next(span for span in lines if span[0] >= lines[0][1] + int(octets.split()[1])), lines[-1]]
        at = next((end for begin, end in commands if begin < at < end), at)
    return [("C", piece) for piece in (octets[:at], octets[at:]) if piece]


def pair(folder, session):
    """tcpflow's two files."""
    ends = ["192.000.002.007.45938", "192.000.002.001.00025"]
    for side, name in (("C", "-".join(ends)), ("S", "-".join(ends[::-1]))):
        (folder / name).write_bytes(b"".join(on_wire(text) for who, text in session if who == side))


def write(folder, form, name, session):
    if form == "tcpflow-pair":
        (folder / name).mkdir()
        return pair(folder / name, session)
    octets = FORMATS[form](session)
    (folder / name).write_bytes(octets if isinstance(octets, bytes) else octets.encode())


def write_all(folder, form):
    for at in range(len(sent(0)) + 1):
        octets = sent(at % (SIZE + 1))
        write(folder, form, f"whole-{at}", BEGIN + in_pieces(form, octets, at) + END)
        octets = sent(SIZE // 2)[:at]
        write(folder, form, f"cut-{at}", BEGIN + ([("C", octets)] if octets else []))


def read(command, folder, form):
    options = ["--isolated", "--format=ndjson", *["--fail-on=never"] * (command == "check")]
    if form in CALLS:  # a write that begins with "250 ok" hides whose mark it is
        options.append(f"--input-format={form}")
    done = subprocess.run([SMTPSEQ, command, *options, "."], cwd=folder, capture_output=True, timeout=300, check=False)
    found = {}
    for line in done.stdout.decode().splitlines():
        event = json.loads(line)
        if event["type"] in ("exchange", "finding"):
            found.setdefault(pathlib.Path(event["file"]).parts[0], []).append(event.get("command") if command == "replay" else event["rule"])
    return found


def wrong_in(folder, form):
    commands, rules = read("replay", folder, form), read("check", folder, form)
    wrong = []
    for name in sorted(os.listdir(folder), key=lambda name: (name.split("-")[0], int(name.split("-")[1]))):
        got, drawn = commands.get(name, []), set(rules.get(name, []))
        whole = name.startswith("whole")
        last = len(got) - 1  # of a recording that is cut it may be a part of the verb
        begun = 0 <= last < len(WHOLE) and got[:last] == WHOLE[:last] and WHOLE[last].startswith(got[last])
        if got != WHOLE if whole else not begun:
            wrong.append(f"{name}: {' '.join(got)}")
        if drawn - (set() if whole else CUT):
            wrong.append(f"{name}: {', '.join(sorted(drawn))}")
    return wrong, len(commands)


def main():
    print(f"1..{len(EXACT)}")
    for number, form in enumerate(EXACT, 1):
        with tempfile.TemporaryDirectory() as place:
            write_all(pathlib.Path(place), form)
            wrong, count = wrong_in(place, form)
        if count == 0 and form in ("pcap", "pcapng"):
            print(f"ok {number} - {form} # SKIP built without libpcap")
            continue
        print(f"{'not ok' if wrong else 'ok'} {number} - {form}: {count} recordings", flush=True)
        for line in wrong[:8]:
            print(f"# {line}")


main()
