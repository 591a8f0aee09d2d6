#!/usr/bin/env python3
"""Metamorphic properties: the same sessions, written, named, packed or asked for in another way, draw the same findings.

usage: metamorphic.py SMTPSEQ FIXTURES [--seed N] [--mutants N] [--show]

All fixtures and mutants of them: a line deleted, doubled or swapped with the next, a code or a verb changed. A transformation writes
them anew into a folder of its own; one run checks them all, and what is found must be what was found before, line by line.
"""

import argparse
import collections
import gzip
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import zipfile

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("program")
parser.add_argument("fixtures", type=pathlib.Path)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--mutants", type=int, default=1, help="of each fixture")
parser.add_argument("--show", action="store_true", help="show all that differ, not only the first ones")
OPTIONS = parser.parse_args()
SMTPSEQ = os.path.abspath(OPTIONS.program)
SHOWN_MAX = 1000 if OPTIONS.show else 5
SIZE_MAX = 100_000

VERBS = [b"HELO a.example", b"MAIL FROM:<x@example.org>", b"RCPT TO:<y@example.com>", b"DATA", b"RSET", b"NOOP", b"QUIT", b"VRFY z", b"STARTTLS", b"FOO"]
CODES = [b"220", b"250", b"251", b"354", b"421", b"450", b"500", b"503", b"550", b"551", b"554"]


# The recordings

def mutate(octets, chance):
    lines = octets.splitlines(keepends=True)
    if len(lines) < 3:
        return octets
    at = chance.randrange(len(lines) - 1)
    kind = chance.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[at])
    elif kind == 2:
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    elif kind == 3:
        lines[at] = re.sub(rb"(?<![0-9A-Za-z.])[2345][0-9]{2}(?=[ -])", chance.choice(CODES), lines[at], count=1)
    else:
        lines[at] = re.sub(rb"(?i)\b(MAIL FROM|RCPT TO|DATA\b|RSET|NOOP|EHLO|QUIT).*?(?=\\|\r?\n|$)", chance.choice(VERBS), lines[at], count=1)
    return b"".join(lines)


def chance_of(*what):
    """The same for a recording, whatever others there are."""
    return random.Random(f"{OPTIONS.seed} {what}")


def recordings():
    """Each fixture's octets by a name that says where it is from, and its mutants."""
    found = {}
    for room in ("rules", "formats", "reports", "fuzz"):
        for path in sorted((OPTIONS.fixtures / room).rglob("*")):
            if not path.is_file() or path.suffix in (".expect", ".json", ".ini", ".bin", ".md") or path.stat().st_size > SIZE_MAX:
                continue
            octets = path.read_bytes()
            name = "-".join(path.relative_to(OPTIONS.fixtures).parts)
            found[name] = octets
            if path.suffix in (".pcap", ".pcapng", ".gz"):
                continue
            for number in range(OPTIONS.mutants):
                found[f"m{number}-{name}"] = mutate(octets, chance_of(name, number))
    return found


def is_plain(octets):
    """A transcript of C: and S: lines in ASCII, which can be written in other ways without changing what it says."""
    lines = octets.splitlines()
    return not re.search(rb"[^\n\t -~]", octets) and octets.endswith(b"\n") and \
        all(line.startswith((b"C: ", b"S: ", b"# ")) or line in (b"C:", b"S:", b"#", b"") for line in lines)


# What smtpseq says

def run(folder, command, *arguments):
    done = subprocess.run([SMTPSEQ, command, "--isolated", "--format=ndjson", *arguments], cwd=folder, capture_output=True, timeout=300, check=False)
    if done.returncode not in (0, 1, 2):
        sys.exit(f"{command}: exit status {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def write(folder, files):
    for name, octets in files.items():
        (folder / name).write_bytes(octets)


FIELDS = ("rule", "severity", "fault", "session", "line", "column", "command", "state", "predicted", "followers")


def findings_of(rows, name_of=lambda file: file):
    """By file: what was found, and what it was read as."""
    found = collections.defaultdict(list)
    for row in rows:
        if row["type"] == "finding":
            found[name_of(row["file"])].append({field: row[field] for field in FIELDS} | {"code": row["reply"] and row["reply"]["code"]})
    return found


def check(folder, names, *arguments):
    return findings_of(run(folder, "check", *arguments, *names))


def moved(findings, lines=0, columns=0):
    return [item | {"line": item["line"] + lines, "column": item["column"] + columns if item["column"] else 0,
                    "followers": [line + lines for line in item["followers"]]} for item in findings]


def differences(base, other, expected=lambda findings: findings):
    for name in base.keys() | other.keys():
        want, have = expected(base.get(name, [])), other.get(name, [])
        if want != have:
            yield name, [item for item in want if item not in have], [item for item in have if item not in want]


def few_mutants_may(wrong, files):
    """What differs, but for one mutant in two hundred: a mutant may be so damaged that a reading is a guess."""
    mutants = [item for item in wrong if item[0][0] == "m"]
    return wrong if len(mutants) > len(files) // 200 else [item for item in wrong if item not in mutants]


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def report(self, name, wrong):
        wrong = list(wrong)
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.count} - {name}{f': {len(wrong)} differ' if wrong else ''}", flush=True)
        for item in sorted(wrong, key=str)[:SHOWN_MAX]:
            print(f"# {item}"[:600])

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)


# The properties

class Properties:
    def __init__(self, files, room, tap):
        self.files, self.room, self.tap = files, room, tap
        self.folder = self.fresh("base")
        write(self.folder, files)
        self.names = sorted(files)
        self.base = check(self.folder, self.names)
        self.plain = {name: octets for name, octets in files.items() if is_plain(octets)}

    def fresh(self, name):
        folder = self.room / name
        folder.mkdir()
        return folder

    def same(self, title, files, expected=lambda findings: findings, arguments=(), lenient=False):
        """Checks transformed recordings; those that are not among `files` are left out. `lenient`: few mutants may differ."""
        folder = self.fresh(title.replace(" ", "-"))
        write(folder, files)
        base = {name: self.base[name] for name in files if name in self.base}
        wrong = list(differences(base, check(folder, sorted(files), *arguments), expected))
        self.tap.report(f"{title} ({len(files)} recordings)", few_mutants_may(wrong, files) if lenient else wrong)

    def workers_and_order(self):
        alone = subprocess.run([SMTPSEQ, "check", "--isolated", "-j1", *self.names], cwd=self.folder, capture_output=True, check=False)
        several = subprocess.run([SMTPSEQ, "check", "--isolated", "-j4", *self.names], cwd=self.folder, capture_output=True, check=False)
        self.tap.report("one worker and four: the same octets", [] if (alone.stdout, alone.stderr) == (several.stdout, several.stderr) else ["they differ"])
        shuffled = list(self.names)
        random.Random(OPTIONS.seed).shuffle(shuffled)
        self.tap.report("the files in another order", differences(self.base, check(self.folder, shuffled)))
        twice = check(self.folder, [name for name in self.names for _ in range(2) if not name.startswith("formats-tcpflow")])
        base = {name: findings for name, findings in self.base.items() if not name.startswith("formats-tcpflow")}
        self.tap.report("each file twice in one run", differences(base, twice, lambda findings: findings * 2))

    def names_and_containers(self):
        files = {name: octets for name, octets in self.files.items() if "tcp" not in name and not name.endswith((".gz", ".xz", ".zip", ".tar"))}
        other = self.fresh("names")
        new = {name: f"{number:05} a!b.log" for number, name in enumerate(sorted(files))}
        write(other, {new[name]: octets for name, octets in files.items()})
        old = {value: key for key, value in new.items()}
        base = {name: self.base[name] for name in files if name in self.base}
        self.tap.report(f"other names ({len(files)} recordings)", differences(base, findings_of(run(other, "check", *sorted(old)), old.get)))
        self.containers(files, base)

    def containers(self, files, base):
        packed = self.fresh("gzip")
        write(packed, {name: gzip.compress(octets, 1) for name, octets in files.items()})
        tried = subprocess.run([SMTPSEQ, "check", "--isolated", min(files)], cwd=packed, capture_output=True, check=False)
        if b"without libarchive" in tried.stderr:
            self.tap.skip("packed by gzip", "built without libarchive")
            self.tap.skip("members of a zip", "built without libarchive")
            return
        self.tap.report("packed by gzip", differences(base, check(packed, sorted(files))))
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as members:
            for name in sorted(files):
                members.writestr(name, files[name])
        (packed / "all.zip").write_bytes(archive.getvalue())
        self.tap.report("members of a zip", differences(base, findings_of(run(packed, "check", "all.zip"), lambda file: file.partition("!")[2])))

    def octets(self):
        text = {name: octets for name, octets in self.files.items() if not re.search(rb"[\r\0]", octets) and octets.endswith(b"\n")}
        self.same("CRLF instead of LF", {name: octets.replace(b"\n", b"\r\n") for name, octets in text.items()})
        self.same("a blank line before", {name: b"\n" + octets for name, octets in text.items()}, lambda findings: moved(findings, lines=1))
        self.same("a byte order mark", {name: b"\xef\xbb\xbf" + octets for name, octets in self.plain.items()})
        self.same("UTF-16", {name: octets.decode("ascii").encode("utf-16") for name, octets in self.plain.items()})
        self.same("without a newline at the end", {name: octets[:-1] for name, octets in self.plain.items() if octets[-2:-1] not in (b" ", b":", b"\n")})

    def spelling(self):
        lower = lambda match: match[1] + match[2].swapcase()
        self.same("verbs in small letters", {name: re.sub(rb"(?m)^(C: )(MAIL|RCPT|DATA|RSET|NOOP|EHLO|HELO|QUIT|VRFY|BDAT|STARTTLS)(?=[ \n])", lower, octets)
                                             for name, octets in self.plain.items()})
        # Where a line begins has to be learnt from some replies, which pair with commands.
        prefix = b"2026-01-02T03:04:05.678Z "
        self.same("a time before every line", {name: b"".join(prefix + line + b"\n" for line in octets.splitlines()) for name, octets in self.plain.items()
                                                if b"\n\n" not in octets and octets.count(b"\nS: ") >= 4
                                                and "unreadable" not in name},
                  lambda findings: moved(findings, columns=len(prefix)), lenient=True)

    def agreement(self):
        with_secrets = check(self.folder, self.names, "--show-secrets")
        self.tap.report("with and without redaction", differences(
            {name: [item | {"command": None} for item in items] for name, items in self.base.items()},
            {name: [item | {"command": None} for item in items] for name, items in with_secrets.items()}))
        rows, replayed, forwards = (run(self.folder, command, *self.names) for command in ("check", "replay", "forwards"))
        exchanges = sum(row["type"] == "exchange" for row in replayed)
        summary = rows[-1]
        self.tap.report("replay has the exchanges that check counts", [] if summary["exchanges"] == exchanges else [(summary, exchanges)])
        said = {(row["file"], row["line"]) for row in rows if row["type"] == "finding" and row["rule"] in ("forward-251", "moved-551", "forward-path-missing")}
        listed = {(row["file"], row["reply"]["line"] if "reply" in row and row["reply"] else row.get("line")) for row in forwards if row["type"] != "summary" and row["type"] != "file"}
        self.tap.report("forwards lists what check says of 251 and 551", [] if len(said) == len(listed) else [("check", len(said), "forwards", len(listed))])
        counted = json.loads(subprocess.run([SMTPSEQ, "coverage", "--isolated", "--format=json", *self.names], cwd=self.folder, capture_output=True, check=False).stdout)
        self.tap.report("coverage counts what check counts", [] if (counted["exchanges"], counted["sessions"]) == (summary["exchanges"], summary["sessions"])
                        else [(summary, counted["exchanges"], counted["sessions"])])

    def cuts(self):
        """A recording that ends early draws nothing that the whole does not, but that it ends."""
        cut = {}
        for name, octets in self.plain.items():
            lines = octets.splitlines(keepends=True)
            head = b"".join(lines[:chance_of(name, "cut").randrange(1, len(lines))])
            if head.count(b"\nS: ") >= 2:  # with fewer it is a recording of the client's side only, or of neither
                cut[name] = head
        folder = self.fresh("cuts")
        write(folder, cut)
        found = check(folder, sorted(cut))
        key = lambda item: (item["rule"], item["line"])
        # A session that becomes unreadable further on is in doubt as a whole; at the cut it is not yet.
        doubtful = check(self.folder, self.names, "--show-doubtful")
        wrong = []
        for name, items in found.items():
            whole = {key(item) for item in self.base.get(name, []) + doubtful.get(name, [])} | {(item["rule"], line) for item in self.base.get(name, []) for line in item["followers"]}
            more = [item for item in items if key(item) not in whole and item["rule"] not in ("session-truncated", "reply-missing")]
            if more:
                wrong.append((name, len(cut[name].splitlines()), more))
        self.tap.report(f"cut at the end of a line ({len(cut)} recordings)", few_mutants_may(wrong, cut))


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="smtpseq-metamorphic-") as room:
        files = recordings()
        properties = Properties(files, pathlib.Path(room), tap)
        for group in (properties.workers_and_order, properties.names_and_containers, properties.octets, properties.spelling, properties.agreement, properties.cuts):
            group()
    print(f"1..{tap.count}")


if __name__ == "__main__":
    main()
