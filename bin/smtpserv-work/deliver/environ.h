/* SPDX-License-Identifier: ISC */
/*
 * environ: the environment of a delivery command: the variables of
 * qmail-command(8), the path of the text, and the number.
 *
 * Pure, but for what the caller's `put` does.  This is the only way in which
 * anything of an address reaches a shell.
 */
#ifndef SMTPSERV_WORK_DELIVER_ENVIRON_H
#define SMTPSERV_WORK_DELIVER_ENVIRON_H

#include <time.h>

#include "deliver/delivery.h"

enum {
	ENVIRON_VALUE_MAX = 8192
};

/* value NULL: the variable is to be taken away.  False ends it. */
typedef bool environ_put_fn(void *ctx, const char *name, const char *value);

/* False: a value is too long, or put said so. */
bool environ_make(const struct delivery *d, time_t now, environ_put_fn *put,
    void *ctx) MUST_CHECK;

#endif
