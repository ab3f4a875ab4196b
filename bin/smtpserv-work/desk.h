/* SPDX-License-Identifier: ISC */
/*
 * desk: the work in hand: slots, in each of which an agent runs, and jobs, the
 * messages that the agents run for.
 *
 * Allocated once.  For n workers n agents may be busy at once.  Beside them
 * n - 1 agents may wait for their last sync, which costs no worker (a single
 * worker does one thing after the other), so there are 2 n - 1 slots; and more
 * jobs, as messages wait for the sync of their end, too.  At most a third of
 * the jobs may be bulk (messages with more than DESK_BURST recipients), so that
 * small ones always find room.
 */
#ifndef SMTPSERV_WORK_DESK_H
#define SMTPSERV_WORK_DESK_H

#include "agent.h"
#include "job.h"

enum {
	/* Deliveries of a message before others have a turn. */
	DESK_BURST = 100
};

/* A delivery or a report, until what came of it is durable. */
struct slot {
	struct agent agent;
	struct job *job; /* NULL: free */
	struct job_errand errand;
	bool is_settled;
	bool is_light; /* its agent only waits, and has been heard to */
	struct outcome out[LOTS_SHARED_MAX];
};

struct desk {
	size_t workers;
	size_t n; /* of the slots */
	struct slot *slots;
	size_t njobs;
	struct job *jobs;
};

/* False: no memory.  It may be closed all the same. */
bool desk_open(struct desk *d, size_t workers) MUST_CHECK;
void desk_close(struct desk *d);

/* NULL: none is free, or as many agents are busy as there are workers. */
struct slot *desk_free_slot(struct desk *d);
struct job *desk_free_job(struct desk *d);

bool desk_is_bulk(const struct message *m);

/* Is there a place for one more that is bulk? */
bool desk_has_room(const struct desk *d);

/* Is there nothing in hand? */
bool desk_is_idle(const struct desk *d);

/* Free the job's slots that are settled. */
void desk_clear(struct desk *d, const struct job *j);

/* In an agent: close what is not its own job's, and the locks above all. */
void desk_close_others(const struct desk *d, const struct job *own);

#endif
