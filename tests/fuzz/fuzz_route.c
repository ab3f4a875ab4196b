/* SPDX-License-Identifier: ISC */
/*
 * Routes: whatever comes, a route that is taken can be printed, and what is
 * printed is the same route; all of it lies within the text.
 *
 * Options: none.
 */
#include "route/route.h"

#include <string.h>

#include "fuzz.h"

static void
check_within(struct bytes text, struct bytes part)
{
	fuzz_must(part.n == 0 ||
		(part.p >= text.p && part.p + part.n <= text.p + text.n),
	    "a view into the text");
}

static void
check_printable(struct bytes words)
{
	size_t i;

	for (i = 0; i < words.n; i++)
		fuzz_must(words.p[i] >= ' ' && words.p[i] <= '~',
		    "words are printable");
}

static size_t
count_tlsa(struct bytes text, struct bytes rest)
{
	struct route_tlsa t;
	size_t n = 0;

	while (route_next_tlsa(&rest, &t)) {
		fuzz_must(t.usage < 256 && t.selector < 256 &&
			t.matching < 256 && t.hex.n % 2 == 0,
		    "a record");
		check_within(text, t.hex);
		check_within(text, t.text);
		n++;
	}
	fuzz_must(rest.n == 0, "all are records");
	return (n);
}

static void
check_hop(struct bytes text, const struct route_hop *hop)
{
	struct route_hop again;

	fuzz_must(route_parse_hop(hop->line, &again), "a line alone is one");
	check_within(text, hop->line);
	check_within(text, hop->host);
	check_within(text, hop->address);
	check_within(text, hop->words);
	check_within(text, hop->tlsa_base);
	check_printable(hop->line);
	fuzz_must(hop->host.n > 0 && hop->is_error == (hop->address.n == 0) &&
		hop->is_error == (hop->words.n > 0) &&
		hop->is_error == (hop->port == 0),
	    "an address, or words");
	fuzz_must((count_tlsa(text, hop->tlsa) > 0) == (hop->tlsa_base.n > 0),
	    "records have a base");
	fuzz_must(hop->tlsa.n == 0 || hop->is_secure, "and are secure");
}

static void
check_again(const struct route *r)
{
	static char store[2 * FUZZ_TEXT_MAX];
	struct route again;
	struct buf out;
	size_t i;

	buf_init(&out, store, sizeof(store));
	if (r->verdict == ROUTE_OK) {
		route_put_ok(&out, r->is_secure, r->domain);
	} else {
		char status[16] = "";

		fuzz_must(r->status.n < sizeof(status), "a status");
		memcpy(status, r->status.p, r->status.n);
		route_put_no(&out, r->verdict, status, r->words);
	}
	for (i = 0; i < r->n; i++)
		route_put_hop(&out, &r->hops[i]);
	fuzz_must(!buf_overflowed(&out) && route_parse(buf_view(&out), &again),
	    "it can be printed and read again");
	fuzz_must(again.verdict == r->verdict && again.n == r->n &&
		again.is_secure == r->is_secure &&
		bytes_same(again.domain, r->domain) &&
		bytes_same(again.status, r->status) &&
		bytes_same(again.words, r->words),
	    "and is the same");
	for (i = 0; i < r->n; i++)
		fuzz_must(again.hops[i].preference == r->hops[i].preference &&
			again.hops[i].port == r->hops[i].port &&
			bytes_same(again.hops[i].host, r->hops[i].host) &&
			bytes_same(again.hops[i].tlsa, r->hops[i].tlsa) &&
			memcmp(again.hops[i].ip, r->hops[i].ip,
			    ROUTE_IP_SIZE) == 0,
		    "hop by hop");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);
	static struct route r;
	size_t i;

	if (!route_parse(in, &r))
		return (0);
	fuzz_must(r.n <= ROUTE_MAX && (r.verdict == ROUTE_OK) == (r.n > 0),
	    "hops, or none");
	check_within(in, r.domain);
	check_printable(r.words);
	for (i = 0; i < r.n; i++)
		check_hop(in, &r.hops[i]);
	check_again(&r);
	return (0);
}
