/* SPDX-License-Identifier: ISC */
/*
 * leaving: mail that leaves, while one of the programs that bring it to another
 * host is killed, or one of its calls fails: smtpserv-work, smtpserv-remote's
 * talker and dialer, smtpserv-mx, smtpserv-tlsc.
 *
 *  1. No recipient is lost.
 *  2. Nobody gets a message twice from one run of the worker.
 *  3. The next run repeats what the other host had and the worker has not
 *     written down: one message, if the worker lives; and then it is noted that
 *     this may be a duplicate.
 *  4. Nothing is left in the spool in the end.
 */
#ifndef CRASH_LEAVING_H
#define CRASH_LEAVING_H

#include "world.h"

/* Killed before each call. */
void leaving_kill(struct world *w);

/* Each call fails that has to do with messages and their results. */
void leaving_fail(struct world *w);

/* Power cuts while results are written down. */
void leaving_power(struct world *w);

#endif
