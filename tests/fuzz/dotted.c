/* SPDX-License-Identifier: ISC */
#include "dotted.h"

#include <string.h>

static void
put(struct dotted *d, const char *text, uint64_t octets)
{
	size_t n = strlen(text);

	fuzz_must(n <= sizeof(d->p) - d->n, "the reference has room");
	memcpy(d->p + d->n, text, n);
	d->n += n;
	d->size += octets;
}

/* The byte at i, or -1 behind the end. */
static int
at(struct bytes in, size_t i)
{
	return (i < in.n ? (unsigned char)in.p[i] : -1);
}

/* Does a line begin at i: behind a CR LF? */
static bool
is_line_start(struct bytes in, size_t i)
{
	if (i == 0)
		return (true);
	return (i >= 2 && in.p[i - 1] == '\n' && in.p[i - 2] == '\r');
}

/* What stands for the byte at i; how many bytes that takes. */
static size_t
put_byte(struct dotted *d, struct bytes in, size_t i, const char *eol)
{
	char one[2] = { in.p[i], '\0' };
	size_t crs = 0;

	while (at(in, i + crs) == '\r')
		crs++;
	/* What they are is not known yet, but that they came. */
	if (crs > 0 && i + crs == in.n) {
		d->size += crs;
		d->irregular = d->irregular || crs > 1;
		return (crs);
	}
	if (crs > 0 && in.p[i + crs] == '\n') {
		put(d, eol, crs + 1);
		d->irregular = d->irregular || crs > 1;
		return (crs + 1);
	}
	if (in.p[i] == '\n')
		put(d, eol, 1);
	else
		put(d, in.p[i] == '\r' || in.p[i] == '\0' ? " " : one, 1);
	if (one[0] == '\r' || one[0] == '\n' || one[0] == '\0')
		d->irregular = true;
	return (1);
}

void
dotted_read(struct dotted *d, struct bytes in, enum smtpdata_eol eol)
{
	size_t i = 0;

	d->used = in.n;
	d->ended = false;
	d->size = 0;
	d->irregular = false;
	d->n = 0;
	while (i < in.n) {
		if (in.p[i] == '.' && is_line_start(in, i)) {
			if (at(in, i + 1) == '\r' && at(in, i + 2) == '\n') {
				d->ended = true;
				d->used = i + 3;
				return;
			}
			i++;
			/* Behind it one CR may be the end's. */
			if (i == in.n || (at(in, i) == '\r' && i + 1 == in.n))
				return;
		}
		i += put_byte(d, in, i, eol == SMTPDATA_LF ? "\n" : "\r\n");
	}
}

void
dotted_read_chunks(struct dotted *d, struct bytes in, enum smtpdata_eol eol)
{
	const char *end = eol == SMTPDATA_LF ? "\n" : "\r\n";
	size_t i = 0;

	d->used = in.n;
	d->ended = true;
	d->size = 0;
	d->irregular = false;
	d->n = 0;
	while (i < in.n)
		i += put_byte(d, in, i, end);
	/* CRs before it are of that end. */
	if (in.n > 0 && in.p[in.n - 1] != '\n')
		put(d, end, 0);
	if (in.n > 0 && in.p[in.n - 1] == '\r')
		d->irregular = true;
}

size_t
dotted_write(char *to, size_t cap, struct bytes stored)
{
	struct buf out;
	size_t i;

	buf_init(&out, to, cap);
	for (i = 0; i < stored.n; i++) {
		if (stored.p[i] == '.' && (i == 0 || stored.p[i - 1] == '\n'))
			(void)buf_putc(&out, '.');
		if (stored.p[i] == '\n')
			(void)buf_putc(&out, '\r');
		(void)buf_putc(&out, stored.p[i]);
	}
	(void)buf_puts(&out, ".\r\n");
	fuzz_must(!buf_overflowed(&out), "the text with dots has room");
	return (buf_view(&out).n);
}
