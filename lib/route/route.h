/* SPDX-License-Identifier: ISC */
/*
 * route: where mail for a domain goes, as smtpserv-mx(8) prints it.
 *
 * Pure.  The text is a verdict on the domain, and then a line for each address,
 * in the order in which they are to be tried:
 *
 *     = ok secure example.test
 *     10 mx1.example.test 2001:db8::25 25 secure tlsa=mx1.example.test 3.1.1.AB
 *     10 mx2.example.net 192.0.2.25 25 insecure
 *     20 mx3.example.test - - error SERVFAIL for its addresses
 *
 * or, if there is nothing to be tried, the verdict alone, with a status of
 * RFC 3463 and words for people:
 *
 *     = nullmx 5.1.10 example.test takes no mail
 *
 * The process that prints it has read what strangers sent, so whoever reads it
 * takes nothing that is not of this form.  Views in the results point into the
 * text.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"

enum {
	ROUTE_MAX = 16,         /* lines with an address, or its error */
	ROUTE_TEXT_MAX = 65536, /* of the whole text */
	ROUTE_NAME_MAX = 257,   /* a domain, or an address in brackets */
	ROUTE_WORDS_MAX = 400,  /* of what is said to people */
	ROUTE_IP_SIZE = 16
};

enum route_verdict {
	ROUTE_OK,
	ROUTE_NULLMX, /* it says that it takes no mail (RFC 7505) */
	ROUTE_NOHOST, /* there is no such domain */
	ROUTE_NOMX,   /* none of its hosts has an address */
	ROUTE_AGAIN,  /* it could not be found out */
	ROUTE_SELF    /* it leads to this host */
};

struct route_hop {
	struct bytes line; /* all of it, without its line end */
	uint32_t preference;
	struct bytes host; /* the MX; a literal is in brackets: [192.0.2.1] */
	/* There is no address but the words that say why. */
	bool is_error;
	struct bytes words;
	struct bytes address;
	bool is_v6;
	unsigned char
	    ip[ROUTE_IP_SIZE]; /* in network order; IPv4: the first 4 */
	uint32_t port;
	/* By DNSSEC: the MX records, and this host's addresses. */
	bool is_secure;
	/* The base domain of RFC 7672, and its records; empty: none. */
	struct bytes tlsa_base;
	struct bytes tlsa; /* for route_next_tlsa() */
};

struct route {
	enum route_verdict verdict;
	/* ROUTE_OK: the MX records, or that there are none, are secure. */
	bool is_secure;
	/* ROUTE_OK: the domain that has them, behind all CNAMEs, in ASCII. */
	struct bytes domain;
	/* Of the others.  A status 5.x.x does not pass, 4.x.x may. */
	struct bytes status;
	struct bytes words;
	size_t n;
	struct route_hop hops[ROUTE_MAX];
};

/* False: the text is not a whole route. */
bool route_parse(struct bytes text, struct route *route);

/* One line of a route, without its line end. */
bool route_parse_hop(struct bytes line, struct route_hop *hop);

struct route_tlsa {
	unsigned int usage;
	unsigned int selector;
	unsigned int matching;
	struct bytes hex;  /* two digits an octet; may be empty */
	struct bytes text; /* all of it: 3.1.1.AB12 */
};

/* The next record of *rest, which moves on.  False: at the end. */
bool route_next_tlsa(struct bytes *rest, struct route_tlsa *tlsa);

/*
 * Printing.  Words are held to ROUTE_WORDS_MAX, and a byte of them that is not
 * printable ASCII becomes `?`.
 */
void route_put_ok(struct buf *out, bool is_secure, struct bytes domain);
void route_put_no(struct buf *out, enum route_verdict verdict,
    const char *status, struct bytes words);

/* All of it but the line and the octets of the address, which it gives. */
void route_put_hop(struct buf *out, const struct route_hop *hop);

/* A record for struct route_hop's tlsa, with the blank that parts two. */
void route_put_tlsa(struct buf *out, unsigned int usage, unsigned int selector,
    unsigned int matching, struct bytes data);

#endif
