/* SPDX-License-Identifier: ISC */
/*
 * pull: messages from the queue into the spool, until a signal ends it.
 *
 * A message is in hand until it is committed, and is acknowledged only then; no
 * message is held, refused or given back.  If there is trouble here, the
 * connection is closed, and what was not acknowledged is the queue's again.
 */
#ifndef SMTPSERV_PULL_PULL_H
#define SMTPSERV_PULL_PULL_H

#include <signal.h>

#include "amqp/amqpsite.h"
#include "conf/settings.h"
#include "log/log.h"
#include "pulled.h"
#include "spool/spool.h"
#include "tally.h"

struct pull_order {
	const struct settings *settings;
	const struct amqpsite *site;
	const struct spool *spool;
	struct pulled *pulled;
	const struct log *log;
	const sigset_t *waiting;             /* the mask to wait with */
	const volatile sig_atomic_t *stop;   /* end after this message */
	volatile sig_atomic_t *anew;         /* connect anew after it */
	void (*save)(const struct tally *t); /* now and then */
};

/*
 * RES_OK: as *stop wanted it.  Else a sync has failed, and nothing more may be
 * written by this process: *why was logged.
 */
enum result pull_run(
    const struct pull_order *order, struct fault *why) MUST_CHECK;

#endif
