# SPDX-License-Identifier: ISC
"""Print what a mail reader finds in a report, one fact a line.

usage: read_report.py FILE

Fields stand as `name: value` with folds undone, in the order of the file, and
whatever Python's parser calls a defect as `defect: it`.  What is drawn by lot
is left out; that it is sound is checked.
"""
import email
import email.policy
import re
import sys


def fields(part, without=()):
    for name, value in part.raw_items():
        value = ''.join(str(value).splitlines()).encode(
            'utf-8', 'surrogateescape').decode('utf-8', 'replace')
        if name.lower() not in without:
            print(f'{name}: {value}')


def defects(report):
    """Of the report itself; the original may have its own.  What RFC 6532
    allows Python reads, but calls a defect."""
    is_utf8 = 'global' in report.get_payload(1).get_content_type()
    for sub in [report, *report.get_payload()]:
        for defect in sub.defects:
            print('defect:', type(defect).__name__)
        for name, value in sub.items():
            for defect in getattr(value, 'defects', ()):
                if not (is_utf8 and 'ASCII' in str(defect)):
                    print(f'defect: {name}: {defect}')


def main():
    with open(sys.argv[1], 'rb') as f:
        raw = f.read()
    # What stands in it as it is, with surrogates for what is not ASCII.
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    strict = email.message_from_bytes(raw, policy=email.policy.default)
    boundary = message.get_boundary()
    if not re.fullmatch('[a-z0-9]{20}', boundary):
        print('bad boundary:', boundary)
    if not re.fullmatch(r'<A\d+\.%s@gnat\.example\.test>' % boundary,
                        message['Message-ID']):
        print('bad Message-ID:', message['Message-ID'])
    if max(len(line.rstrip(b'\r')) for line in raw.split(b'\n')) > 998:
        print('a line is too long')
    fields(message, without=('received', 'message-id', 'content-type'))
    print('is', message.get_content_type(), message.get_param('report-type'))
    parts = message.get_payload()
    print('parts', *[p.get_content_type() for p in parts])
    defects(strict)

    human, status, original = parts
    print('--', human.get_content_charset(),
          human['Content-Transfer-Encoding'])
    text = human.get_payload(decode=True).decode(human.get_content_charset())
    for line in text.splitlines():
        print('|', line)
    # Python takes message/delivery-status apart, and not yet
    # message/global-delivery-status, whose form is the same.
    blocks = status.get_payload()
    if status.get_content_type() == 'message/global-delivery-status':
        whole = raw.replace(b'\r\n', b'\n').split(
            b'--' + boundary.encode() + b'\n')[2].split(b'\n\n', 1)[1]
        blocks = [email.message_from_bytes(block)
                  for block in re.split(b'\n\n+', whole.strip())]
    for block in blocks:
        if block.keys():
            print('--')
            fields(block)
    print('--', original['Content-Transfer-Encoding'])
    # The part as it is stored, without the line end that is the delimiter's.
    eol = b'\r\n' if b'\r\n' in raw else b'\n'
    part = raw.split(b'--' + boundary.encode())[3]
    part = part[:-len(eol)].split(eol * 2, 1)[1]
    print(repr(part)[2:-1])


if __name__ == '__main__':
    main()
