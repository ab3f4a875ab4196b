/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <string.h>

void
text_init(struct text *t)
{
	*t = (struct text){ .in_header = true, .is_line_new = true };
}

enum {
	/* Eights in whose bytes so many line feeds can be counted. */
	STRETCH = 255
};

static const uint64_t ONES = 0x0101010101010101U;

/* A one in each byte that is a line feed. */
static uint64_t
line_feeds(uint64_t eight)
{
	uint64_t other = eight ^ ONES * '\n';

	/* Exact for each byte: none borrows from another. */
	return (~(((other & ~(ONES << 7)) + (ONES << 7) - ONES) | other) >> 7 &
	    ONES);
}

static bool
has_cr(uint64_t eight)
{
	uint64_t other = eight ^ ONES * '\r';

	return (((other - ONES) & ~other & (ONES << 7)) != 0);
}

/* The sum of the bytes. */
static uint64_t
sum(uint64_t counts)
{
	uint64_t pairs = 0x00ff00ff00ff00ffU;

	counts = (counts & pairs) + (counts >> 8 & pairs);
	return (counts * 0x0001000100010001U >> 48);
}

/* What of the piece comes before its first CR: its length. */
static size_t
look(struct text *t, struct bytes piece, uint64_t *lines)
{
	uint64_t counts = 0;
	uint64_t high = 0;
	unsigned int n = 0;
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= piece.n; i += sizeof(uint64_t)) {
		uint64_t eight;

		memcpy(&eight, piece.p + i, sizeof(eight));
		if (has_cr(eight))
			break;
		high |= eight;
		counts += line_feeds(eight);
		if (++n < STRETCH)
			continue;
		*lines += sum(counts);
		counts = n = 0;
	}
	*lines += sum(counts);
	for (; i < piece.n && piece.p[i] != '\r'; i++) {
		high |= (unsigned char)piece.p[i];
		*lines += piece.p[i] == '\n';
	}
	t->is_8bit = t->is_8bit || (high & ONES << 7) != 0;
	return (i);
}

/* Is there a byte over 127? */
static bool
has_8bit(struct bytes piece)
{
	size_t i;

	for (i = 0; i < piece.n; i++)
		if ((unsigned char)piece.p[i] > 127)
			return (true);
	return (false);
}

/* How much of the piece is of the header, which an empty line ends. */
static size_t
header_length(struct text *t, struct bytes piece)
{
	size_t at = 0;

	while (at < piece.n) {
		const char *eol;

		if (t->is_line_new && piece.p[at] == '\n') {
			t->in_header = false;
			return (at);
		}
		/* CRs before it are of the line end. */
		if (t->is_line_new && piece.p[at] == '\r') {
			at++;
			continue;
		}
		eol = memchr(piece.p + at, '\n', piece.n - at);
		t->is_line_new = eol != NULL;
		at = eol != NULL ? (size_t)(eol - piece.p) + 1 : piece.n;
	}
	return (piece.n);
}

/* Up to a CR or the end; CRs before it are of a line end, or blanks. */
static size_t
count(struct text *t, struct bytes piece)
{
	uint64_t lines = 0;
	size_t n = look(t, piece, &lines);

	if (n == 0)
		return (0);
	if (piece.p[0] != '\n')
		t->size += t->crs;
	t->crs = 0;
	t->size += n + lines;
	t->in_line = piece.p[n - 1] != '\n';
	return (n);
}

void
text_feed(struct text *t, struct bytes piece)
{
	size_t at;

	if (t->in_header && !t->is_utf8)
		t->is_utf8 =
		    has_8bit(bytes_cut(piece, 0, header_length(t, piece)));
	for (at = 0; at < piece.n; at++) {
		at += count(t, bytes_cut(piece, at, piece.n));
		t->crs += at < piece.n;
	}
}

uint64_t
text_size(const struct text *t)
{
	return (t->size + (t->in_line || t->crs > 0 ? 2 : 0));
}
