"""The aiosmtpd servers of the fixtures, with a few addresses that answer in their own way."""
import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

RCPT = {
    "nobody@example.com": "550 5.1.1 No such user",
    "ghost@example.com": "550 5.1.1 No such user",
    "old@example.com": "551 5.1.6 User not local; please try <new@example.net>",
    "forward@example.com": "251 2.1.5 User not local; will forward to <fay@example.net>",
}
VRFY = {
    "bob": "250 Bob Example <bob@example.com>",
    "fay": "251 User not local; will forward to <fay@example.net>",
    "old": "551 User not local; please try <new@example.net>",
}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        reply = RCPT.get(address.lower(), "250 OK")
        if reply[0] == "2":
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address.startswith("spam@"):
            return "550 5.7.1 Sender refused"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if b"eicar" in envelope.content.lower():
            return "554 5.7.1 Message refused: virus found"
        return "250 OK: message accepted for delivery"

    async def handle_VRFY(self, server, session, envelope, address):
        return VRFY.get(address.lower(), "252 Cannot VRFY user, but will accept message and attempt delivery")


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data == LoginPassword(b"alice", b"wonderland")
    return AuthResult(success=good, handled=False)


async def main(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    loop = asyncio.get_running_loop()
    common = dict(hostname="mail.example.com", ident="Python SMTP 1.4.3")
    await loop.create_server(lambda: SMTP(Handler(), **common), "127.0.0.1", 16025)
    await loop.create_server(lambda: SMTP(Handler(), **common, tls_context=context, authenticator=authenticate),
                             "127.0.0.1", 16026)
    await loop.create_server(lambda: SMTP(Handler(), **common, data_size_limit=None, decode_data=True), "127.0.0.1", 16027)
    await loop.create_server(lambda: SMTP(Handler(), **common, authenticator=authenticate, auth_require_tls=False),
                             "127.0.0.1", 16028)
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], sys.argv[2]))
