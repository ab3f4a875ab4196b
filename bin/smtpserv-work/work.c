/* SPDX-License-Identifier: ISC */
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conf/keys.h"
#include "deliver/lookup.h"
#include "desk.h"
#include "ending.h"
#include "errand.h"
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
	/* Messages that are looked at before agents and news are heard. */
	LOOKS_MAX = 256,
	/* Seconds until a message that waits for several is looked at again. */
	MIXED_AGAIN = 300,
	/* and one that became old while its destination was only full. */
	ALARM_AGAIN = 600,
	/* Milliseconds, after a process could not be had. */
	PAUSE_MS = 1000,
	/* Between two looks for what dead processes have left. */
	CLEAN_MS = 3600 * 1000
};

struct work {
	const struct work_order *order;
	struct backlog backlog;
	struct desk desk;
	struct ending ending;
	struct lookup lookup;
	struct pollfd *fds; /* the agents', the watch's, and the ending's */
	size_t turn;        /* the bulk message whose turn it is, and */
	bool is_bulks_turn; /* whether it is theirs at all */
	bool is_stopping;
	int64_t pause_ms; /* nothing is begun before this moment */
	bool has_more;    /* to look at, than was looked at */
	time_t asked_at;  /* what was tried before then is due */
	int64_t clean_ms;
	struct progress progress;
};

static uint32_t
now_of(const struct work *w)
{
	return (backlog_now(&w->backlog));
}

static bool
may(const void *ctx, uint32_t where)
{
	const struct work *w = ctx;

	return (backlog_is_open(&w->backlog, where));
}

static void
start(struct work *w, struct slot *s, struct job *j)
{
	struct errand_office office = { &w->order->site, &w->desk,
		w->backlog.watch };
	struct destinations *all = &w->backlog.destinations;
	struct fault why;

	s->job = j;
	destination_started(all, s->errand.where, now_of(w));
	if (errand_start(&office, s)) {
		job_started(j, &s->errand);
		w->progress.running++;
		return;
	}
	(void)fault_set(&why, "start", "an agent", errno);
	log_fault(w->order->log, &why);
	w->pause_ms = sysclock_ms() + PAUSE_MS;
	destination_not_started(all, s->errand.where);
	s->job = NULL;
	job_not_started(j, &s->errand);
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

/* Nothing is known of where it goes. */
static void
put_back(struct work *w, uint32_t number, uint32_t seconds)
{
	backlog_put_back(&w->backlog, number, DESTINATION_NONE,
	    &(struct backlog_times){ seconds, UINT32_MAX });
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
	put_back(w, number, FAULT_AGAIN);
}

/* Is it, now that we have it, to be tried now? */
static bool
is_due(struct work *w, struct job *j)
{
	uint32_t left = seconds_left(w, &j->message, j->message.tried);

	if (left == 0 || w->order->now || j->message.tried < w->asked_at ||
	    schedule_is_ahead(j->message.tried, time(NULL)))
		return (true);
	put_back(w, j->message.claim.number, left);
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

static uint32_t
where_of(void *ctx, struct bytes mailbox, bool *is_shared)
{
	struct work *w = ctx;
	struct lookup_place place;

	*is_shared = false;
	/* The one command of all: there is nobody to keep it from. */
	if (w->order->site.command != NULL)
		return (DESTINATION_NONE);
	lookup_place(&w->lookup, mailbox, &place);
	*is_shared = place.is_shared;
	if (place.kind == LOOKUP_NOWHERE)
		return (DESTINATION_NONE);
	return (destination_keep(&w->backlog.destinations, place.name,
	    place.kind == LOOKUP_DISK ? DESTINATION_DISK : DESTINATION_SERVICE,
	    now_of(w)));
}

static void
drop_lots(struct work *w, struct job *j)
{
	size_t i;

	for (i = 0; i < j->lots.n; i++)
		destination_drop(&w->backlog.destinations,
		    j->lots.list[i].where, j->lots.list[i].n);
	lots_free(&j->lots);
}

/* Is it so old that it is over, or that its sender has to be told? */
static bool
is_late(const struct work *w, const struct message *m)
{
	time_t now = time(NULL);

	return (schedule_is_last(
		    m->born, now, w->order->site.settings->queuelife) ||
	    (!m->plan.delay_reported && now - m->born >= SCHEDULE_DELAY));
}

/*
 * Nobody who is left can be begun with now.  Of a message that is late, what a
 * destination said last to another is what it says to this one, too.
 */
static void
hold(struct work *w, struct job *j)
{
	bool late = is_late(w, &j->message);
	size_t i;

	for (i = 0; late && i < j->lots.n; i++) {
		struct lot *lot = &j->lots.list[i];
		const struct outcome *words =
		    destination_words(&w->backlog.destinations, lot->where);

		if (words != NULL)
			job_settle_lot(j, lot, words, w->order->log);
	}
	j->is_held = true;
}

static bool
is_stuck(const struct work *w, const struct job *j)
{
	return (j->state == JOB_DELIVERING && j->running == 0 && !j->is_held &&
	    plan_in(&j->message.plan, PLAN_WAITING) > 0 &&
	    !job_can_start(j, may, w));
}

static void
begin(struct work *w, struct job *j)
{
	uint32_t number = j->message.claim.number;

	if (lookup_refresh(&w->lookup))
		backlog_unroute(&w->backlog);
	if (!lots_make(&j->lots, &j->message.plan, where_of, w)) {
		drop_lots(w, j);
		put_back(w, number, FAULT_AGAIN);
		message_release(&j->message);
		return;
	}
	job_begin(j);
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
			begin(w, j);
		break;
	case MESSAGE_BUSY:
		backlog_share(&w->backlog, number, BUSY_AGAIN);
		break;
	case MESSAGE_GONE:
		backlog_forget(&w->backlog, number);
		break;
	case MESSAGE_DAMAGED:
		set_aside(w, &j->message, &why);
		break;
	case MESSAGE_FAILED:
		log_fault(w->order->log, &why);
		put_back(w, number, FAULT_AGAIN);
		break;
	}
}

/* Something of a job at hand: of those past their first burst, or of others. */
static bool
start_of_jobs(struct work *w, struct slot *s, bool is_past)
{
	size_t i;

	for (i = 0; i < w->desk.njobs; i++) {
		/* Bulk messages by turns. */
		size_t at = is_past ? (w->turn + i) % w->desk.njobs : i;
		struct job *j = &w->desk.jobs[at];

		if (j->state == JOB_FREE ||
		    (j->started >= DESK_BURST) != is_past)
			continue;
		if (!job_next(j, may, w, &s->errand))
			continue;
		w->is_bulks_turn = !is_past;
		w->turn = is_past ? at + 1 : w->turn;
		start(w, s, j);
		return (true);
	}
	return (false);
}

/* A new one, which may have to wait for where it goes: then we have looked. */
static bool
look_at_next(struct work *w)
{
	struct job *j = desk_free_job(&w->desk);
	uint32_t number;

	if (j == NULL ||
	    !backlog_next(&w->backlog, desk_has_room(&w->desk), &number))
		return (false);
	take(w, j, number);
	if (j->state != JOB_FREE && is_stuck(w, j))
		hold(w, j);
	return (true);
}

/*
 * Something for a free slot: of a job at hand, else of a new one.  After a
 * burst of deliveries a message gets every second slot at most, if others want
 * one, so that bulk keeps nobody waiting, and is not kept waiting.
 */
static bool
start_one(struct work *w, struct slot *s, unsigned int *looks)
{
	if (w->is_bulks_turn && start_of_jobs(w, s, true))
		return (true);
	if (start_of_jobs(w, s, false))
		return (true);
	if (*looks < LOOKS_MAX && look_at_next(w)) {
		++*looks;
		return (true);
	}
	return (start_of_jobs(w, s, true));
}

static void
start_all(struct work *w)
{
	unsigned int looks = 0;
	struct slot *s;

	while (!w->is_stopping && w->pause_ms <= sysclock_ms() &&
	    (s = desk_free_slot(&w->desk)) != NULL)
		if (!start_one(w, s, &looks))
			break;
	w->has_more = looks >= LOOKS_MAX;
}

static void
count(struct work *w, const struct slot *s)
{
	size_t i;

	w->progress.running--;
	if (s->errand.task == JOB_REPORT)
		return;
	for (i = 0; i < s->errand.n; i++)
		switch (s->out[i].kind) {
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
		destination_ended(&w->backlog.destinations, s->errand.where,
		    s->out, s->errand.n, now_of(w));
		job_settle(s->job, &s->errand, s->out, w->order->log);
	}
}

/* Seconds until that moment by the clock, none if it is over. */
static uint32_t
seconds_until(time_t then)
{
	time_t now = time(NULL);

	if (then <= now)
		return (0);
	return (then - now > UINT32_MAX / 2 ? UINT32_MAX / 2
					    : (uint32_t)(then - now));
}

/*
 * When is it to be looked at even if its destination is down: to tell its
 * sender that it takes long, or that it is over.
 */
static uint32_t
alarm_of(const struct work *w, const struct job *j)
{
	const struct message *m = &j->message;
	uint32_t delay = seconds_until(m->born + SCHEDULE_DELAY);
	uint32_t life =
	    seconds_until(m->born + (time_t)w->order->site.settings->queuelife);
	uint32_t more = w->order->once ? 0 : ALARM_AGAIN;

	if (!m->plan.delay_reported && (delay > 0 || j->is_put_off))
		return (delay + more);
	return (life + more);
}

/* Whose turn it waits for, of those with somebody left: who has it first. */
static uint32_t
first_to_open(const struct work *w, const struct job *j, bool *is_only)
{
	uint32_t best = DESTINATION_NONE;
	uint32_t opens = UINT32_MAX;
	size_t n = 0;
	size_t i;

	for (i = 0; i < j->lots.n; i++) {
		const struct lot *lot = &j->lots.list[i];
		uint32_t at = destination_opens(
		    &w->backlog.destinations, lot->where, now_of(w));

		if (!lot->is_left)
			continue;
		if (n++ == 0 || at < opens) {
			best = lot->where;
			opens = at;
		}
	}
	*is_only = n == 1;
	return (best);
}

/* Back to its place among those that wait. */
static void
put_job_back(struct work *w, const struct job *j, uint32_t number)
{
	const struct message *m = &j->message;
	bool is_only;
	uint32_t where = first_to_open(w, j, &is_only);
	uint32_t alarm = alarm_of(w, j);

	if (!j->is_put_off) {
		struct backlog_times times = { FAULT_AGAIN, alarm };

		if (!j->is_untried)
			times.due = seconds_left(
			    w, m, schedule_stamp(m->born, time(NULL)));
		backlog_put_back(&w->backlog, number,
		    is_only ? where : DESTINATION_NONE, &times);
		return;
	}
	/* Another may open before the one whose turn it waits for. */
	if (!is_only && alarm > MIXED_AGAIN)
		alarm = MIXED_AGAIN;
	backlog_hold(&w->backlog, number, where, alarm);
}

/* A job that came to its end leaves the table. */
static void
close_job(struct work *w, struct job *j, uint32_t number)
{
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
		put_job_back(w, j, number);
		break;
	}
	drop_lots(w, j);
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
		if (!w->is_stopping && is_stuck(w, j))
			hold(w, j);
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
	if (w->has_more ||
	    (desk_is_idle(&w->desk) && backlog_is_due(&w->backlog)))
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

/* What we are asked to do by a signal, or by the time. */
static void
keep_house(struct work *w)
{
	const struct work_order *o = w->order;

	if (*o->again != 0) {
		*o->again = 0;
		o->reload(o->ctx);
		/* By the stamp that an attempt of now has. */
		w->asked_at = time(NULL) + SCHEDULE_MARGIN + 1;
		lookup_close(&w->lookup);
		lookup_init(&w->lookup, o->site.settings, o->site.host);
		backlog_hurry(&w->backlog);
	}
	if (w->clean_ms <= sysclock_ms()) {
		o->clean(o->ctx);
		w->clean_ms = sysclock_ms() + CLEAN_MS;
	}
}

static void
loop(struct work *w)
{
	backlog_look(&w->backlog, w->order->log);
	for (;;) {
		keep_house(w);
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
		if (lookup_refresh(&w->lookup))
			backlog_unroute(&w->backlog);
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

/* It is too large for some stacks. */
static enum work_end
run(struct work *w, struct fault *why)
{
	const struct work_order *order = w->order;
	uint32_t slots = order->site.settings->workers;
	enum work_end end = WORK_FAILED;

	w->clean_ms = sysclock_ms() + CLEAN_MS;
	backlog_open(&w->backlog, order->site.spool->dirfd,
	    order->site.settings->subdir, order->once, slots);
	ending_open(&w->ending, order->site.spool->dirfd);
	lookup_init(&w->lookup, order->site.settings, order->site.host);
	progress_init(&w->progress, order->terminal);
	if (allocate(w, slots)) {
		loop(w);
		end = ending(w, why);
	} else {
		(void)fault_set(why, "start", "the worker", ENOMEM);
	}
	progress_end(&w->progress, &w->backlog.queue);
	free(w->fds);
	ending_close(&w->ending);
	desk_close(&w->desk);
	lookup_close(&w->lookup);
	backlog_close(&w->backlog);
	return (end);
}

enum work_end
work_run(const struct work_order *order, struct fault *why)
{
	struct work *w = calloc(1, sizeof(*w));
	enum work_end end;

	if (w == NULL) {
		(void)fault_set(why, "start", "the worker", ENOMEM);
		return (WORK_FAILED);
	}
	w->order = order;
	end = run(w, why);
	free(w);
	return (end);
}
