/* SPDX-License-Identifier: ISC */
/*
 * hopname: the names of next hops.
 *
 * Pure.  mx:DOMAIN is the hosts of a domain's MX records, relay:HOST:PORT one
 * host.  A blank and a word behind it make it another hop, whose connections
 * are made for such messages alone: requiretls, and tlsno (RFC 8689).
 */
#ifndef SMTPSERV_WORK_OUTBOUND_HOPNAME_H
#define SMTPSERV_WORK_OUTBOUND_HOPNAME_H

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	HOPNAME_MAX = 320 /* octets, and a NUL */
};

enum hopname_care {
	HOPNAME_USUAL,
	HOPNAME_REQUIRETLS,
	HOPNAME_TLSNO /* its header says `TLS-Required: No' */
};

/* The name for messages of that kind. */
void hopname_put(struct buf *out, struct bytes place, enum hopname_care care);

/* What smtpserv-remote is told of a relay: [HOST]:PORT. */
void hopname_put_relay(struct buf *out, struct bytes host, uint32_t port);

/*
 * What smtpserv-remote is told: DOMAIN or [HOST]:PORT.  False: it is no name.
 */
bool hopname_argument(
    struct buf *out, struct bytes name, enum hopname_care *care) MUST_CHECK;

#endif
