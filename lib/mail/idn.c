/* SPDX-License-Identifier: ISC */
#include "mail/idn.h"

#include <string.h>

#include "bytes/utf8.h"

enum {
	LABEL_MAX = 63,
	DOMAIN_MAX = 255,
	/* RFC 3492, 5. */
	BASE = 36,
	T_MIN = 1,
	T_MAX = 26,
	SKEW = 38,
	DAMP = 700,
	FIRST_BIAS = 72,
	FIRST_POINT = 128
};

static const struct bytes PREFIX = { "xn--", 4 };

/* A label as characters. */
struct points {
	size_t n;
	uint32_t at[LABEL_MAX];
};

/* How Punycode's numbers adapt to those before them. */
struct state {
	uint32_t point;
	uint32_t bias;
	uint32_t delta;
	bool is_first;
};

static const struct state START = { FIRST_POINT, FIRST_BIAS, 0, true };

static void
adapt(struct state *s, uint32_t npoints)
{
	uint32_t delta = s->delta / (s->is_first ? DAMP : 2);
	uint32_t k = 0;

	delta += delta / npoints;
	while (delta > (BASE - T_MIN) * T_MAX / 2) {
		delta /= BASE - T_MIN;
		k += BASE;
	}
	s->bias = k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
	s->is_first = false;
}

static uint32_t
threshold(const struct state *s, uint32_t k)
{
	if (k <= s->bias)
		return (T_MIN);
	return (k >= s->bias + T_MAX ? T_MAX : k - s->bias);
}

static void
put_digit(struct buf *out, uint32_t digit)
{
	(void)buf_putc(
	    out, (char)(digit < 26 ? 'a' + (int)digit : '0' + (int)digit - 26));
}

static void
put_number(struct buf *out, const struct state *s)
{
	uint32_t q = s->delta;
	uint32_t k;
	uint32_t t;

	for (k = BASE; q >= (t = threshold(s, k)); k += BASE) {
		put_digit(out, t + (q - t) % (BASE - t));
		q = (q - t) / (BASE - t);
	}
	put_digit(out, q);
}

/* The smallest character from s->point on. */
static uint32_t
next_point(const struct points *p, const struct state *s)
{
	uint32_t least = UINT32_MAX;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i] >= s->point && p->at[i] < least)
			least = p->at[i];
	return (least);
}

/* RFC 3492, 6.3.  63 characters cannot make delta overflow. */
static void
put_punycode(struct buf *out, const struct points *p)
{
	struct state s = START;
	uint32_t done = 0;
	uint32_t nbasic;
	size_t i;

	for (i = 0; i < p->n; i++)
		if (p->at[i] < FIRST_POINT) {
			(void)buf_putc(out, bytes_lower((char)p->at[i]));
			done++;
		}
	nbasic = done;
	if (nbasic > 0)
		(void)buf_putc(out, '-');
	for (; done < p->n; s.delta++, s.point++) {
		uint32_t point = next_point(p, &s);

		s.delta += (point - s.point) * (done + 1);
		s.point = point;
		for (i = 0; i < p->n; i++) {
			if (p->at[i] < point)
				s.delta++;
			if (p->at[i] != point)
				continue;
			put_number(out, &s);
			adapt(&s, ++done);
			s.delta = 0;
		}
	}
}

static int
digit_of(char c)
{
	c = bytes_lower(c);
	if (c >= 'a' && c <= 'z')
		return (c - 'a');
	return (c >= '0' && c <= '9' ? c - '0' + 26 : -1);
}

/* Take one number off the front; false: there is none. */
static bool
take_number(struct bytes *rest, struct state *s)
{
	uint64_t weight = 1;
	uint64_t delta = 0;
	uint32_t k;

	for (k = BASE;; k += BASE) {
		uint32_t t = threshold(s, k);
		int digit = rest->n > 0 ? digit_of(rest->p[0]) : -1;

		if (digit < 0)
			return (false);
		*rest = bytes_cut(*rest, 1, rest->n);
		delta += (uint64_t)digit * weight;
		weight *= BASE - t;
		if (delta > UINT32_MAX || weight > UINT32_MAX)
			return (false);
		if ((uint32_t)digit < t)
			break;
	}
	s->delta = (uint32_t)delta;
	return (true);
}

static bool
insert(struct points *p, size_t at, uint32_t point)
{
	if (p->n == LABEL_MAX || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return (false);
	memmove(&p->at[at + 1], &p->at[at], (p->n - at) * sizeof(p->at[0]));
	p->at[at] = point;
	p->n++;
	return (true);
}

/* RFC 3492, 6.2.  False: it is not Punycode, or stands for ASCII alone. */
static bool
take_punycode(struct bytes text, struct points *p)
{
	struct state s = START;
	size_t nbasic = text.n;
	uint64_t at = 0;

	p->n = 0;
	while (nbasic > 0 && text.p[nbasic - 1] != '-')
		nbasic--;
	while (p->n + 1 < nbasic)
		if (!insert(p, p->n, (unsigned char)bytes_lower(text.p[p->n])))
			return (false);
	text = bytes_cut(text, nbasic, text.n);
	if (text.n == 0)
		return (false);
	while (text.n > 0) {
		if (!take_number(&text, &s))
			return (false);
		at += s.delta;
		s.point += (uint32_t)(at / (p->n + 1));
		at %= p->n + 1;
		if (!insert(p, at++, s.point))
			return (false);
		adapt(&s, (uint32_t)p->n);
	}
	return (true);
}

/* False: too long, or not UTF-8. */
static bool
take_utf8(struct bytes text, struct points *p)
{
	for (p->n = 0; text.n > 0; p->n++) {
		uint32_t c = (unsigned char)text.p[0];
		size_t n = c > 127 ? utf8_decode(text, &c) : 1;

		if (n == 0 || p->n == LABEL_MAX)
			return (false);
		p->at[p->n] = c;
		text = bytes_cut(text, n, text.n);
	}
	return (true);
}

static void
put_lower(struct buf *out, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		(void)buf_putc(out, bytes_lower(text.p[i]));
}

/* One label; false: it is too long to be one. */
typedef bool put_label_fn(struct bytes label, struct buf *out);

static bool
put_ascii_label(struct bytes label, struct buf *out)
{
	size_t before = buf_view(out).n;
	struct points p;

	if (!utf8_is_needed(label)) {
		put_lower(out, label);
		return (true);
	}
	if (!take_utf8(label, &p))
		return (false);
	(void)buf_put(out, PREFIX);
	put_punycode(out, &p);
	return (buf_view(out).n - before <= LABEL_MAX);
}

static bool
put_unicode_label(struct bytes label, struct buf *out)
{
	struct points p;
	size_t i;

	if (!bytes_starts_nocase(label, PREFIX) ||
	    !take_punycode(bytes_cut(label, PREFIX.n, label.n), &p)) {
		put_lower(out, label);
		return (true);
	}
	for (i = 0; i < p.n; i++)
		utf8_put(out, p.at[i]);
	return (true);
}

static bool
put_labels(struct bytes domain, struct buf *out, put_label_fn *put)
{
	for (;;) {
		struct bytes label = domain;
		bool more = bytes_find(domain, '.', &label.n);

		if (!put(label, out))
			return (false);
		if (!more)
			return (!buf_overflowed(out));
		(void)buf_putc(out, '.');
		domain = bytes_cut(domain, label.n + 1, domain.n);
	}
}

bool
idn_put_ascii(struct bytes domain, struct buf *out)
{
	return (put_labels(domain, out, put_ascii_label));
}

bool
idn_put_unicode(struct bytes domain, struct buf *out)
{
	return (put_labels(domain, out, put_unicode_label));
}

bool
idn_has_spellings(struct bytes domain)
{
	bool found = utf8_is_needed(domain);

	while (domain.n > 0 && !found) {
		size_t end = domain.n;

		found = bytes_starts_nocase(domain, PREFIX);
		(void)bytes_find(domain, '.', &end);
		domain = bytes_cut(domain, end + 1, domain.n);
	}
	return (found);
}

bool
idn_is_same(struct bytes a, struct bytes b)
{
	char store[2][DOMAIN_MAX + 1];
	struct buf ascii[2];

	if (bytes_same_nocase(a, b))
		return (true);
	if (!idn_has_spellings(a) && !idn_has_spellings(b))
		return (false);
	buf_init(&ascii[0], store[0], sizeof(store[0]));
	buf_init(&ascii[1], store[1], sizeof(store[1]));
	return (idn_put_ascii(a, &ascii[0]) && idn_put_ascii(b, &ascii[1]) &&
	    bytes_same(buf_view(&ascii[0]), buf_view(&ascii[1])));
}
