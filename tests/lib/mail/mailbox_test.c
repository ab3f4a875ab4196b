/* SPDX-License-Identifier: ISC */
#include "mail/mailbox.h"

#include <atf-c.h>
#include <string.h>

#define CHECK_PART(row, want, part)                                           \
	ATF_CHECK_MSG(bytes_same(bytes_of(want), part), "%s: %.*s", row,      \
	    (int)(part).n, (part).p)

ATF_TC_WITHOUT_HEAD(mailbox_split__parts);
ATF_TC_BODY(mailbox_split__parts, tc)
{
	static const struct {
		const char *text;
		const char *local;
		const char *host;
		const char *plain;
		const char *ext;
	} rows[] = {
		{ "bruce@gnat", "bruce", "gnat", "bruce", "" },
		{ "bruce+a+b-c@gnat", "bruce+a+b-c", "gnat", "bruce", "a+b-c" },
		{ "bruce+@gnat", "bruce+", "gnat", "bruce", "" },
		/* Nobody has an empty name: this has no extension. */
		{ "+foo@gnat", "+foo", "gnat", "+foo", "" },
		{ "+@gnat", "+", "gnat", "+", "" },
		{ "++a@gnat", "++a", "gnat", "++a", "" },
		{ "\"+foo\"@gnat", "+foo", "gnat", "+foo", "" },
		{ "Postmaster", "Postmaster", "", "Postmaster", "" },
		{ "post+master", "post+master", "", "post", "master" },
		{ "\"a@b\"@gnat", "a@b", "gnat", "a@b", "" },
		{ "\"a@b\"", "a@b", "", "a@b", "" },
		{ "a@b@gnat", "a@b", "gnat", "a@b", "" },
		{ "\"a\\\"\\\\b +x\"@gnat", "a\"\\b +x", "gnat", "a\"\\b ",
		    "x" },
		{ "\"\\\"@gnat", "\\", "gnat", "\\", "" },
		{ "\"a\\", "\"a\\", "", "\"a\\", "" },
		{ "a\"b@gnat", "a\"b", "gnat", "a\"b", "" },
		{ "\"@gnat", "\"", "gnat", "\"", "" },
		{ "a@[IPv6:::1]", "a", "[IPv6:::1]", "a", "" },
		{ "ann@", "ann", "", "ann", "" },
		/* The root's dot is not part of the name. */
		{ "ann@gnat.example.", "ann", "gnat.example", "ann", "" },
		{ "a..b.@gnat", "a..b.", "gnat", "a..b.", "" },
		{ "ann.", "ann.", "", "ann.", "" },
		{ "ann@.", "ann", ".", "ann", "" },
		{ "@gnat", "", "gnat", "", "" },
		{ "\"\"@gnat", "", "gnat", "", "" },
		{ "@", "", "", "", "" },
		{ "", "", "", "", "" },
	};
	struct mailbox m;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK(mailbox_split(&m, bytes_of(rows[i].text)));
		CHECK_PART(rows[i].text, rows[i].local, m.local);
		CHECK_PART(rows[i].text, rows[i].host, m.host);
		CHECK_PART(rows[i].text, rows[i].plain, m.plain);
		CHECK_PART(rows[i].text, rows[i].ext, m.ext);
	}
}

ATF_TC_WITHOUT_HEAD(mailbox_split__refuses_what_is_too_long);
ATF_TC_BODY(mailbox_split__refuses_what_is_too_long, tc)
{
	static char longest[MAILBOX_LOCAL_MAX + 8];
	struct mailbox m;

	memset(longest, 'x', MAILBOX_LOCAL_MAX);
	strcpy(longest + MAILBOX_LOCAL_MAX, "@gnat");
	ATF_CHECK(mailbox_split(&m, bytes_of(longest)));
	ATF_CHECK_EQ(MAILBOX_LOCAL_MAX, m.local.n);
	longest[MAILBOX_LOCAL_MAX] = 'x';
	ATF_CHECK(!mailbox_split(&m, bytes_of(longest)));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mailbox_split__parts);
	ATF_TP_ADD_TC(tp, mailbox_split__refuses_what_is_too_long);
	return (atf_no_error());
}
