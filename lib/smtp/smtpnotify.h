/* SPDX-License-Identifier: ISC */
/*
 * smtpnotify: NOTIFY's list of words, the events that the sender wants to hear
 * of (RFC 3461 4.1).
 *
 * Pure.  The list is as the client sent it, or as it stands in an envelope.
 */
#ifndef SMTP_SMTPNOTIFY_H
#define SMTP_SMTPNOTIFY_H

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	SMTPNOTIFY_SUCCESS = 1 << 0,
	SMTPNOTIFY_FAILURE = 1 << 1,
	SMTPNOTIFY_DELAY = 1 << 2
};

/* Is it NEVER, or some of the three words, each once, in any case? */
bool smtpnotify_is_valid(struct bytes list) MUST_CHECK;

/*
 * The words as a set, those that are unknown left out: NEVER is the empty one.
 * A sender that has said nothing, in an empty list, hears of failures, and may
 * hear of delays.
 */
unsigned int smtpnotify_read(struct bytes list);

/*
 * The list for the next host, once it is ours to tell about the success (RFC
 * 3461 5.2.7); "" where the sender has said nothing.
 */
const char *smtpnotify_without_success(struct bytes list);

#endif
