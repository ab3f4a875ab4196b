/* SPDX-License-Identifier: ISC */
/*
 * shield: how much TLS the connection to one address needs, and the command
 * line of smtpserv-tlsc(8) that gives it.
 *
 * Pure.
 */
#ifndef SMTPSERV_REMOTE_SHIELD_H
#define SMTPSERV_REMOTE_SHIELD_H

#include "bytes/buf.h"
#include "conf/settings.h"
#include "relay/relay.h"
#include "route/route.h"
#include "tlspolicy/tlsneed.h"

enum {
	SHIELD_WORDS_MAX = 40,
	/* All TLSA of a route, and names. */
	SHIELD_STORE = ROUTE_TEXT_MAX + 16384
};

/* What is the same for all addresses. */
struct shield {
	const struct settings_remote *remote;
	const struct relay *to;
	const struct route *route;
	const struct tlspolicy *policy; /* or NULL */
	bool is_requiretls;
	bool is_tlsno;
	bool has_account;
	bool is_plaintext; /* it may be used in clear on this machine */
};

enum tlsneed_answer shield_need(
    const struct shield *s, const struct route_hop *hop, struct tlsneed *need);

/*
 * The words, in store, which has SHIELD_STORE.  False: there are too many.
 */
bool shield_argv(const struct shield *s, const struct route_hop *hop,
    const struct tlsneed *need, char *store, char **argv);

#endif
