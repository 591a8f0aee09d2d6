#!/usr/bin/env python3
"""Compares smtpseq with the model for all pipelined groups.

    groups.py SMTPSEQ [--length N]

From every state of a transaction, all groups of up to N commands that may be grouped (RFC 2920 3.1, RFC 3030 4.2) with
every command that may end one, and every pattern of replies: what is in order is accepted or refused, what is not is
refused. compare.py says what must be the same.
"""

import argparse
import itertools
import os
import random
import sys
import tempfile

from compare import SESSIONS_EACH, compare, show
from rfc_model import Model
from sessions import Session

# One command of each kind; the others of a kind are the same to the grammar, which product.py proves.
GROUPED = ("MAIL", "RCPT", "BDAT", "BDAT LAST", "RSET")
LAST = GROUPED + ("DATA", "QUIT", "NOOP", "EHLO", "AUTH", "STARTTLS")
ACCEPTED = {"DATA": 354, "QUIT": 221, "STARTTLS": 220, "AUTH": 235}
REFUSED = {"MAIL": 550, "RCPT": 550, "BDAT": 552, "BDAT LAST": 554, "DATA": 451, "AUTH": 535, "STARTTLS": 454, "EHLO": 550}

# Commands in lock step before the group, with their codes.
BEFORE = {
    "ready": (), "chunked": (("MAIL", 250), ("RCPT", 250), ("BDAT LAST", 250)), "mail": (("MAIL", 250),),
    "refused": (("MAIL", 250), ("RCPT", 550)), "rcpt": (("MAIL", 250), ("RCPT", 250)),
    "bdat": (("MAIL", 250), ("RCPT", 250), ("BDAT", 250)),
}
SHOWN_MAX = 10


class ScriptedSession(Session):
    """A session whose commands and codes are given."""

    def play(self, before, group):
        self.codes = [220, 250]
        self.greet()
        self.exchange("EHLO")
        for command, code in before:
            self.codes = [code]
            self.exchange(command)
        self.codes = [code for _, code in group]
        sent = [(command, self.send(command)) for command, _ in group]
        for number, (command, line) in enumerate(sent):
            exchange = self.begin(command, line)
            exchange.grouped = number > 0
            self.answer(exchange)
        self.flush()
        if self.model.phase == "content":
            self.codes = [250]
            self.message()
        return self

    def exchange(self, command):
        self.answer(self.begin(command, self.send(command)))
        self.flush()

    def decide(self, command, rule):
        return self.codes.pop(0)

    def greet(self):
        self.codes.pop(0)
        super().greet()

    def send(self, command):
        line = super().send(command)
        if command == "AUTH":
            self.auth_step = "initial"
            self.lines[-1] = "C: AUTH PLAIN AGFsaWNlAHNlY3JldA=="
        return line


def model_after(before):
    model = Model()
    for command, code in (("CONNECT", 220), ("EHLO", 250), *before):
        model.take(command, code)
    return model


def groups_from(model, length):
    """Every group of this length with every pattern of replies, as lists of (command, code)."""
    for command in (LAST if length == 1 else GROUPED):
        if model.broken_rule(command):
            codes = (503,)
        else:
            codes = (ACCEPTED.get(command, 250),) + ((REFUSED[command],) if command in REFUSED else ())
        for code in codes:
            if length == 1:
                yield [(command, code)]
                continue
            after = Model(**vars(model))
            after.take(command, code)
            for rest in groups_from(after, length - 1):
                yield [(command, code), *rest]


def all_groups(longest):
    for length in range(2, longest + 1):
        for before in BEFORE.values():
            for group in groups_from(model_after(before), length):
                yield before, group


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--length", type=int, default=5, help="of the longest group")
    options = parser.parse_args()
    groups, compared, different = all_groups(options.length), 0, 0
    chance = random.Random(1)
    while batch := list(itertools.islice(groups, SESSIONS_EACH)):
        lines, sessions = [], []
        for before, group in batch:
            lines.append("# session")
            session = ScriptedSession(chance, len(lines) + 1, True).play(before, group)
            lines += session.lines
            sessions.append(session)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "groups.txt")
            with open(path, "w", encoding="ascii") as transcript:
                transcript.write("\n".join(lines) + "\n")
            results = compare(options.program, sessions, path)
        for number, differences in enumerate(results):
            different += bool(differences)
            if differences and different <= SHOWN_MAX:
                show(compared + number + 1, sessions[number], differences)
        compared += len(batch)
    print(f"{'not ok' if different else 'ok'} 1 - {compared} groups of up to {options.length} commands, {different} differ")
    print("1..1")
    return different > 0


if __name__ == "__main__":
    sys.exit(main())
