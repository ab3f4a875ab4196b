/* SPDX-License-Identifier: ISC */
#include "smtp/smtpnotify.h"

#include <atf-c.h>

enum {
	S = SMTPNOTIFY_SUCCESS,
	F = SMTPNOTIFY_FAILURE,
	D = SMTPNOTIFY_DELAY
};

static const struct {
	const char *list;
	bool is_valid;
	unsigned int events;
	const char *without_success;
} ROWS[] = {
	{ "", false, F | D, "" },
	{ "NEVER", true, 0, "NEVER" },
	{ "never", true, 0, "NEVER" },
	{ "SUCCESS", true, S, "NEVER" },
	{ "FAILURE", true, F, "FAILURE" },
	{ "DELAY", true, D, "DELAY" },
	{ "success,Failure", true, S | F, "FAILURE" },
	{ "DELAY,SUCCESS", true, S | D, "DELAY" },
	{ "DELAY,FAILURE", true, F | D, "FAILURE,DELAY" },
	{ "SUCCESS,DELAY,FAILURE", true, S | F | D, "FAILURE,DELAY" },
	{ "FAILURE,FAILURE", false, F, "FAILURE" },
	{ "NEVER,FAILURE", false, F, "FAILURE" },
	{ "FAILUREX,XDELAY,,", false, 0, "NEVER" },
	{ "FAILURE,", false, F, "FAILURE" },
	{ ",FAILURE", false, F, "FAILURE" },
	{ "FAILURE,,DELAY", false, F | D, "FAILURE,DELAY" },
	{ ",", false, 0, "NEVER" },
	{ "FAILURE DELAY", false, 0, "NEVER" },
};

ATF_TC_WITHOUT_HEAD(smtpnotify__reads_each_list);
ATF_TC_BODY(smtpnotify__reads_each_list, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes list = bytes_of(ROWS[i].list);

		ATF_CHECK_EQ_MSG(ROWS[i].is_valid, smtpnotify_is_valid(list),
		    "%s", ROWS[i].list);
		ATF_CHECK_EQ_MSG(ROWS[i].events, smtpnotify_read(list), "%s",
		    ROWS[i].list);
		ATF_CHECK_STREQ(ROWS[i].without_success,
		    smtpnotify_without_success(list));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpnotify__reads_each_list);
	return (atf_no_error());
}
