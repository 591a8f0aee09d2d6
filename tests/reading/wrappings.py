"""What recordings go through before somebody has them: loggers, containers, web pages, scissors, other logs around them.

A wrapping takes the lines of a recording (octets, without line ends) and a source of randomness; it returns the octets of the new
file and a function from a line's number in the recording to its number in the file, or None where all lines became one.
"""

import csv
import html
import io
import json


def text_of(line):
    return line.decode("utf-8", "replace")


def stamp(number):
    return f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"


def fronted(front):
    """Each line with something in front of it."""
    def wrap(lines, random):
        return b"".join(front(number, random).encode() + line + b"\n" for number, line in enumerate(lines)), lambda line: line
    return wrap


def docker(lines, _):
    """One object a line, as docker's json-file driver writes them."""
    return "".join(json.dumps({"log": text_of(line) + "\n", "stream": "stderr", "time": f"2026-11-14T{stamp(number)}.000{number % 1000:03}Z"}) + "\n"
                   for number, line in enumerate(lines)).encode(), lambda line: line


def syslog_json(lines, _):
    """A logger that writes JSON, and syslog in front of it."""
    return "".join(f"Nov 14 {stamp(number)} mx1 app[2144]: " +
                   json.dumps({"level": 20, "time": 1794625931000 + number, "pid": 2144, "hostname": "mx1", "msg": text_of(line)}) + "\n"
                   for number, line in enumerate(lines)).encode(), lambda line: line


def page(lines, _):
    """A web page: <pre>, entities, <br>."""
    body = "".join(html.escape(text_of(line)) + "<br>\n" for line in lines)
    return f"<pre>\n{body}</pre>\n".encode(), lambda line: line + 1


def one_string(lines, _):
    """The whole log in one JSON string."""
    return (json.dumps({"id": 118, "status": "failed", "log": "\r\n".join(map(text_of, lines)) + "\r\n"}) + "\n").encode(), None


def cells(lines, _):
    """A cell of a CSV export."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["timestamp", "level", "message"])
    for number, line in enumerate(lines):
        rows.writerow([f"2026-11-14T{stamp(number)}Z", "INFO", text_of(line)])
    return out.getvalue().encode(), lambda line: line + 1


def colours(lines, _):
    """The colours of a terminal."""
    return b"".join(b"\x1b[2m%s\x1b[0m \x1b[32mDEBUG\x1b[0m %s\x1b[0m\n" % (stamp(number).encode(), line)
                    for number, line in enumerate(lines)), lambda line: line


def fenced(lines, _):
    """A bug report in Markdown."""
    head = [b"Sending mail fails since the update.", b"", b"**Log:**", b"", b"```"]
    return b"\n".join(head + lines + [b"```", b"", b"Any idea?", b""]), lambda line: line + len(head)


def newest_first(lines, _):
    """A table that shows the newest line first."""
    return b"".join(line + b"\n" for line in reversed(lines)), lambda line: len(lines) + 1 - line


CRI = fronted(lambda number, _: f"2026-11-14T{stamp(number)}.104523118Z stderr F ")
COMPOSE = fronted(lambda number, _: "mailer-1  | ")
QUOTED = fronted(lambda number, _: "> ")
SYSLOG = fronted(lambda number, _: f"Nov 14 {stamp(number)} mx1 mailer[2144]: ")

OTHERS = [
    "Nov 14 {time} mx1 dovecot: imap-login: Login: user=<u{n}>, method=PLAIN, rip=192.0.2.{small}, lip=198.51.100.7, mpid={n}, TLS",
    "Nov 14 {time} mx1 kernel: [{n}.118231] eth0: link becomes ready",
    "Nov 14 {time} mx1 cron[{n}]: (root) CMD (/usr/lib/sa/sa1 1 1)",
    "Nov 14 {time} mx1 postfix/qmgr[811]: {hex}: from=<a{n}@example.com>, size={n}, nrcpt=1 (queue active)",
    "Nov 14 {time} mx1 postfix/smtp[{n}]: {hex}: to=<b@example.net>, relay=mx.example.net[192.0.2.{small}]:25, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {hex})",
]
COUNTERS = ["Nov 14 {time} mx1 worker[411]: jobs processed {n}", "Nov 14 {time} mx1 worker[411]: queue length 250",
            "Nov 14 {time} mx1 worker[411]: cache hits {n} of 354"]


def other_lines(rows, random, octets=0, count=0):
    """Lines of other programs: so many octets, or so many lines."""
    out, size = [], 0
    while size < octets or len(out) < count:
        n = random.randrange(100, 65536)
        line = rows[len(out) % len(rows)].format(time=stamp(len(out)), n=n, small=n % 254 + 1, hex=f"{n * 2654435761 % 2**40:010X}")
        out.append(line.encode())
        size += len(line) + 1
    return out


def buried(rows, **how_much):
    """After so much of other programs' logs."""
    def wrap(lines, random):
        before = other_lines(rows, random, **how_much)
        return b"\n".join(before + lines) + b"\n", lambda line: line + len(before)
    return wrap


WRAPPED = {
    "docker": docker,
    "syslog-json": syslog_json,
    "pre": page,
    "json-string": one_string,
    "cri": CRI,
    "compose": COMPOSE,
    "syslog": SYSLOG,
    "quoted": QUOTED,
    "csv": cells,
    "ansi": colours,
    "markdown": fenced,
    "newest-first": newest_first,
    "after-3000": buried(OTHERS, count=3000),
    "after-counter": buried(COUNTERS, count=3000),
    "buried-64K": buried(OTHERS, octets=64 << 10),
    "buried-1M": buried(OTHERS, octets=1 << 20),
}
BIG = {"buried-100M": buried(OTHERS, octets=100 << 20)}
