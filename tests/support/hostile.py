"""hostile.py WHAT SESSION...

Clients that mean harm, or are cut off.  WHAT is one of the functions marked
@case.  The session's spool is ./spool.
"""

import os
import random
import re

from smtpsession import (ENVELOPE, GREETED, Session, Wrong, body, case, codes,
                         converse, drain, expect, flood, high_water,
                         limit_memory, main, read, run_case, spool_files,
                         stuffed, take_messages)

EVIL = (b'MAIL FROM:<evil@b.example>\r\nRCPT TO:<victim@gnat>\r\nDATA\r\n'
        b'owned\r\n.\r\n')
ENDS = (b'\n.\n', b'\n.\r\n', b'\r.\r', b'\r\n.\n', b'\r\n.\r', b'\r.\r\n',
        b'\r\n\0.\r\n', b'\n\r.\r\n', b'\r\r\n.\r\r\n', b'\r\r\n.\n',
        b'\r\n.\r\r\n', b'\r\n.\0\r\n', b'\r\n\r.\r\n', b'\0\r\n.\0\r\n',
        b'\n\n.\r\n', b'\r\n.\n.\r', b'\r\n .\r\n', b'\x85.\r\n')


@case
def smuggle(argv):
    for end in ENDS:
        for before in (b'', b'Subject: x\r\n\r\ntext'):
            text = before + end + EVIL[:-5] + b'\r\n.\r\n'
            replies = converse(
                argv, GREETED + ENVELOPE + b'DATA\r\n' + text + b'QUIT\r\n')
            expect([220, 250, 250, 250, 354, 250, 221], codes(replies), end)
            ((_, envelope, stored),) = take_messages()
            expect(b'From: good@a.example\nTo: bruce@gnat\n', envelope, end)
            if b'RCPT TO:<victim@gnat>' not in stored:
                raise Wrong('%r: text lost: %r' % (end, stored))
            if b'\r' in stored or b'\0' in stored:
                raise Wrong('%r: CR or NUL in %r' % (end, stored))
            # And nobody behind us can be fooled.
            replies = converse(argv, GREETED + ENVELOPE + b'DATA\r\n' +
                               stuffed(stored) + b'.\r\nQUIT\r\n')
            expect([220, 250, 250, 250, 354, 250, 221], codes(replies), end)
            ((_, _, again),) = take_messages()
            expect(stored, again, end)


@case
def doubled(argv):
    """Line ends that a client has ended once more: curl --crlf."""
    header = b'Subject: x\r\nContent-Type: text/plain\r\n\r\n'
    for crs in (b'\r\r\n', b'\r\r\r\n', b'\r' * 70000 + b'\n'):
        text = (header + b'one\r\n..two\r\n').replace(b'\r\n', crs)
        # What is behind the end is the next message, not text.
        replies = converse(argv, GREETED + ENVELOPE + b'DATA\r\n' + text +
                           b'.\r\n' + ENVELOPE + b'DATA\r\n\r\n.\r\nQUIT\r\n')
        expect([220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 221],
               codes(replies), crs[:3])
        ((_, _, first), (_, _, second)) = take_messages()
        expect(header.replace(b'\r', b'') + b'one\n.two\n', first, crs[:3])
        expect(b'\n', second, crs[:3])


@case
def smuggle_refused(argv):
    """With smtp.bareeol = reject."""
    for end in ENDS:
        if not re.search(rb'\0|\r(?!\n)|(?<!\r)\n', end):
            continue
        replies = converse(argv, GREETED + ENVELOPE + b'DATA\r\ntext' + end +
                           EVIL + b'QUIT\r\n')
        expect([220, 250, 250, 250, 354, 550, 221], codes(replies), end)
        expect([], take_messages(), end)


# Two messages with all that a text may hold, and errors between them.
WHOLE = (GREETED + ENVELOPE + b'DATA\r\nSubject: one\r\n\r\n..dot\r\na\nb\rc'
         b'\0\xe4\r\n\r\r\n.\r\r\n.\r\n' + b'NOOP\r\nWHAT\r\nNO\nOP\r\n' +
         ENVELOPE + b'DATA\r\nSubject: two\r\n\r\n.\n.\r\n.\r\nQUIT\r\n')
WHOLE_CODES = [220, 250, 250, 250, 354, 250, 250, 500, 500, 250, 250, 354,
               250, 221]


def ends_of_messages():
    """How much of WHOLE must have come for one and for two messages."""
    first = WHOLE.index(b'\r\n.\r\nNOOP') + 5
    second = WHOLE.index(b'\r\n.\r\nQUIT') + 5
    return first, second


@case
def eof_anywhere(argv):
    whole = converse(argv, WHOLE)
    expect(WHOLE_CODES, codes(whole), 'replies to the whole')
    texts = [message[1:] for message in take_messages()]
    expect(2, len(texts), 'messages')
    for at in range(len(WHOLE)):
        replies = converse(argv, WHOLE[:at])
        due = sum(at >= end for end in ends_of_messages())
        expect(codes(whole)[:len(replies)], codes(replies), 'cut at %d' % at)
        expect(texts[:due], [message[1:] for message in take_messages()],
               'cut at %d' % at)


@case
def vanish_anywhere(argv):
    """Both directions are gone at once; after the dot it may be either."""
    converse(argv, WHOLE)
    texts = [message[1:] for message in take_messages()]
    for channel in ('pipe', 'unix', 'tcp'):
        for at in range(len(WHOLE)):
            with Session(argv, channel) as session:
                # The greeting has been sent: else it would end right there.
                session.reply()
                session.send(WHOLE[:at])
                session.vanish()
                expect(0, session.wait(), 'exit status')
            due = sum(at >= end for end in ends_of_messages())
            stored = [message[1:] for message in take_messages()]
            expect(texts[:len(stored)], stored, 'cut at %d' % at)
            if len(stored) > due:
                raise Wrong('cut at %d: a message that was not sent' % at)


def in_pieces(argv, data, cuts):
    with Session(argv) as session:
        start = 0
        for cut in list(cuts) + [len(data)]:
            session.send(data[start:cut])
            start = cut
            drain(session)
        session.shut()
        replies = session.replies()
        expect(0, session.wait(), 'exit status')
    return replies


@case
def any_chunking(argv):
    whole = converse(argv, WHOLE)
    expect(WHOLE_CODES, codes(whole), 'replies to the whole')
    texts = [message[1:] for message in take_messages()]

    def check(cuts):
        replies = in_pieces(argv, WHOLE, cuts)
        got = [re.sub(r'A\d+', 'A', str(reply)) for reply in replies]
        want = [re.sub(r'A\d+', 'A', str(reply)) for reply in whole]
        expect(want, got, 'cut at %s' % list(cuts))
        expect(texts, [message[1:] for message in take_messages()],
               'cut at %s' % list(cuts))

    check(range(1, len(WHOLE)))
    for at in range(1, len(WHOLE)):
        check([at])
    chance = random.Random(5321)
    for _ in range(100):
        check(sorted(chance.sample(range(1, len(WHOLE)), 9)))


def messages_of(argv, data):
    """The codes of one session's replies after greeting and EHLO, and what
    it stored."""
    replies = converse(argv, GREETED + data)
    expect([220, 250], codes(replies)[:2], 'greeting')
    return codes(replies)[2:], take_messages()


ADDRESSES = (b'%sb@c.example', b'a%sb@c.example', b'ab%s@c.example',
             b'"a%sb"@c.example', b'"a\\%sb"@c.example', b'"%s"@c.example',
             b'a@%sb.example', b'a@b%sc.example', b'a@b.example%s',
             b'a@[192.0.2.1%s]', b'a@[IPv6:%s::1]', b'@a%sb:c@d.example',
             b'%s', b'a@b.example> %s', b'a@b.example>%s', b'%sa@b.example')


def is_good_line(line):
    """Printable, and UTF-8 where it is more than ASCII."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return False
    return text.isprintable() and re.match(
        '(From|To|Smtputf8|Helo|Proto|Received-At|Size): ?', text)


def check_envelope(envelope, what):
    lines = envelope.split(b'\n')
    expect(b'', lines.pop(), 'last line')
    for line in lines:
        if not is_good_line(line):
            raise Wrong('%s: %r in the envelope' % (what, line))
    return lines


def as_stored(path):
    """The mailbox of a good path without its brackets: no route, no blanks
    around it, no last dot of a domain, nothing that stands behind the >."""
    mailbox = re.split(rb'>[ \t]|>$', path)[0].strip(b' \t')
    if mailbox.startswith(b'@'):
        mailbox = mailbox.rsplit(b':', 1)[-1]
    return re.sub(rb'(@[^"]*)\.$', rb'\1', mailbox)


@case
def every_byte_in_rcpt(argv):
    for utf8 in (b'', b' SMTPUTF8'):
        for form in ADDRESSES:
            sent = [form % bytes([n]) for n in range(256)]
            got, messages = messages_of(
                argv, b'MAIL FROM:<a@b>' + utf8 + b'\r\n' +
                b''.join(b'RCPT TO:<%s>\r\n' % one for one in sent) +
                b'RCPT TO:<last@gnat>\r\nDATA\r\n.\r\n')
            expect(1 + 256 + 3, len(got), 'replies to %r' % form)
            good = [one for one, code in zip(sent, got[1:]) if code == 250]
            ((_, envelope, _),) = messages
            lines = check_envelope(envelope, form)
            # Whoever is named twice is one recipient.
            want = list(dict.fromkeys(as_stored(one) for one in good))
            expect([b'To: ' + one for one in want + [b'last@gnat']],
                   [line for line in lines if line.startswith(b'To')], form)


@case
def every_byte_in_mail(argv):
    for form in ADDRESSES + (b'a@b> SIZE=%s', b'a@b> SIZE=1%s', b'a@b> X%s',
                             b'a@b> X=%s', b'a@b> BODY=%s', b'a@b> SMTPUTF8%s'):
        sent = [form % bytes([n]) for n in range(256)]
        got, messages = messages_of(argv, b''.join(
            b'MAIL FROM:<%s%s\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\n' %
            (one, b'' if b'> ' in one else b'>') for one in sent))
        # Where MAIL is good there are four replies, else the others are
        # 503, 503, 500: four, too.
        expect(4 * 256, len(got), 'replies to %r' % form)
        good = [one for one, code in zip(sent, got[0::4]) if code == 250]
        expect(len(good), len(messages), 'messages of %r' % form)
        for one, (_, envelope, _) in zip(good, messages):
            lines = check_envelope(envelope, one)
            expect([b'From: ' + as_stored(one), b'To: c@d'], lines[:2], one)


@case
def every_byte_in_helo(argv):
    for form in (b'HELO a%sb.example', b'EHLO %sa.example',
                 b'EHLO a.example%s', b'EHLO [192.0.2.1%s]', b'EHLO [%s]',
                 b'EHLO %s'):
        for n in range(256):
            line = form % bytes([n])
            replies = converse(argv, line + b'\r\n' + ENVELOPE +
                               b'DATA\r\n.\r\n')
            expect(6, len(replies), 'replies to %r' % line)
            messages = take_messages_with_trace(line[5:])
            expect(replies[1].code == 250, len(messages) == 1, line)


def take_messages_with_trace(name):
    """As take_messages(), and the trace must name the client, if what it
    calls itself can stand in a field; the envelope has it as it is."""
    name = name.strip(b' \t')
    shown = name[:-1] if name.endswith(b'.') else name
    if not re.fullmatch(rb'[\w-]+(\.[\w-]+)*|\[\d+(\.\d+){3}\]', shown):
        shown = b'unknown'
    for file in spool_files():
        text = read('spool/' + file)
        if file.endswith('.TXT'):
            expect(b'Received: from %s by gnat.example.test with ' % shown,
                   re.sub(rb'with .*', b'with ', text.split(b'\n')[0]), name)
        else:
            expect([b'Helo: ' + name],
                   [line for line in check_envelope(text, name)
                    if line.startswith(b'Helo')], name)
    return take_messages()


@case
def every_length(argv):
    """Commands of all lengths: a reply each, short, and nothing of it in it."""
    for head in (b'', b'EHLO ', b'HELO ', b'MAIL FROM:<', b'RCPT TO:<',
                 b'MAIL FROM:<a@b> ', b'VRFY ', b'NOOP '):
        lengths = list(range(0, 600)) + list(range(2000, 2100)) + \
            list(range(16300, 16400)) + [70000]
        data = [head + n * b'Q' + b'\r\n' for n in lengths]
        # A hundred at a time: more that bring no mail are not welcome.
        for at in range(0, len(data), 50):
            replies = converse(argv, b''.join(data[at:at + 50]))
            expect(1 + len(data[at:at + 50]), len(replies),
                   'replies to %r' % head)
            for reply in replies:
                if 'QQ' in reply.text:
                    raise Wrong('%s repeats what was sent' % reply)


@case
def nesting(argv):
    """What broke the parsers of others (CVE-2002-1337, CVE-2003-0161)."""
    for piece in (b'<', b'<>', b'(', b'()', b'"', b'\\', b'""', b'\\"', b'@',
                  b',', b':', b'@a,', b';', b'[', b'\xff', b'\x80', b'%',
                  b'.', b' ', b'=', b'a=', b' A=B'):
        for n in (1, 2, 60, 100, 200, 240, 490, 1000, 2040, 17000, 70000):
            text = (piece * n)[:n]
            data = b''.join(
                form % text + b'\r\n' for form in (
                    b'MAIL FROM:%s', b'MAIL FROM:<%s>', b'MAIL FROM:<%s',
                    b'MAIL FROM:<a@b>%s', b'EHLO %s'))
            replies = converse(argv, GREETED + data)
            expect(7, len(replies), 'replies to %d of %r' % (n, piece))
            expect([], take_messages(), 'messages')


@case
def endless_lines(argv):
    size = 512 << 20
    for start, piece in ((b'', b'x'), (b'HELO ', b'a.'), (b'EHLO ', b'['),
                         (b'MAIL FROM:<', b'a'), (b'NOOP ', b' '),
                         (b'', b'\0'), (b'', b'\r'), (b'', b'NOOP\n')):
        flood(argv, size, start, piece, b'\r\n', 500)


@case
def endless_line_beyond_32_bits(argv):
    """Half of the 8 GiB that qmail was attacked with: more would only take
    longer, for what overflows has done so here."""
    flood(argv, (4 << 30) + (2 << 20), b'HELO ', b'x', b'\r\n', 500)


@case
def endless_text(argv):
    """In DATA: 552 after the dot, for lines and for no line.  With
    smtp.maxsize = 1000000."""
    for piece in (b'x', b'x: y\r\n', b'.', b'\r', b'\n', b'\r\n', b'\0'):
        flood(argv, 8 << 20, ENVELOPE + b'DATA\r\nX-Header: ', piece,
              b'\r\nx\r\n.\r\n', 552)
        expect([], take_messages(), 'messages of %r' % piece)


@case
def endless_recipients(argv):
    """Each is answered; those above the limit cost nothing."""
    with Session(argv, preexec_fn=limit_memory(4 << 20)) as session:
        session.start()
        session.ask('MAIL FROM:<a@b>', 250)
        before = high_water(session)
        line = b'RCPT TO:<%064d@' + 90 * b'b.' + b'c>\r\n'
        expect(True, len(line % 0) < 512, 'length')
        got = []
        for hundred in range(500):
            session.send(b''.join(line % (100 * hundred + one)
                                  for one in range(100)))
            for _ in range(100):
                got.append(session.reply().code)
        grown = high_water(session) - before
        session.ask('DATA', 354)
        session.ask('.', 250)
        session.ask('QUIT', 221)
    expect([250] * 1000 + [452] * 49000, got, 'replies')
    if grown > 1024:
        raise Wrong('%d KiB more memory' % grown)
    ((_, envelope, _),) = take_messages()
    expect(1001, envelope.count(b'\n'), 'lines of the envelope')


@case
def unread_replies(argv):
    """A client that sends and never reads: the session waits, and its memory
    does not grow; when the client goes, it ends."""
    with Session(argv, 'unix', preexec_fn=limit_memory(4 << 20)) as session:
        session.start()
        before = high_water(session)
        os.set_blocking(session.to, False)
        sent = 0
        try:
            while sent < 64 << 20:
                sent += os.write(session.to, b'RCPT TO:<x>\r\n' * 1000)
        except BlockingIOError:
            pass
        except BrokenPipeError:
            pass
        grown = high_water(session) - before
        session.vanish()
        expect(0, session.wait(), 'exit status')
    if grown > 1024:
        raise Wrong('%d KiB more memory' % grown)


LOG_LINE = re.compile(
    r'ip=\S+ pid=\d+ event=[a-z]+'
    r'( [a-z]+=([!#-<>-\[\]-~]+|"([ !#-\[\]-~]|\\["\\]|\\x[0-9a-f]{2})*"))*')


@case
def log_injection(argv):
    """One line an event, all of it printable, in fields."""
    nasty = [b'\x1b[2J', b'%n%s%x', b'a event=accepted', b'a"b', b'a\\',
             b'\\x0a', b'"', b'x\xc2\x9b', b'\x7f\x00\x08', b'=', b' ',
             b'\xe2\x80\xa8', 400 * b'x', 300 * b'"', 100 * b'\xff']
    forms = (b'%s', b'HELO %s', b'MAIL FROM:<%s>', b'MAIL FROM:<a@b> X=%s',
             b'RCPT TO:%s', b'AUTH PLAIN %s')
    log, writer = os.pipe()
    lines = [form % one for form in forms for one in nasty]
    replies = converse(argv, GREETED + b''.join(
        line + b'\r\n' for line in lines), stderr=writer)
    os.close(writer)
    with os.fdopen(log, 'rb') as file:
        text = file.read()
    refused = [code for code in codes(replies) if code >= 400]
    events = text.decode('ascii').split('\n')
    expect('', events.pop(), 'last line of the log')
    expect(len(refused) + 1, len(events), 'lines in the log')
    for event in events:
        if not LOG_LINE.fullmatch(event):
            raise Wrong('log line %r' % event)
        if not event.startswith('ip=local pid='):
            raise Wrong('log line begins %r' % event)
    if not any(re.search(r'x\.\.\."?$', event) for event in events):
        raise Wrong('nothing says that a long value was cut')


@case
def too_many_errors(argv):
    """With smtp.maxerrors = 5: the sixth is 421 and the end."""
    for line in (b'WHAT', b'MAIL FROM:<x>', b'RCPT TO:<a@b>', b'DATA',
                 b'NO\nOP', 3000 * b'x'):
        replies = converse(argv, GREETED + 20 * (line + b'\r\n'))
        got = codes(replies)
        expect((8, 421, '4.7.0'),
               (len(got), got[-1], replies[-1].enhanced()), line)
        expect(True, all(500 <= code < 600 for code in got[2:-1]), line)


@case
def too_many_idle_commands(argv):
    """However good they are: at last 421.  A message makes it begin anew."""
    for line in (b'NOOP', b'RSET', b'VRFY a', b'HELP', b'HELO a', b'EHLO a'):
        replies = converse(argv, 2000 * (line + b'\r\n'))
        expect((421, '4.7.0'), (replies[-1].code, replies[-1].enhanced()),
               line)
        expect(True, len(replies) < 2000, 'replies')
    replies = converse(argv, GREETED + 50 * (
        50 * b'NOOP\r\n' + ENVELOPE + b'DATA\r\n.\r\n'))
    expect([], [code for code in codes(replies) if code >= 400], 'replies')
    expect(50, len(take_messages()), 'messages')


@case
def obstacles(argv):
    """Names in the spool that are not files, or point elsewhere."""
    def link(name):
        os.symlink('../victim', name)

    def dangling(name):
        os.symlink('../nowhere', name)

    def absolute(name):
        os.symlink(os.path.abspath('victim'), name)

    def hard(name):
        os.link('victim', name)

    with open('victim', 'w') as file:
        file.write('untouched\n')
    for put in (link, dangling, absolute, hard, os.mkfifo, os.mkdir):
        for suffix in ('CMD', 'TMP', 'TXT', 'WRK'):
            what = '%s as 1.%s' % (put.__name__, suffix)
            with open('spool/sequence.seq', 'w') as file:
                file.write('1\n')
            name = 'spool/1.' + suffix
            put(name)
            before = os.lstat(name)
            replies = converse(
                argv, GREETED + ENVELOPE + b'DATA\r\n\r\n.\r\nQUIT\r\n')
            expect([220, 250, 250, 250, 354, 250, 221], codes(replies), what)
            after = os.lstat(name)
            expect((before.st_ino, before.st_mtime_ns, before.st_size),
                   (after.st_ino, after.st_mtime_ns, after.st_size), what)
            (os.rmdir if put is os.mkdir else os.remove)(name)
            ((number, _, text),) = take_messages()
            expect((2, b'\n'), (number, text), what)
            expect(b'untouched\n', read('victim'), what)
            expect(False, os.path.lexists('nowhere'), what)


main(run_case)
