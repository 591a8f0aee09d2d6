"""captures.py - rewrites captures, or makes them up: other link types, damage on the way.

    captures.py VARIANT INPUT.pcap OUTPUT

INPUT is a capture of TCP over IPv4 and Ethernet. VARIANT is one of those at the end of this file, or several joined by
commas; without arguments they are listed. Nothing but what is asked for changes: the segments stay what was captured.
"""

import copy
import random
import struct
import sys

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
EN10MB, NULL, RAW, LOOP, SLL, IPV4, IPV6, SLL2 = 1, 0, 101, 108, 113, 228, 229, 276
PPP, PPP_HDLC, PPP_ETHER, CISCO, WIRELESS, PRISM, RADIOTAP, AVS, PPPD, NFLOG = 9, 50, 51, 104, 105, 119, 127, 163, 166, 239


class Segment:
    """A TCP segment and when it was captured."""

    def __init__(self, time, source, destination, seq, ack, flags, payload=b""):
        self.time, self.source, self.destination = time, source, destination
        self.seq, self.ack, self.flags, self.payload = seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, flags, payload

    def clone(self, **changes):
        other = copy.copy(self)
        for name, value in changes.items():
            setattr(other, name, value)
        return other


class Connection:
    """Makes the segments of a connection: what each side says, in order, and the acknowledgements."""

    def __init__(self, client=("192.0.2.1", 40000), server=("192.0.2.25", 25), seqs=(1000, 4294967200), time=0.0):
        self.ends = {"C": client, "S": server}
        self.seq = {"C": seqs[0], "S": seqs[1]}
        self.time = time
        self.segments = []

    def put(self, side, flags, payload=b""):
        other = "S" if side == "C" else "C"
        ack = 0 if flags == SYN else self.seq[other]
        self.time += 0.001
        self.segments.append(Segment(self.time, self.ends[side], self.ends[other], self.seq[side], ack, flags, payload))
        self.seq[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        return self

    def open(self):
        return self.put("C", SYN).put("S", SYN | ACK).put("C", ACK)

    def say(self, *lines):
        """Each is "C: ..." or "S: ..."; CRLF is added."""
        for line in lines:
            line = line if isinstance(line, bytes) else line.encode()
            side = line[:1].decode()
            self.put(side, PSH | ACK, line[3:] + b"\r\n").put("S" if side == "C" else "C", ACK)
        return self

    def send(self, side, octets):
        return self.put(side, PSH | ACK, octets)

    def close(self):
        return self.put("C", FIN | ACK).put("S", FIN | ACK).put("C", ACK)


def read(path):
    """The TCP segments of a pcap of Ethernet frames."""
    data = open(path, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    segments, at = [], 24
    while at + 16 <= len(data):
        seconds, micro, size, _ = struct.unpack_from(order + "IIII", data, at)
        packet = data[at + 30 : at + 16 + size]
        at += 16 + size
        if packet[9] != 6:
            continue
        head = (packet[0] & 15) * 4
        total = struct.unpack_from(">H", packet, 2)[0]
        tcp = packet[head:total]
        sport, dport, seq, ack, offset, flags = struct.unpack_from(">HHIIBB", tcp)
        source, destination = (".".join(map(str, packet[i : i + 4])) for i in (12, 16))
        segments.append(Segment(seconds + micro / 1e6, (source, sport), (destination, dport), seq, ack, flags & 31,
                                tcp[(offset >> 4) * 4 :]))
    return segments


def octets_of(address):
    return bytes(map(int, address.split(".")))


class Wire:
    """How segments become frames."""

    def __init__(self):
        self.link, self.version, self.tags, self.extensions = EN10MB, 4, [], []
        self.order, self.nano, self.ng, self.snap, self.pad, self.zero_length = "<", False, False, 262144, False, False
        self.fragment = self.tunnel = self.pppoe = self.several = False

    def ip(self, segment):
        tcp = struct.pack(">HHIIBBHHH", segment.source[1], segment.destination[1], segment.seq, segment.ack, 0x50,
                          segment.flags, 65535, 0, 0) + segment.payload
        if self.version == 4:
            return self.ip4(segment, tcp)
        chain = [number for number, _ in self.extensions] + [6]
        body = b"".join(bytes([chain[i + 1]]) + rest for i, (_, rest) in enumerate(self.extensions)) + tcp
        addresses = b"".join(b"\x20\x01\x0d\xb8" + bytes(8) + octets_of(end[0])
                             for end in (segment.source, segment.destination))
        return [struct.pack(">IHBB", 6 << 28, len(body), chain[0], 64) + addresses + body]

    def ip4(self, segment, tcp):
        addresses = octets_of(segment.source[0]) + octets_of(segment.destination[0])

        def head(size, offset, protocol=6):
            total = 0 if self.zero_length else 20 + size
            return struct.pack(">BBHHHBBH", 0x45, 0, total, 1, offset, 64, protocol, 0) + addresses

        if self.fragment and len(tcp) > 48:
            return [head(24, 0x2000) + tcp[:24], head(len(tcp) - 24, 3) + tcp[24:]]
        packet = head(len(tcp), 0) + tcp
        return [head(len(packet), 0, 4) + packet] if self.tunnel else [packet]

    def frame(self, packet):
        ethertype = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
        if self.link == EN10MB:
            body = b""
            for tag in self.tags:
                body += struct.pack(">HH", tag, 7)
            if self.pppoe:
                ppp = struct.pack(">H", 0x0021 if ethertype == 0x0800 else 0x0057) + packet
                body += struct.pack(">HBBHH", 0x8864, 0x11, 0, 1, len(ppp)) + ppp
            else:
                body += struct.pack(">H", ethertype) + packet
            frame = bytes(12) + body
            return frame.ljust(60, b"\0") if self.pad else frame
        if self.link == SLL:
            return struct.pack(">HHH8sH", 0, 1, 6, b"", ethertype) + packet
        if self.link == SLL2:
            return struct.pack(">HHIHBB8s", ethertype, 0, 1, 1, 0, 6, b"") + packet
        if self.link in (NULL, LOOP):
            family = 2 if ethertype == 0x0800 else 30
            return struct.pack((self.order if self.link == NULL else ">") + "I", family) + packet
        return self.rare_frame(ethertype, packet)

    def rare_frame(self, ethertype, packet):
        ppp = b"\x21" if ethertype == 0x0800 else b"\x57"
        wireless = b"\x88\x01" + bytes(24) + b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", ethertype) + packet + b"FCS!"
        prefix, mark = struct.pack(self.order + "HH", 7, 10) + b"in\0\0", struct.pack(self.order + "HH", 4 + len(packet), 9)
        heads = {PPP: ppp, PPP_HDLC: b"\xff\x03\0" + ppp, PPP_ETHER: b"\x11\0\0\1" + struct.pack(">H", len(packet)) + b"\0" + ppp,
                 PPPD: b"\0\x03\0" + ppp, CISCO: b"\x0f\0" + struct.pack(">H", ethertype), NFLOG: b"\2\0\0\5" + prefix + mark}
        radios = {WIRELESS: b"", PRISM: bytes(144), RADIOTAP: b"\0\0\x0a\0" + bytes(6), AVS: struct.pack(">II", 0x80211001, 64) + bytes(56)}
        return radios[self.link] + wireless if self.link in radios else heads.get(self.link, b"") + packet

    def frames(self, segments):
        return [(s.time, self.frame(packet)) for s in segments for packet in self.ip(s)]

    def write(self, segments):
        frames = self.frames(segments)
        if self.several:
            return self.write_several(segments)
        return self.write_ng(frames) if self.ng else self.write_pcap(frames)

    def write_several(self, segments):
        """Packets of three interfaces, with other link types and lengths, the last one in a section of the other octet order."""
        out, links = self.section(), (EN10MB, RAW, PPP)
        for number, link in enumerate(links[:2]):
            out += self.block(1, struct.pack(self.order + "HHI", link, 0, 96 << 8 * number))
        for number, segment in enumerate(segments):
            if number == len(segments) // 2:
                self.order = ">" if self.order == "<" else "<"
                out += self.section() + self.block(1, struct.pack(self.order + "HHI", links[2], 0, 0))
            which = 0 if number >= len(segments) // 2 else number % 2
            self.link = links[2] if number >= len(segments) // 2 else links[which]
            for packet in self.ip(segment):
                frame = self.frame(packet)
                simple = number == len(segments) - 1
                head = struct.pack(self.order + "IIIII", which, 0, 0, len(frame), len(frame))
                out += self.block(3, head[-4:] + frame) if simple else self.block(6, head + frame)
                out += self.block(5, bytes(12))
        return out

    def section(self):
        return self.block(0x0A0D0D0A, struct.pack(self.order + "IHHq", 0x1A2B3C4D, 1, 0, -1))

    def write_pcap(self, frames):
        scale = 1e9 if self.nano else 1e6
        out = [struct.pack(self.order + "IHHIIII", 0xA1B23C4D if self.nano else 0xA1B2C3D4, 2, 4, 0, 0, self.snap, self.link)]
        for time, frame in frames:
            kept = frame[: self.snap]
            out.append(struct.pack(self.order + "IIII", int(time), int(time % 1 * scale), len(kept), len(frame)) + kept)
        return b"".join(out)

    def block(self, kind, body):
        body += bytes(-len(body) % 4)
        return struct.pack(self.order + "II", kind, len(body) + 12) + body + struct.pack(self.order + "I", len(body) + 12)

    def write_ng(self, frames):
        out = [self.section(), self.block(1, struct.pack(self.order + "HHI", self.link, 0, self.snap))]
        for time, frame in frames:
            kept, when = frame[: self.snap], int(time * 1e6)
            head = struct.pack(self.order + "IIIII", 0, when >> 32, when & 0xFFFFFFFF, len(kept), len(frame))
            out.append(self.block(6, head + kept))
        return b"".join(out)


def setting(**values):
    def change(segments, wire):
        for name, value in values.items():
            setattr(wire, name, value)
        return segments
    return change


def duplicated(segments, _):
    return [s for segment in segments for s in (segment, segment.clone())]


def sent_again_late(segments, _):
    """Each segment once more, five frames later."""
    out = []
    for i in range(len(segments) + 5):
        if i < len(segments):
            out.append(segments[i])
        if i >= 5:
            out.append(segments[i - 5].clone())
    return out


def swapped(segments, _):
    """Neighbours change places, within three frames; the handshakes stay in front."""
    chance = random.Random(25)
    keys = [(i + (0 if s.flags & SYN else chance.uniform(0, 3)), i) for i, s in enumerate(segments)]
    return [segments[i] for _, i in sorted(keys)]


def shuffled(segments, _):
    """Everything after the handshakes in any order."""
    chance = random.Random(587)
    keys = [(0 if s.flags & SYN else 2 if s.flags & (FIN | RST) else chance.uniform(1, 2), i)
            for i, s in enumerate(segments)]
    return [segments[i] for _, i in sorted(keys)]


def split(segments, _):
    """One octet in each segment."""
    out = []
    for s in segments:
        if not s.payload:
            out.append(s)
        for i in range(len(s.payload)):
            last = i + 1 == len(s.payload)
            out.append(s.clone(seq=(s.seq + i) & 0xFFFFFFFF, payload=s.payload[i : i + 1],
                               flags=s.flags if last else s.flags & ~FIN))
    return out


def overlapping(segments, _):
    """Pieces of eight octets, each of which repeats half of the one before it."""
    out = []
    for s in segments:
        pieces = range(0, len(s.payload), 4) or [0]
        for i in pieces:
            last = i + 4 >= len(s.payload)
            out.append(s.clone(seq=(s.seq + i) & 0xFFFFFFFF, payload=s.payload[i : i + 8],
                               flags=s.flags if last else s.flags & ~FIN))
    return out


def wrapped(segments, _):
    """Sequence numbers that go past the end of their circle."""
    starts = {}
    for s in segments:
        if s.flags & SYN:
            starts[(s.source, s.destination)] = (0xFFFFFFF0 - s.seq) & 0xFFFFFFFF
    return [s.clone(seq=(s.seq + starts.get((s.source, s.destination), 0)) & 0xFFFFFFFF,
                    ack=(s.ack + starts.get((s.destination, s.source), 0)) & 0xFFFFFFFF if s.flags & ACK else 0)
            for s in segments]


def reused(segments, _):
    """The same ends once more, with other sequence numbers, and no goodbye in between."""
    first = [s for s in segments if not s.flags & (FIN | RST)]
    return first + [s.clone(seq=(s.seq + 77777777) & 0xFFFFFFFF, time=s.time + 60,
                            ack=(s.ack + 77777777) & 0xFFFFFFFF if s.flags & ACK else 0) for s in segments]


def without(number):
    """The segment with payload of that number was not captured."""
    def change(segments, _):
        with_payload = [s for s in segments if s.payload]
        return [s for s in segments if s is not with_payload[number % len(with_payload)]]
    return change


def middle(segments, _):
    return segments[3:]


VARIANTS = {
    "copy": setting(), "big-endian": setting(order=">"), "nanoseconds": setting(nano=True),
    "pcapng": setting(ng=True), "pcapng-big-endian": setting(ng=True, order=">"),
    "null": setting(link=NULL), "loop": setting(link=LOOP), "raw": setting(link=RAW), "ipv4": setting(link=IPV4),
    "cooked": setting(link=SLL), "cooked2": setting(link=SLL2), "padded": setting(pad=True),
    "vlan": setting(tags=[0x8100]), "stacked": setting(tags=[0x88A8, 0x8100]), "pppoe": setting(pppoe=True),
    "several-interfaces": setting(several=True), "ppp": setting(link=PPP), "ppp-hdlc": setting(link=PPP_HDLC),
    "ppp-ether": setting(link=PPP_ETHER), "pppd": setting(link=PPPD), "cisco-hdlc": setting(link=CISCO), "802.11": setting(link=WIRELESS),
    "prism": setting(link=PRISM), "radiotap": setting(link=RADIOTAP), "avs": setting(link=AVS), "nflog": setting(link=NFLOG),
    "nflog-big-endian": setting(link=NFLOG, order=">"), "ipv6-ppp": setting(version=6, link=PPP),
    "tunnel": setting(tunnel=True), "offload": setting(zero_length=True),
    "ipv6": setting(version=6), "ipv6-raw": setting(version=6, link=IPV6), "ipv6-null": setting(version=6, link=NULL),
    "ipv6-extensions": setting(version=6, extensions=[(0, bytes(7)), (60, b"\1" + bytes(14)), (51, b"\4" + bytes(22)),
                                                      (44, bytes(7))]),
    "duplicated": duplicated, "sent-again": sent_again_late, "swapped": swapped, "shuffled": shuffled, "split": split,
    "overlapping": overlapping, "wrapped": wrapped, "reused": reused, "middle": middle,
    "fragments": setting(fragment=True), "snap": setting(snap=96),
}


def rewrite(variant, segments):
    """The octets of a capture: `variant` is one or several names joined by commas."""
    wire = Wire()
    for name in variant.split(","):
        change = without(int(name[8:])) if name.startswith("without-") else VARIANTS[name]
        segments = change(segments, wire)
    return wire.write(segments)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__ + "\n" + " ".join([*VARIANTS, "without-N"]))
    with open(sys.argv[3], "wb") as out:
        out.write(rewrite(sys.argv[1], read(sys.argv[2])))


if __name__ == "__main__":
    main()
