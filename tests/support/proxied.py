"""A client that says whose the connection is, and HAProxy as one.

proxied.py say BYTES... -- COMMAND...
    the command gets a connection of 127.0.0.1; what is sent is each argument,
    with backslash escapes, by itself; all that comes back is printed, and the
    exit status is the command's
proxied.py hold -- COMMAND...
    the same, but the client says nothing and waits to be closed
proxied.py haproxy PROGRAM CONFIG PORT
    start HAProxy, wait until PORT serves, send two messages through it and wait
    for a health check that succeeded (its socket is ./stats)
"""

import os
import socket
import subprocess
import sys
import time

BOUND = 60
MESSAGE = (b"EHLO client.example\r\nMAIL FROM:<erick@maggot>\r\n"
           b"RCPT TO:<bruce@gnat>\r\nDATA\r\nSix?\r\n.\r\nQUIT\r\n")


def start(command, env=None):
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        theirs = server.accept()[0]
    client.settimeout(BOUND)
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, env=env)
    theirs.close()
    return client, process


def read_all(s):
    got = b""
    try:
        while True:
            part = s.recv(65536)
            if not part:
                return got
            got += part
    except ConnectionResetError:
        return got


def say(words, command):
    client, process = start(command)
    for word in words:
        try:
            client.sendall(word.encode().decode("unicode_escape")
                           .encode("latin-1"))
        except OSError:
            break
        # Let it be read by itself, or not: it must not matter.
        time.sleep(0.001)
    try:
        client.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    sys.stdout.buffer.write(read_all(client))
    return process.wait(BOUND)


def hold(command):
    client, process = start(command)
    got = read_all(client)
    assert got == b"", got
    return process.wait(BOUND)


def connect(port):
    until = time.monotonic() + BOUND
    while True:
        try:
            s = socket.create_connection(("127.0.0.1", port), BOUND)
            s.settimeout(BOUND)
            if s.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL) == b"220":
                return s
        except OSError:
            pass
        assert time.monotonic() < until, "nobody serves"
        time.sleep(0.02)


def check_status():
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("stats")
        s.sendall(b"show stat\n")
        rows = [line.split(",") for line in read_all(s).decode().splitlines()]
    names = rows[0]
    return [dict(zip(names, row))["check_status"] for row in rows[1:]
            if len(row) > 1 and row[1] == "smtpserv"][0]


def haproxy(program, config, port):
    process = subprocess.Popen([program, "-db", "-f", config])
    try:
        for _ in range(2):
            s = connect(port)
            print(s.getsockname()[1])
            s.sendall(MESSAGE)
            got = read_all(s)
            assert b" accepted\r\n221 " in got, got
        until = time.monotonic() + BOUND
        while check_status() != "L7OK":
            assert time.monotonic() < until, check_status()
            time.sleep(0.05)
    finally:
        process.terminate()
        process.wait()
    return 0


def main():
    if sys.argv[1] == "haproxy":
        return haproxy(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    at = sys.argv.index("--")
    if sys.argv[1] == "say":
        return say(sys.argv[2:at], sys.argv[at + 1:])
    return hold(sys.argv[at + 1:])


if __name__ == "__main__":
    sys.exit(main())
