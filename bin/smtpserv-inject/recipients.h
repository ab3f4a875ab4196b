/* SPDX-License-Identifier: ISC */
/*
 * recipients: those that are to get a message, each once, and those refused.
 *
 * Pure.  A mailbox gets our name for a domain where it has none, and must then
 * be in the form that SMTP carries.
 */
#ifndef SMTPSERV_INJECT_RECIPIENTS_H
#define SMTPSERV_INJECT_RECIPIENTS_H

#include <stdint.h>

#include "bytes/buf.h"
#include "smtp/smtppath.h"

enum {
	RECIPIENTS_MAX = 100000,
	RECIPIENTS_SLOTS = 1 << 18, /* more than twice as many */
	RECIPIENTS_STORE = 16 << 20,
	RECIPIENTS_REFUSED = 16384
};

struct recipients {
	const char *host;
	size_t n;
	size_t nrefused;
	bool has_nobody; /* one of these has no mailbox here */
	/* Private. */
	struct buf text;    /* each with a NUL behind it */
	struct buf refused; /* lines, until there is no room */
	uint32_t slots[RECIPIENTS_SLOTS];
	char store[RECIPIENTS_STORE];
	char refused_store[RECIPIENTS_REFUSED];
};

/* In zeroed memory. */
void recipients_init(struct recipients *r, const char *host);

/* A mailbox as SMTP carries it.  False: it cannot. */
bool recipients_qualify(
    const struct recipients *r, struct bytes mailbox, struct buf *out);

/* One that is qualified; one that is there already is not added. */
bool recipients_add(struct recipients *r, struct bytes mailbox);

/* Note a mailbox that cannot be sent to, and why: a line for the sender. */
void recipients_refuse(
    struct recipients *r, struct bytes text, const char *why);

/* All that recipients_refuse() was told. */
struct bytes recipients_refused(const struct recipients *r);

/* *at is 0 for the first. */
bool recipients_next(
    const struct recipients *r, size_t *at, struct bytes *mailbox);

#endif
