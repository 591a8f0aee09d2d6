#!/usr/bin/env python3
"""merge.py SMTPSEQ FIXTURES [--sanitized] - what several runs reported becomes what one run reports, octet by octet, in every format.

The recordings are split over three runs in several ways; their reports are merged in several orders, also in two steps. Damaged
reports are left out and named. Prints TAP.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
SANITIZED = "--sanitized" in sys.argv[3:]
COMMANDS = json.loads(subprocess.run([SMTPSEQ, "help", "--format=json"], capture_output=True, check=True).stdout)
FORMATS = tuple(next(option["names"] for command in COMMANDS if command["name"] == "check"
                     for option in command["options"] if option["name"] == "format"))
COVERAGE = ("text", "json", "dot")
COUNTED = {"done": 0, "failed": 0}


def ok(fine, name, *details):
    COUNTED["done"] += 1
    COUNTED["failed"] += not fine
    print(f"{'ok' if fine else 'not ok'} {COUNTED['done']} - {name}", flush=True)
    for detail in () if fine else details:
        print("# " + str(detail)[:600].replace("\n", "\n# "), file=sys.stderr)


def run(*words, folder=None, given=b"", limit=None):
    """`limit`: in KiB of memory."""
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    words = [SMTPSEQ, *words]
    if limit and SANITIZED:  # AddressSanitizer reserves more addresses than any limit has
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + f":hard_rss_limit_mb={limit >> 10}"
    elif limit:
        words = ["bash", "-c", f'ulimit -v {limit}; exec "$@"', "-", *words]
    return subprocess.run(words, cwd=folder, input=given, capture_output=True, timeout=600, check=False, env=environment)


def reports(command, words, folder, place, formats=FORMATS):
    """The exit status of a command, and its report in each format."""
    for form in formats:
        (place / f"out.{form}").write_bytes(b"nothing was written")
    outputs = [word for form in formats for word in ("--output", f"{form}:{place}/out.{form}")]
    done = run(command, *outputs, *words, folder=folder)
    return done.returncode, {form: (place / f"out.{form}").read_bytes() for form in formats}


def same(name, got, wanted):
    status = [f"exit status {got[0]}, not {wanted[0]}"] if got[0] != wanted[0] else []
    for form in wanted[1]:
        if got[1][form] != wanted[1][form]:
            lines = got[1][form].split(b"\n"), wanted[1][form].split(b"\n")
            first = next((pair for pair in zip(*lines) if pair[0] != pair[1]), (len(lines[0]), len(lines[1])))
            status.append(f"{form}: {first[0]} instead of {first[1]}")
    ok(not status, name, *status)


def units_of(folder):
    """What can be given to a run of its own: files, and folders of tcpflow, whose files belong together."""
    found = []
    for path, folders, files in os.walk(folder):
        if any(name.startswith("127.") for name in files):
            found.append(os.path.relpath(path, folder))
            folders.clear()
        else:
            found += [os.path.relpath(os.path.join(path, name), folder) for name in files if not name.endswith(".ini")]
    return sorted(found, key=lambda path: path.split("/"))


def splits(units):
    """Three parts each, none of them empty."""
    third = (len(units) + 2) // 3
    yield "by turns", [units[i::3] for i in range(3)]
    yield "in blocks", [units[:third], units[third:2 * third], units[2 * third:]]
    mixed = random.Random(16).sample(units, len(units))
    yield "at random", [mixed[:1], mixed[1:third + 1], mixed[third + 1:]]


def shards_of(parts, folder, place, *options, command="check", form="ndjson"):
    names = []
    for number, part in enumerate(parts):
        names.append(place / f"shard-{number}")
        run(command, "--isolated", *options, f"--output={form}:{names[-1]}", *part, folder=folder)
    return [str(name) for name in names]


def try_splits(place):
    for name, options in (("rules", ["--server=all"]), ("formats", []), ("fuzz", []), ("reports", ["--fail-on=note"])):
        folder = FIXTURES / name
        units = units_of(folder)
        one = reports("check", ["--isolated", *options, *units], folder, place)
        for how, parts in splits(units):
            shards = shards_of(parts, folder, place, *options)
            same(f"{name}, split {how}", reports("merge", [shards[2], shards[0], shards[1]], folder, place), one)


def try_steps(place):
    """It makes no difference what is merged first."""
    folder = FIXTURES / "rules"
    first, second, third = shards_of(list(splits(units_of(folder)))[0][1], folder, place)
    wanted = run("merge", "--format=ndjson", first, second, third).stdout
    both = str(place / "both")
    for name, one, two, rest in (("left", first, second, third), ("right", third, second, first)):
        run("merge", f"--output=ndjson:{both}", one, two)
        ok(run("merge", "--format=ndjson", both, rest).stdout == wanted, f"merged in two steps, from the {name}")
    joined = b"".join(pathlib.Path(name).read_bytes() for name in (third, first, second))
    ok(run("merge", "--format=ndjson", given=joined).stdout == wanted, "reports one after the other, from a pipe")
    ok(run("merge", "--format=ndjson", given=joined.replace(b"\n", b"\r\n\r\n")).stdout == wanted, "with other line ends and empty lines")
    text = run("merge", "--statistics", "--all", first, second, third, folder=folder).stdout
    ok(text == run("check", "--isolated", "--statistics", "--all", *units_of(folder), folder=folder).stdout, "--statistics and --all")


def try_folders(place):
    """Files that are passed over, and such as cannot be read."""
    folder = place / "mixed"
    folder.mkdir()
    faulty, clean = (FIXTURES / "reports" / name for name in ("faulty.txt", "clean.txt"))
    (folder / "a").mkdir()
    (folder / "a" / "x.txt").write_bytes(faulty.read_bytes())
    (folder / "a-b.txt").write_bytes(clean.read_bytes())
    (folder / "notes.md").write_bytes(b"nothing of the kind\n")
    (folder / "z\xff\n.txt".encode("latin-1").decode("utf-8", "surrogateescape")).write_bytes(faulty.read_bytes())
    (folder / "looks.txt").write_bytes(b"EHLO me\n250 hello\nMAIL FROM:<a@b>\n250 ok\nwhat EHLO\nelse 250\n")
    (folder / "empty.txt").write_bytes(b"")
    archive = folder / "b.tar"
    subprocess.run(["tar", "cf", archive, "-C", FIXTURES / "reports", "hostile.txt", "faulty.txt", "clean.txt"], check=True)
    one = reports("check", ["--isolated", "."], folder, place)
    units = sorted(os.listdir(os.fsencode(folder)))
    shards = []
    for number, unit in enumerate(units):
        shard = place / f"alone-{number}"
        inside = place / f"folder-{number}"
        (inside / "mixed").mkdir(parents=True)
        os.rename(os.path.join(os.fsencode(folder), unit), os.path.join(os.fsencode(inside / "mixed"), unit))
        run("check", "--isolated", f"--output=ndjson:{shard}", ".", folder=inside / "mixed")
        shards.append(str(shard))
    got = reports("merge", shards, folder, place)
    same("a folder with an archive, strange names and other files", got, one)
    wrong = run("check", "--isolated", f"--output=ndjson:{place / 'missing'}", "missing.txt", str(faulty), folder=place)
    ok(wrong.returncode == 2 and run("merge", str(place / "missing")).returncode == 2, "a file that was missing fails the merged run as well")


def try_exit_status(place):
    faulty, clean = (str(FIXTURES / "reports" / name) for name in ("faulty.txt", "clean.txt"))
    for level in ("error", "note", "never"):
        shards = [str(place / "one"), str(place / "two")]
        statuses = [run("check", "--isolated", f"--fail-on={level}", f"--output=ndjson:{shard}", path).returncode
                    for shard, path in zip(shards, (faulty, clean))]
        ok(run("merge", *shards).returncode == max(statuses), f"the exit status of --fail-on={level}")
    ok(run("merge", "--fail-on=error", *shards).returncode == 1, "--fail-on of merge is stronger")
    only = str(place / "faulty.txt")
    run("check", "--isolated", f"--write-baseline={place}/known.json", faulty, folder=place)
    run("check", "--isolated", f"--baseline={place}/known.json", f"--output=ndjson:{only}", faulty, folder=place)
    wanted = run("check", "--isolated", f"--baseline={place}/known.json", faulty, folder=place)
    ok(run("merge", only, folder=place).stdout == wanted.stdout, "what is in the baseline is counted")


def expect_damaged(name, shard, octets, others, wanted):
    """The report is named, and the others are merged."""
    shard.write_bytes(octets)
    done = run("merge", "--format=gcc", str(shard), *others, limit=4000000)
    ok(done.returncode == 2 and done.stderr.startswith(b"smtpseq: " + bytes(shard) + b":") and done.stdout == wanted,
       name, done.returncode, done.stderr, done.stdout[:300])


def try_damage(place):
    folder = FIXTURES / "reports"
    shard, others = place / "damaged", shards_of([["clean.txt"], ["hostile.txt"]], folder, place)
    wanted = run("merge", "--format=gcc", *others).stdout
    run("check", "--isolated", f"--output=ndjson:{shard}", "faulty.txt", folder=folder)
    whole = shard.read_bytes()
    lines = whole.splitlines(keepends=True)
    finding = json.loads(lines[0])
    cases = {
        "cut in a line": whole[:-7],
        "cut between two lines": b"".join(lines[:-1]),
        "a finding is missing": b"".join(lines[1:]),
        "no line about the file": b"".join(line for line in lines if b'{"type":"file"' not in line),
        "empty": b"",
        "another report": run("check", "--isolated", "--format=sarif", "faulty.txt", folder=folder).stdout,
        "octets": bytes(range(256)) * 300,
        "deep": b"[" * 1000000 + b"\n",
        "a line without an end": b'{"type":"' + b"x" * (40 << 20),
    }
    for key, value in (("session", 1 << 62), ("session", 0), ("session", -1), ("line", "1"), ("rule", "none"), ("state", "none"), ("message", "x" * 5000),
                       ("followers", list(range(10000))), ("marked", [5, 1]), ("raw", 7), ("cause", []), ("cause", {"line": -5}), ("part", 9),
                       ("severity", None), ("expected", [[]]), ("message", "a\0b"), ("column", 1 << 40), ("reply", {"code": 1 << 40})):
        cases[f"{key}: {str(value)[:20]}"] = json.dumps({**finding, key: value}).encode() + b"\n" + b"".join(lines[1:])
    sessions = whole.replace(b'"sessions":', b'"sessions":9000000000000000')
    cases["too many sessions"] = sessions
    for name, octets in cases.items():
        expect_damaged(name, shard, octets, others, wanted)
    unknown = [json.dumps({**json.loads(line), "later": [{}]}).encode() + b"\n" for line in lines] + [b'{"type":"later"}\n' + lines[-1]]
    shard.write_bytes(b"".join(unknown[:-2] + unknown[-2:-1]))
    ok(run("merge", "--format=gcc", str(shard)).returncode == 1, "keys that are not known are no damage")
    ok(run("merge", f"--output=ndjson:{shard}", str(shard)).returncode == 2, "a report is not written over itself")
    ok(run("merge", "--format=csv", str(shard)).returncode == 2, "a format without findings")
    ok(run("merge", str(place / "none")).returncode == 2, "a report that does not exist")


def try_mutations(place):
    """Octets changed here and there: no crash, and little memory."""
    shard, chance = place / "mutated", random.Random(16)
    run("check", "--isolated", "--fail-on=never", f"--output=ndjson:{shard}", "hostile.txt", "faulty.txt", folder=FIXTURES / "reports")
    whole = shard.read_bytes()
    statuses = set()
    for _ in range(150):
        octets = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(octets))
            octets[at:at + chance.randint(0, 3)] = chance.choice([b"", b"9", b"0", b'"', b"null", b"[", b"-", b"9999999"])
        shard.write_bytes(octets)
        done = run("merge", "--output=html:/dev/null", "--output=sarif:/dev/null", "--output=junit:/dev/null", "--format=text", str(shard), limit=4000000)
        statuses.add(done.returncode)
    ok(statuses <= {0, 1, 2}, "150 changed reports", statuses)


def try_coverage(place):
    folder = FIXTURES / "rules"
    units = [unit for unit in units_of(folder) if unit.endswith(".txt")]
    one = reports("coverage", ["--isolated", *units], folder, place, COVERAGE)
    for how, parts in splits(units):
        shards = shards_of([sorted(part) for part in parts], folder, place, command="coverage", form="json")
        same(f"coverage, split {how}", reports("merge", [shards[1], shards[2], shards[0]], folder, place, COVERAGE), one)
    document = pathlib.Path(shards[0]).read_bytes()
    for name, octets in (("cut", document[:-100]), ("of findings", b'{"type":"summary"}\n'),
                         ("a count that is none", document.replace(b'"count": ', b'"count": -1', 1))):
        pathlib.Path(shards[0]).write_bytes(octets)
        done = run("merge", "--format=text", *shards)
        ok(done.returncode == 2 and done.stderr.startswith(b"smtpseq: " + shards[0].encode() + b":") and b"transitions" in done.stdout,
           f"coverage, a damaged report: {name}", done.stderr, done.stdout)
    ok(run("merge", "--fail-under=100", *shards[1:]).returncode == 1, "coverage, --fail-under")
    ok(run("merge", "--format=sarif", *shards[1:]).returncode == 2, "coverage as sarif is refused")


for test in (try_splits, try_steps, try_folders, try_exit_status, try_damage, try_mutations, try_coverage):
    with tempfile.TemporaryDirectory() as temporary:
        test(pathlib.Path(temporary))
print(f"1..{COUNTED['done']}")
sys.exit(COUNTED["failed"] > 0)
