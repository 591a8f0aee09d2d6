#!/usr/bin/env python3
"""Writes a sample of records for the suite (fixtures/servers/*.ndjson.gz).

    sample.py [--count N] [--seed N] TABLE.server RECORDS.ndjson[.gz]... > NAME.ndjson.gz

First come records until every row that any record asks for has been asked, then random ones up to N. Names of hosts
and ids are made neutral.
"""

import argparse
import collections
import gzip
import json
import os
import random
import sys

import exact
import table as tables


def asked(table, record):
    """The (state, event, outcome) that a record goes through."""
    state = table.start
    for step in record['steps']:
        if step['sym'] == 'GREETING' or (step['sym'].startswith('EOM') and step['code'] is None):
            continue
        event, outcome = exact.SYMBOLS[step['sym']]
        if step['code'] is not None and step['code'] < 400 and outcome in ('refused', 'size'):
            outcome = 'ok'
        if state == 'closed' or (event, outcome) not in table.resolved[state]:
            return
        yield state, event, outcome
        state = table.resolved[state][event, outcome].following


def neutral(record):
    steps = []
    for step in record['steps']:
        lines = step['text'].split('\n')
        out = {'sym': step['sym'], 'code': step['code'], 'text': '\n'.join(tables.neutral(line) for line in lines)}
        if step['cmd'] is not None:
            out['cmd'] = step['cmd'].replace('client.test', 'client.example.com').replace('example.test', 'example.com')
        for flag in ('closed', 'tls', 'replies'):
            if flag in step:
                out[flag] = step[flag]
        steps.append(out)
    return steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--count', type=int, default=300)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('table')
    parser.add_argument('records', nargs='+')
    arguments = parser.parse_args()
    table = exact.parse(arguments.table)
    records = [record for name in arguments.records for record in tables.open_records(name)]
    random.Random(arguments.seed).shuffle(records)
    # The long ones first: they ask for much at once.
    order = sorted(range(len(records)), key=lambda i: -len(records[i]['steps']))
    count, chosen = collections.Counter(), []
    for i in order:
        keys = set(asked(table, records[i]))
        if any(not count[key] for key in keys):
            chosen.append(i)
            count.update(keys)
    left = sorted(set(range(len(records))) - set(chosen))
    chosen = sorted(chosen + left[:max(0, arguments.count - len(chosen))])
    name = os.path.basename(arguments.table).removesuffix('.server')
    with gzip.GzipFile(fileobj=sys.stdout.buffer, mode='wb', mtime=0) as out:
        for i in chosen:
            line = json.dumps({'table': name, 'steps': neutral(records[i])}, separators=(',', ':'))
            out.write(line.encode('ascii') + b'\n')
    keys = {key for record in records for key in asked(table, record)}
    print('%s: %d records, %d of %d rows asked' % (name, len(chosen), sum(count[key] > 0 for key in keys), len(keys)),
          file=sys.stderr)


if __name__ == '__main__':
    main()
