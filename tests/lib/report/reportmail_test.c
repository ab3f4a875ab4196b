/* SPDX-License-Identifier: ISC */
#include "report/reportmail.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envelope/envelope.h"
#include "sys/sysclock.h"

enum {
	/* Tue, 24 Nov 2026 10:00:00 +0000 */
	ARRIVED = 1795514400,
	HOUR = 3600
};

static const char ORIGINAL[] =
    "Received: from maggot by gnat with ESMTP\n"
    "\tid A1; Tue, 24 Nov 2026 10:00:00 +0000\n"
    "Message-ID: <beers@maggot>\n"
    "Subject: Beers?\n"
    "\n"
    "Six?\n";

static void
write_file(const char *name, const char *text, size_t n)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)n, write(fd, text, n));
	ATF_REQUIRE_EQ(0, close(fd));
}

static void
read_file(const char *name, char *into, size_t cap)
{
	int fd = open(name, O_RDONLY);
	ssize_t n;

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	n = read(fd, into, cap - 1);
	ATF_REQUIRE(n >= 0);
	into[n] = '\0';
	ATF_REQUIRE_EQ(0, close(fd));
}

/* The number of the report that was committed for this envelope and text. */
static uint32_t
commit_as(const char *envelope, struct bytes text, enum report_kind kind,
    const char *eol)
{
	struct reportmail mail = {
		.envelope = bytes_of(envelope),
		.kind = kind,
		.host = bytes_of("gnat.example.test"),
		.eol = eol,
		.now = ARRIVED + HOUR,
		.arrived = ARRIVED,
		.attempted = ARRIVED + HOUR - 1,
		.expires = ARRIVED + 7 * 24 * HOUR,
	};
	struct spool spool;
	struct fault why;
	uint32_t number = 0;

	(void)mkdir("spool", 0700);
	write_file("original", text.p, text.n);
	mail.txt_fd = open("original", O_RDONLY);
	ATF_REQUIRE(mail.txt_fd >= 0);
	ATF_REQUIRE_EQ(RES_OK, spool_open(&spool, "spool", false, &why));
	ATF_REQUIRE_EQ(RES_OK,
	    report_commit(&spool, &mail, sysclock_after(sysclock_ms(), 10),
		&number, &why));
	spool_close(&spool);
	ATF_REQUIRE_EQ(0, lseek(mail.txt_fd, 0, SEEK_CUR));
	ATF_REQUIRE_EQ(0, close(mail.txt_fd));
	return (number);
}

static uint32_t
commit(const char *envelope, enum report_kind kind)
{
	return (commit_as(envelope, bytes_of(ORIGINAL), kind, "\n"));
}

static void
check_envelope(uint32_t number, const char *want)
{
	char name[64];
	char got[4096];

	(void)snprintf(name, sizeof(name), "spool/%u.WRK", number);
	read_file(name, got, sizeof(got));
	ATF_CHECK_STREQ(want, got);
}

/* What Python's mail parser finds in the report. */
static void
read_report(const atf_tc_t *tc, uint32_t number, char *into, size_t cap)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
	    "PYTHONIOENCODING=utf-8 "
	    "python3 '%s/../../support/read_report.py' spool/%u.TXT >read",
	    atf_tc_get_config_var(tc, "srcdir"), number);
	ATF_REQUIRE_EQ_MSG(0, system(command), "%s", command);
	read_file("read", into, cap);
}

static void
check_report(const atf_tc_t *tc, uint32_t number, const char *want)
{
	char got[65536];

	read_report(tc, number, got, sizeof(got));
	ATF_CHECK_STREQ(want, got);
}

static void
check_finds(const char *got, const char *want)
{
	ATF_CHECK_MSG(strstr(got, want) != NULL, "no \"%s\" in:\n%s", want,
	    got);
}

static void
check_lacks(const char *got, const char *bad)
{
	ATF_CHECK_MSG(strstr(got, bad) == NULL, "\"%s\" in:\n%s", bad, got);
}

#define NEEDS_PYTHON(name)                                                     \
	ATF_TC(name);                                                          \
	ATF_TC_HEAD(name, tc)                                                  \
	{                                                                      \
		atf_tc_set_md_var(tc, "require.progs", "python3");             \
	}

NEEDS_PYTHON(report_commit__failure_is_read_back_field_by_field)
ATF_TC_BODY(report_commit__failure_is_read_back_field_by_field, tc)
{
	uint32_t number = commit("From: erick@maggot\n"
	    "To: still@waiting\n"
	    "Failed: bruce@gnat\n"
	    "Notify: FAILURE,DELAY\n"
	    "Orcpt: rfc822;bruce+2Bbeers@gnat\n"
	    "Status: 5.1.1\n"
	    "Diagnostic: 550 5.1.1 no such user\n"
	    "Failed: ann@gnat\n"
	    "Diagnostic: the command exited with 100\n"
	    "Failed: never@gnat\n"
	    "Notify: NEVER\n"
	    "Failed: onlydelay@gnat\n"
	    "Notify: DELAY\n"
	    "Delivered: unasked@gnat\n"
	    "Envid: QQ+2B314159\n",
	    REPORT_FINAL);

	check_envelope(number, "From: \nTo: erick@maggot\n");
	check_report(tc, number,
	    "Date: Tue, 24 Nov 2026 11:00:00 +0000\n"
	    "From: Mail delivery <MAILER-DAEMON@gnat.example.test>\n"
	    "To: <erick@maggot>\n"
	    "Subject: Your mail could not be delivered\n"
	    "In-Reply-To: <beers@maggot>\n"
	    "References: <beers@maggot>\n"
	    "Auto-Submitted: auto-replied\n"
	    "MIME-Version: 1.0\n"
	    "is multipart/report delivery-status\n"
	    "parts text/plain message/delivery-status message/rfc822\n"
	    "-- us-ascii 7bit\n"
	    "| This is the mail system at gnat.example.test.\n"
	    "| It writes about the message that came on\n"
	    "|     Tue, 24 Nov 2026 10:00:00 +0000\n"
	    "| \n"
	    "| It could not be delivered to these, and will not be tried "
	    "again:\n"
	    "| \n"
	    "|     bruce@gnat\n"
	    "|         550 5.1.1 no such user\n"
	    "| \n"
	    "|     ann@gnat\n"
	    "|         the command exited with 100\n"
	    "--\n"
	    "Original-Envelope-Id: QQ+314159\n"
	    "Reporting-MTA: dns; gnat.example.test\n"
	    "Arrival-Date: Tue, 24 Nov 2026 10:00:00 +0000\n"
	    "--\n"
	    "Original-Recipient: rfc822;bruce+beers@gnat\n"
	    "Final-Recipient: rfc822; bruce@gnat\n"
	    "Action: failed\n"
	    "Status: 5.1.1\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 no such user\n"
	    "Last-Attempt-Date: Tue, 24 Nov 2026 10:59:59 +0000\n"
	    "--\n"
	    "Final-Recipient: rfc822; ann@gnat\n"
	    "Action: failed\n"
	    "Status: 5.0.0\n"
	    "Diagnostic-Code: x-smtpserv; the command exited with 100\n"
	    "Last-Attempt-Date: Tue, 24 Nov 2026 10:59:59 +0000\n"
	    "-- None\n"
	    "Received: from maggot by gnat with ESMTP\\n"
	    "\\tid A1; Tue, 24 Nov 2026 10:00:00 +0000\\n"
	    "Message-ID: <beers@maggot>\\nSubject: Beers?\\n\\nSix?\\n\n");
}

NEEDS_PYTHON(report_commit__delay_says_until_when)
ATF_TC_BODY(report_commit__delay_says_until_when, tc)
{
	uint32_t number = commit("From: erick@maggot\n"
	    "To: bruce@gnat\n"
	    "Status: 4.2.2\n"
	    "Diagnostic: mailbox full\n"
	    "To: silent@gnat\n"
	    "Notify: FAILURE,SUCCESS\n"
	    "Failed: ann@gnat\n"
	    "Ret: FULL\n",
	    REPORT_DELAY);
	char got[16384];

	check_envelope(
	    number, "From: \nTo: erick@maggot\nNotify: NEVER\n");
	read_report(tc, number, got, sizeof(got));
	check_finds(got, "Subject: Your mail is delayed\n");
	check_finds(got,
	    "| It will be given up if it is still here on\n"
	    "|     Tue, 1 Dec 2026 10:00:00 +0000\n");
	check_finds(got,
	    "\nFinal-Recipient: rfc822; bruce@gnat\n"
	    "Action: delayed\n"
	    "Status: 4.2.2\n"
	    "Diagnostic-Code: x-smtpserv; mailbox full\n"
	    "Last-Attempt-Date: Tue, 24 Nov 2026 10:59:59 +0000\n"
	    "Will-Retry-Until: Tue, 1 Dec 2026 10:00:00 +0000\n"
	    "-- None\n");
	check_finds(got, "message/delivery-status text/rfc822-headers\n");
	check_finds(got, "Subject: Beers?\\n\n");
	check_lacks(got, "Six?");
	check_lacks(got, "ann@gnat");
	check_lacks(got, "silent@gnat");
}

NEEDS_PYTHON(report_commit__success_names_what_was_done)
ATF_TC_BODY(report_commit__success_names_what_was_done, tc)
{
	char got[16384];

	read_report(tc,
	    commit("From: erick@maggot\n"
		"Delivered: bruce@gnat\n"
		"Notify: SUCCESS,FAILURE\n"
		"Diagnostic: maildir\n"
		"Delivered: ann@gnat\n"
		"Notify: success\n"
		"Action: relayed\n"
		"Status: 2.1.9\n"
		"Diagnostic: 250 2.1.9 sent on\n"
		"Delivered: all@gnat\n"
		"Notify: SUCCESS\n"
		"Action: expanded\n"
		"Status: 5.1.1\n"
		"Delivered: quiet@gnat\n"
		"Notify: FAILURE\n",
		REPORT_FINAL),
	    got, sizeof(got));
	check_finds(got, "Subject: Your mail was delivered\n");
	check_finds(got,
	    "\nFinal-Recipient: rfc822; bruce@gnat\nAction: delivered\n"
	    "Status: 2.0.0\n");
	check_finds(got,
	    "\nFinal-Recipient: rfc822; ann@gnat\nAction: relayed\n"
	    "Status: 2.1.9\n"
	    "Diagnostic-Code: smtp; 250 2.1.9 sent on\n");
	check_lacks(got, "maildir");
	check_finds(got,
	    "| It was delivered to these:\n"
	    "| \n"
	    "|     bruce@gnat\n"
	    "| \n"
	    "| It was relayed for these: it was sent on, and no report may "
	    "tell\n"
	    "| whether it arrives:\n"
	    "| \n"
	    "|     ann@gnat\n"
	    "| \n"
	    "| It was sent on for these, to several addresses each; no report "
	    "may\n"
	    "| tell whether it arrives there:\n"
	    "| \n"
	    "|     all@gnat\n");
	/* A class that contradicts the action is nobody's word. */
	check_finds(got,
	    "\nFinal-Recipient: rfc822; all@gnat\nAction: expanded\n"
	    "Status: 2.0.0\n");
	check_lacks(got, "quiet@gnat");
	check_lacks(got, "Six?");
}

NEEDS_PYTHON(report_commit__what_was_only_relayed_is_not_called_delivered)
ATF_TC_BODY(report_commit__what_was_only_relayed_is_not_called_delivered, tc)
{
	char got[16384];

	read_report(tc,
	    commit("From: erick@maggot\n"
		"Delivered: ann@gnat\n"
		"Notify: SUCCESS\n"
		"Action: relayed\n",
		REPORT_FINAL),
	    got, sizeof(got));
	check_finds(got, "Subject: Your mail was sent on\n");
	check_lacks(got, "delivered");
}

NEEDS_PYTHON(report_commit__ret_hdrs_returns_the_header)
ATF_TC_BODY(report_commit__ret_hdrs_returns_the_header, tc)
{
	char got[16384];

	read_report(tc,
	    commit("From: erick@maggot\nFailed: bruce@gnat\nRet: HDRS\n",
		REPORT_FINAL),
	    got, sizeof(got));
	check_finds(got, "message/delivery-status text/rfc822-headers\n");
	check_finds(got, "Subject: Beers?\\n\n");
	check_lacks(got, "Six?");
	check_lacks(got, "too large");
}

NEEDS_PYTHON(report_commit__large_original_is_cut_to_its_header_and_said_so)
ATF_TC_BODY(report_commit__large_original_is_cut_to_its_header_and_said_so, tc)
{
	size_t n = REPORT_FULL_MAX + 1;
	char *text = malloc(n);
	char got[16384];

	ATF_REQUIRE(text != NULL);
	memset(text, 'x', n);
	memcpy(text, ORIGINAL, sizeof(ORIGINAL) - 1);
	read_report(tc,
	    commit_as("From: erick@maggot\nFailed: bruce@gnat\nRet: FULL\n",
		(struct bytes){ text, n }, REPORT_FINAL, "\n"),
	    got, sizeof(got));
	check_finds(got, "message/delivery-status text/rfc822-headers\n");
	check_finds(got, "| It is too large to be returned");
	check_finds(got, "Subject: Beers?\\n\n");
	check_lacks(got, "xxx");
	/* One byte less, and all of it is there. */
	read_report(tc,
	    commit_as("From: erick@maggot\nFailed: bruce@gnat\nRet: FULL\n",
		(struct bytes){ text, 40000 }, REPORT_FINAL, "\n"),
	    got, sizeof(got));
	check_finds(got, "message/delivery-status message/rfc822\n");
	check_finds(got, "Six?\\nxxx");
	free(text);
}

NEEDS_PYTHON(report_commit__endless_header_is_bounded)
ATF_TC_BODY(report_commit__endless_header_is_bounded, tc)
{
	size_t n = 3 * ORIGINAL_HEADER_MAX;
	char *text = malloc(n);
	char got[4 * ORIGINAL_HEADER_MAX];
	size_t i;

	ATF_REQUIRE(text != NULL);
	for (i = 0; i + 10 <= n; i += 10)
		memcpy(text + i, "X: 56789\n\n", 9), text[i + 9] = 'Y';
	text[n - 1] = '\n';
	read_report(tc,
	    commit_as("From: erick@maggot\nFailed: bruce@gnat\nRet: HDRS\n",
		(struct bytes){ text, n }, REPORT_FINAL, "\n"),
	    got, sizeof(got));
	check_finds(got, "message/delivery-status text/rfc822-headers\n");
	ATF_CHECK(strlen(got) < ORIGINAL_HEADER_MAX * 3 / 2);
	ATF_CHECK(strlen(got) > ORIGINAL_HEADER_MAX);
	free(text);
}

NEEDS_PYTHON(report_commit__eight_bits_are_declared)
ATF_TC_BODY(report_commit__eight_bits_are_declared, tc)
{
	uint32_t number = commit_as(
	    "From: erick@maggot\nFailed: bruce@gnat\nBody: 8BITMIME\n",
	    bytes_of("Subject: Beers?\n\nSechs f\303\274r Erick\n"),
	    REPORT_FINAL, "\n");
	char got[16384];

	check_envelope(number, "From: \nTo: erick@maggot\nBody: 8BITMIME\n");
	read_report(tc, number, got, sizeof(got));
	check_finds(got, "MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n");
	check_finds(got, "message/delivery-status message/rfc822\n");
	check_finds(got, "\n-- 8bit\n");
	check_finds(got, "Sechs f\\xc3\\xbcr Erick\\n\n");
}

NEEDS_PYTHON(report_commit__smtputf8_makes_it_global)
ATF_TC_BODY(report_commit__smtputf8_makes_it_global, tc)
{
	uint32_t number = commit_as("From: j\303\266rg@maggot\n"
	    "Failed: m\303\274ller@gnat\n"
	    "Orcpt: utf-8;m\\x{FC}ller@gnat\n"
	    "Diagnostic: kein M\303\274ller, und \377 nicht\n"
	    "Failed: ann@gnat\n"
	    "Body: 8BITMIME\n"
	    "Smtputf8: yes\n",
	    bytes_of("Subject: B\303\274r\n\nSix?\n"), REPORT_FINAL, "\n");
	char got[16384];

	check_envelope(number,
	    "From: \nTo: j\303\266rg@maggot\nBody: 8BITMIME\n"
	    "Smtputf8: yes\n");
	read_report(tc, number, got, sizeof(got));
	check_finds(got,
	    "parts text/plain message/global-delivery-status "
	    "message/global\n");
	check_finds(got, "\n-- utf-8 8bit\n");
	check_finds(got, "|     m\303\274ller@gnat\n");
	check_finds(got, "\nOriginal-Recipient: utf-8;m\\x{FC}ller@gnat\n"
	    "Final-Recipient: utf-8; m\303\274ller@gnat\n");
	check_finds(got,
	    "Diagnostic-Code: x-smtpserv; kein M\303\274ller, und ? nicht\n");
	check_finds(got, "\nFinal-Recipient: rfc822; ann@gnat\n");
	check_finds(got, "Subject: B\\xc3\\xbcr\\n\\nSix?\\n\n");
}

NEEDS_PYTHON(report_commit__hostile_values_stay_in_their_fields)
ATF_TC_BODY(report_commit__hostile_values_stay_in_their_fields, tc)
{
	/* What the grammar lets through, and what only hands could write. */
	uint32_t number = commit("From: \"a>,<b\"@maggot\n"
	    "Failed: \"x\\\"; (y) <z@z>, \"@gnat\n"
	    "Orcpt: rfc822;a+0D+0AAction:+20relayed\n"
	    "Status: 5.1.1 (x)\n"
	    "Diagnostic: 550-5.1.1 two lines? Action: relayed --x\n"
	    "Failed: b@c\n"
	    "Orcpt: no semicolon\n"
	    "Status: 5.1\n"
	    "Failed: d@e\n"
	    "Status: 5.1.1234\n"
	    "Failed: f@g\n"
	    "Status: 2.1.1\n"
	    "Envid: a+0A+0AFrom:+20me\n",
	    REPORT_FINAL);
	char got[16384];
	char *at;
	size_t failed = 0;

	read_report(tc, number, got, sizeof(got));
	check_finds(got, "To: <\"a>,<b\"@maggot>\n");
	check_finds(got, "parts text/plain message/delivery-status "
			 "message/rfc822\n--");
	check_finds(got, "\nOriginal-Envelope-Id: a+0A+0AFrom:+20me\n");
	check_finds(got,
	    "\nOriginal-Recipient: rfc822;a+0D+0AAction:+20relayed\n"
	    "Final-Recipient: rfc822; \"x\\\"; (y) <z@z>, \"@gnat\n"
	    "Action: failed\nStatus: 5.0.0\n");
	for (at = got; (at = strstr(at, "\nAction: ")) != NULL; at++)
		failed += strncmp(at, "\nAction: failed\nStatus: 5.0.0\n", 30) ==
		    0;
	ATF_CHECK_EQ(4, failed);
}

NEEDS_PYTHON(report_commit__sender_by_hand_is_no_list_of_addresses)
ATF_TC_BODY(report_commit__sender_by_hand_is_no_list_of_addresses, tc)
{
	char got[16384];

	read_report(tc,
	    commit("From: a@b>, <evil@gnat\nFailed: bruce@gnat\n",
		REPORT_FINAL),
	    got, sizeof(got));
	check_finds(got, "\nTo: undisclosed-recipients:;\n");
}

NEEDS_PYTHON(report_commit__loose_dots_are_quoted)
ATF_TC_BODY(report_commit__loose_dots_are_quoted, tc)
{
	static const char *const rows[][2] = {
		{ "a..b@docomo.example", "<\"a..b\"@docomo.example>" },
		{ "ab.@docomo.example", "<\"ab.\"@docomo.example>" },
		{ ".ab@docomo.example", "<\".ab\"@docomo.example>" },
		{ "a.b@docomo.example", "<a.b@docomo.example>" },
		{ "\"a..b\"@docomo.example", "<\"a..b\"@docomo.example>" },
		{ "a@b..", "undisclosed-recipients:;" },
		{ "a@b.", "<a@b>" },
	};
	char envelope[200];
	char want[200];
	char got[16384];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(envelope, sizeof(envelope),
		    "From: %s\nFailed: bruce@gnat\n", rows[i][0]);
		(void)snprintf(want, sizeof(want), "\nTo: %s\n", rows[i][1]);
		read_report(tc, commit(envelope, REPORT_FINAL), got,
		    sizeof(got));
		check_finds(got, want);
	}
}

NEEDS_PYTHON(report_commit__long_diagnostic_is_folded)
ATF_TC_BODY(report_commit__long_diagnostic_is_folded, tc)
{
	char envelope[8192];
	char word[5001];
	char got[16384];
	char text[16384];

	memset(word, 'w', sizeof(word));
	word[1500] = '\0';
	(void)snprintf(envelope, sizeof(envelope),
	    "From: erick@maggot\n"
	    "Failed: bruce@gnat\n"
	    "Diagnostic: one two three four five six seven eight nine ten "
	    "eleven twelve thirteen fourteen fifteen sixteen\n"
	    "Failed: ann@gnat\n"
	    "Diagnostic: %s\n",
	    word);
	read_report(tc, commit(envelope, REPORT_FINAL), got, sizeof(got));
	check_finds(got,
	    "\nDiagnostic-Code: x-smtpserv; one two three four five six seven "
	    "eight nine\tten eleven twelve thirteen fourteen fifteen "
	    "sixteen\n");
	check_lacks(got, "a line is too long");
	read_file("spool/1.TXT", text, sizeof(text));
	check_finds(text, " nine\n\tten eleven");
	check_finds(text, "\n        one two three");
}

NEEDS_PYTHON(report_commit__crlf_spool_gets_crlf_whatever_the_text_had)
ATF_TC_BODY(report_commit__crlf_spool_gets_crlf_whatever_the_text_had, tc)
{
	char got[16384];
	size_t i;

	read_report(tc,
	    commit_as("From: erick@maggot\nFailed: bruce@gnat\n",
		bytes_of("Subject: Beers?\r\nX: y\n\r\nSi\rx?\n"),
		REPORT_FINAL, "\r\n"),
	    got, sizeof(got));
	check_finds(got,
	    "Subject: Beers?\\r\\nX: y\\r\\n\\r\\nSi x?\\r\\n\n");
	read_file("spool/1.TXT", got, sizeof(got));
	for (i = 0; got[i] != '\0'; i++)
		if (got[i] == '\n')
			ATF_CHECK(i > 0 && got[i - 1] == '\r');
}

ATF_TC_WITHOUT_HEAD(report_commit__null_sender_goes_to_postmaster);
ATF_TC_BODY(report_commit__null_sender_goes_to_postmaster, tc)
{
	uint32_t number =
	    commit("From: \nFailed: bruce@gnat\n", REPORT_FINAL);
	char text[16384];

	check_envelope(number, "From: \nTo: postmaster\n");
	read_file("spool/1.TXT", text, sizeof(text));
	check_finds(text, "\nTo: <postmaster@gnat.example.test>\n");
}

/* A mailbox of more than any session accepts: no report, and no left-over. */
ATF_TC_WITHOUT_HEAD(report_commit__absurd_sender_is_a_permanent_fault);
ATF_TC_BODY(report_commit__absurd_sender_is_a_permanent_fault, tc)
{
	char envelope[8192];
	char sender[5000];
	struct reportmail mail = {
		.kind = REPORT_FINAL,
		.host = bytes_of("gnat"),
		.eol = "\n",
	};
	struct spool spool;
	struct fault why;
	uint32_t number;

	memset(sender, 'a', sizeof(sender));
	sender[sizeof(sender) - 1] = '\0';
	(void)snprintf(envelope, sizeof(envelope), "From: %s@b\nFailed: c@d\n",
	    sender);
	ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
	write_file("original", ORIGINAL, sizeof(ORIGINAL) - 1);
	mail.envelope = bytes_of(envelope);
	mail.txt_fd = open("original", O_RDONLY);
	ATF_REQUIRE_EQ(RES_OK, spool_open(&spool, "spool", false, &why));
	ATF_CHECK_EQ(RES_PERM,
	    report_commit(&spool, &mail, sysclock_after(sysclock_ms(), 10),
		&number, &why));
	/* Not even a number was taken. */
	ATF_CHECK(access("spool/sequence.seq", F_OK) != 0);
	ATF_CHECK(access("spool/1.CMD", F_OK) != 0);
	/* Nor where the text cannot be read. */
	mail.envelope = bytes_of("From: a@b\nFailed: c@d\n");
	ATF_REQUIRE_EQ(0, close(mail.txt_fd));
	ATF_CHECK(report_commit(&spool, &mail, sysclock_after(sysclock_ms(), 10),
		      &number, &why) != RES_OK);
	ATF_CHECK(access("spool/1.CMD", F_OK) != 0);
	spool_close(&spool);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, report_commit__failure_is_read_back_field_by_field);
	ATF_TP_ADD_TC(tp, report_commit__delay_says_until_when);
	ATF_TP_ADD_TC(tp, report_commit__success_names_what_was_done);
	ATF_TP_ADD_TC(
	    tp, report_commit__what_was_only_relayed_is_not_called_delivered);
	ATF_TP_ADD_TC(tp, report_commit__ret_hdrs_returns_the_header);
	ATF_TP_ADD_TC(tp,
	    report_commit__large_original_is_cut_to_its_header_and_said_so);
	ATF_TP_ADD_TC(tp, report_commit__endless_header_is_bounded);
	ATF_TP_ADD_TC(tp, report_commit__eight_bits_are_declared);
	ATF_TP_ADD_TC(tp, report_commit__smtputf8_makes_it_global);
	ATF_TP_ADD_TC(tp, report_commit__hostile_values_stay_in_their_fields);
	ATF_TP_ADD_TC(tp,
	    report_commit__sender_by_hand_is_no_list_of_addresses);
	ATF_TP_ADD_TC(tp, report_commit__loose_dots_are_quoted);
	ATF_TP_ADD_TC(tp, report_commit__long_diagnostic_is_folded);
	ATF_TP_ADD_TC(
	    tp, report_commit__crlf_spool_gets_crlf_whatever_the_text_had);
	ATF_TP_ADD_TC(tp, report_commit__null_sender_goes_to_postmaster);
	ATF_TP_ADD_TC(tp, report_commit__absurd_sender_is_a_permanent_fault);
	return (atf_no_error());
}
