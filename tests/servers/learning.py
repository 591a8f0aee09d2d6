#!/usr/bin/env python3
"""Checks the learner (learner.py) on servers whose tables are known, because they are made from tables.

    learning.py TABLES

What it learned must answer fresh sequences as the server does, 99.9 % of them; where it cannot tell, it must write
nothing; a run that was broken off must go on. Prints TAP.
"""

import os
import random
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import time

import exact
import learner
import session

HERE = os.path.dirname(os.path.abspath(__file__))
AGREED_MIN = 0.999
SEQUENCES = 2000
# What made-up servers say where their states say nothing else; VRFY is theirs.
ALWAYS = """always
  HELO          250
  EHLO          250
  MAIL          503
  RCPT          503
  DATA          503
  BDAT          500
  BDAT LAST     500
  RSET          250
  NOOP          250
  VRFY          %s
  EXPN          500
  HELP          500
  AUTH          503
  STARTTLS      500
  QUIT          221 -> closed
  UNKNOWN       500
"""
# A server that hangs up on VRFY without a word, and takes AUTH once.
SILENT = """server   silent
version  Silent 1.0
""" + ALWAYS % 'none -> closed' + """state start
  AUTH ok       235 -> authed
  AUTH refused  recorded
state authed
  MAIL ok       250 -> mail
  MAIL refused  recorded
  MAIL bad      501
state mail
  RSET          250 -> authed
state closed
"""
# As chasquid: MAIL and RCPT are taken before EHLO, but not DATA, and EHLO changes nothing else.
LATE = """server   late
version  Late 1.0
""" + ALWAYS % 252 + """state start
  HELO ok       250 -> ready
  EHLO ok       250 -> ready
  MAIL ok       250 -> new-mail
  MAIL refused  recorded
  MAIL bad      501
state new-mail
  HELO ok       250 -> mail
  EHLO ok       250 -> mail
  RCPT ok       250 -> new-rcpt
  RCPT refused  recorded
  RCPT bad      501
  RSET          250 -> start
state new-rcpt
  HELO ok       250 -> rcpt
  EHLO ok       250 -> rcpt
  RCPT ok       250
  RCPT refused  recorded
  RCPT bad      501
  RSET          250 -> start
state ready
  MAIL ok       250 -> mail
  MAIL refused  recorded
  MAIL bad      501
state mail
  RCPT ok       250 -> rcpt
  RCPT refused  recorded
  RCPT bad      501
  RSET          250 -> ready
state rcpt
  RCPT ok       250
  RCPT refused  recorded
  RCPT bad      501
  DATA          354 -> content
  RSET          250 -> ready
state content
  . ok          250 -> ready
  . refused     recorded -> ready
state closed
"""


class Handler(socketserver.StreamRequestHandler):
    def say(self, code, text="x"):
        self.wfile.write(f"{code} {text}\r\n".encode())

    def message(self):
        refused = False
        for line in self.rfile:
            refused = refused or b"refused content" in line
            if line == b".\r\n":
                break
        return "refused" if refused else "ok"

    def handle(self):
        table, recipients, unknown = self.server.table, 0, 0
        self.server.connections += 1
        if self.server.connections in self.server.silent:
            time.sleep(3)  # longer than it is waited for
            return
        state = table.start
        self.say(220, "mx.example.com Simulated")
        for line in self.rfile:
            event, outcome = exact.symbol_of(line.decode("latin-1").strip())
            if event is None:
                event, outcome = "UNKNOWN", ""
            unknown += event == "UNKNOWN"
            if unknown > self.server.bears:
                self.say(500, "too many")
                return
            if event == "LHLO":
                outcome = "ok" if len(line.split()) > 1 else "bad"
            if event == "AUTH":
                outcome = "ok" if line.split()[-1] == session.Addresses().credentials[0].encode() else "refused"
            row = table.resolved[state].get((event, outcome)) or table.resolved[state]["UNKNOWN", ""]
            state = row.following
            if row.code == "none":
                return
            code = {"bad": 501, "size": 552}.get(outcome, 550) if row.code == "recorded" else row.code
            self.say(code)
            if code < 400:
                recipients = recipients + 1 if event == "RCPT" else 0 if event in ("MAIL", "RSET", "LHLO") else recipients
            if code == 354:
                row = table.resolved[state][".", self.message()]
                state = row.following
                for _ in range(max(recipients, 1) if self.server.lmtp else 1):
                    self.say(554 if row.code == "recorded" else row.code)
                recipients = 0
            if state == "closed":
                return


def counting(table, most=3):
    """The same server, which closes at its third error."""
    counted = exact.Table(table.path)
    counted.start = table.start, 0
    for state, rows in table.resolved.items():
        for errors in range(most):
            full = counted.resolved[state, errors] = {}
            for key, row in rows.items():
                wrong = row.code == "recorded" or row.code >= 400
                ends = row.following == "closed" or wrong and errors + 1 == most
                full[key] = exact.Row(421 if wrong and ends else row.code,
                                      "closed" if ends else (row.following, errors + wrong), row.text, row.line)
    return counted


class Simulated(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, table, bears=1000):
        super().__init__(("127.0.0.1", 0), Handler)
        self.table, self.bears = table, bears
        self.connections, self.silent = 0, ()  # how many there were; those that say nothing
        self.lmtp = ("LHLO", "ok") in table.resolved[table.start]
        threading.Thread(target=self.serve_forever, daemon=True).start()


def learn(server, *options):
    lmtp = ["--lmtp"] if server.lmtp else []
    return subprocess.run([sys.executable, os.path.join(HERE, "learner.py"), "--rounds", "300", *lmtp, *options, "learned",
                           f"127.0.0.1:{server.server_address[1]}"], capture_output=True, text=True, check=False)


def codes(table, sequence):
    """What a table answers, a refusal that depends on the recording as `recorded`."""
    state, said = table.start, []
    for symbol in sequence:
        if state == "closed":
            break
        event, outcome = exact.SYMBOLS[symbol]
        row = table.resolved[state].get((event, outcome)) or table.resolved[state]["UNKNOWN", ""]
        said.append(row.code)
        state = row.following
        if row.code == 354:
            row = table.resolved[state][".", "refused" if symbol == "DATA_REJ" else "ok"]
            said.append(row.code)
            state = row.following
    return ["refused" if code == "recorded" or (isinstance(code, int) and code in (501, 550, 552, 554)) else code
            for code in said]


def compare(path, original, symbols):
    learned = exact.parse(path)
    chance = random.Random(11)
    agreed = total = 0
    for _ in range(SEQUENCES):
        sequence = chance.choices(symbols, k=chance.randint(2, 8))
        one, other = codes(learned, sequence), codes(original, sequence)
        total += max(len(one), len(other))
        agreed += sum(a == b for a, b in zip(one, other))
    return agreed, total


def check_server(name, table, *options):
    server = Simulated(table)
    done = learn(server, *options)
    server.shutdown()
    if done.returncode or not done.stdout:
        return f"{name}: exit status {done.returncode}", done.stderr.split("\n")[-4:]
    with tempfile.NamedTemporaryFile("w", suffix=".server") as written:
        written.write(done.stdout)
        written.flush()
        agreed, total = compare(written.name, table, session.LMTP_SYMBOLS if server.lmtp else session.SYMBOLS)
    wrong = [] if agreed >= AGREED_MIN * total else ["that is less than %.1f %%" % (100 * AGREED_MIN)]
    return f"{name}: {agreed} of {total} answers to fresh sequences agree", wrong


def check_version():
    """A table's version begins with the name of the program, not with what other servers' greetings have as well."""
    rows = (("mx.example.com ESMTP Postfix (Debian)", "Postfix (Debian)"), ("mx.example.com Simulated", "Simulated"),
            ("[192.0.2.1] LMTP", "name"), ("Simulated 1.0", "Simulated 1.0"), ("localhost ESMTP", "name"), ("", "name"))
    found = [(greeting, learner.program_of(greeting, "name")) for greeting, _ in rows]
    return "the version is the program that the greeting names", [str(pair) for pair in found if pair not in rows]


def check_limit(table):
    """Of one that closes at the 5th unknown command a table is written, with its limit."""
    done = learn(Simulated(table, bears=4))
    good = done.returncode == 0 and "\nlimit    4 UNKNOWN\n" in done.stdout
    return "a server that closes at the 5th unknown command: the table says so", [] if good else [done.stderr]


def check_silence(table):
    """One reply that does not come is asked for again; a server that is silent from then on is given up."""
    found = []
    for silent in (20,), range(20, 1000):
        server = Simulated(table)
        server.silent = silent
        found.append(learn(server, "--timeout", "1"))
    good = found[0].returncode == 0 and found[1].returncode == 1 and "twice no reply" in found[1].stderr
    return "a reply that does not come is asked for again", [] if good else [done.stderr for done in found]


def check_refusal(table):
    """One that closes after the first unknown command counts: nothing is written."""
    done = learn(Simulated(table))
    good = done.returncode == 1 and not done.stdout and "a table cannot count" in done.stderr
    return "a server that counts errors: no table is written", [] if good else [done.stderr]


def check_counted(table):
    """With --count the states of its table count, and no limit is beyond them."""
    done = learn(Simulated(table), "--count")
    good = done.returncode == 0 and done.stdout and "\nlimit" not in done.stdout
    return "a server that counts errors, with --count: its states count", [] if good else [done.stderr]


def check_journal(table):
    server = Simulated(table)
    with tempfile.TemporaryDirectory() as folder:
        journal = os.path.join(folder, "journal")
        first = learn(server, "--journal", journal, "--most", "200")
        second = learn(server, "--journal", journal)
    good = (first.returncode == 1 and not first.stdout and second.returncode == 0 and second.stdout
            and re.search(r"^\d{2,} sequences from", second.stderr, re.MULTILINE))
    return "a run that was broken off goes on from its journal", [] if good else [first.stderr, second.stderr]


def main():
    tables = {name: exact.parse(os.path.join(sys.argv[1], name + ".server"))
              for name in ("smtp-sink", "net-server-mail", "cyrus-lmtp", "msmtpd")}
    for name, text in ("silent", SILENT), ("late", LATE):
        with tempfile.NamedTemporaryFile("w", suffix=".server") as written:
            written.write(text)
            written.flush()
            tables[name] = exact.parse(written.name)
    results = [check_server(name, tables[name]) for name in ("smtp-sink", "net-server-mail", "cyrus-lmtp", "silent")]
    results.append(check_server("late, and the third error closes", counting(tables["late"]), "--count"))
    results += [check_version(), check_limit(tables["net-server-mail"]), check_refusal(tables["msmtpd"])]
    results += [check_counted(tables["msmtpd"]), check_silence(tables["smtp-sink"]), check_journal(tables["net-server-mail"])]
    for number, (what, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {what}")
        for text in wrong:
            print("# " + text.replace("\n", "\n# "))
    print(f"1..{len(results)}")
    return any(wrong for _, wrong in results)


if __name__ == "__main__":
    sys.exit(main())
