# SPDX-License-Identifier: ISC
"""What a server says to the commands of a table.

A line of the table is the codes of ours, of Postfix and of Exim, and the
command; `#' begins a comment.  In the command {N} stands for N letters x,
\\xHH and \\t for those bytes.  Each command is tried in a session of its own:
MAIL after EHLO, RCPT after a MAIL from <> that says SMTPUTF8 if the RCPT has
a byte over 127, and each greeting as the first.

    verdicts.py TABLE PROGRAM ...

runs the program for each, with a socket on 0 and 1, and prints every line on
which the table has another code for ours; exit 1 if there is any.
"""
import re
import socket
import subprocess
import sys

EHLO = b'EHLO client.example.test'


def expand(text):
    raw = text.encode('latin-1')
    raw = re.sub(rb'\{(\d+)\}', lambda m: b'x' * int(m[1]), raw)
    raw = raw.replace(rb'\t', b'\t')
    return re.sub(rb'\\x(..)', lambda m: bytes.fromhex(m[1].decode()), raw)


def rows(name):
    """(codes, command as it is written) of each line, None for others."""
    with open(name, encoding='ascii') as table:
        for line in table:
            line = line.rstrip('\n')
            if line == '' or line.startswith('#'):
                yield line, None, None
            else:
                *codes, command = line.split(None, 3)
                yield line, codes, command


def reply(conversation):
    while True:
        line = conversation.readline()
        if line == b'' or line[3:4] != b'-':
            return line[:3].decode() or 'end'


def verdict(sock, command):
    """The code for the command; `sock' is a new connection."""
    raw = expand(command)
    before = [EHLO]
    if raw[:4].upper() == b'RCPT':
        is_utf8 = any(byte > 127 for byte in raw)
        before += [b'MAIL FROM:<>' + (b' SMTPUTF8' if is_utf8 else b'')]
    elif raw[:4].upper() != b'MAIL':
        before = []
    with sock, sock.makefile('rb') as conversation:
        code = reply(conversation)
        for line in before:
            sock.sendall(line + b'\r\n')
            code = reply(conversation)
            if code != '250':
                raise OSError(f'{line!r}: {code}')
        sock.sendall(raw + b'\r\n')
        code = reply(conversation)
        sock.sendall(b'QUIT\r\n')
        return code


def of_program(argv, command):
    mine, its = socket.socketpair()
    mine.settimeout(60)
    with subprocess.Popen(argv, stdin=its, stdout=its) as child:
        its.close()
        code = verdict(mine, command)
        child.wait()
    return code


def main():
    wrong = 0
    for _, codes, command in rows(sys.argv[1]):
        if command is None:
            continue
        code = of_program(sys.argv[2:], command)
        if code != codes[0]:
            print(f'{codes[0]} is {code}: {command}')
            wrong += 1
    return 1 if wrong > 0 else 0


if __name__ == '__main__':
    sys.exit(main())
