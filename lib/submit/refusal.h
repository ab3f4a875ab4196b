/* SPDX-License-Identifier: ISC */
/*
 * refusal: why a message is not taken, by qmail-queue's exit code and in words.
 */
#ifndef SUBMIT_REFUSAL_H
#define SUBMIT_REFUSAL_H

#include "base/base.h"
#include "qmail/qqexit.h"
#include "sys/sysio.h"

struct refusal {
	int code;           /* QQEXIT_ACCEPTED: there is none */
	const char *status; /* RFC 3463's, without its first digit; static */
	const char *text;   /* static; NULL: the fault says it */
	struct fault fault;
};

/* Each returns the code. */
int refusal_set(
    struct refusal *no, int code, const char *status, const char *text);

/*
 * Something of ours has failed: the code is by the errno, or if that says
 * little, `otherwise`.
 */
int refusal_fault(struct refusal *no, const struct fault *why, int otherwise);

/* How reading what is called so has ended: that it went well is no refusal. */
int refusal_of_read(
    struct refusal *no, enum sysio_status status, const char *name);

#endif
