/* SPDX-License-Identifier: ISC */
/*
 * maildir: deliveries into a Maildir, durable, under names that are unique, and
 * stay the same if a delivery is done once more.  A directory that is missing
 * is made, if the one above it is there.
 */
#ifndef SMTPSERV_WORK_DELIVER_MAILDIR_H
#define SMTPSERV_WORK_DELIVER_MAILDIR_H

#include "deliver/delivery.h"

enum {
	/* Deliveries that may share their syncs. */
	MAILDIR_TOGETHER = 16,
	MAILDIR_NAME_MAX = 512
};

/* One of them: the delivery is the caller's to set, and the outcome ours. */
struct maildir_order {
	struct delivery d;
	struct outcome out;
	/* Private. */
	int fd;         /* the file in tmp, or -1 */
	bool is_failed; /* and the outcome says why */
	bool is_repeat; /* it is there already, */
	bool is_seen;   /* or even in cur */
	char tmp[MAILDIR_NAME_MAX];
};

/*
 * Carry out n orders, MAILDIR_TOGETHER at most, for the same Maildir.  dir is a
 * full path and ends in a slash.  The texts are synced side by side, the names
 * once.  The first order's delivery is told when only that is left.
 */
void maildir_deliver(struct maildir_order *orders, size_t n, struct bytes dir);

#endif
