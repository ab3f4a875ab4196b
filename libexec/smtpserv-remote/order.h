/* SPDX-License-Identifier: ISC */
/*
 * order: what the command line wants.
 *
 * Pure.  qmail-rspawn starts the program with a host that a stranger has
 * chosen, so nothing but a few whole words is taken for an option: whatever
 * else the first argument is, it is the host.
 */
#ifndef SMTPSERV_REMOTE_ORDER_H
#define SMTPSERV_REMOTE_ORDER_H

#include <stdbool.h>
#include <stddef.h>

enum order_kind {
	ORDER_SEND, /* qmail-remote's: a host, a sender, recipients */
	ORDER_FEED, /* --feed and a hop */
	ORDER_TRY   /* -n and a host */
};

struct order {
	enum order_kind kind;
	const char *config; /* of -f, or NULL */
	bool is_requiretls; /* only messages with REQUIRETLS come */
	bool is_tlsno;      /* only those with TLS-Required: No */
	char **argv;        /* the host, and what follows it */
	int argc;
};

/*
 * False: something is missing or too much.  It is told by kind to whom that is
 * to be said.
 */
bool order_parse(int argc, char **argv, struct order *o);

#endif
