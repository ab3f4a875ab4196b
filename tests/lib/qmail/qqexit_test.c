/* SPDX-License-Identifier: ISC */
#include "qmail/qqexit.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* "554 5.7.1 message refused" */
static const char *
reply_to(int code, const char *said)
{
	static char line[600];
	struct qqexit q;

	qqexit_reply(&q, code, bytes_of(said));
	(void)snprintf(line, sizeof(line), "%u %s %s", q.reply.code,
	    q.reply.enhanced, q.reply.text);
	return (line);
}

ATF_TC_WITHOUT_HEAD(qqexit_reply__code_decides_for_good_or_for_now);
ATF_TC_BODY(qqexit_reply__code_decides_for_good_or_for_now, tc)
{
	int code;

	for (code = -1; code < 256; code++) {
		const char *line = reply_to(code, "");
		bool is_final = code >= 11 && code <= 40;

		if (code == 0)
			continue;
		ATF_CHECK_MSG(strncmp(line, is_final ? "554 5." : "45",
				  is_final ? 6 : 2) == 0,
		    "%d: %s", code, line);
		ATF_CHECK_MSG(line[4] == line[0], "%d: %s", code, line);
	}
}

ATF_TC_WITHOUT_HEAD(qqexit_reply__known_codes_say_what_they_mean);
ATF_TC_BODY(qqexit_reply__known_codes_say_what_they_mean, tc)
{
	ATF_CHECK_STREQ("554 5.1.3 address too long", reply_to(11, ""));
	ATF_CHECK_STREQ("554 5.7.1 message refused", reply_to(31, ""));
	ATF_CHECK_STREQ(
	    "452 4.3.1 queue: write error, or no space", reply_to(53, ""));
	ATF_CHECK_STREQ("451 4.3.5 queue: cannot be run", reply_to(120, ""));
	ATF_CHECK_STREQ("451 4.3.0 queue: temporary problem", reply_to(81, ""));
	ATF_CHECK_STREQ("451 4.3.0 queue: temporary problem", reply_to(-1, ""));
	/* Words count with 82, and where they refuse as the code does. */
	ATF_CHECK_STREQ("554 5.3.4 too big", reply_to(31, "D5.3.4 too big"));
	ATF_CHECK_STREQ("554 5.7.1 message refused", reply_to(31, "Zwait"));
	ATF_CHECK_STREQ("554 5.7.1 message refused", reply_to(31, "D"));
	ATF_CHECK_STREQ(
	    "451 4.3.0 queue: temporary problem", reply_to(62, "Z/spool"));
}

ATF_TC_WITHOUT_HEAD(qqexit_reply__words_of_82_are_made_fit);
ATF_TC_BODY(qqexit_reply__words_of_82_are_made_fit, tc)
{
	static const struct {
		const char *said;
		const char *want;
	} rows[] = {
		{ "Dspam", "554 5.3.0 spam" },
		{ "Zcome back", "451 4.3.0 come back" },
		{ "D5.7.1 spam, virus", "554 5.7.1 spam, virus" },
		{ "D5.17.123 x", "554 5.17.123 x" },
		{ "Z4.7.1 greylisted\n", "451 4.7.1 greylisted" },
		/* A code of the other class, or none, is text. */
		{ "D4.7.1 x", "554 5.3.0 4.7.1 x" },
		{ "D5.7 x", "554 5.3.0 5.7 x" },
		{ "D5.7.1.2 x", "554 5.3.0 5.7.1.2 x" },
		{ "D5.7.1234 x", "554 5.3.0 5.7.1234 x" },
		{ "D5..1 x", "554 5.3.0 5..1 x" },
		{ "D5.7. x", "554 5.3.0 5.7. x" },
		{ "D55.7.1 x", "554 5.3.0 55.7.1 x" },
		{ "D5.7.1x", "554 5.3.0 5.7.1x" },
		/* No line of ours, no byte that is not ASCII. */
		{ "Da\r\n250 ok\r\n", "554 5.3.0 a 250 ok" },
		{ "Da\x01\x7f\xc3\xbc" "b", "554 5.3.0 a????b" },
		{ "D  a \t b  ", "554 5.3.0 a b" },
		/* No words, or no D or Z: then it is only a failure. */
		{ "", "451 4.3.0 queue: temporary problem" },
		{ "D", "451 4.3.0 queue: temporary problem" },
		{ "D \r\n", "451 4.3.0 queue: temporary problem" },
		{ "D5.7.1", "451 4.3.0 queue: temporary problem" },
		{ "Xspam", "451 4.3.0 queue: temporary problem" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_STREQ_MSG(rows[i].want,
		    reply_to(QQEXIT_CUSTOM, rows[i].said), "row %zu", i);
}

ATF_TC_WITHOUT_HEAD(qqexit_reply__long_words_fit_a_reply_line);
ATF_TC_BODY(qqexit_reply__long_words_fit_a_reply_line, tc)
{
	char said[2000];
	const char *line;

	memset(said, 'x', sizeof(said) - 1);
	said[0] = 'D';
	said[sizeof(said) - 1] = '\0';
	line = reply_to(QQEXIT_CUSTOM, said);
	ATF_CHECK(strlen(line) > 300);
	ATF_CHECK(strlen(line) + 2 <= SMTPREPLY_LINE_MAX);
}

/* What it says is what a session takes it for. */
ATF_TC_WITHOUT_HEAD(qqexit_put_said__is_read_as_it_was_meant);
ATF_TC_BODY(qqexit_put_said__is_read_as_it_was_meant, tc)
{
	static const struct {
		int code;
		const char *status;
		const char *text;
		const char *said;
	} rows[] = {
		{ QQEXIT_REFUSED, "3.4", "too big", "D5.3.4 too big" },
		{ QQEXIT_CUSTOM, "3.4", "too big", "D5.3.4 too big" },
		{ QQEXIT_TIMED_OUT, "4.1", "no word", "Z4.4.1 no word" },
		{ QQEXIT_WRITE, "3.1", "a\r\nb\x01\xff", "Z4.3.1 a b??" },
	};
	char store[QQEXIT_TEXT_MAX];
	char longest[2 * QQEXIT_TEXT_MAX];
	struct qqexit q;
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, store, sizeof(store));
		ATF_REQUIRE(qqexit_put_said(&out, rows[i].code, rows[i].status,
		    bytes_of(rows[i].text)));
		ATF_CHECK_STREQ(rows[i].said, buf_cstr(&out));
	}
	buf_init(&out, store, sizeof(store));
	memset(longest, 'x', sizeof(longest));
	ATF_REQUIRE(qqexit_put_said(&out, QQEXIT_CUSTOM, "3.4",
	    (struct bytes){ longest, sizeof(longest) }));
	qqexit_reply(&q, QQEXIT_CUSTOM, buf_view(&out));
	ATF_CHECK_STREQ("5.3.4", q.reply.enhanced);
	ATF_CHECK(strlen(q.reply.text) > QQEXIT_TEXT_MAX - 20);
	buf_init(&out, store, 10);
	ATF_CHECK(
	    !qqexit_put_said(&out, QQEXIT_CUSTOM, "3.4", bytes_of("too big")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, qqexit_reply__code_decides_for_good_or_for_now);
	ATF_TP_ADD_TC(tp, qqexit_reply__known_codes_say_what_they_mean);
	ATF_TP_ADD_TC(tp, qqexit_reply__words_of_82_are_made_fit);
	ATF_TP_ADD_TC(tp, qqexit_reply__long_words_fit_a_reply_line);
	ATF_TP_ADD_TC(tp, qqexit_put_said__is_read_as_it_was_meant);
	return (atf_no_error());
}
