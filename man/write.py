#!/usr/bin/env python3
"""Writes the manual pages of smtpseq into a folder, from what the program says of itself: the table of its command
line, its rules and its formats. smtpseq.ini(5) is a text with the names put in.

smtpseq(3) is the library's header.

usage: write.py SMTPSEQ SMTPSEQ.INI.MDOC SMTPSEQ.H FOLDER
"""

import json
import os
import re
import subprocess
import sys
import textwrap

DATE = "November 30, 2026"
WIDTH = 78


def say(smtpseq, *arguments):
    done = subprocess.run([smtpseq, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def escape(text):
    """Text for a line that is no macro."""
    text = text.replace("\\", "\\e").replace("--", "\\-\\-").replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return text.replace("'", "\\(aq")


def prose(text):
    """Each sentence on lines of its own, as mdoc wants it."""
    lines = []
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        lines += wrap(escape(sentence))
    return lines


def wrap(sentence):
    lines = textwrap.wrap(sentence, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [re.sub(r"^\.", r"\\&.", line) for line in lines]  # no macro


def quoted(word):
    """One argument of a macro."""
    return '"' + escape(word).replace('"', '""') + '"' if re.search(r'[ "]', word) else escape(word)


def literal(text):
    """A block that keeps its lines and its hyphens."""
    lines = [re.sub(r"^\.", r"\\&.", re.sub(r"(?<!\\)-", r"\\-", escape(line))) for line in text.splitlines()]
    return [".Bd -literal -offset indent", *lines, ".Ed"]


def page(name, section, what, body):
    head = [f".Dd {DATE}", f".Dt {name.upper()} {section}", ".Os", ".Sh NAME", f".Nm {name}", f".Nd {what}"]
    return "\n".join(head + body) + "\n"


def names_in_text(names):
    """A sentence that does not break within a name."""
    names = [name.replace("-", "\\-") for name in names]
    return wrap(", ".join(names[:-1]) + " and " + names[-1] + "." if len(names) > 1 else names[0] + ".")


# What is said of every option by itself is its help; more than this many names are in another page.
NAMES_MAX = 14


def option_item(option):
    letter = f"Fl {option['letter']} , " if option["letter"] else ""
    value = f" Ns = Ns Ar {quoted(option['argument'])}" if option["argument"] else ""
    lines = [f".It {letter}Fl \\-{option['name']}{value}"]
    help_text = option["help"] or "The format of the output: " + ", ".join(option["names"]) + "; the first is the default"
    starts_with_name = help_text.split()[0].strip(",") in option["names"]
    lines += prose((help_text[0] if starts_with_name else help_text[0].upper()) + help_text[1:] + ".")
    if option["help"] and option["names"] and len(option["names"]) <= NAMES_MAX and option["separator"] == ":":
        lines += prose("FMT is one of " + ", ".join(option["names"]) + ".")
    return lines


EXIT = {
    "check": ("Nothing at or above \\-\\-fail\\-on was found.", "Something was."),
    "coverage": ("Enough was exercised.", "Less than \\-\\-fail\\-under was exercised."),
}
for twin in ("replay", "forwards", "merge"):
    EXIT[twin] = EXIT["check"]
TROUBLE = "The job could not be done: wrong usage, a file that cannot be read or holds no SMTP session, a write error."

EXAMPLES = {
    "check": [("Check a recording of swaks:", "swaks --to bob@example.com --server mx.example.com >session.txt\nsmtpseq check session.txt"),
              ("In CI, with a report for the page of the job and one for code scanning:",
               "smtpseq check --output github:- --output sarif:out.sarif logs/")],
    "replay": [("Show a session, and where Postfix answers differently:", "smtpseq replay --server=postfix session.txt")],
    "forwards": [("The addresses that have moved, for a spreadsheet:", "smtpseq forwards --format=csv logs/ >moved.csv")],
    "coverage": [("Fail when the tests exercise less than 80 % of what every client does:", "smtpseq coverage --group=core --fail-under=80 logs/")],
    "explain": [("Tell two replies apart:", "smtpseq explain 251 551")],
    "rules": [("All that is known of one rule:", "smtpseq rules --format=json nested-mail")],
    "formats": [("Which format has a file?", "smtpseq formats session.txt")],
    "servers": [("What each server answers to each fault:", "smtpseq servers --matrix")],
    "config": [("What holds for a recording:", "smtpseq config logs/session.txt")],
    "merge": [("One page of what two machines found:", "smtpseq merge --format=html one.ndjson two.ndjson >all.html")],
    "export": [("A transcript to be posted, without names and addresses:", "smtpseq export --anonymize mail.log"),
               ("The shortest session that draws a rule:", "smtpseq export --minimize=nested-mail session.pcap")],
    "graph": [("Draw the state machine (with Graphviz):", "smtpseq graph --format=svg >machine.svg")],
}


def examples(name):
    lines = [".Sh EXAMPLES"]
    for number, (text, command) in enumerate(EXAMPLES[name]):
        lines += ([".Pp"] if number else []) + prose(text) + literal(command)
    return lines


def see_also(*pages):
    ordered = sorted(pages, key=lambda page: (page[1], page[0]))
    return [".Sh SEE ALSO"] + [f".Xr {name} {section}" + (" ," if number < len(ordered) else "") for number, (name, section) in enumerate(ordered, 1)]


def operands(text):
    """[FILE|DIR|-]... as macros."""
    inner = text.replace("...", "").strip("[]")
    more = " ..." if "..." in text else ""
    return f".{'Op ' if text.startswith('[') else ''}Ar {inner.replace('|', ' | Ar ')}{more}" if text else None


def formats_section(formats):
    lines = [".Sh FORMATS OF RECORDINGS", ".Bl -tag -width Ds"]
    for known in formats:
        lines += [f".It Cm {known['name']}"] + prose(known["program"] + ".")
        lines += prose("To record: " + known["how"] + ".")
    return lines + [".El"]


def command_page(command, formats):
    name = f"smtpseq-{command['name']}"
    body = [".Sh SYNOPSIS", f".Nm smtpseq {command['name']}", ".Op Ar options"]
    body += [operands(command["operands"])] if command["operands"] else []
    body += [".Sh DESCRIPTION"] + prose(command["what"])
    if command["name"] in EXIT:
        body += prose("A folder is read with all folders below it; - is standard input, which is read as well if nothing is named "
                      "and it is no terminal.")
    body += [".Pp", "The options are as follows:", ".Bl -tag -width Ds"]
    for option in command["options"]:
        body += option_item(option)
    body.append(".El")
    if command["name"] == "formats":
        body += formats_section(formats)
    body += [".Sh EXIT STATUS"]
    if command["name"] in EXIT:
        good, bad = EXIT[command["name"]]
        body += [".Bl -tag -width Ds", ".It 0", good, ".It 1", bad, ".It 2", *prose(TROUBLE), ".El"]
    else:
        body += prose("0 on success, 2 if the job could not be done.")
    body += examples(command["name"])
    others = [("smtpseq", 1), ("smtpseq-rules", 7), ("smtpseq.ini", 5)]
    return page(name, 1, command["title"], body + see_also(*others))


ENVIRONMENT = [
    ("NO_COLOR", "If set and not empty, reports have no colours."),
    ("FORCE_COLOR", "If set, not empty and not 0, reports have colours although they do not go to a terminal."),
    ("FORCE_HYPERLINK", "1: names of rules are links; 0: they are none."),
    ("COLUMNS", "The width of what replay draws, where standard output is no terminal."),
    ("GITHUB_ACTIONS", "If set, the format of check is github by default."),
]


def program_page(commands):
    body = [".Sh SYNOPSIS", ".Nm", ".Ar command", ".Op Ar options", ".Op Ar operand ...", ".Nm", ".Fl \\-version", ".Sh DESCRIPTION", ".Nm"]
    body += prose("reads recordings of SMTP sessions and reports commands that are out of order: which command draws a 503, which earlier "
                  "line caused it, whose fault it is, and how to fix it. It also reports the replies 251 and 551, which say that a "
                  "recipient has moved, with the new address. It recognises the format of a recording by its content.")
    body += [".Pp", "The commands are as follows:", ".Bl -tag -width Ds"]
    for command in commands:
        title = command["title"]
        body += [f".It Cm {command['name']}"] + prose(title[0].upper() + title[1:] + ".") + ["See", f".Xr smtpseq-{command['name']} 1 ."]
    body += [".El", ".Pp"] + prose("Passwords, tokens and other AUTH material are shown as [redacted], in every format, on standard error, in "
                                   "baselines and in names of files, unless --show-secrets is given.")
    body += [".Sh ENVIRONMENT", ".Bl -tag -width Ds"]
    for name, text in ENVIRONMENT:
        body += [f".It Ev {name}"] + prose(text)
    body += [".El", ".Sh FILES", ".Bl -tag -width Ds", ".It Pa smtpseq.ini"]
    body += prose("The settings of a project, in the folder of a recording or above it.") + ["See", ".Xr smtpseq.ini 5 .", ".El"]
    body += [".Sh EXIT STATUS", ".Bl -tag -width Ds", ".It 0", "Nothing at or above \\-\\-fail\\-on was found.", ".It 1", "Something was.",
             ".It 2", *prose(TROUBLE), ".El", ".Sh EXAMPLES", *prose("Check what a client of Python's smtplib logs:"),
             *literal("python3 my_client.py 2>session.txt\nsmtpseq check session.txt")]
    others = [(f"smtpseq-{command['name']}", 1) for command in commands]
    body += see_also(*others, ("smtpseq.ini", 5), ("smtpseq-rules", 7))
    body += [".Sh STANDARDS"] + prose("The order of commands is that of RFC 5321, and of RFC 2034, 2920, 3030, 3207, 3461, 4954 and other extensions.")
    return page("smtpseq", 1, "find SMTP commands that are out of order in recorded sessions", body)


def rules_page(rules):
    body = [".Sh DESCRIPTION"] + prose("A rule is named by its name or its number wherever smtpseq wants one. Its severity is error, warning or "
                                       "note; its fault is who has to change something: the client, the server or whoever made the recording.")
    body += [".Bl -tag -width Ds"]
    for rule in rules:
        body += [f".It Cm {rule['name']}", *prose(f"{rule['code']}, {rule['severity']}, fault: {rule['fault']}.")]
        body += prose(rule["title"][0].upper() + rule["title"][1:] + ".")
        body += [".Pp"] + prose(rule["what"]) + [".Pp"] + prose("When: " + rule["when"]) + [".Pp"] + prose("What to do: " + rule["fix"])
        body += [".Pp"] + prose(rule["rfc"] + ".") if rule["rfc"] else []
    body += [".El"] + see_also(("smtpseq", 1), ("smtpseq-check", 1), ("smtpseq-explain", 1), ("smtpseq.ini", 5))
    return page("smtpseq-rules", 7, "the rules of smtpseq", body)


def settings_page(template, rules, formats, servers):
    with open(template, encoding="utf-8") as file:
        text = file.read()
    for mark, names in (("@RULES@", rules), ("@FORMATS@", formats), ("@SERVERS@", servers)):
        text = text.replace(mark, "\n".join(names_in_text([row["name"] for row in names])))
    return text.replace("@DATE@", DATE)


COMMENT_OR_FUNCTION = re.compile(r"^/\*(?P<comment>.*?)\*/|^(?P<type>[a-z][\w ]*?[ *])(?P<name>smtpseq_lint_\w+)\((?P<arguments>[^;]*)\);",
                                 re.DOTALL | re.MULTILINE)
CONSTANT = re.compile(r"^    (SMTPSEQ_LINT_\w+) = \d+,? */\* (.*?) \*/", re.MULTILINE)


def sentences(comment):
    """The text of a comment, and the code in it, line by line."""
    lines = [re.sub(r"^ \* ?", "", line).rstrip() for line in comment.strip("\n").splitlines()]
    out = []
    for paragraph in "\n".join(lines).strip().split("\n\n"):
        if paragraph.startswith("    "):
            out += literal(textwrap.dedent(paragraph))
        else:
            out += ([".Pp"] if out else []) + prose(paragraph)
    return out


def arguments_of(text):
    """The arguments of a prototype; a comma within parentheses parts nothing."""
    return [re.sub(r"\s+", " ", argument.strip()) for argument in re.split(r",(?![^(]*\))", text)]


def library_page(header):
    with open(header, encoding="utf-8") as file:
        text = file.read()
    synopsis, items, names = [], [], []
    for found in COMMENT_OR_FUNCTION.finditer(text.partition('extern "C" {')[2]):
        if found["comment"]:
            items.append((found["comment"], names := []))
            continue
        names.append(found["name"])
        synopsis += [f".Ft {quoted(found['type'].strip())}", f".Fo {found['name']}"]
        synopsis += [f".Fa {quoted(argument)}" for argument in arguments_of(found["arguments"])] + [".Fc"]
    body = [".Sh LIBRARY", *prose("smtpseq (libsmtpseq, -lsmtpseq)"), ".Sh SYNOPSIS", ".In smtpseq.h", *synopsis]
    body += [".Sh DESCRIPTION", *sentences(re.search(r"/\*.*?\n \*\n(.*?)\*/", text, re.DOTALL)[1])]
    body += [".Bl -tag -width Ds"]
    for comment, names in items:
        if names:
            body += [".It " + " , ".join(f"Fn {name}" for name in names), *sentences(" * " + comment.strip())]
    body += [".El", ".Sh RETURN VALUES", "A result is one of", ".Bl -tag -width Ds", ".It Dv SMTPSEQ_LINT_DONE", "All was read."]
    for name, meaning in CONSTANT.findall(text):
        body += [f".It Dv {name}", *prose(meaning[0].upper() + meaning[1:] + ".")]
    body += [".It Dv SMTPSEQ_LINT_NO_MEMORY", "Out of memory.", ".El"]
    return page("smtpseq", 3, "find SMTP commands that are out of order", body + see_also(("smtpseq", 1), ("smtpseq-check", 1), ("smtpseq-rules", 7)))


def main():
    smtpseq, template, header, folder = sys.argv[1:]
    commands, rules = say(smtpseq, "help", "--format=json"), say(smtpseq, "rules", "--format=json")
    formats, servers = say(smtpseq, "formats", "--format=json"), say(smtpseq, "servers", "--format=json")
    pages = {f"smtpseq-{command['name']}.1": command_page(command, formats) for command in commands}
    pages["smtpseq.1"] = program_page(commands)
    pages["smtpseq-rules.7"] = rules_page(rules)
    pages["smtpseq.3"] = library_page(header)
    pages["smtpseq.ini.5"] = settings_page(template, rules, formats, servers)
    for name, text in pages.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
