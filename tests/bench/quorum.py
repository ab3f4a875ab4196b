#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench-quorum: mail by way of three nodes of RabbitMQ, on this machine.

    quorum.py BUILD

Clients and nodes log in to each other by certificates.  Writes the table in
tests/bench/README.md, unless BENCH_QUICK is set; BENCH_ROUNDS (3) is how often a
rate is measured.
"""
import hashlib
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import bench
import report
import servers

BEGIN = '<!-- make bench-quorum writes from here -->\n'
QUICK = bench.QUICK
TIMES = 200 if QUICK else 1000      # messages of a rate
LONG = 400 if QUICK else 2400       # messages while nodes die
LARGE = 33 * 1048576
TREE = pathlib.Path(__file__).resolve().parents[2]
SUPPORT = TREE / 'tests/support'


class Nodes:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.dir.chmod(0o755)
        self.ask('rabbit_start', '3')
        self.ask('rabbit_declare', '3000000000')

    def ask(self, *words):
        return subprocess.run(
            ['sh', SUPPORT / 'rabbitmq.sh', *words], check=True,
            stdout=subprocess.PIPE, text=True,
            env=dict(os.environ, NODES=str(self.dir))).stdout.strip()

    def pids(self):
        return [int((self.dir / f'r{n}/pid').read_text()) for n in (1, 2, 3)]

    def forget_peaks(self):
        for pid in self.pids():
            pathlib.Path(f'/proc/{pid}/clear_refs').write_text('5')

    def peak(self):
        """GB of the node that was largest."""
        return max(int(line.split()[1]) for pid in self.pids()
                   for line in open(f'/proc/{pid}/status')
                   if line.startswith('VmHWM')) * 1024 / 1e9

    def stop(self):
        self.ask('rabbit_stop')
        shutil.rmtree(self.dir, ignore_errors=True)


class Site:
    """The programs between a client and a spool, in a directory."""

    def __init__(self, build, nodes, directory):
        self.build, self.nodes, self.dir = build, nodes, directory
        self.children = []
        keys = [f'smtp.subdir = "{directory}/spool"', 'hostname = gnat',
                'domain = example.test', 'smtp.sessions = 100',
                f'smtp.maxsize = {LARGE + 1048576}']
        (directory / 'spool').mkdir()
        queue = [f'smtp.queue = "{build}/libexec/smtpserv-queue-amqp '
                 f'-f {directory}/queue.cfg"',
                 f'smtp.amqp.socket = "{directory}/socket"']
        self.write('own.cfg', keys)
        self.write('queue.cfg', keys + queue + [nodes.ask(
            'rabbit_keys', 'publish')])
        self.write('pull.cfg', keys + [nodes.ask('rabbit_keys', 'pull'),
                                       'smtp.pull.most = 100000'])

    def write(self, name, lines):
        (self.dir / name).write_text('\n'.join(lines) + '\n')

    def start(self, *command):
        with open(self.dir / 'events', 'a') as events:
            child = subprocess.Popen(
                ['setpriv', '--pdeathsig', 'KILL', *map(str, command)],
                stdout=events, stderr=events)
        self.children.append(child)
        return child

    def start_keeper(self):
        self.start('python3', SUPPORT / 'quorum.py', 'keep',
                   self.dir / 'socket', self.build / 'bin/smtpserv-publish',
                   '-f', self.dir / 'queue.cfg')
        while not (self.dir / 'socket').exists():
            time.sleep(0.05)
        time.sleep(0.5)

    def start_pull(self):
        return self.start(self.build / 'bin/smtpserv-pull', '-f',
                          self.dir / 'pull.cfg')

    def end(self, child):
        child.send_signal(signal.SIGTERM)
        child.wait()
        self.children.remove(child)

    def stop(self):
        for child in list(self.children):
            self.end(child)


def each(site, at_once, times, message, command):
    """Messages a second, by a program for each."""
    with open(site.dir / 'events', 'a') as events:
        seconds, median, failed = subprocess.run(
            [site.build / 'bench/each', str(at_once), str(times), message,
             site.dir / 'envelope', *command], check=True,
            stdout=subprocess.PIPE, stderr=events, text=True).stdout.split()
    if failed != '0':
        raise SystemExit(f'{failed} of {times} failed: {command}')
    return times / float(seconds)


def processes(site, rounds):
    """{at once: [(keeper, fresh)]}"""
    nodes = site.nodes
    keeper = [site.build / 'libexec/smtpserv-queue-amqp', '-f',
              site.dir / 'queue.cfg']
    fresh = [site.build / 'bench/fresh', 'localhost',
             nodes.ask('rabbit_port', '1', 'tls'), nodes.dir / 'ca.pem',
             nodes.dir / 'publish.pem', nodes.dir / 'publish.key']
    found = {}
    for _ in range(rounds):
        for at_once in (10, 50):
            pair = [each(site, at_once, times, site.dir / 'small', command)
                    for command, times in ((keeper, TIMES),
                                           (fresh, TIMES // 3))]
            found.setdefault(at_once, []).append(pair)
            nodes.ask('rabbit_ctl', '1', 'purge_queue', '-p', 'mail',
                      'smtpserv')
    return found


def session_rate(site, conf, at_once=50):
    """Messages a second from smtp-source, one a connection."""
    port = servers.free_port()
    server = site.start(
        'tcpserver', '-H', '-R', '-l', '0', '-c', '100', '-b', '400',
        '127.0.0.1', port, site.build / 'libexec/smtpserv-session', '-f',
        site.dir / conf)
    time.sleep(0.3)
    source = bench.Mail(site.build, 'mail', at_once)
    server.port = port
    command, env = source.command(server, TIMES)
    began = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, env=env,
                   stdout=subprocess.DEVNULL)
    rate = TIMES / (time.monotonic() - began)
    site.end(server)
    return rate


def sessions(site, rounds):
    """[(keeper, own spool)]"""
    found = []
    for _ in range(rounds):
        found.append([session_rate(site, conf)
                      for conf in ('queue.cfg', 'own.cfg')])
        empty(site)
    return found


def empty(site):
    site.nodes.ask('rabbit_ctl', '1', 'purge_queue', '-p', 'mail', 'smtpserv')
    shutil.rmtree(site.dir / 'spool')
    (site.dir / 'spool').mkdir()


def large(site):
    """(GB of a node at its peak, MB a second, how many arrived whole)"""
    count = 5 if QUICK else 50
    site.nodes.forget_peaks()
    rate = each(site, count, count, site.dir / 'large',
                [site.build / 'libexec/smtpserv-queue-amqp', '-f',
                 site.dir / 'queue.cfg'])
    peak = site.nodes.peak()
    pull = site.start_pull()
    until = time.monotonic() + 120
    while (len(list((site.dir / 'spool').glob('*.WRK'))) < count and
           time.monotonic() < until):
        time.sleep(0.5)
    site.end(pull)
    want = hashlib.sha256((site.dir / 'large').read_bytes()).digest()
    whole = sum(
        hashlib.sha256(without_trace(f.read_bytes())).digest() == want
        for f in (site.dir / 'spool').glob('*.TXT'))
    empty(site)
    return peak, rate * LARGE / 1e6, f'{whole} of {count}'


def without_trace(text):
    return re.sub(rb'\A(Received: [^\n]*\n([ \t][^\n]*\n)*)+', b'', text)


def wait_for_lines(log, lines):
    while not log.exists() or log.read_text().count('\n') < lines:
        time.sleep(0.1)


def killed(site, kill, seconds):
    """What quorum.py says became of mail while `kill` was done in its midst."""
    log = site.dir / 'log'
    log.unlink(missing_ok=True)
    pull = site.start_pull()
    load = subprocess.Popen(
        [sys.executable, SUPPORT / 'quorum.py', 'load', log,
         site.build / 'libexec/smtpserv-session', site.dir / 'queue.cfg',
         'clients=8', f'stop={site.dir}/stop'])
    wait_for_lines(log, LONG // 6)
    kill()
    time.sleep(seconds)
    site.nodes.ask('rabbit_restart_dead')
    wait_for_lines(log, LONG)
    (site.dir / 'stop').touch()
    load.wait()
    (site.dir / 'stop').unlink()
    verdict = subprocess.run(
        [sys.executable, SUPPORT / 'quorum.py', 'verify', log,
         site.dir / 'spool', '120'], stdout=subprocess.PIPE, text=True).stdout
    site.end(pull)
    empty(site)
    return dict(w.split('=') for w in verdict.split())


def faults(site):
    nodes = site.nodes
    return (killed(site, lambda: nodes.ask(
                'rabbit_kill', nodes.ask('rabbit_leader')), 1),
            killed(site, lambda: nodes.ask(
                'rabbit_kill', nodes.ask('rabbit_leader'),
                nodes.ask('rabbit_other')), 12))


def ratio_row(label, pairs, most, ours, theirs):
    ratios = [a / b for a, b in pairs]
    median = [statistics.median(x) for x in zip(*pairs)]
    return [label, f'**{statistics.median(ratios):.2f}** '
            f'({min(ratios):.2f}-{max(ratios):.2f})',
            f'at least {most}',
            f'{median[0]:.0f} and {median[1]:.0f} a second: {ours}, {theirs}']


def fault_row(label, d, most):
    return [label, f'**{d["slowest"]} s**', most,
            f'{d["taken"]} x 250, {d["deferred"]} x 4xx, {d["refused"]} x 5xx; '
            f'{d["lost"]} lost, {d["twice"]} twice, {d["unpromised"]} of the '
            '4xx are there']


def rows(one, session, big, faults_seen):
    for at_once, pairs in one.items():
        yield ratio_row(f'a process a message, {at_once} at once: keeper to '
                        'fresh connection', pairs, 3, 'keeper', 'fresh')
    yield ratio_row('a session a message, 50 at once: nodes to own spool',
                    session, 0.5, 'nodes', 'spool')
    yield ['33 MiB, 50 at once: memory of a node', f'**{big[0]:.2f} GB**',
           'under 1.3 GB', f'{big[1]:.0f} MB a second; {big[2]} whole']
    yield fault_row('leader killed: slowest reply', faults_seen[0],
                    '250 within 2 s')
    yield fault_row('two nodes killed for 12 s: slowest reply',
                    faults_seen[1], '4xx within 20 s')


def measure(build, nodes, directory):
    site = Site(build, nodes, directory)
    text = (b'x' * 63 + b'\n') * 64
    (directory / 'small').write_bytes(text)
    # It begins with a header, before which no empty line is put.
    (directory / 'large').write_bytes(
        b'Subject: x\n\n' + text * (LARGE // len(text)))
    (directory / 'envelope').write_bytes(b'Ferick@maggot\0Tbruce@gnat\0\0')
    rounds = 1 if QUICK else bench.ROUNDS
    try:
        site.start_keeper()
        return list(rows(processes(site, rounds), sessions(site, rounds),
                         large(site), faults(site)))
    finally:
        site.stop()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    notes = bench.machine(build)
    directory = build / 'bench/quorum'
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    nodes = Nodes()
    try:
        found = measure(build, nodes, directory)
    finally:
        nodes.stop()
        shutil.rmtree(directory, ignore_errors=True)
    page = report.table(
        'Three nodes on this machine; certificates on both sides, 4 KiB where '
        'nothing else is said.', ['', 'measured', 'wanted', ''], found) + (
        f'{1 if QUICK else bench.ROUNDS} rounds: median (least-greatest). '
        f'{notes}\n')
    (build / 'bench/quorum.txt').write_text(page)
    if not QUICK:
        report.put_into(bench.HERE / 'README.md', page, BEGIN)
    print(page)


if __name__ == '__main__':
    main()
