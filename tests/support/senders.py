"""senders.py WHAT ARGUMENT...

Many clients at once, and what a session costs.  WHAT is one of the functions
marked @case.  The sessions' spool is ./spool.
"""

import os
import re
import socket
import threading

from smtpsession import (Session, Wrong, body, case, expect, main, read,
                         run_case, spool_files, wait_for)

SENDERS = 50
MESSAGES = 20


class Client(Session):
    """A session at the other end of a TCP connection: same talk, but the
    process is not ours."""

    def __init__(self, port):
        self.got = b''
        self.eof = self.gone = False
        self.socket = socket.create_connection(('127.0.0.1', port))
        self.to = self.of = self.socket.fileno()

    def __exit__(self, *_):
        self.vanish()


def text_of(sender, message):
    """Each is different, and some are larger than all buffers."""
    lines = (sender * 37 + message * 101) % 1500
    return (b'Subject: %d.%d\r\n\r\n' % (sender, message) +
            b''.join(b'%d.%d line %d\r\n' % (sender, message, line)
                     for line in range(lines)))


def send_all(port, sender, numbers):
    with Client(port) as client:
        client.start()
        for message in range(MESSAGES):
            numbers.append(client.deliver(
                text_of(sender, message), sender='s%d@a.example' % sender,
                rcpts=('m%d@gnat' % message,)))
        client.ask('QUIT', 221)
        expect([], client.replies(), 'after QUIT')


def run_senders(port):
    """The numbers that each was given."""
    given = [[] for _ in range(SENDERS)]
    troubles = []

    def run(sender):
        try:
            send_all(port, sender, given[sender])
        except (Wrong, OSError) as trouble:
            troubles.append('sender %d: %s' % (sender, trouble))

    threads = [threading.Thread(target=run, args=(sender,))
               for sender in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise Wrong('\n'.join(troubles))
    return given


def check_all(given):
    """Each text whole, exactly once, under the number that its sender heard."""
    numbers = [number for some in given for number in some]
    expect(SENDERS * MESSAGES, len(set(numbers)), 'different numbers')
    for sender, some in enumerate(given):
        expect(sorted(some), some, 'order of the numbers of %d' % sender)
        for message, number in enumerate(some):
            what = 'message %d of sender %d' % (message, sender)
            expect(text_of(sender, message).replace(b'\r\n', b'\n'),
                   body(number), what)
            expect(b'From: s%d@a.example\nTo: m%d@gnat\n' % (sender, message),
                   read('spool/%d.WRK' % number), what)
            trace = read('spool/%d.TXT' % number).split(b'\n')[1]
            expect(True, trace.startswith(b'\tid A%d; ' % number), what)


def pairs(numbers):
    return sorted('%d.%s' % (number, suffix) for number in numbers
                  for suffix in ('TXT', 'WRK'))


@case
def crowd(argv):
    (port,) = argv
    given = run_senders(int(port))
    check_all(given)
    expect(pairs(sum(given, [])), spool_files(), 'files')


@case
def crowd_around_a_slow_one(argv):
    (port,) = argv
    with Client(int(port)) as slow:
        slow.start()
        slow.begin_data()
        slow.send(b'Subject: half a li')
        wait_for(lambda: len(spool_files()) == 2, 'CMD and TMP')
        (number,) = {int(name.split('.')[0]) for name in spool_files()}
        # All the others come and go, and it is still where it was.
        given = run_senders(int(port))
        check_all(given)
        expect(sorted(pairs(sum(given, [])) +
                      ['%d.CMD' % number, '%d.TMP' % number]),
               spool_files(), 'files meanwhile')
        slow.send(b'ne\r\n')
        expect(number, slow.end_data(), 'number of the slow one')
        expect(b'Subject: half a line\n', body(number), 'text of the slow one')
    expect(pairs(sum(given, []) + [number]), spool_files(), 'files')


def kilobytes(pid, file, field):
    text = read('/proc/%d/%s' % (pid, file)).decode()
    return int(re.search(r'^%s:\s+(\d+) kB$' % field, text, re.M).group(1))


def private(pid):
    return (kilobytes(pid, 'smaps_rollup', 'Private_Clean') +
            kilobytes(pid, 'smaps_rollup', 'Private_Dirty'))


def cost(argv, text):
    """Peak and private memory of a session after that text, in KiB; beside
    another one, or the program itself would be its own."""
    with Session(argv, 'unix') as session, Session(argv, 'unix') as other:
        other.start()
        other.deliver(b'x\r\n')
        session.start()
        session.deliver(text)
        session.ask('NOOP', 250)
        found = kilobytes(session.pid(), 'status', 'VmHWM'), \
            private(session.pid())
        session.ask('QUIT', 221)
        other.ask('QUIT', 221)
    return found


@case
def large_message(argv):
    """10 MiB, in lines and as one line, cost what 256 KiB cost, but for the
    session's two buffers of 64 KiB, which may not have been full before."""
    small = cost(argv, b'x: y\r\n' * 43690)
    for text in (b'x: y\r\n' * 1747626, b'x' * (10 << 20) + b'\r\n'):
        large = cost(argv, text)
        for what, least, most in zip(('peak', 'private'), small, large):
            if most > least + 160:
                raise Wrong('%s memory: %d KiB after a small message, %d '
                            'after a large one' % (what, least, most))


@case
def idle(argv):
    """Before and after the first message; one of two, as the program itself
    is nobody's own as soon as a second runs."""
    with Session(argv, 'tcp') as session, Session(argv, 'tcp') as other:
        other.start()
        session.start()
        at_start = private(session.pid())
        session.deliver(b'x\r\n')
        session.ask('NOOP', 250)
        after = private(session.pid())
        session.ask('QUIT', 221)
        other.ask('QUIT', 221)
    print('private memory: %d KiB at the start, %d KiB after a message' %
          (at_start, after))
    if at_start >= 200 or after >= 200:
        raise Wrong('that is too much')


main(run_case)
