/* SPDX-License-Identifier: ISC */
#include "conf/keys.h"
#include "outbound/diary.h"
#include "outbound/outbound.h"
#include "sys/sysclock.h"

const struct settings_remote *
outbound_remote(const struct outbound *o)
{
	return (&o->order->site.settings->remote);
}

struct destinations *
outbound_table(const struct outbound *o)
{
	return (&o->backlog->destinations);
}

bool
outbound_is_alive(const struct link *l)
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
bool
outbound_has_room(const struct outbound *o, uint32_t where)
{
	size_t all;
	size_t n = flights_of(o, where, &all);

	return (
	    n == 0 ? all < o->nflights : all < o->nflights - o->nflights / 4);
}

/* How many messages the link can take now. */
uint32_t
outbound_room_of(const struct outbound *o, const struct link *l)
{
	uint32_t most = outbound_remote(o)->messages;

	if (l->state != LINK_READY || link_is_sending(l) || l->fed >= most)
		return (0);
	return (l->credit < most - l->fed ? l->credit : most - l->fed);
}

/* Tell the table what a hop can take. */
void
outbound_refresh(struct outbound *o, uint32_t where)
{
	uint32_t ready = 0;
	size_t i;

	for (i = 0; i < o->n; i++)
		if (o->links[i].where == where)
			ready += outbound_room_of(o, &o->links[i]);
	destination_set_ready(outbound_table(o), where,
	    !o->is_stopping && ready > 0 && outbound_has_room(o, where) ? ready
									: 0);
}

static void
count(struct outbound *o, const struct flight *f)
{
	size_t i;

	for (i = 0; i < f->errand.n; i++)
		progress_count(o->progress, &f->out[i]);
}

/* It is known what became of it, or that it was no try. */
void
outbound_settle(struct outbound *o, struct flight *f)
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
	l->untried++;
	if (!f->verdict.is_untried) {
		if (l->answered++ == 0)
			nexthop_carried(&o->hops[l->where]);
		destination_rose(outbound_table(o), l->where);
		l->untried = 0;
	}
	outbound_settle(o, f);
	outbound_refresh(o, l->where);
}

bool
outbound_hear_message(
    struct outbound *o, struct link *l, const struct feed_record *r)
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
