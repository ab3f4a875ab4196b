/* SPDX-License-Identifier: ISC */
/*
 * queueid: the id on a broker's queue that a message came from, in its
 * envelope.
 *
 * Pure.  smtpserv-pull appends it as the line `Queue-Id: x`.  What stands
 * before is a stranger's, so of several such lines the last one holds, and an
 * empty one says that there is not any id.  Lines that are not of an envelope's
 * form are passed over: the id of a damaged envelope is wanted, too.
 */
#ifndef ENVELOPE_QUEUEID_H
#define ENVELOPE_QUEUEID_H

#include "base/base.h"
#include "bytes/bytes.h"

#define QUEUEID_NAME "Queue-Id"

enum {
	QUEUEID_MAX = 128, /* octets of an id */
	/* The longest line with one: name, colon, blank, CR, LF. */
	QUEUEID_LINE = 8 + 2 + QUEUEID_MAX + 2
};

struct queueid {
	/* Private. */
	char line[QUEUEID_LINE];
	size_t n; /* of the line that has begun; more than that: too long */
	char id[QUEUEID_MAX];
	size_t nid;
};

void queueid_init(struct queueid *q);

/* More of the envelope, in pieces of any size. */
void queueid_feed(struct queueid *q, struct bytes text);

/* The id by the lines that have ended so far, or empty: a view into q. */
struct bytes queueid_view(const struct queueid *q);

#endif
