#!/usr/bin/env python3
"""Writes command.l with a rule for every verb in COMMANDS (src/smtp/command.h).

Usage: verbs.py command.h command.l output.l
"""
import re
import sys

header, template, output = sys.argv[1:]
with open(header) as file:
    rows = re.findall(r'\bX\((\w+), "([^"]+)"', file.read())
# Spellings of one word are verbs, but for the connection itself.
verbs = [(name, verb) for name, verb in rows if re.fullmatch("[A-Z0-9]+", verb) and name != "CONNECT"]
if not verbs:
    sys.exit(f"{header}: no list of commands")
rules = "".join(f"{verb}/{{END}}\treturn COMMAND_{name};\n" for name, verb in verbs)
with open(template) as file:
    text = file.read()
with open(output, "w") as file:
    file.write(text.replace("@VERBS@\n", rules))
