/* SPDX-License-Identifier: ISC */
/*
 * leave: will mail be able to leave?  The instructions smtp: of the table, and
 * the keys smtp.remote.* that they depend on.
 */
#ifndef SMTPSERV_CONF_LEAVE_H
#define SMTPSERV_CONF_LEAVE_H

#include "check.h"

/*
 * With the eyes of the worker's user.  host is our name, "": not known.  Does
 * nothing if the table has no such instruction.
 */
void leave_check(const struct check *c, const char *host);

#endif
