"""The languages of the site: what it says is looked up as the program's own texts are, by the English ones."""

import ast
import pathlib
import re


def catalogue(path):
    """The texts of a .po file: of those with a plural, the first form."""
    texts, entry, field = {}, {}, None
    for line in [*pathlib.Path(path).read_text(encoding="utf-8").splitlines(), ""]:
        begun = re.fullmatch(r'(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?) (".*")', line)
        if begun:
            field = begun[1]
            entry[field] = ast.literal_eval(begun[2])
        elif line.startswith('"') and field:
            entry[field] += ast.literal_eval(line)
        elif not line.strip() and entry:
            texts[entry["msgid"]] = entry.get("msgstr", entry.get("msgstr[0]"))
            entry, field = {}, None
    return texts


class Language:
    """`folder`: where its pages are; `name`: what it calls itself; `texts`: None for the language that everything is written in."""

    def __init__(self, code, name, folder="", texts=None):
        self.code, self.name, self.folder = code, name, folder
        self.texts = texts
        self.lacking = set()

    def __call__(self, text, **words):
        """The text in this language, with words in the place of {these}. What no catalogue has is kept in `lacking`."""
        if self.texts is not None and text and not self.texts.get(text):
            self.lacking.add(text)
        else:
            text = self.texts[text] if self.texts is not None and text else text
        return text.format(**words) if words else text


def languages(source):
    """English, and each language that has a catalogue here."""
    yield Language("en", "English")
    program = pathlib.Path(source) / "po"
    for code in re.findall(r"^\w+$", (program / "LINGUAS").read_text(encoding="utf-8"), re.MULTILINE):
        own = pathlib.Path(source) / "site" / f"{code}.po"
        texts = catalogue(program / f"{code}.po") | catalogue(own)
        yield Language(code, texts["English"], f"{code}/", texts)
