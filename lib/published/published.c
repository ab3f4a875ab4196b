/* SPDX-License-Identifier: ISC */
#include "published/published.h"

#include <string.h>

static bool
is_id_byte(char c)
{
	return ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-');
}

bool
published_is_id(struct bytes id)
{
	size_t i;

	for (i = 0; i < id.n; i++)
		if (!is_id_byte(id.p[i]))
			return (false);
	return (id.n > 0 && id.n <= PUBLISHED_ID_MAX);
}

bool
published_is_type(struct bytes type)
{
	struct bytes known = bytes_of(PUBLISHED_TYPE);

	return (bytes_same(bytes_cut(type, 0, known.n), known) &&
	    (type.n == known.n || type.p[known.n] == '.'));
}

void
published_split_init(struct published_split *s)
{
	*s = (struct published_split){ .envelope = 0 };
}

/* How much of the piece stands before an LF that follows an LF. */
static size_t
find_empty_line(struct published_split *s, struct bytes piece)
{
	size_t at = 0;

	while (at < piece.n) {
		const char *lf;

		if (s->after_lf && piece.p[at] == '\n') {
			s->is_split = true;
			return (at);
		}
		lf = memchr(piece.p + at, '\n', piece.n - at);
		s->after_lf = lf != NULL;
		at = lf == NULL ? piece.n : (size_t)(lf - piece.p) + 1;
	}
	return (at);
}

void
published_split(struct published_split *s, struct bytes piece,
    struct bytes *envelope, struct bytes *text)
{
	size_t at;

	if (s->is_split) {
		*envelope = bytes_cut(piece, 0, 0);
		*text = piece;
		return;
	}
	at = find_empty_line(s, piece);
	*envelope = bytes_cut(piece, 0, at);
	*text = bytes_cut(piece, s->is_split ? at + 1 : at, piece.n);
	s->envelope += envelope->n;
}
