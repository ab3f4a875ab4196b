/* SPDX-License-Identifier: ISC */
/*
 * talkhello: a conversation's beginning: the greeting, EHLO, STARTTLS and AUTH.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKHELLO_H
#define SMTPSERV_REMOTE_TALKHELLO_H

#include "talk.h"
#include "talkstate.h"

void talkhello_begin(struct talk *t, const struct talk_address *a);

/* A line of a reply, while it comes. */
void talkhello_line(struct talk *t, struct bytes text);

/* A reply to one of this part's commands; is there more behind it? */
void talkhello_answered(struct talk *t, const struct talk_pending *p,
    unsigned int code, bool has_more);

void talkhello_secured(struct talk *t, enum talk_safety safety);

/* The connection is lost, or TLS has failed, before it was ready. */
void talkhello_lost(struct talk *t, const char *why);

#endif
