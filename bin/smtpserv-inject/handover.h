/* SPDX-License-Identifier: ISC */
/*
 * handover: a message to smtpserv-queue(8), by qmail-queue's protocol.
 *
 * That program writes into the spool, so this one does not need the right to.
 */
#ifndef SMTPSERV_INJECT_HANDOVER_H
#define SMTPSERV_INJECT_HANDOVER_H

#include <sys/types.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "qmail/qqexit.h"

struct handover {
	pid_t pid;
	int message;  /* -1 once it is closed */
	int envelope; /* -1 once it is closed */
	int said;
};

/* Start it.  argv[0] is its full path. */
enum result handover_begin(
    struct handover *h, char *const *argv, struct fault *why) MUST_CHECK;

/*
 * More of the message, and of the envelope.  If the reader is gone, that is not
 * a failure here: its exit code will say why it went.
 */
enum result handover_text(
    struct handover *h, struct bytes text, struct fault *why) MUST_CHECK;
enum result handover_envelope(
    struct handover *h, struct bytes text, struct fault *why) MUST_CHECK;

/*
 * Close both, and wait for the answer.  False: it was accepted; else *q is the
 * answer.  To abort, leave out the envelope's end: it then does not count.
 */
bool handover_is_refused(struct handover *h, struct qqexit *q);

#endif
