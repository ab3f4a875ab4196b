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

void check_tell(const struct check *c, enum conf_weight weight, const char *key,
    const char *fmt, ...) PRINTF_LIKE(4, 5);

/* A lack of permission is an error only if these are the sessions' eyes. */
enum conf_weight check_weight(const struct check *c, int err);

/* Whose eyes they are, for people. */
const char *check_name(const struct check *c);

/*
 * A key whose value, if it has one, begins with a program that is run by that
 * user; `otherwise` says what happens if it cannot be.
 */
void check_program(const struct check *c, const char *key, const char *command,
    const char *otherwise);

/* The part that is looked at with the eyes of the sessions' user. */
void check_conf(const struct check *c);
void check_spool(const struct check *c);
void check_programs(const struct check *c);

/* The files that root, if started as root, reads before becoming that user. */
void check_tls(const struct check *c);

#endif
