/* SPDX-License-Identifier: ISC */
#include "bytes/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bytes/num.h"

void
buf_init(struct buf *b, char *store, size_t cap)
{
	b->p = store;
	b->cap = cap;
	buf_reset(b);
}

void
buf_reset(struct buf *b)
{
	buf_cut(b, 0);
}

char *
buf_end(struct buf *b)
{
	return (b->p + b->n);
}

void
buf_wrote(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->n);
	b->n += n;
}

void
buf_cut(struct buf *b, size_t n)
{
	b->n = n;
	b->overflowed = false;
}

bool
buf_put(struct buf *b, struct bytes add)
{
	if (b->overflowed || add.n > b->cap - b->n) {
		b->overflowed = true;
		return (false);
	}
	if (add.n > 0)
		memcpy(b->p + b->n, add.p, add.n);
	b->n += add.n;
	return (true);
}

bool
buf_puts(struct buf *b, const char *cstr)
{
	return (buf_put(b, bytes_of(cstr)));
}

bool
buf_putc(struct buf *b, char c)
{
	return (buf_put(b, (struct bytes){ &c, 1 }));
}

/*
 * Might a byte of the word be below 0x10?  A no is always right, and a yes for
 * the lowest such byte.  (This is the classical test for a zero byte, made on
 * the word without the low four bits of each byte.)
 */
static bool
may_hold_control(uint64_t word)
{
	uint64_t high = word & 0xf0f0f0f0f0f0f0f0U;

	return (
	    ((high - 0x1010101010101010U) & ~high & 0x8080808080808080U) != 0);
}

static bool
ends_text(char c)
{
	return (c == '\n' || c == '\r' || c == '\0');
}

/* Copy whole words until one might hold a control byte: how many bytes. */
static size_t
copy_words(char *to, const char *from, size_t most)
{
	uint64_t word;
	size_t n;

	for (n = 0; most - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, from + n, sizeof(word));
		if (may_hold_control(word))
			break;
		memcpy(to + n, &word, sizeof(word));
	}
	return (n);
}

/* Searched and copied in one pass: this is what a large message costs us. */
size_t
buf_put_text(struct buf *b, struct bytes text)
{
	size_t most = text.n < buf_room(b) ? text.n : buf_room(b);
	char *to = b->p + b->n;
	size_t n = 0;

	for (;;) {
		n += copy_words(to + n, text.p + n, most - n);
		if (n == most || ends_text(text.p[n]))
			break;
		to[n] = text.p[n];
		n++;
	}
	b->n += n;
	return (n);
}

bool
buf_put_number(struct buf *b, uint64_t n)
{
	char digits[NUM_DIGITS_MAX];

	return (buf_put(b, num_print(digits, n)));
}

bool
buf_printf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->overflowed ? 0 : b->cap - b->n;
	va_list ap;
	int n;

	va_start(ap, fmt);
	/* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is not. */
	n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, fmt, ap);
	va_end(ap);
	/* vsnprintf() wants room for a NUL that we do not keep. */
	if (n < 0 || (size_t)n >= room) {
		b->overflowed = true;
		return (false);
	}
	b->n += (size_t)n;
	return (true);
}

bool
buf_overflowed(const struct buf *b)
{
	return (b->overflowed);
}

size_t
buf_room(const struct buf *b)
{
	return (b->overflowed ? 0 : b->cap - b->n);
}

struct bytes
buf_view(const struct buf *b)
{
	return ((struct bytes){ b->p, b->n });
}

const char *
buf_cstr(struct buf *b)
{
	if (b->overflowed || b->n == b->cap)
		return (NULL);
	b->p[b->n] = '\0';
	return (b->p);
}
