/* SPDX-License-Identifier: ISC */
#include "outcome/done.h"

#include <atf-c.h>
#include <string.h>

static struct done
done_of(const char *const *list, size_t n)
{
	struct done d = { .n = 0 };
	size_t i;

	for (i = 0; i < n; i++)
		done_add(&d, bytes_of(list[i]));
	return (d);
}

ATF_TC_WITHOUT_HEAD(done_add__tells_lists_apart);
ATF_TC_BODY(done_add__tells_lists_apart, tc)
{
	static const char *const lists[][2] = { { "|a", "|b" }, { "|b", "|a" },
		{ "|a", "|c" }, { "|a|", "b" }, { "|", "a|b" },
		{ "|a", "|a" } };
	size_t i;
	size_t j;

	for (i = 0; i < ARRAY_LEN(lists); i++) {
		for (j = 0; j < ARRAY_LEN(lists); j++) {
			struct done a = done_of(lists[i], 2);
			struct done b = done_of(lists[j], 2);

			ATF_CHECK_EQ_MSG(
			    i == j, done_is_same(&a, &b), "%zu %zu", i, j);
		}
	}
}

ATF_TC_WITHOUT_HEAD(done_print__is_read_back);
ATF_TC_BODY(done_print__is_read_back, tc)
{
	static const char *const list[] = { "|ticket", "/home/ann/", "&x@y" };
	char text[DONE_MAX];
	struct done back;
	struct done d;
	size_t n;

	for (n = 1; n <= ARRAY_LEN(list); n++) {
		d = done_of(list, n);
		done_print(&d, text);
		ATF_REQUIRE_MSG(done_parse(bytes_of(text), &back), "%s", text);
		ATF_CHECK(done_is_same(&d, &back));
	}
	/* The longest there is. */
	d.n = UINT64_MAX;
	done_print(&d, text);
	ATF_CHECK(done_parse(bytes_of(text), &back));
	ATF_CHECK(done_is_same(&d, &back));
}

ATF_TC_WITHOUT_HEAD(done_parse__refuses_what_is_none);
ATF_TC_BODY(done_parse__refuses_what_is_none, tc)
{
	static const char *const rows[] = { "", " ", "1", "1 ",
		"0 8f3a1c2d9e0b7f65", "-1 8f3a1c2d9e0b7f65",
		"1 8f3a1c2d9e0b7f6", "1 8f3a1c2d9e0b7f651",
		"1 8F3A1C2D9E0B7F65", "1  8f3a1c2d9e0b7f6",
		"18446744073709551616 8f3a1c2d9e0b7f65" };
	struct done d;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(
		    !done_parse(bytes_of(rows[i]), &d), "\"%s\"", rows[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, done_add__tells_lists_apart);
	ATF_TP_ADD_TC(tp, done_print__is_read_back);
	ATF_TP_ADD_TC(tp, done_parse__refuses_what_is_none);
	return (atf_no_error());
}
