/* SPDX-License-Identifier: ISC */
#include "bytes/num.h"

#include <atf-c.h>
#include <inttypes.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(num_parse__takes_digits_up_to_max_and_nothing_else);
ATF_TC_BODY(num_parse__takes_digits_up_to_max_and_nothing_else, tc)
{
	static const struct {
		const char *in;
		uint64_t max;
		bool good;
		uint64_t want;
	} rows[] = {
		{ "0", UINT64_MAX, true, 0 },
		{ "1", UINT64_MAX, true, 1 },
		{ "007", UINT64_MAX, true, 7 },
		{ "00000000000000000000000000009", 9, true, 9 },
		{ "4294967294", UINT32_MAX, true, 4294967294 },
		{ "4294967295", UINT32_MAX, true, 4294967295 },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "4294967305", UINT32_MAX, false, 0 },
		{ "42949672950", UINT32_MAX, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "18446744073709551620", UINT64_MAX, false, 0 },
		{ "99999999999999999999", UINT64_MAX, false, 0 },
		{ "184467440737095516150", UINT64_MAX, false, 0 },
		{ "0", 0, true, 0 },
		{ "1", 0, false, 0 },
		{ "00", 0, true, 0 },
		{ "9", 9, true, 9 },
		{ "10", 9, false, 0 },
		{ "5", 4, false, 0 },
		{ "255", 255, true, 255 },
		{ "256", 255, false, 0 },
		{ "260", 255, false, 0 },
		{ "", UINT64_MAX, false, 0 },
		{ " 1", UINT64_MAX, false, 0 },
		{ "1 ", UINT64_MAX, false, 0 },
		{ "+1", UINT64_MAX, false, 0 },
		{ "-1", UINT64_MAX, false, 0 },
		{ "0x10", UINT64_MAX, false, 0 },
		{ "1e3", UINT64_MAX, false, 0 },
		{ "1.0", UINT64_MAX, false, 0 },
		{ "1/", UINT64_MAX, false, 0 },
		{ "1:", UINT64_MAX, false, 0 },
		{ "\xb2", UINT64_MAX, false, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t n = 77;
		bool good = num_parse(bytes_of(rows[i].in), rows[i].max, &n);

		ATF_CHECK_EQ_MSG(rows[i].good, good, "\"%s\"", rows[i].in);
		ATF_CHECK_EQ_MSG(rows[i].good ? rows[i].want : 77, n,
		    "\"%s\" gave %" PRIu64, rows[i].in, n);
	}
}

ATF_TC_WITHOUT_HEAD(num_parse__nul_and_text_behind_the_view_are_no_digits);
ATF_TC_BODY(num_parse__nul_and_text_behind_the_view_are_no_digits, tc)
{
	uint64_t n = 77;

	ATF_CHECK(!num_parse((struct bytes) { "1\0", 2 }, UINT64_MAX, &n));
	ATF_CHECK(!num_parse((struct bytes) { "12", 0 }, UINT64_MAX, &n));
	ATF_CHECK_EQ(77, n);
	ATF_CHECK(num_parse((struct bytes) { "123", 2 }, UINT64_MAX, &n));
	ATF_CHECK_EQ(12, n);
}

ATF_TC_WITHOUT_HEAD(num_print__reads_back_as_the_same_number);
ATF_TC_BODY(num_print__reads_back_as_the_same_number, tc)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ 99, "99" },
		{ 100, "100" },
		{ UINT32_MAX, "4294967295" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char digits[NUM_DIGITS_MAX];
		struct bytes got = num_print(digits, rows[i].n);
		uint64_t back = 77;

		ATF_CHECK_MSG(bytes_same(got, bytes_of(rows[i].want)),
		    "row %zu: %.*s", i, (int)got.n, got.p);
		ATF_CHECK_MSG(num_parse(got, UINT64_MAX, &back) &&
		    back == rows[i].n, "row %zu", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, num_parse__takes_digits_up_to_max_and_nothing_else);
	ATF_TP_ADD_TC(tp,
	    num_parse__nul_and_text_behind_the_view_are_no_digits);
	ATF_TP_ADD_TC(tp, num_print__reads_back_as_the_same_number);
	return (atf_no_error());
}
