#!/usr/bin/env python3
"""Whether a recording is read alike whatever happened to its file.

usage: reading.py [--sample=N] [--seed=S] [--kinds=KIND,...] [--big] [--list] SMTPSEQ FIXTURES
       reading.py --reached=FILE ... SMTPSEQ FIXTURES    as a test (TAP); UPDATE=1 writes FILE anew

The truth is what smtpseq says of the recording as it is in FIXTURES. Made from it are: wrapped ones (wrappings.py), concatenations
(what is found must be what is found in the parts; concat-whole: of parts that have their sessions whole), and recordings cut at a line (which must draw no error that the whole does not
have). One row a kind:

    exact     the same sessions, and the same findings on the same lines
    sessions  the same sessions only
    wrong     other sessions
    unread    no sessions at all
    false     files with an error that the whole does not have

--list names the files that are not exact; --keep=FOLDER leaves them there.
"""

import argparse
import collections
import os
import pathlib
import random
import sys
import tempfile
import time

import recordings
import wrappings

# Lines at which a recording is cut, at most.
CUTS = 10


class Trial:
    """A file that was made from recordings, and what is right about it."""

    def __init__(self, kind, name, octets, sessions, findings, blamed):
        self.kind, self.name, self.octets = kind, name, octets
        self.sessions, self.findings, self.blamed = sessions, findings, blamed


def wrapped(kind, wrap, recording, truth, seed):
    octets, place = wrap(recording.lines, random.Random(f"{seed} {kind} {recording.name}"))
    at = place or (lambda line: 1)
    moved = sorted((rule, at(line), severity) for rule, line, severity in truth.findings)
    return Trial(kind, recording.name, octets, truth.sessions, moved, {at(line) for line in truth.blamed})


def concatenated(parts, kind):
    octets, shift = b"", 0
    sessions, findings, blamed = [], [], set()
    for recording, truth in parts:
        sessions += truth.sessions
        findings += [(rule, line + shift, severity) for rule, line, severity in truth.findings]
        blamed |= {line + shift for line in truth.blamed}
        octets += b"".join(line + b"\n" for line in recording.lines)
        shift += len(recording.lines)
    return Trial(kind, " + ".join(recording.name for recording, _ in parts), octets, sessions, sorted(findings), blamed)


def is_whole(truth):
    """Each session begins with the greeting, and ends with QUIT and its reply."""
    return all(session[0][0] == "CONNECT" and session[-1] == ("QUIT", 221) for session in truth.sessions)


def concatenations(pairs, seed, kind):
    """Each recording before one or two others. Which ones follows from the names, so that a new fixture changes few."""
    for pair in pairs:
        name = pair[0].name
        others = sorted((other for other in pairs if other is not pair), key=lambda other: recordings.rank(f"{name} + {other[0].name}", seed))
        yield concatenated([pair, *others[:1 + recordings.rank(name, f"{seed} parts") % 2]], kind)


def cuts(recording, truth, seed):
    count = len(recording.lines)
    places = range(1, count)
    if count > CUTS:
        places = sorted(random.Random(f"{seed} cut {recording.name}").sample(places, CUTS))
    for place in places:
        name = f"{recording.name} cut at {place}"
        tail, head = recording.lines[place:], recording.lines[:place]
        yield Trial("cut-tail", name, b"\n".join(tail) + b"\n", None, None, {line - place for line in truth.blamed})
        yield Trial("cut-head", name, b"\n".join(head) + b"\n", None, None, truth.blamed)


def trials(pairs, kinds, seed, big):
    wraps = wrappings.WRAPPED | (wrappings.BIG if big else {})
    for kind, wrap in wraps.items():
        if kind in kinds:
            for recording, truth in pairs:
                if kind == "newest-first" and recordings.is_dump(recording):
                    continue  # no table has the octets of a packet in its rows
                yield wrapped(kind, wrap, recording, truth, seed)
    if "concat" in kinds:
        yield from concatenations(pairs, seed, "concat")
    if "concat-whole" in kinds:
        yield from concatenations([pair for pair in pairs if is_whole(pair[1])], seed, "concat-whole")
    for recording, truth in pairs:
        yield from (trial for trial in cuts(recording, truth, seed) if trial.kind in kinds)


def verdict(trial, found):
    """How it was read."""
    if trial.sessions is None:
        return "exact"
    if found.sessions != trial.sessions:
        return "wrong" if found.sessions else "unread"
    return "exact" if found.findings == trial.findings else "sessions"


def is_accused(trial, found):
    """Whether it draws an error that the whole does not have."""
    return any(severity == "error" and line not in trial.blamed for _, line, severity in found.findings)


def measure(smtpseq, many, folder):
    """Tries them, those of a kind together: (trial, verdict, accused) of each."""
    by_kind = collections.defaultdict(list)
    for trial in many:
        by_kind[trial.kind].append(trial)
        if trial.kind in wrappings.BIG:  # one by one: they are large
            yield from tried(smtpseq, by_kind.pop(trial.kind), folder)
    for same in by_kind.values():
        yield from tried(smtpseq, same, folder)


def tried(smtpseq, same, folder):
    paths = []
    for number, trial in enumerate(same):
        paths.append(folder / f"{trial.kind}-{number}.log")
        paths[-1].write_bytes(trial.octets)
    if same[0].sessions is None:  # only what is found matters
        checks = recordings.objects(smtpseq, "check", paths)
        results = [recordings.Said(None, [(event["rule"], event["line"], event["severity"]) for event in recordings.findings(checks[str(path)])], None)
                   for path in paths]
    else:
        results = recordings.said(smtpseq, paths)
    for path, trial, found in zip(paths, same, results):
        result, accused = verdict(trial, found), is_accused(trial, found)
        if result == "exact" and not accused or not ARGUMENTS.keep:
            path.unlink()
        yield trial, result, accused, path


COLUMNS = ["exact", "sessions", "wrong", "unread", "false"]


def table(smtpseq, pairs, kinds, folder):
    rows = collections.defaultdict(collections.Counter)
    for trial, result, accused, path in measure(smtpseq, trials(pairs, kinds, ARGUMENTS.seed, ARGUMENTS.big), folder):
        row = rows[trial.kind]
        row["files"] += 1
        row[result] += 1
        row["false"] += accused
        if ARGUMENTS.list and (result != "exact" or accused):
            print(f"# {trial.kind}: {trial.name}: {result}{' with false errors' if accused else ''}{f' ({path})' if ARGUMENTS.keep else ''}")
    return rows


def show(rows):
    print(f"# {'kind':<14}{'files':>6}" + "".join(f"{column:>10}" for column in COLUMNS))
    for kind, row in rows.items():
        print(f"# {kind:<14}{row['files']:>6}" + "".join(f"{row[column]:>10}" for column in COLUMNS))


def read_reached(path):
    """A line a kind: percent that are exact, at least, and percent with false errors, at most."""
    return {kind: (int(exact), int(false)) for kind, exact, false in (line.split() for line in path.read_text().splitlines() if line[:1] != "#")}


def percents(row):
    return row["exact"] * 100 // row["files"], -(-row["false"] * 100 // row["files"])


def write_reached(path, rows):
    comments = [line for line in path.read_text().splitlines() if line[:1] == "#"]
    path.write_text("\n".join(comments + ["%-14s %3d %3d" % (kind, *percents(row)) for kind, row in rows.items()]) + "\n")


def ratchet(rows, path):
    if os.environ.get("UPDATE"):
        write_reached(path, rows)
    reached = read_reached(path)
    print(f"1..{2 * len(reached)}")
    failed = 0
    for number, (kind, (least, most)) in enumerate(reached.items()):
        exact, false = percents(rows[kind])
        print(f"{'ok' if exact >= least else 'not ok'} {2 * number + 1} - {kind}: {exact} % exact, {least} % at least")
        print(f"{'ok' if false <= most else 'not ok'} {2 * number + 2} - {kind}: {false} % with false errors, {most} % at most")
        failed += (exact < least) + (false > most)
    return failed > 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("smtpseq")
    parser.add_argument("fixtures", type=pathlib.Path)
    parser.add_argument("--sample", type=int, default=50, metavar="N", help="so many recordings (50)")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--kinds", default="", help="only these (or what begins with it), with commas between")
    parser.add_argument("--big", action="store_true", help="also after 100 MB of other lines")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", metavar="FOLDER", type=pathlib.Path)
    parser.add_argument("--reached", metavar="FILE", type=pathlib.Path)
    return parser.parse_args()


def main():
    kinds = [*wrappings.WRAPPED, *(wrappings.BIG if ARGUMENTS.big else []), "concat", "concat-whole", "cut-tail", "cut-head"]
    if ARGUMENTS.kinds:
        wanted = tuple(ARGUMENTS.kinds.split(","))
        kinds = [kind for kind in kinds if kind.startswith(wanted)]
    begin = time.monotonic()
    chosen = recordings.choose(ARGUMENTS.fixtures, ARGUMENTS.sample, ARGUMENTS.seed)
    pairs = list(zip(chosen, recordings.said(ARGUMENTS.smtpseq, [recording.path for recording in chosen])))
    with tempfile.TemporaryDirectory() as temporary:
        folder = ARGUMENTS.keep or pathlib.Path(temporary)
        folder.mkdir(exist_ok=True)
        rows = table(ARGUMENTS.smtpseq, pairs, kinds, folder)
    show(rows)
    print(f"# {len(pairs)} recordings, {time.monotonic() - begin:.1f} s")
    return ratchet(rows, ARGUMENTS.reached) if ARGUMENTS.reached else False


ARGUMENTS = arguments()
sys.exit(main())
