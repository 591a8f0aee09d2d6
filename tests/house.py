#!/usr/bin/env python3
"""The rooms of src/: includes go one way, every file is in its room's list, no circle of calls between files.

The rooms stand in src/meson.build in the order in which they may include one another.
"""
import argparse
import pathlib
import re
import subprocess

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("root", type=pathlib.Path, help="the source tree")
parser.add_argument("libraries", nargs="+", help="the static library and the program's objects, whose symbols say which file calls which")
arguments = parser.parse_args()

SRC = arguments.root / "src"
NAMES_MAX = 40
# What the scanners and parsers of grammar/ belong to.
GRAMMAR = {"session.y": "session", "security.y": "session", "command.l": "smtp", "reply.l": "smtp"}
# Files that are one module: they may call each other.
MODULES = [{"dialogue/" + name for name in ("dialogue", "greeting", "content", "auth", "replies", "pairing", "lockstep", "notes", "check_line", "chunk", "queue")}]


def rooms_of(path):
    """The rooms a meson.build enters with subdir, in order."""
    listed = re.search(r"foreach room : \[(.*?)\]\s*\n\s*subdir\(room\)", path.read_text(), re.S)
    return re.findall(r"'(\w+)'", listed[1]) if listed else []


def all_rooms():
    """Every room that holds files, in the order of the flow."""
    for room in rooms_of(SRC / "meson.build"):
        inner = rooms_of(SRC / room / "meson.build")
        yield from (f"{room}/{name}" for name in inner) if inner else [room]


def includes(path):
    return re.findall(r'^#include "([^"]+)"', path.read_text(errors="replace"), re.M)


ROOMS = list(all_rooms())
RANK = {room: rank for rank, room in enumerate(ROOMS)}


def arrows_back():
    """Includes of a room that comes later. src/smtpseq.h stands for src/check."""
    files = [path for pattern in ("*.c", "*.h", "*.def") for path in SRC.rglob(pattern)]
    for path in files + [arguments.root / "grammar" / name for name in GRAMMAR]:
        folder = path.parent.relative_to(SRC).as_posix() if SRC in path.parents else GRAMMAR[path.name]
        room = "check" if folder == "." else folder
        if room not in RANK:
            yield f"{path}: in no room of src/meson.build"
            continue
        for name in includes(path):
            other = "check" if name == "smtpseq.h" else name.rpartition("/")[0]
            if other in RANK and RANK[other] > RANK[room]:
                yield f"{path}: includes {name}, of a later room"


def lists():
    """File lists that are too long, and files that are in none."""
    for room in ROOMS:
        text = (SRC / room / "meson.build").read_text()
        for listed in re.findall(r"files\((.*?)\)", text, re.S):
            if listed.count(".c'") > NAMES_MAX:
                yield f"src/{room}/meson.build: over {NAMES_MAX} names"
        for path in (SRC / room).glob("*.c"):
            if f"'{path.name}'" not in text:
                yield f"src/{room}/meson.build: without {path.name}"


def calls():
    """Which file uses a symbol of which other file, by nm."""
    defined, undefined, name = {}, {}, None
    for line in subprocess.run(["nm", *arguments.libraries], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.endswith(":"):
            # meson: src_base_text.c.o, .._.._src_cli_main.c.o or meson-generated_..._session.tab.c.o
            name = re.sub(r"\.c\.o:$", "", line.rpartition("/")[2]).removeprefix(".._.._")
        elif len(fields := line.split()) >= 2:
            kind, symbol = fields[-2:]
            if kind == "U":
                undefined.setdefault(name, set()).add(symbol)
            elif kind.isupper():
                defined[symbol] = name
    return {user: {defined[symbol] for symbol in symbols if symbol in defined} - {user}
            for user, symbols in undefined.items()}


def circles(graph):
    """The strongly connected parts of more than one file (Tarjan, without recursion)."""
    number, low, stack, on_stack, count = {}, {}, [], set(), 0
    for root in graph:
        if root in number:
            continue
        walk = [(root, iter(sorted(graph.get(root, ()))))]
        number[root] = low[root] = count = count + 1
        stack.append(root)
        on_stack.add(root)
        while walk:
            node, rest = walk[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = count = count + 1
                    stack.append(other)
                    on_stack.add(other)
                    walk.append((other, iter(sorted(graph.get(other, ())))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == number[node]:
                    part = set()
                    while node not in part:
                        part.add(stack[-1])
                        on_stack.discard(stack.pop())
                    if len(part) > 1:
                        yield part


def in_words(name):
    """src/dialogue/dialogue.c from meson's name of its object."""
    for room in ROOMS:
        prefix = room.replace("/", "_") + "_"
        if name.startswith(prefix):
            return f"{room}/{name[len(prefix):]}"
    return name


def exported():
    """Symbols of the library that a program which links it would see, without the library's prefix."""
    for line in subprocess.run(["readelf", "-sW", arguments.libraries[0]], capture_output=True, text=True, check=True).stdout.splitlines():
        fields = line.split()
        if len(fields) >= 8 and fields[4:6] == ["GLOBAL", "DEFAULT"] and fields[6] != "UND" and not fields[7].startswith("smtpseq_"):
            yield f"exported: {fields[7]}"


def call_circles():
    for part in circles(calls()):
        names = {in_words(name.removeprefix("src_")) for name in part}
        if not any(names <= module for module in MODULES):
            yield "call each other in a circle: " + ", ".join(sorted(names))


CHECKS = {"includes go one way": arrows_back, "every file is in its room's list": lists, "no circle of calls": call_circles,
          "exported symbols have the prefix smtpseq_": exported}
print(f"1..{len(CHECKS)}")
for position, (title, check) in enumerate(CHECKS.items(), 1):
    faults = list(check())
    print(f"{'not ok' if faults else 'ok'} {position} - {title}")
    for fault in faults:
        print("#", fault)
