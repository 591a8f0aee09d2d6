#!/usr/bin/env python3
"""Writes the site: a page for each reply code, rule, enhanced code, server, and for codes that people confuse.

usage: build.py SMTPSEQ SOURCE URL FOLDER [PROGRAM.js]

SMTPSEQ is the program, SOURCE the tree it was built from, URL where the site will be served: the sitemap needs it, the pages do not.
PROGRAM.js, of wasm.py, is the program for browsers: with it the site has the checker.
"""

import itertools
import json
import pathlib
import shutil
import sys

from markup import bullets, checker_link, dialogue, escape, link, page, prose, section, table
from tables import Tables, rules_of
from texts import CHECKER, SCRIPT

# Codes that are confused most, in the order of the index; the other pairs of differences.def follow.
CONFUSED = [("251", "503"), ("250", "251", "252"), ("251", "551"), ("450", "550"), ("500", "502", "503"), ("530", "535", "538"), ("421", "451"), ("503", "554")]
FOLDERS = ["codes", "compare", "enhanced", "rules", "servers"]
DESCRIPTION, WHEN, FIX, DIFFERENCES, WHICH = "Description", "When you see it", "How to fix it", "Key differences", "When to use which"
EXAMPLES = ["data-without-valid-rcpt", "nested-mail", "mail-before-hello", "forward-251", "no-hello-after-starttls"]
DASH = "A dash: the server lacks the command, the session cannot get as far, or this was not measured."


def words(codes):
    return f"{', '.join(codes[:-1])} and {codes[-1]}"


def compare_path(codes):
    return f"compare/{'-'.join(codes)}.html"


def answer(cell):
    """What a server says, as `servers --matrix` prints it; a refusal links its code."""
    return "-" if cell is None else "takes it" if cell["code"] == 250 else str(cell["code"])


class Site:
    """The pages, by path."""

    def __init__(self, tables, checked):
        self.tables = tables
        self.checked = checked  # it has the checker
        self.compared = CONFUSED + [pair for pair in tables.pairs if pair not in CONFUSED]
        self.pages = {}

    def code(self, code, up="../"):
        return link(f"{up}codes/{code}.html", code) if code in self.tables.codes else escape(code)

    def rule(self, name, up="../"):
        return f"{link(f'{up}rules/{name}.html', name)}: {escape(self.tables.rules[name]['title'])}"

    def server(self, name):
        return link(f"../servers/{name}.html", name)

    def add(self, path, title, lead, *parts, scripts=()):
        self.pages[path] = page(title, lead, parts, "../" * path.count("/"), scripts)

    def dialogues(self, topic, key, caption):
        return dialogue(caption, topic[key], self.checked) if key in topic else ""

    def add_code(self, code, topic):
        self.add(f"codes/{code}.html", f"SMTP {code}: {topic['title']}", f"SMTP reply {code}: {self.said(code)}.",
                 section(DESCRIPTION, prose(topic["meaning"]), f'<p class="meta">{escape(topic["class"])}. {escape(topic["rfc"])}.</p>'),
                 section(WHEN, prose(topic["when"]), self.dialogues(topic, "draws_it", "A session with it")),
                 section(FIX, prose(topic["fix"]), self.dialogues(topic, "put_right", "Put right")),
                 section("Compared with others", self.comparisons([codes for codes in self.compared if code in codes], "../")),
                 section("Rules of smtpseq", *[bullets([self.rule(name) for name in names]) for names in [rules_of(topic)] if names]))

    def said(self, code):
        """What a server says with a code, in a few words of ours."""
        return self.tables.codes[code].get("in_short", self.tables.codes[code]["title"])

    def comparisons(self, groups, up):
        items = [f"{link(up + compare_path(codes), words(codes))}: {escape('; '.join(map(self.said, codes)))}" for codes in groups]
        return bullets(items) if items else ""

    def add_rule(self, name, topic):
        replies = [code for code in topic.get("replies", "").split(", ") if code]
        servers = self.tables.matrix.get(name, {})
        answers = [[self.server(server), self.linked(cell), escape(cell["text"])] for server, cell in servers.items() if cell]
        self.add(f"rules/{name}.html", f"{name}: {topic['title']}", f"{topic['code']}, {topic['severity']}, fault: {topic['fault']}.",
                 section(DESCRIPTION, prose(topic["what"]), f'<p class="meta">{escape(topic["rfc"])}.</p>' if topic.get("rfc") else ""),
                 section(WHEN, prose(topic["when"]), self.dialogues(topic, "draws_the_rule", "Draws the rule")),
                 section(FIX, prose(topic["fix"]), self.dialogues(topic, "put_right", "Put right")),
                 section("What smtpseq does", prose(topic.get("smtpseq", ""))),
                 section("Replies that go with it", bullets([f"{self.code(code)}: {escape(self.tables.codes[code]['title'])}" for code in replies]) if replies else ""),
                 section("What servers answer", table(f"Answers to {name}", ["Server", "Answer", "Text"], answers) if answers else ""))

    def linked(self, cell):
        text = answer(cell)
        return self.code(text) if text.isdigit() else text

    def add_comparison(self, codes):
        topics = {code: self.tables.codes[code] for code in codes}
        calls, differences = {code: [] for code in codes}, []
        for pair in itertools.combinations(codes, 2):
            text, calls_for = self.tables.difference(pair)
            heading = f"<h3>{link('../' + compare_path(pair), words(pair)) if pair in self.compared else words(pair)}</h3>\n" if len(codes) > 2 else ""
            differences.append(heading + prose(text))
            for code in pair:
                calls[code] += [] if calls_for[code] in calls[code] else [calls_for[code]]

        def each(key, shown, caption):
            return [f"<h3>{self.code(code)} {escape(topic['title'])}</h3>\n{prose(topic[key])}\n{self.dialogues(topic, shown, f'{caption} {code}')}".rstrip()
                    for code, topic in topics.items()]

        def calls_of(code):
            return escape(calls[code][0]) if len(calls[code]) == 1 else bullets(map(escape, calls[code]))

        rows = [[self.code(code), escape(self.said(code)), calls_of(code)] for code in codes]
        self.add(compare_path(codes), f"SMTP {words(codes)}: the difference",
                 " ".join(f"{code}: {self.said(code)}." for code in codes),
                 section(DESCRIPTION, *each("meaning", "", "")),
                 section(WHEN, *each("when", "draws_it", "A session with")),
                 section(FIX, *each("fix", "put_right", "Put right:")),
                 section(DIFFERENCES, *differences),
                 section(WHICH, table("What a server says with each, and what the client does then", ["Code", "A server says", "It calls for"], rows)))

    def add_enhanced(self, name, topic):
        detail = name[2:]
        spelled = ", ".join(f"{first}.{detail}" for first in "245")
        self.add(f"enhanced/{name}.html", f"{name}: {topic['title']}", f"The enhanced status codes {spelled}: {topic['title']}.",
                 section(DESCRIPTION, f"<p>About {escape(topic['about'])}. The first digit is {escape(topic['class'])}.</p>",
                         f'<p class="meta">{escape(topic["rfc"])}.</p>'))

    def add_server(self, server):
        name = server["name"]
        rows = [[link(f"../rules/{rule}.html", rule), self.linked(cells[name]), escape(cells[name]["text"]) if cells[name] else "-"]
                for rule, cells in self.tables.matrix.items() if name in cells]
        source = "From public sources: nobody outside can measure this server." if server["documented"] else "Measured on a running server."
        settings = f"<p>Settings: {escape(server['settings'])}.</p>" if server["settings"] else ""
        self.add(f"servers/{name}.html", f"{name}: answers to commands out of order", f"{server['version']}.",
                 f"<p>{source}</p>", settings, "<p>It speaks LMTP: sessions begin with LHLO.</p>" if server["lmtp"] else "",
                 section("What it answers", table(f"Answers of {name}", ["Fault", "Answer", "Text"], rows), f'<p class="meta">{DASH}</p>'))

    def add_lists(self):
        names = [server["name"] for server in self.tables.servers]
        rows = [[link(f"../rules/{rule}.html", rule), *[answer(cells.get(name)) for name in names]] for rule, cells in self.tables.matrix.items()]
        self.add("servers/index.html", "What servers answer", "What each server that was measured or is documented answers to commands out of order.",
                 section("Servers", bullets([f"{self.server(server['name'])}: {escape(server['version'])}" for server in self.tables.servers])),
                 section("All answers", table("Answers of all servers", ["Fault", *names], rows), f'<p class="meta">{DASH}</p>'))
        self.add("enhanced/index.html", "Enhanced status codes", "IANA's registry of SMTP enhanced status codes; the X is 2, 4 or 5.",
                 bullets([f"{link(f'{name}.html', name)} {escape(topic['title'])}" for name, topic in self.tables.enhanced.items()]))

    def add_checker(self):
        texts = {key: escape(text) for key, text in CHECKER.items()}
        examples = [link(checker_link("", self.tables.rules[name]["draws_the_rule"]), self.tables.rules[name]["title"]) for name in EXAMPLES]
        servers = "".join(f'<option value="{escape(server["name"])}">{escape(server["name"])}</option>' for server in self.tables.servers)
        self.add("check.html", CHECKER["title"], CHECKER["lead"],
                 '<p><label for="log">{log}</label></p>\n<textarea id="log" rows="16" spellcheck="false" autocomplete="off"></textarea>'.format(**texts),
                 '<p><label for="file">{file}</label> <input type="file" id="file"></p>'.format(**texts),
                 f'<p><label for="server">{texts["server"]}</label> <select id="server"><option value="">{texts["no_server"]}</option>{servers}</select></p>',
                 '<p id="state" role="status"></p>',
                 '<p id="progress" hidden><progress id="bar" aria-label="{octets_read}"></progress> <span id="octets"></span> <button type="button" id="cancel">{cancel}</button></p>'
                 .format(**texts),
                 '<p id="share" hidden>{share} <button type="button" id="save">{save}</button> <button type="button" id="copy">{copy}</button>'
                 ' <button type="button" id="link">{link}</button> <span id="made" hidden><a href="check.html">{made_link}</a></span></p>'.format(**texts),
                 '<noscript><p>{no_script}</p></noscript>'.format(**texts),
                 '<section id="reading" hidden><h2>{reading}</h2>\n<ul id="said"></ul></section>'.format(**texts),
                 '<section id="report" aria-label="{report}"></section>'.format(**texts),
                 section(CHECKER["examples"], bullets(examples)), scripts=["texts.js", "check.js"])

    def add_index(self):
        self.add("index.html", "smtpseq", "SMTP reply codes and commands out of order: what each means, when you see it and how to fix it.",
                 "<p>smtpseq reads recordings of SMTP sessions and reports commands that are out of order. These pages are what"
                 " <code>smtpseq explain</code> and <code>smtpseq servers</code> print.</p>",
                 f"<p>{link('check.html', 'Check a log')} in this browser.</p>" if self.checked else "",
                 section("Codes that are often confused", self.comparisons(self.compared, "")),
                 section("Reply codes", bullets([f"{self.code(code, '')} {escape(topic['title'])}" for code, topic in self.tables.codes.items()])),
                 section("Rules", bullets([self.rule(name, "") for name in self.tables.rules])),
                 section("More", bullets([link("servers/index.html", "What servers answer"), link("enhanced/index.html", "Enhanced status codes")])))

    def make(self):
        for code, topic in self.tables.codes.items():
            self.add_code(code, topic)
        for name, topic in self.tables.rules.items():
            self.add_rule(name, topic)
        for codes in self.compared:
            self.add_comparison(codes)
        for name, topic in self.tables.enhanced.items():
            self.add_enhanced(name, topic)
        for server in self.tables.servers:
            self.add_server(server)
        self.add_lists()
        self.add_index()
        if self.checked:
            self.add_checker()
        return self.pages


def sitemap(url, paths):
    places = "".join(f"<url><loc>{escape(url.rstrip('/') + '/' + path.removesuffix('index.html'))}</loc></url>\n" for path in paths)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'


def main():
    smtpseq, source, url, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    program = sys.argv[5] if len(sys.argv) > 5 else None
    site = Site(Tables(smtpseq, source), program is not None)
    pages = site.make()
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)  # pages of what is no more
        (folder / name).mkdir(parents=True)
    for path, text in pages.items():
        (folder / path).write_text(text, encoding="utf-8")
    style = (source / "src/report/html.css").read_text(encoding="utf-8") + (source / "site/site.css").read_text(encoding="utf-8")
    (folder / "style.css").write_text(style, encoding="utf-8")
    if program:
        texts = f"const TEXTS = {json.dumps(SCRIPT)};\nconst RULES = {json.dumps(list(site.tables.rules))};\n"
        (folder / "texts.js").write_text(texts, encoding="utf-8")
        for name in ("check.js", "worker.js"):
            shutil.copy(source / "site" / name, folder / name)
        if pathlib.Path(program).resolve() != (folder / "program.js").resolve():
            shutil.copy(program, folder / "program.js")
    (folder / "sitemap.xml").write_text(sitemap(url, sorted(pages)), encoding="utf-8")


if __name__ == "__main__":
    main()
