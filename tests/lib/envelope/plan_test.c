/* SPDX-License-Identifier: ISC */
#include "envelope/plan.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

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
	ATF_REQUIRE_STREQ("",
	    plan_parse(p, bytes_of(text), rcpts) == NULL
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
settle(struct plan *p, size_t i, enum plan_state state, const char *status,
    const char *text)
{
	plan_settle(
	    p, i, state, bytes_of(status), bytes_of(text), bytes_of(""));
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
	ATF_CHECK(bytes_same(bytes_of("no such: thing"), p.rcpt[1].diagnostic));
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
	parse(
	    &p, "FROM:a@b\r\nX-First: 1\r\nto: x@y\r\nX-Own: 2\r\nTo:z@y\r\n");
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
		ATF_CHECK_MSG(plan_parse(&p, bytes_of(rows[i]), rcpts) != NULL,
		    "%s", rows[i]);
}

ATF_TC_WITHOUT_HEAD(plan_settle__keeps_who_is_to_be_reported);
ATF_TC_BODY(plan_settle__keeps_who_is_to_be_reported, tc)
{
	static const struct {
		const char *sender;
		const char *notify;
		enum plan_state state;
		enum plan_state want;
	} rows[] = {
		{ "a@b", "", PLAN_DELIVERED, PLAN_GONE },
		{ "a@b", "FAILURE", PLAN_DELIVERED, PLAN_GONE },
		{ "a@b", "delay,success", PLAN_DELIVERED, PLAN_DELIVERED },
		{ "a@b", "SUCCESSFUL", PLAN_DELIVERED, PLAN_GONE },
		{ "", "SUCCESS", PLAN_DELIVERED, PLAN_GONE },
		{ "a@b", "", PLAN_FAILED, PLAN_FAILED },
		{ "a@b", "FAILURE", PLAN_FAILED, PLAN_FAILED },
		{ "a@b", "NEVER", PLAN_FAILED, PLAN_GONE },
		{ "a@b", "SUCCESS,DELAY", PLAN_FAILED, PLAN_GONE },
		{ "", "", PLAN_FAILED, PLAN_FAILED },
		{ "a@b", "NEVER", PLAN_TRIED, PLAN_TRIED },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct plan_rcpt r = { .state = PLAN_RUNNING,
			.notify = bytes_of(rows[i].notify) };
		struct plan p = { .rcpt = &r,
			.nrcpt = 1,
			.sender = bytes_of(rows[i].sender) };

		settle(&p, 0, rows[i].state, "x", "y");
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
	plan_set(&p, 0, PLAN_RUNNING);
	settle(&p, 1, PLAN_DELIVERED, "2.0.0", "maildir");
	settle(&p, 2, PLAN_DELIVERED, "2.0.0", "maildir");
	settle(&p, 3, PLAN_FAILED, "5.1.1", "nobody");
	p.delay_reported = true;
	ATF_CHECK_STREQ("From: a@b\nTo: one@y\n"
			"Delivered: two@y\nNotify: SUCCESS\nStatus: 2.0.0\n"
			"Diagnostic: maildir\n"
			"Failed: four@y\nOrcpt: rfc822;4@y\nStatus: 5.1.1\n"
			"Diagnostic: nobody\nEnvid: E\nDelay-Reported: yes\n",
	    print(&p));
	/* Why one is tried again, for a person, or a report of a delay. */
	settle(&p, 0, PLAN_TRIED, "4.0.0", "not yet");
	ATF_CHECK(strstr(print(&p),
		      "To: one@y\nStatus: 4.0.0\nDiagnostic: not yet\n"
		      "Delivered:") != NULL);
}

static void
check(struct bytes got, const char *want)
{
	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)),
	    "want \"%s\", got "
	    "\"%.*s\"",
	    want, (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(plan_next__gives_each_recipient_their_own_lines);
ATF_TC_BODY(plan_next__gives_each_recipient_their_own_lines, tc)
{
	struct bytes rest = bytes_of("From: erick@maggot\n"
				     "Status: 5.0.0\n"
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
	struct plan_rcpt r;

	ATF_REQUIRE(plan_next(&rest, &r));
	ATF_CHECK_EQ(PLAN_WAITING, r.state);
	check(r.mailbox, "a@b");
	check(r.notify, "DELAY");
	check(r.status, "");
	ATF_REQUIRE(plan_next(&rest, &r));
	ATF_CHECK_EQ(PLAN_FAILED, r.state);
	check(r.mailbox, "c@d");
	check(r.notify, "");
	check(r.status, "5.1.1");
	check(r.diagnostic, "no: such user");
	check(r.orcpt, "rfc822;c@d");
	ATF_REQUIRE(plan_next(&rest, &r));
	ATF_CHECK_EQ(PLAN_DELIVERED, r.state);
	check(r.mailbox, "e@f");
	check(r.action, "relayed");
	check(r.orcpt, "");
	ATF_CHECK(!plan_next(&rest, &r));
	ATF_CHECK(!plan_next(&rest, &r));
}

ATF_TC_WITHOUT_HEAD(plan_print__says_which_instructions_are_done);
ATF_TC_BODY(plan_print__says_which_instructions_are_done, tc)
{
	struct plan p;

	parse(&p, "From: a@b\nTo: x@y\nDone: 1 0123456789abcdef\nTo: z@y\n");
	ATF_CHECK(bytes_same(bytes_of("1 0123456789abcdef"), p.rcpt[0].done));
	p.rcpt[1].done = bytes_of("2 fedcba9876543210");
	settle(&p, 1, PLAN_TRIED, "4.0.0", "no");
	ATF_CHECK_STREQ("From: a@b\nTo: x@y\nDone: 1 0123456789abcdef\n"
			"To: z@y\nStatus: 4.0.0\nDiagnostic: no\n"
			"Done: 2 fedcba9876543210\n",
	    print(&p));
	/* Of no use once they all are. */
	settle(&p, 0, PLAN_FAILED, "5.0.0", "no");
	ATF_CHECK_STREQ("From: a@b\nFailed: x@y\nStatus: 5.0.0\n"
			"Diagnostic: no\nTo: z@y\nStatus: 4.0.0\n"
			"Diagnostic: no\nDone: 2 fedcba9876543210\n",
	    print(&p));
}

ATF_TC_WITHOUT_HEAD(plan_parse__reads_a_journal);
ATF_TC_BODY(plan_parse__reads_a_journal, tc)
{
	static const char text[] =
	    "From: a@b\nTo: x@y\nTo: z@y\nTo: u@y\nNotify: NEVER\n"
	    "To: w@y\nX-Mine: 1\nJournal: yes\n"
	    "Result: 1 Failed\nStatus: 5.1.1\nDiagnostic: no\n"
	    "Result: 0 Gone\nResult: 3 To\nDone: 1 0123456789abcdef\n"
	    "Result: 2 Go";
	struct bytes sender;
	struct plan p;
	size_t nrcpt;

	parse(&p, text);
	ATF_CHECK_STREQ(
	    "From: a@b\nFailed: z@y\nStatus: 5.1.1\nDiagnostic: no\n"
	    "To: u@y\nNotify: NEVER\nTo: w@y\nDone: 1 0123456789abcdef\n"
	    "X-Mine: 1\n",
	    print(&p));
	ATF_CHECK_EQ(2, plan_in(&p, PLAN_WAITING));
	ATF_CHECK_EQ(1, plan_in(&p, PLAN_GONE));
	ATF_CHECK(plan_check(bytes_of(text), &sender, &nrcpt) == NULL);
	ATF_CHECK_EQ(2, nrcpt);
	/* As they stand in a file that is written now. */
	plan_renumber(&p);
	ATF_CHECK_EQ(0, p.rcpt[1].place);
	ATF_CHECK_EQ(2, p.rcpt[3].place);
}

ATF_TC_WITHOUT_HEAD(plan_print_result__is_read_back);
ATF_TC_BODY(plan_print_result__is_read_back, tc)
{
	static char store[CAP];
	struct plan p;
	struct buf b;
	size_t i;

	parse(&p, "From: a@b\nTo: x@y\nTo: z@y\nNotify: NEVER\nTo: u@y\n");
	settle(&p, 0, PLAN_FAILED, "5.1.1", "no");
	settle(&p, 1, PLAN_FAILED, "5.1.1", "no");
	settle(&p, 2, PLAN_TRIED, "4.0.0", "not yet");
	buf_init(&b, store, sizeof(store));
	(void)buf_put(&b, p.text);
	plan_print_journal(&b);
	for (i = 0; i < 3; i++)
		plan_print_result(&p, i, &b);
	ATF_CHECK_STREQ("From: a@b\nTo: x@y\nTo: z@y\nNotify: NEVER\n"
			"To: u@y\nJournal: yes\n"
			"Result: 0 Failed\nStatus: 5.1.1\nDiagnostic: no\n"
			"Result: 1 Gone\n"
			"Result: 2 To\nStatus: 4.0.0\nDiagnostic: not yet\n",
	    buf_cstr(&b));
	parse(&p, store);
	ATF_CHECK_STREQ(
	    "From: a@b\nFailed: x@y\nStatus: 5.1.1\nDiagnostic: no\n"
	    "To: u@y\nStatus: 4.0.0\nDiagnostic: not yet\n",
	    print(&p));
}

ATF_TC_WITHOUT_HEAD(plan_next__ends_at_what_is_no_envelope);
ATF_TC_BODY(plan_next__ends_at_what_is_no_envelope, tc)
{
	static const char *const none[] = { "", "From: a@b\n",
		"junk\nTo: a@b\n", "To: torn@b" };
	struct plan_rcpt r;
	struct bytes rest;
	size_t i;

	for (i = 0; i < ARRAY_LEN(none); i++) {
		rest = bytes_of(none[i]);
		ATF_CHECK_MSG(!plan_next(&rest, &r), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(plan_asks_for_report__notify_decides);
ATF_TC_BODY(plan_asks_for_report__notify_decides, tc)
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
	static const enum plan_state states[] = { PLAN_WAITING, PLAN_FAILED,
		PLAN_DELIVERED };
	size_t i;
	size_t j;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (j = 0; j < 3; j++) {
			struct plan_rcpt r = {
				.state = states[j],
				.notify = bytes_of(rows[i].notify),
			};

			ATF_CHECK_EQ_MSG(rows[i].want[j],
			    plan_asks_for_report(&r), "\"%s\" %zu",
			    rows[i].notify, j);
		}
}

ATF_TC_WITHOUT_HEAD(plan_read__reads_what_belongs_to_nobody);
ATF_TC_BODY(plan_read__reads_what_belongs_to_nobody, tc)
{
	struct plan m;

	plan_read(&m,
	    bytes_of("From: erick@maggot\nTo: a@b\nBody: binarymime\n"
		     "Smtputf8: yes\nEnvid: QQ314\nRet: hdrs\n"));
	check(m.sender, "erick@maggot");
	check(m.envid, "QQ314");
	check(m.ret, "hdrs");
	check(m.body, "binarymime");
	ATF_CHECK(m.smtputf8 && !m.requiretls && m.nrcpt == 0);
	plan_read(&m, bytes_of("From: \nTo: a@b\nRet: FULL\n"));
	check(m.sender, "");
	check(m.ret, "FULL");
	check(m.body, "");
	ATF_CHECK(!m.smtputf8);
}

ATF_TC_WITHOUT_HEAD(plan_check__finds_what_is_wrong_with_the_whole);
ATF_TC_BODY(plan_check__finds_what_is_wrong_with_the_whole, tc)
{
	static const struct {
		const char *text;
		const char *want; /* part of the complaint; NULL: good */
		const char *sender;
		size_t nrcpt;
	} rows[] = {
		{ "From: a@b\nTo: c@d\n", NULL, "a@b", 1 },
		{ "From: \nTo: c@d\nTo: e@f\n", NULL, "", 2 },
		{ "From: a@b\r\nTo: c@d\r\n", NULL, "a@b", 1 },
		{ "FROM: a@b\nto: c@d\n", NULL, "a@b", 1 },
		/* Lines of a later version are skipped. */
		{ "From: a@b\nTo: c@d\nNotify: NEVER\nTo: e@f\nBody: 8BITMIME\n"
		  "X-New: what\n",
		    NULL, "a@b", 2 },
		{ "", "no To:", "", 0 },
		{ "From: a@b\n", "no To:", "", 0 },
		{ "To: c@d\nFrom: a@b\n", "first line", "", 0 },
		{ "Body: 8BITMIME\nFrom: a@b\nTo: c@d\n", "first line", "", 0 },
		{ "From: a@b\nTo: c@d\nFrom: e@f\n", "second From:", "", 0 },
		{ "From: a@b\nTo: \n", "empty To:", "", 0 },
		{ "From: a@b\nTo: c@d\n\n", "Name: value", "", 0 },
		{ "From: a@b\nTo: c@d\nTo: e", "no line end", "", 0 },
		{ "From: a@b\nTo: c@d\nT", "no line end", "", 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes sender = { NULL, 0 };
		size_t nrcpt = 77;
		const char *got =
		    plan_check(bytes_of(rows[i].text), &sender, &nrcpt);

		if (rows[i].want != NULL) {
			ATF_CHECK_MSG(
			    got != NULL && strstr(got, rows[i].want) != NULL,
			    "row %zu: %s", i, got == NULL ? "good" : got);
			continue;
		}
		ATF_CHECK_MSG(
		    got == NULL, "row %zu: %s", i, got == NULL ? "" : got);
		ATF_CHECK_EQ_MSG(rows[i].nrcpt, nrcpt, "row %zu", i);
		ATF_CHECK_MSG(
		    bytes_same(sender, bytes_of(rows[i].sender)), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(plan_check__torn_anywhere_but_after_a_line_is_found);
ATF_TC_BODY(plan_check__torn_anywhere_but_after_a_line_is_found, tc)
{
	static const char text[] = "From: a@b\nTo: c@d\nTo: e@f\n";
	size_t n;

	for (n = 0; n <= strlen(text); n++) {
		struct bytes sender;
		size_t nrcpt;
		const char *got =
		    plan_check((struct bytes){ text, n }, &sender, &nrcpt);

		ATF_CHECK_EQ_MSG(n >= 18 && text[n - 1] == '\n', got == NULL,
		    "the first %zu bytes", n);
	}
}

/* Printed apart, and read into a plan that knows less, or more. */
ATF_TC_WITHOUT_HEAD(plan_read_reasons__of_more_tries_holds);
ATF_TC_BODY(plan_read_reasons__of_more_tries_holds, tc)
{
	static const char text[] = "From: a@b\nTo: x@y\nTo: z@y\n"
				   "Status: 4.0.0\nTries: 2\nTo: w@y\n";
	char store[CAP];
	struct plan_rcpt other[RCPTS];
	struct plan p;
	struct plan q;
	struct buf b;

	parse(&p, text);
	plan_try(&p, 0, bytes_of("2026-11-30T17:00:00Z"));
	settle(&p, 0, PLAN_TRIED, "4.4.1", "no answer");
	plan_try(&p, 2, bytes_of("then"));
	settle(&p, 2, PLAN_FAILED, "5.1.1", "nobody");
	buf_init(&b, store, sizeof(store));
	plan_print_reasons(&p, &b);
	ATF_CHECK_STREQ("To: x@y\nStatus: 4.4.1\nDiagnostic: no answer\n"
			"Tries: 1\nTried: 2026-11-30T17:00:00Z\n"
			"To: z@y\nStatus: 4.0.0\nTries: 2\n",
	    buf_cstr(&b));
	ATF_REQUIRE(plan_parse(&q, bytes_of(text), other) == NULL);
	plan_read_reasons(&q, buf_view(&b));
	ATF_CHECK_EQ(1, q.rcpt[0].tries);
	ATF_CHECK(bytes_same(q.rcpt[0].diagnostic, bytes_of("no answer")));
	/* One that was tried more often since; and one who is not there. */
	plan_read_reasons(&q,
	    bytes_of("To: z@y\nStatus: 4.1.1\nTries: 1\n"
		     "To: gone@y\nTries: 9\n"
		     "To: w@y\nTries: 9\n"));
	ATF_CHECK(bytes_same(q.rcpt[1].status, bytes_of("4.0.0")));
	ATF_CHECK_EQ(0, q.rcpt[2].tries);
	/* Torn: what is whole is read. */
	plan_read_reasons(
	    &q, bytes_of("To: x@y\nTries: 3\nTo: z@y\nTries: 4\nTo: w"));
	ATF_CHECK_EQ(3, q.rcpt[0].tries);
	ATF_CHECK_EQ(4, q.rcpt[1].tries);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, plan_parse__reads_all_there_is);
	ATF_TP_ADD_TC(tp, plan_parse__takes_what_other_hands_write);
	ATF_TP_ADD_TC(tp, plan_parse__refuses_what_is_damaged);
	ATF_TP_ADD_TC(tp, plan_settle__keeps_who_is_to_be_reported);
	ATF_TP_ADD_TC(tp, plan_print__says_what_became_of_each);
	ATF_TP_ADD_TC(tp, plan_next__gives_each_recipient_their_own_lines);
	ATF_TP_ADD_TC(tp, plan_print__says_which_instructions_are_done);
	ATF_TP_ADD_TC(tp, plan_parse__reads_a_journal);
	ATF_TP_ADD_TC(tp, plan_print_result__is_read_back);
	ATF_TP_ADD_TC(tp, plan_read_reasons__of_more_tries_holds);
	ATF_TP_ADD_TC(tp, plan_next__ends_at_what_is_no_envelope);
	ATF_TP_ADD_TC(tp, plan_asks_for_report__notify_decides);
	ATF_TP_ADD_TC(tp, plan_read__reads_what_belongs_to_nobody);
	ATF_TP_ADD_TC(tp, plan_check__finds_what_is_wrong_with_the_whole);
	ATF_TP_ADD_TC(tp, plan_check__torn_anywhere_but_after_a_line_is_found);
	return (atf_no_error());
}
