#!/usr/bin/env python3
"""Hostile mail for the status page, and a look at what became of it.

pages.py spool DIR       write messages into the spool, numbered from 1
pages.py page FILE       is the answer in FILE a sound and harmless page?
pages.py all DIR COMMAND...
                         the same of the pages of all messages in DIR, by a
                         command that answers requests
pages.py contrast FILE   are all colours of the style sheet seen well?
"""
import base64
import html.parser
import os
import re
import subprocess
import sys

SCRIPT = '<script>alert(1)</script>'
RTL = '\u202e'

POLICY = ("default-src 'none'; style-src 'self'; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")

# What a page may consist of.  Nothing here runs, and nothing loads but the
# style sheet.
TAGS = {
    'html': {'lang'}, 'head': set(), 'body': set(), 'title': set(),
    'meta': {'charset', 'name', 'content'}, 'link': {'rel', 'href'},
    'a': {'href', 'class', 'aria-current', 'download'}, 'header': set(),
    'p': {'class'}, 'nav': {'aria-label', 'class'}, 'main': {'id'},
    'footer': set(), 'h1': set(), 'h2': {'id'}, 'code': set(),
    'time': {'datetime'}, 'span': {'class'}, 'bdi': {'class'},
    'dl': {'class'}, 'dt': set(), 'dd': set(), 'div': {'class'}, 'ul': {'class'},
    'li': {'class'}, 'figure': set(), 'figcaption': {'id'}, 'strong': set(),
    'svg': {'viewbox', 'preserveaspectratio', 'role', 'aria-labelledby'},
    'path': {'class', 'd'}, 'pre': {'tabindex', 'aria-label'},
    'details': set(), 'summary': set(),
    'table': {'role', 'aria-label', 'aria-labelledby'}, 'thead': {'role'},
    'tbody': {'role'}, 'tr': {'role'}, 'th': {'role', 'scope', 'class'},
    'td': {'role', 'class', 'data-label'},
}
VOID = {'meta', 'link', 'path'}


def message(head, body=b'text\n', rcpt='bruce@gnat.example'):
    return head + b'\n' + body, rcpt


def multipart(*parts):
    head = b'Content-Type: multipart/mixed; boundary=b\n'
    return head, b''.join(b'--b\n' + p + b'\n' for p in parts) + b'--b--\n'


def nested(depth):
    text = b'Content-Type: text/plain\n\ndeep\n'
    for i in range(depth):
        b = b'b%d' % i
        text = (b'Content-Type: multipart/mixed; boundary=' + b + b'\n\n--' +
                b + b'\n' + text + b'\n--' + b + b'--\n')
    head, body = text.split(b'\n\n', 1)
    return head + b'\n', body


def hostile():
    s = SCRIPT.encode()
    rtl = RTL.encode()
    word = b'=?utf-8?b?' + base64.b64encode(s) + b'?='
    yield message(b'Subject: ' + s + b'\nFrom: "' + s + b'" <a@b>\nTo: ' + s)
    yield message(b'Subject: ' + word + b' ' + word + b'\nFrom: ' + word +
                  b' <a@b>\nMessage-ID: <"onload=x>\n')
    yield message(*multipart(
        b'Content-Type: text/html\n\n<html>' + s + b'<img src=http://x/y>',
        b'Content-Type: text/html; name="' + s + b'"\nContent-Disposition: '
        b'attachment; filename="' + s + b'"\n\n' + s,
        b'Content-Type: image/svg+xml\nContent-Disposition: inline; '
        b'filename="../../' + rtl + b'gpj.exe"\n\n<svg onload="x()"/>'))
    yield message(b'Subject: ' + rtl + b'exe.fdp\nFrom: ' + rtl + b'a@b\n',
                  rtl + b'sdrawkcab\n')
    yield message(b'Subject: nul\0nul\x1b[2J\nContent-Type: text/\0plain\n',
                  b'nul \0 nul\x1b]0;title\x07\xff\xfe\xc0\xbc\n')
    yield message(b'Subject: long\n' + b'X-Huge: ' + b'y' * 2000000 + b'\n')
    yield message(b''.join(b'X-%d: z\n' % i for i in range(50000)))
    yield message(*nested(5000))
    yield message(b'Content-Type: text/plain\nContent-Transfer-Encoding: '
                  b'base64\n', b'PHNjcmlwdD5!!!!hbGVydCgxKTw=\n====A\n')
    yield message(b'Content-Type: text/plain; charset=no-such-thing\n'
                  b'Content-Transfer-Encoding: quoted-printable\n',
                  b'=3Cscript=3E=ZZ=\n=f\n')
    yield message(b'Content-Type: text/plain; charset=iso-2022-jp\n',
                  b'\x1b$B\x1b(B' + s)
    yield message(b'Content-Type: text/plain; charset=utf-7\n',
                  b'+ADw-script+AD4-\n')
    yield message(*multipart(*[b'\nx'] * 1000))
    yield message(b'Content-Type: multipart/mixed\n', b'no boundary\n')
    yield message(b'Content-Type: message/rfc822\n',
                  b'Subject: ' + s + b'\n\ninner\n')
    yield message(b'Content-Type: text/plain; charset=windows-1252\n',
                  b'gr\xfc\xdf \x93quoted\x94\n')
    yield message(b'Subject: big\n', b'0123456789abcde\n' * 65536)
    yield message(b'no header at all', b'\x80' * 100)
    yield message(b'\n\n', b'')
    # What a client may say of itself, and a next hop of us.
    yield message(b'Subject: x\n', rcpt='"<script>"@' + 'd' * 60 +
                  '<b>.example\nStatus: 4.4.1\nDiagnostic: ' + SCRIPT +
                  RTL + '"onload=\nTries: 3\nTried: 2026-11-30T10:00:00Z')


def write_spool(where):
    for n, (text, rcpt) in enumerate(hostile(), 1):
        with open(os.path.join(where, '%d.TXT' % n), 'wb') as f:
            f.write(b'Received: from a by b; Mon, 30 Nov 2026 10:00:00 +0000\n'
                    + text)
        with open(os.path.join(where, '%d.WRK' % n), 'wb') as f:
            f.write(('From: "<b>"@maggot\nTo: %s\n' % rcpt).encode())


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.seen = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            sys.exit('a tag that is not ours: ' + tag)
        for name, value in attrs:
            if name not in TAGS[tag]:
                sys.exit('%s has %s=%r' % (tag, name, value))
            if name == 'href' and not re.fullmatch(
                    r'/|#main|/style\.css|/messages/\d+|'
                    r'/message/\d+(/text|/part/\d+)?', value):
                sys.exit('a link to ' + value)
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            sys.exit('</%s> ends what it did not begin' % tag)

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        sys.exit('a comment')

    def unknown_decl(self, data):
        sys.exit('a declaration')


def check_headings(tags):
    levels = [int(t[1]) for t in tags if re.fullmatch('h[1-6]', t)]
    if levels[:1] != [1] or levels.count(1) != 1:
        sys.exit('headings: %s' % levels)
    for tag in ('main', 'nav', 'header', 'footer', 'title'):
        if tag not in tags:
            sys.exit('no ' + tag)


def check_answer(answer):
    head, body = answer.split(b'\r\n\r\n', 1)
    head = head.decode('ascii').split('\r\n')
    fields = dict(line.split(': ', 1) for line in head[1:])
    want = {'Content-Type': 'text/html; charset=utf-8',
            'Content-Security-Policy': POLICY,
            'X-Content-Type-Options': 'nosniff',
            'Content-Length': str(len(body))}
    for name, value in want.items():
        if fields.get(name) != value:
            sys.exit('%s: %s' % (name, fields.get(name)))
    text = body.decode('utf-8')
    for c in text:
        if (c < ' ' and c not in '\n\t') or c in '\x7f\u202a\u202b\u202c' \
                '\u202d\u202e\u2066\u2067\u2068\u2069':
            sys.exit('a control: %r' % c)
    page = Page()
    page.feed(text)
    page.close()
    if page.open:
        sys.exit('never ended: %s' % page.open)
    check_headings(page.seen)
    return head[0]


def check_page(path):
    with open(path, 'rb') as f:
        print(check_answer(f.read()))


def check_all(where, *command):
    numbers = [name[:-4] for name in os.listdir(where)
               if name.endswith('.WRK')]
    paths = ['/', '/messages/1'] + ['/message/' + n for n in numbers]
    for path in paths:
        request = 'GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n' % path
        answer = subprocess.run(command, input=request.encode(), check=True,
                                stdout=subprocess.PIPE).stdout
        status = check_answer(answer)
        if status != 'HTTP/1.1 200 OK':
            sys.exit('%s: %s' % (path, status))
    print('%d good pages' % len(paths))


def luminance(colour):
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4
             for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(path):
    with open(path) as f:
        blocks = re.findall(r':root\{([^}]*)\}', f.read())
    if len(blocks) != 2:
        sys.exit('%d sets of colours' % len(blocks))
    seen = 0
    for block in blocks:
        colour = dict(re.findall(r'--(\w+):(#[0-9a-f]{6})', block))
        for ground in ('paper', 'card'):
            for name in ('ink', 'soft', 'link', 'calm', 'warn', 'bad',
                         'curve', 'other'):
                a, b = sorted((luminance(colour[ground]),
                               luminance(colour[name])))
                seen += 1
                if (b + 0.05) / (a + 0.05) < 4.5:
                    sys.exit('%s on %s: %.2f' % (
                        name, ground, (b + 0.05) / (a + 0.05)))
    print('%d pairs' % seen)


if __name__ == '__main__':
    {'spool': write_spool, 'page': check_page, 'contrast': contrast,
     'all': check_all}[sys.argv[1]](*sys.argv[2:])
