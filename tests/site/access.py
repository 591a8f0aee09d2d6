#!/usr/bin/env python3
"""Every kind of page of the site, checked by axe-core: dark and light, as wide as a screen and as a phone; nothing is wrong.

usage: access.py SITE

Needs chromium, chromium-driver and python3-selenium (.ci/install test), axe-core and a site with the checker (.ci/install site);
without them it is skipped. Prints TAP.
"""

import itertools
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "page"))

import chromium
from selenium.webdriver.common.by import By

SITE = pathlib.Path(sys.argv[1]).resolve()
AXE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "smtpseq/axe-core/axe.min.js"
WAIT = 300  # seconds: no test is about time
# The checker's log has findings of each severity, and a server is compared with.
LOG = """S: 220 mx.example.com ESMTP
C: EHLO client.example.com
S: 250-mx.example.com
S: 250 PIPELINING
C: MAIL FROM:<alice@example.com>
S: 250 2.1.0 Sender accepted
C: RCPT TO:<bob@example.com>
S: 251 User not local; will forward to <bob@other.example>
C: MAIL FROM:<carol@example.com>
S: 503 5.5.1 Nested MAIL
C: DATA
S: 354 Go ahead
"""
PAGES = ["index.html", "codes/251.html", "compare/251-503.html", "enhanced/index.html", "rules/nested-mail.html", "servers/index.html", "servers/postfix.html", "check.html", "id/compare/251-503.html",
         "id/check.html"]
RUN = """
const done = arguments[0];
axe.run(document, {resultTypes: ["violations"]}).then(
  ({ violations }) => done(violations.map((rule) => `${rule.id}: ${rule.help}: ${rule.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3)}`)),
  (error) => done([String(error)]));
"""
# What axe-core has to see: a button without a name, and text that cannot be read.
FAULTS = 'document.querySelector("main").insertAdjacentHTML("beforeend", "<button></button><p class=faint>faint</p>"); document.querySelector(".faint").style.cssText = "color: #888; background: #999";'


def fill_checker(browser):
    box = browser.find_element(By.ID, "log")
    browser.execute_script("document.getElementById('server').value = 'postfix';")
    browser.execute_script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'));", box, LOG)
    until = time.monotonic() + WAIT
    while not browser.find_elements(By.CSS_SELECTOR, "#report .ladder .fault") and time.monotonic() < until:
        time.sleep(0.05)
    return browser.find_elements(By.CSS_SELECTOR, "#report .ladder .fault")


def looks(browser, width, scheme):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})


def wrong(browser, url, axe, path, faults=""):
    """What axe-core has against a page, and what a phone has: text beside the screen."""
    browser.get(url + path)
    if path == "check.html" and not fill_checker(browser):
        return ["the checker does not check"]
    browser.execute_script(faults)
    browser.execute_script(axe)
    beside = browser.execute_script("return document.documentElement.scrollWidth - innerWidth;")
    return browser.execute_async_script(RUN) + ([f"{beside} px beside the screen"] if beside > 0 else [])


def test(results, name, found):
    results.append(not found)
    print(f"{'not ok' if found else 'ok'} {len(results)} - {name}", flush=True)
    for line in found[:10]:
        print("#", ascii(line)[:400])


def main():
    if not AXE.exists():
        print("1..0 # SKIP there is no axe-core here; see .ci/install site")
        return 0
    if not (SITE / "program.js").exists():
        print("1..0 # SKIP the site has no checker: .ci/install site, then meson setup --reconfigure and meson compile site")
        return 0
    axe, results = AXE.read_text(encoding="utf-8"), []
    with chromium.over(SITE, WAIT) as (browser, url):
        for width, scheme in itertools.product((1280, 390), ("light", "dark")):
            looks(browser, width, scheme)
            for path in PAGES:
                test(results, f"{path}, {scheme}, {width} px", wrong(browser, url, axe, path))
        seen = wrong(browser, url, axe, "index.html", FAULTS)
        test(results, "faults are seen", [name for name in ("button-name", "color-contrast") if not any(line.startswith(name) for line in seen)])
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
