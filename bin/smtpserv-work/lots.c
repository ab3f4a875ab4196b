/* SPDX-License-Identifier: ISC */
#include "lots.h"

#include <stdlib.h>

#include "shared.h"

struct lots_item {
	uint32_t where;
	struct lots_way way;
	size_t rcpt;
};

/* 0: they are of the same lot. */
static int
compare_ways(const struct lots_item *x, const struct lots_item *y)
{
	if (x->where != y->where)
		return (x->where < y->where ? -1 : 1);
	if (x->way.is_shared != y->way.is_shared)
		return (x->way.is_shared ? 1 : -1);
	if (x->way.maildir != y->way.maildir)
		return (x->way.maildir < y->way.maildir ? -1 : 1);
	return (0);
}

static int
compare(const void *a, const void *b)
{
	const struct lots_item *x = a;
	const struct lots_item *y = b;
	int n = compare_ways(x, y);

	return (n != 0 ? n : x->rcpt < y->rcpt ? -1 : x->rcpt > y->rcpt);
}

/* By destination, and then in the order of the plan. */
static int
compare_lots(const void *a, const void *b)
{
	const struct lot *x = a;
	const struct lot *y = b;

	if (x->where != y->where)
		return (x->where < y->where ? -1 : 1);
	if (x->is_shared != y->is_shared)
		return (x->is_shared ? 1 : -1);
	return (x->first < y->first ? -1 : x->first > y->first);
}

static bool
begins(const struct lots *l, size_t i)
{
	return (i == 0 || compare_ways(&l->items[i - 1], &l->items[i]) != 0);
}

/* A lot for each run of items that are alike. */
static bool
divide(struct lots *l, size_t nitems)
{
	size_t i;

	l->n = 0;
	for (i = 0; i < nitems; i++)
		if (begins(l, i))
			l->n++;
	l->list = calloc(l->n + 1, sizeof(*l->list));
	l->n = 0;
	if (l->list == NULL)
		return (false);
	for (i = 0; i < nitems; i++) {
		const struct lots_item *item = &l->items[i];

		if (begins(l, i))
			l->list[l->n++] = (struct lot){ .where = item->where,
				.is_shared = item->way.is_shared,
				.maildir = item->way.maildir,
				.first = item->rcpt,
				.at = i };
		l->list[l->n - 1].end = i + 1;
		l->list[l->n - 1].n++;
	}
	qsort(l->list, l->n, sizeof(*l->list), compare_lots);
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
		item->where = where(ctx, p->rcpt[i].mailbox, &item->way);
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
lots_take(const struct lots *l, struct lot *lot, size_t *rcpts, size_t max)
{
	size_t n = 0;

	if (max > LOTS_SHARED_MAX)
		max = LOTS_SHARED_MAX;
	if (max > 1 && !lot->is_shared && lot->maildir == 0)
		max = 1;

	while (n < max && lot->at < lot->end)
		rcpts[n++] = l->items[lot->at++].rcpt;
	return (n);
}
