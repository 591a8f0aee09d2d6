#!/usr/bin/env python3
"""embed_style.py STYLE.css OUTPUT.h: a style sheet as a C string, and the hash by which a page's policy allows it.

Comments and indentation are left out: the page shows what the program carries, to the octet.
"""
import base64
import hashlib
import re
import sys

style, output = sys.argv[1:]
with open(style, encoding='ascii') as file:
    text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.DOTALL)
text = ''.join(line.strip() + '\n' for line in text.splitlines() if line.strip())
digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
octets = ','.join(str(octet) for octet in text.encode())
with open(output, 'w', encoding='ascii') as out:
    out.write(f'/* Made from {style.rpartition("/")[2]}. */\n')
    out.write(f'#define HTML_STYLE_HASH "sha256-{digest}"\n')
    out.write(f'static const char html_style[] = {{{octets}}};\n')
