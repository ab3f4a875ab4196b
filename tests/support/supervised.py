"""Clients for a session behind a super-server.

supervised.py port                  print a port that is free on both families
supervised.py send HOST PORT        standard input to the server, its output out
supervised.py limit HOST PORT WHAT  two clients are half way through a message
    when one more comes; WHAT happens to that one: it "waits" until one of them
    is gone, it is told "busy" (or nothing) and is closed, or it is "served".
    The two must not notice.
supervised.py across PORT
    a client of each family, and a third is closed: the limit is for both
supervised.py turned-away HOST PORT
    what the server says to a second client while there is one already

Everything waits for a condition, with a bound; what is wrong is an exception.
"""

import random
import re
import select
import socket
import sys
import time

BOUND = 60
GREETING = b"220 gnat.example.test ESMTP SMTPSERV\r\n"
HALF = (b"HELO client.example\r\nMAIL FROM:<erick@maggot>\r\n"
        b"RCPT TO:<bruce@gnat>\r\nDATA\r\n", b"Subject: a test\r\n\r\nSi")
REST = b"x?\r\n.\r\nQUIT\r\n"
BEGUN = (b"250 gnat.example.test\r\n250 2.1.0 sender ok\r\n"
         b"250 2.1.5 recipient ok\r\n354 end with CR LF . CR LF\r\n")
DONE = re.compile(rb"250 2\.0\.0 A[0-9]+ accepted\r\n221 2\.0\.0 bye\r\n")
BUSY = re.compile(rb"(421 4\.3\.2 [^\r\n]*\r\n)?")


def is_free(family, host, port):
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
    return True


def free_port():
    """Below the ports that the kernel hands to clients."""
    for _ in range(1000):
        port = random.randrange(10000, 32000)
        if (is_free(socket.AF_INET, "127.0.0.1", port)
                and is_free(socket.AF_INET6, "::1", port)):
            return port
    raise RuntimeError("no free port")


def connect(host, port):
    """The server may be only just starting."""
    until = time.monotonic() + BOUND
    while True:
        try:
            s = socket.create_connection((host, port), BOUND)
            s.settimeout(BOUND)
            return s
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


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


def want(s, text):
    """Exactly these bytes come next."""
    got = b""
    while len(got) < len(text) and text.startswith(got):
        part = s.recv(len(text) - len(got))
        if not part:
            break
        got += part
    if got != text:
        raise AssertionError(f"want {text!r}, got {got!r}")


def want_rest(s, pattern):
    got = read_all(s)
    if not pattern.fullmatch(got):
        raise AssertionError(f"want {pattern.pattern!r}, got {got!r}")


def admitted(host, port):
    """The super-server may not have noticed yet that a session has ended."""
    until = time.monotonic() + BOUND
    while True:
        s = connect(host, port)
        if s.recv(3, socket.MSG_PEEK | socket.MSG_WAITALL) == b"220":
            return s
        s.close()
        if time.monotonic() > until:
            raise AssertionError("turned away all the time")
        time.sleep(0.02)


def begin(s):
    want(s, GREETING)
    s.sendall(HALF[0])
    want(s, BEGUN)
    s.sendall(HALF[1])


def end(s):
    s.sendall(REST)
    want_rest(s, DONE)


def limit(host, port, what):
    first = admitted(host, port)
    begin(first)
    second = admitted(host, port)
    begin(second)
    third = connect(host, port)
    if what == "busy":
        want_rest(third, BUSY)
    elif what == "served":
        begin(third)
        end(third)
    elif select.select([third], [], [], 0.5)[0]:
        raise AssertionError(f"did not wait: {third.recv(1000)!r}")
    end(first)
    if what == "waits":
        begin(third)
        end(third)
    end(second)


def main():
    if sys.argv[1] == "port":
        print(free_port())
    elif sys.argv[1] == "send":
        s = connect(sys.argv[2], int(sys.argv[3]))
        s.sendall(sys.stdin.buffer.read())
        sys.stdout.buffer.write(read_all(s))
    elif sys.argv[1] == "limit":
        limit(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    elif sys.argv[1] == "across":
        first, second = [admitted(host, int(sys.argv[2]))
                         for host in ("127.0.0.1", "::1")]
        begin(first)
        begin(second)
        want_rest(connect("::1", int(sys.argv[2])), BUSY)
        end(first)
        end(second)
    elif sys.argv[1] == "turned-away":
        first = admitted(sys.argv[2], int(sys.argv[3]))
        begin(first)
        second = connect(sys.argv[2], int(sys.argv[3]))
        sys.stdout.buffer.write(read_all(second))
        end(first)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
