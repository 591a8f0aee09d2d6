"""shape.py - proves from bison's own automata what the grammars promise (see grammar/session.y).

    shape.py BISON MACHINE_DUMP SESSION_Y SECURITY_Y

- there are no conflicts, and nothing in the grammars is useless;
- no state reduces late: when the outcome of an exchange has been pushed, the session is in its new
  state, without a look at the next token;
- a command is followed by outcomes only, and the outcomes that walk.c falls back on always exist, so
  that the parser is never driven into a syntax error;
- the machine's table says what the automaton says: which commands are in order in a state, and where
  each (state, command, outcome) leads;
- the comment before a state says which commands are in order there ("From here");
- each command out of order has exactly one rule in the registry, and each one in order has none.

Prints TAP.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

OUTCOMES = {"2yz", "3yz", "4yz or 5yz", "500 or 502"}
REFUSED = "4yz or 5yz"
CLOSE = "the server closes"
# What the machine tells the grammar of its own accord; each is a transition by itself.
NO_HELLO = ("no hello so far", "no hello inside TLS")
NOTICES = {CLOSE, *NO_HELLO}
TOLERATED = "taken all the same"

count = 0
failed = 0


def check(good, name, why=""):
    """One line of TAP, and after it what is wrong."""
    global count, failed
    count += 1
    failed += not good
    print(("ok" if good else "not ok"), count, "-", name)
    if not good and why:
        for line in str(why).splitlines():
            print("#", line)


class Automaton:
    """What bison says of a grammar: its rules, and the states of its parser."""

    def __init__(self, bison, grammar):
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report.xml")
            done = subprocess.run(
                [bison, "-Wall", "-Werror", "-x" + report,
                 "-o", os.path.join(folder, "parser.c"), grammar],
                stderr=subprocess.PIPE, text=True, check=False)
            self.complaint = done.stderr
            root = xml.etree.ElementTree.parse(report).getroot()
        self.rules = {}
        self.useless = [part.get("name") or part.get("number")
                        for part in root.find("grammar").iter()
                        if part.get("usefulness", "useful") != "useful"]
        for rule in root.iter("rule"):
            rhs = [symbol.text for symbol in rule.find("rhs").findall("symbol")]
            self.rules[int(rule.get("number"))] = (rule.find("lhs").text, rhs)
        self.shifts, self.gotos, self.reductions, self.solved = {}, {}, {}, []
        self.symbol_of = {}
        for state in root.find("automaton"):
            self.read_state(state)
        self.states = [rhs[0] for lhs, rhs in self.rules.values() if lhs == "session"]

    def read_state(self, state):
        number = int(state.get("number"))
        self.shifts[number], self.gotos[number] = {}, {}
        for edge in state.find("actions/transitions"):
            kind = self.shifts if edge.get("type") == "shift" else self.gotos
            name = edge.get("symbol").strip('"')
            kind[number][name] = int(edge.get("state"))
            self.symbol_of[int(edge.get("state"))] = name
        self.reductions[number] = {
            edge.get("symbol").strip('"'): edge.get("rule")
            for edge in state.find("actions/reductions") if edge.get("enabled") == "true"}
        if len(state.find("solved-conflicts")) > 0:
            self.solved.append(number)

    def is_consistent(self, state):
        """Only one thing can be done, whatever comes: the parser does it without looking."""
        return (not self.shifts[state] and not self.gotos[state]
                and list(self.reductions[state]) == ["$default"])

    def reduce(self, stack, rule):
        lhs, rhs = self.rules[int(rule)]
        rest = stack[:len(stack) - len(rhs)]
        return rest + (self.gotos[rest[-1]][lhs],)

    def push(self, stack, token):
        """A push parser: shifts the token, then reduces as long as it need not look further."""
        stack = stack + (self.shifts[stack[-1]][token],)
        while self.is_consistent(stack[-1]) and self.reductions[stack[-1]]["$default"] != "accept":
            stack = self.reduce(stack, self.reductions[stack[-1]]["$default"])
        return stack

    def expected(self, stack):
        return set(self.shifts[stack[-1]]) - {"$end"}

    def state_of(self, stack):
        """The protocol state of a stack, None in the middle of an exchange."""
        if stack == (0,):
            return "connect"
        name = self.symbol_of[stack[-1]]
        return name if len(stack) == 2 and name in self.states else None


def late_states(automaton, outcomes):
    """States reached by an outcome in which the parser would wait for the token after it."""
    found = []
    for state, edges in automaton.shifts.items():
        for token in outcomes & set(edges):
            if not automaton.is_consistent(edges[token]):
                found.append(f"state {edges[token]}, by {token} from state {state}")
    return sorted(set(found))


def walk(automaton, outcomes):
    """Plays every exchange from every state. Returns the stack of each protocol state, and what is
    wrong: an exchange after which the session is in no state, or more than outcomes after a
    command."""
    stacks, wrong = {"connect": (0,)}, []
    waiting = collections.deque([(0,)])

    def arrive(stack, what):
        state = automaton.state_of(stack)
        if state is None:
            wrong.append(f"{what}: in the middle of something")
        elif state not in stacks:
            stacks[state] = stack
            waiting.append(stack)
        elif stacks[state] != stack:
            wrong.append(f"{what}: {state} is two states of the automaton")

    while waiting:
        stack = waiting.popleft()
        state = automaton.state_of(stack)
        for first in automaton.expected(stack):
            after = automaton.push(stack, first)
            seconds = automaton.expected(after) if first == TOLERATED else {None}
            for second in seconds:
                what = f"{state}: {first} {second or ''}".strip()
                middle = automaton.push(after, second) if second else after
                if automaton.state_of(middle) is not None:
                    arrive(middle, what)
                    continue
                if not automaton.expected(middle) <= outcomes:
                    wrong.append(f"{what}: more than outcomes can follow")
                for outcome in automaton.expected(middle) & outcomes:
                    arrive(automaton.push(middle, outcome), f"{what} {outcome}")
    return stacks, wrong


def check_shape(name, automaton, outcomes):
    check(not automaton.complaint, f"{name}: bison has nothing to say", automaton.complaint)
    check(not automaton.solved, f"{name}: no conflict was solved quietly", automaton.solved)
    check(not automaton.useless, f"{name}: nothing is useless", automaton.useless)
    late = late_states(automaton, outcomes | NOTICES)
    check(not late, f"{name}: no state reduces late", "\n".join(late))
    stacks, wrong = walk(automaton, outcomes)
    check(not wrong, f"{name}: every exchange ends in a state", "\n".join(sorted(wrong)[:20]))
    missing = set(automaton.states) - set(stacks)
    check(not missing, f"{name}: every state can be reached", missing)
    return stacks


def check_fallbacks(automaton, stacks, commands):
    """The outcomes that play_in_order and play_tolerated of walk.c rely on."""
    for state, stack in sorted(stacks.items()):
        expected = automaton.expected(stack)
        deaf = [c for c in expected & commands
                if REFUSED not in automaton.expected(automaton.push(stack, c))]
        check(not deaf, f"{state}: whatever is in order can be refused", deaf)
        if expected & commands in ({"the greeting"}, {"."}):
            check(TOLERATED not in expected, f"{state}: nothing is taken out of order")
            continue
        after = automaton.push(stack, TOLERATED)
        tolerated = automaton.expected(after)
        missing = commands - expected - tolerated - {"the greeting"}
        check(not missing, f"{state}: what is out of order can be taken all the same", missing)
        deaf = [c for c in tolerated
                if not {"2yz", "3yz"} & automaton.expected(automaton.push(after, c))]
        check(not deaf, f"{state}: and has the outcome that says so", deaf)


def read_dump(program):
    """The facts of machine_dump.c, by kind."""
    facts = collections.defaultdict(list)
    text = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in text.splitlines():
        kind, *fields = line.split("\t")
        facts[kind].append(fields)
    return facts


def check_machine(automaton, stacks, reported, commands, kind):
    """What the automaton shifts is what the machine reports."""
    reported = {state: set(expected) for state, *expected in reported}
    for state, stack in sorted(stacks.items()):
        if kind == "security" and state == "connect":
            continue
        shifted = automaton.expected(stack) & commands
        shifted = {"CONNECT" if c == "the greeting" else c for c in shifted}
        check(shifted == reported.get(state),
              f"{kind} {state}: the machine expects what can be shifted",
              f"differ in {shifted ^ reported.get(state, set())}")
    check(set(reported) <= set(stacks), f"{kind}: the machine has no states of its own")


OUTCOME_ORDER = ("2yz", "3yz", REFUSED, "500 or 502")


def lead(automaton, stack, command, outcome):
    """The state to which one exchange leads: what play() of walk.c does, done again."""
    here = automaton.state_of(stack)
    if command in automaton.expected(stack):
        stack = automaton.push(stack, command)
        if outcome not in automaton.expected(stack):
            outcome = REFUSED
        return automaton.state_of(automaton.push(stack, outcome))
    for token in (TOLERATED, command, outcome):
        if token not in automaton.expected(stack):
            return here
        stack = automaton.push(stack, token)
    return automaton.state_of(stack)


def check_next(automaton, stacks, rows, kind, outcomes):
    """Every (state, command, outcome) of the table leads where the parser goes."""
    wrong, seen = [], set()
    for state, command, *found in rows:
        if state not in stacks:
            continue
        token = "the greeting" if command == "CONNECT" else command
        known = kind == "order" or command in ("AUTH", "STARTTLS")
        for outcome, next_state in zip(OUTCOME_ORDER, found):
            seen.add((state, command, outcome))
            played = outcome if outcome in outcomes else REFUSED
            right = lead(automaton, stacks[state], token, played) if known else state
            if next_state != right:
                wrong.append(f"{command} {outcome} in {state}: {next_state}, but the parser: {right}")
    check(not wrong, f"{kind}: all {len(seen)} exchanges lead where the parser goes",
          "\n".join(wrong[:20]))
    missing = [state for state in stacks if not any(key[0] == state for key in seen)]
    check(not set(missing) - {"connect"}, f"{kind}: every state has its exchanges", missing)


def check_notices(automaton, stacks, facts):
    """The same of what the machine says of its own accord."""
    def after(state, token):
        stack = stacks[state]
        expected = token in automaton.expected(stack)
        return automaton.state_of(automaton.push(stack, token)) if expected else state
    wrong = [fact for fact in facts["closed"] if fact[1] != after(fact[0], CLOSE)]
    wrong += [fact for fact in facts["no-hello"]
              if tuple(fact[1:]) != tuple(after(fact[0], token) for token in NO_HELLO)]
    check(not wrong and facts["closed"] and facts["no-hello"],
          "the server's closing, and a hello that is missing, lead where the parser goes", wrong)
    check(not facts["lost"], "some session comes into every state", facts["lost"])


def check_comments(automaton, stacks, grammar, commands):
    """"From here: ..." before a state names what is in order there. Classes of commands by their
    nonterminal; "nothing" where nothing is."""
    with open(grammar, encoding="ascii") as file:
        text = file.read()
    alias = dict(re.findall(r'^  ([A-Z_]+) +"([^"]+)"', text, re.MULTILINE))
    classes = collections.defaultdict(set)
    for lhs, rhs in automaton.rules.values():
        if len(rhs) == 1 and rhs[0].strip('"') in commands:
            classes[lhs].add(rhs[0].strip('"'))
    found = {}
    for comment, state in re.findall(r"From here: ([^.]*)\. \*/\n(\w+)\n", text.replace("\n  * ", " ")):
        names = [] if comment == "nothing" else re.split(r",\s*(?:\*\s*)?", comment)
        found["connect" if state == "session" else state] = set().union(
            *(classes.get(name, {alias.get(name, name)}) for name in names))
    for state, stack in sorted(stacks.items()):
        if state == "connect" and state not in found:
            continue
        right = automaton.expected(stack) & commands
        check(found.get(state) == right, f"{state}: the grammar's comment says what is in order",
              f"differ in {right ^ found[state]}" if state in found else "no \"From here\"")


def check_rules(facts):
    """Exactly one rule for what is out of order, none for what is in order."""
    expected = {state: set(commands) for state, *commands in facts["order"]}
    for state, command, *rules in facts["rules"]:
        if state not in expected or command == "CONNECT":
            continue
        # Lines of a message are no commands.
        wanted = 0 if expected[state] == {"."} or command in expected[state] else 1
        check(len(rules) == wanted, f"{command} in {state}: {' '.join(rules) or 'in order'}",
              f"{len(rules)} rules, not {wanted}")
    secure = {state: set(commands) for state, *commands in facts["security"]}
    for state, command, *rules in facts["rules"]:
        if state not in secure or command not in ("AUTH", "STARTTLS"):
            continue
        wanted = 0 if command in secure[state] else 1
        check(len(rules) == wanted, f"{command} when {state}: {' '.join(rules) or 'in order'}",
              f"{len(rules)} rules, not {wanted}")
    lost = [fact for fact in facts["lookup"]
            if expected[fact[0]] != {"."} and fact[2] != "CONNECT" and fact[3] == "-"]
    check(not lost, "no command out of order is without a rule, whatever the security", lost)


def check_the_check(bison, session):
    """The one mistake that bison does not warn of has to be seen here."""
    with open(session, encoding="ascii") as file:
        text = file.read()
    with tempfile.TemporaryDirectory() as folder:
        late = os.path.join(folder, "late.y")
        with open(late, "w", encoding="ascii") as file:
            file.write(text.replace("  : ready   begin OK\n",
                                    "  : ready   begin OK\n  | ready begin OK GO\n"))
        automaton = Automaton(bison, late)
        check(not automaton.complaint, "bison does not warn of a late state", automaton.complaint)
        check(late_states(automaton, OUTCOMES), "but a late state is seen")
        check(walk(automaton, OUTCOMES)[1], "and an exchange that ends in the middle of something")


def main():
    bison, dump, session_y, security_y = sys.argv[1:]
    facts = read_dump(dump)
    session = Automaton(bison, session_y)
    stacks = check_shape("session", session, OUTCOMES)
    tokens = set().union(*(set(edges) for edges in session.shifts.values()))
    commands = tokens - OUTCOMES - NOTICES - {TOLERATED, "$end"}
    check_fallbacks(session, stacks, commands)
    check_machine(session, stacks, facts["order"], commands, "order")
    check_next(session, stacks, facts["next"], "order", OUTCOMES)
    check_notices(session, stacks, facts)
    check_comments(session, stacks, session_y, commands)
    security = Automaton(bison, security_y)
    stacks = check_shape("security", security, {"2yz", REFUSED})
    check_machine(security, stacks, facts["security"], {"AUTH", "STARTTLS"}, "security")
    check_next(security, stacks, facts["security-next"], "security", {"2yz", REFUSED})
    check_comments(security, stacks, security_y, {"AUTH", "STARTTLS"})
    check_rules(facts)
    check_the_check(bison, session_y)
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
