/* SPDX-License-Identifier: ISC */
#include "table/cdbmake.h"

#include <atf-c.h>
#include <string.h>

ATF_TC_WITHOUT_HEAD(cdbmake_next__takes_lines_apart_as_cdb_does);
ATF_TC_BODY(cdbmake_next__takes_lines_apart_as_cdb_does, tc)
{
	struct bytes rest = bytes_of("# a comment\n"
				     "\n"
				     " \t\n"
				     "a@b\t |x  y \n"
				     "  # c\n"
				     "c@d\n"
				     "e@f /g/");
	static const char *const want[][2] = { { "a@b", "|x  y " },
		{ "#", "c" }, { "c@d", "" }, { "e@f", "/g/" } };
	struct bytes key;
	struct bytes value;
	size_t i;

	for (i = 0; i < ARRAY_LEN(want); i++) {
		ATF_REQUIRE_EQ(
		    CDBMAKE_PAIR, cdbmake_next(&rest, &key, &value));
		ATF_CHECK_MSG(bytes_same(key, bytes_of(want[i][0])) &&
			bytes_same(value, bytes_of(want[i][1])),
		    "row %zu: %.*s|%.*s", i, (int)key.n, key.p, (int)value.n,
		    value.p);
	}
	ATF_CHECK_EQ(CDBMAKE_END, cdbmake_next(&rest, &key, &value));
}

ATF_TC_WITHOUT_HEAD(cdbmake_abort__leaves_nothing);
ATF_TC_BODY(cdbmake_abort__leaves_nothing, tc)
{
	struct cdbmake m;
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, cdbmake_begin(&m, "t.cdb", &why));
	ATF_REQUIRE(atf_utils_file_exists(m.name));
	ATF_REQUIRE_EQ(
	    RES_OK, cdbmake_fill(&m, bytes_of("a@b /c/\n"), &why));
	cdbmake_abort(&m);
	ATF_CHECK_STREQ("", m.name);
	cdbmake_abort(&m);
	ATF_CHECK(!atf_utils_file_exists("t.cdb"));
	ATF_REQUIRE_EQ(RES_OK, cdbmake_begin(&m, "t.cdb", &why));
	ATF_REQUIRE_EQ(RES_OK, cdbmake_fill(&m, bytes_of(""), &why));
	ATF_REQUIRE_EQ(RES_OK, cdbmake_end(&m, &why));
	cdbmake_abort(&m);
	ATF_CHECK(atf_utils_file_exists("t.cdb"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, cdbmake_next__takes_lines_apart_as_cdb_does);
	ATF_TP_ADD_TC(tp, cdbmake_abort__leaves_nothing);
	return (atf_no_error());
}
