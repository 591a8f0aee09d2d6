#!/usr/bin/env python3
"""libsmtpseq told what passes by: each side's octets as they come, in pieces of any size, and through examples/proxy.c.

usage: library_live.py SMTPSEQ LIBRARY PROXY ROOT [--sanitized]

A library with a sanitizer cannot be loaded into Python: then only the proxy is tried.
"""

import ctypes
import json
import os
import pathlib
import re
import smtplib
import socket
import subprocess
import sys
import threading

SMTPSEQ, LIBRARY, PROXY = map(os.path.abspath, sys.argv[1:4])
ROOT = pathlib.Path(sys.argv[4]).resolve()
SANITIZED = "--sanitized" in sys.argv
CLIENT, SERVER = 0, 1
TLS, LOCAL, LOST_OF_CLIENT, LOST_OF_SERVER = range(4)
REPORT_EACH, SHOW_DOUBTFUL, SHOW_SECRETS = range(3)
DONE, NO_SESSION, MISUSED = 0, 1, 4
FINDING = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
TEXT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)
HELLO = [(SERVER, b"220 mx ESMTP\r\n"), (CLIENT, b"EHLO a\r\n"), (SERVER, b"250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n")]
MAIL = [(CLIENT, b"MAIL FROM:<a@example.org>\r\n"), (SERVER, b"250 ok\r\n")]
BYE = [(CLIENT, b"QUIT\r\n"), (SERVER, b"221 bye\r\n")]
STARTTLS = [(CLIENT, b"STARTTLS\r\n"), (SERVER, b"220 go\r\n")]
LOGIN = [(CLIENT, b"AUTH PLAIN AGFsaWNlAHMzY3IzdC1wNHNz\r\n"), (SERVER, b"235 ok\r\n")]
# What octets say and a text does not: an empty line before the 354 is of the message; chunks are counted; a CR is seen.
ONLY_OCTETS = {"pipelined-past-sync-point/near-miss-4.txt", "unknown-command/near-miss-4.txt", "bare-newline/near-miss-2.txt"}
RESULTS = []


def report(good, name, why=""):
    RESULTS.append(good)
    print(f"{'ok' if good else 'not ok'} {len(RESULTS)} - {name}" + ("" if good else "".join(f"\n# {line}" for line in str(why)[:2000].splitlines())))


def load():
    library = ctypes.CDLL(LIBRARY)
    for name, result, arguments in (
            ("new", ctypes.c_void_p, []), ("json", ctypes.c_char_p, [ctypes.c_void_p]), ("recording", ctypes.c_char_p, [ctypes.c_void_p]),
            ("redact", ctypes.c_char_p, [ctypes.c_void_p, ctypes.c_char_p]), ("on_finding", None, [ctypes.c_void_p, FINDING, ctypes.c_void_p]),
            ("said", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]),
            ("feed", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]), ("know", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int]),
            ("set", ctypes.c_int, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]), ("format", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
            ("finish", ctypes.c_int, [ctypes.c_void_p]), ("free", None, [ctypes.c_void_p]),
            *((f"on_{kind}", None, [ctypes.c_void_p, TEXT, ctypes.c_void_p]) for kind in ("exchange", "session", "remark"))):
        function = getattr(library, "smtpseq_lint_" + name)
        function.restype, function.argtypes = result, arguments
    return library


class Linter:
    """A linter that keeps all that it is called with."""

    library = None

    def __init__(self):
        self.findings, self.exchanges, self.sessions, self.remarks = [], [], [], []
        self.handle = self.library.smtpseq_lint_new()
        self.kept = [FINDING(lambda _, finding: self.findings.append(json.loads(self.library.smtpseq_lint_json(finding))))]
        self.library.smtpseq_lint_on_finding(self.handle, self.kept[0], None)
        for name, into in (("exchange", self.exchanges), ("session", self.sessions), ("remark", self.remarks)):
            self.kept.append(TEXT(lambda _, text, into=into: into.append(text.decode())))
            getattr(self.library, "smtpseq_lint_on_" + name)(self.handle, self.kept[-1], None)

    def __getattr__(self, name):
        return lambda *arguments: getattr(self.library, "smtpseq_lint_" + name)(self.handle, *arguments)

    def hear(self, pieces):
        for side, octets in pieces:
            self.said(side, octets, len(octets))
        return self

    def end(self):
        """The result, and the rules that were found with their lines."""
        result = self.finish()
        self.free()
        return result, self.rules()

    def rules(self):
        return [(finding["rule"], finding["line"]) for finding in self.findings]


def check(path, *options):
    done = subprocess.run([SMTPSEQ, "check", "--isolated", "--format=ndjson", *options, path], capture_output=True, check=False)
    return list(map(json.loads, done.stdout.splitlines()))


def dialogue(path):
    """The lines of a transcript with their numbers, from a greeting on; None where it is none, or has more to it."""
    lines = path.read_bytes().split(b"\n")
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith(b"#")]
    if not rows or not re.match(rb"S: (220|554|421)", rows[0][1]) or any(line.startswith(b"# smtpseq") for line in lines):
        return None
    if not all(re.match(rb"[CS]:", line) for _, line in rows) or not any(line.startswith(b"C:") for _, line in rows):
        return None
    return [(number, CLIENT if line[:1] == b"C" else SERVER, re.sub(rb"^[CS]: ?", b"", line) + b"\r\n") for number, line in rows]


def cut(pieces, size):
    return [(side, octets[at:at + size]) for side, octets in pieces for at in range(0, len(octets), size)]


def try_fixtures():
    """What is found in a transcript is found in its octets as they pass, whatever the pieces."""
    tried = 0
    for path in sorted((ROOT / "fixtures/rules").rglob("*.txt")):
        rows = dialogue(path)
        name = f"{path.parent.name}/{path.name}"
        if not rows or name in ONLY_OCTETS:
            continue
        tried += 1
        numbers = [0] + [number for number, *_ in rows] + [None]
        pieces = [row[1:] for row in rows]
        # What passes by is no recording that could hold a password.
        wanted = sorted((found["rule"], found["line"]) for found in check(path, "--each")
                        if found["type"] == "finding" and found["rule"] != "credentials-in-transcript")
        for size in (1, 5000):
            got = sorted((rule, numbers[line]) for rule, line in Linter().hear(cut(pieces, size)).end()[1])
            if got != wanted:
                report(False, f"{name} in pieces of {size}", (got, wanted))
    report(tried > 150, f"{tried} transcripts, as they pass", tried)


def try_at_once():
    linter = Linter().hear(HELLO + MAIL)
    report(linter.rules() == [], "nothing is said too early", linter.findings)
    linter.hear([(CLIENT, b"MAIL FROM:<b@example.org>\r\n")])
    before = linter.rules()
    linter.hear([(SERVER, b"503 nested\r\n")])
    report(before == [] and linter.rules() == [("nested-mail", 8)], "a finding comes with the reply to the command", (before, linter.findings))
    report(linter.hear(BYE).end() == (DONE, [("nested-mail", 8)]), "and only once", linter.findings)
    report([json.loads(text)["outcome"] for text in linter.sessions] == ["refused"], "what became of the session", linter.sessions)
    verdicts = [(text["command"], text["legal"], text["state"]) for text in map(json.loads, linter.exchanges)]
    report(("MAIL", False, "mail") in verdicts and len(verdicts) == 5, "each exchange with its verdict", verdicts)


def try_tls():
    inside = [(CLIENT, b"EHLO a\r\n"), (SERVER, b"250-mx\r\n250 AUTH PLAIN\r\n")] + LOGIN + BYE
    report(Linter().hear(HELLO + STARTTLS + inside).end() == (DONE, []), "the text inside TLS, after STARTTLS")
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256))
    passed = [(CLIENT, hello), (SERVER, hello), (CLIENT, b"\x17\x03\x03\r\nMAIL FROM:<x>\r\n")]
    report(Linter().hear(HELLO + STARTTLS + passed).end() == (DONE, []), "TLS that passes through, after STARTTLS")
    report(Linter().hear(passed).end() == (NO_SESSION, []), "TLS that passes through, from the beginning")
    clear = [(SERVER, b"220 mx ESMTP\r\n")] + inside
    report(Linter().hear(clear).end()[1] == [("auth-without-tls", 5)], "a password in the clear")
    for fact, name in ((TLS, "inside TLS"), (LOCAL, "within one computer")):
        linter = Linter()
        linter.know(fact)
        report(linter.hear(clear).end() == (DONE, []), f"a password {name}", linter.findings)
    injected = HELLO + [(CLIENT, b"STARTTLS\r\n"), (SERVER, b"220 go\r\n250 injected\r\n")] + inside
    report(Linter().hear(injected).end()[1] == [("reply-before-tls", 8)], "a reply before TLS")


def try_secrets():
    linter = Linter().hear(HELLO + LOGIN + [(CLIENT, b"AUTH PLAIN AGFsaWNlAHMzY3IzdC1wNHNz\r\n"), (SERVER, b"503 s3cr3t-p4ss again\r\n")] + BYE)
    linter.finish()
    shown = json.dumps([linter.findings, linter.exchanges, linter.sessions])
    report(linter.findings and "s3cr3t" not in shown and "AGFsaWNl" not in shown, "secrets are blanked", shown)
    report(b"s3cr3t" not in linter.redact(b"user of s3cr3t-p4ss"), "and in a text of the caller's")
    linter.free()
    linter = Linter()
    linter.set(SHOW_SECRETS, 1)
    linter.hear(HELLO + LOGIN + BYE).end()
    report("AGFsaWNl" in "".join(linter.exchanges), "unless they are asked for")


def try_odd():
    linter = Linter()
    report([linter.know(LOST_OF_SERVER), linter.know(LOST_OF_CLIENT)] == [DONE, DONE], "the beginning has not been seen")
    linter.hear([(CLIENT, b"RCPT TO:<b@example.com>\r\n"), (SERVER, b"250 ok\r\n")] + BYE)
    report(linter.end()[1] == [], "and nothing is held against the client for it", linter.findings)
    linter = Linter()
    codes = [linter.said(2, b"x", 1), linter.said(CLIENT, b"EHLO a\r\n", 8), linter.feed(b"x", 1), linter.know(9), linter.set(REPORT_EACH, 1),
             linter.format(b"swaks"), linter.recording()]
    report(codes == [MISUSED, DONE, MISUSED, MISUSED, MISUSED, MISUSED, None], "what is not due is refused", codes)
    linter.finish()
    codes = [linter.said(CLIENT, b"x", 1), linter.finish()]
    report(codes == [MISUSED, MISUSED], "nothing is taken after the end", codes)
    report(json.loads(linter.recording())["format"] == "live", "the recording is live")
    linter.free()
    hostile = [(side, bytes((number * 7 + side * 13 + at * at) % 256 for at in range(number % 700))) for number in range(3000) for side in (CLIENT, SERVER)]
    report(Linter().hear(HELLO + hostile).end()[0] == DONE, "any octets")
    linter = Linter().hear(HELLO + [(CLIENT, b"x" * 4096)] * 5000)
    linter.free()
    report(True, "a line without an end, and given up")
    report(Linter().end() == (NO_SESSION, []), "nothing was said")


def try_recording():
    """What else the program says of a recording that is fed."""
    path = ROOT / "fixtures/reports/faulty.txt"
    linter, rows = Linter(), check(path)
    linter.feed(path.read_bytes(), path.stat().st_size)
    linter.finish()
    wanted = [{**row, "file": ""} for row in rows if row["type"] == "session"]
    report(list(map(json.loads, linter.sessions)) == wanted, "fed: what became of its sessions", linter.sessions)
    wanted = [{**row, "file": ""} for row in rows if row["type"] == "file"]
    report([json.loads(linter.recording())] == wanted, "fed: how it was read", linter.recording())
    linter.free()
    text = b"C: EHLO a\nS: 250 mx\n# smtpseq: allow rcpt-before-mail: a test\nC: RCPT TO:<b@example.com>\nS: 503 no\n# smtpseq: alow x\nC: QUIT\nS: 221 bye\n"
    linter = Linter()
    codes = [linter.format(b"transcript"), linter.format(b"nonsense"), linter.feed(text, len(text))]
    report(codes == [DONE, MISUSED, DONE] and linter.end() == (DONE, []), "fed: a comment allows a finding", (codes, linter.findings))
    report(any("line 6: 'alow' is not known" in remark for remark in linter.remarks), "fed: and one that is wrong is remarked", linter.remarks)


def try_threads():
    session, found = HELLO + MAIL + MAIL + BYE, []
    threads = [threading.Thread(target=lambda size=size: found.append(Linter().hear(cut(session, size)).end())) for size in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(found == [(DONE, [("nested-mail", 8)])] * 16, "sixteen sessions at once", found)


class MailServer(threading.Thread):
    """Takes mail on a free port of 127.0.0.1: says 503 to a second MAIL."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))

    def run(self):
        while True:
            connection = self.listener.accept()[0]
            with connection, connection.makefile("rwb", buffering=0) as lines:
                self.serve(lines)

    @staticmethod
    def serve(lines):
        mail = False
        lines.write(b"220 mx ESMTP\r\n")
        for line in lines:
            verb = line.split()[0].upper() if line.split() else b""
            answer = b"503 nested" if verb == b"MAIL" and mail else {b"DATA": b"354 go ahead", b"QUIT": b"221 bye"}.get(verb, b"250 ok")
            mail = verb not in (b"RSET", b"EHLO") and (mail or verb == b"MAIL")
            lines.write(answer + b"\r\n")
            if verb == b"DATA":
                while lines.readline() not in (b".\r\n", b""):
                    pass
                lines.write(b"250 queued\r\n")
                mail = False
            if verb == b"QUIT":
                return


def try_proxy():
    """Real sessions of smtplib through the example."""
    server = MailServer()
    server.start()
    with subprocess.Popen([PROXY, "0", "127.0.0.1", str(server.listener.getsockname()[1])], stdout=subprocess.PIPE, text=True) as proxy:
        port = int(proxy.stdout.readline().rpartition(":")[2])
        client = smtplib.SMTP("127.0.0.1", port)
        client.ehlo("a")
        client.mail("a@example.org")
        code = client.mail("b@example.org")[0]
        line = proxy.stdout.readline()
        report(code == 503 and re.match(r"line \d+: client: .*\[nested-mail\]$", line), "the proxy says it while the session runs", (code, line))
        client.quit()
        outcome = json.loads(proxy.stdout.readline())
        report(outcome["outcome"] == "refused", "and at its end what became of it", outcome)
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@example.org", ["b@example.com"], "Subject: hi\r\n\r\nhi\r\n")
        line = proxy.stdout.readline()
        report(line.startswith("{") and json.loads(line)["outcome"] == "delivered", "a session in order draws nothing", line)
        proxy.terminate()


def main():
    try_proxy()
    if SANITIZED:
        report(True, "in Python # SKIP a sanitizer cannot be loaded into it")
    else:
        Linter.library = load()
        try_at_once()
        try_fixtures()
        try_tls()
        try_secrets()
        try_odd()
        try_recording()
        try_threads()
    print(f"1..{len(RESULTS)}")


if __name__ == "__main__":
    main()
