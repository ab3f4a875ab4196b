/* SPDX-License-Identifier: ISC */
/*
 * destination: where mail goes (an LMTP server, a command, a file system), and
 * how each of these is doing.
 *
 * Pure, told the time, in seconds; in memory alone, so that a worker that is
 * started again pays with one try for each that is down.  The trouble of some
 * destinations must leave slots of the worker to others:
 *
 * - One that has not done anything for us yet, or failed last, gets one slot;
 *   one that is well at most half of them.  File systems are believed to be
 *   well, and may have more.
 * - The last quarter of the slots is for those that have none.
 * - All together, those that are new, failed last, or have been silent for
 *   some seconds, get no slot of the last quarter.
 * - One that fails gets none for a while: n failures, 60 seconds times n
 *   squared, an hour at most.  Then one message finds out how it is.
 *
 * A hop, where mail leaves, takes none of the slots: messages go over its
 * connections, and while one of these can take a message, it is open.  It is
 * down in the same way; but that it is so, one message has to hear, which was
 * the reason for the connection that failed.
 *
 * The number of rows is bounded; the idle one that was not used for longest
 * makes room.  If none is idle, a new name gets DESTINATION_NONE, which has no
 * limit.
 */
#ifndef SMTPSERV_WORK_WAITING_DESTINATION_H
#define SMTPSERV_WORK_WAITING_DESTINATION_H

#include <stdint.h>

#include "bytes/bytes.h"
#include "outcome/outcome.h"
#include "waiting/queue.h"

enum {
	DESTINATION_NONE = QUEUE_SEEN,
	/* A destination's row has the number of its line in the queue. */
	DESTINATION_FIRST = 3,
	DESTINATION_MAX = QUEUE_LINES,
	/* Seconds. */
	DESTINATION_SILENCE = 5,
	DESTINATION_PAUSE = 60,
	DESTINATION_PAUSE_MAX = 3600,
	/* Of a name for people, which is cut, with its NUL. */
	DESTINATION_LABEL_MAX = 80
};

enum destination_kind {
	DESTINATION_SERVICE,
	DESTINATION_DISK,
	DESTINATION_HOP
};

struct destination {
	/* Private. */
	uint64_t name; /* its hash; 0: a row that was never used */
	enum destination_kind kind;
	uint32_t running;
	uint32_t kept; /* by messages at hand */
	uint32_t failures;
	uint32_t down_until;
	uint32_t since; /* when it was heard of last */
	uint32_t used;
	uint32_t ready; /* messages that a hop can take */
	bool is_proven;
	bool is_told;         /* a message has heard that the hop is down */
	struct outcome words; /* its last, of those that failed */
	char label[DESTINATION_LABEL_MAX];
};

struct destinations {
	/* Private. */
	const struct queue *queue;
	uint32_t slots;
	uint32_t busy;
	uint32_t n; /* rows in use, and the first ones */
	struct destination row[DESTINATION_MAX];
};

/* For so many slots; a row whose line in the queue is not empty is not idle. */
void destination_init(
    struct destinations *t, uint32_t slots, const struct queue *queue);

/*
 * The row of that name, for a recipient of a message at hand: it is given to
 * no other before destination_drop().
 */
uint32_t destination_keep(struct destinations *t, struct bytes name,
    enum destination_kind kind, uint32_t now);

void destination_drop(struct destinations *t, uint32_t where, size_t n);

/*
 * When may something start there, if there is a slot?  Not after now: it may;
 * UINT32_MAX: once something else has ended.
 */
uint32_t destination_opens(
    const struct destinations *t, uint32_t where, uint32_t now);

void destination_started(struct destinations *t, uint32_t where, uint32_t now);

/* With these outcomes for its n recipients; it is down if all say so. */
void destination_ended(struct destinations *t, uint32_t where,
    const struct outcome *outs, size_t n, uint32_t now);

/* It could not be started: that says nothing. */
void destination_not_started(struct destinations *t, uint32_t where);

/* Nobody waits any longer: one for each that is down finds out at once. */
void destination_hurry(struct destinations *t);

bool destination_is_hop(const struct destinations *t, uint32_t where);

/* One more of those that destination_drop() is due for. */
void destination_hold(struct destinations *t, uint32_t where);

/* A hop's connections can take so many messages now. */
void destination_set_ready(
    struct destinations *t, uint32_t where, uint32_t ready);

/* Can something be fed there, and is it not down? */
bool destination_is_ready(
    const struct destinations *t, uint32_t where, uint32_t now);

/* It is down, or not any longer. */
void destination_fell(struct destinations *t, uint32_t where,
    const struct outcome *words, uint32_t now);
void destination_rose(struct destinations *t, uint32_t where);
bool destination_is_down(
    const struct destinations *t, uint32_t where, uint32_t now);

/*
 * Is it a hop that is down, and is the message at hand the one to hear so?
 * Then it has.
 */
bool destination_tells(struct destinations *t, uint32_t where, uint32_t now);

/* Its name, for a log; "": it has none. */
const char *destination_label(const struct destinations *t, uint32_t where);

/* Why nothing goes there now; NULL: it has not failed. */
const struct outcome *destination_words(
    const struct destinations *t, uint32_t where);

#endif
