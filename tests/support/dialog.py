"""dialog.py [--channel C] [--step] [--inetd] [--exit N] -- SESSION...

Plays a conversation, read from descriptor 0, and complains about every reply
that is not as it should be.  A row of it is

    REPLY | COMMAND        sent with CR LF behind it
    REPLY / BYTES          sent as they are

REPLY is a code, or a code and an RFC 3463 code; `-` where none is due.  In
what is sent \\x0d and its like are bytes, and {64*a} is 64 times an a.  The
greeting is not in the table.

All is sent at once, as a pipelining client would, or with --step row by row,
each reply awaited.  Whatever the table says, replies are held to the grammar,
and to RFC 2034: a code of the right class on each line, but for the greeting,
EHLO, HELO, LHLO and 3xx.
"""

import argparse
import re
import sys

from smtpsession import Session, Wrong, main

ROW = re.compile(r'\s*([0-9. ]*[0-9]|-)\s*([|/])(?: (.*))?')


def unescape(text):
    text = re.sub(r'\{(\d+)\*(.)\}', lambda m: int(m[1]) * m[2], text)
    return re.sub(rb'\\x([0-9a-f]{2})',
                  lambda m: bytes([int(m[1], 16)]), text.encode())


def read_rows(file):
    rows = []
    for line in file:
        row = ROW.fullmatch(line.rstrip('\n'))
        if row:
            want, kind, text = row.groups()
            rows.append(('' if want == '-' else want, text or '',
                         unescape(text or '') +
                         (b'\r\n' if kind == '|' else b'')))
        elif line.strip():
            raise Wrong('no row of a dialog: ' + line)
    return rows


def play(session, rows, step):
    """All replies."""
    if not step:
        session.send(b''.join(data for _, _, data in rows))
        session.shut()
        return session.replies()
    replies = [session.reply()]
    for want, _, data in rows:
        session.send(data)
        if want:
            replies.append(session.reply())
    session.shut()
    return replies + session.replies()


def is_right(want, command, reply):
    """Is it the reply wanted, and has it the codes that RFC 2034 wants?"""
    if reply is None:
        return False
    code, _, enhanced = want.partition(' ')
    if str(reply.code) != code or (enhanced and
                                   reply.enhanced() != enhanced):
        return False
    if reply.code < 400 and (reply.code >= 300 or command == 'greeting' or
                             command[:4].upper() in ('EHLO', 'HELO', 'LHLO')):
        return reply.enhanced() == ''
    return all(re.match(r'%s\.\d+\.\d+ ' % code[0], line)
               for line in reply.text.split('\n'))


def run(argv):
    parser = argparse.ArgumentParser()
    parser.add_argument('--channel', default='pipe')
    parser.add_argument('--step', action='store_true')
    parser.add_argument('--inetd', action='store_true')
    parser.add_argument('--exit', type=int, default=0)
    parser.add_argument('--greeting', default='220')
    parser.add_argument('session', nargs='+')
    args = parser.parse_args(argv)
    rows = read_rows(sys.stdin)
    with Session(args.session, args.channel, args.inetd) as session:
        replies = play(session, rows, args.step)
        status = session.wait()
    wanted = [(args.greeting, 'greeting')]
    wanted += [(want, text) for want, text, _ in rows if want]
    replies += [None] * (len(wanted) - len(replies))
    wrong = ['want %s, got %s, to %.200s' % (want, reply, text)
             for (want, text), reply in zip(wanted, replies)
             if not is_right(want, text, reply)]
    wrong += ['one reply too many: %s' % reply
              for reply in replies[len(wanted):]]
    if status != args.exit:
        wrong.append('exit status %d, not %d' % (status, args.exit))
    if wrong:
        raise Wrong('\n'.join(wrong))


main(run)
