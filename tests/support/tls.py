"""A client that speaks TLS, or pretends to, and the server in front of it.

tls.py CASE CERT -- COMMAND...
tls.py send|submit CERT starttls|first PORT

The command, such as `smtpserv-tls smtpserv-session', gets a connection of
127.0.0.1 as its descriptors 0 and 1.  Its standard error is a pipe: when that
has ended, all processes of the connection have.  It is printed at the end.
What is wrong is an exception.
"""

import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import time

BOUND = 60
CERT = None
MESSAGE = (b"MAIL FROM:<erick@maggot>\r\nRCPT TO:<bruce@gnat>\r\nDATA\r\n"
           b"Six?\r\n.\r\n")


class Connection:
    def __init__(self, command, is_small=False, **more):
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.s = socket.socket()
            if is_small:
                # Less than a pipe holds is under way, in small pieces.
                self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
            self.s.connect(server.getsockname())
            theirs = server.accept()[0]
        self.s.settimeout(BOUND)
        self.command = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE,
            **more)
        theirs.close()
        self.buffer = b""

    def say(self, text):
        self.s.sendall(text)

    def reply(self, code, text=None):
        if text is not None:
            self.say(text)
        got = b""
        while True:
            while b"\n" not in self.buffer:
                part = self.s.recv(65536)
                assert part, f"closed after {got + self.buffer!r}"
                self.buffer += part
            line, self.buffer = self.buffer.split(b"\n", 1)
            got += line + b"\n"
            assert line.startswith(code), f"want {code!r}, got {got!r}"
            if line[3:4] == b" ":
                return got

    def replies(self, *codes):
        for code in codes:
            self.reply(code)

    def starttls(self):
        self.reply(b"220")
        got = self.reply(b"250", b"EHLO client.example\r\n")
        assert b"250-STARTTLS\r\n" in got, got
        self.reply(b"220", b"STARTTLS\r\n")

    def handshake(self, most=None):
        context = ssl.create_default_context(cafile=CERT)
        if most is not None:
            context.maximum_version = most
            context.minimum_version = most
        if most is ssl.TLSVersion.TLSv1_1:
            context.set_ciphers("ALL:@SECLEVEL=0")
        self.s = context.wrap_socket(
            self.s, server_hostname="gnat.example.test",
            suppress_ragged_eofs=False)

    def closed(self):
        """Nothing more comes, and the server's side is closed."""
        try:
            got = self.s.recv(65536)
        except ConnectionResetError:
            got = b""
        assert got == b"" and self.buffer == b"", self.buffer + got

    def children(self):
        """The processes of the connection, by name."""
        found = {}
        waiting = [self.command.pid]
        while waiting:
            pid = waiting.pop()
            try:
                with open(f"/proc/{pid}/comm") as f:
                    found[f.read().strip()] = pid
                with open(f"/proc/{pid}/task/{pid}/children") as f:
                    waiting += [int(word) for word in f.read().split()]
            except FileNotFoundError:
                pass
        return found

    def ends(self, code=0):
        """All of it, and nothing is left."""
        self.log = self.command.stderr.read().decode()
        got = self.command.wait(BOUND)
        print(self.log, end="")
        assert got == code, f"exit status {got}"


def message(c, more=b""):
    c.reply(b"250", b"EHLO client.example\r\n" + more)
    c.say(MESSAGE)
    c.replies(b"250", b"250", b"354", b"250")
    c.reply(b"221", b"QUIT\r\n")


def close_notify(c):
    """What the server says at the end is an end of TLS."""
    assert c.s.recv(1) == b""
    c.s.close()


def case_starttls(command):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        c = Connection(command)
        c.starttls()
        c.handshake(version)
        message(c)
        close_notify(c)
        c.ends()


def case_first(command):
    c = Connection(command)
    c.handshake()
    c.reply(b"220")
    message(c)
    close_notify(c)
    c.ends()


def case_old_version(command):
    """TLS 1.1 is none."""
    c = Connection(command)
    c.starttls()
    try:
        c.handshake(ssl.TLSVersion.TLSv1_1)
    except (ssl.SSLError, ConnectionError):
        pass
    else:
        raise AssertionError("TLS 1.1")
    c.s.close()
    c.ends()


def case_pipelined(command):
    """What came in the clear behind STARTTLS is void."""
    c = Connection(command)
    c.reply(b"220")
    c.reply(b"250", b"EHLO evil\r\n")
    c.reply(b"220", b"STARTTLS\r\nEHLO evil\r\n" + MESSAGE)
    c.handshake()
    c.reply(b"503", b"MAIL FROM:<a@b>\r\n")
    message(c)
    c.ends()


def hello():
    """The first flight of a real client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=CERT)
    tls = context.wrap_bio(incoming, outgoing,
                           server_hostname="gnat.example.test")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def case_truncated(command):
    """A handshake that ends anywhere, in either way."""
    flight = hello()
    for n in (0, 1, 4, 5, 6, 11, 100, len(flight) - 1, len(flight)):
        for how in (socket.SHUT_WR, socket.SHUT_RDWR):
            c = Connection(command)
            if "-i" not in command:
                c.starttls()
            c.say(flight[:n])
            c.s.shutdown(how)
            if how == socket.SHUT_WR:
                # Of the server's own flight, whatever it got to.
                while c.s.recv(65536):
                    pass
            c.s.close()
            c.ends()
            assert "event=notls" in c.log, c.log


def case_garbage(command):
    """Plain SMTP where TLS should be, and worse."""
    for text in (b"EHLO client.example\r\n" + MESSAGE, b"\0" * 100,
                 b"\x16\x03\x01\xff\xff" + b"\0" * 70000, b"\x80" * 3000):
        c = Connection(command)
        if "-i" not in command:
            c.starttls()
        try:
            c.say(text)
            while c.s.recv(65536):
                pass
        except ConnectionError:
            pass
        c.s.close()
        c.ends()
        assert "event=notls" in c.log, c.log


def case_slow(command):
    """Nobody waits for ever: the command has `-t 1'."""
    c = Connection(command)
    if "-i" not in command:
        c.starttls()
    c.say(hello()[:20])
    c.closed()
    c.ends()
    assert 'why="the client takes too long"' in c.log, c.log


def case_no_key(command):
    """454, in the log why, and mail may come all the same."""
    c = Connection(command)
    c.reply(b"220")
    c.reply(b"250", b"EHLO client.example\r\n")
    c.reply(b"454", b"STARTTLS\r\n")
    c.reply(b"454", b"STARTTLS\r\n")
    message(c)
    c.ends()
    assert "event=nokey" in c.log, c.log


def case_no_key_first(command):
    c = Connection(command)
    c.closed()
    c.ends()
    assert "event=nokey" in c.log, c.log


def begun(command):
    """In the middle of a message, under TLS."""
    c = Connection(command)
    c.starttls()
    c.handshake()
    c.reply(b"250", b"EHLO client.example\r\n")
    c.say(MESSAGE[:-3])
    c.replies(b"250", b"250", b"354")
    return c


def case_tls_is_killed(command):
    c = begun(command)
    os.kill(c.children()["smtpserv-tlsd"], signal.SIGKILL)
    try:
        assert c.s.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        pass
    c.ends(-signal.SIGKILL)


def case_program_is_killed(command):
    c = begun(command)
    os.kill(c.children()["smtpserv-sessio"], signal.SIGKILL)
    assert c.s.recv(1) == b""
    c.ends(111)


def case_program_is_told_to_stop(command):
    """Whoever carries its last words is told, too, and does."""
    c = begun(command)
    for pid in c.children().values():
        os.kill(pid, signal.SIGTERM)
    c.reply(b"421")
    assert c.s.recv(1) == b""
    c.s.close()
    c.ends()


def case_client_vanishes(command):
    """With and without an end of TLS, and with a reset."""
    for how in ("notify", "fin", "reset"):
        c = begun(command)
        if how == "notify":
            try:
                c.s.unwrap()
            except (ssl.SSLError, OSError):
                pass
        elif how == "reset":
            c.s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               b"\1\0\0\0\0\0\0\0")
        c.s.close()
        c.ends()


class ByHand:
    """TLS whose bytes this program carries, so that it knows when."""

    def __init__(self, s):
        self.s = s
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=CERT)
        self.tls = context.wrap_bio(self.incoming, self.outgoing,
                                    server_hostname="gnat.example.test")
        self.until_done(self.tls.do_handshake)

    def flush(self):
        self.s.sendall(self.outgoing.read())

    def until_done(self, step):
        while True:
            try:
                got = step()
                self.flush()
                return got
            except ssl.SSLWantReadError:
                self.flush()
                self.incoming.write(self.s.recv(65536))

    def recv(self, n):
        return self.until_done(lambda: self.tls.read(n))

    def sendall(self, text):
        self.tls.write(text)
        self.flush()

    def half_close(self):
        """The end of what we say, before anything else is looked at."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()


def is_over(c):
    return c.command.poll() is not None


def say_until_over(c, text, step):
    """Again and again, a record each time, and read nothing."""
    until = time.monotonic() + BOUND
    c.s.s.setblocking(False)
    while not is_over(c):
        assert time.monotonic() < until, "it goes on and on"
        if not c.left:
            c.s.tls.write(text)
            c.left = c.s.outgoing.read()
        try:
            c.left = c.left[c.s.s.send(c.left):]
        except BlockingIOError:
            if step == "fill":
                if not select.select([], [c.s.s], [], 1)[1]:
                    return
                continue
            select.select([], [c.s.s], [], 0.1)
        except ConnectionError:
            return


def deaf(command):
    """A client that asks and asks, and reads no answer, until nobody takes
    more from it."""
    c = Connection(command, is_small=True)
    c.starttls()
    c.s = ByHand(c.s)
    c.left = b""
    c.reply(b"250", b"EHLO client.example\r\n")
    c.reply(b"250", b"MAIL FROM:<a@b>\r\n")
    say_until_over(c, b"RCPT TO:<a@b>\r\n" * 100, "fill")
    return c


def case_deaf(command):
    """The session gives it up: so does whoever speaks TLS."""
    c = deaf(command)
    until = time.monotonic() + BOUND
    while not is_over(c):
        assert time.monotonic() < until, "it goes on and on"
        time.sleep(0.1)
    c.ends()


def case_flood(command):
    """And also if it never rests: records of one byte."""
    c = deaf(command)
    say_until_over(c, b"x", "flood")
    c.ends()


def case_long_life(command):
    """A program that has no limit of its own."""
    c = Connection(command)
    c.say(b"begin\r\n")
    c.reply(b"200")
    c.handshake()
    until = time.monotonic() + BOUND
    try:
        while True:
            assert time.monotonic() < until, "it goes on and on"
            c.reply(b"300", b"300\r\n")
    except AssertionError as wrong:
        assert str(wrong).startswith("closed"), wrong
    except (ssl.SSLError, ConnectionError):
        pass
    c.ends()


def case_half_close(command):
    """The client says all it has to, closes its side, and reads."""
    c = Connection(command)
    c.starttls()
    c.s = ByHand(c.s)
    c.say(b"EHLO client.example\r\n" + MESSAGE)
    c.s.half_close()
    c.replies(b"250", b"250", b"250", b"354", b"250")
    c.ends()


def case_long(command):
    """A message of many records, and a client that reads late."""
    c = Connection(command)
    c.starttls()
    c.handshake()
    c.reply(b"250", b"EHLO client.example\r\n")
    c.say(MESSAGE[:-3])
    c.replies(b"250", b"250", b"354")
    for i in range(3000):
        c.say(b"%07d " % i + b"x" * 990 + b"\r\n")
    c.reply(b"250", b".\r\n")
    for _ in range(99):
        c.say(b"HELP\r\n" if _ % 2 else b"NOOP\r\n")
    for _ in range(99):
        c.reply(b"2")
    c.reply(b"221", b"QUIT\r\n")
    c.ends()


def case_plain(command):
    """Nobody asks: which libraries are loaded, and what does it cost?"""
    c = Connection(command)
    c.reply(b"220")
    for name, pid in c.children().items():
        with open(f"/proc/{pid}/maps") as f:
            maps = f.read()
        for library in ("libtls", "libssl", "libcrypto", "libc.so"):
            assert library not in maps, f"{name} has {library}"
        with open(f"/proc/{pid}/smaps_rollup") as f:
            sizes = {line.split(":")[0]: int(line.split()[1])
                     for line in f if "kB" in line}
        private = sizes["Private_Clean"] + sizes["Private_Dirty"]
        print(f"{name}: {private} KiB", file=sys.stderr)
        if name == "smtpserv-tls":
            assert private < 200, private
    message(c)
    c.ends()


def case_new_certificate(command):
    """The files are read for each connection."""
    seen = set()
    for other in (CERT, CERT + ".new"):
        if other != CERT:
            os.replace(other, CERT)
            os.replace(other + ".key", CERT + ".key")
        c = Connection(command)
        c.starttls()
        c.handshake()
        seen.add(c.s.getpeercert(binary_form=True))
        message(c)
        c.ends()
    assert len(seen) == 2


def case_users(command):
    """No process that hears the client is root any more."""
    import pwd
    nobody = pwd.getpwnam("nobody").pw_uid
    c = Connection(command)
    c.starttls()
    c.handshake()
    c.reply(b"250", b"EHLO client.example\r\n")
    found = c.children()
    assert set(found) == {"smtpserv-tlsd", "smtpserv-sessio"}, found
    for name, pid in found.items():
        with open(f"/proc/{pid}/status") as f:
            status = dict(line.split(":", 1) for line in f)
        assert status["Uid"].split() == [str(nobody)] * 4, (name, status)
        assert status["CapEff"].strip("\t\n0") == "", (name, status)
    # And who is of that user cannot look into the process with the key.
    engine = found["smtpserv-tlsd"]
    look = subprocess.run(
        ["setpriv", "--reuid", "nobody", "--clear-groups", "cat",
         f"/proc/{engine}/maps"], capture_output=True)
    assert look.returncode != 0 and look.stdout == b"", look
    message(c)
    c.ends()


def case_another_program(command):
    """mailfront, with what it says of itself and of TLS."""
    c = Connection(command)
    c.starttls()
    c.handshake()
    got = c.reply(b"250", b"EHLO client.example\r\n")
    assert b"STARTTLS" not in got, got
    c.say(MESSAGE)
    c.replies(b"250", b"250", b"354", b"250")
    c.reply(b"221", b"QUIT\r\n")
    c.ends()


def case_echo(command):
    """tests/support/ucspitls_app.py"""
    c = Connection(command)
    c.say(b"begin\r\n")
    c.reply(b"200")
    c.handshake()
    for i in range(100):
        c.say(b"300 %d\r\n" % i)
        assert c.reply(b"300") == b"300 %d\r\n" % i
    c.say(b"end\r\n")
    close_notify(c)
    c.ends(int(os.environ.get("WANT", "0")))


def connected(how, port):
    """To a server that may be only just starting."""
    c = Connection.__new__(Connection)
    until = time.monotonic() + BOUND
    while True:
        try:
            c.s = socket.create_connection(("127.0.0.1", port), BOUND)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.02)
    c.buffer = b""
    if how == "first":
        c.handshake()
        c.reply(b"220")
    else:
        c.starttls()
        c.handshake()
    return c


def send(how, port):
    """tls.py send CERT starttls|first PORT: one message."""
    c = connected(how, port)
    message(c)
    close_notify(c)


def submit(how, port):
    """tls.py submit CERT starttls|first PORT: not before AUTH."""
    c = connected(how, port)
    got = c.reply(b"250", b"EHLO client.example\r\n")
    assert b"AUTH PLAIN LOGIN\r\n" in got, got
    c.reply(b"530", b"MAIL FROM:<erick@maggot>\r\n")
    c.reply(b"535", b"AUTH PLAIN AGVyaWNrAHdpbmU=\r\n")
    c.reply(b"235", b"AUTH PLAIN AGVyaWNrAGJlZXJz\r\n")
    c.say(MESSAGE)
    c.replies(b"250", b"250", b"354", b"250")
    c.reply(b"221", b"QUIT\r\n")
    close_notify(c)


def main():
    global CERT
    CERT = sys.argv[2]
    if sys.argv[1] in ("send", "submit"):
        globals()[sys.argv[1]](sys.argv[3], int(sys.argv[4]))
        return
    globals()["case_" + sys.argv[1]](sys.argv[sys.argv.index("--") + 1:])


if __name__ == "__main__":
    main()
