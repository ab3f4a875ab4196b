"""keepercall.py CASE CONF PROGRAM [SESSION...]: smtpserv-queue-amqp and a keeper.

The keeper is played by a thread, which does as the case says: it answers, or
lies, or ends.  CONF is the program's configuration, to which `smtp.amqp.socket`
is added here.  Every wait is for a condition, and bounded.
"""

import array
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

DEADLINE = 60
MESSAGE = b'Subject: a test\nMessage-ID: <x@y>\n\ntext\n'
ENVELOPE = b'Ferick@maggot\0Tbruce@gnat\0\0'
WRK = b'From: erick@maggot\nTo: bruce@gnat\n'
FULL = WRK + b'Notify: NEVER\nRequiretls: yes\n'
ID = rb'[0-9]{19}\.[0-9]+\.[0-9a-f]{16}\.gnat\.example\.test'
# The keeper's codes, and what the client of a session hears.
CODES = {51: '451 4.3.0', 53: '452 4.3.1', 54: '451 4.3.0', 55: '451 4.3.5',
         71: '451 4.3.2', 72: '451 4.4.1', 73: '451 4.4.1', 74: '451 4.4.2',
         81: '451 4.3.0', 82: '554 5.3.4'}

CASE, CONF, PROGRAM, *SESSION = sys.argv[1:]
# So that none that subprocess has for itself is among those that are set.
LOW = [os.open('/dev/null', os.O_RDONLY) for _ in range(8)]


def wrong(text):
    sys.exit('wrong: ' + text)


def must(holds, *what):
    if not holds:
        wrong(repr(what))


def words(code):
    return b'D5.3.4 too large' if code == 82 else b'Z4.0.0 not now'


def yes(asked):
    return b'\0' + asked.id


class Asked:
    """What came on one connection."""

    def __init__(self, connection):
        line, rights, _, _ = connection.recvmsg(
            1000, socket.CMSG_SPACE(10 * 4))
        self.line = line
        self.fds = array.array('i')
        for _, _, data in rights:
            self.fds.frombytes(data)
        self.id = line.split(b' ')[0]

    def file(self, n):
        return os.pread(self.fds[n], 1 << 20, 0)

    def close(self):
        for fd in self.fds:
            os.close(fd)


class Keeper:
    """answer(asked) is what it says before it closes; None: it does not read."""

    names = 0

    def __init__(self, answer, accepts=True):
        Keeper.names += 1
        self.path = os.path.abspath(f'keeper.{Keeper.names}')
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(0)
        self.answer = answer
        self.asked = []
        self.seen = threading.Event()
        self.error = None
        if accepts:
            threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                if self.answer is None:
                    continue
                try:
                    self.serve(connection)
                except (BrokenPipeError, ConnectionResetError):
                    pass

    def serve(self, connection):
        asked = Asked(connection)
        self.asked.append(asked)
        self.seen.set()
        said = self.answer(asked)
        for piece in said if isinstance(said, list) else [said]:
            if callable(piece):
                piece()
            else:
                connection.sendall(piece)

    def conf(self, *lines):
        return conf(self.path, *lines)


def conf(path, *lines):
    """A configuration with that socket; later lines replace earlier ones."""
    with open(CONF) as given:
        rows = given.read().splitlines()
    keys = {row.split('=')[0].strip(): row for row in
            (*rows, f'smtp.amqp.socket = "{path}"', 'smtp.amqp.time = 20',
             *lines)}
    name = f'conf.{os.path.basename(path)[:40]}'
    with open(name, 'w') as file:
        file.write(''.join(row + '\n' for row in keys.values()))
    return os.path.abspath(name)


class Program:
    """It runs; its message and envelope are files, unless they are given."""

    def __init__(self, config, message=MESSAGE, envelope=ENVELOPE, full=None,
                 stdin=None, stdout=None, limit=None):
        self.log = open(f'log.{time.monotonic_ns()}', 'w+b')
        self.said, theirs = os.pipe()
        stdin = self.file(message) if stdin is None else stdin
        stdout = self.file(envelope) if stdout is None else stdout
        if isinstance(full, bytes):
            full = self.file(full)
        environ = dict(os.environ)
        if full is not None:
            environ['SMTPSERV_ENVELOPE'] = '5'

        def become():
            if full is None or full < 0:
                os.close(5)
            else:
                os.dup2(full, 5)
            os.dup2(theirs, 6)
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        self.process = subprocess.Popen(
            [PROGRAM, '-f', config], stdin=stdin, stdout=stdout,
            stderr=self.log, env=environ, close_fds=False, preexec_fn=become)
        os.close(theirs)

    @staticmethod
    def file(content):
        fd = os.memfd_create('in')
        os.write(fd, content)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def end(self):
        """Its exit code, and its words."""
        code = self.process.wait(DEADLINE)
        said = os.read(self.said, 100000)
        os.close(self.said)
        self.log.seek(0)
        return code, said, self.log.read()


def run(config, **arguments):
    return Program(config, **arguments).end()


def taken():
    """Q1, Q3, Q4, Q5"""
    keeper = Keeper(yes)
    ids = set()
    for message in (MESSAGE, b'', b'x' * 500000 + b'\n'):
        began = int(time.monotonic() * 1000)
        code, said, log = run(keeper.conf(), message=message)
        asked = keeper.asked[-1]
        must(code == 0, code, said, log)
        must(re.fullmatch(ID, asked.id) and said == asked.id, said, asked.id)
        must(f'event=accepted id={asked.id.decode()} from=erick@maggot '
             'rcpts=1'.encode() in log, log)
        ids.add(asked.id.split(b'.')[2])
        # All at once: a line and two files, which nobody else can name.
        text, lines = asked.file(0), asked.file(1)
        line, end = asked.line.rsplit(b' ', 1)
        must(line == b'%s %d %d' % (asked.id, len(text), len(lines)) and
             re.fullmatch(rb'[1-9][0-9]*\n', end), asked.line)
        # The keeper's time, 20 seconds, and 5 more.
        must(began <= int(end) - 25000 <= time.monotonic() * 1000, began, end)
        must(len(asked.fds) == 2, asked.fds)
        must(all(os.fstat(fd).st_nlink == 0 for fd in asked.fds), 'no name')
        must(lines == WRK, lines)
        first, second, rest = text.split(b'\n', 2)
        must(first == b'Received: by gnat.example.test (smtpserv-queue-amqp, '
             b'uid %d)' % os.getuid(), first)
        must(second.startswith(b'\tid %s; ' % asked.id), second)
        must(rest.endswith(message), 'the message')
        asked.close()
    must(len(ids) == 3, 'each has its own chance', ids)
    must(os.listdir('spool') == [], os.listdir('spool'))


def whole():
    """E2: the whole envelope, as a file and through a pipe."""
    keeper = Keeper(yes)
    reader, writer = os.pipe()
    os.write(writer, FULL)
    os.close(writer)
    for full in (FULL, reader):
        code, said, log = run(keeper.conf(), full=full)
        must(code == 0, code, said, log)
        must(keeper.asked[-1].file(1) == FULL, keeper.asked[-1].file(1))
    count = len(keeper.asked)
    for full in (FULL.replace(b'bruce', b'Bruce'), FULL + b'To: a@b\n', b'',
                 FULL + b'Queue-Id: 1.2.x\n', FULL[:-1]):
        must(run(keeper.conf(), full=full)[0] == 91, full)
    for path, flags in (('.', os.O_RDONLY), ('/dev/null', os.O_WRONLY)):
        full = os.open(path, flags)
        must(run(keeper.conf(), full=full)[0] == 54, path)
    # Where there is none it is not one of the program's own.
    must(run(keeper.conf(), full=-1)[0] == 54, 'none')
    must(len(keeper.asked) == count, 'it was asked')


def answers():
    """Each word of the keeper's is the program's."""
    for code in CODES:
        keeper = Keeper(lambda asked: bytes([code]) + words(code))
        got, said, log = run(keeper.conf())
        must((got, said) == (code, words(code)), code, got, said)
        must(b'event=refused why="%s" id=%s ' % (words(code),
                                                 keeper.asked[0].id) in log,
             log)
    # In pieces, or late.
    keeper = Keeper(lambda asked: [
        piece for i in range(len(yes(asked)))
        for piece in (yes(asked)[i:i + 1], lambda: time.sleep(0.001))])
    must(run(keeper.conf())[0] == 0, 'in pieces')


def lies():
    """What is no word of a keeper's is not believed, and no yes above all."""
    rows = [b'\0', b'\0x', b'\0\0', b'\0' * 100000,
            lambda asked: yes(asked)[:-1], lambda asked: yes(asked) + b'\n',
            lambda asked: yes(asked)[1:],
            lambda asked: yes(asked).replace(b'.', b'-'),
            b'0', b'G', b'GZ4', b'GD5.3.4 x', b'RZ4.3.2 x', b'R',
            b'GZ4.3.2 a\n250 ok', b'GZ4.3.2 \xff', b'\x1fD5.7.1 x',
            b'\x01Z4.3.2 x', b'\xffZ4.3.2 x', b'GZ4.3.2 ' + b'x' * 100000,
            b'250 2.0.0 ok', b'HTTP/1.1 200 OK\r\n\r\n']
    for row in rows:
        keeper = Keeper(row if callable(row) else lambda asked: row)
        code, said, log = run(keeper.conf())
        must(code == 74 and said.startswith(b'Z4.4.2 '), row, code, said)


def dies():
    """In each of its states.  Nothing is a yes but a whole one."""
    code, said, log = run(Keeper(lambda asked: b'').conf())
    must(code == 74 and said.startswith(b'Z4.4.2 '), code, said, log)
    # Before it has heard anything: it depends on who is first.
    code, said, log = run(Keeper(None).conf())
    must(code in (73, 74) and said.startswith(b'Z4.4.'), code, said, log)
    # Before it has read what is there.
    keeper = Keeper(None, accepts=False)
    program = Program(keeper.conf())
    connection, _ = keeper.listener.accept()
    connection.recv(1, socket.MSG_PEEK)
    connection.close()
    must(program.end()[0] == 74, 'unread')
    # Within its word.
    length = len('%019d.%d.%016x.gnat.example.test' % (0, os.getpid(), 0))
    for cut in (1, 2, 20, length - 3):
        keeper = Keeper(lambda asked: yes(asked)[:cut])
        code = run(keeper.conf())[0]
        must(code == 74, cut, code)


def nobody():
    """73: nothing was said to anybody."""
    left = Keeper(yes, accepts=False)
    left.listener.close()
    open('file', 'w').close()
    rows = [('/nonexistent/socket', 73), (os.path.abspath('file'), 73),
            (left.path, 73), ('/' + 150 * 'x', 55)]
    for path, want in rows:
        code, said, log = run(conf(path))
        must(code == want, path, code, said, log)
        must(said.startswith(b'Z4.3.5 ' if want == 55 else b'Z4.4.1 '), said)
    # Not let in, by its rights.
    if os.getuid() != 0:
        os.chmod(Keeper(yes).path, 0)
        must(run(conf(left.path))[0] == 73, 'rights')


def waits():
    """smtp.amqp.time and 5 seconds: silence, half a word, and no way in."""
    full = Keeper(None, accepts=False)
    crowd = []
    for _ in range(3):
        crowd.append(socket.socket(socket.AF_UNIX))
        crowd[-1].setblocking(False)
        try:
            crowd[-1].connect(full.path)
        except BlockingIOError:
            break
    else:
        wrong('no backlog is full')
    silent = threading.Event()
    rows = [(full, 73, b'Z4.4.1 '),
            (Keeper(lambda asked: [lambda: silent.wait(DEADLINE)]), 72,
             b'Z4.4.1 no word'),
            (Keeper(lambda asked: [yes(asked)[:-1],
                                   lambda: silent.wait(DEADLINE)]), 72,
             b'Z4.4.1 no word'),
            # All of a yes but its end, which is what makes it one.
            (Keeper(lambda asked: [yes(asked),
                                   lambda: silent.wait(DEADLINE)]), 72,
             b'Z4.4.1 no word'),
            # Beyond smtp.amqp.time, but not beyond that.
            (Keeper(lambda asked: [lambda: time.sleep(2), yes(asked)]), 0,
             b'')]
    programs = [(Program(keeper.conf('smtp.amqp.time = 1')), want, begin)
                for keeper, want, begin in rows]
    for program, want, begin in programs:
        code, said, log = program.end()
        must(code == want and said.startswith(begin), want, code, said, log)
    silent.set()


def inputs():
    """Q1, Q2: what is not to be taken is not handed over."""
    keeper = Keeper(yes)
    config = keeper.conf('smtp.maxsize = 1000')
    loop = b'Received: from a by b; some day\n' * 100 + b'\ntext\n'
    for want, arguments in (
            (54, {'envelope': ENVELOPE[:-1]}), (54, {'envelope': b''}),
            (91, {'envelope': b'Ferick@maggot\0\0'}),
            (91, {'envelope': b'Tbruce@gnat\0\0'}),
            (11, {'envelope': b'Fa\0T' + 255 * b'x' + b'\0\0'}),
            (31, {'envelope': b'Fa\0Tb\nc\0\0'}),
            (31, {'message': 1001 * b'x'}),
            (54, {'stdin': os.open('.', os.O_RDONLY)}),
            (54, {'stdout': os.open('.', os.O_RDONLY)}),
            (53, {'limit': 100})):
        code, said, log = run(config, **arguments)
        must(code == want, arguments, code, said, log)
        must(said[:3] == (b'D5.' if want in (11, 31) else b'Z4.'), said)
    must(run(keeper.conf(), message=loop)[0] == 31, 'loop')
    must(run(keeper.conf('smtp.bareeol = reject'), message=b'a\rb\n')[0] == 31,
         'a bare CR')
    must(run(keeper.conf('smtp.subdir = "/nonexistent"'))[0] == 55, 'no place')
    must(run(keeper.conf('smtp.nonsense = 1'))[0] == 55, 'configuration')
    must(keeper.asked == [], 'it was asked')


def signals():
    """One is heard until all is read; then the word is waited for."""
    go = threading.Event()
    keeper = Keeper(lambda asked: [lambda: go.wait(DEADLINE), yes(asked)])
    config = keeper.conf()
    reader, writer = os.pipe()
    program = Program(config, stdin=reader)
    os.write(writer, b'x')
    end = time.monotonic() + DEADLINE
    while not sleeps(program) and time.monotonic() < end:
        time.sleep(0.01)
    program.process.send_signal(signal.SIGTERM)
    code, said, log = program.end()
    must(code == 71, code, said, log)
    must(keeper.asked == [], 'it was asked')
    program = Program(config)
    must(keeper.seen.wait(DEADLINE), 'asked')
    program.process.send_signal(signal.SIGTERM)
    go.set()
    must(program.end()[0] == 0, 'it waits')


def sleeps(program):
    """It has set its signals, and waits."""
    with open(f'/proc/{program.process.pid}/status') as file:
        status = file.read()
    caught = int(re.search(r'SigCgt:\s*([0-9a-f]+)', status).group(1), 16)
    return caught & 1 << (signal.SIGTERM - 1) and 'State:\tS' in status


def session():
    """Through smtpserv-session: each cause has its reply."""
    answered = [0] + list(CODES)
    todo = list(answered)

    def answer(asked):
        code = todo.pop(0)
        return yes(asked) if code == 0 else bytes([code]) + words(code)

    keeper = Keeper(answer)
    own = os.path.abspath('own.cfg')
    os.rename(keeper.conf(), own)
    config = keeper.conf(f'smtp.queue = "{PROGRAM} -f {own}"',
                         'smtp.queue.envelope = full')
    lines = ['EHLO client.example']
    for _ in answered + [None]:
        lines += ['MAIL FROM:<erick@maggot> ENVID=z',
                  'RCPT TO:<bruce@gnat> NOTIFY=NEVER', 'DATA', 'Subject: a',
                  '', 'text', '.']
    lines.append('QUIT')
    # The last one finds nobody.
    process = subprocess.Popen(
        [SESSION[0], '-f', config], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=open('log', 'w'))
    text = ''.join(line + '\r\n' for line in lines).encode()
    at = text.rindex(b'MAIL FROM')
    process.stdin.write(text[:at])
    process.stdin.flush()
    end = time.monotonic() + DEADLINE
    while len(keeper.asked) < len(answered) and time.monotonic() < end:
        time.sleep(0.01)
    os.unlink(keeper.path)
    process.stdin.write(text[at:])
    process.stdin.close()
    replies = process.stdout.read().decode().split('\r\n')
    must(process.wait(DEADLINE) == 0, 'exit')
    finals = [replies[i + 1] for i, reply in enumerate(replies)
              if reply.startswith('354')]
    wants = ['250 2.0.0 ok qp '] + list(CODES.values()) + ['451 4.4.1']
    must(len(finals) == len(wants), finals)
    for got, want in zip(finals, wants):
        must(got.startswith(want), got, want)
    must(finals[-2] == '554 5.3.4 too large', finals[-2])
    log = open('log').read()
    first = keeper.asked[0]
    must(f'said={first.id.decode()} ' in log, log)
    must(first.file(1) == WRK + b'Notify: NEVER\nEnvid: z\n', first.file(1))
    must(b'\nReceived: from client.example by ' in first.file(0),
         first.file(0))


globals()[CASE]()
