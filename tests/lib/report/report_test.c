/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

ATF_TC_WITHOUT_HEAD(report_due__to_whom);
ATF_TC_BODY(report_due__to_whom, tc)
{
	static const struct {
		const char *envelope;
		enum report_to final;
		enum report_to delay;
	} rows[] = {
		{ "From: a@b\nTo: c@d\n", REPORT_TO_NOBODY, REPORT_TO_SENDER },
		{ "From: a@b\nFailed: c@d\n", REPORT_TO_SENDER,
		    REPORT_TO_NOBODY },
		{ "From: a@b\nFailed: c@d\nNotify: NEVER\n", REPORT_TO_NOBODY,
		    REPORT_TO_NOBODY },
		{ "From: a@b\nFailed: c@d\nNotify: NEVER\nFailed: e@f\n",
		    REPORT_TO_SENDER, REPORT_TO_NOBODY },
		{ "From: a@b\nDelivered: c@d\n", REPORT_TO_NOBODY,
		    REPORT_TO_NOBODY },
		{ "From: a@b\nDelivered: c@d\nNotify: SUCCESS\n",
		    REPORT_TO_SENDER, REPORT_TO_NOBODY },
		{ "From: a@b\nTo: c@d\nNotify: FAILURE\n", REPORT_TO_NOBODY,
		    REPORT_TO_NOBODY },
		{ "From: a@b\nFailed: postmaster\n", REPORT_TO_SENDER,
		    REPORT_TO_NOBODY },
		/* Never an answer to <>. */
		{ "From: \nTo: c@d\nNotify: DELAY\n", REPORT_TO_NOBODY,
		    REPORT_TO_NOBODY },
		{ "From: \nDelivered: c@d\nNotify: SUCCESS\n",
		    REPORT_TO_NOBODY, REPORT_TO_NOBODY },
		{ "From: \nFailed: c@d\n", REPORT_TO_POSTMASTER,
		    REPORT_TO_NOBODY },
		{ "From: \nFailed: Postmaster@gnat\n", REPORT_TO_POSTMASTER,
		    REPORT_TO_NOBODY },
		{ "From: \nFailed: postmaster\n", REPORT_TO_NOWHERE,
		    REPORT_TO_NOBODY },
		{ "From: \nFailed: POSTMASTER\n", REPORT_TO_NOWHERE,
		    REPORT_TO_NOBODY },
		{ "From: \nFailed: postmaster\nFailed: c@d\n",
		    REPORT_TO_POSTMASTER, REPORT_TO_NOBODY },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes envelope = bytes_of(rows[i].envelope);

		ATF_CHECK_EQ_MSG(rows[i].final,
		    report_due(envelope, REPORT_FINAL), "%s",
		    rows[i].envelope);
		ATF_CHECK_EQ_MSG(rows[i].delay,
		    report_due(envelope, REPORT_DELAY), "%s",
		    rows[i].envelope);
	}
}

ATF_TC_WITHOUT_HEAD(report_is_full__ret_size_and_kind_decide);
ATF_TC_BODY(report_is_full__ret_size_and_kind_decide, tc)
{
	struct bytes failed = bytes_of("From: a@b\nFailed: c@d\n");

	ATF_CHECK(report_is_full(failed, REPORT_FINAL, 0));
	ATF_CHECK(report_is_full(failed, REPORT_FINAL, REPORT_FULL_MAX));
	ATF_CHECK(!report_is_full(failed, REPORT_FINAL, REPORT_FULL_MAX + 1));
	ATF_CHECK(!report_is_full(
	    bytes_of("From: a@b\nFailed: c@d\nRet: HDRS\n"), REPORT_FINAL, 9));
	ATF_CHECK(!report_is_full(
	    bytes_of("From: a@b\nFailed: c@d\nBody: BINARYMIME\n"),
	    REPORT_FINAL, 9));
	ATF_CHECK(!report_is_full(
	    bytes_of("From: a@b\nTo: c@d\nRet: FULL\n"), REPORT_DELAY, 9));
	/* Whoever has the message needs no copy of it. */
	ATF_CHECK(!report_is_full(
	    bytes_of("From: a@b\nDelivered: c@d\nNotify: SUCCESS\nRet: FULL\n"
		     "Failed: e@f\nNotify: NEVER\n"),
	    REPORT_FINAL, 9));
}

/* A port that takes so many bytes. */
static bool
take(void *ctx, struct bytes text)
{
	size_t *left = ctx;

	if (text.n > *left)
		return (false);
	*left -= text.n;
	return (true);
}

ATF_TC_WITHOUT_HEAD(report_head__fails_wherever_the_port_does);
ATF_TC_BODY(report_head__fails_wherever_the_port_does, tc)
{
	struct report_facts facts = {
		.envelope = bytes_of("From: a@b\nFailed: c@d\n"),
		.kind = REPORT_FINAL,
		.host = bytes_of("gnat"),
		.number = 5,
		.boundary = bytes_of("b0undary"),
		.eol = "\n",
		.size = 5,
	};
	struct original original;
	size_t whole = 100000;
	size_t left = whole;
	struct report_port port = { take, &left };
	size_t n;

	original_init(&original, facts.boundary);
	ATF_REQUIRE(report_head(&facts, &original, &port));
	whole -= left;
	for (n = 0; n < whole; n++) {
		left = n;
		ATF_REQUIRE(!report_head(&facts, &original, &port));
	}
	left = whole;
	ATF_CHECK(report_head(&facts, &original, &port));
	ATF_CHECK(!report_tail(&facts, &port));
	left = strlen("\n--b0undary--\n");
	ATF_CHECK(report_tail(&facts, &port));
	ATF_CHECK_EQ(0, left);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, report_due__to_whom);
	ATF_TP_ADD_TC(tp, report_is_full__ret_size_and_kind_decide);
	ATF_TP_ADD_TC(tp, report_head__fails_wherever_the_port_does);
	return (atf_no_error());
}
