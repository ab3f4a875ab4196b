# SPDX-License-Identifier: ISC
"""Servers that deliver what they accept: into one Maildir, or by LMTP.

Each queues and delivers as durably as its package does by default.  ours-N is
our session under tcpserver and smtpserv-work with N workers.
"""
import os
import shlex
import subprocess

import servers

USER = 70010    # whose the peers' Maildirs are


class Sink(servers.Sink):
    """smtp-sink that speaks LMTP."""

    name = 'lmtp-sink'
    options = ('-L',)


class Maildir:
    """Mixed into a server whose self.box is a Maildir."""

    sent = 0

    def delivered(self):
        try:
            return len(os.listdir(self.box / 'new'))
        except FileNotFoundError:
            return 0

    def secure(self):
        """Not everybody syncs names; from here on all are durable."""
        fd = os.open(self.box / 'new', os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)


class Handed:
    """Mixed into a server that hands on what it has: what is gone from its
    queue is delivered."""

    sent = 0

    def delivered(self):
        return self.sent - self.queued()

    def secure(self):
        """Whoever has it now stores nothing."""


class Ours(servers.Ours):
    """A worker beside the super-server, with which it ends."""

    def __init__(self, build, run, name, workers, instruction):
        super().__init__(build, run, name)
        cdb = self.dir / 'deliver.cdb'
        subprocess.run(['cdb', '-c', '-m', cdb], check=True, text=True,
                       input=f'@gnat.test {instruction(self)}\n')
        with open(self.dir / 'wattcp.cfg', 'a') as conf:
            conf.write(f'smtp.deliver = "{cdb}"\n'
                       'smtp.postmaster = bruce@gnat.test\n'
                       f'smtp.workers = {workers}\n')

    def spawn(self, argv):
        work = [self.build / 'bin/smtpserv-work', '-f',
                self.dir / 'wattcp.cfg']
        super().spawn(['sh', '-c', 'setpriv --pdeathsig KILL '
                       + shlex.join(map(str, work)) + ' 2>>"$0" & exec "$@"',
                       self.dir / 'work.log', *argv])

    def queued(self):
        return sum(name.endswith('.WRK') for name in os.listdir(self.spool))


class OursMaildir(Maildir, Ours):
    def __init__(self, build, run, workers):
        super().__init__(build, run, f'ours-{workers}', workers,
                         lambda self: f'{self.dir}/box/')
        self.box = self.dir / 'box'


class OursLmtp(Handed, Ours):
    def __init__(self, build, run, workers, sink):
        super().__init__(build, run, f'ours-{workers}', workers,
                         lambda self: f'lmtp:[127.0.0.1]:{sink.port}')


class Postfix(servers.Postfix):
    """With its queue manager, and virtual(8) or lmtp(8)."""

    more = ''

    def configure(self):
        super().configure()
        main = self.root / 'etc/postfix/main.cf'
        lines = [line for line in main.read_text().split('\n')
                 if line.split(' ')[0] not in ('mydestination',
                                               'in_flow_delay')]
        main.write_text('\n'.join(lines) + f'''
mydestination =
virtual_mailbox_limit = 0
virtual_mailbox_domains = gnat.test
virtual_mailbox_base = /var/boxes
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{USER}
virtual_gid_maps = static:{USER}
{self.more}
''')
        with open(self.root / 'etc/postfix/master.cf', 'a') as master:
            master.write('''
qmgr unix n - n 300 1 qmgr
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
''')
        self.box = self.var / 'boxes/box'
        self.box.parent.mkdir()
        os.chown(self.box.parent, USER, USER)

    def queued(self):
        return sum(len(files)
                   for kind in ('incoming', 'active', 'deferred')
                   for _, _, files in os.walk(
                       self.var / 'spool/postfix' / kind))


class PostfixMaildir(Maildir, Postfix):
    pass


class PostfixLmtp(Handed, Postfix):
    def __init__(self, build, run, sink):
        super().__init__(build, run)
        self.more = f'virtual_transport = lmtp:inet:127.0.0.1:{sink.port}'


class OpensmtpdMaildir(Maildir, servers.Opensmtpd):
    """Its queue is never synced; mail.maildir(8) syncs the file."""

    def configure(self):
        super().configure()
        passwd = self.root / 'etc/passwd'
        if 'boxowner' not in passwd.read_text():
            with open(passwd, 'a') as f:
                f.write(f'boxowner:x:{USER}:{USER}::/var/boxes:/bin/sh\n')
        self.put('/etc/smtpd.conf', f'''
smtp max-message-size "{servers.SIZE_MAX}"
smtp limit max-mails 1000000
table boxes {{ "@" = boxowner }}
listen on 127.0.0.1 port {self.port} hostname gnat.example.test
action "in" maildir "/var/boxes/box" virtual <boxes>
match from any for domain "gnat.test" action "in"
''')
        os.chmod(self.root / 'etc/smtpd.conf', 0o644)
        self.box = self.var / 'boxes/box'
        self.box.parent.mkdir()
        os.chown(self.box.parent, USER, USER)

    def command(self):
        return super().command().replace(' -P mta', '')
