/* SPDX-License-Identifier: ISC */
#include "report/fates.h"

#include <atf-c.h>

#include "base/base.h"

static void
check(struct bytes got, const char *want)
{
	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)), "want \"%s\", got "
	    "\"%.*s\"", want, (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(fates_next__gives_each_recipient_his_own_lines);
ATF_TC_BODY(fates_next__gives_each_recipient_his_own_lines, tc)
{
	struct bytes rest = bytes_of("From: erick@maggot\n"
	    "To: a@b\n"
	    "Notify: DELAY\n"
	    "failed: c@d\r\n"
	    "Status: 5.1.1\r\n"
	    "Diagnostic: no: such user\r\n"
	    "Unknown: line\n"
	    "Orcpt: rfc822;c@d\n"
	    "Delivered: e@f\n"
	    "Action: relayed\n"
	    "Envid: x\n");
	struct fates_recipient r;

	ATF_REQUIRE(fates_next(&rest, &r));
	ATF_CHECK_EQ(FATE_WAITS, r.fate);
	check(r.mailbox, "a@b");
	check(r.notify, "DELAY");
	check(r.status, "");
	ATF_REQUIRE(fates_next(&rest, &r));
	ATF_CHECK_EQ(FATE_FAILED, r.fate);
	check(r.mailbox, "c@d");
	check(r.notify, "");
	check(r.status, "5.1.1");
	check(r.diagnostic, "no: such user");
	check(r.orcpt, "rfc822;c@d");
	ATF_REQUIRE(fates_next(&rest, &r));
	ATF_CHECK_EQ(FATE_DELIVERED, r.fate);
	check(r.mailbox, "e@f");
	check(r.action, "relayed");
	check(r.orcpt, "");
	ATF_CHECK(!fates_next(&rest, &r));
	ATF_CHECK(!fates_next(&rest, &r));
}

ATF_TC_WITHOUT_HEAD(fates_next__ends_at_what_is_no_envelope);
ATF_TC_BODY(fates_next__ends_at_what_is_no_envelope, tc)
{
	static const char *const none[] = { "", "From: a@b\n", "junk\nTo: a@b\n",
		"To: torn@b" };
	struct fates_recipient r;
	struct bytes rest;
	size_t i;

	for (i = 0; i < ARRAY_LEN(none); i++) {
		rest = bytes_of(none[i]);
		ATF_CHECK_MSG(!fates_next(&rest, &r), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(fates_asks_for_report__notify_decides);
ATF_TC_BODY(fates_asks_for_report__notify_decides, tc)
{
	static const struct {
		const char *notify;
		bool want[3]; /* waits, failed, delivered */
	} rows[] = {
		{ "", { true, true, false } },
		{ "NEVER", { false, false, false } },
		{ "FAILURE", { false, true, false } },
		{ "DELAY", { true, false, false } },
		{ "SUCCESS", { false, false, true } },
		{ "success,Failure", { false, true, true } },
		{ "SUCCESS,DELAY,FAILURE", { true, true, true } },
		{ "FAILUREX,XDELAY,,", { false, false, false } },
	};
	size_t i;
	size_t j;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (j = 0; j < 3; j++) {
			struct fates_recipient r = {
				.fate = (enum fate)j,
				.notify = bytes_of(rows[i].notify),
			};

			ATF_CHECK_EQ_MSG(rows[i].want[j],
			    fates_asks_for_report(&r), "\"%s\" %zu",
			    rows[i].notify, j);
		}
}

ATF_TC_WITHOUT_HEAD(fates_message__reads_what_belongs_to_nobody);
ATF_TC_BODY(fates_message__reads_what_belongs_to_nobody, tc)
{
	struct fates_message m = fates_message(
	    bytes_of("From: erick@maggot\nTo: a@b\nBody: binarymime\n"
		     "Smtputf8: yes\nEnvid: QQ314\nRet: hdrs\n"));

	check(m.sender, "erick@maggot");
	check(m.envid, "QQ314");
	ATF_CHECK(m.wants_headers && m.is_binary && m.is_utf8);
	m = fates_message(bytes_of("From: \nTo: a@b\nRet: FULL\n"));
	check(m.sender, "");
	ATF_CHECK(!m.wants_headers && !m.is_binary && !m.is_utf8);
	/* Made by hand, without the line that should be there. */
	m = fates_message(bytes_of("From: j\xc3\xb6@a\nTo: a@b\n"));
	ATF_CHECK(m.is_utf8);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, fates_next__gives_each_recipient_his_own_lines);
	ATF_TP_ADD_TC(tp, fates_next__ends_at_what_is_no_envelope);
	ATF_TP_ADD_TC(tp, fates_asks_for_report__notify_decides);
	ATF_TP_ADD_TC(tp, fates_message__reads_what_belongs_to_nobody);
	return (atf_no_error());
}
