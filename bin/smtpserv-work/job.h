/* SPDX-License-Identifier: ISC */
/*
 * job: a message that is being worked on: one pass over its recipients, then
 * a report if one is due, then its end or its return to the spool.
 */
#ifndef SMTPSERV_WORK_JOB_H
#define SMTPSERV_WORK_JOB_H

#include "deliver/deliver.h"
#include "log/log.h"
#include "lots.h"
#include "message.h"

enum job_task {
	JOB_NOTHING, /* not now: something has to end first */
	JOB_DELIVER,
	JOB_REPORT
};

enum job_state {
	JOB_FREE,
	JOB_DELIVERING,
	JOB_REPORTING,
	JOB_ENDING,   /* the envelope is removed, but not durably */
	JOB_DONE,     /* the message is gone */
	JOB_RETURNED, /* it is to be tried again, after seconds */
	JOB_ASIDE     /* it is N.BAD */
};

struct job;

/* A recipient of a job, for whom an agent is started. */
struct job_part {
	struct job *job;
	size_t rcpt;
	unsigned int round; /* the job's, when this was settled */
};

/* What an agent is started for. */
struct job_errand {
	enum job_task task;
	uint32_t where;    /* the destination */
	uint64_t maildir;  /* its lot's */
	uint64_t octets;   /* that have to be written into that */
	const char *place; /* its name, or "" */
	size_t n;
	struct job_part part[LOTS_SHARED_MAX];
};

enum job_pace {
	JOB_FOREVER, /* try to record what was settled again and again */
	JOB_ONCE,    /* give up on that after a while */
	JOB_STOP     /* likewise, and start nothing more */
};

struct job {
	enum job_state state;
	struct message message;
	/* Its recipients by destination: a job has them once it has begun. */
	struct lots lots;
	/*
	 * The recipients left wait for destinations; and it was returned with
	 * none of them tried, so that this was not a try.
	 */
	bool is_held;
	bool is_put_off;
	int64_t retry_ms; /* a record has failed: not before this moment */
	/* Counts the records that were begun: what came later is in none. */
	unsigned int round;
	bool is_syncing; /* what it wants is being synced */
	size_t running;  /* recipients, or the report */
	size_t started;  /* deliveries, in this pass */
	bool is_untried; /* something could not be begun: this is no attempt, */
	bool is_unfed;   /* and may be begun at once */
	/* Private. */
	size_t unrecorded;  /* settled, but only we know */
	size_t recording;   /* the same, and in the record that has begun */
	bool is_changed;    /* what is settled is more than `try again` */
	bool is_recorded;   /* a record is over: the slots can be freed */
	bool is_leaving;    /* it is the last before the message is released */
	bool is_delay;      /* the report is of a delay */
	bool is_reported;   /* or that was tried, in this pass */
	bool is_hopeless;   /* nobody could be told */
	bool is_given_up;   /* nothing can be recorded: no more is begun */
	enum job_pace pace; /* of the last step */
	unsigned int tries; /* of a record that fails */
};

void job_begin(struct job *j);

/* May something of that lot start now? */
typedef bool job_may_fn(const void *ctx, const struct lot *lot);

/* Is there a recipient for whom something may? */
bool job_can_start(const struct job *j, job_may_fn *may, const void *ctx);

/* What to start next, and for whom.  False: nothing. */
bool job_next(
    struct job *j, job_may_fn *may, const void *ctx, struct job_errand *e);

/* Add recipients of this job who may share the agent.  True: it is full. */
bool job_join(struct job *j, struct job_errand *e);

void job_started(struct job_errand *e);

/* It could not be started. */
void job_not_started(const struct job_errand *e);

/* It was started, and given back: to be started again as soon as may be. */
void job_unfed(const struct job_errand *e);

/* What came of it: an outcome for each. */
void job_settle(
    struct job_errand *e, const struct outcome *outs, const struct log *log);

/*
 * The turn of this lot will not come: its outcome.  is_try: a connection was
 * tried for it; else it is one without a try.
 */
void job_settle_lot(struct job *j, struct lot *lot, const struct outcome *out,
    bool is_try, const struct log *log);

/*
 * Record what was settled, go on to the report, and at last to the end.  True:
 * the slots of what was settled before this round are free.
 */
bool job_advance(struct job *j, const struct deliver_site *site,
    const struct log *log, enum job_pace pace);

/* What has to be synced before the job goes on. */
enum record_want job_wants(const struct job *j);

/* It is synced, or that has failed with err; job_advance() is due. */
void job_synced(struct job *j, int err, const struct log *log);

#endif
