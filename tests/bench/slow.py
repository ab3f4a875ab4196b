#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench-slow: messages a second, and flushes a message, on a disk whose
cache flush takes time, beside Postfix and mailfront in one run.

    slow.py BUILD

Virtual disks hide what a flush costs; a hard disk, or an SSD that people buy
for a desk, does not.  Needs root, FUSE and loop devices.  Writes
BUILD/bench/slow.txt and, of a whole run, the second table in
tests/bench/README.md.

In the environment: SLOW_FLUSH, microseconds (5000); SLOW_FS (ext4; xfs,
btrfs); SLOW_PLACE, where the image lies (BUILD/bench); deliver.py's
DELIVER_MESSAGES; and bench.py's BENCH_ROUNDS, BENCH_SECONDS, BENCH_QUICK and
BENCH_ONLY.
"""
import os
import pathlib
import shutil
import statistics
import sys
import time

import bench
import deliver
import report
import servers
from slowdisk import SlowDisk

FLUSH = int(os.environ.get('SLOW_FLUSH', 5000))
KIND = os.environ.get('SLOW_FS', 'ext4')
LOADS = (('one', 1, False), ('one', 10, False), ('one', 50, False),
         ('many', 1, True), ('many', 10, True), ('many', 50, True))
NAMES = {'one': 'one message a connection', 'many': 'many a connection'}
BEGIN = '<!-- make bench-slow writes from here -->\n'


class Mailfront(servers.Tcpserver):
    """Its backend queuedir: a file a message, synced, and its name."""

    def __init__(self, build, run):
        super().__init__(build, run, 'mailfront', [])
        self.queue = self.dir / 'queue'
        for name in ('tmp', 'new'):
            (self.queue / name).mkdir(parents=True)
        self.program = ['env', f'QUEUEDIR={self.queue}', 'mailfront', 'smtp',
                        'queuedir', 'add-received', 'accept-sender',
                        'accept-recipient']

    def launch(self):
        if not shutil.which('mailfront'):
            raise servers.Missing('no mailfront: install that package')
        super().launch()


class Slow(bench.Bench):
    def __init__(self, build, disk):
        super().__init__(build)
        self.disk = disk
        self.run = disk.mount / 'run'

    def measure(self, key, load, server):
        """With the flushes that it took, but for the trial that finds how
        many messages there are to be."""
        if server is None or (key, server.name) in self.failed:
            return
        try:
            n = load.count(server)
        except bench.Failed:
            n = 1
        before = self.disk.flushes()
        super().measure(key, load, server)
        time.sleep(load.settling)
        rounds = self.results.get(key, {}).get(server.name, [])
        if rounds and 'flushes' not in rounds[-1]:
            rounds[-1]['flushes'] = (self.disk.flushes() - before) / n

    def measure_all(self):
        self.run.mkdir()
        chosen = [self.start(server(self.build, self.run))
                  for server in (servers.Ours, servers.Postfix, Mailfront)
                  if server is servers.Ours or self.wanted(server.__name__
                                                           .lower())]
        chosen = [s for s in chosen if s is not None]
        loads = [bench.Mail(self.build, name, at_once, keep=keep)
                 for name, at_once, keep in LOADS]
        for turn in range(bench.ROUNDS):
            bench.say(f'round {turn + 1} of {bench.ROUNDS}')
            for load in loads:
                at = turn % len(chosen)
                for server in chosen[at:] + chosen[:at]:
                    self.measure(str(load), load, server)
        self.stop()
        deliver.measure(self)

    def rows(self):
        for name, at_once, _ in LOADS:
            got = self.results.get(f'{name} {at_once}', {})
            ours = got.get('ours', [])
            row = [f'{NAMES[name]}, {at_once} at once']
            for other in ('postfix', 'mailfront'):
                row.append(report.span([r['rate'] for r in ours],
                                       [r['rate'] for r in got.get(other, [])]))
            for server in ('ours', 'postfix', 'mailfront'):
                rounds = got.get(server, [])
                row.append('-' if not rounds else '%.2f' % statistics.median(
                    r['flushes'] for r in rounds))
            row.append('-' if not ours else '%.0f' % statistics.median(
                r['rate'] for r in ours))
            yield row


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    place = pathlib.Path(os.environ.get('SLOW_PLACE', build / 'bench'), 'slow')
    if os.geteuid() != 0 or not os.path.exists('/dev/fuse'):
        sys.exit('slow.py: only root can mount the slow disk, and only with '
                 '/dev/fuse')
    shutil.rmtree(place, ignore_errors=True)
    disk = SlowDisk(build / 'bench/slowfs', place, FLUSH, KIND)
    slow = None
    try:
        disk.up()
        slow = Slow(build, disk)
        slow.measure_all()
    finally:
        if slow is not None:
            slow.stop()
        disk.down()
        shutil.rmtree(place, ignore_errors=True)
    notes = (f'A flush takes {FLUSH / 1000:g} ms; {KIND}; {bench.ROUNDS} '
             f'rounds, {bench.SECONDS} s a measurement. '
             f'{bench.machine(build)}\n')
    text = report.table(
        'Ours to theirs, on the slow disk: median (least-greatest) of the '
        'rounds; flushes a message; our messages a second.',
        ['', 'to postfix', 'to mailfront', 'flushes: ours', 'postfix',
         'mailfront', 'ours a second'], list(slow.rows())) + report.table(
        f'The same for mail end to end, {deliver.MESSAGES} messages from '
        f'{deliver.SENDERS} senders.',
        ['', 'to postfix', 'to opensmtpd', 'flushes: ours', 'postfix',
         'opensmtpd', 'ours a second'],
        list(deliver.slow_rows(slow.results))) + notes
    (build / 'bench/slow.txt').write_text(text)
    if not bench.QUICK and not bench.ONLY and KIND == 'ext4':
        report.put_into(bench.HERE / 'README.md', text, BEGIN)
    print(text)


if __name__ == '__main__':
    main()
