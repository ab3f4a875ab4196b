"""handover.py CASE SESSION...: a session and its helper, in trouble.

dead_helper     somebody kills the helper: the session goes on without
dead_session    somebody kills the session: helper and program go
stops           a session is to stop while a program does not read
login_cuts      a client vanishes at each byte of a login: nothing is left
login_floods    lines of any length, and many: bounded, and answered
"""

import array
import fcntl
import os
import signal
import termios
import time

from smtpsession import DEADLINE, Session, Wrong, case, main, run_case, wait_for

# Nothing of it is refused, for that would take its time.
LOGIN = (b'EHLO a\r\nAUTH PLAIN\r\n*\r\nAUTH LOGIN\r\n'
         b'Ym9i\r\nc2VjcmV0\r\nMAIL FROM:<a@b>\r\n')


def children(pid):
    try:
        with open(f'/proc/{pid}/task/{pid}/children') as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def is_alive(pid):
    try:
        with open(f'/proc/{pid}/stat') as file:
            return file.read().rpartition(') ')[2][0] not in 'ZX'
    except FileNotFoundError:
        return False


def helper_of(session):
    return wait_for(lambda: children(session.pid()), 'a helper')[0]


@case
def dead_helper(argv):
    with Session(argv) as session:
        session.start()
        session.begin_data()
        os.kill(helper_of(session), signal.SIGKILL)
        session.send(b'text\r\n')
        session.ask('.', 451)
        session.ask('NOOP', 250)
        for line, code in (('MAIL FROM:<a@b>', 250), ('RCPT TO:<c@d>', 250),
                           ('DATA', 451), ('NOOP', 250), ('QUIT', 221)):
            session.ask(line, code)
        session.wait()


@case
def dead_session(argv):
    with Session(argv) as session:
        session.start()
        session.begin_data()
        session.send(b'text\r\n')
        helper = helper_of(session)
        program = wait_for(lambda: children(helper), 'a program')[0]
        session.process.kill()
        session.wait()
        wait_for(lambda: not is_alive(helper), 'the end of the helper')
        wait_for(lambda: not is_alive(program), 'the end of the program')


def is_blocked(session, has_all):
    """It sleeps, and has read all that there is, or not."""
    left = array.array('i', [0])
    fcntl.ioctl(session.to, termios.FIONREAD, left)
    with open(f'/proc/{session.pid()}/stat') as file:
        return (file.read().rpartition(') ')[2][0] == 'S' and
                (left[0] == 0) == has_all)


def stuff(session):
    """Text, until the session takes no more."""
    os.set_blocking(session.to, False)
    until = time.monotonic() + DEADLINE
    while not is_blocked(session, False):
        if time.monotonic() > until:
            raise Wrong('there is no end to what it takes')
        try:
            os.write(session.to, 998 * b'x' + b'\r\n')
        except BlockingIOError:
            time.sleep(0.01)
        except BrokenPipeError:
            break


@case
def stops(argv):
    """In the text, and when it is whole: nothing is taken."""
    by_itself = os.environ['WAY'] != 'signal'
    for is_whole, codes in ((False, [421]), (True, [451, 421])):
        with Session(argv) as session:
            session.start()
            helper = helper_of(session)
            session.begin_data()
            if is_whole:
                # More than a pipe holds, less than fits in besides.
                session.send(120 * (998 * b'x' + b'\r\n') + b'.\r\nNOOP\r\n')
                wait_for(lambda: is_blocked(session, True), 'an end')
            else:
                stuff(session)
            if not by_itself:
                os.kill(session.pid(), signal.SIGTERM)
            got = [session.reply() for _ in codes]
            if [reply and reply.code for reply in got] != codes:
                raise Wrong('%s: %s' % (is_whole, list(map(str, got))))
            # Now the program may see that there is no more.
            open('go', 'w').close()
            session.shut()
            session.wait()
            wait_for(lambda: not is_alive(helper), 'the end of the helper')
        os.remove('go')


@case
def login_cuts(argv):
    for cut in range(1, len(LOGIN)):
        with Session(argv) as session:
            session.send(LOGIN[:cut])
            helper = helper_of(session)
            session.vanish()
            session.wait()
            wait_for(lambda: not is_alive(helper), 'the end of the helper')


@case
def login_floods(argv):
    with Session(argv) as session:
        session.start()
        for size in (1000, 12286, 12288, 100000, 10000000):
            session.ask('AUTH PLAIN', 334)
            session.ask(size * b'A', 500 if size > 12286 else 501)
        for _ in range(5):
            session.ask('AUTH LOGIN', 334)
            session.ask('*', 501)
        session.ask('AUTH PLAIN ' + 3000 * 'A', 500)
    with Session(argv) as session:
        session.start()
        session.send(10000 * b'AUTH PLAIN AGJvYgB3cm9uZw==\r\n')
        codes = [reply.code for reply in session.replies()]
        if codes != [535, 535, 421]:
            raise Wrong(f'a flood is answered {codes}')
        session.wait()


main(run_case)
