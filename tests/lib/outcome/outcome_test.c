/* SPDX-License-Identifier: ISC */
#include "outcome/outcome.h"

#include <atf-c.h>
#include <errno.h>
#include <string.h>

ATF_TC_WITHOUT_HEAD(outcome_set__is_one_line_of_ascii);
ATF_TC_BODY(outcome_set__is_one_line_of_ascii, tc)
{
	struct outcome out;
	char longer[2 * OUTCOME_TEXT_MAX];

	outcome_set(&out, OUTCOME_FAILED, "5.0.0", "a\nb\tc\x1b[2J\xff%s", "!");
	ATF_CHECK_STREQ("a b c?[2J?!", out.text);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	outcome_set(&out, OUTCOME_FAILED, "5.0.0 and more", "%s", longer);
	ATF_CHECK_EQ(OUTCOME_TEXT_MAX - 1, strlen(out.text));
	ATF_CHECK_EQ(OUTCOME_STATUS_MAX - 1, strlen(out.status));
}

ATF_TC_WITHOUT_HEAD(outcome_fault__is_to_be_tried_again);
ATF_TC_BODY(outcome_fault__is_to_be_tried_again, tc)
{
	struct outcome out;

	outcome_fault(&out, "4.3.0", "open", "/x", ENOENT);
	ATF_CHECK_EQ(OUTCOME_TRY_AGAIN, out.kind);
	ATF_CHECK_STREQ(
	    "unable to open /x: No such file or directory", out.text);
}

ATF_TC_WITHOUT_HEAD(outcome_print__is_a_line);
ATF_TC_BODY(outcome_print__is_a_line, tc)
{
	static const struct {
		struct outcome out;
		size_t which;
		const char *line;
	} rows[] = {
		{ { .kind = OUTCOME_DELIVERED,
		      .status = "2.0.0",
		      .text = "maildir: x" },
		    0, "0 delivered 2.0.0 maildir: x\n" },
		{ { .kind = OUTCOME_DELIVERED,
		      .action = OUTCOME_EXPANDED,
		      .status = "2.1.5",
		      .text = "as 7" },
		    12, "12 expanded 2.1.5 as 7\n" },
		{ { .kind = OUTCOME_DELIVERED,
		      .is_last = true,
		      .status = "2.0.0" },
		    3, "3 last 2.0.0 \n" },
		{ { .kind = OUTCOME_DELIVERED,
		      .action = OUTCOME_RELAYED,
		      .status = "2.0.0",
		      .text = "on" },
		    0, "0 relayed 2.0.0 on\n" },
		{ { .kind = OUTCOME_TRY_AGAIN,
		      .status = "4.4.2",
		      .text = "no" },
		    0, "0 later 4.4.2 no\n" },
		{ { .kind = OUTCOME_TRY_AGAIN,
		      .is_untried = true,
		      .status = "4.3.2",
		      .text = "no" },
		    0, "0 untried 4.3.2 no\n" },
		{ { .kind = OUTCOME_TRY_AGAIN,
		      .is_down = true,
		      .status = "4.4.1",
		      .text = "no" },
		    1, "1 down 4.4.1 no\n" },
		{ { .kind = OUTCOME_FAILED,
		      .status = "5.123.456",
		      .text = "no" },
		    0, "0 failed 5.123.456 no\n" },
		/* What is no status would make it no line. */
		{ { .kind = OUTCOME_FAILED, .status = "5 1", .text = "no" }, 0,
		    "0 failed 5.0.0 no\n" },
		{ { .kind = OUTCOME_TRY_AGAIN, .status = "", .text = "no" }, 0,
		    "0 later 4.0.0 no\n" },
	};
	char store[OUTCOME_LINE_MAX + 1];
	struct outcome back;
	struct buf line;
	size_t which;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&line, store, sizeof(store));
		ATF_REQUIRE(outcome_print(&rows[i].out, rows[i].which, &line));
		ATF_CHECK_STREQ(rows[i].line, buf_cstr(&line));
		ATF_REQUIRE(outcome_parse(
		    bytes_cut(buf_view(&line), 0, buf_view(&line).n - 1),
		    &which, &back));
		ATF_CHECK_EQ(rows[i].which, which);
		ATF_CHECK_EQ(rows[i].out.kind, back.kind);
		ATF_CHECK_EQ(rows[i].out.is_last, back.is_last);
		ATF_CHECK_EQ(rows[i].out.action, back.action);
		ATF_CHECK_EQ(rows[i].out.is_untried, back.is_untried);
		ATF_CHECK_EQ(rows[i].out.is_down, back.is_down);
		ATF_CHECK_STREQ(rows[i].out.text, back.text);
	}
}

ATF_TC_WITHOUT_HEAD(outcome_print__longest_fits_a_line);
ATF_TC_BODY(outcome_print__longest_fits_a_line, tc)
{
	struct outcome out = { .kind = OUTCOME_DELIVERED,
		.status = "2.123.456" };
	char store[OUTCOME_LINE_MAX];
	struct buf line;

	memset(out.text, 'x', OUTCOME_TEXT_MAX - 1);
	buf_init(&line, store, sizeof(store));
	ATF_CHECK(outcome_print(&out, SIZE_MAX, &line));
}

ATF_TC_WITHOUT_HEAD(outcome_print_done__is_read_back);
ATF_TC_BODY(outcome_print_done__is_read_back, tc)
{
	struct done done = { .n = 0 };
	char store[OUTCOME_LINE_MAX];
	struct outcome out;
	struct buf line;
	struct done back;
	size_t which;

	done_add(&done, bytes_of("|ticket"));
	buf_init(&line, store, sizeof(store));
	ATF_REQUIRE(outcome_print_done(&done, 3, &line));
	ATF_REQUIRE(
	    outcome_parse(bytes_cut(buf_view(&line), 0, buf_view(&line).n - 1),
		&which, &out));
	ATF_CHECK_EQ(3, which);
	ATF_CHECK(out.is_part);
	ATF_REQUIRE(done_parse(bytes_of(out.done), &back));
	ATF_CHECK(done_is_same(&done, &back));
}

ATF_TC_WITHOUT_HEAD(outcome_parse__refuses_what_is_none);
ATF_TC_BODY(outcome_parse__refuses_what_is_none, tc)
{
	static const char *const rows[] = { "", "0", "0 later", "0 later ",
		"later 4.0.0 x", "x later 4.0.0 x", "-1 later 4.0.0 x",
		"18446744073709551616 later 4.0.0 x", "0 Later 4.0.0 x",
		"0 sooner 4.0.0 x", "0 later 4.0 x", "0 later 4.0.0. x",
		"0 later 3.0.0 x", "0 later 4.1234.0 x", "0 later 4..0 x",
		"0  later 4.0.0 x", " 0 later 4.0.0 x", "0 later x",
		"0 later 44.0.0 x", "0 done 4.0.0 ", "0 done 4.0.0 1",
		"0 done 4.0.0 0 8f3a1c2d9e0b7f65" };
	struct outcome out;
	size_t which;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(!outcome_parse(bytes_of(rows[i]), &which, &out),
		    "\"%s\"", rows[i]);
}

ATF_TC_WITHOUT_HEAD(outcome_parse__makes_anybodys_words_harmless);
ATF_TC_BODY(outcome_parse__makes_anybodys_words_harmless, tc)
{
	static const char line[] = "7 failed 5.1.1 a\0b\r\xff  c";
	char longer[2 * OUTCOME_LINE_MAX];
	struct outcome out;
	size_t which;

	ATF_REQUIRE(outcome_parse(
	    (struct bytes){ line, sizeof(line) - 1 }, &which, &out));
	ATF_CHECK_EQ(7, which);
	ATF_CHECK_STREQ("5.1.1", out.status);
	ATF_CHECK_STREQ("a?b ?  c", out.text);
	/* One without a text has none. */
	ATF_REQUIRE(outcome_parse(bytes_of("0 later 4.0.0"), &which, &out));
	ATF_CHECK_STREQ("", out.text);
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, "0 later 4.0.0 ", 14);
	ATF_REQUIRE(outcome_parse(
	    (struct bytes){ longer, sizeof(longer) }, &which, &out));
	ATF_CHECK_EQ(OUTCOME_TEXT_MAX - 1, strlen(out.text));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, outcome_set__is_one_line_of_ascii);
	ATF_TP_ADD_TC(tp, outcome_fault__is_to_be_tried_again);
	ATF_TP_ADD_TC(tp, outcome_print__is_a_line);
	ATF_TP_ADD_TC(tp, outcome_print__longest_fits_a_line);
	ATF_TP_ADD_TC(tp, outcome_print_done__is_read_back);
	ATF_TP_ADD_TC(tp, outcome_parse__refuses_what_is_none);
	ATF_TP_ADD_TC(tp, outcome_parse__makes_anybodys_words_harmless);
	return (atf_no_error());
}
