/* SPDX-License-Identifier: ISC */
/*
 * handover: questions and messages to the session's helper.
 *
 * The other end of lib/broker's records.  The helper's programs have a limit
 * of time.  A helper that has not answered soon after that limit is dead: the
 * call fails, and so does each one after it.  The same holds once a signal has
 * come during a wait, or the session's time is over.  But if the program has
 * read a message to its end by then, its answer is waited for.
 */
#ifndef SMTPSERV_SESSION_HANDOVER_H
#define SMTPSERV_SESSION_HANDOVER_H

#include <signal.h>
#include <stdint.h>

#include "broker/broker.h"
#include "bytes/bytes.h"

struct handover {
	/* Private. */
	int fd; /* -1: dead, or never alive */
	uint32_t seconds;
	int64_t ends_at;
	const sigset_t *waiting;
	bool is_stopped;
	char record[BROKER_RECORD_MAX];
};

/*
 * fd is the socket; seconds the time that its programs have; ends_at the
 * session's end; waiting the signal mask while we wait.
 */
void handover_init(struct handover *h, int fd, uint32_t seconds,
    int64_t ends_at, const sigset_t *waiting);

/* Do all calls fail because we are to stop, not because it is dead? */
bool handover_is_stopped(const struct handover *h);

/* False: the helper is dead, or we are to stop. */
bool handover_login(struct handover *h, struct bytes user,
    struct bytes password, struct broker_answer *a);

/*
 * A message: begin, text and text, then commit or abort.  Before the first text
 * and before the commit there may be lines of the whole envelope.
 */
bool handover_begin(struct handover *h);
bool handover_whole(struct handover *h, struct bytes lines);
bool handover_text(struct handover *h, struct bytes text);
void handover_abort(struct handover *h);

/* lines are an envelope's text; *a is valid until the next call. */
bool handover_commit(
    struct handover *h, struct bytes lines, struct broker_answer *a);

#endif
