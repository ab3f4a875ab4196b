# SPDX-License-Identifier: ISC
"""Measure the peers' columns of a table of verdicts anew.

    verdicts.py BUILD TABLE

prints the table with the codes that Debian's Postfix and Exim give today; the
first column stays as it is.  Both are set up as for the benchmarks, Exim with
DSN and SMTPUTF8 offered: what is measured is their grammar, not the lists that
an administrator may add.
"""
import pathlib
import socket
import sys
import tempfile

import servers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'support'))
import verdicts  # noqa: E402


class Exim(servers.Exim):
    def configure(self):
        super().configure()
        conf = self.root / 'etc/exim4/bench.conf'
        conf.write_text(conf.read_text() + 'dsn_advertise_hosts = *\n'
                        'smtputf8_advertise_hosts = *\n')


def measure(server, command):
    sock = socket.create_connection(('127.0.0.1', server.port), 60)
    return verdicts.verdict(sock, command)


def main():
    build, table = sys.argv[1:]
    with tempfile.TemporaryDirectory() as run:
        peers = [servers.Postfix(build, run), Exim(build, run)]
        try:
            for peer in peers:
                peer.start()
            for line, codes, command in verdicts.rows(table):
                if command is not None:
                    codes = codes[:1] + [measure(p, command) for p in peers]
                    line = ' '.join([*codes, command])
                print(line, flush=True)
        finally:
            for peer in peers:
                peer.stop()


if __name__ == '__main__':
    main()
