"""endings.py WHAT SESSION...

How sessions end when neither side says QUIT, and how they live with what is
around them.  WHAT is one of the functions marked @case.  The session's spool
is ./spool.
"""

import fcntl
import os
import select
import signal
import socket
import struct

from smtpsession import (DEADLINE, PIPE_SIZE, Session, Wrong, body, case, expect, main,
                         read, run_case, spool_files, wait_for)

CHANNELS = ('pipe', 'unix', 'tcp')


def expect_last_words(session, code, enhanced, what):
    """One reply, then the end with exit status 0."""
    replies = session.replies()
    expect([(code, enhanced)],
           [(reply.code, reply.enhanced()) for reply in replies], what)
    session.shut()
    expect(0, session.wait(), what + ', exit status')


def in_data(argv, channel):
    """A session in the middle of DATA, and of a line, its files there."""
    before = spool_files()
    session = Session(argv, channel)
    session.start()
    session.begin_data()
    session.send(b'Subject: half a mess')
    wait_for(lambda: len(spool_files()) == len(before) + 2, 'CMD and TMP')
    return session


@case
def stop(argv):
    for channel, sig in zip(CHANNELS, (signal.SIGTERM, signal.SIGINT,
                                       signal.SIGHUP)):
        before = spool_files()
        what = '%s on %s' % (sig.name, channel)
        with in_data(argv, channel) as session:
            os.kill(session.pid(), sig)
            expect_last_words(session, 421, '4.3.2', what + ' in DATA')
        expect(before, spool_files(), what)
        with Session(argv, channel) as session:
            session.start()
            os.kill(session.pid(), sig)
            expect_last_words(session, 421, '4.3.2', what + ' while waiting')
    # A message that is whole before the signal is answered first.
    with Session(argv, 'unix') as session:
        session.start()
        session.deliver(b'whole:\r\n')
        os.kill(session.pid(), signal.SIGTERM)
        expect_last_words(session, 421, '4.3.2', 'after a message')
    (number,) = {int(name.split('.')[0])
                 for name in spool_files() if name not in before}
    expect(b'whole:\n', body(number), 'text')
    for suffix in ('WRK', 'TXT'):
        os.remove('spool/%d.%s' % (number, suffix))


def flood_until_421(session, piece):
    """How much the session was given before it said so."""
    given = 0
    os.set_blocking(session.to, False)
    while not select.select([session.of], [], [], 0)[0]:
        select.select([session.of], [session.to], [], DEADLINE)
        try:
            given += os.write(session.to, piece)
        except (BlockingIOError, BrokenPipeError):
            pass
    expect((421, '4.3.2'), (lambda r: (r.code, r.enhanced()))(session.reply()),
           'after a flood')
    return given


@case
def stop_flood(argv):
    """There is always more to read, so the session never waits."""
    for piece in (b'\r', b'\n', b'x', b'x\r\n'):
        before = spool_files()
        with Session(argv) as session:
            fcntl.fcntl(session.to, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
            session.start()
            session.begin_data()
            piece *= 65536 // len(piece)
            session.send(piece * 32)
            os.kill(session.pid(), signal.SIGTERM)
            given = flood_until_421(session, piece)
            # What stands in the pipe, and was being looked at.
            if given > PIPE_SIZE + 4 * 65536:
                raise Wrong('it read on: %d octets of %r' % (given, piece[:3]))
            session.vanish()
            expect(0, session.wait(), 'exit status')
        expect(before, spool_files(), 'files')


@case
def stop_commands(argv):
    """Many messages in one read: one that was begun is finished, no more."""
    one = (b'MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 2 LAST\r\n\r\n')
    with Session(argv) as session:
        session.start()
        os.kill(session.pid(), signal.SIGSTOP)
        session.send(one * 300)
        os.kill(session.pid(), signal.SIGTERM)
        os.kill(session.pid(), signal.SIGCONT)
        replies = session.replies()
        session.shut()
        expect(0, session.wait(), 'exit status')
    expect((421, '4.3.2'), (replies[-1].code, replies[-1].enhanced()), 'last')
    taken = [r for r in replies if 'accepted' in r.text]
    if len(taken) > 1:
        raise Wrong('%d messages after the signal' % len(taken))
    expect(2 * len(taken), len(spool_files()), 'files')


@case
def kill(argv):
    with in_data(argv, 'tcp') as session:
        # What was sent is at least partly in TMP only when a buffer is full.
        session.send(b'x' * 200000)
        os.kill(session.pid(), signal.SIGKILL)
        expect(-signal.SIGKILL, session.wait(), 'exit status')


@case
def inactive(argv):
    for channel in CHANNELS:
        with Session(argv, channel) as session:
            expect(220, session.reply().code, 'greeting')
            expect_last_words(session, 421, '4.4.2', 'idle at the start')
        with in_data(argv, channel) as session:
            expect_last_words(session, 421, '4.4.2', 'idle in DATA')


@case
def maxtime(argv):
    """Bytes come all the time, so only the session's limit can end it."""
    for channel in CHANNELS:
        for line in (b'NOOP', b'Subject: x'):
            with Session(argv, channel) as session:
                session.start()
                if line != b'NOOP':
                    session.begin_data()

                def is_over():
                    session.send(line[:1])
                    return select.select([session.of], [], [], 0)[0]

                wait_for(is_over, '421')
                replies = session.replies()
                # A line of a letter for so long may be too long.
                while replies and replies[0].code == 500:
                    replies.pop(0)
                expect(['421 4.4.2'],
                       ['%d %s' % (reply.code, reply.enhanced())
                        for reply in replies], 'last words')
                session.shut()
                expect(0, session.wait(), 'exit status')


@case
def deaf(argv):
    """A client that is gone when a reply is due: no signal, no mail lost."""
    for channel in CHANNELS:
        before = spool_files()
        with in_data(argv, channel) as session:
            os.kill(session.pid(), signal.SIGSTOP)
            session.send(b'\r\n.\r\nNOOP\r\n')
            session.vanish()
            os.kill(session.pid(), signal.SIGCONT)
            expect(0, session.wait(), 'exit status on ' + channel)
        new = [name for name in spool_files() if name not in before]
        numbers = {name.split('.')[0] for name in new}
        expect(sorted('%s.%s' % (n, suffix) for n in numbers
                      for suffix in ('TXT', 'WRK')), new, 'files')
        for name in new:
            os.remove('spool/' + name)


@case
def descriptors(argv):
    """What the starter had open is closed before the greeting."""
    ours, theirs = os.pipe()
    with Session(argv, 'unix', pass_fds=(theirs,)) as session:
        os.close(theirs)
        session.start()
        expect([ours], select.select([ours], [], [], 0)[0], 'closed')
        expect(b'', os.read(ours, 1), 'closed')


@case
def locked_counter(argv):
    with Session(argv, 'unix') as session:
        session.start()
        session.deliver(b'one\r\n')
        with open('spool/sequence.seq', 'rb+') as counter:
            lock = struct.pack('hhqqi', fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(counter, fcntl.F_OFD_SETLKW, lock)
            before = read('spool/sequence.seq')
            session.ask('MAIL FROM:<a@b>', 250)
            session.ask('RCPT TO:<c@d>', 250)
            session.ask('DATA', 451)
            expect(before, read('spool/sequence.seq'), 'counter')
        session.deliver(b'two\r\n')
        session.ask('QUIT', 221)
        expect(0, session.wait(), 'exit status')
    expect(['1.TXT', '1.WRK', '2.TXT', '2.WRK'], spool_files(), 'files')


def deliver_or_452(session, text):
    """The number, or None: then there was no space, and nothing is left."""
    before = spool_files()
    session.ask('MAIL FROM:<a@b>', 250)
    session.ask('RCPT TO:<c@d>', 250)
    reply = session.ask('DATA')
    if reply.code == 354:
        session.send(text)
        reply = session.ask('.')
    if reply.code == 250:
        return int(reply.text.split()[1][1:])
    expect((452, '4.3.1'), (reply.code, reply.enhanced()), 'reply when full')
    expect(before, spool_files(), 'files after 452')
    return None


@case
def full(argv):
    """./spool is a small file system: fill it, then make room."""
    text = b'x:' + b'x' * 995 + b'\r\n'
    numbers = []
    with Session(argv, 'unix') as session:
        session.start()
        number = deliver_or_452(session, text * 9)
        while number:
            numbers.append(number)
            number = deliver_or_452(session, text * 9)
        number = deliver_or_452(session, text)
        while number:
            os.remove('spool/%d.WRK' % number)
            os.remove('spool/%d.TXT' % number)
            numbers.append(number)
            if len(numbers) > 10:
                break
            number = deliver_or_452(session, text)
        for number in numbers:
            if os.path.exists('spool/%d.WRK' % number):
                expect(text.replace(b'\r', b'') * 9, body(number), 'text')
                expect(b'From: a@b\nTo: c@d\n',
                       read('spool/%d.WRK' % number), 'envelope')
                os.remove('spool/%d.WRK' % number)
                os.remove('spool/%d.TXT' % number)
        expect([], [name for name in os.listdir('spool')
                    if name != 'sequence.seq'], 'files at the end')
        if numbers:
            deliver_or_452(session, text) or expect(
                'room', 'none', 'after all was removed')
        session.ask('QUIT', 221)
        expect(0, session.wait(), 'exit status')


def stalled_log():
    """A pipe that is full, and nobody reads it: its ends."""
    ends = os.pipe()
    os.set_blocking(ends[1], False)
    try:
        while True:
            os.write(ends[1], b'x')
    except BlockingIOError:
        os.set_blocking(ends[1], True)
    return ends


def log_lines(fd):
    """What a session that has ended has left there, without its number."""
    os.set_blocking(fd, False)
    lines = os.read(fd, 1 << 20).lstrip(b'x').decode().split('\n')
    return [line.split(' ', 2)[2] for line in lines if line]


@case
def log_stalls(argv):
    """The client hears of what is committed, and the session ends as it
    should: told to, idle, or at its time."""
    for way in ('quit', 'signal', 'inactive', 'maxtime'):
        ours, theirs = stalled_log()
        more = ['-f', way + '.cfg'] if os.path.exists(way + '.cfg') else []
        with Session(argv + more, stderr=theirs) as session:
            session.start()
            session.ask('nonsense', 500)
            session.deliver(b'one\r\n')
            # The log comes after the reply, but before the next.
            session.ask('NOOP', 250)
            if way == 'quit':
                # There is room again.
                os.read(ours, 1 << 20)
                session.deliver(b'two\r\n')
                session.ask('QUIT', 221)
            elif way == 'signal':
                os.kill(session.pid(), signal.SIGTERM)
            expect([] if way == 'quit' else [421],
                   [reply.code for reply in session.replies()], way)
            session.shut()
            expect(0, session.wait(), 'exit status')
        lines = log_lines(ours)
        if way == 'quit':
            expect([True, True],
                   [lines[0].startswith('event=accepted ') and
                    lines[0].endswith(' proto=ESMTP lost=2'),
                    lines[1].startswith('event=end why=quit accepted=2 ')],
                   lines)
        else:
            expect([], lines, way)
        os.close(ours)
        os.close(theirs)


def listen_to_syslog():
    if os.path.exists('/dev/log'):
        raise Wrong('/dev is not ours')
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind('/dev/log')
    log.settimeout(DEADLINE)
    return log


def expect_syslog(log, pid, text):
    line = log.recv(65536).decode()
    head = '<22>smtpserv-session[%d]: ip=127.0.0.1 pid=%d event=' % (pid, pid)
    if not line.startswith(head + text) or '\n' in line:
        raise Wrong('syslog got %r, not %s' % (line, head + text))


@case
def syslog(argv):
    log = listen_to_syslog()
    with Session(argv, 'tcp', inetd=True) as session:
        session.start()
        session.ask('nonsense', 500)
        session.deliver(b'text\r\n')
        session.ask('QUIT', 221)
        expect([], session.replies(), 'after QUIT')
        session.wait()
        expect_syslog(log, session.pid(), 'refused code=500 ')
        expect_syslog(log, session.pid(), 'accepted number=1 ')
        expect_syslog(log, session.pid(), 'end why=quit ')


@case
def syslog_behind_proxy(argv):
    """smtpserv-proxy has the connection as descriptor 2, and becomes us."""
    log = listen_to_syslog()
    with Session(argv, 'tcp', inetd=True) as session:
        session.send(b'PROXY UNKNOWN\r\n')
        session.start()
        session.ask('QUIT', 221)
        session.wait()
        expect_syslog(log, session.pid(), 'end why=quit ')


@case
def syslog_configuration(argv):
    log = listen_to_syslog()
    with Session(argv, 'tcp', inetd=True) as session:
        expect([421], [reply.code for reply in session.replies()], 'replies')
        expect(100, session.wait(), 'exit status')
        expect_syslog(log, session.pid(), 'configuration at=')


main(run_case)
