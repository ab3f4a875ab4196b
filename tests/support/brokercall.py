"""brokercall.py CASE BROKER: play the session to smtpserv-broker.

Its programs are sh scripts, made in the current directory.  Every wait is for a
condition, and bounded.
"""

import os
import signal
import socket
import subprocess
import sys
import time

DEADLINE = 60
CRASHED, HUNG, UNREAD, GIVEN_UP = 256, 257, 258, 259
ENVELOPE = b'Ferick@maggot\0Tbruce@gnat\0'


def wrong(text):
    sys.exit('wrong: ' + text)


def must(holds, *what):
    if not holds:
        wrong(repr(what))


def script(name, text):
    with open(name, 'w') as file:
        file.write('#!/bin/sh\n' + text)
    os.chmod(name, 0o755)
    return os.path.abspath(name)


def wait_for(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            wrong('still not: ' + what)
        time.sleep(0.01)


def is_alive(pid):
    """A process that nobody has waited for does not live."""
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rpartition(') ')[2][0] not in 'ZX'
    except FileNotFoundError:
        return False


def pids(*names):
    """What a script has written there, as soon as it has."""
    for name in names:
        wait_for(lambda: os.path.exists(name) and os.path.getsize(name) > 1,
                 name)
    return [int(open(name).read()) for name in names]


def read(name):
    with open(name, 'rb') as file:
        return file.read()


def own_fds():
    """A script's descriptors, without those that sh makes, from 10 up."""
    return {int(fd) for fd in read('fds').split() if int(fd) < 10}


class Broker:
    def __init__(self, *arguments):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX,
                                                socket.SOCK_SEQPACKET)
        self.socket.settimeout(DEADLINE)
        self.process = subprocess.Popen([sys.argv[2], *arguments],
                                        stdin=theirs,
                                        stdout=subprocess.DEVNULL)
        theirs.close()

    def say(self, *records):
        for record in records:
            self.socket.send(record)

    def answer(self):
        record = self.socket.recv(2000)
        must(record[:1] == b'a', 'an answer', record)
        code, pid, said = record[1:].split(b' ', 2)
        return int(code), int(pid), said

    def message(self, *texts, envelope=ENVELOPE):
        self.say(b'M', *(b'T' + text for text in texts), b'E' + envelope, b'C')
        return self.answer()

    def login(self, user=b'bob', password=b'secret'):
        self.say(b'A' + user + b'\0' + password + b'\0\0')
        return self.answer()[0]

    def end(self, code=0):
        self.socket.close()
        must(self.process.wait(DEADLINE) == code, 'exit',
             self.process.returncode)


def taken():
    """What qmail-queue is to get, and with which descriptors."""
    queue = script('queue', '''
        cat >message
        cat <&1 >envelope
        ls /proc/$$/fd >fds
        echo "$1|$2|$QUEUE_TEST" >arguments
    ''')
    os.environ['QUEUE_TEST'] = 'from the environment'
    broker = Broker('-q', queue + ' a\tb')
    code, pid, said = broker.message(b'one\n', b'\0two\r\n' + 16000 * b'x')
    must((code, said) == (0, b'') and pid > 1, code, said, pid)
    must(read('message') == b'one\n\0two\r\n' + 16000 * b'x', 'message')
    must(read('envelope') == ENVELOPE + b'\0', read('envelope'))
    must(read('arguments') == b'a|b|from the environment\n', 'arguments')
    must(own_fds() == {0, 1, 2, 6}, own_fds())
    # And another one; and one of many records of envelope.
    must(broker.message()[0] == 0, 'again')
    must(read('message') == b'', 'an empty message')
    broker.say(b'M', b'Tx')
    broker.say(*(b'E' + ENVELOPE for _ in range(100)))
    broker.say(b'C')
    must(broker.answer()[0] == 0, 'long')
    must(read('envelope') == 100 * ENVELOPE + b'\0', 'long envelope')
    broker.end()


def whole():
    """E1: the whole envelope is a file, and what is in it is there in time."""
    lines = b'From: erick@maggot\nTo: bruce@gnat\nNotify: NEVER\n'
    queue = script('queue', '''
        head -c 1 >first; cat /dev/fd/5 >early
        cat >/dev/null; cat <&1 >envelope
        cat <&5 >whole
        ls /proc/$$/fd >fds
        echo "${SMTPSERV_ENVELOPE-unset}" >variable
    ''')
    os.environ['SMTPSERV_ENVELOPE'] = '7'
    broker = Broker('-e', '-q', queue)
    for _ in range(2):
        broker.say(b'M', b'W' + lines, b'Txy', b'WSize: 2\n',
                   b'E' + ENVELOPE, b'C')
        must(broker.answer()[::2] == (0, b''), 'taken')
        must(read('early').startswith(lines), read('early'))
        must(read('whole') == lines + b'Size: 2\n', read('whole'))
        must(read('envelope') == ENVELOPE + b'\0', read('envelope'))
        must(own_fds() == {0, 1, 2, 5, 6}, own_fds())
        must(read('variable') == b'5\n', read('variable'))
    broker.end()
    # One that does not look at it is not in its way, whatever its size.
    idle = script('idle', 'cat >/dev/null; cat <&1 >/dev/null')
    broker = Broker('-e', '-q', idle)
    broker.say(b'M', *(100 * [b'W' + 16384 * b'x']), b'E' + ENVELOPE, b'C')
    must(broker.answer()[0] == 0, 'taken')
    # But not of any size: then it does not get its last NUL.
    broker.say(b'M', *(2100 * [b'W' + 16384 * b'x']), b'E' + ENVELOPE, b'C')
    must(broker.answer()[0] == UNREAD, 'too large')
    broker.end()
    # Nobody else's word is the program's.
    queue = script('queue', '''
        cat >/dev/null; cat <&1 >/dev/null
        ls /proc/$$/fd >fds
        echo "${SMTPSERV_ENVELOPE-unset}" >variable
    ''')
    broker = Broker('-q', queue)
    must(broker.message(b'xy')[0] == 0, 'taken')
    must(read('variable') == b'unset\n', read('variable'))
    must(own_fds() == {0, 1, 2, 6}, own_fds())
    broker.end()
    del os.environ['SMTPSERV_ENVELOPE']


def large():
    queue = script('queue', 'cat | wc -c >count; cat <&1 >/dev/null')
    broker = Broker('-q', queue)
    broker.say(b'M')
    for _ in range(2000):
        broker.say(b'T' + 16384 * b'x')
    broker.say(b'E' + ENVELOPE, b'C')
    must(broker.answer()[0] == 0, 'taken')
    must(int(read('count')) == 2000 * 16384, read('count'))
    broker.end()


def codes():
    queue = script('queue', '''
        cat >/dev/null; cat <&1 >/dev/null
        exit $(cat code)
    ''')
    broker = Broker('-q', queue)
    for code in (0, 1, 11, 31, 40, 53, 71, 82, 91, 100, 111, 120, 255):
        with open('code', 'w') as file:
            file.write(str(code))
        must(broker.message(b'x')[0] == code, 'exit', code)
    broker.end()
    broker = Broker('-q', script('queue', 'kill -9 $$'))
    must(broker.message(b'x')[0] == CRASHED, 'crash')
    broker.end()
    for missing in (os.getcwd() + '/missing', os.getcwd(), '/dev/null'):
        broker = Broker('-q', missing)
        must(broker.message(b'x')[0] == 120, 'cannot be run', missing)
        broker.end()


def words():
    """Descriptor 6: as much as it likes, whenever it likes."""
    queue = script('queue', '''
        echo Dspam >&6
        head -c 300000 /dev/zero | tr '\\0' x >&6
        cat >/dev/null; cat <&1 >/dev/null
        exit 82
    ''')
    broker = Broker('-q', queue)
    code, _, said = broker.message(*(20 * [16384 * b'x']))
    must(code == 82 and said.startswith(b'Dspam\nxxx') and len(said) == 512,
         code, said)
    broker.end()
    # A child that it leaves may hold its descriptors open.
    queue = script('queue', '''
        cat >/dev/null; cat <&1 >/dev/null
        printf Zlater >&6
        sleep 1000 <&- >&- & echo $! >pid
        exit 82
    ''')
    broker = Broker('-q', queue)
    must(broker.message(b'x')[::2] == (82, b'Zlater'), 'words')
    os.kill(pids('pid')[0], signal.SIGKILL)
    broker.end()


def early():
    """It ends, or reads no more, before it has it all."""
    big = 40 * [16384 * b'x']
    broker = Broker('-q', script('queue', 'printf Dno >&6; exit 31'))
    must(broker.message(*big)[::2] == (31, b'Dno'), 'its code wins')
    must(broker.message(b'x')[0] == 31, 'and with a small one')
    broker.end()
    for text in ('exit 0', 'exec <&-; cat <&1 >got; exit 0',
                 'head -c 100 >/dev/null; exit 0'):
        broker = Broker('-q', script('queue', text))
        must(broker.message(*big)[0] == UNREAD, text)
        broker.end()
    must(b'\0\0' not in read('got'), 'the last NUL is kept back')


def hangs():
    """At each point at which it can."""
    fork = 'sleep 1000 & echo $! >child; echo $$ >own; '
    for text in ('wait', 'cat >/dev/null; wait',
                 'cat >/dev/null; cat <&1 >/dev/null; wait'):
        broker = Broker('-t', '1', '-q',
                        script('queue', "trap '' TERM INT HUP;" + fork + text))
        must(broker.message(*(40 * [16384 * b'x']))[0] == HUNG, text)
        for pid in pids('own', 'child'):
            wait_for(lambda: not is_alive(pid), f'{pid} is gone')
        broker.end()
        os.remove('own')
        os.remove('child')


def aborts():
    """What is given up, by a record or by the session's end."""
    queue = script('queue', '''
        cat >message; cat <&1 >envelope; echo $$ >done
    ''')
    for records in ((), (b'Tx',), (b'Tx', b'E' + ENVELOPE)):
        broker = Broker('-q', queue)
        broker.say(b'M', *records, b'X')
        pids('done')
        must(not read('envelope').endswith(b'\0\0'), 'no last NUL')
        os.remove('done')
        must(broker.message(b'x')[0] == 0, 'the next is taken')
        os.remove('done')
        broker.say(b'M', *records)
        broker.end()
        pids('done')
        must(not read('envelope').endswith(b'\0\0'), 'no last NUL')
        os.remove('done')
    # One that takes no notice is ended.
    broker = Broker('-t', '1', '-q', script('queue', 'echo $$ >own; sleep 99'))
    broker.say(b'M', b'Tx')
    pid, = pids('own')
    broker.end()
    must(not is_alive(pid), 'it is gone')


def session_ends_at_commit():
    """What was handed over whole may be taken, so it gets its time."""
    queue = script('queue', '''
        cat >message; cat <&1 >envelope; echo $$ >own
        while [ ! -e go ]; do sleep 0.01; done; echo $$ >done
    ''')
    broker = Broker('-q', queue)
    broker.say(b'M', b'Tx', b'E' + ENVELOPE, b'C')
    pids('own')
    broker.socket.close()
    open('go', 'w').close()
    # There is nobody to answer.
    must(broker.process.wait(DEADLINE) == 111, 'exit')
    must(os.path.exists('done'), 'it was waited for')
    os.remove('go')
    os.remove('done')


def stops():
    """The session will say no more, but hears: it is answered at once."""
    queue = script('queue', '''
        while [ ! -e go ]; do sleep 0.01; done
        cat >message; cat <&1 >envelope; echo $$ >done
    ''')
    broker = Broker('-q', queue)
    # More than a pipe holds, less than fits into the socket besides.
    broker.say(b'M', *(8 * [b'T' + 16000 * b'x']), b'E' + ENVELOPE, b'C')
    broker.socket.shutdown(socket.SHUT_WR)
    must(broker.answer()[0] == GIVEN_UP, 'given up')
    open('go', 'w').close()
    broker.end()
    pids('done')
    must(not read('envelope').endswith(b'\0\0'), 'no last NUL')
    # Nor is a password asked about any longer.
    broker = Broker('-a', script('check', 'echo $$ >own; sleep 999'))
    broker.say(b'Abob\0secret\0\0')
    pid, = pids('own')
    broker.socket.shutdown(socket.SHUT_WR)
    must(broker.answer()[0] == GIVEN_UP, 'given up')
    must(not is_alive(pid), 'it is gone')
    broker.end()


def killed():
    """The helper dies: so does what it runs."""
    broker = Broker('-q', script('queue', 'echo $$ >own; exec sleep 1000'))
    broker.say(b'M', b'Tx')
    pid, = pids('own')
    broker.process.kill()
    broker.process.wait(DEADLINE)
    wait_for(lambda: not is_alive(pid), 'it is gone')
    # What asks a service to stop is the session's to obey.
    broker = Broker('-q', script('queue', '''
        echo $$ >begun; cat >/dev/null; cat <&1 >envelope
    '''))
    broker.say(b'M')
    pids('begun')
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        broker.process.send_signal(signum)
    broker.say(b'Tx', b'E' + ENVELOPE, b'C')
    must(broker.answer()[0] == 0, 'it goes on')
    broker.end()


def logins():
    check = script('check', '''
        cat <&3 >secret; ls /proc/$$/fd >fds
        echo "$@" >arguments
        exit $(cat code)
    ''')
    broker = Broker('-a', check + ' -x')
    for code in (0, 1, 2, 111):
        with open('code', 'w') as file:
            file.write(str(code))
        start = time.monotonic()
        must(broker.login() == code, 'exit', code)
        must(code == 0 or time.monotonic() - start >= 1.9, 'held back')
        must(read('secret') == b'bob\0secret\0\0', read('secret'))
    must(read('arguments') == b'-x /bin/true\n', read('arguments'))
    must(own_fds() == {0, 1, 2, 3}, own_fds())
    # Three were not accepted: no more are tried.
    os.remove('secret')
    with open('code', 'w') as file:
        file.write('0')
    must(broker.login() == 1, 'no more')
    must(not os.path.exists('secret'), 'it was not asked')
    broker.end()


def login_trouble():
    broker = Broker('-a', script('check', 'kill -9 $$'))
    must(broker.login() == CRASHED, 'crash')
    broker.end()
    broker = Broker('-a', os.getcwd() + '/missing')
    must(broker.login() == 120, 'missing')
    broker.end()
    # It decides without a look.
    broker = Broker('-a', script('check', 'exec 3<&-; exit 0'))
    must(broker.login() == 0, 'a decision')
    broker.end()
    broker = Broker('-t', '1', '-a', script('check', 'echo $$ >own; sleep 99'))
    must(broker.login() == HUNG, 'hung')
    pid, = pids('own')
    must(not is_alive(pid), 'it is gone')
    broker.end()
    # The session goes away meanwhile.
    os.remove('own')
    broker = Broker('-a', script('check', 'echo $$ >own; sleep 99'))
    broker.say(b'Abob\0secret\0\0')
    pid, = pids('own')
    broker.end(111)
    wait_for(lambda: not is_alive(pid), 'it is gone')


def nonsense():
    """A session that was taken over gets nothing but its end."""
    queue = script('queue', 'cat >/dev/null; cat <&1 >/dev/null; echo >ran')
    secret = b'Abob\0secret\0\0'
    for arguments, records in (
            ((), (b'M',)), ((), (secret,)), (('-q', queue), (secret,)),
            (('-a', queue), (b'M',)), (('-q', queue), (b'Tx',)),
            (('-q', queue), (b'C',)), (('-q', queue), (b'E' + ENVELOPE,)),
            (('-e', '-q', queue), (b'Wx',)), (('-q', queue), (b'M', b'Wx')),
            (('-q', queue), (b'M', b'M')), (('-q', queue), (b'Z',)),
            (('-q', queue), (b'M', b'T' + 16385 * b'x')),
            (('-a', queue, '-q', queue), (b'M', secret)),
            (('-a', queue), (b'A',)), (('-a', queue), (b'Abob\0secret\0',)),
            (('-a', queue), (b'Abob\0' + 600 * b'x' + b'\0\0',)),
            (('-a', queue), (b'A\0secret\0\0',))):
        broker = Broker(*arguments)
        broker.say(*records)
        must(broker.process.wait(DEADLINE) == 111, records)
    broker = Broker('-q', queue)
    broker.say(b'X')
    must(broker.message(b'x')[0] == 0, 'nothing to give up is no nonsense')
    broker.end()


globals()[sys.argv[1]]()
