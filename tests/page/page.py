#!/usr/bin/env python3
"""The status page, as a browser renders it.

page.py BUILD

A Chromium without a screen looks at the pages of an empty spool, of one with
hostile mail, and of one with 100,000 messages; light and dark, on a wide screen
and on a telephone.  What it sees is checked, and kept in BUILD/page for people
to look at: a screenshot and the DOM of each.

Chromium is told what to do over a pipe (the DevTools protocol), so nothing
listens but the page, on a free port of the loopback address.
"""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
MANY = 100000
# Seconds until a page must be there, on a machine that is busy.
PATIENCE = 120
# Pixels of a page that are kept.
TALLEST = 2400

SIZES = {'wide': (1280, 900), 'narrow': (390, 844)}
SCHEMES = ('light', 'dark')

# What is wrong with the page as it is rendered: a list of words.
LOOK = r'''(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth)
    wrong.push('it is ' + root.scrollWidth + ' wide, of ' +
        window.innerWidth);
  if (document.scripts.length > 0 || window.alerted)
    wrong.push('there is a script');
  const parse = c => c.match(/[\d.]+/g).map(Number);
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => {
      v /= 255;
      return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  let texts = 0;
  const walk = document.createTreeWalker(document.body,
      NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !e.getClientRects().length)
      continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(style.color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    texts++;
    if (ratio < 4.5)
      wrong.push('contrast ' + ratio.toFixed(2) + ' of ' +
          walk.currentNode.data.trim().slice(0, 40));
    if (parseFloat(style.fontSize) < 12)
      wrong.push('small: ' + walk.currentNode.data.trim().slice(0, 40));
  }
  if (texts < 10) wrong.push('only ' + texts + ' texts');
  for (const a of document.querySelectorAll('a[href^="/"]')) {
    const box = a.getBoundingClientRect();
    if (box.height && box.height < 18)
      wrong.push('a link of ' + box.height + ' pixels: ' + a.href);
  }
  return wrong;
})()'''


class Server:
    """A super-server for one spool, on a port of its own."""

    def __init__(self, build, conf):
        self.command = [os.path.join(build, 'libexec/smtpserv-status'), '-f',
                        conf]
        self.log = open(conf + '.log', 'ab')
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.socket.accept()
            with client:
                subprocess.Popen(self.command, stdin=client, stdout=client,
                                 stderr=self.log)


class Browser:
    def __init__(self, program, home):
        to_browser = os.pipe()
        from_browser = os.pipe()

        def set_pipes():
            # Above what they become, so that none is closed by the other.
            ours = [os.dup(to_browser[0]), os.dup(from_browser[1])]
            high = [os.dup2(ours[0], 20), os.dup2(ours[1], 21)]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
             '--remote-debugging-pipe', '--disable-background-networking',
             '--no-first-run', '--user-data-dir=' + home, 'about:blank'],
            preexec_fn=set_pipes, close_fds=False, stderr=subprocess.DEVNULL,
            # What it does to its group at its end is not for us.
            start_new_session=True)
        os.close(to_browser[0])
        os.close(from_browser[1])
        self.write = os.fdopen(to_browser[1], 'wb', buffering=0)
        self.read = from_browser[0]
        self.rest = b''
        self.last = 0
        self.events = []
        self.session = None
        target = self.ask('Target.createTarget', url='about:blank')
        self.session = self.ask('Target.attachToTarget', flatten=True,
                                targetId=target['targetId'])['sessionId']
        for domain in ('Page', 'Network', 'Log', 'Runtime', 'Accessibility'):
            self.ask(domain + '.enable')

    def next(self):
        while b'\0' not in self.rest:
            more = os.read(self.read, 1 << 16)
            if not more:
                sys.exit('the browser is gone')
            self.rest += more
        text, self.rest = self.rest.split(b'\0', 1)
        return json.loads(text)

    def ask(self, method, **params):
        self.last += 1
        order = {'id': self.last, 'method': method, 'params': params}
        if self.session:
            order['sessionId'] = self.session
        self.write.write(json.dumps(order).encode() + b'\0')
        while True:
            answer = self.next()
            if answer.get('id') == self.last:
                if 'error' in answer:
                    sys.exit('%s: %s' % (method, answer['error']))
                return answer['result']
            self.events.append(answer)

    def wait(self, method):
        while not any(e.get('method') == method for e in self.events):
            self.events.append(self.next())

    def evaluate(self, text):
        result = self.ask('Runtime.evaluate', expression=text,
                          returnByValue=True)
        if 'exceptionDetails' in result:
            sys.exit(str(result['exceptionDetails']))
        return result['result'].get('value')

    def open(self, url, size, scheme):
        width, height = size
        self.ask('Emulation.setDeviceMetricsOverride', width=width,
                 height=height, deviceScaleFactor=1, mobile=width < 500)
        self.ask('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])
        self.events = []
        self.ask('Page.navigate', url=url)
        self.wait('Page.loadEventFired')

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def names(tree):
    return [(n['role']['value'], n.get('name', {}).get('value', ''))
            for n in tree['nodes'] if not n.get('ignored') and 'role' in n]


def look_as_reader(browser):
    """What a screen reader is given."""
    wrong = []
    seen = names(browser.ask('Accessibility.getFullAXTree'))
    roles = [role for role, _ in seen]
    for role in ('main', 'navigation', 'banner', 'contentinfo', 'heading'):
        if role not in roles:
            wrong.append('no ' + role)
    for role, name in seen:
        if role in ('link', 'table', 'image', 'heading', 'navigation') and \
                not name:
            wrong.append('a nameless ' + role)
    if 'table' in roles and 'columnheader' not in roles:
        wrong.append('a table without heads')
    if 'table' in roles and 'rowheader' not in roles:
        wrong.append('rows without heads')
    return wrong


def look_by_key(browser):
    """The first thing that the tab key comes to leads to the content."""
    for kind in ('keyDown', 'keyUp'):
        browser.ask('Input.dispatchKeyEvent', type=kind, key='Tab',
                    code='Tab', windowsVirtualKeyCode=9)
    text = browser.evaluate('''(() => {
        const e = document.activeElement;
        const box = e.getBoundingClientRect();
        return e.getAttribute('href') + ' ' + (box.left >= 0 &&
            box.width > 0) + ' ' + getComputedStyle(e).outlineStyle;
    })()''')
    browser.evaluate('document.activeElement.blur()')
    return [] if text == '#main true solid' else ['first stop: ' + text]


def look_at_network(browser, origin):
    wrong = []
    for event in browser.events:
        params = event.get('params', {})
        if event.get('method') == 'Network.requestWillBeSent':
            url = params['request']['url']
            if not url.startswith(origin):
                wrong.append('it asks for ' + url)
        # A browser asks for its icon by itself.
        if event.get('method') == 'Log.entryAdded' and \
                'favicon' not in params['entry'].get('url', ''):
            wrong.append('it says ' + params['entry']['text'])
        if event.get('method') == 'Runtime.exceptionThrown':
            wrong.append('a script ran')
    return wrong


def keep(browser, where):
    width, height = browser.evaluate(
        '[innerWidth, document.documentElement.scrollHeight]')
    shot = browser.ask('Page.captureScreenshot', format='png',
                       captureBeyondViewport=True,
                       clip={'x': 0, 'y': 0, 'width': width, 'scale': 1,
                             'height': min(height, TALLEST)})
    with open(where + '.png', 'wb') as f:
        f.write(base64.b64decode(shot['data']))
    with open(where + '.html', 'w') as f:
        f.write(browser.evaluate('document.documentElement.outerHTML'))


def make_conf(out, name):
    spool = os.path.join(out, name)
    shutil.rmtree(spool, ignore_errors=True)
    os.makedirs(spool)
    conf = os.path.join(out, name + '.cfg')
    with open(conf, 'w') as f:
        f.write('hostname = gnat\ndomain = example.test\n'
                'smtp.subdir = "%s"\n' % spool)
    return conf, spool


REASONS = ('Connection to 192.0.2.7 refused',
           '450 4.2.0 Greylisted, try again in 300 seconds',
           'No answer within 30 seconds from mx1.maggot.example',
           '421 4.7.0 Too many connections from you')


def put_message(spool, n, born):
    """Number n; most go to few domains, and a third has been tried."""
    domain = ('gnat', 'maggot', 'wasp', 'beetle', 'd%d' % (n % 300))[
        min(n * 7919 % 10, 4)] + '.example'
    text = 'From: erick%d@maggot.example\nTo: bruce%d@%s\n' % (
        n % 977, n, domain)
    if n % 3 == 1:
        text += 'Status: 4.4.1\nDiagnostic: %s\nTries: %d\n' % (
            REASONS[n % 4], 1 + n % 7)
        text += 'Tried: 2026-11-30T10:00:00Z\n'
    if n % 50 == 1:
        text += ''.join('To: ann%d@d%d.example\n' % (i, i) for i in range(6))
    name = os.path.join(spool, '%d.' % n)
    with open(name + 'TXT', 'w') as f:
        f.write('Received: from maggot by gnat\nSubject: Beers\n\nSix?\n')
    with open(name + 'WRK', 'w') as f:
        f.write(text)
    os.utime(name + 'TXT', (born, born))


def put_samples(spool, now):
    """A day in which mail piled up, and for an hour nobody wrote."""
    with open(os.path.join(spool, 'samples.txt'), 'wb') as f:
        f.truncate(1440 * 65)
        for ago in range(1439, -1, -1):
            at = now - 60 * ago
            hour = ago / 60
            if 20 <= hour < 21:
                continue
            depth = 40 + (at // 60 * 37) % 23
            if hour < 9:
                depth = int(MANY * (1 - hour / 9) ** 2) + 40
            oldest = 300 if hour >= 9 else int((9 - hour) * 3600) + 300
            number = 1000000 - ago * 30 + (at // 60 * 17) % 19 - \
                (1 if hour < 9 else 0)
            f.seek(at // 60 % 1440 * 65)
            f.write(b'%010d %010d %020d %010d %010d\n' % (
                at, depth, depth * 2048, oldest, number))


def make_spools(out):
    now = int(time.time())
    spools = {'empty': make_conf(out, 'empty')}
    conf, spool = make_conf(out, 'hostile')
    subprocess.run([sys.executable, os.path.join(HERE, '../support/pages.py'),
                    'spool', spool], check=True, stdout=subprocess.DEVNULL)
    spools['hostile'] = conf, spool
    conf, spool = make_conf(out, 'many')
    for n in range(1, MANY + 1):
        put_message(spool, n, now - 30 - (MANY - n) // 4)
    put_samples(spool, now)
    spools['many'] = conf, spool
    return spools


PAGES = (
    ('empty', '/', 'overview'),
    ('many', '/', 'overview'),
    ('many', '/messages/3', 'list'),
    ('many', '/message/51', 'message'),
    ('many', '/nothing', 'nothing'),
    ('hostile', '/', 'overview'),
    ('hostile', '/message/1', 'message-1'),
    ('hostile', '/message/3', 'message-3'),
    ('hostile', '/message/4', 'message-4'),
    ('hostile', '/message/20', 'message-20'),
)


def look_at_all(browser, servers, out):
    bad = 0
    for spool, path, name in PAGES:
        origin = 'http://localhost:%d' % servers[spool].port
        for size in SIZES:
            for scheme in SCHEMES:
                what = '%s-%s-%s-%s' % (spool, name, size, scheme)
                began = time.time()
                browser.open(origin + path, SIZES[size], scheme)
                took = time.time() - began
                wrong = look_at_network(browser, origin)
                if path == '/nothing':
                    wrong = [w for w in wrong if '404' not in w]
                wrong += browser.evaluate(LOOK)
                wrong += look_as_reader(browser)
                wrong += look_by_key(browser)
                keep(browser, os.path.join(out, what))
                print('%-36s %5.2f s  %s' % (
                    what, took, '; '.join(wrong[:5]) or 'good'), flush=True)
                bad += bool(wrong)
    return bad


def main(build):
    build = os.path.abspath(build)
    out = os.path.join(build, 'page')
    program = shutil.which('chromium-headless-shell') or \
        shutil.which('chromium')
    if program is None:
        print('skipped: no Chromium is installed')
        return 0
    os.makedirs(out, exist_ok=True)
    spools = make_spools(out)
    servers = {name: Server(build, conf)
               for name, (conf, _) in spools.items()}
    timer = threading.Timer(PATIENCE * len(PAGES), lambda: os._exit(2))
    timer.daemon = True
    timer.start()
    browser = Browser(program, os.path.join(out, 'home'))
    try:
        bad = look_at_all(browser, servers, out)
    finally:
        browser.close()
        for name in ('many', 'home'):
            shutil.rmtree(os.path.join(out, name), ignore_errors=True)
    print('%s: the pages are in %s' % (
        '%d of them are wrong' % bad if bad else 'good', out))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
