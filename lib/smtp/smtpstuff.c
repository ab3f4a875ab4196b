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

/* A CR that was not the beginning of a line's end. */
static void
settle_cr(struct smtpstuff *s, struct buf *out)
{
	if (s->has_cr)
		put(s, out, ' ');
	s->has_cr = false;
}

/* There is room for all that one byte becomes. */
static void
step(struct smtpstuff *s, char c, struct buf *out)
{
	if (c == '\n') {
		(void)buf_puts(out, "\r\n");
		s->in_line = false;
		s->has_cr = false;
		return;
	}
	settle_cr(s, out);
	if (c == '\r')
		s->has_cr = true;
	else if (c == '\0')
		put(s, out, ' ');
	else
		put(s, out, c);
}

size_t
smtpstuff_feed(struct smtpstuff *s, struct bytes in, struct buf *out)
{
	size_t i;

	for (i = 0; i < in.n && buf_room(out) >= SMTPSTUFF_GROWTH; i++)
		step(s, in.p[i], out);
	return (i);
}

bool
smtpstuff_end(struct smtpstuff *s, struct buf *out)
{
	if (buf_room(out) < SMTPSTUFF_GROWTH)
		return (false);
	settle_cr(s, out);
	if (s->in_line)
		(void)buf_puts(out, "\r\n");
	(void)buf_puts(out, ".\r\n");
	s->in_line = false;
	return (true);
}
