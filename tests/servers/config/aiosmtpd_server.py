"""aiosmtpd_server.py PORT CERT KEY: aiosmtpd with its defaults, AUTH (in TLS only) and STARTTLS."""

import asyncio
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if not address.startswith('ok@'):
            return '550 5.1.1 no such address here'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        return '550 5.7.1 content refused' if b'refused content' in envelope.content else '250 OK'


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data == LoginPassword(b'alice', b'wonderland'), handled=False)


async def main(port, cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    # The loop logs every handshake that fails; a second STARTTLS does.
    asyncio.get_running_loop().set_exception_handler(lambda loop, about: None)
    await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), hostname='mx.example.com', tls_context=context, authenticator=authenticate),
        '127.0.0.1', port, backlog=200)
    await asyncio.Event().wait()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
