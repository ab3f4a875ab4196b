"""One smtpserv-session for the helpers of the tests: start it, talk to it,
end it.  Every wait is for a condition and bounded; nothing outlives a helper.
"""

import array
import fcntl
import os
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import termios
import time

# Seconds after which a test gives up: a bound, not an expectation.
DEADLINE = 60

REPLY_LINE = re.compile(rb'([2-5][0-9][0-9])([ -])([ -~]*)\r\n')
REPLY_LINE_MAX = 512

GREETED = b'EHLO client.example\r\n'
ENVELOPE = b'MAIL FROM:<good@a.example>\r\nRCPT TO:<bruce@gnat>\r\n'
PIPE_SIZE = 1 << 20


class Wrong(Exception):
    """What a helper found wrong; main() prints it and exits 1."""


class Reply:
    def __init__(self, lines):
        self.lines = lines
        self.code = int(lines[0][:3])
        self.text = b'\n'.join(line[4:] for line in lines).decode()

    def enhanced(self):
        """The RFC 3463 code that all lines share, or ''."""
        first = re.match(r'[245]\.\d{1,3}\.\d{1,3}(?= )', self.text)
        return first.group() if first else ''

    def __str__(self):
        return ' '.join(filter(None, (str(self.code), self.text)))


def take_reply(got):
    """The first reply in `got` and what is behind it; None if not whole.

    Each line is held to the grammar and to RFC 5321 4.5.3.1.5."""
    lines = []
    at = 0
    while True:
        end = got.find(b'\n', at)
        if end < 0:
            return None, got
        line = got[at:end + 1]
        form = REPLY_LINE.fullmatch(line)
        if not form or len(line) > REPLY_LINE_MAX:
            raise Wrong('malformed reply line %r' % line)
        if lines and lines[0][:3] != form.group(1):
            raise Wrong('two codes in one reply: %r' % (lines + [line]))
        lines.append(line[:-2])
        at = end + 1
        if form.group(2) == b' ':
            return Reply(lines), got[at:]


def tcp_pair(family, host, connect_to):
    """Two ends of one TCP connection: the server's and the client's."""
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host, 0))
        listener.listen(1)
        client = socket.create_connection(
            (connect_to, listener.getsockname()[1]), DEADLINE)
        server, _ = listener.accept()
    client.settimeout(None)
    return server, client


class Session:
    """A session on a channel: pipe, unix (a socket pair), tcp, tcp6, or
    mapped (an IPv4 client of a dual-stack listener)."""

    def __init__(self, argv, channel='pipe', inetd=False, **popen):
        self.got = b''
        self.eof = False
        self.gone = False
        if channel == 'pipe':
            self.socket = None
            stdin, self.to = os.pipe()
            self.of, stdout = os.pipe()
        else:
            pairs = {
                'unix': socket.socketpair,
                'tcp': lambda: tcp_pair(
                    socket.AF_INET, '127.0.0.1', '127.0.0.1'),
                'tcp6': lambda: tcp_pair(socket.AF_INET6, '::1', '::1'),
                'mapped': lambda: tcp_pair(
                    socket.AF_INET6, '::', '127.0.0.1'),
            }
            server, self.socket = pairs[channel]()
            stdin = server.detach()
            stdout = os.dup(stdin)
            self.to = self.of = self.socket.fileno()
        if inetd:
            popen['stderr'] = stdout
        self.process = subprocess.Popen(
            argv, stdin=stdin, stdout=stdout, **popen)
        os.close(stdin)
        os.close(stdout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.vanish()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def pid(self):
        return self.process.pid

    def read_some(self):
        try:
            more = os.read(self.of, 65536)
        except ConnectionResetError:
            more = b''
        self.eof = more == b''
        self.got += more

    def send(self, data):
        """All of it, unless the session hangs up; reads meanwhile, so that
        neither end waits for the other."""
        view = memoryview(data)
        until = time.monotonic() + DEADLINE
        os.set_blocking(self.to, False)
        while view and not self.gone:
            readers = [] if self.eof else [self.of]
            ready, writable, _ = select.select(
                readers, [self.to], [], until - time.monotonic())
            if not ready and not writable:
                raise Wrong('the session takes no input')
            if ready:
                self.read_some()
            if writable:
                try:
                    view = view[os.write(self.to, view):]
                except BlockingIOError:
                    pass
                except (BrokenPipeError, ConnectionResetError):
                    self.gone = True
        os.set_blocking(self.to, True)

    def reply(self):
        """The next reply; None at the end."""
        until = time.monotonic() + DEADLINE
        while True:
            reply, self.got = take_reply(self.got)
            if reply or self.eof:
                break
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.of], [], [], left)[0]:
                raise Wrong('no reply, only %r' % self.got)
            self.read_some()
        if not reply and self.got:
            raise Wrong('half a reply: %r' % self.got)
        return reply

    def ask(self, line, code=None):
        """Send a command, and read its reply, which must have the code."""
        if isinstance(line, str):
            line = line.encode()
        self.send(line + b'\r\n')
        reply = self.reply()
        if reply is None:
            raise Wrong('hung up instead of replying to %r' % line)
        if code is not None and reply.code != code:
            raise Wrong('%s to %r, not %d' % (reply, line, code))
        return reply

    def start(self, helo='EHLO client.example'):
        """Greeting and EHLO."""
        reply = self.reply()
        if reply is None or reply.code != 220:
            raise Wrong('greeted with %s' % reply)
        return self.ask(helo, 250)

    def begin_data(self, sender='erick@maggot', rcpts=('bruce@gnat',)):
        self.ask('MAIL FROM:<%s>' % sender, 250)
        for rcpt in rcpts:
            self.ask('RCPT TO:<%s>' % rcpt, 250)
        self.ask('DATA', 354)

    def end_data(self):
        """The dot, and the number of the message."""
        reply = self.ask('.', 250)
        number = re.fullmatch(r'2\.0\.0 A(\d+) accepted', reply.text)
        if not number:
            raise Wrong('no number in %s' % reply)
        return int(number.group(1))

    def deliver(self, text, **envelope):
        self.begin_data(**envelope)
        self.send(text)
        return self.end_data()

    def shut(self):
        """Nothing more comes from us; replies can still be read."""
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        elif self.to is not None:
            os.close(self.to)
            self.to = None

    def vanish(self):
        """Close everything, as a client does whose machine was cut off."""
        if self.socket:
            self.socket.close()
        else:
            for fd in (self.to, self.of):
                if fd is not None:
                    os.close(fd)
        self.socket = self.to = self.of = None

    def replies(self):
        """All that there are, up to the end."""
        found = []
        reply = self.reply()
        while reply:
            found.append(reply)
            reply = self.reply()
        return found

    def wait(self):
        """The exit status, or minus the signal."""
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise Wrong('the session does not end') from None


def wait_for(condition, what):
    """Until condition() is true; its value."""
    until = time.monotonic() + DEADLINE
    value = condition()
    while not value:
        if time.monotonic() > until:
            raise Wrong('waited in vain for ' + what)
        time.sleep(0.002)
        value = condition()
    return value


def spool_files(spool='spool'):
    return sorted(name for name in os.listdir(spool)
                  if not name.startswith('sequence.'))


def read(name):
    with open(name, 'rb') as file:
        return file.read()


def body(number, spool='spool'):
    """The text of a message without its trace header."""
    return read('%s/%d.TXT' % (spool, number)).split(b'\n', 2)[2]


def expect(want, got, what):
    if want != got:
        raise Wrong('%s: want %.500s, got %.500s' % (what, want, got))


def converse(argv, data, **options):
    """All at once, to the end: the replies."""
    with Session(argv, **options) as session:
        session.send(data)
        session.shut()
        replies = session.replies()
        expect(0, session.wait(), 'exit status')
    return replies


def codes(replies):
    return [reply.code for reply in replies]


def take_messages():
    """All pairs, (number, envelope, text), removed; nothing else is there."""
    names = spool_files()
    numbers = sorted({int(name.split('.')[0]) for name in names})
    expect(sorted('%d.%s' % (n, suffix) for n in numbers
                  for suffix in ('TXT', 'WRK')), names, 'files')
    messages = [(n, read('spool/%d.WRK' % n), body(n)) for n in numbers]
    for name in names:
        os.remove('spool/' + name)
    return messages


def stuffed(text):
    """A stored text, as a relay would send it."""
    lines = text.split(b'\n')
    expect(b'', lines.pop(), 'last line')
    return b''.join((b'.' if line.startswith(b'.') else b'') + line + b'\r\n'
                    for line in lines)


def drain(session):
    """Until the session has read all that was sent."""
    left = array.array('i', [0])

    def is_empty():
        fcntl.ioctl(session.to, termios.FIONREAD, left)
        return left[0] == 0

    wait_for(is_empty, 'the session to read')


def limit_memory(size):
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


def high_water(session):
    status = read('/proc/%d/status' % session.pid())
    return int(re.search(rb'VmHWM:\s+(\d+) kB', status).group(1))


def flood(argv, octets, start, piece, end, code):
    """`start`, then that many octets, then `end`, in an address space of 4
    MiB and with no more than 1 MiB of memory above that at the beginning."""
    piece *= PIPE_SIZE // len(piece)
    with Session(argv, preexec_fn=limit_memory(4 << 20)) as session:
        fcntl.fcntl(session.to, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        session.start()
        before = high_water(session)
        session.send(start)
        for _ in range(octets // len(piece)):
            session.send(piece)
            if session.gone:
                raise Wrong('hung up in the middle of %r' % start)
        session.send(end + b'HELP\r\n')
        replies = [session.reply()]
        while replies[-1] is not None and replies[-1].code != 214:
            replies.append(session.reply())
        grown = high_water(session) - before
        session.ask('QUIT', 221)
    expect(code, replies[-2].code, 'reply to %r...' % start)
    if grown > 1024:
        raise Wrong('%d KiB more memory after %r...' % (grown, start))


CASES = {}


def case(function):
    """Marks what run_case() may run."""
    CASES[function.__name__] = function
    return function


def run_case(argv):
    """WHAT ARGUMENT...: the case of that name, with the arguments."""
    CASES[argv[0]](argv[1:])


def main(run):
    """Run a helper: its complaint is one line, its success is silence."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        run(sys.argv[1:])
    except Wrong as wrong:
        print(wrong)
        sys.exit(1)
