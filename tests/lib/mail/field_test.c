/* SPDX-License-Identifier: ISC */
#include "mail/field.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(field_begins__knows_a_name_and_its_colon);
ATF_TC_BODY(field_begins__knows_a_name_and_its_colon, tc)
{
	static const struct {
		const char *line;
		bool begins;
		bool continues;
	} rows[] = {
		{ "Subject: x", true, false }, { "Subject:", true, false },
		{ "Subject : x", true, false }, { "x\t:", true, false },
		{ "X-A_b.9!:", true, false }, { ":", false, false },
		{ "", false, false }, { " x: y", false, true },
		{ "\tx", false, true }, { " ", false, true },
		{ "Subject", false, false }, { "Dear all: x", false, false },
		{ "From me Mon", false, false }, { "S\xc3\xbc:", false, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK_EQ_MSG(rows[i].begins,
		    field_begins(bytes_of(rows[i].line)), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].continues,
		    field_continues(bytes_of(rows[i].line)), "row %zu", i);
	}
}

static void
check(struct bytes got, const char *want)
{
	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)), "want \"%s\", got "
	    "\"%.*s\"", want, (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(field_next__walks_a_header);
ATF_TC_BODY(field_next__walks_a_header, tc)
{
	struct bytes rest = bytes_of("To: a,\n b\n\tc\nSubject :x\nCc:\n"
				     "Bcc: last");
	struct field f;

	ATF_REQUIRE(field_next(&rest, &f));
	check(f.whole, "To: a,\n b\n\tc\n");
	check(f.name, "To");
	check(f.body, " a,\n b\n\tc\n");
	ATF_CHECK(field_is(&f, "TO"));
	ATF_CHECK(!field_is(&f, "T"));
	ATF_REQUIRE(field_next(&rest, &f));
	check(f.name, "Subject");
	check(f.body, "x\n");
	ATF_REQUIRE(field_next(&rest, &f));
	check(f.whole, "Cc:\n");
	ATF_REQUIRE(field_next(&rest, &f));
	check(f.body, " last");
	ATF_CHECK(!field_next(&rest, &f));
	rest = bytes_of("no field\nTo: x\n");
	ATF_CHECK(!field_next(&rest, &f));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, field_begins__knows_a_name_and_its_colon);
	ATF_TP_ADD_TC(tp, field_next__walks_a_header);
	return (atf_no_error());
}
