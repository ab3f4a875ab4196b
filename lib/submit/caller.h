/* SPDX-License-Identifier: ISC */
/*
 * caller: what a qmail-queue program has of its caller, and tells it.
 */
#ifndef SUBMIT_CALLER_H
#define SUBMIT_CALLER_H

#include "bytes/bytes.h"
#include "log/log.h"
#include "submit/refusal.h"

/*
 * Where the caller wants to hear why not, or -1: descriptor 6, if it is a pipe.
 * It is not waited for.  Of the caller's other descriptors above 2 all but this
 * one are closed; -1: all.  It is open afterwards, but cannot be read if it was
 * not.
 */
int caller_said(int but);

/*
 * A refusal in words, as exit code 82 has them; the status is without its first
 * digit.
 */
void caller_say(int said, int code, const char *status, const char *text);

/* Words of another, which have that form already, or are an ID. */
void caller_hand_on(int said, struct bytes words);

/*
 * Why the message is not taken, to the log and the caller.  `denied` is what
 * helps a caller whose rights do not suffice; or "".
 */
void caller_tell(int said, const struct log *log, const struct refusal *no,
    const char *denied);

#endif
