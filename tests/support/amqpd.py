"""A server of AMQP 0-9-1 that does one thing wrong at a time.

It knows what a publisher needs: a connection, a channel, confirms, publish.
A program that consumes is served by a class made from these.

    amqpd.py [-p FILE] [-l FILE] [-t CERT,KEY[,CA]] [-n USER:PASSWORD,...] [FAULT...]

serves 127.0.0.1 at a free port, which it writes into FILE (-p), until its
standard input ends or a signal ends it.  What it sees goes to the log (-l, or
standard output), an event a line, words parted by blanks:

    connection 1                    a client has connected
    login 1 PLAIN ann secret        (EXTERNAL, and the subject with -t)
    publish 1 TAG EXCHANGE KEY MANDATORY
    header 1 TAG SIZE ID MODE TYPE CONTENT-TYPE ENVELOPE-BYTES APP-ID TIME
    whole 1 TAG ID SIZE SHA256      every byte of a message has come
    short 1 TAG GOT SIZE            the connection ended inside it
    unexpected 1                    a message began inside another
    said 1 WHAT                     what the server did wrong
    end 1 WHY                       the connection is over

The probe (an empty message with the key "-") is returned and acknowledged, as
no queue has that key.  Faults are for connections in turn, the last for all that
follow; parts of one are joined by "+":

    ack             nothing is wrong
    KIND@POINT      KIND happens at POINT
    framemax=N      the server takes frames of no more than N octets
    heartbeats      empty frames of a heartbeat before each other frame
    bigbeats        the same, of 4 KiB each
    split           every octet is a packet of its own
    slow=MS         each answer to a message waits so long
    blockable       blocked as soon as a line is on standard input, until the
                    next line; an answer waits for that; a new connection
                    is told when it publishes
    lazy            the same, but it is told only when it publishes next

KIND is

    eof, rst        the connection is closed, or reset
    half            half a frame is sent, and then the connection is closed
    silence         nothing is read or said any more
    mute            all is read, but nothing is said any more
    garbage         octets that are not a frame
    blocked         connection.blocked; as mute from the first message on
    blockedack      connection.blocked, and then the answer
    longalarm       connection.blocked, 2.5 s later .unblocked, and the answer
    chatter         acks of nothing, one after the other, without an end
    blip            connection.blocked and .unblocked, and all goes on
    nack, return, othertag, later, multiple, heldtag, double, nochannel
                    instead of the ack: a nack; a return and an ack; an ack for
                    a tag that was not published; an ack after a second; ack of
                    all up to this; an ack of the last before this; two acks;
                    an ack that is not on the channel
    NNN             the connection is closed with that code; 404, 403 and 406
                    close the channel

and POINT, in the order in which they are passed: accept (nothing was said),
start-ok, tune-ok, open, channel, confirm, probe, probed (the probe's answer was
sent), publish, header, body (its first frame has begun), mid (half of it is
there), last (all of it is there), acked (so is the answer).
"""

import getopt
import hashlib
import os
import socket
import ssl
import struct
import sys
import threading
import time

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8

CONNECTION, CHANNEL, BASIC, CONFIRM = 10, 20, 60, 85
START, START_OK = (10, 10), (10, 11)
TUNE, TUNE_OK = (10, 30), (10, 31)
OPEN, OPEN_OK = (10, 40), (10, 41)
CLOSE, CLOSE_OK = (10, 50), (10, 51)
BLOCKED, UNBLOCKED = (10, 60), (10, 61)
CHANNEL_OPEN, CHANNEL_OPEN_OK = (20, 10), (20, 11)
CHANNEL_CLOSE, CHANNEL_CLOSE_OK = (20, 40), (20, 41)
CONFIRM_SELECT, CONFIRM_SELECT_OK = (85, 10), (85, 11)
PUBLISH, RETURN, ACK, NACK = (60, 40), (60, 50), (60, 80), (60, 120)

# basic's properties, in the order of their bits, from the highest
PROPERTIES = (("content_type", "s"), ("content_encoding", "s"),
              ("headers", "t"), ("delivery_mode", "B"), ("priority", "B"),
              ("correlation_id", "s"), ("reply_to", "s"), ("expiration", "s"),
              ("message_id", "s"), ("timestamp", "Q"), ("type", "s"),
              ("user_id", "s"), ("app_id", "s"), ("cluster_id", "s"))

TEXTS = {320: "CONNECTION_FORCED - broker forced connection closure",
         403: "ACCESS_REFUSED - access refused",
         404: "NOT_FOUND - no exchange",
         406: "PRECONDITION_FAILED - message size is larger than configured",
         501: "FRAME_ERROR", 530: "NOT_ALLOWED - vhost not found",
         541: "INTERNAL_ERROR"}


def shortstr(text):
    raw = text.encode() if isinstance(text, str) else text
    return bytes([len(raw)]) + raw


def longstr(raw):
    raw = raw.encode() if isinstance(raw, str) else raw
    return struct.pack(">I", len(raw)) + raw


def value(v):
    if isinstance(v, bool):
        return b"t" + bytes([v])
    if isinstance(v, int):
        return b"l" + struct.pack(">q", v)
    if isinstance(v, dict):
        return b"F" + table(v)
    return b"S" + longstr(v)


def table(d):
    return longstr(b"".join(shortstr(k) + value(v) for k, v in d.items()))


class Reader:
    """The arguments of a method, one after the other."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, form):
        got = struct.unpack_from(">" + form, self.raw, self.at)[0]
        self.at += struct.calcsize(">" + form)
        return got

    def bytes(self, n):
        got = self.raw[self.at:self.at + n]
        if len(got) != n:
            raise ValueError("cut short")
        self.at += n
        return got

    def shortstr(self):
        return self.bytes(self.take("B")).decode("latin-1")

    def longstr(self):
        return self.bytes(self.take("I"))

    def value(self):
        kind = self.bytes(1)
        if kind == b"F":
            return self.table()
        if kind == b"S" or kind == b"x":
            return self.longstr()
        if kind == b"t":
            return self.take("B") != 0
        if kind == b"V":
            return None
        return self.take({b"b": "b", b"B": "B", b"s": "h", b"u": "H",
                          b"I": "i", b"i": "I", b"l": "q", b"L": "Q",
                          b"T": "Q", b"f": "f", b"d": "d"}[kind])

    def table(self):
        inner, got = Reader(self.longstr()), {}
        while inner.at < len(inner.raw):
            name = inner.shortstr()
            got[name] = inner.value()
        return got


def properties_read(r):
    flags, got = r.take("H"), {}
    for i, (name, form) in enumerate(PROPERTIES):
        if flags & 0x8000 >> i:
            got[name] = (r.shortstr() if form == "s" else
                         r.table() if form == "t" else r.take(form))
    return got


def properties_write(values):
    flags, raw = 0, b""
    for i, (name, form) in enumerate(PROPERTIES):
        if name in values:
            flags |= 0x8000 >> i
            v = values[name]
            raw += (shortstr(v) if form == "s" else
                    table(v) if form == "t" else struct.pack(">" + form, v))
    return struct.pack(">H", flags) + raw


class Over(Exception):
    """This connection is over; its text says why."""


class Fault:
    """The parts of a fault, by name."""

    def __init__(self, text):
        self.at, self.options = {}, {}
        for part in text.split("+"):
            if "@" in part:
                kind, point = part.split("@")
                self.at[point] = kind
            elif "=" in part:
                name, number = part.split("=")
                self.options[name] = int(number)
            elif part != "ack":
                self.options[part] = True


class Message:
    """What is being published."""

    def __init__(self, connection, tag, exchange, key, mandatory):
        self.tag, self.exchange, self.key = tag, exchange, key
        self.mandatory = mandatory
        self.connection = connection
        self.properties, self.size, self.got = {}, None, 0
        self.digest = hashlib.sha256()
        self.body = b""
        self.raw = b""

    @property
    def is_probe(self):
        return self.key == "-"

    @property
    def id(self):
        return self.properties.get("message_id", "-")


class Connection:
    """One client.  Methods named on_CLASS_METHOD serve what the client sends;
    a class made from this one can have more of them."""

    keeps_bodies = False

    def __init__(self, server, sock, number, fault):
        self.server, self.sock, self.number = server, sock, number
        self.fault = Fault(fault)
        self.frame_max = self.fault.options.get("framemax", 131072)
        self.is_mute = self.is_blocked = False
        self.message = None
        self.tag = 0
        self.peer = "-"
        # A class made from this one may send from a thread of its own.
        self.lock = threading.RLock()

    # What goes out.

    def log(self, *words):
        self.server.log(words[0], self.number, *words[1:])

    def send_raw(self, raw):
        if self.is_mute:
            return
        with self.lock:
            if "split" in self.fault.options:
                for i in range(len(raw)):
                    self.sock.sendall(raw[i:i + 1])
            else:
                self.sock.sendall(raw)

    def send(self, kind, channel, payload):
        raw = b""
        # Only once its rate could have been agreed on.
        if self.is_tuned and "heartbeats" in self.fault.options:
            raw += self.frame(HEARTBEAT, 0, b"")
        if self.is_tuned and "bigbeats" in self.fault.options:
            raw += self.frame(HEARTBEAT, 0, b"h" * 4096)
        self.send_raw(raw + self.frame(kind, channel, payload))

    @staticmethod
    def frame(kind, channel, payload):
        return (struct.pack(">BHI", kind, channel, len(payload)) + payload +
                b"\xce")

    def method(self, channel, method, raw=b""):
        self.send(METHOD, channel, struct.pack(">HH", *method) + raw)

    def content(self, channel, properties, body):
        self.send(HEADER, channel, struct.pack(">HHQ", BASIC, 0, len(body)) +
                  properties_write(properties))
        most = self.frame_max - 8
        for at in range(0, len(body), most):
            self.send(BODY, channel, body[at:at + most])

    # What comes in.

    def read_raw(self, n):
        got = b""
        while len(got) < n:
            piece = self.sock.recv(n - len(got))
            if not piece:
                raise Over("eof" if not got else "eof in a frame")
            got += piece
        return got

    def read(self):
        kind, channel, size = struct.unpack(">BHI", self.read_raw(7))
        if size > self.frame_max - 8:
            raise Over("a frame of %d octets" % size)
        if kind == BODY and self.message is not None:
            self.body_begins(size)
        payload = self.read_raw(size)
        if self.read_raw(1) != b"\xce":
            raise Over("a frame without its end")
        return kind, channel, payload

    # What goes wrong.

    def point(self, name):
        kind = self.fault.at.get(name)
        if kind is None:
            return None
        if kind in ("nack", "return", "othertag", "later", "multiple",
                    "heldtag", "double", "blockedack", "longalarm",
                    "nochannel"):
            return kind
        self.log("said", kind + "@" + name)
        if kind.isdigit():
            return self.close(int(kind))
        return getattr(self, "do_" + kind)()

    def do_eof(self):
        raise Over("eof@")

    def do_rst(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        # Not unwrapped: TLS would say good-bye.
        os.close(self.sock.detach())
        raise Over("rst@")

    def do_half(self):
        self.send_raw(self.frame(METHOD, 1, struct.pack(">HHQB", *ACK, 1, 0))
                      [:9])
        raise Over("half@")

    def do_silence(self):
        self.server.held.append(self.sock)
        self.server.ending.wait()
        raise Over("silence@")

    def do_mute(self):
        self.is_mute = True

    def do_garbage(self):
        self.send_raw(b"\x07garbage\xff" * 40)

    def do_blocked(self):
        self.method(0, BLOCKED, shortstr("low on disk"))
        self.is_blocked = True
        self.is_mute = self.tag > 0

    def do_chatter(self):
        raw = self.frame(METHOD, 1, struct.pack(">HHQB", *ACK, 0, 0))
        while True:
            self.send_raw(raw * 4096)

    def do_blip(self):
        self.method(0, BLOCKED, shortstr("low on memory"))
        self.method(0, UNBLOCKED)

    def close(self, code):
        raw = struct.pack(">H", code) + shortstr(TEXTS.get(code, "ERROR"))
        raw += struct.pack(">HH", *PUBLISH)
        if code in (403, 404, 406) and self.opened:
            self.method(1, CHANNEL_CLOSE, raw)
        else:
            self.method(0, CLOSE, raw)
        self.is_mute = True

    # A connection's life.

    opened = is_tuned = False

    def run(self):
        try:
            self.greet()
            while True:
                kind, channel, payload = self.read()
                if kind == METHOD:
                    r = Reader(payload)
                    self.dispatch(channel, (r.take("H"), r.take("H")), r)
                elif kind == HEADER:
                    self.on_header(channel, Reader(payload))
                elif kind == BODY:
                    self.on_body(channel, payload)
        except Over as why:
            self.end(str(why))
        except ssl.SSLError as why:
            self.end("tls %s" % why.reason)
        except OSError as why:
            self.end(why.strerror or str(why))

    def end(self, why):
        m = self.message
        if m is not None and m.size is not None and m.got < m.size:
            self.log("short", m.tag, m.got, m.size)
        try:
            # A child that has not called exec yet may have the socket, too.
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass                            # it is not connected any more
        try:
            self.sock.close()
        except OSError:
            pass
        self.log("end", why)

    def shake_hands(self):
        """A peer that is refused hears why: a close over what it has sent
        meanwhile would reset the connection, and take the alert with it."""
        self.sock = self.server.tls.wrap_socket(
            self.sock, server_side=True, do_handshake_on_connect=False)
        try:
            self.sock.do_handshake()
        except ssl.SSLError:
            self.sock = socket.socket(fileno=self.sock.detach())
            self.sock.settimeout(10)
            self.sock.shutdown(socket.SHUT_WR)
            while self.sock.recv(4096):
                pass
            raise

    def greet(self):
        self.log("connection")
        self.point("accept")
        if self.server.tls is not None:
            self.shake_hands()
            names = [v for rdn in (self.sock.getpeercert() or {}).get(
                "subject", ()) for k, v in rdn if k == "commonName"]
            self.peer = names[0] if names else "-"
        if self.read_raw(8) != b"AMQP\0\0\x09\x01":
            raise Over("not a greeting")
        self.method(0, START, b"\0\x09" + table({
            "product": "amqpd", "capabilities": {
                "connection.blocked": True, "basic.nack": True,
                "publisher_confirms": True, "consumer_cancel_notify": True,
                "authentication_failure_close": True}}) +
            longstr("PLAIN EXTERNAL") + longstr("en_US"))

    def dispatch(self, channel, method, r):
        name = "on_%d_%d" % method
        if not hasattr(self, name):
            self.log("unknown", *method)
            return self.close(540)
        return getattr(self, name)(channel, r)

    def on_10_11(self, _channel, r):                            # start-ok
        self.client = r.table()
        mechanism = r.shortstr()
        words = r.longstr().decode("latin-1").split("\0")
        self.log("login", mechanism,
                 *(words[1:] if mechanism == "PLAIN" else [self.peer]))
        capable = self.client.get("capabilities", {})
        self.log("capabilities", *sorted(k for k in capable if capable[k]))
        self.point("start-ok")
        if (mechanism == "PLAIN" and self.server.users and
                ":".join(words[1:]) not in self.server.users):
            return self.close(403)
        self.method(0, TUNE, struct.pack(">HIH", 2047, self.frame_max, 0))

    def on_10_31(self, _channel, r):                            # tune-ok
        r.take("H")
        most = r.take("I")
        if most:
            self.frame_max = min(self.frame_max, most)
        self.is_tuned = True
        self.point("tune-ok")

    def on_10_40(self, _channel, r):                            # open
        self.log("vhost", r.shortstr())
        self.point("open")
        self.method(0, OPEN_OK, shortstr(""))

    def on_10_50(self, _channel, _r):                           # close
        try:
            self.method(0, CLOSE_OK)
        except OSError:
            pass                            # it did not wait for that
        raise Over("closed")

    def on_10_51(self, _channel, _r):                           # close-ok
        raise Over("close-ok")

    def on_20_10(self, channel, _r):                            # channel open
        self.opened = True
        self.point("channel")
        self.method(channel, CHANNEL_OPEN_OK, longstr(""))

    def on_20_40(self, channel, _r):                            # channel close
        self.method(channel, CHANNEL_CLOSE_OK)

    def on_20_41(self, _channel, _r):                           # its close-ok
        pass

    def on_85_10(self, channel, _r):                            # select
        self.point("confirm")
        self.method(channel, CONFIRM_SELECT_OK)
        self.tag = 0

    def on_60_40(self, _channel, r):                            # publish
        if self.message is not None:
            self.log("unexpected")
            return self.close(505)
        r.take("H")
        exchange, key = r.shortstr(), r.shortstr()
        mandatory = r.take("B") & 1
        self.tag += 1
        self.message = Message(self, self.tag, exchange, key, mandatory)
        self.log("publish", self.tag, exchange or "-", key, mandatory)
        if (not self.server.is_open.is_set() and
                ("lazy" in self.fault.options or
                 "blockable" in self.fault.options and self.message.is_probe)):
            self.do_blocked()
        self.is_mute |= self.is_blocked
        self.point("probe" if self.message.is_probe else "publish")

    def on_header(self, channel, r):
        m = self.message
        r.take("H")
        r.take("H")
        m.size = r.take("Q")
        m.raw = r.raw[4:]
        m.properties = p = properties_read(r)
        self.log("header", m.tag, m.size, m.id, p.get("delivery_mode", 1),
                 p.get("type", "-"), p.get("content_type", "-"),
                 p.get("headers", {}).get("envelope-bytes", "-"),
                 p.get("app_id", "-"), p.get("timestamp", "-"))
        if not m.is_probe:
            self.point("header")
        if m.size == 0:
            self.whole(channel, m)

    def body_begins(self, size):
        m = self.message
        if m.got == 0:
            self.point("body")
        if m.got <= m.size // 2 < m.got + size:
            self.point("mid")

    def on_body(self, channel, payload):
        m = self.message
        m.got += len(payload)
        m.digest.update(payload)
        if self.keeps_bodies:
            m.body += payload
        if m.got >= m.size:
            self.whole(channel, m)

    def whole(self, channel, m):
        self.message = None
        if m.is_probe:
            self.log("probe", m.tag)
            if m.mandatory:
                self.give_back(channel, m)
            self.answer(channel, m, None)
            self.point("probed")
            return
        self.log("whole", m.tag, m.id, m.size, m.digest.hexdigest())
        self.answer(channel, m, self.point("last"))
        self.point("acked")

    def give_back(self, channel, m):
        self.method(channel, RETURN, struct.pack(">H", 312) +
                    shortstr("NO_ROUTE") + shortstr(m.exchange) +
                    shortstr(m.key))
        self.send(HEADER, channel, struct.pack(">HH", BASIC, 0) + m.raw)
        if m.size:
            self.send(BODY, channel, b"x" * min(m.size, self.frame_max - 8))

    def answer(self, channel, m, kind):
        if kind is not None:
            self.log("said", kind + "@last")
        time.sleep(self.fault.options.get("slow", 0) / 1000)
        method, tag, many = ACK, m.tag, 0
        if kind == "nack":
            method = NACK
        elif kind == "return":
            self.give_back(channel, m)
        elif kind == "othertag":
            tag += 1
        elif kind == "heldtag":
            tag -= 1
        elif kind == "later":
            time.sleep(1)
        elif kind == "multiple":
            many = 1
        elif kind == "blockedack":
            self.method(0, BLOCKED, shortstr("low on disk"))
            time.sleep(0.1)
        elif kind == "longalarm":
            self.method(0, BLOCKED, shortstr("low on disk"))
            time.sleep(2.5)
            self.method(0, UNBLOCKED)
            time.sleep(0.05)
        elif kind == "nochannel":
            channel = 0
        self.server.wait_open(self)
        self.method(channel, method, struct.pack(">QB", tag, many))
        if kind == "double":
            self.method(channel, method, struct.pack(">QB", tag, many))


class Server:
    """Accepts; each connection is a thread."""

    connection_class = Connection

    def __init__(self, faults, log=None, tls=None, users=()):
        self.faults = list(faults) or ["ack"]
        self.tls, self.users = tls, users
        self.out = log
        self.count = 0
        self.held = []
        self.connections = []
        self.ending = threading.Event()
        self.is_open = threading.Event()
        self.is_open.set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        # So that a client that is not read soon notices.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.port = self.listener.getsockname()[1]

    def log(self, *words):
        if self.out is not None:
            with self.lock:
                self.out.write(" ".join(str(w) for w in words) + "\n")
                self.out.flush()

    def wait_open(self, connection):
        if "blockable" in connection.fault.options:
            self.is_open.wait()

    def block(self, is_blocked):
        """All connections that are blockable, from now on or no more."""
        if is_blocked:
            self.is_open.clear()
        for c in list(self.connections):
            if "blockable" in c.fault.options and c.opened:
                c.method(0, *((BLOCKED, shortstr("low on memory"))
                              if is_blocked else (UNBLOCKED,)))
        if not is_blocked:
            self.is_open.set()
        self.log("alarm", 0, is_blocked)

    def serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            fault = self.faults[min(self.count, len(self.faults) - 1)]
            self.count += 1
            c = self.connection_class(self, sock, self.count, fault)
            self.connections.append(c)
            threading.Thread(target=c.run, daemon=True).start()

    def start(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self


def tls_context(cert, key, ca=None):
    """A client must show a certificate that ca has signed, if there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if ca is not None:
        context.load_verify_locations(ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def main(argv, server_class=Server):
    opts, faults = getopt.getopt(argv, "p:l:t:n:")
    opts = dict(opts)
    log = open(opts["-l"], "a") if "-l" in opts else sys.stdout
    tls = tls_context(*opts["-t"].split(",")) if "-t" in opts else None
    users = opts["-n"].split(",") if "-n" in opts else ()
    server = server_class(faults, log, tls, users)
    if "-p" in opts:
        with open(opts["-p"] + ".new", "w") as f:
            f.write("%d\n" % server.port)
        os.rename(opts["-p"] + ".new", opts["-p"])
    server.start()
    is_blocked = False
    while sys.stdin.readline():
        is_blocked = not is_blocked
        server.block(is_blocked)


if __name__ == "__main__":
    main(sys.argv[1:])
