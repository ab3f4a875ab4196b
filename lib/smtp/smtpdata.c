/* SPDX-License-Identifier: ISC */
#include "smtp/smtpdata.h"

/* Named by what was seen last. */
enum {
	LINE_START, /* CR LF, or nothing yet */
	NEW_LINE,   /* a line end that was none: a dot behind it is text */
	TEXT,       /* a byte of a line */
	TEXT_CR,    /* CR inside or at the end of a line */
	TEXT_CR_CR, /* CR, and a bare one before it */
	DOT,        /* CR LF dot */
	DOT_CR      /* CR LF dot CR */
};

enum {
	/* The most that one byte of input becomes: a blank for a pending CR,
	 * and a CR LF. */
	GROWTH = 4
};

void
smtpdata_init(struct smtpdata *d, enum smtpdata_eol eol)
{
	*d = (struct smtpdata){ .state = LINE_START, .eol = eol };
}

void
smtpdata_init_chunks(struct smtpdata *d, enum smtpdata_eol eol)
{
	smtpdata_init(d, eol);
	d->in_chunks = true;
}

/* There is room for GROWTH bytes, so these cannot fail. */
static void
put_blank(struct smtpdata *d, struct buf *out)
{
	(void)buf_putc(out, ' ');
	d->size++;
}

static void
put_eol(struct smtpdata *d, struct buf *out, uint64_t octets)
{
	if (d->eol == SMTPDATA_CRLF)
		(void)buf_putc(out, '\r');
	(void)buf_putc(out, '\n');
	d->size += octets;
}

/* A CR that turned out to be bare. */
static void
put_bare_cr(struct smtpdata *d, struct buf *out)
{
	d->irregular = true;
	put_blank(d, out);
}

/* A byte where none of the protocol's meanings is possible. */
static int
put_text(struct smtpdata *d, struct buf *out, char c)
{
	switch (c) {
	case '\r':
		return (TEXT_CR);
	case '\n':
		d->irregular = true;
		put_eol(d, out, 1);
		return (NEW_LINE);
	case '\0':
		d->irregular = true;
		put_blank(d, out);
		return (TEXT);
	default:
		(void)buf_putc(out, c);
		d->size++;
		return (TEXT);
	}
}

/* One byte; -1 for the end, else the next state. */
static int
step(struct smtpdata *d, char c, struct buf *out)
{
	switch (d->state) {
	case LINE_START:
		return (c == '.' && !d->in_chunks ? DOT : put_text(d, out, c));
	case TEXT_CR:
	case TEXT_CR_CR:
		if (c == '\n') {
			put_eol(d, out, 2);
			return (d->state == TEXT_CR ? LINE_START : NEW_LINE);
		}
		put_bare_cr(d, out);
		return (c == '\r' ? TEXT_CR_CR : put_text(d, out, c));
	case DOT:
		return (c == '\r' ? DOT_CR : put_text(d, out, c));
	case DOT_CR:
		if (c == '\n')
			return (-1);
		put_bare_cr(d, out);
		return (c == '\r' ? TEXT_CR_CR : put_text(d, out, c));
	default:
		return (put_text(d, out, c));
	}
}

/* Text up to the next byte that means something, all at once. */
static size_t
copy_plain(struct smtpdata *d, struct bytes in, struct buf *out)
{
	/* No more than byte by byte, so that cuts leave no trace in out. */
	size_t room = buf_room(out) - (GROWTH - 1);
	size_t n = buf_put_text(out, bytes_cut(in, 0, room));

	d->size += n;
	return (n);
}

enum smtpdata_status
smtpdata_feed(
    struct smtpdata *d, struct bytes in, size_t *used, struct buf *out)
{
	size_t at = 0;

	while (at < in.n && buf_room(out) >= GROWTH) {
		int next;

		if (d->state == LINE_START && in.p[at] != '.')
			d->state = TEXT;
		if (d->state == TEXT) {
			size_t n = copy_plain(d, bytes_cut(in, at, in.n), out);

			at += n;
			if (n > 0)
				continue;
		}
		next = step(d, in.p[at++], out);
		if (next < 0) {
			*used = at;
			return (SMTPDATA_END);
		}
		d->state = next;
	}
	*used = at;
	return (SMTPDATA_MORE);
}

void
smtpdata_finish(struct smtpdata *d, struct buf *out)
{
	if (d->state == TEXT_CR || d->state == TEXT_CR_CR) {
		put_bare_cr(d, out);
		d->state = TEXT;
	}
	/* The client did not send it: no octets of the message. */
	if (d->state == TEXT)
		put_eol(d, out, 0);
	d->state = LINE_START;
}
