#!/usr/bin/env python3
"""Real servers on 127.0.0.1 against their tables.

    live.py list [--servers DIR]             what can be started here, and why the others cannot
    live.py check [options] NAME...          plays sequences against a server and compares with its table
    live.py record [options] --table FILE NAME [HOST:PORT]
                                             plays the sequences of check in lock step, and writes what was answered as
                                             records (README of the fixtures), for sample.py

learner.py learns a table.

`.ci/install servers DIR` puts the servers into DIR (default: $SMTPSEQ_SERVERS, ~/.cache/smtpseq/servers). What is
compared, and what is said about it:

    every sequence up to length 2; every row of the table after the shortest way to its state; random sequences up
    to length 8, half of them drawn from what the server takes in its state; groups of commands in one packet where
    PIPELINING is offered. A sequence that differs is played again: what differs only once is counted as unsteady.

The tables are read and followed by exact.py, not by the program.
"""

import argparse
import collections
import concurrent.futures
import ctypes
import fcntl
import gzip
import imaplib
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import exact
import learner
import playing
import session
import table as tables

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE / 'config'
TABLES = HERE.parent.parent / 'src' / 'session' / 'servers'
USERS = """root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
ok:x:1000:1000::/nonexistent:/bin/false
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
"""
GROUPS = 'root:x:0:\ndaemon:x:1:\nmail:x:8:\nok:x:1000:\nnogroup:x:65534:\n'


class Absent(Exception):
    """Why a server cannot be started here"""


def die_with_parent():
    # A killed test leaves no server behind (PR_SET_PDEATHSIG).
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


class Saslauthd:
    """What Cyrus SASL asks whether a password is right: four strings with their lengths, OK or NO"""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        os.chmod(path, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, client.makefile('rb') as asked:
                said = []
                for _ in range(4):
                    size = asked.read(2)
                    said.append(asked.read(struct.unpack('>H', size)[0]) if len(size) == 2 else b'')
                answer = b'OK' if said[:2] == [b'alice', b'wonderland'] else b'NO'
                try:
                    client.sendall(struct.pack('>H', len(answer)) + answer)
                except OSError:
                    pass


class Server:
    """`folder` is where its package was unpacked"""

    chunks = 'offered'
    not_swallowed = None
    parallel = 8
    package = None  # the folder, if it is not the name
    lmtp = False
    timeout = 10
    answers_like = None  # a table of another version
    addresses = session.Addresses()

    def __init__(self, servers):
        self.folder = servers / (self.package or self.name)
        self.port = free_port()
        self.process = self.run = self.lock = self.saslauthd = None

    def __enter__(self):
        self.run = pathlib.Path(tempfile.mkdtemp(prefix='smtpseq-'))
        try:
            self.prepare()
            command = self.command()
            with open(self.run / 'log', 'wb') as log:
                self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/',
                                                env=self.environment(), preexec_fn=die_with_parent)
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *raised):
        self.stop()

    def environment(self):
        return {'PATH': os.environ.get('PATH', '/usr/bin:/bin'), 'LC_ALL': 'C'}

    def prepare(self):
        pass

    def logged(self):
        for log in [self.run / 'log'] + [self.folder / name for name in self.logs]:
            if log.exists():
                lines = log.read_text(errors='replace').split('\n')
                yield from [line for line in lines if line.strip()][-3:]

    logs = ()

    def wait(self):
        # A machine that is busy takes its time.
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                connection = session.Connection(self.port, session.Addresses(), timeout=5)
                connection.close()
                if connection.greeting[0] == 220:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise Absent('%s does not start: %s' % (self.name, ' / '.join(self.logged()) or 'without a word'))

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.saslauthd:
            self.saslauthd.listener.close()
        if self.lock:
            self.lock.close()
        if self.run:
            shutil.rmtree(self.run, ignore_errors=True)

    def certificate(self):
        if not shutil.which('openssl'):
            raise Absent('openssl is missing, which makes the certificate for STARTTLS')
        done = subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '3650', '-subj', '/CN=mx.example.com',
             '-keyout', self.run / 'key.pem', '-out', self.run / 'cert.pem'], capture_output=True, text=True)
        if done.returncode:
            raise Absent('openssl: ' + done.stderr.strip())

    @property
    def symbols(self):
        return session.LMTP_SYMBOLS if self.lmtp else session.SYMBOLS

    def connect(self, greeting=True):
        return session.Connection(self.port, self.addresses, timeout=self.timeout, chunks=self.chunks,
                                  not_swallowed=self.not_swallowed, lmtp=self.lmtp, greeting=greeting)


class Rooted(Server):
    """A server that runs in its folder by chroot: its users and files are its own, the machine's stay as they are"""

    def prepare(self):
        if not (self.folder / 'complete').exists():
            raise Absent('%s is not in %s (.ci/install servers)' % (self.name, self.folder.parent))
        if os.geteuid() != 0:
            raise Absent('%s needs chroot, and so root' % self.name)
        # One at a time: the folder is written to.
        self.lock = open(self.folder / 'complete')
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        for folder in ('etc', 'run', 'tmp', 'dev', 'var/log', 'var/mail', 'root'):
            (self.folder / folder).mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder / 'tmp', 0o1777)
        run = self.folder / 'var' / 'run'
        if not run.exists():
            run.symlink_to('/run')
        self.write('etc/passwd', USERS + self.users)
        self.write('etc/group', GROUPS + self.groups)
        self.write('etc/hosts', '127.0.0.1 localhost mx.example.com\n')
        self.write('etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files\n')
        self.write('etc/services', 'smtp 25/tcp\nsubmission 587/tcp\n')
        for name, minor in ('null', 3), ('zero', 5), ('urandom', 9), ('random', 8):
            device = self.folder / 'dev' / name
            device.unlink(missing_ok=True)
            try:
                os.mknod(device, 0o666 | 0o020000, os.makedev(1, minor))
                os.chmod(device, 0o666)
                with open(device, 'rb'):
                    pass
            except OSError:
                # No devices here: plain files do for what a mail server wants of them.
                device.unlink(missing_ok=True)
                device.write_bytes(b'' if name == 'null' else os.urandom(65536))
                os.chmod(device, 0o666)

    def write(self, path, text, mode=0o644, owner=0):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(text)
        os.chmod(target, mode)
        os.chown(target, owner, owner)

    def configure(self, source, path, **options):
        self.write(path, (CONFIG / source).read_text().replace('@PORT@', str(self.port)), **options)

    def install_certificate(self, cert, key, owner=0):
        self.certificate()
        self.write(cert, (self.run / 'cert.pem').read_text(), owner=owner)
        self.write(key, (self.run / 'key.pem').read_text(), mode=0o600, owner=owner)

    def empty(self, path, mode=0o755, owner=0, group=None):
        folder = self.folder / path
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        os.chmod(folder, mode)
        os.chown(folder, owner, owner if group is None else group)

    def inside(self, *command):
        return ['chroot', str(self.folder)] + list(command)

    def said(self, *command):
        done = subprocess.run(self.inside(*command), capture_output=True, text=True, env=self.environment(), timeout=20)
        return done.stdout + done.stderr


class Postfix(Rooted):
    name = 'postfix'
    settings = ''
    chunks = 'always'
    users = 'postfix:x:64101:64101::/var/spool/postfix:/bin/false\n'
    groups = 'postfix:x:64101:\npostdrop:x:64102:\n'
    logs = ('var/log/postfix.log',)

    def prepare(self):
        super().prepare()
        self.install_certificate('etc/postfix/cert.pem', 'etc/postfix/key.pem')
        for name in 'main.cf', 'master.cf', 'body_checks':
            self.configure(name, 'etc/postfix/' + name)
        with open(self.folder / 'etc/postfix/main.cf', 'a') as config:
            config.write(self.settings)
        self.write('etc/postfix/dynamicmaps.cf', '')
        self.configure('smtpd.sasl', 'etc/postfix/sasl/smtpd.conf')
        self.empty('var/spool/postfix')
        for name in 'active bounce corrupt defer deferred flush hold incoming private saved trace'.split():
            self.empty('var/spool/postfix/' + name, 0o700, 64101)
        self.empty('var/spool/postfix/pid')
        self.empty('var/spool/postfix/maildrop', 0o730, 64101, 64102)
        self.empty('var/spool/postfix/public', 0o710, 64101, 64102)
        self.empty('var/lib/postfix', owner=64101)
        self.write('var/log/postfix.log', '')
        path = self.folder / 'run' / 'saslauthd.mux'
        path.unlink(missing_ok=True)
        self.saslauthd = Saslauthd(path)

    def command(self):
        return self.inside('/usr/lib/postfix/sbin/master', '-c', '/etc/postfix', '-s')

    def version(self):
        return 'Postfix ' + self.said('/usr/sbin/postconf', '-d', '-h', 'mail_version').strip()


class PostfixHello(Postfix):
    name = 'postfix-3.7-helo-required'
    package = 'postfix'
    settings = 'smtpd_helo_required = yes\n'


class PostfixTlsAuth(Postfix):
    name = 'postfix-3.7-tls-auth-only'
    package = 'postfix'
    settings = 'smtpd_tls_auth_only = yes\n'


class PostfixSubmission(Postfix):
    name = 'postfix-3.7-submission'
    package = 'postfix'
    settings = ('smtpd_tls_security_level = encrypt\nsmtpd_helo_required = yes\n'
                'smtpd_client_restrictions = permit_sasl_authenticated, reject\n')
    # Before TLS the octets of a refused chunk are read as commands.
    not_swallowed = 'Must issue a STARTTLS'


class Exim(Rooted):
    name = 'exim'
    chunks = 'once offered'
    # Where only RSET is accepted now, and after a failed STARTTLS, it reads the octets of a chunk as commands.
    not_swallowed = r'only RSET|not advertised|Security failure'
    users = 'Debian-exim:x:64103:64103::/var/spool/exim4:/bin/false\n'
    groups = 'Debian-exim:x:64103:\n'
    logs = ('var/log/exim4/mainlog', 'var/log/exim4/paniclog')

    def prepare(self):
        super().prepare()
        self.install_certificate('etc/exim-cert.pem', 'etc/exim-key.pem', owner=64103)
        self.configure('exim.conf', 'etc/exim.conf')
        self.empty('var/spool/exim4', 0o750, 64103)
        self.empty('var/log/exim4', 0o750, 64103)

    def command(self):
        return self.inside('/usr/sbin/exim4', '-C', '/etc/exim.conf', '-bdf')

    def version(self):
        return self.said('/usr/sbin/exim4', '-bV').replace('version ', '')


class OpenSMTPD(Rooted):
    name = 'opensmtpd'
    users = ('opensmtpd:x:64104:64104::/var/lib/opensmtpd/empty:/bin/false\n'
             'opensmtpq:x:64105:64105::/var/lib/opensmtpd/empty:/bin/false\n')
    groups = 'opensmtpd:x:64104:\nopensmtpq:x:64105:\n'

    def prepare(self):
        super().prepare()
        self.install_certificate('etc/opensmtpd-cert.pem', 'etc/opensmtpd-key.pem')
        self.configure('opensmtpd.conf', 'etc/smtpd.conf', mode=0o600)
        self.write('etc/mailname', 'mx.example.com\n')
        self.write('etc/aliases', '')
        self.empty('var/lib/opensmtpd/empty')
        self.empty('var/spool/smtpd', 0o711)

    def command(self):
        return self.inside('/usr/sbin/smtpd', '-d')

    def version(self):
        return re.sub(r'version: |-portable', '', self.said('/usr/sbin/smtpd', '-h'))


class Chasquid(Rooted):
    name = 'chasquid'
    users = groups = ''
    addresses = session.Addresses(user='alice@example.com')
    logs = ('var/log/chasquid.log',)

    def prepare(self):
        super().prepare()
        self.empty('var/lib/chasquid')
        self.empty('etc/chasquid/domains/example.com')
        self.install_certificate(*['etc/chasquid/certs/mx.example.com/%s.pem' % name for name in ('fullchain', 'privkey')])
        self.configure('chasquid.conf', 'etc/chasquid/chasquid.conf')
        self.configure('chasquid-post-data', 'etc/chasquid/hooks/post-data', mode=0o755)
        self.configure('chasquid-users', 'etc/chasquid/domains/example.com/users')

    def command(self):
        return self.inside('/usr/bin/chasquid', '-config_dir=/etc/chasquid', '-logfile=/var/log/chasquid.log')

    def version(self):
        return self.said('/usr/bin/chasquid', '-version')


class DovecotLmtp(Rooted):
    name = 'dovecot-lmtp'
    package = 'dovecot'
    lmtp = True
    users = ('dovecot:x:64106:64106::/nonexistent:/bin/false\n'
             'dovenull:x:64107:64107::/nonexistent:/bin/false\n')
    groups = 'dovecot:x:64106:\ndovenull:x:64107:\n'
    logs = ('var/log/dovecot.log',)

    def prepare(self):
        super().prepare()
        self.install_certificate('etc/dovecot/cert.pem', 'etc/dovecot/key.pem')
        self.configure('dovecot-lmtp.conf', 'etc/dovecot/dovecot.conf')
        self.write('etc/dovecot/users', 'ok@example.com:{PLAIN}wonderland:1000:1000::/var/mail/ok::\n')
        self.empty('var/mail/ok', owner=1000)
        self.empty('run/dovecot')
        self.write('var/log/dovecot.log', '')

    def command(self):
        return self.inside('/usr/sbin/dovecot', '-F', '-c', '/etc/dovecot/dovecot.conf')

    def version(self):
        return 'Dovecot ' + self.said('/usr/sbin/dovecot', '--version').split()[0]


class CyrusLmtp(Rooted):
    name = 'cyrus-lmtp'
    package = 'cyrus'
    lmtp = True
    groups = ''
    users = 'cyrus:x:64108:8::/var/spool/cyrus:/bin/false\n'
    logs = ()

    def prepare(self):
        super().prepare()
        self.imap = free_port()
        self.configure('cyrus-imapd.conf', 'etc/imapd.conf')
        self.configure('cyrus.conf', 'etc/cyrus.conf')
        self.write('etc/cyrus.conf', (self.folder / 'etc/cyrus.conf').read_text().replace('@IMAP@', str(self.imap)))
        for path in 'var/lib/cyrus', 'var/spool/cyrus/mail', 'run/cyrus':
            self.empty(path, owner=64108, group=8)
        for name in 'db socket proc msg ptclient sieve backup lock user log quota'.split():
            self.empty('var/lib/cyrus/' + name, owner=64108, group=8)
        for name in 'socket proc lock'.split():
            self.empty('run/cyrus/' + name, owner=64108, group=8)
        path = self.folder / 'run' / 'saslauthd.mux'
        path.unlink(missing_ok=True)
        self.saslauthd = Saslauthd(path)

    def command(self):
        return self.inside('/usr/lib/cyrus/bin/master', '-C', '/etc/imapd.conf', '-M', '/etc/cyrus.conf')

    def wait(self):
        super().wait()
        # The mailbox of the recipient that it takes.
        with imaplib.IMAP4('127.0.0.1', self.imap) as imap:
            imap.login('alice', 'wonderland')
            imap.create('user/ok')

    def version(self):
        return 'Cyrus ' + self.said('/usr/lib/cyrus/bin/cyr_info', 'version').replace('Cyrus IMAP', '').strip()


class InPython(Server):
    """A server that is a module of Python and needs no root"""

    def environment(self):
        modules = self.folder / 'usr/lib/python3/dist-packages'
        return dict(super().environment(), PYTHONPATH=str(modules) if modules.exists() else '', PYTHONDONTWRITEBYTECODE='1')

    def prepare(self):
        done = subprocess.run([sys.executable, '-W', 'ignore', '-c', self.question], capture_output=True, text=True,
                              env=self.environment())
        if done.returncode:
            raise Absent('%s: %s' % (self.name, done.stderr.strip().split('\n')[-1]))
        self.about = done.stdout.strip()

    def version(self):
        return self.about


class InPythonWithTls(InPython):
    def prepare(self):
        super().prepare()
        self.certificate()

    def command(self):
        return [sys.executable, '-W', 'ignore', CONFIG / (self.name + '_server.py'), str(self.port), self.run / 'cert.pem',
                self.run / 'key.pem']


class Aiosmtpd(InPythonWithTls):
    name = 'aiosmtpd'
    question = 'import aiosmtpd; print("aiosmtpd", aiosmtpd.__version__)'


class Twisted(InPythonWithTls):
    name = 'twisted'
    answers_like = 'twisted'  # 26.4, whose head says so
    question = 'import twisted.mail.smtp, twisted; print("Twisted", twisted.__version__)'


class Pysmtpd(InPython):
    name = 'pysmtpd'
    question = 'import smtpd, sys; print("Python %d.%d.%d smtpd" % sys.version_info[:3])'
    parallel = 4  # its backlog is 5

    def command(self):
        return [sys.executable, '-W', 'ignore', CONFIG / 'pysmtpd_server.py', str(self.port)]


class Mail(Server):
    """A server that needs neither root nor users"""

    def prepare(self):
        if not (self.folder / 'complete').exists():
            raise Absent('%s is not in %s (.ci/install servers)' % (self.name, self.folder.parent))


class NetServerMail(Mail):
    name = 'net-server-mail'

    def environment(self):
        return dict(super().environment(), PERL5LIB=str(self.folder / 'usr/share/perl5'))

    def command(self):
        return ['perl', CONFIG / 'net_server_mail.pl', str(self.port)]

    def version(self):
        module = (self.folder / 'usr/share/perl5/Net/Server/Mail.pm').read_text()
        return 'Net::Server::Mail ' + re.search(r'VERSION\s*=\s*[\'"]([\d.]+)', module).group(1)


class Msmtpd(Mail):
    name = 'msmtpd'

    def environment(self):
        libraries = ':'.join(str(path) for path in (self.folder / 'usr/lib').glob('*-linux-gnu'))
        return dict(super().environment(), LD_LIBRARY_PATH=libraries)

    def command(self):
        return [self.folder / 'usr/bin/msmtpd', '--interface=127.0.0.1', '--port=%d' % self.port,
                '--command=cat >/dev/null #']

    def version(self):
        done = subprocess.run([self.folder / 'usr/bin/msmtpd', '--version'], capture_output=True, text=True,
                              env=self.environment())
        return done.stdout.split('\n')[0]


SERVERS = {kind.name: kind for kind in (
    Postfix, PostfixHello, PostfixTlsAuth, PostfixSubmission, Exim, OpenSMTPD, Chasquid, DovecotLmtp, CyrusLmtp,
    NetServerMail, Msmtpd, Aiosmtpd, Pysmtpd, Twisted)}


def table_for(server, version):
    """The table whose head names this version; a point release is the same version."""
    if server.answers_like:
        return exact.parse(str(TABLES / (server.answers_like + '.server')))
    name, tried = server.name, []
    for path in sorted(TABLES.glob(name + '*.server')):
        table = exact.parse(str(path))
        if not re.fullmatch(re.escape(name) + r'(-\d[\d.]*)?', path.stem):
            continue  # the same version, set up otherwise
        measured = table.head['version'][0]
        number = re.search(r'\d+(\.\d+)+\w*', measured).group(0)
        release = re.match(r'\d+\.\d+', number).group(0)
        exactly = re.search(r'(?<![\d.])%s(?![\d.]*\d)' % re.escape(number), version)
        # aiosmtpd changes between patch releases, Postfix and Python do not.
        roughly = name != 'aiosmtpd' and re.search(r'(?<![\d.])%s(?!\d)' % re.escape(release), version)
        if exactly or roughly:
            return table
        tried.append(measured)
    raise Absent('%s: no table for %s; there are %s' % (name, version.split('\n')[0], ', '.join(tried)))


def run_checks(arguments):
    """TAP on standard output: a test for each server"""
    print('TAP version 13')
    print('1..%d' % len(arguments.names))
    failed = False
    for number, name in enumerate(arguments.names, 1):
        try:
            with SERVERS[name](arguments.servers) as server:
                version = server.version()
                table = exact.parse(arguments.table) if arguments.table else table_for(server, version)
                result = playing.check(server, table, arguments)
        except Absent as absent:
            print('ok %d %s # SKIP %s' % (number, name, str(absent).replace('\n', ' ')), flush=True)
            continue
        good = not result.differences and result.sequences > 0
        failed = failed or not good
        print('# ' + playing.summary(name, table, version, result))
        # One way into a difference is enough, the shortest.
        kinds = {}
        for difference in sorted(result.differences, key=len):
            kinds.setdefault(difference.split(' | ')[-1], []).append(difference)
        for same in list(kinds.values())[:arguments.first]:
            print('# %s%s' % (same[0], ' (and %d more)' % (len(same) - 1) if same[1:] else ''))
        print('%s %d %s' % ('ok' if good else 'not ok', number, name), flush=True)
    return int(failed)


# How long nothing must come before the next group is sent.
GROUP_SECONDS = 1.0
# What the groups log in with, and what with a wrong password.
GROUP_CREDENTIALS = 'AHVzZXJAZXhhbXBsZS50ZXN0AHBhc3M=', 'AHVzZXJAZXhhbXBsZS50ZXN0AHdyb25n'


def record_of(connection):
    """What was played on a connection, as a record."""
    commands = connection.addresses.commands
    steps = [{'sym': 'GREETING', 'cmd': None, 'code': connection.greeting[0], 'text': connection.greeting[1]}]
    for step in connection.steps:
        said = '.' if step.symbol.startswith('EOM') else commands.get(step.symbol)
        if step.symbol.startswith('BDAT'):
            said = 'BDAT %d%s' % (step.octets, ' LAST' if step.symbol == 'BDAT_LAST' else '')
        steps.append({'sym': step.symbol, 'cmd': said, 'code': step.code, 'text': step.text})
        if step.replies > 1:
            steps[-1]['replies'] = step.replies
    return {'mode': 'lockstep', 'steps': steps}


def record(server, table, arguments):
    """Plays every sequence of playing.check() one command at a time, and writes the records to standard output."""
    def play(sequence):
        connection = server.connect()
        connection.play_all(sequence)
        return None if connection.timed_out else record_of(connection)

    with concurrent.futures.ThreadPoolExecutor(server.parallel) as pool:
        for played in pool.map(play, playing.sequences_for(table, arguments.seed, arguments.sequences)):
            if played:
                print(json.dumps(played, separators=(',', ':')))


def play_groups(server, groups):
    """Sends each group in one packet, and takes what comes until nothing more does."""
    connection = server.connect(greeting=bool(not groups[0]['sent']))
    played = []
    try:
        for group in groups:
            if group['sent'] == ['(TLS handshake)']:
                connection.handshake()
            elif group['sent']:
                said = ''.join(sent if sent.endswith('\r\n') else sent + '\r\n' for sent in group['sent'])
                for recorded, own in zip(GROUP_CREDENTIALS, connection.addresses.credentials):
                    said = said.replace(recorded, own)
                connection.send(said)
            replies = [connection.greeting] if not group['sent'] else []
            connection.sock.settimeout(GROUP_SECONDS)
            while group['sent'] and not connection.timed_out:
                replies.append(connection.reply())
                if replies[-1][0] is None:
                    break
            ended = bool(replies) and replies[-1][0] is None and not connection.timed_out
            if connection.timed_out:
                replies.pop()
            connection.timed_out = False
            played.append({'sent': group['sent'], 'replies': [{'code': code, 'text': text} for code, text in replies]})
            if ended:
                break
    finally:
        connection.close()
    return played


def record_groups(server, name, path):
    """Plays the groups of another server's evidence, and writes the same of this one, for fixtures/servers/pipelined."""
    with gzip.open(path, 'rt', encoding='utf-8') as lines:
        records = [json.loads(line) for line in lines]
    with concurrent.futures.ThreadPoolExecutor(server.parallel) as pool:
        for record, groups in zip(records, pool.map(lambda record: play_groups(server, record['groups']), records)):
            for group in groups:
                for reply in group['replies']:
                    reply['text'] = '\n'.join(tables.neutral(line) for line in reply['text'].split('\n'))
            print(json.dumps({'table': name, 'name': record['name'], 'groups': groups}, separators=(',', ':')))


def run_record(arguments):
    if arguments.groups:
        try:
            with SERVERS[arguments.name](arguments.servers) as server:
                print(server.version().split('\n')[0], file=sys.stderr)
                record_groups(server, arguments.name, arguments.groups)
        except Absent as absent:
            print(absent, file=sys.stderr)
            return 2
        return 0
    table = exact.parse(arguments.table)
    if arguments.address:
        host, _, port = arguments.address.rpartition(':')
        arguments.timeout, arguments.lmtp, arguments.leave_out = 60, 'LHLO' in playing.symbols_of(table), ''
        record(learner.Running(arguments.name, host, int(port), session.Addresses(), arguments), table, arguments)
        return 0
    try:
        with SERVERS[arguments.name](arguments.servers) as server:
            print(server.version().split('\n')[0], file=sys.stderr)
            server.chunks = arguments.chunks or server.chunks
            record(server, table, arguments)
    except Absent as absent:
        print(absent, file=sys.stderr)
        return 2
    return 0


def run_list(arguments):
    for name, kind in SERVERS.items():
        try:
            with kind(arguments.servers) as server:
                version = server.version()
                print('%-10s %s, table %s' % (name, version.split('\n')[0].strip(), table_for(server, version).head['server'][0]))
        except Absent as absent:
            print('%-10s no: %s' % (name, absent))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = pathlib.Path(os.environ.get('XDG_CACHE_HOME') or pathlib.Path.home() / '.cache')
    servers = pathlib.Path(os.environ.get('SMTPSEQ_SERVERS') or cache / 'smtpseq' / 'servers')
    commands = parser.add_subparsers(dest='command', required=True)
    for name in 'list', 'check':
        command = commands.add_parser(name)
        command.add_argument('--servers', type=pathlib.Path, default=servers)
    command.add_argument('--seed', type=int, default=1)
    command.add_argument('--sequences', type=int, default=600, help='of each kind, at most')
    command.add_argument('--seconds', type=float, default=90, help='for each server, at most')
    command.add_argument('--first', type=int, default=10, help='differences to show for each server')
    command.add_argument('--table', help='compare with this table, whatever the version')
    command.add_argument('names', nargs='+', choices=sorted(SERVERS), metavar='NAME')
    command = commands.add_parser('record')
    command.add_argument('--servers', type=pathlib.Path, default=servers)
    command.add_argument('--seed', type=int, default=1)
    command.add_argument('--sequences', type=int, default=600, help='of each kind, at most')
    command.add_argument('--parallel', type=int, default=8, help='connections at once')
    command.add_argument('--table', help='the table that the sequences are made for')
    command.add_argument('--groups', help='play the groups of this evidence instead (fixtures/servers/pipelined)')
    command.add_argument('--chunks', help='where the octets of a chunk are sent: always, offered, once offered')
    command.add_argument('name', metavar='NAME')
    command.add_argument('address', metavar='HOST:PORT', nargs='?')
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = {'list': run_list, 'check': run_checks, 'record': run_record}
    return run[arguments.command](arguments)


if __name__ == '__main__':
    sys.exit(main())
