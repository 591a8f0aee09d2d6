"""Learns a Mealy machine by asking: a discrimination tree (Kearns and Vazirani), counterexamples cut as Rivest and
Schapire do. A word is a tuple of symbols; an output is (code, code after the dot or None), or GONE where the
connection is closed."""

GONE = ('gone', None)

# What is asked of every state before anything else: each reply splits. To the end of a message, since some servers
# look only there whether a client has said EHLO.
FIRST = (('RCPT', 'DATA'), ('MAIL', 'RCPT', 'DATA'), ('AUTH',), ('STARTTLS',), ('BDAT_CHUNK',), ('DATA',))


class Inner:
    def __init__(self, suffix, level):
        self.suffix, self.level, self.children = suffix, level, {}


class Learner:
    """`outputs(words)` asks the server: the outputs of each word, in the order of the words"""

    def __init__(self, alphabet, outputs):
        self.alphabet, self.outputs = tuple(alphabet), outputs
        self.first = [word for word in FIRST if set(word) <= set(self.alphabet)]
        self.access = []
        self.rows = []  # rows[state][symbol] = (output, next state); empty for the closed connection
        self.root = Inner(self.first[0], 0)
        self.sift(())
        self.complete()

    def answers(self, word, suffix):
        return self.outputs([word + suffix])[0][len(word):]

    def place(self, word):
        """(the leaf's parent, the output that leads to it) of a word"""
        node = self.root
        while True:
            out = self.answers(word, node.suffix)
            child = node.children.get(out)
            if isinstance(child, Inner):
                node = child
            elif child is None and node.level + 1 < len(self.first):
                node.children[out] = node = Inner(self.first[node.level + 1], node.level + 1)
            else:
                return node, out

    def sift(self, word):
        node, out = self.place(word)
        if out not in node.children:
            self.access.append(word)
            self.rows.append({})
            node.children[out] = len(self.access) - 1
        return node.children[out]

    def closed(self, state):
        return set(self.answers(self.access[state], self.first[0])) == {GONE}

    def complete(self):
        state = 0
        while state < len(self.access):
            if not self.rows[state] and not self.closed(state):
                self.step_from(state, self.alphabet)
            state += 1

    def step_from(self, state, symbols):
        words = [self.access[state] + (symbol,) for symbol in symbols]
        # Asked at once, so that they can be played side by side.
        self.outputs([word + first for word in words for first in self.first])
        for symbol, word in zip(symbols, words):
            self.rows[state][symbol] = (self.outputs([word])[0][-1], self.sift(word))

    def suffixes(self):
        """What tells states apart, as far as is known."""
        found, nodes = [], [self.root]
        for node in nodes:
            if node.suffix not in found:
                found.append(node.suffix)
            nodes += [child for child in node.children.values() if isinstance(child, Inner)]
        return found

    def follow(self, word):
        state = 0
        for symbol in word:
            state = self.rows[state][symbol][1] if self.rows[state] else state
        return state

    def expected(self, word):
        state, out = 0, []
        for symbol in word:
            if not self.rows[state]:
                out.append(GONE)
                continue
            said, state = self.rows[state][symbol]
            out.append(said)
        return tuple(out)

    def refine(self, word):
        """Learns from a word that the machine has wrong."""
        said = self.outputs([word])[0]
        if said == self.expected(word):
            return False
        # The last place where the way taken by the machine still answers as the server does.
        for at in range(len(word)):
            suffix = word[at + 1:]
            if self.answers(self.access[self.follow(word[:at + 1])], suffix) != said[at + 1:]:
                break
        else:
            return False
        state = self.follow(word[:at + 1])
        fresh = self.access[self.follow(word[:at])] + (word[at],)
        node, out = self.place(self.access[state])
        split = Inner(suffix, len(self.first))
        node.children[out] = split
        split.children[self.answers(self.access[state], suffix)] = state
        if self.sift(fresh) == state:
            raise RuntimeError('no difference after %s' % ' '.join(fresh))
        # What led to the state that was split is asked anew.
        for before, row in enumerate(self.rows):
            for symbol, (output, following) in list(row.items()):
                if following == state:
                    row[symbol] = (output, self.sift(self.access[before] + (symbol,)))
        self.complete()
        return True
