/* SPDX-License-Identifier: ISC */
#include "job.h"

#include <time.h>

#include "conf/keys.h"
#include "notice.h"
#include "schedule.h"
#include "sys/sysclock.h"

enum {
	/* Milliseconds until a failed record is tried again, then twice that, */
	RECORD_AGAIN_MS = 50,
	RECORD_MAX_MS = 10000,
	/* and how often, if we are to end. */
	RECORD_TRIES = 6
};

void
job_begin(struct job *j)
{
	j->state = JOB_DELIVERING;
	j->next = 0;
	j->running = 0;
	j->unrecorded = 0;
	j->tries = 0;
	j->retry_ms = 0;
	j->is_changed = false;
	j->is_delay = false;
	j->is_reported = false;
	j->is_hopeless = false;
}

enum job_task
job_next(struct job *j, size_t *rcpt)
{
	const struct plan *p = &j->message.plan;

	if (j->state == JOB_REPORTING && j->running == 0 && !j->is_reported)
		return (JOB_REPORT);
	if (j->state != JOB_DELIVERING)
		return (JOB_NOTHING);
	while (j->next < p->nrcpt && p->rcpt[j->next].state != PLAN_WAITING)
		j->next++;
	*rcpt = j->next;
	return (j->next < p->nrcpt ? JOB_DELIVER : JOB_NOTHING);
}

void
job_started(struct job *j, enum job_task task, size_t rcpt)
{
	j->running++;
	if (task == JOB_DELIVER)
		j->message.plan.rcpt[rcpt].state = PLAN_RUNNING;
	else
		j->is_reported = true;
}

static const char *
name_of(enum outcome_kind kind)
{
	switch (kind) {
	case OUTCOME_DELIVERED:
		return ("delivered");
	case OUTCOME_TRY_AGAIN:
		return ("later");
	case OUTCOME_FAILED:
		break;
	}
	return ("failed");
}

static void
log_outcome(const struct log *log, const char *event, const struct job *j,
    const struct bytes *to, const struct outcome *out)
{
	struct log_line line;

	log_begin(&line, log, event);
	log_number(&line, "number", j->message.claim.number);
	if (to != NULL)
		log_text(&line, "to", *to);
	log_text(&line, "result", bytes_of(name_of(out->kind)));
	log_text(&line, "status", bytes_of(out->status));
	log_text(&line, "text", bytes_of(out->text));
	log_end(&line);
}

/* The report is made, or nobody wants it, or it has to wait. */
static void
settle_report(struct job *j, const struct outcome *out)
{
	struct plan *p = &j->message.plan;
	size_t i;

	if (out->kind == OUTCOME_FAILED)
		j->is_hopeless = true;
	if (out->kind != OUTCOME_DELIVERED)
		return;
	j->is_changed = true;
	if (j->is_delay)
		p->delay_reported = true;
	for (i = 0; i < p->nrcpt; i++)
		if (p->rcpt[i].state == PLAN_FAILED ||
		    p->rcpt[i].state == PLAN_DELIVERED)
			p->rcpt[i].state = PLAN_GONE;
}

void
job_settle(struct job *j, enum job_task task, size_t rcpt,
    const struct outcome *out, const struct log *log)
{
	struct plan *p = &j->message.plan;

	j->running--;
	j->unrecorded++;
	if (task == JOB_REPORT) {
		log_outcome(log, "report", j, NULL, out);
		settle_report(j, out);
		return;
	}
	log_outcome(log, "delivery", j, &p->rcpt[rcpt].mailbox, out);
	if (out->kind != OUTCOME_TRY_AGAIN)
		j->is_changed = true;
	/* Without memory for the reason, there is none. */
	if (!message_settle(&j->message, rcpt, out))
		plan_settle(
		    p, rcpt, out, bytes_of("5.0.0"), bytes_of("unknown"));
}

void
job_not_started(struct job *j, enum job_task task, size_t rcpt)
{
	if (task == JOB_DELIVER)
		j->message.plan.rcpt[rcpt].state = PLAN_TRIED;
	else
		j->is_reported = true;
}

/* Of what was settled nothing would be lost with us. */
static void
recorded(struct job *j)
{
	j->unrecorded = 0;
	j->is_changed = false;
	j->tries = 0;
	j->retry_ms = 0;
}

/* True: once more, later.  False: if we end, it has to be without. */
static bool
try_later(
    struct job *j, bool stop, const struct log *log, const struct fault *why)
{
	int64_t pause = RECORD_AGAIN_MS;
	unsigned int i;

	log_fault(log, why);
	for (i = 0; i < j->tries && pause < RECORD_MAX_MS; i++)
		pause *= 2;
	j->retry_ms = sysclock_ms() + pause;
	j->tries++;
	return (!stop || j->tries < RECORD_TRIES);
}

/* The pass is over, and nothing is left: remove the message. */
static bool
finish(struct job *j, bool stop, const struct log *log)
{
	uint32_t number = j->message.claim.number;
	struct log_line line;
	struct fault why;

	if (message_finish(&j->message, &why) != RES_OK) {
		if (message_is_claimed(&j->message) &&
		    try_later(j, stop, log, &why))
			return (false);
		log_fault(log, &why);
		message_release(&j->message);
	}
	recorded(j);
	j->state = JOB_DONE;
	log_begin(&line, log, "done");
	log_number(&line, "number", number);
	log_end(&line);
	return (true);
}

static bool
set_aside(struct job *j, const char *reason, const struct log *log)
{
	struct log_line line;
	struct fault why;

	log_begin(&line, log, "damaged");
	log_number(&line, "number", j->message.claim.number);
	log_text(&line, "why", bytes_of(reason));
	log_end(&line);
	if (message_set_aside(&j->message, &why) != RES_OK)
		log_fault(log, &why);
	j->state = JOB_ASIDE;
	return (true);
}

/* The pass is over, and something is left: back to the spool. */
static bool
give_back(struct job *j, bool is_attempt, bool stop, const struct log *log)
{
	struct message *m = &j->message;
	struct fault why;
	enum result r = RES_OK;

	if (j->is_changed)
		r = message_record(m, is_attempt, &why);
	else if (is_attempt)
		r = message_touch(m, &why);
	if (r != RES_OK && try_later(j, stop, log, &why))
		return (false);
	recorded(j);
	message_release(m);
	j->state = JOB_RETURNED;
	return (true);
}

/* A try after its time is the last: what is not delivered is not to be. */
static void
expire(struct job *j, const struct carry_site *site)
{
	struct message *m = &j->message;
	size_t i;

	if (!schedule_is_last(m->born, time(NULL), site->settings->queuelife))
		return;
	for (i = 0; i < m->plan.nrcpt; i++) {
		struct plan_rcpt *r = &m->plan.rcpt[i];
		struct outcome out;

		if (r->state != PLAN_TRIED)
			continue;
		outcome_set(&out, OUTCOME_FAILED, "4.4.7",
		    "given up after all this time; the last try: %.*s",
		    (int)r->diagnostic.n, r->diagnostic.p);
		if (message_settle(m, i, &out))
			j->is_changed = true;
	}
}

/* All recipients were tried: what now? */
static bool
end_pass(struct job *j, const struct carry_site *site, bool stop,
    const struct log *log)
{
	struct message *m = &j->message;
	bool is_due;

	if (!j->is_reported)
		expire(j, site);
	is_due = notice_is_due(m);
	j->is_delay = !is_due && notice_is_delay_due(m, time(NULL));
	if (!j->is_reported && !stop && (is_due || j->is_delay)) {
		struct fault why;

		j->state = JOB_REPORTING;
		if (j->is_changed && message_record(m, false, &why) != RES_OK &&
		    try_later(j, stop, log, &why))
			return (false);
		recorded(j);
		return (true);
	}
	if (plan_in(&m->plan, PLAN_GONE) == m->plan.nrcpt)
		return (finish(j, stop, log));
	if (j->is_hopeless && plan_in(&m->plan, PLAN_TRIED) == 0)
		return (set_aside(j, "nobody is left to report it to", log));
	return (give_back(j, true, stop, log));
}

bool
job_advance(struct job *j, const struct carry_site *site, bool stop,
    const struct log *log)
{
	struct plan *p = &j->message.plan;
	size_t waiting = plan_in(p, PLAN_WAITING);
	struct fault why;

	if (j->retry_ms > sysclock_ms())
		return (false);
	if (j->running == 0 && waiting == 0 &&
	    (j->state == JOB_DELIVERING || j->is_reported || stop))
		return (end_pass(j, site, stop, log));
	if (j->running == 0 && waiting > 0 && stop)
		return (give_back(j, false, stop, log));
	if (j->unrecorded == 0)
		return (false);
	if (j->is_changed &&
	    message_record(&j->message, false, &why) != RES_OK &&
	    try_later(j, stop, log, &why))
		return (false);
	recorded(j);
	return (true);
}
