#! /usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make crash-disks: power cuts of real file systems.

    disks.py BUILD [SESSION]

On a disk that writes down what it is told (tests/bench/slowfs.c), with ext4,
xfs and btrfs in turn, sessions take messages, some at once.  Then the disk is
made as it was at each of its flushes, and in between with a part of what came
after, is mounted, and has to keep the promise: each message answered 250 until
then is there, whole, when smtpserv-spool clean has been; no WRK lacks its
whole text, before that or after; and the next session works.

Needs root, FUSE and loop devices.  DISKS_FS names the file systems.
"""
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent /
                       'bench'))
from slowdisk import SlowDisk  # noqa: E402

KINDS = os.environ.get('DISKS_FS', 'ext4 xfs btrfs').split()
TURNS = 4
AT_ONCE = 3
LINES = 300  # of a message: several blocks
ENVELOPE = 'From: erick@maggot\nTo: bruce@gnat\n'


def lines_of(name):
    return ''.join(f'{name} line {i}\n' for i in range(LINES))


class Spool:
    """Ours, on what is mounted there."""

    def __init__(self, build, session, mount):
        self.build = build
        self.session = session
        self.dir = mount / 'spool'
        self.conf = mount / 'wattcp.cfg'

    def make(self):
        self.dir.mkdir()
        (self.dir.parent / 'one-stage').mkdir()  # for a variant (stages.c)
        self.conf.write_text('hostname = gnat\ndomain = example.test\n'
                             f'smtp.subdir = "{self.dir}"\n')
        os.sync()

    def send(self, name):
        """One message; its number, or None."""
        said = ('EHLO maggot\r\nMAIL FROM:<erick@maggot>\r\n'
                'RCPT TO:<bruce@gnat>\r\nDATA\r\n'
                f'Subject: {name}\r\n\r\n' +
                lines_of(name).replace('\n', '\r\n') + '.\r\nQUIT\r\n')
        heard = subprocess.run(
            [self.session, '-f', self.conf], input=said, text=True,
            capture_output=True, check=False).stdout
        got = re.search(r'^250 2.0.0 A(\d+) accepted', heard, re.M)
        return int(got[1]) if got else None

    def tool(self, *words):
        return subprocess.run(
            [self.build / 'bin/smtpserv-spool', '-d', self.dir, *words],
            capture_output=True, text=True, check=False)

    def is_whole(self, number):
        wrk = self.dir / f'{number}.WRK'
        txt = self.dir / f'{number}.TXT'
        if not wrk.exists() or not txt.exists():
            return False
        text = txt.read_bytes().decode('latin-1')
        name = re.search(r'^Subject: (\S+)\n\n', text, re.M)
        return (name is not None and text.endswith('\n\n' + lines_of(name[1]))
                and wrk.read_bytes().decode('latin-1') == ENVELOPE)

    def visible(self):
        return [int(p.stem) for p in self.dir.glob('*.WRK')]


def record(build, session, place, kind):
    """Messages on a fresh disk: {number: flushes at its 250}, first flush."""
    disk = SlowDisk(build / 'bench/slowfs', place, 200, kind, '512M',
                    str(place.parent / 'log'))
    acked = {}
    try:
        disk.up()
        spool = Spool(build, session, disk.mount)
        spool.make()
        first = disk.flushes()
        print(f'{kind}: {spool.tool("check").stdout.strip()}')

        def take(name):
            number = spool.send(name)
            if number is None:
                sys.exit(f'{kind}: a session accepts nothing')
            acked[number] = disk.flushes()

        for turn in range(TURNS):
            take(f'alone-{turn}')
            crowd = [threading.Thread(target=take, args=(f'crowd-{turn}-{i}',))
                     for i in range(AT_ONCE)]
            for t in crowd:
                t.start()
            for t in crowd:
                t.join()
    finally:
        disk.down()
    return acked, first


def records(log):
    """(offset, bytes), or None for a flush."""
    with open(log, 'rb') as f:
        while line := f.readline():
            if line == b'f\n':
                yield None
            else:
                _, at, n = line.split()
                yield int(at), f.read(int(n))


def put(image, writes):
    with open(image, 'r+b') as f:
        for at, data in writes:
            f.seek(at)
            f.write(data)


class Cutter:
    def __init__(self, build, session, place, kind, acked):
        self.build = build
        self.session = session
        self.place = place
        self.kind = kind
        self.acked = acked
        self.found = 0
        self.tried = 0
        self.completed = 0

    def violation(self, where, text):
        self.found += 1
        print(f'VIOLATION: {self.kind}, {where}: {text}')

    def look(self, spool, where, flushes):
        for number in spool.visible():
            if not spool.is_whole(number):
                self.violation(where, f'{number}.WRK without its whole text')
        cleaned = spool.tool('clean')
        if cleaned.returncode != 0:
            self.violation(where, f'clean fails: {cleaned.stderr}')
        if done := re.search(r'^completed (\d+)', cleaned.stdout, re.M):
            self.completed += int(done[1])
        for number in spool.visible():
            if not spool.is_whole(number):
                self.violation(where, f'{number} completed, and not whole')
        for number, at in self.acked.items():
            if at <= flushes and not spool.is_whole(number):
                self.violation(where, f'{number} was answered 250')
        number = spool.send('next')
        if number is None:
            self.violation(where, 'the next session fails')
        elif any(number == n for n, at in self.acked.items()
                 if at <= flushes):
            self.violation(where, f'{number} is handed out again')

    def try_cut(self, base, writes, where, flushes):
        # Another file each time: what a loop device has of an old one stays.
        image = self.place / f'cut-{self.tried}'
        mount = self.place / 'cutmnt'
        subprocess.run(['cp', '--sparse=always', base, image], check=True)
        put(image, writes)
        mount.mkdir(exist_ok=True)
        options = 'loop,noatime' + (',nouuid' if self.kind == 'xfs' else '')
        if subprocess.run(['mount', '-o', options, image, mount]).returncode:
            self.violation(where, 'the file system cannot be mounted')
            return
        try:
            self.tried += 1
            spool = Spool(self.build, self.session, mount)
            spool.conf.write_text(
                'hostname = gnat\ndomain = example.test\n'
                f'smtp.subdir = "{spool.dir}"\n')
            self.look(spool, where, flushes)
        finally:
            subprocess.run(['umount', mount], check=True)
            image.unlink()

    def cut_all(self, log, first):
        """At every flush; and after it with some of the next writes."""
        base = self.place / 'base'
        subprocess.run(['truncate', '-s', '512M', base], check=True)
        some = random.Random(1)
        pending = []
        flushes = 0
        for entry in records(log):
            if entry is not None:
                pending.append(entry)
                continue
            if flushes >= first and len(pending) > 1:
                part = [w for w in pending if some.random() < 0.5]
                self.try_cut(base, part, f'in flush {flushes + 1}', flushes)
            put(base, pending)
            pending = []
            flushes += 1
            if flushes > first:
                self.try_cut(base, [], f'after flush {flushes}', flushes)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    session = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else
                           build / 'libexec/smtpserv-session').resolve()
    if os.geteuid() != 0 or not os.path.exists('/dev/fuse'):
        sys.exit('disks.py: only root can mount the disk, and only with '
                 '/dev/fuse')
    found = 0
    for kind in KINDS:
        if shutil.which(f'mkfs.{kind}') is None:
            print(f'{kind}: skipped: no mkfs.{kind}')
            continue
        place = build / 'crash-disks'
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            acked, first = record(build, session, place / 'disk', kind)
            cutter = Cutter(build, session, place, kind, acked)
            cutter.cut_all(place / 'log', first)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        print(f'{kind}: {len(acked)} messages, {cutter.tried} power cuts, '
              f'{cutter.completed} messages completed, '
              f'{cutter.found} violations')
        found += cutter.found
    sys.exit(1 if found else 0)


main()
