/* SPDX-License-Identifier: ISC */
/*
 * tlsneed: what is demanded of the connection to one address, from the key,
 * the policy of the domain, the route, the message and the account.
 *
 * Pure.
 */
#ifndef TLSPOLICY_TLSNEED_H
#define TLSPOLICY_TLSNEED_H

#include "bytes/bytes.h"
#include "tlspolicy/tlspolicy.h"
#include "tlspolicy/tlsverdict.h"

struct tlsneed_facts {
	enum tlspolicy_level key;       /* smtp.remote.tls */
	const struct tlspolicy *policy; /* of the hop; NULL: there is none */
	/* Of the route. */
	bool is_relay;     /* an administrator has named the host: no MX */
	bool is_mx_secure; /* the answer with the MX records was */
	struct bytes host; /* as the MX record has it */
	bool has_tlsa;     /* secure ones, of whichever kind */
	bool is_usable;    /* one of them, at least (tlspolicy.h) */
	/* Of the message. */
	bool is_requiretls; /* RFC 8689 */
	bool is_tlsno;      /* TLS-Required: No, which REQUIRETLS overrules */
	bool is_null;       /* its sender is <> */
	/*
	 * A password is to be sent, and only to a host that is known.  Not one
	 * that may be sent in clear.
	 */
	bool has_account;
};

enum tlsneed_answer {
	TLSNEED_TRY,
	/* Not this host; if no other will do: later, 4.7.5. */
	TLSNEED_SKIP,
	/* Not this host for this message; no other: failed, 5.7.10. */
	TLSNEED_UNFIT
};

/* Whether MAIL is to say REQUIRETLS. */
enum tlsneed_requiretls {
	TLSNEED_PLAIN,
	TLSNEED_IF_OFFERED,
	TLSNEED_REQUIRETLS /* a host that does not offer it is unfit, 5.7.30 */
};

struct tlsneed {
	/*
	 * NONE: no STARTTLS.  MAY: clear text, if TLS is not to be had.  Beyond
	 * these not an octet of mail in clear.  DANE: there are TLSA to go by.
	 */
	enum tlspolicy_level level;
	enum tlsneed_requiretls requiretls;
	/* What made it that much: key table sts dane requiretls account. */
	const char *by;
	/* Unless it is to be tried: RFC 8460's type, and in words. */
	enum tlsverdict_failure failure;
	const char *why;
};

enum tlsneed_answer tlsneed_find(
    const struct tlsneed_facts *f, struct tlsneed *need);

/* Is clear text out of the question? */
bool tlsneed_is_strict(const struct tlsneed *need);

/* Is the server known as well as it must be? */
bool tlsneed_is_reached(
    const struct tlsneed *need, const struct tlsverdict *verdict);

/* May a message with this need use a connection that was made for that one? */
bool tlsneed_is_met(const struct tlsneed *need, const struct tlsneed *made_for);

#endif
