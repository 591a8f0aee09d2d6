"""printed.py - what tcpdump prints of the segments of a capture.

The text of -A (and -AA), the rows of -X (and -XX), after headings as any of -t, -v, -e, -S and older versions write them.
"""

import datetime

import captures

LETTERS = ((captures.SYN, "S"), (captures.FIN, "F"), (captures.RST, "R"), (captures.PSH, "P"))


def graphic(octet):
    return chr(octet) if 0x20 < octet < 0x7F else "."


def text(packet):
    """-A: a CR before a LF or at the end is left out."""
    packet = packet.replace(b"\r\n", b"\n").removesuffix(b"\r")
    return "".join(chr(octet) if octet in b" \t\n" else graphic(octet) for octet in packet) + "\n"


def rows(packet):
    """-X"""
    out = []
    for at in range(0, len(packet), 16):
        row = packet[at : at + 16]
        pairs = " ".join(row[i : i + 2].hex() for i in range(0, len(row), 2))
        out.append(f"\t0x{at:04x}:  {pairs:<39}  {''.join(map(graphic, row))}\n")
    return "".join(out)


class Tcpdump:
    """How the packets are printed: `time` is one of the rows of TIMES."""

    TIMES = {"": "%H:%M:%S.%f ", "-t": "", "-tt": "1795443665.%f ", "-tttt": "%Y-%m-%d %H:%M:%S.%f "}

    def __init__(self, body=text, wire=None, **options):
        self.body, self.wire = body, wire or captures.Wire()
        self.time, self.verbose, self.ethernet, self.absolute, self.old, self.link, self.snap = "", False, False, False, False, False, 65536
        for name, value in options.items():
            assert hasattr(self, name)
            setattr(self, name, value)
        self.starts = {}

    def address(self, end):
        if self.wire.version == 4:
            return f"{end[0]}.{end[1]}"
        pairs = [f"{int(a):02x}{int(b):02x}".lstrip("0") or "0" for a, b in zip(*[iter(end[0].split("."))] * 2)]
        return f"2001:db8::{':'.join(pairs)}.{end[1]}"

    def relative(self, way, number):
        return number if self.absolute else (number - self.starts.get(way, 0)) & 0xFFFFFFFF

    def numbers(self, segment):
        """The sequence numbers: a SYN's are absolute, and what follows counts from there."""
        ways = (segment.source, segment.destination)
        syn = segment.flags & captures.SYN
        if syn:
            self.starts[ways] = segment.seq
        start = segment.seq if syn else self.relative(ways, segment.seq)
        end, ack = start + len(segment.payload), ""
        if segment.flags & captures.ACK:
            ack = f"ack {segment.ack if syn and not self.absolute else self.relative(ways[::-1], segment.ack)}"
        return start, end, ack

    def flags(self, segment):
        start, end, ack = self.numbers(segment)
        size = end - start
        letters = "".join(letter for flag, letter in LETTERS if segment.flags & flag)
        if self.old:
            sequence = f"{start}:{end}({size})" if size or letters else ""
            return " ".join(filter(None, [letters or ".", sequence, ack, "win 65535"]))
        letters += "." if ack else ""
        sequence = f"seq {start}:{end}" if size else f"seq {start}" if segment.flags & (captures.SYN | captures.FIN) else ""
        return ", ".join(filter(None, [f"Flags [{letters}]", sequence, ack, "win 65535", f"length {size}"]))

    def heading(self, segment, packet):
        when = datetime.datetime(2026, 11, 23, 14, 21, 5) + datetime.timedelta(seconds=segment.time)
        line = when.strftime(self.TIMES[self.time])
        said = f"{self.address(segment.source)} > {self.address(segment.destination)}: {self.flags(segment)}"
        four = self.wire.version == 4
        if self.ethernet:
            kind = "IPv4 (0x0800)" if four else "IPv6 (0x86dd)"
            line += f"02:00:00:00:00:01 > 02:00:00:00:00:02, ethertype {kind}, length {len(packet) + 14}: "
        else:
            line += "IP " if four else "IP6 "
        if self.verbose and four:
            line += f"(tos 0x0, ttl 64, id 1, offset 0, flags [none], proto TCP (6), length {len(packet)})\n    "
        elif self.verbose:
            line += f"(flowlabel 0x12345, hlim 64, next-header TCP (6) payload length: {len(packet) - 40}) "
        shown = "".join(f"\n\t{part}" for part in segment.payload.decode("latin-1").splitlines()) if self.verbose else ""
        return f"{line}{said}{shown}\n"

    def write(self, segments):
        out = []
        for segment in segments:
            for packet in self.wire.ip(segment):
                frame = self.wire.frame(packet) if self.link else packet
                out.append(self.heading(segment, packet) + self.body(frame[: self.snap]))
        return "".join(out).encode()
