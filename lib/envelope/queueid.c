/* SPDX-License-Identifier: ISC */
#include "envelope/queueid.h"

#include <string.h>

#include "envelope/envelope.h"

void
queueid_init(struct queueid *q)
{
	q->n = 0;
	q->nid = 0;
}

/* A line has ended, which is in the store with its LF. */
static void
take_line(struct queueid *q)
{
	struct bytes rest = { q->line, q->n };
	struct bytes name;
	struct bytes value;

	if (envelope_next(&rest, &name, &value) != ENVELOPE_LINE ||
	    !bytes_same_nocase(name, bytes_of(QUEUEID_NAME)))
		return;
	q->nid = value.n <= sizeof(q->id) ? value.n : 0;
	memcpy(q->id, value.p, q->nid);
}

/* A part of a line: as much of it as could be of one that matters. */
static void
add(struct queueid *q, struct bytes part)
{
	if (q->n <= sizeof(q->line) && part.n <= sizeof(q->line) - q->n)
		memcpy(q->line + q->n, part.p, part.n);
	else
		part.n = sizeof(q->line) + 1 - q->n;
	q->n += part.n;
}

void
queueid_feed(struct queueid *q, struct bytes text)
{
	while (text.n > 0) {
		size_t end = text.n - 1;
		bool has_ended = bytes_find(text, '\n', &end);

		add(q, bytes_cut(text, 0, end + 1));
		text = bytes_cut(text, end + 1, text.n);
		if (!has_ended)
			return;
		if (q->n <= sizeof(q->line))
			take_line(q);
		q->n = 0;
	}
}

struct bytes
queueid_view(const struct queueid *q)
{
	return ((struct bytes){ q->id, q->nid });
}
