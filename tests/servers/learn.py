"""Learns the machine of a server from records alone.

State merging (blue fringe, the best-supported merge first) over the tree of all sequences: two states are merged
when nothing that was ever said behind them differs. What has no evidence of its own stays where it is when the
server refused it, and else goes where the same command leads to elsewhere.
"""

import collections

import table


# A pseudo-command that says whether the connection is still there: asked only where a record can tell.
END = 'END'


def tree_of(records):
    """nodes[i] = {symbol: ((code, code after the dot), node)}"""
    nodes = [{}]

    def ended(node, how):
        if END not in nodes[node]:
            nodes.append({})
            nodes[node][END] = (how, len(nodes) - 1)
        elif nodes[node][END][0] != how:
            raise ValueError('closed and not closed after the same sequence')

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
IDLE = ('NOOP', 'VRFY', 'EXPN', 'HELP', 'UNKNOWN', 'HELO_BAD', 'EHLO_BAD', 'MAIL_BAD_SYNTAX', 'RCPT_BAD_SYNTAX')
SAME = {'RCPT_251': 'RCPT', 'RCPT_551': 'RCPT', 'RCPT_NO': 'RCPT', 'MAIL_SIZE': 'MAIL', 'DATA_REJ': 'DATA'}


def learn(records, least=8):
    nodes = tree_of(records)
    red = [0]
    final = {}  # (red, symbol) -> red, for what has been merged
    loose = []  # (red, symbol): too little evidence to choose
    while True:
        blue = []
        for r in red:
            for symbol, (out, child) in nodes[r].items():
                if symbol != END and child not in red and (r, symbol) not in final:
                    blue.append((r, symbol, out, child))
        best, promoted = None, None
        for r, symbol, out, child in blue:
            marks = [(score(nodes, other, child), other) for other in red]
            marks = [m for m in marks if m[0] is not None]
            if not marks:
                if promoted is None or len(nodes[child]) > len(nodes[promoted]):
                    promoted = child
                continue
            top = max(m[0] for m in marks)
            choices = [other for mark, other in marks if mark == top]
            stays = (out[0] >= 400 or symbol in IDLE) and r in choices
            other = r if stays else choices[0]
            rank = (top, stays, len(choices) == 1)
            if best is None or rank > best[0]:
                best = (rank, r, symbol, child, other)
        if promoted is not None:
            red.append(promoted)
            continue
        if best is None:
            break
        rank, r, symbol, child, other = best
        if rank[0] < least and not rank[1]:
            # Nothing better will come: all the others have less.
            for r, symbol, out, child in blue:
                marks = [o for o in red if score(nodes, o, child) is not None]
                loose.append((r, symbol, marks))
                final[r, symbol] = None
            continue
        if rank[0] < least:
            final[r, symbol] = r
            if score(nodes, r, child):
                fold(nodes, r, child)
            nodes[r][symbol] = (nodes[r][symbol][0], r)
            continue
        fold(nodes, other, child)
        nodes[r][symbol] = (nodes[r][symbol][0], other)
        final.pop((r, symbol), None)
    return machine_of(nodes, red, loose)


def machine_of(nodes, red, loose):
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

    def analogy(state, symbol, out):
        """The kinds of move that the other states make with this command, the most frequent first."""
        kinds = collections.Counter()
        for other in red:
            row = machine.rows[other].get(symbol)
            if other == state or row is None or row[:2] != out[:2]:
                continue
            if row[2] == other:
                kinds['stay'] += 1
            if row[2] == mode.get(other):
                kinds['mode'] += 1
            if row[2] == target(mode.get(other), symbol):
                kinds['as in its mode'] += 1
            kinds[row[2]] += 0.5
        for kind, _ in kinds.most_common():
            yield {'stay': state, 'mode': mode.get(state),
                   'as in its mode': target(mode.get(state), symbol)}.get(kind, kind)

    order = sorted(undecided, key=lambda item: (item[1] != 'RSET', table.CORE.index(item[1]), item[0]))
    for r, symbol in order:
        marks = [mark for mark in undecided[r, symbol] if mark not in gone] or [table.CLOSED]
        out = nodes[r][symbol][0]
        choices = []
        if out[0] >= 400 or symbol in IDLE:
            choices.append(r)
        if symbol in SAME and SAME[symbol] in machine.rows[r] and out[0] < 400:
            choices.append(target(r, SAME[symbol]))
        if symbol == 'RSET':
            choices.append(mode.get(r))
        choices += analogy(r, symbol, out)
        choices.append(r)
        following = next((c for c in choices if c in marks), marks[0])
        machine.add(r, symbol, out[0], out[1], following)
    # What was never asked in a state: as in the states with the most replies in common.
    for r in red:
        missing = [symbol for symbol in table.CORE if symbol not in machine.rows[r]]
        near = sorted((o for o in red if o != r), key=lambda o: -sum(
            1 for s, row in machine.rows[o].items()
            if s in machine.rows[r] and row[:2] == machine.rows[r][s][:2])) if missing else []
        for symbol in missing:
            for other in near:
                if symbol not in machine.rows[other]:
                    continue
                code, dot, _ = machine.rows[other][symbol]
                if SAME.get(symbol) in machine.rows[r] and code < 400:
                    following = target(r, SAME[symbol])
                elif code >= 400 or symbol in IDLE:
                    following = r
                else:
                    following = next(iter(analogy(r, symbol, (code, dot))), r)
                machine.add(r, symbol, code, dot, following)
                break
    return machine
