"""qqcall.py HOW -- PROGRAM...: hand a message to a qmail-queue program.

The message is on descriptor 0, to its end, and then the envelope, in which |
stands for NUL, as arguments of HOW; both go through pipes, as qmail's programs
have it.

    send ENVELOPE          print its exit code
    bytes ENVELOPE         the same, every byte by a write of its own
    cut ENVELOPE SPOOL     give up after each byte of both, and after the
                           message: it must never exit 0, nor leave a file
    kill ENVELOPE SPOOL    SIGTERM while it waits for the last byte
"""

import os
import signal
import subprocess
import sys


def start(program):
    message, envelope = os.pipe(), os.pipe()
    child = subprocess.Popen(program, stdin=message[0], stdout=envelope[0],
                             close_fds=True)
    os.close(message[0])
    os.close(envelope[0])
    return child, message[1], envelope[1]


def put(fd, data, step):
    """As much as it takes: it may be gone, and its exit code says why."""
    try:
        for at in range(0, len(data), step):
            os.write(fd, data[at:at + step])
    except BrokenPipeError:
        pass


def send(program, message, envelope, step=65536):
    child, to_message, to_envelope = start(program)
    put(to_message, message, step)
    os.close(to_message)
    put(to_envelope, envelope, step)
    os.close(to_envelope)
    return child.wait(60)


def left(spool):
    return [name for name in os.listdir(spool)
            if not name.startswith('sequence.')]


def cut(program, message, envelope, spool):
    for n in range(len(message) + len(envelope)):
        code = send(program, message[:n], envelope[:max(0, n - len(message))])
        if code == 0 or left(spool):
            sys.exit(f'cut at {n}: exit {code}, left {left(spool)}')


def kill(program, message, envelope, spool):
    child, to_message, to_envelope = start(program)
    put(to_message, message, 65536)
    os.close(to_message)
    put(to_envelope, envelope[:-1], 65536)
    while not any(name.endswith('.TMP') for name in left(spool)):
        pass
    child.send_signal(signal.SIGTERM)
    code = child.wait(60)
    if left(spool):
        sys.exit(f'left {left(spool)}')
    return code


def main():
    at = sys.argv.index('--')
    how, text, *rest = sys.argv[1:at]
    program = sys.argv[at + 1:]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    envelope = os.fsencode(text).replace(b'|', b'\0')
    message = sys.stdin.buffer.read()
    if how == 'cut':
        cut(program, message, envelope, *rest)
    elif how == 'kill':
        print(kill(program, message, envelope, *rest))
    else:
        print(send(program, message, envelope,
                   1 if how == 'bytes' else 65536))


main()
