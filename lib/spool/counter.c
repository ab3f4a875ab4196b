/* SPDX-License-Identifier: ISC */
#include "spool/counter.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/num.h"
#include "spool/scan.h"

enum {
	DIGITS = 10,
	NEXT_AT = 0,
	LIMIT_AT = 11,
	LIMIT2_AT = 22,
	STEP_AT = 33,
	BOOT_AT = 38
};

uint32_t
counter_advance(uint32_t from, uint32_t n)
{
	uint64_t to = (uint64_t)from + n;

	return (
	    (uint32_t)(to > COUNTER_NUMBER_MAX ? to - COUNTER_NUMBER_MAX : to));
}

bool
counter_is_of_boot(const struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	return (memcmp(c->boot, boot, COUNTER_BOOT_ID) == 0 &&
	    memcmp(boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID) != 0);
}

static bool
same_boot(const struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	return (counter_is_of_boot(c, boot) && c->limit[0] == c->limit[1]);
}

/*
 * How many numbers are left of the reservation.  If `next` is nowhere near the
 * limit, it was not written by us, and nothing is known to be reserved.
 */
static uint32_t
left(const struct counter *c)
{
	uint64_t n = ((uint64_t)c->limit[0] + COUNTER_NUMBER_MAX - c->next) %
	    COUNTER_NUMBER_MAX;

	return (c->next != 0 && n <= COUNTER_STEP_MAX ? (uint32_t)n : 0);
}

/*
 * A field of the line, with the byte behind it.  False if it is not a number;
 * a number that is out of range reads as 0.
 */
static bool
field(struct bytes line, size_t at, size_t n, char behind, uint32_t *value)
{
	uint64_t wide;

	if (!num_parse(bytes_cut(line, at, n), UINT64_MAX, &wide) ||
	    line.p[at + n] != behind)
		return (false);
	*value = wide <= COUNTER_NUMBER_MAX ? (uint32_t)wide : 0;
	return (true);
}

/*
 * A power cut may leave any mixture of two lines.  `next` and `step` may
 * then be nonsense, and so may one of the limits, but not both.
 */
static bool
parse_line(struct bytes text, struct counter *c)
{
	if (!field(text, NEXT_AT, DIGITS, ' ', &c->next) ||
	    !field(text, LIMIT_AT, DIGITS, ' ', &c->limit[0]) ||
	    !field(text, LIMIT2_AT, DIGITS, ' ', &c->limit[1]) ||
	    !field(text, STEP_AT, 4, ' ', &c->step) ||
	    text.p[COUNTER_LINE - 1] != '\n')
		return (false);
	memcpy(c->boot, text.p + BOOT_AT, COUNTER_BOOT_ID);
	if (c->step == 0 || c->step > COUNTER_STEP_MAX)
		c->step = 1;
	return (c->limit[0] != 0 || c->limit[1] != 0);
}

bool
counter_parse(struct bytes text, struct counter *c)
{
	uint64_t alone;

	if (text.n == COUNTER_LINE)
		return (parse_line(text, c));
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (text.n > 0 && text.p[text.n - 1] == '\r')
		text.n--;
	text = bytes_trim_end(text);
	if (!num_parse(text, COUNTER_NUMBER_MAX, &alone) || alone == 0)
		return (false);
	*c = (struct counter){ .next = (uint32_t)alone,
		.step = 1,
		.limit = { (uint32_t)alone, (uint32_t)alone } };
	memcpy(c->boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID);
	return (true);
}

/* The number in so many digits, with zeros before it. */
static void
put_padded(struct buf *b, uint32_t n, size_t width)
{
	char digits[NUM_DIGITS_MAX];
	struct bytes text = num_print(digits, n);

	for (; width > text.n; width--)
		(void)buf_putc(b, '0');
	(void)buf_put(b, text);
}

void
counter_print(const struct counter *c, char line[COUNTER_LINE])
{
	struct buf b;

	buf_init(&b, line, COUNTER_LINE);
	put_padded(&b, c->next, DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->limit[0], DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->limit[1], DIGITS);
	(void)buf_putc(&b, ' ');
	put_padded(&b, c->step, 4);
	(void)buf_putc(&b, ' ');
	(void)buf_put(&b, (struct bytes){ c->boot, COUNTER_BOOT_ID });
	(void)buf_putc(&b, '\n');
}

bool
counter_take(
    struct counter *c, const char boot[COUNTER_BOOT_ID], uint32_t *number)
{
	if (!same_boot(c, boot) || left(c) == 0)
		return (false);
	*number = c->next;
	c->next = counter_advance(c->next, 1);
	return (true);
}

bool
counter_settle(struct counter *c)
{
	if (c->limit[0] == c->limit[1])
		return (false);
	if (scan_is_later(c->limit[0], c->limit[1]))
		c->limit[1] = c->limit[0];
	else
		c->limit[0] = c->limit[1];
	memcpy(c->boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID);
	return (true);
}

void
counter_reserve(struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	if (same_boot(c, boot)) {
		c->step *= 2;
		if (c->step > COUNTER_STEP_MAX)
			c->step = COUNTER_STEP_MAX;
	} else {
		c->step = 1;
	}
	/* `next` was moved ahead by hand, in this boot, so it is good. */
	if (same_boot(c, boot) && scan_is_later(c->next, c->limit[1]))
		c->limit[1] = c->next;
	/* The later limit is the one that was durable, or beyond it. */
	if (scan_is_later(c->limit[0], c->limit[1]))
		c->limit[1] = c->limit[0];
	c->next = c->limit[1];
	c->limit[0] = counter_advance(c->next, c->step);
	/* The reservation is not ours before it is confirmed. */
	memcpy(c->boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID);
}

void
counter_confirm(struct counter *c, const char boot[COUNTER_BOOT_ID])
{
	c->limit[1] = c->limit[0];
	memcpy(c->boot, boot, COUNTER_BOOT_ID);
}

struct counter
counter_starting_at(uint32_t next)
{
	struct counter c = { .next = next, .limit = { next, next }, .step = 1 };

	memcpy(c.boot, COUNTER_NO_BOOT, COUNTER_BOOT_ID);
	return (c);
}
