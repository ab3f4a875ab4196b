/* SPDX-License-Identifier: ISC */
/*
 * turns: from the messages that wait to the jobs at hand, and back.
 *
 * A message is claimed, its destinations are looked up, and it becomes a job.
 * If they are down or full for all recipients, it goes back to wait for one of
 * them, and is not looked at before that one opens.
 */
#ifndef SMTPSERV_WORK_TURNS_H
#define SMTPSERV_WORK_TURNS_H

#include <time.h>

#include "deliver/lookup.h"
#include "desk.h"
#include "outbound/outbound.h"
#include "waiting/backlog.h"
#include "work.h"

struct turns {
	struct backlog backlog;
	struct lookup lookup; /* open, if the last look was good */
	/* Private. */
	time_t asked_at; /* a message last tried before then is due */
	const struct work_order *order;
	const struct desk *desk;
	struct outbound *outbound;
	/* The message at hand, and what it wants, once that was asked for. */
	const struct message *message;
	bool has_care;
	enum hopname_care care;
};

/* All three stay the caller's. */
void turns_open(struct turns *t, const struct work_order *order,
    const struct desk *desk, struct outbound *outbound);
void turns_close_all(struct turns *t);

/* The settings were read again: all that waits is due now. */
void turns_hurry(struct turns *t);

/* See whether the table is another by now. */
void turns_refresh(struct turns *t);

/* The message of that number becomes a job, if it can. */
void turns_take(struct turns *t, struct job *j, uint32_t number);

/* A job of which nothing runs, and nothing can start, is to end its pass. */
void turns_hold(struct turns *t, struct job *j);

/* A job that came to its end leaves the table. */
void turns_close(struct turns *t, struct job *j, uint32_t number);

/* May something start there now?  ctx: the turns; see job.h. */
bool turns_may(const void *ctx, const struct lot *lot);

#endif
