/* SPDX-License-Identifier: ISC */
#include "outbound/outbound.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/keys.h"
#include "outbound/diary.h"
#include "sys/sysclock.h"

enum {
	/* Milliseconds: one that is to end has so many more than its QUIT, */
	QUIT_MS = 2000,
	/* and when its socket is closed, before it is killed; looks at that. */
	REAP_MS = 5000,
	LOOK_MS = 50
};

bool
outbound_open(struct outbound *o, const struct work_order *order,
    struct backlog *backlog, struct progress *progress)
{
	size_t n = order->site.settings->remote.inflight;
	size_t i;

	/* None of the rows of hops is touched before it is used. */
	o->order = order;
	o->backlog = backlog;
	o->progress = progress;
	o->n = n;
	o->nflights = n;
	o->links = calloc(n, sizeof(*o->links));
	o->flights = calloc(n, sizeof(*o->flights));
	for (i = 0; o->links != NULL && i < n; i++)
		o->links[i].fd = -1;
	return (o->links != NULL && o->flights != NULL);
}

void
outbound_close(struct outbound *o)
{
	size_t i;

	for (i = 0; o->links != NULL && i < o->n; i++)
		if (o->links[i].state != LINK_FREE)
			link_cut(&o->links[i]);
	free(o->links);
	free(o->flights);
}

void
outbound_name(struct outbound *o, uint32_t where, struct bytes name)
{
	if (destination_is_hop(outbound_table(o), where) &&
	    !bytes_same(bytes_of(o->hops[where].name), name))
		nexthop_init(&o->hops[where], name);
}

static struct link *
free_link(struct outbound *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].state == LINK_FREE)
			return (&o->links[i]);
	return (NULL);
}

/*
 * There is no place for a new one: ask the one that is idle for longest; one
 * at a time, as its place comes free.
 */
static void
evict(struct outbound *o)
{
	struct link *idlest = NULL;
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (l->state == LINK_QUITTING && l->on_way == 0)
			return;
		if (l->state == LINK_READY && l->on_way == 0 &&
		    (idlest == NULL || l->heard_ms < idlest->heard_ms))
			idlest = l;
	}
	if (idlest != NULL)
		outbound_dismiss(o, idlest);
}

static void
start_link(struct outbound *o, uint32_t where)
{
	struct nexthop *h = &o->hops[where];
	struct link *l = free_link(o);
	struct outcome words;
	struct fault why;

	if (l == NULL) {
		evict(o);
		return;
	}
	l->where = where;
	if (link_start(l, o->order->site.remote, o->order->site.conf,
		bytes_of(h->name), &why)) {
		nexthop_started(h);
		destination_hold(outbound_table(o), where);
		return;
	}
	log_fault(o->order->log, &why);
	outcome_fault(&words, "4.3.0", why.op, why.name, why.err);
	destination_fell(
	    outbound_table(o), where, &words, backlog_now(o->backlog));
	diary_down(o->order->log, h->name, &words);
}

/* Does something wait for that row, which is a hop and not down? */
static bool
is_due(const struct outbound *o, uint32_t where)
{
	const struct destinations *t = outbound_table(o);
	uint32_t now = backlog_now(o->backlog);

	return (destination_is_hop(t, where) &&
	    queue_is_due(&o->backlog->queue, where, now) &&
	    !destination_is_down(t, where, now));
}

static bool
wants_link(const struct outbound *o, uint32_t where)
{
	uint32_t now = backlog_now(o->backlog);

	return (is_due(o, where) && outbound_has_room(o, where) &&
	    nexthop_wants(&o->hops[where], outbound_remote(o)->perhost,
		destination_is_ready(outbound_table(o), where, now), now));
}

/* How long one may be silent that has something to do. */
static int64_t
silence_ms(const struct outbound *o)
{
	const struct settings_remote *r = outbound_remote(o);
	const struct settings_timeout *t = &r->timeout;
	int64_t seconds = (int64_t)r->addresses *
	    ((int64_t)t->connect + t->greeting + t->ehlo + t->ehlo);

	return ((seconds + o->order->site.settings->work.commandtime) * 1000);
}

/* Until when it may go on as it does. */
static int64_t
deadline_of(const struct outbound *o, const struct link *l)
{
	const struct settings_remote *r = outbound_remote(o);

	if (l->state == LINK_GONE)
		return (l->heard_ms + REAP_MS);
	/* A text may take its time: at least an octet in a millisecond goes. */
	if (l->state == LINK_STARTING || l->on_way > 0)
		return (l->heard_ms + silence_ms(o) + (int64_t)l->octets);
	if (l->state == LINK_QUITTING)
		return (
		    l->heard_ms + QUIT_MS + (int64_t)r->timeout.quit * 1000);
	return (l->heard_ms + (int64_t)r->idle * 1000);
}

/* It has nothing to do, but what waits for its hop may be fed to it soon. */
static bool
is_wanted(const struct outbound *o, const struct link *l)
{
	return (l->state == LINK_READY && l->on_way == 0 &&
	    l->fed < outbound_remote(o)->messages && is_due(o, l->where));
}

static void
look_at(struct outbound *o, struct link *l, int64_t now)
{
	bool is_late = now >= deadline_of(o, l);
	struct outcome words;

	if (l->state == LINK_FREE)
		return;
	if (l->state == LINK_GONE) {
		(void)link_reap(l, is_late);
		return;
	}
	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.4.2", "closed");
	if (is_late && is_wanted(o, l)) {
		l->heard_ms = now + LOOK_MS;
	} else if (l->state == LINK_READY && !link_is_sending(l) &&
	    (l->fed >= outbound_remote(o)->messages ||
		(is_late && l->on_way == 0))) {
		outbound_dismiss(o, l);
	} else if (is_late && l->state == LINK_QUITTING && l->on_way == 0) {
		outbound_end(o, l, false, &words);
	} else if (is_late) {
		outbound_fail(
		    o, l, "smtpserv-remote has been silent for too long");
	}
}

/* What has begun ends; the rest is given back. */
static void
begin_to_stop(struct outbound *o)
{
	struct outcome words;
	size_t i;

	o->is_stopping = true;
	outcome_set(
	    &words, OUTCOME_TRY_AGAIN, "4.4.2", "not needed any longer");
	for (i = 0; i < o->nflights; i++) {
		const struct flight *f = &o->flights[i];

		if (f->left > 0 && !f->is_settled && !f->verdict.is_in_doubt)
			link_give_up(f->link, f->verdict.tag);
	}
	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (l->state == LINK_STARTING)
			outbound_end(o, l, false, &words);
		else if (l->state == LINK_READY)
			outbound_dismiss(o, l);
	}
}

void
outbound_advance(struct outbound *o, bool stop)
{
	int64_t now = sysclock_ms();
	uint32_t where;
	size_t i;

	if (stop && !o->is_stopping)
		begin_to_stop(o);
	for (i = 0; i < o->n; i++)
		look_at(o, &o->links[i], now);
	for (i = 0; i < o->n; i++)
		if (o->links[i].state == LINK_READY)
			outbound_refresh(o, o->links[i].where);
	for (where = DESTINATION_FIRST;
	     !o->is_stopping && where < outbound_table(o)->n; where++)
		if (wants_link(o, where))
			start_link(o, where);
}

bool
outbound_is_busy(const struct outbound *o)
{
	uint32_t where;
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct link *l = &o->links[i];

		/* What waits may have to wait for the end of one. */
		if (outbound_is_alive(l) &&
		    (o->is_stopping ||
			(l->state != LINK_READY && is_due(o, l->where))))
			return (true);
	}
	for (where = DESTINATION_FIRST;
	     !o->is_stopping && where < outbound_table(o)->n; where++)
		if (wants_link(o, where))
			return (true);
	return (false);
}

int64_t
outbound_patience(const struct outbound *o, int64_t now)
{
	int64_t left = INT64_MAX;
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct link *l = &o->links[i];
		int64_t at = deadline_of(o, l) - now;

		if (l->state == LINK_FREE)
			continue;
		if (l->state == LINK_GONE && at > LOOK_MS)
			at = LOOK_MS;
		if (at < left)
			left = at;
	}
	return (left);
}

void
outbound_hurry(struct outbound *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].state == LINK_READY)
			outbound_dismiss(o, &o->links[i]);
}

void
outbound_close_others(const struct outbound *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].fd >= 0)
			(void)close(o->links[i].fd);
}
