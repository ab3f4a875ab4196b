/* SPDX-License-Identifier: ISC */
#include "spool/mark.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/num.h"

enum {
	SUM_DIGITS = 16
};

static const char HEX[] = "0123456789abcdef";

/*
 * One step takes eight bytes.  It can be undone, so two texts that differ in
 * one step only never have the same sum.
 */
static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (hash ^ hash >> 29);
}

/* The same on every machine. */
static uint64_t
word_at(const unsigned char *p)
{
	return ((uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56);
}

void
mark_sum_init(struct mark_sum *s)
{
	*s = (struct mark_sum){ .hash = UINT64_C(0x243f6a8885a308d3) };
}

void
mark_sum_add(struct mark_sum *s, struct bytes more)
{
	const unsigned char *p = (const unsigned char *)more.p;
	size_t kept = (size_t)(s->n % MARK_STEP);
	size_t left = more.n;

	s->n += more.n;
	if (kept > 0) {
		size_t n = left < MARK_STEP - kept ? left : MARK_STEP - kept;

		memcpy(s->tail + kept, p, n);
		p += n;
		left -= n;
		if (kept + n < MARK_STEP)
			return;
		s->hash = mix(s->hash, word_at(s->tail));
	}
	for (; left >= MARK_STEP; p += MARK_STEP, left -= MARK_STEP)
		s->hash = mix(s->hash, word_at(p));
	if (left > 0)
		memcpy(s->tail, p, left);
}

/* The hash with the last bytes, too few for a step, and with the length. */
static uint64_t
end_of(const struct mark_sum *s)
{
	unsigned char last[MARK_STEP] = { 0 };

	memcpy(last, s->tail, (size_t)(s->n % MARK_STEP));
	return (mix(mix(s->hash, word_at(last)), s->n));
}

struct mark
mark_of(uint32_t number, const struct mark_sum *text,
    const struct mark_sum *envelope)
{
	uint64_t sum = mix(text->n, end_of(text));

	sum = mix(sum, end_of(envelope));
	return ((struct mark){ number, text->n, sum });
}

bool
mark_equal(const struct mark *a, const struct mark *b)
{
	return (
	    a->number == b->number && a->size == b->size && a->sum == b->sum);
}

void
mark_name(char name[MARK_NAME_MAX], const struct mark *m)
{
	struct buf b;
	int i;

	buf_init(&b, name, MARK_NAME_MAX);
	(void)buf_put_number(&b, m->number);
	(void)buf_puts(&b, ".K");
	(void)buf_put_number(&b, m->size);
	(void)buf_putc(&b, '-');
	for (i = SUM_DIGITS - 1; i >= 0; i--)
		(void)buf_putc(&b, HEX[m->sum >> 4 * i & 15]);
	(void)buf_putc(&b, '\0');
}

/* Read a name, however spelled; mark_parse() checks the spelling. */
static bool
read_fields(struct bytes text, struct mark *m)
{
	uint64_t number;
	size_t dot;
	size_t dash;
	size_t i;

	if (!bytes_find(text, '.', &dot) || !bytes_find(text, '-', &dash) ||
	    dash < dot + 2 || text.n != dash + 1 + SUM_DIGITS ||
	    !num_parse(bytes_cut(text, 0, dot), UINT32_MAX, &number) ||
	    number == 0 ||
	    !num_parse(
		bytes_cut(text, dot + 2, dash - dot - 2), UINT64_MAX, &m->size))
		return (false);
	m->number = (uint32_t)number;
	m->sum = 0;
	for (i = dash + 1; i < text.n; i++) {
		const char *digit = memchr(HEX, text.p[i], SUM_DIGITS);

		if (digit == NULL)
			return (false);
		m->sum = m->sum << 4 | (uint64_t)(digit - HEX);
	}
	return (true);
}

bool
mark_parse(const char *name, struct mark *m)
{
	char spelled[MARK_NAME_MAX];
	struct mark found;

	if (!read_fields(bytes_of(name), &found))
		return (false);
	mark_name(spelled, &found);
	if (strcmp(spelled, name) != 0)
		return (false);
	*m = found;
	return (true);
}
