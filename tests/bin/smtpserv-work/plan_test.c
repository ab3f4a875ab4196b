/* SPDX-License-Identifier: ISC */
#include "plan.h"

#include <atf-c.h>
#include <string.h>

enum {
	RCPTS = 8,
	CAP = 4096
};

static struct plan_rcpt rcpts[RCPTS];
static char printed[CAP];

static void
parse(struct plan *p, const char *text)
{
	ATF_REQUIRE(plan_count(bytes_of(text)) <= RCPTS);
	ATF_REQUIRE_STREQ("", plan_parse(p, bytes_of(text), rcpts) == NULL
		? ""
		: plan_parse(p, bytes_of(text), rcpts));
}

static const char *
print(const struct plan *p)
{
	struct buf b;

	ATF_REQUIRE(plan_size(p) <= CAP - 1);
	buf_init(&b, printed, plan_size(p) + 1);
	plan_print(p, &b);
	ATF_REQUIRE(buf_cstr(&b) != NULL);
	return (printed);
}

static void
settle(struct plan *p, size_t i, enum outcome_kind kind, const char *status,
    const char *text)
{
	struct outcome out = { .kind = kind };

	plan_settle(p, i, &out, bytes_of(status), bytes_of(text));
}

ATF_TC_WITHOUT_HEAD(plan_parse__reads_all_there_is);
ATF_TC_BODY(plan_parse__reads_all_there_is, tc)
{
	static const char text[] = "From: a@b\n"
				   "To: x@y\n"
				   "Notify: SUCCESS,DELAY\n"
				   "Orcpt: rfc822;o@y\n"
				   "Failed: f@y\n"
				   "Status: 5.1.1\n"
				   "Diagnostic: no such: thing\n"
				   "Delivered: d@y\n"
				   "Action: expanded\n"
				   "Body: 8BITMIME\n"
				   "Smtputf8: yes\n"
				   "Envid: E1\n"
				   "Ret: HDRS\n"
				   "Requiretls: yes\n"
				   "Delay-Reported: yes\n";
	struct plan p;

	parse(&p, text);
	ATF_REQUIRE_EQ(3, p.nrcpt);
	ATF_CHECK(bytes_same(bytes_of("a@b"), p.sender));
	ATF_CHECK_EQ(PLAN_WAITING, p.rcpt[0].state);
	ATF_CHECK(bytes_same(bytes_of("x@y"), p.rcpt[0].mailbox));
	ATF_CHECK(bytes_same(bytes_of("SUCCESS,DELAY"), p.rcpt[0].notify));
	ATF_CHECK(bytes_same(bytes_of("rfc822;o@y"), p.rcpt[0].orcpt));
	ATF_CHECK_EQ(PLAN_FAILED, p.rcpt[1].state);
	ATF_CHECK(bytes_same(bytes_of("5.1.1"), p.rcpt[1].status));
	ATF_CHECK(
	    bytes_same(bytes_of("no such: thing"), p.rcpt[1].diagnostic));
	ATF_CHECK_EQ(0, p.rcpt[1].notify.n);
	ATF_CHECK_EQ(PLAN_DELIVERED, p.rcpt[2].state);
	ATF_CHECK(bytes_same(bytes_of("expanded"), p.rcpt[2].action));
	ATF_CHECK(bytes_same(bytes_of("8BITMIME"), p.body));
	ATF_CHECK(bytes_same(bytes_of("E1"), p.envid));
	ATF_CHECK(bytes_same(bytes_of("HDRS"), p.ret));
	ATF_CHECK(p.smtputf8 && p.requiretls && p.delay_reported);
	/* And it is written as it was. */
	ATF_CHECK_STREQ(text, print(&p));
}

ATF_TC_WITHOUT_HEAD(plan_parse__takes_what_other_hands_write);
ATF_TC_BODY(plan_parse__takes_what_other_hands_write, tc)
{
	struct plan p;

	/* CR LF, no blank, any case; lines nobody knows are kept. */
	parse(&p,
	    "FROM:a@b\r\nX-First: 1\r\nto: x@y\r\nX-Own: 2\r\nTo:z@y\r\n");
	ATF_REQUIRE_EQ(2, p.nrcpt);
	ATF_CHECK_STREQ(
	    "From: a@b\nTo: x@y\nTo: z@y\nX-First: 1\nX-Own: 2\n", print(&p));
	parse(&p, "From: \nTo: x@y\n");
	ATF_CHECK_EQ(0, p.sender.n);
	/* Nothing is left to be tried: that is no damage. */
	parse(&p, "From: a@b\nFailed: x@y\n");
	ATF_CHECK_EQ(0, plan_in(&p, PLAN_WAITING));
	/* What belongs to no recipient is nobody's. */
	parse(&p, "From: a@b\nNotify: NEVER\nTo: x@y\n");
	ATF_CHECK_EQ(0, p.rcpt[0].notify.n);
}

ATF_TC_WITHOUT_HEAD(plan_parse__refuses_what_is_damaged);
ATF_TC_BODY(plan_parse__refuses_what_is_damaged, tc)
{
	static const char *const rows[] = { "", "From: a@b\n", "To: x@y\n",
		"From: a@b\nTo: x@y", "From: a@b\nTo: \n",
		"From: a@b\nTo: x@y\nFrom: c@d\n", "From: a@b\nTo: x@y\nz\n",
		"From: a@b\nTo: x\001@y\n" };
	struct plan p;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(
		    plan_parse(&p, bytes_of(rows[i]), rcpts) != NULL, "%s",
		    rows[i]);
}

ATF_TC_WITHOUT_HEAD(plan_settle__keeps_who_is_to_be_reported);
ATF_TC_BODY(plan_settle__keeps_who_is_to_be_reported, tc)
{
	static const struct {
		const char *sender;
		const char *notify;
		enum outcome_kind kind;
		enum plan_state want;
	} rows[] = {
		{ "a@b", "", OUTCOME_DELIVERED, PLAN_GONE },
		{ "a@b", "FAILURE", OUTCOME_DELIVERED, PLAN_GONE },
		{ "a@b", "delay,success", OUTCOME_DELIVERED, PLAN_DELIVERED },
		{ "a@b", "SUCCESSFUL", OUTCOME_DELIVERED, PLAN_GONE },
		{ "", "SUCCESS", OUTCOME_DELIVERED, PLAN_GONE },
		{ "a@b", "", OUTCOME_FAILED, PLAN_FAILED },
		{ "a@b", "FAILURE", OUTCOME_FAILED, PLAN_FAILED },
		{ "a@b", "NEVER", OUTCOME_FAILED, PLAN_GONE },
		{ "a@b", "SUCCESS,DELAY", OUTCOME_FAILED, PLAN_GONE },
		{ "", "", OUTCOME_FAILED, PLAN_FAILED },
		{ "a@b", "NEVER", OUTCOME_TRY_AGAIN, PLAN_TRIED },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_rcpt r = { .state = PLAN_RUNNING,
			.notify = bytes_of(rows[i].notify) };
		struct plan p = { .rcpt = &r,
			.nrcpt = 1,
			.sender = bytes_of(rows[i].sender) };

		settle(&p, 0, rows[i].kind, "x", "y");
		ATF_CHECK_EQ_MSG(rows[i].want, r.state, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(plan_print__says_what_became_of_each);
ATF_TC_BODY(plan_print__says_what_became_of_each, tc)
{
	struct plan p;

	parse(&p,
	    "From: a@b\nTo: one@y\nTo: two@y\nNotify: SUCCESS\nTo: three@y\n"
	    "To: four@y\nOrcpt: rfc822;4@y\nEnvid: E\n");
	p.rcpt[0].state = PLAN_RUNNING;
	settle(&p, 1, OUTCOME_DELIVERED, "2.0.0", "maildir");
	settle(&p, 2, OUTCOME_DELIVERED, "2.0.0", "maildir");
	settle(&p, 3, OUTCOME_FAILED, "5.1.1", "nobody");
	p.delay_reported = true;
	ATF_CHECK_STREQ(
	    "From: a@b\nTo: one@y\n"
	    "Delivered: two@y\nNotify: SUCCESS\nStatus: 2.0.0\n"
	    "Diagnostic: maildir\n"
	    "Failed: four@y\nOrcpt: rfc822;4@y\nStatus: 5.1.1\n"
	    "Diagnostic: nobody\nEnvid: E\nDelay-Reported: yes\n",
	    print(&p));
	/* One that is tried again keeps nothing of the last try. */
	settle(&p, 0, OUTCOME_TRY_AGAIN, "4.0.0", "not yet");
	ATF_CHECK(strstr(print(&p), "To: one@y\nDelivered:") != NULL);
}

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
	ATF_TP_ADD_TC(tp, plan_parse__reads_all_there_is);
	ATF_TP_ADD_TC(tp, plan_parse__takes_what_other_hands_write);
	ATF_TP_ADD_TC(tp, plan_parse__refuses_what_is_damaged);
	ATF_TP_ADD_TC(tp, plan_settle__keeps_who_is_to_be_reported);
	ATF_TP_ADD_TC(tp, plan_print__says_what_became_of_each);
	ATF_TP_ADD_TC(tp, outcome_set__is_one_line_of_ascii);
	return (atf_no_error());
}
