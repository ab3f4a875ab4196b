/* SPDX-License-Identifier: ISC */
/*
 * rights: whose rights a command has.
 *
 * The worker's own, unless that is root.  root gives a command those of the
 * user that the instruction names, if nobody but root can have written so; else
 * those of the spool's owner, as whom a worker runs that is not root.  A named
 * user is never root, and the command is run in that user's home.
 */
#ifndef SMTPSERV_WORK_DELIVER_RIGHTS_H
#define SMTPSERV_WORK_DELIVER_RIGHTS_H

#include <limits.h>

#include "deliver/delivery.h"
#include "sys/sysuser.h"

struct rights {
	bool is_given; /* they are others than ours */
	bool is_named;
	struct sysuser user;
	char home[PATH_MAX];
};

/* user: a name, or empty.  False, and out says why: nothing is to be run. */
bool rights_find(const struct delivery *d, struct bytes user, struct rights *r,
    struct outcome *out) MUST_CHECK;

/* In the process that is to run the command; 0 or an errno. */
int rights_take(const struct rights *r) MUST_CHECK;

#endif
