# SPDX-License-Identifier: ISC
"""A DNS server that says what it is told to, be it true or not.

usage: dnsd.py FILE [ADDRESS [PORT]]

FILE has a line for each answer:

    NAME TYPE [MOOD...] [= DATA...]

and what it does not have is NXDOMAIN, or if another type of the name is there,
has no data.  DATA of MX is 10:host, where `.` is the root, of TLSA 3.1.1.HEX, of
A, AAAA and CNAME what it stands for.  It is read anew for each question.  Moods:

    ad nx servfail refused formerr referral     of a sound answer
    cname=NAME          a CNAME goes before; several follow each other
    tc                  truncated by UDP, whole by TCP
    edns                FORMERR to a question with EDNS
    silent mute         no answer; none by TCP, and truncated by UDP
    id question server  of another id, question or server, and then silence
    both                of another id, and then the right one
    short junk loop counts    cut off, noise, a name that is a circle, a number
                              of records that are not there
    big                 64 KiB of records that nobody asked for, by TCP

The port is written to `port` once it serves; any is taken for 0.  Questions go
to `asked`, a line each: NAME TYPE, and tcp if it came so.
"""
import os
import random
import socket
import struct
import sys
import threading

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'MX': 15, 'AAAA': 28, 'TLSA': 52}
NAMES = {n: t for t, n in TYPES.items()}


def wire(name):
    return b''.join(bytes([len(x)]) + x.encode()
                    for x in name.split('.') if x) + b'\0'


def data(kind, text):
    if kind == 'A':
        return socket.inet_pton(socket.AF_INET, text)
    if kind == 'AAAA':
        return socket.inet_pton(socket.AF_INET6, text)
    if kind == 'MX':
        preference, host = text.split(':')
        return struct.pack('>H', int(preference)) + wire(host)
    if kind == 'TLSA':
        *numbers, digest = text.split('.')
        return bytes(map(int, numbers)) + bytes.fromhex(digest)
    return wire(text)


def record(owner, kind, what):
    return (wire(owner) + struct.pack('>HHIH', TYPES[kind], 1, 300, len(what)) +
            what)


class Question:
    def __init__(self, packet):
        self.packet, at, labels = packet, 12, []
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode())
            at += 1 + packet[at]
        self.name = '.'.join(labels).lower()
        self.type = NAMES.get(*struct.unpack('>H', packet[at + 1:at + 3]), '?')
        self.end = at + 5
        self.has_edns = packet[11] != 0


def rules(path):
    with open(path) as lines:
        for line in lines:
            words = line.split()
            at = words.index('=') if '=' in words else len(words)
            if words:
                yield words[0].lower(), words[1], words[2:at], words[at + 1:]


def find(path, question):
    """The moods, and the data; the moods alone say that there is not any."""
    there = False
    for name, kind, moods, values in rules(path):
        if name == question.name:
            there = True
            if kind == question.type:
                return moods, values
    return ([] if there else ['nx']), []


def sound(question, moods, values):
    """A whole answer, with the moods that such a one can have."""
    owner, records = question.name, []
    for mood in moods:
        if mood.startswith('cname='):
            records.append(record(owner, 'CNAME', wire(mood[6:])))
            owner = mood[6:]
    for value in values:
        records.append(record(owner, question.type,
                              data(question.type, value)))
    rcode = 0
    for mood, number in ('formerr', 1), ('servfail', 2), ('nx', 3), \
            ('refused', 5):
        if mood in moods:
            rcode = number
    flags = 0x8100 | (0 if 'referral' in moods else 0x80) | rcode
    if 'ad' in moods:
        flags |= 0x20
    return (question.packet[:2] + struct.pack('>HHHHH', flags, 1, len(records),
                                              0, 0) +
            question.packet[12:question.end] + b''.join(records))


def spoiled(question, answer, moods):
    if 'short' in moods:
        return answer[:len(answer) - 3]
    if 'junk' in moods:
        return answer[:question.end] + random.Random(1).randbytes(400)
    if 'loop' in moods:
        at = question.end
        return (answer[:6] + b'\0\1' + answer[8:at] +
                struct.pack('>H', 0xc000 | at) + answer[at + 2:])
    if 'counts' in moods:
        return answer[:6] + b'\xff\xff' + answer[8:]
    if 'big' in moods:
        other = record('other.test', 'MX', data('MX', '1:mx.other.test'))
        n = (65000 - len(answer)) // len(other)
        return (answer[:6] + struct.pack('>H', n + answer[7]) + answer[8:] +
                other * n)
    return answer


class Server:
    def __init__(self, path, address, port):
        self.path, self.lock = path, threading.Lock()
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self.udp = socket.socket(family, socket.SOCK_DGRAM)
        self.udp.bind((address, port))
        self.other = socket.socket(family, socket.SOCK_DGRAM)
        self.other.bind((address, 0))
        self.tcp = socket.socket(family, socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind((address, self.udp.getsockname()[1]))
        self.tcp.listen(16)

    def note(self, question, how):
        with self.lock, open('asked', 'a') as asked:
            asked.write(f'{question.name} {question.type}{how}\n')

    def take(self, packet, how):
        question = Question(packet)
        self.note(question, how)
        moods, values = find(self.path, question)
        if 'edns' in moods:
            moods = ['formerr'] if question.has_edns else moods
        answer = sound(question, moods, values)
        return question, moods, spoiled(question, answer, moods)

    def lie(self, question, moods, answer, to):
        """Send what must not be taken.  True: and nothing else."""
        bad = answer
        if 'id' in moods or 'both' in moods:
            bad = bytes([answer[0] ^ 1]) + answer[1:]
        if 'question' in moods:
            bad = answer.replace(question.packet[12:16],
                                 question.packet[12:13] + b'xxx', 1)
        if bad is not answer:
            self.udp.sendto(bad, to)
        if 'server' in moods:
            self.other.sendto(answer, to)
        return 'both' not in moods and (bad is not answer or 'server' in moods
                                        or 'silent' in moods)

    def serve_udp(self):
        while True:
            packet, to = self.udp.recvfrom(65535)
            question, moods, answer = self.take(packet, '')
            if self.lie(question, moods, answer, to):
                continue
            if {'tc', 'mute', 'big'} & set(moods):
                answer = (answer[:2] + bytes([answer[2] | 2]) + answer[3:6] +
                          b'\0\0' + answer[8:question.end])
            self.udp.sendto(answer, to)

    def serve_one(self, sock):
        with sock, sock.makefile('rb') as lines:
            while size := lines.read(2):
                packet = lines.read(*struct.unpack('>H', size))
                _, moods, answer = self.take(packet, ' tcp')
                if 'mute' in moods:
                    lines.read()
                sock.sendall(struct.pack('>H', len(answer)) + answer)

    def serve(self):
        threading.Thread(target=self.serve_udp, daemon=True).start()
        with open('port.new', 'w') as port:
            port.write(f'{self.udp.getsockname()[1]}\n')
        os.rename('port.new', 'port')
        while True:
            sock, _ = self.tcp.accept()
            threading.Thread(target=self.serve_one, args=(sock,),
                             daemon=True).start()


if __name__ == '__main__':
    open('asked', 'w').close()
    Server(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else '127.0.0.1',
           int(sys.argv[3]) if len(sys.argv) > 3 else 0).serve()
