#!/usr/bin/env python3
"""How soon new mail is delivered: from the session's 250 to the file in a
Maildir, with smtpserv-work waiting beside an empty spool, and beside one with
many messages that wait for their next try; and what memory the worker has.

usage: latency.py BUILD [MESSAGES [WAITING]]
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time


class Session:
    def __init__(self, build, conf):
        self.p = subprocess.Popen(
            [build + '/libexec/smtpserv-session', '-f', conf],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.hear()
        self.say('EHLO bench')

    def hear(self):
        while True:
            line = self.p.stdout.readline()
            if line[3:4] != b'-':
                return line

    def say(self, text, want=b'2'):
        self.p.stdin.write(text.encode() + b'\r\n')
        self.p.stdin.flush()
        line = self.hear()
        if not line.startswith(want):
            sys.exit('latency.py: %s: %s' % (text, line.decode()))

    def send(self):
        self.say('MAIL FROM:<a@bench.example>')
        self.say('RCPT TO:<fast@bench.example>')
        self.say('DATA', b'3')
        self.say('Subject: bench\r\n\r\nhello\r\n.')


def memory(pid):
    with open('/proc/%d/status' % pid) as f:
        return int(re.search(r'RssAnon:\s*(\d+)', f.read())[1])


def measure(build, messages, waiting, sync):
    with tempfile.TemporaryDirectory() as d:
        os.makedirs(d + '/spool')
        conf = d + '/wattcp.cfg'
        with open(conf, 'w') as f:
            f.write('hostname = bench\ndomain = example\n'
                    'smtp.subdir = "%s/spool"\nsmtp.sync = %s\n'
                    'smtp.deliver = "%s/t.cdb"\n'
                    'smtp.postmaster = fast@bench.example\n'
                    % (d, sync, d))
        with open(d + '/t.txt', 'w') as f:
            f.write('fast@bench.example %s/md/\n'
                    'later@bench.example |exit 111\n' % d)
        subprocess.run(['cdb', '-c', '-m', d + '/t.cdb', d + '/t.txt'],
                       check=True)
        now = time.time()
        for i in range(1, waiting + 1):
            for kind, age, text in (
                    ('TXT', 86400, 'Received: x\n\ty\n\nhello\n'),
                    ('WRK', 60, 'From: a@bench.example\n'
                                'To: later@bench.example\n')):
                name = '%s/spool/%d.%s' % (d, i, kind)
                with open(name, 'w') as f:
                    f.write(text)
                os.utime(name, (now - age, now - age))
        worker = subprocess.Popen(
            [build + '/bin/smtpserv-work', '-f', conf],
            stderr=subprocess.DEVNULL)
        session = Session(build, conf)
        times = []
        new = d + '/md/new'
        for i in range(messages + 1):
            have = len(os.listdir(new)) if i else 0
            session.send()
            begin = time.monotonic()
            while not os.path.isdir(new) or len(os.listdir(new)) == have:
                time.sleep(0.0001)
            # The first waits for the worker's look at all that is there.
            if i:
                times.append(time.monotonic() - begin)
            time.sleep(0.01)
        rss = memory(worker.pid)
        worker.send_signal(signal.SIGTERM)
        worker.wait()
        session.p.stdin.close()
        session.p.wait()
        times.sort()
        print('%7d waiting, sync %-3s: %6.2f ms (median) %6.2f ms (95%%), '
              '%d KiB of its own' % (
                  waiting, sync, 1000 * times[len(times) // 2],
                  1000 * times[len(times) * 95 // 100], rss))


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else 'build'
    messages = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    waiting = int(sys.argv[3]) if len(sys.argv) > 3 else 100000
    measure(build, messages, 0, 'yes')
    measure(build, messages, 0, 'no')
    measure(build, messages, waiting, 'no')


main()
