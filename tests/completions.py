#!/usr/bin/env python3
"""Asks the shells what they complete: bash and zsh at a terminal of their own, fish by its command for that.

usage: completions.py SMTPSEQ WRITE.PY

A shell that is not there is skipped. Every option and every value of the table of the command line is asked for.
"""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

WAIT = 60
LEVELS = {"error", "warning", "note"}
# Lines as one types them, and what must (+) and must not (-) be offered.
LINES = [
    ("smtpseq ch", "+check -replay"),
    ("smtpseq help repl", "+replay"),
    ("smtpseq check --fail-on=", "+error +warning +note +never -text"),
    ("smtpseq check --fail-on w", "+warning -error"),
    ("smtpseq check --fo", "+format"),
    ("smtpseq check --disable=nested-mail,rcpt-be", "+rcpt-before-mail -rcpt-after-bdat"),
    ("smtpseq check --severity=nested-m", "+nested-mail -error"),
    ("smtpseq check --severity=nested-mail=", "+error +warning +note"),
    ("smtpseq check --server=rfc5321,postf", "+postfix -exim"),
    ("smtpseq check --output=sar", "+sarif"),
    ("smtpseq check --output=sarif:./pl", "+place.txt"),
    ("smtpseq check --output sarif:./pl", "+place.txt"),
    ("smtpseq check --isolated ./pl", "+place.txt"),
    ("smtpseq check --config=./pl", "+place.txt"),
    ("smtpseq check --jobs=4 --isol", "+isolated"),
    ("smtpseq explain nested-m", "+nested-mail -place.txt"),
    ("smtpseq formats swa", "+swaks"),
    ("smtpseq formats ./pl", "+place.txt"),
    ("smtpseq servers --show=exi", "+exim"),
    ("smtpseq coverage --group=core,start", "+starttls -bdat"),
    ("smtpseq coverage --format=s", "+svg -sarif"),
    ("smtpseq forwards --format=c", "+csv"),
    ("smtpseq graph --format=m", "+mermaid"),
]


class Terminal:
    """A shell at a terminal: each line is completed with all that is possible, then printed word by word."""

    def __init__(self, argv, folder, head):
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": folder, "LC_ALL": "C"})
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 20000, 0, 0))
        self.number = 0
        for line in head:
            self.ask(line, "")

    def ask(self, line, keys="\x18"):
        self.number += 1
        # The echo shows $((...)), the output its value: so the end is not found too early.
        end = f"printf '[%s]\\n' done-$(({self.number}+1000000))"
        text = f"{line}\n{end}\n" if not keys else f"{line}{keys}\x01printf '<<%s>>\\n' \n{end}\n"
        os.write(self.tty, text.encode())
        return self.read_until(f"[done-{self.number + 1000000}]")

    def read_until(self, mark):
        seen, until = "", time.monotonic() + WAIT
        while mark not in seen:
            ready, _, _ = select.select([self.tty], [], [], max(0, until - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no answer: {seen[-500:]!r}")
            seen += os.read(self.tty, 65536).decode(errors="replace")
        return re.findall(r"<<(?!%s)([^>]*)>>", seen)

    def offered(self, line):
        return self.ask(line)

    def close(self):
        os.close(self.tty)
        os.waitpid(self.pid, 0)


def bash(script, folder):
    return Terminal(["bash", "--norc", "--noprofile", "-i"], folder,
                    ["bind 'set enable-bracketed-paste off'", "bind '\"\\C-x\": insert-completions'", f"source {script}"])


def zsh(script, folder):
    os.makedirs(f"{folder}/functions", exist_ok=True)
    shutil.copy(script, f"{folder}/functions/_smtpseq")
    return Terminal(["zsh", "-f", "-i"], folder, [
        "PS1= PROMPT_SP= ; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste",
        "fpath=($PWD/functions $fpath); autoload -Uz compinit; compinit -u -D; unsetopt beep",
        "zle -C all complete-word _generic; bindkey '^X' all; bindkey '^A' beginning-of-line",
        "zstyle ':completion:all:*' completer _all_matches _complete; zstyle ':completion:all:*' insert true",
        "zstyle ':completion:*' list-prompt ''; setopt no_list_ambiguous no_auto_list no_auto_menu",
    ])


class Fish:
    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def offered(self, line):
        done = subprocess.run(["fish", "--no-config", "-c", f"source {self.script}; complete -C '{line}'"], cwd=self.folder, check=False,
                              capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8"})
        return [row.split("\t")[0] for row in done.stdout.splitlines()] + done.stderr.splitlines()

    def close(self):
        pass


SHELLS = {"bash": bash, "zsh": zsh, "fish": Fish}


def ends(words):
    """The last part of each word: after = and , and : and the path."""
    found = set()
    for word in words:
        last = re.split(r"[,:=/]", word.rstrip("=:, ").replace("\\", ""))[-1]
        found.add(last.lstrip("-") if last.startswith("--") else last)
    return found


def table_lines(commands):
    """Every option of every command, and the names that each takes."""
    for command in commands:
        name = command["name"]
        yield f"smtpseq {name} --", {option["name"] for option in command["options"]}
        for option in command["options"]:
            if option["names"]:
                yield f"smtpseq {name} --{option['name']}=", set(option["names"])


def wrong_with(asked, line, wanted, unwanted=frozenset()):
    offered = asked.offered(line)
    found = ends(offered)
    missing, surplus = sorted(wanted - found), sorted(unwanted & found)
    if missing or surplus:
        return f"{line}: offers {sorted(found)[:12]}; missing {missing[:8]}, surplus {surplus[:8]}"
    return ""


def check(shell, smtpseq, write, commands, folder):
    script = f"{folder}/{shell}"
    with open(script, "wb") as file:
        subprocess.run([sys.executable, write, smtpseq, shell], check=True, stdout=file)
    asked = SHELLS[shell](script, folder)
    wrong = []
    for line, signs in LINES:
        wanted = {word[1:] for word in signs.split() if word[0] == "+"}
        unwanted = {word[1:] for word in signs.split() if word[0] == "-"}
        wrong.append(wrong_with(asked, line, wanted, unwanted))
    for line, wanted in table_lines(commands):
        wrong.append(wrong_with(asked, line, wanted))
    asked.close()
    return [text for text in wrong if text]


def main():
    smtpseq, write = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    commands = json.loads(subprocess.run([smtpseq, "help", "--format=json"], check=True, capture_output=True).stdout)
    print(f"1..{len(SHELLS)}")
    for number, shell in enumerate(SHELLS, 1):
        if not shutil.which(shell):
            print(f"ok {number} - {shell} # SKIP there is no {shell} here")
            continue
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/place.txt", "w", encoding="ascii") as file:
                file.write("a recording\n")
            wrong = check(shell, smtpseq, write, commands, folder)
        print("".join(f"# {text}\n" for text in wrong) + f"{'not ok' if wrong else 'ok'} {number} - {shell}", flush=True)


if __name__ == "__main__":
    main()
