"""A session under a UCSPI-TLS provider that speaks no TLS.

ucspitls.py CASE -- COMMAND...

The command gets a socket as its descriptors 0 and 1, and the three descriptors
of UCSPI-TLS; clear text goes through the pipes as it is, so that a test sees
exactly who says what where.  What is wrong is an exception.
"""

import os
import signal
import socket
import subprocess
import sys

BOUND = 60
RECORDS = (b"SSL_PROTOCOL=TLSv1.3\0SSL_CIPHER=TLS_AES_256_GCM_SHA384\0"
           b"SSL_TLS_SNI_SERVERNAME\0")
MESSAGE = (b"MAIL FROM:<erick@maggot>\r\nRCPT TO:<bruce@gnat>\r\nDATA\r\n"
           b"Six?\r\n.\r\n")


class Provider:
    """Both ends of everything, and the command in the middle."""

    def __init__(self, command, env=None, family=socket.AF_UNIX):
        if family == socket.AF_UNIX:
            self.net, theirs = socket.socketpair()
        else:
            with socket.create_server(("127.0.0.1", 0)) as server:
                self.net = socket.create_connection(server.getsockname())
                theirs = server.accept()[0]
        self.ctl, ctl = socket.socketpair()
        self.ctl.settimeout(BOUND)
        self.net.settimeout(BOUND)
        read, self.to_command = os.pipe()
        self.from_command, write = os.pipe()
        extra = os.open("/dev/null", os.O_RDONLY)
        names = {"SSLCTLFD": ctl.fileno(), "SSLREADFD": read,
                 "SSLWRITEFD": write}
        environment = dict(os.environ, **{k: str(v) for k, v in names.items()})
        for key, value in (env or {}).items():
            if value is None:
                del environment[key]
            else:
                environment[key] = value
        self.keeps = sorted(names.values())
        self.command = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, env=environment,
            pass_fds=[*self.keeps, extra])
        for fd in (read, write, extra):
            os.close(fd)
        ctl.close()
        theirs.close()
        self.lines = b""

    def clear(self, code, text=None):
        """One reply on the socket, to what is said there."""
        if text is not None:
            self.net.sendall(text)
        return self.reply(code, lambda: self.net.recv(4096))

    def secure(self, code, text=None):
        """One reply through the pipes, to what is said there."""
        if text is not None:
            os.write(self.to_command, text)
        return self.reply(code, lambda: os.read(self.from_command, 4096))

    def reply(self, code, read):
        got = b""
        while True:
            while b"\n" not in self.lines:
                part = read()
                assert part, f"closed after {got + self.lines!r}"
                self.lines += part
            line, self.lines = self.lines.split(b"\n", 1)
            got += line + b"\n"
            assert line.startswith(code), f"want {code!r}, got {got!r}"
            if line[3:4] == b" ":
                return got

    def told(self, byte):
        got = self.ctl.recv(1)
        assert got == byte, f"want {byte!r} on the control socket, got {got!r}"

    def all_replies(self, n):
        for _ in range(n):
            self.secure(b"2")

    def silent(self):
        """Nothing more is said in the clear."""
        assert self.lines == b""
        got = self.net.recv(4096)
        assert got == b"", f"{got!r} in the clear"

    def ends(self):
        assert self.command.wait(BOUND) == 0


def starttls(p):
    p.clear(b"220")
    got = p.clear(b"250", b"EHLO client.example\r\n")
    assert b"250-STARTTLS\r\n" in got, got
    # Sent in the clear behind it, and void.
    p.clear(b"220", b"STARTTLS\r\nMAIL FROM:<evil@x>\r\nNOOP\r\n")
    p.told(b"Y")


def secure_message(p):
    p.secure(b"503", b"MAIL FROM:<erick@maggot>\r\n")
    got = p.secure(b"250", b"EHLO client.example\r\n")
    assert b"STARTTLS" not in got, got
    p.secure(b"503", b"STARTTLS\r\n")
    os.write(p.to_command, MESSAGE)
    p.secure(b"250")
    p.secure(b"250")
    p.secure(b"354")
    p.secure(b"250")
    p.secure(b"221", b"QUIT\r\n")
    p.ends()
    p.silent()


def case_as_s6(command):
    """The control socket is closed behind the records."""
    p = Provider(command)
    starttls(p)
    p.ctl.sendall(RECORDS + b"\0")
    p.ctl.close()
    secure_message(p)


def case_as_sslserver(command):
    """It stays open, and the records come in pieces."""
    p = Provider(command)
    starttls(p)
    for byte in RECORDS + b"\0":
        p.ctl.sendall(bytes([byte]))
    secure_message(p)


def case_asked(command):
    p = Provider(command, {"SMTPSERV_TLS": "ask"})
    p.clear(b"220")
    p.net.sendall(b"STARTTLS\r\n")
    p.told(b"?")
    p.ctl.sendall(b"+")
    p.clear(b"220")
    p.told(b"Y")
    p.ctl.sendall(RECORDS + b"\0")
    secure_message(p)


def refused(p):
    p.clear(b"454")
    p.clear(b"454", b"STARTTLS\r\n")
    got = p.clear(b"250", b"EHLO client.example\r\n")
    assert b"STARTTLS" not in got, got
    p.net.sendall(MESSAGE)
    for code in (b"250", b"250", b"354", b"250"):
        p.clear(code)
    p.clear(b"221", b"QUIT\r\n")
    p.ends()


def case_asked_says_no(command):
    p = Provider(command, {"SMTPSERV_TLS": "ask"})
    p.clear(b"220")
    p.net.sendall(b"STARTTLS\r\n")
    p.told(b"?")
    p.ctl.sendall(b"-")
    refused(p)


def case_asked_dies(command):
    p = Provider(command, {"SMTPSERV_TLS": "ask"})
    p.clear(b"220")
    p.net.sendall(b"STARTTLS\r\n")
    p.told(b"?")
    p.ctl.close()
    refused(p)


def case_handshake_fails(command):
    for records in (b"", RECORDS[:10], RECORDS):
        p = Provider(command)
        starttls(p)
        p.ctl.sendall(records)
        p.ctl.close()
        p.ends()
        p.silent()
        assert os.read(p.from_command, 1) == b""


def case_gone_within_a_message(command):
    """As sslserver does it: SIGTERM, and the pipes are closed."""
    p = Provider(command)
    starttls(p)
    p.ctl.sendall(RECORDS + b"\0")
    os.write(p.to_command, b"EHLO a\r\n" + MESSAGE[:-5])
    for code in (b"250", b"250", b"250", b"354"):
        p.secure(code)
    os.close(p.from_command)
    p.command.send_signal(signal.SIGTERM)
    os.close(p.to_command)
    p.ends()


def case_never_asked_for(command):
    """Nothing is told, and the control socket is open till the end."""
    p = Provider(command)
    p.clear(b"220")
    p.clear(b"221", b"QUIT\r\n")
    assert p.ctl.recv(1) == b""
    p.ends()


def case_other_descriptors_are_closed(command):
    p = Provider(command)
    p.clear(b"220")
    # Now it is through with its start.
    p.clear(b"250", b"NOOP\r\n")
    have = sorted(int(fd) for fd in os.listdir(f"/proc/{p.command.pid}/fd"))
    # One is the spool's directory, opened since.
    more = [fd for fd in have if fd > 2 and fd not in p.keeps]
    assert set(p.keeps) <= set(have) and len(more) <= 1, (have, p.keeps)
    for fd in more:
        name = os.readlink(f"/proc/{p.command.pid}/fd/{fd}")
        assert name.endswith("/spool"), name
    p.clear(b"221", b"QUIT\r\n")
    p.ends()


def case_bad_variables(command):
    for env in ({"SSLCTLFD": "999"}, {"SSLCTLFD": ""}, {"SSLREADFD": "x"},
                {"SSLWRITEFD": "0"}, {"SSLREADFD": None},
                {"SSLREADFD": "-1"}, {"SSLCTLFD": "99999999999"}):
        p = Provider(command, env)
        p.clear(b"220")
        got = p.clear(b"250", b"EHLO client.example\r\n")
        assert b"STARTTLS" not in got, got
        p.clear(b"502", b"STARTTLS\r\n")
        p.clear(b"221", b"QUIT\r\n")
        p.ends()


def case_tls_first(command):
    """Of an implicit TLS the environment tells."""
    p = Provider(command, {"SSLCTLFD": None, "SSL_PROTOCOL": "TLSv1.2",
                           "SSL_CIPHER": "ECDHE-RSA-AES128-GCM-SHA256"})
    p.clear(b"220")
    p.clear(b"250", b"EHLO client.example\r\n")
    p.clear(b"503", b"STARTTLS\r\n")
    p.net.sendall(MESSAGE)
    for code in (b"250", b"250", b"354", b"250"):
        p.clear(code)
    p.clear(b"221", b"QUIT\r\n")
    p.ends()


def case_no_tls_around_a_socket(command):
    """The variable is somebody's, but the socket is of the Internet."""
    p = Provider(command, {"SSL_PROTOCOL": "TLSv1.2"}, socket.AF_INET)
    p.clear(b"220")
    got = p.clear(b"250", b"EHLO client.example\r\n")
    assert b"STARTTLS" in got, got
    p.net.sendall(MESSAGE)
    for code in (b"250", b"250", b"354", b"250"):
        p.clear(code)
    p.clear(b"221", b"QUIT\r\n")
    p.ends()


def main():
    globals()["case_" + sys.argv[1]](sys.argv[sys.argv.index("--") + 1:])


if __name__ == "__main__":
    main()
