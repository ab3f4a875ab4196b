/* SPDX-License-Identifier: ISC */
#include "smtp/smtpstuff.h"

#include <string.h>

void
smtpstuff_init(struct smtpstuff *s)
{
	*s = (struct smtpstuff){ .in_line = false };
}

void
smtpstuff_init_chunks(struct smtpstuff *s)
{
	*s = (struct smtpstuff){ .in_chunks = true };
}

/* There is room. */
static void
put_eol(struct smtpstuff *s, struct buf *out)
{
	memcpy(buf_end(out), "\r\n", 2);
	buf_wrote(out, 2);
	s->in_line = false;
	s->crs = 0;
}

static void
put_blank(struct smtpstuff *s, struct buf *out)
{
	(void)buf_putc(out, ' ');
	s->in_line = true;
}

/* Not 0: one of the eight is this byte. */
static uint64_t
has_byte(uint64_t eight, unsigned char c)
{
	uint64_t ones = 0x0101010101010101U;
	uint64_t other = eight ^ ones * c;

	return ((other - ones) & ~other & (ones << 7));
}

static bool
is_special(char c)
{
	return (c == '\n' || c == '\r' || c == '\0');
}

/* Copy up to the first line feed, CR or NUL; how much that is. */
static size_t
copy_plain(char *to, const char *from, size_t n)
{
	size_t i = 0;

	for (; i + sizeof(uint64_t) <= n; i += sizeof(uint64_t)) {
		uint64_t eight;

		memcpy(&eight, from + i, sizeof(eight));
		if ((has_byte(eight, '\n') | has_byte(eight, '\r') |
			has_byte(eight, '\0')) != 0)
			break;
		memcpy(to + i, &eight, sizeof(eight));
	}
	for (; i < n && !is_special(from[i]); i++)
		to[i] = from[i];
	return (i);
}

/* A line, or what there is of it, that begins with no CR and no NUL. */
static size_t
put_line(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	/* But for a dot and the line's end. */
	size_t room = buf_room(out) - 3;
	size_t n;

	if (!s->in_line && in.p[0] == '.' && !s->in_chunks) {
		(void)buf_putc(out, '.');
		s->dots++;
	}
	n = copy_plain(buf_end(out), in.p, in.n < room ? in.n : room);
	buf_wrote(out, n);
	s->in_line = s->in_line || n > 0;
	if (n == in.n || in.p[n] != '\n')
		return (n);
	put_eol(s, out);
	return (n + 1);
}

/* A byte that is a CR, a NUL, or behind a CR; how much of it was used. */
static size_t
step(struct smtpstuff *s, char c, struct buf *out)
{
	if (c == '\r') {
		s->crs++;
		return (1);
	}
	if (c == '\n') {
		put_eol(s, out);
		return (1);
	}
	/* A NUL, or one of the CRs turned out not to be of a line end. */
	put_blank(s, out);
	if (s->crs == 0)
		return (1);
	s->crs--;
	return (0);
}

size_t
smtpstuff_feed(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	size_t at = 0;

	while (at < in.n && buf_room(out) >= SMTPSTUFF_GROWTH) {
		char c = in.p[at];

		if (s->crs > 0 || c == '\r' || c == '\0')
			at += step(s, c, out);
		else
			at += put_line(s, bytes_cut(in, at, in.n), out);
	}
	return (at);
}

size_t
smtpstuff_tail(const struct smtpstuff *s)
{
	return (s->in_line || s->crs > 0 ? 2 : 0);
}

bool
smtpstuff_end(struct smtpstuff *s, struct buf *out)
{
	if (buf_room(out) < SMTPSTUFF_GROWTH)
		return (false);
	if (smtpstuff_tail(s) > 0)
		put_eol(s, out);
	return (s->in_chunks || buf_puts(out, ".\r\n"));
}
