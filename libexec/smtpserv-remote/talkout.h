/* SPDX-License-Identifier: ISC */
/*
 * talkout: what the client has to send, and which replies are to come.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKOUT_H
#define SMTPSERV_REMOTE_TALKOUT_H

#include "talk.h"
#include "talkstate.h"

/* Nothing is to be sent, and no reply comes. */
void talkout_reset(struct talk *t);

/* The same, and nothing of it is left, for it may have been a password. */
void talkout_wipe(struct talk *t);

/* Is there room for so many octets, and another command to be replied to? */
bool talkout_has_room(struct talk *t, size_t n);

/* Where what is composed ends, in all that is sent. */
uint64_t talkout_end(const struct talk *t);

/* Is it sent up to there? */
bool talkout_was_sent(const struct talk *t, uint64_t end);

/* The reply to what was composed, or to nothing (the greeting), is to come. */
void talkout_expect(struct talk *t, enum talkstate_what what,
    struct talkmail *mail, struct talkmail_rcpt *rcpt);

/* A command of fixed text, and its reply. */
void talkout_say(struct talk *t, const char *command, enum talkstate_what what,
    struct talkmail *mail);

/* The one that is replied to next; NULL: none. */
const struct talk_pending *talkout_first(const struct talk *t);
struct talk_pending talkout_take(struct talk *t);

#endif
