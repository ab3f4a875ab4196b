/* SPDX-License-Identifier: ISC */
/*
 * lookup: questions, and what the answers say of one host.
 */
#ifndef SMTPSERV_MX_LOOKUP_H
#define SMTPSERV_MX_LOOKUP_H

#include "search.h"

/*
 * Ask, and ask for the name that CNAMEs lead to, should the answer end there.
 * is_secure and aliases are those of the whole way.
 */
void lookup_ask(struct search *s, const char *name, enum dns_type type,
    struct dns_answer *answer);

/* The host's addresses, and its TLSA records, into s->looked and s->places. */
void lookup_host(struct search *s, const struct host *host);

#endif
