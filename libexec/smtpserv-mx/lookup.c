/* SPDX-License-Identifier: ISC */
#include "lookup.h"

#include <string.h>

void
lookup_ask(struct search *s, const char *name, enum dns_type type,
    struct dns_answer *a)
{
	char next[DNS_NAME_SIZE];
	bool is_secure = true;
	unsigned int aliases = 0;
	unsigned int more;

	do {
		s->ports->ask(s->ports->ctx, name, type, a);
		more = a->aliases;
		is_secure = is_secure && a->is_secure;
		aliases += more;
		a->is_secure = is_secure;
		a->aliases = aliases;
		if (aliases > DNS_ALIASES_MAX) {
			a->status = DNS_FAILED;
			a->why = "too many CNAMEs";
		}
		memcpy(next, a->name, sizeof(next));
		name = next;
	} while (a->status == DNS_NODATA && more > 0);
}

/* The first error is what people are told. */
static void
set_error(
    struct search_host *h, const char *what, const char *name, const char *why)
{
	struct buf words;

	if (h->error[0] != '\0')
		return;
	buf_init(&words, h->error, sizeof(h->error));
	(void)buf_printf(&words, "%s of %s: %s", what, name, why);
	if (buf_cstr(&words) == NULL)
		memcpy(h->error, "?", 2);
}

/* An address that a socket of IPv6 would take for one of IPv4 is neither. */
static bool
is_mapped(const struct place *p)
{
	static const unsigned char start[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff };

	return (p->is_v6 && memcmp(p->ip, start, sizeof(start)) == 0);
}

static void
take_addresses(struct search *s, struct dns_answer *a, bool is_v6)
{
	const struct search_ports *ports = s->ports;
	struct dns_record r;

	while (dns_next(a, &r)) {
		struct place place = { .is_v6 = is_v6,
			.preference = s->looked[s->n - 1].host->preference,
			.host = s->n - 1 };

		memcpy(place.ip, r.ip, sizeof(place.ip));
		if (is_mapped(&place))
			continue;
		if (s->target.kind == TARGET_DOMAIN &&
		    ports->is_ours(ports->ctx, &place))
			s->is_self = true;
		place.is_routed = ports->is_routed(ports->ctx, &place);
		places_add(&s->places, &place);
	}
}

static void
ask_addresses(struct search *s, struct search_host *h, bool is_v6)
{
	struct dns_answer a;

	lookup_ask(s, h->host->name, is_v6 ? DNS_AAAA : DNS_A, &a);
	if (a.status == DNS_FAILED) {
		set_error(h, "addresses", h->host->name, a.why);
		return;
	}
	h->is_secure = h->is_secure && a.is_secure;
	if (a.status != DNS_FOUND)
		return;
	h->aliases = a.aliases;
	memcpy(h->base, a.name, sizeof(h->base));
	take_addresses(s, &a, is_v6);
}

/* The records into the search's text.  False: they are too many. */
static bool
take_tlsa(struct search *s, struct search_host *h, struct dns_answer *a)
{
	struct dns_record r;
	struct buf text;

	buf_init(&text, s->tlsa + s->tlsa_n, sizeof(s->tlsa) - s->tlsa_n);
	while (dns_next(a, &r))
		route_put_tlsa(&text, r.usage, r.selector, r.matching, r.data);
	if (buf_overflowed(&text) || buf_view(&text).n > SEARCH_TLSA_MAX)
		return (false);
	h->tlsa = s->tlsa_n;
	h->tlsa_n = buf_view(&text).n;
	s->tlsa_n += h->tlsa_n;
	return (true);
}

/*
 * True: the search for TLSA records ends here, with some, or with an error:
 * then the host counts as not to be reached (RFC 7672 2.1.2), for an attacker
 * who can drop the answer must not thereby turn TLS off.
 */
static bool
ask_tlsa(struct search *s, struct search_host *h, const char *base)
{
	char name[DNS_NAME_SIZE];
	struct dns_answer a;
	struct buf b;

	buf_init(&b, name, sizeof(name));
	(void)buf_printf(&b, "_%u._tcp.%s", s->target.port, base);
	if (buf_cstr(&b) == NULL)
		return (false);
	lookup_ask(s, name, DNS_TLSA, &a);
	if (a.status == DNS_FAILED)
		set_error(h, "TLSA records", name, a.why);
	else if (a.status != DNS_FOUND || !a.is_secure)
		return (false);
	else if (!take_tlsa(s, h, &a))
		set_error(h, "TLSA records", name, "too many");
	return (true);
}

/*
 * An alias whose target is not signed may be signed itself.  Then records at
 * its own name hold (RFC 7672 2.2.2).
 */
static bool
is_secure_alias(struct search *s, struct search_host *h)
{
	struct dns_answer a;

	if (h->is_secure || h->aliases == 0)
		return (false);
	s->ports->ask(s->ports->ctx, h->host->name, DNS_CNAME, &a);
	if (a.status == DNS_FAILED)
		set_error(h, "CNAME", h->host->name, a.why);
	return (a.status == DNS_FOUND && a.is_secure);
}

/* RFC 7672 2.2: first at the name behind all CNAMEs, then at the MX's own. */
static void
find_tlsa(struct search *s, struct search_host *h)
{
	char expanded[DNS_NAME_SIZE];

	memcpy(expanded, h->base, sizeof(expanded));
	h->base[0] = '\0';
	if (!s->is_secure) {
		h->is_secure = false;
		return;
	}
	if (h->is_secure && ask_tlsa(s, h, expanded)) {
		memcpy(h->base, expanded, sizeof(h->base));
		return;
	}
	if ((h->is_secure && h->aliases > 0) || is_secure_alias(s, h)) {
		h->is_secure = true;
		if (ask_tlsa(s, h, h->host->name))
			memcpy(h->base, h->host->name, sizeof(h->base));
	}
}

void
lookup_host(struct search *s, const struct host *host)
{
	struct search_host *h = &s->looked[s->n++];
	size_t first = s->places.n;

	memset(h, 0, sizeof(*h));
	h->host = host;
	h->is_secure = true;
	if (!host->is_odd && !s->no_v6)
		ask_addresses(s, h, true);
	if (!host->is_odd && !s->no_v4 && !s->is_self)
		ask_addresses(s, h, false);
	if (s->places.n > first && !s->is_self) {
		/* One family's error is no harm if the other can be used. */
		h->error[0] = '\0';
		find_tlsa(s, h);
		if (h->error[0] != '\0')
			s->places.n = first;
	}
	h->is_done = true;
}
