/* SPDX-License-Identifier: ISC */
#include "outbound/hopname.h"

#include <atf-c.h>
#include <string.h>

static const struct {
	const char *name;
	const char *want; /* NULL: it is none */
	bool requiretls;
} ROWS[] = {
	{ "mx:example.org", "example.org", false },
	{ "mx:example.org requiretls", "example.org", true },
	{ "mx:[192.0.2.1]", "[192.0.2.1]", false },
	{ "relay:relay.example:587", "[relay.example]:587", false },
	{ "relay:192.0.2.1:25", "[192.0.2.1]:25", false },
	{ "relay:2001:db8::1:25", "[IPv6:2001:db8::1]:25", false },
	{ "relay:2001:db8::1:25 requiretls", "[IPv6:2001:db8::1]:25", true },
	{ "mx:", NULL, false },
	{ "mx: requiretls", NULL, true },
	{ " requiretls", NULL, false },
	{ "relay:", NULL, false },
	{ "relay::25", NULL, false },
	{ "relay:host", NULL, false },
	{ "example.org", NULL, false },
	{ "", NULL, false },
};

/* OB-7, OB-167: by the domain, as the remote's command line has it. */
ATF_TC_WITHOUT_HEAD(hopname_argument__is_what_the_remote_is_told);
ATF_TC_BODY(hopname_argument__is_what_the_remote_is_told, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		char store[HOPNAME_MAX];
		struct buf out;
		bool requiretls = !ROWS[i].requiretls;
		bool good;

		buf_init(&out, store, sizeof(store));
		good = hopname_argument(
		    &out, bytes_of(ROWS[i].name), &requiretls);
		ATF_CHECK_EQ_MSG(
		    ROWS[i].want != NULL, good, "%s", ROWS[i].name);
		if (!good || ROWS[i].want == NULL)
			continue;
		ATF_CHECK_STREQ(ROWS[i].want, buf_cstr(&out));
		ATF_CHECK_EQ_MSG(
		    ROWS[i].requiretls, requiretls, "%s", ROWS[i].name);
	}
}

ATF_TC_WITHOUT_HEAD(hopname_put__makes_two_hops_of_one_place);
ATF_TC_BODY(hopname_put__makes_two_hops_of_one_place, tc)
{
	char store[HOPNAME_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	hopname_put(&out, bytes_of("mx:a.b"), false);
	ATF_CHECK_STREQ("mx:a.b", buf_cstr(&out));
	buf_reset(&out);
	hopname_put(&out, bytes_of("mx:a.b"), true);
	ATF_CHECK_STREQ("mx:a.b requiretls", buf_cstr(&out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hopname_argument__is_what_the_remote_is_told);
	ATF_TP_ADD_TC(tp, hopname_put__makes_two_hops_of_one_place);
	return (atf_no_error());
}
