/* SPDX-License-Identifier: ISC */
#include "deliver/hops.h"

void
hops_init(struct hops *h, struct bytes recipient)
{
	*h = (struct hops){ .recipient = recipient };
	smtphops_init(&h->received);
}

static struct bytes
trim(struct bytes b)
{
	while (b.n > 0 && (b.p[0] == ' ' || b.p[0] == '\t'))
		b = bytes_cut(b, 1, b.n);
	return (bytes_trim_end(b));
}

/* A whole line, without its end. */
static void
look_at(struct hops *h)
{
	static const struct bytes NAME = { "Delivered-To:", 13 };
	struct bytes line = { h->line, h->n };

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0 && !h->is_long)
		h->is_over = true;
	/* We have never written a line so long: half of it tells nothing. */
	if (!h->is_long && bytes_starts_nocase(line, NAME) &&
	    bytes_same_nocase(
		trim(bytes_cut(line, NAME.n, line.n)), h->recipient))
		h->was_here = true;
}

void
hops_feed(struct hops *h, struct bytes text)
{
	size_t i;

	smtphops_feed(&h->received, text);
	for (i = 0; i < text.n && !h->is_over; i++) {
		if (text.p[i] == '\n') {
			look_at(h);
			h->n = 0;
			h->is_long = false;
		} else if (h->n < sizeof(h->line)) {
			h->line[h->n++] = text.p[i];
		} else {
			h->is_long = true;
		}
	}
}

const char *
hops_verdict(const struct hops *h)
{
	if (h->was_here)
		return ("it has been delivered to this recipient before");
	if (h->received.count > SMTPHOPS_MAX)
		return ("it has passed more than a hundred hosts");
	return (NULL);
}
