"""What is played on a server to compare it with its table, and the comparison."""

import concurrent.futures
import itertools
import random
import re
import time

import exact
import session


class Follower:
    """The table's state along what a server says"""

    def __init__(self, table):
        self.table, self.state, self.rows = table, table.start, []

    def expects(self, step):
        """Whether the table agrees; moves on"""
        if self.state == 'closed':
            # Exim says 421 on its way out when it was between chunks.
            return step.code in (None, 421), 'nothing: the connection is closed'
        event, outcome = exact.SYMBOLS[step.symbol]
        if step.code is not None and step.code < 400 and outcome in ('refused', 'size'):
            outcome = 'ok'
        row = self.table.resolved[self.state].get((event, outcome))
        if row is None:
            return False, 'no row'
        self.rows.append((self.state, event, outcome))
        state, self.state = self.state, row.following
        if row.code == 'none':
            return step.code is None, 'nothing: it hangs up in state %s' % state
        if row.code == 'recorded':
            return step.code is not None and step.code >= 400 and step.code != 503, 'a refusal, in state %s' % state
        return step.code == row.code or (step.code, row.code) == (251, 250), '%s in state %s' % (row.code, state)


def compare(server, table, sequence, group=None):
    """(agreed steps, all steps, rows, what differed or None, timed out)"""
    follower = Follower(table)
    connection = server.connect()
    try:
        for symbol in sequence:
            if not connection.play(symbol):
                break
        else:
            if group:
                connection.play_group(group)
    finally:
        connection.close()
    said = []
    for number, step in enumerate(connection.steps):
        said.append('%s %s' % (step.symbol, step.code))
        agrees, expected = follower.expects(step)
        if not agrees:
            about = ' | '.join(said) + (' (in one packet: %s)' % ' '.join(group) if group else '')
            return number, number + 1, follower.rows, '%s "%s"; the table: %s' % (
                about, step.text.split('\n')[0], expected), step.timed_out
    return len(connection.steps), len(connection.steps), follower.rows, None, connection.timed_out


def symbols_of(table):
    """What can be asked of its server: not what the table leaves open everywhere"""
    states = [rows for rows in table.resolved.values() if rows and ('.', 'ok') not in rows]
    return [symbol for symbol in session.LMTP_SYMBOLS
            if any(exact.SYMBOLS[symbol] in rows and rows[exact.SYMBOLS[symbol]].code != 'unmeasured' for rows in states)]


def ways(table):
    """state -> the symbols that lead there, the shortest"""
    symbols = {}
    for symbol in symbols_of(table):
        symbols.setdefault(exact.SYMBOLS[symbol], symbol)
    way = {table.start: ()}
    queue = [table.start]
    for state in queue:
        if state == 'closed':
            continue
        for key, row in table.resolved[state].items():
            if key[0] == '.' or key not in symbols:
                continue
            # A message and its dot are one symbol.
            symbol, following = symbols[key], row.following
            endings = [(symbol, following)]
            if key[0] == 'DATA' and row.code == 354:
                content = table.resolved[following]
                endings = [('DATA', content['.', 'ok'].following), ('DATA_REJ', content['.', 'refused'].following)]
            for symbol, following in endings:
                if following not in way:
                    way[following] = way[state] + (symbol,)
                    queue.append(following)
    return way


def sequences_for(table, seed, number):
    """What is played in lock step: short ones, a cover of the table, random ones; the last for as long as is asked"""
    chance = random.Random(seed)
    symbols = symbols_of(table)
    yield from itertools.product(symbols, repeat=1)
    cover = []
    for way in ways(table).values():
        for symbol in symbols:
            # Two random commands after it tell whether it led to the right state.
            cover.append(way + (symbol,) + tuple(chance.choices(symbols, k=2)))
    chance.shuffle(cover)
    yield from cover[:number]
    pairs = list(itertools.product(symbols, repeat=2))
    chance.shuffle(pairs)
    yield from pairs[:number]
    for _ in range(number):
        state, sequence = table.start, []
        for _ in range(chance.randint(3, 8)):
            likely = []
            if state != 'closed':
                rows = table.resolved[state]
                codes = {s: rows[exact.SYMBOLS[s]].code for s in symbols}
                likely = [s for s, code in codes.items() if s != 'QUIT' and isinstance(code, int) and code < 400]
            symbol = chance.choice(likely if likely and chance.random() < 0.5 else symbols)
            sequence.append(symbol)
            if state != 'closed':
                row = table.resolved[state][exact.SYMBOLS[symbol]]
                state = row.following
                if row.code == 354:
                    state = table.resolved[state]['.', 'ok'].following
        yield tuple(sequence)


def groups_for(seed, number, hello):
    """A way in, and what follows in one packet: what must be waited for stands last (RFC 2920)"""
    chance = random.Random(seed)
    for _ in range(number):
        way = (hello,) + tuple(chance.choices(('MAIL', 'RCPT', 'RCPT_NO', 'RSET'), k=chance.randint(0, 2)))
        group = chance.choices(('MAIL', 'RCPT', 'RCPT_NO', 'RSET', 'MAIL', 'RCPT'), k=chance.randint(1, 5))
        group.append(chance.choice(('DATA', 'DATA', 'DATA_REJ', 'NOOP', 'VRFY', 'RCPT', 'MAIL')))
        yield way, tuple(group)


def offers_pipelining(server):
    connection = server.connect()
    connection.play('LHLO' if server.lmtp else 'EHLO')
    connection.close()
    return re.search(r'^PIPELINING$', connection.steps[0].text, re.M) is not None


class Result:
    def __init__(self):
        self.sequences = self.exchanges = self.agreed = self.unsteady = self.groups = 0
        self.rows = set()
        self.differences = []
        self.words = []  # what was played one command at a time and differed


def check(server, table, arguments):
    result = Result()
    began = time.monotonic()
    jobs = [(sequence, None) for sequence in sequences_for(table, arguments.seed, arguments.sequences)]
    if offers_pipelining(server):
        jobs += list(groups_for(arguments.seed, arguments.sequences // 4, 'LHLO' if server.lmtp else 'EHLO'))

    def play(job):
        if time.monotonic() - began > arguments.seconds:
            return None
        answer = again = compare(server, table, *job)
        for _ in range(2):
            if again[3] is None:
                break
            again = compare(server, table, *job)
        return again, answer[3] is not None and again[3] is None, job

    with concurrent.futures.ThreadPoolExecutor(server.parallel) as pool:
        for played in pool.map(play, jobs):
            if played is None:
                continue
            (agreed, steps, rows, difference, _), unsteady, job = played
            result.sequences += 1
            result.groups += job[1] is not None
            result.exchanges += steps
            result.agreed += agreed
            result.unsteady += unsteady
            result.rows.update(rows)
            if difference:
                result.differences.append(difference)
                result.words += [job[0]] if job[1] is None else []
    result.seconds = time.monotonic() - began
    return result


def summary(name, table, version, result):
    of = sum(len(rows) for rows in table.resolved.values())
    return '%s (%s) against table %s: %d sequences, %d of them pipelined; %d of %d exchanges agree; %d of %d rows seen; ' \
        '%d unsteady; %d s' % (
            name, version.split('\n')[0].strip(), table.head['server'][0], result.sequences, result.groups, result.agreed,
            result.exchanges, len(result.rows), of, result.unsteady, result.seconds)
