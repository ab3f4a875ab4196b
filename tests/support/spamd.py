# SPDX-License-Identifier: ISC
"""A stand-in for SpamAssassin's spamd, to which the real spamc talks: what has
the word `bargain' in it is spam, and says so in its header.

usage: spamd.py

The port is written to `port`.  It serves until it is killed.
"""
import os
import socketserver


class Scan(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.readline().startswith(b'PROCESS SPAMC/')
        length = None
        while (line := self.rfile.readline().strip()):
            name, value = line.split(b':', 1)
            if name.lower() == b'content-length':
                length = int(value)
        message = self.rfile.read(length)
        spam = b'bargain' in message
        result = (b'X-Spam-Flag: %s\n' % (b'YES' if spam else b'NO')) + message
        self.wfile.write(
            b'SPAMD/1.1 0 EX_OK\r\nContent-length: %d\r\n'
            b'Spam: %s ; 9 / 5\r\n\r\n' % (len(result),
                                           b'True' if spam else b'False'))
        self.wfile.write(result)


with socketserver.TCPServer(('127.0.0.1', 0), Scan) as server:
    with open('port.new', 'w', encoding='ascii') as f:
        print(server.server_address[1], file=f)
    os.rename('port.new', 'port')
    server.serve_forever()
