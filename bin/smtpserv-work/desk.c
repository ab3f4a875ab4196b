/* SPDX-License-Identifier: ISC */
#include "desk.h"

#include <stdlib.h>
#include <unistd.h>

#include "deliver/maildir.h"
#include "sys/sysclock.h"

size_t
desk_jobs(size_t workers)
{
	size_t joiners = workers * MAILDIR_TOGETHER;

	return (
	    3 * workers + (joiners < DESK_JOINERS ? joiners : DESK_JOINERS));
}

bool
desk_open(struct desk *d, size_t workers, size_t flights)
{
	d->workers = workers;
	d->n = 2 * workers - 1;
	d->njobs = desk_jobs(workers) + flights;
	d->slots = calloc(d->n, sizeof(*d->slots));
	d->jobs = calloc(d->njobs, sizeof(*d->jobs));
	return (d->slots != NULL && d->jobs != NULL);
}

void
desk_close(struct desk *d)
{
	free(d->jobs);
	free(d->slots);
}

size_t
desk_room(const struct desk *d)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state == JOB_FREE)
			n++;
	return (n);
}

struct slot *
desk_free_slot(struct desk *d)
{
	struct slot *found = NULL;
	size_t syncing = 0;
	size_t busy = 0;
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (d->slots[i].left == 0)
			found = &d->slots[i];
		else if (d->slots[i].is_settled || d->slots[i].agent.is_syncing)
			syncing++;
		else
			busy++;
	}
	/* More than this that only wait are a sign of trouble: count. */
	if (syncing >= d->workers)
		busy += syncing - (d->workers - 1);
	return (busy < d->workers ? found : NULL);
}

struct job *
desk_free_job(struct desk *d)
{
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state == JOB_FREE)
			return (&d->jobs[i]);
	return (NULL);
}

bool
desk_is_bulk(const struct message *m)
{
	return (m->plan.nrcpt > DESK_BURST);
}

bool
desk_has_room(const struct desk *d)
{
	size_t bulk = 0;
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state != JOB_FREE &&
		    desk_is_bulk(&d->jobs[i].message))
			bulk++;
	return (bulk < d->workers);
}

bool
desk_is_idle(const struct desk *d)
{
	size_t i;

	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state != JOB_FREE)
			return (false);
	return (true);
}

/* The parts of a slot that are durable now. */
static void
clear(struct slot *s, const struct job *j)
{
	bool is_over = j->state > JOB_REPORTING;
	size_t i;

	for (i = 0; i < s->errand.n && s->left > 0; i++) {
		struct job_part *p = &s->errand.part[i];

		if (p->job != j || (!is_over && p->round == j->round))
			continue;
		p->job = NULL;
		s->left--;
	}
}

void
desk_clear(struct desk *d, const struct job *j)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->slots[i].left > 0 && d->slots[i].is_settled)
			clear(&d->slots[i], j);
}

bool
desk_is_crowded(const struct desk *d, const struct lot *lot)
{
	int64_t since;
	size_t n = 0;
	size_t i;

	if (lot->maildir == 0)
		return (false);
	since = sysclock_ms() - DESK_CROWD_MS;
	for (i = 0; i < d->n; i++) {
		const struct slot *s = &d->slots[i];

		if (s->left > 0 && !s->is_settled && !s->agent.is_syncing &&
		    s->started_ms >= since && s->errand.maildir == lot->maildir)
			n++;
	}
	return (n >= DESK_CROWD);
}

/* What a job of another errand has open. */
static void
close_job(const struct job *j)
{
	const struct record *r = &j->message.record;

	/* Nothing was written by us. */
	if (message_is_claimed(&j->message))
		(void)close(j->message.claim.wrk_fd);
	if (r->want == RECORD_DATA && r->fd != j->message.claim.wrk_fd)
		(void)close(r->fd);
}

static bool
is_of(const struct job_errand *e, const struct job *j)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (e->part[i].job == j)
			return (true);
	return (false);
}

void
desk_close_others(const struct desk *d, const struct job_errand *own)
{
	size_t i;

	/* Nothing was written by these. */
	for (i = 0; i < d->n; i++)
		if (d->slots[i].left > 0 && d->slots[i].agent.fd >= 0)
			(void)close(d->slots[i].agent.fd);
	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state != JOB_FREE && !is_of(own, &d->jobs[i]))
			close_job(&d->jobs[i]);
}
