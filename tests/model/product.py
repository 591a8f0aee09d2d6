#!/usr/bin/env python3
"""Compares the machine with the model for all sequences of exchanges.

    product.py MACHINE_WALK

Both are finite, so their product is: every pair of states that some sequence of commands and replies leads to. In
each pair every command is in order for both or for neither, breaks the same rule, and leads with each reply to
states of the same name. The server is one that follows the RFCs: what is out of order it refuses.
"""

import collections
import copy
import dataclasses
import subprocess
import sys

from rfc_model import Model

# A code for each outcome of machine_walk, in its order.
CODES = (250, 354, 550, 500, 421)
SHOWN_MAX = 20


def read_machine(program):
    """The automaton of the machine: (number, command) to (state's name, rule or None, the next numbers)."""
    machine = {}
    text = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in text.splitlines():
        number, state, command, rule, *following = line.split("\t")
        command = "FOO" if command == "unknown command" else command
        machine[int(number), command] = (state, None if rule == "-" else rule, [int(n) for n in following])
    return machine


def key_of(model):
    return dataclasses.astuple(model)


def main():
    machine = read_machine(sys.argv[1])
    commands = sorted({command for _, command in machine})
    start = (0, Model())
    waiting, seen = collections.deque([(start, ())]), {(0, key_of(start[1]))}
    compared, wrong = 0, []
    while waiting:
        (number, model), way = waiting.popleft()
        for command in commands:
            state, rule, following = machine[number, command]
            # A greeting comes once, and lines of a message are no commands.
            if (command == "CONNECT") != (model.phase == "connect") or (model.state() == "content" and command != "."):
                continue
            broken = None if command == "CONNECT" else model.broken_rule(command)
            if (state, rule) != (model.state(), broken):
                wrong.append((way, f"{command} in {state}: {rule}; the model: {broken} in {model.state()}"))
            for code, next_number in zip(CODES, following):
                if broken and code < 400:
                    continue
                compared += 1
                next_model = copy.copy(model)
                next_model.take(command, code)
                there = machine[next_number, command][0]
                if there != next_model.state():
                    wrong.append((way, f"{command} {code} in {state} leads to {there}; the model: {next_model.state()}"))
                    continue
                pair = (next_number, key_of(next_model))
                if pair not in seen:
                    seen.add(pair)
                    waiting.append(((next_number, next_model), (*way, f"{command} {code}")))
    for way, difference in wrong[:SHOWN_MAX]:
        print(f"# after {', '.join(way) or 'nothing'}:\n#   {difference}")
    print(f"{'not ok' if wrong else 'ok'} 1 - {compared} exchanges in {len(seen)} pairs of states"
          f"{f', {len(wrong)} differ' if wrong else ''}")
    print("1..1")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
