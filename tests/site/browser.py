#!/usr/bin/env python3
"""The checker's page in a browser: a log is typed, dropped, opened by a link; what is found shows, and nothing leaves the page.

usage: browser.py SITE

Needs chromium, chromium-driver and python3-selenium (.ci/install test), and a site with the checker (.ci/install site); without them it is
skipped. Prints TAP.
"""

import functools
import http.server
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "page"))

import chromium
from selenium.webdriver.common.by import By

SITE = pathlib.Path(sys.argv[1]).resolve()
WAIT = 300  # seconds: no test is about time
SESSION = """S: 220 mx.example.com ESMTP
C: EHLO client.example.com
S: 250 mx.example.com
C: MAIL FROM:<alice@example.com>
S: 250 2.1.0 Sender accepted
C: MAIL FROM:<carol@example.com>
S: 503 5.5.1 Nested MAIL
"""
DROP = """
const given = new DataTransfer();
given.items.add(new File([arguments[0]], "<b>dropped.log", {type: "text/plain"}));
document.dispatchEvent(new DragEvent("drop", {dataTransfer: given, bubbles: true, cancelable: true}));
"""
REACH = """
const done = arguments[0];
fetch("/style.css").then(() => done("reached"), () => done("refused"));
"""
TESTS = []


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked = []

    def log_message(self, *_):
        self.asked.append(self.path)


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
    browser.find_element(By.CSS_SELECTOR, "#report a[href^='#i']").click()
    time.sleep(1)
    test("a link of the report leaves the log", browser.find_element(By.ID, "log").get_property("value") == SESSION, browser.find_element(By.ID, "log").get_property("value"))
    began = time.monotonic()
    browser.execute_script("const box = arguments[0]; box.value = arguments[1]; box.dispatchEvent(new Event('input'));", box, SESSION.replace("MAIL FROM:<alice", "RCPT TO:<alice"))
    test("changed: the report follows", shown(browser, "rcpt-before-mail"))
    print(f"# in {time.monotonic() - began:.2f} s")
    browser.execute_script(DROP, SESSION)
    test("dropped: the file's name is text", shown(browser, "<b>dropped.log"), browser.find_element(By.ID, "report").text)
    links = browser.find_elements(By.CSS_SELECTOR, "main li a")
    links[0].click()
    test("an example opens", shown(browser, "data-without-valid-rcpt"), browser.find_element(By.ID, "report").text)
    browser.execute_script("const server = document.getElementById('server'); server.value = 'postfix'; server.dispatchEvent(new Event('change'));")
    test("a server is compared with", shown(browser, "postfix"), browser.find_element(By.ID, "report").text)
    test("nothing else is asked for", not [place for place in requests(browser) if not place.startswith((url, "blob:" + url, "data:"))])
    test("the log is not in a request", all("#" not in path and len(path) < 60 for path in Quiet.asked), Quiet.asked)
    errors = [entry["message"] for entry in browser.get_log("browser") if "favicon" not in entry["message"]]
    test("the console is empty", not errors, errors)
    test("the page cannot connect", browser.execute_async_script(REACH) == "refused")


def main():
    if not (SITE / "program.js").exists():
        print("1..0 # SKIP the site has no checker: .ci/install site, then meson setup --reconfigure and meson compile site")
        return 0
    browser = chromium.start(WAIT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        use(browser, f"http://127.0.0.1:{server.server_address[1]}/")
    finally:
        browser.quit()
        server.shutdown()
    print(f"1..{len(TESTS)}")
    return 0 if all(TESTS) else 1


if __name__ == "__main__":
    sys.exit(main())
