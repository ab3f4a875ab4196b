/* SPDX-License-Identifier: ISC */
#include "broker/broker.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(broker_put_answer__is_read_back);
ATF_TC_BODY(broker_put_answer__is_read_back, tc)
{
	static const unsigned int codes[] = { 0, 1, 31, 82, 255, BROKER_CRASHED,
		BROKER_HUNG, BROKER_UNREAD, BROKER_GIVEN_UP, BROKER_NO_PROCESS };
	static char said[BROKER_SAID_MAX + 10];
	static const size_t sizes[] = { 0, 1, 5, BROKER_SAID_MAX,
		BROKER_SAID_MAX + 10 };
	char store[BROKER_SAID_MAX + 64];
	struct broker_answer a;
	struct buf out;
	size_t i;
	size_t j;

	memset(said, ' ', sizeof(said));
	for (i = 0; i < ARRAY_LEN(codes); i++)
		for (j = 0; j < ARRAY_LEN(sizes); j++) {
			size_t want = sizes[j] < BROKER_SAID_MAX
			    ? sizes[j]
			    : BROKER_SAID_MAX;

			a = (struct broker_answer){ codes[i], UINT32_MAX,
				{ said, sizes[j] } };
			buf_init(&out, store, sizeof(store));
			ATF_REQUIRE(broker_put_answer(&out, &a));
			a = (struct broker_answer){ .code = 7 };
			ATF_REQUIRE(broker_parse_answer(buf_view(&out), &a));
			ATF_CHECK_EQ(codes[i], a.code);
			ATF_CHECK_EQ(UINT32_MAX, a.pid);
			ATF_CHECK_EQ(want, a.said.n);
		}
	buf_init(&out, store, 6);
	ATF_CHECK(!broker_put_answer(&out, &a));
}

ATF_TC_WITHOUT_HEAD(broker_parse_answer__takes_nothing_else);
ATF_TC_BODY(broker_parse_answer__takes_nothing_else, tc)
{
	static const char *const rows[] = { "", "a", "a0", "a0 ", "a0 1",
		"a 1 ", "ax 1 ", "a0 x ", "a-1 1 ", "a261 1 ", "A0 1 ",
		"a0  1 ", "a0 4294967296 ", "a99999999999999999999999 1 " };
	struct broker_answer a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(!broker_parse_answer(bytes_of(rows[i]), &a),
		    "\"%s\"", rows[i]);
	ATF_CHECK(broker_parse_answer(bytes_of("a0 1 "), &a));
	ATF_CHECK(broker_parse_answer(bytes_of("a82 7 Dno  more"), &a));
	ATF_CHECK(bytes_same(bytes_of("Dno  more"), a.said));
}

ATF_TC_WITHOUT_HEAD(broker_put_login__is_what_checkpassword_reads);
ATF_TC_BODY(broker_put_login__is_what_checkpassword_reads, tc)
{
	static char long_one[BROKER_SECRET_MAX];
	char store[BROKER_SECRET_MAX + 16];
	struct buf out;
	struct bytes secret;

	buf_init(&out, store, sizeof(store));
	ATF_REQUIRE(
	    broker_put_login(&out, bytes_of("bob"), bytes_of("secret")));
	ATF_CHECK_EQ(13, buf_view(&out).n);
	ATF_CHECK(memcmp(store, "Abob\0secret\0\0", 13) == 0);
	secret = bytes_cut(buf_view(&out), 1, 99);
	ATF_CHECK(broker_is_secret(secret));
	memset(long_one, 'x', sizeof(long_one));
	buf_reset(&out);
	ATF_REQUIRE(broker_put_login(&out, bytes_of("bob"),
	    (struct bytes){ long_one, BROKER_SECRET_MAX - 6 }));
	ATF_CHECK(broker_is_secret(bytes_cut(buf_view(&out), 1, 999)));
	buf_reset(&out);
	ATF_REQUIRE(broker_put_login(&out, bytes_of("bob"),
	    (struct bytes){ long_one, BROKER_SECRET_MAX - 5 }));
	ATF_CHECK(!broker_is_secret(bytes_cut(buf_view(&out), 1, 999)));
}

ATF_TC_WITHOUT_HEAD(broker_is_secret__by_its_rows);
ATF_TC_BODY(broker_is_secret__by_its_rows, tc)
{
	static const struct {
		const char *text;
		size_t n;
		bool good;
	} rows[] = {
		{ "b\0s\0\0", 5, true },
		{ "", 0, false },
		{ "b", 1, false },
		{ "b\0s", 3, false },
		{ "b\0s\0", 4, false },
		{ "b\0s\0\0\0", 6, false },
		{ "b\0s\0x\0", 6, false },
		{ "\0s\0\0", 4, false },
		{ "b\0\0\0", 4, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].good,
		    broker_is_secret(
			(struct bytes){ rows[i].text, rows[i].n }),
		    "row %zu", i);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, broker_put_answer__is_read_back);
	ATF_TP_ADD_TC(tp, broker_parse_answer__takes_nothing_else);
	ATF_TP_ADD_TC(tp, broker_put_login__is_what_checkpassword_reads);
	ATF_TP_ADD_TC(tp, broker_is_secret__by_its_rows);
	return (atf_no_error());
}
