/* SPDX-License-Identifier: ISC */
#include "lots.h"

#include <stdlib.h>

#include "shared.h"

struct lots_item {
	uint32_t where;
	bool is_shared;
	size_t rcpt;
};

static int
compare(const void *a, const void *b)
{
	const struct lots_item *x = a;
	const struct lots_item *y = b;

	if (x->where != y->where)
		return (x->where < y->where ? -1 : 1);
	if (x->is_shared != y->is_shared)
		return (x->is_shared ? 1 : -1);
	return (x->rcpt < y->rcpt ? -1 : x->rcpt > y->rcpt);
}

static bool
is_same(const struct lots_item *a, const struct lots_item *b)
{
	return (a->where == b->where && a->is_shared == b->is_shared);
}

/* A lot for each run of items that are alike. */
static bool
divide(struct lots *l, size_t nitems)
{
	size_t i;

	l->n = 0;
	for (i = 0; i < nitems; i++)
		if (i == 0 || !is_same(&l->items[i - 1], &l->items[i]))
			l->n++;
	l->list = calloc(l->n + 1, sizeof(*l->list));
	l->n = 0;
	if (l->list == NULL)
		return (false);
	for (i = 0; i < nitems; i++) {
		if (i == 0 || !is_same(&l->items[i - 1], &l->items[i]))
			l->list[l->n++] =
			    (struct lot){ .where = l->items[i].where,
				    .is_shared = l->items[i].is_shared,
				    .at = i };
		l->list[l->n - 1].end = i + 1;
		l->list[l->n - 1].n++;
	}
	return (true);
}

bool
lots_make(struct lots *l, const struct plan *p, lots_where_fn *where, void *ctx)
{
	size_t n = 0;
	size_t i;

	*l = (struct lots){ .items = shared_get(
				(p->nrcpt + 1) * sizeof(*l->items)) };
	if (l->items == NULL)
		return (false);
	for (i = 0; i < p->nrcpt; i++) {
		struct lots_item *item = &l->items[n];

		if (p->rcpt[i].state != PLAN_WAITING)
			continue;
		item->where = where(ctx, p->rcpt[i].mailbox, &item->is_shared);
		item->rcpt = i;
		n++;
	}
	qsort(l->items, n, sizeof(*l->items), compare);
	return (divide(l, n));
}

void
lots_free(struct lots *l)
{
	free(l->list);
	shared_put(l->items);
	*l = (struct lots){ .list = NULL };
}

bool
lots_has(const struct lot *lot)
{
	return (lot->at < lot->end);
}

static bool
is_left(const struct lots *l, const struct lot *lot, const struct plan *p)
{
	size_t at;

	for (at = lot->end - lot->n; at < lot->end; at++) {
		enum plan_state state = p->rcpt[l->items[at].rcpt].state;

		if (state == PLAN_WAITING || state == PLAN_TRIED)
			return (true);
	}
	return (false);
}

void
lots_note_left(struct lots *l, const struct plan *p)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		l->list[i].is_left = is_left(l, &l->list[i], p);
}

size_t
lots_take(const struct lots *l, struct lot *lot, size_t *rcpts)
{
	size_t max = lot->is_shared ? LOTS_SHARED_MAX : 1;
	size_t n = 0;

	while (n < max && lot->at < lot->end)
		rcpts[n++] = l->items[lot->at++].rcpt;
	return (n);
}
