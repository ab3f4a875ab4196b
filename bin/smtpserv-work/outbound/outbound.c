/* SPDX-License-Identifier: ISC */
#include "outbound/outbound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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

static const struct settings_remote *
remote_of(const struct outbound *o)
{
	return (&o->order->site.settings->remote);
}

static struct destinations *
table_of(const struct outbound *o)
{
	return (&o->backlog->destinations);
}

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
	if (destination_is_hop(table_of(o), where) &&
	    !bytes_same(bytes_of(o->hops[where].name), name))
		nexthop_init(&o->hops[where], name);
}

static bool
is_alive(const struct link *l)
{
	return (l->state != LINK_FREE && l->state != LINK_GONE);
}

static size_t
flights_of(const struct outbound *o, uint32_t where, size_t *all)
{
	size_t n = 0;
	size_t i;

	*all = 0;
	for (i = 0; i < o->nflights; i++) {
		if (o->flights[i].left == 0)
			continue;
		++*all;
		if (o->flights[i].errand.where == where)
			n++;
	}
	return (n);
}

size_t
outbound_room(const struct outbound *o)
{
	size_t all;

	(void)flights_of(o, DESTINATION_NONE, &all);
	return (o->nflights - all);
}

/* The last quarter is for hops that have nothing on its way. */
static bool
has_room_for(const struct outbound *o, uint32_t where)
{
	size_t all;
	size_t n = flights_of(o, where, &all);

	return (
	    n == 0 ? all < o->nflights : all < o->nflights - o->nflights / 4);
}

/* How many messages the link can take now. */
static uint32_t
room_of(const struct outbound *o, const struct link *l)
{
	uint32_t most = remote_of(o)->messages;

	if (l->state != LINK_READY || link_is_sending(l) || l->fed >= most)
		return (0);
	return (l->credit < most - l->fed ? l->credit : most - l->fed);
}

/* Tell the table what a hop can take. */
static void
refresh(struct outbound *o, uint32_t where)
{
	uint32_t ready = 0;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].where == where)
			ready += room_of(o, &o->links[i]);
	destination_set_ready(table_of(o), where,
	    !o->is_stopping && ready > 0 && has_room_for(o, where) ? ready : 0);
}

static struct link *
best_link(const struct outbound *o, uint32_t where)
{
	struct link *best = NULL;
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (l->where == where && room_of(o, l) > 0 &&
		    (best == NULL || l->on_way < best->on_way))
			best = l;
	}
	return (best);
}

static void
count(struct outbound *o, const struct flight *f)
{
	size_t i;

	for (i = 0; i < f->errand.n; i++)
		progress_count(o->progress, &f->out[i]);
}

/* It is known what became of it, or that it was no try. */
static void
settle(struct outbound *o, struct flight *f)
{
	struct link *l = f->link;

	o->progress->running -= f->errand.n;
	progress_hide(o->progress);
	l->on_way--;
	if (f->verdict.is_untried) {
		job_unfed(&f->errand);
		f->left = 0;
		return;
	}
	diary_sent(o->order->log, o->hops[l->where].name, f);
	count(o, f);
	f->is_settled = true;
	f->errand.place = o->hops[l->where].name;
	job_settle(&f->errand, f->out, o->order->log);
}

/* The link is over: what it had, the next one may have. */
static void
end_link(struct outbound *o, struct link *l, bool has_failed,
    const struct outcome *words)
{
	struct nexthop *h = &o->hops[l->where];
	uint32_t now = backlog_now(o->backlog);
	size_t i;

	for (i = 0; i < o->nflights; i++) {
		struct flight *f = &o->flights[i];

		if (f->left == 0 || f->is_settled || f->link != l)
			continue;
		verdict_lost(&f->verdict, words->text);
		settle(o, f);
	}
	diary_link(o->order->log, h->name, l, words);
	link_cut(l);
	if (nexthop_ended(
		h, l->is_connected, l->answered > 0, has_failed, now)) {
		destination_fell(table_of(o), l->where, words, now);
		backlog_release(o->backlog, l->where);
		diary_down(o->order->log, h->name, words);
	}
	destination_drop(table_of(o), l->where, 1);
	refresh(o, l->where);
}

static void
fail_link(struct outbound *o, struct link *l, const char *what)
{
	struct outcome words;

	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.3.0", "%s", what);
	end_link(o, l, true, &words);
}

/* Its socket has ended. */
static void
hear_end(struct outbound *o, struct link *l)
{
	struct outcome words;

	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.4.2", "closed");
	/* A host may close a connection that has nothing to carry. */
	if (l->on_way == 0 && (l->state == LINK_QUITTING || l->answered > 0))
		end_link(o, l, false, &words);
	else
		fail_link(o, l, "smtpserv-remote ended without a word");
}

static void
hear_credit(struct outbound *o, struct link *l, const struct feed_credit *c)
{
	if (l->state == LINK_STARTING) {
		l->state = LINK_READY;
		nexthop_connected(&o->hops[l->where]);
	}
	link_set_host(l, c);
	refresh(o, l->where);
}

static struct flight *
flight_of(const struct outbound *o, const struct link *l, uint32_t tag)
{
	size_t i;

	for (i = 0; i < o->nflights; i++) {
		struct flight *f = &o->flights[i];

		if (f->left > 0 && !f->is_settled && f->link == l &&
		    f->verdict.tag == tag)
			return (f);
	}
	return (NULL);
}

static void
hear_final(struct outbound *o, struct link *l, struct flight *f)
{
	l->credit++;
	if (!f->verdict.is_untried) {
		if (l->answered++ == 0)
			nexthop_carried(&o->hops[l->where]);
		destination_rose(table_of(o), l->where);
	}
	settle(o, f);
	refresh(o, l->where);
}

/* A record about a message.  False: it lies. */
static bool
hear_message(struct outbound *o, struct link *l, const struct feed_record *r)
{
	struct flight *f = flight_of(o, l, r->tag);

	if (f == NULL)
		return (false);
	if (r->kind == FEED_UNTRIED)
		link_stop(l, r->tag);
	switch (verdict_hear(&f->verdict, r, l->offers_dsn)) {
	case VERDICT_GOES_ON:
		return (true);
	case VERDICT_IS_OVER:
		hear_final(o, l, f);
		return (true);
	case VERDICT_LIES:
		break;
	}
	return (false);
}

static void
hear_broken(
    struct outbound *o, struct link *l, const struct feed_result *result)
{
	char status[FEED_STATUS_MAX + 1];
	struct outcome words;

	(void)snprintf(status, sizeof(status), "%.*s", (int)result->status.n,
	    result->status.p);
	outcome_set(&words,
	    status[0] == '5' ? OUTCOME_FAILED : OUTCOME_TRY_AGAIN, status,
	    "%.*s", (int)result->text.n, result->text.p);
	end_link(o, l, true, &words);
}

/* False: there is no more to be heard, for now or for ever. */
static bool
hear_record(struct outbound *o, struct link *l)
{
	static char store[FEED_RECORD_MAX + 1];
	struct feed_record r;
	bool is_good = false;

	switch (link_hear(l, store, &r)) {
	case LINK_NOTHING:
		return (false);
	case LINK_ENDED:
		hear_end(o, l);
		return (false);
	case LINK_JUNK:
		break;
	case LINK_RECORD:
		if (r.kind == FEED_BROKEN) {
			hear_broken(o, l, &r.result);
			return (false);
		}
		is_good = r.kind == FEED_CREDIT ||
		    (l->is_connected && hear_message(o, l, &r));
		if (r.kind == FEED_CREDIT)
			hear_credit(o, l, &r.credit);
		break;
	}
	if (!is_good)
		fail_link(o, l, "smtpserv-remote said what makes no sense");
	return (is_good);
}

void
outbound_watch(const struct outbound *o, struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct link *l = &o->links[i];
		short events = link_is_sending(l) ? POLLIN | POLLOUT : POLLIN;

		fds[i] = (struct pollfd){ is_alive(l) ? l->fd : -1, events, 0 };
	}
}

static void
go_on_sending(struct outbound *o, struct link *l)
{
	switch (link_go_on(l)) {
	case LINK_SENT:
		refresh(o, l->where);
		break;
	case LINK_BLOCKED:
		break;
	case LINK_BROKEN:
	case LINK_REFUSED:
		fail_link(o, l, "smtpserv-remote does not listen");
		break;
	}
}

void
outbound_hear(struct outbound *o, const struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (fds[i].revents == 0 || !is_alive(l))
			continue;
		if (link_is_sending(l) && (fds[i].revents & POLLOUT) != 0)
			go_on_sending(o, l);
		while (is_alive(l) && hear_record(o, l))
			continue;
	}
}

/* False: not to be had, and nothing was sent. */
static bool
send_flight(struct outbound *o, struct flight *f, struct outcome *out)
{
	const struct message *m = &f->errand.part[0].job->message;
	struct link *l = f->link;
	struct fault why;
	enum link_sent sent;
	int text = message_open_text(m, &why);

	if (text < 0) {
		outcome_fault(out, "4.3.0", why.op, why.name, why.err);
		return (false);
	}
	sent = link_send(l, &f->errand, f->verdict.tag, text);
	(void)close(text);
	if (sent == LINK_REFUSED || sent == LINK_BLOCKED) {
		if (link_is_sending(l))
			return (true);
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "smtpserv-remote cannot be told of it");
		return (false);
	}
	if (sent == LINK_BROKEN)
		fail_link(o, l, "smtpserv-remote does not listen");
	return (true);
}

static void
begin_flight(struct outbound *o, struct flight *f)
{
	struct outcome out;
	size_t i;

	f->link = best_link(o, f->errand.where);
	f->left = f->errand.n;
	f->is_settled = false;
	f->sent_ms = sysclock_ms();
	verdict_begin(&f->verdict, ++o->tag, f->out, f->errand.n);
	job_started(&f->errand);
	o->progress->running += f->errand.n;
	if (!send_flight(o, f, &out)) {
		f->link->on_way++;
		for (i = 0; i < f->errand.n; i++)
			f->out[i] = out;
		settle(o, f);
	}
	refresh(o, f->errand.where);
}

static bool
may_feed(const void *ctx, const struct lot *lot)
{
	const struct outbound *o = ctx;

	return (destination_is_ready(
	    table_of(o), lot->where, backlog_now(o->backlog)));
}

static struct flight *
free_flight(const struct outbound *o)
{
	size_t i;

	for (i = 0; i < o->nflights; i++)
		if (o->flights[i].left == 0)
			return (&o->flights[i]);
	return (NULL);
}

void
outbound_feed(struct outbound *o, struct job *j)
{
	struct flight *f;

	while (j->state == JOB_DELIVERING && !o->is_stopping &&
	    (f = free_flight(o)) != NULL &&
	    job_next(j, may_feed, o, &f->errand))
		begin_flight(o, f);
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

/* There is no place for a new one: ask the one that is idle for longest. */
static void
evict(struct outbound *o)
{
	struct link *idlest = NULL;
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (l->state == LINK_READY && l->on_way == 0 &&
		    (idlest == NULL || l->heard_ms < idlest->heard_ms))
			idlest = l;
	}
	if (idlest != NULL)
		link_quit(idlest);
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
	if (link_start(
		l, o->order->remote, o->order->conf, bytes_of(h->name), &why)) {
		nexthop_started(h);
		destination_hold(table_of(o), where);
		return;
	}
	log_fault(o->order->log, &why);
	outcome_fault(&words, "4.3.0", why.op, why.name, why.err);
	destination_fell(table_of(o), where, &words, backlog_now(o->backlog));
	diary_down(o->order->log, h->name, &words);
}

/* Does something wait for that row, which is a hop and not down? */
static bool
is_due(const struct outbound *o, uint32_t where)
{
	const struct destinations *t = table_of(o);
	uint32_t now = backlog_now(o->backlog);

	return (destination_is_hop(t, where) &&
	    queue_is_due(&o->backlog->queue, where, now) &&
	    !destination_is_down(t, where, now));
}

static bool
wants_link(const struct outbound *o, uint32_t where)
{
	uint32_t now = backlog_now(o->backlog);

	return (is_due(o, where) && has_room_for(o, where) &&
	    nexthop_wants(&o->hops[where], remote_of(o)->perhost,
		destination_is_ready(table_of(o), where, now), now));
}

/* How long one may be silent that has something to do. */
static int64_t
silence_ms(const struct outbound *o)
{
	const struct settings_remote *r = remote_of(o);
	const struct settings_timeout *t = &r->timeout;
	int64_t seconds = (int64_t)r->addresses *
	    ((int64_t)t->connect + t->greeting + t->ehlo + t->ehlo);

	return ((seconds + o->order->site.settings->work.commandtime) * 1000);
}

/* Until when it may go on as it does. */
static int64_t
deadline_of(const struct outbound *o, const struct link *l)
{
	const struct settings_remote *r = remote_of(o);

	if (l->state == LINK_GONE)
		return (l->heard_ms + REAP_MS);
	if (l->state == LINK_STARTING || l->on_way > 0)
		return (l->heard_ms + silence_ms(o));
	if (l->state == LINK_QUITTING)
		return (
		    l->heard_ms + QUIT_MS + (int64_t)r->timeout.quit * 1000);
	return (l->heard_ms + (int64_t)r->idle * 1000);
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
	if (l->state == LINK_READY && !link_is_sending(l) &&
	    (l->fed >= remote_of(o)->messages || (is_late && l->on_way == 0))) {
		link_quit(l);
		/* From now on its QUIT is waited for. */
		l->heard_ms = now;
		refresh(o, l->where);
	} else if (is_late && l->state == LINK_QUITTING && l->on_way == 0) {
		end_link(o, l, false, &words);
	} else if (is_late) {
		fail_link(o, l, "smtpserv-remote has been silent for too long");
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

		if (l->state == LINK_STARTING) {
			end_link(o, l, false, &words);
		} else if (l->state == LINK_READY) {
			link_quit(l);
			l->heard_ms = sysclock_ms();
			refresh(o, l->where);
		}
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
			refresh(o, o->links[i].where);
	for (where = DESTINATION_FIRST;
	     !o->is_stopping && where < table_of(o)->n; where++)
		if (wants_link(o, where))
			start_link(o, where);
}

void
outbound_clear(struct outbound *o, const struct job *j)
{
	bool is_over = j->state > JOB_ENDING;
	size_t i;
	size_t k;

	for (i = 0; i < o->nflights; i++) {
		struct flight *f = &o->flights[i];

		for (k = 0; f->is_settled && f->left > 0 && k < f->errand.n;
		     k++) {
			struct job_part *p = &f->errand.part[k];

			if (p->job != j ||
			    (!is_over &&
				(j->state == JOB_ENDING ||
				    p->round == j->round)))
				continue;
			p->job = NULL;
			f->left--;
		}
	}
}

bool
outbound_is_busy(const struct outbound *o)
{
	uint32_t where;
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct link *l = &o->links[i];

		/* What waits may have to wait for the end of one. */
		if (is_alive(l) &&
		    (o->is_stopping ||
			(l->state != LINK_READY && is_due(o, l->where))))
			return (true);
	}
	for (where = DESTINATION_FIRST;
	     !o->is_stopping && where < table_of(o)->n; where++)
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

	for (i = 0; i < o->n; i++) {
		if (o->links[i].state != LINK_READY)
			continue;
		link_quit(&o->links[i]);
		refresh(o, o->links[i].where);
	}
}

void
outbound_close_others(const struct outbound *o)
{
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].fd >= 0)
			(void)close(o->links[i].fd);
}
