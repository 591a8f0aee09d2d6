#!/usr/bin/env python3
"""Every format of report over the same recordings: as before, valid, and of one mind.

usage: reports.py SMTPSEQ ROOT

ROOT is the folder of the sources. The recordings are those of fixtures/reports; what they gave before is in
tests/report/golden (of html in tests/cli). With UPDATE=1 in the environment the goldens are written anew: look at the difference before you commit
it. The formats are those that --help lists: each needs a golden and a reader in readers.py.
"""

import html
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import readers

SMTPSEQ = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(sys.argv[2]).resolve()
RECORDINGS = ROOT / "fixtures" / "reports"
GOLDEN = ROOT / "tests" / "report" / "golden"
NAMES = ("clean", "faulty", "hostile")
NEVER_SHOWN = (b"AHNlY3JldABzZWNyZXQ=", b"dG9wc2VjcmV0")
# What acts on a terminal, a log or a page: escapes, C1 controls, overrides of direction, a byte order mark.
ACTING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]")

ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("GITHUB_ACTIONS", "NO_COLOR", "FORCE_COLOR", "FORCE_HYPERLINK", "COLUMNS")}


class Tap:
    def __init__(self):
        self.count, self.failed = 0, 0

    def report(self, good, name, why=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            print("".join(f"# {line}\n" for line in str(why).splitlines()), end="", flush=True)

    def check(self, name, function, *arguments):
        """A check that says by an exception what is wrong."""
        try:
            function(*arguments)
        except Exception as trouble:  # pylint: disable=broad-except
            self.report(False, name, f"{type(trouble).__name__}: {trouble}")
        else:
            self.report(True, name)


def run(*arguments, folder=RECORDINGS, **more):
    return subprocess.run([SMTPSEQ, *arguments], cwd=folder, capture_output=True, timeout=300, check=False,
                          stdin=subprocess.DEVNULL, env={**ENVIRONMENT, **more})


def formats_of(command):
    """As --help lists them."""
    text = run(command, "--help").stdout.decode()
    listed = re.search(r"--format=FMT +(.*?)\n +--", text, re.DOTALL)[1]
    return re.findall(r"[a-z]+", listed.replace("(default)", ""))


def findings_of(report, name):
    """(rule, file, line) of each finding, from the objects, which say the session too."""
    return [(f["rule"], f["file"], f["line"]) for f in json.loads(report)["findings"] if name in (None, f["file"])]


def without_rules(report):
    """SARIF in many lines. Its rules, which are the same in each, are those of `smtpseq rules`."""
    document = json.loads(report)
    document["runs"][0]["tool"]["driver"]["rules"] = ["..."]
    return (json.dumps(document, indent=1) + "\n").encode()


def check_golden(name, form, got):
    path = GOLDEN / f"{name}.{form}"
    if form == "sarif":
        got = without_rules(got)
    if os.environ.get("UPDATE") == "1":
        path.write_bytes(got)
    expected = path.read_bytes()
    for number, pair in enumerate(itertools.zip_longest(expected.splitlines(), got.splitlines()), 1):
        if pair[0] != pair[1]:
            at = max(0, len(os.path.commonprefix([pair[0] or b"", pair[1] or b""])) - 40)
            raise AssertionError(f"{path.name}, line {number}:\nexpected: {(pair[0] or b'')[at:at + 160]}\n"
                                 f"found:    {(pair[1] or b'')[at:at + 160]}")
    assert expected == got, f"{path.name}: the line ends differ"


def check_harmless(form, report):
    for secret in NEVER_SHOWN:
        assert secret not in report and secret.hex().encode() not in report, "a secret is shown"
    text = report.decode()  # valid UTF-8, whatever the recording holds
    found = ACTING.search(text)
    assert not found, f"{form} lets {found[0]!r} through"
    if form in ("json", "ndjson"):
        return  # for programs: what JSON escapes, they get as it was
    for string in readers.strings(form, report):
        found = ACTING.search(string.replace("\n", ""))
        assert not found, f"{form} gives {found[0]!r}"


def check_same(form, report, expected):
    found = readers.READERS[form](report)
    if form in readers.BY_SESSION:
        found, expected = sorted(found), sorted(expected)
    assert found == expected, f"found    {found}\nexpected {expected}"


def try_recording(tap, name, forms):
    reports = {form: run("check", f"--format={form}", f"{name}.txt").stdout for form in forms}
    expected = findings_of(reports["json"], None)
    tap.report(bool(expected) == (name != "clean"), f"{name}: there are findings where there ought to be", expected)
    for form, report in reports.items():
        if form != "html":  # has its goldens in tests/cli
            tap.check(f"{name}, {form}: as before", check_golden, name, form, report)
        tap.check(f"{name}, {form}: harmless", check_harmless, form, report)
        tap.check(f"{name}, {form}: the same findings in the same order", check_same, form, report, expected)
        if form in readers.VALIDATORS:
            tap.check(f"{name}, {form}: valid", readers.VALIDATORS[form], report, RECORDINGS)


def try_objects(tap):
    """json has the objects of ndjson."""
    for command, key in (("check", "findings"), ("replay", "exchanges"), ("forwards", "forwards")):
        lines = [json.loads(line) for line in run(command, "--format=ndjson", ".").stdout.splitlines()]
        document = json.loads(run(command, "--format=json", ".").stdout)
        same = [line for line in lines if line["type"] == key[:-1]] == document[key]
        same = same and [line for line in lines if line["type"] == "file"] == document.get("files", [])
        same = same and [line for line in lines if line["type"] == "summary"] == [document[part] for part in ("summary",) if part in document]
        tap.report(same and document[key], f"{command}: json has the objects of ndjson")


def try_exit_status(tap, forms):
    """The exit status never depends on the format, nor on how many there are."""
    inputs = (["clean.txt"], ["faulty.txt"], ["hostile.txt"], ["missing.txt"], ["clean.txt", "missing.txt"], ["../README.md"],
              ["faulty.txt", "../README.md"])
    for operands in inputs:
        for level in ("error", "warning", "note", "never"):
            expected = run("check", f"--fail-on={level}", *operands).returncode
            statuses = {form: run("check", f"--fail-on={level}", f"--format={form}", *operands).returncode for form in forms}
            tap.report(set(statuses.values()) == {expected}, f"exit status: {' '.join(operands)}, --fail-on={level}", statuses)


def try_red(tap, forms):
    """What a CI system shows in red agrees with the exit status, and with --fail-on."""
    for name, level in itertools.product(NAMES, ("error", "warning", "note", "never")):
        for form in set(forms) & set(readers.IS_RED):
            done = run("check", f"--format={form}", f"--fail-on={level}", f"{name}.txt")
            tap.report(readers.IS_RED[form](done.stdout) == (done.returncode == 1), f"{form}: red as {name}, --fail-on={level}")
    for form in set(forms) & set(readers.IS_RED):
        done = run("check", f"--format={form}", "clean.txt", "../README.md")
        tap.report(done.returncode == 2 and readers.IS_RED[form](done.stdout), f"{form}: red where there is no session")


def try_several(tap, forms):
    """All formats in one run, several files, one worker or many: as one by one. The line of doc/ci.md for a shell."""
    with tempfile.TemporaryDirectory() as room:
        room = pathlib.Path(room)
        shutil.copytree(RECORDINGS, room / "logs")
        single = {form: run("check", f"--format={form}", "logs", folder=room).stdout for form in forms}
        for jobs in ("1", "4"):
            outputs = [f"--output={form}:{room}/out.{form}" for form in forms]
            status = run("check", "-j", jobs, *outputs, "logs", folder=room).returncode
            for form in forms:
                same = (room / f"out.{form}").read_bytes() == single[form]
                tap.report(same and status == 1, f"{form}: all formats at once, -j {jobs}")
        done = run("check", "--output", "text:-", "--output", "sarif:out.sarif", "logs/", folder=room)
        tap.report(done.returncode == 1 and done.stdout == run("check", "--color=never", "logs/", folder=room).stdout,
                   "workflow: the text is on standard output")
        tap.check("workflow: the SARIF file is valid", readers.VALIDATORS["sarif"], (room / "out.sarif").read_bytes(), room)
        left = sorted(path.name for path in room.iterdir())
        tap.report(left == sorted(["logs", *(f"out.{form}" for form in forms)]), "nothing else is left behind", left)


ODD_NAMES = ("a:b,c.txt", "new\nline.txt", "<x>&'\".txt", "per%cent%0A.txt", b"\xff.txt", "a [1](2).txt", "##[error]x.txt",
             "::error::x.txt", "{0}.txt", "#1 \\ # todo.txt", "\x1b[31m\u202e.txt", "é 📧.txt", "xxx xxxx]]>.txt", "--- .txt",
             "a.txt:7:1: error: no [nested-mail]")


def try_odd_names(tap, forms):
    with tempfile.TemporaryDirectory() as room:
        folder = os.fsencode(room)
        for name in ODD_NAMES:
            shutil.copy(RECORDINGS / "faulty.txt", os.path.join(folder, os.fsencode(name)))
        reports = {form: run("check", f"--format={form}", ".", folder=room).stdout for form in forms}
        count = len(json.loads(reports["json"])["findings"])
        tap.report(count == 6 * len(ODD_NAMES), "odd names: all files are read", count)
        for form, report in reports.items():
            tap.check(f"odd names, {form}: harmless", check_harmless, form, report)
            if form in readers.VALIDATORS:
                tap.check(f"odd names, {form}: valid", readers.VALIDATORS[form], report, pathlib.Path(room))
            if form not in readers.NAMES_AMBIGUOUS:
                found = [(rule, line) for rule, _, line in readers.READERS[form](report)]
                expected = [(f["rule"], f["line"]) for f in json.loads(reports["json"])["findings"]]
                same = sorted(found) == sorted(expected) if form in (*readers.BY_SESSION, "html") else found == expected  # html: by rule
                tap.report(same, f"odd names, {form}: the same findings", found)


def try_bound(tap):
    """The summary of a job has a bound, whatever is in the recordings, and says what it leaves out."""
    hostile = "\u061c%|`<" * 80
    session = "".join(f"{line}\n" for line in (
        "S: 220 mx.example.com ESMTP", "C: EHLO client.example.org", "S: 250 mx.example.com", "C: MAIL FROM:<alice@example.org>",
        f"S: 250 {hostile}", f"C: MAIL FROM:<bob@example.org> {hostile}", f"S: 503 {hostile}", f"C: DATA {hostile}", f"S: 503 {hostile}",
        *[line for _ in range(9) for line in (f"C: {hostile}", f"S: 500 {hostile}")], "C: QUIT", "S: 221 bye"))
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        for number in range(30):
            (folder / ("\u061c|" * 60 + f"{number}.txt")).write_text(session * 5, encoding="utf-8")
            (folder / ("\u061c%" * 60 + f"{number}.bad")).write_text("C: EHLO a\nC: MAIL FROM:<a@b>\nnothing\n" * 3 + hostile, encoding="utf-8")
        report = run("check", "--format=markdown", ".", folder=room).stdout
    text = report.decode()
    tap.check(f"markdown: bounded, {len(report)} octets", readers.validate_markdown, report, folder)
    tap.report("The first 100 of " in text and text.count("```mermaid") == 10, "markdown: says that there is more")


def try_shift(tap):
    """Fingerprints stay when lines are put in above, and none comes twice."""
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room) / "faulty.txt"
        prints = []
        for above in (b"", b"# a line\n" * 40):
            path.write_bytes(above + (RECORDINGS / "faulty.txt").read_bytes() * 2)
            results = json.loads(run("check", "--format=sarif", "faulty.txt", folder=room).stdout)["runs"][0]["results"]
            issues = json.loads(run("check", "--format=gitlab", "./faulty.txt", folder=room).stdout)
            prints.append([result["partialFingerprints"]["smtpseq/v1"] for result in results])
            tap.report([issue["fingerprint"] for issue in issues] == prints[-1], "fingerprints: GitLab's are those of SARIF")
        tap.report(prints[0] == prints[1], "fingerprints: they do not move with the lines", prints)
        tap.report(len(set(prints[0])) == len(prints[0]) == 12, "fingerprints: each is there once", prints[0])


def try_places(tap):
    """Paths as seen from the working folder."""
    def location(folder, *operands):
        report = json.loads(run("check", "--format=sarif", *operands, folder=folder).stdout)
        return report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]

    inside = {"uri": "fixtures/reports/faulty.txt", "uriBaseId": "%SRCROOT%"}
    outside = {"uri": "file://" + urllib.parse.quote(f"{RECORDINGS}/faulty.txt")}
    rows = (("relative", ROOT, "fixtures/reports/faulty.txt", inside),
            ("with dots", ROOT, ".//fixtures/./reports/../reports/faulty.txt", inside),
            ("absolute", ROOT, str(RECORDINGS / "faulty.txt"), inside),
            ("above", ROOT / "fixtures", "../fixtures/reports/faulty.txt", {**inside, "uri": "reports/faulty.txt"}),
            ("elsewhere", ROOT / "tests", "../fixtures/reports/faulty.txt", outside),
            ("absolute, elsewhere", ROOT / "tests", str(RECORDINGS / "faulty.txt"), outside))
    for name, folder, operand, expected in rows:
        found = location(folder, operand)
        tap.report(found == expected, f"places: {name}", found)
    with tempfile.TemporaryDirectory() as room:
        room = pathlib.Path(room).resolve()
        (room / "log").mkdir()
        shutil.copytree(RECORDINGS, room / "logs")
        found = location(room / "log", "../logs/faulty.txt")
        tap.report(found == {"uri": f"file://{room}/logs/faulty.txt"}, "places: a folder whose name only begins alike", found)


def session(faults, notes=0):
    text = "S: 220 mx\nC: EHLO a\nS: 250 mx\n"
    text += "C: RCPT TO:<a@b.example>\nS: 503 no\nC: RSET\nS: 250 ok\n" * faults
    text += ("C: MAIL FROM:<a@b.example>\nS: 250 ok\nC: RCPT TO:<a@b.example>\nS: 251 will forward to <c@d.example>\n"
             "C: RSET\nS: 250 ok\n") * notes
    return text + "C: QUIT\nS: 221 bye\n"


def try_github(tap):
    """Ten annotations of a kind are shown; the default in Actions."""
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room) / "session.txt"
        for faults, notes, said in ((10, 10, None), (11, 0, "1 error"), (3, 12, "3 notes"), (15, 10, "5 errors, 1 note"),
                                    (15, 9, "5 errors")):
            path.write_text(session(faults, notes), encoding="ascii")
            done = run("check", "--format=github", "session.txt", folder=room)
            commands = [line for line in done.stdout.decode().splitlines() if line.startswith("::")]
            kinds = [re.match("::([a-z-]+)", command)[1] for command in commands]
            last = commands[-1]
            right = kinds.count("error") == faults and kinds.count("notice") <= 10
            right = right and kinds == sorted(kinds, key=("stop-commands", "smtpseq-text-xx", "smtpseq-text-x", "error", "warning",
                                                          "notice").index)
            right = right and (f": {said}. " in last if said else "Not shown" not in done.stdout.decode())
            tap.report(right, f"github: {faults} errors, {notes} notes", done.stdout.decode()[-400:])
        usual, there = run("check", "--color=never", "session.txt", folder=room), {"GITHUB_ACTIONS": "true"}
        wanted = run("check", "--format=github", "session.txt", folder=room).stdout
        tap.report(run("check", "session.txt", folder=room, **there).stdout == wanted, "github: the default in Actions")
        tap.report(run("check", "--color=always", "session.txt", folder=room, **there).stdout == wanted, "github: no colour")
        tap.report(run("check", "--format=text", "session.txt", folder=room, **there).stdout == usual.stdout,
                   "github: not when a format is asked for")
        tap.report(b"::" not in run("check", "--output=json:/dev/null", "session.txt", folder=room, **there).stdout,
                   "github: not when a report is written elsewhere")
        tap.report(run("replay", "session.txt", folder=room, **there).stdout == run("replay", "session.txt", folder=room).stdout,
                   "github: not for replay")
        path.write_text("S: 220 mx\nC: EHLO a\nS: 250 mx\nC: QUIT\nS: 221 bye\n", encoding="ascii")
        tap.report(run("check", "session.txt", folder=room, **there).stdout == b"", "github: nothing to say when clean")
        (pathlib.Path(room) / "::error::a.txt").write_bytes(path.read_bytes())
        for command in ("formats", "replay"):
            shown = run(command, "::error::a.txt", folder=room, **there).stdout
            tap.report(shown.startswith(b"\\x3a:error"), f"github: no command from a file's name: {command}", shown.decode())
        path.write_text(session(1).replace("503 no", "503 " + "x" * 200 + " ::smtpseq-text-x::"), encoding="ascii")
        tap.check("github: a token that the text does not have", readers.VALIDATORS["github"],
                  run("check", "session.txt", folder=room, **there).stdout, pathlib.Path(room))


def try_flow(tap):
    """A long session is cut to its last steps, and says so."""
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room) / "long.txt"
        path.write_text(session(0, 0).replace("C: QUIT", "C: NOOP\nS: 250 ok\n" * 200 + "C: DATA\nS: 503 no\nC: QUIT"), encoding="ascii")
        report = run("check", "--format=sarif", "long.txt", folder=room).stdout
        tap.check("flow of a long session: valid", readers.VALIDATORS["sarif"], report, pathlib.Path(room))
        flow = json.loads(report)["runs"][0]["results"][0]["codeFlows"][0]
        steps = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
        tap.report(len(steps) == 50 and steps[0].startswith("C: EHLO") and steps[-1].startswith("C: DATA (state ready, out of order)") and
                   "not shown" in flow["message"]["text"], "flow of a long session: its cause and the last 49 steps", steps)
        sizes = []
        for faults in (100, 400):
            path.write_text("S: 220 mx\nC: EHLO a\nS: 250 mx\n" + ("C: MAIL FROM:<a@b>\nS: 250 ok\n" + "C: NOOP\nS: 250 ok\n" * 10
                            + "C: MAIL FROM:<a@b>\nS: 503 no\nC: RSET\nS: 250 ok\n") * faults, encoding="ascii")
            report = run("check", "--format=sarif", "long.txt", folder=room).stdout
            flows = [result["codeFlows"][0]["threadFlows"][0]["locations"] for result in json.loads(report)["runs"][0]["results"]]
            sizes.append(sum(map(len, flows)))
        tap.report(len(flows) == 400 and sizes[1] < sizes[0] * 4.1 and sizes[1] < 400 * 28, "flows of a session with many findings: each step once",
                   sizes)
        begins = {steps[0]["location"]["message"]["text"] for steps in flows[1:]}
        tap.report(begins == {"C: MAIL FROM:<a@b> (state mail, out of order)"}, "... from the fault before", begins)
        clean = "S: 220 mx\nC: EHLO a\nS: 250 mx\n" + "C: NOOP\nS: 250 ok\n" * 7 + "C: QUIT\nS: 221 bye\n"
        path.write_text((clean * 19 + clean.replace("C: QUIT", "C: DATA\nS: 503 no\nC: QUIT")) * 1500, encoding="ascii")
        report = run("check", "--format=sarif", "long.txt", folder=room).stdout
        tap.report(report.count(b"codeFlows") == 1500 and b"for all of its steps" not in report, "flows of a log with 300,000 steps: none is lost")
    result = json.loads(run("check", "--format=sarif", "faulty.txt").stdout)["runs"][0]["results"][0]
    flow = result["codeFlows"][0]
    steps = [(step["location"]["physicalLocation"]["region"]["startLine"], step["location"]["message"]["text"])
             for step in flow["threadFlows"][0]["locations"]]
    tap.report(steps == [(2, "S: 220 mx.example.com ESMTP (now greeted)"), (3, "C: EHLO client.example.org (state greeted)"),
                         (4, "S: 250-mx.example.com ... (now ready)"), (7, "C: MAIL FROM:<alice@example.org> (state ready)"),
                         (8, "S: 250 2.1.0 Ok (now mail)"), (9, "C: RCPT TO:<nobody@example.com> (state mail)"),
                         (10, "S: 550 5.1.1 <nobody@example.com>: Recipient address rejected (now refused)"),
                         (11, "C: MAIL FROM:<carol@example.org> (state refused, out of order)")], "flow: the session up to the fault",
               steps)


def try_cause(tap):
    """The page says at the cause of a finding why it is one, not only at the finding."""
    page = run("check", "--format=html", "faulty.txt").stdout.decode()
    cause = json.loads(run("check", "--format=ndjson", "faulty.txt").stdout.splitlines()[0])["cause"]["message"]
    remark = f'<p class="aside">{html.escape(cause)}</p>'
    tap.report(0 < page.find(remark) < page.find("<dt>cause</dt>"), "html: the cause is explained at its line", cause)


def try_rules(tap):
    """The rules of SARIF are those of the registry, in its order."""
    rules = json.loads(run("rules", "--format=json").stdout)
    found = json.loads(run("check", "--format=sarif", "clean.txt").stdout)["runs"][0]["tool"]["driver"]["rules"]
    expected = [(rule["code"], rule["name"], rule["severity"], rule["title"]) for rule in rules]
    tap.report([(rule["id"], rule["name"], rule["defaultConfiguration"]["level"], rule["shortDescription"]["text"]) for rule in found]
               == expected, "SARIF: the rules are those of smtpseq rules")
    tap.report(all(rule["help"]["text"].count(field) == 1 for rule in found for field in ("\n\nWhen: ", "\n\nHow to fix it: ")),
               "SARIF: every rule says when it comes and how to fix it")


def try_secrets(tap):
    shown = run("check", "--format=sarif", "--show-secrets", "hostile.txt").stdout
    tap.report(NEVER_SHOWN[0] in shown and NEVER_SHOWN[1] in shown, "--show-secrets shows them in SARIF too")


def main():
    tap = Tap()
    forms = formats_of("check")
    missing = [form for form in forms if form not in readers.READERS]
    tap.report(not missing, "every format of --help has a reader", missing)
    forms = [form for form in forms if form in readers.READERS]
    for name in NAMES:
        try_recording(tap, name, forms)
    try_objects(tap)
    try_exit_status(tap, forms)
    try_red(tap, forms)
    try_several(tap, forms)
    try_odd_names(tap, forms)
    try_bound(tap)
    try_shift(tap)
    try_places(tap)
    try_github(tap)
    try_flow(tap)
    try_cause(tap)
    try_rules(tap)
    try_secrets(tap)
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
