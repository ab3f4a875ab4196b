/* SPDX-License-Identifier: ISC */
/*
 * spooled: the spool as the place where a message goes, all or nothing.
 *
 * Open, a sink's calls, then commit or abort.  If anything goes wrong, nothing
 * of the message is left.  The exception is a last sync that failed, after
 * which the message is visible.
 */
#ifndef SMTPSERV_QUEUE_SPOOLED_H
#define SMTPSERV_QUEUE_SPOOLED_H

#include "conf/settings.h"
#include "spool/spool.h"
#include "submit/sink.h"

struct spooled {
	/* Private, but for the message's number. */
	const char *dir;
	bool is_strangers;
	struct spool spool;
	struct spool_msg msg;
};

/* Its ctx is a struct spooled. */
extern const struct sink SPOOLED_SINK;

/* is_strangers: we run for who is not the spool's user. */
enum result spooled_open(struct spooled *p, const struct settings *settings,
    bool is_strangers, struct fault *why) MUST_CHECK;

/* RES_OK: it is durable. */
enum result spooled_commit(struct spooled *p, struct fault *why) MUST_CHECK;
void spooled_abort(struct spooled *p);

#endif
