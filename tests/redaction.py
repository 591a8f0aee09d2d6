#!/usr/bin/env python3
"""Puts known secrets into recordings of every format and looks for them in everything that smtpseq prints.

usage: redaction.py SMTPSEQ

The secrets are what a client sends with AUTH PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER and SCRAM-SHA-256, in order and out of
order. They are looked for as they are, in base64, in hex and in base64 of base64, and so is each part of them that is long enough to
tell. The formats of recordings and of reports are those that the program says it has. Prints TAP.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "record"))
from writers import FORMATS, LEARNT  # noqa: E402

SMTPSEQ = os.path.abspath(sys.argv[1])
TESTS = []
PASSWORD, TOKEN, PROOF = "Zq7-tr0ub4dor", "ya29.Kx3vGm0PqLr8", "p9Wd4XkTz2Qm"


def test(name, difference):
    TESTS.append(name)
    print(f"{'not ok' if difference else 'ok'} {len(TESTS)} - {name}", flush=True)
    for line in difference:
        print(f"# {line}")


def smtpseq(*arguments):
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    done = subprocess.run([SMTPSEQ, *map(str, arguments)], capture_output=True, env=environment, timeout=300, check=False)
    return done


def b64(text):
    return base64.b64encode(text.encode()).decode()


# What the client sends: the mechanism, its initial response or None, and its answers to challenges.
MECHANISMS = {
    "plain": ("PLAIN", f"\0mq8user\0{PASSWORD}", []),
    "plain-asked": ("PLAIN", None, [f"\0mq8user\0{PASSWORD}"]),
    "login": ("LOGIN", None, ["mq8user@q7host.org", PASSWORD]),
    "login-initial": ("LOGIN", "mq8user@q7host.org", [PASSWORD]),
    "cram-md5": ("CRAM-MD5", None, [f"mq8user {PROOF}602c7eda7a495b4e6e7334d3"]),
    "xoauth2": ("XOAUTH2", f"user=mq8user@q7host.org\1auth=Bearer {TOKEN}\1\1", []),
    "oauthbearer": ("OAUTHBEARER", None, [f"n,a=mq8user@q7host.org,\1host=mx.q7host.org\1port=587\1auth=Bearer {TOKEN}\1\1"]),
    "scram": ("SCRAM-SHA-256", "n,,n=mq8user,r=rOprNGfwEbeRWgbNEkqO", [f"c=biws,r=rOprNGfwEbeRWgbNEkqOhvYDpWUa,p={PROOF}Zap="]),
}
# The password is none of the last one's; and of these the recording holds a password or token.
HELD = ("plain", "plain-asked", "login", "login-initial", "xoauth2", "oauthbearer")


def hello(mechanism):
    return [("S", "220 mx.example.com ESMTP"), ("C", "EHLO client.example.org"), ("S", "250-mx.example.com"),
            ("S", f"250 AUTH {mechanism}")]


MAIL = [("C", "MAIL FROM:<carol@example.org>"), ("S", "250 2.1.0 Ok"),
        ("C", "RCPT TO:<dave@example.com>"), ("S", "251 will forward to <erin@example.net>")]
BYE = [("C", "QUIT"), ("S", "221 2.0.0 Bye")]


def sessions(name):
    """What goes wrong near AUTH: nothing, the order, a server that refuses and repeats the command."""
    mechanism, initial, answers = MECHANISMS[name]
    command = f"AUTH {mechanism}" + (f" {b64(initial)}" if initial else "")
    asked = [pair for i, answer in enumerate(answers) for pair in (("S", f"334 {b64('Password:' if i + 1 == len(answers) else 'Username:')}"), ("C", b64(answer)))]
    begin = hello(mechanism)
    good = [("C", command), *asked]
    refused = [("C", command), ("S", "503 5.5.1 Not now"), *[pair for answer in answers for pair in (("C", b64(answer)), ("S", f"500 5.5.2 Unknown: {b64(answer)}"))]]
    yield "good", begin + good + [("S", "235 2.7.0 Ok")] + BYE
    yield "failed", begin + good + [("S", "535 5.7.8 Wrong")] + BYE
    yield "in-transaction", begin + MAIL + refused + BYE
    yield "not-offered", [*begin[:3], ("S", "250 HELP")] + good + [("S", "235 2.7.0 Ok")] + BYE
    yield "echoed", begin + [("C", command), ("S", f"501 5.5.2 Cannot decode {command}")] + BYE
    yield "cut", begin + good


# Nothing of AUTH but its replies is in these.
WITHOUT_AUTH = ("replies",)
# One line for a command and its reply: what answers a challenge has none.
INITIAL_ONLY = ("iis",)
def windows(text, size):
    return {text[i:i + size] for i in range(len(text) - size + 1)}


def needles():
    """Parts of the secrets in lower case: as they are; in base64, at each alignment, once and twice; in hex."""
    plain, coded, hexed = set(), set(), set()
    for secret in (PASSWORD, TOKEN, PROOF):
        plain |= windows(secret.lower(), 6)
    for _, initial, answers in MECHANISMS.values():
        for response in ([initial] if initial else []) + answers:
            once = b64(response)
            coded |= windows(once.rstrip("=").lower(), 10)
            hexed |= windows(once.encode().hex(), 20)
            for shift in range(3):  # what stands before it shifts the base64 of the line
                twice = base64.b64encode(b"." * shift + once.encode()).decode().rstrip("=")
                coded |= windows(twice[4 if shift else 0:-2].lower(), 10)
    return plain, coded, hexed


PLAIN, CODED, HEXED = needles()


def leaks(octets):
    text = octets.decode(errors="replace").lower()
    found = {part for part in PLAIN if part in text}
    for run in re.findall(r"[a-z0-9+/]{10,}", text):
        found |= windows(run, 10) & CODED
    for run in re.findall(r"[0-9a-f]{20,}", re.sub(r"[\s:]", "", text)):
        found |= windows(run, 20) & HEXED
    return found


def report_formats(command):
    text = smtpseq(command, "--help").stdout.decode()
    listed = re.search(r"--format=FMT\s+(.*?)\n\s+-", text, re.S)
    return re.sub(r"\(default\)", "", listed.group(1)).replace(",", " ").split() if listed else []


def runs():
    """All commands that print something from a recording."""
    for command in ("check", "replay", "forwards", "coverage"):
        done = smtpseq(command, "--help")
        if done.returncode != 0:
            continue
        options = ["--fail-on=never"] if re.search(r"^ +--fail-on", done.stdout.decode(), re.M) else []
        for name in report_formats(command) or ["text"]:
            yield f"{command} {name}", [command, f"--format={name}", *options]
            if re.search(r"^ +--server", done.stdout.decode(), re.M) and name in ("text", "ndjson"):
                yield f"{command} {name}, servers", [command, f"--format={name}", "--server=all", "--verbose", *options]
    yield "formats", ["formats", "--verbose"]


def write_all(folder):
    """A folder for each format; those that this build cannot read are left out."""
    for name, write in {**FORMATS, **LEARNT}.items():
        (folder / name).mkdir()
        for mechanism in MECHANISMS:
            for kind, session in sessions(mechanism):
                octets = write(session)
                path = folder / name / f"{mechanism}-{kind}.log"
                path.write_bytes(octets if isinstance(octets, bytes) else octets.encode())


def who_leaks(arguments, folder, most=3):
    """The recordings, and the lines of the output."""
    out = []
    for path in sorted(folder.glob("*/*.log")):
        done = smtpseq(*arguments, path)
        for what, octets in (("standard output", done.stdout), ("standard error", done.stderr)):
            for line in octets.decode(errors="replace").splitlines():
                if leaks(line.encode()):
                    out += [f"{path.parent.name}/{path.name}, {what}: {sorted(leaks(line.encode()))[:3]}", f"  {line[:400]}"]
                    break
        if len(out) > 2 * most:
            break
    return out


def events(*arguments):
    """The objects of a report in NDJSON, by format and name of the recording."""
    found = {}
    for line in smtpseq(*arguments).stdout.decode().splitlines():
        event = json.loads(line)
        if event["type"] in ("exchange", "finding"):
            path = pathlib.Path(event["file"].split("!")[0])
            found.setdefault((path.parent.name, path.name.removesuffix(".log")), []).append(event)
    return found


def mechanisms_in(name):
    return [mechanism for mechanism, (_, initial, answers) in MECHANISMS.items() if name not in INITIAL_ONLY or (initial and not answers)]


def is_read(name, replayed):
    """Proves that this test can fail: the recordings hold AUTH, and --show-secrets shows the secrets."""
    wrong = []
    for mechanism in mechanisms_in(name):
        for kind, _ in sessions(mechanism):
            auths = [event for event in replayed.get((name, f"{mechanism}-{kind}"), []) if event["command"] == "AUTH"]
            initial = MECHANISMS[mechanism][1]
            if not auths and (kind != "cut" or name not in INITIAL_ONLY):
                wrong.append(f"{mechanism}-{kind}: no AUTH")
            elif auths and initial and b64(initial) not in auths[0]["argument"].replace("+", " ") + auths[0]["argument"]:
                wrong.append(f"{mechanism}-{kind}: {auths[0]['argument']}")
    return wrong[:8]


def is_found(name, checked):
    """Where the password or token can be read, credentials-in-transcript says so, and only there."""
    wrong = []
    for mechanism in mechanisms_in(name):
        rules = [event["rule"] for event in checked.get((name, f"{mechanism}-good"), [])]
        if rules.count("credentials-in-transcript") != (mechanism in HELD):
            wrong.append(f"{mechanism}: {', '.join(rules) or 'clean'}")
    return wrong


def main():
    known = [row["name"] for row in json.loads(smtpseq("formats", "--format=json").stdout)]
    test("every format of recordings has a writer", sorted(set(known) ^ set(FORMATS)))
    test("the formats of reports are listed", [] if len(report_formats("check")) >= 3 else report_formats("check"))
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        write_all(folder)
        without = b"was built without" in smtpseq("check", "--fail-on=never", folder / "pcap").stderr
        replayed = events("replay", "--format=ndjson", "--show-secrets", folder)
        checked = events("check", "--format=ndjson", "--fail-on=never", folder)
        for name in {**FORMATS, **LEARNT}:
            if name not in WITHOUT_AUTH and not (without and name in ("pcap", "pcapng")):
                test(f"{name}: AUTH is read", is_read(name, replayed))
                test(f"{name}: credentials are found", is_found(name, checked))
        for what, arguments in runs():
            done = smtpseq(*arguments, folder)
            leaked = sorted(leaks(done.stdout) | leaks(done.stderr))
            said = [] if done.stdout else ["it printed nothing"]
            test(f"nothing leaks: {what}", said or (who_leaks(arguments, folder) or leaked[:5] if leaked else []))
        done = smtpseq("replay", "--show-secrets", folder)
        test("--show-secrets is seen by this test", [] if leaks(done.stdout) else ["nothing was found"])
    print(f"1..{len(TESTS)}")


main()
