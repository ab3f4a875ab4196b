/* SPDX-License-Identifier: ISC */
/*
 * queue: the numbers of the messages that wait, and when each is due.
 *
 * Twelve bytes a message, and nothing else of it is kept.  Numbers stand in
 * order; the next is the first that is due behind the one handed out last, so
 * that the oldest come first, and one that always fails keeps nobody waiting.
 */
#ifndef SMTPSERV_WORK_WAITING_QUEUE_H
#define SMTPSERV_WORK_WAITING_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum queue_state {
	QUEUE_NEW,   /* not tried since we have started */
	QUEUE_LATER, /* tried; due is when it is tried again */
	QUEUE_BUSY,  /* somebody else had it; due is when to look again */
	QUEUE_BULK,  /* large: due whenever there is a place for one */
	QUEUE_OURS,  /* handed out */
	QUEUE_GONE   /* to be forgotten */
};

struct queue_entry {
	uint32_t number;
	uint32_t state; /* enum queue_state */
	uint32_t due;   /* seconds since the queue's epoch */
};

struct queue {
	/* Private. */
	struct queue_entry *list;
	size_t n;
	size_t cap;
	size_t gone;
	size_t at;     /* the next to look at */
	size_t sorted; /* so many are in order */
};

void queue_init(struct queue *q);
void queue_free(struct queue *q);

/*
 * Something was heard of the message: a new one is due at once, as is one that
 * somebody else had.  What is known of others stays.  False: no memory.
 */
bool queue_add(struct queue *q, uint32_t number, uint32_t now);

/*
 * The same for what is only seen to be there, which says nothing of those that
 * are known.  Many at once, in any order: queue_append() each, then
 * queue_merge().
 */
bool queue_append(struct queue *q, uint32_t number, uint32_t now);
void queue_merge(struct queue *q);

/*
 * The next that is due, which is ours then; false: none is.  bulk: one that
 * is large, too.
 */
bool queue_next(struct queue *q, uint32_t now, bool bulk, uint32_t *number);

/* What has become of it. */
void queue_put_back(
    struct queue *q, uint32_t number, enum queue_state state, uint32_t due);
void queue_forget(struct queue *q, uint32_t number);

/* When the next is due, bulk aside; UINT32_MAX: none will be. */
uint32_t queue_wakes(const struct queue *q);

/* How many are waiting: all but ours. */
size_t queue_waiting(const struct queue *q);

#endif
