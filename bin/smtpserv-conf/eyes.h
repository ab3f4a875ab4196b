/* SPDX-License-Identifier: ISC */
/*
 * eyes: see files as the user that sessions and the worker run as.
 *
 * That is the owner of the spool, or, if there is not a spool yet, the user of
 * the service entries.  Only root can see as somebody else, and does so in a
 * child process.
 */
#ifndef SMTPSERV_CONF_EYES_H
#define SMTPSERV_CONF_EYES_H

#include "conf/keys.h"
#include "program/program.h"
#include "sys/sysuser.h"

struct eyes {
	struct sysuser user;
	bool are_theirs; /* we see just what they see */
	bool are_lent;   /* we are root, and they are not */
};

/* `name` may be NULL: as above.  RES_PERM: there is nobody of that name. */
enum result eyes_open(struct eyes *eyes, const struct settings *settings,
    const char *name, struct fault *why) MUST_CHECK;

/* The exit code of a function that looks with these eyes, and may print. */
int eyes_look(const struct program *self, const struct eyes *eyes,
    int (*look)(void *), void *ctx);

#endif
