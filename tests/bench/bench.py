#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench: ours, the floor and the peers, side by side in one run.

    bench.py BUILD

Measures in rounds, every server within each round, in an order that turns,
so that what else the machine does falls on all of them.  Writes
BUILD/bench/results.txt and results.json, and, of a whole run,
tests/bench/curves.svg and the table in tests/bench/README.md.

In the environment: BENCH_ROUNDS (5), BENCH_SECONDS a measurement (0.7),
BENCH_QUICK=1 (one short round, less concurrency, no curves),
BENCH_ONLY="postfix exim" (of the others, these), BENCH_DIR (where spools
and queues lie; BUILD/bench).
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

import report
import servers

HERE = pathlib.Path(__file__).resolve().parent
QUICK = os.environ.get('BENCH_QUICK', '') not in ('', '0')
ROUNDS = int(os.environ.get('BENCH_ROUNDS', 1 if QUICK else 5))
SECONDS = float(os.environ.get('BENCH_SECONDS', 0.2 if QUICK else 0.7))
ONLY = os.environ.get('BENCH_ONLY', '').split()
CONCURRENCY = (1, 10, 50) if QUICK else (1, 2, 5, 10, 20, 50)
IDLE = 20 if QUICK else 200
WAITING = 1000 if QUICK else 100000
BIG = 10485760
# ext4 passes over inodes freed so many seconds ago.
FREED_LATELY = 300


class Failed(Exception):
    """Why a measurement is missing."""


class Load:
    """Something that is done to a server n times; its speed and its cost."""

    settling = 0    # seconds that its work goes on unseen

    def __init__(self, name, at_once, least=8, most=20000):
        self.name = name
        self.at_once = at_once
        self.least = max(least, 2 * at_once)
        self.most = most
        self.counts = {}

    def __str__(self):
        return f'{self.name} {self.at_once}'

    def command(self, server, n):
        raise NotImplementedError

    def once(self, server, n):
        """Seconds that n of them take."""
        argv, env = self.command(server, n)
        start = time.monotonic()
        try:
            done = subprocess.run(argv, env=env, capture_output=True,
                                  text=True, timeout=60)
        except subprocess.TimeoutExpired:
            raise Failed('timeout') from None
        spent = time.monotonic() - start
        if done.returncode != 0:
            raise Failed(done.stderr.strip()[-200:])
        # Our own tools tell it themselves, without their start.
        return float(done.stdout) if done.stdout else spent

    def count(self, server):
        """As many as fill the time; found by a small trial, which also
        warms the server up."""
        if server.name not in self.counts:
            n = self.least
            spent = self.once(server, n)
            if spent < SECONDS / 5:
                n = min(10 * n, self.most)
                spent = self.once(server, n)
            n = int(SECONDS * n / spent)
            self.counts[server.name] = min(max(n, self.least), self.most)
        return self.counts[server.name]

    def measure(self, server):
        n = self.count(server)
        idle = idle_share()
        before = server.cpu_seconds()
        spent = self.once(server, n)
        settle(server)
        return {'rate': n / spent, 'idle': idle,
                'cpu': (server.cpu_seconds() - before) * 1000 / n}


class Mail(Load):
    """Messages by Postfix's smtp-source."""

    def __init__(self, build, name, at_once, size=4096, keep=False, **more):
        super().__init__(name, at_once, **more)
        deps = build / 'deps/usr'
        self.program = deps / 'sbin/smtp-source'
        self.options = ['-l', str(size)] + (['-d'] if keep else [])
        conf = build / 'bench/smtp-source'
        conf.mkdir(parents=True, exist_ok=True)
        (conf / 'main.cf').touch()
        self.env = {'MAIL_CONFIG': str(conf),
                    'LD_LIBRARY_PATH': str(deps / 'lib/postfix')}

    def command(self, server, n):
        return ([self.program, *self.options, '-s', str(self.at_once),
                 '-m', str(n), '-f', 'erick@maggot.test',
                 '-t', 'bruce@gnat.test', f'127.0.0.1:{server.port}'],
                self.env)


class Connect(Load):
    def __init__(self, build, at_once):
        super().__init__('connect', at_once)
        self.program = build / 'bench/connect'

    def command(self, server, n):
        return ([self.program, str(server.port), str(n), str(self.at_once)],
                None)


class Floor(Load):
    """Looks like a server, too: it has a name and a directory."""

    def __init__(self, build, run, at_once):
        super().__init__('floor', at_once)
        self.program = build / 'bench/floor'
        self.dir = run / f'floor-{at_once}'

    def command(self, server, n):
        self.dir.mkdir(exist_ok=True)
        return [self.program, self.dir, str(n), str(self.at_once)], None


class NoServer:
    name = 'floor'

    def cpu_seconds(self):
        return 0.0

    def tree(self):
        return []


def idle_share():
    """How much of the processors nobody wants just now."""
    def read():
        ticks = [int(x) for x in open('/proc/stat').readline().split()[1:9]]
        return ticks[3] + ticks[4], sum(ticks)
    idle, total = read()
    time.sleep(0.05)
    idle2, total2 = read()
    return (idle2 - idle) / max(total2 - total, 1)


def settle(server):
    """Until its children are gone, if it has a process a connection."""
    for _ in range(20):
        before = len(server.tree())
        time.sleep(0.01)
        if len(server.tree()) >= before:
            return


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.run = pathlib.Path(os.environ.get(
            'BENCH_DIR', self.build / 'bench')).resolve() / 'run'
        self.running = []
        self.facts = {}
        self.absent = {}
        self.failed = {}
        # results[load][server]: one {'rate', 'cpu'} a round
        self.results = {}

    def wanted(self, name):
        return not ONLY or name in ONLY

    def start(self, server):
        try:
            server.start()
        except (servers.Missing, OSError, subprocess.SubprocessError) as why:
            self.absent[server.name] = str(why)
            say(f'{server.name}: left out: {why}')
            return None
        self.running.append(server)
        return server

    def measure(self, key, load, server):
        if server is None or (key, server.name) in self.failed:
            return
        try:
            figures = load.measure(server)
        except Failed as why:
            self.failed[key, server.name] = str(why)
            say(f'{key}: {server.name}: {why}')
            return
        rounds = self.results.setdefault(key, {}).setdefault(server.name, [])
        rounds.append(figures)

    def mail_loads(self):
        for s in CONCURRENCY:
            yield Mail(self.build, 'one', s)
            yield Mail(self.build, 'many', s, keep=True)
        for s in (1, 4):
            yield Mail(self.build, 'big', s, size=BIG, least=2, most=60)

    def mail_round(self, turn, loads, floors, mailers):
        for load in loads:
            order = mailers[turn % len(mailers):] + \
                mailers[:turn % len(mailers)]
            for server in order:
                # The barest server has no room for a large message.
                if not (load.name == 'big' and server.name == 'bare'):
                    self.measure(str(load), load, server)
            if load.name == 'many':
                floor = floors[load.at_once]
                self.measure(str(floor), floor, NoServer())

    def with_consumer(self, load, server):
        """Ours, while somebody takes the messages out again."""
        consumer = subprocess.Popen(
            [self.build / 'bench/consume', server.spool])
        try:
            self.measure('consumer ' + str(load), load, server)
        finally:
            consumer.kill()
            consumer.wait()

    def fill(self, server):
        """So many messages that wait; what they hold does not matter here."""
        say(f'filling a spool with {WAITING} messages')
        for n in range(1, WAITING + 1):
            for kind in ('TXT', 'WRK'):
                os.close(os.open(f'{server.spool}/{n}.{kind}',
                                 os.O_WRONLY | os.O_CREAT, 0o640))
        os.sync()

    def idle_memory(self, server):
        """KiB a session, of IDLE ones that have been greeted: what the new
        processes have, or what the old ones got, if they serve them."""
        before = server.memory()
        old = server.pids()
        clients = []
        try:
            for _ in range(IDLE):
                s = socket.create_connection(('127.0.0.1', server.port), 10)
                clients.append(s)
                s.recv(512)
                s.sendall(b'HELO maggot\r\n')
                s.recv(512)
            if len(server.pids() - old) >= IDLE:
                before, after = (0, 0), server.memory(without=old)
            else:
                after = server.memory()
        except OSError as why:
            self.failed['idle', server.name] = str(why)
            return
        finally:
            for s in clients:
                s.close()
        settle(server)
        self.facts.setdefault('idle', {})[server.name] = [
            (now - then) / IDLE for now, then in zip(after, before)]

    def syncs(self, server, load):
        """Which files a message syncs, by strace."""
        if not shutil.which('strace'):
            return
        # Past the small reservations that our counter begins with.
        load.once(server, 40)
        settle(server)
        out = self.run / f'{server.name}.strace'
        argv = ['strace', '-f', '-y', '-o', out, '-e', 'trace=fsync,fdatasync,'
                'sync_file_range,syncfs,rename,renameat,renameat2,link,linkat']
        for pid, _ in server.tree():
            argv += ['-p', str(pid)]
        tracer = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
        try:
            time.sleep(1)
            load.once(server, 1)
            time.sleep(0.5)
        finally:
            tracer.terminate()
            tracer.wait()
        host_var = getattr(server, 'var', None)
        self.facts.setdefault('syncs', {})[server.name] = \
            report.count_syncs(out.read_text(), host_var)

    def measure_all(self):
        # A fresh directory: what is deleted now would be in the way.
        self.run.mkdir(parents=True)
        ours = self.start(servers.Ours(self.build, self.run))
        if ours is None:
            sys.exit(1)
        consumed = self.start(servers.Ours(self.build, self.run, 'consumed'))
        empty = self.start(servers.Ours(self.build, self.run, 'empty'))
        full = self.start(servers.Ours(self.build, self.run, 'full'))
        banners = [self.start(servers.Tcpserver(
            self.build, self.run, name, [self.build / 'bench' / name]))
            for name in ('banner-static', 'banner-pie')]
        unsynced = self.start(
            servers.Ours(self.build, self.run, 'ours-nosync', 'no'))
        mailers = [ours, unsynced] + [
            self.start(peer(self.build, self.run))
            for peer in (servers.Bare, servers.Sink, *servers.PEERS)
            if self.wanted(peer.name)]
        mailers = [m for m in mailers if m is not None]
        loads = list(self.mail_loads())
        floors = {s: Floor(self.build, self.run, s) for s in CONCURRENCY}
        connects = [Connect(self.build, s) for s in (1, 10)]
        ten = Mail(self.build, 'many', 10, keep=True)
        one = Mail(self.build, 'many', 1, keep=True)
        for server in mailers:
            self.syncs(server, loads[0])
            self.idle_memory(server)
        self.fill(full)
        for turn in range(ROUNDS):
            say(f'round {turn + 1} of {ROUNDS}')
            self.mail_round(turn, loads, floors, mailers)
            for load in connects:
                for server in [ours] + banners + mailers[2:]:
                    self.measure(str(load), load, server)
            for server in (empty, full):
                self.measure('waiting 1', one, server)
            self.measure('consumer none', ten, empty)
            self.with_consumer(ten, consumed)

    def stop(self):
        while self.running:
            self.running.pop().stop()


def file_system(path):
    """What the figures are about, as much as the programs."""
    st_dev = path.stat().st_dev
    device = f'{os.major(st_dev)}:{os.minor(st_dev)}'
    for line in open('/proc/self/mountinfo'):
        mount, _, rest = line.partition(' - ')
        if mount.split()[2] != device:
            continue
        kind, source = rest.split()[:2]
        journals = pathlib.Path('/proc/fs/jbd2')
        if kind == 'ext4' and not list(
                journals.glob(os.path.basename(source) + '-*')):
            kind += ' without a journal'
        return kind
    return 'unknown file system'


def machine(path):
    cpu = [line.split(':')[1].strip() for line in open('/proc/cpuinfo')
           if line.startswith('model name')]
    return (f'{len(cpu)} x {cpu[0] if cpu else "?"}, Linux '
            f'{os.uname().release}, {file_system(path)}, load before '
            f'{os.getloadavg()[0]:.1f}.')


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    stamp = build / 'bench/removed'
    bench = Bench(build)
    bench.run.parent.mkdir(parents=True, exist_ok=True)
    notes = [machine(bench.run.parent)]
    if bench.run.exists():
        # A run that was killed; its servers have ended with it.
        shutil.rmtree(bench.run)
        stamp.touch()
    if stamp.exists() and time.time() - stamp.stat().st_mtime < FREED_LATELY:
        notes.append('Many files were removed less than five minutes before; '
                     'ext4 passes over their inodes, so this is too slow.')
        say(notes[-1])
    began = time.monotonic()
    try:
        bench.measure_all()
    finally:
        bench.stop()
        shutil.rmtree(bench.run, ignore_errors=True)
        stamp.touch()
    notes.append(f'{ROUNDS} rounds, {SECONDS} s a measurement, '
                 f'{time.monotonic() - began:.0f} s in all.')
    # Only what a whole run has drawn is worth keeping.
    curves = None if QUICK or ONLY else HERE / 'curves.svg'
    report.write(build / 'bench', curves, notes, bench.results, bench.facts,
                 bench.absent)


if __name__ == '__main__':
    main()
