"""writers.py - writes a session in every format of recordings.

A session is a list of (side, line): "C" or "S", and what was said. CR LF is added, unless the line brings its own end; formats
that do not show line ends leave it out. Octets in the place of a line go over the wire as they are, for formats that show them.
"""

import base64
import json

import captures


def on_wire(text):
    if isinstance(text, bytes):
        return text
    return text.encode() if text.endswith("\n") else text.encode() + b"\r\n"


def shown(session):
    """Without line ends, for formats that do not show them."""
    return [(side, text.rstrip("\r\n")) for side, text in session]


def marked(client, server, tail="", before=(), between=None):
    """A mark before each line; `between`: for the lines of a reply after the first."""
    def write(session):
        lines, last = list(before), None
        for side, text in shown(session):
            inside = between is not None and side == "S" and last is not None and last[0] == "S" and last[1][3:4] == "-"
            mark = client if side == "C" else between if inside else server
            lines.append(f"{mark}{text}{tail}")
            last = (side, text)
        return "\n".join(lines) + "\n"
    return write


def tailed(client, server, client_tail, server_tail=""):
    return lambda session: "".join((client + text + client_tail if side == "C" else server + text + server_tail) + "\n" for side, text in shown(session))


def blocks(write):
    """Of each line: which way, which octets, and how many that way had before."""
    def of(session):
        sent, out = {"C": 0, "S": 0}, []
        for side, text in session:
            octets = on_wire(text)
            out.append(write(side, octets, sent[side]))
            sent[side] += len(octets)
        return "".join(out)
    return of


def rows(octets, size=16):
    return [(at, octets[at:at + size]) for at in range(0, len(octets), size)]


def printable(octets):
    return "".join(chr(c) if 32 <= c < 127 else "." for c in octets)


def spaced(octets):
    return " ".join(f"{c:02x}" for c in octets)


def curl_trace(side, octets, _):
    head = "=> Send" if side == "C" else "<= Recv"
    body = "".join(f"{at:04x}: {spaced(row):<48}{printable(row)}\n" for at, row in rows(octets))
    return f"{head} header, {len(octets)} bytes (0x{len(octets):x})\n{body}"


def curl_trace_ascii(side, octets, _):
    head = "=> Send" if side == "C" else "<= Recv"
    text = octets.rstrip(b"\r\n").decode("latin-1")
    body = "".join(f"{at:04x}: {''.join(c if 32 <= ord(c) < 127 else '.' for c in row)}\n" for at, row in ((i, text[i:i + 64]) for i in range(0, len(text), 64)))
    return f"{head} header, {len(octets)} bytes (0x{len(octets):x})\n{body}"


def follow_ascii(side, octets, _):
    tab = "\t" if side == "S" else ""
    return f"{tab}{len(octets)}\n{octets.decode()}\n"


def follow_hex(side, octets, before):
    tab = "\t" if side == "S" else ""
    return "".join(f"{tab}{before + at:08x}  {spaced(row[:8])}{'  ' if len(row) > 8 else ''}{spaced(row[8:])}   {printable(row)}\n" for at, row in rows(octets))


def follow_raw(side, octets, _):
    return ("\t" if side == "S" else "") + octets.hex() + "\n"


def follow_yaml(session):
    out = ["packets:"]
    for number, (side, text) in enumerate(session):
        data = base64.b64encode(on_wire(text)).decode()
        out += [f"  - packet: {number + 4}", f"    peer: {int(side == 'S')}", "    data: !!binary |"]
        out += [f"      {data[i:i + 76]}" for i in range(0, len(data), 76)]
    return "\n".join(out) + "\n"


FOLLOW = "===\nFollow: tcp,{}\nFilter: tcp.stream eq 0\nNode 0: 192.0.2.7:45938\nNode 1: 192.0.2.1:25\n"


def headed(kind, write):
    return lambda session: FOLLOW.format(kind) + write(session)


def ip_packet(side, octets, before):
    head = bytes([0x45, 0]) + (40 + len(octets)).to_bytes(2, "big") + bytes.fromhex("575e40004006 0000".replace(" ", ""))
    ends = [bytes([192, 0, 2, 7]), bytes([192, 0, 2, 1])]
    ports = [(45938).to_bytes(2, "big"), (25).to_bytes(2, "big")]
    if side == "S":
        ends, ports = ends[::-1], ports[::-1]
    return head + b"".join(ends) + b"".join(ports) + (before + 1).to_bytes(4, "big") + bytes(4) + bytes([0x50, 0x18, 0, 64, 0, 0, 0, 0]) + octets


def tcpdump_heading(side, octets, before):
    ways = "192.0.2.7.45938 > 192.0.2.1.25" if side == "C" else "192.0.2.1.25 > 192.0.2.7.45938"
    return f"14:21:05.369077 IP {ways}: Flags [P.], seq {before + 1}:{before + 1 + len(octets)}, ack 1, win 64, length {len(octets)}\n"


def tcpdump_a(side, octets, before):
    packet = ip_packet(side, octets, before)
    return tcpdump_heading(side, octets, before) + printable(packet[:40]) + octets.decode().replace("\r", "") + "\n"


def tcpdump_x(side, octets, before):
    packet = ip_packet(side, octets, before)
    pairs = lambda row: " ".join(row[i:i + 2].hex() for i in range(0, len(row), 2))
    return tcpdump_heading(side, octets, before) + "".join(f"\t0x{at:04x}:  {pairs(row):<39}  {printable(row)}\n" for at, row in rows(packet))


def tcpdump_headings(side, octets, before):
    return f"{tcpdump_heading(side, octets, before)[:-1]}: SMTP: {octets.decode().rstrip()}\n"


def ends(side):
    """Address and port of the sender and of the receiver."""
    client, server = ("192.0.2.7", 45938), ("192.0.2.1", 25)
    return (*client, *server) if side == "C" else (*server, *client)


def packet_list(side, octets, _):
    source, _, destination, _ = ends(side)
    return f"    4   0.000745    {source} → {destination}    SMTP 101 {side}: {octets.decode().rstrip()}\n"


def packet_details(side, octets, before):
    source, port, destination, other = ends(side)
    line = octets.decode().replace("\r", "\\r").replace("\n", "\\n")
    return (f"Frame 4: 101 bytes on wire (808 bits), 101 bytes captured (808 bits)\nInternet Protocol Version 4, Src: {source}, Dst: {destination}\n"
            f"Transmission Control Protocol, Src Port: {port}, Dst Port: {other}, Seq: {before + 1}, Ack: 1, Len: {len(octets)}\n"
            f"Simple Mail Transfer Protocol\n    {'Command Line' if side == 'C' else 'Response'}: {line}\n\n")


def packet_fields(side, octets, before):
    source, port, destination, other = ends(side)
    return {"ip.src": source, "ip.dst": destination, "tcp.srcport": str(port), "tcp.dstport": str(other), "tcp.len": str(len(octets)),
            "tcp.seq": str(before + 1), "tcp.flags": "0x0008", "tcp.payload": octets.hex(":")}


def packet_json(side, octets, before):
    fields = "".join(f'          "{name}": "{value}",\n' for name, value in packet_fields(side, octets, before).items())
    return f'  {{\n    "_index": "packets-2026-11-23",\n    "_source": {{\n{fields}    }}\n  }},\n'


def packet_ek(side, octets, before):
    layers = {"ip": {}, "tcp": {}}
    for name, value in packet_fields(side, octets, before).items():
        layer = name.split(".")[0]
        layers[layer][f"{layer}_{name.replace('.', '_')}"] = value
    rows_of = ({"index": {"_index": "packets-2026-11-23"}}, {"timestamp": "1795443665371", "layers": layers})
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows_of)


def packet_table(session):
    """tshark -T fields -E header=y: a row of names, then a row for each packet."""
    sent, out = {"C": 0, "S": 0}, []
    for side, text in session:
        octets = on_wire(text)
        fields = packet_fields(side, octets, sent[side])
        out = out or ["\t".join(fields)]
        out.append("\t".join({**fields, "tcp.payload": octets.hex()}.values()))
        sent[side] += len(octets)
    return "\n".join(out) + "\n"


def packet_pdml(side, octets, before):
    fields = "".join(f'    <field name="{name}" showname="{name}" show="{value}"/>\n' for name, value in packet_fields(side, octets, before).items())
    return f"<packet>\n{fields}</packet>\n"


def tcpflow(side, octets, _):
    ends = ["192.000.002.007.45938", "192.000.002.001.00025"]
    return "-".join(ends if side == "C" else ends[::-1]) + ": " + octets.decode().replace("\r", "") + "\n"


def ngrep(side, octets, _):
    ways = "192.0.2.7:45938 -> 192.0.2.1:25" if side == "C" else "192.0.2.1:25 -> 192.0.2.7:45938"
    return f"T 2026/11/23 14:21:05.369077 {ways} [AP] #4\n" + octets.decode().replace("\r", ".") + "\n\n"


def socat(side, octets, before):
    mark = ">" if side == "C" else "<"
    return f"{mark} 2026/11/23 13:02:01.000656732  length={len(octets)} from={before} to={before + len(octets) - 1}\n" + octets.decode().replace("\r", "\\r")


def netcat(side, octets, before):
    mark = ">" if side == "C" else "<"
    return "".join(f"{mark} {before + at:08x} {spaced(row):<47} # {printable(row)}\n" for at, row in rows(octets))


def strace(side, octets, _):
    text = octets.decode().replace("\r", "\\r").replace("\n", "\\n")
    return f'write(3, "{text}", {len(octets)}) = {len(octets)}\n' if side == "C" else f'read(3, "{text}", 8192) = {len(octets)}\n'


def html(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def phpmailer_html(session):
    return "".join(f"2026-11-23 12:45:11 {'CLIENT -&gt; SERVER' if side == 'C' else 'SERVER -&gt; CLIENT'}: {html(text)}<br>\n" for side, text in shown(session))


def jsons(row):
    return lambda session: "".join(json.dumps(row(side, text)) + "\n" for side, text in shown(session))


def exchange_log(session):
    out = "#Fields: date-time,connector-id,session-id,sequence-number,local-endpoint,remote-endpoint,event,data,context\n"
    for number, (side, text) in enumerate(shown(session)):
        data = f'"{text}"' if "," in text else text
        out += f"2026-01-05T10:00:00.000Z,MX\\Default,08DE0000000000A1,{number},192.0.2.1:25,192.0.2.7:1025,{'<' if side == 'C' else '>'},{data},\n"
    return out


def iis_log(session):
    out, line = "#Fields: time c-ip cs-method cs-uri-query sc-status\n", None
    for side, text in shown(session):
        if side == "C":
            verb, _, rest = text.partition(" ")
            line = f"10:00:00 192.0.2.7 {verb} +{rest.replace(' ', '+')}" if rest else f"10:00:00 192.0.2.7 {verb} -"
        elif line and text[3:4] != "-":
            out, line = out + f"{line} {text[:3]}\n", None
    return out


def hmailserver(session):
    return "".join(f'"SMTPD"\t1\t1\t"2026-01-05 10:00:00.000"\t"192.0.2.7"\t"{"RECEIVED" if side == "C" else "SENT"}: {text}"\n' for side, text in shown(session))


def capture(variant):
    def write(session):
        connection = captures.Connection().open()
        for side, text in session:
            connection.send(side, on_wire(text)).put("S" if side == "C" else "C", captures.ACK)
        return captures.rewrite(variant, connection.close().segments)
    return write


def smtplib(session):
    return "".join(f"send: {on_wire(text).decode()!r}\n" if side == "C" else f"reply: {on_wire(text)!r}\n" for side, text in session)


def ruby(session):
    escaped = lambda text: on_wire(text).decode().replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\u0000")
    return "".join(f'{"<-" if side == "C" else "->"} "{escaped(text)}"\n' for side, text in session)


PHP = ("2026-11-23 12:44:59\tCLIENT -> SERVER: ", "2026-11-23 12:44:59\tSERVER -> CLIENT: ")
PERL = ("Net::SMTP=GLOB(0x55bdec42f9c8)>>> ", "Net::SMTP=GLOB(0x55bdec42f9c8)<<< ")
HARAKA = "[PROTOCOL] [574B2844-5DD4-4EA1-A6E4-22772ADE71A4] [core] "
POSTFIX = "Nov 23 13:32:31 mx postfix/smtpd[1613]: "
FORMATS = {
    "transcript": marked("C: ", "S: "),
    "swaks": marked(" -> ", "<-  ", before=["=== Trying mx.example.com:25...", "=== Connected to mx.example.com."]),
    "curl": marked("> ", "< "),
    "python-smtplib": smtplib,
    "net-smtp-perl": marked(*PERL),
    "msmtp": marked("--> ", "<-- "),
    "smtp-server": marked("[2026-11-23 13:09:57] DEBUG [#vrnaqa0og9d8t3am] C: ", "[2026-11-23 13:09:57] DEBUG [#vrnaqa0og9d8t3am] S: "),
    "nodemailer": marked("[2026-11-23 12:44:23] DEBUG [1lLfRIvgStE] C: ", "[2026-11-23 12:44:23] DEBUG [1lLfRIvgStE] S: "),
    "phpmailer": marked(*PHP, between="                   \t                  "),
    "phpmailer-html": phpmailer_html,
    "commons-net": tailed("> ", "< ", "~"),
    "net-smtp-ruby": ruby,
    "mutt": marked("[2026-11-23 12:53:27] 4> ", "[2026-11-23 12:53:27] 4< "),
    "fetchmail": marked("fetchmail: SMTP> ", "fetchmail: SMTP< "),
    "libesmtp": marked("C: ", "S: ", between=""),
    "haraka": tailed(f"{HARAKA}C: ", f"{HARAKA}S: ", " state=1"),
    "exim": marked("  SMTP>> ", "  SMTP<< ", between="         "),
    "postfix": marked(f"{POSTFIX}< client.example.org[192.0.2.1]: ", f"{POSTFIX}> client.example.org[192.0.2.1]: "),
    "postfix-notice": marked(" In:  ", " Out: "),
    "sendmail": marked("00212 >>> ", "00212 <<< ", before=["00212 === CONNECT mx.example.com"]),
    "aiosmtpd": lambda session: "".join(f"{'INFO' if side == 'C' else 'DEBUG'}:mail.log:('192.0.2.7', 43650) {'>>' if side == 'C' else '<<'} {text.encode()!r}\n" for side, text in shown(session)),
    "pcap": capture("copy"),
    "pcapng": capture("pcapng-big-endian"),
    "curl-trace": blocks(curl_trace),
    "curl-trace-ascii": blocks(curl_trace_ascii),
    "tshark-follow-ascii": headed("ascii", blocks(follow_ascii)),
    "tshark-follow-hex": headed("hex", blocks(follow_hex)),
    "tshark-follow-raw": headed("raw", blocks(follow_raw)),
    "tshark-follow-yaml": follow_yaml,
    "tcpdump-a": blocks(tcpdump_a),
    "tcpdump-x": blocks(tcpdump_x),
    "tcpdump": blocks(tcpdump_headings),
    "tshark-list": blocks(packet_list),
    "tshark-details": blocks(packet_details),
    "tshark-json": blocks(packet_json),
    "tshark-ek": blocks(packet_ek),
    "tshark-fields": packet_table,
    "tshark-pdml": blocks(packet_pdml),
    "bounce": marked(">>> ", "<<< ", before=["   ----- Transcript of session follows -----", "... while talking to mx.example.com.:"]),
    "tcpflow": blocks(tcpflow),
    "ngrep-byline": blocks(ngrep),
    "socat-v": blocks(socat),
    "nc-o": blocks(netcat),
    "strace": blocks(strace),
    "openssl": marked("", "", before=["CONNECTED(00000003)", "---", "250 STARTTLS"]),
    "nodemailer-json": jsons(lambda side, text: {"sid": "a1", "tnx": "client" if side == "C" else "server", "msg": text}),
    "haraka-json": jsons(lambda side, text: {"uuid": "A1", "message": f"{side}: {text}"}),
    "json": jsons(lambda side, text: {"dir": "out" if side == "C" else "in", "line": text, "again": text}),
    "exchange": exchange_log,
    "iis": iis_log,
    "hmailserver": hmailserver,
    "javamail": marked("", "", before=['DEBUG SMTP: trying to connect to host "mx.example.com", port 25, isSSL false']),
    "sendmail-verbose": marked(">>> ", ""),
    "mix": marked("", ""),
    "replies": lambda session: "".join(text + "\n" for side, text in shown(session) if side == "S"),
    "client-script": lambda session: "".join(text + "\n" for side, text in shown(session) if side == "C"),
}
# The formats that show every octet; tcpflow-pair is two files.
EXACT = ("python-smtplib", "net-smtp-ruby", "pcap", "pcapng", "curl-trace", "tshark-follow-hex", "tshark-follow-raw",
         "tshark-follow-yaml", "tshark-json", "tshark-ek", "tshark-pdml", "tcpdump-x", "socat-v", "nc-o", "strace", "tcpflow-pair")
# Marks that no program has: they must be learnt.
LEARNT = {
    "learnt-arrows": marked("12:00:01 [conn-1] ==out==> ", "12:00:01 [conn-1] <==in=== "),
    "learnt-quoted": lambda session: "".join(f"{'tx' if side == 'C' else 'rx'} data={json.dumps(on_wire(text).decode())} n=1\n" for side, text in session),
}
