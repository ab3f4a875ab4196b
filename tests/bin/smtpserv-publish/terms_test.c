/* SPDX-License-Identifier: ISC */
#include "terms.h"

#include <atf-c.h>
#include <string.h>

static void
check_terms(const char *text, const char *const *want)
{
	struct bytes rest = bytes_of(text);
	struct bytes term;

	for (; *want != NULL; want++) {
		ATF_REQUIRE_MSG(terms_take(&rest, &term), "no %s", *want);
		ATF_CHECK_MSG(bytes_same(term, bytes_of(*want)),
		    "%.*s, not %s", (int)term.n, term.p, *want);
	}
	ATF_CHECK(!terms_take(&rest, &term));
}

ATF_TC_WITHOUT_HEAD(terms_take__takes_each_kind_whole);
ATF_TC_BODY(terms_take__takes_each_kind_whole, tc)
{
	check_terms("a@b, 12,{ok,\n [1,2]} \"x,y\",<<\"}\">>,'a b'",
	    (const char *const[]) { "a@b", "12", "{ok,\n [1,2]}", "\"x,y\"",
		"<<\"}\">>", "'a b'", NULL });
	check_terms("\"a\\\"b\"", (const char *const[]) { "\"a\\\"b\"", NULL });
	check_terms(" ,\n", (const char *const[]) { NULL });
}

ATF_TC_WITHOUT_HEAD(terms_take__ends_where_the_text_is_malformed);
ATF_TC_BODY(terms_take__ends_where_the_text_is_malformed, tc)
{
	static const char *const bad[] = { "[1,2", "\"x", "{\"}", "]", "\"\\",
		"<<\"a\">" };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_terms(bad[i], (const char *const[]) { NULL });
}

ATF_TC_WITHOUT_HEAD(terms_find__finds_the_last_of_a_tuple);
ATF_TC_BODY(terms_find__finds_the_last_of_a_tuple, tc)
{
	struct bytes list = bytes_of("[{\"x-a\",longstr,\"one\"},{\"x-b\",7},"
				     "{<<\"x-c\">>,{ok,8}},{\"x-d\",[]}]");
	struct bytes value;
	uint64_t n;

	ATF_REQUIRE(terms_find(list, "x-a", &value));
	ATF_CHECK(terms_is(value, "one"));
	ATF_REQUIRE(terms_find(list, "x-b", &value));
	ATF_CHECK(terms_number(value, &n));
	ATF_CHECK_EQ(7, n);
	ATF_REQUIRE(terms_find(list, "x-c", &value));
	ATF_CHECK(terms_number(value, &n));
	ATF_CHECK_EQ(8, n);
	ATF_REQUIRE(terms_find(list, "x-d", &value));
	ATF_CHECK(terms_is(value, ""));
	ATF_CHECK(!terms_number(value, &n));
	ATF_CHECK(!terms_find(list, "x-e", &value));
	ATF_CHECK(!terms_find(bytes_of("none"), "x-a", &value));
}

ATF_TC_WITHOUT_HEAD(terms_number__takes_what_is_ok_alone);
ATF_TC_BODY(terms_number__takes_what_is_ok_alone, tc)
{
	static const char *const bad[] = { "undefined", "{badrpc,5}", "{ok}",
		"{ok,x}", "{}", "-1", "" };
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ATF_CHECK_MSG(
		    !terms_number(bytes_of(bad[i]), &n), "%s", bad[i]);
	ATF_CHECK_EQ(2, terms_count(terms_inside(bytes_of("[a, b]"))));
	ATF_CHECK_EQ(0, terms_count(terms_inside(bytes_of("[]"))));
	ATF_CHECK_EQ(0, terms_count(terms_inside(bytes_of(""))));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, terms_take__takes_each_kind_whole);
	ATF_TP_ADD_TC(tp, terms_take__ends_where_the_text_is_malformed);
	ATF_TP_ADD_TC(tp, terms_find__finds_the_last_of_a_tuple);
	ATF_TP_ADD_TC(tp, terms_number__takes_what_is_ok_alone);
	return (atf_no_error());
}
