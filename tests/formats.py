#!/usr/bin/env python3
"""Reads the recordings of every format and compares the exchanges with those that were sent.

usage: formats.py SMTPSEQ fixtures/formats

Beside a recording NAME.log (or a folder NAME) stands NAME.replay: a line for each command, in the order of the sessions and of the
commands in them: the number of the session, the command, the code of its last reply or "-". Each recording must be found to be
in the format that its folder is named after; no reader may fail on a recording of another format, or on one that is cut off
or begins in the middle.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

SMTPSEQ, FIXTURES = sys.argv[1], pathlib.Path(sys.argv[2])
TESTS = []


def test(name, difference):
    TESTS.append(name)
    print(f"{'not ok' if difference else 'ok'} {len(TESTS)} - {name}")
    for line in difference:
        print(f"# {line}")


def smtpseq(*arguments, **options):
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run([SMTPSEQ, *map(str, arguments)], capture_output=True, env=environment, timeout=600, **options)


def recording_of(replay):
    others = [path for path in replay.parent.glob(f"{replay.stem}*") if path != replay and path.name.split(".")[0] == replay.stem.split(".")[0]]
    exact = [path for path in others if path.name == replay.stem or path.stem == replay.stem]
    return (exact or others)[0]


def replayed(path):
    done = smtpseq("replay", "--format=ndjson", path)
    rows, files = [], []
    for line in done.stdout.decode(errors="replace").splitlines():
        event = json.loads(line)
        if event["type"] == "exchange":
            code = str(event["replies"][-1]["code"]) if event["replies"] else "-"
            if event["file"] not in files:
                files.append(event["file"])
            rows.append(((files.index(event["file"]), event["session"]), event["command"], code))
    rows.sort(key=lambda row: row[0])
    if len(files) > 1:  # the sessions of a folder are counted through its files
        keys = sorted({row[0] for row in rows})
        rows = [((0, keys.index(key) + 1), command, code) for key, command, code in rows]
    return [f"{key[1]} {command} {code}" for key, command, code in rows]


def compare(replay):
    path = recording_of(replay)
    if b"was built without" in smtpseq("check", path).stderr:
        TESTS.append(replay)
        print(f"ok {len(TESTS)} - {replay.parent.name}/{replay.stem} # SKIP this build lacks a library")
        return path
    expected = replay.read_text().splitlines()
    found = replayed(path)
    difference = []
    for line in range(max(len(expected), len(found))):
        pair = [rows[line] if line < len(rows) else "(end)" for rows in (expected, found)]
        if pair[0] != pair[1]:
            difference = [f"line {line + 1}", f"  expected: {pair[0]}", f"  found:    {pair[1]}"]
            break
    test(f"{replay.parent.name}/{replay.stem}", difference)
    if path.is_file():
        formats = smtpseq("formats", path).stdout.decode(errors="replace")
        # "PATH: NAME (...)", of an archive "PATH!MEMBER: NAME (...)" for each member
        name = formats[len(str(path)):].partition(": ")[2].split(maxsplit=1)[0].strip(",")
        test(f"{replay.parent.name}/{replay.stem}: its format", [] if name == replay.parent.name else [f"taken for {name}"])
    return path


def breaks(recordings, *arguments):
    """The recordings that crash the program. All in one run; if that fails, one by one."""
    if smtpseq("check", "-j1", *arguments, *recordings).returncode in (0, 1, 2):
        return []
    return [f"{path.parent.name}/{path.name}" for path in recordings
            if smtpseq("check", *arguments, path).returncode not in (0, 1, 2)] or ["all of them together"]


def survives(recordings):
    for row in json.loads(smtpseq("formats", "--format=json").stdout):
        test(f"all recordings read as {row['name']}", breaks(recordings, f"--input-format={row['name']}"))
    with tempfile.TemporaryDirectory() as folder:
        for piece, (begin, end) in {"first half": (0, 1 / 2), "second half": (1 / 2, 1), "second quarter": (1 / 4, 1 / 2)}.items():
            pieces = []
            for number, path in enumerate(recordings):
                octets = path.read_bytes()
                pieces.append(pathlib.Path(folder, path.parent.name, f"{number}-{path.name}"))
                pieces[-1].parent.mkdir(exist_ok=True)
                pieces[-1].write_bytes(octets[int(len(octets) * begin):int(len(octets) * end)])
            test(f"the {piece} of each recording", breaks(pieces))


def main():
    recordings = [compare(replay) for replay in sorted(FIXTURES.glob("*/*.replay"))]
    survives([path for path in recordings if path.is_file()])
    print(f"1..{len(TESTS)}")


main()
