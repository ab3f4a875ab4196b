/* SPDX-License-Identifier: ISC */
/*
 * talkturn: replies to what is said of messages, and a transaction's end.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKTURN_H
#define SMTPSERV_REMOTE_TALKTURN_H

#include "talk.h"
#include "talkstate.h"

/* A reply to MAIL, RCPT, DATA, BDAT, RSET, or a text. */
void talkturn_answered(
    struct talk *t, const struct talk_pending *p, unsigned int code);

/* All of its transaction is said: if all was answered, that is its end. */
void talkturn_said(struct talk *t, struct talkmail *m);

/* The results of transactions that have ended stand. */
void talkturn_confirm(struct talk *t);

/* Do some wait for RSET's reply to do so? */
bool talkturn_is_unsure(const struct talk *t);

#endif
