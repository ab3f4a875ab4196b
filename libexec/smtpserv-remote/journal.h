/* SPDX-License-Identifier: ISC */
/*
 * journal: the talker's log: what became of each message, of TLS, and of each
 * connection.
 */
#ifndef SMTPSERV_REMOTE_JOURNAL_H
#define SMTPSERV_REMOTE_JOURNAL_H

#include "talker.h"

/* event=sent: a message is over. */
void journal_letter(const struct talker *t, const struct letter *l);

/* event=tls: a handshake, well or badly; text is a line of tlsverdict.h. */
void journal_tls(const struct talker *t, struct bytes text);

/* event=connection: it is over; why. */
void journal_connection(const struct talker *t, const char *why);

/* event=failed: no host of the hop can be had. */
void journal_failure(const struct talker *t, const struct talkmail_outcome *o);

#endif
