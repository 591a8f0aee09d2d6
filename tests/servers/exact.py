#!/usr/bin/env python3
"""Compares the tables of servers with what the servers answered.

    exact.py [--tables DIR] [--first N] RECORDS.ndjson[.gz]...
    exact.py --parse TABLE.server...

A row is looked up as: EVENT OUTCOME in the state, EVENT in the state, EVENT OUTCOME in `always`, EVENT in `always`;
without a row `MAIL size` is `MAIL refused`. States with a dot take nothing from `always`.

A simulator of its own, so that a fault of the program's reader or of the generator (table.py) is not compared with
itself. The table of a record is the one that its "table" names, else the one that the file's name begins with.
Records are one connection each, in lock step, or in groups: what was sent in one packet, and the replies that came. A
step is exact when the table predicts its code; `recorded` is exact when the code is a refusal that is not one for the
order (503). 251 is 250. Prints, for each server, exact and all steps; the same for the steps that are refused for their
order, and for odd commands (wrong, unknown, seldom sent); for pipelined records exact and all replies, and those that
the table leaves open; and the first differences. Ends with 1 if a step differs, or if less than PIPELINED_MIN of the
replies to pipelined commands are exact.
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
    'UNKNOWN': ('', 'text'),
    'LHLO': ('ok', 'bad'),
}
DOT = {'.': ('ok', 'refused')}

SYMBOLS = {
    'HELO': ('HELO', 'ok'),
    'HELO_BAD': ('HELO', 'bad'),
    'EHLO': ('EHLO', 'ok'),
    'EHLO_BAD': ('EHLO', 'bad'),
    'LHLO': ('LHLO', 'ok'),
    'LHLO_BAD': ('LHLO', 'bad'),
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


# Of the replies to pipelined commands, the part that has to be exact, and the part that has to be predicted at all.
PIPELINED_MIN = 0.99
PREDICTED_MIN = 0.8
# Commands and outcomes of which clients send few.
ODD = {'UNKNOWN', 'EXPN', 'HELP', 'VRFY', 'bad', 'refused', 'size'}


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
        self.together = None  # the block `pipelined`: {(command, '' or 'helo' or 'taken'): Row}

    def fault(self, line, message):
        raise Fault('%s:%d: %s' % (self.path, line, message))


# The text holds no quotation mark; # begins a comment anywhere else. [KEY] is a source of the head.
TEXT = re.compile(r'(?P<rest>[^"#\[]*)(?:"(?P<text>[^"]*)"\s*)?(?:\[(?P<source>[^"\]]*)\]\s*)?(?:#.*)?$')
ROW = re.compile(r'(?P<left>\S+(?: \S+)*)\s+(?P<code>\d{3}|recorded|unmeasured|none)(?:\s+->\s+(?P<state>\S+))?\s*$')
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
                if word in ('server', 'version', 'settings', 'banner', 'limit', 'note', 'documented', 'source'):
                    if not in_head:
                        table.fault(number, '%s belongs into the head' % word)
                    if word not in ('note', 'source', 'limit') and word in table.head:
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
                elif word == 'pipelined':
                    if table.together is not None or table.blocks:
                        table.fault(number, 'pipelined stands once, before always and the first state')
                    block = table.together = {}
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
            if block is table.together:
                code = int(row['code']) if row['code'].isdigit() else row['code']
                names, _, which = (event, '', '') if event.startswith('after') else event.partition(' ')
                for name in names.split(','):
                    if name.partition(' ')[0] not in ('after', 'early') and name not in EVENTS:
                        table.fault(number, 'unknown command "%s"' % name)
                    block[name, which] = Row(code, row['state'], match['text'], number)
                continue
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
    for rows in list(table.blocks.values()) + [table.together or {}]:
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
                           or (outcome == 'text' and source.get((event, '')))
                           or source.get((event, '')))
                    if row:
                        break
                else:
                    if 'documented' in table.head:
                        full[event, outcome] = Row('unmeasured', state, None, 0)
                        continue
                    if event == 'LHLO':
                        continue  # of LMTP only
                    what = (event + ' ' + outcome).strip()
                    table.fault(table.lines[state], 'state %s does not say %s' % (state, what))
                full[event, outcome] = Row(row.code, row.following or state, row.text, row.line, row.source)
    reached = [table.start] + [row.following for row in (table.together or {}).values() if row.following]
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
        self.records = self.steps = self.exact = self.order = self.order_exact = self.odd = self.odd_exact = 0
        self.groups = self.pipelined = self.pipelined_exact = self.open = 0
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
            same = code == predicted or (code == 251 and predicted == 250) or (code is None and predicted == 'none')
        order = isinstance(predicted, int) and predicted >= 400 and event in taken or code == 503
        count.steps += 1
        count.exact += same
        odd = event in ODD or outcome in ODD
        count.odd += odd
        count.odd_exact += odd and same
        count.order += order
        count.order_exact += order and same
        if not same:
            count.differences.append('%s: %s (state %s, table %s)' % (
                table.head['server'][0], ' | '.join(said), state, predicted))
        if predicted is None or predicted == 'no row' or code is None:
            break
        state = row.following


class Replay:
    """A table that follows groups of commands. `codes` are the replies that came, in order."""

    def __init__(self, table, codes):
        self.table, self.codes = table, codes
        self.state, self.extended, self.buried = table.start, False, None
        self.pairs = []  # (what was said, predicted code, recorded code)
        self.ended = False  # closed, or nothing more is known

    def reads_content(self):
        return any(event == '.' for event, _ in self.table.resolved[self.state])

    def reply(self, said, predicted, row=None):
        """One reply more; row leads to the next state."""
        if predicted == 'unmeasured' or not self.codes or self.codes[0] is None:
            self.ended = True
            return None
        code = self.codes.pop(0)
        self.pairs.append((said, predicted, code))
        if row and row.following:
            self.state = row.following
        self.ended = self.state == 'closed'
        return code

    def together(self, command, followed, alone):
        """The row of the block `pipelined` that decides, or None."""
        rows = self.table.together
        if self.buried and ('after ' + self.buried, '') in rows:
            return rows['after ' + self.buried, '']
        if not followed:
            return None
        taken = isinstance(alone.code, int) and alone.code < 400
        return ((not self.extended and rows.get((command, 'helo'))) or (taken and rows.get((command, 'taken')))
                or rows.get((command, '')))

    def command(self, said, event, outcome, followed):
        alone = self.table.resolved[self.state].get((event, outcome))
        row = self.together(event.partition(' ')[0], followed, alone)
        if row:
            if row.code != 'none':
                self.reply(said, row.code, row)
            return
        peeked = self.codes[0] if self.codes else None
        if peeked is not None and peeked < 400 and outcome in ('refused', 'size'):
            alone = self.table.resolved[self.state][event, 'ok']
        code = self.reply(said, alone.code, alone)
        if code is not None and isinstance(alone.code, int) and alone.code < 400:
            if event in ('HELO', 'EHLO', 'STARTTLS'):
                self.extended = event == 'EHLO'
            if event == 'STARTTLS' and followed:
                self.buried = 'STARTTLS'
        if event.startswith('BDAT') and alone.code != 250:
            self.ended = True  # what becomes of the octets is another matter

    def message(self, lines, followed):
        """A message with its dot: text for a server that has taken DATA, else commands."""
        if self.buried == '.' and ('after .', '') in self.table.together and not self.reads_content():
            for line in lines:
                self.command(line, 'UNKNOWN', '', True)
        elif self.reads_content():
            row = self.table.resolved[self.state]['.', 'ok']
            self.reply('.', row.code, row)
            self.buried = '.' if followed else None
        else:
            for number, line in enumerate(lines):
                if self.ended:
                    return
                text = 'text' if line == '.' or re.match(r'[!-9;-~]+:', line) else ''
                self.command(line, 'UNKNOWN', text, followed or number + 1 < len(lines))

    def group(self, units):
        self.buried = None
        for number, unit in enumerate(units):
            followed = number + 1 < len(units)
            if self.ended:
                return
            if unit == '(TLS handshake)':
                continue
            if unit.endswith('\r\n.\r\n') or unit == '.':
                self.message(unit.split('\r\n')[:-1] or ['.'], followed)
                continue
            event, outcome = symbol_of(unit)
            if event is None or self.reads_content() or (event == 'AUTH' and len(unit.split()) < 3):
                self.ended = True  # an answer to AUTH, part of a message: not a command
                return
            self.command(unit, event, outcome, followed)


def symbol_of(sent):
    """(event, outcome) of a command as it was sent; (None, None) for what is none"""
    words = sent.split()
    verb = words[0].upper() if words else ''
    if verb in ('EHLO', 'HELO'):
        return verb, 'ok' if len(words) > 1 else 'bad'
    if verb == 'MAIL' or verb == 'RCPT':
        if '<' not in sent or '>' not in sent:
            return verb, 'bad'
        size = 'size' if 'SIZE=' in sent else 'ok'
        return verb, 'refused' if re.search('<(no|gone|moved)@', sent) else size
    if verb == 'BDAT':
        return 'BDAT LAST' if ' LAST\r\n' in sent else 'BDAT', ''
    if verb == 'AUTH':
        return 'AUTH', 'refused' if sent.split()[-1].endswith('AHdyb25n') else 'ok'
    if verb in EVENTS:
        return verb, ''
    return ('UNKNOWN', '') if verb in ('XYZZY', '') else (None, None)


def compare_groups(table, record, count):
    count.groups += 1
    groups = record['groups']
    replies = [reply['code'] for group in groups for reply in group['replies']]
    codes = [code for code in replies if code is not None]
    replay = Replay(table, codes)
    if table.together is None:
        count.open += len(codes)
        return
    early = table.together.get(('early', '')) if groups[0]['sent'] else None
    replay.reply('(greeting)', early.code if early else 220, early)
    for group in groups:
        if group['sent'] and not replay.ended:
            replay.group(group['sent'])
    for said, predicted, code in replay.pairs:
        refusal = code >= 400 and code != 503
        same = refusal if predicted == 'recorded' else code == predicted or (code == 251 and predicted == 250)
        count.pipelined += 1
        count.pipelined_exact += same
        if not same:
            count.differences.append('%s: %s: %s: %s, table %s' % (
                table.head['server'][0], record['name'], said, code, predicted))
            break
    count.open += len(codes)


def failed(count):
    pipelined = count.pipelined + count.open
    return (count.exact < count.steps or count.pipelined_exact < PIPELINED_MIN * count.pipelined
            or count.pipelined < PREDICTED_MIN * pipelined)


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
                    if record.get('mode', 'lockstep') not in ('lockstep', 'pipelined'):
                        continue
                    # NAME.ndjson.gz; a NAME may hold dots
                    base = re.sub(r'\.ndjson(\.gz)?$', '', os.path.basename(name))
                    path = arguments.table or os.path.join(arguments.tables, record.get('table', base) + '.server')
                    if path not in tables:
                        table = parse(path)
                        tables[path] = table, taken_events(table)
                        counts[path] = Count()
                    if 'groups' in record:
                        compare_groups(tables[path][0], record, counts[path])
                    else:
                        compare(tables[path][0], record, counts[path], tables[path][1])
    except (Fault, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    for path, count in counts.items():
        table = tables[path][0]
        rows = sum(len(block) for block in table.blocks.values())
        print('%-18s %3d states %4d rows  %6d sessions  all %d/%d  order %d/%d  odd %d/%d  pipelined %d/%d, %d open' % (
            table.head['server'][0], len(table.resolved), rows, count.records + count.groups,
            count.exact, count.steps, count.order_exact, count.order, count.odd_exact, count.odd,
            count.pipelined_exact, count.pipelined, count.open))
        for difference in count.differences[:arguments.first]:
            print('    ' + difference)
    return int(any(failed(count) for count in counts.values()))


if __name__ == '__main__':
    sys.exit(main())
