#!/usr/bin/env python3
"""Mail for three nodes: sent by clients at once, and looked for afterwards.

    quorum.py keep SOCKET COMMAND...      a listening socket as descriptor 0, as
                                          a supervisor binds it; then COMMAND
    quorum.py load LOG SESSION CONF [KEY=VALUE...]
        clients=8 each=100 per=10 sizes=4096,... stop=FILE pause=0
        Each client sends `each` messages, `per` in a session of its own, or goes
        on until FILE is there; between two it waits for `pause` seconds.  A line
        of LOG for each: ID CODE SECONDS.
    quorum.py verify LOG SPOOL SECONDS    wait that long until none is lost that
        was taken, and say what became of them, in one line.  It fails if one is
        lost, torn, refused for good, or there twice.
    quorum.py kinds SESSION CONF          mail of every kind, one after the other
    quorum.py same SPOOL SPOOL            are they there alike?
"""
import collections
import hashlib
import os
import re
import socket
import subprocess
import sys
import threading
import time

# Longer than any program of ours may take; then it hangs.
BOUND = 120


def keep(path, command):
    if os.path.exists(path):
        os.unlink(path)
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    os.chmod(path, 0o660)
    s.listen(128)
    os.dup2(s.fileno(), 0)
    os.execvp(command[0], command)


def body_of(name, size):
    """Lines that no other message has, as a client writes them."""
    block = b''
    seed = name.encode()
    while len(block) < min(size, 65536):
        seed = hashlib.sha256(seed).digest()
        block += seed.hex().encode() + b'\r\n'
    head = b'X-Name: %s\r\nX-Size: %d\r\n\r\n' % (name.encode(), size)
    return head + (block * (size // max(len(block), 1) + 1))[:size // 66 * 66]


class Client:
    """One session, spoken to on a socket."""

    def __init__(self, session, conf, events=subprocess.DEVNULL):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [session, '-f', conf], stdin=theirs, stdout=theirs, stderr=events)
        theirs.close()
        ours.settimeout(BOUND)
        self.socket = ours
        self.file = ours.makefile('rb')

    def reply(self):
        text = b''
        while True:
            line = self.file.readline()
            if not line:
                return 0, text
            text += line
            if line[3:4] != b'-':
                return int(line[:3]), text

    def say(self, line):
        self.socket.sendall(line + b'\r\n')
        return self.reply()[0]

    def begin(self):
        return self.reply()[0] == 220 and self.say(b'EHLO client') == 250

    def send(self, text, sender=b'erick@maggot', to=(b'bruce@gnat',),
             mail=b'', rcpt=b''):
        """The first code that is not good, or the last one."""
        code = self.say(b'MAIL FROM:<%s>%s' % (sender, mail))
        for one in to:
            if code == 250:
                code = self.say(b'RCPT TO:<%s>%s' % (one, rcpt))
        if code == 250:
            code = self.say(b'DATA')
        if code != 354:
            return code
        text = re.sub(rb'(?m)^\.', b'..', text)
        self.socket.sendall(text + b'.\r\n')
        return self.reply()[0]

    def end(self):
        try:
            self.say(b'QUIT')
        except OSError:
            pass
        self.file.close()
        self.socket.close()
        self.process.wait()


class Load:
    def __init__(self, log, session, conf, clients=8, each=100, per=10,
                 sizes='4096', stop='', pause=0):
        self.session, self.conf = session, conf
        self.clients, self.each, self.per = int(clients), int(each), int(per)
        self.sizes = [int(n) for n in sizes.split(',')]
        self.stop, self.pause = stop, float(pause)
        self.log = open(log, 'a', buffering=1)
        self.events = open(log + '.events', 'a')
        self.lock = threading.Lock()
        self.run_name = '%x' % time.time_ns()

    def is_over(self, n):
        if self.stop:
            return os.path.exists(self.stop)
        return n >= self.each

    def send_one(self, client, name, size):
        begun = time.monotonic()
        try:
            code = client.send(body_of(name, size))
        except OSError:
            code = 0
        with self.lock:
            self.log.write('%s %d %.3f\n' %
                           (name, code, time.monotonic() - begun))
        return code

    def one(self, number):
        n = 0
        while not self.is_over(n):
            client = Client(self.session, self.conf, self.events)
            good = client.begin()
            for _ in range(self.per):
                if not good or self.is_over(n):
                    break
                name = '%s-%d-%d' % (self.run_name, number, n)
                size = self.sizes[(n + number) % len(self.sizes)]
                good = self.send_one(client, name, size) != 0
                n += 1
                time.sleep(self.pause)
            client.end()

    def run(self):
        threads = [threading.Thread(target=self.one, args=(i,))
                   for i in range(self.clients)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def without_traces(text):
    """The text without the trace headers that it begins with."""
    return re.sub(rb'\A(Received: [^\n]*\n([ \t][^\n]*\n)*)+', b'', text)


def stored(spool):
    """The names of the messages, each with its files' texts."""
    found = collections.defaultdict(list)
    for file in sorted(os.listdir(spool)):
        if not file.endswith('.WRK'):
            continue
        base = os.path.join(spool, file[:-4])
        with open(base + '.WRK', 'rb') as wrk, open(base + '.TXT', 'rb') as txt:
            text = without_traces(txt.read())
            named = re.match(rb'X-Name: (\S+)\n', text)
            name = named.group(1).decode() if named else '?' + file
            found[name].append((wrk.read(), text))
    return found


def is_whole(name, wrk, text):
    size = re.search(rb'\nX-Size: (\d+)\n', text)
    return (size is not None and
            text == body_of(name, int(size.group(1))).replace(b'\r\n', b'\n')
            and wrk.startswith(b'From: erick@maggot\nTo: bruce@gnat\n'))


def verify(log, spool, seconds):
    until = time.monotonic() + float(seconds)
    while True:
        # Also those whose envelope is still to come twice.
        time.sleep(1)
        count = look(log, spool)
        if count['lost'] == 0 or time.monotonic() > until:
            break
    print(' '.join('%s=%d' % (k, count[k]) for k in (
        'sent', 'taken', 'deferred', 'refused', 'cut', 'lost', 'twice',
        'unpromised', 'torn', 'strange')), 'slowest=%.1f' % count['slowest'])
    return count['sent'] > 0 and not any(count[k] for k in (
        'refused', 'lost', 'twice', 'torn', 'strange'))


def look(log, spool):
    found = stored(spool)
    count = collections.Counter()
    for line in open(log):
        name, code, seconds = line.split()
        copies = found.pop(name, [])
        count['sent'] += 1
        count['slowest'] = max(count['slowest'], float(seconds))
        kind = {'2': 'taken', '4': 'deferred', '5': 'refused'}.get(
            code[0], 'cut')
        count[kind] += 1
        count['lost'] += kind == 'taken' and not copies
        count['twice'] += len(copies) > 1
        count['unpromised'] += kind != 'taken' and len(copies) > 0
        count['torn'] += any(not is_whole(name, *c) for c in copies)
    count['strange'] += len(found)
    return count


def kinds(session, conf):
    """Each is to be taken; what the spool is to have of it, others compare."""
    every = bytes(b for b in range(1, 256) if b not in b'\r\n')
    many = [b'%s@%d.example' % (b'u' * 50, n) for n in range(1000)]
    client = Client(session, conf)
    codes = [
        client.begin(),
        client.send(b'Subject: nothing\r\n\r\n'),
        client.send(b'', sender=b''),
        client.send(b'\r\n\r\n.\r\n..\r\n\tend\r\n'),
        client.send(b'\r\n'.join([every] * 3) + b'\r\n',
                    mail=b' BODY=8BITMIME'),
        client.send(b'Subject: x\r\n\r\n' + b'x' * 100000 + b'\r\n'),
        client.send(b'To: many\r\n\r\n', to=many),
        client.send(b'Subject: notify\r\n\r\n',
                    mail=b' RET=HDRS ENVID=QQ314159',
                    rcpt=b' NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Bob@gnat'),
        client.send('Subject: \u00fc\r\n\r\n'.encode(),
                    sender='j\u00fcrgen@gn\u00e4t.example'.encode(),
                    mail=b' SMTPUTF8'),
    ]
    client.end()
    if codes != [True] + [250] * 8:
        sys.exit('replies: %s' % codes)


def same(one, other):
    """But for the traces, and the queue's id of a message."""
    def of(spool):
        found = []
        for file in os.listdir(spool):
            if file.endswith('.WRK'):
                base = os.path.join(spool, file[:-4])
                with open(base + '.WRK', 'rb') as wrk:
                    envelope = re.sub(rb'(?m)^Queue-Id: .*\n', b'', wrk.read())
                with open(base + '.TXT', 'rb') as txt:
                    found.append((envelope, without_traces(txt.read())))
        return sorted(found)
    first, second = of(one), of(other)
    for a, b in zip(first, second):
        if a != b:
            sys.exit('%.400r\nis not\n%.400r' % (a, b))
    return len(first) == len(second) > 0


def main():
    command, *words = sys.argv[1:]
    if command == 'keep':
        keep(words[0], words[1:])
    elif command == 'load':
        Load(*words[:3], **dict(w.split('=', 1) for w in words[3:])).run()
    elif command == 'verify':
        sys.exit(0 if verify(*words) else 1)
    elif command == 'kinds':
        kinds(*words)
    elif command == 'same':
        sys.exit(0 if same(*words) else 1)


if __name__ == '__main__':
    main()
