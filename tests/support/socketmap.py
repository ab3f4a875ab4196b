# SPDX-License-Identifier: ISC
"""A daemon that has one answer to every question: socketmap.py ANSWER

Its port is in `map.port`, and what it was asked in `questions`.
"""
import os
import socket
import sys


def main():
    answer = sys.argv[1].encode()
    listener = socket.create_server(('127.0.0.1', 0))
    with open('map.port.new', 'w', encoding='ascii') as f:
        print(listener.getsockname()[1], file=f)
    os.rename('map.port.new', 'map.port')
    while True:
        conn, _ = listener.accept()
        with open('questions', 'ab') as f:
            f.write(conn.recv(4096) + b'\n')
        conn.sendall(b'%d:%s,' % (len(answer), answer))
        conn.close()


if __name__ == '__main__':
    main()
