/* SPDX-License-Identifier: ISC */
#include "intake.h"

#include <atf-c.h>
#include <cdb.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session.h"
#include "spooled.h"
#include "sys/sysfile.h"

/* A session with its intake, on a spool in the case's directory. */
struct rig {
	struct settings settings;
	struct peer peer;
	struct log log;
	struct intake intake;
	struct session session;
	struct session_limits limits;
	struct smtpreply replies;
	int log_fd[2];
	bool is_sending; /* it takes long to send a reply */
	char out[4096];
	char text[4096];
	char envelope[16384];
	char said[16384]; /* all replies */
};

static struct rig rig;

static void
set_up(struct rig *r)
{
	struct buf envelope;
	struct buf text;

	memset(r, 0, sizeof(*r));
	keys_init(&r->settings);
	(void)mkdir("spool", 0700);
	r->settings.spool.dir = "spool";
	r->settings.spool.sync = 1;
	strcpy(r->peer.ip, "192.0.2.7");
	strcpy(r->peer.port, "1234");
	r->limits = (struct session_limits){
		.max_rcpt = 10, .max_errors = 20, .eol = SMTPDATA_LF
	};
	ATF_REQUIRE(pipe2(r->log_fd, O_NONBLOCK) == 0);
	log_init(&r->log, r->log_fd[1], NULL, 42);
	log_set_peer(&r->log, bytes_of(r->peer.ip));
	buf_init(&envelope, r->envelope, sizeof(r->envelope));
	buf_init(&text, r->text, sizeof(r->text));
	session_init(&r->session, "gnat", &r->limits, &SPOOLED_PORTS,
	    &r->intake, envelope, text);
	smtpreply_init(&r->replies, r->out, sizeof(r->out));
}

static void
open_intake(struct rig *r)
{
	intake_open(&r->intake, &r->settings, r->settings.who.deliver, &r->peer,
	    &r->log, "gnat");
	spooled_open(&r->intake);
}

/* Lines that end in LF here, and in CR LF for the session. */
static void
say(struct rig *r, const char *lines)
{
	char store[4096];
	struct buf b;
	size_t at = 0;

	buf_init(&b, store, sizeof(store));
	for (; lines[0] != '\0'; lines++)
		(void)buf_put(&b,
		    lines[0] == '\n' ? bytes_of("\r\n")
				     : (struct bytes){ lines, 1 });
	ATF_REQUIRE(!buf_overflowed(&b));
	while (at < buf_view(&b).n) {
		size_t used = 0;
		struct bytes pending;

		(void)session_feed(&r->session,
		    bytes_cut(buf_view(&b), at, SIZE_MAX), &used, &r->replies);
		ATF_REQUIRE(used > 0);
		at += used;
		pending = smtpreply_pending(&r->replies);
		strncat(r->said, pending.p, pending.n);
		smtpreply_sent(&r->replies);
		if (!r->is_sending)
			intake_log_outcome(&r->intake);
	}
}

static void
check_said(const struct rig *r, const char *want)
{
	ATF_CHECK_MSG(
	    strstr(r->said, want) != NULL, "no \"%s\" in %s", want, r->said);
}

/* The log so far. */
static const char *
logged(const struct rig *r)
{
	static char text[16384];
	ssize_t n = read(r->log_fd[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return (text);
}

static void
check_logged(const struct rig *r, const char *want)
{
	const char *text = logged(r);

	ATF_CHECK_MSG(
	    strstr(text, want) != NULL, "no \"%s\" in %s", want, text);
}

static const char MESSAGE[] = "MAIL FROM:<erick@maggot>\n"
			      "RCPT TO:<bruce@gnat>\nRCPT TO:<ann@gnat>\nDATA\n"
			      "Subject: x\n\n..\n.\n";

/* A file as a string. */
static const char *
slurp(const char *name)
{
	static char text[8192];
	FILE *f = fopen(name, "r");
	size_t n;

	ATF_REQUIRE_MSG(f != NULL, "%s", name);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	ATF_REQUIRE(fclose(f) == 0);
	return (text);
}

static bool
exists(const char *name)
{
	struct stat st;

	return (lstat(name, &st) == 0);
}

ATF_TC_WITHOUT_HEAD(intake__message_is_in_the_spool_and_the_log);
ATF_TC_BODY(intake__message_is_in_the_spool_and_the_log, tc)
{
	static const char trace[] = "Received: from maggot ([192.0.2.7])"
				    " by gnat with ESMTP\n\tid A1; ";
	const char *text;
	char line[512];

	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\n");
	rig.is_sending = true;
	say(&rig, MESSAGE);
	check_said(&rig, "250 2.0.0 A1 accepted\r\n");
	/* A logger that stands still must not keep the client from it. */
	ATF_CHECK_STREQ("", logged(&rig));
	intake_log_outcome(&rig.intake);
	ATF_CHECK_STREQ("From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n",
	    slurp("spool/1.WRK"));
	text = slurp("spool/1.TXT");
	ATF_CHECK_MSG(strncmp(text, trace, strlen(trace)) == 0, "%s", text);
	text = strchr(strchr(text, '\n') + 1, '\n');
	ATF_CHECK_STREQ("\nSubject: x\n\n.\n", text);
	ATF_CHECK_EQ(1, rig.intake.accepted);
	ATF_CHECK_EQ(0, rig.intake.refused);
	(void)snprintf(line, sizeof(line),
	    "ip=192.0.2.7 pid=42 event=accepted number=1 from=erick@maggot "
	    "rcpts=2 size=17 helo=maggot proto=ESMTP stages=%d why=\"%s\"\n",
	    rig.intake.spool.stages.is_one ? 1 : 2,
	    rig.intake.spool.stages.why);
	check_logged(&rig, line);
	/* Only the first message says in how many stages. */
	say(&rig, MESSAGE);
	intake_log_outcome(&rig.intake);
	text = logged(&rig);
	ATF_CHECK(strstr(text, "accepted number=2 ") != NULL);
	ATF_CHECK(strstr(text, "stages=") == NULL);
}

/* A table of ann and, if it is wanted, a route to the others. */
static void
make_table(bool with_route)
{
	struct cdb_make maker;
	int fd = open("making", O_RDWR | O_CREAT | O_TRUNC, 0644);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(0, cdb_make_start(&maker, fd));
	ATF_REQUIRE_EQ(0, cdb_make_add(&maker, "ann@gnat", 8, "/ann/", 5));
	if (with_route)
		ATF_REQUIRE_EQ(0, cdb_make_add(&maker, "@", 1, "|relay", 6));
	ATF_REQUIRE_EQ(0, cdb_make_finish(&maker));
	ATF_REQUIRE_EQ(0, close(fd));
	ATF_REQUIRE_EQ(0, rename("making", "deliver.cdb"));
}

/* What the session says to mail for a mailbox. */
static void
check_rcpt(struct rig *r, const char *mailbox, const char *want)
{
	char lines[200];

	(void)snprintf(lines, sizeof(lines), "RCPT TO:<%s>\n", mailbox);
	r->said[0] = '\0';
	say(r, lines);
	check_said(r, want);
}

static void
open_with_table(struct rig *r)
{
	set_up(r);
	r->settings.who.deliver = "deliver.cdb";
	r->settings.who.postmaster = "ann@gnat";
	open_intake(r);
	say(r, "EHLO maggot\nMAIL FROM:<erick@maggot>\n");
}

ATF_TC_WITHOUT_HEAD(intake__route_is_for_those_who_may_relay);
ATF_TC_BODY(intake__route_is_for_those_who_may_relay, tc)
{
	make_table(true);
	open_with_table(&rig);
	check_rcpt(&rig, "ann@gnat", "250 2.1.5 ");
	check_rcpt(&rig, "bob@elsewhere", "550 5.1.1 ");
	/* Who authenticates in the middle may from then on. */
	rig.session.client.authenticated = true;
	check_rcpt(&rig, "bob@elsewhere", "250 2.1.5 ");
	rig.session.client.authenticated = false;
	check_rcpt(&rig, "bob@elsewhere", "550 5.1.1 ");
	rig.peer.may_relay = true;
	check_rcpt(&rig, "bob@elsewhere", "250 2.1.5 ");
	check_rcpt(&rig, "postmaster", "250 2.1.5 ");
	ATF_CHECK(strstr(logged(&rig), "note") == NULL);
	make_table(false);
	open_with_table(&rig);
	rig.peer.may_relay = true;
	rig.session.client.authenticated = true;
	check_rcpt(&rig, "bob@elsewhere", "550 5.1.1 ");
	check_rcpt(&rig, "ann@gnat", "250 2.1.5 ");
}

ATF_TC_WITHOUT_HEAD(intake__table_that_has_failed_is_not_believed_again);
ATF_TC_BODY(intake__table_that_has_failed_is_not_believed_again, tc)
{
	static const struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct stat st;

	make_table(false);
	open_with_table(&rig);
	check_rcpt(&rig, "ann@gnat", "250 2.1.5 ");
	ATF_REQUIRE_EQ(0, stat("deliver.cdb", &st));
	ATF_REQUIRE_EQ(0, utimensat(AT_FDCWD, "deliver.cdb", old, 0));
	check_rcpt(&rig, "bob@gnat", "451 4.3.0 ");
	check_logged(&rig, "event=fault");
	/* Not even if all looks well again, and the log is told once. */
	ATF_REQUIRE_EQ(0,
	    utimensat(AT_FDCWD, "deliver.cdb",
		(const struct timespec[2]){ st.st_mtim, st.st_mtim }, 0));
	check_rcpt(&rig, "ann@gnat", "451 4.3.0 ");
	check_rcpt(&rig, "postmaster", "451 4.3.0 ");
	ATF_CHECK(strstr(logged(&rig), "event=fault") == NULL);
	/* What was accepted is. */
	rig.said[0] = '\0';
	say(&rig, "DATA\n.\n");
	check_said(&rig, "250 2.0.0 A1 accepted");
	ATF_CHECK_STREQ(
	    "From: erick@maggot\nTo: ann@gnat\n", slurp("spool/1.WRK"));
}

ATF_TC_WITHOUT_HEAD(intake__full_envelope_has_the_facts_of_the_session);
ATF_TC_BODY(intake__full_envelope_has_the_facts_of_the_session, tc)
{
	static const char start[] =
	    "From: erick@maggot\nTo: bruce@gnat\nTo: ann@gnat\n"
	    "Client: 192.0.2.7\nClient-Port: 1234\nClient-Name: h.example\n"
	    "Helo: maggot\nProto: SMTP\nReceived-At: ";
	const char *text;
	char digits[] = "0000-00-00T00:00:00Z\nSize: 17\n";
	size_t i;

	set_up(&rig);
	strcpy(rig.peer.name, "h.example");
	rig.settings.spool.envelope = SETTINGS_FULL;
	open_intake(&rig);
	say(&rig, "HELO maggot\n");
	say(&rig, MESSAGE);
	check_said(&rig, "250 2.0.0 A1 accepted\r\n");
	text = slurp("spool/1.WRK");
	ATF_REQUIRE_MSG(strncmp(text, start, strlen(start)) == 0, "%s", text);
	text += strlen(start);
	ATF_REQUIRE_EQ(strlen(digits), strlen(text));
	for (i = 0; i < 20; i++)
		if (text[i] >= '0' && text[i] <= '9')
			digits[i] = text[i];
	ATF_CHECK_STREQ(digits, text);
}

ATF_TC_WITHOUT_HEAD(intake__unknown_facts_are_left_out);
ATF_TC_BODY(intake__unknown_facts_are_left_out, tc)
{
	set_up(&rig);
	rig.peer = (struct peer){ .disagrees = false };
	rig.settings.spool.envelope = SETTINGS_FULL;
	open_intake(&rig);
	say(&rig, "HELO maggot\n");
	say(&rig, MESSAGE);
	ATF_CHECK(strstr(slurp("spool/1.WRK"), "Client") == NULL);
	ATF_CHECK(strncmp(slurp("spool/1.TXT"),
		      "Received: from maggot by gnat with SMTP\n", 40) == 0);
}

ATF_TC_WITHOUT_HEAD(intake__crlf_ends_every_line_of_the_text);
ATF_TC_BODY(intake__crlf_ends_every_line_of_the_text, tc)
{
	const char *text;
	size_t i;

	set_up(&rig);
	rig.settings.spool.eol = SETTINGS_CRLF;
	rig.limits.eol = SMTPDATA_CRLF;
	open_intake(&rig);
	say(&rig, "HELO maggot\n");
	say(&rig, MESSAGE);
	text = slurp("spool/1.TXT");
	for (i = 1; text[i] != '\0'; i++)
		if (text[i] == '\n')
			ATF_CHECK_EQ_MSG('\r', text[i - 1], "byte %zu", i);
	ATF_CHECK(strstr(slurp("spool/1.WRK"), "\r") == NULL);
}

ATF_TC_WITHOUT_HEAD(intake__each_message_has_its_own_trace_and_number);
ATF_TC_BODY(intake__each_message_has_its_own_trace_and_number, tc)
{
	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\n");
	say(&rig, MESSAGE);
	say(&rig, MESSAGE);
	check_said(&rig, "A2 accepted");
	ATF_CHECK(strstr(slurp("spool/2.TXT"), "\tid A2; ") != NULL);
	ATF_CHECK_EQ(2, rig.intake.accepted);
}

ATF_TC_WITHOUT_HEAD(intake__without_spool_every_message_is_451);
ATF_TC_BODY(intake__without_spool_every_message_is_451, tc)
{
	set_up(&rig);
	rig.settings.spool.dir = "nowhere";
	open_intake(&rig);
	check_logged(&rig, "event=fault op=\"open spool\" name=nowhere error=");
	say(&rig,
	    "EHLO maggot\nMAIL FROM:<a@b> SIZE=5\nRCPT TO:<c@d>\n"
	    "DATA\nNOOP\n");
	check_said(&rig, "451 4.3.0 ");
	check_logged(&rig, "event=fault op=\"open spool\" name=nowhere");
	/* And the session goes on. */
	check_said(&rig, "250 2.0.0 ok\r\n");
}

ATF_TC_WITHOUT_HEAD(intake__spool_that_vanishes_is_451);
ATF_TC_BODY(intake__spool_that_vanishes_is_451, tc)
{
	set_up(&rig);
	open_intake(&rig);
	ATF_REQUIRE(rmdir("spool") == 0);
	say(&rig, "EHLO maggot\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n");
	/* For us that is a permanent fault, and for the client it is not. */
	check_said(&rig, "451 4.3.0 ");
}

ATF_TC_WITHOUT_HEAD(intake__garbage_counter_is_451_and_logged);
ATF_TC_BODY(intake__garbage_counter_is_451_and_logged, tc)
{
	int fd;

	set_up(&rig);
	fd = open("spool/sequence.seq", O_WRONLY | O_CREAT, 0600);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, "what?\n", 6) == 6);
	open_intake(&rig);
	say(&rig,
	    "EHLO maggot\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"
	    "NOOP\n");
	check_said(&rig, "451 4.3.0 ");
	check_said(&rig, "250 2.0.0 ok\r\n");
	check_logged(&rig, "name=sequence.seq");
}

ATF_TC_WITHOUT_HEAD(intake__full_disk_is_452_and_leaves_nothing);
ATF_TC_BODY(intake__full_disk_is_452_and_leaves_nothing, tc)
{
	struct rlimit limit = { 2000, RLIM_INFINITY };
	int i;

	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\n");
	ATF_REQUIRE(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ATF_REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	say(&rig, "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n");
	for (i = 0; i < 300; i++)
		say(&rig, "a line of some thirty octets.\n");
	say(&rig, ".\n");
	check_said(&rig, "452 4.3.1 ");
	ATF_CHECK(!exists("spool/1.CMD"));
	ATF_CHECK(!exists("spool/1.TMP"));
	ATF_CHECK(!exists("spool/1.TXT"));
	ATF_CHECK(!exists("spool/1.WRK"));
	check_logged(&rig, "op=write name=1.TMP error=");
	/* A smaller one still gets in. */
	say(&rig, MESSAGE);
	check_said(&rig, "A2 accepted");
}

ATF_TC_WITHOUT_HEAD(intake__commit_that_fails_is_451_and_leaves_nothing);
ATF_TC_BODY(intake__commit_that_fails_is_451_and_leaves_nothing, tc)
{
	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n");
	ATF_CHECK(exists("spool/1.CMD"));
	/* Somebody takes the name of the text. */
	ATF_REQUIRE(mkdir("spool/1.TXT", 0700) == 0);
	say(&rig, ".\nNOOP\n");
	check_said(&rig, "451 4.3.0 ");
	ATF_CHECK(strstr(rig.said, "accepted") == NULL);
	ATF_CHECK(!exists("spool/1.CMD"));
	ATF_CHECK(!exists("spool/1.TMP"));
	ATF_CHECK(!exists("spool/1.WRK"));
	ATF_CHECK_EQ(0, rig.intake.accepted);
}

ATF_TC_WITHOUT_HEAD(intake__client_that_vanishes_leaves_nothing);
ATF_TC_BODY(intake__client_that_vanishes_leaves_nothing, tc)
{
	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n");
	ATF_CHECK(exists("spool/1.CMD"));
	ATF_CHECK(exists("spool/1.TMP"));
	session_drop(&rig.session);
	ATF_CHECK(!exists("spool/1.CMD"));
	ATF_CHECK(!exists("spool/1.TMP"));
}

ATF_TC_WITHOUT_HEAD(intake__refusals_are_logged_escaped_and_counted);
ATF_TC_BODY(intake__refusals_are_logged_escaped_and_counted, tc)
{
	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\n");
	/* Of what is no command the first word only: it may be a password. */
	say(&rig, "what\" event=accepted\n");
	check_logged(&rig,
	    "event=refused code=500 status=5.5.2 "
	    "why=\"unknown command\" command=\"what\\\"\"\n");
	say(&rig, "MAIL FROM:<a@b> \" event=accepted\n");
	check_logged(&rig,
	    "event=refused code=501 status=5.5.4 "
	    "why=\"bad or repeated parameter\" "
	    "command=\"MAIL FROM:<a@b> \\\" event=accepted\"\n");
	say(&rig, "RCPT TO:<a@b>\n");
	check_logged(&rig,
	    "event=refused code=503 status=5.5.1 "
	    "why=\"bad sequence of commands\" command=\"RCPT TO:<a@b>\"\n");
	ATF_CHECK_EQ(3, rig.intake.refused);
}

ATF_TC_WITHOUT_HEAD(intake__space_is_the_file_systems);
ATF_TC_BODY(intake__space_is_the_file_systems, tc)
{
	set_up(&rig);
	open_intake(&rig);
	say(&rig, "EHLO maggot\nMAIL FROM:<a@b> SIZE=18446744073709551614\n");
	check_said(&rig, "452 4.3.1 ");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, intake__route_is_for_those_who_may_relay);
	ATF_TP_ADD_TC(tp, intake__table_that_has_failed_is_not_believed_again);
	ATF_TP_ADD_TC(tp, intake__message_is_in_the_spool_and_the_log);
	ATF_TP_ADD_TC(tp, intake__full_envelope_has_the_facts_of_the_session);
	ATF_TP_ADD_TC(tp, intake__unknown_facts_are_left_out);
	ATF_TP_ADD_TC(tp, intake__crlf_ends_every_line_of_the_text);
	ATF_TP_ADD_TC(tp, intake__each_message_has_its_own_trace_and_number);
	ATF_TP_ADD_TC(tp, intake__without_spool_every_message_is_451);
	ATF_TP_ADD_TC(tp, intake__spool_that_vanishes_is_451);
	ATF_TP_ADD_TC(tp, intake__garbage_counter_is_451_and_logged);
	ATF_TP_ADD_TC(tp, intake__full_disk_is_452_and_leaves_nothing);
	ATF_TP_ADD_TC(tp, intake__commit_that_fails_is_451_and_leaves_nothing);
	ATF_TP_ADD_TC(tp, intake__client_that_vanishes_leaves_nothing);
	ATF_TP_ADD_TC(tp, intake__refusals_are_logged_escaped_and_counted);
	ATF_TP_ADD_TC(tp, intake__space_is_the_file_systems);
	return (atf_no_error());
}
