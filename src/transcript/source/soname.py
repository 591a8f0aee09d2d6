#!/usr/bin/env python3
"""The soname of a library that the compiler links with -lNAME.

usage: soname.py COMPILER [OPTION...] NAME
"""

import os
import subprocess
import sys
import tempfile


def main():
    *compiler, name = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "program")
        subprocess.run([*compiler, "-x", "c", "-", "-Wl,--no-as-needed", "-l" + name, "-o", program],
                       input=b"int main(void) { return 0; }\n", check=True)
        heads = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
    for line in heads.splitlines():
        words = line.split()
        if words[:1] == ["NEEDED"] and words[1].startswith(f"lib{name}."):
            print(words[1])
            return
    sys.exit(f"soname.py: a program that was linked with -l{name} does not need it")


if __name__ == "__main__":
    main()
