/* SPDX-License-Identifier: ISC */
/*
 * submit: one message from two descriptors into the spool, all or nothing.
 *
 * Reads the message to its end, then the envelope to its last NUL, in
 * constant memory, whatever their size.  Blocks until they have come, at most
 * for a day.  Whatever goes wrong, nothing of the message is left, but for a
 * last sync that failed, after which it is visible.
 */
#ifndef SMTPSERV_QUEUE_SUBMIT_H
#define SMTPSERV_QUEUE_SUBMIT_H

#include <signal.h>
#include <stdbool.h>

#include "conf/keys.h"
#include "log/log.h"
#include "qmail/qqexit.h"

struct submit {
	const struct settings *settings;
	const struct log *log;
	const char *host;    /* who we are */
	const char *comment; /* who calls, for the trace header */
	int message;         /* descriptors */
	int envelope;
	bool is_strangers;       /* we run for who is not the spool's user */
	const sigset_t *waiting; /* the signal mask while it waits */
};

/* One of qmail-queue's exit codes; QQEXIT_ACCEPTED: it is durable. */
int submit_message(const struct submit *s);

#endif
