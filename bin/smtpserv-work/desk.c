/* SPDX-License-Identifier: ISC */
#include "desk.h"

#include <stdlib.h>
#include <unistd.h>

bool
desk_open(struct desk *d, size_t workers)
{
	d->workers = workers;
	d->n = 2 * workers - 1;
	d->njobs = 3 * workers;
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

struct slot *
desk_free_slot(struct desk *d)
{
	struct slot *found = NULL;
	size_t syncing = 0;
	size_t busy = 0;
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (d->slots[i].job == NULL)
			found = &d->slots[i];
		else if (d->slots[i].agent.is_syncing)
			syncing++;
		else
			busy++;
	}
	/* More agents than this that only wait are a sign of trouble: count. */
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

void
desk_clear(struct desk *d, const struct job *j)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->slots[i].job == j && d->slots[i].is_settled)
			d->slots[i].job = NULL;
}

void
desk_close_others(const struct desk *d, const struct job *own)
{
	size_t i;

	/* Nothing was written by these. */
	for (i = 0; i < d->n; i++)
		if (d->slots[i].job != NULL && d->slots[i].agent.fd >= 0)
			(void)close(d->slots[i].agent.fd);
	for (i = 0; i < d->njobs; i++)
		if (d->jobs[i].state != JOB_FREE && &d->jobs[i] != own &&
		    message_is_claimed(&d->jobs[i].message))
			(void)close(d->jobs[i].message.claim.wrk_fd);
}
