"""twisted_server.py PORT CERT KEY: twisted.mail.smtp.ESMTP with its defaults, AUTH PLAIN and STARTTLS."""

import sys

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.internet import defer, reactor, ssl
from twisted.internet.protocol import ServerFactory
from twisted.mail import smtp
from twisted.mail.imap4 import PLAINCredentials
from zope.interface import implementer


@implementer(smtp.IMessage)
class Message:
    def __init__(self):
        self.refused = False

    def lineReceived(self, line):
        self.refused = self.refused or b'refused content' in line

    def eomReceived(self):
        if self.refused:
            return defer.fail(smtp.SMTPServerError(550, 'content refused'))
        return defer.succeed(None)

    def connectionLost(self):
        pass


@implementer(smtp.IMessageDelivery)
class Delivery:
    def receivedHeader(self, helo, origin, recipients):
        return b''

    def validateFrom(self, helo, origin):
        return origin

    def validateTo(self, user):
        if user.dest.local != b'ok':
            raise smtp.SMTPBadRcpt(user)
        return Message


@implementer(IRealm)
class Realm:
    def requestAvatar(self, avatar, mind, *interfaces):
        return smtp.IMessageDelivery, Delivery(), lambda: None


class Factory(ServerFactory):
    def __init__(self, cert, key):
        self.context = ssl.DefaultOpenSSLContextFactory(key, cert)
        self.portal = Portal(Realm(), [InMemoryUsernamePasswordDatabaseDontUse(alice=b'wonderland')])

    def buildProtocol(self, address):
        protocol = smtp.ESMTP({b'PLAIN': PLAINCredentials}, self.context)
        protocol.host, protocol.delivery, protocol.portal, protocol.factory = b'mx.example.com', Delivery(), self.portal, self
        return protocol


reactor.listenTCP(int(sys.argv[1]), Factory(sys.argv[2], sys.argv[3]), interface='127.0.0.1', backlog=200)
reactor.run()
