"""goldens.py - runs smtpseq as a user does and compares its output with the recorded output.

    goldens.py SMTPSEQ FOLDER [CASE...]

FOLDER/cases/*.txt are the cases. In a case, lines with # say what it is about, a line "$ command" is
given to sh, and what follows it is the expected output: standard output, then, if there was any,
"[standard error]" and what was on that, then "[exit N]" unless that is 0. A case may have several
commands; they run one after the other in a fresh copy of FOLDER/input. $FIXTURES is the project's folder of that name.

With UPDATE=1 in the environment the cases are rewritten with what comes out now: look at the
difference before you commit it. Prints TAP.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

FIXTURES = str(pathlib.Path(__file__).resolve().parents[2] / "fixtures")
TROUBLE = b"[standard error]\n"
NO_NEWLINE = b"[no newline]\n"


def environment(smtpseq, folder):
    """The environment of a command: without the user's terminal, with smtpseq in the path."""
    os.symlink(smtpseq, folder / "smtpseq")
    return {"PATH": f"{folder}:{os.environ.get('PATH', '/usr/bin:/bin')}", "LC_ALL": "C",
            "HOME": str(folder), "TZ": "UTC0", "FIXTURES": FIXTURES,
            **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}


def whole_lines(octets):
    return octets if not octets or octets.endswith(b"\n") else octets + b"\n" + NO_NEWLINE


def run(command, folder, variables):
    """The text of a case after its command."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=variables, timeout=900, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text = whole_lines(done.stdout)
    if done.stderr:
        text += TROUBLE + whole_lines(done.stderr)
    if done.returncode != 0:
        text += b"[exit %d]\n" % done.returncode
    return text


def play(case, inputs, smtpseq):
    """The case with the output of today."""
    lines = case.read_bytes().splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if line.startswith(b"$ "))
    text = b"".join(lines[:first])
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room) / "input"
        shutil.copytree(inputs, folder)
        variables = environment(smtpseq, pathlib.Path(room))
        for line in lines:
            if line.startswith(b"$ "):
                text += line + run(line[2:].decode().rstrip("\n"), folder, variables)
    return text


def show_difference(expected, found):
    """The first lines in which they differ, as TAP comments."""
    expected, found = expected.splitlines(), found.splitlines()
    for number, pair in enumerate(zip(expected + [b"(end)"], found + [b"(end)"]), 1):
        if pair[0] != pair[1]:
            print(f"# line {number}")
            print("#   expected:", ascii(pair[0].decode(errors="replace")))
            print("#   found:   ", ascii(pair[1].decode(errors="replace")))
            return


def main():
    smtpseq, folder = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    cases = sorted((folder / "cases").glob("*.txt"))
    if sys.argv[3:]:
        cases = [case for case in cases if case.stem in sys.argv[3:]]
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        expected, found = case.read_bytes(), play(case, folder / "input", smtpseq)
        if os.environ.get("UPDATE") == "1" and found != expected:
            case.write_bytes(found)
            expected = found
        failed += found != expected
        print("ok" if found == expected else "not ok", number, "-", case.stem)
        if found != expected:
            show_difference(expected, found)
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
