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
GRACE = 5                              # seconds beyond smtp.amqp.time
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
        self.seconds = seconds
        self.path = "s%d.%d" % (os.getpid(), number)
        nodes = ports or ["127.0.0.1:%d" % s.port for s in self.servers]
        conf = "w%d.cfg" % number
        with open(conf, "w") as f:
            f.write("smtp.amqp.nodes = %s\nsmtp.amqp.workers = %d\n"
                    "smtp.amqp.time = %d\nsmtp.amqp.refusal = %d\n" %
                    (",".join(nodes), workers, seconds, refusal))
            if not any("amqp.cert" in k or "amqp.login" in k for k in keys):
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

    def kill(self):
        workers = self.workers()
        self.process.kill()
        for pid in workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass                    # it has heard of its starter's end
        self.process.wait()

    def __exit__(self, wrong, *_):
        if self.process.poll() is None and wrong:
            self.kill()
        elif self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
                raise Wrong("it does not end") from None
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
                 line=None, ident=None, ends=None):
        self.ident = ident or "%d.%d.gnat" % (next(Client.numbers),
                                              os.getpid())
        self.body = envelope + b"\n" + message
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(keeper.path)
        # No case takes as long; smtpserv-queue-amqp waits so long, too.
        self.sock.settimeout(keeper.seconds + GRACE)
        self.began = time.monotonic()
        own = fds is None
        if own:
            fds = [a_file(message), a_file(envelope)]
        if line is None:
            if ends is None:
                ends = keeper.seconds + GRACE
            line = "%s %d %d %d\n" % (self.ident, len(message), len(envelope),
                                      (self.began + ends) * 1000)
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
        except socket.timeout:
            raise Wrong("no answer") from None
        self.sock.close()
        self.seconds = time.monotonic() - self.began
        # As smtpserv-queue-amqp reads it: nothing, or half a yes, is no yes.
        self.text = got[1:].decode()
        self.code = got[0] if got else 74
        if self.code == 0 and self.text != self.ident:
            self.code = 74
        return self.code


def check_whole(keeper, client, wholes, is_only=False):
    """So many bodies arrived, each this one's, under its id (M1 to M3), and
    nothing else was asked for (K9)."""
    must(not keeper.log.of("unknown"), "unknown: %s" % keeper.log.lines)
    got = [w for w in keeper.wholes() if w[3] == client.ident]
    must(len(got) == wholes, "%d whole, not %d" % (len(got), wholes))
    digest = hashlib.sha256(client.body).hexdigest()
    for w in got:
        must(w[4] == str(len(client.body)) and w[5] == digest,
             "another body: %s" % w)
    for h in keeper.log.of("header"):
        if h[4] != "-":
            must(h[4] == client.ident or not is_only, "another id: %s" % h)
            must(h[5:10] == ["2", "smtpserv.1", "application/x-smtpserv",
                             str(len(ENVELOPE)), "smtpserv"] and
                 abs(int(h[10]) - time.time()) < 600, "properties %s" % h)
    for p in keeper.log.of("publish"):
        must(p[3:] in (["smtpserv", "smtpserv", "1"],
                       ["smtpserv", "-", "1"]), "published as %s" % p)


def row(program, faults, code, wholes, large=False, least=0.0,
        keeper_seconds=2, connections=None, **more):
    """One message, in time.  None of wholes: any number; least: seconds."""
    with Keeper(program, faults, seconds=keeper_seconds, **more) as k:
        c = Client(k, LARGE if large else SMALL)
        got = c.answer()
        must(got == code, "%d %s after %.1f s, not %d" %
             (got, c.text, c.seconds, code))
        must(c.seconds < keeper_seconds + GRACE, "%.1f s" % c.seconds)
        must(c.seconds >= least, "already after %.1f s" % c.seconds)
        if wholes is not None:
            check_whole(k, c, wholes, True)
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
    ("K5 no channel", [["nochannel@last"]], 72, 2),
    ("K5 403", [["403@publish"]], 55, None),
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
    ("K3 blocked from the start", [["blocked@channel"]], 53, 0),
    ("K3 blocked before the confirm", [["blocked@confirm"]], 53, 0),
    ("K3 blocked on the probe", [["blocked@probe"]], 53, 0),
    ("K3 blocked and not any more", [["blip@confirm"]], 0, 1),
    ("K4 blocked in the middle", [["blocked@mid"]], 53, 0,
     dict(large=True)),
    ("K6 blocked after the last byte", [["blocked@last"]], 72, 1,
     dict(least=1.5)),
    ("K6 blocked, and then the ack", [["blockedack@last"]], 0, 1),
    ("K6 blocked for longer than a silence lasts", [["longalarm@last"]], 0, 1,
     dict(keeper_seconds=6)),
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
             dict(keeper_seconds=1)) for p in BEFORE] + [
    ("K5 silence@%s, large" % p, [["silence@%s" % p]], 73, 0,
     dict(keeper_seconds=3, large=True)) for p in INSIDE] + [
    ("K5 silence@publish", [["silence@publish"]], 72, 0,
     dict(keeper_seconds=1)),
    ("K5 mute@last", [["mute@last"]], 72, 2,
     dict(keeper_seconds=1)),
    ("K5 silence, then the next node", [["silence@last"], ["ack"]], 0, 2,
     dict(keeper_seconds=3)),
    ("K5 silence on the way, then the next node",
     [["silence@open"], ["ack"]], 0, 1, dict(keeper_seconds=9)),
]


# Scenes of more than one message, by name.

def kept(program):
    """K3 K8: one connection and one probe serve many messages."""
    with Keeper(program, [["ack"], ["ack"]]) as k:
        for _ in range(5):
            must(Client(k).answer() == 0, "not taken")
        must(len(k.log.of("connection")) == 1, "connections")
        # It may have been idle for a second on a loaded machine.
        must(len(k.log.of("probe")) < 5, "a probe for each")


def idle(program):
    """K3: a connection that was idle is asked before it is used."""
    with Keeper(program, [["ack"]]) as k:
        must(Client(k).answer() == 0, "not taken")
        time.sleep(1.1)
        must(Client(k).answer() == 0, "not taken")
        must(len(k.log.of("connection")) == 1, "connections")
        must(len(k.log.of("probe")) == 2, "probes")


def lazy(program):
    """K3: an alarm of which an idle connection has not heard."""
    with Keeper(program, [["lazy"]]) as k:
        must(Client(k).answer() == 0, "not taken")
        k.servers[0].block(True)
        time.sleep(1.1)
        c = Client(k)
        must(c.answer() == 53, "%d, not 53" % c.code)
        check_whole(k, c, 0)
        k.servers[0].block(False)
        must(Client(k).answer() == 0, "not taken after it")


def alarm(program):
    """K3: a kept connection hears of an alarm; new ones ask if it is over."""
    with Keeper(program, [["blockable"]]) as k:
        must(Client(k).answer() == 0, "not taken")
        k.servers[0].block(True)
        for _ in range(2):
            c = Client(k)
            must(c.answer() == 53, "%d, not 53" % c.code)
            check_whole(k, c, 0)
        # It is over, and nobody says so.
        k.servers[0].is_open.set()
        must(Client(k).answer() == 0, "not taken after it")
        must(len(k.log.of("connection")) == 3, "connections")


def lost(program):
    """K3 K8: one that has ended meanwhile is made anew, at the same node."""
    with Keeper(program, [["eof@acked", "rst@acked", "ack"], ["ack"]]) as k:
        for n in range(1, 4):
            c = Client(k)
            must(c.answer() == 0, "%d %s" % (c.code, c.text))
            must(len(k.log.of("connection")) == n, "connections")
            k.wait_for("end", min(n, 2))
        check_whole_ids(k, 3)


def check_whole_ids(keeper, n):
    """So many messages, each once."""
    ids = [w[3] for w in keeper.wholes()]
    must(len(ids) == len(set(ids)) == n, "whole %s" % ids)


def stays(program):
    """K8: it stays at the node that works."""
    with Keeper(program, [["eof@accept"], ["ack"]]) as k:
        for _ in range(3):
            must(Client(k).answer() == 0, "not taken")
        must(len(k.log.of("connection")) == 2, "connections")


def spread(program):
    """K8: workers begin at different nodes."""
    with Keeper(program, [["slow=1500"], ["slow=1500"]], workers=2,
                seconds=20) as k:
        clients = [Client(k) for _ in range(2)]
        for c in clients:
            must(c.answer() == 0, "not taken")
        must(all(s.count == 1 for s in k.servers), "at one node")


def crowd(program):
    """K1: 50 clients and 2 workers: 2 connections, and every message."""
    with Keeper(program, [["slow=5"]], workers=2, seconds=20) as k:
        clients = [Client(k) for _ in range(50)]
        for c in clients:
            must(c.answer() == 0, "%d %s" % (c.code, c.text))
        must(len(k.log.of("connection")) == 2, "connections")
        check_whole_ids(k, 50)


# States to be killed in: the server's fault, what it has logged by then.
STATES = {"dial": ("silence@accept", "said"), "probe": ("silence@probe", "said"),
          "body": ("silence@mid", "said"), "word": ("silence@last", "whole"),
          "retry": ("nack@last", "said")}


def killed(program, state):
    """K1: killed with one message, it leaves its client without an answer."""
    fault, word = STATES[state]
    with Keeper(program, [[fault, fault, "ack"]], seconds=20,
                refusal=10) as k:
        c = Client(k, LARGE if state == "body" else SMALL)
        k.wait_for(word)
        victims = k.workers()
        must(len(victims) == 1, "workers %s" % victims)
        os.kill(victims[0], signal.SIGKILL)
        must(c.answer() == 74, "%d %s" % (c.code, c.text))
        if state == "probe":
            # Another takes its place, and the next message.
            k.servers[0].faults = ["ack"]
            must(Client(k).answer() == 0, "no new worker")
            must("event=died" in k.said(), "not said")


def killed_whole(program):
    """K1: no worker outlives its starter, nor its message."""
    with Keeper(program, [["slow=500"]], seconds=20) as k:
        c = Client(k)
        k.wait_for("whole")
        workers = k.workers()
        k.process.kill()
        must(c.answer() == 0, "the message was not finished")
        end = time.monotonic() + 5
        for pid in workers:
            while os.path.exists("/proc/%d" % pid):
                must(time.monotonic() < end, "it lives on")
                time.sleep(0.01)


def stopped(program):
    """K8: SIGTERM: the message is finished, exit 0."""
    with Keeper(program, [["slow=500"]]) as k:
        c = Client(k)
        k.wait_for("whole")
        k.process.terminate()
        must(c.answer() == 0, "%d %s" % (c.code, c.text))
        must(k.process.wait(5) == 0, "exit code")


def stopped_in_a_crowd(program):
    """K8: SIGTERM is heard though clients wait."""
    with Keeper(program, [["slow=100"]], seconds=20) as k:
        clients = [Client(k) for _ in range(20)]
        k.wait_for("whole")
        k.process.terminate()
        must(k.process.wait(10) == 0, "exit code")
        must(len(k.wholes()) < 20, "it went on")
        must(clients[0].answer() == 0, "not taken")


def hung_up(program):
    """K8: SIGHUP: a new connection after the message."""
    with Keeper(program, [["slow=300"]]) as k:
        c = Client(k)
        k.wait_for("whole")
        k.process.send_signal(signal.SIGHUP)
        must(c.answer() == 0, "%d %s" % (c.code, c.text))
        k.wait_for("end")
        must(Client(k).answer() == 0, "not taken")
        must(len(k.log.of("connection")) == 2, "connections")


def attacked(program):
    """K7: descriptors that are not what was said."""
    os.mkfifo("fifo")
    with open("short", "wb") as f:
        f.write(SMALL)
    fifo = os.open("fifo", os.O_RDWR)
    room = os.open(".", os.O_RDONLY)
    good, env = a_file(SMALL), a_file(ENVELOPE)
    blind = os.open("short", os.O_WRONLY)
    end = (time.monotonic() + 60) * 1000
    huge = ENVELOPE + b"To: x@y\n" * (1 << 21)
    line = "x %d %d %d\n" % (len(SMALL), len(ENVELOPE), end)
    rows = [("a FIFO", [fifo, env], line, 54),
            ("a FIFO as envelope", [good, fifo], line, 54),
            ("a directory", [room, env], line, 54),
            ("a socket", [socket.socket().detach(), env], line, 54),
            ("for writing", [blind, env], line, 54),
            ("none", [], line, 54),
            ("one", [good], line, 54),
            ("three", [good, env, env], line, 54),
            ("shorter", [good, env], "x %d %d %d\n" %
             (len(SMALL) + 1, len(ENVELOPE), end), 54),
            ("longer", [good, env], "x %d %d %d\n" %
             (len(SMALL) - 1, len(ENVELOPE), end), 54),
            ("too large", [a_sparse(2 << 20), env],
             "x %d %d %d\n" % (2 << 20, len(ENVELOPE), end), 54),
            ("an empty line in the envelope", [good, a_file(b"From: \n\n")],
             "x %d 8 %d\n" % (len(SMALL), end), 54),
            ("an envelope without its end", [good, a_file(b"From: \nTo: a")],
             "x %d 12 %d\n" % (len(SMALL), end), 54),
            ("no envelope", [good, a_file(b"")],
             "x %d 0 %d\n" % (len(SMALL), end), 54),
            ("an envelope of 16 MiB", [good, a_file(huge)],
             "x %d %d %d\n" % (len(SMALL), len(huge), end), 54),
            ("a bad id", [good, env], "x/y 1 1 %d\n" % end, 81),
            ("no end", [good, env], "x 1 1\n", 81),
            ("no numbers", [good, env], "x\n", 81),
            ("more behind it", [good, env], line + "x", 81),
            ("no line", [good, env], "x" * 500, 81)]
    with Keeper(program, [["ack"]], keys=["smtp.maxsize = 1048575"]) as k:
        before = len(os.listdir("/proc/%d/fd" % k.process.pid))
        for name, fds, text, code in rows:
            c = Client(k, fds=fds, line=text)
            must(c.answer() == code, "%s: %d %s" % (name, c.code, c.text))
        must(not k.wholes(), "something was published")
        must(Client(k).answer() == 0, "not taken after them")
        worker = k.workers()[0]
        must(len(os.listdir("/proc/%d/fd" % worker)) < before + 6,
             "descriptors are left open")


def a_sparse(size):
    fd = os.memfd_create("x")
    os.ftruncate(fd, size)
    return fd


def shrunk(program):
    """K7: a file that shrinks on the way: nothing whole, 54."""
    fd, env = a_file(LARGE), a_file(ENVELOPE)

    class Shrinking(amqpd.Connection):
        def do_shrink(self):
            os.ftruncate(fd, 1000)

    class Server(amqpd.Server):
        connection_class = Shrinking

    with Keeper(program, [["shrink@body"]], server_class=Server) as k:
        c = Client(k, LARGE, fds=[fd, env])
        must(c.answer() == 54, "%d %s" % (c.code, c.text))
        check_whole(k, c, 0)
        must(Client(k).answer() == 0, "not taken after it")
        must(not k.log.of("unexpected"), "inside the first")


def read_by_name(program):
    """K7: the offset of a file is its client's business."""
    fd, env = a_file(SMALL), a_file(ENVELOPE)
    os.lseek(fd, 5, os.SEEK_SET)
    with Keeper(program, [["ack"]]) as k:
        c = Client(k, fds=[fd, env])
        must(c.answer() == 0, "%d %s" % (c.code, c.text))
        check_whole(k, c, 1)
        must(os.lseek(fd, 0, os.SEEK_CUR) == 5, "it was moved")


def slow_client(program):
    """A client that sends a part of its request does not keep a worker."""
    with Keeper(program, [["ack"]], seconds=20) as k:
        slow = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        slow.connect(k.path)
        slow.sendall(b"x")
        c = Client(k)
        must(c.answer() == 0, "%d %s" % (c.code, c.text))


def endless(program):
    """K5: words without an end do not outlast the deadline."""
    with Keeper(program, [["chatter@last"]], seconds=1) as k:
        c = Client(k)
        must(c.answer() in (72, 74), "%d %s" % (c.code, c.text))


def gone_client(program):
    """One that has given up in the backlog is not published for."""
    with Keeper(program, [["slow=500"]], seconds=20) as k:
        first = Client(k)
        k.wait_for("whole")
        gone = Client(k)
        gone.sock.close()
        must(first.answer() == 0, "not taken")
        must(Client(k).answer() == 0, "not taken")
        check_whole_ids(k, 2)


def late_client(program):
    """One whose time was over in the backlog is told that nothing was done."""
    with Keeper(program, [["slow=1000"]], seconds=20) as k:
        first = Client(k)
        k.wait_for("whole")
        late = Client(k, ends=1.5)
        must(first.answer() == 0, "not taken")
        must(late.answer() == 73, "%d %s" % (late.code, late.text))
        check_whole(k, late, 0)
        must(Client(k).answer() == 0, "not taken")


def soon_gone(program):
    """One that does not wait for long has its word before it goes."""
    with Keeper(program, [["mute@last"]], seconds=600) as k:
        c = Client(k, ends=4)
        c.sock.settimeout(9)            # before two silences are over
        must(c.answer() == 72, "%d %s" % (c.code, c.text))


def peak(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(x.split()[1]) for x in f if x.startswith("VmHWM"))


def sparing(program):
    """K4: memory does not grow with the message."""
    with Keeper(program, [["ack"]], seconds=20) as k:
        must(Client(k, LARGE[:300000]).answer() == 0, "not taken")
        before = peak(k.workers()[0])
        c = Client(k, LARGE * 4)
        must(c.answer() == 0, "%d %s" % (c.code, c.text))
        check_whole(k, c, 1)
        must(peak(k.workers()[0]) < before + 1024, "it grew")


def fresh(program):
    """K8: the login is read for each connection."""
    with open("fresh", "w", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write("ann\nfirst\n")
    with Keeper(program, [["eof@acked", "ack"]],
                ['smtp.amqp.login = "%s/fresh"' % os.getcwd()]) as k:
        must(Client(k).answer() == 0, "not taken")
        k.wait_for("end")
        with open("fresh", "w") as f:
            f.write("bob\nsecond\n")
        must(Client(k).answer() == 0, "not taken")
        must([x[3:] for x in k.log.of("login")] ==
             [["ann", "first"], ["bob", "second"]], "logins")


def capable(program):
    """K2: the node is told that we want to hear when it is blocked."""
    with Keeper(program, [["ack"]]) as k:
        must(Client(k).answer() == 0, "not taken")
        must({"connection.blocked", "authentication_failure_close"} <=
             set(k.log.of("capabilities")[0]), "capabilities")


def counted(program):
    """The file of counters."""
    with Keeper(program, [["ack", "ack"]],
                keys=['smtp.amqp.stat = "%s/stat"' % os.getcwd()]) as k:
        for _ in range(3):
            must(Client(k).answer() == 0, "not taken")
        must(Client(k, fds=[]).answer() == 54, "taken")
        wanted = ("smtpserv_publish_confirmed_total 3\n",
                  'refused_total{why="unreadable"} 1\n',
                  "connections_total 1\n", 'bucket{le="+Inf"} 3\n',
                  "seconds_count 3\n", "bytes_total %d\n" % (
                      3 * len(ENVELOPE + b"\n" + SMALL)))
        end = time.monotonic() + 5
        text = ""
        while not all(w in text for w in wanted):
            must(time.monotonic() < end, "counters: " + text)
            time.sleep(0.05)
            if os.path.exists("stat"):
                with open("stat") as f:
                    text = f.read()


def logged(program):
    """Each event in a line, and no secret in any, nor in /proc."""
    with Keeper(program, [["nack@last", "ack"]]) as k:
        c = Client(k)
        must(c.answer() == 0, "not taken")
        for text in ("event=connected node=127.0.0.1:", "event=nacked node=",
                     "event=published id=%s node=127.0.0.1:" % c.ident,
                     "size=%d rcpts=2 tries=2 ms=" % len(c.body)):
            must(text in k.said(), "no %s in %s" % (text, k.said()))
        pids = [k.process.pid] + k.workers()
        for pid in pids:
            for name in ("cmdline", "environ"):
                with open("/proc/%d/%s" % (pid, name), "rb") as f:
                    must(b"secret" not in f.read(), "a secret in " + name)
        must("secret" not in k.said(), "a secret in the log")
        must(k.log.of("login")[0][2:] == ["PLAIN", "ann", "secret"], "login")


SCENES = [(f.__name__, f) for f in (
    kept, idle, lazy, alarm, lost, stays, spread, crowd, killed_whole, stopped,
    stopped_in_a_crowd, hung_up, attacked, shrunk, read_by_name, slow_client,
    endless, gone_client, late_client, soon_gone, sparing, fresh, capable,
    counted, logged)]
SCENES += [("killed in " + state, lambda p, s=state: killed(p, s))
           for state in STATES]


# TLS: the node's certificate, ours, and the word.
TLS = [
    ("K8 EXTERNAL", "node", "client", 0),
    ("K8 a password", "node", None, 0),
    ("K8 another authority", "stranger", "client", 55),
    ("K8 another name", "elsewhere", "client", 55),
    ("K8 past its end", "old", "client", 55),
    ("K8 ours is of another authority", "node", "alien", 55),
    ("K8 ours is past its end", "node", "late", 55),
    ("K8 no TLS there", None, "client", 73),
]


def run_tls(program, name, node, ours, code):
    here = os.getcwd()
    tls = node and amqpd.tls_context(node, node + ".key",
                                     "ca" if ours else None)
    keys = ['smtp.amqp.ca = "%s/ca"' % here]
    if ours:
        keys += ['smtp.amqp.cert = "%s/%s"' % (here, ours),
                 'smtp.amqp.key = "%s/%s.key"' % (here, ours)]
    server = amqpd.Server(["ack"], Log(), tls)
    try:
        with Keeper(program, [], keys, ports=["localhost:%d" % server.port],
                    seconds=20) as k:
            server.out = k.log
            server.start()
            c = Client(k, LARGE)
            must(c.answer() == code, "%d %s: %s" % (c.code, c.text, k.said()))
            check_whole(k, c, 1 if code == 0 else 0)
            if code == 0:
                must(k.log.of("login")[0][2:] == (
                    ["EXTERNAL", "mailpub"] if ours else
                    ["PLAIN", "ann", "secret"]), "login")
    except Wrong as why:
        return "%s: %s" % (name, why)
    finally:
        server.listener.close()
    return None


def run_scene(program, name, scene):
    try:
        scene(program)
    except Wrong as why:
        return "%s: %s: %s" % (name, scene.__doc__, why)
    return None


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
    run = {"SCENES": run_scene, "TLS": run_tls}.get(group, run_row)
    return run_all(lambda *r: run(program, *r), globals()[group], only)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
