/* SPDX-License-Identifier: ISC */
#include "qmail/qqtext.h"

enum {
	/* The most that one byte of input becomes: a blank for a pending CR,
	 * and a CR LF. */
	GROWTH = 3,
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

static void
step(struct qqtext *t, char c, struct buf *out)
{
	if (t->has_cr && c != '\n')
		put_blank(t, out);
	t->has_cr = c == '\r';
	if (c == '\n') {
		put_eol(t, out);
	} else if (c == '\0') {
		put_blank(t, out);
	} else if (c != '\r') {
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
		if (!t->has_cr)
			at += copy_plain(t, bytes_cut(in, at, in.n), out);
		if (at < in.n && buf_room(out) >= GROWTH)
			step(t, in.p[at++], out);
	}
	*used = at;
}

bool
qqtext_end(struct qqtext *t, struct buf *out)
{
	if (t->has_cr)
		put_blank(t, out);
	t->has_cr = false;
	if (t->is_open)
		put_eol(t, out);
	return (!buf_overflowed(out));
}
