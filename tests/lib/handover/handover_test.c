/* SPDX-License-Identifier: ISC */
#include "handover/handover.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static char text[2 * HANDOVER_ANSWER_MAX];

static struct bytes
xs(size_t n)
{
	memset(text, 'x', sizeof(text));
	return ((struct bytes){ text, n });
}

/* Q3 */
ATF_TC_WITHOUT_HEAD(handover_put_id__is_one_of_any_host);
ATF_TC_BODY(handover_put_id__is_one_of_any_host, tc)
{
	char store[HANDOVER_ID_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	ATF_REQUIRE(handover_put_id(&out, 1796000000123456789U, 4711,
	    0x0123456789abcdefU, bytes_of("gnat.example.test")));
	ATF_CHECK(bytes_same(buf_view(&out),
	    bytes_of("1796000000123456789.4711.0123456789abcdef."
		     "gnat.example.test")));
	ATF_CHECK(handover_is_id(buf_view(&out)));
	buf_reset(&out);
	ATF_REQUIRE(handover_put_id(&out, 1, 2, 3, bytes_of("g_\xc3\xbc.x")));
	ATF_CHECK(bytes_same(
	    buf_view(&out), bytes_of("1.2.0000000000000003.g---.x")));
	/* The longest: only the host is cut. */
	buf_reset(&out);
	ATF_REQUIRE(
	    handover_put_id(&out, UINT64_MAX, UINT32_MAX, UINT64_MAX, xs(255)));
	ATF_CHECK_EQ(HANDOVER_ID_MAX, buf_view(&out).n);
	ATF_CHECK(handover_is_id(buf_view(&out)));
	ATF_CHECK(memcmp(store,
		      "18446744073709551615.4294967295.ffffffffffffffff.xxx",
		      52) == 0);
	buf_init(&out, store, 10);
	ATF_CHECK(!handover_put_id(&out, UINT64_MAX, 1, 1, bytes_of("x")));
}

ATF_TC_WITHOUT_HEAD(handover_is_id__by_its_rows);
ATF_TC_BODY(handover_is_id__by_its_rows, tc)
{
	static const char *const bad[] = { "", " ", "a b", "a/b", "a_b", "a\n",
		"a\x7f", "\xc3\xbc", "a@b", "<a>", "a:b" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ATF_CHECK_MSG(
		    !handover_is_id(bytes_of(bad[i])), "\"%s\"", bad[i]);
	ATF_CHECK(!handover_is_id((struct bytes){ "a\0b", 3 }));
	ATF_CHECK(handover_is_id(bytes_of("0.9.-azAZ")));
	ATF_CHECK(handover_is_id(xs(HANDOVER_ID_MAX)));
	ATF_CHECK(!handover_is_id(xs(HANDOVER_ID_MAX + 1)));
}

ATF_TC_WITHOUT_HEAD(handover_parse_request__reads_what_was_put_however_cut);
ATF_TC_BODY(handover_parse_request__reads_what_was_put_however_cut, tc)
{
	static const struct {
		uint64_t message;
		uint64_t envelope;
		uint64_t ends_ms;
	} rows[] = { { 0, 0, 0 }, { 1, 10, 100 }, { 33554432, 65536, 1796 },
		{ INT64_MAX, INT64_MAX, INT64_MAX } };
	char store[HANDOVER_REQUEST_MAX];
	struct handover_request r;
	struct buf out;
	size_t cut;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes line;

		r = (struct handover_request){ xs(i + HANDOVER_ID_MAX - 3),
			rows[i].message, rows[i].envelope, rows[i].ends_ms };
		buf_init(&out, store, sizeof(store));
		ATF_REQUIRE(handover_put_request(&out, &r));
		line = buf_view(&out);
		for (cut = 0; cut < line.n; cut++)
			ATF_CHECK_EQ(HANDOVER_MORE,
			    handover_parse_request(
				bytes_cut(line, 0, cut), &r));
		r = (struct handover_request){ .message = 7 };
		ATF_REQUIRE_EQ(HANDOVER_DONE, handover_parse_request(line, &r));
		ATF_CHECK_EQ(i + HANDOVER_ID_MAX - 3, r.id.n);
		ATF_CHECK_EQ(rows[i].message, r.message);
		ATF_CHECK_EQ(rows[i].envelope, r.envelope);
		ATF_CHECK_EQ(rows[i].ends_ms, r.ends_ms);
	}
	r.ends_ms = (uint64_t)INT64_MAX + 1;
	ATF_CHECK(!handover_put_request(&out, &r));
	r.ends_ms = 0;
	r.message = (uint64_t)INT64_MAX + 1;
	ATF_CHECK(!handover_put_request(&out, &r));
	r = (struct handover_request){ bytes_of("a b"), 1, 1, 1 };
	ATF_CHECK(!handover_put_request(&out, &r));
	r.id = bytes_of("a");
	buf_init(&out, store, 5);
	ATF_CHECK(!handover_put_request(&out, &r));
}

ATF_TC_WITHOUT_HEAD(handover_parse_request__takes_nothing_else);
ATF_TC_BODY(handover_parse_request__takes_nothing_else, tc)
{
	static const char *const bad[] = { "\n", " \n", " 1 1\n", "a\n",
		"a 1\n", "a 1 \n", "a 1 1\n", "a 1 1 \n", "a  1 1 1\n",
		"a 1  1 1\n", "a 1 1  1\n", "a 1 1 1 \n", "a 1 1 1 1\n",
		"a 1 1 1\r\n", "a 1 1 1\nx", "a 1 1 1\n\n", "a -1 1 1\n",
		"a 1 -1 1\n", "a 1 1 -1\n", "a +1 1 1\n", "a 01 1 1\n",
		"a 1 00 1\n", "a 1 1 01\n", "a 0x1 1 1\n",
		"a 9223372036854775808 1 1\n", "a 1 9223372036854775808 1\n",
		"a 1 1 9223372036854775808\n",
		"a 99999999999999999999999999 1 1\n", "a_ 1 1 1\n",
		"\xff 1 1 1\n" };
	struct handover_request r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ATF_CHECK_EQ_MSG(HANDOVER_BAD,
		    handover_parse_request(bytes_of(bad[i]), &r), "\"%s\"",
		    bad[i]);
	ATF_CHECK_EQ(
	    HANDOVER_DONE, handover_parse_request(bytes_of("a 1 0 1\n"), &r));
	/* No end is waited for that cannot come. */
	ATF_CHECK_EQ(HANDOVER_MORE,
	    handover_parse_request(xs(HANDOVER_REQUEST_MAX - 1), &r));
	ATF_CHECK_EQ(
	    HANDOVER_BAD, handover_parse_request(xs(HANDOVER_REQUEST_MAX), &r));
}

/* Any part of a yes, and a yes to another, is no yes. */
ATF_TC_WITHOUT_HEAD(handover_parse_answer__yes_is_for_one_id_and_whole);
ATF_TC_BODY(handover_parse_answer__yes_is_for_one_id_and_whole, tc)
{
	struct bytes id = bytes_of("1.2.gnat");
	char store[HANDOVER_ANSWER_MAX + 1];
	struct handover_answer a;
	struct buf out;
	size_t cut;

	buf_init(&out, store, sizeof(store));
	ATF_REQUIRE(handover_put_yes(&out, id));
	ATF_REQUIRE(handover_parse_answer(buf_view(&out), id, &a));
	ATF_CHECK_EQ(QQEXIT_ACCEPTED, a.code);
	ATF_CHECK(bytes_same(a.text, id));
	for (cut = 0; cut < buf_view(&out).n; cut++)
		ATF_CHECK(!handover_parse_answer(
		    bytes_cut(buf_view(&out), 0, cut), id, &a));
	ATF_CHECK(
	    !handover_parse_answer(buf_view(&out), bytes_of("1.2.gna"), &a));
	ATF_CHECK(
	    !handover_parse_answer(buf_view(&out), bytes_of("1.3.gnat"), &a));
	(void)buf_putc(&out, '\n');
	ATF_CHECK(!handover_parse_answer(buf_view(&out), id, &a));
	ATF_CHECK(!handover_put_yes(&out, bytes_of("a b")));
}

ATF_TC_WITHOUT_HEAD(handover_parse_answer__no_is_one_of_the_keepers);
ATF_TC_BODY(handover_parse_answer__no_is_one_of_the_keepers, tc)
{
	static const int good[] = { 51, 53, 54, 55, 71, 72, 73, 74, 81, 82 };
	struct bytes id = bytes_of("1.2.gnat");
	char store[HANDOVER_ANSWER_MAX + 1];
	struct handover_answer a;
	struct buf out;
	size_t known = 0;
	int code;

	for (code = 1; code < 256; code++) {
		bool is_good = known < ARRAY_LEN(good) && code == good[known];

		known += is_good ? 1 : 0;
		buf_init(&out, store, sizeof(store));
		ATF_CHECK_EQ_MSG(is_good,
		    handover_put_no(&out, code, "4.1", bytes_of("a\nb")), "%d",
		    code);
		if (!is_good) {
			buf_reset(&out);
			(void)buf_putc(&out, (char)code);
			(void)buf_puts(
			    &out, code == 82 ? "D5.4.1 a" : "Z4.4.1 a");
		}
		ATF_REQUIRE_EQ_MSG(is_good,
		    handover_parse_answer(buf_view(&out), id, &a), "%d", code);
		if (!is_good)
			continue;
		ATF_CHECK_EQ(code, a.code);
		ATF_CHECK(bytes_same(a.text,
		    bytes_of(code == 82 ? "D5.4.1 a b" : "Z4.4.1 a b")));
	}
	ATF_CHECK_EQ(ARRAY_LEN(good), known);
	buf_init(&out, store, sizeof(store));
	ATF_CHECK(handover_put_no(&out, 71, "3.2", xs(sizeof(text))));
	ATF_CHECK(handover_parse_answer(buf_view(&out), id, &a));
	buf_init(&out, store, 8);
	ATF_CHECK(!handover_put_no(&out, 71, "3.2", bytes_of("no")));
}

ATF_TC_WITHOUT_HEAD(handover_parse_answer__takes_no_words_of_another_form);
ATF_TC_BODY(handover_parse_answer__takes_no_words_of_another_form, tc)
{
	static const char *const bad[] = { "G", "GZ", "GZ4", "GD5.3.4 x",
		"Gx Z4.3.2 x", "GZ4.3.2 a\nb", "GZ4.3.2 \xff", "GZ4.3.2 \x7f",
		"RZ4.3.2 x", "R", "451 4.3.2 x" };
	struct handover_answer a;
	char longest[2 * QQEXIT_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ATF_CHECK_MSG(!handover_parse_answer(
				  bytes_of(bad[i]), bytes_of("1.2.gnat"), &a),
		    "\"%s\"", bad[i]);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "GZ4.3.2 ", 8);
	ATF_CHECK(handover_parse_answer(
	    (struct bytes){ longest, HANDOVER_ANSWER_MAX }, bytes_of("a"), &a));
	ATF_CHECK(!handover_parse_answer(
	    (struct bytes){ longest, HANDOVER_ANSWER_MAX + 1 }, bytes_of("a"),
	    &a));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, handover_put_id__is_one_of_any_host);
	ATF_TP_ADD_TC(tp, handover_is_id__by_its_rows);
	ATF_TP_ADD_TC(
	    tp, handover_parse_request__reads_what_was_put_however_cut);
	ATF_TP_ADD_TC(tp, handover_parse_request__takes_nothing_else);
	ATF_TP_ADD_TC(tp, handover_parse_answer__yes_is_for_one_id_and_whole);
	ATF_TP_ADD_TC(tp, handover_parse_answer__no_is_one_of_the_keepers);
	ATF_TP_ADD_TC(
	    tp, handover_parse_answer__takes_no_words_of_another_form);
	return (atf_no_error());
}
