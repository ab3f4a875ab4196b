/* SPDX-License-Identifier: ISC */
/*
 * What a daemon, a table or smtpserv-tlsc says about TLS: whatever comes, what
 * is taken is what could have been put, and a netstring is the same however it
 * comes.
 *
 * Options: none.
 */
#include <string.h>

#include "fuzz.h"
#include "tlspolicy/socketmap.h"
#include "tlspolicy/tlsneed.h"
#include "tlspolicy/tlspolicy.h"
#include "tlspolicy/tlsverdict.h"

static void
check_verdict(struct bytes in)
{
	char store[TLSVERDICT_MAX];
	struct tlsverdict v;
	struct buf out;

	if (!tlsverdict_parse(in, &v))
		return;
	buf_init(&out, store, sizeof(store));
	fuzz_must(tlsverdict_put(&out, &v), "it can be put again");
	fuzz_must(!bytes_has_control(bytes_cut(buf_view(&out), 0,
		      buf_view(&out).n - 1)),
	    "one line");
}

static void
check_need(const struct tlspolicy *p)
{
	unsigned int i;

	for (i = 0; i < 1024; i++) {
		struct tlsneed_facts f = { .key = i % 5, .policy = p,
			.is_relay = i & 8, .is_mx_secure = i & 16,
			.host = bytes_of("mx.example.org"), .has_tlsa = i & 32,
			.is_usable = (i & 32) && (i & 64),
			.is_requiretls = i & 128, .is_null = i & 256,
			.has_account = i & 512 };
		struct tlsneed need;

		if (tlsneed_find(&f, &need) != TLSNEED_TRY)
			continue;
		fuzz_must(need.level != TLSPOLICY_DANE || f.is_usable,
		    "DANE has TLSA");
		fuzz_must(!(f.has_account ||
			      (f.is_requiretls && !f.is_null)) ||
			need.level == TLSPOLICY_DANE ||
			need.level == TLSPOLICY_VERIFY,
		    "a host that must be known will be");
		fuzz_must(p->source != TLSPOLICY_SOCKETMAP ||
			f.key <= TLSPOLICY_DANE || need.level >= f.key ||
			need.level == TLSPOLICY_DANE,
		    "a daemon does not weaken");
	}
}

static void
check_policy(struct bytes in, enum tlspolicy_source source)
{
	struct tlspolicy p;
	struct bytes rest;
	struct bytes name;
	size_t n = 0;

	if (tlspolicy_parse(in, source, &p) != NULL)
		return;
	for (rest = p.match; tlspolicy_next_name(&rest, &name); n++)
		fuzz_must(name.n > 0, "a name");
	fuzz_must(n == 0 || !tlspolicy_has_host(&p, bytes_of("")),
	    "nobody is not a host");
	check_need(&p);
}

static void
check_keys(struct bytes in)
{
	struct bytes rest = in;
	struct bytes key;
	size_t n = in.n + 1;

	while (tlspolicy_next_key(&rest, &key)) {
		fuzz_must(key.n > 0 && key.n < n, "shorter and shorter");
		n = key.n;
	}
}

static void
check_netstring(struct bytes in)
{
	enum socketmap_state whole;
	enum socketmap_state part = SOCKETMAP_MORE;
	struct bytes answer;
	struct bytes text;
	size_t n;

	whole = socketmap_take(in, &answer);
	for (n = 0; n < in.n && n < FUZZ_EVERY_CUT; n++) {
		part = socketmap_take(bytes_cut(in, 0, n), &text);
		if (part != SOCKETMAP_MORE)
			break;
	}
	/* It is not whole before its end, and does not change its mind. */
	fuzz_must(part == SOCKETMAP_MORE || whole == SOCKETMAP_JUNK,
	    "junk stays junk");
	if (whole == SOCKETMAP_WHOLE &&
	    socketmap_parse_answer(answer, &text) == SOCKETMAP_OK)
		check_policy(text, TLSPOLICY_SOCKETMAP);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_verdict(in);
	check_policy(in, TLSPOLICY_TABLE);
	check_policy(in, TLSPOLICY_SOCKETMAP);
	check_keys(in);
	check_netstring(in);
	return (0);
}
