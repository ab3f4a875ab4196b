/* SPDX-License-Identifier: ISC */
/*
 * intake: what the session's ports have in common in production, wherever its
 * messages go: who may send to whom, passwords, TLS, and the log.
 *
 * For where they go there are two rows of ports, in spooled.h and queued.h.
 * Neither knows the other.
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
#include "trace/trace.h"

enum {
	INTAKE_LAST_FACTS = 32 /* octets that the lines take */
};

struct intake {
	uint64_t accepted;          /* messages */
	uint64_t refused;           /* commands and messages */
	const struct starttls *tls; /* to begin TLS by, or NULL */
	struct handover *handover;  /* to the helper, or NULL */
	uint64_t helper;            /* its process id, unlike any other's */
	bool gives_whole;           /* it gets the whole envelope, too */
	const sigset_t *waiting;    /* the signal mask while we wait for it */
	/* Private. */
	const struct settings *settings;
	const struct peer *peer;
	const struct log *log;
	const char *host;
	struct log_line outcome; /* of the last message */
	bool has_outcome;
	struct table *table; /* of smtp.deliver, or NULL */
	bool table_is_bad;   /* and the log has been told why */
	/* Private, for spooled. */
	struct spool spool;
	struct fault no_spool; /* why spool.dirfd is -1 */
	struct spool_msg msg;
	/* Private, for queued. */
	struct qqexit queue_reply; /* the last that its program gave */
};

/*
 * Opens the table, if deliver is not "".  One that cannot be opened is logged,
 * and every recipient will be answered 451.
 */
void intake_open(struct intake *i, const struct settings *settings,
    const char *deliver, const struct peer *peer, const struct log *log,
    const char *host);

/*
 * Log what became of a message, if that is still to be done.  To be called
 * once the reply is sent: a logger must not hold the reply back, for a client
 * that is not told that we have the message would send it again.
 */
void intake_log_outcome(struct intake *i);

/* Ports of both rows, as in struct session_ports; ctx is the intake. */
const struct smtp_reply *intake_recipient(
    void *ctx, const struct session *s, struct bytes mailbox);
const struct smtp_reply *intake_authenticate(
    void *ctx, struct bytes user, struct bytes password);
const struct smtp_reply *intake_starttls(void *ctx);
void intake_dropped(void *ctx, struct bytes parameter);
void intake_refused(
    void *ctx, const struct smtp_reply *reply, struct bytes command);

/* For the rows: all that the trace says now, but for the number. */
void intake_trace(
    const struct intake *i, const struct session *s, struct trace_facts *facts);

/*
 * smtp.envelope=full: facts that a script would else parse from the trace; when
 * the text begins, and as lines when its size is known.  Else there are none.
 */
bool intake_add_facts(const struct intake *i, struct session *s, time_t now);
void intake_put_last_facts(
    const struct intake *i, const struct session *s, struct buf *out);

/* A Date: field. */
void intake_supply_date(const struct session *s, struct buf *text);

/* What i->outcome says of every message. */
void intake_note_message(struct intake *i, const struct session *s);

/* What became of a program, in words or by its exit code. */
void intake_log_exit(
    struct log_line *line, const char *key, const struct broker_answer *a);

/*
 * The helper did not do what the key is about.  Logged, unless we have given it
 * up because we are to stop.  Returns `no`.
 */
const struct smtp_reply *intake_helper_fault(
    const struct intake *i, const char *key, const struct smtp_reply *no);

#endif
