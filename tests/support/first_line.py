"""first_line.py FILE...

Does Python's email package, line by line and in the fields that it finds, see of
our header what we wrote, and of the text nothing that could be taken for it?
"""

import email
import re
import sys

HOST = r'gnat\.example\.test'
ID = r'\n\tid A\d+; \w{3}, \d+ \w{3} \d{4} [\d:]{8} \+0000'
OURS = (
    r'from client\.example \(\[192\.0\.2\.7\]\) by %s with '
    r'E?(?:SMTP|LMTP)A?(?:%s|;\n\t.*)' % (HOST, ID),
    r'by %s \(smtpserv-queue, uid \d+\)%s' % (HOST, ID),
    r'from %s by %s with LOCAL%s' % (HOST, HOST, ID))
# What may stand above the first empty line, beside that.
TOP = ('Received', 'Return-Path', 'Delivered-To', 'Date', 'Message-ID',
       'X-Mailbox-Line', 'Subject')


def faults(raw):
    message = email.message_from_bytes(raw)
    for value in message.get_all('Received', []):
        if not any(re.fullmatch(ours, value) for ours in OURS):
            yield 'Received: %r' % value
    for name in ('Return-Path', 'Delivered-To', 'Date', 'Message-ID'):
        for value in message.get_all(name, []):
            if re.search('[\r\n]|forged', value):
                yield '%s: %r' % (name, value)
    if set(message.keys()) - set(TOP):
        yield 'fields: %s' % message.keys()
    body = message.get_payload()
    line = message.get('X-Mailbox-Line')
    if line is None and 'Subject: Beers?' not in body:
        yield 'a header whose first line is none'
    if line is not None and message['Subject'] != 'Beers?':
        yield 'a header that ends at a line of a mailbox'
    if 'forged' not in body + (line or ''):
        yield 'the text is gone'


def main():
    good = len(sys.argv) > 1
    for name in sys.argv[1:]:
        with open(name, 'rb') as file:
            for fault in faults(file.read()):
                print('%s: %s' % (name, fault))
                good = False
    return 0 if good else 1


sys.exit(main())
