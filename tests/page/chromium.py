"""Starts Debian's chromium, headless: chromium, chromium-driver, python3-selenium (.ci/install test). Without them a test is skipped."""

import contextlib
import functools
import http.server
import os
import shutil
import sys
import threading

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
except ImportError:
    debian = "/usr/bin/python3"  # Debian's packages are for Debian's own Python, which need not be the first one
    if os.path.exists(debian) and not os.path.samefile(sys.executable, debian):
        os.execv(debian, [debian, *sys.argv])
    print("1..0 # SKIP there is no python3-selenium here; see .ci/install test")
    sys.exit(0)


def start(script_seconds):
    """A browser whose scripts may take so long."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        print("1..0 # SKIP there is no chromium or no chromedriver here; see .ci/install test")
        sys.exit(0)
    options = Options()
    options.binary_location = chromium
    options.add_argument("--headless=new")
    options.add_argument("--no-sandbox")  # CI runs as root
    options.add_argument("--disable-dev-shm-usage")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service(driver), options=options)
    browser.set_script_timeout(script_seconds)
    return browser


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and remembers what was asked for instead of printing it."""

    asked = []

    def log_message(self, *_):
        self.asked.append(self.path)


@contextlib.contextmanager
def over(folder, script_seconds):
    """A browser, and the address at which it finds the folder; both end with the block."""
    browser = start(script_seconds)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield browser, f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        browser.quit()
        server.shutdown()
