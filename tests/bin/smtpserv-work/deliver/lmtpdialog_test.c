/* SPDX-License-Identifier: ISC */
#include "deliver/lmtpdialog.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* What the client says to a server that says this: "S" stands for the text. */
struct script {
	struct lmtpdialog_mail mail;
	struct lmtpdialog dialog;
	char said[4096];
};

static struct lmtpdialog_mail
mail(void)
{
	return ((struct lmtpdialog_mail){
	    .server = "lmtp:unix:/s",
	    .host = bytes_of("gnat.example.test"),
	    .sender = bytes_of("erick@maggot"),
	    .recipient = bytes_of("bruce+beers@gnat"),
	    .size = 77,
	});
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
			(void)buf_put(&said, lmtpdialog_command(&s->dialog));
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
	ATF_CHECK_EQ_MSG(kind, s->dialog.outcome.kind, "%s",
	    s->dialog.outcome.text);
	ATF_CHECK_STREQ(status, s->dialog.outcome.status);
	ATF_CHECK_STREQ(text, s->dialog.outcome.text);
}

#define OFFERS                                                                 \
	"220 hi\r\n250-me\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-smtputf8\r\n" \
	"250-PIPELINING\r\n250 DSN\r\n"

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__plain_server_gets_the_plain_commands);
ATF_TC_BODY(lmtpdialog_line__plain_server_gets_the_plain_commands, tc)
{
	struct script s = { .mail = mail() };

	s.mail.notify = bytes_of("FAILURE");
	s.mail.body = bytes_of("8BITMIME");
	s.mail.smtputf8 = true;
	play(&s, "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n"
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
	struct script s = { .mail = mail() };

	s.mail.notify = bytes_of("success,delay,FAILURE");
	s.mail.orcpt = bytes_of("rfc822;bruce+2Bx@gnat");
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
	check_outcome(&s, OUTCOME_DELIVERED, "2.0.0",
	    "250 done (lmtp:unix:/s)");
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
		struct script s = { .mail = mail() };

		s.mail.notify = bytes_of(rows[i].notify);
		play(&s, OFFERS "250 ok\r\n250 ok\r\n");
		ATF_CHECK_MSG(strstr(s.said, rows[i].want) != NULL,
		    "\"%s\": %s", rows[i].notify, s.said);
	}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__nothing_by_hand_becomes_a_command);
ATF_TC_BODY(lmtpdialog_line__nothing_by_hand_becomes_a_command, tc)
{
	struct script s = { .mail = mail() };

	s.mail.envid = bytes_of("x RET=FULL");
	s.mail.orcpt = bytes_of("rfc822;x NOTIFY=NEVER");
	s.mail.notify = bytes_of("FAILURE EVIL=1");
	s.mail.ret = bytes_of("FULL EVIL=2");
	play(&s, OFFERS "250 ok\r\n250 ok\r\n");
	ATF_CHECK_STREQ("LHLO gnat.example.test\r\n"
			"MAIL FROM:<erick@maggot> SIZE=77\r\n"
			"RCPT TO:<bruce+beers@gnat> NOTIFY=NEVER\r\n"
			"DATA\r\n",
	    s.said);
	s.mail = mail();
	s.mail.sender = bytes_of("a@b> BODY=8BITMIME");
	play(&s, OFFERS);
	check_outcome(&s, OUTCOME_FAILED, "5.1.7",
	    "the sender is no mailbox (lmtp:unix:/s)");
	s.mail = mail();
	s.mail.recipient = bytes_of("a@b> <c@d");
	play(&s, OFFERS "250 ok\r\n");
	check_outcome(&s, OUTCOME_FAILED, "5.1.3",
	    "the recipient is no mailbox (lmtp:unix:/s)");
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__null_sender_and_bare_postmaster_go);
ATF_TC_BODY(lmtpdialog_line__null_sender_and_bare_postmaster_go, tc)
{
	struct script s = { .mail = mail() };

	s.mail.sender = bytes_of("");
	s.mail.recipient = bytes_of("postmaster");
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
	struct script s = { .mail = mail() };

	s.mail.recipient = bytes_of("m\303\274ller@gnat");
	s.mail.smtputf8 = true;
	play(&s, "220 hi\r\n250 me\r\n");
	check_outcome(&s, OUTCOME_FAILED, "5.6.7",
	    "it takes no UTF-8 in addresses (lmtp:unix:/s)");
	s.mail = mail();
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
		    OUTCOME_TRY_AGAIN, "4.0.0",
		    "451 later (lmtp:unix:/s)" },
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
		struct script s = { .mail = mail() };

		play(&s, rows[i].server);
		check_outcome(&s, rows[i].kind, rows[i].status, rows[i].text);
	}
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_line__long_reply_is_cut);
ATF_TC_BODY(lmtpdialog_line__long_reply_is_cut, tc)
{
	char server[8192] = "220 hi\r\n250 me\r\n";
	struct script s = { .mail = mail() };
	int i;

	for (i = 0; i < 100; i++)
		(void)strcat(server, "550-5.1.1 a line of a long reply\r\n");
	(void)strcat(server, "550 5.1.1 end\r\n");
	play(&s, server);
	ATF_CHECK_EQ(OUTCOME_FAILED, s.dialog.outcome.kind);
	ATF_CHECK_STREQ("5.1.1", s.dialog.outcome.status);
	ATF_CHECK(strlen(s.dialog.outcome.text) < OUTCOME_TEXT_MAX);
	ATF_CHECK(strstr(s.dialog.outcome.text, "(lmtp:unix:/s)") != NULL);
}

ATF_TC_WITHOUT_HEAD(lmtpdialog_lost__changes_no_verdict);
ATF_TC_BODY(lmtpdialog_lost__changes_no_verdict, tc)
{
	struct script s = { .mail = mail() };

	play(&s, "220 hi\r\n250 me\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
	lmtpdialog_lost(&s.dialog, "connection closed");
	ATF_CHECK_EQ(OUTCOME_DELIVERED, s.dialog.outcome.kind);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, lmtpdialog_line__plain_server_gets_the_plain_commands);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__uses_what_is_offered);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__success_is_ours_to_report);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__nothing_by_hand_becomes_a_command);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__null_sender_and_bare_postmaster_go);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__what_a_server_cannot_take_fails);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__refusals);
	ATF_TP_ADD_TC(tp, lmtpdialog_line__long_reply_is_cut);
	ATF_TP_ADD_TC(tp, lmtpdialog_lost__changes_no_verdict);
	return (atf_no_error());
}
