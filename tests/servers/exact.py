#!/usr/bin/env python3
"""Compares the tables of servers with what the servers answered.

    exact.py [--tables DIR] [--first N] RECORDS.ndjson[.gz]...
    exact.py --parse TABLE.server...

A row is looked up as: EVENT OUTCOME in the state, EVENT in the state, EVENT OUTCOME in `always`, EVENT in `always`;
without a row `MAIL size` is `MAIL refused`. States with a dot take nothing from `always`.

A simulator of its own, so that a fault of the program's reader or of the generator (table.py) is not compared with
itself. The table of a record is the one that its "table" names, else the one that the file's name begins with.
Records are one connection each, in lock step. A step is exact when the table gives its code; `recorded` is exact
when the code is a refusal that is not one for the order (503). 251 is 250. Prints, for each server, exact and all
steps, then the same for the steps that are refused for their order, and the first differences.
Ends with 1 if a step differs.
"""

import argparse
import collections
import gzip
import json
import os
import re
import sys

EVENTS = {
    'HELO': ('ok', 'bad'),
    'EHLO': ('ok', 'bad'),
    'MAIL': ('ok', 'refused', 'bad', 'size'),
    'RCPT': ('ok', 'refused', 'bad'),
    'DATA': ('',),
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
DOT = {'.': ('ok', 'refused')}

SYMBOLS = {
    'HELO': ('HELO', 'ok'),
    'HELO_BAD': ('HELO', 'bad'),
    'EHLO': ('EHLO', 'ok'),
    'EHLO_BAD': ('EHLO', 'bad'),
    'MAIL': ('MAIL', 'ok'),
    'MAIL_SIZE': ('MAIL', 'size'),
    'MAIL_BAD_SYNTAX': ('MAIL', 'bad'),
    'RCPT': ('RCPT', 'ok'),
    'RCPT_251': ('RCPT', 'refused'),
    'RCPT_NO': ('RCPT', 'refused'),
    'RCPT_551': ('RCPT', 'refused'),
    'RCPT_BAD_SYNTAX': ('RCPT', 'bad'),
    'DATA': ('DATA', ''),
    'DATA_REJ': ('DATA', ''),
    'EOM': ('.', 'ok'),
    'EOM_REJ': ('.', 'refused'),
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


class Fault(Exception):
    pass


class Row:
    def __init__(self, code, following, text, line, source=None):
        self.code, self.following, self.text, self.line, self.source = code, following, text, line, source


class Table:
    """resolved[state][(event, outcome)] is a Row; `start` is the first state of the file"""

    def __init__(self, path):
        self.path = path
        self.head = collections.defaultdict(list)
        self.start = None
        self.blocks = {}  # state, or None for `always` -> {(event, outcome or ''): Row}
        self.lines = {}  # state -> its line
        self.resolved = {}

    def fault(self, line, message):
        raise Fault('%s:%d: %s' % (self.path, line, message))


# The text holds no quotation mark; # begins a comment anywhere else. [KEY] is a source of the head.
TEXT = re.compile(r'(?P<rest>[^"#\[]*)(?:"(?P<text>[^"]*)"\s*)?(?:\[(?P<source>[^"\]]*)\]\s*)?(?:#.*)?$')
ROW = re.compile(r'(?P<left>\S+(?: \S+)*)\s+(?P<code>\d{3}|recorded|unmeasured)(?:\s+->\s+(?P<state>\S+))?\s*$')
NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9-]*$')


def parse(path):
    table = Table(path)
    block = None
    in_head = True
    number = 0
    with open(path, 'rb') as source:
        for raw in source:
            number += 1
            try:
                line = raw.decode('ascii').rstrip('\n')
            except UnicodeDecodeError:
                table.fault(number, 'not ASCII')
            if not line.strip() or line.lstrip().startswith('#'):
                continue
            if not line.startswith(' '):
                word, _, rest = line.partition(' ')
                rest = rest.strip()
                if word in ('server', 'version', 'banner', 'note', 'documented', 'source'):
                    if not in_head:
                        table.fault(number, '%s belongs into the head' % word)
                    if word not in ('note', 'source') and word in table.head:
                        table.fault(number, 'a second %s' % word)
                    if not rest and word != 'documented':
                        table.fault(number, 'an empty %s' % word)
                    table.head[word].append(rest)
                    continue
                in_head = False
                rest = rest.partition('#')[0].strip()
                if word == 'always':
                    if None in table.blocks:
                        table.fault(number, 'a second always')
                    if rest:
                        table.fault(number, 'what is "%s" after always?' % rest)
                    block = table.blocks[None] = {}
                elif word == 'state':
                    if not NAME.match(rest):
                        table.fault(number, '"%s" is no name of a state' % rest)
                    if rest in table.blocks:
                        table.fault(number, 'state %s is there already (line %d)' % (rest, table.lines[rest]))
                    table.lines[rest] = number
                    block = table.blocks[rest] = {}
                    table.start = table.start or rest
                else:
                    table.fault(number, 'unknown word "%s"' % word)
                continue
            match = TEXT.match(line)
            row = ROW.match(match['rest'].strip()) if match else None
            if not row:
                table.fault(number, 'no row: %s' % line.strip())
            if block is None:
                table.fault(number, 'a row before the first state')
            event, outcome = re.sub(' +', ' ', row['left']), ''
            known = dict(EVENTS, **DOT)
            if event not in known:
                event, _, outcome = event.rpartition(' ')
                if event not in known:
                    table.fault(number, 'unknown command "%s"' % row['left'])
                if outcome not in known[event]:
                    table.fault(number, '%s has no outcome "%s"' % (event, outcome))
            if (event, outcome) in block:
                table.fault(number, '%s is there already (line %d)' % (row['left'], block[event, outcome].line))
            code = int(row['code']) if row['code'].isdigit() else row['code']
            if code == 'recorded' and outcome not in ('refused', 'bad', 'size'):
                table.fault(number, 'recorded is for what is refused or bad')
            if isinstance(code, int) and not 200 <= code <= 599:
                table.fault(number, '%d is no reply code' % code)
            block[event, outcome] = Row(code, row['state'], match['text'], number, match['source'])
    for word in ('server', 'version'):
        if word not in table.head:
            table.fault(number, 'no %s' % word)
    if table.start is None:
        table.fault(number, 'no state')
    resolve(table, number)
    return table


def resolve(table, last_line):
    always = table.blocks.get(None, {})
    for rows in table.blocks.values():
        for row in rows.values():
            if row.following is not None and row.following not in table.blocks:
                table.fault(row.line, 'there is no state %s' % row.following)
    for state, rows in table.blocks.items():
        if state is None:
            continue
        full = table.resolved[state] = {}
        if state == 'closed':
            if rows:
                table.fault(table.lines[state], 'a closed connection has no rows')
            continue
        content = any(event == '.' for event, _ in rows)
        if content and any(event != '.' for event, _ in rows):
            table.fault(table.lines[state], 'state %s has a dot and commands' % state)
        for event, outcomes in (DOT if content else EVENTS).items():
            for outcome in outcomes:
                for source in (rows, {} if content else always):
                    row = (source.get((event, outcome)) or (outcome == 'size' and source.get((event, 'refused')))
                           or source.get((event, '')))
                    if row:
                        break
                else:
                    if 'documented' in table.head:
                        full[event, outcome] = Row('unmeasured', state, None, 0)
                        continue
                    what = (event + ' ' + outcome).strip()
                    table.fault(table.lines[state], 'state %s does not say %s' % (state, what))
                full[event, outcome] = Row(row.code, row.following or state, row.text, row.line, row.source)
    reached = [table.start]
    for state in reached:
        for row in table.resolved[state].values():
            if row.following not in reached:
                reached.append(row.following)
    for state, line in table.lines.items():
        if state not in reached and state != 'closed':
            table.fault(line, 'state %s is never reached' % state)
    for state, full in table.resolved.items():
        for (event, outcome), row in full.items():
            content = ('.', 'ok') in table.resolved[row.following]
            if content != (event == 'DATA' and row.code == 354) and row.following != state:
                table.fault(row.line, '%s does not lead to the text of a message' % event if content
                            else '354 leads to no state with a dot')


class Count:
    def __init__(self):
        self.records = self.steps = self.exact = self.order = self.order_exact = 0
        self.differences = []


def taken_events(table):
    """The events that are taken in some state: a refusal elsewhere is one for the order."""
    return {key[0] for rows in table.resolved.values() for key, row in rows.items()
            if key[1] in ('', 'ok') and isinstance(row.code, int) and row.code < 400}


def compare(table, record, count, taken):
    state = table.start
    said = []
    count.records += 1
    for step in record['steps']:
        symbol, code = step['sym'], step['code']
        if symbol == 'GREETING':
            continue
        if symbol not in SYMBOLS:
            break
        said.append('%s %s' % (symbol, code))
        if symbol in ('EOM', 'EOM_REJ') and code is None:
            continue  # no dot was sent: the handshake after STARTTLS failed
        event, outcome = SYMBOLS[symbol]
        if code is not None and code < 400 and outcome in ('refused', 'size'):
            outcome = 'ok'
        if state == 'closed':
            predicted = None
        else:
            row = table.resolved[state].get((event, outcome))
            predicted = row.code if row else 'no row'
        if predicted == 'unmeasured':
            break
        if predicted == 'recorded':
            same = code is not None and code >= 400 and code != 503
        else:
            same = code == predicted or (code == 251 and predicted == 250)
        order = isinstance(predicted, int) and predicted >= 400 and event in taken or code == 503
        count.steps += 1
        count.exact += same
        count.order += order
        count.order_exact += order and same
        if not same:
            count.differences.append('%s: %s (state %s, table %s)' % (
                table.head['server'][0], ' | '.join(said), state, predicted))
        if predicted is None or predicted == 'no row' or code is None:
            break
        state = row.following


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument('--tables', default=os.path.join(here, '..', '..', 'src', 'session', 'servers'))
    parser.add_argument('--table', help='compare with this table, whatever the records say')
    parser.add_argument('--first', type=int, default=3, help='differences to show for each server')
    parser.add_argument('--parse', action='store_true')
    parser.add_argument('files', nargs='+')
    arguments = parser.parse_args()
    try:
        if arguments.parse:
            for name in arguments.files:
                table = parse(name)
                rows = sum(len(block) for block in table.blocks.values())
                print('%s: %d states, %d rows' % (name, len(table.resolved), rows))
            return 0
        tables, counts = {}, {}
        for name in arguments.files:
            opener = gzip.open if name.endswith('.gz') else open
            with opener(name, 'rt', encoding='utf-8') as lines:
                for line in lines:
                    record = json.loads(line)
                    if record.get('mode', 'lockstep') != 'lockstep':
                        continue
                    # NAME.ndjson.gz; a NAME may hold dots
                    base = re.sub(r'\.ndjson(\.gz)?$', '', os.path.basename(name))
                    path = arguments.table or os.path.join(arguments.tables, record.get('table', base) + '.server')
                    if path not in tables:
                        table = parse(path)
                        tables[path] = table, taken_events(table)
                        counts[path] = Count()
                    compare(tables[path][0], record, counts[path], tables[path][1])
    except (Fault, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    for path, count in counts.items():
        table = tables[path][0]
        rows = sum(len(block) for block in table.blocks.values())
        print('%-18s %3d states %4d rows  %6d sessions  all %d/%d  order %d/%d' % (
            table.head['server'][0], len(table.resolved), rows, count.records,
            count.exact, count.steps, count.order_exact, count.order))
        for difference in count.differences[:arguments.first]:
            print('    ' + difference)
    return int(any(count.differences for count in counts.values()))


if __name__ == '__main__':
    sys.exit(main())
