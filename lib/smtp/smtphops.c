/* SPDX-License-Identifier: ISC */
#include "smtp/smtphops.h"

enum {
	MATCHING, /* the line so far is the beginning of the name */
	SKIPPING, /* it is another line */
	DONE      /* the header is over */
};

static const struct bytes NAME = { "received:", 9 };

void
smtphops_init(struct smtphops *h)
{
	*h = (struct smtphops){ .state = MATCHING };
}

/* One byte of a line that may be such a field, or empty. */
static void
match(struct smtphops *h, struct bytes one)
{
	if (h->matched == 0 && one.p[0] == '\r')
		return;
	if (h->matched == 0 && one.p[0] == '\n') {
		h->state = DONE;
		return;
	}
	if (!bytes_same_nocase(one, bytes_cut(NAME, h->matched, 1))) {
		h->state = SKIPPING;
		return;
	}
	if (++h->matched == NAME.n) {
		h->count++;
		h->state = SKIPPING;
	}
}

/* To behind the line's end, if it is there: how many bytes. */
static size_t
skip(struct smtphops *h, struct bytes text)
{
	size_t end;

	if (!bytes_find(text, '\n', &end))
		return (text.n);
	h->state = MATCHING;
	h->matched = 0;
	return (end + 1);
}

void
smtphops_feed(struct smtphops *h, struct bytes text)
{
	while (text.n > 0 && h->state != DONE) {
		size_t used = 1;

		if (h->state == MATCHING)
			match(h, bytes_cut(text, 0, 1));
		/* The byte that did not match may be the line end itself. */
		if (h->state == SKIPPING)
			used = skip(h, text);
		text = bytes_cut(text, used, text.n);
	}
}
