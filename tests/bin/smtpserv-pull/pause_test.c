/* SPDX-License-Identifier: ISC */
#include "pause.h"

#include <atf-c.h>

#include "base/base.h"

/* C8: 0.2 s doubling to 5 s, and from the beginning once it went well. */
ATF_TC_WITHOUT_HEAD(pause_next__doubles_up_to_its_bound);
ATF_TC_BODY(pause_next__doubles_up_to_its_bound, tc)
{
	static const uint32_t WANTED[] = { 200, 400, 800, 1600, 3200, 5000,
		5000, 5000 };
	struct pause p;
	size_t round;
	size_t i;

	pause_init(&p, 200, 5000);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_LEN(WANTED); i++)
			ATF_CHECK_EQ(WANTED[i], pause_next(&p));
		pause_reset(&p);
	}
}

/* C7: 1 s doubling to 60 s. */
ATF_TC_WITHOUT_HEAD(pause_next__of_local_trouble);
ATF_TC_BODY(pause_next__of_local_trouble, tc)
{
	static const uint32_t WANTED[] = { 1000, 2000, 4000, 8000, 16000, 32000,
		60000, 60000 };
	struct pause p;
	size_t i;

	pause_init(&p, 1000, 60000);
	for (i = 0; i < ARRAY_LEN(WANTED); i++)
		ATF_CHECK_EQ(WANTED[i], pause_next(&p));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pause_next__doubles_up_to_its_bound);
	ATF_TP_ADD_TC(tp, pause_next__of_local_trouble);
	return (atf_no_error());
}
