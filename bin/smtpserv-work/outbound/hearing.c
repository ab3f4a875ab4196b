/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "outbound/diary.h"
#include "outbound/outbound.h"
#include "sys/sysclock.h"

enum {
	/* Messages that are given back, one after the other. */
	UNTRIED_MAX = 100,
	/* Silent for so many milliseconds, one has nothing to do. */
	REST_MS = 1000
};

/* A host may close a connection that has nothing to carry. */
static bool
may_end(const struct link *l)
{
	return (l->on_way == 0 &&
	    (l->state == LINK_QUITTING || l->answered > 0 ||
		(l->state == LINK_READY &&
		    sysclock_ms() - l->heard_ms >= REST_MS)));
}

/* Its socket has ended. */
static void
hear_end(struct outbound *o, struct link *l)
{
	struct outcome words;

	outcome_set(&words, OUTCOME_TRY_AGAIN, "4.4.2", "closed");
	if (may_end(l))
		outbound_end(o, l, false, &words);
	else
		outbound_fail(o, l, "smtpserv-remote ended without a word");
}

static void
hear_credit(struct outbound *o, struct link *l, const struct feed_credit *c)
{
	if (l->state == LINK_STARTING) {
		l->state = LINK_READY;
		nexthop_connected(&o->hops[l->where]);
	}
	link_set_host(l, c);
	outbound_refresh(o, l->where);
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
	outbound_end(o, l, true, &words);
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
		    (l->is_connected && outbound_hear_message(o, l, &r));
		if (r.kind == FEED_CREDIT)
			hear_credit(o, l, &r.credit);
		break;
	}
	if (!is_good)
		outbound_fail(o, l, "smtpserv-remote said what makes no sense");
	else if (l->untried > UNTRIED_MAX && !o->is_stopping)
		outbound_fail(o, l, "smtpserv-remote tries nothing");
	return (is_good && outbound_is_alive(l));
}

void
outbound_watch(const struct outbound *o, struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		const struct link *l = &o->links[i];
		short events = link_is_sending(l) ? POLLIN | POLLOUT : POLLIN;

		fds[i] = (struct pollfd){ outbound_is_alive(l) ? l->fd : -1,
			events, 0 };
	}
}

static void
go_on_sending(struct outbound *o, struct link *l)
{
	switch (link_go_on(l)) {
	case LINK_SENT:
		outbound_refresh(o, l->where);
		break;
	case LINK_BLOCKED:
		break;
	case LINK_BROKEN:
	case LINK_REFUSED:
		outbound_dismiss(o, l);
		break;
	}
}

void
outbound_hear(struct outbound *o, const struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (fds[i].revents == 0 || !outbound_is_alive(l))
			continue;
		if (link_is_sending(l) && (fds[i].revents & POLLOUT) != 0)
			go_on_sending(o, l);
		while (outbound_is_alive(l) && hear_record(o, l))
			continue;
	}
}
