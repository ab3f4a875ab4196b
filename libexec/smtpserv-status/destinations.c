/* SPDX-License-Identifier: ISC */
#include "destinations.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum {
	/* A table that is fuller than this is slow. */
	FILL_MAX = DESTINATIONS_MAX / 4 * 3
};

/* In small letters, cut to what there is room for. */
static size_t
domain_of(struct bytes mailbox, char name[DESTINATIONS_NAME])
{
	size_t from = 0;
	size_t i;

	if (bytes_find_last(mailbox, '@', &from))
		mailbox = bytes_cut(mailbox, from + 1, mailbox.n);
	else
		mailbox = bytes_of("(here)");
	for (i = 0; i < mailbox.n && i < DESTINATIONS_NAME; i++)
		name[i] = bytes_lower(mailbox.p[i]);
	return (i);
}

/* Its place, or the free one that becomes its; NULL: the table is full. */
static struct destination *
find(struct destinations *d, const char *name, size_t n)
{
	uint32_t hash = 2166136261U;
	size_t i;

	for (i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619U;
	for (i = hash % DESTINATIONS_MAX; d->list[i].name_n > 0;
	     i = (i + 1) % DESTINATIONS_MAX)
		if (d->list[i].name_n == n &&
		    memcmp(d->list[i].name, name, n) == 0)
			return (&d->list[i]);
	if (d->n == FILL_MAX)
		return (NULL);
	d->n++;
	memcpy(d->list[i].name, name, n);
	d->list[i].name_n = n;
	return (&d->list[i]);
}

static void
add_part(struct destination *at, struct bytes text)
{
	size_t room = sizeof(at->reason) - at->reason_n;

	text = bytes_cut(text, 0, room);
	if (text.n > 0)
		memcpy(at->reason + at->reason_n, text.p, text.n);
	at->reason_n += text.n;
}

/* Why the one that was tried most often waits, stands for all. */
static void
keep_reason(struct destination *at, const struct plan_rcpt *r)
{
	if (r->tries <= at->tries || r->status.n + r->diagnostic.n == 0)
		return;
	at->tries = r->tries;
	at->reason_n = 0;
	add_part(at, r->status);
	add_part(at, bytes_of(" "));
	add_part(at, r->diagnostic);
}

void
destinations_add(struct destinations *d, const struct mail *m, uint64_t age)
{
	char name[DESTINATIONS_NAME];
	struct destination *at;
	size_t i;

	for (i = 0; i < m->plan.nrcpt; i++) {
		const struct plan_rcpt *r = &m->plan.rcpt[i];

		if (!mail_is_waiting(r))
			continue;
		d->rcpts++;
		at = find(d, name, domain_of(r->mailbox, name));
		if (at == NULL) {
			d->rest++;
			continue;
		}
		at->rcpts++;
		at->messages += at->number != m->number ? 1 : 0;
		at->number = m->number;
		at->oldest = age > at->oldest ? age : at->oldest;
		keep_reason(at, r);
	}
}

static int
compare(const void *a, const void *b)
{
	const struct destination *x = a;
	const struct destination *y = b;
	size_t n = x->name_n < y->name_n ? x->name_n : y->name_n;

	if (x->rcpts != y->rcpts)
		return (x->rcpts > y->rcpts ? -1 : 1);
	return (memcmp(x->name, y->name, n));
}

size_t
destinations_sort(struct destinations *d, size_t most)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < ARRAY_LEN(d->list); i++)
		if (d->list[i].name_n > 0 && n++ != i)
			d->list[n - 1] = d->list[i];
	qsort(d->list, n, sizeof(d->list[0]), compare);
	return (n < most ? n : most);
}
