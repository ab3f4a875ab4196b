/* SPDX-License-Identifier: ISC */
/*
 * intake: the session's ports in production: the spool, or a queue's program,
 * and the log.
 */
#ifndef SMTPSERV_SESSION_INTAKE_H
#define SMTPSERV_SESSION_INTAKE_H

#include <stdint.h>

#include "conf/keys.h"
#include "handover.h"
#include "log/log.h"
#include "peer.h"
#include "qmail/qqexit.h"
#include "spool/spool.h"
#include "starttls.h"
#include "state.h"
#include "table/table.h"

struct intake {
	uint64_t accepted;          /* messages */
	uint64_t refused;           /* commands and messages */
	const struct starttls *tls; /* who could do TLS, or NULL */
	struct handover *handover;  /* who runs programs for us, or NULL */
	uint64_t helper;            /* its process id, unlike any other's */
	const sigset_t *waiting;    /* the signal mask while we wait for it */
	/* Private. */
	const struct settings *settings;
	const struct peer *peer;
	const struct log *log;
	const char *host;
	struct spool spool;
	struct fault no_spool; /* why spool.dirfd is -1 */
	struct spool_msg msg;
	struct log_line outcome; /* of the last message */
	bool has_outcome;
	struct qqexit queue_reply; /* the last that a queue's program gave */
	struct table *table;       /* of smtp.deliver, or NULL */
	bool table_is_bad;         /* and the log has been told why */
};

extern const struct session_ports INTAKE_PORTS;

/*
 * Opens the spool and the table of smtp.deliver.  One that cannot be opened
 * is logged, and every message, or recipient, will be answered 451.
 */
void intake_open(struct intake *i, const struct settings *settings,
    const struct peer *peer, const struct log *log, const char *host);

/*
 * Log what became of a message, if that is still to be done.  To be called
 * once the reply is sent: no logger may keep a client from it, who would send
 * again what it is not told that we have.
 */
void intake_log_outcome(struct intake *i);

#endif
