#!/usr/bin/env python3
"""Opens the html reports in a browser, as a reader does: with a mouse, with the keyboard, on a phone, in the dark, on paper.

usage: page.py SMTPSEQ

Needs chromium, chromium-driver and python3-selenium (.ci/install test); without them it is skipped. Nothing is loaded from anywhere but the page itself, and
that is one of the things tested. Prints TAP.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import chromium
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SMTPSEQ = os.path.abspath(sys.argv[1])
HERE = pathlib.Path(__file__).resolve().parent
RECORDINGS = HERE.parents[1] / "fixtures" / "reports"
CHECKS = (HERE / "checks.js").read_text()
WIDE, NARROW = 1280, 390
TESTS = []


def test(name, found, expected=True):
    TESTS.append(found == expected)
    print(f"{'ok' if found == expected else 'not ok'} {len(TESTS)} - {name}", flush=True)
    if found != expected:
        print(f"#   expected: {ascii(expected)[:2000]}\n#   found:    {ascii(found)[:2000]}")


def smtpseq(*arguments, given=None):
    return subprocess.run([SMTPSEQ, *map(str, arguments)], input=given, capture_output=True, timeout=900, check=False).stdout


class Page:
    """A report in a browser."""

    def __init__(self, browser, folder, name, report):
        self.browser, self.name = browser, name
        self.path = folder / f"{name}.html"
        self.path.write_bytes(report)

    def look(self, width=WIDE, scheme="light", medium="screen"):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width == NARROW})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "media": medium, "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        return self

    def open(self, width=WIDE, scheme="light", medium="screen"):
        self.look(width, scheme, medium)
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        self.browser.get(self.path.as_uri())
        return self

    def run(self, script, *arguments):
        return self.browser.execute_script(CHECKS + script, *arguments)

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def requests(self):
        events = (json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance"))
        urls = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
        return sorted(url for url in urls if url != self.path.as_uri())

    def click(self, selector):
        self.browser.find_element(By.CSS_SELECTOR, selector).click()

    def press(self, *keys):
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def focused(self):
        return self.run("return document.activeElement.id || document.activeElement.className")


def try_looks(page):
    """Properties of every page, in every look."""
    for width in (WIDE, NARROW):
        for scheme in ("light", "dark"):
            look = f"{page.name}, {width} px, {scheme}"
            page.open(width, scheme)
            page.run("unfold()")
            test(f"{look}: nothing is said on the console", page.complaints(), [])
            test(f"{look}: nothing is loaded", page.requests(), [])
            test(f"{look}: contrast of all text", page.run("return low_contrast()"), [])
            test(f"{look}: nothing is wider than the page", page.run("return too_wide()"), [])


def try_everywhere(page):
    """Properties of pages that show recordings."""
    try_looks(page)
    test(f"{page.name}: the policy has the style's hash", page.run("return styled()"))
    test(f"{page.name}: ids, links, headings, lists, tables", page.run("return structure()"), [])
    test(f"{page.name}: no element but those of the report", page.run("return foreign_elements()"), [])
    test(f"{page.name}: no character that a page acts on", page.run("return acting_characters()"), [])


def try_coverage(page):
    """The page of coverage, with its picture."""
    try_looks(page)
    test(f"{page.name}: the policy has the style's hash", page.run("return styled()"))
    test(f"{page.name}: ids, links, headings, lists, tables", page.run("return structure()"), [])
    colors = page.run("return ['taken', 'never'].map((name) => getComputedStyle(document.querySelector(`svg .edge.${name} path`)).stroke)")
    test(f"{page.name}: the picture is drawn in the colours of the page", len(set(colors)), 2)
    page.open(NARROW)
    page.run("document.querySelector('.scroll.picture').focus()")
    page.press(Keys.ARROW_RIGHT)
    # A browser scrolls when it comes to it.
    test(f"{page.name}: the picture is moved with the keyboard", page.run("""
        const picture = document.activeElement;
        return new Promise((done) => {
            const look = (left) => picture.scrollLeft > 0 || left == 0 ? done(left > 0) : setTimeout(look, 100, left - 1);
            look(200);
        })"""))


def try_finding(page):
    """A finding is clicked, then its cause."""
    page.open()
    page.click(".all a")
    test("a finding clicked is focused", page.focused(), "i1r1s1f0")
    test("and it is on the screen", page.run("return on_screen(document.activeElement)"))
    page.click("#i1r1s1f0 dd a")
    test("its cause clicked is focused", page.focused(), "i1r1s1e3")
    test("it is the cause", page.run("return document.activeElement.querySelector('.c code').textContent"),
         "RCPT TO:<nobody@example.com>")
    test("it is marked", page.run("return getComputedStyle(document.activeElement).outlineStyle"), "solid")
    for scheme in ("light", "dark"):
        test(f"what is marked can be read, {scheme}", page.look(WIDE, scheme).run("return low_contrast()"), [])
    test("a line is drawn from the fault to the cause", page.run("return wire('i1r1s1e3', 'i1r1s1f0')"), [])
    page.open(NARROW)
    test("on a phone as well", page.run("return wire('i1r1s1e3', 'i1r1s1f0')"), [])


def try_keyboard(page):
    page.open()
    page.press(Keys.TAB)
    test("the first stop of the keyboard is the way past the summary", page.focused(), "skip")
    test("which can then be seen", page.run("return on_screen(document.activeElement)"))
    page.press(Keys.ENTER)
    test("it leads to the findings", page.focused(), "findings")
    page.press(Keys.TAB, Keys.ENTER)
    test("the next stop is the first finding", page.focused(), "i1r1s1f0")
    page.press(Keys.TAB, Keys.ENTER)
    test("and the next its cause", page.focused(), "i1r1s1e3")


def try_folded(page):
    """A folded part opens when a link leads into it, and on paper."""
    page.open()
    page.run("document.querySelectorAll('details').forEach(d => d.open = false)")
    page.click(".all a")
    test("a link into a folded session unfolds it",
         page.run("return document.querySelector('details.session').open && on_screen(document.activeElement)"))
    page.open()
    run = "document.querySelector('.run details')"
    test("a run without faults is folded", page.run(f"return !{run}.open && hidden({run}.querySelector('li'))"))
    page.open(medium="print")
    test("on paper it is not", page.run(f"return hidden({run}.querySelector('li'))"), False)


def try_hostile(page):
    page.open()
    page.run("unfold()")
    text = page.run("return document.body.textContent")
    for piece in ("<script>alert(1)</script> ]]> & \" '", "<img src=x onerror=alert(1)>", "&amp;<!--@example.com>", "\\x1b]0;owned\\x07",
                  "\\u{202e}moc.elpmaxe", "b�", "[redacted]"):
        test(f"hostile: {ascii(piece)} is text", piece in text)
    test("hostile: the title is the report's", page.browser.title, page.run("return document.querySelector('h1').textContent") + " - smtpseq")


def try_same(page, recording):
    """The page has the findings of the other reports, in their order."""
    page.open()
    rows = [json.loads(line) for line in smtpseq("check", "--format=ndjson", recording).splitlines()]
    expected = [[row["rule"], row["severity"], str(row["line"])] for row in rows if row["type"] == "finding"]
    test(f"{page.name}: the list has all findings in order", page.run("return listed()"), expected)
    drawn = page.run("return drawn()")
    test(f"{page.name}: each is drawn, at its line", sorted(drawn), sorted([rule, line] for rule, _, line in expected))


def try_many(browser, folder):
    """More findings and longer sessions than a page can draw: nothing is lost, no link leads nowhere."""
    faulty = b"S: 220 mx\nC: MAIL FROM:<a@example.org>\nS: 503 hello first\nC: QUIT\nS: 221 bye\n"
    begun = b"S: 220 mx\nC: EHLO a\nS: 250 mx\n"
    noops, mails = b"C: NOOP\nS: 250 ok\n", b"C: MAIL FROM:<a@example.org>\nS: 503 nested\n"
    recording = folder / "many.txt"
    recording.write_bytes(begun + noops * 500 + b"C: DATA\nS: 503 no\n" + b"C: MAIL FROM:<a@example.org>\nS: 250 ok\n" + mails * 500 +
                          b"C: QUIT\nS: 221 bye\n" + faulty * 1100)
    page = Page(browser, folder, "many", smtpseq("check", "--format=html", recording)).open()
    expected = [json.loads(line) for line in smtpseq("check", "--format=ndjson", recording).splitlines()]
    findings = sum(row["type"] == "finding" for row in expected)
    test("many findings are folded", page.run("return !document.querySelector('main > details').open"))
    test("all of them are in the list", page.run("return document.querySelectorAll('.all > li').length"), findings)
    test("1000 are drawn", page.run("return document.querySelectorAll('.fault').length"), 1000)
    test("how many are not is said", f"The first 1000 findings are drawn; {findings - 1000} more are in the list." in
         page.run("return document.body.textContent"))
    text = page.run("return [...document.querySelectorAll('.run summary, .run .body')].map(e => e.textContent)")
    test("long runs are folded, and drawn in part", text, [
        "498 exchanges in order, lines 6 to 1000", "298 exchanges more, not drawn here",
        "499 exchanges, 498 of them out of order, lines 1012 to 2008", "299 exchanges more, not drawn here"])
    test("what is drawn is whole", page.run("return structure()"), [])


def try_very_many(browser, folder):
    """100,000 findings: a page that opens. What is not listed is counted, with the command that lists it."""
    session = b"S: 220 mx\nC: MAIL FROM:<a@example.org>\nS: 503 hello first\nC: QUIT\nS: 221 bye\n"
    recording = folder / "very-many.txt"
    recording.write_bytes(session * 100000)
    report = smtpseq("check", "--format=html", recording)
    test("a page of 100,000 findings is below 4 MB", len(report) < 4000000)
    page = Page(browser, folder, "very-many", report).open()
    test("of a rule 3000 are listed", page.run("return document.querySelectorAll('.all > li').length"), 3000)
    test("the others are counted", "and 97000 more, not listed here: smtpseq check --rule=mail-before-hello --format=gcc" in
         page.run("return document.body.textContent"))
    test("no link leads nowhere", page.run("return [...document.querySelectorAll('a[href^=\"#\"]')]"
                                           ".filter(a => !document.getElementById(a.hash.slice(1))).length"), 0)


def main():
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        causes = folder / "causes.txt"
        causes.write_bytes(subprocess.run(["sh", HERE.parent / "cli/input/causes.sh"], capture_output=True, check=True).stdout)
        recordings = {name: RECORDINGS / f"{name}.txt" for name in ("clean", "faulty", "hostile")} | {"causes": causes}
        browser = chromium.start(120)
        try:
            pages = {name: Page(browser, folder, name, smtpseq("check", "--format=html", path)) for name, path in recordings.items()}
            for name, page in pages.items():
                try_everywhere(page)
                try_same(page, recordings[name])
            replayed = Page(browser, folder, "replayed", smtpseq("replay", "--format=html", recordings["hostile"]))
            try_everywhere(replayed)
            try_everywhere(Page(browser, folder, "rules", smtpseq("rules", "--format=html")))
            try_coverage(Page(browser, folder, "coverage", smtpseq("coverage", "--format=html", *recordings.values())))
            try_finding(pages["faulty"])
            try_keyboard(pages["faulty"])
            try_folded(pages["causes"])
            try_hostile(pages["hostile"])
            try_hostile(replayed)
            try_many(browser, folder)
            try_very_many(browser, folder)
        finally:
            browser.quit()
    print(f"1..{len(TESTS)}")
    return 0 if all(TESTS) else 1


if __name__ == "__main__":
    sys.exit(main())
