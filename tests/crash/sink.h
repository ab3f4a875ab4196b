/* SPDX-License-Identifier: ISC */
/*
 * sink: another host, in a thread: it takes all mail and counts it.  It answers
 * questions of the DNS, too: every name has the address 127.0.0.1.
 */
#ifndef CRASH_SINK_H
#define CRASH_SINK_H

#include <stdbool.h>
#include <stdint.h>

enum {
	SINK_USERS = 10,
	SINK_NUMBERS = 64
};

struct sink {
	uint16_t port;
	uint16_t dns_port;
	bool offers_tls; /* and hangs up when it is begun */
	/*
	 * How often message N, which says so by `id AN;`, has come for uI@...:
	 * for the caller, behind sink_settle().
	 */
	unsigned int got[SINK_USERS][SINK_NUMBERS];
};

/* Once.  It goes on until we end. */
void sink_start(struct sink *s);

/* Until all that was sent has been seen, by clients that have ended. */
void sink_settle(struct sink *s);

#endif
