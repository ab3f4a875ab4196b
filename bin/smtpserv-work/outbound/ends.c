/* SPDX-License-Identifier: ISC */
#include "outbound/diary.h"
#include "outbound/outbound.h"
#include "sys/sysclock.h"

void
outbound_dismiss(struct outbound *o, struct link *l)
{
	link_quit(l);
	l->heard_ms = sysclock_ms();
	outbound_refresh(o, l->where);
}

/* All that it has said, before its messages are judged. */
static void
hear_out(struct outbound *o, struct link *l)
{
	static char store[FEED_RECORD_MAX + 1];
	struct feed_record r;

	/*
	 * What is in doubt must be known to be.  After what makes no sense
	 * nothing else counts.
	 */
	while (link_hear(l, store, &r) == LINK_RECORD)
		if (l->is_connected && r.kind != FEED_CREDIT &&
		    r.kind != FEED_BROKEN && !outbound_hear_message(o, l, &r))
			return;
}

/* The link is over: what it had, the next one may have. */
void
outbound_end(struct outbound *o, struct link *l, bool has_failed,
    const struct outcome *words)
{
	struct nexthop *h = &o->hops[l->where];
	uint32_t now = backlog_now(o->backlog);
	bool is_told = false;
	size_t i;

	link_hush(l);
	hear_out(o, l);
	for (i = 0; i < o->nflights; i++) {
		struct flight *f = &o->flights[i];

		if (f->left == 0 || f->is_settled || f->link != l)
			continue;
		verdict_lost(&f->verdict, words->text);
		is_told = is_told || !f->verdict.is_untried;
		outbound_settle(o, f);
	}
	diary_link(o->order->log, h->name, l, words);
	link_cut(l);
	if (nexthop_ended(
		h, l->is_connected, l->answered > 0, has_failed, now)) {
		destination_fell(outbound_table(o), l->where, words, now);
		/* One of those on their way has heard of it. */
		if (is_told)
			(void)destination_tells(
			    outbound_table(o), l->where, now);
		backlog_release(o->backlog, l->where);
		diary_down(o->order->log, h->name, words);
	}
	destination_drop(outbound_table(o), l->where, 1);
	outbound_refresh(o, l->where);
}

void
outbound_fail(struct outbound *o, struct link *l, const char *what)
{
	struct outcome words;

	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.3.0", "%s", what);
	outbound_end(o, l, true, &words);
}
