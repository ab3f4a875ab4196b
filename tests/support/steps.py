# SPDX-License-Identifier: ISC
"""A server that does what it is told, step by step, whatever the client says.

usage: steps.py [-6] SCRIPT ...

Each connection gets the next script, and the last one all that follow.  A
script is steps parted by `|`:

    >TEXT   say it, with CR LF behind; \\r \\n and \\xNN mean what they do in C
    !TEXT   say it as it is
    <       read a line; <3 reads three
    .       read to the line of a single dot; what was before it is a text
    B       read BDAT, and as many octets as it says
    W       wait for the client to go away
    FTEXT   say it again and again until the client goes away
    G       wait until there is a file `go`
    X       close
    R       reset
    T       be the server of TLS, with cert.pem and key.pem

After its last step it reads until the client closes.  The port is written to
`port`, what clients say to `said`, with `--` and the client's address where each
connection begins, and texts to text.1 and so on.
"""
import os
import re
import socket
import ssl
import struct
import sys
import time


class Over(Exception):
    pass


class Peer:
    def __init__(self, sock, log):
        self.sock, self.log, self.rest = sock, log, b''

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise Over
        self.rest += data

    def line(self):
        while b'\n' not in self.rest:
            self.more()
        line, self.rest = self.rest.split(b'\n', 1)
        return line + b'\n'

    def hear(self):
        line = self.line()
        self.log.write(line.replace(b'\r\n', b'\n'))
        self.log.flush()
        return line

    def text(self):
        lines = []
        while (line := self.line()) != b'.\r\n':
            lines.append(line[1:] if line.startswith(b'.') else line)
        return b''.join(lines)

    def chunk(self):
        size = int(self.hear().split()[1])
        while len(self.rest) < size:
            self.more()
        text, self.rest = self.rest[:size], self.rest[size:]
        return text


TEXTS = 0


def keep(text):
    global TEXTS
    TEXTS += 1
    with open(f'text.{TEXTS}', 'wb') as f:
        f.write(text)


def plain(text):
    return re.sub(rb'\\(r|n|x[0-9a-f]{2})', lambda m: {
        b'r': b'\r', b'n': b'\n'}.get(m[1]) or bytes([int(m[1][1:], 16)]),
        text.encode())


def begin_tls(peer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain('cert.pem', 'key.pem')
    peer.sock = context.wrap_socket(peer.sock, server_side=True)


def step(peer, what):
    kind, rest = what[:1], what[1:]
    if kind == '>':
        peer.sock.sendall(plain(rest) + b'\r\n')
    elif kind == '!':
        peer.sock.sendall(plain(rest))
    elif kind == '<':
        for _ in range(int(rest or 1)):
            peer.hear()
    elif kind == '.':
        keep(peer.text())
    elif kind == 'B':
        keep(peer.chunk())
    elif kind == 'G':
        while not os.path.exists('go'):
            time.sleep(0.01)
    elif kind == 'T':
        begin_tls(peer)
    elif kind == 'R':
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack('ii', 1, 0))
        raise Over
    elif kind == 'X':
        raise Over
    elif kind == 'F':
        text = plain(rest) * (65536 // len(rest))
        while True:
            peer.sock.sendall(text)
    elif kind == 'W':
        while True:
            peer.line()
    else:
        sys.exit(f'no such step: {what}')


def serve(sock, client, script, log):
    peer = Peer(sock, log)
    log.write(f'-- {client}\n'.encode())
    log.flush()
    try:
        for what in script.split('|'):
            step(peer, what)
        while True:
            peer.hear()
    except (Over, OSError):
        pass
    peer.sock.close()


def main():
    arguments = sys.argv[1:]
    is_6 = arguments[0] == '-6'
    scripts = arguments[is_6:]
    family = socket.AF_INET6 if is_6 else socket.AF_INET
    server = socket.create_server(('::1' if is_6 else '127.0.0.1', 0),
                                  family=family)
    with open('said', 'ab') as log:
        with open('port.new', 'w', encoding='ascii') as f:
            print(server.getsockname()[1], file=f)
        os.rename('port.new', 'port')
        while True:
            sock, client = server.accept()
            serve(sock, client[0], scripts[0], log)
            if len(scripts) > 1:
                scripts.pop(0)


if __name__ == '__main__':
    main()
