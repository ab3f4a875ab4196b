/* SPDX-License-Identifier: ISC */
#include "address.h"

#include <atf-c.h>
#include <string.h>

#include "pegasus.h"

ATF_TC_WITHOUT_HEAD(address_split__parts);
ATF_TC_BODY(address_split__parts, tc)
{
	static const struct {
		const char *mailbox;
		const char *local;
		const char *domain;
		const char *ext;
	} rows[] = {
		{ "bruce@gnat", "bruce", "gnat", "" },
		{ "bruce+a+b-c@gnat", "bruce+a+b-c", "gnat", "a+b-c" },
		{ "bruce+@gnat", "bruce+", "gnat", "" },
		{ "Postmaster", "Postmaster", "", "" },
		{ "\"a@b\"@gnat", "a@b", "gnat", "" },
		{ "\"a\\\"\\\\b +x\"@gnat", "a\"\\b +x", "gnat", "x" },
		{ "\"\\\"@gnat", "\\", "gnat", "" },
		{ "a\"b@gnat", "a\"b", "gnat", "" },
		{ "a@[IPv6:::1]", "a", "[IPv6:::1]", "" },
	};
	struct address a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK(address_split(&a, bytes_of(rows[i].mailbox)));
		ATF_CHECK_MSG(bytes_same(bytes_of(rows[i].local), a.local) &&
			bytes_same(bytes_of(rows[i].domain), a.domain) &&
			bytes_same(bytes_of(rows[i].ext), a.ext),
		    "%s: %.*s, %.*s, %.*s", rows[i].mailbox, (int)a.local.n,
		    a.local.p, (int)a.domain.n, a.domain.p, (int)a.ext.n,
		    a.ext.p);
	}
}

ATF_TC_WITHOUT_HEAD(address_split__what_is_none);
ATF_TC_BODY(address_split__what_is_none, tc)
{
	static char longest[ADDRESS_MAX + 8];
	struct address a;

	ATF_CHECK(!address_split(&a, bytes_of("")));
	ATF_CHECK(!address_split(&a, bytes_of("@gnat")));
	ATF_CHECK(!address_split(&a, bytes_of("\"\"@gnat")));
	memset(longest, 'x', ADDRESS_MAX);
	strcpy(longest + ADDRESS_MAX, "@gnat");
	ATF_CHECK(address_split(&a, bytes_of(longest)));
	ATF_CHECK_EQ(ADDRESS_MAX, a.local.n);
	memset(longest, 'x', ADDRESS_MAX + 1);
	ATF_CHECK(!address_split(&a, bytes_of(longest)));
}

ATF_TC_WITHOUT_HEAD(pegasus_name__is_8_3_and_unlike_its_neighbours);
ATF_TC_BODY(pegasus_name__is_8_3_and_unlike_its_neighbours, tc)
{
	char one[PEGASUS_NAME_MAX];
	char two[PEGASUS_NAME_MAX];
	uint64_t seed;

	pegasus_name(one, 0, "CNM");
	ATF_CHECK_STREQ("Y0000000.CNM", one);
	pegasus_name(one, UINT64_MAX, "TMP");
	ATF_CHECK_EQ(12, strlen(one));
	for (seed = 1795514400000; seed < 1795514401000; seed++) {
		pegasus_name(one, seed, "CNM");
		pegasus_name(two, seed + 1, "CNM");
		ATF_CHECK(strcmp(one, two) != 0);
		ATF_CHECK_EQ(12, strspn(one,
		    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ."));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, address_split__parts);
	ATF_TP_ADD_TC(tp, address_split__what_is_none);
	ATF_TP_ADD_TC(tp, pegasus_name__is_8_3_and_unlike_its_neighbours);
	return (atf_no_error());
}
