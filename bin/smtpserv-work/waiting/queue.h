/* SPDX-License-Identifier: ISC */
/*
 * queue: the numbers of the messages that wait, in lines, and when each is due.
 *
 * Pure; 36 octets a message, and nothing else of it is kept.  Three lines are
 * for messages of which nothing is known but their number; any other is of a
 * destination, and moves on only while that is open.  The lines have their
 * turns; in each, the message that has been due for longest comes first, and of
 * several the oldest.  So a message in a closed line costs the others nothing.
 */
#ifndef SMTPSERV_WORK_WAITING_QUEUE_H
#define SMTPSERV_WORK_WAITING_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	QUEUE_SEEN = 0,  /* found in the directory; or nobody's in particular */
	QUEUE_HEARD = 1, /* came while we watched */
	QUEUE_BULK = 2,  /* large */
	QUEUE_LINES = 512
};

struct queue_entry;

struct queue {
	/* The number of entries that were looked at, ever. */
	uint64_t steps;
	/* Private. */
	struct queue_entry *pool;
	uint32_t *buckets;
	uint32_t nbuckets; /* a power of two */
	uint32_t cap;
	uint32_t used; /* of the pool, at least once */
	uint32_t spare;
	uint32_t waiting;
	uint32_t turn; /* the line that had the last one */
	uint32_t root[QUEUE_LINES];
};

void queue_init(struct queue *q);
void queue_free(struct queue *q);

/*
 * Something was heard of the message: a new one is due at once, as is one that
 * somebody else had.  What is known of others stays.  False: no memory.
 */
bool queue_add(struct queue *q, uint32_t number, uint32_t now);

/* Is it here, and not ours? */
bool queue_is_waiting(const struct queue *q, uint32_t number);

/* Somebody wants it to be tried: one that is waiting is due at once. */
void queue_ask(struct queue *q, uint32_t number, uint32_t now);

/*
 * As queue_add() does, for a message that was seen in the directory and of
 * which nothing was heard: one that waits already stays as it is.
 */
bool queue_see(struct queue *q, uint32_t number, uint32_t now);

/* When does the line move on?  Any time that is not after now: it does;
 * UINT32_MAX: not by itself. */
typedef uint32_t queue_opens_fn(const void *ctx, uint32_t line);

/* The next that is due, which is ours then; false: none is. */
bool queue_next(struct queue *q, uint32_t now, queue_opens_fn *opens,
    const void *ctx, uint32_t *number);

struct queue_place {
	uint32_t line;
	uint32_t due;
	uint32_t alarm; /* when it is looked at whatever its line does */
	bool is_busy;   /* somebody else has it */
};

/* Say what became of it: where it waits, or that it is gone. */
void queue_put_back(
    struct queue *q, uint32_t number, const struct queue_place *place);
void queue_forget(struct queue *q, uint32_t number);

/* All that wait are due now, and to be looked at. */
void queue_hurry(struct queue *q, uint32_t now);

/* One that is ours: since when has it been due? */
uint32_t queue_due(const struct queue *q, uint32_t number);

/* Take those whose alarm has come out of their lines, to be looked at. */
void queue_sweep(struct queue *q, uint32_t now);

/* The same for those of one line whose alarm comes until then. */
void queue_release(struct queue *q, uint32_t line, uint32_t until);

/* Nothing is known of any destination any more. */
void queue_unroute(struct queue *q);

/* Is this line empty? */
bool queue_is_empty(const struct queue *q, uint32_t line);

/* Is the first of this line due? */
bool queue_is_due(const struct queue *q, uint32_t line, uint32_t now);

/* When the next is due; UINT32_MAX: none will be. */
uint32_t queue_wakes(
    const struct queue *q, queue_opens_fn *opens, const void *ctx);

/* How many are waiting: all but ours. */
size_t queue_waiting(const struct queue *q);

#endif
