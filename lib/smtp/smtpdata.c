/* SPDX-License-Identifier: ISC */
#include "smtp/smtpdata.h"

/* Named by what was seen last. */
enum {
	LINE_START, /* CR LF, or nothing yet */
	NEW_LINE,   /* a bare LF: a dot behind it is text */
	TEXT,       /* a byte of a line */
	CRS,        /* CRs: of a line end, or each a blank */
	DOT,        /* CR LF dot */
	DOT_CR      /* CR LF dot CR */
};

enum {
	/* The most that one step writes: a line end. */
	GROWTH = SMTPDATA_FINISH
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

/* There is room for GROWTH bytes, so none of these puts can fail. */
static void
put_eol(const struct smtpdata *d, struct buf *out)
{
	if (d->eol == SMTPDATA_CRLF)
		(void)buf_putc(out, '\r');
	(void)buf_putc(out, '\n');
}

/* A byte where none of the protocol's meanings is possible. */
static int
put_text(struct smtpdata *d, struct buf *out, char c)
{
	d->size++;
	switch (c) {
	case '\r':
		d->crs = 1;
		return (CRS);
	case '\n':
		d->irregular = true;
		put_eol(d, out);
		return (NEW_LINE);
	case '\0':
		d->irregular = true;
		(void)buf_putc(out, ' ');
		return (TEXT);
	default:
		(void)buf_putc(out, c);
		return (TEXT);
	}
}

/* A byte behind CRs. */
static int
end_crs(struct smtpdata *d, struct buf *out, char c)
{
	d->size++;
	if (c == '\r') {
		d->irregular = true;
		d->crs++;
		return (CRS);
	}
	put_eol(d, out);
	d->crs = 0;
	return (LINE_START);
}

/* One of the CRs turned out to be bare.  True: it was one. */
static bool
put_bare_cr(struct smtpdata *d, char next, struct buf *out)
{
	if (d->crs == 0 || next == '\r' || next == '\n')
		return (false);
	d->irregular = true;
	(void)buf_putc(out, ' ');
	if (--d->crs == 0)
		d->state = TEXT;
	return (true);
}

/* One byte: the next state. */
static int
step(struct smtpdata *d, char c, struct buf *out)
{
	switch (d->state) {
	case LINE_START:
		return (c == '.' && !d->in_chunks ? DOT : put_text(d, out, c));
	case CRS:
		return (end_crs(d, out, c));
	case DOT:
		return (c == '\r' ? DOT_CR : put_text(d, out, c));
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
		if (d->state == DOT_CR && in.p[at] == '\n') {
			*used = at + 1;
			return (SMTPDATA_END);
		}
		/* The line was a dot, but is not the end: its CR counts. */
		if (d->state == DOT_CR)
			d->state = put_text(d, out, '\r');
		if (put_bare_cr(d, in.p[at], out))
			continue;
		if (d->state == LINE_START && in.p[at] != '.')
			d->state = TEXT;
		if (d->state == TEXT) {
			size_t n = copy_plain(d, bytes_cut(in, at, in.n), out);

			at += n;
			if (n > 0)
				continue;
		}
		d->state = step(d, in.p[at++], out);
	}
	*used = at;
	return (SMTPDATA_MORE);
}

void
smtpdata_finish(struct smtpdata *d, struct buf *out)
{
	if (d->state == CRS)
		d->irregular = true;
	/* The client did not send it: no octets of the message. */
	if (d->state == TEXT || d->state == CRS)
		put_eol(d, out);
	d->crs = 0;
	d->state = LINE_START;
}
