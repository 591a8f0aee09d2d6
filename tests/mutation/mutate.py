#!/usr/bin/env python3
"""Changes the condition of each rule, one at a time, and demands that the tests notice.

    mutate.py [--only RULE,...] [--jobs N] [--keep]

The tree is copied; there each change is made, what it touches is built, and the suites below are run until one fails. A change
that survives, a pattern that is no longer in its file exactly once, and a rule of `smtpseq rules` without a row are failures.
Takes about 10 seconds for a rule.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SUITES = ["rules", "cli", "redaction", "conversation", "session", "server", "model"]

FIRST = ["check_rules"]  # enough for nearly all; the others are built for what gets past it
OTHERS = ["smtpseq:executable", *(f"check_{name}" for name in ("redaction", "conversation", "session", "server"))]

EXTENSION, FORWARDING, JUDGE = "extension_rules.c", "forwarding_rules.c", "judge.c"
ORDER, PIPELINING, REPLY, SERVER = "order_rules.c", "pipelining_rules.c", "reply_rules.c", "server_rules.c"
LINE, SAFETY, SYNTAX = "line_rules.c", "safety_rules.c", "syntax_rules.c"

# rule: file, pattern (a text that is there once), what stands there instead
ROWS = {
    "command-before-greeting": (PIPELINING, "exchange->flags & EXCHANGE_BEFORE_GREETING", "!(exchange->flags & EXCHANGE_BEFORE_GREETING)"),
    "message-without-data": (ORDER, "if (!text || !follows || (!dot && !reads_like_message(exchange)))", "if (text)"),
    "pipelining-not-offered": (PIPELINING, "|| session_offers(session, EXTENSION_PIPELINING))", "|| !session_offers(session, EXTENSION_PIPELINING))"),
    "pipelined-past-sync-point": (PIPELINING, "} else if (judge->last_sync.set && judge->last_sync.number >= exchange->answered) {",
                                  "} else if (judge->last_sync.set && judge->last_sync.number < exchange->answered) {"),
    "starttls-injection": (PIPELINING, "if (judge->last_starttls.set && judge->last_starttls.number >= exchange->answered) {",
                           "if (judge->last_starttls.set && judge->last_starttls.number < exchange->answered) {"),
    "refused-in-pipeline": (ORDER, "if (exchange_code(exchange) >= 400)\n            refused_in_pipeline", "if (exchange_code(exchange) < 400)\n            refused_in_pipeline"),
    "auth-not-offered": (EXTENSION, "extension_not_offered(judgement, RULE_auth_not_offered, EXTENSION_AUTH)",
                         "extension_not_offered(judgement, RULE_auth_not_offered, EXTENSION_SIZE)"),
    "starttls-not-offered": (EXTENSION, "extension_not_offered(judgement, RULE_starttls_not_offered, EXTENSION_STARTTLS)",
                             "extension_not_offered(judgement, RULE_starttls_not_offered, EXTENSION_SIZE)"),
    "bdat-not-offered": (EXTENSION, "extension_not_offered(judgement, RULE_bdat_not_offered, EXTENSION_CHUNKING)",
                         "extension_not_offered(judgement, RULE_bdat_not_offered, EXTENSION_SIZE)"),
    "parameter-not-offered": (EXTENSION, "if (session_offers(session, extension))\n            return;", "if (!session_offers(session, extension))\n            return;"),
    "transaction-abandoned": (EXTENSION, "if (!judgement->verdict->taken || (state", "if (judgement->verdict->taken || (state"),
    "unexpected-503": (REPLY, "if (exchange_code(exchange) == 503 && !follows_failed_chunk(judgement))", "if (exchange_code(exchange) == 503 && follows_failed_chunk(judgement))"),
    "reply-code-unexpected": (REPLY, "if (exchange->flags & EXCHANGE_MISFIT) {", "if (!(exchange->flags & EXCHANGE_MISFIT)) {"),
    "reply-missing": (REPLY, "if (exchange->flags & EXCHANGE_MISSING) {", "if (!(exchange->flags & EXCHANGE_MISSING)) {"),
    "reply-extra": (JUDGE, "[STRAY_EXTRA] = RULE_reply_extra", "[STRAY_EXTRA] = RULE_reply_malformed"),
    "reply-mixed-codes": (JUDGE, "[STRAY_MIXED] = RULE_reply_mixed_codes", "[STRAY_MIXED] = RULE_reply_extra"),
    "reply-malformed": (JUDGE, "[STRAY_MALFORMED] = RULE_reply_malformed", "[STRAY_MALFORMED] = RULE_reply_extra"),
    "session-truncated": (JUDGE, "if (end->truncated) {", "if (!end->truncated) {"),
    "forward-251": (FORWARDING, "(code == 251 ? RULE_forward_251 : RULE_moved_551)", "(code == 551 ? RULE_forward_251 : RULE_moved_551)"),
    "moved-551": (FORWARDING, "code != 251 && code != 551 && code != 252", "code != 251 && code != 552 && code != 252"),
    "forward-path-missing": (FORWARDING, "rule = path.size == 0 ? RULE_forward_path_missing", "rule = path.size != 0 ? RULE_forward_path_missing"),
    "unverified-252": (FORWARDING, "code != 251 && code != 551 && code != 252", "code != 251 && code != 551 && code != 253"),
    "refused-by-server": (SERVER, "if (!predictions[i].for_order)", "if (predictions[i].for_order)"),
    "malformed-command": (SYNTAX, "if (!flaw.what || is_redacted(exchange->argument))", "if (!flaw.what || !is_redacted(exchange->argument))"),
    "line-too-long": (LINE, "if (exchange->length <= most ||", "if (exchange->length > most ||"),
    "bare-newline": (LINE, "if (exchange->flags & (EXCHANGE_BARE_LF | EXCHANGE_BARE_CR))", "if (!(exchange->flags & (EXCHANGE_BARE_LF | EXCHANGE_BARE_CR)))"),
    "smuggled-end-of-data": (LINE, "begin(judgement, STANDING_SMUGGLED, RULE_smuggled_end_of_data,", "begin(judgement, STANDING_SMUGGLED, RULE_bare_newline,"),
    "auth-without-tls": (SAFETY, "if (!password || encrypted ||", "if (!password || !encrypted ||"),
    "credentials-in-transcript": (SAFETY, "if (stands(judgement, STANDING_SECRET, place->line))", "if (!stands(judgement, STANDING_SECRET, place->line))"),
}


def registry_row(registry, name):
    """A rule of order stands in the registry as states and commands; the look-up is changed to pass over it."""
    block = re.search(r'RULE\((\w+), "SQ\d+", "' + re.escape(name) + r'".*?STATES\(([^)]*)\)', registry, re.DOTALL)
    if not block or block[2].strip() == "0":
        return None
    found = "if ((rule->states & states) &&"
    return "rules.c", found, f"if (i != RULE_{block[1]} && (rule->states & states) &&"


def run(arguments, folder, **options):
    return subprocess.run(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)


class Tree:
    """A copy of the sources, built once."""

    def __init__(self, folder, jobs):
        self.folder = os.path.join(folder, "tree")
        self.build = os.path.join(folder, "build")
        self.jobs = str(jobs)
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        for path in filter(None, tracked):
            target = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, path), target, follow_symlinks=False)
        done = run(["meson", "setup", self.build, self.folder, "-Dtests=enabled", "--buildtype=plain"], self.folder)
        if done.returncode or self.compile(FIRST + OTHERS) is not None:
            sys.exit("mutate: the tree does not build:\n" + done.stdout.decode()[-2000:])

    def compile(self, targets):
        done = run(["meson", "compile", "-C", self.build, "-j", self.jobs, *targets], self.folder)
        return done.stdout.decode()[-2000:] if done.returncode else None

    def failing_suite(self):
        """The first suite that fails; None when all pass."""
        for suite in SUITES:
            if suite == SUITES[1] and self.compile(OTHERS):
                return "the build"
            if run(["meson", "test", "-C", self.build, "--no-rebuild", suite], self.folder).returncode:
                return suite
        return None

    def try_change(self, name, old, new):
        """What came of a change: a suite that noticed it, or what is wrong."""
        path = os.path.join(self.folder, "src", "rules", name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if text.count(old) != 1:
            return None, f"the pattern is in {name} {text.count(old)} times: {old!r}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
        try:
            trouble = self.compile(FIRST)
            if trouble:
                return None, "does not build:\n" + trouble
            suite = self.failing_suite()
            return suite, None if suite else "survives"
        finally:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="rules, with commas between them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", action="store_true", help="leave the copy where it is")
    options = parser.parse_args()
    with open(os.path.join(ROOT, "src", "rules", "registry.def"), encoding="utf-8") as file:
        registry = file.read()
    names = re.findall(r'RULE\(\w+, "SQ\d+", "([\w-]+)"', registry)
    only = [name for name in options.only.split(",") if name]
    failed = 0
    folder = tempfile.mkdtemp(prefix="smtpseq-mutation-")
    try:
        tree = Tree(folder, options.jobs)
        first = tree.failing_suite()
        if first:
            sys.exit(f"mutate: {first} fails before anything is changed")
        for number, name in enumerate(only or names):
            row = ROWS.get(name) or registry_row(registry, name)
            suite, trouble = tree.try_change(*row) if row else (None, "no row in the table")
            failed += trouble is not None
            print(f"{'not ok' if trouble else 'ok'} {number + 1} - {name}: {'noticed by ' + suite if suite else trouble}", flush=True)
        print(f"1..{len(only or names)}")
        print(f"# {len(only or names)} rules changed, {failed} not noticed")
    finally:
        if not options.keep:
            shutil.rmtree(folder)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
