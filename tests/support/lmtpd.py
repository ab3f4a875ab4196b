# SPDX-License-Identifier: ISC
"""An LMTP server of many moods, for one recipient a message; or `several`.

usage: lmtpd.py MOOD WHERE

WHERE is the path of a Unix socket, or a port of 127.0.0.1 or, as 6:0, of ::1, 0
for any; which it is, is written to `port` once clients can connect.  What clients say goes to
`said`, texts to `text.1` and so on.  It serves until it is killed.
"""
import os
import socket
import sys

MOODS = {
    # What it says: to the greeting, LHLO, MAIL, RCPT, DATA, the text.
    'good': ['220 hi', '250-me\r\n250-SIZE\r\n250-DSN\r\n250-SMTPUTF8\r\n'
             '250 8BITMIME', '250 ok', '250 ok', '354 go', '250 2.0.0 saved'],
    'plain': ['220 hi', '250 me', '250 ok', '250 ok', '354 go', '250 saved'],
    'unknown-user': ['220 hi', '250 me', '250 ok', '550 5.1.1 who is that?'],
    'full': ['220 hi', '250 me', '250 ok', '250 ok', '354 go',
             '452 4.2.2 mailbox full'],
    'virus': ['220 hi', '250 me', '250 ok', '250 ok', '354 go',
              '554-5.7.1 no\r\n554 5.7.1 virus \x1b[2J\xff found'],
    'smtp': ['220 hi', '500 5.5.1 unknown command'],
    'busy': ['421 4.3.2 too many'],
    'junk': ['HTTP/1.1 400 Bad Request'],
    'nonsense': ['220 hi', '250 me', '250 ok', '250 ok', '250 go'],
    'closes-at-greeting': [None],
    'closes-at-text': ['220 hi', '250 me', '250 ok', '250 ok', '354 go', None],
    # In the midst of the last line.
    'closes-in-reply': ['220 hi', '250 me', '250 ok', '250 ok', '354 go',
                        '250 sa\0'],
    'refuses-in-text': ['220 hi', '250 me', '250 ok', '250 ok', '354 go\r\n'
                        '452 4.3.1 disk full', None],
    'endless-line': ['220 hi', 'line'],
    'endless-reply': ['220 hi', 'reply'],
    'endless-junk': ['junk'],
    'several': [],
}


class Over(Exception):
    pass


class Talk:
    def __init__(self, sock, mood, log):
        self.sock, self.says, self.log = sock, list(MOODS[mood]), log
        self.rest = b''

    def forever(self, piece):
        while True:
            self.sock.sendall(piece * 1000)

    def say(self):
        text = self.says.pop(0) if self.says else None
        if text is None:
            raise Over
        endless = {'line': b'250-xxxxxxxxxx', 'reply': b'250-x\r\n',
                   'junk': b'\xff\0\n'}
        if text in endless:
            if text == 'line':
                self.sock.sendall(b'250-')
                self.forever(b'xxxxxxxxxx')
            self.forever(endless[text])
        if text.endswith('\0'):
            self.sock.sendall(text[:-1].encode('latin-1'))
            raise Over
        self.sock.sendall(text.encode('latin-1') + b'\r\n')

    def line(self):
        while b'\r\n' not in self.rest:
            more = self.sock.recv(65536)
            if not more:
                raise Over
            self.rest += more
        line, self.rest = self.rest.split(b'\r\n', 1)
        return line

    def heard(self):
        line = self.line()
        self.log.write(line + b'\n')
        self.log.flush()
        return line

    def text(self):
        lines = []
        while (line := self.line()) != b'.':
            lines.append(line[1:] if line.startswith(b'.') else line)
        return b''.join(line + b'\r\n' for line in lines)

    def serve(self, save):
        self.say()
        while self.says:
            line = self.heard()
            self.say()
            if line == b'DATA':
                if self.says and self.says[0] is None:
                    raise Over
                save(self.text())
                self.say()
        # QUIT, if it comes.
        self.heard()


class Several(Talk):
    """Any number of recipients; some are nobody, and some are full."""

    def answer(self, text):
        self.sock.sendall(text + b'\r\n')

    def serve(self, save):
        accepted = []
        self.answer(b'220 hi')
        while True:
            line = self.heard()
            if line.startswith(b'LHLO'):
                self.answer(b'250-me\r\n250 PIPELINING')
            elif line.startswith(b'RCPT TO:<nobody'):
                self.answer(b'550 5.1.1 who is that?')
            elif line == b'DATA':
                self.answer(b'354 go')
                save(self.text())
                for rcpt in accepted:
                    self.answer(b'452 4.2.2 full' if b'<full' in rcpt
                                else b'250 2.0.0 saved')
                accepted = []
            else:
                if line.startswith(b'RCPT'):
                    accepted.append(line)
                self.answer(b'250 ok')


def listen(where):
    if where.startswith('6:') or where.isdigit():
        is_6 = where.startswith('6:')
        sock = socket.socket(socket.AF_INET6 if is_6 else socket.AF_INET)
        sock.bind(('::1' if is_6 else '127.0.0.1', int(where[2 * is_6:])))
        port = str(sock.getsockname()[1])
    else:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(where)
        port = where
    sock.listen()
    with open('port.new', 'w', encoding='ascii') as f:
        f.write(port + '\n')
    os.rename('port.new', 'port')
    return sock


def main():
    mood, where = sys.argv[1:]
    texts = 0

    def save(text):
        nonlocal texts
        texts += 1
        with open(f'text.{texts}', 'wb') as f:
            f.write(text)

    with open('said', 'wb') as log, listen(where) as server:
        while True:
            sock, _ = server.accept()
            with sock:
                try:
                    kind = Several if mood == 'several' else Talk
                    kind(sock, mood, log).serve(save)
                except (Over, OSError):
                    pass


if __name__ == '__main__':
    main()
