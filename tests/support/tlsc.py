"""A program behind smtpserv-tlsc, and servers that do what openssl's cannot.

tlsc.py CASE PORT smtpserv-tlsc [OPTION...]

Prints the verdict.  Bytes that are to be carried wait on the clear side from
the beginning, so that one that is sent too early is seen.
"""

import fcntl
import hashlib
import os
import signal
import socket
import ssl
import struct
import sys
import threading

HELLO = b"the password is sesame\n"


class Tlsc:
    """smtpserv-tlsc, on a connection to the port."""

    def __init__(self, argv, port, early=HELLO):
        net = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.clear, theirs = socket.socketpair()
        self.clear.settimeout(60)
        self.clear.sendall(early)
        high = fcntl.fcntl(net.fileno(), fcntl.F_DUPFD, 20)
        self.pid = os.fork()
        if self.pid == 0:
            for fd in (0, 1):
                os.dup2(theirs.fileno(), fd)
            for fd in (6, 7):
                os.dup2(high, fd)
            os.execv(argv[0], argv)
        os.close(high)
        net.close()
        theirs.close()
        self.got = b""

    def recv(self):
        try:
            return self.clear.recv(65536)
        except ConnectionResetError:
            # It has closed, and not read all that waited.
            return b""

    def line(self):
        while b"\n" not in self.got:
            more = self.recv()
            if not more:
                break
            self.got += more
        line, self.got = self.got.partition(b"\n")[::2]
        return line.decode()

    def read(self, n):
        while len(self.got) < n:
            more = self.recv()
            if not more:
                break
            self.got += more
        text, self.got = self.got[:n], self.got[n:]
        return text

    def end(self):
        self.clear.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def try_echo(argv, port):
    """The verdict of a server that turns each line round, s_server -rev."""
    t = Tlsc(argv, port)
    verdict = t.line()
    if verdict.startswith("="):
        want = HELLO.rstrip(b"\n")[::-1] + b"\n"
        assert t.read(len(want)) == want, t.got
        assert t.end() == 0
    else:
        assert t.read(1) == b"", "clear text behind a failure"
        # No verdict, no line: something here has failed.
        assert t.end() == (1 if verdict else 111)
    return verdict


def echo(argv, port):
    print(try_echo(argv, port))


def rows(argv, _):
    """Lines CERTIFICATE | OPTIONS | VERDICT; prints them as they turn out."""
    for row in sys.stdin:
        name, options, _ = (field.strip() for field in row.split("|"))
        with open(name + ".port") as f:
            port = int(f.read())
        mark, *words = try_echo(argv + options.split(), port).split(" ")
        # Not the protocol, the cipher and its bits; nor more than the type.
        words = words[3:] if mark == "=" else words[:1]
        print(name, "|", options, "|", mark, *words)


def deaf(argv, port):
    """The server breaks off behind our part of the handshake."""
    t = Tlsc(argv, port)
    print(t.line())
    assert t.read(1) == b""
    t.end()


def interrupted(argv, port):
    """s_server speaks of something else, then says `after'."""
    t = Tlsc(argv, port)
    print(t.line())
    print(t.read(6).decode().rstrip("\n"))
    t.clear.sendall(b"and again\n")
    assert t.end() == 0


def status(pid):
    with open(f"/proc/{pid}/status") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f)


def confined(argv, port):
    t = Tlsc(argv, port)
    print(t.line())
    s = status(t.pid)
    print("seccomp", s["Seccomp"], "no_new_privs", s["NoNewPrivs"])
    print("descriptors", *sorted(map(int, os.listdir(f"/proc/{t.pid}/fd"))))
    assert t.end() == 0


def memory(argv, port):
    """KiB that an idle connection has for itself."""
    t = Tlsc(argv, port)
    t.line()
    t.read(len(HELLO))
    with open(f"/proc/{t.pid}/smaps_rollup") as f:
        print(sum(int(line.split()[1]) for line in f
                  if line.startswith("Private_")))
    t.end()


def killed(argv, port):
    """Its program dies: it is not outlived."""
    t = Tlsc(argv, port, b"")
    t.line()
    t.clear.close()
    assert os.waitstatus_to_exitcode(os.waitpid(t.pid, 0)[1]) == 0


class Server(threading.Thread):
    """One connection, and what `talk` does with it."""

    def __init__(self, talk):
        super().__init__(daemon=True)
        self.talk = talk
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.result = None
        self.start()

    def run(self):
        conn, _ = self.listener.accept()
        conn.settimeout(60)
        self.result = self.talk(conn)


def raw(*answer):
    """Answers bytes; keeps all that came."""

    def talk(conn):
        came = conn.recv(65536)
        for piece in answer:
            conn.sendall(piece)
        try:
            while more := conn.recv(65536):
                came += more
        except OSError:
            pass
        conn.close()
        return came

    return talk


def reset(conn):
    came = conn.recv(65536)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    conn.close()
    return came


def closed(conn):
    came = conn.recv(65536)
    conn.close()
    return came


def bad(argv, which):
    """Servers that do not speak TLS: a line for each, or for that one."""
    servers = {
        "smtp": raw(b"500 5.5.1 what?\r\n" * 4),
        "junk": raw(bytes(range(256))),
        "zeroes": raw(b"\0" * 20000),
        "closed": closed,
        "reset": reset,
        # A record that promises 16 KiB, and no more of it.
        "half": raw(b"\x16\x03\x03\x40\x00\x02"),
    }
    for name, talk in sorted(servers.items()):
        if which not in (name, "all"):
            continue
        s = Server(talk)
        t = Tlsc(argv, s.port)
        verdict = t.line()
        assert t.read(1) == b"", name
        assert t.end() == 1, name
        s.join(20)
        assert s.result is not None and b"sesame" not in s.result, name
        print(name, *verdict.split(" ")[:2])
        print(name, verdict, file=sys.stderr)


def context(cert):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(cert, cert + ".key")
    return c


def bulk(argv, cert):
    """Much, both ways at once, byte for byte; and its end is an end."""
    size = 12 << 20
    up = os.urandom(1 << 16) * (size >> 16)

    def talk(conn):
        tls = context(cert).wrap_socket(conn, server_side=True,
                                        suppress_ragged_eofs=False)
        came = hashlib.sha256()
        n = 0
        while n < size:
            piece = tls.recv(65536)
            n += len(piece)
            came.update(piece)
            tls.sendall(piece)
        # With close_notify; without it this would be an exception.
        return came.hexdigest(), tls.recv(1)

    s = Server(talk)
    t = Tlsc(argv, s.port, b"")
    assert t.line().startswith("=")
    feeder = threading.Thread(target=t.clear.sendall, args=(up,))
    feeder.start()
    down = hashlib.sha256()
    n = 0
    while n < size:
        piece = t.read(65536) if size - n >= 65536 else t.read(size - n)
        assert piece, n
        n += len(piece)
        down.update(piece)
    feeder.join()
    with open(f"/proc/{t.pid}/status") as f:
        for line in f:
            if line.startswith("VmHWM"):
                print("KiB", line.split()[1])
    assert t.end() == 0
    s.join(20)
    want = hashlib.sha256(up).hexdigest()
    assert s.result == (want, b""), s.result
    assert down.hexdigest() == want


if __name__ == "__main__":
    signal.alarm(60)
    case, where, *rest = sys.argv[1:]
    globals()[case](rest, int(where) if where.isdigit() else where)
