# SPDX-License-Identifier: ISC
"""A disk whose cache flush takes time, with a file system on it: slowfs.c
serves an image, a loop device stands on it.  Root; fuse3.
"""
import os
import pathlib
import subprocess
import time


class SlowDisk:
    """Between up() and down() there is a file system on self.mount."""

    def __init__(self, slowfs, place, microseconds, kind='ext4', size='3G',
                 log=None):
        self.slowfs = slowfs
        self.place = pathlib.Path(place)
        self.microseconds = microseconds
        self.kind = kind
        self.size = size
        self.log = log
        self.mount = self.place / 'mnt'
        self.fuse = self.place / 'fuse'
        self.server = None
        self.loop = None

    def up(self):
        for d in (self.fuse, self.mount):
            d.mkdir(parents=True)
        image = self.place / 'image'
        subprocess.run(['truncate', '-s', self.size, image], check=True)
        argv = [self.slowfs, image, self.fuse, str(self.microseconds)]
        self.server = subprocess.Popen(argv + ([self.log] if self.log else []))
        until = time.monotonic() + 10
        while not (self.fuse / 'disk').exists():
            if self.server.poll() is not None or time.monotonic() > until:
                raise OSError('slowfs does not start')
            time.sleep(0.05)
        self.loop = subprocess.run(
            ['losetup', '-f', '--show', self.fuse / 'disk'], check=True,
            capture_output=True, text=True).stdout.strip()
        force = '-F' if self.kind.startswith('ext') else '-f'
        subprocess.run([f'mkfs.{self.kind}', '-q', force, self.loop],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(['mount', '-o', 'noatime', self.loop, self.mount],
                       check=True)

    def flushes(self):
        return int((self.fuse / 'count').read_text().split()[0])

    def down(self):
        """As far as it came up; a file system that is busy for a moment is
        waited for."""
        for argv in (['umount', self.mount],
                     ['losetup', '-d', self.loop or ''],
                     ['umount', self.fuse]):
            for _ in range(50):
                if subprocess.run(argv, stderr=subprocess.DEVNULL
                                  ).returncode == 0 or not os.path.ismount(
                                      argv[-1]):
                    break
                time.sleep(0.1)
        if self.server is not None:
            self.server.wait()
