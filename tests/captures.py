#!/usr/bin/env python3
"""Makes captures and packed recordings in many ways, and checks that smtpseq reads the same from all of them.

usage: captures.py SMTPSEQ fixtures/formats/pcap

Each capture of the folder is written anew in every way of tests/record/captures.py. Prints TAP.
"""

import bz2
import functools
import gzip
import io
import json
import lzma
import os
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "record"))
import captures  # noqa: E402
import printed  # noqa: E402

os.environ.pop("GITHUB_ACTIONS", None)  # there the default format is another
SMTPSEQ, FIXTURES = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
TESTS = []

GREETING = "S: 220 mx.example.com ESMTP"
HELLO = ["C: EHLO client.example.org", "S: 250-mx.example.com", "S: 250 PIPELINING"]
MAIL = ["C: MAIL FROM:<alice@example.org>", "S: 250 ok"]
RCPT = ["C: RCPT TO:<bob@example.com>", "S: 250 ok"]
NESTED = ["C: MAIL FROM:<alice@example.org>", "S: 503 nested"]
MESSAGE = ["C: DATA", "S: 354 go ahead", "C: Subject: hello", "C: ", "C: QUIT", "C: .", "S: 250 ok"]
BYE = ["C: QUIT", "S: 221 bye"]
WHOLE = [GREETING, *HELLO, *MAIL, *RCPT, *MESSAGE, *BYE]
TRANSCRIPT = "\n".join([GREETING, *HELLO, *MAIL, *NESTED, *BYE, ""]).encode()


def test(name, difference):
    TESTS.append(name)
    print(f"{'not ok' if difference else 'ok'} {len(TESTS)} - {name}")
    for line in str(difference or "").splitlines():
        print(f"# {line}")


@functools.lru_cache(maxsize=4)  # the findings and what was said are of one run
def smtpseq(command, octets):
    return subprocess.run([SMTPSEQ, command, "--format=ndjson", "-"], input=octets, capture_output=True, timeout=900, check=False)


def sessions_of(octets):
    """The exchanges of each session."""
    sessions = {}
    for line in smtpseq("replay", octets).stdout.decode().splitlines():
        event = json.loads(line)
        if event["type"] == "exchange":
            code = event["replies"][-1]["code"] if event["replies"] else None
            sessions.setdefault((event["file"], event["session"]), []).append((event["command"], code))
    return sorted(sessions.values(), key=str)


def findings_of(octets):
    found = [json.loads(line) for line in smtpseq("check", octets).stdout.decode().splitlines()]
    return [(event["rule"], event["line"]) for event in found if event["type"] == "finding"]


def check_each(recordings):
    """Checks all the recordings in one run, each in a file of its own: the run, and the rules that find something in each."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, str(number)) for number in range(len(recordings))]
        for path, octets in zip(paths, recordings):
            path.write_bytes(octets)
        done = subprocess.run([SMTPSEQ, "check", "--isolated", "--format=ndjson", *paths], capture_output=True, timeout=2900, check=False)
    found = {str(path): set() for path in paths}
    for event in map(json.loads, done.stdout.decode().splitlines()):
        if event["type"] == "finding":
            found[event["file"]].add(event["rule"])
    return done, list(found.values())


def expect(name, octets, sessions=None, findings=None, said=(), status=None):
    """Compares what smtpseq finds in the octets with what is expected."""
    wrong = []
    done = smtpseq("check", octets)
    if done.returncode not in (0, 1, 2) or (status is not None and done.returncode != status):
        wrong.append(f"exit status {done.returncode}")
    wrong += [f"not said: {words}\n  said: {done.stderr.decode()}" for words in said if words not in done.stderr.decode()]
    if sessions is not None and sessions_of(octets) != sorted(sessions, key=str):
        wrong.append(f"expected: {sessions}\nfound:    {sessions_of(octets)}")
    if findings is not None and findings_of(octets) != findings:
        wrong.append(f"expected: {findings}\nfound:    {findings_of(octets)}")
    test(name, "\n".join(wrong))


def written(*connections, variant="copy"):
    segments = sorted((s for connection in connections for s in connection.segments), key=lambda s: s.time)
    return captures.rewrite(variant, segments)


def rewritten():
    """Differences that must not matter."""
    damaged = ("reused", "middle", "fragments", "snap")
    for path in sorted(FIXTURES.glob("*.pcap")):
        if path.stem not in ("good", "order503", "two-interleaved", "auth-tls"):
            continue
        expected, segments = sessions_of(path.read_bytes()), captures.read(path)
        for variant in captures.VARIANTS:
            if variant not in damaged:
                expect(f"{path.stem}, {variant}", captures.rewrite(variant, segments), expected)
        expect(f"{path.stem}, reused", captures.rewrite("reused", segments), expected * 2)


def missing():
    """Octets that are missing in a capture draw no finding."""
    segments = captures.read(FIXTURES / "good.pcap")
    for number in range(len(segments)):
        kept = [s for i, s in enumerate(segments) if i != number]
        expect(f"good without frame {number + 1}", captures.Wire().write(kept), findings=[])
        expect(f"good from frame {number + 1}", captures.Wire().write(segments[number:]), findings=[])
    expect("fragments are reported", captures.rewrite("fragments", segments), findings=[], said=["fragments of IP packets"], status=2)
    expect("snapshot length is reported", captures.rewrite("snap", segments), findings=[], said=["captured incompletely"])
    message = captures.Connection().open().say(*WHOLE).close().segments
    without = [s for s in message if not s.payload.startswith(b"Subject")]
    codes = [("CONNECT", 220), ("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), (".", 250), ("QUIT", 221)]
    expect("a hole in a message", captures.Wire().write(without), [codes], [], ["16 octets in 1 place"])


def waiting():
    """Packets that come late or never, with many others in between."""
    lines = [f"C: line {number}" for number in range(100)]
    talk = [*WHOLE[:10], *lines, *WHOLE[10:]]
    codes = sessions_of(captures.Wire().write(captures.Connection().open().say(*talk).close().segments))
    whole = captures.Connection().open().say(*talk).close().segments
    missing = next(s for s in whole if s.payload == b"line 3\r\n")
    rest = [s for s in whole if s is not missing]
    expect("a line of a message is missing, and acknowledged", captures.Wire().write(rest), codes, [], ["8 octets in 1 place"])
    greeting = next(s for s in whole if s.payload.startswith(b"220"))
    expect("the greeting is missing, and acknowledged", captures.Wire().write([s for s in whole if s is not greeting]), findings=[],
           said=["octets in 1 place"])

    # The server has not got the line either: it acknowledges nothing after it until it has been sent again.
    held = [s.clone(ack=min(s.ack, missing.seq)) if s.source == missing.destination and s.time > missing.time else s for s in rest]
    last = max(i for i, s in enumerate(held) if s.payload.startswith(b"line"))
    late = held[: last + 1] + [missing] + [s for s in rest[last + 1 :]]
    expect("a line is sent again much later", captures.Wire().write(late), codes, [])

    for name, count, size in (("segments", 5000, 2), ("octets", 80, 60000)):
        flood = captures.Connection().open().say(*WHOLE[:10])
        first = len(flood.segments)
        for _ in range(count):
            flood.send("C", b"x" * size)
        flood.send("C", b"\r\n.\r\n").say("S: 250 ok", *BYE).close()
        kept = flood.segments[:first] + flood.segments[first + 1 :]
        kept = [s.clone(ack=min(s.ack, flood.segments[first].seq)) if s.source[1] == 25 and s.payload == b"" and i > first else s
                for i, s in enumerate(kept)]
        expect(f"more {name} wait than there is room for", captures.Wire().write(kept), findings=[], said=[f"{size} octets in 1 place"])


IP4 = bytes.fromhex("0a0000010a000002")
IP6 = bytes(15) + b"\1" + bytes(15) + b"\2"
PORTS = bytes.fromhex("9c40001900000001000000025018ffff00000000")


def ip4(protocol=6, body=PORTS, head=0x45, total=None, offset=0):
    size = 20 + len(body) if total is None else total
    return struct.pack(">BBHHHBBH", head, 0, size, 1, offset, 64, protocol, 0) + IP4 + body


def ip6(following=6, body=PORTS, size=None):
    return struct.pack(">IHBB", 6 << 28, len(body) if size is None else size, following, 64) + IP6 + body


def frames():
    """Frames without TCP or with a damaged header change nothing; lost octets are reported."""
    four, six, cut, fragment = b"\x08\x00", b"\x86\xdd", "1 frame captured incompletely", "1 fragment of IP packets"
    rows = {
        "less than a head of Ethernet": (None, b"", ""),
        "ARP": (b"\x08\x06", bytes(28), ""),
        "a tag that is cut off": (b"\x81\x00", b"\0\7", ""),
        "a tag of ARP": (b"\x81\x00", b"\0\7\x08\x06" + bytes(28), ""),
        "old stacked tags of ARP": (b"\x91\x00", b"\0\7\x81\0\0\7\x08\x06" + bytes(28), ""),
        "no octet of IP": (four, b"", ""),
        "IP of version 5": (four, b"\x55" + bytes(40), ""),
        "UDP": (four, ip4(17), ""),
        "IP in IP, and nothing in that": (four, ip4(4, b""), ""),
        "IPv4 of 19 octets": (four, ip4()[:19], cut),
        "a head of IPv4 of 16 octets": (four, ip4(head=0x44), ""),
        "IPv4 that is shorter than its head": (four, ip4(total=19), ""),
        "a fragment of TCP": (four, ip4(offset=0x2000), fragment),
        "a later fragment of TCP": (four, ip4(offset=100), fragment),
        "a fragment of UDP": (four, ip4(17, offset=0x2000), ""),
        "IPv6 of 39 octets": (six, ip6()[:39], cut),
        "UDP over IPv6": (six, ip6(17), ""),
        "a fragment of TCP over IPv6": (six, ip6(44, b"\6\0\0\1" + bytes(4) + PORTS), fragment),
        "a fragment of UDP over IPv6": (six, ip6(44, b"\x11\0\0\1" + bytes(4) + PORTS), ""),
        "an extension that is longer than its packet": (six, ip6(0, b"\6\xff" + bytes(30)), ""),
        "an extension, and nothing after it": (six, ip6(60, b"\6\0" + bytes(6)), ""),
        "mobility, host identity and shim": (six, ip6(135, b"\x8b\0" + bytes(6) + b"\x8c\0" + bytes(6) + b"\x11\0" + bytes(6) + bytes(8)), ""),
        "19 octets of TCP": (four, ip4(body=PORTS[:19]), ""),
        "19 octets of TCP are left": (four, ip4(total=60)[:39], cut),
        "a head of TCP of 16 octets": (four, ip4(body=PORTS[:12] + b"\x40" + PORTS[13:]), ""),
        "a head of TCP that is longer than its packet": (four, ip4(body=PORTS[:12] + b"\xf0" + PORTS[13:]), ""),
        "a head of TCP that was not captured whole": (four, ip4(body=PORTS[:12] + b"\xf0" + PORTS[13:], total=200), cut),
    }
    segments = captures.read(FIXTURES / "good.pcap")
    wire = captures.Wire()
    plain, good = sessions_of(wire.write(segments)), wire.frames(segments)
    for name, (kind, packet, said) in rows.items():
        frame = bytes(12) + kind + packet if kind else bytes(13)
        capture = wire.write_pcap(good[:8] + [(good[8][0], frame)] + good[8:])
        words = smtpseq("check", capture).stderr.decode()
        quiet = [word for word in ("incompletely", "fragment") if word in words and word not in said]
        expect(f"between them {name}", capture, plain, [], [said])
        test(f"between them {name}: no more is reported", quiet)
    for link in (189, 60000):
        wire.link = link
        expect(f"a link of type {link}", wire.write_pcap(good), [], status=2, said=[f"captured on a link of type {link}"])
    wire.link = captures.WIRELESS
    silent = {"a beacon": b"\x80\0" + bytes(40), "protected": b"\x08\x41" + bytes(40), "no data": b"\x48\1" + bytes(30), "aggregated": b"\x88\1" + bytes(22) + b"\x80\0",
              "cut": b"\x08\1" + bytes(10), "without SNAP": b"\x08\1" + bytes(22) + b"\x42\x42\3" + bytes(9)}
    for name, frame in silent.items():
        mixed = wire.frames(segments)
        expect(f"802.11, a frame that is {name}", wire.write_pcap(mixed[:8] + [(mixed[8][0], frame)] + mixed[8:]), plain, [])
    wire.link = captures.NFLOG
    mixed = wire.frames(segments)
    for name, frame in {"no attribute": b"\2\0\0\5", "an attribute of no length": b"\2\0\0\5\0\0\x0a\0", "no packet": b"\2\0\0\5\6\0\x0a\0in\0\0"}.items():
        expect(f"NFLOG, {name}", wire.write_pcap(mixed[:8] + [(mixed[8][0], frame)] + mixed[8:]), plain, [])


def blocks():
    """Damage in pcapng is reported, and everything before it is read."""
    wire = captures.Wire()
    wire.ng = True
    whole = wire.write(captures.read(FIXTURES / "good.pcap"))
    plain = sessions_of(whole)
    expect("pcapng, a block of 13 octets", whole + struct.pack("<III", 6, 13, 0), plain, [], ["a block of a length that cannot be"], 2)
    expect("pcapng, a huge block", whole + struct.pack("<III", 6, 0xFFFFFFF0, 0), plain, [], ["a block of a length that cannot be"], 2)
    expect("pcapng, a packet of no interface", whole + wire.block(6, struct.pack("<IIIII", 9, 0, 0, 0, 0)), plain, [], ["a damaged packet block"], 2)
    expect("pcapng, a packet longer than its block", whole + wire.block(6, struct.pack("<IIIII", 0, 0, 0, 900, 900)), plain, [], ["a damaged packet block"], 2)
    expect("pcapng, a packet without its head", whole + wire.block(3, b""), plain, [], ["a damaged packet block"], 2)
    expect("pcapng, an interface of 4 octets", whole + wire.block(1, bytes(4)), plain, [], ["a damaged interface block"], 2)
    expect("pcapng, a section of no octet order", whole + wire.block(0x0A0D0D0A, bytes(16)), plain, [], ["a damaged section block"], 2)
    expect("pcapng, a block that no draft has", whole + wire.block(77, bytes(40)), plain, [])
    for size in range(1, 40, 3):
        expect(f"pcapng without its last {size} octets", whole[:-size], findings=[], said=["the capture ends in the middle of frame"])


def tunnels():
    """What a client says to a proxy before SMTP, in one piece and octet by octet."""
    codes = [("CONNECT", 220), ("EHLO", 250), ("MAIL", 250), ("MAIL", 503), ("QUIT", 221)]
    smtp = [GREETING, *HELLO, *MAIL, *NESTED, *BYE]
    granted5 = b"\5\0\0\1" + bytes(6)
    socks5 = [("C", b"\5\1\0"), ("S", b"\5\0"), ("C", b"\5\1\0\3\x0emx.example.com\0\x19"), ("S", granted5)]
    user = [("C", b"\5\2\0\2"), ("S", b"\5\2"), ("C", b"\1\3bob\6secret"), ("S", b"\1\0"), ("C", b"\5\1\0\4" + bytes(18)), ("S", granted5)]
    socks4, granted4 = ("C", b"\4\1\0\x19\xc0\0\2\x19bob\0"), ("S", b"\0\x5a" + bytes(6))
    named = ("C", b"\4\1\0\x19\0\0\0\1bob\0mx.example.com\0")
    http = [("C", b"CONNECT mx.example.com:25 HTTP/1.1\r\nHost: mx.example.com\r\n\r\n"), ("S", b"HTTP/1.1 200 Connection established\r\n\r\n")]
    header = ("C", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12))
    ways = {"SOCKS 5": socks5, "SOCKS 5 with a password": user, "SOCKS 4": [socks4, granted4], "SOCKS 4A": [named, granted4], "HTTP CONNECT": http,
            "PROXY, version 2": [header], "SOCKS 5, then HTTP": socks5 + http, "HTTP, then PROXY": http + [header]}
    for name, steps in ways.items():
        through = captures.Connection().open()
        for side, octets in steps:
            through.send(side, octets)
        segments = through.say(*smtp).close().segments
        expect(f"through {name}", captures.Wire().write(segments), [codes])
        expect(f"through {name}, octet by octet", captures.Wire().write(captures.split(segments, None)), [codes])
    refused = {"SOCKS 5": socks5[:3] + [("S", b"\5\2\0\1" + bytes(6))], "SOCKS 5, no method": socks5[:1] + [("S", b"\5\xff")],
               "SOCKS 5, an address of no type": socks5[:3] + [("S", b"\5\0\0\7" + bytes(6))],
               "SOCKS 4": [socks4, ("S", b"\0\x5b" + bytes(6))], "HTTP": [http[0], ("S", b"HTTP/1.1 403 Forbidden\r\n\r\n")],
               "the client speaks out of turn": [*socks5[:1], ("C", b"EHLO a\r\n")]}
    for name, steps in refused.items():
        through = captures.Connection().open()
        for side, octets in steps:
            through.send(side, octets)
        expect(f"refused: {name}", captures.Wire().write(through.say(*smtp).close().segments), [], status=2)


def blind():
    """A client that waits for nothing, however much it sends, in a capture of both sides."""
    replies = ["S: 220 mx.example.com ESMTP", "S: 250 mx.example.com", "S: 250 ok", "S: 250 ok", "S: 354 go ahead", "S: 250 ok", "S: 221 bye"]
    codes = [("CONNECT", 220), ("HELO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), (".", 250), ("QUIT", 221)]
    for count in (1, 30, 3000):
        lines = ["HELO client.example.org", MAIL[0][3:], RCPT[0][3:], "DATA", *["a line of the message, as long as lines are"] * count, ".", "QUIT", ""]
        sent = captures.Connection().open()
        text = "\r\n".join(lines).encode()
        for at in range(0, len(text), 1400):
            sent.send("C", text[at : at + 1400]).put("S", captures.ACK)
        expect(f"{count} lines before the greeting", captures.Wire().write(sent.say(*replies).close().segments), [codes])
    alone = captures.Connection().open().say("C: EHLO a", *["C: MAIL FROM:<a@b.example>"] * 40).close()
    expect("commands, and no answer at all", written(alone), [], status=2)


def frame_of(connection, begin):
    """The frame that begins with these octets."""
    return next(number for number, segment in enumerate(connection.segments, 1) if segment.payload.startswith(begin))


def unfinished():
    """Lines whose end is missing when the server answers."""
    for code, last in (("421 4.4.2 timeout", []), ("500 5.5.2 line too long", ["C: QUIT", "S: 221 bye"])):
        begun = captures.Connection().open().say(GREETING, *HELLO).send("C", b"MAIL FROM:<" + b"a" * 3000).say(f"S: {code}")
        if last:
            begun.send("C", b"aaa>\r\n").say(*last)
        codes = [("CONNECT", 220), ("EHLO", 250), ("MAIL", int(code[:3])), *([("QUIT", 221)] if last else [])]
        expect(f"a line without an end, then {code[:3]}", written(begun.close()), [codes], [("line-too-long", frame_of(begun, b"MAIL"))])
    chunk = captures.Connection().open().say(GREETING, HELLO[0], "S: 250-mx.example.com", "S: 250 CHUNKING", *MAIL, *RCPT)
    chunk.send("C", b"BDAT 200001 LAST\r\n").send("C", b"x" * 1000)
    for _ in range(199):
        chunk.send("C", b"x" * 1000)
    chunk.send("C", b"\rQUIT\r\n").say("S: 250 ok", "S: 221 bye").close()
    expect("a chunk without a line end", written(chunk),
           [[("CONNECT", 220), ("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("BDAT", 250), ("QUIT", 221)]])
    early = captures.Connection().open().say(GREETING, *HELLO, *MAIL, *RCPT).send("C", b"DATA\r\nSubject: o").say("S: 354 go ahead")
    early.send("C", b"ne\r\n\r\n.\r\n").say("S: 250 ok", *BYE).close()
    expect("a message that begins before its 354", written(early),
           [[("CONNECT", 220), ("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354), (".", 250), ("QUIT", 221)]],
           [("pipelined-past-sync-point", frame_of(early, b"DATA"))])


def secured():
    """What comes after the 220 to STARTTLS, and TLS where none was agreed on."""
    offer = [GREETING, HELLO[0], "S: 250-mx.example.com", "S: 250 STARTTLS"]
    hello, answer = b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x03\x00\x05hello"
    codes = [("CONNECT", 220), ("EHLO", 250), ("STARTTLS", 220)]
    evil = captures.Connection().open().say(*offer, "C: STARTTLS").send("S", b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
    expect("replies before the handshake", written(evil.send("C", hello).send("S", answer).close()), [codes], [("reply-before-tls", frame_of(evil, b"220 go"))])
    good = captures.Connection().open().say(*offer, "C: STARTTLS", "S: 220 go").send("C", hello).send("S", answer).close()
    expect("a handshake", written(good), [codes], [])
    plain = captures.Connection().open().say(*offer, "C: STARTTLS", "S: 220 go", "C: EHLO in.the.clear", "S: 250 mx", *BYE).close()
    expect("commands instead of a handshake", written(plain), [[*codes, ("EHLO", 250), ("QUIT", 221)]],
           [("plaintext-after-starttls", frame_of(plain, b"EHLO in"))])
    for body in (printed.rows, printed.text):
        rules = [rule for rule, _ in findings_of(printed.Tcpdump(body).write(plain.segments))]
        test(f"commands instead of a handshake, tcpdump's {body.__name__}", "" if rules == ["plaintext-after-starttls"] else rules)
    wrong = captures.Connection().open().say(GREETING).send("C", hello).say("S: 500 what").close()
    expect("TLS that nobody asked for", written(wrong), [[("CONNECT", 220)]], [("foreign-protocol", frame_of(wrong, hello))])
    for size in range(1, 6):
        pieces = [hello[i:i + size] for i in range(0, len(hello), size)]
        small, asked = captures.Connection().open().say(GREETING), captures.Connection().open().say(*offer, "C: STARTTLS", "S: 220 go")
        for piece in pieces:
            small.send("C", piece)
            asked.send("C", piece)
        expect(f"TLS that nobody asked for, {size} octets a segment", written(small.say("S: 500 what").close()), [[("CONNECT", 220)]],
               [("foreign-protocol", frame_of(small, pieces[0]))])
        expect(f"a handshake, {size} octets a segment", written(asked.send("S", answer).close()), [codes], [])


def spoken():
    """SMTP is recognised by its lines, on any port."""
    codes = [("CONNECT", 220), ("EHLO", 250), ("MAIL", 250), ("MAIL", 503), ("QUIT", 221)]
    smtp = [GREETING, *HELLO, *MAIL, *NESTED, *BYE]
    others = {
        "FTP": ["S: 220 files ready", "C: USER anonymous", "S: 331 password", "C: PASS x", "S: 230 in", "C: NOOP", "S: 200 ok",
                "C: QUIT", "S: 221 bye"],
        "POP3": ["S: +OK ready", "C: USER bob", "S: +OK", "C: QUIT", "S: +OK"],
        "HTTP": ["C: GET / HTTP/1.1", "C: Host: a", "C: ", "S: HTTP/1.1 200 OK", "S: ", "S: MAIL FROM:<a>", "S: 250 ok"],
        "NNTP": ["S: 200 ready", "C: MODE READER", "S: 200 ok", "C: QUIT", "S: 205 bye"],
        "binary": [b"C: \x00\x01\x02EHLO a", b"S: 250\x00"],
    }
    for port, (name, lines) in enumerate(others.items(), 5000):
        other = captures.Connection(server=("192.0.2.9", port)).open().say(*lines).close()
        expect(f"{name} alone", written(other), [], status=2, said=["no SMTP session found"])
        mail = captures.Connection(server=("192.0.2.25", 4025), time=0.0005).open().say(*smtp).close()
        expect(f"{name} beside SMTP", written(other, mail), [codes], status=1)
    proxied = captures.Connection().open().say("C: PROXY TCP4 192.0.2.7 192.0.2.25 40000 25", *smtp).close()
    expect("behind a proxy", written(proxied), [codes])
    unnamed = captures.Connection().open().say("S: 220 hello", *smtp[1:]).close()
    expect("a greeting without the word", written(unnamed), [codes])
    tls = captures.Connection(server=("192.0.2.25", 465)).open().send("C", b"\x16\x03\x01\x00\x05hello").send("S", b"\x16\x03\x03\x00\x05hello")
    expect("smtps", written(tls), [], status=2, said=["in TLS from the first octet"])
    refused = captures.Connection().open().say("S: 554 no SMTP service here", "C: QUIT", "S: 221 bye").close()
    expect("a greeting of 554", written(refused), [[("CONNECT", 554), ("QUIT", 221)]], [])
    refused = captures.Connection().open().say("S: 554 5.7.1 go away", "C: QUIT", "S: 221 bye").close()
    expect("a greeting of 554 without the word", written(refused), [[("CONNECT", 554), ("QUIT", 221)]], [])
    post = captures.Connection().open().say("C: POST / HTTP/1.1", "C: EHLO a", "S: 220 mx", "S: 500 what", "S: 250 mx",
                                            "C: QUIT", "S: 221 bye").close()
    expect("HTTP to a server of SMTP", written(post), [[("CONNECT", 220), ("POST", 500), ("EHLO", 250), ("QUIT", 221)]],
           [("foreign-protocol", frame_of(post, b"POST"))])
    one_way = [s for s in captures.Connection().open().say(*smtp).close().segments if s.destination[1] == 25]
    expect("one direction", captures.Wire().write(one_way), [], status=2)


def many():
    """Interleaved connections, more than a table of a thousand has room for."""
    connections = []
    for i in range(1500):
        connection = captures.Connection(client=(f"10.0.{i >> 8}.{i & 255}", 1025 + i), time=i * 0.002)
        connections.append(connection.open().say(GREETING, *HELLO, *BYE))
    expected = [[("CONNECT", 220), ("EHLO", 250), ("QUIT", 221)]] * len(connections)
    expect("1,500 connections at a time", written(*connections), expected, [])
    first = captures.Connection().open().say(GREETING, *HELLO, *MAIL)
    knocks = [captures.Segment(5, (f"10.{1 + (i >> 16)}.{i >> 8 & 255}.{i & 255}", 1025), ("192.0.2.25", 25), 1, 0, captures.SYN) for i in range(66000)]
    later = captures.Connection(client=("192.0.2.3", 4000), time=9.0).open().say(GREETING, *HELLO, *BYE).close()
    known = [[("CONNECT", 220), ("EHLO", 250), ("MAIL", 250)], [("CONNECT", 220), ("EHLO", 250), ("QUIT", 221)]]
    expect("more connections than are known at a time", captures.Wire().write(first.segments + knocks + later.segments), known, [],
           ["connections given up, because too much is open at a time"])


def printout():
    """The text that tcpdump prints of a capture is read as the capture itself."""
    wires = {"IPv4": {}, "IPv6": {"version": 6}, "padded": {"pad": True}, "VLAN": {"tags": [0x8100]}, "cooked": {"link": captures.SLL},
             "cooked, v2": {"link": captures.SLL2}, "loopback": {"link": captures.NULL}, "IPv6 on loopback": {"version": 6, "link": captures.NULL}}
    ways = [{}, {"verbose": True}, {"ethernet": True}, {"absolute": True}, {"old": True}, {"time": "-t"}, {"time": "-tt"},
            {"time": "-tttt"}, {"verbose": True, "ethernet": True, "time": "-tttt"}, {"verbose": True, "absolute": True, "time": "-t"}]
    again = captures.Connection().open().say(*WHOLE[:4])
    for line in (MAIL[0], RCPT[0]):
        again.send("C", line[3:].encode() + b"\r\n")
    mail, rcpt = again.segments[-2:]
    rcpt.seq, rcpt.payload = mail.seq, mail.payload + rcpt.payload
    again.say(MAIL[1], RCPT[1], *BYE).close()
    connections = {path.stem: captures.read(path) for path in sorted(FIXTURES.glob("*.pcap")) if path.stem in ("good", "order503", "two-interleaved")}
    connections["sent again with the next command"] = again.segments
    for name, segments in connections.items():
        expected = sessions_of(captures.Wire().write(segments))
        for form, body in (("-A", printed.text), ("-X", printed.rows)):
            for options in ways if name.startswith(("good", "sent")) else ways[:1]:
                for link, settings in list(wires.items())[:2]:
                    wire = captures.Wire()
                    vars(wire).update(settings)
                    how = " ".join(map(str, options.values() if "time" in options else options)) or "plain"
                    expect(f"{name}, {form}, {how}, {link}", printed.Tcpdump(body, wire, **options).write(segments), expected)
            for link, settings in wires.items() if body is printed.rows else list(wires.items())[:2]:
                wire = captures.Wire()
                vars(wire).update(settings)
                expect(f"{name}, {form}{form[1:]}, {link}", printed.Tcpdump(body, wire, link=True).write(segments), expected)
            for change in (captures.duplicated, captures.wrapped):
                expect(f"{name}, {form}, {change.__name__}", printed.Tcpdump(body).write(change(segments, None)), expected)
        expect(f"{name}, -X, pieces that overlap", printed.Tcpdump(printed.rows).write(captures.overlapping(segments, None)), expected)
        twice = captures.reused(segments, None)
        expect(f"{name}, -X, the same ends again", printed.Tcpdump(printed.rows, absolute=True).write(twice), expected * 2)
    swallowed = captures.Connection(server=("13.10.0.25", 25)).open().say(*WHOLE).close().segments
    for port in (25, 2525):
        for segment in swallowed:
            segment.source, segment.destination = ((end[0], port if end[0].startswith("13.") else end[1]) for end in (segment.source, segment.destination))
        expected = sessions_of(captures.Wire().write(swallowed))
        expect(f"-A, a CRLF in the address, port {port}", printed.Tcpdump(printed.text).write(swallowed), expected)
    good = connections["good"]
    for form, body in (("-A", printed.text), ("-X", printed.rows)):
        for number in range(len([s for s in good if s.payload])):
            kept = captures.without(number)(good, None)
            expect(f"{form} without payload {number + 1}", printed.Tcpdump(body).write(kept), findings=[])
        for snap in (50, 60, 70):
            expect(f"{form} of {snap} octets", printed.Tcpdump(body, snap=snap).write(good), findings=[], said=["octets are missing"])


def exports():
    """What tshark and tcpdump write down of a capture is read as the capture is, and a part of it draws nothing new."""
    for path in sorted(FIXTURES.parent.glob("tshark-[ledjp]*/*.log")) + sorted(FIXTURES.parent.glob("tcpdump/*.log")):
        name, octets = f"{path.parent.name}/{path.stem}", path.read_bytes()
        capture = FIXTURES / f"{path.stem.removesuffix('-csv').removesuffix('-v')}.pcap"
        partial = name == "tcpdump/pipelined"  # of several commands in a packet it shows the first
        whole = {rule for rule, _ in findings_of(octets)}
        if not partial:
            expect(name, octets, sessions_of(capture.read_bytes()))
        of_capture = {rule for rule, _ in findings_of(capture.read_bytes())}
        test(f"{name}: findings", "" if partial and not whole or whole == of_capture else f"{whole} instead of {of_capture}")
        lines = octets.splitlines(keepends=True)
        known = whole | {"session-truncated"}
        pieces = {}
        for at in range(1, len(lines), max(1, len(lines) // 30)):
            inside = path.parent.name == "tcpdump" and lines[at][:1] == b"\t"  # of a packet, whose head is not there
            pieces[f"to line {at}"] = b"".join(lines[:at])
            pieces[f"from line {at}"] = b"".join([] if inside else lines[at:])
        for part, found in zip(pieces, check_each(list(pieces.values()))[1]):
            test(f"{name} {part}", f"more findings: {found - known}" if found - known else "")


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members.items():
            archive.writestr(name, octets)
    return out.getvalue()


def tarred(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, octets in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return out.getvalue()


def packed():
    plain = sessions_of(TRANSCRIPT)
    line = [("nested-mail", 7)]
    for name, pack in {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}.items():
        expect(f"a transcript in {name}", pack(TRANSCRIPT), plain, line)
        expect(f"twice in {name}", pack(pack(TRANSCRIPT)), plain, line)
    capture = written(captures.Connection().open().say(*WHOLE).close())
    expect("a capture in gzip", gzip.compress(capture), sessions_of(capture), [])
    members = {"a.txt": TRANSCRIPT, "b/c.pcap": capture, "d.gz": gzip.compress(TRANSCRIPT), "e.bin": bytes(range(256)) * 10}
    for name, octets in {"zip": zipped(members), "tar": tarred(members), "tar.xz": lzma.compress(tarred(members)),
                         "zip in tar": tarred({"x.zip": zipped(members)})}.items():
        expect(f"members of {name}", octets, plain * 2 + sessions_of(capture), line * 2, said=["passed over 1 file"])
    file = json.loads(smtpseq("check", zipped({"logs/a\n\x1b[1m.txt": TRANSCRIPT})).stdout.splitlines()[0])["file"]
    test("a member is named after its archive", "" if file == "-!logs/a??[1m.txt" else file)
    expect("nothing in it", zipped({}), [], status=2, said=["no SMTP session found"])
    expect("nothing of SMTP in it", zipped({"a": b"hello\n"}), [], status=2, said=["nothing in this archive"])
    for name, octets in {"gzip": gzip.compress(TRANSCRIPT * 50)[:150], "xz": lzma.compress(TRANSCRIPT * 50)[:-40]}.items():
        expect(f"a {name} file that is cut off", octets, status=2)
    for name, bomb in {"gzip": gzip.compress(TRANSCRIPT + bytes(300 << 20)), "zip": zipped({"zeros": bytes(300 << 20)}),
                       "bzip2 in zip": zipped({"x.bz2": bz2.compress(TRANSCRIPT + b"x" * (300 << 20))})}.items():
        expect(f"a bomb of {name}", bomb, status=2, said=["over 1000 times as many"])


def damaged_archives():
    """Members that cannot be unpacked are reported, and the rest is read."""
    plain, line = sessions_of(TRANSCRIPT), [("nested-mail", 7)]
    packed_long = lzma.compress(os.urandom(300000) + TRANSCRIPT)
    inner = gzip.compress(TRANSCRIPT * 50)
    expect("a cut member between whole ones", tarred({"a.txt": TRANSCRIPT, "b.gz": inner[:100], "c.txt": TRANSCRIPT}), None, status=2,
           said=["!b.gz: "])
    found = smtpseq("check", tarred({"a.txt": TRANSCRIPT, "b.gz": inner[:100], "c.txt": TRANSCRIPT})).stdout.decode().splitlines()
    files = {event["file"] for event in map(json.loads, found) if event["type"] == "finding"}
    test("the whole ones are read", "" if {"-!a.txt", "-!c.txt"} <= files else files)
    expect("an archive that is cut within a packed member", gzip.compress(tarred({"a.txt": TRANSCRIPT, "b.xz": packed_long}))[:200000], plain,
           status=2, said=["!b.xz: "])
    heads = tarred({"a.txt": TRANSCRIPT, "b.txt": TRANSCRIPT})
    second = 512 + (len(TRANSCRIPT) + 511) // 512 * 512
    expect("a damaged head between members", heads[:second] + b"\xff" * 512 + heads[second + 512 :], plain, line, status=2,
           said=["smtpseq: -: damaged: a part of it was passed over"])
    whole = zipped({"a.txt": TRANSCRIPT})
    at = whole.index(b"PK\1\2")
    wrong = bytearray(whole)
    wrong[14] ^= 255  # of the CRC, which libarchive takes from the local head
    expect("a wrong check sum", bytes(wrong), None, status=2, said=["CRC"])
    secret = bytearray(whole)
    secret[6] |= 1
    secret[at + 8] |= 1
    expect("an encrypted member", bytes(secret), [], [], status=2, said=["-!a.txt: "])
    deep = TRANSCRIPT
    for depth in range(1, 5):
        deep = zipped({f"{depth}.zip" if depth > 1 else "a.txt": deep})
        expect(f"an archive in {depth - 1} archives", deep, plain if depth < 4 else [], line if depth < 4 else [], status=1 if depth < 4 else 2)


def odd_members():
    """Members that are not files are skipped; names may have any octets and any length."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("folder", tarfile.DIRTYPE), ("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "a.txt"
            archive.addfile(entry)
        entry = tarfile.TarInfo("a.txt")
        entry.size = len(TRANSCRIPT)
        archive.addfile(entry, io.BytesIO(TRANSCRIPT))
    done = smtpseq("check", out.getvalue())
    test("a folder, links and a pipe in an archive", done.stderr.decode() if done.returncode != 1 else "")
    expect("what is beside them", out.getvalue(), sessions_of(TRANSCRIPT), [("nested-mail", 7)])
    long = "l" * 5000
    for name, octets in {"a name of 5,000 octets": tarred({long: TRANSCRIPT}),
                         "an archive with such a name": tarred({long: zipped({"a.txt": TRANSCRIPT})})}.items():
        expect(name, octets, sessions_of(TRANSCRIPT), [("nested-mail", 7)], status=1)
    latin = zipped({"caf_.txt": TRANSCRIPT}).replace(b"caf_", b"caf\xe9")
    expect("a name in Latin-1", latin, sessions_of(TRANSCRIPT), [("nested-mail", 7)], status=1)


def encodings():
    crlf = TRANSCRIPT.replace(b"\n", b"\r\n").decode()
    for name, octets in {
        "UTF-16LE": crlf.encode("utf-16-le"), "UTF-16BE": crlf.encode("utf-16-be"), "UTF-16LE, marked": b"\xff\xfe" + crlf.encode("utf-16-le"),
        "UTF-16BE, marked": b"\xfe\xff" + crlf.encode("utf-16-be"), "UTF-8, marked": b"\xef\xbb\xbf" + TRANSCRIPT,
        "CR": TRANSCRIPT.replace(b"\n", b"\r"), "UTF-16, half a character": crlf.encode("utf-16-le") + b"\x00",
        "UTF-16, half a pair": crlf.encode("utf-16-le") + b"\x3d\xd8",
    }.items():
        expect(name, octets, sessions_of(TRANSCRIPT) if "half" not in name else None, [("nested-mail", 7)])
    wide = (crlf + "# \u00e4\u20ac\U0001f4ec\r\n" * 40000 + crlf).encode("utf-16-le")
    expect("UTF-16 of every width, across the edges of the window", b"\xff\xfe" + wide, sessions_of(TRANSCRIPT) * 2,
           [("nested-mail", 7), ("nested-mail", 40017)])


def damaged():
    """Captures that are cut at any octet, or have wrong lengths."""
    whole = {"pcap": captures.rewrite("copy", captures.read(FIXTURES / "good.pcap")),
             "pcapng": captures.rewrite("pcapng", captures.read(FIXTURES / "good.pcap"))}
    for name, octets in whole.items():
        pieces = [piece for size in range(0, len(octets), 37)
                  for piece in (octets[:size], octets[:size] + b"\xff\xff\xff\x7f" + octets[size + 4 :])]
        done, _ = check_each(pieces)
        wrong = done.returncode not in (0, 1, 2) or b"Sanitizer" in done.stderr
        test(f"damaged {name}", f"exit status {done.returncode}, {done.stderr[-300:]}" if wrong else "")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for part in (rewritten, missing, waiting, frames, blocks, tunnels, blind, unfinished, secured, spoken, many, printout, exports, packed, damaged_archives, odd_members, encodings, damaged):
            part()
    print(f"1..{len(TESTS)}")


FIXTURES = FIXTURES.resolve()
main()
