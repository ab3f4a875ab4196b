#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench-remote: mail that leaves for one host, beside Postfix.

    remote.py BUILD

The queue is filled beforehand, with messages of 4 KiB for one recipient each;
the clock runs from the first connection to the last final reply.  The host is
BUILD/bench/sink, which stores nothing, and can be as far away as some
milliseconds.  Writes BUILD/bench/remote.txt and, of a whole run, the table in
tests/bench/README.md.

In the environment: REMOTE_MESSAGES (1000); bench.py's BENCH_ROUNDS,
BENCH_QUICK, BENCH_ONLY and BENCH_DIR.
"""
import os
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time

import bench
import report
import servers

MESSAGES = int(os.environ.get('REMOTE_MESSAGES', 100 if bench.QUICK else 1000))
PATIENCE = 120      # seconds
SIZE = 4096
BEGIN = '<!-- make bench-remote writes from here -->\n'
# What is measured: label, messages, the sink's options, ours and theirs.
ROWS = (('at once', 1, (), 'ours', ('postfix', 'postfix-cached')),
        ('at once, five times as many', 5, (), 'ours',
         ('postfix', 'postfix-cached')),
        ('20 ms away, DATA alone', 1, ('-d', '20'), 'ours',
         ('postfix', 'postfix-cached')),
        ('20 ms away, with CHUNKING', 1, ('-d', '20', '-c'), 'ours',
         ('postfix', 'postfix-cached')))


class Sink:
    def __init__(self, build, options):
        self.port = servers.free_port()
        self.child = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL', build / 'bench/sink',
             *options, str(self.port)], stdout=subprocess.PIPE, text=True)
        time.sleep(0.2)

    def ask(self):
        """messages, connections, seconds."""
        self.child.send_signal(signal.SIGUSR1)
        n, connections, first, last = self.child.stdout.readline().split()
        return int(n), int(connections), float(last) - float(first)

    def stop(self):
        self.child.kill()
        self.child.wait()


def text():
    return ('Received: from maggot by gnat with SMTP\n\tid A1; '
            'Mon, 23 Nov 2026 00:00:00 +0000\nSubject: a test\n\n'
            + ('x' * 63 + '\n') * (SIZE // 64))


class Ours:
    """A spool, and a worker that tries once what is in it."""

    name = 'ours'

    def __init__(self, build, run, sink):
        self.build = build
        self.dir = run / 'ours'
        self.spool = self.dir / 'spool'
        self.spool.mkdir(parents=True)
        cdb = self.dir / 'deliver.cdb'
        subprocess.run(['cdb', '-c', '-m', cdb], check=True, text=True,
                       input=f'@ smtp:[127.0.0.1]:{sink.port}\n')
        (self.dir / 'wattcp.cfg').write_text(
            'hostname = gnat.example.test\n'
            f'smtp.subdir = "{self.spool}"\nsmtp.deliver = "{cdb}"\n'
            'smtp.postmaster = bruce@gnat.test\n')

    def fill(self, n):
        mail = text()
        for number in range(1, n + 1):
            (self.spool / f'{number}.TXT').write_text(mail)
            (self.spool / f'{number}.WRK').write_text(
                f'From: erick@maggot.test\nTo: u{number}@elsewhere.test\n')
        os.sync()

    def send(self):
        """Processor seconds."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(self.dir / 'log', 'wb') as log:
            subprocess.run([self.build / 'bin/smtpserv-work', '--once', '-f',
                            self.dir / 'wattcp.cfg'], stderr=log, check=True,
                           timeout=PATIENCE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime
                - before.ru_utime - before.ru_stime)

    def stop(self):
        pass


class Postfix(servers.Postfix):
    """Filled while there is no queue manager, which then is let loose."""

    cached = 'no'

    def __init__(self, build, run, sink):
        self.sink = sink
        super().__init__(build, run)

    def configure(self):
        super().configure()
        conf = self.var / 'conf'
        shutil.copytree(self.root / 'etc/postfix', conf)
        main = (conf / 'main.cf').read_text()
        (conf / 'main.cf').write_text(main + f'''
relayhost = [127.0.0.1]:{self.sink.port}
smtp_dns_support_level = disabled
smtp_connection_cache_on_demand = {self.cached}
smtp_tls_security_level = none
''')
        with open(conf / 'master.cf', 'a') as master:
            master.write('''
smtp unix - - n - - smtp
relay unix - - n - - smtp
scache unix - - n - 1 scache
error unix - - n - - error
retry unix - - n - - error
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
''')

    def command(self):
        return '''(
            postfix -c /var/conf start-fg &
            until [ -e /var/go ]; do sleep 0.02; done
            echo 'qmgr unix n - n 300 1 qmgr' >>/var/conf/master.cf
            postfix -c /var/conf reload
            wait )'''

    def queued(self):
        return sum(len(files)
                   for kind in ('incoming', 'active', 'deferred')
                   for _, _, files in os.walk(
                       self.var / 'spool/postfix' / kind))

    def fill(self, n):
        self.start()
        load = bench.Mail(self.build, 'fill', 20, SIZE)
        argv, env = load.command(self, n)
        argv = [str(a).replace('bruce@gnat.test', 'u1@elsewhere.test')
                for a in argv]
        subprocess.run(argv, env=env, check=True, timeout=PATIENCE)
        time.sleep(1)
        os.sync()

    def send(self):
        before = self.cpu_seconds()
        (self.var / 'go').touch()
        until = time.monotonic() + PATIENCE
        while self.queued() > 0:
            if time.monotonic() > until:
                raise bench.Failed(f'{self.queued()} are still queued')
            time.sleep(0.02)
        return self.cpu_seconds() - before


class PostfixCached(Postfix):
    """Its default."""

    name = 'postfix-cached'
    cached = 'yes'

    def __init__(self, build, run, sink):
        super().__init__(build, run, sink)
        self.root = build / 'bench/peers/postfix'


KINDS = {'ours': Ours, 'postfix': Postfix, 'postfix-cached': PostfixCached}


def measure_one(b, sink, kind, n):
    """Rate, processor seconds a thousand, connections."""
    run = b.run / 'remote'
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    who = KINDS[kind](b.build, run, sink)
    try:
        who.fill(n)
        idle = bench.idle_share()
        cpu = who.send()
        got, connections, seconds = sink.ask()
    finally:
        who.stop()
    if got != n:
        raise bench.Failed(f'{got} of {n} came')
    return {'rate': n / seconds, 'cpu': cpu * 1000 / n, 'idle': idle,
            'connections': connections}


def measure(b):
    """By label and kind, a list of rounds."""
    results = {}
    for turn in range(bench.ROUNDS):
        for label, times, options, ours, theirs in ROWS:
            kinds = [k for k in (ours, *theirs)
                     if k == 'ours' or b.wanted('postfix')]
            at = turn % len(kinds)
            for kind in kinds[at:] + kinds[:at]:
                sink = Sink(b.build, options)
                bench.say(f'{label}, {kind}: round {turn + 1}')
                try:
                    got = measure_one(b, sink, kind, times * MESSAGES)
                    results.setdefault(label, {}).setdefault(
                        kind, []).append(got)
                except (bench.Failed, servers.Missing,
                        subprocess.SubprocessError) as why:
                    b.absent[kind] = str(why)
                    print(f'{kind}: {why}', file=sys.stderr)
                finally:
                    sink.stop()
    return results


def of(results, label, kind, what='rate'):
    return [r[what] for r in results.get(label, {}).get(kind, [])]


def rows(results):
    for label, _, _, ours, theirs in ROWS:
        yield [label] + [
            report.span(of(results, label, ours, what),
                        of(results, label, other, what))
            for what in ('rate', 'cpu') for other in theirs] + [
            '%.0f' % statistics.median(of(results, label, ours) or [0])]


def rates(results):
    """For whoever looks at this machine only."""
    table = []
    for label, kinds in results.items():
        for kind in kinds:
            table.append([f'{label}: {kind}'] + [
                '%.*f' % (2 if what == 'cpu' else 0, statistics.median(
                    of(results, label, kind, what)))
                for what in ('rate', 'cpu', 'connections')])
    return report.table('Medians.', ['', 'a second', 'processor seconds a '
                                     'thousand', 'connections'], table)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    b = bench.Bench(build)
    shutil.rmtree(b.run, ignore_errors=True)
    b.run.mkdir(parents=True)
    try:
        results = measure(b)
    finally:
        b.stop()
        shutil.rmtree(b.run, ignore_errors=True)
    page = report.table(
        'Ours to Postfix, without its connection cache and with it: median '
        '(least-greatest) of the rounds. More is better, but for processor '
        'seconds.',
        ['', 'to postfix', 'to postfix, cached', 'processor seconds: to '
         'postfix', 'to postfix, cached', 'ours a second'],
        list(rows(results))) + (
        f'{MESSAGES} messages of 4 KiB for one host, on disk before; '
        f'{bench.ROUNDS} rounds. {bench.machine(b.run.parent)}\n')
    whole = rates(results) + page
    (build / 'bench/remote.txt').write_text(whole)
    if not bench.QUICK and not bench.ONLY:
        report.put_into(bench.HERE / 'README.md', page, BEGIN)
    print(whole)


if __name__ == '__main__':
    main()
