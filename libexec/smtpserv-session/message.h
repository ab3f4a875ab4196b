/* SPDX-License-Identifier: ISC */
/*
 * message: a mail transaction, from MAIL to the reply that ends it.
 *
 * A part of the session, as pure as that.  Between a good message_begin() and
 * the end of the text, or message_forget(), one message is under way in the
 * ports.
 */
#ifndef SMTPSERV_SESSION_MESSAGE_H
#define SMTPSERV_SESSION_MESSAGE_H

#include "session.h"

/* The one place where the state changes. */
void message_enter(struct session *s, enum session_state state);

/*
 * Drop what is under way, and back to where MAIL is welcome, if there was a
 * HELO.  Safe at any time.
 */
void message_forget(struct session *s);

/* Text is about to come; or the reply that says why it must not. */
const struct smtp_reply *message_begin(struct session *s);

/* Text, as far as it is this message's: what session_feed() does then. */
enum session_next message_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out);

#endif
