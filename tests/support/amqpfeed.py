"""A queue on the server of amqpd.py, for programs that consume.

    amqpfeed.py [-p FILE] [-l FILE] [-t CERT,KEY[,CA]] [-n USER:PASSWORD,...] MESSAGES [FAULT...]
    amqpfeed.py compare MESSAGES SPOOL

MESSAGES is a file with a message a line, in JSON: {} is one of ours, and what is
named replaces a part of it:

    "id", "envelope", "text"    strings (text's characters are octets)
    "octets": N                 a text of so many octets, of all values
    "count": N                  as many of them, with ids of their own
    "properties": {...}         of AMQP; null takes one away
    "body"                      instead of envelope, empty line and text
    "again": true               delivered before, to somebody else

compare prints for each, in order, `ID TIMES`: how often it is in the spool,
octet for octet, with its id; and what is there besides.

A message that is not acknowledged when its connection ends is delivered again,
marked so.  More events in the log:

    qos N PREFETCH          consume N QUEUE NOACK       cancel N
    deliver N TAG ID AGAIN  ack N TAG ID                requeue N ID
    refuse N WHAT           (a nack or reject: nobody may do that)
    empty 0                 everything is acknowledged

More points of faults: qos, consume, deliver, header, body, mid (half of the
body is sent), delivered, ack (it has come, and is not heeded), acked.  More
kinds of them:

    cancel                  basic.cancel
    long, stray, twice      a body that is longer than it says; a frame of a body
                            that is nobody's; two methods before a header
    wait                    until a line is on standard input
The option at=N has it happen with the Nth message of the connection, not the first.
"""

import json
import os
import random
import re
import socket
import struct
import sys
import threading

import amqpd
from amqpd import (BASIC, BODY, HEADER, Over, longstr, properties_write,
                   shortstr)

QOS, QOS_OK = (60, 10), (60, 11)
CONSUME, CONSUME_OK = (60, 20), (60, 21)
CANCEL, CANCEL_OK = (60, 30), (60, 31)
DELIVER = (60, 60)


class Letter:
    """A message that is to be delivered."""

    def __init__(self, fields, number, serial=None):
        tail = "" if serial is None else ".%d" % serial
        self.id = fields.get("id", "1795000000000000000.%d" % number) + tail
        envelope = fields.get("envelope", "From: a@b.example\nTo: c@d.example\n")
        if "octets" in fields:
            dice = random.Random(number * 1000 + (serial or 0))
            text = dice.randbytes(fields["octets"])
        else:
            text = fields.get("text", "Subject: %d%s\n\nhello\n" %
                              (number, tail)).encode("latin-1")
        self.envelope, self.text = envelope.encode("latin-1"), text
        self.body = self.envelope + b"\n" + text
        if "body" in fields:
            self.body = fields["body"].encode("latin-1")
        self.properties = {
            "content_type": "application/x-smtpserv", "type": "smtpserv.1",
            "delivery_mode": 2, "message_id": self.id, "app_id": "smtpserv",
            "timestamp": 1795000000,
            "headers": {"envelope-bytes": len(self.envelope)}}
        for name, v in fields.get("properties", {}).items():
            self.properties[name] = v
            if v is None:
                del self.properties[name]
        self.again = fields.get("again", False)


def letters(path):
    got = []
    with open(path) as f:
        for line in f:
            fields = json.loads(line)
            n = len(got) + 1
            if "count" in fields:
                got += [Letter(fields, n, i) for i in range(fields["count"])]
            else:
                got.append(Letter(fields, n))
    return got


class Consumer(amqpd.Connection):
    tag = 0
    prefetch = 0
    consumer = None

    def __init__(self, *args):
        super().__init__(*args)
        self.unacked = {}
        self.passed = 0     # messages
        self.happened = set()

    def point(self, name):
        of_a_message = name in ("deliver", "header", "body", "mid",
                                "delivered", "ack", "acked")
        if of_a_message and (name in self.happened or
                             self.passed < self.fault.options.get("at", 1)):
            return None
        self.happened.add(name)
        return super().point(name)

    def on_60_10(self, channel, r):                             # qos
        r.take("I")
        self.prefetch = r.take("H")
        self.log("qos", self.prefetch)
        self.point("qos")
        self.method(channel, QOS_OK)

    def on_60_20(self, channel, r):                             # consume
        r.take("H")
        queue, tag, flags = r.shortstr(), r.shortstr(), r.take("B")
        self.log("consume", queue, flags >> 1 & 1)
        self.point("consume")
        self.method(channel, CONSUME_OK, shortstr(tag))
        self.consumer = tag
        self.server.feed()

    def on_60_30(self, channel, r):                             # cancel
        tag = r.shortstr()
        self.log("cancel")
        with self.server.queue_lock:
            self.consumer = None
        self.method(channel, CANCEL_OK, shortstr(tag))

    def on_60_31(self, _channel, _r):                           # cancel-ok
        pass

    def on_60_80(self, _channel, r):                            # ack
        tag, many = r.take("Q"), r.take("B")
        self.point("ack")
        if self.is_mute:
            return None
        with self.server.queue_lock:
            letter = self.unacked.pop(tag, None)
        if letter is None or many:
            self.log("refuse", "unknown tag %d" % tag)
            return self.close(406)
        self.log("ack", tag, letter.id)
        self.server.acked(letter)
        self.point("acked")
        self.server.feed()

    def on_60_90(self, _channel, _r):                           # reject
        self.log("refuse", "reject")

    def on_60_120(self, _channel, _r):                          # nack
        self.log("refuse", "nack")

    def on_60_110(self, _channel, _r):                          # recover
        self.log("refuse", "recover")

    def do_cancel(self):
        if self.consumer is not None:
            tag, self.consumer = self.consumer, None
            self.method(1, CANCEL, shortstr(tag) + b"\1")

    def do_stray(self):
        self.send(BODY, 1, b"nobody's")

    def do_twice(self):
        self.method(1, DELIVER, shortstr("x") + struct.pack(">QB", 99, 0) +
                    shortstr("") + shortstr("smtpserv"))

    def can_take(self):
        return (self.consumer is not None and not self.is_mute and
                (self.prefetch == 0 or len(self.unacked) < self.prefetch))

    def reserve(self, letter):
        self.tag += 1
        self.unacked[self.tag] = letter
        return self.tag

    def deliver(self, tag, letter):
        with self.lock:
            self.passed += 1
            self.log("deliver", tag, letter.id, int(letter.again))
            self.point("deliver")
            self.method(1, DELIVER, shortstr("x") + struct.pack(
                ">QB", tag, letter.again) + shortstr("smtpserv") +
                shortstr("smtpserv"))
            self.point("header")
            self.send(HEADER, 1, struct.pack(
                ">HHQ", BASIC, 0, len(letter.body)) +
                properties_write(letter.properties))
            self.send_body(letter.body)
            self.point("delivered")

    def send_body(self, body):
        most = self.frame_max - 8
        is_long = self.fault.at.get("body") == "long"
        self.point("body")
        has_passed = False
        for at in range(0, len(body), most):
            piece = body[at:at + most]
            if not has_passed and at + len(piece) >= len(body) // 2:
                has_passed = True
                if "mid" in self.fault.at:
                    half = piece[:len(piece) // 2]
                    if half:
                        self.send(BODY, 1, half)
                    piece = piece[len(half):]
                    self.point("mid")
            if is_long and at + most >= len(body):
                piece += b"more than it says"
            self.send(BODY, 1, piece)

    def do_long(self):
        pass

    def do_silence(self):
        self.is_mute = True
        while self.sock.recv(65536):
            pass
        raise Over("silence@")

    def do_wait(self):
        self.server.went_on.wait()

    def end(self, why):
        super().end(why)
        self.server.gone(self)


class Server(amqpd.Server):
    connection_class = Consumer

    def __init__(self, *args):
        super().__init__(*args)
        self.queue_lock = threading.RLock()
        self.queue = []
        self.left = set()
        self.went_on = threading.Event()

    def block(self, _is_blocked):
        self.went_on.set()

    def publish(self, got):
        self.queue = list(got)
        self.left = set(got)

    def feed(self):
        """Deliver what can be, one to each connection in turn."""
        went_on = True
        while went_on:
            went_on = False
            for c in list(self.connections):
                with self.queue_lock:
                    if not self.queue or not c.can_take():
                        continue
                    letter = self.queue.pop(0)
                    tag = c.reserve(letter)
                went_on = True
                try:
                    c.deliver(tag, letter)
                except (OSError, Over) as why:
                    c.log("end", why)
                    c.is_mute = True
                    self.gone(c)
                    try:
                        c.sock.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                    c.sock.close()

    def acked(self, letter):
        with self.queue_lock:
            self.left.discard(letter)
            if not self.left:
                self.log("empty", 0)

    def gone(self, connection):
        with self.queue_lock:
            if connection not in self.connections:
                return
            self.connections.remove(connection)
            connection.consumer = None
            back = [connection.unacked[t] for t in sorted(connection.unacked)]
            connection.unacked = {}
            for letter in back:
                letter.again = True
                connection.log("requeue", letter.id)
            self.queue[:0] = back
        self.feed()


def compare(path, spool):
    got = letters(path)
    there = {}
    for name in sorted(os.listdir(spool)):
        m = re.fullmatch(r"([1-9][0-9]*)\.(WRK|BAD)", name)
        if not m:
            continue
        with open("%s/%s" % (spool, name), "rb") as f:
            envelope = f.read()
        with open("%s/%s.TXT" % (spool, m[1]), "rb") as f:
            there[name] = envelope, f.read()
    for letter in got:
        want = (letter.envelope + b"Queue-Id: " + letter.id.encode() + b"\n",
                letter.text)
        names = [n for n in there if there[n] == want]
        print(letter.id, len(names))
        for n in names:
            del there[n]
    for n in there:
        print("besides", n)


def main(argv):
    if argv and argv[0] == "compare":
        return compare(*argv[1:])
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2
    got = letters(argv.pop(at))

    def server(*args):
        made = Server(*args)
        made.publish(got)
        return made

    amqpd.main(argv, server)


if __name__ == "__main__":
    main(sys.argv[1:])
