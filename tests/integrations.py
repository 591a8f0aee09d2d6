#!/usr/bin/env python3
"""What others put into their CI, run by hand as their systems do: the action, the GitLab template, the hook, Jenkins' line.

usage: integrations.py SMTPSEQ ROOT
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import yaml

SMTPSEQ, ROOT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
FAULTY, CLEAN = ROOT / "fixtures/reports/faulty.txt", ROOT / "fixtures/reports/clean.txt"
RESULTS = []


def report(good, name, why=""):
    RESULTS.append(good)
    print(f"{'ok' if good else 'not ok'} {len(RESULTS)} - {name}" + ("" if good else "".join(f"\n# {line}" for line in str(why).splitlines())))


def load(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def in_path(folder):
    """An environment in which smtpseq is installed."""
    (folder / "bin").mkdir()
    (folder / "bin/smtpseq").symlink_to(SMTPSEQ)
    return {"PATH": f"{folder}/bin:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": str(folder)}


def run_check_step(folder, **inputs):
    """The step of the action that checks, with the environment that the runner gives it."""
    action = load("action.yml")
    step = next(step for step in action["runs"]["steps"] if step.get("id") == "check")
    values = {name: given.get("default", "") for name, given in action["inputs"].items()} | inputs
    environment = {**os.environ, "RUNNER_TEMP": str(folder), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_ACTIONS": "true",
                   "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    for name, value in step["env"].items():
        environment[name] = re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], value)
    environment["SMTPSEQ"] = SMTPSEQ
    (folder / "summary.md").write_text("an earlier step\n", encoding="utf-8")
    return subprocess.run(["sh", "-e", "-c", step["run"]], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def try_action():
    action = load("action.yml")
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    report(used == set(action["inputs"]), "action: every input is used, and no other", used ^ set(action["inputs"]))
    described = (ROOT / "doc/ci.md").read_text(encoding="utf-8")
    report(all(f"| `{name}` |" in described for name in action["inputs"]), "action: every input is in doc/ci.md")
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        (folder / "a log").mkdir()
        shutil.copy(FAULTY, folder / "a log/faulty.txt")
        shutil.copy(CLEAN, folder / "clean.txt")
        done = run_check_step(folder, path="a log\nclean.txt", servers="postfix,exim")
        summary = (folder / "summary.md").read_text(encoding="utf-8")
        report(done.returncode == 1 and "::error file=a log/faulty.txt,line=11," in done.stdout, "action: fails, with annotations", done)
        report(summary.startswith("an earlier step\n## smtpseq: 3 errors") and "```mermaid" in summary, "action: the summary is appended", summary)
        output = (folder / "output").read_text(encoding="utf-8")
        report(output == f"sarif-file={folder}/smtpseq.sarif\n", "action: says where SARIF is", output)
        results = json.loads((folder / "smtpseq.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
        places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results}
        report(places == {"a%20log/faulty.txt"}, "action: SARIF has paths of the repository", places)
        done = run_check_step(folder, path="a log", **{"fail-on": "never"}, arguments="--disable=nested-mail\n--isolated")
        report(done.returncode == 0 and "[nested-mail]" not in done.stdout, "action: fail-on and arguments", done)
        (folder / "output").unlink()
        done = run_check_step(folder, path="*", **{"fail-on": "nothing"})
        report(done.returncode == 2 and not (folder / "output").exists(), "action: a wrong input is said, and there is no report", done)


def try_gitlab():
    job = load("integrations/gitlab.yml")["smtpseq"]
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        shutil.copy(FAULTY, folder / "faulty.txt")
        done = subprocess.run(["sh", "-e", "-c", "\n".join(job["script"])], cwd=folder, capture_output=True, text=True, check=False,
                              env={**in_path(folder), **job["variables"], "SMTPSEQ_PATH": "faulty.txt"})
        report(done.returncode == 1 and "[nested-mail]" in done.stdout, "gitlab: fails, with the text", done)
        wanted = job["artifacts"]["reports"]
        issues = json.loads((folder / wanted["codequality"]).read_text(encoding="utf-8"))
        report(any(issue["check_name"] == "nested-mail" for issue in issues), "gitlab: Code Quality")
        xml.etree.ElementTree.parse(folder / wanted["junit"])
        report(True, "gitlab: JUnit")


def try_jenkins():
    line = re.search(r"sh '(smtpseq check .*?)'$", (ROOT / "doc/ci.md").read_text(encoding="utf-8"), re.M)[1]
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        variables = in_path(folder)
        (folder / "logs").mkdir()
        shutil.copy(FAULTY, folder / "logs")
        done = subprocess.run(["sh", "-e", "-c", line], cwd=folder, env=variables, capture_output=True, text=True, check=False)
        failed = [case for case in xml.etree.ElementTree.parse(folder / "smtpseq.xml").iter("testcase") if case.find("failure") is not None]
        report(done.returncode == 0 and len(failed) == 2, "jenkins: faults are failed tests, the step itself is not", done)
        (folder / "logs/nothing.txt").write_text("MAIL FROM:<a@b>\nRCPT TO:<c@d>\n250 x\nfoo EHLO\n", encoding="ascii")
        os.remove(folder / "logs/faulty.txt")
        done = subprocess.run(["sh", "-e", "-c", line.replace("logs/", "none/")], cwd=folder, env=variables, capture_output=True, text=True, check=False)
        report(done.returncode != 0, "jenkins: what cannot be checked fails the step", done)


def try_hook():
    hooks = {hook["id"]: hook for hook in load(".pre-commit-hooks.yaml")}
    entry = ROOT / hooks["smtpseq"]["entry"]
    report(hooks["smtpseq"]["language"] == "script" and os.access(entry, os.X_OK), "hook: is a script of the repository")
    with tempfile.TemporaryDirectory() as room:
        clone = pathlib.Path(room)
        (clone / "integrations").mkdir()
        shutil.copy(entry, clone / "integrations")
        (clone / "build-hook").mkdir()
        (clone / "build-hook/smtpseq").symlink_to(SMTPSEQ)  # as after its first run
        done = subprocess.run([clone / "integrations/pre-commit", FAULTY], capture_output=True, text=True, check=False)
        report(done.returncode == 1 and ": error: " in done.stdout, "hook: fails on a fault", done)
        done = subprocess.run([clone / "integrations/pre-commit", CLEAN], capture_output=True, text=True, check=False)
        report(done.returncode == 0 and ": error: " not in done.stdout, "hook: passes where there is none", done)


def try_others():
    stages = re.findall(r"^FROM ", (ROOT / "Containerfile").read_text(encoding="utf-8"), re.M)
    report(len(stages) == 2, "container: a stage to build, one to run")
    workflow = load(".github/workflows/release.yml")
    script = next(step["run"] for step in workflow["jobs"]["build"]["steps"] if "integrations/release" in step.get("run", ""))
    report(os.access(ROOT / script.split()[0], os.X_OK), "release: its script is there")
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "action.yml", ROOT / "README.md", ROOT / "doc/ci.md")]
    report("upload-sarif@v4" in texts[0] and not any("upload-sarif@v3" in text for text in texts), "code scanning: the version that stays")
    scripts = [ROOT / "integrations" / name for name in ("pre-commit", "release", "github/build", "github/check")]
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
        report(done.returncode == 0, "scripts: shellcheck", done.stdout)
    else:
        report(True, "scripts: shellcheck # SKIP there is no shellcheck here")


def main():
    try_action()
    try_gitlab()
    try_jenkins()
    try_hook()
    try_others()
    print(f"1..{len(RESULTS)}")


if __name__ == "__main__":
    main()
