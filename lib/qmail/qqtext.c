/* SPDX-License-Identifier: ISC */
#include "qmail/qqtext.h"

enum {
	/* The most that one step writes: a line end. */
	GROWTH = 2,
	/* Bytes that are searched at a time: a few lines. */
	WINDOW = 256
};

void
qqtext_init(struct qqtext *t, enum smtpdata_eol eol)
{
	*t = (struct qqtext){ .eol = eol };
}

static void
put_eol(struct qqtext *t, struct buf *out)
{
	(void)buf_puts(out, t->eol == SMTPDATA_LF ? "\n" : "\r\n");
	t->size += 2;
	t->is_open = false;
}

static void
put_blank(struct qqtext *t, struct buf *out)
{
	(void)buf_putc(out, ' ');
	t->size++;
	t->is_open = true;
	t->irregular = true;
}

/* One of the CRs turned out to be bare.  True: it was one. */
static bool
put_bare_cr(struct qqtext *t, char next, struct buf *out)
{
	if (t->crs == 0 || next == '\r' || next == '\n')
		return (false);
	t->crs--;
	put_blank(t, out);
	return (true);
}

static void
step(struct qqtext *t, char c, struct buf *out)
{
	if (c == '\n') {
		t->crs = 0;
		put_eol(t, out);
	} else if (c == '\0') {
		put_blank(t, out);
	} else if (c == '\r') {
		t->irregular = t->irregular || t->crs > 0;
		t->crs++;
	} else {
		(void)buf_putc(out, c);
		t->size++;
		t->is_open = true;
	}
}

/* Text up to the next byte that means something, all at once. */
static size_t
copy_plain(struct qqtext *t, struct bytes in, struct buf *out)
{
	size_t room = buf_room(out) - (GROWTH - 1);
	size_t n = in.n < WINDOW ? in.n : WINDOW;
	size_t at;

	if (n > room)
		n = room;
	if (bytes_find(bytes_cut(in, 0, n), '\n', &at))
		n = at;
	if (bytes_find(bytes_cut(in, 0, n), '\r', &at))
		n = at;
	if (bytes_find(bytes_cut(in, 0, n), '\0', &at))
		n = at;
	(void)buf_put(out, bytes_cut(in, 0, n));
	t->size += n;
	t->is_open = t->is_open || n > 0;
	return (n);
}

void
qqtext_feed(struct qqtext *t, struct bytes in, size_t *used, struct buf *out)
{
	size_t at = 0;

	while (at < in.n && buf_room(out) >= GROWTH) {
		if (put_bare_cr(t, in.p[at], out))
			continue;
		if (t->crs == 0)
			at += copy_plain(t, bytes_cut(in, at, in.n), out);
		if (at < in.n && buf_room(out) >= GROWTH)
			step(t, in.p[at++], out);
	}
	*used = at;
}

bool
qqtext_end(struct qqtext *t, struct buf *out)
{
	if (t->crs > 0)
		t->irregular = true;
	if (t->is_open || t->crs > 0)
		put_eol(t, out);
	t->crs = 0;
	return (!buf_overflowed(out));
}
