/* SPDX-License-Identifier: ISC */
/*
 * hand: what the talker and the dialer say to each other.
 *
 * Pure.  The talker faces a stranger, so it says one byte, which names nothing:
 *
 *     n    the next address, please
 *     c    this one once more, without TLS
 *     t    TLS on this one
 *
 * The dialer answers each with a record, most with a descriptor: a connected
 * socket, or the clear side of TLS.  Fields end with NUL.
 *
 *     a  host, address, port, by, words    it is connected
 *     t                                    TLS: its verdict comes first
 *     e  letter, status, text              no, and why
 */
#ifndef SMTPSERV_REMOTE_HAND_H
#define SMTPSERV_REMOTE_HAND_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum hand_kind {
	HAND_NEXT = 'n',
	HAND_CLEAR = 'c',
	HAND_TLS = 't',
	HAND_ADDRESS = 'a',
	HAND_NO = 'e'
};

enum {
	HAND_RECORD_MAX = 8192
};

/* What this connection must have before anything of value is said. */
enum hand_tls {
	HAND_TLS_NONE, /* it stays clear */
	HAND_TLS_MAY,  /* if it can be had */
	HAND_TLS_MUST
};

struct hand {
	enum hand_kind kind;
	/* HAND_ADDRESS */
	struct bytes host;
	struct bytes address;
	uint32_t port;
	enum hand_tls tls;
	struct bytes by; /* what made it so much: key, dane, sts ... */
	bool is_first;   /* TLS before the greeting */
	bool is_proven;  /* the MX is by DNSSEC or a policy (RFC 8689) */
	bool is_best;    /* of the best preference that there is */
	bool is_last;    /* no other is left to be tried */
	/* HAND_NO */
	bool is_unreached; /* what some address would have said nobody knows */
	char letter;       /* Z or D, as in the report */
	struct bytes status; /* RFC 3463 */
	struct bytes text;
};

/* False: no room.  Views, and false: it is not such a record. */
bool hand_put(struct buf *out, const struct hand *h);
bool hand_parse(struct bytes record, struct hand *h);

#endif
