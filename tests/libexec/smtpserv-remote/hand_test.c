/* SPDX-License-Identifier: ISC */
#include "hand.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static void
check_same(const struct hand *a, const struct hand *b)
{
	ATF_CHECK_EQ(a->kind, b->kind);
	ATF_CHECK(bytes_same(a->host, b->host));
	ATF_CHECK(bytes_same(a->address, b->address));
	ATF_CHECK_EQ(a->port, b->port);
	ATF_CHECK_EQ(a->tls, b->tls);
	ATF_CHECK(bytes_same(a->by, b->by));
	ATF_CHECK_EQ(a->is_first, b->is_first);
	ATF_CHECK_EQ(a->is_proven, b->is_proven);
	ATF_CHECK_EQ(a->is_best, b->is_best);
	ATF_CHECK_EQ(a->is_last, b->is_last);
	ATF_CHECK_EQ(a->letter, b->letter);
	ATF_CHECK_EQ(a->is_unreached, b->is_unreached);
	ATF_CHECK(bytes_same(a->status, b->status));
	ATF_CHECK(bytes_same(a->text, b->text));
}

ATF_TC_WITHOUT_HEAD(hand_parse__reads_what_is_put);
ATF_TC_BODY(hand_parse__reads_what_is_put, tc)
{
	struct hand rows[] = {
		{ .kind = HAND_TLS },
		{ .kind = HAND_ADDRESS,
		    .host = bytes_of("mx.example"),
		    .address = bytes_of("2001:db8::1"),
		    .port = 25,
		    .tls = HAND_TLS_MUST,
		    .by = bytes_of("dane"),
		    .is_best = true,
		    .is_last = true },
		{ .kind = HAND_ADDRESS,
		    .host = bytes_of("[192.0.2.1]"),
		    .address = bytes_of("192.0.2.1"),
		    .port = 465,
		    .tls = HAND_TLS_MAY,
		    .is_first = true,
		    .is_proven = true },
		{ .kind = HAND_NO,
		    .letter = 'D',
		    .status = bytes_of("5.1.10"),
		    .text = bytes_of("it takes no mail") },
		{ .kind = HAND_NO,
		    .letter = 'Z',
		    .is_unreached = true,
		    .status = bytes_of("4.4.1") },
	};
	char store[HAND_RECORD_MAX];
	struct hand got;
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&b, store, sizeof(store));
		ATF_REQUIRE(hand_put(&b, &rows[i]));
		ATF_REQUIRE(hand_parse(buf_view(&b), &got));
		check_same(&rows[i], &got);
	}
}

ATF_TC_WITHOUT_HEAD(hand_parse__refuses_what_is_cut);
ATF_TC_BODY(hand_parse__refuses_what_is_cut, tc)
{
	struct hand h = { .kind = HAND_ADDRESS,
		.host = bytes_of("mx.example"),
		.address = bytes_of("192.0.2.1"),
		.port = 25 };
	char store[HAND_RECORD_MAX];
	struct hand got;
	struct buf b;
	size_t n;

	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE(hand_put(&b, &h));
	for (n = 0; n < buf_view(&b).n; n++)
		ATF_CHECK(!hand_parse(bytes_cut(buf_view(&b), 0, n), &got));
	ATF_CHECK(!hand_parse((struct bytes){ "eK\0004.4.1\0x", 9 }, &got));
	ATF_CHECK(!hand_parse((struct bytes){ "x", 1 }, &got));
	buf_init(&b, store, 8);
	ATF_CHECK(!hand_put(&b, &h));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hand_parse__reads_what_is_put);
	ATF_TP_ADD_TC(tp, hand_parse__refuses_what_is_cut);
	return (atf_no_error());
}
