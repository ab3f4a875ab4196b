/* SPDX-License-Identifier: ISC */
#include "auth.h"

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "session.h"

/* \0bob\0secret, \0bob\0wrong, \0later\0secret */
#define GOOD  "AGJvYgBzZWNyZXQ="
#define WRONG "AGJvYgB3cm9uZw=="
#define LATER "AGxhdGVyAHNlY3JldA=="

struct world {
	unsigned int asked;
	char refused[1024];
};

static struct session session;
static struct session_limits limits;
static struct world world;

static const struct smtp_reply *
fake_authenticate(void *ctx, struct bytes user, struct bytes password)
{
	struct world *w = ctx;

	w->asked++;
	if (bytes_same(user, bytes_of("later")))
		return (&SMTPREPLY_AUTH_LATER);
	return (bytes_same(user, bytes_of("bob")) &&
			bytes_same(password, bytes_of("secret"))
		? NULL
		: &SMTPREPLY_AUTH_WRONG);
}

static uint64_t
fake_space(void *ctx)
{
	(void)ctx;
	return (UINT64_MAX);
}

static void
fake_refused(void *ctx, const struct smtp_reply *reply, struct bytes line)
{
	struct world *w = ctx;
	size_t n = strlen(w->refused);

	(void)snprintf(w->refused + n, sizeof(w->refused) - n, "%u<%.*s>",
	    reply->code, (int)line.n, line.p);
}

static const struct session_ports PORTS = { .space = fake_space,
	.refused = fake_refused,
	.authenticate = fake_authenticate };

static struct {
	char out[4096];
	char codes[4096];
	char text[64];
	char envelope[8192];
	char in[65536];
	bool hung_up;
	bool had_secret;
} talk;

static void
begin(enum session_auth when, bool in_tls)
{
	struct buf envelope;
	struct buf text;

	limits = (struct session_limits){ .max_rcpt = 10, .max_errors = 20,
		.auth = when };
	world = (struct world){ .asked = 0 };
	buf_init(&envelope, talk.envelope, sizeof(talk.envelope));
	buf_init(&text, talk.text, sizeof(talk.text));
	session_init(&session, "gnat", &limits, &PORTS, &world, envelope, text);
	session.tls.is_active = in_tls;
	talk.codes[0] = '\0';
	talk.hung_up = false;
	talk.had_secret = false;
}

/* The codes of the replies, and their whole text in talk.out. */
static void
note(struct smtpreply *replies)
{
	struct bytes rest = smtpreply_pending(replies);
	size_t lf;

	while (bytes_find(rest, '\n', &lf)) {
		if (rest.p[3] == ' ')
			(void)strncat(talk.codes, rest.p, 4);
		(void)strncat(talk.out, rest.p, lf + 1);
		rest = bytes_cut(rest, lf + 1, rest.n);
	}
	smtpreply_sent(replies);
}

/* Say all this, with CR LF for each LF, in pieces; the codes that came. */
static const char *
say(const char *lines, size_t piece)
{
	static char store[4096];
	struct smtpreply replies;
	size_t n = 0;
	size_t at = 0;
	size_t shown = 0;

	talk.out[0] = '\0';
	talk.codes[0] = '\0';
	smtpreply_init(&replies, store, sizeof(store));
	for (; *lines != '\0'; lines++) {
		if (*lines == '\n')
			talk.in[n++] = '\r';
		talk.in[n++] = *lines;
	}
	while (at < n && !talk.hung_up) {
		struct bytes in = { talk.in + at, 0 };
		size_t used = 0;

		shown = shown + piece < n ? shown + piece : n;
		do {
			in = (struct bytes){ talk.in + at, shown - at };
			talk.hung_up = session_feed(&session, in, &used,
					   &replies) == SESSION_HANG_UP;
			talk.had_secret |= session.has_secret;
			session.has_secret = false;
			note(&replies);
			at += used;
		} while (used > 0 && at < shown && !talk.hung_up);
	}
	if (talk.codes[0] != '\0')
		talk.codes[strlen(talk.codes) - 1] = '\0';
	return (talk.codes);
}

ATF_TC_WITHOUT_HEAD(auth_is_offered__only_where_it_can_be_honoured);
ATF_TC_BODY(auth_is_offered__only_where_it_can_be_honoured, tc)
{
	static const struct {
		enum session_auth when;
		bool in_tls;
		bool offered;
		const char *codes;
	} rows[] = {
		{ SESSION_AUTH_NEVER, false, false, "250 502" },
		{ SESSION_AUTH_NEVER, true, false, "250 502" },
		{ SESSION_AUTH_IN_TLS, false, false, "250 538" },
		{ SESSION_AUTH_IN_TLS, true, true, "250 235" },
		{ SESSION_AUTH_ALWAYS, false, true, "250 235" },
		{ SESSION_AUTH_ALWAYS, true, true, "250 235" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(rows[i].when, rows[i].in_tls);
		ATF_CHECK_STREQ_MSG(rows[i].codes,
		    say("EHLO a\nAUTH PLAIN " GOOD "\n", 1000), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].offered,
		    strstr(talk.out, "250-AUTH PLAIN LOGIN\r\n") != NULL,
		    "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].offered ? 1U : 0U, world.asked,
		    "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(auth__right_password_makes_somebody);
ATF_TC_BODY(auth__right_password_makes_somebody, tc)
{
	size_t piece;

	for (piece = 1; piece < 100; piece += 7) {
		begin(SESSION_AUTH_ALWAYS, false);
		ATF_CHECK_STREQ("250 235",
		    say("EHLO a\nAUTH PLAIN " GOOD "\n", piece));
		ATF_CHECK(session.client.authenticated);
		ATF_CHECK_STREQ("bob", session.client.user);
		ATF_CHECK_STREQ("ESMTPA", state_protocol(&session));
		ATF_CHECK(memmem(&session, sizeof(session), "secret", 6) ==
		    NULL);
		ATF_CHECK(talk.had_secret);
		/* No more of it; and twice is out of order. */
		ATF_CHECK_STREQ("250 503", say("EHLO a\nAUTH LOGIN\n", piece));
		ATF_CHECK(strstr(talk.out, "AUTH") == NULL);
		begin(SESSION_AUTH_IN_TLS, true);
		ATF_CHECK_STREQ("250 334 334 235",
		    say("EHLO a\nAUTH LOGIN\nYm9i\nc2VjcmV0\n", piece));
		ATF_CHECK(strstr(talk.out, "334 VXNlcm5hbWU6\r\n"
					   "334 UGFzc3dvcmQ6\r\n") != NULL);
		ATF_CHECK_STREQ("ESMTPSA", state_protocol(&session));
		ATF_CHECK(memmem(&session, sizeof(session), "secret", 6) ==
		    NULL);
		/* Nobody any more: what was said before TLS does not count. */
		session_secure(&session, "", "");
		ATF_CHECK(!session.client.authenticated &&
		    session.client.user[0] == '\0');
		begin(SESSION_AUTH_ALWAYS, false);
		ATF_CHECK_STREQ("250 334 235",
		    say("EHLO a\nAUTH PLAIN\n" GOOD "\n", piece));
		ATF_CHECK(strstr(talk.out, "334 \r\n") != NULL);
	}
}

ATF_TC_WITHOUT_HEAD(auth__each_failure_has_its_reply);
ATF_TC_BODY(auth__each_failure_has_its_reply, tc)
{
	static const struct {
		const char *lines;
		const char *codes;
		const char *enhanced;
	} rows[] = {
		{ "AUTH PLAIN " WRONG "\n", "535", "5.7.8 " },
		{ "AUTH PLAIN " LATER "\n", "454", "4.7.0 " },
		{ "AUTH PLAIN AA==\n", "501", "5.5.2 " },
		{ "AUTH PLAIN AA==AA\n", "501", "5.5.2 " },
		{ "AUTH PLAIN\n*\n", "334 501", "5.7.0 " },
		{ "AUTH LOGIN\nYm9i\n*\n", "334 334 501", "5.7.0 " },
		{ "AUTH CRAM-MD5\n", "504", "5.5.4 " },
		{ "AUTH\n", "501", "5.5.4 " },
		{ "MAIL FROM:<a@b>\nAUTH PLAIN " GOOD "\n", "250 503",
		    "5.5.1 " },
		{ "RSET\nHELO a\nAUTH PLAIN " GOOD "\n", "250 250 503",
		    "5.5.1 " },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		begin(SESSION_AUTH_ALWAYS, false);
		ATF_CHECK_STREQ("250", say("EHLO a\n", 1000));
		ATF_CHECK_STREQ_MSG(rows[i].codes, say(rows[i].lines, 3),
		    "row %zu", i);
		ATF_CHECK_MSG(strstr(talk.out, rows[i].enhanced) != NULL,
		    "row %zu: %s", i, talk.out);
		ATF_CHECK(!session.client.authenticated);
		/* And the session goes on. */
		ATF_CHECK_STREQ_MSG("250 250 235",
		    say("RSET\nEHLO a\nAUTH PLAIN " GOOD "\n", 5), "row %zu",
		    i);
	}
	begin(SESSION_AUTH_ALWAYS, false);
	ATF_CHECK_STREQ("503", say("AUTH PLAIN " GOOD "\n", 1000));
}

ATF_TC_WITHOUT_HEAD(auth__third_failure_is_the_last);
ATF_TC_BODY(auth__third_failure_is_the_last, tc)
{
	begin(SESSION_AUTH_ALWAYS, false);
	ATF_CHECK_STREQ("250 535 454 334 421",
	    say("EHLO a\nAUTH PLAIN " WRONG "\nAUTH PLAIN " LATER
		"\nAUTH LOGIN Ym9i\n\nAUTH PLAIN " GOOD "\n",
		1));
	ATF_CHECK(talk.hung_up);
	ATF_CHECK(!session.client.authenticated);
	ATF_CHECK_EQ(2, world.asked);
}

ATF_TC_WITHOUT_HEAD(auth__lines_of_any_length_are_answered_once);
ATF_TC_BODY(auth__lines_of_any_length_are_answered_once, tc)
{
	static char lines[40000];
	static const size_t sizes[] = { 100, 510, 2046, 2048, 4096, 12286,
		12288, 30000 };
	size_t i;
	int n;

	for (i = 0; i < ARRAY_LEN(sizes); i++) {
		const char *last = sizes[i] > 12286 ? "250 334 500 235"
		    : sizes[i] % 4 != 0 || sizes[i] == 100
		    ? "250 334 501 235"
		    : "250 334 535 235";

		n = snprintf(lines, sizeof(lines), "EHLO a\nAUTH PLAIN\n");
		memset(lines + n, 'A', sizes[i]);
		(void)snprintf(lines + n + sizes[i],
		    sizeof(lines) - (size_t)n - sizes[i],
		    "\nAUTH PLAIN " GOOD "\n");
		begin(SESSION_AUTH_ALWAYS, false);
		ATF_CHECK_STREQ_MSG(
		    last, say(lines, 1000), "%zu octets", sizes[i]);
	}
}

ATF_TC_WITHOUT_HEAD(auth__nothing_of_it_is_shown_to_the_log);
ATF_TC_BODY(auth__nothing_of_it_is_shown_to_the_log, tc)
{
	begin(SESSION_AUTH_ALWAYS, false);
	(void)say("EHLO a\nAUTH PLAIN " WRONG "\nauth plain\n" WRONG "\n", 9);
	ATF_CHECK_STREQ("535<AUTH>535<>", world.refused);
	begin(SESSION_AUTH_IN_TLS, false);
	(void)say("EHLO a\nauth plain " WRONG "\n", 9);
	ATF_CHECK_STREQ("538<auth>", world.refused);
	/* Nor where a client sends it whatever AUTH was answered. */
	begin(SESSION_AUTH_IN_TLS, false);
	(void)say("EHLO x\nAUTH LOGIN\nYm9i\nc2VjcmV0\nNOOP\nYm9i\n", 9);
	ATF_CHECK_STREQ("538<AUTH>500<>500<>500<Ym9i>", world.refused);
	begin(SESSION_AUTH_ALWAYS, false);
	(void)say("EHLO x\nAUTH PLAIN !\nc2VjcmV0\n", 9);
	ATF_CHECK_STREQ("501<AUTH>500<>", world.refused);
	ATF_CHECK(talk.had_secret);
	ATF_CHECK(talk.had_secret);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, auth_is_offered__only_where_it_can_be_honoured);
	ATF_TP_ADD_TC(tp, auth__right_password_makes_somebody);
	ATF_TP_ADD_TC(tp, auth__each_failure_has_its_reply);
	ATF_TP_ADD_TC(tp, auth__third_failure_is_the_last);
	ATF_TP_ADD_TC(tp, auth__lines_of_any_length_are_answered_once);
	ATF_TP_ADD_TC(tp, auth__nothing_of_it_is_shown_to_the_log);
	return (atf_no_error());
}
