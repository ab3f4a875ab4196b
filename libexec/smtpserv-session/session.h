/* SPDX-License-Identifier: ISC */
/*
 * session: the server's half of one SMTP conversation (RFC 5321).
 *
 * No descriptor, no clock, no file: the program shows it the bytes that came,
 * sends the replies it writes, and lends it ports to act through.  All it
 * knows of the world is in struct session_ports, which is how tests and fuzzers
 * replace the world.  Its replies and its calls of the ports do not depend on
 * how the input is cut into pieces.
 */
#ifndef SMTPSERV_SESSION_SESSION_H
#define SMTPSERV_SESSION_SESSION_H

#include "state.h"

/*
 * host is our name.  The envelope's store must hold
 * envelope_store_size(max_rcpt).  The text's store is as large as the writes
 * are to be, with room for what goes on top and the longest name of a field.
 */
void session_init(struct session *s, const char *host,
    const struct session_limits *limits, const struct session_ports *ports,
    void *ctx, struct buf envelope_store, struct buf text_store);

/* STARTTLS can be asked for from now on. */
void session_offer_tls(struct session *s);

/*
 * The connection is protected from now on, and all that was said before is
 * forgotten (RFC 3207 4.2).  Also before the greeting: TLS came first.
 */
void session_secure(
    struct session *s, const char *protocol, const char *cipher);

/* The greeting. */
void session_greet(struct session *s, struct smtpreply *out);

/*
 * Bytes that came.  *used says how many are done with; the others are to be
 * shown again, with the bytes that come behind them.  For the session to make
 * progress, `in` need never hold more than SMTPLINE_MAX bytes.
 */
enum session_next session_feed(
    struct session *s, struct bytes in, size_t *used, struct smtpreply *out);

/* We end the session: tell the client why, and drop what is under way. */
void session_stop(
    struct session *s, const struct smtp_reply *why, struct smtpreply *out);

/* The connection is gone: drop what is under way.  Safe at any time. */
void session_drop(struct session *s);

#endif
