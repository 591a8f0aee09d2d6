#!/usr/bin/env python3
"""Compares smtpseq with the model: random sessions, judged by both.

    compare.py SMTPSEQ [--seed N] [--exchanges N] [--keep FOLDER]

Lock step: the same states before and after, the same commands out of order, by the same rule, and no
other error or warning. Pipelined groups: the same states; every command out of order is named (as a
finding or as a follower of one), and nothing is said against a server that was right.
"""

import argparse
import bisect
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from sessions import Session

SESSIONS_EACH = 6000  # in one recording
SHOWN_MAX = 10

# Said of sessions that are in order, too.
BESIDE_ORDER = {"transaction-abandoned", "session-truncated", "unverified-252", "moved-551", "forward-path-missing",
                "refused-in-pipeline", "auth-without-tls", "credentials-in-transcript"}
NEEDS_OFFER = {"AUTH": "auth-not-offered", "STARTTLS": "starttls-not-offered", "BDAT": "bdat-not-offered",
               "BDAT LAST": "bdat-not-offered", "ETRN": "extension-not-offered", "XFORWARD": "extension-not-offered"}
NOT_OFFERED = {*NEEDS_OFFER.values(), "parameter-not-offered"}
# Server and recording are right here.
NEVER = {"unexpected-503", "reply-code-unexpected", "reply-missing", "reply-extra", "reply-malformed", "reply-mixed-codes"}


def run(program, command, path):
    done = subprocess.run([program, command, "--format=ndjson", path], capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{command}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[:500]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def by_session(objects, kind, sessions):
    """The objects of each session, told by their lines: smtpseq may have divided the file otherwise."""
    first_lines = [session.first_line for session in sessions]
    lists = [[] for _ in sessions]
    for item in objects:
        if item["type"] == kind:
            lists[bisect.bisect(first_lines, item["line"]) - 1].append(item)
    return lists


def compare_exchanges(session, shown):
    """The differences between the true exchanges and those of `smtpseq replay`."""
    if len(shown) != len(session.exchanges):
        yield f"{len(session.exchanges)} exchanges, smtpseq has {len(shown)}"
    for true, item in zip(session.exchanges, shown):
        codes = [reply["code"] for reply in item["replies"]]
        verb = true.command.removesuffix(" LAST")
        pairs = (("line", true.line, item["line"]), ("command", verb, item["command"]), ("codes", true.codes, codes),
                 ("state", true.state, item["state"]), ("next", true.next, item["next"]))
        if item["command"] == "[redacted]" and true.command == "FOO":
            pairs = pairs[2:]  # after a refused AUTH it might be the password
        different = [f"{name}: {ours}, smtpseq: {theirs}" for name, ours, theirs in pairs if ours != theirs]
        if true.codes and item["legal"] != (true.rule is None):
            different.append(f"rule {true.rule}, smtpseq: legal={item['legal']}")
        if different:
            yield f"line {true.line}: {true.command}: " + "; ".join(different)
            return  # what follows only follows


def compare_findings(session, findings):
    named = {}
    for finding in findings:
        for line in [finding["line"], *finding["followers"]]:
            named.setdefault(line, set()).add(finding["rule"])
    broken = {true.line: true.rule for true in session.exchanges if true.rule}
    after_helo = {true.line for true in session.exchanges if not true.offered}
    for finding in findings:
        rule, line = finding["rule"], finding["line"]
        if rule in NOT_OFFERED and line in after_helo:
            continue
        if rule in NEVER or (rule not in BESIDE_ORDER and broken.get(line) != rule):
            yield f"line {line}: {rule}, should be {broken.get(line)}"
    for true in session.exchanges:
        missed = NEEDS_OFFER.get(true.command)
        if missed and not true.offered and not true.rule and missed not in named.get(true.line, ()):
            yield f"line {true.line}: {missed} not found"
        if true.rule and not named.get(true.line):
            yield f"line {true.line}: {true.rule} not found"
    if not session.pipelined and any(finding["rule"] == "refused-in-pipeline" for finding in findings):
        yield "refused-in-pipeline in lock step"


def random_sessions(seed, most_exchanges, most_sessions):
    """A recording's lines, and its sessions; about as many exchanges as are asked for, but no more sessions."""
    chance = random.Random(seed)
    lines, sessions, exchanges = [], [], 0
    while exchanges < most_exchanges and len(sessions) < most_sessions:
        lines.append("# session")
        session = Session(chance, len(lines) + 1, len(sessions) % 2 == 1).run(chance.randrange(1, 25))
        lines += session.lines
        exchanges += len(session.exchanges)
        sessions.append(session)
    return lines, sessions


def compare(program, sessions, path):
    """The differences of each session, as a list of lists."""
    shown = by_session(run(program, "replay", path), "exchange", sessions)
    found = by_session(run(program, "check", path), "finding", sessions)
    return [list(compare_exchanges(session, shown[number])) + list(compare_findings(session, found[number]))
            for number, session in enumerate(sessions)]


def show(number, session, differences):
    print(f"# session {number}, from line {session.first_line}")
    for difference in differences:
        print(f"#   {difference}")
    for index, line in enumerate(session.lines):
        print(f"# {session.first_line + index:7} | {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1, help="of the first recording; the next has the next")
    parser.add_argument("--exchanges", type=int, default=100000, help="how many are compared at least")
    parser.add_argument("--keep", metavar="FOLDER", help="write the recordings that differ into it")
    options = parser.parse_args()
    seed, compared, different = options.seed, 0, 0
    totals = {"sessions": 0, "out of order": 0}
    while compared < options.exchanges:
        lines, sessions = random_sessions(seed, options.exchanges - compared, SESSIONS_EACH)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, f"seed-{seed}.txt")
            with open(path, "w", encoding="ascii") as transcript:
                transcript.write("\n".join(lines) + "\n")
            results = compare(options.program, sessions, path)
            if options.keep and any(results):
                shutil.copy(path, options.keep)
        for number, differences in enumerate(results):
            different += bool(differences)
            if differences and different <= SHOWN_MAX:
                show(number + 1, sessions[number], differences)
        compared += sum(len(session.exchanges) for session in sessions)
        totals["sessions"] += len(sessions)
        totals["out of order"] += sum(bool(true.rule) for session in sessions for true in session.exchanges)
        seed += 1
    verdict = "not ok" if different else "ok"
    print(f"{verdict} 1 - seeds {options.seed} to {seed - 1}: {compared} exchanges in {totals['sessions']} sessions, "
          f"{totals['out of order']} out of order, {different} sessions differ")
    print("1..1")
    return different > 0


if __name__ == "__main__":
    sys.exit(main())
