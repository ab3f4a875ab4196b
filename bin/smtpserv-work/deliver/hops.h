/* SPDX-License-Identifier: ISC */
/*
 * hops: does a message go in circles?
 *
 * Pure.  Shown a message's text piece by piece, however it is cut; looks no
 * further than the first empty line.  A host that delivers to a mailbox, or
 * forwards from it, adds a Delivered-To: field; if one names our recipient
 * already, the message has been here.  And more than a hundred Received: fields
 * are a loop in any case (RFC 5321 6.3).
 */
#ifndef SMTPSERV_WORK_DELIVER_HOPS_H
#define SMTPSERV_WORK_DELIVER_HOPS_H

#include "bytes/bytes.h"
#include "smtp/smtphops.h"

enum {
	HOPS_LINE_MAX = 512
};

struct hops {
	bool is_over; /* the header is: there is no need to go on */
	/* Private. */
	struct smtphops received;
	struct bytes recipient;
	bool was_here;
	bool is_long;
	size_t n;
	char line[HOPS_LINE_MAX];
};

void hops_init(struct hops *h, struct bytes recipient);
void hops_feed(struct hops *h, struct bytes text);

/* NULL, or what shows that it loops, static text. */
const char *hops_verdict(const struct hops *h);

#endif
