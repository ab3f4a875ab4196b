/* SPDX-License-Identifier: ISC */
#include "look/units.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(units_time__takes_the_largest_unit_that_is_fine_enough);
ATF_TC_BODY(units_time__takes_the_largest_unit_that_is_fine_enough, tc)
{
	static const struct {
		uint64_t seconds;
		const char *want;
	} rows[] = { { 0, "0s" }, { 99, "99s" }, { 100, "1m" }, { 5999, "99m" },
		{ 6000, "1h" }, { 359999, "99h" }, { 360000, "4d" },
		{ UINT64_MAX, "213503982334601d" } };
	char store[UNITS_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_STREQ(
		    rows[i].want, units_time(rows[i].seconds, store));
}

ATF_TC_WITHOUT_HEAD(units_size__has_at_most_four_characters);
ATF_TC_BODY(units_size__has_at_most_four_characters, tc)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = { { 0, "0" }, { 999, "999" }, { 1000, "0.9K" },
		{ 1024, "1.0K" }, { 10239, "9.9K" }, { 10240, "10K" },
		{ 1023 * 1024, "0.9M" }, { UINT64_C(1) << 40, "1.0T" } };
	char store[UNITS_SIZE];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_STREQ(rows[i].want, units_size(rows[i].n, store));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, units_time__takes_the_largest_unit_that_is_fine_enough);
	ATF_TP_ADD_TC(tp, units_size__has_at_most_four_characters);
	return (atf_no_error());
}
