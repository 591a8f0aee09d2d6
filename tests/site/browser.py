#!/usr/bin/env python3
"""The checker's page in a browser: a log is typed, pasted, dropped, opened by a link; what is found shows, and nothing leaves the page.

usage: browser.py SMTPSEQ SITE

Needs chromium, chromium-driver and python3-selenium (.ci/install test), and a site with the checker (.ci/install site); without them it is
skipped. Prints TAP.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "page"))

import chromium
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SMTPSEQ, SITE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
WAIT = 300  # seconds: no test is about time
SESSION = """S: 220 mx.example.com ESMTP
C: EHLO client.example.com
S: 250 mx.example.com
C: MAIL FROM:<alice@example.com>
S: 250 2.1.0 Sender accepted
C: MAIL FROM:<carol@example.com>
S: 503 5.5.1 Nested MAIL
"""
# Makes a log of so many octets, whose last session has a fault: the page gets it as one pastes it, or as a file.
MAKE = """
window.makeLog = (size) => {
  const greeting = "S: 220 mx.example.com ESMTP\\nC: EHLO client.example.com\\nS: 250 mx.example.com\\n", end = "C: QUIT\\nS: 221 2.0.0 Bye\\n";
  const fault = `${greeting}C: DATA\\nS: 503 5.5.1 Bad sequence of commands\\n${end}`;
  return (greeting + end).repeat(Math.floor((size - fault.length) / (greeting + end).length)) + fault;
};
window.dropFile = (file) => {
  const given = new DataTransfer();
  given.items.add(file);
  document.dispatchEvent(new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true}));
};
"""
# What is seen while a file is read: the bar. When the paste began and its report came.
WATCH = """
window.bars = [];
document.getElementById("report").replaceChildren();
document.addEventListener("paste", () => window.pasted = performance.now(), {capture: true});
new MutationObserver(() => window.reported = performance.now()).observe(document.getElementById("report"), {childList: true});
const watched = document.getElementById("octets");
new MutationObserver(() => window.bars.push([document.getElementById("bar").value, watched.textContent])).observe(watched, {childList: true});
"""
PASTE = """
const done = arguments[1];
navigator.clipboard.writeText(makeLog(arguments[0])).then(() => done("ok"), (error) => done(String(error)));
"""
REACH = """
const done = arguments[0];
fetch("/style.css").then(() => done("reached"), () => done("refused"));
"""
TESTS = []


def test(name, good, note=""):
    TESTS.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(TESTS)} - {name}", flush=True)
    if not good:
        print(f"# {ascii(note)[:1500]}")


def shown(browser, word):
    """Waits until the report has the word. Returns whether it came."""
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if word in browser.find_element(By.ID, "report").text:
            return True
        time.sleep(0.05)
    return False


def requests(browser):
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"]


def use(browser, url):
    browser.get(url + "check.html")
    box = browser.find_element(By.ID, "log")
    box.send_keys(SESSION)
    test("typed: the finding shows", shown(browser, "nested-mail"), browser.find_element(By.ID, "state").text)
    test("typed: so does its session", browser.find_elements(By.CSS_SELECTOR, "#report .ladder .fault"))
    rules = {anchor.get_attribute("href") for anchor in browser.find_elements(By.CSS_SELECTOR, "#report a:has(code)")}
    test("typed: its rule is a link", rules == {url + "rules/nested-mail.html"}, rules)
    browser.find_element(By.CSS_SELECTOR, "#report a[href^='#i']").click()
    time.sleep(1)
    test("a link of the report leaves the log", browser.find_element(By.ID, "log").get_property("value") == SESSION, browser.find_element(By.ID, "log").get_property("value"))
    began = time.monotonic()
    browser.execute_script("const box = arguments[0]; box.value = arguments[1]; box.dispatchEvent(new Event('input'));", box, SESSION.replace("MAIL FROM:<alice", "RCPT TO:<alice"))
    test("changed: the report follows", shown(browser, "rcpt-before-mail"))
    print(f"# in {time.monotonic() - began:.2f} s")
    browser.execute_script(MAKE + "dropFile(new File([arguments[0]], '<b>dropped.log'));", SESSION)
    test("dropped: the file's name is text", shown(browser, "<b>dropped.log"), browser.find_element(By.ID, "report").text)
    test("dropped: how it was read shows", "transcript, 1 session, 7 lines" in browser.find_element(By.ID, "reading").text, browser.find_element(By.ID, "reading").text)
    browser.find_element(By.CSS_SELECTOR, "a[href^='check.html#']").click()
    test("an example opens", shown(browser, "data-without-valid-rcpt"), browser.find_element(By.ID, "report").text)
    test("its log is in sight", browser.execute_script("return scrollY;") == 0)
    browser.execute_script("const server = document.getElementById('server'); server.value = 'postfix'; server.dispatchEvent(new Event('change'));")
    test("a server is compared with", shown(browser, "postfix"), browser.find_element(By.ID, "report").text)


def paste(browser, size):
    """Pastes a log by the keyboard."""
    copied = browser.execute_async_script(MAKE + WATCH + PASTE, size)
    browser.find_element(By.ID, "log").send_keys(Keys.CONTROL, "v")
    test(f"pasted, {size} octets: the finding shows", shown(browser, "data-before-mail"), copied)
    print(f"# after {browser.execute_script('return window.reported - window.pasted;'):.0f} ms")


def give_much(browser, url):
    """Logs that are too long to be typed."""
    browser.get(url + "check.html")
    paste(browser, 1_000_000)
    browser.execute_script(MAKE + WATCH + "dropFile(new File([makeLog(20e6)], 'big.log'));")
    test("a large file: the finding shows", shown(browser, "data-before-mail"))
    bars = browser.execute_script("return window.bars;")
    test("its progress shows", any(0 < value < 19e6 and text.endswith("of 20.0 MB") for value, text in bars) and bars[-1][0] > 19e6, bars)
    browser.execute_script("dropFile(new File([makeLog(50e6)], 'big.log'));")
    cancel, bar = browser.find_element(By.ID, "cancel"), browser.find_element(By.ID, "bar")
    until = time.monotonic() + WAIT
    while not cancel.is_displayed() and time.monotonic() < until:
        time.sleep(0.01)
    test("the bar is one for all", (bar.aria_role, bar.accessible_name) == ("progressbar", "Octets read"), (bar.aria_role, bar.accessible_name))
    cancel.send_keys(Keys.ENTER)
    test("it can be cancelled", browser.find_element(By.ID, "state").text == "Cancelled." and not bar.is_displayed(), browser.find_element(By.ID, "state").text)
    browser.find_element(By.ID, "log").send_keys(SESSION)
    test("after that the next one is checked", shown(browser, "nested-mail"))
    browser.execute_script("dropFile(new File([new Uint8Array(51 << 20)], 'big.log'));")
    test("a file beyond the limit is not read", "50 MB" in browser.find_element(By.ID, "state").text, browser.find_element(By.ID, "state").text)


def said_when(browser, word):
    until = time.monotonic() + WAIT
    while word not in browser.find_element(By.ID, "state").text and time.monotonic() < until:
        time.sleep(0.05)
    return browser.find_element(By.ID, "state").text


def share(browser, url, folder):
    """The anonymised transcript, as a file, in the clipboard and in a link."""
    browser.get(url + "check.html")
    test("nothing to share at first", not browser.find_element(By.ID, "save").is_displayed())
    browser.find_element(By.ID, "log").send_keys(SESSION)
    shown(browser, "nested-mail")
    (folder / "log.txt").write_text(SESSION)
    expected = subprocess.run([SMTPSEQ, "export", "--anonymize", folder / "log.txt"], check=True, capture_output=True, timeout=WAIT).stdout
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    browser.find_element(By.ID, "save").send_keys(Keys.ENTER)
    saved = folder / "smtp-transcript.txt"
    said, until = said_when(browser, "downloads"), time.monotonic() + WAIT
    while not saved.exists() and time.monotonic() < until:
        time.sleep(0.05)
    test("what is saved is what the program exports", saved.exists() and saved.read_bytes() == expected, said)
    browser.find_element(By.ID, "copy").send_keys(Keys.ENTER)
    said = said_when(browser, "clipboard")
    copied = browser.execute_async_script("const done = arguments[0]; navigator.clipboard.readText().then(done, (error) => done(String(error)));")
    test("so is what is copied", copied.encode() == expected, (said, copied))
    browser.find_element(By.ID, "link").send_keys(Keys.ENTER)
    said_when(browser, "link")
    made = browser.find_element(By.CSS_SELECTOR, "#made a")
    test("a link is made", made.is_displayed() and made.get_attribute("href").startswith(url + "check.html#"), made.get_attribute("href"))
    address = made.get_attribute("href")
    browser.get("about:blank")
    browser.get(address)
    test("the link opens the same", shown(browser, "nested-mail") and browser.find_element(By.ID, "log").get_property("value").encode() == expected)
    browser.execute_script("const box = arguments[0]; box.value = 'hello'; box.dispatchEvent(new Event('input'));", browser.find_element(By.ID, "log"))
    said_when(browser, "could not")
    test("what is no session is not shared", not browser.find_element(By.ID, "save").is_displayed() and "no SMTP session" in browser.find_element(By.ID, "reading").text)


def closed(browser, url):
    """Nothing has left the page, nor can it."""
    test("nothing else is asked for", not [place for place in requests(browser) if not place.startswith((url, "blob:" + url, "data:"))])
    test("the log is not in a request", all("#" not in path and len(path) < 60 for path in chromium.Quiet.asked), chromium.Quiet.asked)
    errors = [entry["message"] for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    test("the console is empty", not errors, errors)
    test("the page cannot connect", browser.execute_async_script(REACH) == "refused")


def in_indonesian(browser, url):
    browser.get(url + "id/check.html")
    browser.find_element(By.ID, "log").send_keys(SESSION)
    test("in Indonesian: the finding shows", shown(browser, "nested-mail"), browser.find_element(By.ID, "state").text)
    report = browser.find_element(By.ID, "report").text
    test("in Indonesian: in its words", "MAIL di dalam transaksi" in report and "Periksa log" in browser.title, report)
    rules = {anchor.get_attribute("href") for anchor in browser.find_elements(By.CSS_SELECTOR, "#report a:has(code)")}
    test("in Indonesian: its rule is a link to the page there", rules == {url + "id/rules/nested-mail.html"}, rules)


def main():
    if not (SITE / "program.js").exists():
        print("1..0 # SKIP the site has no checker: .ci/install site, then meson setup --reconfigure and meson compile site")
        return 0
    with chromium.over(SITE, WAIT) as (browser, url):
        browser.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
        use(browser, url)
        in_indonesian(browser, url)
        give_much(browser, url)
        with tempfile.TemporaryDirectory() as folder:
            share(browser, url, pathlib.Path(folder))
        closed(browser, url)
    print(f"1..{len(TESTS)}")
    return 0 if all(TESTS) else 1


if __name__ == "__main__":
    sys.exit(main())
