/* SPDX-License-Identifier: ISC */
#include "tally.h"

#include <atf-c.h>
#include <string.h>

ATF_TC_WITHOUT_HEAD(tally_print__says_what_was_counted);
ATF_TC_BODY(tally_print__says_what_was_counted, tc)
{
	static const char *const WANTED[] = {
		"\nsmtpserv_pull_messages_total 3\n",
		"\nsmtpserv_pull_unreadable_total 1\n",
		"\nsmtpserv_pull_bytes_total 106\n",
		"\nsmtpserv_pull_duplicates_total 7\n",
		"\nsmtpserv_pull_holding 1\n",
		"\nsmtpserv_pull_seconds_bucket{le=\"0.001\"} 1\n",
		"\nsmtpserv_pull_seconds_bucket{le=\"0.1\"} 2\n",
		"\nsmtpserv_pull_seconds_bucket{le=\"30\"} 2\n",
		"\nsmtpserv_pull_seconds_bucket{le=\"+Inf\"} 3\n",
		"\nsmtpserv_pull_seconds_sum 40.051\n",
		"\nsmtpserv_pull_seconds_count 3\n",
	};
	struct tally t = { .duplicates = 7, .is_holding = true };
	char text[TALLY_TEXT_MAX];
	struct buf out;
	size_t i;

	tally_pulled(&t, 100, 1, false);
	tally_pulled(&t, 5, 50, true);
	tally_pulled(&t, 1, 40000, false);
	buf_init(&out, text, sizeof(text));
	tally_print(&t, &out);
	ATF_REQUIRE(buf_cstr(&out) != NULL);
	for (i = 0; i < ARRAY_LEN(WANTED); i++)
		ATF_CHECK_MSG(strstr(text, WANTED[i]) != NULL, "%s in\n%s",
		    WANTED[i], text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tally_print__says_what_was_counted);
	return (atf_no_error());
}
