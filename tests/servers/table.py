#!/usr/bin/env python3
"""Writes the table of a server (src/session/servers/*.server) from what was measured.

    table.py --head HEAD [--machine FILE] RECORDS.ndjson[.gz]... > NAME.server

The machine comes from --machine (the text of an active learner: states as the shortest way there, symbol,
reply code, next state) or, without it, is learned from the records themselves (learn.py). It is then

  projected  onto the events of a table: every symbol of a record is an EVENT with an OUTCOME,
  minimised  (partition refinement over reply codes and next states),
  named      after the shortest way to a state, or as the head says,
  written    with the rows that most states share under `always`.

The texts of the replies are those of the records, the most frequent one of each state and event, its first line.
HEAD holds the comment, server, version and note lines as they are to appear, and lines

    name WAY = NAME [# comment]    the state at the end of WAY (symbols, blanks between them)
    assume WAY = OTHER             the last symbol of WAY leads where OTHER ends (what was not measured)
"""

import argparse
import collections
import gzip
import json
import re
import sys

# A symbol of the records -> event and outcome. The outcome "?" is "ok" where the server ever takes the
# symbol and "refused" where it never does: which it is depends on the server (251, 551, SIZE=).
SYMBOLS = {
    'HELO': ('HELO', 'ok'),
    'HELO_BAD': ('HELO', 'bad'),
    'EHLO': ('EHLO', 'ok'),
    'EHLO_BAD': ('EHLO', 'bad'),
    'LHLO': ('LHLO', 'ok'),
    'LHLO_BAD': ('LHLO', 'bad'),
    'MAIL': ('MAIL', 'ok'),
    'MAIL_SIZE': ('MAIL', '?'),
    'MAIL_BAD_SYNTAX': ('MAIL', 'bad'),
    'RCPT': ('RCPT', 'ok'),
    'RCPT_251': ('RCPT', '?'),
    'RCPT_NO': ('RCPT', '?'),
    'RCPT_551': ('RCPT', '?'),
    'RCPT_BAD_SYNTAX': ('RCPT', 'bad'),
    'DATA': ('DATA', ''),
    'DATA_REJ': ('DATA', ''),
    'EOM': ('.', 'ok'),
    'EOM_REJ': ('.', '?'),
    'BDAT_CHUNK': ('BDAT', ''),
    'BDAT_LAST': ('BDAT LAST', ''),
    'RSET': ('RSET', ''),
    'NOOP': ('NOOP', ''),
    'VRFY': ('VRFY', ''),
    'EXPN': ('EXPN', ''),
    'HELP': ('HELP', ''),
    'AUTH': ('AUTH', 'ok'),
    'AUTH_BAD': ('AUTH', 'refused'),
    'STARTTLS': ('STARTTLS', ''),
    'QUIT': ('QUIT', ''),
    'UNKNOWN': ('UNKNOWN', ''),
}

# The rows of a state, in the order in which they are written.
OUTCOMES = {
    'LHLO': ('ok', 'bad'),
    'HELO': ('ok', 'bad'),
    'EHLO': ('ok', 'bad'),
    'MAIL': ('ok', 'refused', 'bad', 'size'),
    'RCPT': ('ok', 'refused', 'bad'),
    'DATA': ('',),
    '.': ('ok', 'refused'),
    'BDAT': ('',),
    'BDAT LAST': ('',),
    'RSET': ('',),
    'NOOP': ('',),
    'VRFY': ('',),
    'EXPN': ('',),
    'HELP': ('',),
    'AUTH': ('ok', 'refused'),
    'STARTTLS': ('',),
    'QUIT': ('',),
    'UNKNOWN': ('',),
}
KEYS = [(event, outcome) for event, outcomes in OUTCOMES.items() for outcome in outcomes]

# The symbols that an active learner or the records know besides these are left out.
CORE = [symbol for symbol in SYMBOLS if symbol not in ('EOM', 'EOM_REJ')]

NO_REPLY = 599  # it hangs up without a word: `none` in a table
CLOSED = 'closed'  # the machine's state after the connection's end, in all that follows


class Machine:
    """rows[state][symbol] = (code, code after the dot or None, next state); codes are integers"""

    def __init__(self, start):
        self.start = start
        self.rows = {}
        self.texts = {}  # (state, symbol) -> the learner's text

    def add(self, state, symbol, code, dot, following):
        self.rows.setdefault(state, {})[symbol] = (code, dot, following)


def open_records(name):
    opener = gzip.open if name.endswith('.gz') else open
    with opener(name, 'rt', encoding='utf-8', errors='replace') as lines:
        for line in lines:
            record = json.loads(line)
            if record.get('mode', 'lockstep') == 'lockstep' and 'steps' in record:
                yield record


def steps_of(record):
    """(symbol, code, code after the dot, text, text after the dot, closed after it) of each command"""
    steps = record['steps']
    at = 0
    while at < len(steps):
        step = steps[at]
        at += 1
        symbol = step['sym']
        if symbol == 'GREETING':
            continue
        code, text, dot, dot_text = step['code'], step['text'], None, None
        closed = bool(step.get('eof_after')) or step.get('tls') is False
        if at < len(steps) and steps[at]['sym'] in ('EOM', 'EOM_REJ'):
            follower = steps[at]
            at += 1
            if symbol.startswith('DATA'):
                dot, dot_text = follower['code'], follower['text']
            closed = closed or follower['code'] is None or bool(follower.get('eof_after'))
        yield symbol, code, dot, text, dot_text, closed


def read_machine(name):
    """The text of an active learner."""
    machine = Machine('S0')
    state = None
    gone = set()
    with open(name, encoding='utf-8') as lines:
        for line in lines:
            head = re.match(r'(S\d+) +(?:=|after)', line)
            if head:
                state = head.group(1)
                machine.rows.setdefault(state, {})
                gone.add(state)
                continue
            row = re.match(r'  (\S+) +(\S+) +-> +(\S+) *(.*)', line)
            if not row or state is None:
                continue
            gone.discard(state)
            symbol, code, following, text = row.groups()
            if symbol not in CORE:
                continue
            if following == '.':
                following = state
            first, _, second = code.partition('!')[0].partition('+')
            text = re.sub(r'^\d{3} ?', '', re.split(r' / | \|\| | \u2192 ', text)[0])
            if text and '\u2026' not in text:
                machine.texts[state, symbol] = text
            machine.add(state, symbol, int(first), int(second) if second.isdigit() else None, following)
    # A state without rows is the closed connection.
    for rows in machine.rows.values():
        for symbol, (code, dot, following) in rows.items():
            if following in gone:
                rows[symbol] = (code, dot, CLOSED)
    for state in gone:
        del machine.rows[state]
    return machine


def prune(machine):
    """Leaves out the states that only symbols outside the core lead to."""
    reached = [machine.start]
    for state in reached:
        for _, _, following in machine.rows.get(state, {}).values():
            if following not in reached:
                reached.append(following)
    for state in set(machine.rows) - set(reached):
        del machine.rows[state]


# What may change who the client is (greeted, authenticated, in TLS); all else keeps that.
CHANGING = ('LHLO', 'LHLO_BAD', 'HELO', 'HELO_BAD', 'EHLO', 'EHLO_BAD', 'AUTH', 'AUTH_BAD', 'STARTTLS', 'QUIT', 'RSET')


def keep_modes(machine):
    """Undoes merges in which the client changed its mode by a command that cannot change it.

    A learner merges two states until it finds a sequence that tells them apart. Between chunks, say, that sequence
    is long (BDAT LAST, EHLO, AUTH), and a learner that has not found it makes a client authenticated by a chunk.
    A state whose RSET leads elsewhere than the RSET of the state before is split by where the latter's leads.
    """
    def after_reset(state):
        return machine.rows[state]['RSET'][2] if state in machine.rows else None

    split = Machine(machine.start)
    queue = [(machine.start, None)]
    name = {}

    def known(state, mode):
        if state == CLOSED:
            return CLOSED
        if mode == after_reset(state):
            mode = None
        if (state, mode) not in name:
            name[state, mode] = state if mode is None else (state, mode)
            queue.append((state, mode))
        return name[state, mode]

    queue.clear()
    known(machine.start, None)
    for state, mode in queue:
        here = mode if mode is not None else after_reset(state)
        for symbol, (code, dot, following) in machine.rows[state].items():
            text = machine.texts.get((state, symbol))
            if symbol == 'RSET' and code < 400:
                following = known(here, None)
            elif following == CLOSED or (symbol in CHANGING and code < 400):
                following = known(following, None)
            elif following == state:
                following = name[state, mode]
            elif symbol in CHANGING and mode is None and code != 503:
                following = known(following, None)
            elif mode is not None and following == after_reset(state):
                following = known(here, None)
            else:
                following = known(following, here)
            split.add(name[state, mode], symbol, code, dot, following)
            if text:
                split.texts[name[state, mode], symbol] = text
    return split


def refit(machine, records):
    """Another version's replies where they differ from the machine's; the states are taken over."""
    said = {}
    for record in records:
        state = machine.start
        for symbol, code, dot, _, _, _ in steps_of(record):
            if state == CLOSED or symbol not in CORE or code is None:
                break
            said.setdefault((state, symbol), collections.Counter())[code, dot] += 1
            state = machine.rows[state][symbol][2]
    changed = 0
    moved = {}  # (symbol, old reply) -> the new replies, over all states that were asked
    for (state, symbol), seen in said.items():
        moved.setdefault((symbol, machine.rows[state][symbol][:2]), set()).update(seen)
    for state, rows in machine.rows.items():
        for symbol, (code, dot, following) in rows.items():
            seen = set(said.get((state, symbol), ())) or moved.get((symbol, (code, dot)), ())
            if len(seen) == 1 and (code, dot) not in seen:
                rows[symbol] = next(iter(seen)) + (following,)
                machine.texts.pop((state, symbol), None)
                changed += 1
    if changed:
        print('%d rows differ from the machine' % changed, file=sys.stderr)


def way_in(machine, way):
    state = machine.start
    for symbol in way.split():
        state = machine.rows[state][symbol][2]
    return state


def assume(machine, assumptions):
    """Rows of the head that stand for what was not measured: WAY ends as another WAY does."""
    for way, other in assumptions:
        before, _, symbol = way.rpartition(' ')
        state = way_in(machine, before)
        code, dot, _ = machine.rows[state][symbol]
        machine.rows[state][symbol] = (code, dot, way_in(machine, other))


def taken_symbols(machine):
    """The symbols that are never refused where the server takes the plain command (RCPT, MAIL, DATA)."""
    refused = set()
    for rows in machine.rows.values():
        for symbol, (code, dot, _) in rows.items():
            if SYMBOLS[symbol][1] == '?' and rows[SYMBOLS[symbol][0]][0] < 400 <= code:
                refused.add(symbol)
            if symbol == 'DATA_REJ' and dot is not None and dot >= 400 and rows['DATA'][1] < 400:
                refused.add(symbol)
    return {symbol for symbol in CORE if symbol not in refused}


def outcome_of(symbol, taken):
    event, outcome = SYMBOLS[symbol]
    if outcome == '?':
        # EOM_REJ: its DATA decides.
        measured = 'DATA_REJ' if symbol == 'EOM_REJ' else symbol
        refused = 'size' if symbol == 'MAIL_SIZE' else 'refused'
        outcome = 'ok' if measured in taken else refused
    return event, outcome


class Table:
    """states[state][(event, outcome)] = (code or 'recorded', next state)"""

    def __init__(self, start):
        self.start = start
        self.states = {}
        self.unmeasured = set()


def project(machine):
    taken = taken_symbols(machine)
    table = Table(machine.start)
    complaints = []
    for state, rows in machine.rows.items():
        out = table.states.setdefault(state, {})
        for key in KEYS:
            event, outcome = key
            if event == '.':
                continue
            if event == 'DATA':
                code, dot, following = rows['DATA']
                if code == 354:
                    # A server that takes every message goes the same way with one that others refuse.
                    refusal = following
                    if 'DATA_REJ' in rows and rows['DATA_REJ'][1] is not None and rows['DATA_REJ'][1] >= 400:
                        refusal = rows['DATA_REJ'][2]
                    else:
                        table.unmeasured.add(('.', 'refused'))
                    content = ('content', dot, following, refusal)
                    table.states[content] = {
                        ('.', 'ok'): (dot, following),
                        ('.', 'refused'): ('recorded' if dot < 400 else dot, refusal),
                    }
                    out[key] = (354, content)
                else:
                    out[key] = (code, following)
                continue
            symbols = [s for s in CORE if s in rows and outcome_of(s, taken) == key]
            if not symbols and event == 'LHLO':
                continue
            if not any(SYMBOLS[s][0] == event for s in rows):
                out[key] = ('unmeasured', state)
                continue
            if key == ('MAIL', 'size') and 'MAIL_SIZE' in rows and 'MAIL_SIZE' in taken:
                out[key] = out[('MAIL', 'ok')]  # any size is taken
                continue
            if not symbols:
                code, following = out[(event, 'ok')]
                table.unmeasured.add(key)
                out[key] = (code, following) if code >= 400 else ('recorded', state)
                continue
            seen = []
            for symbol in symbols:
                code, _, following = rows[symbol]
                # Not a 421: that is what it says to one error too many.
                if outcome in ('refused', 'bad', 'size') and code >= 400 and out[(event, 'ok')][0] < 400 and code != 421:
                    code = 'recorded'
                if code == 251:
                    code = 250
                seen.append((code, following))
            out[key] = seen[0]
            if len(set(seen)) > 1:
                complaints.append('%s: %s %s: %s' % (state, event, outcome, dict(zip(symbols, seen))))
    table.states[CLOSED] = {}
    return table, complaints


def minimise(table):
    """Partition refinement; returns old state -> representative"""
    reached = [table.start, CLOSED]
    for state in reached:
        for _, following in table.states[state].values():
            if following not in reached:
                reached.append(following)
    block = {s: tuple(sorted((k, str(v[0])) for k, v in table.states[s].items())) for s in reached}
    number = {b: i for i, b in enumerate(dict.fromkeys(block.values()))}
    block = {s: number[b] for s, b in block.items()}
    while True:
        finer = {
            s: (block[s], tuple(sorted((k, block[v[1]]) for k, v in table.states[s].items()))) for s in reached
        }
        number = {b: i for i, b in enumerate(dict.fromkeys(finer.values()))}
        finer = {s: number[b] for s, b in finer.items()}
        if len(set(finer.values())) == len(set(block.values())):
            break
        block = finer
    first = {}
    for state in reached:
        first.setdefault(block[state], state)
    small = Table(first[block[table.start]])
    small.unmeasured = table.unmeasured
    for state in first.values():
        small.states[state] = {k: (c, first[block[n]]) for k, (c, n) in table.states[state].items()}
    return small, {s: first[block[s]] for s in reached}


def walk(table, taken, record):
    """(state, event, outcome, code, text, first code) for each step while the table knows the way"""
    state = table.start
    for symbol, code, dot, text, dot_text, _ in steps_of(record):
        if symbol not in CORE or state == CLOSED:
            return
        key = outcome_of(symbol, taken)
        row = table.states[state].get(key)
        if row is None:
            return
        yield state, key, code, text
        state = row[1]
        if code == 354:
            key = outcome_of('EOM_REJ' if symbol == 'DATA_REJ' else 'EOM', taken)
            row = table.states[state].get(key)
            if row is None:
                return
            yield state, key, dot, dot_text
            state = row[1]


LONGEST = 68  # of a text in a table


def neutral(text):
    """The first line, without what differs from one installation or message to the next."""
    text = text.split('\n')[0]
    text = text.replace('"', "'").replace('\t', ' ')
    text = re.sub(r'\bclient\.test\b', 'client.example.com', text)
    text = re.sub(r'\bexample\.test\b', 'example.com', text)
    text = re.sub(r'\b[\w-]+\.test\b', 'mx.example.com', text)
    text = re.sub(r'\bqueued as \w+', 'queued as ID', text)
    text = re.sub(r'\bid=\S+', 'id=ID', text)
    text = re.sub(r'\b(Ok|OK|ok)\. \w{8,}(\.\w{8,})*', r'\1. ID', text)
    text = re.sub(r'\b\w{14} (Message accepted)', r'ID \1', text)
    text = re.sub(r'\b[0-9a-f]{8} (Message accepted)', r'ID \1', text)
    text = re.sub(r'\b\d+ bytes', 'N bytes', text)
    text = re.sub(r'\([0-9A-F-]{36}\.\d+\)', '(ID)', text)
    text = re.sub(r'127\.0\.0\.1', '192.0.2.1', text)
    text = re.sub(r'XYZZY', 'VERB', text)
    text = re.sub(r'\s+', ' ', text).strip()
    text = text.encode('ascii', 'replace').decode('ascii')
    return text if len(text) <= LONGEST else text[:LONGEST - 4].rpartition(' ')[0] + ' ...'


TOKENS = {
    ('EHLO', 'ok'): 'ehlo',
    ('HELO', 'ok'): 'helo',
    ('MAIL', 'ok'): 'mail',
    ('MAIL', 'size'): 'refused-size',
    ('RCPT', 'ok'): 'rcpt',
    ('RCPT', 'refused'): 'no-rcpt',
    ('DATA', ''): 'content',
    ('BDAT', ''): 'chunk',
    ('BDAT LAST', ''): 'last',
    ('RSET', ''): 'rset',
    ('AUTH', 'ok'): 'authed',
    ('AUTH', 'refused'): 'refused-auth',
    ('STARTTLS', ''): 'tls',
}
# The order in which ways are looked for: the usual session first.
PREFERENCE = [('EHLO', 'ok'), ('MAIL', 'ok'), ('RCPT', 'ok'), ('DATA', ''), ('BDAT', ''), ('.', 'ok')]
PREFERENCE += [('STARTTLS', ''), ('AUTH', 'ok'), ('HELO', 'ok')]
PREFERENCE += [key for key in KEYS if key not in PREFERENCE]


def ways(table):
    """state -> the shortest way there, in the order of a search from the start"""
    way = {table.start: ()}
    queue = [table.start]
    for state in queue:
        for key in PREFERENCE:
            if key in table.states[state]:
                following = table.states[state][key][1]
                if following not in way:
                    way[following] = way[state] + (key,)
                    queue.append(following)
    return way


def name_states(table, way, named):
    """A state outside of a message is called by its way, one in a message by the state that RSET leads to."""
    names = {table.start: 'start', CLOSED: 'closed'}
    names.update(named)
    used = collections.Counter(names.values())

    def token(state):
        at, word = table.start, 'dot'
        for number, key in enumerate(way[state]):
            before, at = at, table.states[at][key][1]
            this = TOKENS.get(key, re.sub('[^a-z]', '', ' '.join(key).lower()) or 'dot')
            if this == 'chunk' and table.states[before][key][0] >= 400:
                this = 'bad-chunk'
            if this not in ('authed', 'tls') or (word == 'dot' and number == len(way[state]) - 1):
                word = this
        return word

    asked = set()

    def name(state):
        if state in names:
            return names[state]
        rows = table.states[state]
        reset = rows.get(('RSET', ''), rows.get(('.', 'ok')))[1]
        if reset not in (state, CLOSED) and (reset in names or reset not in asked):
            asked.add(state)
            base = name(reset)
            word = token(state)
        else:
            asked.add(state)
            at = table.start
            for key in way[state][:-1]:
                at = table.states[at][key][1]
            base = name(at)
            word = TOKENS.get(way[state][-1], token(state))
            if word == 'ehlo':
                base = base.replace('helo', '')
        shown = [part for part in base.split('-') if part not in ('', 'start', 'ehlo', 'ready')]
        if word == 'helo' and word in shown:
            shown.remove(word)
        result = '-'.join(shown + [word])
        if used[result]:
            number = 2
            while used['%s-%d' % (result, number)]:
                number += 1
            result = '%s-%d' % (result, number)
        used[result] += 1
        names[state] = result
        return result

    for state in way:
        name(state)
    return names


def read_head(name):
    lines, named, assumed = [], [], []
    with open(name, encoding='ascii') as source:
        for line in source:
            line = line.rstrip('\n')
            match = re.match(r'name\s+(.*?)\s*=\s*(\S+)\s*(?:#\s*(.*))?$', line)
            same = re.match(r'assume\s+(.*?)\s*=\s*(.*?)\s*$', line)
            if match:
                named.append(match.groups())
            elif same:
                assumed.append(same.groups())
            else:
                lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return lines, named, assumed


def state_at(table, taken, way):
    """The state at the end of a way of symbols; '.' and '!' are the dot of a message taken or refused."""
    state = table.start
    for symbol in way.split():
        key = {'.': ('.', 'ok'), '!': ('.', 'refused')}.get(symbol) or outcome_of(symbol, taken)
        if key not in table.states[state]:
            return None
        state = table.states[state][key][1]
    return state


def write(table, taken, texts, head, out):
    lines, named, _ = head
    chosen, comments = {}, {}
    for path, name, comment in named:
        state = state_at(table, taken, path)
        if state is None:
            print('no state at the end of "%s"' % path, file=sys.stderr)
            continue
        if chosen.setdefault(state, name) != name:
            print('%s and %s are one state' % (chosen[state], name), file=sys.stderr)
        if comment:
            comments[state] = comment
    way = ways(table)
    names = name_states(table, way, chosen)

    general = {}  # for a state that no record has asked for this
    for (_, key), seen in texts.items():
        for (code, text), number in seen.items():
            sums = general.setdefault((key[0], code), collections.Counter())
            sums[text] += number
    general = {key: [(number, text) for text, number in sums.items()] for key, sums in general.items()}
    own = {}  # the codes of the server's own refusals, for the reader
    for (state, key), seen in texts.items():
        if table.states[state][key][0] == 'recorded':
            own.setdefault(key, set()).update(code for code, _ in seen)

    def row(state, key):
        code, following = table.states[state][key]
        if code == 'recorded':
            return code, following, '# %s here' % ', '.join(map(str, sorted(own[key]))) if key in own else None
        for near in (key, (key[0], 'ok')):
            fitting = [(n, t) for (c, t), n in texts.get((state, near), {}).items() if c == code]
            if fitting:
                break
        else:
            fitting = general.get((key[0], code)) or [(0, '')]
        text = max(fitting)[1]
        # The text that the server gives elsewhere, if it was seen here too.
        usual = max(general.get((key[0], code)) or [(0, '')])[1]
        if usual in [t for _, t in fitting]:
            text = usual
        return code, following, '"%s"' % text if text else None

    ordinary = [s for s in way if s != CLOSED and ('DATA', '') in table.states[s]]

    # What most states do: counted over rows that stay, and rows that go to one state.
    always = {}
    for key in KEYS:
        if key[0] == '.' or any(key not in table.states[state] for state in ordinary):
            continue  # LHLO is of LMTP only
        count = collections.Counter()
        for state in ordinary:
            code, following, text = row(state, key)
            count[(code, following, text)] += 1
            if following == state:
                count[(code, None, text)] += 1
        (best, number) = max(count.items(), key=lambda item: (item[1], item[0][1] is None, str(item[0])))
        # "-> state" for most states, or it would read like a rule that it is not.
        if number > len(ordinary) * (0.25 if best[1] in (None, CLOSED) and best[0] != 'recorded' else 0.5):
            always[key] = best

    # A state that says the same for all outcomes of an event in one row may do so without an outcome.
    def emit(state, shared):
        result = []
        for event, outcomes in OUTCOMES.items():
            keys = [(event, outcome) for outcome in outcomes]
            if state is None:
                rows = {key: always[key] for key in keys if key in always}
            else:
                rows = {key: row(state, key) for key in keys if key in table.states[state]}
            if not rows:
                continue
            if state is not None:
                rows = {k: (c, None if n == state else n, t) for k, (c, n, t) in rows.items()}
            differing = {
                k: r for k, r in rows.items()
                if k not in shared or r != (shared[k][0], None if shared[k][1] == state else shared[k][1], shared[k][2])
            }
            if not differing:
                continue
            # A row for `refused` stands for `size` too, where that has none beside it.
            size = (event, 'size')
            if size in rows and (event, 'refused') in differing and rows[size] != differing[event, 'refused']:
                differing[size] = rows[size]
            if len(rows) == len(keys) and len(set(rows.values())) == 1 and keys[0][1] and event != '.':
                result.append((event, '') + next(iter(rows.values())))
            else:
                result += [(event, k[1]) + r for k, r in differing.items()]
        return result

    width = max(len('recorded -> ' + name) for name in names.values())

    def put(rows):
        for event, outcome, code, following, text in rows:
            left = (event + ' ' + outcome).rstrip()
            middle = ('none' if code == NO_REPLY else str(code)) + (' -> ' + names[following] if following is not None else '')
            out.write(('  %-13s %-*s  %s' % (left, min(width, 32), middle, text or '')).rstrip() + '\n')

    for line in lines:
        out.write(line + '\n')
    out.write('\nalways\n')
    put(emit(None, {}))
    order = [s for s in way if s != CLOSED]
    count = 0
    for state in order:
        out.write('\nstate ' + names[state] + ('  # ' + comments[state] if state in comments else '') + '\n')
        rows = emit(state, always if state in ordinary else {})
        count += len(rows)
        put(rows)
    out.write('\nstate closed\n')
    return len(order) + 1, count + len(emit(None, {}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--head', required=True)
    parser.add_argument('--machine')
    parser.add_argument('records', nargs='+')
    arguments = parser.parse_args()
    records = [record for name in arguments.records for record in open_records(name)]
    if arguments.machine:
        machine = read_machine(arguments.machine)
    else:
        import learn
        machine = learn.learn(records)
    head = read_head(arguments.head)
    assume(machine, head[2])
    prune(machine)
    if arguments.machine:
        machine = keep_modes(machine)
        refit(machine, records)
    taken = taken_symbols(machine)
    table, complaints = project(machine)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    table, merged = minimise(table)
    texts = {}
    for (state, symbol), text in machine.texts.items():
        if state in merged and symbol != 'DATA_REJ':
            key = outcome_of(symbol, taken)
            seen = texts.setdefault((merged[state], key), collections.Counter())
            seen[(machine.rows[state][symbol][0], neutral(text))] += 0
    for record in records:
        for state, key, code, text in walk(table, taken, record):
            if code is not None:
                texts.setdefault((state, key), collections.Counter())[(code, neutral(text))] += 1
    states, rows = write(table, taken, texts, head, sys.stdout)
    print('%d states, %d rows; not measured: %s' % (
        states, rows, ', '.join(' '.join(key) for key in sorted(table.unmeasured)) or 'none'), file=sys.stderr)


if __name__ == '__main__':
    main()
