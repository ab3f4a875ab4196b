/* SPDX-License-Identifier: ISC */
#include "smtp/smtpline.h"

void
smtpline_init(struct smtpline *l)
{
	l->dropping = false;
}

/* Past the first CR LF; false, and all used but a last CR, without one. */
static bool
drop_to_crlf(struct bytes in, size_t *used)
{
	size_t at = 0;
	size_t lf;

	while (bytes_find(bytes_cut(in, at, in.n), '\n', &lf)) {
		at += lf + 1;
		if (at >= 2 && in.p[at - 2] == '\r') {
			*used = at;
			return (true);
		}
	}
	*used = in.n > 0 && in.p[in.n - 1] == '\r' ? in.n - 1 : in.n;
	return (false);
}

enum smtpline_status
smtpline_take(
    struct smtpline *l, struct bytes in, size_t *used, struct bytes *line)
{
	size_t dropped = 0;
	size_t lf;
	bool found;

	if (l->dropping) {
		if (!drop_to_crlf(in, used))
			return (SMTPLINE_MORE);
		l->dropping = false;
		dropped = *used;
		in = bytes_cut(in, dropped, in.n);
	}
	*used = dropped;
	found = bytes_find(bytes_cut(in, 0, SMTPLINE_MAX), '\n', &lf);
	if (found && lf > 0 && in.p[lf - 1] == '\r') {
		*line = bytes_cut(in, 0, lf - 1);
		*used = dropped + lf + 1;
		return (SMTPLINE_LINE);
	}
	if (!found && in.n < SMTPLINE_MAX)
		return (SMTPLINE_MORE);
	/* The bytes stay, to be dropped by the next call. */
	l->dropping = true;
	return (found ? SMTPLINE_BARE_LF : SMTPLINE_TOO_LONG);
}

size_t
smtpline_from_terminal(char *p, size_t n)
{
	size_t grown = n;
	size_t to;
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			grown++;
	/* From the end, so that nothing is overwritten before it is read. */
	to = grown;
	for (i = n; i > 0; i--) {
		p[--to] = p[i - 1];
		if (p[i - 1] == '\n' && (i == 1 || p[i - 2] != '\r'))
			p[--to] = '\r';
	}
	return (grown);
}
