/* SPDX-License-Identifier: ISC */
/*
 * talkcompose: what is said next to a server that is ready.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKCOMPOSE_H
#define SMTPSERV_REMOTE_TALKCOMPOSE_H

#include "talk.h"
#include "talkstate.h"

/* Compose as much as may be sent now. */
void talkcompose_all(struct talk *t);

/* How many more messages it could hold than it has promised to. */
size_t talkcompose_credit(const struct talk *t);

/* After talkcompose_all(): does it wait for text, and has room for it? */
bool talkcompose_wants_text(struct talk *t);

#endif
