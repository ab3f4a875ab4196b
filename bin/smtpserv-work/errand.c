/* SPDX-License-Identifier: ISC */
#include "errand.h"

#include <unistd.h>

#include "deliver/notice.h"
#include "outbound/outbound.h"
#include "sys/sysclock.h"

struct errand {
	const struct errand_office *office;
	const struct slot *slot;
	int fd;
};

/* In the agent: all that concerns others. */
static void
close_others(void *ctx)
{
	const struct errand *e = ctx;

	if (e->office->watch >= 0)
		(void)close(e->office->watch);
	outbound_close_others(e->office->outbound);
	desk_close_others(e->office->desk, &e->slot->errand);
}

static void
tell(void *ctx, size_t which, const struct outcome *out)
{
	const struct errand *e = ctx;

	/* If the worker is gone, this will be done once more. */
	(void)agent_tell(e->fd, which, out);
}

static void
tell_done(void *ctx, size_t which, const struct done *done)
{
	const struct errand *e = ctx;

	/* Likewise. */
	(void)agent_tell_done(e->fd, which, done);
}

static void
tell_syncing(void *ctx)
{
	const struct errand *e = ctx;

	/* Unheard, it keeps its place to the end. */
	(void)agent_tell_syncing(e->fd);
}

static void
deliver(struct errand *e)
{
	/* One an agent. */
	static struct deliver_part parts[LOTS_SHARED_MAX];
	const struct job_errand *what = &e->slot->errand;
	const struct deliver_ear ear = { tell, tell_done, tell_syncing, e };
	size_t i;

	for (i = 0; i < what->n; i++)
		parts[i] = (struct deliver_part){ &what->part[i].job->message,
			what->part[i].rcpt };
	deliver_run(e->office->site, e->office->lookup, parts, what->n, &ear);
}

static void
run(void *ctx, int fd)
{
	struct errand *e = ctx;
	const struct job *j = e->slot->errand.part[0].job;
	struct outcome out;

	e->fd = fd;
	if (e->slot->errand.task != JOB_REPORT) {
		deliver(e);
		return;
	}
	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.3.0", "nothing was done");
	notice_commit(e->office->site, &j->message, j->is_delay, &out);
	tell(e, 0, &out);
}

bool
errand_start(const struct errand_office *office, struct slot *s)
{
	struct errand e = { office, s, -1 };

	s->is_settled = false;
	s->is_light = false;
	s->started_ms = sysclock_ms();
	s->agent.fd = -1;
	return (
	    agent_start(&s->agent, s->out, s->errand.n, run, close_others, &e));
}
