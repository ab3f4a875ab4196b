/* SPDX-License-Identifier: ISC */
/*
 * handover: questions and messages to the session's helper.
 *
 * The other end of lib/broker's records.  The helper bounds what its programs
 * may take, so what is not answered in that time, and a little more, is a
 * helper that is dead: then all calls fail, and go on to.  So they do once a
 * signal has come while they waited, or the session's time is over; but for a
 * message that the program has read to its end, which is waited for.
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
 * fd is the socket; seconds what the helper gives its programs; ends_at the
 * session's end; waiting the signal mask while we wait.
 */
void handover_init(struct handover *h, int fd, uint32_t seconds,
    int64_t ends_at, const sigset_t *waiting);

/* Is it by our own will that all calls fail? */
bool handover_is_stopped(const struct handover *h);

/* False: the helper is dead, or we are to stop. */
bool handover_login(struct handover *h, struct bytes user,
    struct bytes password, struct broker_answer *a);

/* A message: begin, text and text, then commit or abort. */
bool handover_begin(struct handover *h);
bool handover_text(struct handover *h, struct bytes text);
void handover_abort(struct handover *h);

/* lines are an envelope's text; *a is valid until the next call. */
bool handover_commit(
    struct handover *h, struct bytes lines, struct broker_answer *a);

#endif
