/* SPDX-License-Identifier: ISC */
/*
 * key: the certificate and its key, from their files, ready for use.
 */
#ifndef SMTPSERV_TLSD_KEY_H
#define SMTPSERV_TLSD_KEY_H

#include <tls.h>

#include "log/log.h"

/* Each may be NULL: then the configuration names it, or the other one. */
struct key_files {
	const char *conf;
	const char *cert;
	const char *key;
	bool is_trial; /* look whether they are in time, too */
};

/*
 * A server with that key; or NULL, *r, and the reason is in the log.  *seconds
 * is the configuration's limit for a session, with the program that it waits
 * for last; 0 if it has no limit, or was not read.
 */
struct tls *key_load(const struct key_files *files, const struct log *log,
    enum result *r, uint32_t *seconds);

#endif
