/* SPDX-License-Identifier: ISC */
/*
 * trace: the Received: line of a message (RFC 5321 4.4) and dates.
 *
 * Pure.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <stdint.h>
#include <time.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

struct trace_facts {
	/* What the client called itself; empty: nothing that can stand here. */
	struct bytes helo;
	struct bytes peername; /* its host name, as the supervisor found it */
	struct bytes peer;    /* its address, numeric; empty: a local session */
	struct bytes host;    /* who we are */
	const char *protocol; /* RFC 3848: "SMTP", "ESMTP", ... */
	const char *cipher;   /* of TLS, IANA's name; NULL or "": none */
	/*
	 * The user that the client's machine names for the connection (RFC
	 * 1413); any bytes.
	 */
	struct bytes ident;
	uint32_t number; /* of the message; 0: it has none */
	/* In its place, if not empty; what may stand in a header. */
	struct bytes id;
	time_t now;
};

/* The line with its fold, each part ended by eol ("\n" or "\r\n"). */
bool trace_received(
    struct buf *out, const struct trace_facts *facts, const char *eol);

/*
 * The line of a message that a program of this machine hands over: host,
 * number and now of the facts, and a comment that says by what and for whom.
 */
bool trace_local(struct buf *out, const struct trace_facts *facts,
    const char *comment, const char *eol);

/* RFC 5322 3.3, in universal time: Mon, 23 Nov 2026 19:03:48 +0000 */
bool trace_date(struct buf *out, time_t when);

/* RFC 3339: 2026-11-23T19:03:48Z */
bool trace_timestamp(struct buf *out, time_t when);

#endif
