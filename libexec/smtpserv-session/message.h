/* SPDX-License-Identifier: ISC */
/*
 * message: a mail transaction, from MAIL to the reply that ends it.
 *
 * A part of the session, and as pure.  From DATA, or the first BDAT, to
 * the reply that ends it, or message_forget(), one message is under way in the
 * ports, unless s->text.doom says why it is not.
 */
#ifndef SMTPSERV_SESSION_MESSAGE_H
#define SMTPSERV_SESSION_MESSAGE_H

#include "state.h"

/*
 * Drop the message that is under way.  MAIL is welcome after it, if there was
 * a HELO.  Safe at any time.
 */
void message_forget(struct session *s);

/* DATA: text is about to come; or returns the reply that refuses it. */
const struct smtp_reply *message_begin(struct session *s);

/*
 * BDAT: so many octets are about to come, welcome or not (RFC 3030 2).  A chunk
 * is refused when it has come, and so are all chunks after it, up to RSET or
 * the last one, so that half a message is never accepted.
 */
void message_begin_chunk(struct session *s, uint64_t octets, bool is_last);

/* Text, as far as it is this message's.  Returns as session_feed() does. */
enum session_next message_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out);

/* Replies that are owed, as far as there is room: are there more? */
bool message_owes(struct session *s, struct smtpreply *out);

#endif
