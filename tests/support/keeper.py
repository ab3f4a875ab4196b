"""smtpserv-publish between a client and brokers that do one thing wrong.

    keeper.py PROGRAM GROUP

runs the cases of a group, in this directory, against that program, and prints
those that went wrong.  The brokers are amqpd.py's, in this process; so is the
client, which hands over descriptors as smtpserv-queue-amqp does.  Each case is
a row: the statements it shows (of the manual page), the faults of each broker's
connections in turn, and what must come of it.
"""

import concurrent.futures
import hashlib
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import amqpd                                                    # noqa: E402

ENVELOPE = b"From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n"
SMALL = b"Subject: Beers?\n\nSix?\n"
LARGE = bytes(range(256)) * 24576                               # 6 MiB


class Log:
    """What brokers say, in memory."""

    def __init__(self):
        self.lines = []

    def write(self, text):
        self.lines.append(text.split())

    def flush(self):
        pass

    def of(self, word):
        return [x for x in self.lines if x[0] == word]


class Wrong(Exception):
    pass


def must(truth, text):
    if not truth:
        raise Wrong(text)


class Keeper:
    """The program, at a socket of ours, with brokers."""

    numbers = itertools.count(1)

    def __init__(self, program, faults, keys=(), workers=1, seconds=2,
                 refusal=1, server_class=amqpd.Server, tls=None, users=(),
                 ports=None):
        number = next(Keeper.numbers)
        self.log = Log()
        self.servers = [server_class(f, self.log, tls, users).start()
                        for f in faults]
        self.path = "s%d.%d" % (os.getpid(), number)
        nodes = ports or ["127.0.0.1:%d" % s.port for s in self.servers]
        conf = "w%d.cfg" % number
        with open(conf, "w") as f:
            f.write("smtp.amqp.nodes = %s\nsmtp.amqp.workers = %d\n"
                    "smtp.amqp.time = %d\nsmtp.amqp.refusal = %d\n" %
                    (",".join(nodes), workers, seconds, refusal))
            if not any("smtp.amqp.cert" in k for k in keys):
                f.write('smtp.amqp.login = "%s/login"\n' % os.getcwd())
            f.write("".join(k + "\n" for k in keys))
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(self.path)
        listener.listen(128)
        self.errors = open("e%d" % number, "w+")
        self.process = subprocess.Popen(
            [program, "-f", conf], stdin=listener, stdout=self.errors,
            stderr=self.errors)
        listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                for pid in self.workers():
                    os.kill(pid, signal.SIGKILL)
                self.process.kill()
                self.process.wait()
        for s in self.servers:
            s.listener.close()
            for c in s.connections:
                try:
                    c.sock.close()
                except OSError:
                    pass

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def workers(self):
        with open("/proc/%d/task/%d/children" %
                  (self.process.pid, self.process.pid)) as f:
            return [int(x) for x in f.read().split()]

    def wait_for(self, word, n=1, seconds=10):
        """Until brokers have logged so many such lines."""
        end = time.monotonic() + seconds
        while len(self.log.of(word)) < n:
            must(time.monotonic() < end, "no %s: %s" % (word, self.log.lines))
            time.sleep(0.005)

    def wholes(self, node=None):
        return self.log.of("whole")


def a_file(text):
    fd = os.memfd_create("x")
    os.write(fd, text)
    return fd


class Client:
    """One message; what came back."""

    numbers = itertools.count(1)

    def __init__(self, keeper, message=SMALL, envelope=ENVELOPE, fds=None,
                 line=None, ident=None):
        self.ident = ident or "%d.%d.gnat" % (next(Client.numbers),
                                              os.getpid())
        self.body = envelope + b"\n" + message
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(keeper.path)
        self.began = time.monotonic()
        own = fds is None
        if own:
            fds = [a_file(message), a_file(envelope)]
        if line is None:
            line = "%s %d %d\n" % (self.ident, len(message), len(envelope))
        if fds:
            socket.send_fds(self.sock, [line.encode()], fds)
        else:
            self.sock.sendall(line.encode())
        if own:
            for fd in fds:
                os.close(fd)

    def answer(self):
        got = b""
        try:
            while True:
                piece = self.sock.recv(4096)
                if not piece:
                    break
                got += piece
        except ConnectionResetError:
            pass
        self.sock.close()
        self.seconds = time.monotonic() - self.began
        # As smtpserv-queue-amqp reads it: nothing, or half a yes, is no yes.
        self.text = got[1:].decode()
        self.code = got[0] if got else 74
        if self.code == 0 and self.text != self.ident:
            self.code = 74
        return self.code


def check_whole(keeper, client, wholes):
    """So many bodies arrived, each this one's, under its id."""
    got = [w for w in keeper.wholes() if w[3] == client.ident]
    must(len(got) == wholes, "%d whole, not %d" % (len(got), wholes))
    digest = hashlib.sha256(client.body).hexdigest()
    for w in got:
        must(w[4] == str(len(client.body)) and w[5] == digest,
             "another body: %s" % w)
    for h in keeper.log.of("header"):
        if h[4] != "-":
            must(h[4] == client.ident, "another id: %s" % h)
            must(h[5:] == ["2", "smtpserv.1", "application/x-smtpserv",
                           str(len(ENVELOPE))], "properties %s" % h)
    for p in keeper.log.of("publish"):
        must(p[3:] in (["smtpserv", "smtpserv", "1"],
                       ["smtpserv", "-", "1"]), "published as %s" % p)


def row(program, faults, code, wholes, seconds=2.0, large=False, least=0.0,
        keeper_seconds=2, connections=None, **more):
    """One message; None of wholes: any number.  seconds: the latest answer."""
    with Keeper(program, faults, seconds=keeper_seconds, **more) as k:
        c = Client(k, LARGE if large else SMALL)
        got = c.answer()
        must(got == code, "%d %s after %.1f s, not %d" %
             (got, c.text, c.seconds, code))
        must(c.seconds < seconds + 1.0, "%.1f s" % c.seconds)
        must(c.seconds >= least, "already after %.1f s" % c.seconds)
        if wholes is not None:
            check_whole(k, c, wholes)
        if connections is not None:
            n = len(k.log.of("connection"))
            must(n == connections, "%d connections" % n)


# K3 to K6, and the table of words: name, arguments of row().
BEFORE = ("accept", "start-ok", "tune-ok", "open", "channel", "confirm",
          "probe")
INSIDE = ("publish", "header", "body", "mid")

WORDS = [
    ("K5 ack", [["ack"]], 0, 1),
    ("K5 multiple", [["multiple@last"]], 0, 1),
    ("K5 twice", [["double@last"]], 0, 1),
    ("K5 nack, then ack on a new channel", [["nack@last", "ack"]], 0, 2,
     dict(connections=2)),
    ("K5 nack, then the next node", [["nack@last"], ["ack"]], 0, 2),
    ("K5 nack and nack", [["nack@last"]], 71, None, dict(least=0.8)),
    ("K5 return and ack", [["return@last"]], 55, 1),
    ("K5 return, then the next node", [["return@last"], ["ack"]], 0, 2),
    ("K5 return everywhere", [["return@last"], ["return@last"]], 55, 2),
    ("K5 another tag", [["othertag@last"]], 72, 2),
    ("K5 the tag before", [["heldtag@last"]], 72, 2),
    ("K5 403", [["403@publish"]], 55, 1),
    ("K5 403 at the end", [["403@last"]], 55, 1),
    ("K5 404", [["404@probe"]], 55, 0),
    ("K5 404 at the end", [["404@last"]], 55, 1),
    ("K5 406", [["406@last"]], 82, 1),
    ("K5 406 in the middle", [["406@mid"]], 82, 0, dict(large=True)),
    ("K5 406 after a loss", [["eof@last", "406@last"]], 72, 2),
    ("K5 320", [["320@last", "ack"]], 0, 2),
    ("K5 320 everywhere", [["320@last"]], 74, 2),
    ("K5 320 on the probe", [["320@probe"]], 73, 0),
    ("K5 login refused", [["403@start-ok"]], 55, 0),
    ("K5 no such vhost", [["530@open"], ["ack"]], 0, 1),
    ("K5 nobody there", [["eof@accept"], ["eof@accept"]], 73, 0),
    ("K5 loss, then nacks", [["eof@last", "nack@last"]], 72, None,
     dict(least=0.8)),
    ("K5 loss, then an alarm", [["eof@last", "blocked@probe"]], 72, 1),
    ("K5 loss, then nobody", [["eof@last", "eof@accept"]], 74, 1),
    ("K3 blocked from the start", [["blocked@channel"]], 53, 0,
     dict(seconds=0.5)),
    ("K3 blocked before the confirm", [["blocked@confirm"]], 53, 0,
     dict(seconds=0.5)),
    ("K3 blocked on the probe", [["blocked@probe"]], 53, 0,
     dict(seconds=0.5)),
    ("K3 blocked and not any more", [["blip@confirm"]], 0, 1),
    ("K4 blocked in the middle", [["blocked@mid"]], 53, 0,
     dict(large=True, seconds=0.5)),
    ("K6 blocked after the last byte", [["blocked@last"]], 72, 1,
     dict(least=1.5)),
    ("K6 blocked, and then the ack", [["blockedack@last"]], 0, 1),
    ("K4 small frames", [["framemax=4096"]], 0, 1, dict(large=True)),
    ("K4 large frames", [["ack"]], 0, 1, dict(large=True)),
    ("K2 heartbeats", [["heartbeats"]], 0, 1),
    ("K2 heartbeats of 4 KiB", [["bigbeats"]], 0, 1),
    ("K4 each octet by itself", [["split"]], 0, 1),
    ("K5 slow", [["slow=400"]], 0, 1),
]

# A connection that ends, at each point: for ever, and once.
ENDS = []
for kind in ("eof", "rst", "half", "garbage"):
    for point in BEFORE:
        ENDS.append(("K5 %s@%s" % (kind, point), [["%s@%s" % (kind, point)]],
                     73, 0))
    for point in INSIDE:
        # What was sent whole, and not read, may have been.
        ENDS.append(("K5 %s@%s" % (kind, point), [["%s@%s" % (kind, point)]],
                     (73, 74), None if kind == "garbage" else 0))
    ENDS.append(("K5 %s@last" % kind, [["%s@last" % kind]], 74, 2))
    for point in BEFORE + INSIDE + ("last",):
        ENDS.append(("K5 %s@%s, then ack" % (kind, point),
                     [["%s@%s" % (kind, point)], ["ack"]], 0, None))

SILENCES = [("K5 silence@%s" % p, [["silence@%s" % p]], 73, 0,
             dict(keeper_seconds=1, seconds=1)) for p in BEFORE] + [
    ("K5 silence@%s, large" % p, [["silence@%s" % p]], 73, 0,
     dict(keeper_seconds=1, seconds=1, large=True)) for p in INSIDE] + [
    ("K5 silence@publish", [["silence@publish"]], 72, 0,
     dict(keeper_seconds=1, seconds=1)),
    ("K5 mute@last", [["mute@last"]], 72, 2,
     dict(keeper_seconds=1, seconds=1)),
    ("K5 silence, then the next node", [["silence@last"], ["ack"]], 0, 2,
     dict(keeper_seconds=3, seconds=3)),
    ("K5 silence on the way, then the next node",
     [["silence@open"], ["ack"]], 0, 1, dict(keeper_seconds=9, seconds=9)),
]


def run_row(program, name, faults, code, wholes, more=None):
    """What went wrong, or None."""
    for one in code if isinstance(code, tuple) else (code,):
        try:
            row(program, faults, one, wholes, **(more or {}))
            return None
        except Wrong as e:
            why = e
    return "%s: %s" % (name, why)


def run_all(function, rows, only):
    """Side by side, as they wait most of the time."""
    rows = [r for r in rows if only is None or only in r[0]]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = [x for x in pool.map(lambda r: function(*r), rows) if x]
    for x in found:
        print(x)
    if not rows:
        print("no case")
    return 1 if found or not rows else 0


def main(program, group, only=None):
    with open("login", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write("ann\nsecret\n")
    rows = globals()[group]
    return run_all(lambda *r: run_row(program, *r), rows, only)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
