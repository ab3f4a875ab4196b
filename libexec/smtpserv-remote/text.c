/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <string.h>

void
text_init(struct text *t)
{
	*t = (struct text){ .in_header = true, .is_line_new = true };
}

/* Is there a byte over 127? */
static bool
has_8bit(struct bytes piece)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= piece.n; i += sizeof(uint64_t)) {
		uint64_t eight;

		memcpy(&eight, piece.p + i, sizeof(eight));
		if ((eight & 0x8080808080808080U) != 0)
			return (true);
	}
	for (; i < piece.n; i++)
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

/* Line feeds, each of which is CR LF on the wire. */
static size_t
count_lines(struct bytes piece)
{
	const char *at = piece.p;
	const char *end = piece.p + piece.n;
	size_t n = 0;

	while (
	    at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		n++;
		at++;
	}
	return (n);
}

/* A piece without CRs; those before it are of a line end, or blanks. */
static void
count(struct text *t, struct bytes piece)
{
	if (piece.n == 0)
		return;
	if (piece.p[0] != '\n')
		t->size += t->crs;
	t->crs = 0;
	t->size += piece.n + count_lines(piece);
	t->in_line = piece.p[piece.n - 1] != '\n';
}

void
text_feed(struct text *t, struct bytes piece)
{
	size_t at;

	if (t->in_header && !t->is_utf8)
		t->is_utf8 =
		    has_8bit(bytes_cut(piece, 0, header_length(t, piece)));
	t->is_8bit = t->is_8bit || t->is_utf8 || has_8bit(piece);
	while (bytes_find(piece, '\r', &at)) {
		count(t, bytes_cut(piece, 0, at));
		t->crs++;
		piece = bytes_cut(piece, at + 1, piece.n);
	}
	count(t, piece);
}

uint64_t
text_size(const struct text *t)
{
	return (t->size + (t->in_line || t->crs > 0 ? 2 : 0));
}
