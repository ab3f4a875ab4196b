/* SPDX-License-Identifier: ISC */
/*
 * address: a mailbox taken apart, for those who deliver to it.
 *
 * Pure.
 */
#ifndef SMTPSERV_WORK_ADDRESS_H
#define SMTPSERV_WORK_ADDRESS_H

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	/* RFC 5321 4.5.3.1; what somebody has made by hand may be longer. */
	ADDRESS_MAX = 1024
};

struct address {
	struct bytes local;  /* without quotes, with its +extension */
	struct bytes domain; /* empty where there is none */
	struct bytes ext;    /* behind the first `+` of local */
	/* Private. */
	char store[ADDRESS_MAX];
};

/* False: it is too long, or there is nothing before the `@`. */
bool address_split(struct address *a, struct bytes mailbox) MUST_CHECK;

#endif
