# SPDX-License-Identifier: ISC
"""feedcall.py CASE REMOTE: play the worker to smtpserv-remote --feed; or
feedcall.py shows REMOTE OPTION ... HOP: print what it says first, with the
configuration that is there.

The servers are threads of this process.  Every wait is for a condition, and
bounded.
"""
import array
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

DEADLINE = 60


def wrong(text):
    sys.exit('wrong: ' + text)


def must(holds, *what):
    if not holds:
        wrong(repr(what))


def wire(text):
    """As it is sent."""
    lines = text.split(b'\n')
    return b''.join(line + b'\r\n' for line in
                    (lines if lines[-1] else lines[:-1]))


class Worker:
    """The worker's end of the feed."""

    def __init__(self, program, port, *options, settings=(), hop=None):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if hop is None:
            with open('wattcp.cfg', 'w', encoding='ascii') as f:
                f.write('hostname = gnat\ndomain = example.test\n')
                f.write('smtp.remote.tls = none\n')
                f.writelines(line + '\n' for line in settings)
        self.process = subprocess.Popen(
            [program, '--feed', '-f', 'wattcp.cfg', *options,
             hop or f'[127.0.0.1]:{port}'], stdin=theirs,
            stdout=subprocess.DEVNULL, stderr=open('log', 'ab'))
        theirs.close()
        self.sock = ours
        self.sock.settimeout(DEADLINE)

    def send(self, kind, *fields, fd=None):
        record = kind.encode() + b''.join(
            (f if isinstance(f, bytes) else str(f).encode()) + b'\0'
            for f in fields)
        rights = [] if fd is None else [
            (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [fd]))]
        self.sock.sendmsg([record], rights)

    def message(self, tag, text, *rcpts, sender='a@x', flags='', body='',
                end=True):
        with tempfile.TemporaryFile() as f:
            f.write(text)
            f.flush()
            self.send('M', tag, sender, len(text), body, flags, '', '',
                      fd=f.fileno())
        for rcpt in rcpts or ('b@y',):
            self.send('R', tag, rcpt, '', '')
        if end:
            self.send('E', tag)

    def record(self):
        """The next one as (kind, field, ...); None at the end."""
        data = self.sock.recv(65536)
        if not data:
            return None
        return (chr(data[0]), *(f.decode() for f in data[1:-1].split(b'\0')))

    def wants(self, kind, *fields):
        got = self.record()
        must(got is not None and got[0] == kind and
             got[1:1 + len(fields)] == tuple(str(f) for f in fields),
             'record', kind, fields, got)
        return got

    def ends(self, code=0):
        while (got := self.record()) is not None:
            must(got[0] in 'CN', 'the feed goes on', got)
        must(self.process.wait(DEADLINE) == code, self.process.returncode)


class Server(threading.Thread):
    """One connection: a function that is given it."""

    def __init__(self, *scripts):
        super().__init__(daemon=True)
        self.scripts = scripts
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.said = []
        self.texts = []
        self.closed = threading.Event()
        self.ready = threading.Event()
        self.go = threading.Event()
        self.start()

    def run(self):
        for script in self.scripts:
            self.sock, _ = self.listener.accept()
            self.lines = self.sock.makefile('rb')
            try:
                script(self)
            except (OSError, EOFError):
                pass
            self.lines.close()
            self.sock.close()
        self.closed.set()

    def say(self, *replies):
        self.sock.sendall(b''.join(r.encode() + b'\r\n' for r in replies))

    def hear(self, n=1):
        for _ in range(n):
            line = self.lines.readline()
            if not line:
                raise EOFError
            self.said.append(line.decode('latin-1').rstrip('\r\n'))
        return self.said[-1]

    def text(self):
        lines = []
        while (line := self.lines.readline()) != b'.\r\n':
            if not line:
                raise EOFError
            lines.append(line[1:] if line[:1] == b'.' else line)
        self.texts.append(b''.join(lines))

    def hello(self, *offers):
        self.say('220 hi')
        self.hear()
        self.say('250-hi', *(f'250-{o}' for o in offers), '250 HELP')

    def envelope_by_steps(self):
        for reply in ('250 ok', '250 ok', '354 go'):
            self.hear()
            self.say(reply)

    def envelope(self, n=3):
        """MAIL, RCPT, DATA as they come; the 354 is the last."""
        self.hear(n)
        self.say(*['250 ok'] * (n - 1), '354 go')

    def serve(self, *offers, refuse=lambda server, line: None):
        """A good server; refuse() may have another reply."""
        self.hello(*offers)
        accepted = 0
        while True:
            line = self.hear()
            verb = line[:4].upper()
            reply = refuse(self, line)
            if verb == 'MAIL':
                accepted = 0
            if verb == 'RCPT':
                accepted += reply is None
            if verb == 'QUIT':
                self.say('221 bye')
                return
            if verb == 'DATA' and accepted:
                self.say('354 go')
                self.text()
                self.say('250 2.0.0 taken')
            elif verb == 'BDAT':
                text = self.lines.read(int(line.split()[1]))
                if accepted:
                    self.texts.append(text)
                self.say('250 2.0.0 taken' if accepted else '503 5.5.1 who?')
            elif verb == 'DATA':
                self.say('503 5.5.1 who?')
            else:
                self.say(reply or '250 ok')


def wait_for(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            wrong('still not: ' + what)
        time.sleep(0.005)


def many(program):
    """Messages one after the other over one connection."""
    server = Server(lambda s: s.serve('PIPELINING'))
    w = Worker(program, server.port)
    got = w.wants('C', 1, '[127.0.0.1]', '127.0.0.1',
                  server.port)
    credit = int(got[1])
    sent = done = 0
    order = []
    while done < 20:
        while credit > 0 and sent < 20:
            w.message(sent + 1, f'message {sent}\n'.encode(), 'b@y', 'c@z')
            sent, credit = sent + 1, credit - 1
        got = w.record()
        must(got is not None, 'the feed ended')
        order.append(got[:2])
        if got[0] == 'C':
            credit += int(got[1])
        elif got[0] == 'K':
            must(('P', got[1]) in order, 'K before P', order)
            done, credit = done + 1, credit + 1
        else:
            must(got[0] == 'P', got)
    w.send('Q')
    w.ends()
    # OB-189: the worker tells it.
    with open('log', encoding='utf-8') as f:
        must('event=' not in f.read(), 'a line in the log')
    must(server.texts == [f'message {i}\r\n'.encode() for i in range(20)],
         server.texts)


def exactly_once(program):
    """OB-98, OB-104: texts of all sizes, in windows, with refusals between."""
    numbers = random.Random(1)
    refused = set()

    def refuse(server, line):
        return '550 5.1.1 who?' if 'nobody' in line else None

    server = Server(lambda s: s.serve('PIPELINING', 'CHUNKING', refuse=refuse))
    w = Worker(program, server.port)
    texts, results, tag, credit = {}, {}, 0, 0
    total = 400
    while len(results) < total:
        while credit > 0 and tag < total:
            tag, credit = tag + 1, credit - 1
            size = numbers.choice((0, 1, 10, 1000, 70000))
            texts[tag] = b'%d\n' % tag + b'.' * numbers.randrange(3) + \
                b'x' * size + b'\n' * numbers.randrange(2)
            if numbers.randrange(5) == 0:
                refused.add(tag)
            w.message(tag, texts[tag],
                      'nobody@y' if tag in refused else 'b@y')
        got = w.record()
        must(got is not None, 'the feed ended')
        if got[0] == 'C':
            credit += int(got[1])
        elif got[0] in 'KZDN':
            results[int(got[1])] = got[0]
            credit += 1
    w.send('Q')
    w.ends()
    for tag, text in texts.items():
        must(results[tag] == ('D' if tag in refused else 'K'), tag, results)
    want = [wire(text) for tag, text in texts.items() if tag not in refused]
    must(server.texts == want, 'texts', len(server.texts), len(want))


def worker_dies(program):
    """OB-171, OB-181: no further text is ended, and nothing lives on."""
    seen = []

    def serve(s):
        s.hello('PIPELINING')
        s.envelope()
        seen.append(s.lines.read(100000))
        s.ready.set()
        while data := s.lines.read1(65536):
            seen.append(data)

    server = Server(serve)
    w = Worker(program, server.port)
    w.wants('C')
    w.message(1, b'x' * 70 + b'\n' * 1000000)
    must(server.ready.wait(DEADLINE), 'text')
    w.sock.close()
    must(w.process.wait(DEADLINE) == 0, w.process.returncode)
    must(server.closed.wait(DEADLINE), 'connection')
    must(b'\r\n.\r\n' not in b''.join(seen), 'the text was ended')


def worker_dies_in_doubt(program):
    """OB-171: what is past its end has its reply read."""
    def serve(s):
        s.hello('PIPELINING')
        s.envelope()
        s.text()
        s.ready.set()
        must(s.go.wait(DEADLINE), 'go')
        s.say('250 2.0.0 taken')
        s.hear()

    server = Server(serve)
    w = Worker(program, server.port)
    w.wants('C')
    w.message(1, b'text\n')
    w.wants('P', 1)
    must(server.ready.wait(DEADLINE), 'text')
    w.sock.close()
    server.go.set()
    must(w.process.wait(DEADLINE) == 0, w.process.returncode)
    must(server.texts == [b'text\r\n'], server.texts)


def silent():
    """A port that answers nothing, for its queue of connections is full."""
    server = socket.create_server(('127.0.0.1', 0), backlog=0)
    held = [server]
    for _ in range(8):
        sock = socket.socket()
        sock.settimeout(0.2)
        held.append(sock)
        try:
            sock.connect(server.getsockname())
        except TimeoutError:
            return server.getsockname()[1], held
    return 0, held


def worker_dies_while_it_connects(program):
    """OB-171: nobody waits for a host that does not answer."""
    port, held = silent()
    if port == 0:
        return
    server = Server(lambda s: s.say('421 4.3.2 not now'))
    os.makedirs('programs')
    shutil.copy(program, 'programs/smtpserv-remote')
    with open('programs/smtpserv-mx', 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\necho "= ok insecure example.test"\n'
                f'echo "10 a.test 127.0.0.1 {server.port} insecure"\n'
                f'echo "20 b.test 127.0.0.1 {port} insecure"\n')
    os.chmod('programs/smtpserv-mx', 0o700)
    with open('wattcp.cfg', 'w', encoding='ascii') as f:
        f.write('hostname = gnat\ndomain = example.test\n'
                'smtp.remote.tls = none\nsmtp.remote.timeout.connect = 3600\n')
    w = Worker('programs/smtpserv-remote', 0, hop='example.test')
    must(server.closed.wait(DEADLINE), 'greeting')
    w.sock.close()
    # It may not have begun to talk yet.
    must(w.process.wait(DEADLINE) in (0, 111), w.process.returncode)
    del held


def gives_up(program):
    """X takes back what has not begun, and what comes next is sent."""
    server = Server(lambda s: s.serve())
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.message(1, b'never\n', end=False)
    w.send('X', 1)
    w.wants('N', 1)
    w.message(2, b'text\n')
    w.wants('P', 2)
    w.wants('K', 2, '2.0.0', '250 2.0.0 taken ([127.0.0.1] [127.0.0.1])')
    w.send('X', 2)
    w.send('Q')
    w.ends()
    must(server.texts == [b'text\r\n'], server.texts)


def nonsense(program):
    """OB-187: a record that is none ends the feed, and nothing is sent."""
    records = (b'?', b'E9\0', b'R1\0b@y\0\0\0', b'M1\0a@x\0', b'K1\0\0\0',
               b'M1\0a@x\x005\0\0\0\0\0E', b'x' * 9000)
    for record in records:
        server = Server(lambda s: s.serve())
        w = Worker(program, server.port)
        w.wants('C', 1)
        w.sock.send(record)
        w.ends()
        must(not server.texts and 'DATA' not in server.said, server.said)
    # More than the credit allows, and a message without a recipient.
    server = Server(lambda s: s.hello() or s.hear())
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.message(1, b'text\n', end=False)
    try:
        w.message(2, b'text\n')
    except OSError:
        pass
    w.ends()


def no_text(program):
    """A text that did not come is later, and charges nobody else."""
    server = Server(lambda s: s.serve())
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.send('M', 1, 'a@x', 5, '', '', '', '')
    w.send('R', 1, 'b@y', '', '')
    w.send('E', 1)
    w.wants('Z', 1, '4.3.0')
    w.message(2, b'text\n')
    w.wants('P', 2)
    w.wants('K', 2)
    w.send('Q')
    w.ends()


def large(program):
    """An envelope that has no room fails, and the feed goes on."""
    server = Server(lambda s: s.serve())
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.message(1, b'text\n', *(f'{n}' + 'b' * 3000 + '@y' for n in range(90)))
    w.wants('D', 1, '5.3.4')
    w.message(2, b'text\n')
    w.wants('P', 2)
    w.wants('K', 2)
    w.send('Q')
    w.ends()


def recipients(program):
    """OB-59: each has its own answer."""
    def refuse(server, line):
        return ('550 5.1.1 who?' if 'nobody' in line else
                '450 4.2.1 full' if 'full' in line else None)

    server = Server(lambda s: s.serve('PIPELINING', refuse=refuse))
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.message(1, b'text\n', 'nobody@y', 'b@y', 'full@y')
    w.wants('P', 1)
    said = {w.record()[:4] for _ in range(2)}
    must(said == {('h', '1', '0', '5.1.1'), ('s', '1', '2', '4.2.1')}, said)
    w.wants('K', 1, '2.0.0')
    w.send('Q')
    w.ends()


def hop_fails(program):
    """No host: that is told once, and no message is charged."""
    with socket.create_server(('127.0.0.1', 0)) as gone:
        port = gone.getsockname()[1]
    w = Worker(program, port)
    got = w.wants('F', 'hop', '4.4.1')
    must('refused' in got[3], got)
    w.ends()


def idle_closed(program):
    """OB-57, OB-103: a server that leaves while idle is no message's fault."""
    def serve(s):
        s.hello()
        s.envelope_by_steps()
        s.text()
        s.say('250 2.0.0 taken', '421 4.3.2 good night')

    server = Server(serve)
    w = Worker(program, server.port)
    w.wants('C', 1)
    w.message(1, b'text\n')
    w.wants('P', 1)
    w.wants('K', 1)
    try:
        w.message(2, b'text\n')
    except OSError:
        pass
    while (got := w.record()) is not None:
        must(got[0] in 'CN', got)
    must(w.process.wait(DEADLINE) == 0, w.process.returncode)


def idle_ends(program):
    """OB-102: a connection that nobody uses is left by QUIT."""
    server = Server(lambda s: s.serve())
    w = Worker(program, server.port, settings=('smtp.remote.idle = 0',))
    w.wants('C', 1)
    w.message(1, b'text\n')
    w.wants('P', 1)
    w.wants('K', 1)
    w.ends()
    must(server.closed.wait(DEADLINE) and server.said[-1] == 'QUIT',
         server.said)


def many_enough(program):
    """OB-102: after smtp.remote.messages a connection is left by QUIT."""
    server = Server(lambda s: s.serve('PIPELINING'))
    w = Worker(program, server.port, settings=('smtp.remote.messages = 2',))
    credit, tag, results = 0, 0, ''
    while (got := w.record()) is not None:
        credit += int(got[1]) if got[0] == 'C' else 0
        if got[0] in 'KZDN':
            results, credit = results + got[0], credit + 1
        while credit > 0 and tag < 4:
            tag, credit = tag + 1, credit - 1
            try:
                w.message(tag, b'text\n')
            except OSError:
                pass
    must(w.process.wait(DEADLINE) == 0, w.process.returncode)
    must(results.replace('N', '') == 'KK' and len(server.texts) == 2, results)
    must(server.said[-1] == 'QUIT', server.said)


def filtered(program):
    """A filter between, whose failure is one message's alone."""
    with open('filter', 'w', encoding='ascii') as f:
        f.write('#!/bin/sh\nread -r line\necho "Signed: $line"\n'
                'test "$line" != bad\n')
    os.chmod('filter', 0o700)
    server = Server(lambda s: s.serve('SIZE'))
    w = Worker(program, server.port, settings=(
        'smtp.remote.filter = ' + os.path.abspath('filter'),))
    w.wants('C', 1)
    w.message(1, b'bad\n')
    w.wants('Z', 1, '4.3.0')
    w.message(2, b'good\n')
    w.wants('P', 2)
    w.wants('K', 2)
    w.send('Q')
    w.ends()
    must(server.texts == [b'Signed: good\r\n'], server.texts)
    must('MAIL FROM:<a@x> SIZE=14' in server.said, server.said)


def dialer_of(w):
    """Its child."""
    path = f'/proc/{w.process.pid}/task/{w.process.pid}/children'
    wait_for(lambda: open(path).read().split(), 'dialer')
    return int(open(path).read().split()[0])


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as f:
            return f.read().rpartition(') ')[2][0] not in 'ZX'
    except FileNotFoundError:
        return False


def talker_dies(program):
    """OB-178: the worker sees P, and no result; nothing lives on."""
    server = Server(lambda s: (s.hello(), s.envelope_by_steps(), s.text(),
                               s.ready.set(), s.hear()))
    w = Worker(program, server.port, settings=('smtp.remote.tls = may',))
    w.wants('C', 1)
    dialer = dialer_of(w)
    w.message(1, b'text\n')
    w.wants('P', 1)
    must(server.ready.wait(DEADLINE), 'text')
    w.process.kill()
    must(w.record() is None, 'a record')
    must(server.closed.wait(DEADLINE), 'connection')
    wait_for(lambda: not is_alive(dialer), 'end of the dialer')


def dialer_dies(program):
    """What is connected is not held up by that."""
    server = Server(lambda s: s.serve())
    w = Worker(program, server.port, settings=('smtp.remote.tls = may',))
    w.wants('C', 1)
    os.kill(dialer_of(w), signal.SIGKILL)
    w.message(1, b'text\n')
    w.wants('P', 1)
    w.wants('K', 1)
    w.send('Q')
    w.ends()
    must(server.texts == [b'text\r\n'], server.texts)


CASES = {f.__name__: f for f in (
    many, exactly_once, worker_dies, worker_dies_in_doubt,
    worker_dies_while_it_connects, gives_up, nonsense,
    no_text, large, recipients, hop_fails, idle_closed, idle_ends, many_enough,
    filtered, talker_dies, dialer_dies)}


if __name__ == '__main__':
    if sys.argv[1] == 'shows':
        print(*Worker(sys.argv[2], 0, *sys.argv[3:-1],
                      hop=sys.argv[-1]).record())
        sys.exit()
    CASES[sys.argv[1]](os.path.abspath(sys.argv[2]))
