/* SPDX-License-Identifier: ISC */
/*
 * resolver: the C library's, which asks one server after the other, by UDP, and
 * by TCP if an answer was truncated.
 *
 * The only module that knows <resolv.h>.  There is one resolver in a process.
 */
#ifndef SMTPSERV_MX_RESOLVER_H
#define SMTPSERV_MX_RESOLVER_H

#include "base/base.h"
#include "bytes/buf.h"
#include "dns/dns.h"

/*
 * To ask those servers, as smtp.remote.resolver names them, or if it is "",
 * those of /etc/resolv.conf.
 */
enum result resolver_open(const char *servers, struct fault *why) MUST_CHECK;

enum {
	RESOLVER_SERVERS_MAX = 3 /* the library asks no more */
};

/* The ports of the servers; returns how many. */
size_t resolver_ports(unsigned int ports[RESOLVER_SERVERS_MAX]);

/*
 * May it be believed that an answer is authentic, just because the resolver
 * says so?  Yes if nobody can be between it and us, or if resolv.conf says
 * `trust-ad`.
 */
bool resolver_is_trusted(void);

/* "127.0.0.1:53 [::1]:53" */
void resolver_put_servers(struct buf *out);

/*
 * Each server is asked twice at most.  The answer's message stays until the
 * next question; is_secure is never set if the resolver is not trusted.
 */
void resolver_ask(
    const char *name, enum dns_type type, struct dns_answer *answer);

#endif
