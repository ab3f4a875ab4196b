/* SPDX-License-Identifier: ISC */
#include "tlspolicy/socketmap.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define LITERAL(text) { text, sizeof(text) - 1 }

ATF_TC_WITHOUT_HEAD(socketmap_put_question__is_a_netstring);
ATF_TC_BODY(socketmap_put_question__is_a_netstring, tc)
{
	char store[64];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(socketmap_put_question(
	    &b, bytes_of("postfix"), bytes_of("example.org")));
	ATF_CHECK(
	    bytes_same(buf_view(&b), bytes_of("19:postfix example.org,")));
	buf_init(&b, store, 10);
	ATF_CHECK(!socketmap_put_question(
	    &b, bytes_of("postfix"), bytes_of("example.org")));
}

ATF_TC_WITHOUT_HEAD(socketmap_take__a_netstring_however_it_comes);
ATF_TC_BODY(socketmap_take__a_netstring_however_it_comes, tc)
{
	static const struct bytes whole[] = { LITERAL("9:NOTFOUND ,"),
		LITERAL("10:NOTFOUND a,"), LITERAL("0:,"),
		LITERAL("3:a:b,") };
	static const struct bytes junk[] = { LITERAL("x"), LITERAL(":"),
		LITERAL("-1:"), LITERAL("01:a,"), LITERAL("00"),
		LITERAL("16385:"), LITERAL("123456"), LITERAL("99999:"),
		LITERAL("1:ab"), LITERAL("1:a,1:b,"), LITERAL("1 :a,"),
		LITERAL("HTTP/1.1 400") };
	struct bytes answer;
	size_t i;
	size_t n;

	for (i = 0; i < ARRAY_LEN(whole); i++) {
		for (n = 0; n < whole[i].n; n++)
			ATF_CHECK_EQ(SOCKETMAP_MORE,
			    socketmap_take(bytes_cut(whole[i], 0, n), &answer));
		ATF_CHECK_EQ(
		    SOCKETMAP_WHOLE, socketmap_take(whole[i], &answer));
		ATF_CHECK_EQ(whole[i].p + whole[i].n - 1, answer.p + answer.n);
	}
	for (i = 0; i < ARRAY_LEN(junk); i++)
		ATF_CHECK_EQ_MSG(SOCKETMAP_JUNK,
		    socketmap_take(junk[i], &answer), "%s", junk[i].p);
	ATF_CHECK_EQ(SOCKETMAP_MORE,
	    socketmap_take(bytes_of("16384:x"), &answer));
}

/* OB-130 */
ATF_TC_WITHOUT_HEAD(socketmap_parse_answer__by_its_first_word);
ATF_TC_BODY(socketmap_parse_answer__by_its_first_word, tc)
{
	static const struct {
		const char *answer;
		enum socketmap_word word;
		const char *text;
	} rows[] = {
		{ "OK secure match=a:.b", SOCKETMAP_OK, "secure match=a:.b" },
		{ "OK", SOCKETMAP_OK, "" },
		{ "NOTFOUND ", SOCKETMAP_NOTFOUND, "" },
		{ "NOTFOUND", SOCKETMAP_NOTFOUND, "" },
		{ "TEMP later", SOCKETMAP_FAILED, "later" },
		{ "TIMEOUT x", SOCKETMAP_FAILED, "x" },
		{ "PERM no", SOCKETMAP_FAILED, "no" },
		{ "ok secure", SOCKETMAP_FAILED, "secure" },
		{ "", SOCKETMAP_FAILED, "" },
		{ "OKAY x", SOCKETMAP_FAILED, "x" },
	};
	struct bytes text;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK_EQ_MSG(rows[i].word,
		    socketmap_parse_answer(bytes_of(rows[i].answer), &text),
		    "%s", rows[i].answer);
		ATF_CHECK(bytes_same(text, bytes_of(rows[i].text)));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, socketmap_put_question__is_a_netstring);
	ATF_TP_ADD_TC(tp, socketmap_take__a_netstring_however_it_comes);
	ATF_TP_ADD_TC(tp, socketmap_parse_answer__by_its_first_word);
	return (atf_no_error());
}
