#!/usr/bin/env python3
"""The catalogues in po/ are whole, the program uses them, and what programs read is in no language.

usage: languages.py SMTPSEQ SOURCE ARGUMENT...

The arguments are those with which po/meson.build has xgettext take the texts out of the source. Prints TAP; skipped without
gettext. The texts as they come out of the program are goldens: cases/, beside this file.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SMTPSEQ, SOURCE, EXTRACTION = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
PO = SOURCE / "po"
LANGUAGES = [line for line in (PO / "LINGUAS").read_text().splitlines() if line and not line.startswith("#")]
# A mark, or a call that xgettext knows, with a text in it.
MARKED = re.compile(r"\b(?:" + "|".join(re.findall(r"--keyword=(\w+)", " ".join(EXTRACTION))) + r")\((?:[^\"();]|\([^()]*\))*\"")
# What no language changes: reply codes, versions and clauses, and the names of commands.
FIXED = re.compile(r"\b\d{3}(?=s?\b)|\b\d+(?:\.\d+)+\b|--[a-z][a-z-]+|\b(?:EHLO|HELO|MAIL|RCPT|DATA|BDAT|RSET|QUIT|AUTH|STARTTLS|VRFY|NOOP|PIPELINING|CHUNKING)(?=s?\b)")
# Where people read what the source says, and the files there that write only what programs read.
SHOWN = ["src/cli", "src/config", "src/baseline", "src/coverage", "src/explain", "src/merge", "src/report", "src/transcript/recognise", "src/transcript/source"]
UNSHOWN = {"src/coverage/json.c", "src/coverage/dot.c", "src/cli/graph.c", *(f"src/report/{name}.c" for name in (
    "cases", "csv", "gcc", "github", "gitlab", "json", "junit", "markdown", "mermaid", "ndjson", "objects", "sarif", "sarif_flow", "sarif_rules", "sarif_text", "tap"))}
# Texts there that are names, values of options, examples of recordings, or what a program reads.
KEPT = re.compile(r"error warning note never|(text|dot|auto|transcript)( [a-z-]+)+|smtpseq [a-z]+|digraph coverage \{|edge taken|(Received|S): .*|"
                  r"Nov 23 .*|C: .*|<head>.*|Follow: tcp.*| *----- Transcript.*|DEBUG SMTP: .*|(the line about|compressed, and| is not on this machine).*|for a person|one JSON object|the state machine, for Graphviz|"
                  r"the same as a picture|one page with all of it|a page: findings, and their sessions as ladders|\(name unreadable\)")
STRING = re.compile(r"""/\*.*?\*/|//[^\n]*|'(?:\\.|[^'\\])'|("(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*)""", re.S)
SENTENCE = re.compile(r"""(?<![\w%/"'-])[a-z]{2,}[,;:]? [a-z]{2,}(?![\w=])""")
# The words of a dialogue that goes wrong in several ways, for the formats that programs read.
RECORDING = SOURCE / "tests" / "languages" / "input" / "session.txt"
FORMATS = {"check": ["gcc", "json", "ndjson", "sarif", "junit", "github", "gitlab", "tap"],
           "replay": ["json", "ndjson", "mermaid"], "forwards": ["csv", "json", "ndjson"], "coverage": ["json"]}
LISTS = [["rules", "--format=json"], ["formats", "--format=json"], ["servers", "--format=json"], ["servers", "--matrix", "--format=json"],
         ["config", "--format=json"], ["explain", "--format=json", "503", "nested-mail", "5.5.1", "299"], ["help", "--format=json"], ["graph"]]

numbers = iter(range(1, 1000))
failed = []


def report(name, troubles):
    troubles = list(troubles)
    print("not ok" if troubles else "ok", next(numbers), "-", name)
    for line in troubles[:20]:
        print("#  ", line)
    failed.extend(troubles)


def gettext(*arguments, **more):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, encoding="utf-8", **more).stdout


def entries(text):
    """(context and text, translation) of each entry of a catalogue, the head left out."""
    def string(lines):
        return "".join(line[line.index('"') + 1:-1] for line in lines.splitlines())
    for block in text.split("\n\n"):
        found = re.search(r'^msgid (".*"(?:\n".*")*)(?:\nmsgid_plural ((?:".*"\n?)+))?\n?msgstr(?:\[0\])? (".*"(?:\n".*")*)', block, re.M)
        if found and not block.startswith("#~") and string(found[1]):
            yield string(found[2] or found[1]), string(found[3])


def texts_of_source(folder):
    """The catalogue of all texts, without translations."""
    names = [line for line in (PO / "POTFILES").read_text().splitlines() if line and not line.startswith("#")]
    gettext("xgettext", *EXTRACTION, "--directory", str(SOURCE), "--output", str(folder / "all.pot"), *names)
    sources = [path for pattern in ("*.c", "*.h", "*.def") for path in (SOURCE / "src").rglob(pattern)]
    used = {"po/server-settings.def"} | {path.relative_to(SOURCE).as_posix() for path in sources if MARKED.search(path.read_text()) and path.name != "catalogue.h"}
    report("po/POTFILES names the files with texts", [f"missing: {name}" for name in sorted(used - set(names))] +
           [f"has no text: {name}" for name in sorted(set(names) - used)])
    return folder / "all.pot"


def texts_of_file(path):
    """The strings of a file of C, each with its line."""
    text = path.read_text()
    for found in STRING.finditer(text):
        before = text[max(0, found.start() - 300):found.start()]
        if found[1] and not re.search(r"#include $|[sS]tatic_assert\([^;]*$", before):
            yield text.count("\n", 0, found.start()) + 1, "".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', found[1]))


def check_marks(texts):
    """What looks like a sentence, in a file that writes for people, is in the catalogue."""
    marked = set()
    for found in re.finditer(r'^msgid(?:_plural)? (".*"(?:\n".*")*)', gettext("msgcat", "--no-wrap", str(texts)), re.M):
        marked.add("".join(line[1:-1] for line in found[1].splitlines()))
    files = [path for folder in SHOWN for pattern in ("*.c", "*.def") for path in sorted((SOURCE / folder).rglob(pattern))]
    named = [(path.relative_to(SOURCE).as_posix(), path) for path in files]
    report("what people read is marked for translation",
           [f"{name}:{line}: {text[:100]}" for name, path in named if name not in UNSHOWN for line, text in texts_of_file(path)
            if text not in marked and SENTENCE.search(re.sub(r"<[^>]*>", " . ", text)) and not KEPT.fullmatch(text)])
    settings = {line for path in (SOURCE / "src" / "session" / "servers").glob("*.server") for line in re.findall(r"^ *settings +(.*?) *$", path.read_text(), re.M)}
    report("po/server-settings.def has the settings of the tables", sorted(settings ^ {text for _, text in texts_of_file(PO / "server-settings.def")}))


def check_catalogue(language, texts, folder):
    path = PO / f"{language}.po"
    merged = folder / f"{language}.po"
    gettext("msgmerge", "--quiet", "--no-fuzzy-matching", "--output-file", str(merged), str(path), str(texts))

    def only(selection, name):
        return [entry for entry, _ in entries(gettext("msgattrib", selection, "--no-wrap", str(name)))]
    report(f"{language}: every text is translated", only("--untranslated", merged))
    report(f"{language}: no translation is in doubt (fuzzy)", only("--only-fuzzy", path))
    stale = [line for line in gettext("msgattrib", "--only-obsolete", "--no-wrap", str(merged)).splitlines() if line.startswith("#~ msgid")]
    report(f"{language}: no translation is stale", stale)
    done = subprocess.run(["msgfmt", "--check", "--output-file", os.devnull, str(path)], capture_output=True, text=True, check=False)
    report(f"{language}: formats agree", done.stderr.splitlines() if done.returncode != 0 else [])
    pairs = list(entries(gettext("msgcat", "--no-wrap", str(path))))
    report(f"{language}: codes, versions and commands stay", [f"{set(FIXED.findall(text)) ^ set(FIXED.findall(other))}: {text}" for text, other in pairs
                                                       if set(FIXED.findall(text)) != set(FIXED.findall(other))])
    report(f"{language}: blanks and line ends at the ends stay", [text for text, other in pairs
                                                             if re.sub(r"^(\s|\\n)+|(\s|\\n)+$", "", text) and re.match(r"(?:\s|\\n)*", text)[0] != re.match(r"(?:\s|\\n)*", other)[0]])


def run(*arguments, language=None, reports=False, **variables):
    """What smtpseq prints; `reports`: what it says on standard error is left out."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_"))}
    environment.update(variables)
    if language:
        environment["LANGUAGE"] = language
    done = subprocess.run([SMTPSEQ, *arguments], env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False, cwd=RECORDING.parent)
    return done.stdout if reports else done.stdout + done.stderr


def check_choice(language, folder):
    """How a language is chosen."""
    english, other = run("explain", "251", "503"), run("explain", "251", "503", language=language)
    ways = {
        "LANGUAGE": other != english,
        "--lang": run("explain", f"--lang={language}", "251", "503") == other,
        "--lang=en": run("explain", "--lang=en", "251", "503", language=language) == english,
        "LANG": run("explain", "251", "503", LANG=f"{language}.UTF-8") == other,
        "LC_ALL before LANG": run("explain", "251", "503", LC_ALL=f"{language}_XX.UTF-8@mod", LANG="en_GB.UTF-8") == other,
        "C.UTF-8": run("explain", "251", "503", language=language, LC_ALL="C.UTF-8") == other,
        "LC_ALL=C": run("explain", "251", "503", language=language, LC_ALL="C") == english,
        "the first there is": run("explain", "251", "503", language=f"xx:{language}:en") == other,
        "English first": run("explain", "251", "503", language=f"en_GB:{language}") == english,
    }
    report(f"{language}: is chosen by --lang, LANGUAGE and the locale", [way for way, right in ways.items() if not right])
    # A catalogue outside the folders of catalogues.
    there = folder / "stolen" / "LC_MESSAGES"
    there.mkdir(parents=True)
    gettext("msgfmt", "--output-file", str(there / "smtpseq.mo"), str(PO / f"{language}.po"))
    path = there.parent
    names = [str(path), os.path.relpath(path, pathlib.Path(SMTPSEQ).parent / "po"), "../" * 12 + str(path)[1:], f"{language}/../{language}", ".", "..", "", "x" * 5000]
    report(f"{language}: LANGUAGE cannot name a path", [name for name in names if run("explain", "251", "503", language=name or " ") != english])


def check_formats(language):
    """What programs read is the same in every language."""
    inputs = [RECORDING.name, "nothing.log", "unmarked.txt", str(SOURCE / "fixtures" / "formats" / "pcap")]
    commands = [[command, "--isolated", f"--format={name}", *inputs] for command, names in FORMATS.items() for name in names] + LISTS
    report(f"{language}: what programs read is not translated",
           [" ".join(command) for command in commands if run(*command, reports=True) != run(*command, language=language, reports=True)])


def check_report(language):
    """The report has the same lines as in English, and hides the same."""
    recordings = SOURCE / "fixtures" / "rules"
    reports = [run("check", "--isolated", "--fail-on=never", "--all", "--server=postfix,gmail", str(recordings), language=name).decode(errors="replace").splitlines()
               for name in (None, language)]

    def fixed(line):
        """What of a line is in no language: the place, the rule, what was recorded."""
        place = re.match(r"\S+:\d+:\d+: \w+: ", line)
        if place:
            return place[0], line[line.rindex("["):]
        return line if re.match(r" +\d+ \| ", line) else re.match(r" *", line)[0]
    pairs = zip(*reports)
    report(f"{language}: the report has the lines of the English one",
           ["in number" for _ in [0] if len(reports[0]) != len(reports[1])] + [f"{one} / {other}" for one, other in pairs if fixed(one) != fixed(other)])
    hidden = "AGFsaWNlAHNlY3JldA"  # of RECORDING
    report(f"{language}: secrets are blanked", [name for name in ("text", "html") if hidden in run("check", "--isolated", f"--format={name}", RECORDING.name, language=language).decode()])


def check_help(language):
    """The columns of the help have room for their texts: no line is longer than the longest in English."""
    commands = [["--help"], *[[line.split()[1], "--help"] for line in run("--help").decode().splitlines() if re.match(r"(?:usage:)? +smtpseq \w+ \[", line)
                              for line in [line.replace("usage:", "")]]]

    def lines(name):
        return [line for command in commands for line in run(*command, language=name).decode().splitlines()]
    longest = max(map(len, lines(None)))
    report(f"{language}: the help fits its columns", [line for line in lines(language) if len(line) > longest])


def main():
    if not all(shutil.which(tool) for tool in ("xgettext", "msgfmt", "msgmerge", "msgattrib", "msgcat")):
        print("1..0 # SKIP no gettext")
        return 0
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        texts = texts_of_source(folder)
        check_marks(texts)
        for language in LANGUAGES:
            check_catalogue(language, texts, folder)
            check_choice(language, folder / language)
            check_formats(language)
            check_report(language)
            check_help(language)
    print(f"1..{next(numbers) - 1}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
