#!/usr/bin/env python3
"""An export reads the same as the recording, and an anonymised one has nothing of it.

usage: export.py SMTPSEQ FIXTURES

For every recording of FIXTURES: the exchanges and findings of its sessions and of those of its transcript are the same. The exceptions
are named, with the reason. In an anonymised export no word of the recording is left but those of src/export/words.def
and the verbs.
"""

import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
WORDS = {word.lower() for word in re.findall(r"WORD\((\w+)\)", (FIXTURES.parent / "src/export/words.def").read_text())}
WORDS |= {verb.lower() for verb in re.findall(r'X\(\w+, "(\w+)"', (FIXTURES.parent / "src/smtp/command.h").read_text())}
# A transcript does not show line ends, packets, passwords or times, so what is said of these is not in its findings.
NOT_SHOWN = {"bare-newline", "smuggled-end-of-data", "credentials-in-transcript", "auth-without-tls", "session-truncated", "starttls-injection",
             "plaintext-after-starttls", "reply-before-tls", "foreign-protocol", "unreadable-session", "line-too-long", "reply-too-late", "gave-up-early"}


def run(*arguments):
    return subprocess.run([SMTPSEQ, *arguments], capture_output=True, timeout=2900, check=False).stdout


def objects(octets, kind):
    return [found for line in octets.splitlines() for found in [json.loads(line)] if found["type"] == kind]


def sessions_of(paths):
    """For each path its sessions in the order in which they began: the exchanges and the findings of each."""
    given = sorted(map(str, paths), key=len, reverse=True)
    whole = set(given)
    # A member of an archive is named behind the archive's name.
    path_of = functools.cache(lambda name: name if name in whole else next(path for path in given if name.startswith(path)))
    files = {path: {} for path in given}
    members = {}  # in their order

    def session_of(found):
        place = (members.setdefault(found["file"], len(members)), found["session"])
        return files[path_of(found["file"])], place

    for found in objects(run("replay", "--isolated", "--format=ndjson", *given), "exchange"):
        sessions, place = session_of(found)
        codes = [reply["code"] for reply in found["replies"]]
        sessions.setdefault(place, ([], []))[0].append((found["command"], codes, found["state"], found["legal"], found["next"]))
    for found in objects(run("check", "--each", "--isolated", "--fail-on=never", "--format=ndjson", *given), "finding"):
        sessions, place = session_of(found)
        if found["rule"] not in NOT_SHOWN and place in sessions:
            sessions[place][1].append((found["rule"], found["severity"]))
    return {path: [(exchanges, sorted(findings)) for _, (exchanges, findings) in sorted(sessions.items())]
            for path, sessions in files.items()}


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
    "rules/gave-up-early/near-miss-5.txt": "the times show that the client had waited long",
    "rules/no-hello-after-starttls/near-miss-3.txt": "a transcript has no mark for lines that a person has left out",
}


def words_of(text):
    return set(re.findall(r"[a-z0-9]{4,}", re.sub(r"\\x[0-9a-f]{2}", " ", text.lower())))


def main():
    # Below servers/ is what servers answered, in a form of its own: no recordings.
    paths = sorted(path for room in ("formats", "fuzz", "reports", "rules") for path in (FIXTURES / room).rglob("*")
                   if path.is_file() and path.suffix not in (".replay", ".md", ".expect", ".json"))
    exports, left = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for number, path in enumerate(paths):
            exported = run("export", str(path))
            if not exported:
                continue
            exports[path] = pathlib.Path(folder, f"{number:05}.txt")
            exports[path].write_bytes(exported)
            anonymous = run("export", "--anonymize", str(path)).decode()
            words = {word for word in words_of(anonymous) & words_of(exported.decode()) - WORDS if not word.isdigit()}
            if words:
                left.append((path.name, sorted(words)[:8]))
        # The two directions of a connection, which are given together, are one recording.
        alone = [[path] for path in exports if path.parent.parent.name == "tcpflow"]
        of_recording = {}
        for batch in [[path for path in exports if [path] not in alone], *alone]:
            of_recording |= sessions_of(batch)
        of_export = sessions_of(exports.values())
    read = len(exports)
    wrong = [path.relative_to(FIXTURES).as_posix() for path, export in exports.items()
             if of_recording[str(path)] != of_export[str(export)]]
    new = [name for name in wrong if name not in DIFFERENT]
    print("1..3")
    for number, (right, what) in enumerate(((read > 300, f"{read} recordings have been exported"),
                                            (not new, f"they read the same but for {len(wrong)}: {new}"),
                                            (not left, f"no word is left when anonymised: {left[:5]}")), 1):
        print("ok" if right else "not ok", number, "-", what.replace("#", "\\#"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
