/* SPDX-License-Identifier: ISC */
#include "turns.h"

#include <time.h>

#include "care.h"
#include "conf/keys.h"
#include "spool/schedule.h"
#include "spool/spool.h"

enum {
	/* Seconds: until a message that could not be read is tried again, */
	FAULT_AGAIN = 60,
	/* or that somebody else had, unless its end is heard of before. */
	BUSY_AGAIN = 5,
	/* and one that became old while its destination was only full. */
	ALARM_AGAIN = 600
};

void
turns_open(struct turns *t, const struct work_order *order,
    const struct desk *desk, struct outbound *outbound)
{
	const struct settings *s = order->site.settings;

	t->order = order;
	t->desk = desk;
	t->outbound = outbound;
	backlog_open(&t->backlog, order->site.spool->dirfd, s->spool.dir,
	    order->once, s->work.workers);
	lookup_init(&t->lookup, s, order->site.host);
}

void
turns_close_all(struct turns *t)
{
	lookup_close(&t->lookup);
	backlog_close(&t->backlog);
}

static uint32_t
now_of(const struct turns *t)
{
	return (backlog_now(&t->backlog));
}

bool
turns_may(const void *ctx, const struct lot *lot)
{
	const struct turns *t = ctx;

	return (!destination_is_hop(&t->backlog.destinations, lot->where) &&
	    backlog_is_open(&t->backlog, lot->where));
}

/* Seconds until the next try of a message that is given back. */
static uint32_t
seconds_left(const struct turns *t, const struct message *m, time_t tried)
{
	time_t left = schedule_wait(m->born, tried, time(NULL),
	    t->order->site.settings->work.queuelife);

	return (left > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)left);
}

static void
log_damaged(const struct turns *t, uint32_t number, const struct fault *why)
{
	struct log_line line;

	log_begin(&line, t->order->log, "damaged");
	log_number(&line, "number", number);
	log_text(&line, "name", bytes_of(why->name));
	log_text(&line, "why", bytes_of(why->op));
	log_end(&line);
}

/* Put back a message of whose destinations nothing is known. */
static void
put_back(struct turns *t, uint32_t number, uint32_t seconds)
{
	backlog_put_back(&t->backlog, number, DESTINATION_NONE,
	    &(struct backlog_times){ seconds, UINT32_MAX });
}

/* A damaged message is set aside, never tried again. */
static void
set_aside(struct turns *t, struct message *m, struct fault *why)
{
	uint32_t number = m->claim.number;

	log_damaged(t, number, why);
	if (message_set_aside(m, why) == RES_OK) {
		backlog_forget(&t->backlog, number);
		return;
	}
	log_fault(t->order->log, why);
	put_back(t, number, FAULT_AGAIN);
}

/* Is it, now that we have it, to be tried now? */
static bool
is_due(struct turns *t, struct job *j)
{
	uint32_t left = seconds_left(t, &j->message, j->message.tried);

	if (left == 0 || t->order->now || j->message.tried < t->asked_at ||
	    schedule_is_ahead(j->message.tried, time(NULL)))
		return (true);
	put_back(t, j->message.claim.number, left);
	message_release(&j->message);
	return (false);
}

/* If it is bulk, is there a place for it? */
static bool
finds_room(struct turns *t, struct job *j)
{
	if (!desk_is_bulk(&j->message) || desk_has_room(t->desk))
		return (true);
	backlog_defer(&t->backlog, j->message.claim.number);
	message_release(&j->message);
	return (false);
}

/* A hop's row; those of messages that want more, or less, are others. */
static uint32_t
find_hop(struct turns *t, const struct lookup_place *place)
{
	char store[HOPNAME_MAX];
	struct buf name;
	uint32_t where;

	if (!t->has_care)
		t->care = care_of(t->message, &t->order->site.settings->remote);
	t->has_care = true;
	buf_init(&name, store, sizeof(store));
	hopname_put(&name, place->name, t->care);
	where = destination_keep(&t->backlog.destinations, buf_view(&name),
	    DESTINATION_HOP, now_of(t));
	outbound_name(t->outbound, where, buf_view(&name));
	return (where);
}

static uint32_t
where_of(void *ctx, struct bytes mailbox, struct lots_way *way)
{
	struct turns *t = ctx;
	struct lookup_place place;

	*way = (struct lots_way){ .is_shared = false };
	/* The one command serves all mail: it can keep none waiting. */
	if (t->order->site.command != NULL)
		return (DESTINATION_NONE);
	lookup_place(&t->lookup, mailbox, &place);
	way->is_shared = place.is_shared;
	way->maildir = place.maildir;
	if (place.kind == LOOKUP_NOWHERE)
		return (DESTINATION_NONE);
	if (place.kind == LOOKUP_HOP)
		return (find_hop(t, &place));
	return (destination_keep(&t->backlog.destinations, place.name,
	    place.kind == LOOKUP_DISK ? DESTINATION_DISK : DESTINATION_SERVICE,
	    now_of(t)));
}

static void
drop_lots(struct turns *t, struct job *j)
{
	size_t i;

	for (i = 0; i < j->lots.n; i++)
		destination_drop(&t->backlog.destinations,
		    j->lots.list[i].where, j->lots.list[i].n);
	lots_free(&j->lots);
}

/* Is it so old that it is over, or that its sender has to be told? */
static bool
is_late(const struct turns *t, const struct message *m)
{
	time_t now = time(NULL);

	return (schedule_is_last(
		    m->born, now, t->order->site.settings->work.queuelife) ||
	    (!m->plan.delay_reported && now - m->born >= SCHEDULE_DELAY));
}

/*
 * No recipient that is left can be tried now.  What a destination said when it
 * failed is its answer to this message, too, if the message is late, and if it
 * is the one for which the connection was tried.
 */
static void
hold(struct turns *t, struct job *j)
{
	struct destinations *all = &t->backlog.destinations;
	uint32_t now = now_of(t);
	bool late = is_late(t, &j->message);
	size_t i;

	for (i = 0; i < j->lots.n; i++) {
		struct lot *lot = &j->lots.list[i];
		const struct outcome *words =
		    destination_words(all, lot->where);
		bool is_try;

		if (words == NULL || !lots_has(lot))
			continue;
		is_try = destination_tells(all, lot->where, now);
		/* A hop that is not there at all has answered for good. */
		if (is_try || late ||
		    (words->kind == OUTCOME_FAILED &&
			destination_is_down(all, lot->where, now)))
			job_settle_lot(j, lot, words, is_try, t->order->log);
	}
	j->is_held = true;
}

/* By an agent, or over a connection. */
static bool
may_any(const void *ctx, const struct lot *lot)
{
	const struct turns *t = ctx;

	return (turns_may(ctx, lot) ||
	    destination_is_ready(
		&t->backlog.destinations, lot->where, now_of(t)));
}

static bool
is_stuck(const struct turns *t, const struct job *j)
{
	return (j->state == JOB_DELIVERING && j->running == 0 && !j->is_held &&
	    plan_in(&j->message.plan, PLAN_WAITING) > 0 &&
	    !job_can_start(j, may_any, t));
}

void
turns_hold(struct turns *t, struct job *j)
{
	if (is_stuck(t, j))
		hold(t, j);
}

void
turns_hurry(struct turns *t)
{
	/* By the stamp that an attempt of now has. */
	t->asked_at = time(NULL) + SCHEDULE_MARGIN + 1;
	lookup_close(&t->lookup);
	lookup_init(&t->lookup, t->order->site.settings, t->order->site.host);
	backlog_hurry(&t->backlog);
}

void
turns_refresh(struct turns *t)
{
	if (lookup_refresh(&t->lookup))
		backlog_unroute(&t->backlog);
}

static void
begin(struct turns *t, struct job *j)
{
	uint32_t number = j->message.claim.number;

	turns_refresh(t);
	t->message = &j->message;
	t->has_care = false;
	if (!lots_make(&j->lots, &j->message.plan, where_of, t)) {
		drop_lots(t, j);
		put_back(t, number, FAULT_AGAIN);
		message_release(&j->message);
		return;
	}
	job_begin(j);
}

/* The message of that number becomes a job, if it can. */
void
turns_take(struct turns *t, struct job *j, uint32_t number)
{
	struct fault why = { .err = 0 };

	switch (message_take(t->order->site.spool->dirfd, number,
	    t->order->site.settings->spool.sync != 0, &j->message, &why)) {
	case MESSAGE_OK:
		if (is_due(t, j) && finds_room(t, j))
			begin(t, j);
		break;
	case MESSAGE_BUSY:
		backlog_share(&t->backlog, number, BUSY_AGAIN);
		break;
	case MESSAGE_GONE:
		backlog_forget(&t->backlog, number);
		break;
	case MESSAGE_DAMAGED:
		set_aside(t, &j->message, &why);
		break;
	case MESSAGE_FAILED:
		log_fault(t->order->log, &why);
		put_back(t, number, FAULT_AGAIN);
		break;
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
alarm_of(const struct turns *t, const struct job *j)
{
	const struct message *m = &j->message;
	uint32_t delay = seconds_until(m->born + SCHEDULE_DELAY);
	uint32_t life = seconds_until(
	    m->born + (time_t)t->order->site.settings->work.queuelife);
	uint32_t more = t->order->once ? 0 : ALARM_AGAIN;

	if (!m->plan.delay_reported && (delay > 0 || j->is_put_off))
		return ((delay < life ? delay : life) + more);
	return (life + more);
}

/* A hop that is not down may be ready at any moment. */
static uint32_t
opening_of(const struct turns *t, uint32_t where)
{
	const struct destinations *all = &t->backlog.destinations;
	uint32_t now = now_of(t);

	if (destination_is_hop(all, where) &&
	    !destination_is_down(all, where, now))
		return (now);
	return (destination_opens(all, where, now));
}

/* The destination, of those with a recipient left, that opens first. */
static uint32_t
first_to_open(const struct turns *t, const struct job *j, bool *is_only)
{
	uint32_t best = DESTINATION_NONE;
	uint32_t opens = UINT32_MAX;
	size_t n = 0;
	size_t i;

	for (i = 0; i < j->lots.n; i++) {
		const struct lot *lot = &j->lots.list[i];
		uint32_t at = opening_of(t, lot->where);

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
put_job_back(struct turns *t, const struct job *j, uint32_t number)
{
	const struct message *m = &j->message;
	bool is_only;
	uint32_t where = first_to_open(t, j, &is_only);
	uint32_t alarm = alarm_of(t, j);

	if (!j->is_put_off && !j->is_unfed) {
		struct backlog_times times = { FAULT_AGAIN, alarm };

		if (!j->is_untried)
			times.due = seconds_left(
			    t, m, schedule_stamp(m->born, time(NULL)));
		backlog_put_back(&t->backlog, number,
		    is_only ? where : DESTINATION_NONE, &times);
		return;
	}
	/* Another may open before the one that it waits for. */
	if (!is_only && alarm > BACKLOG_MIXED)
		alarm = BACKLOG_MIXED;
	backlog_hold(&t->backlog, number, where, alarm);
}

/* A job that came to its end leaves the table. */
void
turns_close(struct turns *t, struct job *j, uint32_t number)
{
	switch (j->state) {
	case JOB_FREE:
	case JOB_DELIVERING:
	case JOB_REPORTING:
	case JOB_ENDING:
		return;
	case JOB_DONE:
	case JOB_ASIDE:
		backlog_forget(&t->backlog, number);
		break;
	case JOB_RETURNED:
		put_job_back(t, j, number);
		break;
	}
	drop_lots(t, j);
	j->state = JOB_FREE;
}
