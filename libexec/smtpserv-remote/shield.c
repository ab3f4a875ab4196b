/* SPDX-License-Identifier: ISC */
#include "shield.h"

#include <string.h>

#include "mail/idn.h"

/* For the handshake; what stalls is given up then. */
#define SECONDS "25"

struct words {
	char **argv;
	size_t n;
	bool is_full;
	struct buf store;
};

static bool
is_usable(const struct route_hop *hop)
{
	struct bytes rest = hop->tlsa;
	struct route_tlsa t;

	while (route_next_tlsa(&rest, &t))
		if (tlspolicy_is_usable(
			t.usage, t.selector, t.matching, t.hex.n / 2))
			return (true);
	return (false);
}

static bool
is_this_machine(const struct route_hop *hop)
{
	return (bytes_same(hop->address, bytes_of("::1")) ||
	    bytes_starts_nocase(hop->address, bytes_of("127.")));
}

enum tlsneed_answer
shield_need(
    const struct shield *s, const struct route_hop *hop, struct tlsneed *need)
{
	struct tlsneed_facts f = {
		.key = (enum tlspolicy_level)s->remote->tls,
		.policy = s->policy,
		.is_relay = s->to->kind != RELAY_DOMAIN,
		.is_mx_secure = s->route->is_secure,
		.host = hop->host,
		.has_tlsa = hop->tlsa.n > 0,
		.is_usable = is_usable(hop),
		.is_requiretls = s->is_requiretls,
		.is_tlsno = s->is_tlsno,
		.has_account = s->has_account &&
		    !(s->is_plaintext && is_this_machine(hop)),
	};

	return (tlsneed_find(&f, need));
}

static void
add(struct words *w, struct bytes word)
{
	size_t at = buf_view(&w->store).n;

	if (w->n + 1 == SHIELD_WORDS_MAX || !buf_put(&w->store, word) ||
	    !buf_putc(&w->store, '\0')) {
		w->is_full = true;
		return;
	}
	w->argv[w->n++] = w->store.p + at;
	w->argv[w->n] = NULL;
}

/* An option with its value, if there is one. */
static void
add_pair(struct words *w, const char *option, struct bytes value)
{
	if (value.n == 0)
		return;
	add(w, bytes_of(option));
	add(w, value);
}

/* A name of the certificate; it has ASCII names only. */
static void
add_name(struct words *w, struct bytes name)
{
	char store[ROUTE_NAME_MAX];
	struct buf ascii;

	buf_init(&ascii, store, sizeof(store));
	if (idn_put_ascii(name, &ascii))
		add_pair(w, "-m", buf_view(&ascii));
}

/* RFC 7672 3.2.2: the base domain, the next hop, and what that stands for. */
static void
add_dane(const struct shield *s, const struct route_hop *hop, struct words *w)
{
	struct bytes tlsa = hop->tlsa;

	add_pair(w, "-s", hop->tlsa_base);
	add_name(w, hop->tlsa_base);
	if (s->to->kind == RELAY_DOMAIN) {
		add_name(w, s->to->name);
		add_name(w, s->route->domain);
	}
	while (tlsa.n > 0 && tlsa.p[0] == ' ')
		tlsa = bytes_cut(tlsa, 1, tlsa.n);
	add_pair(w, "-T", tlsa);
}

static void
add_names(const struct shield *s, const struct route_hop *hop, struct words *w)
{
	struct bytes rest = { NULL, 0 };
	struct bytes name;

	add_pair(w, "-s", hop->host);
	if (s->policy != NULL)
		rest = s->policy->names;
	if (rest.n == 0)
		add_name(w, hop->host);
	while (tlspolicy_next_name(&rest, &name))
		add_name(w, name);
}

bool
shield_argv(const struct shield *s, const struct route_hop *hop,
    const struct tlsneed *need, char *store, char **argv)
{
	struct words w = { .argv = argv };

	buf_init(&w.store, store, SHIELD_STORE);
	add(&w, bytes_of("smtpserv-tlsc"));
	add_pair(&w, "-l", bytes_of(tlspolicy_level_word(need->level)));
	add_pair(&w, "-w", bytes_of(SECONDS));
	add_pair(&w, "-c", bytes_of(s->remote->cert));
	if (s->remote->cert[0] != '\0')
		add_pair(&w, "-k", bytes_of(s->remote->key));
	if (need->level == TLSPOLICY_DANE) {
		add_dane(s, hop, &w);
	} else if (need->level == TLSPOLICY_VERIFY) {
		add_pair(&w, "-C", bytes_of(s->remote->ca));
		add_names(s, hop, &w);
	} else {
		add_pair(&w, "-s", hop->host);
	}
	return (!w.is_full);
}
