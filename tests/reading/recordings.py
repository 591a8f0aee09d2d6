"""Recordings whose truth is known, and what smtpseq says of a file."""

import collections
import json
import pathlib
import subprocess
import zlib

# Not lines of text, or a part of a recording that has several files.
NOT_TEXT = {"pcap", "pcapng", "tcpflow"}
# As many as one run of smtpseq is given.
FILES_MAX = 400

# sessions: for each the (command, final code) pairs. findings: (rule, line, severity). blamed: the lines that errors and their
# followers are on.
Said = collections.namedtuple("Said", "sessions findings blamed")


class Recording:
    def __init__(self, path):
        self.path, self.name = path, f"{path.parent.name}/{path.stem}"
        octets = path.read_bytes()
        self.lines = octets.replace(b"\r\n", b"\n").split(b"\n")
        if not self.lines[-1]:
            self.lines.pop()


# Octets or packets as text: their lines have an order of their own.
DUMPS = ("tcpdump", "tshark", "curl-trace", "nc-o", "ngrep", "socat", "strace")


def is_dump(recording):
    return recording.path.parent.name.startswith(DUMPS)


def rank(name, seed):
    """Where a name stands in the order of a seed: a recording that is added does not change the others' places."""
    return zlib.crc32(f"{seed} {name}".encode())


def choose(fixtures, sample, seed):
    """So many recordings, of each folder the same share, as far as it has some."""
    folders = collections.defaultdict(list)
    for path in fixtures.glob("formats/*/*.log"):
        if path.parent.name not in NOT_TEXT and path.is_file() and path.stat().st_size < 65536 and b"\0" not in path.read_bytes():
            folders[path.parent.name].append(path)
    for path in fixtures.glob("rules/*/*.txt"):
        folders["rules"].append(path)
    for name, paths in folders.items():
        paths.sort(key=lambda path: rank(f"{path.parent.name}/{path.stem}", seed))
    chosen = []
    names = sorted(folders, key=lambda name: rank(name, seed))
    for turn in range(max(map(len, folders.values()))):
        # the rules' recordings are of all rules: as many as of two folders
        chosen += [path for name in names for path in (folders[name][turn:turn + 1] if name != "rules" else folders[name][2 * turn:2 * turn + 2])]
    return [Recording(path) for path in chosen[:sample]]


def objects(smtpseq, command, paths):
    """The NDJSON objects of each file."""
    found = {str(path): [] for path in paths}
    for begin in range(0, len(paths), FILES_MAX):
        done = subprocess.run([smtpseq, command, "--isolated", "-j1", "--format=ndjson", *map(str, paths[begin:begin + FILES_MAX])],
                              capture_output=True, timeout=600)
        if done.returncode not in (0, 1, 2):
            raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr[-500:].decode(errors='replace')}")
        for line in done.stdout.decode(errors="replace").splitlines():
            event = json.loads(line)
            if event["type"] != "summary":
                found[event["file"]].append(event)
    return found


def findings(events):
    return [event for event in events if event["type"] == "finding"]


def said(smtpseq, paths):
    """What smtpseq says of each file."""
    replays, checks = objects(smtpseq, "replay", paths), objects(smtpseq, "check", paths)
    result = []
    for path in map(str, paths):
        sessions = collections.defaultdict(list)
        for event in replays[path]:
            if event["type"] == "exchange":
                sessions[event["session"]].append((event["command"], event["replies"][-1]["code"] if event["replies"] else None))
        result.append(Said([sessions[number] for number in sorted(sessions)],
                           sorted((event["rule"], event["line"], event["severity"]) for event in findings(checks[path])),
                           blamed(checks[path])))
    return result


def blamed(events):
    return {line for event in findings(events) if event["severity"] == "error" for line in [event["line"], *event["followers"]]}
