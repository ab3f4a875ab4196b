/* SPDX-License-Identifier: ISC */
/*
 * talkend: how a connection ends, and what that means for the messages.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKEND_H
#define SMTPSERV_REMOTE_TALKEND_H

#include "talk.h"
#include "talkstate.h"

/* The command whose reply has come, or comes next: "RCPT". */
const char *talkend_where(const struct talk *t);

/* The outcome's words and status are the reply that has come. */
void talkend_hear(const struct talk *t, struct talkmail_outcome *o, char letter,
    unsigned int code);

/* The results of a transaction stand. */
void talkend_settle(struct talk *t, struct talkmail *m);

enum talkend_how {
	/* What was heard stands; of what was sent behind it nobody knows. */
	TALKEND_LOST,
	/* It stands; the server said that it takes no more (421). */
	TALKEND_CLOSED,
	/* Replies came that were not to come: what is not final is unknown. */
	TALKEND_OUT_OF_STEP
};

/* The connection is gone, or of no more use; o: why. */
void talkend_lose(
    struct talk *t, const struct talkmail_outcome *o, enum talkend_how how);

/* The same, for a reason of ours: "4.4.2", "no answer in time". */
void talkend_lose_for(
    struct talk *t, const char *status, const char *why, enum talkend_how how);

/* A reply that makes no sense. */
void talkend_junk(struct talk *t);

/* TLS has failed on this address: once more in clear, where that may be. */
void talkend_retreat(struct talk *t, const struct talkmail_outcome *o);

/* The hop has failed, whatever other addresses might say. */
void talkend_fail(struct talk *t, const struct talkmail_outcome *o);

/* QUIT, if the server listens; then on to the next address, or over. */
void talkend_quit(struct talk *t);

/* QUIT was answered, or nobody waits for it any longer. */
void talkend_close(struct talk *t);

/* No other address is left: what is still held is given back. */
void talkend_give_up(
    struct talk *t, const struct talkmail_outcome *why, bool unreached);

#endif
