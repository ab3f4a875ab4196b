/* SPDX-License-Identifier: ISC */
/*
 * pulled: smtpserv-pull under kill -9, faults and power cuts, while it takes two
 * messages from a broker.
 *
 *  1. What was acknowledged is in the spool, whole, also after a power cut.
 *  2. Nothing is there that is not a whole message.
 *  3. Once a pull was let through, each message is there, and once; unless a
 *     sync or a rename is in doubt.
 *  4. No message is refused.
 */
#ifndef CRASH_PULLED_H
#define CRASH_PULLED_H

#include "world.h"

/* It is killed before and after each of its calls. */
void pulled_kill(struct world *w);

/* Each of its calls fails. */
void pulled_fail(struct world *w);

/*
 * Power cuts at every point; and after it was killed when a message had become
 * visible, or was told of a sync that failed, and in the run that goes on then.
 */
void pulled_power(struct world *w);

#endif
