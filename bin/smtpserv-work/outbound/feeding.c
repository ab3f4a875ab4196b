/* SPDX-License-Identifier: ISC */
#include <unistd.h>

#include "outbound/outbound.h"
#include "sys/sysclock.h"

static struct link *
best_link(const struct outbound *o, uint32_t where)
{
	struct link *best = NULL;
	size_t i;

	for (i = 0; i < o->n; i++) {
		struct link *l = &o->links[i];

		if (l->where == where && outbound_room_of(o, l) > 0 &&
		    (best == NULL || l->on_way < best->on_way))
			best = l;
	}
	return (best);
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
	/* Its end, and what it has said before, is heard as any other's. */
	if (sent == LINK_BROKEN)
		outbound_dismiss(o, l);
	if (l->tag == f->verdict.tag)
		return (true);
	/* One that does not read gets no more before it answers. */
	f->verdict.is_untried = sent != LINK_REFUSED;
	l->credit = sent == LINK_BLOCKED ? 0 : l->credit;
	outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
	    "smtpserv-remote cannot be told of it");
	return (false);
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
		outbound_settle(o, f);
	}
	outbound_refresh(o, f->errand.where);
}

static bool
may_feed(const void *ctx, const struct lot *lot)
{
	const struct outbound *o = ctx;

	return (destination_is_ready(
		    outbound_table(o), lot->where, backlog_now(o->backlog)) &&
	    best_link(o, lot->where) != NULL);
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
