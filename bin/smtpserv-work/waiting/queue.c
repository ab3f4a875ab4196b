/* SPDX-License-Identifier: ISC */
#include "waiting/queue.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

enum {
	CAP_MIN = 256,
	FIRST_DESTINATION = 3
};

enum state {
	SPARE,
	OURS,
	BUSY,
	WAITING
};

/* In the heap of its line, by index: a pairing heap. */
struct queue_entry {
	uint32_t number;
	uint32_t due;
	uint32_t alarm;
	uint16_t line;
	uint16_t state;
	uint32_t child;
	uint32_t next; /* sibling */
	uint32_t prev; /* or the parent, of the first child */
	uint32_t chain;
};

void
queue_init(struct queue *q)
{
	size_t i;

	*q = (struct queue){ .spare = NONE };
	for (i = 0; i < QUEUE_LINES; i++)
		q->root[i] = NONE;
}

void
queue_free(struct queue *q)
{
	free(q->pool);
	free(q->buckets);
	queue_init(q);
}

static uint32_t
bucket_of(const struct queue *q, uint32_t number)
{
	return ((number * UINT32_C(2654435761)) >> 7 & (q->nbuckets - 1));
}

static struct queue_entry *
entry_of(const struct queue *q, uint32_t number)
{
	uint32_t i = q->nbuckets == 0 ? NONE : q->buckets[bucket_of(q, number)];

	while (i != NONE && q->pool[i].number != number)
		i = q->pool[i].chain;
	return (i == NONE ? NULL : &q->pool[i]);
}

static void
enter_chain(struct queue *q, uint32_t i)
{
	uint32_t *bucket = &q->buckets[bucket_of(q, q->pool[i].number)];

	q->pool[i].chain = *bucket;
	*bucket = i;
}

static void
leave_chain(struct queue *q, uint32_t i)
{
	uint32_t *at = &q->buckets[bucket_of(q, q->pool[i].number)];

	while (*at != i)
		at = &q->pool[*at].chain;
	*at = q->pool[i].chain;
}

/* Twice the buckets, if there are more entries than buckets. */
static bool
make_buckets(struct queue *q)
{
	uint32_t n = q->nbuckets == 0 ? CAP_MIN : 2 * q->nbuckets;
	uint32_t *buckets;
	uint32_t i;

	if (q->used < q->nbuckets)
		return (true);
	buckets = malloc(n * sizeof(*buckets));
	if (buckets == NULL)
		return (false);
	memset(buckets, 0xff, n * sizeof(*buckets));
	free(q->buckets);
	q->buckets = buckets;
	q->nbuckets = n;
	for (i = 0; i < q->used; i++)
		if (q->pool[i].state != SPARE)
			enter_chain(q, i);
	return (true);
}

static bool
make_room(struct queue *q)
{
	/* By a half, which wastes less than doubling. */
	uint32_t cap = q->cap < CAP_MIN ? CAP_MIN : q->cap + q->cap / 2;
	struct queue_entry *pool;

	if (q->spare != NONE)
		return (true);
	if (!make_buckets(q))
		return (false);
	if (q->used < q->cap)
		return (true);
	pool = realloc(q->pool, cap * sizeof(*pool));
	if (pool == NULL)
		return (false);
	q->pool = pool;
	q->cap = cap;
	return (true);
}

/* Has it been due for longer, or is it older? */
static bool
is_before(const struct queue_entry *a, const struct queue_entry *b)
{
	return (a->due != b->due ? a->due < b->due : a->number < b->number);
}

/* Two heaps become one. */
static uint32_t
meld(struct queue *q, uint32_t a, uint32_t b)
{
	if (a == NONE || b == NONE)
		return (a == NONE ? b : a);
	q->steps++;
	if (is_before(&q->pool[b], &q->pool[a])) {
		uint32_t other = a;

		a = b;
		b = other;
	}
	q->pool[b].next = q->pool[a].child;
	q->pool[b].prev = a;
	if (q->pool[a].child != NONE)
		q->pool[q->pool[a].child].prev = b;
	q->pool[a].child = b;
	return (a);
}

/* Take an entry out alone; returns the entries that were behind it. */
static uint32_t
detach(struct queue *q, uint32_t i)
{
	uint32_t next = q->pool[i].next;

	q->pool[i].next = NONE;
	q->pool[i].prev = NONE;
	return (next);
}

/* Brothers and sisters become one heap: by pairs, then from the last on. */
static uint32_t
meld_all(struct queue *q, uint32_t first)
{
	uint32_t pairs = NONE;
	uint32_t all = NONE;

	while (first != NONE) {
		uint32_t a = first;
		uint32_t b = detach(q, a);

		first = b == NONE ? NONE : detach(q, b);
		a = meld(q, a, b);
		q->pool[a].next = pairs;
		pairs = a;
	}
	while (pairs != NONE) {
		uint32_t a = pairs;

		pairs = detach(q, a);
		all = meld(q, all, a);
	}
	return (all);
}

static void
enter_line(struct queue *q, uint32_t i, uint32_t line, enum state state)
{
	struct queue_entry *e = &q->pool[i];

	e->line = (uint16_t)line;
	e->state = (uint16_t)state;
	e->child = NONE;
	e->next = NONE;
	e->prev = NONE;
	q->root[line] = meld(q, q->root[line], i);
	q->waiting++;
}

static void
leave_line(struct queue *q, uint32_t i)
{
	struct queue_entry *e = &q->pool[i];
	uint32_t below = meld_all(q, e->child);

	if (q->root[e->line] == i) {
		q->root[e->line] = below;
	} else {
		if (q->pool[e->prev].child == i)
			q->pool[e->prev].child = e->next;
		else
			q->pool[e->prev].next = e->next;
		if (e->next != NONE)
			q->pool[e->next].prev = e->prev;
		q->root[e->line] = meld(q, q->root[e->line], below);
	}
	q->waiting--;
}

static bool
is_waiting(const struct queue_entry *e)
{
	return (e->state == WAITING || e->state == BUSY);
}

static uint32_t
index_of(const struct queue *q, const struct queue_entry *e)
{
	return ((uint32_t)(e - q->pool));
}

/* To the end of a line, or to its beginning: it is due now. */
static void
move(struct queue *q, struct queue_entry *e, uint32_t line, uint32_t due)
{
	leave_line(q, index_of(q, e));
	e->due = due;
	enter_line(q, index_of(q, e), line, WAITING);
}

static bool
enter(struct queue *q, uint32_t number, uint32_t line, uint32_t now)
{
	uint32_t i;

	if (!make_room(q))
		return (false);
	if (q->spare != NONE) {
		i = q->spare;
		q->spare = q->pool[i].next;
	} else {
		i = q->used++;
	}
	q->pool[i] = (struct queue_entry){
		.number = number, .due = now, .alarm = UINT32_MAX
	};
	enter_chain(q, i);
	enter_line(q, i, line, WAITING);
	return (true);
}

bool
queue_add(struct queue *q, uint32_t number, uint32_t now)
{
	struct queue_entry *e = entry_of(q, number);

	if (e == NULL)
		return (enter(q, number, QUEUE_HEARD, now));
	/* Something has happened to it: perhaps it is free now. */
	if (e->state == BUSY && e->due > now)
		move(q, e, QUEUE_HEARD, now);
	return (true);
}

bool
queue_is_waiting(const struct queue *q, uint32_t number)
{
	const struct queue_entry *e = entry_of(q, number);

	return (e != NULL && is_waiting(e));
}

void
queue_ask(struct queue *q, uint32_t number, uint32_t now)
{
	struct queue_entry *e = entry_of(q, number);

	if (e != NULL && is_waiting(e))
		move(q, e, QUEUE_HEARD, now);
}

bool
queue_see(struct queue *q, uint32_t number, uint32_t now)
{
	return (
	    entry_of(q, number) != NULL || enter(q, number, QUEUE_SEEN, now));
}

bool
queue_next(struct queue *q, uint32_t now, queue_opens_fn *opens,
    const void *ctx, uint32_t *number)
{
	uint32_t i;

	for (i = 1; i <= QUEUE_LINES; i++) {
		uint32_t line = (q->turn + i) % QUEUE_LINES;
		uint32_t first = q->root[line];

		if (first == NONE || q->pool[first].due > now ||
		    opens(ctx, line) > now)
			continue;
		leave_line(q, first);
		q->pool[first].state = OURS;
		q->turn = line;
		*number = q->pool[first].number;
		return (true);
	}
	return (false);
}

void
queue_put_back(
    struct queue *q, uint32_t number, const struct queue_place *place)
{
	struct queue_entry *e = entry_of(q, number);

	if (e == NULL || e->state != OURS)
		return;
	e->due = place->due;
	e->alarm = place->alarm;
	enter_line(
	    q, index_of(q, e), place->line, place->is_busy ? BUSY : WAITING);
}

void
queue_forget(struct queue *q, uint32_t number)
{
	struct queue_entry *e = entry_of(q, number);

	if (e == NULL)
		return;
	if (is_waiting(e))
		leave_line(q, index_of(q, e));
	leave_chain(q, index_of(q, e));
	e->state = SPARE;
	e->next = q->spare;
	q->spare = index_of(q, e);
}

void
queue_hurry(struct queue *q, uint32_t now)
{
	uint32_t i;

	for (i = 0; i < q->used; i++)
		if (is_waiting(&q->pool[i]))
			move(q, &q->pool[i], QUEUE_SEEN, now);
}

uint32_t
queue_due(const struct queue *q, uint32_t number)
{
	const struct queue_entry *e = entry_of(q, number);

	return (e == NULL ? 0 : e->due);
}

void
queue_sweep(struct queue *q, uint32_t now)
{
	uint32_t i;

	for (i = 0; i < q->used; i++) {
		struct queue_entry *e = &q->pool[i];

		if (is_waiting(e) && e->line >= FIRST_DESTINATION &&
		    e->alarm <= now)
			move(q, e, QUEUE_SEEN, now);
	}
}

void
queue_release(struct queue *q, uint32_t line, uint32_t until)
{
	uint32_t i;

	for (i = 0; i < q->used; i++) {
		struct queue_entry *e = &q->pool[i];

		if (is_waiting(e) && e->line == line && e->alarm <= until)
			move(q, e, QUEUE_SEEN, e->due);
	}
}

void
queue_unroute(struct queue *q)
{
	uint32_t i;

	for (i = 0; i < q->used; i++)
		if (is_waiting(&q->pool[i]) &&
		    q->pool[i].line >= FIRST_DESTINATION)
			q->pool[i].line = QUEUE_SEEN;
	for (i = FIRST_DESTINATION; i < QUEUE_LINES; i++) {
		q->root[QUEUE_SEEN] = meld(q, q->root[QUEUE_SEEN], q->root[i]);
		q->root[i] = NONE;
	}
}

bool
queue_is_empty(const struct queue *q, uint32_t line)
{
	return (q->root[line] == NONE);
}

bool
queue_is_due(const struct queue *q, uint32_t line, uint32_t now)
{
	uint32_t root = q->root[line];

	return (root != NONE && q->pool[root].due <= now);
}

uint32_t
queue_wakes(const struct queue *q, queue_opens_fn *opens, const void *ctx)
{
	uint32_t first = UINT32_MAX;
	uint32_t line;

	for (line = 0; line < QUEUE_LINES; line++) {
		uint32_t root = q->root[line];
		uint32_t due;
		uint32_t open;

		if (root == NONE || q->pool[root].due >= first)
			continue;
		due = q->pool[root].due;
		open = opens(ctx, line);
		if (open > due)
			due = open;
		if (due < first)
			first = due;
	}
	return (first);
}

size_t
queue_waiting(const struct queue *q)
{
	return (q->waiting);
}
