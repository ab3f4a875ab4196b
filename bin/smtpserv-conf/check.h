/* SPDX-License-Identifier: ISC */
/*
 * check: will sessions be able to do what the configuration says?
 *
 * Whatever a client would be answered 451 or 454 for is an error, if it is
 * certain to whoever asks.
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

/* What is to be looked at with the eyes of the sessions' user. */
void check_conf(const struct check *c);
void check_spool(const struct check *c);
void check_programs(const struct check *c);

/* What root reads before it becomes that user, if root is started at all. */
void check_tls(const struct check *c);

#endif
