"""readers.py - reads each format of report as its receivers do.

READERS: the findings of a report as (rule, file, line), in its order. VALIDATORS: raise where a receiver would refuse the
report, or be misled; they take the report and the folder in which it was made. IS_RED: whether a CI system shows it as failed.
"""

import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree

import jsonschema
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import mermaid  # noqa: E402  pylint: disable=wrong-import-position
HEADING = re.compile(r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>error|warning|note): .* \[(?P<rule>[a-z0-9-]+)\]$")


def headings(lines):
    """The findings of lines as compilers write them; those of the text report among its others."""
    found = (HEADING.match(line) for line in lines if not line.startswith(" "))
    return [(heading["rule"], heading["file"], int(heading["line"])) for heading in found if heading and heading["rule"] != "session"]


def read_lines(report):
    return headings(report.decode().split("\n"))


def read_json(report):
    return [(f["rule"], f["file"], f["line"]) for f in json.loads(report)["findings"]]


def read_ndjson(report):
    lines = [json.loads(line) for line in report.splitlines()]
    return [(f["rule"], f["file"], f["line"]) for f in lines if f["type"] == "finding"]


def sarif_run(report):
    return json.loads(report)["runs"][0]


def path_of(location):
    return urllib.parse.unquote(location["physicalLocation"]["artifactLocation"]["uri"], errors="surrogateescape")


def read_sarif(report):
    run = sarif_run(report)
    rules = run["tool"]["driver"]["rules"]
    return [(rules[result["ruleIndex"]]["name"], path_of(result["locations"][0]),
             result["locations"][0]["physicalLocation"]["region"]["startLine"]) for result in run["results"]]


def read_gitlab(report):
    return [(issue["check_name"], issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in json.loads(report)]


def read_junit(report):
    """Failures and remarks alike; both have the text of the finding."""
    found = []
    for case in xml.etree.ElementTree.fromstring(report).iter("testcase"):
        for element in case:
            if element.tag != "error":
                found += headings(element.text.split("\n"))
    return found


def points_of(report):
    """The test points of a TAP stream, each (ok, number, description, diagnostics)."""
    lines = report.decode().split("\n")
    assert lines[0] == "TAP version 13", lines[0]
    assert lines[-1] == "", "no newline at the end"
    points, block = [], None
    for line in lines[1:-2]:
        point = re.match(r"(not )?ok (\d+) - (.*)$", line)
        if block is not None:
            assert line.startswith("  "), f"in a block: {line}"
            if line == "  ...":
                points[-1][3], block = yaml.safe_load("\n".join(block)), None
            else:
                block.append(line)
        elif line == "  ---":
            block = []
        else:
            assert point, f"no test point: {line}"
            assert not re.search(r"(?<!\\)(\\\\)*#", point[3]), f"a directive: {line}"
            points.append([not point[1], int(point[2]), re.sub(r"\\([\\#])", r"\1", point[3]), None])
    assert block is None, "a block without end"
    assert [point[1] for point in points] == list(range(1, len(points) + 1)), "the numbers have gaps"
    assert lines[-2] == f"1..{len(points)}", lines[-2]
    return points


def read_tap(report):
    return [(finding["rule"], finding["file"], finding["line"]) for point in points_of(report)
            for finding in (point[3] or {}).get("findings", [])]


def runner(report):
    """What the runner of GitHub Actions does with a log: the commands that it obeys, and the lines that it only shows."""
    commands, shown, token = [], [], None
    for line in report.decode().split("\n"):
        command = re.match(r"\s*::([^\s:]+)(?: ([^:]*))?::(.*)$", line)
        if token is not None:
            if command and command[1] == token:
                token = None
            else:
                shown.append(line)
        elif command and command[1] == "stop-commands":
            token = command[3]
        elif command:
            properties = dict(part.split("=", 1) for part in (command[2] or "").split(",") if part)
            commands.append((command[1], {key: urllib.parse.unquote(value) for key, value in properties.items()},
                             urllib.parse.unquote(command[3])))
        else:
            shown.append(line)
            assert "##[" not in line, f"obeyed as well: {line}"
    assert token is None, "the log stays without commands"
    return commands, shown


def read_github(report):
    return headings(runner(report)[1])


FINDING_OF_PAGE = re.compile(r'<li><span class="severity .*?<span class="meta"><bdi>(.*?)</bdi>:(\d+):\d+</span>.*<code>(.*?)</code></li>')


def read_html(report):
    """The list at the top of the page."""
    return [(rule, html.unescape(file), int(line)) for file, line, rule in FINDING_OF_PAGE.findall(report.decode())]


FINDING_OF_MARKDOWN = re.compile(r"^\| (?:error|warning|note) \| `(.*?)` \| <code>(.*?)&#58;(\d+)</code> \|", re.MULTILINE)


def read_markdown(report):
    """The list of findings; a short report has all of them."""
    return [(rule, html.unescape(file), int(line)) for rule, file, line in FINDING_OF_MARKDOWN.findall(report.decode())]


READERS = {"text": read_lines, "gcc": read_lines, "json": read_json, "ndjson": read_ndjson, "sarif": read_sarif,
           "junit": read_junit, "github": read_github, "gitlab": read_gitlab, "tap": read_tap,
           "html": read_html, "markdown": read_markdown}

# Findings are under their session in these, or the errors first.
BY_SESSION = {"junit", "tap", "markdown"}

# Of a file that is called "a:1:2: error: b" a line cannot say where its name ends.
NAMES_AMBIGUOUS = {"text", "gcc", "github", "junit"}


def octet_columns(region, line):
    """The octets of a line before a region and in it, by its columns in UTF-16 code units."""
    units = line.decode(errors="replace").encode("utf-16-le")
    begin, end = 2 * (region["startColumn"] - 1), 2 * (region["endColumn"] - 1)
    return units[:begin].decode("utf-16-le"), units[begin:end].decode("utf-16-le")


def check_columns(result, run, lines):
    """A finding on a verb marks the verb, whatever stands before and in it; one on an argument, a word or a part of one."""
    region = result["locations"][0]["physicalLocation"]["region"]
    line = lines[region["startLine"] - 1]
    before, marked = octet_columns(region, line)
    name = run["tool"]["driver"]["rules"][result["ruleIndex"]]["name"]
    if name in ("parameter-not-offered", "malformed-command", "credentials-in-transcript"):
        assert before.startswith("C: ") and marked.strip(), f"{name}: {before!r} before {marked!r}"
        return
    assert before in ("C: ", "S: "), f"{name}: {before!r} before {marked!r}"
    rest = line.decode(errors="replace")[len(before) + len(marked):]
    nothing_to_mark = name == "unknown-command" and before == "C: " and not rest  # an empty line
    assert (marked or nothing_to_mark) and (before == "S: " or rest[:1] in ("", " ")), f"{name}: {marked!r} and then {rest!r}"


def check_sarif_result(result, run, folder):
    rules = run["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex is another rule's"
    place = result["locations"][0]["physicalLocation"]
    region = place["region"]
    assert region["endLine"] == region["startLine"] and region["endColumn"] > region["startColumn"], region
    path = folder / path_of(result["locations"][0])
    lines = path.read_bytes().split(b"\n")
    assert region["startLine"] <= len(lines), "no such line"
    check_columns(result, run, lines)
    links = re.findall(r"(?<!\\)\]\((\d+)\)", result["message"]["text"])
    assert links == [str(related["id"]) for related in result.get("relatedLocations", [])], "links and related locations differ"
    text = re.sub(r"\[((?:[^\[\]\\]|\\.|\\)*)\]\(\d+\)", r"\1", result["message"]["text"])
    assert not re.search(r"(?<!\\)[\[\]]", text), f"a bracket that may be taken for a link: {text}"
    assert not re.search(r"\{", text.replace("{{", "")), f"a placeholder: {text}"
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert steps[-1]["location"]["physicalLocation"] == place, "the flow does not end at the fault"
    numbers = [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps]
    assert numbers == sorted(numbers), numbers


def validate_sarif(report, folder):
    schema = json.loads((HERE / "sarif.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(json.loads(report))
    run = sarif_run(report)
    assert run["columnKind"] == "utf16CodeUnits"
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(ids)) == len(ids)
    for result in run["results"]:
        check_sarif_result(result, run, folder)
    prints = [result["partialFingerprints"]["smtpseq/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints), "a fingerprint comes twice"


def validate_gitlab(report, folder):
    schema = json.loads((HERE / "gitlab.schema.json").read_text(encoding="utf-8"))
    issues = json.loads(report)
    jsonschema.Draft7Validator(schema).validate(issues)
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == len(prints), "a fingerprint comes twice"
    for issue in issues:
        assert re.search(r"\ufffd|\\u\{", issue["location"]["path"]) or (folder / issue["location"]["path"]).exists(), issue["location"]["path"]


def validate_junit(report, folder):
    root = xml.etree.ElementTree.fromstring(report)
    assert root.tag == "testsuites" and len(root) > 0
    for suite in root:
        assert suite.tag == "testsuite" and suite.attrib["name"]
        cases = list(suite)
        assert cases and {case.tag for case in cases} == {"testcase"}
        assert int(suite.attrib["tests"]) == len(cases)
        for kind, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.attrib[kind]) == sum(case.find(name) is not None for case in cases), kind
        names = [case.attrib["name"] for case in cases]
        assert len(set(names)) == len(names), "a name comes twice"
        for case in cases:
            assert case.attrib["classname"] == case.attrib["file"] == suite.attrib["name"]
            for element in case:
                assert element.tag in ("failure", "error", "system-out"), element.tag
                assert element.tag != "failure" or (element.attrib["message"] and element.attrib["type"] and element.text)
    del folder


def validate_tap(report, folder):
    points = points_of(report)
    assert points and len({point[2] for point in points}) == len(points), "a description comes twice"
    if shutil.which("prove"):
        with tempfile.NamedTemporaryFile(suffix=".tap") as file:
            file.write(report)
            file.flush()
            done = subprocess.run(["prove", "-e", "cat", file.name], capture_output=True, text=True, timeout=900, check=False)
        assert "Parse errors" not in done.stdout, done.stdout
        assert (done.returncode == 0) == all(point[0] for point in points), done.stdout
        assert f"Tests={len(points)}," in done.stdout, done.stdout
    del folder


def validate_github(report, folder):
    """Annotations only, each at its finding; nothing of a recording is obeyed."""
    commands, shown = runner(report)
    found = []
    for kind, properties, text in commands:
        assert kind in ("error", "warning", "notice"), kind
        if properties["title"] == "smtpseq":
            continue
        assert set(properties) == {"file", "line", "col", "endColumn", "title"}, properties
        assert int(properties["line"]) > 0 and int(properties["endColumn"]) > int(properties["col"]) > 0, properties
        assert "\\" in properties["file"] or (folder / properties["file"]).exists(), properties["file"]
        assert text
        found.append((properties["title"], properties["file"], int(properties["line"])))
    order = [("error", "warning", "notice").index(kind) for kind, _, _ in commands]
    assert order == sorted(order), "errors are to come first"
    if any(": error: " in line for line in shown):
        assert found


# What GitHub takes of a summary, and Mermaid of a diagram.
SUMMARY_MAX, DIAGRAM_MAX = 1 << 20, 50000
# A line of the page: its own markup, and text that is none, since all else is an entity.
PLAIN = r"(?:[^\x00-\x7f]|[A-Za-z0-9 ,/=()+-]|&#\d+;)*"
PLACE = rf"<code>{PLAIN}(?: \.\.\.&#58;\d+)?</code>"
LINE_OF_MARKDOWN = re.compile(
    rf"|## smtpseq: {PLAIN}|### (Findings|Sessions)|<!-- (error|warning) -->|\*\*Not everything could be checked\*\*; the log says what\."
    rf"|#### `[a-z0-9-]+` at {PLACE}, session \d+|- {PLACE} {PLAIN}(\.\.\.)?|(\|-+:?)+\||(\| [a-z ]+ )+\|"
    rf"|\| `[a-z0-9-]+` \| {PLAIN} \| \w+ \| \w+ \| \d+ \||\| \w+ \| `[a-z0-9-]+` \| {PLACE} \| {PLAIN}(\.\.\.)? \|"
    r"|The first \d+ of \d+ findings, the errors first\.")


def validate_markdown(report, folder):
    """Nothing of a recording is markup, and no part is too long for its reader."""
    assert len(report) < SUMMARY_MAX, len(report)
    parts = re.split(r"^```(?:mermaid)?\n", report.decode(), flags=re.MULTILINE)
    for line in "".join(parts[::2]).splitlines():
        assert LINE_OF_MARKDOWN.fullmatch(line), line
    for diagram in parts[1::2]:
        assert len(diagram) < DIAGRAM_MAX, len(diagram)
        assert not mermaid.statements(diagram)[1], mermaid.statements(diagram)[1]
    del folder


VALIDATORS = {"markdown": validate_markdown, "sarif": validate_sarif, "gitlab": validate_gitlab, "junit": validate_junit, "tap": validate_tap,
              "github": validate_github}


def junit_is_red(report):
    root = xml.etree.ElementTree.fromstring(report)
    return any(element.tag in ("failure", "error") for element in root.iter())


def tap_is_red(report):
    return not all(point[0] for point in points_of(report))


IS_RED = {"junit": junit_is_red, "tap": tap_is_red}


def strings(form, report):
    """What a receiver shows of a report, decoded."""
    def walk(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, (list, dict)):
            for part in value.items() if isinstance(value, dict) else enumerate(value):
                yield from walk(part[1])

    if form in ("sarif", "gitlab"):
        return list(walk(json.loads(report)))
    if form == "junit":
        elements = list(xml.etree.ElementTree.fromstring(report).iter())
        return [value for element in elements for value in (element.text or "", *element.attrib.values())]
    if form == "tap":
        return [value for point in points_of(report) for value in walk([point[2], point[3]])]
    return report.decode().split("\n")
