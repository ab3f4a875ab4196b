"""chunks.py WHAT SESSION...

Messages that come in chunks (RFC 3030), from clients that mean harm, or are cut
off.  WHAT is one of the functions marked @case.  The session's spool is
./spool.
"""

import os
import re
import signal

from smtpsession import (ENVELOPE, GREETED, Session, body, case, codes,
                         converse, expect, flood, main, run_case, spool_files,
                         stuffed, take_messages, wait_for)

# What senders have tried; in a chunk none of it means anything.
ENDS = (b'\n.\n', b'\n.\r\n', b'\r.\r', b'\r\n.\n', b'\r\n.\r', b'\r.\r\n',
        b'\r\n\0.\r\n', b'\r\r\n.\r\r\n', b'\r\r\n.\r\n', b'\r\n.\r\r\n',
        b'\r\n.\r\n', b'.\r\n', b'\r\n..\r\n')
EVIL = b'MAIL FROM:<evil@b.example>\r\nRCPT TO:<victim@gnat>\r\nDATA\r\n'


def bdat(octets, last=False):
    return b'BDAT %d%s\r\n' % (len(octets), b' LAST' if last else b'') + octets


@case
def smuggle(argv):
    """No chunk ends before its last octet, and nobody behind us is fooled."""
    for end in ENDS:
        text = b'Subject: x\r\n\r\ntext' + end + EVIL
        for at in {len(text), *range(len(text) - len(EVIL) - 6,
                                     len(text) - len(EVIL) + 1)}:
            replies = converse(argv, GREETED + ENVELOPE + bdat(text[:at]) +
                               bdat(text[at:], True) + b'QUIT\r\n')
            expect([220, 250, 250, 250, 250, 250, 221], codes(replies), end)
            ((_, envelope, stored),) = take_messages()
            expect(b'From: good@a.example\nTo: bruce@gnat\n', envelope, end)
            expect(False, b'\r' in stored or b'\0' in stored, end)
            # As long as it was, with LF for line ends: nothing is lost.
            expect(len(re.sub(rb'\r+\n', b'\n', text)), len(stored), end)
            replies = converse(argv, GREETED + ENVELOPE + b'DATA\r\n' +
                               stuffed(stored) + b'.\r\nQUIT\r\n')
            expect([220, 250, 250, 250, 354, 250, 221], codes(replies), end)
            ((_, _, again),) = take_messages()
            expect(stored, again, end)


@case
def cut_in_two(argv):
    """Two chunks store what one does, wherever they meet."""
    text = b'A: b\r\n\r\n..dot\r\n.\r\na\nb\rc\0\r\n\r\r\n\r\xe4\r\n\r'
    converse(argv, GREETED + ENVELOPE + bdat(text, True))
    ((_, _, want),) = take_messages()
    expect(b'A: b\n\n..dot\n.\na\nb c \n\n \xe4\n\n', want, 'stored')
    for at in range(len(text) + 1):
        replies = converse(argv, GREETED + ENVELOPE + bdat(text[:at]) +
                           bdat(text[at:], True))
        expect([220, 250, 250, 250, 250, 250], codes(replies), at)
        ((_, _, stored),) = take_messages()
        expect(want, stored, 'cut at %d' % at)


# Two messages in chunks, with errors and chunks that are refused.
FIRST = (GREETED + bdat(b'RSET\r\n', True) + ENVELOPE + bdat(b'Subject: one\r') +
         bdat(b'\n\r\n.\r\n') + b'NOOP\r\nDATA\r\n' + bdat(b'', True))
SECOND = (b'MAIL FROM:<x>\r\n' + bdat(b'QUIT\r\n', True) + ENVELOPE +
          bdat(b'dropped') + b'RSET\r\n' + ENVELOPE + b'WHAT\r\n' +
          bdat(b'two\r\n') + bdat(b'.', True))
WHOLE = FIRST + SECOND + b'QUIT\r\n'


def check_cut(whole, texts, replies, at):
    """Of both messages those are there that came whole."""
    due = (at >= len(FIRST)) + (at >= len(FIRST + SECOND))
    expect(codes(whole)[:len(replies)], codes(replies), 'cut at %d' % at)
    expect(texts[:due], [message[1:] for message in take_messages()],
           'cut at %d' % at)


@case
def eof_anywhere(argv):
    whole = converse(argv, WHOLE)
    expect([220, 250, 503, 250, 250, 250, 250, 250, 503, 250] +
           [501, 503, 250, 250, 250, 250, 250, 250, 500, 250, 250] + [221],
           codes(whole), 'replies to the whole')
    texts = [message[1:] for message in take_messages()]
    expect(2, len(texts), 'messages')
    for at in range(len(WHOLE)):
        check_cut(whole, texts, converse(argv, WHOLE[:at]), at)


@case
def vanish_anywhere(argv):
    """Both directions are gone at once: what came whole may be there, what
    did not may not."""
    converse(argv, WHOLE)
    texts = [message[1:] for message in take_messages()]
    for channel in ('unix', 'tcp'):
        for at in range(len(WHOLE)):
            with Session(argv, channel) as session:
                session.reply()
                session.send(WHOLE[:at])
                session.vanish()
                expect(0, session.wait(), 'exit status')
            due = (at >= len(FIRST)) + (at >= len(FIRST + SECOND))
            stored = [message[1:] for message in take_messages()]
            expect(texts[:len(stored)], stored, 'cut at %d' % at)
            expect(True, len(stored) <= due, 'cut at %d' % at)


@case
def sizes(argv):
    """Of 1 to 25 digits: counted, up to 20, or the end."""
    for digits in range(1, 26):
        for octets in (digits * b'9', (digits - 1) * b'0' + b'6'):
            replies = converse(argv, GREETED + ENVELOPE + b'BDAT ' + octets +
                               b' LAST\r\nQUIT\r\nQUIT\r\n')
            if digits > 20:
                want = [501]
            elif octets.endswith(b'6'):
                want = [250, 221]
            elif octets == b'9':
                # The second QUIT is cut in two.
                want = [250, 500]
            else:
                want = []
            expect([220, 250, 250, 250] + want, codes(replies), octets)
            take_messages()


@case
def endless(argv):
    """With smtp.maxsize = 1000000: 552 after all of a chunk, and no memory."""
    for piece in (b'x', b'x: y\r\n', b'\r', b'\n', b'\r\n', b'\0'):
        octets = (8 << 20) // len(piece * ((1 << 20) // len(piece))) * \
            len(piece * ((1 << 20) // len(piece)))
        flood(argv, 8 << 20, ENVELOPE + b'BDAT %d LAST\r\n' % octets, piece,
              b'', 552)
        expect([], take_messages(), 'messages of %r' % piece)


def in_chunks(argv, more=b''):
    """A session in the middle of a message, its files there."""
    session = Session(argv, 'unix')
    session.start()
    session.send(ENVELOPE + bdat(b'Subject: half a mess') + more)
    expect([250, 250, 250], [session.reply().code for _ in range(3)], 'chunk')
    wait_for(lambda: len(spool_files()) == 2, 'CMD and TMP')
    return session


@case
def endings(argv):
    """With inactive = 1: stopped, timed out or killed, between two chunks and
    within one."""
    for more in (b'', b'BDAT 1000 LAST\r\nhalf'):
        for sig in (signal.SIGTERM, signal.SIGINT, None):
            with in_chunks(argv, more) as session:
                if sig is not None:
                    os.kill(session.pid(), sig)
                expect([421], codes(session.replies()), 'last words')
                session.shut()
                expect(0, session.wait(), 'exit status')
            expect([], spool_files(), 'files')
    with in_chunks(argv) as session:
        os.kill(session.pid(), signal.SIGKILL)
        session.wait()
    expect(['CMD', 'TMP'], [name.split('.')[1] for name in spool_files()],
           'files that are left')
    for name in spool_files():
        os.remove('spool/' + name)


@case
def large(argv):
    """A message of 40 MB in chunks of odd sizes is what was sent."""
    line = bytes(range(32, 127)) + b'\xe4\r\n'
    text = b'\r\n' + line * (40000000 // len(line))
    with Session(argv, 'unix') as session:
        session.start()
        session.send(ENVELOPE)
        at, size = 0, 1
        while at < len(text):
            session.send(bdat(text[at:at + size], at + size >= len(text)))
            at += size
            size = min(size * 3 + 1, 7654321)
        session.send(b'QUIT\r\n')
        replies = session.replies()
        expect({250, 221}, set(codes(replies)), 'replies')
        expect(0, session.wait(), 'exit status')
    (wrk,) = [name for name in spool_files() if name.endswith('.WRK')]
    expect(True, body(int(wrk[:-4])) == text.replace(b'\r\n', b'\n'), 'text')


main(run_case)
