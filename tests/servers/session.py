"""One SMTP connection, and what is played on it: the symbols of exact.py, one command at a time or in groups."""

import base64
import re
import select
import socket
import ssl

HEAD = 'From: a@example.org\r\nSubject: sequence\r\n\r\n'
# Octets that do no harm where a server takes a refused chunk for commands.
CHUNK = 'NOOP\r\n' * 5

LISTEN = object()

SYMBOLS = (
    'EHLO HELO EHLO_BAD HELO_BAD MAIL MAIL_SIZE MAIL_BAD_SYNTAX RCPT RCPT_NO RCPT_BAD_SYNTAX DATA DATA_REJ BDAT_CHUNK '
    'BDAT_LAST RSET NOOP VRFY EXPN HELP AUTH AUTH_BAD STARTTLS QUIT UNKNOWN'
).split()
LMTP_SYMBOLS = ['LHLO', 'LHLO_BAD'] + SYMBOLS


class Addresses:
    """What the symbols are said with: the server under test decides what it takes."""

    def __init__(self, sender='a@example.org', recipient='ok@example.com', refused='no@example.com',
                 user='alice', password='wonderland', authzid=''):
        def plain(secret):
            return base64.b64encode(('%s\0%s\0%s' % (authzid, user, secret)).encode()).decode()

        self.credentials = plain(password), plain('not-' + password)
        self.commands = {
            'EHLO': 'EHLO client.example.org',
            'HELO': 'HELO client.example.org',
            'LHLO': 'LHLO client.example.org',
            'LHLO_BAD': 'LHLO',
            'EHLO_BAD': 'EHLO',
            'HELO_BAD': 'HELO',
            'MAIL': 'MAIL FROM:<%s>' % sender,
            'MAIL_SIZE': 'MAIL FROM:<%s> SIZE=999999999999' % sender,
            'MAIL_BAD_SYNTAX': 'MAIL FROM <',
            'RCPT': 'RCPT TO:<%s>' % recipient,
            'RCPT_NO': 'RCPT TO:<%s>' % refused,
            'RCPT_BAD_SYNTAX': 'RCPT TO <',
            'DATA': 'DATA',
            'DATA_REJ': 'DATA',
            'RSET': 'RSET',
            'NOOP': 'NOOP',
            'VRFY': 'VRFY ' + recipient,
            'EXPN': 'EXPN ' + recipient,
            'HELP': 'HELP',
            'AUTH': 'AUTH PLAIN ' + self.credentials[0],
            'AUTH_BAD': 'AUTH PLAIN ' + self.credentials[1],
            'STARTTLS': 'STARTTLS',
            'QUIT': 'QUIT',
            'UNKNOWN': 'XYZZY',
        }


class Step:
    """A command and its reply; code is None where none came, timed_out where none came in time. octets: of a chunk;
    replies: how many came, of which this is the last (LMTP)"""

    def __init__(self, symbol, code, text, timed_out=False, octets=0, replies=1):
        self.symbol, self.code, self.text, self.timed_out, self.octets = symbol, code, text, timed_out, octets
        self.replies = replies


class Connection:
    """`chunks` says where the octets of a chunk are sent: "always" to a server that swallows those of a BDAT that it
    refuses; where the last EHLO "offered" CHUNKING; or from where it was "once offered", to a server that does not
    take it back. Where `not_swallowed` (a pattern) matches the refusal, they were read as commands; LISTEN waits
    for what the server says."""

    def __init__(self, port, addresses, timeout=10, chunks='offered', not_swallowed=None, host='127.0.0.1', lmtp=False, greeting=True):
        self.addresses, self.timeout = addresses, timeout
        self.chunks, self.not_swallowed = chunks, not_swallowed
        self.sock = socket.create_connection((host, port), timeout=timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b''
        self.chunking = False
        self.lmtp, self.recipients = lmtp, 0
        self.timed_out = False
        self.steps = []
        self.greeting = self.reply() if greeting else None

    def close(self):
        self.sock.close()

    def reply(self):
        """(code, text), or (None, '') at the end of the connection"""
        lines = []
        while True:
            while b'\n' not in self.buffer:
                try:
                    data = self.sock.recv(65536)
                except (TimeoutError, socket.timeout):
                    self.timed_out = True
                    data = b''
                except (OSError, ValueError):
                    data = b''
                if not data:
                    return None, ''
                self.buffer += data
            line, _, self.buffer = self.buffer.partition(b'\n')
            line = line.rstrip(b'\r').decode('latin-1')
            lines.append(line[4:])
            if not re.match(r'\d{3}-', line):
                return (int(line[:3]) if line[:3].isdigit() else None), '\n'.join(lines)

    def send(self, text):
        try:
            self.sock.sendall(text.encode())
        except (OSError, ValueError):
            pass  # the reply says that the connection is gone

    def octets(self, symbol):
        if symbol not in ('BDAT_CHUNK', 'BDAT_LAST'):
            return self.addresses.commands[symbol] + '\r\n'
        chunk = CHUNK if self.chunks == 'always' or self.chunking else ''
        return 'BDAT %d%s\r\n%s' % (len(chunk), ' LAST' if symbol == 'BDAT_LAST' else '', chunk)

    def take(self, symbol):
        """Reads the reply to a symbol that was sent, and does what has to follow it."""
        code, text = self.reply()
        if code == 334 and symbol.startswith('AUTH'):
            # It wants the credentials on a line of their own.
            self.send(self.addresses.credentials[symbol == 'AUTH_BAD'] + '\r\n')
            code, text = self.reply()
        octets = len(CHUNK) if self.chunks == 'always' or self.chunking else 0
        replies = 1
        if symbol == 'BDAT_LAST' and self.lmtp and code is not None and not 500 <= code <= 503:
            code, text, replies = self.rest_of_replies(code, text)
        self.steps.append(Step(symbol, code, text, self.timed_out, octets, replies))
        if code is None:
            return
        self.count_recipients(symbol, code)
        if symbol in ('EHLO', 'HELO', 'LHLO') and code < 400:
            offered = symbol != 'HELO' and re.search(r'^CHUNKING\b', text, re.M | re.I) is not None
            self.chunking = offered or (self.chunking and self.chunks == 'once offered')
        elif symbol in ('DATA', 'DATA_REJ') and code == 354:
            refused = symbol == 'DATA_REJ'
            self.send(HEAD + ('refused content' if refused else 'content') + '\r\n.\r\n')
            code, text = self.reply()
            code, text, replies = self.rest_of_replies(code, text)
            self.recipients = 0
            self.steps.append(Step('EOM_REJ' if refused else 'EOM', code, text, self.timed_out, replies=replies))
        elif symbol.startswith('BDAT') and code >= 400 and (self.chunks == 'always' or self.chunking):
            if self.octets_were_commands(text):
                for _ in range(CHUNK.count('\n')):
                    self.reply()
        elif symbol == 'STARTTLS' and code == 220:
            self.handshake()

    def count_recipients(self, symbol, code):
        if symbol.startswith('RCPT') and code < 400:
            self.recipients += 1
        elif symbol in ('MAIL', 'RSET', 'LHLO', 'BDAT_LAST') and code < 400:
            self.recipients = 0

    def rest_of_replies(self, code, text):
        """LMTP answers a message once for each recipient that it took (RFC 2033 4.2)."""
        replies = 1
        while self.lmtp and replies < self.recipients and code is not None:
            code, text = self.reply()
            replies += 1
        return code, text, replies

    def octets_were_commands(self, refusal):
        if self.not_swallowed is not LISTEN:
            return self.not_swallowed and re.search(self.not_swallowed, refusal)
        # Nothing is known of this server: it has the octets already, and would answer at once.
        try:
            return bool(self.buffer) or bool(select.select([self.sock], [], [], 0.1)[0])
        except (OSError, ValueError):
            return False

    def handshake(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            self.sock = context.wrap_socket(self.sock)
            self.chunking = self.chunking and self.chunks == 'once offered'
        except (OSError, ValueError) as error:
            if isinstance(error, (TimeoutError, socket.timeout)):
                self.timed_out = True
            self.sock.close()

    def play(self, symbol):
        self.send(self.octets(symbol))
        self.take(symbol)
        return self.steps[-1].code is not None

    def play_all(self, symbols):
        """Up to where the server hangs up, or takes QUIT; then it is closed"""
        try:
            for symbol in symbols:
                if not self.play(symbol) or (symbol == 'QUIT' and self.steps[-1].code < 400):
                    break
        finally:
            self.close()

    def play_group(self, symbols):
        """All in one packet, then all replies"""
        self.send(''.join(self.octets(symbol) for symbol in symbols))
        for symbol in symbols:
            self.take(symbol)
            if self.steps[-1].code is None:
                return False
        return True
