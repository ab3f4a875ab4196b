# SPDX-License-Identifier: ISC
"""A relay that answers some commands otherwise than it should.

usage: relay.py VERB=REPLY ...

VERB is a command, DOT the end of a message, GREETING what comes first; a REPLY
of `close' hangs up.  The port is written to `port`; each connection uses the
next of the arguments, the last one all that follow.
"""
import os
import socket
import sys

USUAL = {'GREETING': '220 relay', 'DATA': '354 go on', 'QUIT': '221 bye'}
listener = socket.create_server(('127.0.0.1', 0))
with open('port.new', 'w', encoding='ascii') as f:
    print(listener.getsockname()[1], file=f)
os.rename('port.new', 'port')
arguments = sys.argv[1:]


def serve(lines, own):
    in_text = False
    verb = 'GREETING'
    while True:
        reply = own.get(verb, USUAL.get(verb, '250 ok'))
        if reply == 'close':
            return
        in_text = verb == 'DATA' and reply[0] == '3'
        lines.write(reply.encode('ascii') + b'\r\n')
        if verb == 'QUIT':
            return
        line = lines.readline()
        while in_text and line not in (b'', b'.\r\n'):
            line = lines.readline()
        if line == b'':
            return
        verb = 'DOT' if in_text else line[:4].decode('ascii').upper()


while True:
    connection, _ = listener.accept()
    with connection, connection.makefile('rwb', buffering=0) as lines:
        serve(lines, dict([arguments[0].split('=', 1)]))
    if len(arguments) > 1:
        arguments.pop(0)
