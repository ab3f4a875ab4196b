/* SPDX-License-Identifier: ISC */
#include "smtp/smtpstuff.h"

void
smtpstuff_init(struct smtpstuff *s)
{
	*s = (struct smtpstuff){ .in_line = false };
}

static void
put(struct smtpstuff *s, struct buf *out, char c)
{
	if (!s->in_line && c == '.')
		(void)buf_putc(out, '.');
	(void)buf_putc(out, c);
	s->in_line = true;
}

/* One of the CRs turned out not to be of a line end.  True: it was one. */
static bool
put_bare_cr(struct smtpstuff *s, char next, struct buf *out)
{
	if (s->crs == 0 || next == '\r' || next == '\n')
		return (false);
	s->crs--;
	put(s, out, ' ');
	return (true);
}

static void
put_eol(struct smtpstuff *s, struct buf *out)
{
	(void)buf_puts(out, "\r\n");
	s->in_line = false;
	s->crs = 0;
}

/* There is room for all that one byte becomes. */
static void
step(struct smtpstuff *s, char c, struct buf *out)
{
	if (c == '\n')
		put_eol(s, out);
	else if (c == '\r')
		s->crs++;
	else if (c == '\0')
		put(s, out, ' ');
	else
		put(s, out, c);
}

size_t
smtpstuff_feed(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	size_t i = 0;

	while (i < in.n && buf_room(out) >= SMTPSTUFF_GROWTH)
		if (!put_bare_cr(s, in.p[i], out))
			step(s, in.p[i++], out);
	return (i);
}

bool
smtpstuff_end(struct smtpstuff *s, struct buf *out)
{
	if (buf_room(out) < SMTPSTUFF_GROWTH)
		return (false);
	if (s->in_line || s->crs > 0)
		put_eol(s, out);
	return (buf_puts(out, ".\r\n"));
}
