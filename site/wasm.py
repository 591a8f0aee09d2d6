#!/usr/bin/env python3
"""Compiles the program to WebAssembly, for the checker in the browser.

usage: wasm.py EMCC JANSSON VERSION OBJECTS OUTPUT.js INCLUDE... -- SOURCE...

JANSSON is its unpacked source, OBJECTS a folder for what is compiled, SOURCE... what the native program is made of: where a file
X.c has a stand-in X_absent.c, for a system that lacks a library, that is taken. The module stands in OUTPUT.js as base64: a page
whose policy forbids all connections cannot fetch it.
"""

import base64
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys

# The stack is that of a native thread; the recording lies in memory too.
LINK = ["-sALLOW_MEMORY_GROWTH=1", "-sMAXIMUM_MEMORY=1GB", "-sTOTAL_STACK=8MB", "-sINVOKE_RUN=0", "-sEXIT_RUNTIME=1", "-sMODULARIZE=1", "-sEXPORT_NAME=smtpseqModule",
        "-sENVIRONMENT=worker,node", "-sDYNAMIC_EXECUTION=0", "-sFORCE_FILESYSTEM=1", "-sEXPORTED_RUNTIME_METHODS=FS,callMain"]


def compiler_of(emcc, folder, environment):
    """The command with which emcc compiles. Called directly: emcc itself takes longer than to compile one of the files."""
    empty = folder / "empty.c"
    empty.write_text("int empty;\n")
    said = subprocess.run([emcc, "-v", "-c", empty, "-o", folder / "empty.o"], check=True, env=environment, stderr=subprocess.PIPE, text=True).stderr
    line = next(line for line in said.splitlines() if re.search(r"-target wasm32.* -c ", line))
    return [word for word in shlex.split(line.partition(" -c ")[0]) if word != "-v"]


def stand_in(path):
    absent = path.with_name(path.stem + "_absent.c")
    return absent if absent.exists() else path


def main():
    emcc, jansson, version, objects, output = sys.argv[1], *map(pathlib.Path, sys.argv[2:3]), sys.argv[3], *map(pathlib.Path, sys.argv[4:6])
    end = sys.argv.index("--")
    includes = [f"-I{folder}" for folder in [*sys.argv[6:end], jansson / "src", jansson / "android", objects]]
    sources = sorted({stand_in(pathlib.Path(name)) for name in sys.argv[end + 1:] if name.endswith(".c")})
    sources = [source for source in sources if source.name != "late_library.c"] + sorted((jansson / "src").glob("*.c")) + [pathlib.Path(__file__).with_name("lacking.c")]
    flags = ["-O2", "-std=gnu17", "-D_GNU_SOURCE", "-DHAVE_STDINT_H=1", "-DHAVE_UNISTD_H=1", f'-DSMTPSEQ_VERSION_FROM_MESON="{version}"', *includes]
    objects.mkdir(parents=True, exist_ok=True)
    (objects / "jansson_private_config.h").touch()  # what its configure would find out is in the flags
    environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}  # where Debian keeps acorn

    compiler = compiler_of(emcc, objects, environment)
    newest = max(path.stat().st_mtime for folder in sys.argv[6:end] for pattern in ("*.h", "*.def") for path in pathlib.Path(folder).rglob(pattern))

    def compile_one(numbered):
        number, source = numbered
        made = objects / f"{number}-{source.stem}.o"
        if made.exists() and made.stat().st_mtime > max(newest, source.stat().st_mtime):
            return made
        done = subprocess.run([*compiler, *flags, "-c", source, "-o", made], check=False)
        return made if done.returncode == 0 else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(compile_one, enumerate(sources)))
    if None in made:
        sys.exit(f"{made.count(None)} files do not compile")
    loader = objects / "smtpseq.js"
    subprocess.run([emcc, "-O2", *LINK, *made, "-o", loader], check=True, env=environment)
    module = base64.b64encode(loader.with_suffix(".wasm").read_bytes()).decode("ascii")
    run = pathlib.Path(__file__).with_name("run.js").read_text(encoding="utf-8")
    output.write_text(f'{loader.read_text(encoding="utf-8")}\nvar smtpseqBinary = "{module}";\n{run}', encoding="utf-8")


if __name__ == "__main__":
    main()
