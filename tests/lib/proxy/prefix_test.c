/* SPDX-License-Identifier: ISC */
#include "proxy/prefix.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const struct {
	const char *prefix;
	const char *address;
	bool holds;
} ROWS[] = {
	{ "192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7", "192.0.2.8", false },
	{ "192.0.2.7", "::ffff:192.0.2.7", true },
	{ "::ffff:192.0.2.7", "192.0.2.7", true },
	{ "192.0.2.7/32", "192.0.2.6", false },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.99/25", "192.0.2.127", true },
	{ "192.0.2.99/25", "192.0.2.128", false },
	{ "128.0.0.0/1", "255.0.0.1", true },
	{ "128.0.0.0/1", "127.0.0.1", false },
	{ "0.0.0.0/0", "1.2.3.4", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "::/0", "1.2.3.4", true },
	{ "::/0", "2001:db8::1", true },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "::1", "::1", true },
	{ "::1", "::2", false },
	{ "::1/127", "::", true },
	/* No addresses. */
	{ "0.0.0.0/0", "", false },
	{ "::/0", "gnat", false },
	{ "::/0", "1.2.3.4 ", false },
};

ATF_TC_WITHOUT_HEAD(prefix_holds__compares_so_many_bits);
ATF_TC_BODY(prefix_holds__compares_so_many_bits, tc)
{
	struct prefix p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		ATF_REQUIRE_MSG(prefix_parse(bytes_of(ROWS[i].prefix), &p),
		    "%s", ROWS[i].prefix);
		ATF_CHECK_EQ_MSG(ROWS[i].holds,
		    prefix_holds(&p, bytes_of(ROWS[i].address)), "%s in %s",
		    ROWS[i].address, ROWS[i].prefix);
	}
}

ATF_TC_WITHOUT_HEAD(prefix_parse__what_is_none_is_refused);
ATF_TC_BODY(prefix_parse__what_is_none_is_refused, tc)
{
	static const char *const bad[] = { "", "/", "/8", "1.2.3", "1.2.3.4/",
		"1.2.3.4/33", "1.2.3.4/x", "1.2.3.4/ 8", "::/129", "::1/-1",
		"gnat", "1.2.3.4,", " 1.2.3.4", "1.2.3.4/8/8",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999" };
	struct prefix p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ATF_CHECK_MSG(
		    !prefix_parse(bytes_of(bad[i]), &p), "\"%s\"", bad[i]);
	ATF_CHECK(!prefix_parse((struct bytes) { "1.2.3.4\0", 8 }, &p));
}

ATF_TC_WITHOUT_HEAD(prefix_next__walks_a_list);
ATF_TC_BODY(prefix_next__walks_a_list, tc)
{
	struct bytes rest = bytes_of("10.0.0.0/8,::1,192.0.2.7");
	struct prefix p;

	ATF_CHECK(prefix_next(&rest, &p));
	ATF_CHECK(prefix_holds(&p, bytes_of("10.9.8.7")));
	ATF_CHECK(prefix_next(&rest, &p));
	ATF_CHECK(prefix_holds(&p, bytes_of("::1")));
	ATF_CHECK(prefix_next(&rest, &p));
	ATF_CHECK(prefix_holds(&p, bytes_of("192.0.2.7")));
	ATF_CHECK(!prefix_next(&rest, &p));
	rest = bytes_of("10.0.0.0/8,,::1");
	ATF_CHECK(prefix_next(&rest, &p));
	ATF_CHECK(!prefix_next(&rest, &p));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, prefix_holds__compares_so_many_bits);
	ATF_TP_ADD_TC(tp, prefix_parse__what_is_none_is_refused);
	ATF_TP_ADD_TC(tp, prefix_next__walks_a_list);
	return (atf_no_error());
}
