/* SPDX-License-Identifier: ISC */
/*
 * agent: a process that does one piece of work, and tells by a pipe what came
 * of it.  One that dies without a word is a temporary failure.
 */
#ifndef SMTPSERV_WORK_AGENT_H
#define SMTPSERV_WORK_AGENT_H

#include <sys/types.h>

#include "delivery.h"

struct agent {
	int fd; /* readable once there is something to know; -1: no agent */
	pid_t pid;
};

/* What it does.  It may block, fork, and leave things open. */
typedef void agent_work_fn(void *ctx, struct outcome *out);

/*
 * Called in it before anything else: closes what is the worker's alone.  The
 * locks of other messages are, or they would outlive their claim.
 */
typedef void agent_close_fn(void *ctx);

/* False and errno: there is none. */
bool agent_start(struct agent *a, agent_work_fn *work, void *work_ctx,
    agent_close_fn *close_others, void *close_ctx) MUST_CHECK;

/* What came of it; the agent is gone then. */
void agent_end(struct agent *a, struct outcome *out);

#endif
