/* SPDX-License-Identifier: ISC */
/*
 * talkinput: the server's replies, each to what it replies to.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_TALKINPUT_H
#define SMTPSERV_REMOTE_TALKINPUT_H

#include "talk.h"
#include "talkstate.h"

/* Is anything that comes now for us? */
bool talkinput_listens(const struct talk *t);

/* Bytes of the server. */
void talkinput_take(struct talk *t, struct bytes in);

#endif
