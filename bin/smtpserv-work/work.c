/* SPDX-License-Identifier: ISC */
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "conf/keys.h"
#include "desk.h"
#include "errand.h"
#include "outbound/outbound.h"
#include "progress.h"
#include "spool/spool.h"
#include "syncing.h"
#include "sys/sysclock.h"
#include "turns.h"

enum {
	/* Messages that are looked at before agents and news are heard. */
	LOOKS_MAX = 256,
	/* Milliseconds, after a process could not be had. */
	PAUSE_MS = 1000,
	/* Between two looks for what dead processes have left. */
	CLEAN_MS = 3600 * 1000
};

struct work {
	const struct work_order *order;
	struct desk desk;
	struct turns turns;
	struct syncing syncing;
	struct outbound outbound;
	/* The agents', the watch's, the syncing's, and the links'. */
	struct pollfd *fds;
	size_t turn;        /* the bulk message whose turn it is, and */
	bool is_bulks_turn; /* whether it is theirs at all */
	bool is_stopping;
	int64_t pause_ms;   /* nothing is begun before this moment */
	unsigned int looks; /* since agents and news were heard */
	int64_t clean_ms;
	struct progress progress;
};

static void
start(struct work *w, struct slot *s)
{
	struct errand_office office = { &w->order->site, &w->desk, &w->outbound,
		&w->turns.lookup, w->turns.backlog.watch };
	struct destinations *all = &w->turns.backlog.destinations;
	struct fault why;

	s->left = s->errand.n;
	s->errand.place = destination_label(all, s->errand.where);
	destination_started(
	    all, s->errand.where, backlog_now(&w->turns.backlog));
	if (errand_start(&office, s)) {
		job_started(&s->errand);
		w->progress.running += s->errand.n;
		return;
	}
	(void)fault_set(&why, "start", "an agent", errno);
	log_fault(w->order->log, &why);
	w->pause_ms = sysclock_ms() + PAUSE_MS;
	destination_not_started(all, s->errand.where);
	s->left = 0;
	job_not_started(&s->errand);
}

/* May something of the lot start now?  ctx: the work. */
static bool
may(const void *ctx, const struct lot *lot)
{
	const struct work *w = ctx;

	return (turns_may(&w->turns, lot) && !desk_is_crowded(&w->desk, lot));
}

/* Look at a new message.  NULL: not now, or there is none, or no place. */
static struct job *
look_at_next(struct work *w, bool has_slot)
{
	struct job *j = desk_free_job(&w->desk);
	/* Without a slot, what comes must leave room for what could be fed. */
	struct backlog_room room = { .bulk = desk_has_room(&w->desk),
		.agents = has_slot,
		.others = has_slot ||
		    desk_room(&w->desk) > outbound_room(&w->outbound) };
	uint32_t number;

	if (j == NULL || w->looks >= LOOKS_MAX ||
	    !backlog_next(&w->turns.backlog, &room, &number))
		return (NULL);
	w->looks++;
	turns_take(&w->turns, j, number);
	turns_hold(&w->turns, j);
	outbound_feed(&w->outbound, j);
	return (j);
}

/* Let others join the errand: of jobs at hand, then of new ones. */
static void
fill(struct work *w, struct job_errand *e)
{
	struct job *j;
	size_t i;

	for (i = 0; i < w->desk.njobs; i++)
		if (job_join(&w->desk.jobs[i], e))
			return;
	while ((j = look_at_next(w, true)) != NULL)
		if (job_join(j, e))
			return;
}

/* Start something of a job at hand: past its first burst, or not, as asked. */
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
		fill(w, &s->errand);
		start(w, s);
		return (true);
	}
	return (false);
}

/*
 * Fill a free slot: from a job at hand, else from a new one.  After a burst of
 * deliveries a message gets every second slot at most, if others want one, so
 * that bulk does not keep others waiting, and is not kept waiting.
 */
static bool
start_one(struct work *w, struct slot *s)
{
	if (w->is_bulks_turn && start_of_jobs(w, s, true))
		return (true);
	if (start_of_jobs(w, s, false))
		return (true);
	if (look_at_next(w, true) != NULL)
		return (true);
	return (start_of_jobs(w, s, true));
}

static void
start_all(struct work *w)
{
	struct slot *s;
	size_t i;

	for (i = 0; i < w->desk.njobs; i++)
		outbound_feed(&w->outbound, &w->desk.jobs[i]);

	while (!w->is_stopping && w->pause_ms <= sysclock_ms() &&
	    (s = desk_free_slot(&w->desk)) != NULL)
		if (!start_one(w, s))
			break;
	while (!w->is_stopping && w->pause_ms <= sysclock_ms() &&
	    outbound_room(&w->outbound) > 0 && look_at_next(w, false) != NULL)
		continue;
}

static void
count(struct work *w, const struct slot *s)
{
	size_t i;

	w->progress.running -= s->errand.n;
	if (s->errand.task == JOB_REPORT)
		return;
	for (i = 0; i < s->errand.n; i++)
		progress_count(&w->progress, &s->out[i]);
}

/* A slot that only waits for a sync does not count at its destination. */
static void
lighten(struct work *w, struct slot *s)
{
	if (!s->agent.is_syncing || s->is_light)
		return;
	s->is_light = true;
	destination_not_started(
	    &w->turns.backlog.destinations, s->errand.where);
}

/* The agents that have something to say; fds are in the slots' order. */
static void
settle_all(struct work *w)
{
	size_t i;

	for (i = 0; i < w->desk.n; i++) {
		struct slot *s = &w->desk.slots[i];

		if (s->left == 0 || s->is_settled || w->fds[i].revents == 0)
			continue;
		if (!agent_hear(&s->agent)) {
			lighten(w, s);
			continue;
		}
		agent_end(&s->agent);
		s->is_settled = true;
		/* Its destination hears of an end as if it had counted. */
		if (s->is_light)
			destination_started(&w->turns.backlog.destinations,
			    s->errand.where, backlog_now(&w->turns.backlog));
		count(w, s);
		progress_hide(&w->progress);
		destination_ended(&w->turns.backlog.destinations,
		    s->errand.where, s->out, s->errand.n,
		    backlog_now(&w->turns.backlog));
		job_settle(&s->errand, s->out, w->order->log);
	}
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
		if (!w->is_stopping)
			turns_hold(&w->turns, j);
		if (job_advance(j, &w->order->site, w->order->log, pace)) {
			desk_clear(&w->desk, j);
			outbound_clear(&w->outbound, j);
			turns_close(&w->turns, j, number);
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
	int64_t left = backlog_patience(&w->turns.backlog);
	int64_t links = outbound_patience(&w->outbound, now);
	size_t i;

	if (links < left)
		left = links;
	if (w->pause_ms > now)
		return (w->pause_ms - now);
	if (w->looks >= LOOKS_MAX ||
	    (desk_is_idle(&w->desk) && backlog_is_due(&w->turns.backlog)))
		return (0);
	for (i = 0; i < w->desk.njobs; i++) {
		const struct job *j = &w->desk.jobs[i];

		if (j->state == JOB_FREE || j->is_given_up)
			continue;
		if (j->retry_ms != 0 && j->retry_ms - now < left)
			left = j->retry_ms - now;
		/* It waits for a crowd, which may hang. */
		if (j->state == JOB_DELIVERING && left > DESK_CROWD_MS &&
		    job_can_start(j, turns_may, &w->turns))
			left = DESK_CROWD_MS;
	}
	return (left > 0 ? left : 0);
}

static size_t
nfds(const struct work *w)
{
	return (w->desk.n + 2 + w->outbound.n);
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
		bool is_on = s->left > 0 && !s->is_settled;

		w->fds[i] =
		    (struct pollfd){ is_on ? s->agent.fd : -1, POLLIN, 0 };
	}
	w->fds[w->desk.n] =
	    (struct pollfd){ w->turns.backlog.watch, POLLIN, 0 };
	w->fds[w->desk.n + 1] = (struct pollfd){ w->syncing.fd, POLLIN, 0 };
	outbound_watch(&w->outbound, w->fds + w->desk.n + 2);
	progress_show(&w->progress, &w->turns.backlog.queue);
	/* A signal is seen by its flag; any other trouble, by the next look. */
	if (ppoll(w->fds, nfds(w), &timeout, w->order->waiting) < 0)
		for (i = 0; i < nfds(w); i++)
			w->fds[i].revents = 0;
}

/* Nothing is left to be done, or we have been told to end. */
static bool
is_over(struct work *w)
{
	if (!desk_is_idle(&w->desk) || outbound_is_busy(&w->outbound))
		return (false);
	if (w->is_stopping)
		return (true);
	if (!w->order->once)
		return (false);
	/* Messages that came meanwhile, above all reports, are tried once. */
	backlog_look(&w->turns.backlog, w->order->log);
	if (!w->turns.backlog.is_blind && !w->turns.backlog.is_lost &&
	    backlog_is_due(&w->turns.backlog))
		return (false);
	/* What is left of it: the connections. */
	outbound_advance(&w->outbound, true);
	return (!outbound_is_busy(&w->outbound));
}

/* Do what a signal asks for, or what the time has come for. */
static void
keep_house(struct work *w)
{
	const struct work_order *o = w->order;

	if (*o->again != 0) {
		*o->again = 0;
		o->reload(o->ctx);
		turns_hurry(&w->turns);
		outbound_hurry(&w->outbound);
	}
	if (w->clean_ms <= sysclock_ms()) {
		o->clean(o->ctx);
		w->clean_ms = sysclock_ms() + CLEAN_MS;
	}
}

static void
loop(struct work *w)
{
	backlog_look(&w->turns.backlog, w->order->log);
	for (;;) {
		keep_house(w);
		w->is_stopping =
		    *w->order->stop != 0 || w->turns.backlog.is_lost;
		w->looks = 0;
		do
			start_all(w);
		while (advance_all(w) ||
		    syncing_advance(&w->syncing, &w->desk, w->order->log));
		outbound_advance(&w->outbound, w->is_stopping);
		if (is_over(w))
			return;
		wait_for_news(w);
		settle_all(w);
		outbound_hear(&w->outbound, w->fds + w->desk.n + 2);
		if (w->fds[w->desk.n + 1].revents != 0)
			syncing_hear(&w->syncing, &w->desk, w->order->log);
		backlog_refresh(&w->turns.backlog,
		    w->fds[w->desk.n].revents != 0, w->order->log);
		turns_refresh(&w->turns);
	}
}

static bool
allocate(struct work *w, size_t n)
{
	size_t flights = w->order->site.settings->remote.inflight;

	if (!outbound_open(
		&w->outbound, w->order, &w->turns.backlog, &w->progress) ||
	    !desk_open(&w->desk, n, flights))
		return (false);
	w->fds = calloc(nfds(w), sizeof(*w->fds));
	return (w->fds != NULL);
}

static enum work_end
ending(const struct work *w, struct fault *why)
{
	if (w->turns.backlog.is_lost) {
		(void)fault_set(why, "find the spool again at",
		    w->order->site.settings->spool.dir, ESTALE);
		return (WORK_FAILED);
	}
	return (w->turns.backlog.is_blind ||
		    queue_waiting(&w->turns.backlog.queue) > 0
		? WORK_LEFT
		: WORK_DONE);
}

/* It is too large for some stacks. */
static enum work_end
run(struct work *w, struct fault *why)
{
	const struct work_order *order = w->order;
	uint32_t slots = order->site.settings->work.workers;
	enum work_end end = WORK_FAILED;

	w->clean_ms = sysclock_ms() + CLEAN_MS;
	turns_open(&w->turns, order, &w->desk, &w->outbound);
	syncing_open(&w->syncing, order->site.spool->dirfd);
	progress_init(&w->progress, order->terminal);
	if (allocate(w, slots)) {
		loop(w);
		end = ending(w, why);
	} else {
		(void)fault_set(why, "start", "the worker", ENOMEM);
	}
	progress_end(&w->progress, &w->turns.backlog.queue);
	free(w->fds);
	syncing_close(&w->syncing);
	desk_close(&w->desk);
	outbound_close(&w->outbound);
	turns_close_all(&w->turns);
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
