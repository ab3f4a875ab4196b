/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlsneed.h"

/* The policy, if it counts for this message (RFC 8689 3, 4.2.2). */
static const struct tlspolicy *
policy_of(const struct tlsneed_facts *f)
{
	if (f->policy == NULL || f->policy->source == TLSPOLICY_ABSENT)
		return (NULL);
	if (f->policy->source == TLSPOLICY_SOCKETMAP && f->is_tlsno &&
	    !f->is_requiretls)
		return (NULL);
	return (f->policy);
}

/* How much is demanded, but for TLSA; true: these count if there are any. */
static bool
take_words(const struct tlsneed_facts *f, const struct tlspolicy *p,
    struct tlsneed *need)
{
	bool by_tlsa = f->key == TLSPOLICY_DANE;

	need->level = f->key;
	need->by = "key";
	if (p == NULL)
		return (by_tlsa);
	if (p->source == TLSPOLICY_SOCKETMAP) {
		if (p->level > f->key) {
			need->level = p->level;
			need->by = "sts";
		}
		return (by_tlsa || p->level == TLSPOLICY_DANE);
	}
	need->level = p->level;
	need->by = "table";
	/*
	 * An administrator may content themselves with less, where a domain's
	 * TLSA are broken; but more is not instead of TLSA.
	 */
	return (p->level == TLSPOLICY_DANE ||
	    (by_tlsa && p->level > TLSPOLICY_DANE));
}

static enum tlsneed_answer
refuse(struct tlsneed *need, enum tlsneed_answer answer,
    enum tlsverdict_failure failure, const char *why)
{
	need->failure = failure;
	need->why = why;
	return (answer);
}

/* What secure TLSA change, or that there are none (RFC 7672 2.2). */
static enum tlsneed_answer
take_tlsa(const struct tlsneed_facts *f, const struct tlspolicy *p,
    bool by_tlsa, struct tlsneed *need)
{
	if (by_tlsa && f->has_tlsa) {
		need->by = "dane";
		if (f->is_usable)
			need->level = TLSPOLICY_DANE;
		else if (need->level < TLSPOLICY_ENCRYPT)
			need->level = TLSPOLICY_ENCRYPT;
	} else if (need->level == TLSPOLICY_DANE)
		need->level = TLSPOLICY_MAY;
	if (by_tlsa && p != NULL && p->is_only && !f->is_usable)
		return (refuse(need, TLSNEED_SKIP, TLSVERDICT_DANE_REQUIRED,
		    "the host has no secure TLSA that can be used"));
	return (TLSNEED_TRY);
}

/* A host that must be known, by TLSA or by its name. */
static void
demand_identity(
    const struct tlsneed_facts *f, const char *by, struct tlsneed *need)
{
	if (need->level == TLSPOLICY_VERIFY || need->level == TLSPOLICY_DANE)
		return;
	need->level = f->is_usable ? TLSPOLICY_DANE : TLSPOLICY_VERIFY;
	need->by = by;
}

/* RFC 8689 4.2.1, 5. */
static enum tlsneed_answer
take_requiretls(const struct tlsneed_facts *f, const struct tlspolicy *p,
    struct tlsneed *need)
{
	bool is_mx_known =
	    f->is_relay || f->is_mx_secure || (p != NULL && p->match.n > 0);

	if (!f->is_requiretls)
		return (TLSNEED_TRY);
	if (f->is_null) {
		need->requiretls = TLSNEED_IF_OFFERED;
		return (TLSNEED_TRY);
	}
	need->requiretls = TLSNEED_REQUIRETLS;
	if (need->level == TLSPOLICY_NONE)
		return (refuse(need, TLSNEED_UNFIT, TLSVERDICT_OTHER,
		    "REQUIRETLS, and TLS is not to be used with this host"));
	if (!is_mx_known)
		return (refuse(need, TLSNEED_UNFIT, TLSVERDICT_OTHER,
		    "REQUIRETLS, and nothing vouches for the MX record"));
	demand_identity(f, "requiretls", need);
	return (TLSNEED_TRY);
}

enum tlsneed_answer
tlsneed_find(const struct tlsneed_facts *f, struct tlsneed *need)
{
	const struct tlspolicy *p = policy_of(f);
	enum tlsneed_answer answer;
	bool by_tlsa;

	*need = (struct tlsneed){ .why = "" };
	by_tlsa = take_words(f, p, need);
	if (p != NULL && !f->is_relay && !tlspolicy_has_host(p, f->host))
		return (refuse(need, TLSNEED_SKIP, TLSVERDICT_OTHER,
		    "the host is not one of the domain's policy"));
	/* DANE is not held against it; what an administrator wants is. */
	if (f->is_tlsno && !f->is_requiretls && by_tlsa) {
		by_tlsa = false;
		if (need->level == TLSPOLICY_DANE)
			need->level = TLSPOLICY_MAY;
	}
	answer = take_tlsa(f, p, by_tlsa, need);
	if (answer == TLSNEED_TRY)
		answer = take_requiretls(f, p, need);
	if (answer != TLSNEED_TRY || !f->has_account)
		return (answer);
	if (need->level == TLSPOLICY_NONE)
		return (refuse(need, TLSNEED_SKIP, TLSVERDICT_OTHER,
		    "its account needs TLS, and smtp.remote.tls or "
		    "smtp.remote.policy says none"));
	demand_identity(f, "account", need);
	return (TLSNEED_TRY);
}

bool
tlsneed_is_strict(const struct tlsneed *need)
{
	return (need->level >= TLSPOLICY_DANE);
}

bool
tlsneed_is_reached(const struct tlsneed *need, const struct tlsverdict *verdict)
{
	if (!verdict->is_good)
		return (false);
	if (need->level == TLSPOLICY_DANE)
		return (verdict->reached == TLSVERDICT_DANE);
	return (need->level != TLSPOLICY_VERIFY ||
	    verdict->reached != TLSVERDICT_ANONYMOUS);
}

bool
tlsneed_is_met(const struct tlsneed *need, const struct tlsneed *made_for)
{
	if (need->requiretls == TLSNEED_REQUIRETLS &&
	    made_for->requiretls != TLSNEED_REQUIRETLS)
		return (false);
	if (need->level == made_for->level)
		return (true);
	/* A host that is known by TLSA need not be known by a name. */
	if (need->level == TLSPOLICY_VERIFY || need->level == TLSPOLICY_DANE)
		return (false);
	return (
	    made_for->level == TLSPOLICY_DANE || made_for->level > need->level);
}
