# SPDX-License-Identifier: ISC
"""What is measured: our session, and the peers that can be had.

A peer is Debian's package, unpacked into build/bench/peers and run in name
spaces of its own, in which its files stand at their places: nothing is
installed, and when the first process is killed the kernel ends the others.
Every peer queues as durably as its package does by default, and delivers
nothing.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

BACKLOG = 256
SESSIONS = 250
SIZE_MAX = 52428800
TICKS = os.sysconf('SC_CLK_TCK')


class Missing(Exception):
    """Why a server cannot take part."""


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def processes():
    """Every process: its parent, and its processor time in ticks, that of
    children it has waited for included."""
    table = {}
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / 'stat').read_text()
        except OSError:
            continue
        f = text[text.rindex(')') + 2:].split()
        table[int(entry.name)] = (int(f[1]), sum(map(int, f[11:15])))
    return table


class Server:
    """A running server; all its processes stem from one child of ours."""

    name = ''

    def __init__(self, build, run):
        self.build = pathlib.Path(build).resolve()
        self.dir = pathlib.Path(run).resolve() / self.name
        self.dir.mkdir(parents=True)
        self.port = free_port()
        self.child = None

    def spawn(self, argv):
        with open(self.dir / 'log', 'ab') as log:
            # It ends with us, however we end.
            self.child = subprocess.Popen(
                ['setpriv', '--pdeathsig', 'KILL', *argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start(self):
        self.launch()
        until = time.monotonic() + 20
        while not self.answers():
            if self.child.poll() is not None or time.monotonic() > until:
                self.stop()
                tail = (self.dir / 'log').read_text(errors='replace')[-300:]
                raise Missing('does not start: ' + tail.replace('\n', ' / '))
            time.sleep(0.1)

    def answers(self):
        try:
            with socket.create_connection(('127.0.0.1', self.port), 5) as s:
                return s.recv(3) == b'220'
        except OSError:
            return False

    def stop(self):
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()

    def tree(self):
        """(pid, ticks) of all its processes."""
        table = processes()
        children = {}
        for pid, (parent, _) in table.items():
            children.setdefault(parent, []).append(pid)
        todo, found = [self.child.pid], []
        while todo:
            pid = todo.pop()
            todo += children.get(pid, [])
            if pid in table:
                found.append((pid, table[pid][1]))
        return found

    def pids(self):
        return {pid for pid, _ in self.tree()}

    def cpu_seconds(self):
        return sum(ticks for _, ticks in self.tree()) / TICKS

    def memory(self, without=()):
        """(private, proportional) KiB of its processes."""
        private = proportional = 0
        for pid in self.pids() - set(without):
            try:
                lines = pathlib.Path(
                    f'/proc/{pid}/smaps_rollup').read_text().split('\n')[1:]
            except OSError:
                continue
            for line in lines:
                if line.startswith('Private_'):
                    private += int(line.split()[1])
                elif line.startswith('Pss:'):
                    proportional += int(line.split()[1])
        return private, proportional


class Tcpserver(Server):
    """A program under tcpserver."""

    def __init__(self, build, run, name, program):
        self.name = name
        super().__init__(build, run)
        self.program = program

    def launch(self):
        if not shutil.which('tcpserver'):
            raise Missing('no tcpserver: install ucspi-tcp')
        self.spawn(['tcpserver', '-H', '-R', '-l', '0', '-c', str(SESSIONS),
                    '-b', str(BACKLOG), '127.0.0.1', str(self.port),
                    *map(str, self.program)])


class Ours(Tcpserver):
    def __init__(self, build, run, name='ours', sync='yes'):
        super().__init__(build, run, name, [])
        self.spool = self.dir / 'spool'
        self.spool.mkdir()
        conf = self.dir / 'wattcp.cfg'
        conf.write_text('hostname = gnat\ndomain = example.test\n'
                        f'smtp.sync = {sync}\n'
                        f'smtp.maxsize = {SIZE_MAX}\n'
                        f'smtp.subdir = "{self.spool}"\n')
        self.program = [self.build / 'libexec/smtpserv-session', '-f', conf]


class Bare(Tcpserver):
    """The least that a process a connection can do: see floor.c."""

    def __init__(self, build, run):
        super().__init__(build, run, 'bare', [])
        self.spool = self.dir / 'spool'
        self.spool.mkdir()
        self.program = [self.build / 'bench/bare', self.spool]


class Sink(Server):
    """Postfix's smtp-sink: one process that stores nothing.  What is left of
    a message is the conversation, and smtp-source itself."""

    name = 'smtp-sink'
    options = ()

    def launch(self):
        deps = self.build / 'deps/usr'
        self.spawn(['env', f'LD_LIBRARY_PATH={deps}/lib/postfix',
                    f'MAIL_CONFIG={self.build}/bench/smtp-source',
                    deps / 'sbin/smtp-sink', *self.options, '-u', 'nobody',
                    '-M', '10000000',
                    f'127.0.0.1:{self.port}', str(BACKLOG)])


class Peer(Server):
    """A Debian package in name spaces of its own."""

    package = ''
    users = ''      # lines for passwd
    groups = ''     # lines for group

    def __init__(self, build, run):
        super().__init__(build, run)
        self.root = self.build / 'bench/peers' / self.name
        self.var = self.dir / 'var'

    def unpack(self):
        """Once: the package and what it needs that is not installed here."""
        if (self.root / '.done').exists():
            return
        if os.geteuid() != 0:
            raise Missing('only root can give it name spaces')
        shutil.rmtree(self.root, ignore_errors=True)
        debs = self.root / 'debs'
        (debs / 'partial').mkdir(parents=True)
        apt = subprocess.run(
            ['apt-get', 'install', '-y', '-qq', '--no-install-recommends',
             '--download-only', '-o', f'Dir::Cache::archives={debs}',
             '-o', 'Debug::NoLocking=1', self.package],
            capture_output=True, timeout=120)
        if apt.returncode != 0:
            raise Missing('apt-get cannot get it; try apt-get update')
        # As on Debian, or /lib of the package would hide /usr/lib.
        for name in ('bin', 'sbin', 'lib'):
            (self.root / 'usr' / name).mkdir(parents=True)
            (self.root / name).symlink_to('usr/' + name)
        for deb in sorted(debs.glob('*.deb')):
            subprocess.run(['dpkg', '-x', deb, self.root], check=True)
        (self.root / 'etc').mkdir(exist_ok=True)
        for name, more in (('passwd', self.users), ('group', self.groups)):
            host = pathlib.Path('/etc', name).read_text()
            (self.root / 'etc' / name).write_text(host + more)
        # Nobody is to ask the network for names.
        self.put('/etc/nsswitch.conf', 'passwd: files\ngroup: files\n'
                 'hosts: files\nservices: files\n')
        self.put('/etc/resolv.conf', 'lookup file\nnameserver 127.0.0.1\n')
        self.put('/etc/hosts', '127.0.0.1 gnat.example.test localhost '
                 f'{socket.gethostname()}\n')
        (self.root / '.done').touch()

    def launch(self):
        """The shell stays as process 1 of the name space; a program that is
        set-uid would not keep the death signal that --kill-child asks for."""
        self.unpack()
        for name in ('run', 'lock', 'log', 'mail', 'tmp', 'empty', 'lib'):
            (self.var / name).mkdir(parents=True)
        self.configure()
        script = f'''set -e
            mount -t overlay peer -o ro,lowerdir={self.root}/usr:/usr /usr
            mount -t overlay peer -o ro,lowerdir={self.root}/etc:/etc /etc
            mount --bind {self.var} /var
            mount -t tmpfs peer /run
            {self.command()} &
            wait'''
        self.spawn(['unshare', '--mount', '--pid', '--fork', '--mount-proc',
                    '--kill-child', 'sh', '-c', script])

    def put(self, name, text):
        path = self.root / name.lstrip('/')
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Postfix(Peer):
    """No queue manager: what cleanup(8) has queued stays in incoming.  That
    is the least that Postfix can do for a message it has accepted."""

    name = 'postfix'
    package = 'postfix'
    users = ('postfix:x:70001:70001::/var/spool/postfix:/bin/false\n')
    groups = 'postfix:x:70001:\npostdrop:x:70002:\n'

    def configure(self):
        (self.var / 'spool/postfix').mkdir(parents=True)
        (self.var / 'lib/postfix').mkdir()
        os.chown(self.var / 'lib/postfix', 70001, 70001)
        # Without a queue manager nobody would refill its flow control.
        self.put('/etc/postfix/main.cf', f'''
compatibility_level = 3.6
myhostname = gnat.example.test
mydestination = gnat.test
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0


default_process_limit = {SESSIONS}
message_size_limit = {SIZE_MAX}
mailbox_size_limit = 0
in_flow_delay = 0
''')
        self.put('/etc/postfix/master.cf', f'''
127.0.0.1:{self.port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
bounce unix - - n - 0 bounce
''')

    def command(self):
        return 'postfix -c /etc/postfix start-fg'


class Exim(Peer):
    """Waits 0.2 s for the client to hang up before it answers QUIT, which
    bounds what one message a connection can reach."""

    name = 'exim'
    package = 'exim4-daemon-light'
    users = 'Debian-exim:x:70003:70003::/var/spool/exim4:/bin/false\n'
    groups = 'Debian-exim:x:70003:\n'

    def configure(self):
        for name in ('spool/exim4', 'log/exim4'):
            (self.var / name).mkdir(parents=True)
            os.chown(self.var / name, 70003, 70003)
        self.put('/etc/exim4/bench.conf', f'''
primary_hostname = gnat.example.test
queue_only = true
daemon_smtp_ports = {self.port}
local_interfaces = 127.0.0.1
smtp_accept_max = {SESSIONS}
smtp_accept_max_per_connection = 0
smtp_connect_backlog = {BACKLOG}
message_size_limit = {SIZE_MAX}
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
acl_smtp_rcpt = accept
acl_smtp_data = accept
keep_environment =
''')
        os.chmod(self.root / 'etc/exim4/bench.conf', 0o644)

    def command(self):
        return '/usr/sbin/exim4 -C /etc/exim4/bench.conf -bdf'


class Opensmtpd(Peer):
    """Its scheduler sees every message, but the transfer agent is paused.
    It never syncs: to be compared with ours when that does not either."""

    name = 'opensmtpd'
    package = 'opensmtpd'
    users = ('opensmtpd:x:70004:70004::/var/empty:/bin/false\n'
             'opensmtpq:x:70005:70005::/var/empty:/bin/false\n')
    groups = 'opensmtpd:x:70004:\nopensmtpq:x:70005:\n'

    def configure(self):
        (self.var / 'spool').mkdir()
        os.chmod(self.var / 'spool', 0o711)
        self.put('/etc/smtpd.conf', f'''
smtp max-message-size "{SIZE_MAX}"
smtp limit max-mails 1000000
listen on 127.0.0.1 port {self.port} hostname gnat.example.test
action "out" relay host "smtp://127.0.0.1:9"
match from any for any action "out"
''')
        os.chmod(self.root / 'etc/smtpd.conf', 0o644)

    def command(self):
        return f'''mkdir -p /var/lib/opensmtpd/empty
            export LD_PRELOAD={self.build}/bench/backlog.so
            smtpd -d -P mta'''


class Sendmail(Peer):
    """Delivery mode queue, and no queue runner."""

    name = 'sendmail'
    package = 'sendmail-bin'
    users = ('smmta:x:70006:70006::/var/lib/sendmail:/bin/false\n'
             'smmsp:x:70007:70007::/var/lib/sendmail:/bin/false\n')
    groups = 'smmta:x:70006:\nsmmsp:x:70007:\n'

    def configure(self):
        for name in ('spool/mqueue', 'run/sendmail/mta'):
            (self.var / name).mkdir(parents=True)
            os.chmod(self.var / name, 0o700)
        self.put('/etc/mail/bench.mc', f'''
OSTYPE(linux)dnl
DOMAIN(generic)dnl
undefine(`ALIAS_FILE')dnl


define(`confDELIVERY_MODE', `queue')dnl


define(`confREFUSE_LA', `1000')dnl


define(`confQUEUE_LA', `1000')dnl


define(`confDELAY_LA', `0')dnl


define(`confTO_IDENT', `0')dnl


define(`confCACERT', `')dnl


define(`confMAX_MESSAGE_SIZE', `{SIZE_MAX}')dnl


define(`confPID_FILE', `/run/sendmail.pid')dnl


define(`confDOMAIN_NAME', `gnat.example.test')dnl


define(`confDONT_BLAME_SENDMAIL', `Safe')dnl

FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
DAEMON_OPTIONS(`Port={self.port}, Addr=127.0.0.1, Listen={BACKLOG}')dnl
MAILER(smtp)dnl
''')

        self.put('/etc/mail/local-host-names', '')
        self.put('/etc/mail/relay-domains', 'gnat.test\n')

    def command(self):
        return '''cd /usr/share/sendmail/cf/cf
            m4 ../m4/cf.m4 /etc/mail/bench.mc >/run/sendmail.cf
            chmod 644 /run/sendmail.cf
            /usr/libexec/sendmail/sendmail -bD -C/run/sendmail.cf'''


PEERS = (Postfix, Exim, Opensmtpd, Sendmail)
