/* SPDX-License-Identifier: ISC */
/*
 * secure: can mail that leaves have the TLS that it needs?
 */
#ifndef SMTPSERV_CONF_SECURE_H
#define SMTPSERV_CONF_SECURE_H

#include "check.h"

/*
 * smtp.remote.ca, if authorities are needed; .cert and .key; and .policy, each
 * row of a table, or the daemon.
 */
void secure_check(const struct check *c, bool needs_authorities);

#endif
