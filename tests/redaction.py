#!/usr/bin/env python3
"""Puts known secrets into recordings of every format and looks for them in everything that smtpseq prints.

usage: redaction.py SMTPSEQ FIXTURES

The secrets are those of record/secret_kinds.py, which gives them away in every way we know of, and what a client sends with each
mechanism. They are looked for as they are, in base64, in hex and in base64 of base64, whole and in every part of eight octets. The
formats of recordings and of reports are those that the program says it has. What is no secret must stay readable. Prints TAP.
"""

import base64
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "record"))
import secret_kinds  # noqa: E402
from secret_kinds import b64  # noqa: E402
from writers import FORMATS, LEARNT  # noqa: E402

SMTPSEQ = os.path.abspath(sys.argv[1])
FIXTURES = pathlib.Path(sys.argv[2])
READERS = {**FORMATS, **LEARNT}
TESTS = []
TOLD = secret_kinds.values(secret_kinds.USER, secret_kinds.PASSWORD, secret_kinds.TOKEN, secret_kinds.BODY)
PASSWORD, TOKEN, PROOF = TOLD["pw"], TOLD["token"], "p9Wd4XkTz2Qm"


def test(name, difference):
    TESTS.append(name)
    print(f"{'not ok' if difference else 'ok'} {len(TESTS)} - {name}", flush=True)
    for line in difference:
        print(f"# {line}")


def smtpseq(*arguments, folder=None):
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return subprocess.run([SMTPSEQ, *map(str, arguments)], capture_output=True, env=environment, cwd=folder, timeout=300, check=False)


# What the client sends: the mechanism, its initial response or None, and its answers to challenges.
MECHANISMS = {
    "plain": ("PLAIN", f"\0mq8user\0{PASSWORD}", []),
    "plain-asked": ("PLAIN", None, [f"\0mq8user\0{PASSWORD}"]),
    "login": ("LOGIN", None, ["mq8user@q7host.org", PASSWORD]),
    "login-initial": ("LOGIN", "mq8user@q7host.org", [PASSWORD]),
    "cram-md5": ("CRAM-MD5", None, [f"mq8user {PROOF}602c7eda7a495b4e6e7334d3"]),
    "xoauth2": ("XOAUTH2", f"user=mq8user@q7host.org\1auth=Bearer {TOKEN}\1\1", []),
    "oauthbearer": ("OAUTHBEARER", None, [f"n,a=mq8user@q7host.org,\1host=mx.q7host.org\1port=587\1auth=Bearer {TOKEN}\1\1"]),
    "scram": ("SCRAM-SHA-256", f"n,,n=mq8user,r={PROOF}rOprNGfwEbeRWgbNEkqO", [f"c=biws,r={PROOF}rOprNGfwEbeRWgbNEkqOhvYDpWUa,p={PROOF}Zap="]),
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
    """What goes wrong: nothing, the order, a server that refuses and repeats what it was sent."""
    mechanism, initial, answers = MECHANISMS[name]
    command = f"AUTH {mechanism}" + (f" {b64(initial)}" if initial else "")
    asked = [pair for i, answer in enumerate(answers) for pair in (("S", f"334 {b64('Password:' if i + 1 == len(answers) else 'Username:')}"), ("C", b64(answer)))]
    begin = hello(mechanism)
    good = [("C", command), *asked]
    refused = [("C", command), ("S", "503 5.5.1 Not now"), *[pair for answer in answers for pair in (("C", b64(answer)), ("S", f"500 5.5.2 Unknown: {b64(answer)}"))]]
    return {
        "good": begin + good + [("S", "235 2.7.0 Ok")] + BYE,
        "failed": begin + good + [("S", "535 5.7.8 Wrong")] + BYE,
        "in-transaction": begin + MAIL + refused + BYE,
        "not-offered": [*begin[:3], ("S", "250 HELP")] + good + [("S", "235 2.7.0 Ok")] + BYE,
        "echoed": begin + [("C", command), ("S", f"501 5.5.2 Cannot decode {command}")] + BYE,
        "cut": begin + good,
    }


# Nothing of AUTH but its replies is in these.
WITHOUT_AUTH = ("replies",)
# One line for a command and its reply: what answers a challenge has none.
INITIAL_ONLY = ("iis",)
# A recording of replies alone does not tell that this word in one of them is a password.
UNTOLD = {("replies", "echo-mixed"),
          ("tshark-list", "quote-refused")}  # the blank line is a packet without text there, and what follows it not read


def windows(text, size):
    return {text[i:i + size] for i in range(len(text) - size + 1)}


def needles():
    """The secrets in lower case: as they are and in base64 at each alignment, once and twice; in hex."""
    plain, hexed = [*secret_kinds.needles(), PROOF], [PASSWORD.encode().hex()]
    for name, (_, initial, answers) in MECHANISMS.items():
        for response in ([initial] if initial else []) + answers:
            end = b64(response)[-20:]
            if name != "scram" and "oauth" not in name:  # the others end with what is no secret
                plain.append(end.rstrip("="))
            hexed.append(end.encode().hex())
            for shift in range(3):  # what stands before it shifts the base64 of the line
                twice = base64.b64encode(b"." * shift + end.encode()).decode().rstrip("=")
                plain.append(twice[4 if shift else 0:-2])
    return [text.lower() for text in plain], hexed


PLAIN, HEX = needles()
SOUGHT = {part for text in PLAIN for part in windows(text, 8)}
SOUGHT_HEX = {part for text in HEX for part in windows(text, 20)}
# Every part has one of these in it, at whatever offset. They are looked for first, in the whole output at once.
ANCHORS = sorted({text[i:i + 4].encode() for text in PLAIN for i in range(0, len(text) - 3, 5)})
HEX_ANCHORS = sorted({text[i:i + 10].encode() for text in HEX for i in range(0, len(text) - 9, 10)})


def leaks(line):
    """The parts of secrets in one line in lower case."""
    text = line.decode(errors="replace")
    found = windows(text, 8) & SOUGHT
    for run in re.findall(r"[0-9a-f]{20,}", re.sub(r"[\s:]", "", text)):
        found |= windows(run, 20) & SOUGHT_HEX
    return found


def suspects(lower):
    """Where in the output something stands that can be a part of a secret."""
    for anchor in ANCHORS:
        at = lower.find(anchor)
        while at >= 0:
            yield at
            at = lower.find(anchor, at + 1)
    joined = lower.translate(None, b" :\t")
    if any(anchor in joined for anchor in HEX_ANCHORS):
        yield from (line.start() for line in re.finditer(rb"^.*[0-9a-f]{2}.*$", lower, re.M))


def leaking(octets, most=6):
    """The lines that leak, and of which recordings."""
    lower, out, seen = octets.lower(), [], set()
    for at in suspects(lower):
        begin, end = lower.rfind(b"\n", 0, at) + 1, lower.find(b"\n", at)
        end = end if end >= 0 else len(lower)
        if begin in seen:
            continue
        seen.add(begin)
        parts = leaks(lower[begin:end])
        name = re.findall(rb"[\w!-]+/[\w-]+\.log", octets[max(begin - 2000, 0):end])
        where = name[-1].decode() if name else "?"
        if parts and not any(where.endswith(f"{reader}/{kind}.log") for reader, kind in UNTOLD):
            out.append(f"{where}: {sorted(parts)[:2]} in {octets[begin:end][:300].decode(errors='replace')}")
        if len(out) == most:
            break
    return out


def report_formats(command):
    text = smtpseq(command, "--help").stdout.decode()
    listed = re.search(r"--format=FMT\s+(.*?)\n\s+-", text, re.S)
    return re.sub(r"\(default\)", "", listed.group(1)).replace(",", " ").split() if listed else []


def octets_of(reader, session):
    octets = READERS[reader](session)
    return octets if isinstance(octets, bytes) else octets.encode()


def write_archive(path, recordings):
    """One archive for thousands of recordings, which is faster; a folder where the build cannot read it."""
    with tarfile.open(path, "w") as archive:
        for name, octets in recordings:
            member = tarfile.TarInfo(name)
            member.size = len(octets)
            archive.addfile(member, io.BytesIO(octets))
    if b"was built without" in smtpseq("check", "-q", path).stderr:
        with tarfile.open(path) as archive:
            archive.extractall(path.with_suffix(".folder"))
        path.unlink()
        path.with_suffix(".folder").rename(path)


def write_all(folder):
    """Every kind in every format; every mechanism in every way as a transcript."""
    kinds = secret_kinds.kinds().items()
    write_archive(folder / "readers.tar", ((f"{reader}/{name}.log", octets_of(reader, session)) for reader in READERS for name, session in kinds))
    write_archive(folder / "auth.tar", ((f"{reader}/{mechanism}-{kind}.log", octets_of(reader, sessions(mechanism)[kind]))
                                        for reader in READERS for mechanism in MECHANISMS for kind in ("good", "in-transaction")))
    place = folder / "kinds" / "transcript"
    place.mkdir(parents=True)
    for name, session in kinds:
        (place / f"{name}.log").write_bytes(octets_of("transcript", session))
    for mechanism in MECHANISMS:
        for kind, session in sessions(mechanism).items():
            (place / f"{mechanism}-{kind}.log").write_bytes(octets_of("transcript", session))


def runs():
    """All commands that print something from a recording."""
    for command in ("check", "replay", "forwards", "coverage"):
        usage = smtpseq(command, "--help").stdout.decode()
        options = ["--fail-on=never"] if re.search(r"^ +--fail-on", usage, re.M) else []
        for name in report_formats(command) or ["text"]:
            yield f"{command} {name}", [command, f"--format={name}", *options]
            if re.search(r"^ +--server", usage, re.M) and name in ("text", "ndjson"):
                yield f"{command} {name}, servers", [command, f"--format={name}", "--server=all", "--verbose", *options]
    yield "formats", ["formats", "--verbose"]


def check_outputs(folder):
    for what, arguments in runs():
        done = smtpseq(*arguments, "kinds", folder=folder)
        said = [] if done.stdout else ["it printed nothing"]
        test(f"nothing leaks: {what}", said or leaking(done.stdout + b"\n" + done.stderr))
    for what, arguments in (("check", ["check", "--verbose", "--fail-on=never"]), ("replay", ["replay", "--format=ndjson"])):
        for part in ("readers.tar", "auth.tar"):
            done = smtpseq(*arguments, part, folder=folder)
            test(f"nothing leaks in any reader: {what}, {part}", leaking(done.stdout + b"\n" + done.stderr))
    for shown in ([], ["--show-secrets"]):
        smtpseq("check", "--write-baseline=known.json", *shown, "kinds", folder=folder)
        test(f"nothing leaks into a baseline {' '.join(shown)}".rstrip(), leaking((folder / "known.json").read_bytes()))
        again = smtpseq("check", "--format=ndjson", "--baseline=known.json", "kinds", folder=folder)
        test("the baseline knows them all again", [line for line in again.stdout.decode().splitlines() if '"finding"' in line][:3])
    shown = smtpseq("replay", "--show-secrets", "kinds", folder=folder)
    test("--show-secrets is seen by this test", [] if leaking(shown.stdout) else ["nothing was found"])


def check_names(folder):
    """The password is in the name of the file as well, of an archive's member, and in what is said of it."""
    place = folder / "names"
    session = "".join(f"{side}: {line}\n" for side, line in secret_kinds.kinds()["echo-decoded"])
    name = f"run-{PASSWORD}-1.txt"
    place.mkdir()
    (place / name).write_text(f"# smtpseq: allow nonsense {PASSWORD}\n" + session)
    subprocess.run(["tar", "-cf", "a.tar", name], cwd=place, check=False)
    for what, arguments in runs():
        done = smtpseq(*arguments, name, "a.tar", folder=place) if arguments[0] != "formats" else None
        if done:
            test(f"nothing leaks from names: {what}", leaking(done.stdout + b"\n" + done.stderr))
    smtpseq("check", "--write-baseline=known.json", name, folder=place)
    test("nothing leaks from names: baseline", leaking((place / "known.json").read_bytes()))
    again = smtpseq("check", "--format=ndjson", "--baseline=known.json", name, folder=place)
    test("the baseline knows it by that name", [line for line in again.stdout.decode().splitlines() if '"finding"' in line][:3])


def events(*arguments, folder=None):
    """The objects of a report in NDJSON, by format and name of the recording."""
    found = {}
    for line in smtpseq(*arguments, folder=folder).stdout.decode().splitlines():
        event = json.loads(line)
        if event["type"] in ("exchange", "finding"):
            path = pathlib.Path(re.sub(r"^.*\.tar!", "", event["file"]).split("!")[0])
            found.setdefault((path.parent.name, path.name.removesuffix(".log")), []).append(event)
    return found


def mechanisms_in(name):
    return [mechanism for mechanism, (_, initial, answers) in MECHANISMS.items() if name not in INITIAL_ONLY or (initial and not answers)]


def is_read(name, replayed):
    """Proves that this test can fail: the recordings hold AUTH, and --show-secrets shows the secrets."""
    wrong = []
    for mechanism in mechanisms_in(name):
        for kind in ("good", "in-transaction"):
            auths = [event for event in replayed.get((name, f"{mechanism}-{kind}"), []) if event["command"] == "AUTH"]
            initial = MECHANISMS[mechanism][1]
            if not auths:
                wrong.append(f"{mechanism}-{kind}: no AUTH")
            elif initial and b64(initial) not in auths[0]["argument"].replace("+", " ") + auths[0]["argument"]:
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


def check_readers(folder):
    (folder / "a.pcap").write_bytes(octets_of("pcap", sessions("plain")["good"]))
    without = b"was built without" in smtpseq("check", "--fail-on=never", folder / "a.pcap").stderr
    replayed = events("replay", "--format=ndjson", "--show-secrets", "auth.tar", folder=folder)
    checked = events("check", "--format=ndjson", "--fail-on=never", "auth.tar", folder=folder)
    for name in READERS:
        if name not in WITHOUT_AUTH and not (without and name in ("pcap", "pcapng")):
            test(f"{name}: AUTH is read", is_read(name, replayed))
            test(f"{name}: credentials are found", is_found(name, checked))


# Words that look like something, and are no secrets.
ORDINARY = """
S: 220 mx1.eu-west-1.compute.example.com ESMTP Postfix (Debian/GNU) a640c23a62f3a-ab67b8c1d2eSm1234567
C: EHLO DESKTOP-7A8B9C0D.example.org
S: 250-mx1.example.com Hello [IPv6:2001:db8::1], pleased to meet you
S: 250-AUTH=PLAIN LOGIN
S: 250-SIZE 35882577
S: 250 DSN
C: VRFY alexander.the-great
S: 252 2.0.0 alexander.the-great
C: NOOP
S: 250 tokens left: 12, password: wrong, <login> works, auth="PLAIN"
C: HELP MAIL
S: 214 see https://example.com/help?topic=MAIL
C: NOOP 12:30:45
S: 250 2.0.0 Ok
C: XFOOBAR on
S: 502 5.5.2 Error: command not recognized
C: MIAL FROM:<a@example.org> SIZE=1000 BODY=8BITMIME
S: 500 5.5.2 unknown command MIAL
C: MAIL FROM:<bounce+4f3aB9cD-alice=example.org@lists.example.com> SIZE=1000 ENVID=QQ314159 AUTH=<>
S: 250 2.1.0 Ok
C: RCPT TO:<@a.example,@b.example:joe99@c.example> ORCPT=rfc822;joe99@c.example NOTIFY=NEVER
S: 550 5.1.1 sender:joe99@c.example is unknown: see mailto:postmaster@example.com
C: RCPT TO:alexander@example.com
S: 251 2.1.5 User not local; will forward to <smtp:alexander@example.net>
C: XCLIENT NAME=spike.example.org ADDR=2001:db8::1 PORT=4711 PROTO=ESMTP HELO=spike.example.org
S: 503 5.5.1 Error: MAIL transaction in progress, dkim=pass auth=none
C: DATA
S: 354 End data with <CR><LF>.<CR><LF>
C: Date: Mon, 30 Nov 2026 10:00:00 +0000
C: Message-ID: <4711.abc@client.example.org>
C: From: Alexander <alexander.the-great@example.org>
C: Subject: nothing
C: 
C: The message has been queued, alexander.the-great@example.org said, as a message for delivery.
C: .
S: 250 2.0.0 Ok: <4711.abc@client.example.org> of alexander.the-great@example.org: Mon, 30 Nov 2026 message queued as 4Xk2Jq0WdZz3s9AbC
C: GET / HTTP/1.1
S: 502 5.5.2 Error: command not recognized
C: QUIT
S: 221 2.0.0 Bye
"""
# What must be left of every session in which something is blanked.
KEPT = ("220 mx.example.com ESMTP", "C: EHLO c.example.org", "S: 221 Bye")


def replayed_texts(events_of):
    """What replay shows, in one string."""
    out = []
    for event in events_of:
        out.append(f"C: {event['command']} {event['argument']}".strip())
        out += [f"S: {reply['code']} {reply['text']}" for reply in event["replies"]]
    return "\n".join(out)


def check_kept(folder):
    place = folder / "ordinary" / "transcript"
    place.mkdir(parents=True)
    (place / "ordinary.log").write_text(ORDINARY.lstrip())
    for command in ("check", "replay"):
        arguments = [command, "--format=ndjson", "--server=all", "ordinary"] + ["--fail-on=never"] * (command == "check")
        hidden, shown = (smtpseq(*arguments, *more, folder=folder).stdout.decode() for more in ([], ["--show-secrets"]))
        test(f"an ordinary session is shown as it is: {command}", [f"{a}\n# {b}" for a, b in zip(hidden.splitlines(), shown.splitlines()) if a != b][:3])
    wrong = []
    for (_, name), exchanges in events("replay", "--format=ndjson", "kinds", folder=folder).items():
        text = replayed_texts(exchanges)
        expected = secret_kinds.KINDS.get(name)
        if expected is None:
            continue
        wrong += [f"{name}: without {part!r}" for part in KEPT if part.removeprefix("C: ").removeprefix("S: ") not in text]
        if name == "echo-ordinary" and "Username and Password not accepted" not in text:
            wrong.append(f"{name}: {text}")
        if secret_kinds.MAIL in expected:
            wrong += [f"{name}: without {part!r}" for part in ("FROM:<a@example.org>", "TO:<b@example.com>", "User not local; will forward to <c@example.net>") if part not in text]
    test("addresses, verbs, codes and replies stay in sight", wrong[:8])


def bare(event):
    """A finding or exchange without what blanking may change."""
    return {key: event[key] for key in ("rule", "code", "line", "column", "end_column", "severity", "fault", "state", "predicted", "session", "legal", "next", "followers") if key in event}


def check_alike(folder):
    """With and without secrets the same is found, at the same places; and the same recording twice in one run."""
    copies = folder / "twice"
    for part, place in (("kinds", folder / "kinds" / "transcript"), ("fixtures", FIXTURES / "rules")):
        shutil.copytree(place, copies / part / "a")
        shutil.copytree(place, copies / part / "b")
        for command in ("check", "replay"):
            arguments = [command, "--format=ndjson", *["--fail-on=never"] * (command == "check")]
            hidden = events(*arguments, place, folder=folder)
            shown = events(*arguments, "--show-secrets", place, folder=folder)
            differ = [f"{'/'.join(key)}: {bare(a)} and {bare(b)}" for key in sorted(hidden) for a, b in zip(hidden[key], shown.get(key, [])) if bare(a) != bare(b)]
            test(f"the same with and without --show-secrets: {command}, {part}", differ[:3] or [str(set(hidden) ^ set(shown))] * (set(hidden) != set(shown)))
            once = {}
            for line in smtpseq(*arguments, "a", "b", folder=copies / part).stdout.decode().splitlines():
                event = json.loads(line)
                which, _, rest = event.pop("file", "").partition("/")
                once.setdefault(which, []).append((rest, json.dumps(event)))
            test(f"the same twice in one run: {command}, {part}", [f"{a} and {b}" for a, b in zip(once.get("a", []), once.get("b", [])) if a != b][:3])


def main():
    known = [row["name"] for row in json.loads(smtpseq("formats", "--format=json").stdout)]
    test("every format of recordings has a writer", sorted(set(known) ^ set(FORMATS)))
    test("the formats of reports are listed", [] if len(report_formats("check")) >= 3 else report_formats("check"))
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        write_all(folder)
        check_readers(folder)
        check_outputs(folder)
        check_names(folder)
        check_kept(folder)
        check_alike(folder)
    print(f"1..{len(TESTS)}")


main()
