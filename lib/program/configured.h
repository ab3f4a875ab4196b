/* SPDX-License-Identifier: ISC */
/*
 * configured: a program's configuration, and the file's name.
 *
 * Only this module knows where the configuration is: at the path of -f, else
 * where the environment says (which a set-user-ID program does not ask), else
 * in SYSCONFDIR.  Every mistake in it goes to `report`.
 */
#ifndef PROGRAM_CONFIGURED_H
#define PROGRAM_CONFIGURED_H

#include "conf/keys.h"

struct configured {
	const char *option; /* the argument of -f, or NULL */
	conf_report_fn *report;
	const void *ctx; /* report's */
	char path
	    [CONF_VALUE_MAX]; /* the file found; "" if its name is too long */
};

/* Find it, but do not load it.  RES_PERM: its name is too long. */
enum result configured_find(struct configured *c) MUST_CHECK;

/* Find it and load it. */
enum result configured_load(
    struct configured *c, struct settings *settings) MUST_CHECK;

/* The same with the keys of sets, if there are any. */
enum result configured_load_more(struct configured *c,
    struct settings *settings, const struct keyset *more) MUST_CHECK;

/*
 * The same for a program that is of use by hand, without a spool: no key must
 * be set, and if the file is not named by -f, it need not be there.
 */
enum result configured_load_bare(struct configured *c,
    struct settings *settings, const struct keyset *more) MUST_CHECK;

/* Report a mistake in one of its keys, or between keys; RES_PERM. */
enum result configured_wrong(
    const struct configured *c, const char *key, const char *why);

/*
 * This host's name: that in the settings, else the machine's.  RES_PERM: it is
 * not a domain name.
 */
enum result configured_host(const struct configured *c,
    const struct settings *settings, char *host, size_t cap) MUST_CHECK;

#endif
