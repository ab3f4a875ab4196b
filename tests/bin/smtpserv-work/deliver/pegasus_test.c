/* SPDX-License-Identifier: ISC */
#include "deliver/pegasus.h"

#include <atf-c.h>
#include <string.h>

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
	ATF_TP_ADD_TC(tp, pegasus_name__is_8_3_and_unlike_its_neighbours);
	return (atf_no_error());
}
