/* SPDX-License-Identifier: ISC */
#include "waiting/queue.h"

#include <stdlib.h>
#include <string.h>

enum {
	CAP_MIN = 256
};

void
queue_init(struct queue *q)
{
	*q = (struct queue){ NULL, 0, 0, 0, 0, 0 };
}

void
queue_free(struct queue *q)
{
	free(q->list);
	queue_init(q);
}

static bool
make_room(struct queue *q)
{
	/* By a half: what is too much is less than with twice. */
	size_t cap = q->cap < CAP_MIN ? CAP_MIN : q->cap + q->cap / 2;
	struct queue_entry *list;

	if (q->n < q->cap)
		return (true);
	list = realloc(q->list, cap * sizeof(*list));
	if (list == NULL)
		return (false);
	q->list = list;
	q->cap = cap;
	return (true);
}

/* The first that is not below the number. */
static size_t
find(const struct queue *q, uint32_t number)
{
	size_t low = 0;
	size_t high = q->sorted;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (q->list[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return (low);
}

static struct queue_entry *
entry_of(const struct queue *q, uint32_t number)
{
	size_t i = find(q, number);

	return (
	    i < q->sorted && q->list[i].number == number ? &q->list[i] : NULL);
}

/* One that was forgotten is there again. */
static void
revive(struct queue *q, struct queue_entry *e, uint32_t now)
{
	if (e->state != QUEUE_GONE)
		return;
	q->gone--;
	e->state = QUEUE_NEW;
	e->due = now;
}

bool
queue_add(struct queue *q, uint32_t number, uint32_t now)
{
	struct queue_entry *e = entry_of(q, number);
	size_t i;

	if (e != NULL) {
		revive(q, e, now);
		/* Something has happened to it: perhaps it is free now. */
		if (e->state == QUEUE_BUSY)
			e->due = now;
		return (true);
	}
	if (!make_room(q))
		return (false);
	i = find(q, number);
	memmove(&q->list[i + 1], &q->list[i], (q->n - i) * sizeof(q->list[0]));
	q->list[i] = (struct queue_entry){ number, QUEUE_NEW, now };
	q->n++;
	q->sorted = q->n;
	if (i < q->at)
		q->at++;
	return (true);
}

bool
queue_append(struct queue *q, uint32_t number, uint32_t now)
{
	struct queue_entry *e = entry_of(q, number);

	if (e != NULL) {
		revive(q, e, now);
		return (true);
	}
	if (!make_room(q))
		return (false);
	q->list[q->n++] = (struct queue_entry){ number, QUEUE_NEW, now };
	return (true);
}

/* By number.  A directory that changes may name one twice. */
static int
compare(const void *a, const void *b)
{
	const struct queue_entry *x = a;
	const struct queue_entry *y = b;

	return (x->number < y->number ? -1 : x->number > y->number);
}

void
queue_merge(struct queue *q)
{
	/* Where the next look is: at this number, or just behind it. */
	bool is_behind = q->at >= q->sorted;
	uint32_t number = q->sorted == 0 ? 0
	    : is_behind                  ? q->list[q->sorted - 1].number
					 : q->list[q->at].number;
	size_t n = 0;
	size_t i;

	if (q->n == q->sorted)
		return;
	qsort(q->list, q->n, sizeof(q->list[0]), compare);
	for (i = 0; i < q->n; i++) {
		if (n == 0 || q->list[n - 1].number != q->list[i].number)
			q->list[n++] = q->list[i];
	}
	q->n = n;
	q->sorted = n;
	q->at = find(q, number);
	if (is_behind && q->at < n && q->list[q->at].number == number)
		q->at++;
}

/* Drop those that are gone, once they are many. */
static void
compact(struct queue *q)
{
	size_t n = 0;
	size_t at = q->at;
	size_t i;

	if (q->gone < CAP_MIN || q->gone < q->n / 2)
		return;
	for (i = 0; i < q->n; i++) {
		if (q->list[i].state != QUEUE_GONE)
			q->list[n++] = q->list[i];
		else if (i < q->at)
			at--;
	}
	q->at = at;
	q->n = n;
	q->sorted = n;
	q->gone = 0;
}

static bool
is_waiting(const struct queue_entry *e)
{
	return (e->state != QUEUE_OURS && e->state != QUEUE_GONE);
}

bool
queue_next(struct queue *q, uint32_t now, bool bulk, uint32_t *number)
{
	size_t i;

	compact(q);
	for (i = 0; i < q->n; i++) {
		struct queue_entry *e;

		if (q->at >= q->n)
			q->at = 0;
		e = &q->list[q->at++];
		if (is_waiting(e) && e->due <= now &&
		    (bulk || e->state != QUEUE_BULK)) {
			e->state = QUEUE_OURS;
			*number = e->number;
			return (true);
		}
	}
	return (false);
}

void
queue_put_back(
    struct queue *q, uint32_t number, enum queue_state state, uint32_t due)
{
	struct queue_entry *e = entry_of(q, number);

	if (e == NULL)
		return;
	e->state = state;
	e->due = due;
}

void
queue_forget(struct queue *q, uint32_t number)
{
	struct queue_entry *e = entry_of(q, number);

	if (e == NULL || e->state == QUEUE_GONE)
		return;
	e->state = QUEUE_GONE;
	q->gone++;
}

uint32_t
queue_wakes(const struct queue *q)
{
	uint32_t first = UINT32_MAX;
	size_t i;

	for (i = 0; i < q->n; i++)
		if (is_waiting(&q->list[i]) && q->list[i].state != QUEUE_BULK &&
		    q->list[i].due < first)
			first = q->list[i].due;
	return (first);
}

size_t
queue_waiting(const struct queue *q)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < q->n; i++)
		if (is_waiting(&q->list[i]))
			n++;
	return (n);
}
