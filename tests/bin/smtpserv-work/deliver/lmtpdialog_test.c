/* SPDX-License-Identifier: ISC */
#include "deliver/lmtpdialog.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* What the client says to a server that says this: "S" stands for the text. */
struct script {
	struct lmtpdialog_mail mail;
	struct lmtpdialog_rcpt rcpt[4];
	struct lmtpdialog dialog;
	char said[4096];
};

static void
set_up(struct script *s)
{
	*s = (struct script){
		.mail = { .server = "lmtp:unix:/s",
		    .host = bytes_of("gnat.example.test"),
		    .sender = bytes_of("erick@maggot"),
		    .nrcpt = 1,
		    .size = 77 },
		.rcpt = { { .mailbox = bytes_of("bruce+beers@gnat") },
		    { .mailbox = bytes_of("ann@gnat") },
		    { .mailbox = bytes_of("cid@gnat") } },
	};
	s->mail.rcpt = s->rcpt;
}

static void
play(struct script *s, const char *server)
{
	struct bytes in = bytes_of(server);
	struct smtpanswer answer;
	struct buf said;
	enum lmtpdialog_next next = LMTPDIALOG_READ;

	buf_init(&said, s->said, sizeof(s->said));
	smtpanswer_init(&answer);
	lmtpdialog_init(&s->dialog, &s->mail);
	while (in.n > 0 && next != LMTPDIALOG_DONE) {
		size_t used;
		enum smtpanswer_status status =
		    smtpanswer_feed(&answer, in, &used);

		in = bytes_cut(in, used, in.n);
		next = lmtpdialog_line(&s->dialog, status, &answer);
		if (next == LMTPDIALOG_SEND)
			(void)buf_put(&said, lmtpdialog_commands(&s->dialog));
		if (next == LMTPDIALOG_TEXT)
			(void)buf_puts(&said, "S\r\n");
	}
	if (next != LMTPDIALOG_DONE)
		lmtpdialog_lost(&s->dialog, "connection closed");
	ATF_REQUIRE(buf_cstr(&said) != NULL);
}

static void
check_outcome(const struct script *s, enum outcome_kind kind,
    const char *status, const char *text)
{
	const struct outcome *out = &s->rcpt[0].outcome;

	ATF_CHECK(s->rcpt[0].is_known);
	ATF_CHECK_EQ_MSG(kind, out->kind, "%s", out->text);
	ATF_CHECK_STREQ(status, out->status);
	ATF_CHECK_STREQ(text, out->text);
}

#define OFFERS                                                                  \
	"220 hi\r\n250-me\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-smtputf8\r\n" \
	"250-CHUNKING\r\n250 DSN\r\n"
#define PIPELINES "220 hi\r\n250-me\r\n250 PIPELINING\r\n"

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__plain_server_gets_the_plain_commands);
ATF_TC_BODY(lmtpdialog_line__plain_server_gets_the_plain_commands, tc)
{
	struct script s;

	set_up(&s);
	s.rcpt[0].notify = bytes_of("FAILURE");
	s.mail.body = bytes_of("8BITMIME");
	s.mail.smtputf8 = true;
	play(&s,
	    "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n"
	    "250 2.0.0 <bruce> saved\r\n");
	ATF_CHECK_STREQ("LHLO gnat.example.test\r\n"
			"MAIL FROM:<erick@maggot>\r\n"
			"RCPT TO:<bruce+beers@gnat>\r\n"
			"DATA\r\n"
			"S\r\n",
	    s.said);
	check_outcome(&s, OUTCOME_DELIVERED, "2.0.0",
	    "250 2.0.0 <bruce> saved (lmtp:unix:/s)");
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__uses_what_is_offered);
ATF_TC_BODY(lmtpdialog_line__uses_what_is_offered, tc)
{
	struct script s;

	set_up(&s);
	s.rcpt[0].notify = bytes_of("success,delay,FAILURE");
	s.rcpt[0].orcpt = bytes_of("rfc822;bruce+2Bx@gnat");
	s.mail.envid = bytes_of("QQ+2B314");
	s.mail.ret = bytes_of("hdrs");
	s.mail.body = bytes_of("8BITMIME");
	s.mail.smtputf8 = true;
	play(&s, OFFERS "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n");
	ATF_CHECK_STREQ(
	    "LHLO gnat.example.test\r\n"
	    "MAIL FROM:<erick@maggot> SIZE=77 BODY=8BITMIME SMTPUTF8 "
	    "RET=HDRS ENVID=QQ+2B314\r\n"
	    "RCPT TO:<bruce+beers@gnat> NOTIFY=FAILURE,DELAY "
	    "ORCPT=rfc822;bruce+2Bx@gnat\r\n"
	    "DATA\r\n"
	    "S\r\n",
	    s.said);
	check_outcome(
	    &s, OUTCOME_DELIVERED, "2.0.0", "250 done (lmtp:unix:/s)");
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__an_address_in_utf8_says_so);
ATF_TC_BODY(lmtpdialog_line__an_address_in_utf8_says_so, tc)
{
	static const struct {
		const char *sender;
		const char *rcpt;
		const char *want;
	} rows[] = {
		{ "erick@maggot", "b@gnat",
		    "MAIL FROM:<erick@maggot> SIZE=77\r\n" },
		{ "erick@maggot", "b\303\266b@gnat",
		    "MAIL FROM:<erick@maggot> SIZE=77 SMTPUTF8\r\n" },
		{ "\303\251rick@maggot", "b@gnat",
		    "MAIL FROM:<\303\251rick@maggot> SIZE=77 SMTPUTF8\r\n" },
	};
	size_t i;

	/* Also where the envelope, made by hand, does not say that it does. */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct script s;

		set_up(&s);
		s.mail.sender = bytes_of(rows[i].sender);
		s.rcpt[0].mailbox = bytes_of(rows[i].rcpt);
		play(&s, OFFERS "250 ok\r\n250 ok\r\n354 go\r\n250 done\r\n");
		ATF_CHECK_MSG(
		    strstr(s.said, rows[i].want) != NULL, "%s", s.said);
		check_outcome(
		    &s, OUTCOME_DELIVERED, "2.0.0", "250 done (lmtp:unix:/s)");
	}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__success_is_ours_to_report);
ATF_TC_BODY(lmtpdialog_line__success_is_ours_to_report, tc)
{
	static const struct {
		const char *notify;
		const char *want;
	} rows[] = {
		{ "", "RCPT TO:<bruce+beers@gnat>\r\n" },
		{ "NEVER", " NOTIFY=NEVER\r\n" },
		{ "SUCCESS", " NOTIFY=NEVER\r\n" },
		{ "SUCCESS,FAILURE", " NOTIFY=FAILURE\r\n" },
		{ "DELAY", " NOTIFY=DELAY\r\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct script s;

		set_up(&s);
		s.rcpt[0].notify = bytes_of(rows[i].notify);
		play(&s, OFFERS "250 ok\r\n250 ok\r\n");
		ATF_CHECK_MSG(strstr(s.said, rows[i].want) != NULL,
		    "\"%s\": %s", rows[i].notify, s.said);
	}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__nothing_by_hand_becomes_a_command);
ATF_TC_BODY(lmtpdialog_line__nothing_by_hand_becomes_a_command, tc)
{
	struct script s;

	set_up(&s);
	s.mail.envid = bytes_of("x RET=FULL");
	s.rcpt[0].orcpt = bytes_of("rfc822;x NOTIFY=NEVER");
	s.rcpt[0].notify = bytes_of("FAILURE EVIL=1");
	s.mail.ret = bytes_of("FULL EVIL=2");
	play(&s, OFFERS "250 ok\r\n250 ok\r\n");
	ATF_CHECK_STREQ("LHLO gnat.example.test\r\n"
			"MAIL FROM:<erick@maggot> SIZE=77\r\n"
			"RCPT TO:<bruce+beers@gnat> NOTIFY=NEVER\r\n"
			"DATA\r\n",
	    s.said);
	set_up(&s);
	s.mail.sender = bytes_of("a@b> BODY=8BITMIME");
	play(&s, OFFERS);
	check_outcome(&s, OUTCOME_FAILED, "5.1.7",
	    "the sender is no mailbox (lmtp:unix:/s)");
	set_up(&s);
	s.rcpt[0].mailbox = bytes_of("a@b> <c@d");
	play(&s, OFFERS "250 ok\r\n");
	check_outcome(&s, OUTCOME_FAILED, "5.1.3",
	    "the recipient is no mailbox (lmtp:unix:/s)");
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__null_sender_and_bare_postmaster_go);
ATF_TC_BODY(lmtpdialog_line__null_sender_and_bare_postmaster_go, tc)
{
	struct script s;

	set_up(&s);
	s.mail.sender = bytes_of("");
	s.rcpt[0].mailbox = bytes_of("postmaster");
	play(&s, "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n");
	ATF_CHECK_STREQ("LHLO gnat.example.test\r\n"
			"MAIL FROM:<>\r\n"
			"RCPT TO:<postmaster>\r\n"
			"DATA\r\n",
	    s.said);
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__what_a_server_cannot_take_fails);
ATF_TC_BODY(lmtpdialog_line__what_a_server_cannot_take_fails, tc)
{
	struct script s;

	set_up(&s);
	s.rcpt[0].mailbox = bytes_of("m\303\274ller@gnat");
	s.mail.smtputf8 = true;
	play(&s, "220 hi\r\n250 me\r\n");
	check_outcome(&s, OUTCOME_FAILED, "5.6.7",
	    "it takes no UTF-8 in addresses (lmtp:unix:/s)");
	set_up(&s);
	s.mail.body = bytes_of("BINARYMIME");
	play(&s, OFFERS);
	check_outcome(&s, OUTCOME_FAILED, "5.6.1",
	    "it takes no BINARYMIME by DATA (lmtp:unix:/s)");
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__refusals);
ATF_TC_BODY(lmtpdialog_line__refusals, tc)
{
	static const struct {
		const char *server;
		enum outcome_kind kind;
		const char *status;
		const char *text;
	} rows[] = {
		/* Of LMTP itself: not the sender's fault. */
		{ "554 5.3.2 go away\r\n", OUTCOME_TRY_AGAIN, "4.3.2",
		    "554 5.3.2 go away (lmtp:unix:/s)" },
		{ "421 busy\r\n", OUTCOME_TRY_AGAIN, "4.0.0",
		    "421 busy (lmtp:unix:/s)" },
		{ "220 hi\r\n500 5.5.1 this is SMTP\r\n", OUTCOME_TRY_AGAIN,
		    "4.5.1", "500 5.5.1 this is SMTP (lmtp:unix:/s)" },
		/* Of this message. */
		{ "220 hi\r\n250 me\r\n552 5.3.4 too big\r\n", OUTCOME_FAILED,
		    "5.3.4", "552 5.3.4 too big (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n"
		  "550-5.1.1 who?\r\n550 5.1.1 ask them\r\n",
		    OUTCOME_FAILED, "5.1.1",
		    "550 5.1.1 who? 5.1.1 ask them (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n452 4.2.2 full\r\n",
		    OUTCOME_TRY_AGAIN, "4.2.2",
		    "452 4.2.2 full (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n451 later\r\n",
		    OUTCOME_TRY_AGAIN, "4.0.0", "451 later (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n"
		  "554 5.6.0 \001virus\377\r\n",
		    OUTCOME_FAILED, "5.6.0",
		    "554 5.6.0 ?virus? (lmtp:unix:/s)" },
		/* A status that contradicts its code is none. */
		{ "220 hi\r\n250 me\r\n250 ok\r\n450 5.1.1 who?\r\n",
		    OUTCOME_TRY_AGAIN, "4.0.0",
		    "450 5.1.1 who? (lmtp:unix:/s)" },
		/* Nonsense is never an acceptance. */
		{ "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n250 ok\r\n",
		    OUTCOME_TRY_AGAIN, "4.4.2",
		    "a reply that makes no sense at DATA (lmtp:unix:/s)" },
		{ "220 hi\r\n354 go\r\n", OUTCOME_TRY_AGAIN, "4.4.2",
		    "a reply that makes no sense at LHLO (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n354 go\r\n",
		    OUTCOME_TRY_AGAIN, "4.4.2",
		    "a reply that makes no sense at the end of the text "
		    "(lmtp:unix:/s)" },
		{ "HTTP/1.0 400 Bad Request\r\n", OUTCOME_TRY_AGAIN, "4.4.2",
		    "no reply but junk at its greeting (lmtp:unix:/s)" },
		{ "", OUTCOME_TRY_AGAIN, "4.4.2",
		    "connection closed at its greeting (lmtp:unix:/s)" },
		{ "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n25",
		    OUTCOME_TRY_AGAIN, "4.4.2",
		    "connection closed at the end of the text "
		    "(lmtp:unix:/s)" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct script s;

		set_up(&s);
		play(&s, rows[i].server);
		check_outcome(&s, rows[i].kind, rows[i].status, rows[i].text);
	}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__long_reply_is_cut);
ATF_TC_BODY(lmtpdialog_line__long_reply_is_cut, tc)
{
	char server[8192] = "220 hi\r\n250 me\r\n";
	struct script s;
	int i;

	set_up(&s);
	for (i = 0; i < 100; i++)
		(void)strcat(server, "550-5.1.1 a line of a long reply\r\n");
	(void)strcat(server, "550 5.1.1 end\r\n");
	play(&s, server);
	ATF_CHECK_EQ(OUTCOME_FAILED, s.rcpt[0].outcome.kind);
	ATF_CHECK_STREQ("5.1.1", s.rcpt[0].outcome.status);
	ATF_CHECK(strlen(s.rcpt[0].outcome.text) < OUTCOME_TEXT_MAX);
	ATF_CHECK(strstr(s.rcpt[0].outcome.text, "(lmtp:unix:/s)") != NULL);
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_lost__changes_no_verdict);
ATF_TC_BODY(lmtpdialog_lost__changes_no_verdict, tc)
{
	struct script s;

	set_up(&s);
	play(
	    &s, "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
	lmtpdialog_lost(&s.dialog, "connection closed");
	ATF_CHECK_EQ(OUTCOME_DELIVERED, s.rcpt[0].outcome.kind);
}

/* What became of each recipient: a digit for each, and D if it is down. */
static void
check_outcomes(const struct script *s, const char *want)
{
	char got[16] = "";
	size_t n = 0;
	size_t i;

	for (i = 0; i < s->mail.nrcpt; i++) {
		ATF_REQUIRE(s->rcpt[i].is_known);
		got[n++] = s->rcpt[i].outcome.status[0];
		if (s->rcpt[i].outcome.is_down)
			got[n++] = 'D';
	}
	ATF_CHECK_STREQ(want, got);
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__several_recipients_share_a_text);
ATF_TC_BODY(lmtpdialog_line__several_recipients_share_a_text, tc)
{
	static const struct {
		const char *server; /* behind LHLO */
		const char *want;
		bool gets_text;
		bool wants_text;
	} rows[] = {
		{ "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"
		  "250 a\r\n452 b\r\n550 c\r\n",
		    "245", true, false },
		/* Who is refused is not answered once more. */
		{ "250 ok\r\n250 ok\r\n550 who?\r\n250 ok\r\n354 go\r\n"
		  "452 a\r\n250 c\r\n",
		    "452", true, false },
		{ "250 ok\r\n250 ok\r\n550 who?\r\n250 ok\r\n354 go\r\n"
		  "250 a\r\n",
		    "254D", true, false },
		{ "552 too big\r\n", "555", false, false },
		{ "250 ok\r\n250 ok\r\n421 bye\r\n", "4D4D4D", false, false },
		{ "250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n451 later\r\n",
		    "454", false, false },
	};
	size_t pipelines;
	size_t i;

	for (pipelines = 0; pipelines < 2; pipelines++)
		for (i = 0; i < ARRAY_LEN(rows); i++) {
			char server[1024];
			struct script s;

			set_up(&s);
			s.mail.nrcpt = 3;
			(void)snprintf(server, sizeof(server), "%s%s",
			    pipelines ? PIPELINES : "220 hi\r\n250 me\r\n",
			    rows[i].server);
			play(&s, server);
			check_outcomes(&s, rows[i].want);
			ATF_CHECK_EQ(rows[i].gets_text,
			    strstr(s.said, "\r\nS\r\n") != NULL);
			ATF_CHECK_EQ(rows[i].wants_text, s.dialog.wants_text);
		}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__pipelines_where_it_is_offered);
ATF_TC_BODY(lmtpdialog_line__pipelines_where_it_is_offered, tc)
{
	struct script s;

	set_up(&s);
	s.mail.nrcpt = 3;
	s.rcpt[1].mailbox = bytes_of("a@b> <c@d");
	/* All of it before an answer to any. */
	play(&s, PIPELINES);
	ATF_CHECK_STREQ("LHLO gnat.example.test\r\n"
			"MAIL FROM:<erick@maggot>\r\n"
			"RCPT TO:<bruce+beers@gnat>\r\n"
			"RCPT TO:<cid@gnat>\r\n"
			"DATA\r\n",
	    s.said);
	check_outcomes(&s, "4D54D");
	/* It wants a text for nobody: that is no use, and no end of one. */
	set_up(&s);
	play(&s, PIPELINES "250 ok\r\n550 5.1.1 who?\r\n354 go\r\n");
	check_outcomes(&s, "5");
	ATF_CHECK(s.dialog.wants_text);
	ATF_CHECK(strstr(s.said, "S\r\n") == NULL);
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__groups_are_bounded);
ATF_TC_BODY(lmtpdialog_line__groups_are_bounded, tc)
{
	static struct lmtpdialog_rcpt rcpt[300];
	enum lmtpdialog_next next = LMTPDIALOG_READ;
	const struct smtpanswer ok = { .code = 250, .text = { "ok", 2 } };
	struct smtpanswer offer = { .code = 250,
		.text = bytes_of("PIPELINING") };
	const struct smtpanswer go = { .code = 354, .text = { "go", 2 } };
	struct script s;
	size_t replies = 0;
	size_t groups = 0;
	size_t i;

	set_up(&s);
	s.mail.rcpt = rcpt;
	s.mail.nrcpt = ARRAY_LEN(rcpt);
	for (i = 0; i < ARRAY_LEN(rcpt); i++)
		rcpt[i] = (struct lmtpdialog_rcpt){
			.mailbox = bytes_of(
			    "a-mailbox-of-some-length@a-domain.example")
		};
	lmtpdialog_init(&s.dialog, &s.mail);
	(void)lmtpdialog_line(&s.dialog, SMTPANSWER_LAST, &ok);
	(void)lmtpdialog_line(&s.dialog, SMTPANSWER_PART, &ok);
	next = lmtpdialog_line(&s.dialog, SMTPANSWER_LAST, &offer);
	while (next != LMTPDIALOG_TEXT && replies < 1000) {
		if (next == LMTPDIALOG_SEND) {
			groups++;
			ATF_CHECK(lmtpdialog_commands(&s.dialog).n <=
			    LMTPDIALOG_GROUP_MAX);
		}
		next = lmtpdialog_line(
		    &s.dialog, SMTPANSWER_LAST, replies++ == 301 ? &go : &ok);
	}
	ATF_CHECK_EQ(302, replies);
	ATF_CHECK(groups > 1 && groups < 6);
	for (i = 0; i < 299; i++)
		ATF_REQUIRE_EQ(LMTPDIALOG_READ,
		    lmtpdialog_line(&s.dialog, SMTPANSWER_LAST, &ok));
	ATF_CHECK_EQ(
	    LMTPDIALOG_DONE, lmtpdialog_line(&s.dialog, SMTPANSWER_LAST, &ok));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, lmtpdialog_line__plain_server_gets_the_plain_commands);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__uses_what_is_offered);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__an_address_in_utf8_says_so);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__success_is_ours_to_report);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__nothing_by_hand_becomes_a_command);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__null_sender_and_bare_postmaster_go);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__what_a_server_cannot_take_fails);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__refusals);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__long_reply_is_cut);
	ATF_TP_ADD_TC(tp, lmtpdialog_lost__changes_no_verdict);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__several_recipients_share_a_text);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__pipelines_where_it_is_offered);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__groups_are_bounded);
	return (atf_no_error());
}
