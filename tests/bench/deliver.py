#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench-deliver: mail end to end, beside Postfix and OpenSMTPD.

    deliver.py BUILD

A burst of messages to one recipient, from ten senders: from the first
connection until the last message is durable in a Maildir, or was taken by an
LMTP server that stores nothing.  Writes BUILD/bench/deliver.txt and, of a
whole run, the table in tests/bench/README.md.

In the environment: DELIVER_MESSAGES, in a burst (2000); and bench.py's
BENCH_ROUNDS, BENCH_QUICK, BENCH_ONLY and BENCH_DIR.
"""
import os
import pathlib
import shutil
import statistics
import sys
import time

import bench
import delivering
import report

MESSAGES = int(os.environ.get('DELIVER_MESSAGES', 200 if bench.QUICK
                              else 2000))
SENDERS = 10
WARM_UP = 50
PATIENCE = 300      # seconds
BEGIN = '<!-- make bench-deliver writes from here -->\n'
# What is measured, with whose team, and as which of ours.
ROWS = (('into a Maildir, 1 worker', 'maildir', 'ours-1'),
        ('into a Maildir, 8 workers', 'maildir', 'ours-8'),
        ('to an LMTP server, 8 workers', 'lmtp', 'ours-8'))
OTHERS = ('postfix', 'opensmtpd')


class EndToEnd(bench.Mail):
    """Over when the server has delivered all of it, durably."""

    settling = 1

    def __init__(self, build, name):
        super().__init__(build, name, SENDERS)

    def once(self, server, n):
        start = time.monotonic()
        server.sent += n
        super().once(server, n)
        while server.delivered() < server.sent:
            if time.monotonic() - start > PATIENCE:
                raise bench.Failed(f'{server.sent - server.delivered()} of '
                                   f'{n} are not delivered')
            time.sleep(0.005)
        server.secure()
        return time.monotonic() - start

    def count(self, server):
        if server.name not in self.counts:
            self.once(server, WARM_UP)
            time.sleep(self.settling)
            self.counts[server.name] = MESSAGES
        return self.counts[server.name]


def into_maildirs(b):
    run = b.run / 'maildir'
    return [delivering.OursMaildir(b.build, run, 1),
            delivering.OursMaildir(b.build, run, 8),
            delivering.PostfixMaildir(b.build, run),
            delivering.OpensmtpdMaildir(b.build, run)]


def by_lmtp(b):
    run = b.run / 'lmtp'
    sink = b.start(delivering.Sink(b.build, run))
    return [] if sink is None else [
        delivering.OursLmtp(b.build, run, 8, sink),
        delivering.PostfixLmtp(b.build, run, sink)]


def measure_team(b, key, team):
    """One team after the other: two of a package share its files."""
    load = EndToEnd(b.build, key)
    team = [b.start(s) for s in team
            if s.name.startswith('ours') or b.wanted(s.name)]
    team = [s for s in team if s is not None]
    for turn in range(bench.ROUNDS):
        bench.say(f'{key}: round {turn + 1} of {bench.ROUNDS}')
        at = turn % len(team)
        for server in team[at:] + team[:at]:
            b.measure(key, load, server)
    b.stop()


def measure(b):
    """Into a bench.Bench, all that the tables are made of."""
    measure_team(b, 'maildir', into_maildirs(b))
    measure_team(b, 'lmtp', by_lmtp(b))


def of(results, load, name, what='rate'):
    return [r[what] for r in results.get(load, {}).get(name, [])]


def middle(values, form):
    return form % statistics.median(values) if values else '-'


def fast_rows(results):
    for label, load, ours in ROWS:
        yield [label] + [
            report.span(of(results, load, ours, what),
                        of(results, load, other, what))
            for what in ('rate', 'cpu') for other in OTHERS]


def slow_rows(results):
    for label, load, ours in ROWS:
        us = of(results, load, ours)
        yield [label] + [
            report.span(us, of(results, load, other)) for other in OTHERS] + [
            middle(of(results, load, who, 'flushes'), '%.2f')
            for who in (ours, *OTHERS)] + [middle(us, '%.0f')]


def rates(results):
    """For whoever looks at this machine only."""
    rows = []
    for load, key in (('into a Maildir', 'maildir'), ('by LMTP', 'lmtp')):
        for name in results.get(key, {}):
            rows.append([f'{load}, {name}',
                         middle(of(results, key, name), '%.0f'),
                         middle(of(results, key, name, 'cpu'), '%.2f')])
    return report.table('Medians.', ['', 'a second',
                                     'processor seconds a thousand'], rows)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    b = bench.Bench(build)
    shutil.rmtree(b.run, ignore_errors=True)
    b.run.mkdir(parents=True)
    try:
        measure(b)
    finally:
        b.stop()
        shutil.rmtree(b.run, ignore_errors=True)
    text = report.table(
        'Ours to theirs, mail end to end: median (least-greatest) of the '
        'rounds. More is better, but for processor seconds.',
        ['', 'to postfix', 'to opensmtpd', 'processor seconds: to postfix',
         'to opensmtpd'], list(fast_rows(b.results))) + (
        f'{MESSAGES} messages, {SENDERS} senders; {bench.ROUNDS} rounds. '
        f'{bench.machine(b.run.parent)}\n')
    whole = rates(b.results) + text
    (build / 'bench/deliver.txt').write_text(whole)
    if not bench.QUICK and not bench.ONLY:
        report.put_into(bench.HERE / 'README.md', text, BEGIN)
    print(whole)


if __name__ == '__main__':
    main()
