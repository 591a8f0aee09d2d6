#!/usr/bin/env python3
"""Checks that every built-in server has evidence: sessions recorded from it, not a table copied from another.

    evidence.py TABLES FIXTURES

For each NAME.server of TABLES there is NAME.ndjson.gz in FIXTURES (sample.py writes it), and its head says with which
settings. Its sessions name this table, are no fewer than SESSIONS_MIN, and ask at least ASKED_MIN of the table's rows. No server is a copy of another under a
new name. exact.py says whether the table predicts its sessions. A table that is documented, not measured, has no
sessions: each of its answers names a source of its head, and each source is used. Prints TAP.
"""

import glob
import gzip
import itertools
import json
import os
import re
import sys

import exact
import sample

SESSIONS_MIN = 100
ASKED_MIN = 0.5


def name_of(path):
    return os.path.basename(path).removesuffix(".gz").removesuffix(".ndjson").removesuffix(".server")


def sessions_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rows_of(table):
    """What a table says, without its head and its comments."""
    return {(state, event, outcome): (row.code, row.following, row.text)
            for state, rows in table.resolved.items() for (event, outcome), row in rows.items()}


def lacks(name, table, path):
    """Returns what the evidence of one server lacks, or None."""
    if not os.path.exists(path):
        return f"no {os.path.basename(path)} in the fixtures"
    sessions = sessions_of(path)
    if not table.head["settings"]:
        return "no line 'settings'"
    if any(session.get("table") != name for session in sessions):
        return "the sessions are of another table"
    if len(sessions) < SESSIONS_MIN:
        return f"{len(sessions)} sessions, {SESSIONS_MIN} are wanted"
    rows = rows_of(table)
    asked = {key for session in sessions for key in sample.asked(table, session)} & set(rows)
    if len(asked) < ASKED_MIN * len(rows):
        return f"{len(asked)} of {len(rows)} rows were asked, {ASKED_MIN:.0%} are wanted"
    return None


def lacks_groups(name, fixtures):
    """Returns what the evidence for a block `pipelined` lacks, or None: recorded groups, or at least a session of a
    limit in which the client did not wait."""
    if os.path.exists(os.path.join(fixtures, "pipelined", name + ".ndjson.gz")):
        return None
    for path in glob.glob(os.path.join(fixtures, "limits", "*.txt")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        head = re.search(r"^# servers: (.*)$", text, re.MULTILINE)
        if name in head[1].split(", ") and re.search(r"^C: [A-Z].*\nC: [A-Z]", text, re.MULTILINE):
            return None
    return "no session in which the client did not wait"


def lacks_source(table):
    """Returns what a documented table lacks, or None."""
    sources = [text.split()[0] for text in table.head["source"] if len(text.split()) > 1]
    rows = [row for block in table.blocks.values() for row in block.values()]
    without = [str(row.line) for row in rows if row.code != "unmeasured" and row.source not in sources]
    unused = set(sources) - {row.source for row in rows}
    if without:
        return "no source for the rows of lines " + ", ".join(without)
    if unused or not sources:
        return "no row has the source " + ", ".join(sorted(unused))
    return None


def copies(rows, recorded):
    """The pairs of servers that have the same table and share a session, or share all their sessions. Two versions may
    answer alike; that each was asked shows in what their sessions differ: greeting, date, id."""
    for one, other in itertools.combinations(sorted(recorded), 2):
        shared = recorded[one] & recorded[other]
        if shared and (rows[one] == rows[other] or shared in (recorded[one], recorded[other])):
            yield f"{one} and {other}"


def main():
    tables_folder, fixtures = sys.argv[1:]
    tables = {name_of(path): exact.parse(path) for path in sorted(glob.glob(os.path.join(tables_folder, "*.server")))}
    evidence = {name: os.path.join(fixtures, name + ".ndjson.gz") for name in tables}
    documented = {name: table for name, table in tables.items() if "documented" in table.head}
    results = [(f"each row of {name} has its source", lacks_source(table)) for name, table in documented.items()]
    tables = {name: table for name, table in tables.items() if name not in documented}
    results += [(f"{name} has evidence", lacks(name, table, evidence[name])) for name, table in tables.items()]
    recorded = {name: {json.dumps(session["steps"]) for session in sessions_of(path)}
                for name, path in evidence.items() if os.path.exists(path)}
    rows = {name: rows_of(table) for name, table in tables.items()}
    results.append(("no server is a copy of another", ", ".join(copies(rows, recorded))))
    lost = {name_of(path) for path in glob.glob(os.path.join(fixtures, "*.ndjson.gz"))} - set(tables)
    results += [(f"what {name} says of pipelining has evidence", lacks_groups(name, fixtures))
                for name, table in tables.items() if table.together is not None]
    lost |= {name_of(path) for path in glob.glob(os.path.join(fixtures, "pipelined", "*.gz"))} - set(tables)
    results.append(("all evidence has its table", ", ".join(sorted(lost))))
    for number, (what, why) in enumerate(results, 1):
        print(f"{'not ok' if why else 'ok'} {number} - {what}{': ' + why if why else ''}")
    print(f"1..{len(results)}")
    return any(why for _, why in results)


if __name__ == "__main__":
    sys.exit(main())
