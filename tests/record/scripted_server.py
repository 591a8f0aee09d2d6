"""A small SMTP server that answers correctly, except where a session script says otherwise.

It stands for the servers that misbehave: replies that are missing, surplus, mixed or malformed, and codes that do not
belong there. Overrides have the form {("MAIL", 2): ["503 5.5.1 Error", ...]}: what to send for the second MAIL. An
empty list sends nothing. ("CONNECT", 1) is the greeting, (".", 1) the reply to the first message, ("RESPONSE", 1) that to
what follows a 334.
"""
import socket
import threading

EHLO = ["250-mx.example.net Hello", "250-PIPELINING", "250-SIZE 20971520", "250-8BITMIME",
        "250-ENHANCEDSTATUSCODES", "250 HELP"]
REPLY = {
    "CONNECT": ["220 mx.example.net ESMTP service ready"],
    "HELO": ["250 mx.example.net"], "EHLO": EHLO, "LHLO": EHLO,
    "MAIL": ["250 2.1.0 Sender ok"], "RCPT": ["250 2.1.5 Recipient ok"],
    "DATA": ["354 End data with <CR><LF>.<CR><LF>"], ".": ["250 2.0.0 Message accepted"],
    "BDAT": ["250 2.0.0 Chunk accepted"],
    "RSET": ["250 2.0.0 Reset"], "NOOP": ["250 2.0.0 Ok"], "VRFY": ["252 2.5.2 Cannot verify"],
    "EXPN": ["502 5.7.0 Command disabled"], "HELP": ["214 2.0.0 See https://www.example.net/help"],
    "QUIT": ["221 2.0.0 Closing connection"],
}


class Connection:
    def __init__(self, sock, overrides):
        self.sock, self.overrides, self.seen = sock, overrides, {}
        self.file = sock.makefile("rb")

    def answer(self, verb):
        n = self.seen[verb] = self.seen.get(verb, 0) + 1
        lines = self.overrides.get((verb, n), REPLY.get(verb, ["500 5.5.1 Command unrecognized"]))
        self.sock.sendall(b"".join(line.encode() + b"\r\n" for line in lines))
        return lines[-1][:3] if lines else ""

    def run(self):
        lmtp, recipients = False, 0
        code = self.answer("CONNECT")
        while code != "421":
            line = self.file.readline()
            if not line:
                break
            verb = "RESPONSE" if code == "334" else line.decode("utf-8", "replace").split(" ")[0].strip().upper()
            if verb == "BDAT":
                self.file.read(int(line.split()[1]))
            code = self.answer(verb)
            if verb == "LHLO":
                lmtp = True
            elif verb in ("MAIL", "RSET"):
                recipients = 0
            elif verb == "RCPT" and code[:1] == "2":
                recipients += 1
            elif verb == "DATA" and code == "354":
                while self.file.readline() not in (b".\r\n", b""):
                    pass
                for _ in range(recipients if lmtp else 1):
                    code = self.answer(".")
            elif verb == "QUIT":
                break
        self.file.close()
        self.sock.close()


def start(overrides):
    """Serves one connection on a free port of 127.0.0.1; returns the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        sock, _ = listener.accept()
        listener.close()
        try:
            Connection(sock, overrides).run()
        except OSError:
            pass

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]
