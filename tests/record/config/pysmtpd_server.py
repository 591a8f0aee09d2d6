"""The smtpd module that Python had up to 3.11: refuses a second EHLO with 503."""
import asyncore
import warnings

warnings.simplefilter("ignore")
import smtpd  # noqa: E402


class Server(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **kwargs):
        return None


smtpd.socket.getfqdn = lambda *args: "relay.example.net"
Server(("127.0.0.1", 17025), None)
asyncore.loop()
