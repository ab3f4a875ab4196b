/* SPDX-License-Identifier: ISC */
/*
 * The records between a session and its helper: whatever comes, an answer that
 * is taken is one that was put, and a secret is what checkpassword reads.
 *
 * Options: none.
 */
#include "broker/broker.h"

#include <string.h>

#include "fuzz.h"

static void
check_answer(struct bytes in)
{
	char store[BROKER_SAID_MAX + 64];
	struct broker_answer a;
	struct broker_answer again;
	struct buf out;

	if (!broker_parse_answer(in, &a))
		return;
	fuzz_must(a.code <= BROKER_NO_PROCESS, "a code");
	fuzz_must(a.said.n <= BROKER_SAID_MAX && a.said.p >= in.p &&
		a.said.p + a.said.n == in.p + in.n,
	    "the words are the record's end");
	buf_init(&out, store, sizeof(store));
	fuzz_must(broker_put_answer(&out, &a), "it can be put again");
	fuzz_must(broker_parse_answer(buf_view(&out), &again) &&
		again.code == a.code && again.pid == a.pid &&
		bytes_same(again.said, a.said),
	    "and is the same");
}

static void
check_secret(struct bytes in)
{
	char store[BROKER_SECRET_MAX + 1];
	struct bytes user;
	struct bytes password;
	struct buf out;
	size_t nul;

	if (!broker_is_secret(in))
		return;
	fuzz_must(bytes_find(in, '\0', &nul) && nul > 0, "a user");
	user = bytes_cut(in, 0, nul);
	password = bytes_cut(in, nul + 1, in.n);
	fuzz_must(bytes_find(password, '\0', &nul) && nul > 0, "a password");
	password.n = nul;
	buf_init(&out, store, sizeof(store));
	fuzz_must(broker_put_login(&out, user, password), "of the right size");
	fuzz_must(bytes_same(bytes_cut(buf_view(&out), 1, in.n), in),
	    "and nothing else");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes in = fuzz_input(data, n);

	check_answer(in);
	check_secret(in);
	return (0);
}
