/* SPDX-License-Identifier: ISC */
/*
 * worker: smtpserv-work under kill -9, faults and power cuts, while it
 * delivers a message of several recipients to Maildirs, with and without a
 * journal, forwards it, and tells its sender of a failure.
 *
 *  1. No delivery is missing, once a worker has been let through.
 *  2. Each delivery is whole.
 *  3. After a kill no more are repeated than were running; nor is the first of
 *     two instructions once it is written down as done.
 *  4. Neither envelope nor text is ever lost or half there before that.
 *  5. Nothing is left in the spool in the end.
 */
#ifndef CRASH_WORKER_H
#define CRASH_WORKER_H

#include "world.h"

/* The worker is killed before and after each of its calls. */
void worker_kill(struct world *w);

/* Each of its calls fails. */
void worker_fail(struct world *w);

/* The same for the agents: that of a Maildir, a forward, and a report. */
void worker_kill_agent(struct world *w);
void worker_fail_agent(struct world *w);

/*
 * While it stands at each of its calls, another worker goes over the spool:
 * then nothing at all is done twice.
 */
void worker_others(struct world *w);

/* Power cuts at every point of the worker's rewriting. */
void worker_power(struct world *w);

/* Several workers at once, several messages, and random kills. */
void worker_hammer(struct world *w, unsigned int kills, unsigned int seed);

#endif
