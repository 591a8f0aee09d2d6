#!/usr/bin/env python3
"""Plays the sessions of a script against mail servers on 127.0.0.1 and writes C:/S: transcripts.

    record.py [-o DIR] SESSIONS.txt [NAME-PREFIX]...

A session in the script:

    [nested-mail/catch] postfix     its name, and the server (see SERVERS; "scripted" is scripted_server.py)
    ; a line for the reader         becomes a # line at the head of the recording
    % MAIL#2 = 503 5.5.1 Error      scripted only: what to answer to the second MAIL; several lines: several %; nothing
                                    after the =: no reply
    EHLO client.example.org         send a command, read its reply
    + MAIL FROM:<a@example.org>     ... in one packet with the command before it: all are sent, then all replies read
    | Subject: text                 a line of a message or of a BDAT chunk: sent with what follows it (or, after BDAT,
                                    with the BDAT; "BDAT auto LAST" counts the octets); "+|" joins it to the packet
    .                               the end of the message
    ! AUTH PLAIN dGVzdA==           as a command, but recorded with [redacted] in place of the last word
    > NOOP                          send only
    < 2                             read two replies (one, if no number is given)
    @drain                          read replies until the server is silent for a second
    @wait                           wait for what the server says on its own account
    @tls                            TLS handshake
    @cram USER PASSWORD             the answer to the CRAM-MD5 challenge just read, recorded as [redacted]
    @nogreeting                     first line: do not read the greeting before sending
    @connect                        a second connection
    @clientonly                     first line: the recording has the client's lines only
    @cut                            close, as a lost connection does
"""
import argparse
import base64
import hmac
import pathlib
import re
import socket
import ssl
import sys

import scripted_server

SERVERS = {
    "postfix": (13025, "Postfix 3.7.11"),
    "postfix-old": (13026, "Postfix 3.7.11 without PIPELINING, CHUNKING, STARTTLS, AUTH"),
    "postfix-submission": (13027, "Postfix 3.7.11, submission, AUTH in TLS only"),
    "postfix-reject": (13028, "Postfix 3.7.11, smtpd_client_restrictions=reject"),
    "postfix-impatient": (13029, "Postfix 3.7.11, smtpd_timeout=3s, smtpd_hard_error_limit=2"),
    "postfix-proxied": (13030, "Postfix 3.7.11, XCLIENT allowed"),
    "postfix-nokey": (13031, "Postfix 3.7.11, its TLS key missing"),
    "exim": (14025, "Exim 4.96"),
    "exim-old": (14026, "Exim 4.96 without PIPELINING, CHUNKING, STARTTLS, AUTH"),
    "opensmtpd": (15025, "OpenSMTPD 6.8.0p2"),
    "aiosmtpd": (16025, "aiosmtpd 1.4.3"),
    "aiosmtpd-tls": (16026, "aiosmtpd 1.4.3, AUTH in TLS only"),
    "aiosmtpd-bare": (16027, "aiosmtpd 1.4.3 without SIZE and SMTPUTF8"),
    "aiosmtpd-auth": (16028, "aiosmtpd 1.4.3, AUTH"),
    "pysmtpd": (17025, "smtpd of Python 3.11"),
    "scripted": (None, "tests/record/scripted_server.py, no real server"),
}
TIMEOUT = 8


class Session:
    def __init__(self, port):
        self.port, self.lines, self.sock = port, [], None

    def connect(self):
        if self.sock:
            self.sock.close()
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        self.buffer, self.closed = b"", False

    def note(self, text):
        self.lines.append("# " + text)

    def send(self, parts):
        """parts: (octets to send, text to record) of one packet"""
        for _, text in parts:
            self.lines.extend("C: " + line if line else "C:" for line in text.split("\n"))
        try:
            self.sock.sendall(b"".join(data for data, _ in parts))
        except OSError:
            self.closed = True

    def line(self, timeout):
        self.sock.settimeout(timeout)
        while b"\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except (TimeoutError, socket.timeout):
                return None
            except OSError:
                data = b""
            if not data:
                return None
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def read(self, count=1, timeout=TIMEOUT):
        for _ in range(count):
            while True:
                line = None if self.closed else self.line(timeout)
                if line is None:
                    return False
                self.lines.append("S: " + line if line else "S:")
                self.last = line
                if not re.match(r"\d\d\d-", line):
                    break
        return True

    def tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.sock.settimeout(TIMEOUT)
        self.sock = context.wrap_socket(self.sock)
        self.buffer = b""
        self.note("TLS handshake done, " + self.sock.version())


def play(server, steps, overrides):
    port, about = SERVERS[server]
    if port is None:
        port = scripted_server.start(overrides)
    session = Session(port)
    for step in steps:
        if step.startswith("; "):
            session.note(step[2:])
    session.connect()
    if "@nogreeting" not in steps:
        session.read()
    chunk, packet, expected = [], [], 0      # message lines, (octets, text) of the packet under way, its replies

    def flush():
        nonlocal chunk, packet, expected
        if chunk:
            packet.append(("".join(c + "\r\n" for c in chunk).encode(), "\n".join(chunk)))
        parts, count = packet, expected
        chunk, packet, expected = [], [], 0
        if parts:
            session.send(parts)
        session.read(count)

    steps = [s for s in steps if not s.startswith("; ") and s not in ("@nogreeting", "@clientonly")]
    for i, step in enumerate(steps):
        joined, reply, secret = False, 1, False
        if step.startswith("+"):
            joined, step = True, step[1:].removeprefix(" ")
        if step.startswith("|"):
            if not joined and packet and not packet[-1][1].upper().startswith("BDAT "):
                flush()
            chunk.append(step[2:])
            continue
        in_body = bool(chunk) and (not packet or not packet[-1][1].upper().startswith("BDAT ") or step == ".")
        if not joined and not in_body:
            flush()
        elif chunk:
            packet.append(("".join(c + "\r\n" for c in chunk).encode(), "\n".join(chunk)))
            chunk = []
        if step.startswith("<"):
            flush()
            session.read(int(step[1:] or 1))
            continue
        if step.startswith("@"):
            flush()
            word, *args = step.split()
            if word == "@drain":
                while session.read(1, timeout=1):
                    pass
            elif word == "@wait":
                session.read()
            elif word == "@tls":
                session.tls()
            elif word == "@cram":
                challenge = base64.b64decode(session.last.split()[1])
                digest = hmac.new(args[1].encode(), challenge, "md5").hexdigest()
                data = base64.b64encode(f"{args[0]} {digest}".encode())
                session.send([(data + b"\r\n", "[redacted]")])
                session.read()
            elif word == "@connect":
                session.connect()
                session.read()
            elif word == "@cut":
                session.sock.close()
                session.closed = True
            continue
        if step.startswith("> "):
            reply, step = 0, step[2:]
        elif step.startswith("! "):
            secret, step = True, step[2:]
        if step.upper().startswith("BDAT AUTO"):
            size = 0
            for later in steps[i + 1:]:
                if not later.removeprefix("+").startswith("|"):
                    break
                size += len(later.removeprefix("+")[2:].encode()) + 2
            step = step[:5] + str(size) + step[9:]
        text = " ".join(step.split(" ")[:-1] + ["[redacted]"]) if secret else step
        packet.append(((step + "\r\n").encode(), text))
        expected += reply
    flush()
    if session.sock:
        session.sock.close()
    return session.lines, about


def parse(path):
    name = server = None
    steps, overrides = [], {}
    for raw in path.read_text().splitlines():
        head = re.fullmatch(r"\[([\w/.-]+)\] ([\w-]+)", raw)
        if head:
            if name:
                yield name, server, steps, overrides
            name, server = head.groups()
            steps, overrides = [], {}
        elif raw.startswith("% "):
            verb, nth, text = re.fullmatch(r"% ([A-Z.]+)(?:#(\d+))? =(?: (.*))?", raw).groups()
            lines = overrides.setdefault((verb, int(nth or 1)), [])
            if text is not None:
                lines.append(text)
        elif raw and not raw.startswith("#"):
            steps.append(raw)
    if name:
        yield name, server, steps, overrides


def main():
    arguments = argparse.ArgumentParser(description="records SMTP sessions from a script")
    arguments.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("fixtures/rules"))
    arguments.add_argument("sessions", type=pathlib.Path)
    arguments.add_argument("prefix", nargs="*", help="only the sessions whose name begins like this")
    options = arguments.parse_args()
    for name, server, steps, overrides in parse(options.sessions):
        if options.prefix and not any(name.startswith(p) for p in options.prefix):
            continue
        lines, about = play(server, steps, overrides)
        if "@clientonly" in steps:
            lines = [line for line in lines if not line.startswith("S:")]
        path = options.output / (name + ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([f"# Server: {about}; recorded with tests/record/record.py"] + lines) + "\n")
        print(path)


if __name__ == "__main__":
    sys.exit(main())
