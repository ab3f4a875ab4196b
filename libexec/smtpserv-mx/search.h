/* SPDX-License-Identifier: ISC */
/*
 * search: from a domain to its route (RFC 5321 5.1, RFC 7505, RFC 7672 2).
 *
 * No descriptor, clock or chance of its own: all that it learns comes through
 * ports.  print.h prints the route that follows from what is known; it may do
 * so while a question is asked, too, so that a search can be cut short.
 */
#ifndef SMTPSERV_MX_SEARCH_H
#define SMTPSERV_MX_SEARCH_H

#include "hosts.h"
#include "places.h"
#include "route/route.h"
#include "target.h"

enum {
	SEARCH_LOOKED_MAX = 32, /* hosts whose addresses are asked for */
	SEARCH_TLSA_MAX = 16384 /* characters of one host's TLSA records */
};

struct search_ports {
	/* The answer's message has to stay until the next question. */
	void (*ask)(void *ctx, const char *name, enum dns_type type,
	    struct dns_answer *answer);
	bool (*is_ours)(void *ctx, const struct place *place);
	bool (*is_routed)(void *ctx, const struct place *place);
	uint32_t (*chance)(void *ctx);
	void *ctx;
};

/* What was found out about one of the hosts. */
struct search_host {
	const struct host *host;
	bool is_done; /* else none of its addresses may be used */
	/* "", or why nobody can say whether it can be reached. */
	char error[ROUTE_WORDS_MAX];
	bool is_secure;
	char base[DNS_NAME_SIZE]; /* of its TLSA records; "": none */
	size_t tlsa;              /* where in the text they begin */
	size_t tlsa_n;
	/* Private. */
	bool has_insecure_alias;
	unsigned int aliases;
};

struct search {
	/* Set by the caller. */
	const struct search_ports *ports;
	struct target target;
	size_t most; /* addresses; from 2 to ROUTE_MAX */
	bool no_v4;
	bool no_v6;
	/* Private. */
	enum route_verdict verdict; /* ROUTE_OK: by what was found */
	const char *status;
	char words[ROUTE_WORDS_MAX];
	bool is_over;
	bool is_secure;
	bool is_self;             /* some were left out, for they lead to us */
	char name[DNS_NAME_SIZE]; /* behind all CNAMEs */
	struct hosts hosts;
	size_t n;
	struct search_host looked[SEARCH_LOOKED_MAX];
	struct places places;
	size_t tlsa_n;
	char tlsa[2 * SEARCH_TLSA_MAX];
};

void search_run(struct search *s);

/* There cannot be such a domain; instead of search_run(). */
void search_refuse(struct search *s);

#endif
