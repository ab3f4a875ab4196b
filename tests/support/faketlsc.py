#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""In smtpserv-tlsc's place: says the verdict that is in the file `verdict`, and
carries bytes as they are.

Without such a file it says nothing and ends.  Its arguments are added to `args`.
"""
import os
import selectors
import sys

HERE = os.path.dirname(os.path.abspath(sys.argv[0])) + '/../'


def carry():
    ends = {0: 6, 6: 1}
    with selectors.DefaultSelector() as ready:
        for fd in ends:
            os.set_blocking(fd, True)
            ready.register(fd, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                data = os.read(key.fd, 65536)
                if not data:
                    return
                os.write(ends[key.fd], data)


def main():
    with open(HERE + 'args', 'a', encoding='utf-8') as f:
        f.write(' '.join(sys.argv[1:]) + '\n')
    try:
        with open(HERE + 'verdict', 'rb') as f:
            verdict = f.read()
    except FileNotFoundError:
        sys.exit(111)
    os.write(1, verdict)
    if not verdict.startswith(b'='):
        sys.exit(1)
    carry()


if __name__ == '__main__':
    main()
