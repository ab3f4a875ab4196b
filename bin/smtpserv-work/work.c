/* SPDX-License-Identifier: ISC */
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conf/keys.h"
#include "deliver/notice.h"
#include "desk.h"
#include "ending.h"
#include "progress.h"
#include "spool/schedule.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "waiting/backlog.h"

enum {
	/* Seconds: until a message that could not be read is tried again, */
	FAULT_AGAIN = 60,
	/* or that somebody else had, unless its end is heard of before. */
	BUSY_AGAIN = 5,
	/* Milliseconds, after a process could not be had. */
	PAUSE_MS = 1000
};

struct work {
	const struct work_order *order;
	struct backlog backlog;
	struct desk desk;
	struct ending ending;
	struct pollfd *fds; /* the agents', the watch's, and the ending's */
	size_t turn;        /* the bulk message whose turn it is, and */
	bool is_bulks_turn; /* whether it is theirs at all */
	bool is_stopping;
	int64_t pause_ms; /* nothing is begun before this moment */
	struct progress progress;
};

/* What an agent is started for. */
struct errand {
	const struct work *work;
	const struct slot *slot;
};

/* In the agent: all that concerns others. */
static void
close_others(void *ctx)
{
	const struct errand *e = ctx;

	if (e->work->backlog.watch >= 0)
		(void)close(e->work->backlog.watch);
	desk_close_others(&e->work->desk, e->slot->job);
}

static void
tell_done(void *ctx, const struct done *done)
{
	const int *fd = ctx;

	/* If the worker is gone, this will be done once more. */
	(void)agent_tell_done(*fd, 0, done);
}

static void
run_errand(void *ctx, int fd)
{
	const struct errand *e = ctx;
	const struct deliver_site *site = &e->work->order->site;
	const struct job *j = e->slot->job;
	struct outcome out;

	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.3.0", "nothing was done");
	if (e->slot->task == JOB_REPORT)
		notice_commit(site, &j->message, j->is_delay, &out);
	else
		deliver_run(
		    site, &j->message, e->slot->rcpt, tell_done, &fd, &out);
	/* Likewise. */
	(void)agent_tell(fd, 0, &out);
}

static void
start(struct work *w, struct slot *s, struct job *j, enum job_task task,
    size_t rcpt)
{
	struct errand errand = { w, s };
	struct slot was = *s;
	struct fault why;

	s->job = j;
	s->task = task;
	s->rcpt = rcpt;
	s->is_settled = false;
	s->agent.fd = -1;
	if (agent_start(
		&s->agent, &s->out, 1, run_errand, close_others, &errand)) {
		job_started(j, task, rcpt);
		w->progress.running++;
		return;
	}
	(void)fault_set(&why, "start", "an agent", errno);
	log_fault(w->order->log, &why);
	w->pause_ms = sysclock_ms() + PAUSE_MS;
	*s = was;
	job_not_started(j, task, rcpt);
}

/* Seconds until the next try of a message that is given back. */
static uint32_t
seconds_left(const struct work *w, const struct message *m, time_t tried)
{
	time_t left = schedule_wait(
	    m->born, tried, time(NULL), w->order->site.settings->queuelife);

	return (left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)left);
}

static void
log_damaged(const struct work *w, uint32_t number, const struct fault *why)
{
	struct log_line line;

	log_begin(&line, w->order->log, "damaged");
	log_number(&line, "number", number);
	log_text(&line, "name", bytes_of(why->name));
	log_text(&line, "why", bytes_of(why->op));
	log_end(&line);
}

/* A damaged message is set aside, never tried again. */
static void
set_aside(struct work *w, struct message *m, struct fault *why)
{
	uint32_t number = m->claim.number;

	log_damaged(w, number, why);
	if (message_set_aside(m, why) == RES_OK) {
		backlog_forget(&w->backlog, number);
		return;
	}
	log_fault(w->order->log, why);
	backlog_put_back(&w->backlog, number, QUEUE_LATER, FAULT_AGAIN);
}

/* Is it, now that we have it, to be tried now? */
static bool
is_due(struct work *w, struct job *j)
{
	uint32_t left = seconds_left(w, &j->message, j->message.tried);

	if (left == 0 || w->order->once ||
	    schedule_is_ahead(j->message.tried, time(NULL)))
		return (true);
	backlog_put_back(
	    &w->backlog, j->message.claim.number, QUEUE_LATER, left);
	message_release(&j->message);
	return (false);
}

/* If it is bulk, is there a place for it? */
static bool
finds_room(struct work *w, struct job *j)
{
	if (!desk_is_bulk(&j->message) || desk_has_room(&w->desk))
		return (true);
	backlog_defer(&w->backlog, j->message.claim.number);
	message_release(&j->message);
	return (false);
}

/* The message of that number becomes a job, if it can. */
static void
take(struct work *w, struct job *j, uint32_t number)
{
	struct fault why = { .err = 0 };

	switch (message_take(w->order->site.spool->dirfd, number,
	    w->order->site.settings->sync != 0, &j->message, &why)) {
	case MESSAGE_OK:
		if (is_due(w, j) && finds_room(w, j))
			job_begin(j);
		break;
	case MESSAGE_BUSY:
		backlog_put_back(&w->backlog, number, QUEUE_BUSY, BUSY_AGAIN);
		break;
	case MESSAGE_GONE:
		backlog_forget(&w->backlog, number);
		break;
	case MESSAGE_DAMAGED:
		set_aside(w, &j->message, &why);
		break;
	case MESSAGE_FAILED:
		log_fault(w->order->log, &why);
		backlog_put_back(&w->backlog, number, QUEUE_LATER, FAULT_AGAIN);
		break;
	}
}

/* Something of a job at hand: of those past their first burst, or of others. */
static bool
start_of_jobs(struct work *w, struct slot *s, bool is_past)
{
	size_t rcpt = 0;
	size_t i;

	for (i = 0; i < w->desk.njobs; i++) {
		/* Bulk messages by turns. */
		size_t at = is_past ? (w->turn + i) % w->desk.njobs : i;
		struct job *j = &w->desk.jobs[at];
		enum job_task task;

		if (j->state == JOB_FREE ||
		    (j->started >= DESK_BURST) != is_past)
			continue;
		task = job_next(j, &rcpt);
		if (task == JOB_NOTHING)
			continue;
		w->is_bulks_turn = !is_past;
		w->turn = is_past ? at + 1 : w->turn;
		start(w, s, j, task, rcpt);
		return (true);
	}
	return (false);
}

/*
 * Something for a free slot: of a job at hand, else of a new one.  After a
 * burst of deliveries a message gets every second slot at most, if others want
 * one, so that bulk keeps nobody waiting, and is not kept waiting.
 */
static bool
start_one(struct work *w, struct slot *s)
{
	uint32_t number;
	struct job *j;

	if (w->is_bulks_turn && start_of_jobs(w, s, true))
		return (true);
	if (start_of_jobs(w, s, false))
		return (true);
	j = desk_free_job(&w->desk);
	if (j != NULL &&
	    backlog_next(&w->backlog, desk_has_room(&w->desk), &number)) {
		take(w, j, number);
		return (true);
	}
	return (start_of_jobs(w, s, true));
}

static void
start_all(struct work *w)
{
	struct slot *s;

	while (!w->is_stopping && w->pause_ms <= sysclock_ms() &&
	    (s = desk_free_slot(&w->desk)) != NULL)
		if (!start_one(w, s))
			return;
}

static void
count(struct work *w, const struct slot *s)
{
	w->progress.running--;
	if (s->task == JOB_REPORT)
		return;
	switch (s->out.kind) {
	case OUTCOME_DELIVERED:
		w->progress.delivered++;
		break;
	case OUTCOME_TRY_AGAIN:
		w->progress.later++;
		break;
	case OUTCOME_FAILED:
		w->progress.failed++;
		break;
	}
}

/* The agents that have something to say; fds are in the slots' order. */
static void
settle_all(struct work *w)
{
	size_t i;

	for (i = 0; i < w->desk.n; i++) {
		struct slot *s = &w->desk.slots[i];

		if (s->job == NULL || s->is_settled || w->fds[i].revents == 0 ||
		    !agent_hear(&s->agent))
			continue;
		agent_end(&s->agent);
		s->is_settled = true;
		count(w, s);
		progress_hide(&w->progress);
		job_settle(s->job, s->task, s->rcpt, &s->out, w->order->log);
	}
}

/* A job that came to its end leaves the table. */
static void
close_job(struct work *w, struct job *j, uint32_t number)
{
	uint32_t left;

	switch (j->state) {
	case JOB_FREE:
	case JOB_DELIVERING:
	case JOB_REPORTING:
	case JOB_ENDING:
	case JOB_SYNCING:
		return;
	case JOB_DONE:
	case JOB_ASIDE:
		backlog_forget(&w->backlog, number);
		break;
	case JOB_RETURNED:
		left = j->is_untried
		    ? FAULT_AGAIN
		    : seconds_left(w, &j->message,
			  schedule_stamp(j->message.born, time(NULL)));
		backlog_put_back(&w->backlog, number, QUEUE_LATER, left);
		break;
	}
	j->state = JOB_FREE;
}

/* Go on with every job as far as it goes; true: some slot is free now. */
static bool
advance_all(struct work *w)
{
	enum job_pace pace = w->is_stopping ? JOB_STOP
	    : w->order->once                ? JOB_ONCE
					    : JOB_FOREVER;
	bool freed = false;
	size_t i;

	for (i = 0; i < w->desk.njobs; i++) {
		struct job *j = &w->desk.jobs[i];
		uint32_t number = j->message.claim.number;

		if (j->state == JOB_FREE)
			continue;
		progress_hide(&w->progress);
		if (job_advance(j, &w->order->site, w->order->log, pace)) {
			desk_clear(&w->desk, j);
			close_job(w, j, number);
			freed = true;
		}
	}
	return (freed);
}

/* How long nothing will happen by itself, in milliseconds. */
static int64_t
patience(const struct work *w)
{
	int64_t now = sysclock_ms();
	int64_t left = backlog_patience(&w->backlog);
	size_t i;

	if (w->pause_ms > now)
		return (w->pause_ms - now);
	if (desk_is_idle(&w->desk) && backlog_is_due(&w->backlog))
		return (0);
	for (i = 0; i < w->desk.njobs; i++) {
		const struct job *j = &w->desk.jobs[i];

		if (j->state != JOB_FREE && !j->is_given_up &&
		    j->retry_ms != 0 && j->retry_ms - now < left)
			left = j->retry_ms - now;
	}
	return (left > 0 ? left : 0);
}

/* Until an agent, the directory or a signal has something to say. */
static void
wait_for_news(struct work *w)
{
	int64_t left = patience(w);
	struct timespec timeout = { (time_t)(left / 1000),
		(long)(left % 1000) * 1000000L };
	size_t i;

	for (i = 0; i < w->desk.n; i++) {
		const struct slot *s = &w->desk.slots[i];
		bool is_on = s->job != NULL && !s->is_settled;

		w->fds[i] =
		    (struct pollfd){ is_on ? s->agent.fd : -1, POLLIN, 0 };
	}
	w->fds[w->desk.n] = (struct pollfd){ w->backlog.watch, POLLIN, 0 };
	w->fds[w->desk.n + 1] = (struct pollfd){ w->ending.fd, POLLIN, 0 };
	progress_show(&w->progress, &w->backlog.queue);
	/* A signal is seen by its flag; any other trouble, by the next look. */
	if (ppoll(w->fds, w->desk.n + 2, &timeout, w->order->waiting) < 0)
		for (i = 0; i <= w->desk.n + 1; i++)
			w->fds[i].revents = 0;
}

/* Nothing is left to be done, or we have been told to end. */
static bool
is_over(struct work *w)
{
	if (!desk_is_idle(&w->desk))
		return (false);
	if (w->is_stopping)
		return (true);
	if (!w->order->once)
		return (false);
	/* What came meanwhile, reports above all, is tried once, too. */
	backlog_look(&w->backlog, w->order->log);
	return (w->backlog.is_blind || w->backlog.is_lost ||
	    !backlog_is_due(&w->backlog));
}

static void
loop(struct work *w)
{
	backlog_look(&w->backlog, w->order->log);
	for (;;) {
		w->is_stopping = *w->order->stop != 0 || w->backlog.is_lost;
		do
			start_all(w);
		while (advance_all(w) ||
		    ending_advance(&w->ending, &w->desk, w->order->log));
		if (is_over(w))
			return;
		wait_for_news(w);
		settle_all(w);
		if (w->fds[w->desk.n + 1].revents != 0)
			ending_hear(&w->ending, &w->desk, w->order->log);
		backlog_refresh(
		    &w->backlog, w->fds[w->desk.n].revents != 0, w->order->log);
	}
}

static bool
allocate(struct work *w, size_t n)
{
	w->fds = calloc(n + 2, sizeof(*w->fds));
	return (w->fds != NULL && desk_open(&w->desk, n));
}

static enum work_end
ending(const struct work *w, struct fault *why)
{
	if (w->backlog.is_lost) {
		(void)fault_set(why, "find the spool again at",
		    w->order->site.settings->subdir, ESTALE);
		return (WORK_FAILED);
	}
	return (w->backlog.is_blind || queue_waiting(&w->backlog.queue) > 0
		? WORK_LEFT
		: WORK_DONE);
}

enum work_end
work_run(const struct work_order *order, struct fault *why)
{
	struct work w = { .order = order };
	enum work_end end = WORK_FAILED;

	backlog_open(&w.backlog, order->site.spool->dirfd,
	    order->site.settings->subdir, order->once);
	ending_open(&w.ending, order->site.spool->dirfd);
	progress_init(&w.progress, order->terminal);
	if (allocate(&w, order->site.settings->workers)) {
		loop(&w);
		end = ending(&w, why);
	} else {
		(void)fault_set(why, "start", "the worker", ENOMEM);
	}
	progress_end(&w.progress, &w.backlog.queue);
	free(w.fds);
	ending_close(&w.ending);
	desk_close(&w.desk);
	backlog_close(&w.backlog);
	return (end);
}
