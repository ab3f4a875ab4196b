/* SPDX-License-Identifier: ISC */
/*
 * connection: bytes to and fro between a client and its session, under
 * deadlines.
 *
 * This file waits for the client, on descriptors 0 and 1, and for nothing else.
 * Signals that stop us come while we wait, and then the client is told why.
 */
#ifndef SMTPSERV_SESSION_CONNECTION_H
#define SMTPSERV_SESSION_CONNECTION_H

#include <signal.h>
#include <stdint.h>

#include "intake.h"
#include "log/log.h"
#include "smtp/smtpreply.h"
#include "starttls.h"
#include "state.h"

enum {
	CONNECTION_IN = 65536,
	CONNECTION_OUT = 4096
};

/* The caller sets all but the private fields. */
struct connection {
	const struct log *log;
	struct session *session;
	struct intake *intake;
	struct starttls *tls;
	const sigset_t *waiting; /* the signal mask while we wait */
	uint32_t inactive;       /* seconds that a client may be silent */
	int64_t ends_at;         /* the session's end */
	bool is_terminal;        /* whose line ends are not SMTP's */
	/* Private. */
	struct smtpreply replies;
	size_t nin;
	char in[CONNECTION_IN];
	char out[CONNECTION_OUT];
};

void connection_init(struct connection *c);

/* The handler of signals that are to stop us. */
void connection_stop(int sig);

/* There will be no session: 421.  Needs but `waiting`. */
void connection_turn_away(struct connection *c);

/*
 * The greeting, which travels while the caller prepares for the commands.
 * False: it could not be sent, and the session is over.
 */
bool connection_greet(struct connection *c);

/* All of the session, from the greeting to its end and the log's last line. */
void connection_serve(struct connection *c);

#endif
