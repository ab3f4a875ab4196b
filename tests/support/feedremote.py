#!/usr/bin/env python3
# A smtpserv-remote that reaches nobody: it takes the worker's feed, or one
# message as qmail-remote, and says what its plan has for the hop.  Beside the
# program's place is a directory
# `plan`, in it a file by the name of the hop: its words, from the first to the
# last connection (the last stays).  What it was given goes to the file `mail`,
# a line a message; all that came whole to `fed`, and each start to `starts`.
#
#     good [CREDIT [DSN]]   delivered; CREDIT messages ahead from the second on
#     down  gone  many      F: nobody answers; no such domain; 421
#     mute                  no connection, no word, until it is told to quit
#     hang                  takes a message and says no more
#     hold [CREDIT]         keeps messages until it is told to give them up
#     die  doubt            dies with a message in hand: before, after its P
#     part                  the same, and the last recipient was put off before
#     full                  as good, but the one message is put off by a reply
#     mixed                 the first recipient is refused, the second put off
#     bounce                each message is refused
#     untried               N to the first message, and then F
#     unread                good for one message; ends with the next one unread,
#                           while the worker does not look
#     close                 good for one message, then the host closes
#     lie-done lie-tag lie-two lie-junk lie-index lie-worker lie-early
import os
import signal
import socket
import sys
import time

MAX = 8193
here = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[0])))
args = sys.argv[1:]
is_fed = args[0] == '--feed'
hop = args[-1] if is_fed else args[2]
sock = socket.socket(fileno=0) if is_fed else None


def note(name, text):
    with open(os.path.join(here, name), 'a') as f:
        f.write(text + '\n')


def say(kind, *fields):
    record = kind + ''.join(str(f) + '\0' for f in fields)
    sock.send(record.encode())


def plan():
    path = os.path.join(here, 'plan', hop)
    with open(path) as f:
        lines = [line.split() for line in f.read().splitlines() if line]
    if len(lines) > 1:
        with open(path + '.new', 'w') as f:
            f.writelines(' '.join(line) + '\n' for line in lines[1:])
        os.rename(path + '.new', path)
    return lines[0]


class Message:
    def __init__(self, fields, fd):
        self.sender, self.size, self.body, self.flags = fields[1:5]
        self.rcpts = []
        with os.fdopen(fd, 'rb') as f:
            self.text = f.read()
        assert len(self.text) == int(self.size)


def next_message(held):
    """The next whole message; None: there will be none."""
    while True:
        data, fds, _, _ = socket.recv_fds(sock, MAX, 2)
        if not data:
            os._exit(0)
        kind, fields = chr(data[0]), data[1:].decode().split('\0')[:-1]
        if kind == 'M':
            held[fields[0]] = Message(fields, fds[0])
        elif kind == 'R':
            held[fields[0]].rcpts.append(fields[1])
        elif kind == 'E':
            note('fed', ' '.join(held[fields[0]].rcpts))
            return fields[0]
        elif kind == 'X':
            if fields[0] in held:
                say('N', fields[0], 'given up')
                del held[fields[0]]
        elif kind == 'Q':
            return None


def credit(n, dsn=''):
    say('C', n, 'mx.' + hop.strip('[').split(']')[0], '192.0.2.25', 25,
        'TLSv1.3 TLS_AES_256_GCM_SHA384 256 dane mx', dsn)


def reply(text):
    return text + ' (mx [192.0.2.25])'


def single():
    """As qmail-remote, for one recipient."""
    mode = plan()[0]
    text = sys.stdin.buffer.read()
    if mode == 'bounce':
        return sys.stdout.write('h192.0.2.25 refuses. (#5.1.1)\n\0D\0')
    if mode != 'good':
        return sys.stdout.write('Znobody answers (#4.4.1)\n\0')
    note('mail', '%s %s %s %d %s' % (hop, args[3], args[4], len(text),
                                     os.getpid()))
    return sys.stdout.write('r\0K192.0.2.25 has it. (#2.0.0)\n\0')


def end_unread():
    """The worker goes on when we are gone."""
    worker, here = os.getppid(), os.getpid()
    if os.fork() > 0:
        os._exit(0)
    sock.close()
    while os.getppid() == here:
        time.sleep(0.01)
    os.kill(worker, signal.SIGCONT)
    os._exit(0)


def main():
    note('starts', ' '.join(args))
    if not is_fed:
        return single()
    words = plan()
    mode = words[0]
    with open(os.path.join(here, 'pid'), 'w') as f:
        f.write(str(os.getpid()))
    if mode == 'down':
        return say('F', 'hop', '4.4.1', 'nobody answers')
    if mode == 'gone':
        return say('F', 'hop', '5.1.2', 'there is no such domain')
    if mode == 'many':
        return say('F', 'hop', '4.3.2', reply('421 4.3.2 too many'))
    if mode == 'mute':
        while next_message({}) is not None:
            pass
        return None
    if mode == 'lie-early':
        say('K', 1, '2.0.0', 'there')
        return time.sleep(60)
    window = int(words[1]) if len(words) > 1 else 2
    credit(1, 'dsn ' if 'DSN' in words else '')
    held = {}
    first = True
    while True:
        tag = next_message(held)
        if tag is None:
            return None
        if mode == 'hold':
            continue
        m = held.pop(tag)
        if mode == 'die':
            os._exit(1)
        if mode == 'untried':
            say('N', tag, 'the host went away')
            return say('F', 'host', '4.4.2', 'the host went away')
        if mode == 'lie-done':
            say('K', tag, '2.0.0', 'there')
        if mode == 'lie-tag':
            say('P', int(tag) + 7)
        if mode == 'lie-junk':
            sock.send(b'K' + tag.encode() + b'\0')
        if mode == 'lie-index':
            say('h', tag, len(m.rcpts), '5.1.1', 'no')
        if mode == 'lie-worker':
            say('Q')
        if mode == 'hang' or mode.startswith('lie-') and mode != 'lie-two':
            time.sleep(60)
        if mode == 'mixed':
            say('h', tag, 0, '5.1.1', reply('550 5.1.1 no such user'))
            say('s', tag, 1, '4.2.2', reply('452 4.2.2 full'))
        if mode == 'bounce':
            say('D', tag, '5.7.1', reply('554 5.7.1 not wanted'))
            continue
        if mode == 'part':
            say('s', tag, len(m.rcpts) - 1, '4.2.2', reply('452 4.2.2 full'))
        if mode == 'unread':
            credit(1)
            sock.recv(1, socket.MSG_PEEK)
            os.kill(os.getppid(), signal.SIGSTOP)
        say('P', tag)
        if mode in ('doubt', 'part'):
            os._exit(1)
        if mode == 'full':
            say('Z', tag, '4.2.0', reply('450 4.2.0 greylisted'))
            continue
        note('mail', '%s %s %s %d %s' % (hop, m.sender, ','.join(m.rcpts),
                                         len(m.text), os.getpid()))
        say('K', tag, '2.0.0', reply('250 2.0.0 thanks'))
        if mode == 'unread':
            end_unread()
        if mode == 'lie-two':
            say('D', tag, '5.0.0', 'or not')
            time.sleep(60)
        if mode == 'close':
            return None
        if first:
            credit(window - 1, 'dsn ' if 'DSN' in words else '')
            first = False
    return None


main()
