#!/usr/bin/env python3
"""embed.py OUTPUT TABLE...: the tables as C strings, so that the program needs no files."""
import os
import sys

output, tables = sys.argv[1], sorted(sys.argv[2:])
with open(output, 'w', encoding='ascii') as out:
    out.write('/* Made from the tables in src/session/servers. */\n#include "session/server_table.h"\n\n')
    for number, path in enumerate(tables):
        with open(path, 'rb') as table:
            text = table.read()
        octets = ','.join(str(octet) for octet in text)
        out.write(f'static const char table_{number}[] = {{{octets}}};\n')
    out.write('\nconst struct server_source server_sources[] = {\n')
    for number, path in enumerate(tables):
        name = os.path.basename(path).removesuffix('.server')
        out.write(f'    {{"{name}", table_{number}, sizeof table_{number}}},\n')
    out.write('    {0},\n};\n')
