"""The markup of a page of the site: text, lists, tables, dialogues, and the frame around them."""

import base64
import html
import re

# Nothing but the stylesheet is loaded, and no script runs. The checker's page runs its own scripts; it cannot connect to anything.
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'"
SCRIPTED = f"{POLICY}; script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'"


def escape(text):
    return html.escape(text, quote=True)


def link(target, text):
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def prose(text):
    """Paragraphs, and a list of those that begin with "- ", as the tables of `explain` have them."""
    parts, items = [], []
    for line in [*text.split("\n"), ""]:
        if line.startswith("- "):
            items.append(escape(line[2:]))
            continue
        if items:
            parts.append(bullets(items))
            items = []
        if line:
            parts.append(f"<p>{escape(line)}</p>")
    return "\n".join(parts)


def bullets(items):
    """A list; the items are markup."""
    return "<ul>\n" + "".join(f"<li>{item}</li>\n" for item in items) + "</ul>"


def checker_link(up, lines):
    """The address of the checker with a log, in the part of it that no server sees."""
    return f"{up}check.html#{base64.urlsafe_b64encode(lines.encode()).decode()}"


def dialogue(caption, lines, opened):
    """A dialogue, its refusals marked; `opened`: the words of a link that opens it in the checker, or nothing."""
    opened = f" {link(checker_link('../', lines), opened)}" if opened else ""
    marked = [f'<span class="refused">{escape(line)}</span>' if re.match(r"S: [45]\d\d", line) else escape(line) for line in lines.splitlines()]
    return f'<figure>\n<figcaption>{escape(caption)}{opened}</figcaption>\n<pre>{chr(10).join(marked)}</pre>\n</figure>'


def table(caption, heads, rows):
    """A table whose first column names the rows; the cells are markup."""
    text = [f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0">\n<table>\n<caption>{escape(caption)}</caption>\n<thead>\n<tr>']
    text += [f'<th scope="col">{escape(head)}</th>' for head in heads]
    text.append("</tr>\n</thead>\n<tbody>\n")
    for first, *rest in rows:
        text.append(f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>\n")
    return "".join(text) + "</tbody>\n</table>\n</div>"


def section(title, *parts):
    """A section with its heading; without anything to say, nothing."""
    parts = [part for part in parts if part]
    return "\n".join([f"<section>\n<h2>{escape(title)}</h2>", *parts, "</section>"]) if parts else ""


def page(title, lead, parts, up, scripts, say, elsewhere):
    """A whole page in the language of `say`; `up` leads to the folder of the site; `elsewhere`: the languages and addresses of the same page."""
    top = "" if title == "smtpseq" else link(f"{up}{say.folder}index.html", "smtpseq") + " "
    others = " ".join(f'<a href="{escape(path)}" lang="{other.code}" hreflang="{other.code}">{escape(other.name)}</a>' for other, path in elsewhere)
    end = "".join(f'<script src="{escape(script)}"></script>\n' for script in scripts)
    return "\n".join([
        f'<!DOCTYPE html>\n<html lang="{say.code}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{SCRIPTED if scripts else POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f'<meta name="description" content="{escape(lead)}">',
        f"<title>{escape(title)}{'' if title == 'smtpseq' else ' - smtpseq'}</title>",
        *[f'<link rel="alternate" hreflang="{other.code}" href="{escape(path)}">' for other, path in elsewhere],
        f'<link rel="stylesheet" href="{up}style.css">\n</head>\n<body>',
        f'<a class="skip" href="#text">{escape(say("Skip to the text"))}</a>',
        f'<header>\n<nav aria-label="{escape(say("Site"))}">{top}{others}</nav>\n<h1>{escape(title)}</h1>\n<p class="soft">{escape(lead)}</p>\n</header>\n<main id="text">',
        *[part for part in parts if part],
        f"</main>\n{end}</body>\n</html>\n",
    ])
