/* SPDX-License-Identifier: ISC */
/*
 * talktext: a message's text on its way to the server, stuffed or in chunks.
 *
 * Pure.  A text that is not as long as it was is never ended; of the last chunk
 * an octet is held back for that until the text's end is seen.
 */
#ifndef SMTPSERV_REMOTE_TALKTEXT_H
#define SMTPSERV_REMOTE_TALKTEXT_H

#include "talk.h"
#include "talkstate.h"

/* More of it, as much as there is room for; false: it has become longer. */
bool talktext_put(struct talk *t, struct bytes text, size_t *used);

/* It is over; false: it has become shorter, or longer. */
bool talktext_end(struct talk *t);

#endif
