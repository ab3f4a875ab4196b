/* SPDX-License-Identifier: ISC */
/*
 * inject: what the parts of smtpserv-inject have in common.
 */
#ifndef SMTPSERV_INJECT_INJECT_H
#define SMTPSERV_INJECT_INJECT_H

#include "conf/keys.h"
#include "letter.h"
#include "options.h"
#include "program/problem.h"
#include "recipients.h"
#include "service/site.h"

enum {
	/* Of a header after domains were added to its addresses. */
	INJECT_OUT = 4 * LETTER_HEADER_MAX
};

struct inject {
	struct options options;
	struct settings settings;
	struct site site;
	char host[256];
	char queue[SITE_PATH_MAX]; /* smtpserv-queue */
	char sender[SMTPPATH_MAX];
	size_t nsender;
	struct recipients to;
	struct letter letter;
	char out[INJECT_OUT];
};

/* This program, for its complaints. */
extern const struct program INJECT_SELF;

/* A fault, told; EX_TEMPFAIL. */
int inject_failed(const struct fault *why);

#endif
