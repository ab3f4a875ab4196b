/* SPDX-License-Identifier: ISC */
/*
 * broker: what a session and its helper, smtpserv-broker, say to each other.
 *
 * Pure.  The two are joined by a socket that keeps records apart
 * (SOCK_SEQPACKET).  A record is one byte that says what it is, and the rest:
 *
 *     A  user NUL password NUL NUL    are they right?  One answer
 *     M                               a message begins
 *     W  lines                        of the whole envelope, that of N.WRK
 *     T  text                         of it
 *     E  envelope                     in qmail-queue's form, less its last NUL
 *     C                               that is all: commit it.  One answer
 *     X                               or give it up.  No answer
 *
 * W comes only where the helper was told to want it: first with all lines that
 * are known, before T, and then with the others, before E.
 *
 * and the answer `a`, with the program's exit code, its pid and what it said.
 * When the session has no more to say, it shuts its side down, even in the
 * middle of a message.  A message that was not committed is then given up, and
 * an answer that the session still waits for is sent.
 */
#ifndef BROKER_BROKER_H
#define BROKER_BROKER_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum broker_kind {
	BROKER_LOGIN = 'A',
	BROKER_BEGIN = 'M',
	BROKER_WHOLE = 'W',
	BROKER_TEXT = 'T',
	BROKER_ENVELOPE = 'E',
	BROKER_COMMIT = 'C',
	BROKER_ABORT = 'X',
	BROKER_ANSWER = 'a'
};

enum {
	BROKER_RECORD_MAX = 1 + 16384,
	BROKER_SECRET_MAX = 512, /* all that checkpassword reads */
	BROKER_SAID_MAX = 512,   /* what is kept of a program's words */
	/* After so many refused passwords a session gets no further try. */
	BROKER_TRIES_MAX = 3
};

/* Ends other than an exit code. */
enum {
	BROKER_CRASHED = 256, /* a signal ended it */
	BROKER_HUNG,          /* it took too long, and was ended */
	BROKER_UNREAD,        /* it exited 0 without having read it all */
	BROKER_GIVEN_UP,      /* the session went before it had it all */
	BROKER_NO_PROCESS     /* it could not be started */
};

struct broker_answer {
	unsigned int code; /* an exit code, or one of the above */
	uint32_t pid;
	struct bytes said; /* of at most BROKER_SAID_MAX */
};

/* The record; and the other way, a view into it.  False: it is not one. */
bool broker_put_answer(struct buf *out, const struct broker_answer *a);
bool broker_parse_answer(struct bytes record, struct broker_answer *a);

/* The record of a login.  False: no room for it. */
bool broker_put_login(
    struct buf *out, struct bytes user, struct bytes password);

/* Has the rest of a login's record the form that checkpassword wants? */
bool broker_is_secret(struct bytes secret);

#endif
