/* SPDX-License-Identifier: ISC */
/*
 * fates: how each recipient fared, as the envelope says (see report.h).
 *
 * Pure.  Views point into the envelope.
 */
#ifndef REPORT_FATES_H
#define REPORT_FATES_H

#include "bytes/bytes.h"

enum fate {
	FATE_WAITS,    /* To: */
	FATE_FAILED,   /* Failed: */
	FATE_DELIVERED /* Delivered: */
};

/* A recipient, with the lines that are his alone; empty where there is none. */
struct fates_recipient {
	enum fate fate;
	struct bytes mailbox;
	struct bytes notify;
	struct bytes orcpt;
	struct bytes status;
	struct bytes diagnostic;
	struct bytes action;
};

/* The next recipient of *rest, which moves on. */
bool fates_next(struct bytes *rest, struct fates_recipient *r);

/* Is the word among those of NOTIFY (RFC 3461 4.1), without case? */
bool fates_notifies(struct bytes notify, const char *word);

/* Does this one ask for a report of how he fares now (RFC 3461 4.1)? */
bool fates_asks_for_report(const struct fates_recipient *r);

/* What the lines say that belong to no recipient. */
struct fates_message {
	struct bytes sender;
	struct bytes envid;
	bool wants_headers; /* RET=HDRS */
	bool is_binary;     /* BODY=BINARYMIME */
	bool is_utf8;       /* SMTPUTF8, or there is need of it */
};

struct fates_message fates_message(struct bytes envelope);

#endif
