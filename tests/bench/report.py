# SPDX-License-Identifier: ISC
"""What bench.py measured, as tables for people, as JSON, and as curves."""
import json
import os
import re
import statistics

NAMES = ('ours', 'ours-nosync', 'floor', 'bare', 'smtp-sink',
         'banner-static', 'banner-pie',
         'postfix', 'exim', 'sendmail', 'opensmtpd')
LEGEND = {'opensmtpd': 'opensmtpd (no sync)'}
COLOURS = {'ours': '#c0392b', 'floor': '#7f8c8d', 'postfix': '#2471a3',
           'exim': '#1e8449', 'opensmtpd': '#b9770e', 'sendmail': '#7d3c98'}


def count_syncs(trace, host_var):
    """Of a strace with paths: files and directories synced, renames."""
    count = {'file': 0, 'directory': 0, 'rename': 0, 'hint': 0}
    for line in trace.split('\n'):
        call = re.match(r'\d+ +(\w+)\((?:\d+<([^>]*)>)?', line)
        if not call:
            continue
        name, path = call.groups()
        if name == 'sync_file_range':
            count['hint'] += 1
        elif name in ('fsync', 'fdatasync'):
            if host_var and path.startswith('/var/'):
                path = str(host_var) + path[4:]
            kind = 'directory' if os.path.isdir(path) else 'file'
            count[kind] += 1
        elif name.startswith(('rename', 'link')) and ' = 0' in line:
            count['rename'] += 1
    return count


def number(x):
    return f'{x:.0f}' if x >= 20 else f'{x:.2f}' if x < 2 else f'{x:.1f}'


def ratio(a, b):
    """Round by round, then the median: what disturbed one disturbed both."""
    pairs = [x / y for x, y in zip(a, b) if y > 0]
    return statistics.median(pairs) if pairs else None


class Figures:
    def __init__(self, results):
        self.results = results

    def of(self, load, name, what='rate'):
        rounds = self.results.get(load, {}).get(name, [])
        return [figures[what] for figures in rounds]

    def median(self, load, name, what='rate'):
        values = self.of(load, name, what)
        return statistics.median(values) if values else None

    def cell(self, load, name, what='rate', against=None):
        """median (min-max) ratio; the ratio is ours to the row's."""
        values = self.of(load, name, what)
        if not values:
            return '-'
        text = (f'{number(statistics.median(values))} '
                f'({number(min(values))}-{number(max(values))})')
        other = self.of(*against, what) if against else values
        r = ratio(other, values)
        if r is None or (name == 'ours' and against is not None):
            return text
        return f'{text} x{r:.2f}' if against else text


def table(title, heads, rows):
    """Aligned, and Markdown."""
    rows = [r for r in rows if any(c != '-' for c in r[1:])]
    if not rows:
        return ''
    widths = [max(len(r[i]) for r in [heads, *rows])
              for i in range(len(heads))]
    lines = [title, '']
    for i, r in enumerate([heads, *rows]):
        lines.append('| ' + ' | '.join(
            c.ljust(w) for c, w in zip(r, widths)) + ' |')
        if i == 0:
            lines.append('|' + '|'.join('-' * (w + 2) for w in widths) + '|')
    return '\n'.join(lines) + '\n\n'


def load_table(f, title, loads, what='rate', names=NAMES, floor=None):
    rows = []
    for name in names:
        row = [name]
        for load in loads:
            key = load if name != 'floor' else f'floor {load.split()[1]}'
            row.append(f.cell(key, name, what, (load, 'ours'))
                       if name != 'floor' or floor else '-')
        rows.append(row)
    return table(title, ['', *(f'{x.split()[1]} at once' for x in loads)],
                 rows)


def goals(f, facts):
    """The budgets: what, wanted, reached."""
    rows = []

    def at_least(what, want, a, b):
        r = ratio(f.of(*a), f.of(*b))
        if r is not None:
            rows.append([what, f'>= {want}', f'{r:.2f}',
                         'yes' if r >= want else 'NO'])

    def at_most(what, want, got):
        if got is not None:
            rows.append([what, f'<= {want}', f'{got:.2f}',
                         'yes' if got <= want else 'NO'])

    for n, want in ((1, 1.0), (10, 1.4), (50, 1.4)):
        at_least(f'one a connection, {n} at once, to Postfix', want,
                 (f'one {n}', 'ours'), (f'one {n}', 'postfix'))
    for n in (10, 50):
        at_least(f'many a connection, {n} at once, to Postfix', 1.4,
                 (f'many {n}', 'ours'), (f'many {n}', 'postfix'))
        for us, peer in (('ours', 'exim'), ('ours', 'sendmail'),
                         ('ours', 'opensmtpd'), ('ours-nosync', 'opensmtpd')):
            at_least(f'many a connection, {n} at once, {us} to {peer}', 1.0,
                     (f'many {n}', us), (f'many {n}', peer))
    for n in (1, 4):
        for peer, want in (('postfix', 2.0), ('opensmtpd', 1.0)):
            at_least(f'10 MiB, {n} at once, to {peer}', want,
                     (f'big {n}', 'ours'), (f'big {n}', peer))
    for n in (1, 10):
        for banner in ('banner-static', 'banner-pie'):
            at_most(f'connection, {n} at once, time to {banner}', 1.3,
                    ratio(f.of(f'connect {n}', banner),
                          f.of(f'connect {n}', 'ours')))
    for n in (1, 10, 50):
        at_most(f'many a connection, {n} at once, time to the floor', 1.25,
                ratio(f.of(f'floor {n}', 'floor'),
                      f.of(f'many {n}', 'ours')))
    idle = facts.get('idle', {}).get('ours')
    at_most('idle session, private KiB', 200, idle and idle[0])
    for load, want in (('one', 0.7), ('many', 0.5)):
        at_most(f'processor a message, {load} a connection, to Postfix', want,
                ratio(f.of(f'{load} 10', 'ours', 'cpu'),
                      f.of(f'{load} 10', 'postfix', 'cpu')))
    at_most('time a message, 100,000 waiting to none', 1.1,
            ratio(f.of('waiting 1', 'empty'), f.of('waiting 1', 'full')))
    return table('Goals', ['', 'want', 'is', ''], rows)


def syncs_table(syncs):
    rows = [[name, str(c['file']), str(c['directory']), str(c['rename']),
             str(c['hint'])] for name, c in syncs.items()]
    return table('What one message syncs (strace); who syncs nothing is to be '
                 'compared with ours-nosync',
                 ['', 'files', 'directory', 'renames and links',
                  'write-behind hints'], rows)


def quiet(results):
    """Whether anybody else wanted the machine."""
    shares = [figures['idle'] for load in results.values()
              for rounds in load.values() for figures in rounds]
    if not shares:
        return ''
    return (f'Processors idle before a measurement: '
            f'{100 * statistics.median(shares):.0f} % (least '
            f'{100 * min(shares):.0f} %).\n')


def text(notes, results, facts, absent):
    f = Figures(results)
    three = (1, 10, 50)
    parts = [
        *(note + '\n' for note in notes), quiet(results),
        *(f'Left out: {name}: {why}\n' for name, why in absent.items()),
        'Cells: median (minimum-maximum) of the rounds, and xR: ours is R '
        'times that, median of the ratios of each round.\n\n',
        load_table(f, 'Messages a second, 4 KiB, one a connection',
                   [f'one {n}' for n in three]),
        load_table(f, 'Messages a second, 4 KiB, many a connection',
                   [f'many {n}' for n in three], floor=True),
        load_table(f, 'Messages a second, 10 MiB', ['big 1', 'big 4']),
        load_table(f, 'Connect, banner, QUIT: connections a second',
                   ['connect 1', 'connect 10']),
        load_table(f, 'Processor seconds per 1,000 messages, one a '
                   'connection', [f'one {n}' for n in three], 'cpu'),
        load_table(f, 'Processor seconds per 1,000 messages, many a '
                   'connection', [f'many {n}' for n in three], 'cpu'),
        table('Memory of an idle session, KiB', ['', 'private',
                                                 'proportional'],
              [[n, *map(number, kib)]
               for n, kib in facts.get('idle', {}).items()]),
        table('Messages waiting in our spool (many a connection, 1 at once)',
              ['', 'messages a second'],
              [['none', f.cell('waiting 1', 'empty')],
               ['100,000', f.cell('waiting 1', 'full', 'rate',
                                  ('waiting 1', 'empty'))]]),
        table('A consumer removes what we make (many a connection, 10 at '
              'once)', ['', 'messages a second'],
              [['no consumer', f.cell('consumer none', 'empty')],
               ['consumer', f.cell('consumer many 10', 'consumed', 'rate',
                                   ('consumer none', 'empty'))]]),
        syncs_table(facts.get('syncs', {})),
        goals(f, facts)]
    return ''.join(parts)


def panel(f, load, title, left):
    """One diagram: concurrency against messages a second."""
    width, height, top = 380, 300, 50
    steps = sorted({int(key.split()[1]) for key in f.results
                    if key.startswith(load + ' ')})
    lines = {}
    for name in COLOURS:
        points = [(n, f.median(f'floor {n}' if name == 'floor'
                               else f'{load} {n}', name)) for n in steps]
        points = [(n, v) for n, v in points if v]
        if points and (name != 'floor' or load == 'many'):
            lines[name] = points
    most = max([v for p in lines.values() for _, v in p], default=1)
    unit = next(u for e in range(1, 7) for u in (10**e, 2 * 10**e, 5 * 10**e)
                if most / u <= 6)
    high = (int(most / unit) + 1) * unit

    def x(n):
        return left + (steps.index(n) + 0.5) * width / len(steps)

    def y(v):
        return top + height - v * height / high

    out = [f'<text x="{left + width / 2}" y="{top - 18}" font-weight="bold" '
           f'text-anchor="middle">{title}</text>']
    for v in range(0, high + 1, unit):
        out.append(f'<path d="M{left} {y(v):.1f}h{width}" stroke="#ddd"/>'
                   f'<text x="{left - 8}" y="{y(v) + 4:.1f}" '
                   f'text-anchor="end">{v}</text>')
    for n in steps:
        out.append(f'<text x="{x(n):.1f}" y="{top + height + 18}" '
                   f'text-anchor="middle">{n}</text>')
    out.append(f'<path d="M{left} {top}v{height}h{width}" fill="none" '
               'stroke="#333"/>')
    out.append(f'<text x="{left + width / 2}" y="{top + height + 40}" '
               'text-anchor="middle">connections at once</text>')
    for name, points in lines.items():
        path = ' '.join(f'{x(n):.1f},{y(v):.1f}' for n, v in points)
        dash = ' stroke-dasharray="5 4"' if name == 'floor' else ''
        weight = 3 if name == 'ours' else 1.8
        out.append(f'<polyline points="{path}" fill="none" stroke-width='
                   f'"{weight}" stroke="{COLOURS[name]}"{dash}/>')
        out += [f'<circle cx="{x(n):.1f}" cy="{y(v):.1f}" r="3" '
                f'fill="{COLOURS[name]}"/>' for n, v in points]
    return out, set(lines)


def svg(results):
    f = Figures(results)
    one, names1 = panel(f, 'one', 'one message a connection', 80)
    many, names2 = panel(f, 'many', 'many messages a connection', 530)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="940" height="440" '
           'viewBox="0 0 940 440" font-family="sans-serif" font-size="12" '
           'fill="#222">', '<title>Durable messages a second</title>',
           '<rect width="940" height="440" fill="#fff"/>',
           '<text transform="translate(22 200) rotate(-90)" '
           'text-anchor="middle">durable messages a second (4 KiB)</text>',
           *one, *many]
    at = 80
    for name in COLOURS:
        if name not in names1 | names2:
            continue
        dash = ' stroke-dasharray="5 4"' if name == 'floor' else ''
        out.append(f'<path d="M{at} 422h28" stroke-width="3" '
                   f'stroke="{COLOURS[name]}"{dash}/>'
                   f'<text x="{at + 34}" y="426">'
                   f'{LEGEND.get(name, name)}</text>')
        at += 130
    return '\n'.join(out) + '\n</svg>\n'


COLUMNS = ('postfix', 'exim', 'sendmail', 'opensmtpd', 'bare', 'floor')
ROWS = (*((f'one message a connection, {n} at once', f'one {n}', 'rate')
          for n in (1, 10, 50)),
        *((f'many a connection, {n} at once', f'many {n}', 'rate')
          for n in (1, 10, 50)),
        *((f'10 MiB, {n} at once', f'big {n}', 'rate') for n in (1, 4)),
        *((f'connect, banner, QUIT, {n} at once', f'connect {n}', 'rate')
          for n in (1, 10)),
        ('processor seconds, one a connection, 10 at once', 'one 10', 'cpu'),
        ('processor seconds, many a connection, 10 at once', 'many 10',
         'cpu'))


def span(a, b):
    """The median of the rounds' ratios, and the least and the greatest."""
    pairs = [x / y for x, y in zip(a, b) if y > 0]
    if not pairs:
        return '-'
    return (f'**{statistics.median(pairs):.2f}** '
            f'({min(pairs):.2f}-{max(pairs):.2f})')


def for_page(notes, f):
    """Ours by theirs, which is all that means anything elsewhere."""
    rows = []
    for label, load, what in ROWS:
        row = [label]
        for name in COLUMNS:
            key = load
            if name == 'floor' and load.startswith('many'):
                key = f'floor {load.split()[1]}'
            if name == 'floor' and load.startswith('connect'):
                row.append(span(f.of(load, 'ours'),
                                f.of(load, 'banner-static')))
            else:
                row.append(span(f.of(load, 'ours', what),
                                f.of(key, name, what)))
        rows.append(row)
    return (table('Ours to theirs, by `make bench`: median (least-greatest) '
                  'of the rounds. More is better, but for processor seconds.',
                  ['', *COLUMNS], rows) + ' '.join(notes) + '\n')


def put_into(page, part, begin='<!-- make bench writes from here -->\n'):
    """Between the two marks."""
    end = '<!-- to here -->\n'
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + part + rest[rest.index(end):])


def write(directory, curves, notes, results, facts, absent):
    whole = text(notes, results, facts, absent)
    (directory / 'results.txt').write_text(whole)
    (directory / 'results.json').write_text(json.dumps(
        {'notes': notes, 'results': results, 'facts': facts,
         'absent': absent}, indent=1))
    if curves is not None:
        curves.write_text(svg(results))
        put_into(curves.parent / 'README.md',
                 for_page(notes, Figures(results)))
    print(whole)
