# SPDX-License-Identifier: ISC
"""texts.py make DIR | lenient PORTFILE DIR | aiosmtpd PORTFILE DIR

Texts that some server could take for more than one, and servers that store what
they get.

make: files N with a text, and N.want with what a server must store (its line
ends are CR LF).

lenient: a server that ends a text at every sequence that some server takes for
the end.  aiosmtpd: that library's.  Each message becomes DIR/N, in the order of
their arrival; what is said besides is in DIR/odd.
"""
import os
import re
import socket
import sys

TEXTS = (
    # Each odd end of a line before and behind a dot, and then a command.
    b'Subject: ends\n\n' + b''.join(
        b'a' + before + b'.' + behind + b'QUIT\nRSET\nBDAT 4 LAST\nMAIL FROM:<x@y>\n'
        for before in (b'\n', b'\r', b'\r\n', b'\n\r', b'\r\r\n', b'\0\n', b'\n\0')
        for behind in (b'\n', b'\r', b'\r\n', b'\n\r', b'\r\r\n', b'\0\n', b'\n\0')),
    b'Subject: no last line feed\n\n.',
    b'Subject: a last CR\n\n.\r',
    b'Subject: dots\n\n.\n..\n...\n.\n',
    b'Subject: CR LF\r\n\r\n.\r\n.\r\n\r\n.\r\n',
    # As a signature has it: long lines, and not 7 bits.
    b'Subject: long\n\n' + b'\xff\xfe. ' * 700 + b'\n' + b'x' * 2000,
    b'Subject: much\n\n' + b''.join(
        b'.' * (n % 5) + b'line %d\n' % n for n in range(9000)),
)


def on_the_wire(text):
    """The same as lines that each end in CR LF, without CR and NUL in them."""
    lines = text.split(b'\n')
    last = lines.pop()
    if last:
        lines.append(last)
    return b''.join(line.rstrip(b'\r').replace(b'\r', b' ').replace(b'\0', b' ') +
                    b'\r\n' for line in lines)


def make(where):
    for n, text in enumerate(TEXTS):
        with open('%s/%d' % (where, n), 'wb') as f:
            f.write(text)
        with open('%s/%d.want' % (where, n), 'wb') as f:
            f.write(on_the_wire(text))


def announce(name, port):
    with open(name + '.new', 'w') as f:
        f.write('%d\n' % port)
    os.rename(name + '.new', name)


END = re.compile(rb'(\r\n|\n|\r)\.(\r\n|\n|\r)')


def take_text(conn, got):
    """The text up to its first end of any kind, and what came behind it."""
    text = b'\r\n' + got
    while True:
        end = END.search(text)
        if end and (end.end() < len(text) or not text.endswith(b'\r')):
            lines = text[2:end.end(1)].split(b'\r\n')
            return (b'\r\n'.join(line[line.startswith(b'.'):] for line in lines),
                    text[end.end():])
        got = conn.recv(65536)
        if not got:
            return None, b''
        text += got


def serve_one(conn, where, count):
    got = b''
    conn.sendall(b'220 lenient\r\n')
    while True:
        while b'\n' not in got:
            more = conn.recv(65536)
            if not more:
                return count
            got += more
        line, got = got.split(b'\n', 1)
        verb = line.strip().upper()
        if verb.startswith(b'DATA'):
            conn.sendall(b'354 go\r\n')
            text, got = take_text(conn, got)
            if text is None:
                return count
            with open('%s/%d' % (where, count), 'wb') as f:
                f.write(text)
            count += 1
        elif not verb.startswith((b'EHLO', b'MAIL', b'RCPT', b'QUIT')) or \
                not line.endswith(b'\r'):
            with open(where + '/odd', 'ab') as f:
                f.write(line + b'\n')
        conn.sendall(b'250 ok\r\n')


def lenient(portfile, where):
    server = socket.create_server(('127.0.0.1', 0))
    announce(portfile, server.getsockname()[1])
    count = 0
    while True:
        conn, _ = server.accept()
        with conn:
            count = serve_one(conn, where, count)


def aiosmtpd(portfile, where):
    import asyncio
    from aiosmtpd.smtp import SMTP

    SMTP.line_length_limit = 10000

    class Keep:
        count = 0

        async def handle_DATA(self, server, session, envelope):
            with open('%s/%d' % (where, self.count), 'wb') as f:
                f.write(envelope.original_content)
            self.count += 1
            return '250 ok'

    async def run():
        keep = Keep()
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(keep, hostname='aiosmtpd'), '127.0.0.1', 0)
        announce(portfile, server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


if __name__ == '__main__':
    globals()[sys.argv[1]](*sys.argv[2:])
