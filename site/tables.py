"""What the pages are made of: the program's own tables, as its JSON has them."""

import functools
import json
import pathlib
import re
import subprocess

TOPICS_MAX = 64  # of `smtpseq explain`


class Tables:
    """The reply codes, enhanced codes, rules and servers of a program; `source`: the tree it was built from, whose tables list them."""

    def __init__(self, smtpseq, source):
        self.smtpseq = smtpseq
        source = pathlib.Path(source)
        codes = re.findall(r"^REPLY\((\d+),", (source / "src/explain/replies.def").read_text(), re.M)
        enhanced = re.findall(r"^CODE\((\d+), (\d+),", (source / "src/smtp/enhanced_codes.def").read_text(), re.M)
        self.pairs = re.findall(r"^DIFFERENCE\((\d+), (\d+),", (source / "src/explain/differences.def").read_text(), re.M)
        self.rules = self.topics([rule["name"] for rule in self.ask("rules")])
        self.codes = self.topics(codes)
        self.enhanced = self.topics([f"X.{subject}.{detail}" for subject, detail in enhanced])
        self.servers = self.ask("servers")
        self.matrix = {row["rule"]: row["servers"] for row in self.ask("servers", "--matrix")}

    def ask(self, command, *arguments):
        done = subprocess.run([self.smtpseq, command, "--format=json", *arguments], check=True, stdout=subprocess.PIPE, timeout=120)
        return json.loads(done.stdout)

    def topics(self, names):
        """What `explain` says of each, by name."""
        found = {}
        for first in range(0, len(names), TOPICS_MAX):
            parts = self.ask("explain", *names[first:first + TOPICS_MAX])
            found |= {part["name"]: part for part in parts if "name" in part}
        return found

    @functools.cache
    def difference(self, pair):
        """What tells two codes apart, and what each of them calls for."""
        parts = {part["section"]: part for part in self.ask("explain", *pair) if "section" in part}
        return parts["Differences"]["text"], {row["topic"]: row["calls_for"] for row in parts["In short"]["topics"]}


def rules_of(topic):
    """The names of the rules in the field of a reply code: "forward-251 (SQ042), ..."."""
    return re.findall(r"([a-z0-9-]+) \(SQ\d+\)", topic.get("rules", ""))
