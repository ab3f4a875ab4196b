/* SPDX-License-Identifier: ISC */
/*
 * cases: what is tried.  Each goes through the scripts; findings are
 * violations of the world.
 */
#ifndef CRASH_CASES_H
#define CRASH_CASES_H

#include "world.h"

typedef void case_fn(struct world *w, const struct script *s);

/* SIGKILL before and after every system call. */
case_fn cases_kill;

/* Every system call fails in every plausible way; and power cuts after it. */
case_fn cases_fail;

/* A power cut at every point between system calls. */
case_fn cases_power;

/* Another one, in the session that comes after it. */
case_fn cases_twice;

/* Killed, or told of a failed sync; then a power cut in the next session. */
case_fn cases_kill_power;

/* Killed; then a power cut while clean is at work in what is not durable. */
case_fn cases_kill_clean;

/*
 * While it stands at each system call: a cleaner, a session, a consumer, and a
 * session with a consumer behind it.
 */
case_fn cases_others;

/* The first call of a script's program at which anything is to be tried. */
size_t cases_first(struct world *w, const struct script *s);

/*
 * Sessions, cleaners and consumers all at once on one spool, with random
 * kills.  self is this program, whose case `consume` is the consumers'.  If
 * the first number is not 1, the counter is repaired now and then, too.
 */
void hammer(struct world *w, const char *self, unsigned int sessions,
    unsigned int seed, uint32_t first);

/* A consumer's work on $SMTPSERV_NUMBER: note it in the file log. */
int hammer_consume(const char *log);

/* A session that hands its mail to smtpserv-queue, through its broker. */
void queued(struct world *w);

/* Disk full for real.  False: no tmpfs can be mounted; *why says so. */
bool full_disk(struct world *w, const char **why);

#endif
