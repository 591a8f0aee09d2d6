"""The order of SMTP commands as the RFCs have it, in plain Python.

It is written from the text of RFC 5321, 1985, 2033, 2645, 2920, 3030, 3207, 4468 and 4954, Postfix' XCLIENT_README and [MS-OXSMTP],
on purpose without a look at grammar/: two accounts of the same thing, made in different ways, that must agree.
States have the names that `smtpseq replay` prints.
"""

from dataclasses import dataclass

HELLO = ("EHLO", "HELO", "LHLO")
BEGIN = ("MAIL", "SEND", "SOML", "SAML")
ANYTIME = ("NOOP", "VRFY", "EXPN", "HELP")
CHUNK = ("BDAT", "BDAT LAST", "BURL", "BURL LAST")
TURN = ("ATRN", "TURN")
SESSION = ("ETRN", "XFORWARD")
KNOWN = HELLO + BEGIN + ANYTIME + CHUNK + SESSION + TURN + ("RCPT", "DATA", "RSET", "QUIT", "AUTH", "STARTTLS", "XCLIENT", "XEXCH50")


@dataclass
class Model:
    """What a server knows of its client. `transaction` is None, "mail", "refused", "rcpt" or "bdat"."""

    phase: str = "connect"  # connect, open, content, blob, rejected, quit, shut
    hello: bool = False
    tls: bool = False
    user: bool = False
    transaction: str | None = None
    after_tls: bool = False  # no EHLO since STARTTLS (RFC 3207 4.2)
    last_chunk: bool = False  # the previous transaction ended with BDAT LAST, nothing since

    def state(self):
        if self.phase in ("quit", "shut"):
            return "closed"
        if self.phase in ("content", "blob"):
            return "content"
        if self.phase != "open":
            return self.phase
        if self.transaction:
            return self.transaction
        return "ready" if self.hello else "greeted"

    def broken_rule(self, command):
        """The rule of smtpseq that the command breaks now; None where it is in order."""
        if self.phase in ("content", "blob"):
            return None if command == "." else "unreachable"
        if self.phase == "quit":
            return "command-after-quit"
        if self.phase == "shut":
            return None if command == "QUIT" else "command-after-421"
        if self.phase == "rejected":
            return None if command == "QUIT" else "command-after-rejected-greeting"
        if command == ".":
            return "message-without-data"
        if command not in KNOWN:
            return "unknown-command"
        if command in HELLO + ANYTIME + ("RSET", "QUIT"):  # RFC 5321 4.1.4
            return None
        if command == "STARTTLS" and self.tls:  # RFC 3207 4.2
            return "starttls-twice"
        if self.after_tls:
            return "no-hello-after-starttls"
        if command in BEGIN:
            return self.broken_by_begin()
        if command in CHUNK:
            return self.broken_by_chunk()
        if command == "XEXCH50":
            return None if self.transaction == "rcpt" else "xexch50-before-rcpt"
        if command in ("RCPT", "DATA"):
            return self.broken_in_transaction(command.lower())
        return self.broken_by_session_command(command)

    def broken_by_begin(self):
        if self.transaction == "bdat":
            return "mail-after-bdat"
        if self.transaction:
            return "nested-mail"
        return None if self.hello else "mail-before-hello"

    def broken_by_chunk(self):  # RFC 3030 2
        if self.transaction in ("rcpt", "bdat"):
            return None
        if self.transaction:
            return "bdat-before-rcpt"
        return "bdat-after-last" if self.last_chunk else "bdat-before-mail"

    def broken_in_transaction(self, verb):
        if self.transaction is None:
            return verb + "-before-mail"
        if self.transaction == "bdat":
            return verb + "-after-bdat"
        if verb == "data" and self.transaction == "mail":
            return "data-before-rcpt"
        if verb == "data" and self.transaction == "refused":
            return "data-without-valid-rcpt"
        return None

    def broken_by_session_command(self, command):
        if command == "AUTH" and self.user:  # RFC 4954 4
            return "auth-twice"
        if self.transaction:
            return {"AUTH": "auth-in-transaction", "STARTTLS": "starttls-in-transaction"}.get(
                command, "extension-in-transaction")
        if command in SESSION + TURN + ("XCLIENT",) or self.hello:
            return None
        return command.lower() + "-before-hello"

    def take(self, command, code):
        """The command has been answered; one that was out of order and refused changes nothing."""
        if code == 421:
            self.phase, self.transaction = "shut", None
            return
        # RFC 5321 4.2.1: DATA is the one command that is accepted by a 3yz; XEXCH50 does as DATA.
        accepted = 300 <= code < 400 if command in ("DATA", "XEXCH50") else 200 <= code < 300
        if command == "CONNECT":
            self.phase = "open" if accepted else "rejected"
        elif self.phase in ("rejected", "quit", "shut"):
            if command == "QUIT" and accepted and self.phase == "rejected":
                self.phase = "quit"
        elif command == ".":
            if self.phase == "content":
                self.transaction = None
            if self.phase in ("content", "blob"):
                self.phase = "open"
        elif command in CHUNK:
            self.take_chunk(command, code)
        elif command == "RCPT" and not accepted and self.transaction == "mail":
            self.transaction = "refused"
        elif accepted:
            self.accept(command)

    def take_chunk(self, command, code):
        """RFC 3030 2: refused or not, the chunks have begun, or with LAST are over."""
        if self.broken_rule(command) or (self.transaction == "rcpt" and code in (500, 502)):
            return  # out of order, or the server does not know BDAT at all
        if command.endswith("LAST"):
            self.transaction, self.last_chunk = None, True
        else:
            self.transaction = "bdat"

    def accept(self, command):
        if command in HELLO:
            self.hello, self.transaction = True, None
            self.after_tls = self.last_chunk = False
        elif command == "RSET":
            self.transaction, self.last_chunk = None, False
        elif command in BEGIN:
            self.transaction, self.last_chunk = "mail", False
        elif command == "RCPT":
            self.transaction = "rcpt"
        elif command in ("DATA", "XEXCH50"):
            self.phase = "content" if command == "DATA" else "blob"
        elif command == "AUTH":
            self.user = True
        elif command == "QUIT" or command in TURN:  # RFC 2645, RFC 1985: after TURN the roles are reversed
            self.phase, self.transaction = "quit", None
        elif command == "XCLIENT":  # a new greeting: the hello is still to come
            self.hello, self.last_chunk = False, False
        elif command == "STARTTLS":
            self.tls = self.after_tls = True
            self.hello = self.user = self.last_chunk = False
