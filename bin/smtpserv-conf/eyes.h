/* SPDX-License-Identifier: ISC */
/*
 * eyes: see files as the user does whom sessions and the worker run as.
 *
 * That is the owner of the spool, or where there is none yet the user of the
 * service entries.  Only root can see as somebody else: what root looks at so
 * is looked at in a child process.
 */
#ifndef SMTPSERV_CONF_EYES_H
#define SMTPSERV_CONF_EYES_H

#include "conf/keys.h"
#include "program/program.h"
#include "sys/sysuser.h"

struct eyes {
	struct sysuser user;
	bool are_theirs; /* what cannot be seen cannot be seen by them */
	bool are_lent;   /* we are root, and they are not */
};

/* `name` may be NULL: as above.  RES_PERM: there is nobody of that name. */
enum result eyes_open(struct eyes *eyes, const struct settings *settings,
    const char *name, struct fault *why) MUST_CHECK;

/* The exit code of what is done with these eyes, which may print. */
int eyes_look(const struct program *self, const struct eyes *eyes,
    int (*look)(void *), void *ctx);

#endif
