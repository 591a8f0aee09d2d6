"""Reads a page as a strict reader of HTML would: what a browser would put right is an error here."""

import html.parser
import re

VOID = {"meta", "link", "br", "input"}
PHRASING = {"a", "button", "code", "span", "br", "label", "input", "progress", "select", "textarea"}
FLOW = {"p", "ul", "section", "div", "table", "figure", "h2", "h3", "nav", "noscript"} | PHRASING
# What may be in what; of text, see TEXT.
INSIDE = {
    "html": {"head", "body"}, "head": {"meta", "title", "link"}, "body": {"a", "header", "main", "script"}, "header": {"nav", "h1", "p"}, "main": FLOW, "section": FLOW,
    "nav": PHRASING, "div": {"table"}, "table": {"caption", "thead", "tbody"}, "thead": {"tr"}, "tbody": {"tr"}, "tr": {"th", "td"}, "td": FLOW, "th": PHRASING,
    "ul": {"li"}, "li": FLOW, "figure": {"figcaption", "pre"}, "title": set(), "a": {"code", "span"},
    "select": {"option"}, "option": set(), "progress": set(), "button": set(), "textarea": set(), "script": set(), "noscript": {"p"}, "label": {"code", "span"},
    **{tag: PHRASING for tag in ("p", "h1", "h2", "h3", "figcaption", "pre", "caption", "code", "span")},
}
TEXT = {"title", "a", "nav", "td", "th", "li", "p", "h1", "h2", "h3", "figcaption", "pre", "caption", "code", "span", "label", "option", "button"}
ATTRIBUTES = {
    "html": {"lang"}, "meta": {"charset", "name", "content", "http-equiv"}, "link": {"rel", "href", "hreflang"}, "a": {"href", "class", "lang", "hreflang"}, "th": {"scope"}, "nav": {"aria-label"},
    "textarea": {"id", "rows", "spellcheck", "autocomplete"}, "input": {"type", "id"}, "select": {"id"}, "option": {"value"}, "label": {"for"}, "script": {"src"},
    "section": {"id", "aria-label", "hidden"}, "main": {"id"}, "div": {"class", "role", "aria-label", "tabindex"}, "p": {"class", "id", "role", "hidden"},
    "span": {"class", "id", "hidden"}, "progress": {"id", "aria-label"}, "button": {"type", "id"}, "ul": {"id"},
}
TAG = re.compile(r'</?[a-z][a-z0-9]*(?: [a-z-]+="[^"<>]*"| hidden)*>')
ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|#x27);)")


class Page(html.parser.HTMLParser):
    """A page: its errors, links, headings, ids and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.errors, self.links, self.ids, self.labelled, self.headings, self.text, self.metas, self.counts = [], [], [], [], [], [], "", {}, {}
        begin = "<!DOCTYPE html>\n"
        if not text.startswith(begin):
            self.errors.append("no doctype")
        rest = TAG.sub("", text.removeprefix(begin))
        self.errors += [f"bare {sign}" for sign in "<>" if sign in rest] + [f"bare & at {found.start()}" for found in ENTITY.finditer(text)]
        self.errors += [f"control character {sign!r}" for sign in set(re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffd]", text))]
        self.feed(text)
        self.close()
        self.errors += [f"not closed: {self.open}"] if self.open else []
        self.whole()

    def whole(self):
        """What a page must have."""
        self.errors += [f"{self.counts.get(tag, 0)} of {tag}" for tag in ("html", "head", "title", "body", "h1", "main") if self.counts.get(tag, 0) != 1]
        self.errors += [f"id twice: {name}" for name in set(self.ids) if self.ids.count(name) > 1]
        self.errors += [f"label of nothing: {name}" for name in self.labelled if name not in self.ids]
        self.errors += ["a field without a label"] * (sum(self.counts.get(tag, 0) for tag in ("input", "select", "textarea")) > len(self.labelled))
        levels = [level for level, _ in self.headings]
        self.errors += [f"a heading of level {after} after {before}" for before, after in zip([0, *levels], levels) if after > before + 1]
        self.errors += ["a heading without text"] * any(not text.strip() for _, text in self.headings)
        self.errors += [f"no {name}" for name in ("charset", "viewport", "description") if not self.metas.get(name)]

    def handle_starttag(self, tag, attrs):
        parent, names = self.open[-1] if self.open else None, [name for name, _ in attrs]
        if tag not in (INSIDE.get(parent, set()) if parent else {"html"}):
            self.errors.append(f"{tag} in {parent}")
        self.errors += [f"{name} of {tag}" for name in set(names) if names.count(name) > 1 or name not in ATTRIBUTES.get(tag, set())]
        self.counts[tag] = self.counts.get(tag, 0) + 1
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.labelled += [found["for"]] if "for" in found else []
        self.links += [(tag, found["href"])] if "href" in found else []
        if tag == "meta":
            self.metas |= {"charset": found["charset"]} if "charset" in found else {found.get("name") or found.get("http-equiv"): found.get("content")}
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag in ("html", "a", "th", "script") and not {"html": "lang", "a": "href", "th": "scope", "script": "src"}[tag] in found:
            self.errors.append(f"{tag} lacks an attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.errors.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        parent = self.open[-1] if self.open else None
        if data.strip() and parent not in TEXT:
            self.errors.append(f"text in {parent}: {data.strip()[:40]}")
        if self.headings and any(re.fullmatch("h[1-6]", tag) for tag in self.open):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data
        self.text += data

    def handle_comment(self, data):
        self.errors.append("a comment")


SOUND = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="w"><meta name="description" content="d"><title>t</title></head>
<body><header><h1>t</h1></header><main id="text"><h2>u</h2></main></body></html>"""


def blind_to():
    """Errors that it does not see."""
    broken = ["<p><ul><li>a</li></ul></p>", "<p>a", "a", "<p>a & b</p>", "<p>a < b</p>", "<p>a > b</p>", "<p class=x>a</p>", '<p class="a" class="b">a</p>', "<h4>a</h4>",
              "<h2></h2>", '<section id="text"></section>', "<ul><p>a</p></ul>", "<table><tr><td>a</td></tr></table>", "<img>", "<p><a>a</a></p>", "<p>a</p></p>",
              '<p><a href="a"><a href="b">c</a></a></p>', "<!-- a -->", "<p>\x01</p>", "<script></script>", "<input>", '<label for="a">b</label>', '<p onclick="a">b</p>', "<h1>a</h1>", "<p>&nbsp;</p>"]
    yield from Page(SOUND).errors
    yield from (part for part in broken if not Page(SOUND.replace("</h2>", "</h2>" + part)).errors)
