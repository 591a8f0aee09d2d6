#!/usr/bin/env python3
"""The plugin for pytest and the helper for node:test, over clients that talk to a server.

usage: plugins.py SMTPSEQ ROOT

The server is strict about the order of MAIL. pytest's own Python need not be the first one; nodemailer, if it is not found from
here (NODE_PATH), is played by a logger that is called as nodemailer calls it.
"""

import os
import pathlib
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading

SMTPSEQ, ROOT = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
RESULTS = []

PYTHON_TESTS = '''
import os
import smtplib
import pytest

def connect():
    client = smtplib.SMTP("127.0.0.1", int(os.environ["PORT"]))
    client.ehlo("client.example.org")
    return client

def test_good():
    with connect() as client:
        client.sendmail("a@example.org", ["b@example.com"], "Subject: x\\\\n\\\\nhello\\\\n")

def test_nested():
    with connect() as client:
        client.mail("a@example.org")
        client.mail("b@example.org")  # HERE

@pytest.mark.smtpseq(allow=["nested-mail"])
def test_allowed():
    with connect() as client:
        client.mail("a@example.org")
        client.mail("b@example.org")

def test_password():
    with connect() as client:
        client.docmd("AUTH", "PLAIN AGFsaWNlAG9wZW5zZXNhbWU=")
        client.docmd("AUTH", "PLAIN AGFsaWNlAG9wZW5zZXNhbWU=")

def test_fails_by_itself():
    with connect() as client:
        client.rcpt("b@example.com")
        assert False, "its own reason"

def test_shown(capsys):
    with connect() as client:
        client.set_debuglevel(1)
        client.noop()
    assert "send: 'noop" in capsys.readouterr().err

def test_nothing():
    pass
'''


NODE_TESTS = """
const {test} = require('node:test');
const smtpseq = require(process.env.HELPER);
const options = {program: process.env.SMTPSEQ};

// Calls a logger as nodemailer does.
function played(log, dialogue) {
    for (const [tnx, line] of dialogue) {
        log.debug({component: 'smtp-connection', sid: 'abcdef', tnx}, '%s', line);
    }
}

const begin = [['server', '220 mx.example.com ESMTP'], ['client', 'EHLO client.example.org'], ['server', '250 mx.example.com'],
    ['client', 'MAIL FROM:<a@example.org>'], ['server', '250 2.1.0 Ok']];
const end = [['client', 'QUIT'], ['server', '221 2.0.0 Bye']];
const nested = [...begin, ['client', 'MAIL FROM:<b@example.org>'], ['server', '503 5.5.1 nested MAIL'], ...end];

test('good', t => played(smtpseq.logger(t, options), [...begin, ...end]));
test('nested', t => played(smtpseq.logger(t, options), nested));
test('allowed', t => played(smtpseq.logger(t, {...options, allow: ['nested-mail']}), nested));
test('never', t => played(smtpseq.logger(t, {...options, failOn: 'never'}), nested));
test('silent', t => { smtpseq.logger(t, options); });

let nodemailer = null;
try {
    nodemailer = require('nodemailer');
} catch {
    // It is played above.
}
test('nodemailer', {skip: !nodemailer}, async t => {
    const transport = nodemailer.createTransport({host: '127.0.0.1', port: Number(process.env.PORT), ignoreTLS: true,
        logger: smtpseq.logger(t, options), debug: true});
    await transport.sendMail({from: 'a@example.org', to: 'b@example.com', subject: 'x', text: 'hello'});
    transport.close();
});
"""


def report(good, name, why=""):
    RESULTS.append(bool(good))
    print(f"{'ok' if good else 'not ok'} {len(RESULTS)} - {name}" + ("" if good else "".join(f"\n# {line}" for line in str(why)[-3000:].splitlines())), flush=True)


class Server(socketserver.StreamRequestHandler):
    """Strict about MAIL and RCPT."""

    def handle(self):
        self.say("220 mx.example.com ESMTP")
        mail = authenticated = False
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line.split()[0].upper()
            reply = "250 2.0.0 Ok"
            if verb == "EHLO":
                reply = "250-mx.example.com\r\n250 AUTH PLAIN"
            elif verb == "MAIL":
                reply, mail = ("503 5.5.1 nested MAIL" if mail else reply), True
            elif verb == "RCPT" and not mail:
                reply = "503 5.5.1 need MAIL"
            elif verb == "AUTH":
                reply, authenticated = ("503 5.5.1 already" if authenticated else "235 2.7.0 Ok"), True
            elif verb == "DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                mail = False
            elif verb == "RSET":
                mail = False
            elif verb == "QUIT":
                self.say("221 2.0.0 Bye")
                return
            self.say(reply)

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def pytest_python():
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", "import pytest"], capture_output=True, check=False).returncode == 0:
            return python
    return None


def try_pytest(port):
    python = pytest_python()
    if not python:
        report(True, "pytest # SKIP there is no pytest here")
        return
    with tempfile.TemporaryDirectory() as room:
        folder = pathlib.Path(room)
        (folder / "test_mail.py").write_text(PYTHON_TESTS.replace("\\\\n", "\\n"), encoding="ascii")
        here = PYTHON_TESTS.replace("\\\\n", "\\n").split("# HERE")[0].count("\n") + 1

        def run(*words, ini=""):
            (folder / "pytest.ini").write_text(f"[pytest]\nsmtpseq = {SMTPSEQ}\n{ini}", encoding="utf-8")
            return subprocess.run([python, "-m", "pytest", "-p", "pytest_smtpseq", "-p", "no:cacheprovider", "-rA", *words], cwd=folder,
                                  capture_output=True, text=True, check=False,
                                  env={**os.environ, "PORT": str(port), "PYTHONPATH": str(ROOT / "integrations/pytest"), "PYTHONDONTWRITEBYTECODE": "1"})

        text = run().stdout
        passed = {name for name in ("good", "allowed", "shown", "nothing") if f"PASSED test_mail.py::test_{name}\n" in text}
        report(passed == {"good", "allowed", "shown", "nothing"}, "pytest: what is in order passes", text)
        report("FAILED test_mail.py::test_nested" in text, "pytest: a nested MAIL of smtplib fails its test", text)
        report(f"test_mail.py:{here}: MAIL inside an open mail transaction" in text and "503 5.5.1 nested MAIL" in text,
               "pytest: with the line that sent it, and the reply", text)
        report("FAILED test_mail.py::test_password" in text and "already logged in" in text and "AGFsaWNlAG9wZW5zZXNhbWU" not in text,
               "pytest: a password is not shown", text)
        report("its own reason" in text and "RCPT with no open transaction" in text, "pytest: a test that fails anyway says both", text)
        report(run("-k", "nested", ini="smtpseq_fail_on = never\n").returncode == 0, "pytest: smtpseq_fail_on")
        report(run("-k", "nested", "-p", "no:pytest_smtpseq").returncode == 0, "pytest: switched off")


def try_node(port):
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False) if shutil.which("node") else None
    if not done or int(done.stdout[1:].split(".")[0]) < 20:
        report(True, "node # SKIP there is no Node.js 20 here")
        return
    with tempfile.TemporaryDirectory() as room:
        path = pathlib.Path(room) / "mail.test.js"
        path.write_text(NODE_TESTS, encoding="ascii")
        done = subprocess.run(["node", "--test", "--test-reporter=tap", path], capture_output=True, text=True, check=False,
                              env={**os.environ, "PORT": str(port), "SMTPSEQ": SMTPSEQ, "HELPER": str(ROOT / "integrations/node")})
        text = done.stdout
        passed = [name for name in ("good", "allowed", "never", "silent", "nodemailer") if f" - {name}" in text and "not ok" not in
                  next(line for line in text.splitlines() if f" - {name}" in line)]
        report(len(passed) == 5, "node: what is in order passes", text)
        failed = [line for line in text.splitlines() if line.strip().startswith("not ok") and line.endswith(" - nested")]
        report(failed and "MAIL inside an open mail transaction would draw 503 [nested-mail]" in text, "node: a nested MAIL fails its test", text)
        report("MAIL in state mail: 503 5.5.1 nested MAIL" in text, "node: with the state and the reply", text)


def main():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try_pytest(server.server_address[1])
        try_node(server.server_address[1])
        server.shutdown()
    print(f"1..{len(RESULTS)}")


if __name__ == "__main__":
    main()
