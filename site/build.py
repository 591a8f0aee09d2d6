#!/usr/bin/env python3
"""Writes the site: a page for each reply code, rule, enhanced code, server, and for codes that people confuse, in each language.

usage: build.py SMTPSEQ SOURCE URL FOLDER [PROGRAM.js]

SMTPSEQ is the program, SOURCE the tree it was built from, URL where the site will be served: the sitemap needs it, the pages do not.
PROGRAM.js, of wasm.py, is the program for browsers: with it the site has the checker.
"""

import base64
import gzip
import itertools
import json
import pathlib
import re
import shutil
import sys

from language import languages
from markup import bullets, checker_link, dialogue, escape, link, page, prose, section, table
from tables import Tables, rules_of
from texts import CHECKER, SCRIPT

# Codes that are confused most, in the order of the index; the other pairs of differences.def follow.
CONFUSED = [("251", "503"), ("250", "251", "252"), ("251", "551"), ("450", "550"), ("500", "502", "503"), ("530", "535", "538"), ("421", "451"), ("503", "554")]
FOLDERS = ["codes", "compare", "enhanced", "rules", "servers"]
DESCRIPTION, WHEN, FIX, DIFFERENCES, WHICH = "Description", "When you see it", "How to fix it", "Key differences", "When to use which"
EXAMPLES = ["data-without-valid-rcpt", "nested-mail", "mail-before-hello", "forward-251", "no-hello-after-starttls"]
ABOUT = ("smtpseq reads recordings of SMTP sessions and reports commands that are out of order."
         " These pages are what {explain} and {servers} print.")
DASH = "A dash: the server lacks the command, the session cannot get as far, or this was not measured."


def compare_path(codes):
    return f"compare/{'-'.join(codes)}.html"


class Site:
    """The pages, by path, in the language of `say`; `others` are the other languages."""

    def __init__(self, tables, checked, say, others):
        self.tables, self.say, self.others = tables, say, others
        self.checked = checked  # it has the checker
        self.compared = CONFUSED + [pair for pair in tables.pairs if pair not in CONFUSED]
        self.pages = {}

    def words(self, codes):
        return self.say("{some} and {last}", some=", ".join(codes[:-1]), last=codes[-1])

    def answer(self, cell):
        """What a server says, as `servers --matrix` prints it."""
        return "-" if cell is None else self.say("takes it") if cell["code"] == 250 else str(cell["code"])

    def class_of(self, text):
        """"5yz: permanent refusal (x0z: about the form of commands)", whose parts the program translates."""
        first, meaning, second, about = re.fullmatch(r"(\dyz): (.*) \((x\dz): (.*)\)", text).groups()
        return f"{first}: {self.say(meaning)} ({second}: {self.say(about)})"

    def code(self, code, up="../"):
        return link(f"{up}codes/{code}.html", code) if code in self.tables.codes else escape(code)

    def rule(self, name, up="../"):
        return f"{link(f'{up}rules/{name}.html', name)}: {escape(self.say(self.tables.rules[name]['title']))}"

    def server(self, name):
        return link(f"../servers/{name}.html", name)

    def add(self, path, title, lead, *parts, scripts=()):
        up = "../" * (self.say.folder + path).count("/")
        elsewhere = [(other, f"{up}{other.folder}{path}") for other in self.others]
        self.pages[self.say.folder + path] = page(title, lead, parts, up, scripts, self.say, elsewhere)

    def dialogues(self, topic, key, caption):
        return dialogue(caption, topic[key], self.checked and self.say("Open in the checker")) if key in topic else ""

    def prose(self, text):
        return prose(self.say(text))

    def add_code(self, code, topic):
        say = self.say
        self.add(f"codes/{code}.html", f"SMTP {code}: {say(topic['title'])}", say("SMTP reply {code}: {said}.", code=code, said=self.said(code)),
                 section(say(DESCRIPTION), self.prose(topic["meaning"]), f'<p class="meta">{escape(self.class_of(topic["class"]))}. {escape(topic["rfc"])}.</p>'),
                 section(say(WHEN), self.prose(topic["when"]), self.dialogues(topic, "draws_it", say("A session with it"))),
                 section(say(FIX), self.prose(topic["fix"]), self.dialogues(topic, "put_right", say("Put right"))),
                 section(say("Compared with others"), self.comparisons([codes for codes in self.compared if code in codes], "../")),
                 section(say("Rules of smtpseq"), *[bullets([self.rule(name) for name in names]) for names in [rules_of(topic)] if names]))

    def said(self, code):
        """What a server says with a code, in a few words of ours."""
        return self.say(self.tables.codes[code].get("in_short", self.tables.codes[code]["title"]))

    def comparisons(self, groups, up):
        items = [f"{link(up + compare_path(codes), self.words(codes))}: {escape('; '.join(map(self.said, codes)))}" for codes in groups]
        return bullets(items) if items else ""

    def add_rule(self, name, topic):
        say = self.say
        replies = [code for code in topic.get("replies", "").split(", ") if code]
        servers = self.tables.matrix.get(name, {})
        answers = [[self.server(server), self.linked(cell), escape(cell["text"])] for server, cell in servers.items() if cell]
        self.add(f"rules/{name}.html", f"{name}: {say(topic['title'])}",
                 say("{code}, {severity}, fault: {fault}.", code=topic["code"], severity=say(topic["severity"]), fault=say(topic["fault"])),
                 section(say(DESCRIPTION), self.prose(topic["what"]), f'<p class="meta">{escape(topic["rfc"])}.</p>' if topic.get("rfc") else ""),
                 section(say(WHEN), self.prose(topic["when"]), self.dialogues(topic, "draws_the_rule", say("Draws the rule"))),
                 section(say(FIX), self.prose(topic["fix"]), self.dialogues(topic, "put_right", say("Put right"))),
                 section(say("What smtpseq does"), self.prose(topic.get("smtpseq", ""))),
                 section(say("Replies that go with it"),
                         bullets([f"{self.code(code)}: {escape(say(self.tables.codes[code]['title']))}" for code in replies]) if replies else ""),
                 section(say("What servers answer"),
                         table(say("Answers to {rule}", rule=name), [say("Server"), say("Answer"), say("Text")], answers) if answers else ""))

    def linked(self, cell):
        text = self.answer(cell)
        return self.code(text) if text.isdigit() else text

    def add_comparison(self, codes):
        say = self.say
        topics = {code: self.tables.codes[code] for code in codes}
        calls, differences = {code: [] for code in codes}, []
        for pair in itertools.combinations(codes, 2):
            text, calls_for = self.tables.difference(pair)
            heading = f"<h3>{link('../' + compare_path(pair), self.words(pair)) if pair in self.compared else self.words(pair)}</h3>\n" if len(codes) > 2 else ""
            differences.append(heading + self.prose(text))
            for code in pair:
                calls[code] += [] if calls_for[code] in calls[code] else [calls_for[code]]

        def each(key, shown, caption):
            return [f"<h3>{self.code(code)} {escape(say(topic['title']))}</h3>\n{self.prose(topic[key])}\n{self.dialogues(topic, shown, f'{caption} {code}')}".rstrip()
                    for code, topic in topics.items()]

        def calls_of(code):
            said = [escape(say(text)) for text in calls[code]]
            return said[0] if len(said) == 1 else bullets(said)

        rows = [[self.code(code), escape(self.said(code)), calls_of(code)] for code in codes]
        self.add(compare_path(codes), say("SMTP {codes}: the difference", codes=self.words(codes)),
                 " ".join(f"{code}: {self.said(code)}." for code in codes),
                 section(say(DESCRIPTION), *each("meaning", "", "")),
                 section(say(WHEN), *each("when", "draws_it", say("A session with"))),
                 section(say(FIX), *each("fix", "put_right", say("Put right:"))),
                 section(say(DIFFERENCES), *differences),
                 section(say(WHICH), table(say("What a server says with each, and what the client does then"),
                                           [say("Code"), say("A server says"), say("It calls for")], rows)))

    def add_enhanced(self, name, topic):
        say, detail = self.say, name[2:]
        spelled = ", ".join(f"{first}.{detail}" for first in "245")
        title = say(topic["title"])
        self.add(f"enhanced/{name}.html", f"{name}: {title}", say("The enhanced status codes {codes}: {title}.", codes=spelled, title=title),
                 section(say(DESCRIPTION),
                         f'<p>{escape(say("About {subject}. The first digit is {digits}.", subject=say(topic["about"]), digits=say(topic["class"])))}</p>',
                         f'<p class="meta">{escape(topic["rfc"])}.</p>'))

    def add_server(self, server):
        say, name = self.say, server["name"]
        rows = [[link(f"../rules/{rule}.html", rule), self.linked(cells[name]), escape(cells[name]["text"]) if cells[name] else "-"]
                for rule, cells in self.tables.matrix.items() if name in cells]
        source = say("From public sources: nobody outside can measure this server." if server["documented"] else "Measured on a running server.")
        settings = f"<p>{escape(say('Settings: {settings}.', settings=say(server['settings'])))}</p>" if server["settings"] else ""
        self.add(f"servers/{name}.html", say("{server}: answers to commands out of order", server=name), f"{server['version']}.",
                 f"<p>{escape(source)}</p>", settings, f"<p>{escape(say('It speaks LMTP: sessions begin with LHLO.'))}</p>" if server["lmtp"] else "",
                 section(say("What it answers"), table(say("Answers of {server}", server=name), [say("Fault"), say("Answer"), say("Text")], rows),
                         f'<p class="meta">{escape(say(DASH))}</p>'))

    def add_lists(self):
        say = self.say
        names = [server["name"] for server in self.tables.servers]
        rows = [[link(f"../rules/{rule}.html", rule), *[self.answer(cells.get(name)) for name in names]] for rule, cells in self.tables.matrix.items()]
        self.add("servers/index.html", say("What servers answer"), say("What each server that was measured or is documented answers to commands out of order."),
                 section(say("Servers"), bullets([f"{self.server(server['name'])}: {escape(server['version'])}" for server in self.tables.servers])),
                 section(say("All answers"), table(say("Answers of all servers"), [say("Fault"), *names], rows), f'<p class="meta">{escape(say(DASH))}</p>'))
        self.add("enhanced/index.html", say("Enhanced status codes"), say("IANA's registry of SMTP enhanced status codes; the X is 2, 4 or 5."),
                 bullets([f"{link(f'{name}.html', name)} {escape(say(topic['title']))}" for name, topic in self.tables.enhanced.items()]))

    def add_checker(self):
        say = self.say
        texts = {key: escape(say(text)) for key, text in CHECKER.items()}
        examples = [link(checker_link("", self.tables.rules[name]["draws_the_rule"]), say(self.tables.rules[name]["title"])) for name in EXAMPLES]
        servers = "".join(f'<option value="{escape(server["name"])}">{escape(server["name"])}</option>' for server in self.tables.servers)
        self.add("check.html", say(CHECKER["title"]), say(CHECKER["lead"]),
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
                 section(say(CHECKER["examples"]), bullets(examples)), scripts=["texts.js", "catalogue.js", "../" * say.folder.count("/") + "check.js"])

    def add_index(self):
        say = self.say
        self.add("index.html", "smtpseq", say("SMTP reply codes and commands out of order: what each means, when you see it and how to fix it."),
                 "<p>" + escape(say(ABOUT)).format(explain="<code>smtpseq explain</code>", servers="<code>smtpseq servers</code>") + "</p>",
                 f"<p>{link('check.html', say('Check a log in this browser.'))}</p>" if self.checked else "",
                 section(say("Codes that are often confused"), self.comparisons(self.compared, "")),
                 section(say("Reply codes"), bullets([f"{self.code(code, '')} {escape(say(topic['title']))}" for code, topic in self.tables.codes.items()])),
                 section(say("Rules"), bullets([self.rule(name, "") for name in self.tables.rules])),
                 section(say("More"), bullets([link("servers/index.html", say("What servers answer")), link("enhanced/index.html", say("Enhanced status codes"))])))

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


def write_texts(site, folder, built):
    """What the checker's script says, and the program's catalogue in that language; `built`: where that was made."""
    texts = {key: site.say(text) for key, text in SCRIPT.items()}
    made = built / site.say.code / "LC_MESSAGES/smtpseq.mo"
    catalogue = {"language": site.say.code, "packed": base64.b64encode(gzip.compress(made.read_bytes(), mtime=0)).decode()} if made.exists() else None
    scripts = {"texts.js": {"TEXTS": texts, "RULES": list(site.tables.rules)}, "catalogue.js": {"CATALOGUE": catalogue}}
    for script, named in scripts.items():
        text = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
        (folder / site.say.folder / script).write_text(text, encoding="utf-8")


def clear(folder, spoken):
    """Empty folders for the pages: those of what is no more go."""
    for say in spoken:
        for name in FOLDERS:
            shutil.rmtree(folder / say.folder / name, ignore_errors=True)
            (folder / say.folder / name).mkdir(parents=True)


def main():
    smtpseq, source, url, folder = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    program = sys.argv[5] if len(sys.argv) > 5 else None
    tables, spoken = Tables(smtpseq, source), list(languages(source))
    sites = [Site(tables, program is not None, say, [other for other in spoken if other is not say]) for say in spoken]
    pages = {path: text for site in sites for path, text in site.make().items()}
    clear(folder, spoken)
    for site in sites if program else []:
        write_texts(site, folder, pathlib.Path(smtpseq).resolve().parent / "po")
    lacking = [f"{say.code}: {text}" for say in spoken for text in sorted(say.lacking)]
    if lacking:
        sys.exit("\n".join(["build: no translation of:", *lacking]))
    for path, text in pages.items():
        (folder / path).write_text(text, encoding="utf-8")
    style = (source / "src/report/html.css").read_text(encoding="utf-8") + (source / "site/site.css").read_text(encoding="utf-8")
    (folder / "style.css").write_text(style, encoding="utf-8")
    if program:
        for name in ("check.js", "worker.js"):
            shutil.copy(source / "site" / name, folder / name)
        if pathlib.Path(program).resolve() != (folder / "program.js").resolve():
            shutil.copy(program, folder / "program.js")
    (folder / "sitemap.xml").write_text(sitemap(url, sorted(pages)), encoding="utf-8")


if __name__ == "__main__":
    main()
