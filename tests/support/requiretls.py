# SPDX-License-Identifier: ISC
"""Messages with REQUIRETLS (RFC 8689), fed to smtpserv-remote.

requiretls.py PROGRAM PORT SENDER FLAGS [SETTING...]

Prints the final record of one message, its kind and its status; or `hop` and a
status, if the hop fails before that.  FLAGS of `requiretls` start a remote for
such messages.
"""
import sys

from feedcall import Worker


def main():
    program, port, sender, flags, *settings = sys.argv[1:]
    options = ['--requiretls'] if 'requiretls' in flags else []
    w = Worker(program, int(port), *options, settings=settings)
    while (got := w.record()) is not None:
        if got[0] == 'C' and got[1] == '1':
            w.message(1, b'Subject: secret\n\ntext\n', sender=sender,
                      flags=flags and flags + ' ')
        if got[0] == 'F':
            print('hop', got[2])
            break
        if got[0] in 'KZDN':
            print(got[0], got[2])
            w.send('Q')
            break
    w.process.wait(60)


if __name__ == '__main__':
    main()
