#!/usr/bin/env python3
"""The site's reference: all pages are there, valid, linked and light, and ask for nothing from elsewhere.

usage: reference.py SMTPSEQ ROOT

Prints TAP.
"""

import base64
import itertools
import json
import pathlib
import posixpath
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

from strict import Page, blind_to

SMTPSEQ, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
URL = "https://example.org/smtp/"
PAGE_MAX = 60_000
CATALOGUE_MAX = 200_000  # of the checker only
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
CHECKER = POLICY + "; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'"
SECTIONS = {
    "en": ["Description", "When you see it", "How to fix it", "Key differences", "When to use which"],
    "id": ["Deskripsi", "Ketika Anda Melihatnya", "Cara Memperbaiki", "Perbedaan Utama", "Kapan Menggunakan Yang Mana"],
}
CONFUSED = ["251-503", "250-251-252", "251-551", "450-550", "500-502-503", "530-535-538", "421-451", "503-554"]
TESTS = []


def test(name, wrong):
    wrong = list(wrong)
    TESTS.append(not wrong)
    print(f"{'not ok' if wrong else 'ok'} {len(TESTS)} - {name}")
    for line in wrong[:10]:
        print("#", ascii(line)[:300])


def say(*arguments):
    return json.loads(subprocess.run([SMTPSEQ, *arguments, "--format=json"], check=True, capture_output=True, timeout=300).stdout)


def build(folder):
    stale = folder / "codes" / "999.html"
    stale.parent.mkdir()
    stale.write_text("stale")
    (folder / "program.js").write_text("made by wasm.py")
    subprocess.run([sys.executable, ROOT / "site/build.py", SMTPSEQ, ROOT, URL, folder, folder / "program.js"], check=True, timeout=1000)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}


def known_codes():
    """The codes that `explain` has a text for, of all that there could be."""
    for first in range(200, 600, 64):
        topics = say("explain", *map(str, range(first, min(first + 64, 600))))
        yield from (topic for topic in topics if "when" in topic)


def target(path, href):
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), href.partition("#")[0])) if href[:1] != "#" else path


def language_of(path):
    """The language of a page, and its path among those of the language."""
    folder, _, rest = path.partition("/")
    return (folder, rest) if folder in SECTIONS else ("en", path)


def is_checker(path):
    return posixpath.basename(path) == "check.html"


def broken_links(pages, files):
    for path, page in pages.items():
        for _, href in page.links:
            other, fragment = target(path, href), href.partition("#")[2]
            if ":" in href or href.startswith("/") or other not in files or (fragment and not is_checker(other) and fragment not in pages[other].ids):
                yield f"{path}: {href}"


def unreached(pages):
    found, ahead = set(), ["index.html"]
    while ahead:
        path = ahead.pop()
        if path in pages and path not in found:
            found.add(path)
            ahead += [target(path, href) for tag, href in pages[path].links if tag == "a"]
    return sorted(set(pages) - found)


def lacking_texts(pages, topics, folder, keys):
    """Texts of the program that its page lacks."""
    def plain(text):
        return " ".join(text.replace("\n- ", "\n").split())

    for topic in topics:
        page = pages.get(f"{folder}/{topic['name']}.html")
        yield from (f"{topic['name']}: {key}" for key in keys if not page or plain(topic[key]) not in plain(page.text))


def matrix_of(markdown):
    """The rows of `servers --matrix --format=markdown`."""
    rows = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("|")]
    return [rows[0], *rows[2:]]


def wrong_matrix(files):
    done = subprocess.run([SMTPSEQ, "servers", "--matrix", "--format=markdown"], check=True, capture_output=True, text=True, timeout=300)
    expected = matrix_of(done.stdout)[1:]
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', files["servers/index.html"])
    found = [re.sub("<[^>]*>", "", row.replace("<td>", "|")).split("|") for row in rows]
    yield from (f"{line} instead of {other}" for line, other in itertools.zip_longest(found, expected) if line != other)


def wrong_comparisons(pages):
    for path, page in pages.items():
        language, inner = language_of(path)
        if inner.startswith("compare/"):
            sections = [text for level, text in page.headings if level == 2]
            if sections != SECTIONS[language]:
                yield f"{path}: {sections}"
            for heading, name in itertools.product(SECTIONS[language][-2:], pathlib.PurePath(path).stem.split("-")):
                if name not in page.text.split(heading)[1]:
                    yield f"{path}: nothing of {name} from {heading} on"


def wrong_languages(pages, files):
    """Pages that are not there in each language, or do not say so."""
    for path in pages:
        language, inner = language_of(path)
        other, elsewhere = ("id", "id/" + inner) if language == "en" else ("en", inner)
        links = [place for place, href in re.findall(r'hreflang="(\w+)" href="([^"]*)"', files[path]) if target(path, href) == elsewhere]
        if elsewhere not in pages or links != [other]:
            yield f"{path}: no link to {elsewhere}"
        if f'<html lang="{language}">' not in files[path]:
            yield f"{path}: its language"


def untranslated(pages, tables):
    """Paragraphs of the English pages that stand in the Indonesian ones."""
    for folder, keys in (("codes", ["meaning", "when", "fix"]), ("rules", ["what", "when", "fix"])):
        for topic in tables[folder]:
            text = pages[f"id/{folder}/{topic['name']}.html"].text
            yield from (f"{topic['name']}: {key}" for key in keys if topic[key].split("\n")[0] in text)


def unused_texts():
    """Texts in the site's own catalogue that its sources do not have."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "site").glob("*.py"))
    joined = re.sub(r'"\s*"', "", sources)
    texts = re.findall(r'^msgid "(.+)"$', (ROOT / "site/id.po").read_text(encoding="utf-8"), re.MULTILINE)
    yield from (text for text in texts if f'"{text}"' not in joined and f"'{text}'" not in joined)


def wrong_policies(pages, style):
    yield from (path for path, page in pages.items() if page.metas.get("Content-Security-Policy") != (CHECKER if is_checker(path) else POLICY))
    yield from (path for path, page in pages.items() if [href for tag, href in page.links if tag == "link" and not href.endswith(".html")] != ["../" * path.count("/") + "style.css"])
    yield from (f"style.css: {word}" for word in ("url(", "@import", "http") if word in style)


def wrong_logs(pages):
    """Links to the checker with something else than a dialogue of the page."""
    for path, page in pages.items():
        logs = [href.partition("#")[2] for _, href in page.links if "check.html#" in href]
        yield from (path for log in logs if not is_checker(path) and base64.urlsafe_b64decode(log).decode().strip() not in page.text)
        if language_of(path)[1].startswith("rules/") and len(logs) != page.counts.get("pre", 0):
            yield f"{path}: {len(logs)} links"


def wrong_map(text, pages):
    places = [place.text for place in xml.fromstring(text).iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    expected = sorted(URL + path.removesuffix("index.html") for path in pages)
    return [] if sorted(places) == expected else sorted(set(places) ^ set(expected)) or ["a page twice"]


def main():
    with tempfile.TemporaryDirectory() as folder:
        files = build(pathlib.Path(folder))
    pages = {path: Page(text) for path, text in files.items() if path.endswith(".html")}
    rules, servers = say("rules"), say("servers")
    test("the strict reader sees errors", blind_to())
    test("the pages are valid", (f"{path}: {error}" for path, page in pages.items() for error in page.errors))
    titles = {(language_of(path)[0], page.headings[0][1]) for path, page in pages.items()}
    test("titles differ", [] if len(titles) == len(pages) else ["two pages with one title"])
    test("links lead to pages", broken_links(pages, files))
    test("the index leads to all pages", unreached(pages))
    test("no page is too large", (f"{path}: {len(text.encode())}" for path, text in files.items()
                                    if len(text.encode()) > (CATALOGUE_MAX if path.endswith("catalogue.js") else PAGE_MAX)))
    test("nothing comes from elsewhere", wrong_policies(pages, files["style.css"]))
    test("one stylesheet, the report's", [] if files["style.css"].startswith((ROOT / "src/report/html.css").read_text()) else ["style.css"])
    test("the sitemap has all pages", wrong_map(files["sitemap.xml"], pages))
    test("dialogues open in the checker", wrong_logs(pages))
    test("every reply code", lacking_texts(pages, known_codes(), "codes", ["title", "meaning", "when", "fix", "rfc"]))
    test("every rule", lacking_texts(pages, rules, "rules", ["title", "what", "when", "fix", "rfc"]))
    test("every server", lacking_texts(pages, servers, "servers", ["version", "settings"]))
    test("what the servers answer", wrong_matrix(files))
    test("codes that are confused", [name for name in CONFUSED if f"compare/{name}.html" not in pages])
    test("comparisons in their order", wrong_comparisons(pages))
    test("every page in each language", wrong_languages(pages, files))
    test("nothing is left in English", untranslated(pages, {"codes": list(known_codes()), "rules": rules}))
    test("no text of the site is stale", unused_texts())
    test("pages of what is no more are gone", [path for path in files if "999" in path])
    print(f"1..{len(TESTS)}")
    return 0 if all(TESTS) else 1


if __name__ == "__main__":
    sys.exit(main())
