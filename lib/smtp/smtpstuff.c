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

static void
put_eol(struct smtpstuff *s, struct buf *out)
{
	(void)buf_puts(out, "\r\n");
	s->in_line = false;
	s->crs = 0;
}

/* A part of a line, or a whole one; there is room for it and a dot. */
static void
put(struct smtpstuff *s, struct buf *out, struct bytes part)
{
	if (part.n == 0)
		return;
	if (!s->in_line && part.p[0] == '.' && !s->in_chunks) {
		(void)buf_putc(out, '.');
		s->dots++;
	}
	(void)buf_put(out, part);
	s->in_line = true;
}

static void
put_blank(struct smtpstuff *s, struct buf *out)
{
	(void)buf_putc(out, ' ');
	s->in_line = true;
}

/* One byte that is special, or follows one that is; how much was used. */
static size_t
step(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	char c = in.p[0];

	if (c == '\r') {
		s->crs++;
		return (1);
	}
	if (c == '\n') {
		put_eol(s, out);
		return (1);
	}
	/* One of the CRs turned out not to be of a line end. */
	if (s->crs > 0) {
		s->crs--;
		put_blank(s, out);
		return (0);
	}
	if (c == '\0')
		put_blank(s, out);
	else
		put(s, out, bytes_cut(in, 0, 1));
	return (1);
}

/* A line, or what there is of it, without CR and NUL; how much was used. */
static size_t
put_line(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	/* But for a dot and the line's end. */
	size_t room = buf_room(out) - 3;
	const char *eol = memchr(in.p, '\n', in.n);
	size_t n = eol == NULL ? in.n : (size_t)(eol - in.p);

	if (n > room) {
		put(s, out, bytes_cut(in, 0, room));
		return (room);
	}
	put(s, out, bytes_cut(in, 0, n));
	if (eol == NULL)
		return (n);
	put_eol(s, out);
	return (n + 1);
}

/* How far it is to the next byte c; n: there is none. */
static size_t
distance(struct bytes in, char c)
{
	const char *at = memchr(in.p, c, in.n);

	return (at == NULL ? in.n : (size_t)(at - in.p));
}

/* How much of it has neither CR nor NUL. */
static size_t
plain_length(struct bytes in)
{
	return (distance(bytes_cut(in, 0, distance(in, '\r')), '\0'));
}

size_t
smtpstuff_feed(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	size_t at = 0;
	size_t plain = 0; /* up to here it is */

	while (at < in.n && buf_room(out) >= SMTPSTUFF_GROWTH) {
		struct bytes rest = bytes_cut(in, at, in.n);

		/* No further ahead than what can be used now. */
		if (plain <= at && rest.p[0] != '\r' && rest.p[0] != '\0')
			plain = at +
			    plain_length(bytes_cut(rest, 0, buf_room(out)));
		if (s->crs > 0 || plain <= at)
			at += step(s, rest, out);
		else
			at += put_line(s, bytes_cut(in, at, plain - at), out);
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
