/* SPDX-License-Identifier: ISC */
/*
 * agent: a process that does one piece of work for some recipients, and tells
 * by a pipe what came of it.
 *
 * It tells in lines (outcome.h), a recipient at a time; a line told stays told
 * if the agent dies afterwards.  If it ends without a word about a recipient,
 * that recipient has failed for now.
 */
#ifndef SMTPSERV_WORK_AGENT_H
#define SMTPSERV_WORK_AGENT_H

#include <sys/types.h>

#include "outcome/outcome.h"

struct agent {
	int fd; /* readable when it has told something, or is gone; -1: none */
	bool is_syncing; /* all that it has still to do is to wait for a sync */
	/* Private. */
	pid_t pid;
	struct outcome *outs;
	size_t n;
	size_t left;   /* recipients of whom nothing was told */
	size_t line_n; /* of a line that has come in part */
	bool is_long;  /* it is longer than a line may be */
	char line[OUTCOME_LINE_MAX];
};

/* The agent's work.  It may block, fork, and leave things open. */
typedef void agent_work_fn(void *ctx, int fd);

/*
 * Called in the agent before anything else: closes what is the worker's alone.
 * That includes the locks of other messages, which would else outlive their
 * claim.
 */
typedef void agent_close_fn(void *ctx);

/*
 * Start one for n recipients, whose outcomes will be in outs; those stay the
 * caller's, and are good after agent_end().  False and errno: none was started.
 */
bool agent_start(struct agent *a, struct outcome *outs, size_t n,
    agent_work_fn *work, agent_close_fn *close_others, void *ctx) MUST_CHECK;

/* In the agent: tell about recipient `which`.  False: nobody listens. */
bool agent_tell(int fd, size_t which, const struct outcome *out);

/* Or which instructions are carried out, before the next one begins. */
bool agent_tell_done(int fd, size_t which, const struct done *done);

/* Or that it is_syncing, as that of the only one who is left. */
bool agent_tell_syncing(int fd);

/*
 * Take in what it has told; call when fd is readable.  True: nothing more will
 * come, and agent_end() is due.
 */
bool agent_hear(struct agent *a) MUST_CHECK;

/* It is gone then, and outs are whole. */
void agent_end(struct agent *a);

#endif
