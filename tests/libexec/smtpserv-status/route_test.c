/* SPDX-License-Identifier: ISC */
#include "route.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(route_find__takes_numbers_in_one_spelling);
ATF_TC_BODY(route_find__takes_numbers_in_one_spelling, tc)
{
	static const struct {
		const char *path;
		enum route_page page;
		uint32_t number;
		uint32_t part;
	} rows[] = { { "/", ROUTE_OVERVIEW, 0, 0 },
		{ "/style.css", ROUTE_STYLE, 0, 0 },
		{ "/messages/1", ROUTE_LIST, 1, 0 },
		{ "/message/4294967295", ROUTE_MESSAGE, UINT32_MAX, 0 },
		{ "/message/5/text", ROUTE_TEXT, 5, 0 },
		{ "/message/5/part/17", ROUTE_PART, 5, 17 } };
	struct route r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK_MSG(route_find(bytes_of(rows[i].path), &r), "%s",
		    rows[i].path);
		ATF_CHECK_EQ(rows[i].page, r.page);
		ATF_CHECK_EQ(rows[i].number, r.number);
		ATF_CHECK_EQ(rows[i].part, r.part);
	}
}

ATF_TC_WITHOUT_HEAD(route_find__knows_no_other_path);
ATF_TC_BODY(route_find__knows_no_other_path, tc)
{
	static const char *const rows[] = { "", "x", "//", "/message",
		"/message/", "/message/0", "/message/05", "/message/+5",
		"/message/4294967296", "/message/99999999999999999999999",
		"/message/5/", "/message/5/part/", "/message/5/part/0",
		"/message/5/part/1/", "/message/5x", "/messages/1?x",
		"/../etc/passwd", "/style.css\n" };
	struct route r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(
		    !route_find(bytes_of(rows[i]), &r), "%s", rows[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, route_find__takes_numbers_in_one_spelling);
	ATF_TP_ADD_TC(tp, route_find__knows_no_other_path);
	return (atf_no_error());
}
