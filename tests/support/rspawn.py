# SPDX-License-Identifier: ISC
"""rspawn.py PROGRAM HOST SENDER RECIPIENT: start it as qmail-rspawn does, and
say what qmail-rspawn would make of its report.

The message is standard input.  The program's descriptors 1 and 2 are the same
pipe.  Printed is a letter and the text that qmail-send would get: K for
delivered, Z for later, D for failed.
"""
import subprocess
import sys


def verdict(code, report):
    if code < 0:
        return 'Z', 'crashed'
    if code != 0:
        return ('Z' if code == 111 else 'D'), 'unable to run'
    if not report:
        return 'Z', 'no output'
    parts = report.split('\0')[:-1]
    # The message's letter; a report without one counts as failed.
    message = next((p for p in parts if p[:1] in ('K', 'Z', 'D')), 'D')
    letter = {'s': 'Z', 'h': 'D'}.get(report[0], message[0])
    text = parts[0][1:] if parts else ''
    rank = {'D': -1, 'Z': 0, 'K': 1}
    if rank[message[0]] <= rank[letter] and len(parts) > 1 and \
            parts[1][:1] in rank:
        text += parts[1][1:]
    return letter, text


def main():
    done = subprocess.run(sys.argv[1:], stdin=sys.stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    print(''.join(verdict(done.returncode, done.stdout.decode('latin-1'))),
          end='')


if __name__ == '__main__':
    main()
