#!/usr/bin/env python3
"""Makes transcripts of a given size for the bench: the same seed gives the same octets.

usage: corpus.py [--seed N] [--size MB] [--capture PCAP] commands|bodies|varied FILE

commands: many short transactions, replies of one line, messages of a few lines.
bodies:   few transactions, messages of up to some megabytes.
varied:   short sessions, no two alike: groups, STARTTLS, AUTH, parameters, refusals, one command in a hundred out of order.

--capture writes the same sessions as a capture too, each a TCP connection, each line a packet.

One session in fifty has a fault, so that a run also writes findings and `grep '^S: 503'` has something to find.
"""

import argparse
import base64
import random
import struct

WORDS = """the of and to in that is was for on are with as be at this have from or by not but what all were when we there can
an your which their said if do will each about how up out them then she many some so these would other into has more her two like
him see time could no make than first been its who now people my made over did down only way find use may water long little very
after words called just where most know get through back much before go good new write our used me man too any day same right look
think also around another came come work three word must because does part even place well such here take why things help put
years different away again off went old number great tell men say small every found still between name should""".split()
DOMAINS = ["example.com", "example.org", "example.net", "mail.example.com", "lists.example.org", "a.b.example.net"]


class Session:
    """One session, as the lines of a C:/S: transcript."""

    def __init__(self, rng):
        self.rng = rng
        self.lines = []

    def address(self):
        return f"{self.rng.choice(WORDS)}.{self.rng.choice(WORDS)}{self.rng.randrange(1000)}@{self.rng.choice(DOMAINS)}"

    def says(self, command, *replies):
        self.lines.append("C: " + command)
        self.lines.extend("S: " + reply for reply in replies)

    def hello(self):
        self.lines.append("S: 220 mx.example.com ESMTP")
        self.says("EHLO client.example.org", "250-mx.example.com", "250-PIPELINING", "250-SIZE 10240000", "250-ENHANCEDSTATUSCODES",
                  "250-8BITMIME", "250-DSN", "250 CHUNKING")

    def begin(self):
        self.says(f"MAIL FROM:<{self.address()}>", "250 2.1.0 Ok")
        for _ in range(self.rng.choice((1, 1, 1, 2, 3, 8))):
            self.says(f"RCPT TO:<{self.address()}>", "250 2.1.5 Ok")
        if self.rng.random() < 0.1:
            self.says(f"RCPT TO:<{self.address()}>", "550 5.1.1 User unknown in local recipient table")

    def text_line(self):
        size, line = self.rng.randrange(30, 76), ""
        while len(line) < size:
            line += self.rng.choice(WORDS) + " "
        return line[:size].rstrip() + "."

    def message(self, lines):
        self.says("DATA", "354 End data with <CR><LF>.<CR><LF>")
        self.lines += [f"C: From: <{self.address()}>", f"C: Subject: {self.text_line()}", "C:"]
        self.lines += ["C: " + line for line in lines]
        self.says(".", f"250 2.0.0 Ok: queued as {self.rng.randrange(16 ** 10):010X}")

    def fault(self):
        self.says(f"MAIL FROM:<{self.address()}>", "250 2.1.0 Ok")
        self.says(f"MAIL FROM:<{self.address()}>", "503 5.5.1 Error: nested MAIL command")
        self.says("RSET", "250 2.0.0 Ok")

    def finish(self):
        if self.rng.random() < 0.02:
            self.fault()
        self.says("QUIT", "221 2.0.0 Bye")
        return "\n".join(self.lines) + "\n"


def command_session(rng, _text):
    session = Session(rng)
    session.hello()
    for _ in range(rng.randrange(1, 12)):
        session.begin()
        if rng.random() < 0.2:
            session.says("RSET", "250 2.0.0 Ok")
        else:
            session.message(session.text_line() for _ in range(rng.randrange(0, 3)))
        if rng.random() < 0.1:
            session.says("NOOP", "250 2.0.0 Ok")
    return session.finish()


def body_session(rng, text):
    session = Session(rng)
    session.hello()
    for _ in range(rng.randrange(1, 3)):
        session.begin()
        count = int(20 * 2 ** rng.uniform(0, 11))
        start = rng.randrange(len(text))
        lines = [text[(start + i) % len(text)] for i in range(count)]
        lines.insert(rng.randrange(count), "..")  # dot-stuffing
        session.message(lines)
    return session.finish()


EXTENSIONS = ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN", "SMTPUTF8", "CHUNKING", "VRFY", "ETRN"]


class VariedSession(Session):
    """Clients and servers that differ in all that they may differ in."""

    def greet(self, inside_tls):
        rng = self.rng
        offer = rng.sample(EXTENSIONS, rng.randrange(2, len(EXTENSIONS)))
        if not inside_tls and self.tls:
            offer.append("STARTTLS")
        if self.login and (inside_tls or not self.tls):
            offer.append("AUTH PLAIN LOGIN")
        self.pipelining = "PIPELINING" in offer
        lines = ["mx.example.com"] + offer
        self.says(f"EHLO {rng.choice(WORDS)}.example.org", *(f"250{'-' if i + 1 < len(lines) else ' '}{line}" for i, line in enumerate(lines)))

    def authenticate(self):
        name, word = f"{self.rng.choice(WORDS)}{self.rng.randrange(1000)}", "%08x" % self.rng.randrange(16 ** 8)
        coded = lambda text: base64.b64encode(text.encode()).decode()
        end = "235 2.7.0 Authentication successful" if self.rng.random() < 0.95 else "535 5.7.8 authentication failed"
        if self.rng.random() < 0.5:
            self.says("AUTH PLAIN " + coded(f"\0{name}\0{word}"), end)
        else:
            self.says("AUTH LOGIN", "334 VXNlcm5hbWU6")
            self.says(coded(name), "334 UGFzc3dvcmQ6")
            self.says(coded(word), end)

    def envelope(self):
        rng = self.rng
        parameters = rng.choice(("", "", f" SIZE={rng.randrange(100, 100000)}", " BODY=8BITMIME"))
        yield f"MAIL FROM:<{self.address()}>{parameters}", "250 2.1.0 Ok"
        for number in range(rng.choice((1, 1, 1, 2, 3))):
            refused = number > 0 and rng.random() < 0.1
            yield f"RCPT TO:<{self.address()}>", "550 5.1.1 User unknown" if refused else "250 2.1.5 Ok"
        yield "DATA", "354 End data with <CR><LF>.<CR><LF>"

    def transaction(self):
        if self.rng.random() < 0.02:
            self.says(f"RCPT TO:<{self.address()}>", "503 5.5.1 Error: need MAIL command")
        exchanges = list(self.envelope())
        if self.pipelining and self.rng.random() < 0.6:
            self.lines += ["C: " + command for command, _ in exchanges] + ["S: " + reply for _, reply in exchanges]
        else:
            for command, reply in exchanges:
                self.says(command, reply)
        self.lines += [f"C: Subject: {self.text_line()}", "C:", *("C: " + self.text_line() for _ in range(self.rng.randrange(0, 4)))]
        self.says(".", f"250 2.0.0 Ok: queued as {self.rng.randrange(16 ** 10):010X}")

    def whole(self):
        rng = self.rng
        self.tls, self.login = rng.random() < 0.3, rng.random() < 0.3
        self.lines.append("S: 220 mx.example.com ESMTP " + rng.choice(WORDS))
        self.greet(False)
        if self.tls:
            self.says("STARTTLS", "220 2.0.0 Ready to start TLS")
            self.greet(True)
        if self.login:
            self.authenticate()
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            self.transaction()
            if rng.random() < 0.2:
                self.says(rng.choice(("RSET", "NOOP")), "250 2.0.0 Ok")
        return self.finish()


def varied_session(rng, _text):
    return VariedSession(rng).whole()


class Capture:
    """A pcap file of raw IPv4 packets; checksums are left out, as network cards that fill them in later do."""

    CLIENT, SERVER = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"
    SYN, ACK, PUSH_ACK, FIN_ACK = 0x02, 0x10, 0x18, 0x11

    def __init__(self, path):
        self.out = open(path, "wb")
        self.out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        self.count = 0

    def packet(self, server, flags, payload=b""):
        ports = (25, self.port) if server else (self.port, 25)
        acknowledged = 0 if flags == self.SYN and not server else self.next[not server]
        tcp = struct.pack(">HHIIBBHHH", *ports, self.next[server], acknowledged, 0x50, flags, 65535, 0, 0) + payload
        addresses = self.SERVER + self.CLIENT if server else self.CLIENT + self.SERVER
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), self.count & 0xFFFF, 0x4000, 64, 6, 0) + addresses
        self.out.write(struct.pack("<IIII", self.count // 1000, self.count % 1000 * 1000, len(ip + tcp), len(ip + tcp)) + ip + tcp)
        self.count += 1
        self.next[server] += len(payload) + bool(flags & 0x03)

    def session(self, number, transcript):
        self.port, self.next = 1024 + number % 60000, [1000 + number, 5000 + number]
        self.packet(False, self.SYN)
        self.packet(True, self.SYN | self.ACK)
        self.packet(False, self.ACK)
        for line in transcript.splitlines():
            self.packet(line.startswith(b"S:"), self.PUSH_ACK, line[3:] + b"\r\n")
        self.packet(True, self.FIN_ACK)
        self.packet(False, self.FIN_ACK)
        self.packet(True, self.ACK)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=float, default=200, metavar="MB")
    parser.add_argument("--capture", metavar="PCAP")
    parser.add_argument("kind", choices=("commands", "bodies", "varied"))
    parser.add_argument("file")
    options = parser.parse_args()

    rng = random.Random(f"{options.kind} {options.seed}")
    make = {"commands": command_session, "bodies": body_session, "varied": varied_session}[options.kind]
    source = Session(rng)
    text = [source.text_line() for _ in range(20000)]
    # A pool in random order: quick to write, and too large for any cache of branches.
    pool = [make(rng, text).encode() for _ in range(200 if options.kind == "bodies" else 3000)]
    left = int(options.size * 1e6)
    capture = Capture(options.capture) if options.capture else None
    with open(options.file, "wb") as out:
        number = 0
        while left > 0:
            session = rng.choice(pool)
            left -= out.write(session)
            if capture:
                capture.session(number, session)
            number += 1


if __name__ == "__main__":
    main()
