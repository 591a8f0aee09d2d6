#!/usr/bin/env python3
"""Compiles the program to WebAssembly, for the checker in the browser.

usage: wasm.py EMCC LIBRARIES VERSION OBJECTS OUTPUT.js INCLUDE... -- SOURCE...

LIBRARIES has the unpacked sources of the libraries, OBJECTS a folder for what is compiled, SOURCE... what the native program is made of.
The module stands in OUTPUT.js, packed by gzip, as base64: a page whose policy forbids all connections cannot fetch it.
"""

import base64
import concurrent.futures
import gzip
import os
import pathlib
import re
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# The stack is that of a native thread.
LINK = ["-sALLOW_MEMORY_GROWTH=1", "-sMAXIMUM_MEMORY=1GB", "-sTOTAL_STACK=8MB", "-sINVOKE_RUN=0", "-sEXIT_RUNTIME=1", "-sMODULARIZE=1", "-sEXPORT_NAME=smtpseqModule",
        "-sENVIRONMENT=worker,node", "-sDYNAMIC_EXECUTION=0", "-sFORCE_FILESYSTEM=1", "-sEXPORTED_RUNTIME_METHODS=FS,callMain"]
FLAGS = ["-O2", "-std=gnu17", "-D_GNU_SOURCE", *[f"-DHAVE_{name}=1" for name in "ASPRINTF GETRANDOM MEMMEM MEMRCHR PIPE2 REALLOCARRAY".split()],
         "-DHAVE_STDINT_H=1", "-DHAVE_UNISTD_H=1"]
# What a browser has no use for: stand-ins say so.
ABSENT = ["ini_lines", "sandbox"]
# Libraries that the program loads when it wants them are linked here; these files name the functions.
LATE = ["unpack.c", "pcap.c"]
# Of the libraries, what reading takes: the folder of each, the files, the flags.
LIBRARIES = {
    "jansson": ("src", "*", ["-Iandroid", "-Isrc"]),
    "zlib": (".", "adler32 crc32 inffast inflate inftrees zutil", []),
    "libpcap": (".", "fmtutils pcap pcap-common pcap-usb-linux-common pcap-util savefile sf-pcap sf-pcapng",
                ["-I.", "-DHAVE_CONFIG_H", '-DPACKAGE_NAME="libpcap"', '-DPACKAGE_VERSION=""', '-DPACKAGE_STRING="libpcap"', "-DHAVE_STRERROR", "-DHAVE_STRLCPY"]),
    "libarchive": ("libarchive", "archive_acl archive_check_magic archive_cryptor archive_digest archive_entry archive_entry_sparse archive_entry_xattr archive_hmac"
                   " archive_options archive_pack_dev archive_ppmd8 archive_random archive_rb archive_read archive_read_add_passphrase archive_read_append_filter"
                   " archive_read_set_options archive_read_support_filter_bzip2 archive_read_support_filter_compress archive_read_support_filter_gzip"
                   " archive_read_support_filter_lz4 archive_read_support_filter_none archive_read_support_filter_program archive_read_support_filter_xz"
                   " archive_read_support_filter_zstd archive_read_support_format_empty archive_read_support_format_raw archive_read_support_format_tar"
                   " archive_read_support_format_zip archive_string archive_string_sprintf archive_util archive_virtual",
                   ["-I.", "-Icontrib/android/include", "-I../zlib", f'-DPLATFORM_CONFIG_H="{HERE / "archive_config.h"}"']),
}


def compiler_of(emcc, folder, environment):
    """The command with which emcc compiles. Called directly: emcc itself takes longer than to compile one of the files."""
    empty = folder / "empty.c"
    empty.write_text("int empty;\n")
    said = subprocess.run([emcc, "-v", "-c", empty, "-o", folder / "empty.o"], check=True, env=environment, stderr=subprocess.PIPE, text=True).stderr
    line = next(line for line in said.splitlines() if re.search(r"-target wasm32.* -c ", line))
    return [word for word in shlex.split(line.partition(" -c ")[0]) if word != "-v"]


def stand_in(path):
    return path.with_name(f"{path.stem}_absent.c") if path.stem in ABSENT else path


def of_libraries(folder):
    """The files of the libraries, each with its flags."""
    for name, (inner, stems, flags) in LIBRARIES.items():
        paths = [path for stem in stems.split() for path in sorted((folder / name / inner).glob(f"{stem}.c"))]
        placed = [f"-I{folder / name / flag[2:]}" if flag.startswith("-I") else flag for flag in flags]
        yield from ((path, ["-w", *placed]) for path in paths)


def write_late(sources, objects):
    """Lists the functions of late libraries for late_linked.c."""
    texts = [source.read_text(encoding="utf-8") for source in sources if source.name in LATE]
    names = sorted(set(re.findall(r"\bX\(((?:archive|pcap)_\w+)\)", "".join(texts))))
    (objects / "late_functions.def").write_text("".join(f"FUNCTION({name})\n" for name in names))


def compile_all(compiler, sources, objects, newest):
    """Compiles what is older than its source or than a header. Returns the objects."""
    def compile_one(numbered):
        number, (source, flags) = numbered
        made = objects / f"{number}-{source.stem}.o"
        if made.exists() and made.stat().st_mtime > max(newest, source.stat().st_mtime):
            return made
        done = subprocess.run([*compiler, *FLAGS, *flags, "-c", source, "-o", made], check=False)
        return made if done.returncode == 0 else None

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(compile_one, enumerate(sources)))
    if None in made:
        sys.exit(f"{made.count(None)} files do not compile")
    return made


def main():
    emcc, libraries, version, objects, output = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], *map(pathlib.Path, sys.argv[4:6])
    end = sys.argv.index("--")
    folders = sys.argv[6:end]
    inner = [libraries / "jansson/src", libraries / "jansson/android", libraries / "libarchive/libarchive", libraries / "libpcap", objects]
    languages = re.findall(r"^\w+$", (HERE.parent / "po/LINGUAS").read_text(encoding="utf-8"), re.MULTILINE)
    own = [f'-DSMTPSEQ_VERSION_FROM_MESON="{version}"', f'-DSMTPSEQ_LANGUAGES="{" ".join(["en", *languages])}"', '-DLIBARCHIVE_SONAME="libarchive"', '-DLIBPCAP_SONAME="libpcap"', *[f"-I{folder}" for folder in [*folders, *inner]]]
    sources = sorted({stand_in(pathlib.Path(name)) for name in sys.argv[end + 1:] if name.endswith(".c") and not name.endswith("late_library.c")})
    objects.mkdir(parents=True, exist_ok=True)
    for empty in ("jansson_private_config.h", "config.h"):  # what configure would find out is in the flags
        (objects / empty).touch()
    write_late(sources, objects)
    environment = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}  # where Debian keeps acorn

    headers = [path for folder in [*folders, HERE] for pattern in ("*.h", "*.def", "wasm.py") for path in pathlib.Path(folder).rglob(pattern)]
    newest = max(path.stat().st_mtime for path in headers)
    all_sources = [(source, own) for source in [*sources, HERE / "lacking.c", HERE / "late_linked.c"]]
    all_sources += [(source, [*flags, f"-I{objects}"]) for source, flags in of_libraries(libraries)]
    made = compile_all(compiler_of(emcc, objects, environment), all_sources, objects, newest)
    loader = objects / "smtpseq.js"
    if subprocess.run([emcc, "-O2", *LINK, *made, "-o", loader], check=False, env=environment).returncode != 0:
        sys.exit("it cannot be linked")
    module = base64.b64encode(gzip.compress(loader.with_suffix(".wasm").read_bytes(), mtime=0)).decode("ascii")
    run = (HERE / "run.js").read_text(encoding="utf-8")
    output.write_text(f'{loader.read_text(encoding="utf-8")}\nvar smtpseqBinary = "{module}";\n{run}', encoding="utf-8")


if __name__ == "__main__":
    main()
