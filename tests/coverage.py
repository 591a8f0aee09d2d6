#!/usr/bin/env python3
"""coverage.py - the pictures and the page of `smtpseq coverage`.

    coverage.py SMTPSEQ FIXTURES

What Graphviz draws differs from version to version, so what is looked at is its structure: well-formed, each edge with the
class it has in dot's language, a name and a description. The page is read as a strict reader would: nothing from outside, no
script, every header with its scope. Programs that stand in for `dot` do what a broken one might. Prints TAP.
"""

import base64
import hashlib
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

SVG = "{http://www.w3.org/2000/svg}"
POLICY = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"
EMPTY = {"meta", "link", "img", "br", "hr", "input"}


class Page(html.parser.HTMLParser):
    """The content of a page."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.crossed = [], [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.crossed.append(tag)

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def run(smtpseq, *arguments, path=None, cwd=None):
    environment = {"PATH": path or os.environ["PATH"], "LC_ALL": "C",
                   **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}}
    return subprocess.run([smtpseq, "coverage", *arguments], env=environment, cwd=cwd, capture_output=True, timeout=300,
                          check=False, stdin=subprocess.DEVNULL)


def classes(svg, kind):
    """The number of nodes or edges of each class."""
    found = [group.get("class").split() for group in svg.iter(SVG + "g")]
    return {name: sum(kind in words and name in words for words in found) for name in ("taken", "never")}


def dot_classes(source, kind):
    lines = [line for line in source.splitlines() if "class=" in line and ("->" in line) == (kind == "edge")]
    return {name: sum(f'class="{name}"' in line for line in lines) for name in ("taken", "never")}


def picture(smtpseq, recordings):
    source = run(smtpseq, "--format=dot", recordings).stdout.decode()
    drawn = run(smtpseq, "--format=svg", recordings)
    yield "dot draws it", drawn.returncode == 0
    svg = xml.fromstring(drawn.stdout)
    yield "the picture is SVG", svg.tag == SVG + "svg"
    yield "it is one image to a screen reader", svg.get("role") == "img"
    yield "its name and its description come first", [child.tag for child in svg][:2] == [SVG + "title", SVG + "desc"]
    yield "they are what it is labelled by", svg.get("aria-labelledby").split() == [child.get("id") for child in svg][:2]
    for kind in ("node", "edge"):
        expected = dot_classes(source, kind)
        yield f"{kind}s: some taken, some never: {expected}", min(expected.values()) > 0
        yield f"{kind}s have their classes", classes(svg, kind) == expected


def check_page(text):
    page = Page(text)
    yield "every element is closed", not page.open and not page.crossed
    style = re.search("<style>(.*?)</style>", text, re.DOTALL).group(1)
    policy = POLICY.format(base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())
    yield "its policy is strict", any(meta.get("http-equiv") == "Content-Security-Policy" and meta["content"] == policy
                                      for meta in page.all("meta"))
    yield "it has one style sheet, and no style elsewhere", text.count("<style") == 1 and not any(
        "style" in attributes for _, attributes in page.tags)
    yield "there is no script", not page.all("script") and not any(name.startswith("on") for _, attributes in page.tags
                                                                  for name in attributes)
    yield "nothing comes from outside", not any(
        name in ("src", "srcset", "action", "xlink:href") or (name == "href" and not value.startswith("#"))
        for _, attributes in page.tags for name, value in attributes.items()) and "url(" not in text and "@import" not in text
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    yield "ids are unique", len(ids) == len(set(ids))
    yield "links lead somewhere", all(link["href"][1:] in ids for link in page.all("a"))
    yield "headers have their scope", page.all("th") and all("scope" in header for header in page.all("th"))
    yield "what scrolls can be reached", all(box.get("tabindex") == "0" and box.get("aria-label")
                                             for box in page.all("div") if "scroll" in box.get("class", "").split())
    yield "it has a language and a width", page.all("html")[0].get("lang") == "en" and any(
        meta.get("name") == "viewport" for meta in page.all("meta"))


def page(smtpseq, recordings):
    text = run(smtpseq, "--format=html", recordings).stdout.decode()
    yield from check_page(text)
    yield "the picture is in it", len(Page(text).all("svg")) == bool(shutil.which("dot"))
    yield "what was never exercised is in it", "the server closes between two chunks" in text
    bare = run(smtpseq, "-q", "--format=html", recordings, path="/nonexistent")
    yield "without Graphviz it is a page as well", bare.returncode == 0 and not bare.stderr
    yield from (("without: " + name, done) for name, done in check_page(bare.stdout.decode()))
    yield "which has no picture and says why", not Page(bare.stdout.decode()).all("svg") and b"apt install graphviz" in bare.stdout


def hostile(smtpseq, folder):
    """A file with a malicious name."""
    name = "<script>alert('&')\"\x1b[31m\N{RIGHT-TO-LEFT OVERRIDE}\udcff.txt"
    (folder / os.fsencode(name).decode(errors="surrogateescape")).write_text("S: 220 mx\nC: QUIT\nS: 221 bye\n")
    done = run(smtpseq, "--format=html", os.fsencode(name), cwd=folder)
    text = done.stdout.decode()  # and valid UTF-8
    yield from (("hostile name: " + name, done) for name, done in check_page(text))
    yield "the name stays text", "<script>alert('&')\"\\x1b[31m\\u{202e}\ufffd.txt:1" in Page(text).text


# Programs that stand in for dot: a name, what sh does, and what comes of --format=svg: status, words on standard error.
STAND_INS = [
    ("fails", "cat >/dev/null; exit 3", 2, "dot ended with status 3"),
    ("is killed", "kill -TERM $$", 2, "dot was ended by signal 15"),
    ("says nothing", "cat >/dev/null", 2, "what dot gave is no picture"),
    ("says something else", "cat >/dev/null; echo '<html></html>'", 2, "what dot gave is no picture"),
    ("stops in the middle", "cat >/dev/null; echo '<svg><g>'", 2, "what dot gave is no picture"),
    ("says it all and fails", "cat >/dev/null; echo '<svg></svg>'; exit 1", 2, "dot ended with status 1"),
    ("never stops", "exec yes '<svg></svg>'", 2, "dot: File too large"),
    ("does not listen", "exec <&-; echo '<svg></svg>'", 0, ""),
    ("speaks before it listens",
     "echo '<svg><!--'; head -c 3000000 /dev/zero | tr '\\0' x; cat >/dev/null; echo '--></svg>'", 0, ""),
    ("complains and draws", "cat >/dev/null; echo 'no fonts' >&2; echo '<svg></svg>'", 0, ""),
]


def stand_ins(smtpseq, folder, recording):
    for number, (name, script, status, words) in enumerate(STAND_INS):
        path = folder / str(number)
        path.mkdir()
        (path / "dot").write_text("#!/bin/sh\n" + script + "\n")
        (path / "dot").chmod(0o755)
        search = f"{path}:/usr/bin:/bin"
        done = run(smtpseq, "--output=svg:" + str(path / "out.svg"), recording, path=search)
        yield f"a dot that {name}", (done.returncode == status and words in done.stderr.decode()
                                     and bool(done.stderr) == (status != 0))
        left = [entry.name for entry in path.iterdir() if entry.name != "dot"]
        yield f"a dot that {name}: the file is there when it is whole", left == (["out.svg"] if status == 0 else [])
        done = run(smtpseq, "--format=html", recording, path=search)
        drawn = len(Page(done.stdout.decode()).all("svg"))
        yield f"a dot that {name}: the page", done.returncode == 0 and drawn == (status == 0) and (
            words.encode() in done.stderr and words.encode() in done.stdout)


def main():
    smtpseq, recordings = os.path.abspath(sys.argv[1]), sys.argv[2]
    recording = os.path.join(recordings, "nested-mail", "catch.txt")
    with tempfile.TemporaryDirectory() as room:
        room = pathlib.Path(room)
        drawn = picture(smtpseq, os.path.join(recordings, "nested-mail")) if shutil.which("dot") else [("the picture # SKIP there is no dot here", True)]
        results = [*drawn, *page(smtpseq, recordings), *hostile(smtpseq, room),
                   *stand_ins(smtpseq, room, recording)]
    print(f"1..{len(results)}")
    for number, (name, done) in enumerate(results, 1):
        print("ok" if done else "not ok", number, "-", name if "# SKIP" in name else re.sub("[#\\\\]", " ", name))
    return 0 if all(done for _, done in results) else 1


if __name__ == "__main__":
    sys.exit(main())
