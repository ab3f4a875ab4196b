/* SPDX-License-Identifier: ISC */
/*
 * desk: the work in hand: slots, in each of which an agent runs, and jobs, the
 * messages that the agents run for.
 *
 * Allocated once.  For n workers n agents may be busy at once.  Beside them
 * n - 1 slots may wait for a sync, the last of an agent or that of the record
 * of its outcomes, which costs no worker (a single worker does one thing after
 * the other), so there are 2 n - 1 slots; and more jobs, as messages wait for
 * the sync of their end, too, or are on their way to other hosts (outbound.h),
 * which costs no slot.  Fewer jobs
 * than there are workers are bulk (messages with more than DESK_BURST
 * recipients), so that small ones always find room.
 */
#ifndef SMTPSERV_WORK_DESK_H
#define SMTPSERV_WORK_DESK_H

#include "agent.h"
#include "job.h"

enum {
	/* Deliveries of a message before others have a turn. */
	DESK_BURST = 100,
	/*
	 * Agents that write into one Maildir: what comes meanwhile goes with
	 * the next one.  Milliseconds, after which one does not count.
	 */
	DESK_CROWD = 1,
	DESK_CROWD_MS = 500,
	/* Messages at hand, at most, that join others in an agent. */
	DESK_JOINERS = 128
};

/* Deliveries or a report, until what came of them is durable. */
struct slot {
	struct agent agent;
	size_t left; /* parts of the errand that are not durable; 0: free */
	struct job_errand errand;
	int64_t started_ms;
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

/* How many messages are at hand at most. */
size_t desk_jobs(size_t workers);

/* False: no memory.  It may be closed all the same. */
bool desk_open(struct desk *d, size_t workers, size_t flights) MUST_CHECK;
void desk_close(struct desk *d);

/* How many messages more could be at hand. */
size_t desk_room(const struct desk *d);

/* NULL: none is free, or as many agents are busy as there are workers. */
struct slot *desk_free_slot(struct desk *d);
struct job *desk_free_job(struct desk *d);

bool desk_is_bulk(const struct message *m);

/* Is there a place for one more that is bulk? */
bool desk_has_room(const struct desk *d);

/* Is there nothing in hand? */
bool desk_is_idle(const struct desk *d);

/*
 * What was settled in earlier rounds of the job is durable, or the job is over:
 * free the slots that waited for it.
 */
void desk_clear(struct desk *d, const struct job *j);

/* Do as many agents as are of use write into that lot's Maildir now? */
bool desk_is_crowded(const struct desk *d, const struct lot *lot);

/* In an agent: close what is not of its errand, and the locks above all. */
void desk_close_others(const struct desk *d, const struct job_errand *own);

#endif
