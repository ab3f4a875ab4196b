/* SPDX-License-Identifier: ISC */
#include "outbound/hopname.h"

#include <atf-c.h>
#include <string.h>

static const struct {
	const char *name;
	const char *want; /* NULL: it is none */
	enum hopname_care care;
} ROWS[] = {
	{ "mx:example.org", "example.org", HOPNAME_USUAL },
	{ "mx:example.org requiretls", "example.org", HOPNAME_REQUIRETLS },
	{ "mx:example.org tlsno", "example.org", HOPNAME_TLSNO },
	{ "mx:[192.0.2.1]", "[192.0.2.1]", HOPNAME_USUAL },
	{ "relay:relay.example:587", "[relay.example]:587", HOPNAME_USUAL },
	{ "relay:192.0.2.1:25", "[192.0.2.1]:25", HOPNAME_USUAL },
	{ "relay:2001:db8::1:25", "[IPv6:2001:db8::1]:25", HOPNAME_USUAL },
	{ "relay:2001:db8::1:25 requiretls", "[IPv6:2001:db8::1]:25",
	    HOPNAME_REQUIRETLS },
	{ "mx:", NULL, HOPNAME_USUAL },
	{ "mx: requiretls", NULL, HOPNAME_REQUIRETLS },
	{ " requiretls", NULL, HOPNAME_USUAL },
	{ "relay:", NULL, HOPNAME_USUAL },
	{ "relay::25", NULL, HOPNAME_USUAL },
	{ "relay:host", NULL, HOPNAME_USUAL },
	{ "example.org", NULL, HOPNAME_USUAL },
	{ "", NULL, HOPNAME_USUAL },
};

/* OB-7, OB-167: by the domain, as the remote's command line has it. */
ATF_TC_WITHOUT_HEAD(hopname_argument__is_what_the_remote_is_told);
ATF_TC_BODY(hopname_argument__is_what_the_remote_is_told, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		char store[HOPNAME_MAX];
		struct buf out;
		enum hopname_care care;
		bool good;

		buf_init(&out, store, sizeof(store));
		good = hopname_argument(&out, bytes_of(ROWS[i].name), &care);
		ATF_CHECK_EQ_MSG(
		    ROWS[i].want != NULL, good, "%s", ROWS[i].name);
		if (!good || ROWS[i].want == NULL)
			continue;
		ATF_CHECK_STREQ(ROWS[i].want, buf_cstr(&out));
		ATF_CHECK_EQ_MSG(ROWS[i].care, care, "%s", ROWS[i].name);
	}
}

ATF_TC_WITHOUT_HEAD(hopname_put__makes_two_hops_of_one_place);
ATF_TC_BODY(hopname_put__makes_two_hops_of_one_place, tc)
{
	char store[HOPNAME_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	hopname_put(&out, bytes_of("mx:a.b"), HOPNAME_USUAL);
	ATF_CHECK_STREQ("mx:a.b", buf_cstr(&out));
	buf_reset(&out);
	hopname_put(&out, bytes_of("mx:a.b"), HOPNAME_REQUIRETLS);
	ATF_CHECK_STREQ("mx:a.b requiretls", buf_cstr(&out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, hopname_argument__is_what_the_remote_is_told);
	ATF_TP_ADD_TC(tp, hopname_put__makes_two_hops_of_one_place);
	return (atf_no_error());
}
