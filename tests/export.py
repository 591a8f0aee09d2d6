#!/usr/bin/env python3
"""An export reads the same as the recording, and an anonymised one has nothing of it.

usage: export.py SMTPSEQ FIXTURES

For every recording of FIXTURES: the exchanges and findings of its sessions and of those of its transcript are the same. The exceptions
are named, with the reason. In an anonymised export no word of the recording is left but those of src/export/words.def.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys

SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
WORDS = {word.lower() for word in re.findall(r"WORD\((\w+)\)", (FIXTURES.parent / "src/export/words.def").read_text())}
# A transcript does not show line ends, packets, passwords or times, so what is said of these is not in its findings.
NOT_SHOWN = {"bare-newline", "smuggled-end-of-data", "credentials-in-transcript", "auth-without-tls", "session-truncated", "starttls-injection",
             "plaintext-after-starttls", "reply-before-tls", "foreign-protocol", "unreadable-session", "line-too-long", "reply-too-late", "gave-up-early"}


def run(*arguments, data=None):
    done = subprocess.run([SMTPSEQ, *arguments], input=data, capture_output=True, timeout=600, check=False)
    return done.stdout


def objects(octets, kind):
    return [found for line in octets.splitlines() for found in [json.loads(line)] if found["type"] == kind]


def sessions_of(path, data=None):
    """For each session its exchanges and findings, in the order in which the sessions began."""
    sessions = collections.defaultdict(lambda: ([], []))
    members = {}  # of an archive, in their order
    place = lambda found: (members.setdefault(found["file"], len(members)), found["session"])
    name = "-" if data is not None else str(path)
    for found in objects(run("replay", "--isolated", "--format=ndjson", name, data=data), "exchange"):
        codes = [reply["code"] for reply in found["replies"]]
        sessions[place(found)][0].append((found["command"], codes, found["state"], found["legal"], found["next"]))
    for found in objects(run("check", "--each", "--isolated", "--fail-on=never", "--format=ndjson", name, data=data), "finding"):
        if found["rule"] not in NOT_SHOWN and place(found) in sessions:
            sessions[place(found)][1].append((found["rule"], found["severity"]))
    return [(sessions[number][0], sorted(sessions[number][1])) for number in sorted(sessions)]


# What a log with a user name's challenge says, in base64: the same in all of them.
WORDS |= {"vxnlcm5hbwu6", "ugfzc3dvcmq6"}
# These do not read the same: the recording shows what a transcript cannot.
DIFFERENT = {
    "rules/smuggled-end-of-data/catch.txt": "the line ends decide where the message ends",
    "rules/smuggled-end-of-data/catch-3.txt": "the same",
    "rules/smuggled-end-of-data/catch-7.txt": "the same",
    "reports/hostile.txt": "control characters are escaped",
    "rules/malformed-command/catch-3.txt": "the same",
    "rules/message-without-data/catch.txt": "lines of a message are as long as they are escaped",
    "rules/message-without-data/catch-4.txt": "the same",
    "rules/unknown-command/catch-3.txt": "a password is blanked",
    "rules/reply-extra/near-miss-6.txt": "the same",
    "formats/tcpflow/auth-tls/127.000.000.001.52094-127.000.000.001.12601": "octets of TLS are escaped",
    "formats/swaks/helo-only-bare-codes.log": "swaks' bare codes",
    "rules/no-hello-after-starttls/near-miss-3.txt": "a transcript has no mark for lines that a person has left out",
}


def words_of(text):
    return set(re.findall(r"[a-z0-9]{4,}", re.sub(r"\\x[0-9a-f]{2}", " ", text.lower())))


def main():
    # Below servers/ is what servers answered, in a form of its own: no recordings.
    paths = sorted(path for room in ("formats", "fuzz", "reports", "rules") for path in (FIXTURES / room).rglob("*")
                   if path.is_file() and path.suffix not in (".replay", ".md", ".expect", ".json"))
    read, wrong, left = 0, [], []
    for path in paths:
        exported = run("export", str(path))
        if not exported:
            continue
        read += 1
        if sessions_of(path) != sessions_of(path, exported):
            wrong.append(path.relative_to(FIXTURES).as_posix())
        anonymous = run("export", "--anonymize", str(path)).decode()
        words = {word for word in words_of(anonymous) & words_of(exported.decode()) - WORDS if not word.isdigit()}
        if words:
            left.append((path.name, sorted(words)[:8]))
    new = [name for name in wrong if name not in DIFFERENT]
    print("1..3")
    for number, (right, what) in enumerate(((read > 300, f"{read} recordings have been exported"),
                                            (not new, f"they read the same but for {len(wrong)}: {new}"),
                                            (not left, f"no word is left when anonymised: {left[:5]}")), 1):
        print("ok" if right else "not ok", number, "-", what.replace("#", "\\#"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
