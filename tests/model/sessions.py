"""Random sessions between a client that does anything and a server that follows the RFCs to the letter."""

from rfc_model import BEGIN, HELLO, Model

OFFER = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "STARTTLS", "AUTH PLAIN LOGIN", "ETRN", "XFORWARD NAME")

# What may stand in front of others in a pipelined group (RFC 2920 3.1, RFC 3030 4.2).
BDAT = ("BDAT", "BDAT LAST")
GROUPABLE = BEGIN + BDAT + ("RCPT", "RSET", "ETRN", "XFORWARD")

BODY = ("Subject: order", "", "MAIL FROM:<nested@example.com>", "250 2.0.0 Ok", "503 Bad sequence", "..", ".. QUIT",
        "QUIT", "C: RCPT TO:<a@example.com>", "S: 354 go ahead", "# session", "354", " .", ". ", "221 bye")

LINES = {
    "EHLO": ("EHLO client.example.org", "ehlo [192.0.2.1]"),
    "HELO": ("HELO client.example.org",),
    "LHLO": ("LHLO client.example.org",),
    "MAIL": ("MAIL FROM:<alice@example.org>", "mail from:<>", "MAIL FROM:<a@example.org> SIZE=100 BODY=8BITMIME"),
    "SEND": ("SEND FROM:<alice@example.org>",),
    "SOML": ("SOML FROM:<alice@example.org>",),
    "SAML": ("SAML FROM:<alice@example.org>",),
    "RCPT": ("RCPT TO:<bob@example.com>", "rcpt to:<bob@example.com> NOTIFY=NEVER"),
    "DATA": ("DATA", "data"),
    "RSET": ("RSET",),
    "NOOP": ("NOOP", "NOOP are you there"),
    "VRFY": ("VRFY bob",),
    "EXPN": ("EXPN staff",),
    "HELP": ("HELP", "HELP MAIL"),
    "QUIT": ("QUIT", "quit"),
    "STARTTLS": ("STARTTLS",),
    "ETRN": ("ETRN example.org",),
    "XFORWARD": ("XFORWARD NAME=client.example.org",),
    "FOO": ("FOO", "FOO bar"),
}

ACCEPTED = {"CONNECT": 220, "DATA": 354, "QUIT": 221, "STARTTLS": 220, "AUTH": 235, "VRFY": 252, "HELP": 214}
REFUSALS = {
    "CONNECT": (554,), "RCPT": (550, 450, 551, 553), "DATA": (451, 554), ".": (554, 451, 552), "AUTH": (535, 454),
    "STARTTLS": (454,), "VRFY": (550, 502), "EXPN": (550, 502), "HELP": (502,), "BDAT": (451, 552, 500),
    "BDAT LAST": (554, 451, 502), "ETRN": (458,), "XFORWARD": (501,), "EHLO": (501, 550), "HELO": (501,), "LHLO": (501,),
}


class Exchange:
    def __init__(self, command, line, state, rule):
        self.command, self.line, self.state, self.rule = command, line, state, rule
        self.codes = []
        self.next = state
        self.grouped = False  # sent before the one before it was answered
        self.offered = True  # False after HELO, which offers no extensions


class Session:
    """One session: its transcript and what is true of it."""

    def __init__(self, random, first_line, pipelined):
        self.random, self.first_line, self.pipelined = random, first_line, pipelined
        self.lines, self.exchanges, self.model = [], [], Model()
        self.lmtp, self.recipients = False, 0
        self.helo = False  # the hello in force is HELO
        self.answers = []  # of a group, to be written when all its commands are

    # The transcript.

    def client(self, text):
        self.lines.append("C: " + text)
        return self.first_line + len(self.lines) - 1

    def reply(self, code, *texts):
        texts = texts or (self.random.choice(("2.0.0 Ok", "text", "")),)
        for text in texts[:-1]:
            self.answers.append(f"S: {code}-{text}")
        self.answers.append(f"S: {code} {texts[-1]}".rstrip() if self.random.random() < .9 else f"S: {code} {texts[-1]}")

    def flush(self):
        self.lines += self.answers
        self.answers = []

    # The server.

    def decide(self, command, rule):
        if rule in ("unknown-command", "message-without-data"):
            return 500
        if rule:
            return 503
        if command != "QUIT" and self.random.random() < .01:
            return 421
        refusals = REFUSALS.get(command, (550, 451) if command in BEGIN else ())
        if self.model.transaction == "bdat":  # it has taken chunks already, so it knows BDAT
            refusals = tuple(code for code in refusals if code not in (500, 502))
        chance = .3 if command in ("RCPT", "VRFY", "EXPN") else .12
        if refusals and self.random.random() < chance:
            return self.random.choice(refusals)
        return ACCEPTED.get(command, 250)

    def serve(self, exchange, code, *texts):
        """The server has processed the command, in the state it is in now."""
        exchange.codes.append(code)
        self.reply(code, *texts)
        self.finish(exchange, code)

    def finish(self, exchange, code):
        command = exchange.command
        self.model.take(command, code)
        exchange.next = self.model.state()
        if code < 300 and command in HELLO:
            self.lmtp = command == "LHLO"
        if command == "RCPT" and code < 300:
            self.recipients += 1
        elif command in BEGIN + HELLO + ("RSET", ".", "BDAT LAST", "STARTTLS") and self.model.transaction in (None, "mail"):
            if code < 300 or command in (".", "BDAT LAST"):
                self.recipients = 0

    def begin(self, command, line):
        exchange = Exchange(command, line, self.model.state(), self.model.broken_rule(command))
        exchange.offered = not self.helo
        self.exchanges.append(exchange)
        return exchange

    # The dialogue.

    def greet(self):
        exchange = Exchange("CONNECT", self.first_line + len(self.lines), "connect", None)
        self.exchanges.append(exchange)
        self.serve(exchange, 554 if self.random.random() < .03 else 220, "mx.example.com ESMTP")
        self.flush()

    def choose(self):
        """A command: mostly one that is in order, else any."""
        likely = {"greeted": ("EHLO", "EHLO", "HELO", "LHLO"), "ready": ("MAIL", "MAIL", "MAIL", "AUTH", "STARTTLS"),
                  "mail": ("RCPT",), "refused": ("RCPT", "RSET"), "rcpt": ("RCPT", "DATA", "DATA", "BDAT", "BDAT LAST"),
                  "bdat": ("BDAT", "BDAT LAST")}.get(self.model.state())
        if likely and self.random.random() < .7:
            return self.random.choice(likely)
        return self.random.choice(tuple(LINES) + BDAT + ("AUTH",))

    def send(self, command):
        """The client's line; what belongs to it (the octets of a chunk) follows at once."""
        if command in BDAT:
            body = self.random.choices(BODY, k=self.random.randrange(0, 6))
            if body and body[0] == "QUIT":  # logs that leave the octets out look just like that
                body[0] = "RCPT TO:<a@example.com>"
            octets = sum(len(text) + 2 for text in body)
            line = self.client(f"BDAT {octets}" + (" LAST" if command == "BDAT LAST" else ""))
            for text in body:
                self.client(text)
            return line
        if command == "AUTH":
            self.auth_step = self.random.choice(("PLAIN", "LOGIN", "initial"))
            return self.client({"PLAIN": "AUTH PLAIN", "LOGIN": "auth login",
                                "initial": "AUTH PLAIN AGFsaWNlAHNlY3JldA=="}[self.auth_step])
        return self.client(self.random.choice(LINES[command]))

    def answer(self, exchange):
        command = exchange.command
        code = self.decide(command, exchange.rule)
        if command == "AUTH" and code in (235, 535) and self.auth_step != "initial":
            for _ in range(2 if self.auth_step == "LOGIN" else 1):
                exchange.codes.append(334)
                self.reply(334, self.random.choice(("VXNlcm5hbWU6", "")))
                self.flush()
                if self.random.random() < .05:
                    self.client("*")
                    code = 501
                    break
                self.client(self.random.choice(("c2VjcmV0", "QUIT", "")) or "=")
        texts = ()
        if command in ("EHLO", "LHLO") and code == 250:
            texts = ("mx.example.com",) + OFFER
        if self.lmtp and command == "BDAT LAST" and not exchange.rule and code not in (421, 500, 502):
            for _ in range(self.recipients - 1):
                exchange.codes.append(code)
                self.reply(code)
        self.serve(exchange, code, *texts)

    def message(self):
        """The client sends the message after a 354."""
        for text in self.random.choices(BODY, k=self.random.randrange(0, 8)):
            self.client(text)
        exchange = self.begin(".", self.client("."))
        codes = [self.decide(".", None) for _ in range(self.recipients if self.lmtp else 1)]
        if 421 in codes:
            codes = [421]
        for code in codes:
            exchange.codes.append(code)
            self.reply(code)
        accepted = [code for code in codes if code < 300]
        self.finish(exchange, accepted[0] if accepted else codes[-1])
        self.flush()

    def group(self):
        """Some commands in one go; only the last may be one that has to be waited for."""
        commands = [self.choose()]
        while self.pipelined and commands[-1] in GROUPABLE and self.random.random() < .75 and len(commands) < 20:
            commands.append(self.choose())
        offered = self.model.hello and not self.helo
        if not offered:
            commands = commands[:1]
        sent = [(command, self.send(command)) for command in commands]
        for index, (command, line) in enumerate(sent):
            exchange = self.begin(command, line)
            exchange.grouped = index > 0
            if self.model.phase in ("shut", "quit"):
                exchange.rule = exchange.rule if not exchange.grouped else None
                continue  # nobody answers
            self.answer(exchange)
            if command in HELLO and exchange.codes[-1] == 250:
                self.helo = command == "HELO"
            if command == "STARTTLS" and exchange.codes[-1] == 220:
                self.answers.append("# TLS begins")
        self.flush()
        if self.model.phase == "content":
            self.message()

    def run(self, length):
        self.greet()
        for _ in range(length):
            self.group()
            if self.model.phase in ("shut", "quit") and self.random.random() < .8:
                break
        return self
