#!/usr/bin/env python3
"""hosts.py SMTPSEQ SOURCE - what doc/scale.md says of many machines, as it stands there: the recipe for GNU parallel over three hosts
of which one dies in the middle, and the mapper for Hadoop, give what one run gives, octet by octet.

The hosts are SSH servers on 127.0.0.1 with keys of their own; each has a home of its own with the same recordings. Skipped where
sshd, ssh or parallel are missing. Prints TAP.
"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SMTPSEQ, SOURCE = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()
FORMATS = ("text", "ndjson", "sarif", "junit", "gitlab", "html")
SECONDS = 600
HOSTS = ("host1", "host2", "host3")
DIES = "host2"
COUNTED = {"done": 0, "failed": 0}
# What a host does that dies in the middle: it sends a part of its report and hangs.
DYING = """#!/bin/sh
{smtpseq} "$@" | head -c 3000
echo $$ >>{begun}
exec sleep 900
"""
CONFIGURATION = """ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
MaxStartups 100
ForceCommand cd {home} && HOME={home} PATH={home}/bin:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"
"""


def ok(fine, name, *details):
    COUNTED["done"] += 1
    COUNTED["failed"] += not fine
    print(f"{'ok' if fine else 'not ok'} {COUNTED['done']} - {name}", flush=True)
    for detail in () if fine else details:
        print("# " + str(detail)[-1500:].replace("\n", "\n# "), file=sys.stderr)


def recipe(word):
    """The block of shell in the document that has the word."""
    blocks = re.findall(r"```sh\n(.*?)```", (SOURCE / "doc" / "scale.md").read_text(encoding="utf-8"), re.DOTALL)
    return next(block for block in blocks if word in block)


def fill(home):
    """A host's recordings, some with names that a shell would read otherwise."""
    logs = home / "work" / "logs"
    logs.mkdir(parents=True)
    for number, path in enumerate(sorted((SOURCE / "fixtures" / "rules").glob("*/*.txt"))):
        name = f"{number:03} $(exit) 'it's; \"&.log" if number % 50 == 7 else f"{number:03}.log"
        shutil.copyfile(path, logs / name)
    (home / "bin").mkdir()
    (home / "bin" / "smtpseq").symlink_to(SMTPSEQ)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Host:
    """An SSH server with a home."""

    def __init__(self, folder, name, begun):
        self.home, self.port, self.configuration = folder / name, free_port(), folder / f"{name}.conf"
        fill(self.home)
        if name == DIES:
            (self.home / "bin" / "smtpseq").unlink()
            (self.home / "bin" / "smtpseq").write_text(DYING.format(smtpseq=SMTPSEQ, begun=begun), encoding="utf-8")
            (self.home / "bin" / "smtpseq").chmod(0o755)
        self.configuration.write_text(CONFIGURATION.format(port=self.port, folder=folder, home=self.home), encoding="utf-8")
        self.server = subprocess.Popen([shutil.which("sshd", path=PATH), "-D", "-e", "-f", self.configuration], stderr=subprocess.PIPE)

    def answers(self):
        for _ in range(100):
            if self.server.poll() is not None:
                return False
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.1)
        return False

    def die(self):
        """The server and all its connections at once."""
        children = pathlib.Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text(encoding="ascii").split()
        self.server.kill()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self.server.communicate()


def settings(folder, hosts):
    """The environment of a person who has these hosts in the configuration of ssh."""
    text = "".join(f"Host {name}\n  HostName 127.0.0.1\n  Port {host.port}\n" for name, host in hosts.items())
    text += f"Host *\n  IdentityFile {folder}/key\n  BatchMode yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile {folder}/known\n  LogLevel ERROR\n"
    (folder / "ssh.conf").write_text(text, encoding="utf-8")
    home = folder / "local"
    fill(home)
    return {**os.environ, "HOME": str(home), "PATH": f"{home}/bin:{PATH}", "PARALLEL_SSH": f"ssh -F {folder}/ssh.conf", "PARALLEL_HOME": str(home)}


def all_formats(command, words, work):
    """The exit status of a command, and its report in each format."""
    outputs = [word for form in FORMATS for word in ("--output", f"{form}:../out.{form}")]
    done = subprocess.run([SMTPSEQ, command, *outputs, *words], cwd=work, capture_output=True, timeout=SECONDS, check=False)
    return done.returncode, [(work.parent / f"out.{form}").read_bytes() for form in FORMATS]


def try_parallel(folder):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    begun = folder / "begun"
    hosts = {name: Host(folder, name, begun) for name in HOSTS}
    try:
        if not all(host.answers() for host in hosts.values()):
            print("ok 1 - three hosts # SKIP sshd does not run here")
            return
        environment = settings(folder, hosts)
        work = folder / "local" / "work"
        process = subprocess.Popen(["sh", "-c", recipe("-S host1")], cwd=work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + SECONDS
        while not begun.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        hosts[DIES].die()
        out, errors = process.communicate(timeout=SECONDS)
        one = all_formats("check", ["--isolated", "logs"], work)
        ok(begun.exists() and process.returncode == 1, "three hosts, one dies in the middle: the recipe ends as one run would", process.returncode, out, errors)
        ok((work / "report.html").read_bytes() == one[1][FORMATS.index("html")], "... and its report is that of one run", errors)
        merged = all_formats("merge", ["--fail-on=error", "all.ndjson"], work)
        ok(merged == one, "... in every format, with nothing lost and nothing twice", merged[0], one[0])
    finally:
        for host in hosts.values():
            if host.server.returncode is None:
                host.die()
        for pid in begun.read_text(encoding="ascii").split() if begun.exists() else ():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                pass


def try_mapper(folder):
    """Hadoop streaming: each task gets lines of an offset and a name."""
    home = folder / "mapper"
    fill(home)
    work = home / "work"
    names = sorted(os.path.join("logs", name) for name in os.listdir(work / "logs"))
    environment = {**os.environ, "PATH": f"{home}/bin:{PATH}"}
    parts = []
    for task in range(3):
        lines = "".join(f"{number * 40}\t{name}\n" for number, name in enumerate(names[task::3]))
        parts.append(subprocess.run(["sh", "-c", recipe("xargs")], cwd=work, env=environment, input=lines.encode(), capture_output=True, timeout=SECONDS, check=False).stdout)
    (work / "all.ndjson").write_bytes(b"".join(parts))
    one = all_formats("check", ["--isolated", "logs"], work)
    ok(all_formats("merge", ["--fail-on=error", "all.ndjson"], work) == one, "the mapper for Hadoop, in three tasks")


PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"
MISSING = [name for name in ("sshd", "ssh", "ssh-keygen", "parallel") if not shutil.which(name, path=PATH)]
# What Debian makes when its own server starts.
if not MISSING and os.geteuid() == 0:
    os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
if MISSING:
    COUNTED["done"] += 1
    print(f"ok 1 - three hosts # SKIP no {', '.join(MISSING)}: .ci/install hosts")
for test in (try_mapper,) if MISSING else (try_parallel, try_mapper):
    with tempfile.TemporaryDirectory() as temporary:
        test(pathlib.Path(temporary).resolve())
print(f"1..{COUNTED['done']}")
sys.exit(COUNTED["failed"] > 0)
