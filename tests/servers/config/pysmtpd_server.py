"""pysmtpd_server.py PORT: the smtpd module that Python had up to 3.11."""

import sys
import warnings

warnings.simplefilter('ignore')
import asyncore  # noqa: E402
import smtpd  # noqa: E402


class Server(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **options):
        return '550 content refused' if b'refused content' in data else None


smtpd.socket.getfqdn = lambda *names: 'mx.example.com'
Server(('127.0.0.1', int(sys.argv[1])), None)
asyncore.loop()
