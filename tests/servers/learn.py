"""Learns the machine of a server from records alone.

State merging (blue fringe, the best-supported merge first) over the tree of all sequences: two states are merged
when nothing that was ever said after them differs. Where several states fit, the one is taken that a client would
expect (label_of): greeted, in TLS and authenticated as before, and as far in the message. What has no evidence of
its own stays where it is when the server refused it, and else goes where the same command leads to elsewhere.
"""

import argparse
import collections
import random

import table


# A pseudo-command that says whether the connection is still there: asked only where a record can tell.
END = 'END'


def label_of(label, symbol, out):
    """What a client would think of its session after a reply: (greeting, TLS, authenticated), message"""
    (greeting, tls, authed), message = label
    code, dot = out
    if code < 400:
        if symbol[:4] in ('HELO', 'EHLO'):
            greeting, message = symbol[:4], ''
        elif symbol == 'STARTTLS':
            # What it remembers is the server's affair.
            greeting, tls, authed, message = greeting and 'before', True, authed and 'before', ''
        elif symbol == 'AUTH':
            authed = True
        elif symbol in ('MAIL', 'MAIL_SIZE'):
            message = 'mail'
        elif symbol.startswith('RCPT') and message in ('mail', 'rcpt'):
            message = 'rcpt'
        elif symbol == 'BDAT_CHUNK':
            message = 'chunk'
        elif symbol in ('RSET', 'BDAT_LAST') or dot is not None:
            message = ''
    return (greeting, tls, authed), message


def tree_of(records, labels):
    """nodes[i] = {symbol: ((code, code after the dot), node)}"""
    nodes = [{}]
    labels.append((('', False, False), ''))

    def ended(node, how):
        if END not in nodes[node]:
            nodes.append({})
            labels.append(None)
            nodes[node][END] = (how, len(nodes) - 1)
        elif how == 'open':
            # Where the same sequence went on, the next command itself was the end: a table cannot say that.
            nodes[node][END] = (how, nodes[node][END][1])

    for record in records:
        at = 0
        for symbol, code, dot, _, _, closed in table.steps_of(record):
            if symbol not in table.CORE:
                break
            if code is None:
                ended(at, 'closed')
                break
            if symbol.startswith('DATA') and code == 354 and dot is None:
                break
            ended(at, 'open')
            out = (code, dot)
            if symbol not in nodes[at]:
                nodes.append({})
                labels.append(label_of(labels[at], symbol, out))
                nodes[at][symbol] = (out, len(nodes) - 1)
            elif nodes[at][symbol][0] != out:
                raise ValueError('two replies to the same sequence: %s' % record)
            at = nodes[at][symbol][1]
            if closed:
                ended(at, 'closed')
                break
    return nodes


def score(nodes, red, blue):
    """The replies that agree if blue is folded into red, or None."""
    agree = 0
    added = {}
    pairs = [(red, blue)]
    while pairs:
        r, b = pairs.pop()
        for symbol, (out, child) in nodes[b].items():
            other = nodes[r].get(symbol) or added.get((r, symbol))
            if other is None:
                added[r, symbol] = (out, child)
            elif other[0] != out:
                return None
            else:
                agree += 1
                if other[1] != child:
                    pairs.append((other[1], child))
    return agree


def fold(nodes, red, blue):
    pairs = [(red, blue)]
    while pairs:
        r, b = pairs.pop()
        for symbol, (out, child) in nodes[b].items():
            if symbol in nodes[r]:
                if nodes[r][symbol][1] != child:
                    pairs.append((nodes[r][symbol][1], child))
            else:
                nodes[r][symbol] = (out, child)


# Commands that leave the state alone wherever nothing says otherwise.
IDLE = ('NOOP', 'VRFY', 'EXPN', 'HELP', 'UNKNOWN')
# What a symbol is answered like where it has not been asked; of those in SAME the next state is the same too.
LIKE = {
    'HELO_BAD': 'HELO',
    'EHLO_BAD': 'EHLO',
    'MAIL_BAD_SYNTAX': 'MAIL',
    'RCPT_BAD_SYNTAX': 'RCPT',
    'AUTH_BAD': 'AUTH',
}
SAME = {'RCPT_251': 'RCPT', 'RCPT_551': 'RCPT', 'RCPT_NO': 'RCPT', 'MAIL_SIZE': 'MAIL', 'DATA_REJ': 'DATA'}


FULL = 12  # the same label


def likeness(one, other):
    greeting, tls, authed = (2 * (a == b) + (bool(a) == bool(b)) for a, b in zip(one[0], other[0]))
    return greeting + tls + authed + 3 * (one[1] == other[1])


def learn(records, least=8):
    labels = []
    nodes = tree_of(records, labels)
    red = [0]
    reds = {0}
    final = set()
    loose = []  # (red, symbol, the states that fit): too little evidence to choose
    while True:
        blue = [(r, symbol, out, child) for r in red for symbol, (out, child) in nodes[r].items()
                if symbol != END and child not in reds and (r, symbol) not in final]
        best, promoted = None, None
        for r, symbol, out, child in blue:
            fits = []
            for other in red:
                mark = score(nodes, other, child)
                if mark is not None:
                    fits.append((likeness(labels[other], labels[child]), mark, other))
            if not fits:
                if promoted is None or len(nodes[child]) > len(nodes[promoted]):
                    promoted = child
                continue
            alike, mark, other = max(fits, key=lambda fit: (fit[0] == FULL, fit[0] if fit[1] >= least else 0, fit[1]))
            stays = (out[0] >= 400 or symbol in IDLE) and r in [fit[2] for fit in fits]
            if stays:
                other, alike = r, FULL
            rank = (mark >= (3 if alike == FULL else least), mark, alike)
            if best is None or rank > best[0]:
                best = (rank, r, symbol, child, other)
        if promoted is not None:
            red.append(promoted)
            reds.add(promoted)
            continue
        if best is None:
            break
        rank, r, symbol, child, other = best
        if not rank[0]:
            # Nothing better will come: all the others have less.
            for r, symbol, out, child in blue:
                fits = [o for o in red if score(nodes, o, child) is not None]
                # Mind that machine_of reads them in this order.
                loose.append((r, symbol, sorted(fits, key=lambda o: -likeness(labels[o], labels[child]))))
                final.add((r, symbol))
            continue
        fold(nodes, other, child)
        nodes[r][symbol] = (nodes[r][symbol][0], other)
    return machine_of(nodes, red, loose, labels)


def machine_of(nodes, red, loose, labels):
    machine = table.Machine(0)
    gone = {r for r in red if nodes[r].get(END, ('open', 0))[0] == 'closed'}
    red = [r for r in red if r not in gone]
    undecided = {(r, symbol): marks for r, symbol, marks in loose}
    for r in red:
        machine.rows[r] = {}
        for symbol, (out, child) in nodes[r].items():
            if (r, symbol) not in undecided and symbol != END:
                machine.add(r, symbol, out[0], out[1], table.CLOSED if child in gone else child)

    # The mode of a state is where RSET leads; a transaction keeps it.
    mode = {}
    for r in red:
        if 'RSET' in machine.rows[r] and machine.rows[r]['RSET'][2] != table.CLOSED:
            mode[r] = machine.rows[r]['RSET'][2] if machine.rows[r]['RSET'][0] < 400 else r
    for _ in red:
        for r in red:
            for symbol, (_, _, following) in machine.rows[r].items():
                if symbol in table.CHANGING or following == table.CLOSED:
                    continue
                if r in mode:
                    mode.setdefault(following, mode[r])
                elif following in mode:
                    mode[r] = mode[following]

    def target(state, symbol):
        return machine.rows.get(state, {}).get(symbol, (None, None, None))[2]

    def analogy(state, symbol, out, expected=None):
        """Where the command would lead if this state did as its neighbours do, the most convincing first."""
        kinds = collections.Counter()
        for other in red:
            row = machine.rows[other].get(symbol)
            if other == state or row is None or row[:2] != out[:2] or labels[other][1] != labels[state][1]:
                continue
            weight = likeness(labels[other], labels[state]) ** 3
            if row[2] == other:
                kinds['stay'] += weight
            if other in mode and mode[other] != other and mode.get(state) != state:
                if row[2] == mode[other]:
                    kinds['mode'] += weight
                elif row[2] == target(mode[other], symbol):
                    kinds['as in its mode'] += weight
            hoped = label_of(labels[other], symbol, out[:2])
            if row[2] in red and likeness(labels[row[2]], hoped) == max(likeness(labels[o], hoped) for o in red):
                kinds['expected'] += weight
            kinds[row[2]] += weight / 2
        for kind, _ in kinds.most_common():
            following = {'stay': state, 'mode': mode.get(state), 'expected': expected,
                         'as in its mode': target(mode.get(state), symbol)}.get(kind, kind)
            if following is not None:
                yield following

    # RSET first, for it settles the modes; what is like another symbol after that one.
    order = sorted(undecided, key=lambda item: (
        item[1] != 'RSET', item[1] in SAME or item[1] in LIKE, table.CORE.index(item[1]), item[0]))
    for r, symbol in order:
        marks = [mark for mark in undecided[r, symbol] if mark not in gone] or [table.CLOSED]
        out = nodes[r][symbol][0]
        choices = []
        if out[0] >= 400 or symbol in IDLE:
            choices.append(r)
        base = SAME.get(symbol) or LIKE.get(symbol)
        if base in machine.rows[r] and out[0] < 400 and machine.rows[r][base][0] < 400:
            choices.append(target(r, base))
        if symbol == 'RSET':
            choices.append(mode.get(r))
        choices += analogy(r, symbol, out, marks[0])
        # The marks are in the order of their likeness.
        following = next((c for c in choices if c in marks), marks[0])
        machine.add(r, symbol, out[0], out[1], following)
    # What was never asked in a state: as in the states with the most replies in common.
    for r in red:
        missing = [symbol for symbol in table.CORE if symbol not in machine.rows[r]]
        near = sorted((o for o in red if o != r), key=lambda o: -sum(
            1 for s, row in machine.rows[o].items()
            if s in machine.rows[r] and row[:2] == machine.rows[r][s][:2])) if missing else []
        for symbol in missing:
            base = LIKE.get(symbol) or SAME.get(symbol)
            here = machine.rows[r].get(base)
            for other in near:
                there = machine.rows[other].get(base)
                if symbol not in machine.rows[other] or (here and there and here[:2] != there[:2]):
                    continue
                code, dot, _ = machine.rows[other][symbol]
                if symbol in SAME and here and code < 400:
                    following = here[2]
                elif code >= 400 or symbol in IDLE:
                    following = r
                else:
                    following = next(iter(analogy(r, symbol, (code, dot))), r)
                machine.add(r, symbol, code, dot, following)
                break
            else:
                if here:
                    machine.add(r, symbol, *here)
    return machine


def main():
    """learn.py [--seed N] [--share F] RECORDS...: learns from a share of the records, measures on the others."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--share', type=float, default=0.8)
    parser.add_argument('records', nargs='+')
    arguments = parser.parse_args()
    records = [record for name in arguments.records for record in table.open_records(name)]
    random.Random(arguments.seed).shuffle(records)
    cut = int(len(records) * arguments.share)
    machine = learn(records[:cut])
    table.prune(machine)
    taken = table.taken_symbols(machine)
    small, _ = table.minimise(table.project(machine)[0])
    steps = exact = order = order_exact = 0
    for record in records[cut:]:
        for state, key, code, _ in table.walk(small, taken, record):
            said = small.states[state][key][0]
            same = said == code or (said == 'recorded' and code not in (None, 503)) or (said, code) == (250, 251)
            steps += 1
            exact += same
            if code == 503 or (said != 'recorded' and said >= 400):
                order += 1
                order_exact += same
    print('%s: learned from %d sessions, %d states; %d other sessions: %d/%d steps, refused %d/%d' % (
        records[0]['server'], cut, len(small.states), len(records) - cut, exact, steps, order_exact, order))


if __name__ == '__main__':
    main()
