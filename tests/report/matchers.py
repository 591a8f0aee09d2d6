#!/usr/bin/env python3
"""What other programs are to take: doc/problem-matcher.json, .pre-commit-hooks.yaml and the recipes of doc/ci.md, tried.

usage: matchers.py SMTPSEQ ROOT

The expressions go through Python's engine and, where node is installed, through JavaScript's, which is that of editors.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import yaml

SMTPSEQ = os.path.abspath(sys.argv[1])
ROOT = pathlib.Path(sys.argv[2]).resolve()
RECORDINGS = ROOT / "fixtures" / "reports"

# Which groups of the expressions match the lines: [[line, matcher, groups...]...]
IN_JAVASCRIPT = """
const {patterns, lines} = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const found = [];
for (const line of lines)
    patterns.forEach((pattern, index) => {
        const match = new RegExp(pattern).exec(line);
        if (match) found.push([index, ...match.slice(1)]);
    });
console.log(JSON.stringify(found));
"""

count = failed = 0


def report(good, name, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        print("".join(f"# {line}\n" for line in str(why).splitlines()), end="")


def run(*arguments, folder=RECORDINGS):
    environment = {name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"}
    return subprocess.run([SMTPSEQ, *arguments], cwd=folder, capture_output=True, timeout=900, check=False, env=environment,
                          stdin=subprocess.DEVNULL)


def in_python(patterns, lines):
    return [[index, *match.groups()] for line in lines for index, pattern in enumerate(patterns)
            if (match := re.search(pattern, line))]


def in_javascript(patterns, lines):
    done = subprocess.run(["node", "-e", IN_JAVASCRIPT], input=json.dumps({"patterns": patterns, "lines": lines}), text=True,
                          capture_output=True, timeout=900, check=True)
    return json.loads(done.stdout)


def matched(matchers, found):
    """The annotations that a runner makes of the groups: a matcher's own severity is the default."""
    result = []
    for index, *groups in found:
        matcher = matchers[index]
        fields = {key: groups[group - 1] for key, group in matcher["pattern"][0].items() if key != "regexp"}
        result.append([fields["file"], int(fields["line"]), int(fields["column"]), fields.get("severity", matcher.get("severity")),
                       fields["message"], fields["code"]])
    return result


def try_matcher(engines):
    matchers = json.loads((ROOT / "doc" / "problem-matcher.json").read_text(encoding="utf-8"))["problemMatcher"]
    report(len({matcher["owner"] for matcher in matchers}) == len(matchers), "problem matcher: an owner each")
    patterns = [matcher["pattern"][0]["regexp"] for matcher in matchers]
    with tempfile.TemporaryDirectory() as room:
        for name in ("clean.txt", "faulty.txt", "hostile.txt", "C:\\a b.txt", "[x]: y.txt"):
            shutil.copy(RECORDINGS / (name if (RECORDINGS / name).exists() else "faulty.txt"), os.path.join(room, name))
            findings = json.loads(run("check", "--format=json", name, folder=room).stdout)["findings"]
            lines = run("check", "--format=gcc", name, folder=room).stdout.decode().split("\n")
            text = run("check", "--color=never", name, folder=room).stdout.decode().split("\n")
            expected = [[f["file"], f["line"], f["column"], {"note": "notice"}.get(f["severity"], f["severity"]), f["rule"]]
                        for f in findings]
            for engine, match in engines.items():
                for form, output in (("gcc", lines), ("text", text)):
                    found = matched(matchers, match(patterns, output))
                    report([row[:4] + row[5:] for row in found] == expected, f"problem matcher, {engine}: {form} of {name}", found)
                    report(all(row[4] for row in found), f"problem matcher, {engine}: messages in {form} of {name}", found)


def try_hooks(engines):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    report(all(set(hook) >= {"id", "name", "entry", "language"} for hook in hooks), "hooks: what pre-commit asks for", hooks)
    names = ["smtp.log", "logs/smtp-2024.txt", "a/b.smtp", "README.md", "smtp.py", "mysmtp.log", "smtp/other.txt"]
    for hook in hooks:
        for engine, match in engines.items():
            expected = ["smtp.log", "logs/smtp-2024.txt", "a/b.smtp"]
            found = [name for name in names if match([hook["files"]], [name])]
            report(found == expected, f"{hook['id']}, {engine}: the files that are taken for recordings", found)
    command = shlex.split(next(hook["entry"] for hook in hooks if hook["language"] == "system"))
    report(command[0] == "smtpseq", "hooks: one runs the smtpseq that is installed")
    for name, status in (("clean", 0), ("faulty", 1)):
        done = run(*command[1:], f"{name}.txt")
        report(done.returncode == status, f"hooks: exit status on {name}", done)


def recipes(page):
    """The blocks of a page, each with its language."""
    return re.findall(r"^```([a-z]+)\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands_in(value):
    """The lines of a workflow that run something."""
    if isinstance(value, str):
        yield from value.split("\n")
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from commands_in(part)


def try_recipes():
    """The recipes of doc/ci.md are YAML, and their commands do what the recipe is for."""
    blocks = recipes("doc/ci.md")
    report([language for language, _ in blocks] == ["yaml", "yaml", "groovy", "yaml", "sh", "sh"], "recipes: all are there", blocks)
    documents = [yaml.safe_load(text) for language, text in blocks if language == "yaml"]
    lines = [line for language, text in blocks if language == "sh" for line in text.split("\n")] + list(commands_in(documents))
    commands = [line for line in lines if line.startswith("smtpseq ")]
    report(len(commands) == 1, "recipes: one is for the shell", commands)
    for command in commands:
        with tempfile.TemporaryDirectory() as room:
            shutil.copytree(RECORDINGS, os.path.join(room, "logs"))
            arguments = shlex.split(command)[1:]
            done = run(*arguments, folder=room)
            files = [word.partition(":")[2] for word in arguments if ":" in word and not word.endswith(":-")]
            report(done.returncode == 1 and b"nested-mail" in done.stdout and not done.stderr, f"recipes: {command}", done)
            report(files and all(os.path.getsize(os.path.join(room, name)) > 100 for name in files), f"recipes: reports of {command}")
    workflow, _, hook = documents
    given = next(step["with"] for step in workflow["jobs"]["smtp"]["steps"] if "smtpseq" in step.get("uses", ""))
    declared = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    report(set(given) <= set(declared), "recipes: the inputs of the action", given)
    in_readme = [yaml.safe_load(text) for language, text in recipes("README.md") if language == "yaml"]
    report(in_readme == [workflow], "recipes: README has the same workflow", in_readme)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    report(hook["repos"][0]["hooks"][0]["id"] == hooks[0]["id"], "recipes: the hook is called so")


def main():
    engines = {"Python": in_python}
    if shutil.which("node"):
        engines["JavaScript"] = in_javascript
    try_matcher(engines)
    try_hooks(engines)
    try_recipes()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
