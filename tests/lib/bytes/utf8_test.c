/* SPDX-License-Identifier: ISC */
#include "bytes/utf8.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(utf8_char__takes_what_is_well_formed_and_harmless);
ATF_TC_BODY(utf8_char__takes_what_is_well_formed_and_harmless, tc)
{
	static const struct {
		const char *in;
		size_t want;
	} rows[] = {
		{ "", 0 },
		{ "a", 0 },
		{ "\x7f", 0 },
		{ "\xc3\xbcx", 2 },
		{ "\xc2\xa0", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xef\xbf\xbd", 3 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		/* Cut short, and no continuation. */
		{ "\xc3", 0 },
		{ "\xe0\xa0", 0 },
		{ "\xc3(", 0 },
		{ "\x80", 0 },
		{ "\xff", 0 },
		/* Longer than needed, surrogates, past the end. */
		{ "\xc0\xaf", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 },
		/* C1, and the two line ends. */
		{ "\xc2\x85", 0 },
		{ "\xc2\x9f", 0 },
		{ "\xe2\x80\xa8", 0 },
		{ "\xe2\x80\xa9", 0 },
		{ "\xe2\x80\xaa", 3 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].want,
		    utf8_char(bytes_of(rows[i].in)), "row %zu", i);
}

ATF_TC_WITHOUT_HEAD(utf8_is_good__looks_at_every_byte_over_127);
ATF_TC_BODY(utf8_is_good__looks_at_every_byte_over_127, tc)
{
	ATF_CHECK(utf8_is_good(bytes_of("")));
	ATF_CHECK(utf8_is_good(bytes_of("plain")));
	ATF_CHECK(utf8_is_good(bytes_of("a\xc3\xbc" "b\xe2\x82\xac")));
	ATF_CHECK(!utf8_is_good(bytes_of("a\xc3\xbc" "b\xe2\x82")));
	ATF_CHECK(!utf8_is_good(bytes_of("\xc3\xbc\x80")));
}

ATF_TC_WITHOUT_HEAD(utf8_is_needed__by_a_byte_over_127);
ATF_TC_BODY(utf8_is_needed__by_a_byte_over_127, tc)
{
	ATF_CHECK(!utf8_is_needed(bytes_of("")));
	ATF_CHECK(!utf8_is_needed(bytes_of("plain\x7f")));
	ATF_CHECK(utf8_is_needed(bytes_of("plain\x80")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, utf8_char__takes_what_is_well_formed_and_harmless);
	ATF_TP_ADD_TC(tp, utf8_is_good__looks_at_every_byte_over_127);
	ATF_TP_ADD_TC(tp, utf8_is_needed__by_a_byte_over_127);
	return (atf_no_error());
}
