/* SPDX-License-Identifier: ISC */
/*
 * job: a message that is being worked on: one pass over its recipients, then
 * a report if one is due, then its end or its return to the spool.
 */
#ifndef SMTPSERV_WORK_JOB_H
#define SMTPSERV_WORK_JOB_H

#include "deliver/deliver.h"
#include "log/log.h"
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
	JOB_ENDING,   /* nothing is left to do, and the envelope removed, */
	JOB_SYNCING,  /* which is being made durable */
	JOB_DONE,     /* the message is gone */
	JOB_RETURNED, /* it is to be tried again, after seconds */
	JOB_ASIDE     /* it is N.BAD */
};

struct job {
	enum job_state state;
	struct message message;
	int64_t retry_ms; /* a record has failed: not before this moment */
	size_t running;
	size_t started;  /* deliveries, in this pass */
	bool is_untried; /* something could not be begun: this is no attempt */
	/* Private. */
	size_t next;        /* the first recipient that may be waiting */
	size_t unrecorded;  /* settled, but only we know */
	bool is_changed;    /* what is settled is more than `try again` */
	bool is_delay;      /* the report is of a delay */
	bool is_reported;   /* or that was tried, in this pass */
	bool is_hopeless;   /* nobody could be told */
	bool is_given_up;   /* nothing can be recorded: no more is begun */
	unsigned int tries; /* of a record that fails */
};

void job_begin(struct job *j);

/* What to start next, and for which recipient. */
enum job_task job_next(struct job *j, size_t *rcpt);
void job_started(struct job *j, enum job_task task, size_t rcpt);

/* It could not be started. */
void job_not_started(struct job *j, enum job_task task, size_t rcpt);

/* What came of it. */
void job_settle(struct job *j, enum job_task task, size_t rcpt,
    const struct outcome *out, const struct log *log);

enum job_pace {
	JOB_FOREVER, /* try to record what was settled again and again */
	JOB_ONCE,    /* give up on that after a while */
	JOB_STOP     /* likewise, and start nothing more */
};

/*
 * Make durable what was settled, go on to the report, and at last to the end.
 * True: the slots of what was settled are free.
 */
bool job_advance(struct job *j, const struct deliver_site *site,
    const struct log *log, enum job_pace pace);

/* That the envelope is gone is durable, or the sync has failed: JOB_DONE. */
void job_end(struct job *j, int err, const struct log *log);

#endif
