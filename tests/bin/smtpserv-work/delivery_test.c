/* SPDX-License-Identifier: ISC */
#include "delivery.h"

#include <atf-c.h>
#include <string.h>

ATF_TC_WITHOUT_HEAD(outcome_set__is_one_line_of_ascii);
ATF_TC_BODY(outcome_set__is_one_line_of_ascii, tc)
{
	struct outcome out;
	char longer[2 * OUTCOME_TEXT_MAX];

	outcome_set(&out, OUTCOME_FAILED, "5.0.0", "a\nb\tc\x1b[2J\xff%s", "!");
	ATF_CHECK_STREQ("a b c?[2J?!", out.text);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	outcome_set(&out, OUTCOME_FAILED, "5.0.0 and more", "%s", longer);
	ATF_CHECK_EQ(OUTCOME_TEXT_MAX - 1, strlen(out.text));
	ATF_CHECK_EQ(OUTCOME_STATUS_MAX - 1, strlen(out.status));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, outcome_set__is_one_line_of_ascii);
	return (atf_no_error());
}
