/* SPDX-License-Identifier: ISC */
/*
 * check: will sessions be able to do what the configuration says?
 *
 * A problem that a client would be answered 451 or 454 for is an error, if the
 * user that asks can be certain of it.
 */
#ifndef SMTPSERV_CONF_CHECK_H
#define SMTPSERV_CONF_CHECK_H

#include "conf/keys.h"
#include "eyes.h"

struct check {
	const char *conf; /* the file */
	const struct settings *settings;
	const struct eyes *eyes;
	conf_report_fn *report;
	void *ctx;
};

/* The part that is looked at with the eyes of the sessions' user. */
void check_conf(const struct check *c);
void check_spool(const struct check *c);
void check_programs(const struct check *c);

/* The files that root, if started as root, reads before becoming that user. */
void check_tls(const struct check *c);

#endif
