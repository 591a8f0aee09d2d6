"""A plugin for pytest: fails a test whose SMTP client sent commands out of order.

smtplib prints what it sends and receives when its debug level is 1. While a test runs, that is collected, with the line of
the code that sent it; then smtpseq judges it.
"""

import json
import smtplib
import subprocess
import sys

import pytest

FAULTS = pytest.StashKey()
LEVELS = {"note": 0, "warning": 1, "error": 2, "never": 3}


def pytest_addoption(parser):
    parser.addini("smtpseq", "the program smtpseq", default="smtpseq")
    parser.addini("smtpseq_fail_on", "the level from which on a test fails: error, warning, note, never", default="error")
    parser.addini("smtpseq_servers", "servers to predict as well, with commas", default="")


def pytest_configure(config):
    config.addinivalue_line("markers", "smtpseq(allow): the rules that this test breaks on purpose; True: all")


class Log:
    """The lines of a test, each with the place in the code that it comes from."""

    def __init__(self):
        self.lines, self.places = [], []

    def add(self, text):
        frame = sys._getframe(2)  # pylint: disable=protected-access
        while frame and frame.f_code.co_filename == smtplib.__file__:
            frame = frame.f_back
        place = (frame.f_code.co_filename, frame.f_lineno) if frame else None
        for line in text.splitlines() or [""]:
            self.lines.append(line)
            self.places.append(place)


def listen(monkeypatch, log):
    """Makes smtplib tell the log what it would print; what the test asked it to print, it prints as well."""
    own, shown = smtplib.SMTP._print_debug, smtplib.SMTP.set_debuglevel  # pylint: disable=protected-access

    def print_debug(self, *words):
        log.add(" ".join(map(str, words)))
        if getattr(self, "smtpseq_shown", 0):
            own(self, *words)

    def set_debuglevel(self, level):
        self.smtpseq_shown = level
        shown(self, max(int(level), 1))

    monkeypatch.setattr(smtplib.SMTP, "debuglevel", 1)
    monkeypatch.setattr(smtplib.SMTP, "_print_debug", print_debug)
    monkeypatch.setattr(smtplib.SMTP, "set_debuglevel", set_debuglevel)


def judge(config, log):
    """The findings of smtpseq about a log."""
    command = [config.getini("smtpseq"), "check", "--isolated", "--fail-on=never", "--format=ndjson", "--input-format=python-smtplib"]
    if config.getini("smtpseq_servers"):
        command.append("--server=" + config.getini("smtpseq_servers"))
    done = subprocess.run([*command, "-"], input="\n".join(log.lines) + "\n", capture_output=True, text=True, check=False)
    if done.returncode == 2 and "no SMTP session" not in done.stderr:
        raise RuntimeError(done.stderr.strip())
    return [row for row in map(json.loads, done.stdout.splitlines()) if row["type"] == "finding"]


def describe(finding, log):
    place = log.places[finding["line"] - 1] if 0 < finding["line"] <= len(log.places) else None
    lines = [(f"{place[0]}:{place[1]}: " if place else "") + f"{finding['message']} [{finding['rule']}]"]
    # Not the line itself, which may hold a password: smtpseq has blanked the rest.
    reply = finding["reply"] or {"code": "no reply", "text": ""}
    lines.append(f"    {finding['command']} in state {finding['state']}: {reply['code']} {reply['text']}".rstrip())
    return "\n".join(lines + ["    " + finding["help"]])


def wanted(item, finding):
    """Returns true if the finding fails the test."""
    mark = item.get_closest_marker("smtpseq")
    allowed = mark.kwargs.get("allow", ()) if mark else ()
    level = LEVELS[item.config.getini("smtpseq_fail_on")]
    return LEVELS[finding["severity"]] >= level and allowed is not True and finding["rule"] not in allowed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    log = Log()
    monkeypatch = pytest.MonkeyPatch()
    listen(monkeypatch, log)
    yield
    monkeypatch.undo()
    faults = [finding for finding in judge(item.config, log) if wanted(item, finding)] if log.lines else []
    item.stash[FAULTS] = "\n".join(describe(finding, log) for finding in faults)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report, faults = outcome.get_result(), item.stash.get(FAULTS, "")
    if call.when != "call" or not faults:
        return
    if report.passed:
        report.outcome, report.longrepr = "failed", "SMTP commands out of order:\n" + faults
    else:
        report.sections.append(("SMTP commands out of order", faults))
