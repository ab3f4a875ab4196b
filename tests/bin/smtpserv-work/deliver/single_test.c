/* SPDX-License-Identifier: ISC */
#include "deliver/single.h"

#include <atf-c.h>
#include <string.h>

/* A report, with `|` for its NULs, and what it says of the recipient. */
static const struct {
	const char *report;
	enum outcome_kind kind;
	const char *status;
	const char *text; /* begins so */
} ROWS[] = {
	{ "r|K1.2.3.4 accepted message.\nRemote host said: 250 ok (#2.6.0)\n|",
	    OUTCOME_DELIVERED, "2.6.0", "1.2.3.4 accepted message. Remote" },
	{ "r|Kyes|", OUTCOME_DELIVERED, "2.0.0", "yes" },
	{ "h1.2.3.4 does not like recipient. (#5.1.1)\n|Dall of them|",
	    OUTCOME_FAILED, "5.1.1", "1.2.3.4 does not like" },
	{ "s1.2.3.4 does not like recipient. (#4.2.1)|Zone of them|",
	    OUTCOME_TRY_AGAIN, "4.2.1", "1.2.3.4 does not like" },
	{ "r|Dno (#5.7.1)|", OUTCOME_FAILED, "5.7.1", "no" },
	{ "r|Zlater (#4.4.2)\n|", OUTCOME_TRY_AGAIN, "4.4.2", "later" },
	{ "Zno connection (#4.4.1)|", OUTCOME_TRY_AGAIN, "4.4.1",
	    "no connection" },
	{ "Dno such host (#5.1.2)|", OUTCOME_FAILED, "5.1.2", "no such host" },
	/* A status of another class, or that is none. */
	{ "Dno (#4.1.2)|", OUTCOME_FAILED, "5.0.0", "no" },
	{ "Dno (#5.1.x)|", OUTCOME_FAILED, "5.0.0", "no" },
	{ "Dno (#5)|", OUTCOME_FAILED, "5.0.0", "no" },
	{ "Dno (#5.1234.12345)|", OUTCOME_FAILED, "5.0.0", "no" },
	{ "Dno #5.1.1)|", OUTCOME_FAILED, "5.0.0", "no" },
	/* OB-11: an end too early, and what is no report. */
	{ "", OUTCOME_TRY_AGAIN, "4.3.0", "smtpserv-remote ended without" },
	{ "r|", OUTCOME_TRY_AGAIN, "4.3.0", "smtpserv-remote ended without" },
	{ "r|K", OUTCOME_TRY_AGAIN, "4.3.0", "smtpserv-remote ended without" },
	{ "Kyes|", OUTCOME_TRY_AGAIN, "4.3.0",
	    "smtpserv-remote ended without" },
	{ "|r|Kyes|", OUTCOME_TRY_AGAIN, "4.3.0",
	    "smtpserv-remote ended without" },
	{ "x|Kyes|", OUTCOME_TRY_AGAIN, "4.3.0",
	    "smtpserv-remote ended without" },
};

ATF_TC_WITHOUT_HEAD(single_verdict__is_what_the_report_says);
ATF_TC_BODY(single_verdict__is_what_the_report_says, tc)
{
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		char store[200];
		size_t n = strlen(ROWS[i].report);
		struct outcome out;

		for (k = 0; k < n; k++)
			store[k] = (char)(ROWS[i].report[k] == '|'
				? '\0'
				: ROWS[i].report[k]);
		single_verdict((struct bytes){ store, n }, &out);
		ATF_CHECK_EQ_MSG(
		    ROWS[i].kind, out.kind, "%s", ROWS[i].report);
		ATF_CHECK_MSG(strcmp(ROWS[i].status, out.status) == 0,
		    "%s: %s", ROWS[i].report, out.status);
		ATF_CHECK_MSG(
		    strncmp(ROWS[i].text, out.text, strlen(ROWS[i].text)) == 0,
		    "%s: %s", ROWS[i].report, out.text);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, single_verdict__is_what_the_report_says);
	return (atf_no_error());
}
