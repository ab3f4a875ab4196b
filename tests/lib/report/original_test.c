/* SPDX-License-Identifier: ISC */
#include "report/original.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const struct bytes BOUNDARY = { "b0undary", 8 };

static void
feed_cut(struct original *o, struct bytes text, size_t cut)
{
	original_init(o, BOUNDARY);
	original_feed(o, bytes_cut(text, 0, cut));
	original_feed(o, bytes_cut(text, cut, text.n));
}

ATF_TC_WITHOUT_HEAD(original_id__is_repeated_only_if_it_is_one);
ATF_TC_BODY(original_id__is_repeated_only_if_it_is_one, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "Message-ID: <a@b>\n\n", "<a@b>" },
		{ "Received: x\nMESSAGE-id:<a@b>\r\n\r\n", "<a@b>" },
		{ "Message-ID:\n\t<a@b>\nX: <c@d>\n\n", "<a@b>" },
		{ "Message-ID: <a@b>\nMessage-ID: <c@d>\n\n", "<a@b>" },
		{ "Message-ID: \t <a.b+c@[1.2.3.4]> \t\n\n",
		    "<a.b+c@[1.2.3.4]>" },
		{ "Message-ID: <a@b>", "<a@b>" },
		{ "Message-ID: <a@b> <c@d>\n\n", "" },
		{ "Message-ID: <a@b>\n \n <c@d>\n\n", "" },
		{ "Message-ID: a@b\n\n", "" },
		{ "Message-ID: <a b@c>\n\n", "" },
		{ "Message-ID: <ab>\n\n", "" },
		{ "Message-ID: <\xc3\xbc@b>\n\n", "" },
		{ "Message-ID: <>\n\n", "" },
		{ "Message-ID:\n\n", "" },
		{ "X-Message-ID: <a@b>\n\n", "" },
		{ " Message-ID: <a@b>\n\n", "" },
		{ "Message-IDs: <a@b>\n\n", "" },
		{ "\nMessage-ID: <a@b>\n\n", "" },
		{ "X: y\r\n\r\nMessage-ID: <a@b>\n\n", "" },
	};
	struct original o;
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].in); cut++) {
			feed_cut(&o, bytes_of(rows[i].in), cut);
			ATF_CHECK_MSG(bytes_same(original_id(&o),
					  bytes_of(rows[i].want)),
			    "row %zu cut at %zu: \"%.*s\"", i, cut,
			    (int)original_id(&o).n, original_id(&o).p);
		}
}

ATF_TC_WITHOUT_HEAD(original_id__longer_than_any_is_none);
ATF_TC_BODY(original_id__longer_than_any_is_none, tc)
{
	char text[2 * ORIGINAL_ID_MAX];
	struct original o;

	memset(text, 'a', sizeof(text));
	memcpy(text, "Message-ID:<", 12);
	memcpy(text + sizeof(text) - 4, "@b>\n", 4);
	feed_cut(&o, (struct bytes){ text, sizeof(text) }, 0);
	ATF_CHECK_EQ(0, original_id(&o).n);
	memcpy(text + 11 + ORIGINAL_ID_MAX - 3, "@b>\n\n", 5);
	text[11] = '<';
	feed_cut(&o, (struct bytes){ text, 11 + ORIGINAL_ID_MAX + 2 }, 0);
	ATF_CHECK_EQ(ORIGINAL_ID_MAX, original_id(&o).n);
}

ATF_TC_WITHOUT_HEAD(original_feed__finds_where_the_header_ends);
ATF_TC_BODY(original_feed__finds_where_the_header_ends, tc)
{
	static const struct {
		const char *in;
		uint64_t header;
		bool ended;
		bool header_is_8bit;
		bool is_8bit;
	} rows[] = {
		{ "", 0, false, false, false },
		{ "\nbody\n", 0, true, false, false },
		{ "A: b\n\nbody\n", 5, true, false, false },
		{ "A: b\r\n\r\nbody\r\n", 6, true, false, false },
		{ "A: b\nC: d\n", 10, false, false, false },
		{ "A: b\nC: d", 5, false, false, false },
		{ "A: \xff\n\nbody\n", 5, true, true, true },
		{ "A: b\n\nb\xff\n", 5, true, false, true },
		{ "A: b\nC: \xff", 5, false, false, true },
	};
	struct original o;
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].in); cut++) {
			feed_cut(&o, bytes_of(rows[i].in), cut);
			ATF_CHECK_EQ_MSG(rows[i].header, o.header,
			    "row %zu cut at %zu", i, cut);
			ATF_CHECK_EQ(rows[i].ended, o.header_ended);
			ATF_CHECK_EQ_MSG(rows[i].header_is_8bit,
			    o.header_is_8bit, "row %zu", i);
			ATF_CHECK_EQ_MSG(
			    rows[i].is_8bit, o.is_8bit, "row %zu", i);
			ATF_CHECK_EQ(strlen(rows[i].in), o.size);
		}
}

ATF_TC_WITHOUT_HEAD(original_feed__sees_a_boundary_where_it_would_count);
ATF_TC_BODY(original_feed__sees_a_boundary_where_it_would_count, tc)
{
	static const struct {
		const char *in;
		bool want;
	} rows[] = {
		{ "--b0undary", true },
		{ "a\n\nb\n--b0undary--\n", true },
		{ "a\r\n--b0undary\r\n", true },
		{ "a\n\n--b0undaryandmore\n", true },
		{ "a\n --b0undary\n", false },
		{ "a\n---b0undary\n", false },
		{ "a\n-b0undary\n", false },
		{ "a\n--b0undar\ny\n", false },
		{ "a\n--B0undary\n", false },
	};
	struct original o;
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].in); cut++) {
			feed_cut(&o, bytes_of(rows[i].in), cut);
			ATF_CHECK_EQ_MSG(rows[i].want, o.holds_boundary,
			    "row %zu cut at %zu", i, cut);
		}
}

ATF_TC_WITHOUT_HEAD(original_copy_feed__gives_lines_that_can_be_sent_on);
ATF_TC_BODY(original_copy_feed__gives_lines_that_can_be_sent_on, tc)
{
	static const char in[] = "a\r\nb\nc\rd\r\r\ne\0f\r\rg\r";
	static const char lf[] = "a\nb\nc d\ne f  g";
	static const char crlf[] = "a\r\nb\r\nc d\r\ne f  g";
	const char *want[] = { lf, crlf };
	const char *eol[] = { "\n", "\r\n" };
	size_t i;
	size_t cut;

	for (i = 0; i < 2; i++)
		for (cut = 0; cut < sizeof(in); cut++) {
			struct bytes text = { in, sizeof(in) - 1 };
			struct original_copy c;
			char store[64];
			struct buf out;

			buf_init(&out, store, sizeof(store));
			original_copy_init(&c, eol[i]);
			ATF_CHECK_EQ(cut,
			    original_copy_feed(
				&c, bytes_cut(text, 0, cut), &out));
			(void)original_copy_feed(
			    &c, bytes_cut(text, cut, text.n), &out);
			ATF_CHECK_STREQ(want[i], buf_cstr(&out));
		}
}

ATF_TC_WITHOUT_HEAD(original_copy_feed__stops_when_there_is_no_room);
ATF_TC_BODY(original_copy_feed__stops_when_there_is_no_room, tc)
{
	struct bytes in = bytes_of("a\nb\nc\nd\n\re");
	struct original_copy c;
	char store[ORIGINAL_GROWTH];
	char whole_store[64];
	struct buf out;
	struct buf whole;

	buf_init(&out, store, sizeof(store));
	buf_init(&whole, whole_store, sizeof(whole_store));
	original_copy_init(&c, "\r\n");
	while (in.n > 0) {
		size_t used = original_copy_feed(&c, in, &out);

		ATF_REQUIRE(used > 0);
		in = bytes_cut(in, used, in.n);
		ATF_CHECK(buf_put(&whole, buf_view(&out)));
		buf_reset(&out);
	}
	ATF_CHECK_STREQ("a\r\nb\r\nc\r\nd\r\n e", buf_cstr(&whole));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, original_id__is_repeated_only_if_it_is_one);
	ATF_TP_ADD_TC(tp, original_id__longer_than_any_is_none);
	ATF_TP_ADD_TC(tp, original_feed__finds_where_the_header_ends);
	ATF_TP_ADD_TC(
	    tp, original_feed__sees_a_boundary_where_it_would_count);
	ATF_TP_ADD_TC(
	    tp, original_copy_feed__gives_lines_that_can_be_sent_on);
	ATF_TP_ADD_TC(tp, original_copy_feed__stops_when_there_is_no_room);
	return (atf_no_error());
}
