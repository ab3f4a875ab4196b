/* SPDX-License-Identifier: ISC */
/*
 * submit: one message from two descriptors into the spool, all or nothing.
 *
 * Reads the message to its end, then the envelope to its last NUL, in constant
 * memory, whatever their size.  Blocks until they have come, at most for a day.
 * If anything goes wrong, nothing of the message is left.  The exception is a
 * last sync that failed, after which the message is visible.
 */
#ifndef SMTPSERV_QUEUE_SUBMIT_H
#define SMTPSERV_QUEUE_SUBMIT_H

#include <signal.h>
#include <stdbool.h>

#include "bytes/bytes.h"
#include "conf/keys.h"
#include "log/log.h"
#include "qmail/qqexit.h"

struct submit {
	const struct settings *settings;
	const struct log *log;
	const char *host;    /* who we are */
	const char *comment; /* who calls, for the trace header */
	/* Of each recipient, and of the message (RFC 3461), or empty. */
	struct bytes notify;
	struct bytes ret;
	struct bytes envid;
	int message; /* descriptors */
	int envelope;
	bool is_strangers;       /* we run for who is not the spool's user */
	int said;                /* where to say why not, or -1 */
	const sigset_t *waiting; /* the signal mask while it waits */
};

/*
 * A refusal in words, as exit code 82 has them: whether for good, by the exit
 * code, and the RFC 3463 status without its first digit.
 */
void submit_say(int said, int code, const char *status, const char *text);

/* One of qmail-queue's exit codes; QQEXIT_ACCEPTED: it is durable. */
int submit_message(const struct submit *s);

#endif
