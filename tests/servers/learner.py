#!/usr/bin/env python3
"""smtpseq-learn: learns the table of a running mail server, for smtpseq check --server=./NAME.server.

    smtpseq-learn [options] NAME HOST:PORT > NAME.server

It asks until nothing new turns up, then plays other sequences against the server to check the table, and writes it
only if they agree. It sends some thousands of messages to --recipient, so it asks only this machine, unless --remote is
given. Switch off the server's limits on errors and connections first.

It ends with 0 if the table was written, 1 if not, 2 if it was called wrong. --journal keeps all answers in a file: a
run that was broken off goes on from there.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import socket
import sys
import tempfile
import time

import active
import exact
import playing
import session
import table as tables


# How sessions go on. Some servers look at the end of one only whether there was an EHLO or a recipient.
USUAL = [words.split() for words in (
    'EHLO DATA', 'EHLO RCPT DATA', 'EHLO MAIL RCPT DATA', 'AUTH MAIL RCPT DATA', 'STARTTLS EHLO AUTH MAIL RCPT DATA')]
# Unknown commands to look for a limit with; as many as sequences seldom hold.
ERRORS_ASKED, ERRORS_NEEDED = 40, 5
# So many checks of a table at most, each of which the next table is learned with.
CHECKS = 5


class Unsteady(Exception):
    """The server does not say the same to the same commands"""


class Running:
    """A server that somebody else started"""

    chunks = 'once offered'
    not_swallowed = session.LISTEN

    def __init__(self, name, host, port, addresses, arguments):
        self.name, self.host, self.port, self.addresses = name, host, port, addresses
        self.parallel, self.timeout, self.lmtp = arguments.parallel, arguments.timeout, arguments.lmtp
        self.left_out = arguments.leave_out.split(',')

    @property
    def symbols(self):
        known = session.LMTP_SYMBOLS if self.lmtp else session.SYMBOLS
        return [symbol for symbol in known if symbol not in self.left_out]

    def connect(self):
        return session.Connection(self.port, self.addresses, timeout=self.timeout, chunks=self.chunks,
                                  not_swallowed=self.not_swallowed, host=self.host, lmtp=self.lmtp)


def swallows_chunks(server):
    """Whether it reads on behind the octets of a chunk that it refuses, even if it has not offered CHUNKING yet. Then
    none is empty: Postfix 3.7 dies of an empty one, and takes a minute to start again."""
    connection = server.connect()
    try:
        connection.send('BDAT %d\r\n%sQUIT\r\n' % (len(session.CHUNK), session.CHUNK))
        replies = []
        while not replies or replies[-1] is not None:
            replies.append(connection.reply()[0])
    finally:
        connection.close()
    return len(replies) == 3 and replies[1] == 221


class Answers:
    """Plays words for the learner, and keeps what was said, in a journal as well if there is one: a run that was
    broken off goes on from there"""

    def __init__(self, server, most, seconds, journal=None):
        self.server, self.most = server, most
        self.until = time.monotonic() + seconds
        self.said = {(): None}  # word -> its last output
        self.records = []
        self.pool = concurrent.futures.ThreadPoolExecutor(server.parallel)
        self.journal = None
        if journal:
            self.read_journal(journal)
            self.journal = open(journal, 'a')

    def read_journal(self, journal):
        if not os.path.exists(journal):
            return
        with open(journal) as lines:
            for line in lines:
                try:
                    word, steps = json.loads(line)
                except ValueError:
                    continue  # the last line, cut
                self.keep(tuple(word), [session.Step(*step) for step in steps])
        print('%d sequences from %s' % (len(self.records), journal), file=sys.stderr)

    def __call__(self, words):
        new = [word for word in dict.fromkeys(words) if word not in self.said]
        # A word that begins another one is answered with it.
        begun = {word[:end] for word in new for end in range(len(word))}
        new = [word for word in new if word not in begun]
        for word, record in zip(new, self.pool.map(self.play, new)):
            self.keep(word, record)
        return [tuple(self.said[word[:end]] for end in range(1, len(word) + 1)) for word in words]

    def play(self, word):
        """The steps of a word. A reply that does not come in time is waited for on a second connection."""
        for _ in range(2):
            if len(self.records) >= self.most or time.monotonic() > self.until:
                raise Unsteady('no end after %d sequences; --most and --seconds allow more' % len(self.records))
            connection = self.server.connect()
            connection.play_all(word)
            if not connection.timed_out:
                return connection.steps
        raise Unsteady('twice no reply within %d s to the last of: %s' % (
            connection.timeout, ' '.join(step.symbol for step in connection.steps)))

    def keep(self, word, steps, again=False):
        outputs = []
        for step in steps:
            if step.symbol in ('EOM', 'EOM_REJ'):
                outputs[-1] = (outputs[-1][0], step.code)
            else:
                outputs.append(active.GONE if step.code is None else (step.code, None))
        outputs += [active.GONE] * (len(word) - len(outputs))
        for end, output in enumerate(outputs, 1):
            if self.said.get(word[:end], output) != output:
                if not again:
                    self.keep(word, self.play(word), again=True)
                    return
                raise Unsteady('%s %s at first, then %s, after: %s' % (
                    word[end - 1], self.said[word[:end]][0], output[0], ' '.join(word[:end - 1]) or 'the greeting'))
        for end, output in enumerate(outputs, 1):
            self.said[word[:end]] = output
        if self.journal:
            json.dump([word, [(step.symbol, step.code, step.text) for step in steps]], self.journal)
            self.journal.write('\n')
            self.journal.flush()
        self.records.append({'steps': [{'sym': s.symbol, 'code': s.code, 'text': s.text} for s in steps]})


def usual(symbols):
    """USUAL with LHLO where that is the greeting, as far as the commands are asked"""
    greeting = 'LHLO' if 'LHLO' in symbols else 'EHLO'
    ends = [tuple(greeting if word == 'EHLO' else word for word in words) for words in USUAL]
    return [end for end in ends if set(end) <= set(symbols)]


def learn(answers, seed, rounds, known=()):
    """Ends when a walk over all rows and `rounds` random words have found no new state. `known`: words to begin with."""
    symbols = answers.server.symbols
    ends = usual(symbols)
    learner = active.Learner(symbols, answers)
    chance = random.Random(seed)
    while True:
        print('%d states after %d sequences' % (len(learner.access), len(answers.records)), file=sys.stderr, flush=True)
        words = []
        for state, way in enumerate(learner.access):
            if learner.rows[state]:
                for symbol, ((code, _), _) in learner.rows[state].items():
                    # What was taken may lead anywhere: all is asked there.
                    if code != 'gone' and code < 400:
                        words += [way + (symbol, last) for last in symbols]
                        words += [way + (symbol,) + end for end in ends]
                    # What has told two states apart may do so here.
                    words += [way + (symbol,) + suffix for suffix in learner.suffixes()]
                    words.append(way + (symbol,) + tuple(chance.choices(symbols, k=3)))
        chance.shuffle(words)
        for _ in range(rounds):
            way = chance.choice(learner.access)
            words.append(way + tuple(chance.choices(symbols, k=chance.randint(3, 6))))
        words[:0] = known
        for at in range(0, len(words), 200):
            some = words[at:at + 200]
            wrong = [word for word, said in zip(some, answers(some)) if said != learner.expected(word)]
            if wrong:
                break
        else:
            return learner
        for word in sorted(wrong, key=len):
            while learner.refine(word):
                pass


def program_of(greeting, name):
    """What a greeting says of the program: the table's `version`, whose first word tells recordings of such a server. So
    not the host's name before it (RFC 5321 4.2), nor the protocol, which every greeting has."""
    words = greeting.split()
    if words and (words[0] == 'localhost' or re.search(r'[.:\[]', words[0])):
        del words[0]
    while words and words[0].upper() in ('ESMTP', 'SMTP', 'LMTP'):
        del words[0]
    return ' '.join(words) or name


def write_table(name, greeting, learner, answers, limit, out):
    closed = {state for state, row in enumerate(learner.rows) if not row}
    machine = tables.Machine(0)
    for state, row in enumerate(learner.rows):
        for symbol, ((code, dot), following) in row.items():
            if code == 'gone':
                code, following = tables.NO_REPLY, min(closed)  # it hung up without a word
            machine.add(state, symbol, code, dot, tables.CLOSED if following in closed else following)
    taken = tables.taken_symbols(machine)
    full, complaints = tables.project(machine)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    small, _ = tables.minimise(full)
    texts = {}
    for record in answers.records:
        for state, key, code, text in tables.walk(small, taken, record):
            if code is not None:
                texts.setdefault((state, key), collections.Counter())[code, tables.neutral(text)] += 1
    head = ['# What this server answers, one command at a time: learned from it with %d sequences.' % len(answers.records),
            'server   ' + name, 'version  ' + program_of(greeting, name)] + ([limit] if limit else [])
    tables.write(small, taken, texts, (head, [], []), out)


def errors_before_hanging_up(server):
    """(Which unknown command the server does not bear, how many it says nothing special to); (0, 0) if it bears
    ERRORS_ASKED"""
    connection = server.connect()
    try:
        for number in range(1, ERRORS_ASKED + 1):
            connection.play('UNKNOWN')
            code = connection.steps[-1].code
            if code in (None, 421):
                # Where it hangs up without a 421, the reply before may be another than usual.
                return number, max(number - (1 if code else 2), 1)
    finally:
        connection.close()
    return 0, 0


def learn_and_check(server, answers, errors, greeting, arguments):
    """Writes the table of the server. What a check against fresh sequences has wrong is learned from, as long as that helps.
    Returns True if a difference is left: then nothing is written."""
    patience, borne = errors
    known = []
    arguments.sequences = arguments.rounds
    for turn in range(CHECKS):
        learner = learn(answers, arguments.seed, arguments.rounds, known)
        counted = not learner.rows[learner.follow(('UNKNOWN',) * patience)]  # the states do, up to the end
        limit = 'limit    %d UNKNOWN' % borne if patience and not counted else None
        with tempfile.NamedTemporaryFile('w+', suffix='.server') as written:
            write_table(arguments.name, greeting, learner, answers, limit, written)
            written.flush()
            table = exact.parse(written.name)
            result = playing.check(server, table, arguments)
            print('# ' + playing.summary(arguments.name, table, greeting, result), file=sys.stderr)
            for difference in result.differences[:5]:
                print('# ' + difference, file=sys.stderr)
            if not result.differences:
                written.seek(0)
                shutil.copyfileobj(written, sys.stdout)
                break
        known += result.words
        if not result.words:
            break
        arguments.seed += 1
    for symbol in {'RCPT', 'AUTH', 'STARTTLS', 'BDAT_LAST'} & set(server.symbols):
        if all(row[symbol][0][0] == 'gone' or row[symbol][0][0] >= 400 for row in learner.rows if row):
            print('%s was never taken' % symbol, file=sys.stderr)
    if result.differences:
        print('the table would be wrong, and is not written; --rounds asks more', file=sys.stderr)
    return bool(result.differences)


def run_learn(arguments):
    host, _, port = arguments.address.rpartition(':')
    if not arguments.remote and not socket.gethostbyname(host).startswith('127.'):
        print('%s is not on this machine: --remote asks it all the same' % host, file=sys.stderr)
        return 2
    addresses = session.Addresses(arguments.sender, arguments.recipient, arguments.refused, arguments.user,
                                  arguments.password)
    server = Running(arguments.name, host, int(port), addresses, arguments)
    try:
        connection = server.connect()
        connection.close()
        if 'BDAT_CHUNK' in server.symbols and swallows_chunks(server):
            server.chunks = 'always'
        answers = Answers(server, arguments.most, arguments.seconds, arguments.journal)
        patience, borne = errors_before_hanging_up(server)
        if patience:
            print('%s hangs up at unknown command %d: a table cannot count' % (arguments.address, patience), file=sys.stderr)
        if 0 < patience <= ERRORS_NEEDED and not arguments.count:
            print('switch that limit off, or set it above %d; if there is no such setting, --count' % ERRORS_NEEDED,
                  file=sys.stderr)
            return 1
        differs = learn_and_check(server, answers, (patience, borne), connection.greeting[1].split('\n')[0], arguments)
    except (Unsteady, OSError) as trouble:
        print('%s: %s' % (arguments.address, trouble), file=sys.stderr)
        return 1
    return int(differs)


def main():
    parser = argparse.ArgumentParser(prog='smtpseq-learn', description=__doc__.split('\n', 1)[1],
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--sender', default='a@example.org')
    parser.add_argument('--recipient', default='ok@example.com', help='an address that the server takes')
    parser.add_argument('--refused', default='no@example.com', help='an address that it refuses')
    parser.add_argument('--user', default='alice')
    parser.add_argument('--password', default='wonderland')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rounds', type=int, default=500, help='random sequences without a new state that end it')
    parser.add_argument('--most', type=int, default=100000, help='sequences')
    parser.add_argument('--seconds', type=float, default=900)
    parser.add_argument('--parallel', type=int, default=8, help='connections at once')
    parser.add_argument('--timeout', type=float, default=60, help='seconds to wait for a reply')
    parser.add_argument('--journal', help='a file of all answers; a run that was broken off goes on from it')
    parser.add_argument('--leave-out', default='', metavar='SYMBOL,...',
                         help='what is not asked, since it does harm: BDAT_CHUNK,BDAT_LAST; the table leaves it open')
    parser.add_argument('--count', action='store_true',
                         help='a limit on errors that cannot be switched off: states count them, which takes long')
    parser.add_argument('--lmtp', action='store_true', help='the server speaks LMTP: LHLO, a reply for each recipient')
    parser.add_argument('--remote', action='store_true', help='the server may be on another machine')
    parser.add_argument('name', metavar='NAME')
    parser.add_argument('address', metavar='HOST:PORT')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return run_learn(parser.parse_args())


if __name__ == '__main__':
    sys.exit(main())
