/* SPDX-License-Identifier: ISC */
#include "session.h"

#include <atf-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define HOST "gnat.example.test"

enum {
	OUT_SIZE = 4096,
	TEXT_SIZE = 24, /* small, so that a text takes several writes */
	RCPTS_MAX = 120,
	LOG_SIZE = 1 << 18
};

/*
 * The world as the session sees it, and all that was said and done.  Calls
 * are noted as text: space; begin[envelope]; append<text>; commit(size);
 * abort; refused(code).
 */
struct world {
	uint64_t space;
	const struct smtp_reply *no_rcpt; /* for all but c@d */
	const struct smtp_reply *no_begin;
	const struct smtp_reply *no_append;
	const struct smtp_reply *no_commit;
	const struct smtp_reply *no_tls;
	bool offers_tls;
	struct session_limits limits;
	size_t out_size;
	struct buf calls;
	struct buf replies;
	struct buf envelopes;
	unsigned int refused;
	char refused_lines[4096];
	unsigned int messages_open;
	bool hung_up;
	bool quit;
	char calls_store[LOG_SIZE];
	char replies_store[LOG_SIZE];
	char envelopes_store[LOG_SIZE];
};

static uint64_t
fake_space(void *ctx)
{
	struct world *w = ctx;

	(void)buf_puts(&w->calls, "space;");
	return (w->space);
}

static const struct smtp_reply *
fake_recipient(void *ctx, const struct session *s, struct bytes mailbox)
{
	struct world *w = ctx;

	ATF_CHECK(s->state == SESSION_MAIL || s->state == SESSION_RCPT);
	if (w->no_rcpt == NULL)
		return (NULL);
	(void)buf_puts(&w->calls, "recipient<");
	(void)buf_put(&w->calls, mailbox);
	(void)buf_puts(&w->calls, ">;");
	return (bytes_same(mailbox, bytes_of("c@d")) ? NULL : w->no_rcpt);
}

static const struct smtp_reply *
fake_begin(void *ctx, struct session *s, struct buf *text)
{
	struct world *w = ctx;

	ATF_CHECK_EQ_MSG(0, w->messages_open, "begin within a message");
	ATF_CHECK_EQ(0, buf_view(text).n);
	(void)buf_puts(&w->calls, "begin[");
	(void)buf_put(&w->calls, envelope_text(&s->tx.envelope));
	(void)buf_puts(&w->calls, "];");
	(void)buf_put(&w->envelopes, envelope_text(&s->tx.envelope));
	(void)buf_printf(&w->envelopes, "Helo: %s\nProto: %s\n", s->client.helo,
	    state_protocol(s));
	(void)buf_puts(text, s->limits->submission ? "T: t\n" : "T\n");
	if (w->no_begin == NULL)
		w->messages_open++;
	return (w->no_begin);
}

static const struct smtp_reply *
fake_append(void *ctx, struct bytes text)
{
	struct world *w = ctx;

	ATF_CHECK_EQ_MSG(1, w->messages_open, "append without a message");
	(void)buf_puts(&w->calls, "append<");
	(void)buf_put(&w->calls, text);
	(void)buf_puts(&w->calls, ">;");
	return (w->no_append);
}

static void
fake_supply(void *ctx, const struct session *s, bool date, bool message_id,
    struct buf *text)
{
	struct world *w = ctx;

	(void)s;
	ATF_CHECK_EQ_MSG(1, w->messages_open, "supply without a message");
	(void)buf_puts(text, date ? "Date: D\n" : "");
	(void)buf_puts(text, message_id ? "Message-ID: I\n" : "");
}

static const struct smtp_reply *
fake_commit(void *ctx, const struct session *s, uint32_t *number)
{
	struct world *w = ctx;

	ATF_CHECK_EQ_MSG(1, w->messages_open, "commit without a message");
	(void)buf_printf(&w->calls, "commit(%" PRIu64 ");", s->text.data.size);
	if (w->no_commit == NULL) {
		w->messages_open--;
		*number = 5321;
	}
	return (w->no_commit);
}

static void
fake_abort(void *ctx)
{
	struct world *w = ctx;

	(void)buf_puts(&w->calls, "abort;");
	w->messages_open = 0;
}

static const struct smtp_reply *
fake_starttls(void *ctx)
{
	struct world *w = ctx;

	(void)buf_puts(&w->calls, "starttls;");
	return (w->no_tls);
}

static void
fake_refused(void *ctx, const struct smtp_reply *reply, struct bytes line)
{
	struct world *w = ctx;
	size_t n = strlen(w->refused_lines);

	w->refused++;
	if (line.n > 0 && n + line.n + 2 < sizeof(w->refused_lines)) {
		memcpy(w->refused_lines + n, line.p, line.n);
		w->refused_lines[n + line.n] = '|';
	}
	(void)buf_printf(&w->calls, "refused(%u);", reply->code);
}

static void
fake_dropped(void *ctx, struct bytes parameter)
{
	struct world *w = ctx;

	(void)buf_printf(&w->calls, "dropped(%.*s);", (int)parameter.n,
	    parameter.p);
}

static const struct session_ports PORTS = {
	.before_number = "A",
	.behind_number = " accepted",
	.space = fake_space,
	.recipient = fake_recipient,
	.begin = fake_begin,
	.append = fake_append,
	.supply = fake_supply,
	.commit = fake_commit,
	.abort = fake_abort,
	.starttls = fake_starttls,
	.dropped = fake_dropped,
	.refused = fake_refused
};

static void
world_init(struct world *w)
{
	*w = (struct world) { .space = UINT64_MAX, .out_size = OUT_SIZE,
		.limits = { .max_size = 1000, .max_rcpt = 100,
		    .max_errors = 20, .eol = SMTPDATA_LF,
		    .keeps_facts = true } };
}

/* A session in a world, with its memory. */
struct talk {
	struct session session;
	struct smtpreply replies;
	char out[OUT_SIZE];
	char text[TEXT_SIZE];
	char envelope[RCPTS_MAX * 800 + 4096];
};

static void
start(struct talk *t, struct world *w)
{
	struct buf envelope;
	struct buf text;

	buf_init(&w->calls, w->calls_store, sizeof(w->calls_store) - 1);
	buf_init(&w->replies, w->replies_store,
	    sizeof(w->replies_store) - 1);
	buf_init(&w->envelopes, w->envelopes_store,
	    sizeof(w->envelopes_store) - 1);
	w->refused = 0;
	memset(w->refused_lines, 0, sizeof(w->refused_lines));
	w->messages_open = 0;
	w->hung_up = false;
	buf_init(&envelope, t->envelope, sizeof(t->envelope));
	buf_init(&text, t->text, sizeof(t->text));
	session_init(&t->session, HOST, &w->limits, &PORTS, w, envelope,
	    text);
	if (w->offers_tls)
		session_offer_tls(&t->session);
	smtpreply_init(&t->replies, t->out, w->out_size);
	session_greet(&t->session, &t->replies);
}

static void
send_pending(struct talk *t, struct world *w)
{
	ATF_REQUIRE(!buf_overflowed(&t->replies.out));
	ATF_REQUIRE(buf_put(&w->replies, smtpreply_pending(&t->replies)));
	smtpreply_sent(&t->replies);
}

/*
 * The program's loop without its descriptors: `first` bytes arrive at once,
 * then `step` at a time.
 */
static void
converse(struct world *w, struct bytes script, size_t first, size_t step)
{
	static struct talk t;
	enum session_next next = SESSION_READ;
	size_t shown = 0;
	size_t at = 0;
	size_t more = first;
	unsigned int idle = 0;

	start(&t, w);
	for (;;) {
		size_t used = SIZE_MAX;

		send_pending(&t, w);
		if (next == SESSION_READ || at == shown) {
			if (shown == script.n)
				break;
			shown = more < script.n - shown ? shown + more
			                                : script.n;
			more = step;
		}
		next = session_feed(&t.session,
		    bytes_cut(script, at, shown - at), &used, &t.replies);
		ATF_REQUIRE(used <= shown - at);
		at += used;
		idle = used > 0 || next == SESSION_READ ? 0 : idle + 1;
		ATF_REQUIRE_MSG(idle < 5, "no progress");
		if (next == SESSION_START_TLS) {
			send_pending(&t, w);
			session_secure(&t.session, "TLSv1.3", "TLS_X");
			next = SESSION_FLUSH;
		}
		if (next == SESSION_HANG_UP) {
			w->hung_up = true;
			break;
		}
	}
	send_pending(&t, w);
	session_drop(&t.session);
	w->quit = t.session.quit;
	ATF_CHECK_EQ_MSG(0, w->messages_open, "a message is left");
	ATF_REQUIRE(buf_cstr(&w->calls) != NULL);
	ATF_REQUIRE(buf_cstr(&w->replies) != NULL);
	ATF_REQUIRE(buf_cstr(&w->envelopes) != NULL);
}

/* ^[2-5][0-9][0-9][ -][ -~]*\r\n$ and at most 512 octets, each of them. */
static void
check_reply_lines(const struct world *w)
{
	struct bytes rest = buf_view(&w->replies);
	size_t lf;

	while (bytes_find(rest, '\n', &lf)) {
		struct bytes line = bytes_cut(rest, 0, lf + 1);
		size_t i;

		rest = bytes_cut(rest, lf + 1, rest.n);
		ATF_REQUIRE_MSG(line.n >= 6 && line.n <= SMTPREPLY_LINE_MAX &&
		    line.p[0] >= '2' && line.p[0] <= '5' &&
		    line.p[1] >= '0' && line.p[1] <= '9' &&
		    line.p[2] >= '0' && line.p[2] <= '9' &&
		    (line.p[3] == ' ' || line.p[3] == '-') &&
		    line.p[line.n - 2] == '\r', "%.*s", (int)line.n, line.p);
		for (i = 4; i < line.n - 2; i++)
			ATF_REQUIRE_MSG(line.p[i] >= ' ' && line.p[i] <= '~',
			    "%.*s", (int)line.n, line.p);
	}
	ATF_CHECK_EQ_MSG(0, rest.n, "a reply without its end");
}

/* The codes of the replies with blanks between, one for several lines. */
static void
codes_of(const struct world *w, char *codes)
{
	const char *line = w->replies_store;
	size_t n = 0;

	codes[0] = '\0';
	while (line != NULL && line[0] != '\0') {
		if (line[3] == ' ') {
			if (n > 0)
				codes[n++] = ' ';
			memcpy(codes + n, line, 3);
			n += 3;
			codes[n] = '\0';
		}
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
}

/* The lines of a script end in LF here, and in CR LF for the session. */
static struct bytes
with_crlf(const char *lines, char *store, size_t cap)
{
	struct buf b;

	buf_init(&b, store, cap);
	for (; lines[0] != '\0'; lines++) {
		if (lines[0] == '\n')
			(void)buf_putc(&b, '\r');
		(void)buf_putc(&b, lines[0]);
	}
	ATF_REQUIRE(!buf_overflowed(&b));
	return (buf_view(&b));
}

static void
check_talk(struct world *w, const char *lines, const char *want)
{
	static char script[1 << 16];
	static char codes[1 << 14];

	converse(w, with_crlf(lines, script, sizeof(script)), SIZE_MAX, 1);
	check_reply_lines(w);
	codes_of(w, codes);
	ATF_CHECK_MSG(strcmp(want, codes) == 0,
	    "%s\nwant %s\ngot  %s", lines, want, codes);
}

static struct world world;

/* What client may say what when.  Each row is a conversation of its own. */
static const struct {
	const char *lines;
	const char *codes;
	bool hung_up;
} ORDERS[] = {
	{ "", "220", false },
	{ "QUIT\n", "220 221", true },
	{ "QUIT\nNOOP\n", "220 221", true },
	{ "HELO a\nQUIT\n", "220 250 221", true },
	{ "NOOP\nRSET\nHELP\nVRFY x\n", "220 250 250 214 252", false },
	{ "EXPN x\nSTARTTLS\nAUTH PLAIN\nTURN\nETRN x\n",
	    "220 502 502 502 502 502", false },
	{ "HELLO\n\nGET / HTTP/1.0\n", "220 500 500 421", true },
	/* Before HELO. */
	{ "MAIL FROM:<a@b>\n", "220 503", false },
	{ "RCPT TO:<a@b>\nDATA\n", "220 503 503", false },
	/* Without MAIL. */
	{ "EHLO a\nRCPT TO:<a@b>\n", "220 250 503", false },
	{ "EHLO a\nDATA\n", "220 250 503", false },
	/* Without RCPT. */
	{ "HELO a\nMAIL FROM:<a@b>\nDATA\n", "220 250 250 503", false },
	/* A transaction within one. */
	{ "HELO a\nMAIL FROM:<a@b>\nMAIL FROM:<a@b>\n",
	    "220 250 250 503", false },
	{ "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nMAIL FROM:<a@b>\n",
	    "220 250 250 250 503", false },
	/* RSET, EHLO and HELO end one. */
	{ "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nRSET\nRCPT TO:<c@d>\n",
	    "220 250 250 250 250 503", false },
	{ "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nEHLO a\nDATA\n",
	    "220 250 250 250 250 503", false },
	{ "HELO a\nMAIL FROM:<a@b>\nHELO b\nMAIL FROM:<a@b>\n",
	    "220 250 250 250 250", false },
	{ "RSET\nMAIL FROM:<a@b>\n", "220 250 503", false },
	/* NOOP, VRFY and mistakes do not. */
	{ "HELO a\nMAIL FROM:<a@b>\nNOOP\nVRFY x\nwhat\nRCPT TO:<>\n"
	  "RCPT TO:<c@d>\n", "220 250 250 250 252 500 501 250", false },
	/* A bad EHLO changes nothing. */
	{ "HELO a\nMAIL FROM:<a@b>\nEHLO\nRCPT TO:<c@d>\n",
	    "220 250 250 501 250", false },
	{ "EHLO\nMAIL FROM:<a@b>\n", "220 501 503", false },
	/* A whole message, and another in the same session. */
	{ "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\nx\n.\nQUIT\n",
	    "220 250 250 250 354 250 221", true },
	{ "EHLO a\nMAIL FROM:<>\nRCPT TO:<c@d>\nDATA\n.\n"
	  "MAIL FROM:<a@b>\nRCPT TO:<postmaster>\nDATA\nQUIT\n.\nQUIT\n",
	    "220 250 250 250 354 250 250 250 354 250 221", true },
	/* After it MAIL comes first again. */
	{ "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n.\nRCPT TO:<c@d>\n"
	  "DATA\n", "220 250 250 250 354 250 503 503", false },
	/* Text behind BDAT is no command. */
	{ "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nBDAT 6\nQUIT\n",
	    "220 250 250 250 250", false },
	{ "BDAT\nNOOP\n", "220 501", true },
	/* Arguments where none belong. */
	{ "QUIT now\nDATA x\nRSET x\n", "220 501 501 501", false },
	/* Parameters. */
	{ "EHLO a\nMAIL FROM:<a@b> FOO=1\nMAIL FROM:<a@b> SIZE=x\n"
	  "MAIL FROM:<a>\nMAIL FROM:<a@b> SIZE=5\n",
	    "220 250 555 501 501 250", false },
	/* SMTPUTF8. */
	{ "EHLO a\nMAIL FROM:<\xc3\xbc@b>\nMAIL FROM:<\xc3\xbc@b> SMTPUTF8\n"
	  "RCPT TO:<\xc3\xbc@d>\n", "220 250 553 250 250", false },
	{ "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<\xc3\xbc@d>\nRCPT TO:<c@d>\n",
	    "220 250 250 553 250", false },
};

ATF_TC_WITHOUT_HEAD(session_feed__answers_each_order_of_commands);
ATF_TC_BODY(session_feed__answers_each_order_of_commands, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ORDERS); i++) {
		world_init(&world);
		check_talk(&world, ORDERS[i].lines, ORDERS[i].codes);
		ATF_CHECK_EQ_MSG(ORDERS[i].hung_up, world.hung_up,
		    "row %zu", i);
	}
}

/* The same, where TLS is offered. */
static const struct {
	const char *lines;
	const char *codes;
	bool refused; /* by whoever speaks it */
} TLS_ORDERS[] = {
	{ "STARTTLS\nSTARTTLS\n", "220 220 503", false },
	{ "EHLO a\nSTARTTLS now\nSTARTTLS\nSTARTTLS x\n",
	    "220 250 501 220 501", false },
	/* All that was said is forgotten: who, and the transaction. */
	{ "EHLO a\nSTARTTLS\nMAIL FROM:<a@b>\nEHLO a\nMAIL FROM:<a@b>\n",
	    "220 250 220 503 250 250", false },
	{ "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nSTARTTLS\nDATA\n"
	  "RCPT TO:<c@d>\nRSET\nMAIL FROM:<a@b>\n",
	    "220 250 250 250 220 503 503 250 503", false },
	/* A failure is for the session; and mail may come all the same. */
	{ "EHLO a\nSTARTTLS\nSTARTTLS\nMAIL FROM:<a@b>\n",
	    "220 250 454 454 250", true },
	{ "EHLO a\nMAIL FROM:<a@b>\nSTARTTLS\nRCPT TO:<c@d>\n",
	    "220 250 250 454 250", true },
};

ATF_TC_WITHOUT_HEAD(session_feed__answers_starttls_where_it_is_offered);
ATF_TC_BODY(session_feed__answers_starttls_where_it_is_offered, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(TLS_ORDERS); i++) {
		world_init(&world);
		world.offers_tls = true;
		if (TLS_ORDERS[i].refused)
			world.no_tls = &SMTPREPLY_NO_TLS_NOW;
		check_talk(&world, TLS_ORDERS[i].lines, TLS_ORDERS[i].codes);
	}
}

ATF_TC_WITHOUT_HEAD(session_secure__is_in_ehlo_and_in_the_protocol);
ATF_TC_BODY(session_secure__is_in_ehlo_and_in_the_protocol, tc)
{
	static const char message[] =
	    "MAIL FROM:<a@b>%s\nRCPT TO:<c@d>\nDATA\n.\n";
	char script[512];
	struct buf b;

	world_init(&world);
	world.offers_tls = true;
	buf_init(&b, script, sizeof(script));
	(void)buf_puts(&b, "EHLO a\n");
	(void)buf_printf(&b, message, "");
	(void)buf_puts(&b, "STARTTLS\nEHLO a\n");
	(void)buf_printf(&b, message, "");
	(void)buf_printf(&b, message, " SMTPUTF8");
	(void)buf_puts(&b, "HELO a\n");
	(void)buf_printf(&b, message, "");
	ATF_REQUIRE(buf_cstr(&b) != NULL);
	check_talk(&world, script, "220 250 250 250 354 250 220 250"
	    " 250 250 354 250 250 250 354 250 250 250 250 354 250");
	/* Offered once, by the first EHLO. */
	ATF_CHECK(strstr(world.replies_store, "250-STARTTLS\r\n") != NULL);
	ATF_CHECK(strstr(strstr(world.replies_store, "250-STARTTLS\r\n") + 12,
	    "STARTTLS") == NULL);
	ATF_CHECK_STREQ("From: a@b\nTo: c@d\nHelo: a\nProto: ESMTP\n"
	    "From: a@b\nTo: c@d\nHelo: a\nProto: ESMTPS\n"
	    "From: a@b\nTo: c@d\nSmtputf8: yes\nHelo: a\nProto: UTF8SMTPS\n"
	    "From: a@b\nTo: c@d\nHelo: a\nProto: SMTP\n",
	    world.envelopes_store);
}

ATF_TC_WITHOUT_HEAD(session_greet__and_ehlo_say_what_is_offered);
ATF_TC_BODY(session_greet__and_ehlo_say_what_is_offered, tc)
{
	world_init(&world);
	world.limits.max_size = 33554432;
	world.limits.max_rcpt = 77;
	check_talk(&world, "EHLO maggot\nHELO maggot\n", "220 250 250");
	ATF_CHECK_STREQ("220 " HOST " ESMTP SMTPSERV\r\n"
	    "250-" HOST "\r\n"
	    "250-PIPELINING\r\n"
	    "250-8BITMIME\r\n"
	    "250-SMTPUTF8\r\n"
	    "250-ENHANCEDSTATUSCODES\r\n"
	    "250-CHUNKING\r\n"
	    "250-DSN\r\n"
	    "250-SIZE 33554432\r\n"
	    "250-LIMITS RCPTMAX=77\r\n"
	    "250 HELP\r\n"
	    "250 " HOST "\r\n", world.replies_store);
}

/* What HELP and EHLO say of a verb. */
static void
check_offer(const char *greeting, const char *help, const char *keyword)
{
	char script[100];

	(void)snprintf(script, sizeof(script), "%s a\nHELP\n", greeting);
	check_talk(&world, script, "220 250 214");
	ATF_CHECK_MSG(strstr(world.replies_store, help) != NULL, "no %s in %s",
	    help, world.replies_store);
	ATF_CHECK_MSG(strstr(world.replies_store, keyword) != NULL,
	    "no %s in %s", keyword, world.replies_store);
}

ATF_TC_WITHOUT_HEAD(session_feed__offers_what_there_is_and_nothing_else);
ATF_TC_BODY(session_feed__offers_what_there_is_and_nothing_else, tc)
{
	world_init(&world);
	check_offer("EHLO", "214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP "
	    "QUIT VRFY HELP BDAT\r\n", "250-DSN\r\n250-SIZE");
	ATF_CHECK(strstr(world.replies_store, "STARTTLS") == NULL);
	ATF_CHECK(strstr(world.replies_store, "AUTH") == NULL);
	ATF_CHECK(strstr(world.replies_store, "BINARYMIME") == NULL);
	world.limits.auth = SESSION_AUTH_ALWAYS;
	world.limits.keeps_binary = true;
	check_offer("EHLO", " HELP AUTH BDAT\r\n", "250-AUTH PLAIN LOGIN\r\n");
	ATF_CHECK(strstr(world.replies_store, "250-BINARYMIME\r\n") != NULL);
	world_init(&world);
	world.limits.lmtp = true;
	world.limits.keeps_facts = false;
	check_offer("LHLO", "214 2.0.0 LHLO MAIL RCPT ", "250-CHUNKING\r\n");
	ATF_CHECK(strstr(world.replies_store, "DSN") == NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__message_reaches_the_ports_in_order);
ATF_TC_BODY(session_feed__message_reaches_the_ports_in_order, tc)
{
	world_init(&world);
	check_talk(&world,
	    "EHLO maggot\nMAIL FROM:<Erick@Maggot> SIZE=9 BODY=8BITMIME\n"
	    "RCPT TO:<@r:bruce@gnat>\nRCPT TO:<ann@gnat>\nDATA\n"
	    "a:\n..b\n.\nQUIT\n", "220 250 250 250 250 354 250 221");
	ATF_CHECK_STREQ("space;"
	    "begin[From: Erick@Maggot\nTo: bruce@gnat\nTo: ann@gnat\n"
	    "Body: 8BITMIME\n];"
	    "append<T\na:\n.b\n>;commit(8);", world.calls_store);
	ATF_CHECK(strstr(world.replies_store,
	    "\r\n250 2.0.0 A5321 accepted\r\n") != NULL);
	ATF_CHECK(world.quit);
}

ATF_TC_WITHOUT_HEAD(session_feed__refused_recipient_is_not_in_the_envelope);
ATF_TC_BODY(session_feed__refused_recipient_is_not_in_the_envelope, tc)
{
	world_init(&world);
	world.no_rcpt = &SMTPREPLY_NOBODY;
	/* With none left there is nothing to send. */
	check_talk(&world,
	    "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<e@f>\nDATA\n"
	    "RCPT TO:<c@d>\nRCPT TO:<g@h>\nDATA\n.\n",
	    "220 250 250 550 503 250 550 354 250");
	ATF_CHECK_STREQ("recipient<e@f>;refused(550);refused(503);"
	    "recipient<c@d>;recipient<g@h>;refused(550);"
	    "begin[From: a@b\nTo: c@d\n];append<T\n>;commit(0);",
	    world.calls_store);
	/* What cannot be told now is for another time, and no error. */
	world_init(&world);
	world.no_rcpt = &SMTPREPLY_NO_TABLE;
	world.limits.max_errors = 1;
	check_talk(&world,
	    "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<e@f>\nRCPT TO:<e@f>\n"
	    "RCPT TO:<e@f>\nRCPT TO:<@r,@c:c@d>\nQUIT\n",
	    "220 250 250 451 451 451 250 221");
}

ATF_TC_WITHOUT_HEAD(session_feed__harvester_of_recipients_is_hung_up_on);
ATF_TC_BODY(session_feed__harvester_of_recipients_is_hung_up_on, tc)
{
	world_init(&world);
	world.no_rcpt = &SMTPREPLY_NOBODY;
	world.limits.max_errors = 2;
	check_talk(&world,
	    "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<e@f>\nRCPT TO:<c@d>\n"
	    "RCPT TO:<e@f>\nRCPT TO:<e@f>\nRCPT TO:<c@d>\n",
	    "220 250 250 550 250 550 421");
	ATF_CHECK(world.hung_up);
}

ATF_TC_WITHOUT_HEAD(session_feed__facts_end_with_their_transaction);
ATF_TC_BODY(session_feed__facts_end_with_their_transaction, tc)
{
	world_init(&world);
	check_talk(&world,
	    "EHLO a\nMAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8\n"
	    "RCPT TO:<c@d>\nDATA\n.\n"
	    "MAIL FROM:<e@f> SMTPUTF8\nRSET\n"
	    "MAIL FROM:<g@h> BODY=7BIT\nRCPT TO:<i@j>\nDATA\n.\n"
	    "HELO a\nMAIL FROM:<k@l>\nRCPT TO:<m@n>\nDATA\n.\n",
	    "220 250 250 250 354 250 250 250 250 250 354 250"
	    " 250 250 250 354 250");
	ATF_CHECK_STREQ(
	    "From: a@b\nTo: c@d\nBody: 8BITMIME\nSmtputf8: yes\n"
	    "Helo: a\nProto: UTF8SMTP\n"
	    "From: g@h\nTo: i@j\nHelo: a\nProto: ESMTP\n"
	    "From: k@l\nTo: m@n\nHelo: a\nProto: SMTP\n",
	    world.envelopes_store);
}

/* All that can happen in a session, for the cases that cut it. */
static const char SCRIPT[] =
    "NOOP\r\n"
    "MAIL FROM:<too@early>\r\n"
    "EHLO maggot\r\n"
    "bare\nQUIT\r\n"
    "MAIL FROM:<erick@maggot> SIZE=100 BODY=8BITMIME\r\n"
    "RCPT TO:<bruce@gnat>\r\n"
    "RCPT TO:<nobody>\r\n"
    "RCPT TO:<ann@gnat>\r\n"
    "DATA\r\n"
    "Subject: a line that is longer than the buffer\r\n"
    "\r\n"
    "..stuffed\r\n"
    ".also stuffed\r\n"
    "bare\n.\r\ncr\rx\r\r\n.\r\r\n\n.\r\n"
    "MAIL FROM:<smuggled@maggot>\r\n"
    ".\r\n"
    "MAIL FROM:<>\r\n"
    "RCPT TO:<c@d>\r\n"
    "RSET\r\n"
    "DATA\r\n"
    "HELO again\r\n"
    "MAIL FROM:<a@b>\r\n"
    "RCPT TO:<c@d>\r\n"
    "DATA\r\n"
    "QUIT\r\n"
    ".\r\n"
    "what\r\n"
    "QUIT\r\n"
    "NOOP\r\n";

#define SCRIPT_CODES "220 250 503 250 500 250 250 501 250 354 250 250 250" \
	" 250 503 250 250 250 354 250 500 221"

/* The script's outcome in a world that the caller has set up. */
static void
check_cuts(struct world *w, struct bytes script)
{
	static struct world whole;
	size_t cut;

	whole = *w;
	converse(&whole, script, SIZE_MAX, 1);
	check_reply_lines(&whole);
	for (cut = 1; cut <= script.n; cut++) {
		/* In two; and the rest in pieces of a size or a byte. */
		size_t steps[] = { SIZE_MAX, 1, cut };
		size_t i;

		for (i = 0; i < ARRAY_LEN(steps); i++) {
			converse(w, script, cut, steps[i]);
			ATF_CHECK_MSG(strcmp(whole.replies_store,
			        w->replies_store) == 0,
			    "cut at %zu, then %zu: want\n%s\ngot\n%s", cut,
			    steps[i], whole.replies_store, w->replies_store);
			ATF_CHECK_MSG(strcmp(whole.calls_store,
			        w->calls_store) == 0,
			    "cut at %zu, then %zu: want\n%s\ngot\n%s", cut,
			    steps[i], whole.calls_store, w->calls_store);
			ATF_CHECK_EQ(whole.hung_up, w->hung_up);
		}
	}
}

ATF_TC(session_feed__any_cutting_gives_the_same_replies_and_calls);
ATF_TC_HEAD(session_feed__any_cutting_gives_the_same_replies_and_calls, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(session_feed__any_cutting_gives_the_same_replies_and_calls, tc)
{
	char codes[400];

	world_init(&world);
	converse(&world, bytes_of(SCRIPT), SIZE_MAX, 1);
	codes_of(&world, codes);
	ATF_CHECK_STREQ(SCRIPT_CODES, codes);
	ATF_CHECK_MSG(strstr(world.envelopes_store, "smuggled") == NULL,
	    "%s", world.envelopes_store);
	check_cuts(&world, bytes_of(SCRIPT));
}

ATF_TC(session_feed__any_cutting_is_the_same_when_things_fail);
ATF_TC_HEAD(session_feed__any_cutting_is_the_same_when_things_fail, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(session_feed__any_cutting_is_the_same_when_things_fail, tc)
{
	int what;

	for (what = 0; what < 8; what++) {
		world_init(&world);
		world.no_begin = what == 0 ? &SMTPREPLY_NO_SPACE : NULL;
		world.no_append = what == 1 ? &SMTPREPLY_NO_SPACE : NULL;
		world.no_commit = what == 2 ? &SMTPREPLY_LOCAL_FAULT
		    : what == 3 ? &SMTPREPLY_DISK_FAULT : NULL;
		/* Before the text ends, one byte too many. */
		if (what == 4)
			world.limits.max_size = 100;
		world.limits.reject_bareeol = what == 5;
		if (what == 6)
			world.limits.max_errors = 2;
		if (what == 7)
			world.out_size = SMTPREPLY_ROOM + 7;
		check_cuts(&world, bytes_of(SCRIPT));
	}
}

ATF_TC(session_feed__lines_too_long_are_500_and_resynchronise);
ATF_TC_HEAD(session_feed__lines_too_long_are_500_and_resynchronise, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(session_feed__lines_too_long_are_500_and_resynchronise, tc)
{
	static const size_t lengths[] = { 510, 511, 2046, 2047, 5000 };
	static char script[6000];
	size_t i;

	for (i = 0; i < ARRAY_LEN(lengths); i++) {
		size_t n = lengths[i];
		char codes[200];
		size_t cut;

		memset(script, 'x', n);
		memcpy(script, "NOOP ", 5);
		memcpy(script + n, "\r\nQUIT\r\n", 9);
		for (cut = 1; cut < n + 8; cut += 97) {
			world_init(&world);
			converse(&world, bytes_of(script), cut, 1000);
			codes_of(&world, codes);
			ATF_CHECK_MSG(strcmp(codes, n > 510
			    ? "220 500 221" : "220 250 221") == 0,
			    "%zu octets, cut %zu: %s", n, cut, codes);
		}
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__text_lines_have_no_limit);
ATF_TC_BODY(session_feed__text_lines_have_no_limit, tc)
{
	static char script[100000];
	static const char start[] = "HELO a\r\nMAIL FROM:<a@b>\r\n"
	    "RCPT TO:<c@d>\r\nDATA\r\n";
	char codes[200];

	memset(script, 'x', sizeof(script) - 20);
	memcpy(script, start, strlen(start));
	strcpy(script + sizeof(script) - 20, "\r\n.\r\nQUIT\r\n");
	world_init(&world);
	world.limits.max_size = 0;
	converse(&world, bytes_of(script), 500, 1460);
	codes_of(&world, codes);
	ATF_CHECK_STREQ("220 250 250 250 354 250 221", codes);
}

ATF_TC_WITHOUT_HEAD(session_feed__size_limit_is_exact);
ATF_TC_BODY(session_feed__size_limit_is_exact, tc)
{
	static const char message[] = "HELO a\nMAIL FROM:<a@b>\n"
	    "RCPT TO:<c@d>\nDATA\n12345678\n..\n.\n";

	/* Ten octets and three: RFC 1870 counts CR LF, not stuffing. */
	world_init(&world);
	world.limits.max_size = 13;
	check_talk(&world, message, "220 250 250 250 354 250");
	world.limits.max_size = 12;
	check_talk(&world, message, "220 250 250 250 354 552");
	ATF_CHECK(strstr(world.calls_store, "commit") == NULL);
	ATF_CHECK(strstr(world.calls_store, "abort;refused(552);") != NULL);
	world.limits.max_size = 0;
	check_talk(&world, message, "220 250 250 250 354 250");
}

ATF_TC_WITHOUT_HEAD(session_feed__too_big_is_dropped_before_its_end);
ATF_TC_BODY(session_feed__too_big_is_dropped_before_its_end, tc)
{
	static char script[5000];
	const char *abort_at;

	strcpy(script, "HELO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
	    "DATA\r\n");
	memset(script + strlen(script), 'x', 4000);
	strcat(script, "\r\n.\r\nNOOP\r\n");
	world_init(&world);
	world.limits.max_size = 100;
	converse(&world, bytes_of(script), SIZE_MAX, 1);
	/* What is written stays near the limit, and there is one abort. */
	abort_at = strstr(world.calls_store, "abort;");
	ATF_REQUIRE(abort_at != NULL);
	ATF_CHECK(abort_at - world.calls_store < 400);
	ATF_CHECK(strstr(abort_at + 1, "abort;") == NULL);
	ATF_CHECK(strstr(abort_at, "append") == NULL);
	ATF_CHECK(strstr(world.replies_store, "552 5.3.4") != NULL);
	ATF_CHECK(strstr(world.replies_store, "250 2.0.0 ok") != NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__size_parameter_is_checked_at_mail);
ATF_TC_BODY(session_feed__size_parameter_is_checked_at_mail, tc)
{
	static const struct {
		uint64_t max;
		uint64_t space;
		const char *size;
		const char *codes;
	} rows[] = {
		{ 1000, UINT64_MAX, "1000", "220 250 250" },
		{ 1000, UINT64_MAX, "1001", "220 250 552" },
		{ 1000, UINT64_MAX, "99999999999999999999", "220 250 552" },
		{ 1000, 500, "500", "220 250 250" },
		{ 1000, 500, "501", "220 250 452" },
		{ 1000, 500, "1001", "220 250 552" },
		{ 0, 500, "501", "220 250 452" },
		{ 0, UINT64_MAX, "18446744073709551615", "220 250 250" },
		{ 1000, 0, "0", "220 250 250" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char lines[100] = "EHLO a\nMAIL FROM:<a@b> SIZE=";

		strcat(lines, rows[i].size);
		strcat(lines, "\n");
		world_init(&world);
		world.limits.max_size = rows[i].max;
		world.space = rows[i].space;
		check_talk(&world, lines, rows[i].codes);
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__one_recipient_too_many_is_452);
ATF_TC_BODY(session_feed__one_recipient_too_many_is_452, tc)
{
	world_init(&world);
	world.limits.max_rcpt = 2;
	check_talk(&world, "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\n"
	    "RCPT TO:<e@f>\nRCPT TO:<g@h>\nRCPT TO:<i@j>\nDATA\n.\n",
	    "220 250 250 250 250 452 452 354 250");
	ATF_CHECK_STREQ("From: a@b\nTo: c@d\nTo: e@f\nHelo: a\nProto: ESMTP\n",
	    world.envelopes_store);
	ATF_CHECK_EQ_MSG(1, world.refused, "one line of log for all of them");
}

ATF_TC_WITHOUT_HEAD(session_feed__one_error_too_many_is_421);
ATF_TC_BODY(session_feed__one_error_too_many_is_421, tc)
{
	world_init(&world);
	world.limits.max_errors = 3;
	check_talk(&world, "a\nNOOP\nb\nMAIL FROM:<x@y>\nNOOP\nc\nNOOP\n",
	    "220 500 250 500 503 250 421");
	ATF_CHECK(world.hung_up);
	/* A line that is no line counts as well. */
	check_talk(&world, "a\nb\nc\n", "220 500 500 500");
	converse(&world, bytes_of("a\nb\r\na\nb\r\na\nb\r\na\nb\r\nNOOP\r\n"),
	    SIZE_MAX, 1);
	ATF_CHECK(world.hung_up);
	ATF_CHECK(strstr(world.replies_store, "421 4.7.0") != NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__idle_commands_end_at_100);
ATF_TC_BODY(session_feed__idle_commands_end_at_100, tc)
{
	static char lines[8000];
	static char codes[8000];
	int i;

	lines[0] = '\0';
	for (i = 0; i < 100; i++)
		strcat(lines, i % 2 == 0 ? "NOOP\n" : "RSET\n");
	strcpy(codes, "220");
	for (i = 0; i < 100; i++)
		strcat(codes, " 250");
	world_init(&world);
	check_talk(&world, lines, codes);
	ATF_CHECK(!world.hung_up);
	strcat(lines, "NOOP\nNOOP\n");
	strcat(codes, " 421");
	check_talk(&world, lines, codes);
	ATF_CHECK(world.hung_up);
}

ATF_TC_WITHOUT_HEAD(session_feed__a_message_makes_idle_commands_good);
ATF_TC_BODY(session_feed__a_message_makes_idle_commands_good, tc)
{
	static char lines[8000];
	int i;

	/* 99 and the HELO, a message, and 100 more. */
	strcpy(lines, "HELO a\n");
	for (i = 0; i < 99; i++)
		strcat(lines, "NOOP\n");
	strcat(lines, "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n.\n");
	for (i = 0; i < 100; i++)
		strcat(lines, "NOOP\n");
	world_init(&world);
	{
		static char script[1 << 14];

		converse(&world, with_crlf(lines, script, sizeof(script)),
		    SIZE_MAX, 1);
	}
	ATF_CHECK(!world.hung_up);
	ATF_CHECK(strstr(world.replies_store, "421") == NULL);
}

/* One feed of some lines: what it answers, and how many replies it wrote. */
static enum session_next
feed_group(struct talk *t, const char *lines, size_t *used, size_t *replies)
{
	char script[1000];
	struct bytes in = with_crlf(lines, script, sizeof(script));
	struct bytes out;
	enum session_next next = session_feed(&t->session, in, used,
	    &t->replies);
	size_t at;

	*used = in.n - *used;
	*replies = 0;
	out = smtpreply_pending(&t->replies);
	while (bytes_find(out, '\n', &at)) {
		out = bytes_cut(out, at + 1, out.n);
		++*replies;
	}
	smtpreply_sent(&t->replies);
	return (next);
}

ATF_TC_WITHOUT_HEAD(session_feed__pipelined_group_is_answered_at_once);
ATF_TC_BODY(session_feed__pipelined_group_is_answered_at_once, tc)
{
	static struct talk t;
	size_t left;
	size_t replies;

	world_init(&world);
	start(&t, &world);
	ATF_CHECK_EQ(SESSION_FLUSH,
	    feed_group(&t, "HELO a\n", &left, &replies));
	/* RFC 2920 3.2: MAIL, RCPT and RSET may wait for one another; */
	ATF_CHECK_EQ(SESSION_READ, feed_group(&t, "MAIL FROM:<a@b>\n"
	    "RCPT TO:<c@d>\nRSET\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\n",
	    &left, &replies));
	ATF_CHECK_EQ(0, left);
	ATF_CHECK_EQ(5, replies);
	/* DATA ends the group, and what is behind it is text. */
	ATF_CHECK_EQ(SESSION_FLUSH, feed_group(&t, "RCPT TO:<e@f>\nDATA\nx\n",
	    &left, &replies));
	ATF_CHECK_EQ(3, left);
	ATF_CHECK_EQ(2, replies);
	ATF_CHECK_EQ(SESSION_DATA, t.session.state);
	ATF_CHECK_EQ(SESSION_FLUSH,
	    feed_group(&t, "x\n.\nNOOP\nNOOP\n", &left, &replies));
	ATF_CHECK_EQ(1, replies);
	ATF_CHECK_EQ(12, left);
	/* NOOP's reply must not wait. */
	ATF_CHECK_EQ(SESSION_FLUSH,
	    feed_group(&t, "NOOP\nNOOP\n", &left, &replies));
	ATF_CHECK_EQ(1, replies);
	session_drop(&t.session);
}

ATF_TC_WITHOUT_HEAD(session_feed__no_reply_is_lost_in_a_small_buffer);
ATF_TC_BODY(session_feed__no_reply_is_lost_in_a_small_buffer, tc)
{
	static char lines[8000];
	static char codes[2000];
	int i;

	strcpy(lines, "EHLO a\nMAIL FROM:<a@b>\n");
	strcpy(codes, "220 250 250");
	for (i = 0; i < 100; i++) {
		strcat(lines, "RCPT TO:<somebody@gnat>\n");
		strcat(codes, " 250");
	}
	world_init(&world);
	world.out_size = SMTPREPLY_ROOM;
	check_talk(&world, lines, codes);
}

/* The texts of all calls of append, one behind the other. */
static void
joined_appends(const struct world *w, char *to)
{
	const char *at = w->calls_store;

	while ((at = strstr(at, "append<")) != NULL) {
		const char *end = strstr(at, ">;");

		at += strlen("append<");
		memcpy(to, at, (size_t)(end - at));
		to += end - at;
	}
	*to = '\0';
}

/* What is sent as DATA and as BDAT, authenticated, and what is stored. */
static void
check_submitted(const char *text, const char *want)
{
	static struct talk t;
	static char calls[400];
	int chunked;

	for (chunked = 0; chunked < 2; chunked++) {
		char script[600];
		size_t at = 0;

		(void)snprintf(script, sizeof(script),
		    chunked == 1 ? "EHLO a\r\nMAIL FROM:<a@b>\r\n"
		        "RCPT TO:<c@d>\r\nBDAT %zu LAST\r\n%s"
		        : "EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"
		          "DATA\r\n%.0zu%s.\r\n",
		    chunked == 1 ? strlen(text) : 0, text);
		world_init(&world);
		world.limits.submission = true;
		start(&t, &world);
		t.session.client.authenticated = true;
		while (at < strlen(script)) {
			size_t used = 0;

			smtpreply_sent(&t.replies);
			(void)session_feed(&t.session,
			    bytes_of(script + at), &used, &t.replies);
			at += used;
		}
		ATF_REQUIRE(buf_cstr(&world.calls) != NULL);
		joined_appends(&world, calls);
		ATF_CHECK_STREQ(want, calls);
		ATF_CHECK(strstr(world.calls_store, "commit") != NULL);
		/* What we add is not what the client has sent. */
		ATF_CHECK_EQ(strlen(text), t.session.text.data.size);
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__other_protocols_are_not_heard);
ATF_TC_BODY(session_feed__other_protocols_are_not_heard, tc)
{
	static const struct {
		struct bytes in;
		const char *reply;
		const char *shown;
	} rows[] = {
#define ROW(in, reply, shown) { { in, sizeof(in) - 1 }, reply, shown }
		ROW("POST / HTTP/1.1\r\nHost: x\r\n", "not HTTP",
		    "POST|"),
		ROW("GET / HTTP/1.0\nHost: x\n", "not HTTP", ""),
		ROW("get\r\n", "not HTTP", "get|"),
		ROW("HEAD /\r\n", "not HTTP", "HEAD|"),
		ROW("PUT /\r\n", "not HTTP", "PUT|"),
		ROW("DELETE /\r\n", "not HTTP", "DELETE|"),
		ROW("OPTIONS *\r\n", "not HTTP", "OPTIONS|"),
		ROW("CONNECT a:25\r\n", "not HTTP", "CONNECT|"),
		ROW("TRACE /\r\n", "not HTTP", "TRACE|"),
		ROW("PATCH /\r\n", "not HTTP", "PATCH|"),
		ROW("PRI * HTTP/2.0\r\n\r\nSM\r\n", "not HTTP",
		    "PRI|"),
		ROW("FIND /a HTTP/1.1\r\n", "not HTTP", "FIND|"),
		ROW("Host: gnat\r\n", "header field", "Host:|"),
		ROW("X-A:b\r\n", "header field", "X-A:b|"),
		ROW("SSH-2.0-OpenSSH_9.2\r\n", "not SSH",
		    "SSH-2.0-OpenSSH_9.2|"),
		ROW("SSH-1.99-x\n\0\0\1", "not SSH", ""),
		ROW("\x16\x03\x01\x02\0\1\0\1\xfc", "STARTTLS", ""),
		ROW("\x16\x03\n\r\n", "STARTTLS", ""),
		ROW("NOOP\r\nPOST /\r\n", "not HTTP", "POST|"),
		ROW("what\r\nHost: x\r\n", "header field", "what|Host:|"),
		ROW("EHLO a\r\n\x16\x03", "STARTTLS", ""),
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char store[400];
		struct buf b;

		buf_init(&b, store, sizeof(store));
		(void)buf_put(&b, rows[i].in);
		(void)buf_puts(&b, "\r\nEHLO evil\r\nMAIL FROM:<a@b>\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\n\r\n.\r\nQUIT\r\n");
		world_init(&world);
		world.limits.lmtp = false;
		converse(&world, buf_view(&b), SIZE_MAX, 1);
		check_reply_lines(&world);
		ATF_CHECK_MSG(world.hung_up && !world.quit, "row %zu", i);
		ATF_CHECK(strstr(world.calls_store, "begin") == NULL);
		ATF_CHECK_MSG(strstr(world.replies_store, "\n421 4.7.0 ") !=
		        NULL && strstr(world.replies_store, rows[i].reply) !=
		        NULL, "row %zu: %s", i, world.replies_store);
		ATF_CHECK_MSG(strcmp(rows[i].shown, world.refused_lines) == 0,
		    "row %zu: %s", i, world.refused_lines);
		check_cuts(&world, buf_view(&b));
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__request_longer_than_a_line_is_not_heard);
ATF_TC_BODY(session_feed__request_longer_than_a_line_is_not_heard, tc)
{
	static const size_t lengths[] = { 600, 2046, 2047, 5000 };
	static char script[6000];
	size_t i;

	for (i = 0; i < ARRAY_LEN(lengths); i++) {
		memset(script, 'x', sizeof(script));
		memcpy(script, "POST /", 6);
		memcpy(script + lengths[i] - 2, "\r\nNOOP\r\n", 8);
		world_init(&world);
		converse(&world, (struct bytes) { script, lengths[i] + 6 },
		    i % 2 == 0 ? SIZE_MAX : 1, 1);
		ATF_CHECK_MSG(world.hung_up &&
		    strstr(world.replies_store, "not HTTP") != NULL,
		    "%zu: %s", lengths[i], world.replies_store);
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__smtp_clients_are_no_aliens);
ATF_TC_BODY(session_feed__smtp_clients_are_no_aliens, tc)
{
	/* After EHLO such lines may be of a text whose DATA was refused. */
	world_init(&world);
	check_talk(&world, "EHLO a\nDATA\nReceived: x\nGet well\nPOST\n"
	    "SSH-2\nQUIT\n", "220 250 503 500 500 500 500 221");
	/* And no greeting looks like one. */
	world_init(&world);
	check_talk(&world, "X-A :\nHELO get\nEHLO [IPv6:::1]\n"
	    "RSET\nQUIT\n", "220 500 250 250 250 221");
	world_init(&world);
	check_talk(&world, "GETS\n\x16x\nSSH\nQUIT\n",
	    "220 500 500 500 221");
}

ATF_TC_WITHOUT_HEAD(session_feed__submitted_message_gets_what_it_lacks);
ATF_TC_BODY(session_feed__submitted_message_gets_what_it_lacks, tc)
{
	check_submitted("A: b\r\n\r\nbody\r\n",
	    "T: t\nA: b\nDate: D\nMessage-ID: I\n\nbody\n");
	check_submitted("date: x\r\n\r\nMessage-ID: x\r\n",
	    "T: t\ndate: x\nMessage-ID: I\n\nMessage-ID: x\n");
	check_submitted("Message-Id : x\r\n\r\n",
	    "T: t\nMessage-Id : x\nDate: D\n\n");
	check_submitted("Date: x\r\nMessage-ID: x\r\n\r\nbody\r\n",
	    "T: t\nDate: x\nMessage-ID: x\n\nbody\n");
	check_submitted("\r\nbody\r\n",
	    "T: t\nDate: D\nMessage-ID: I\n\nbody\n");
	/* All header. */
	check_submitted("A: b\r\n", "T: t\nA: b\nDate: D\nMessage-ID: I\n");
	check_submitted("", "T: t\nDate: D\nMessage-ID: I\n");
	/* No header: it is ours alone. */
	check_submitted("Hello\r\n\r\nyou\r\n",
	    "T: t\nDate: D\nMessage-ID: I\n\nHello\n\nyou\n");
	check_submitted(" hello\r\n",
	    "T: t\nDate: D\nMessage-ID: I\n\n hello\n");
	/* Half of one: who knows where its end should be. */
	check_submitted("A: b\r\nHello\r\n\r\nyou\r\n",
	    "T: t\nA: b\nHello\n\nyou\n");
}

/* A message by DATA, in chunks, and in chunks that are kept as they are. */
static const char *const WAYS[] = { "DATA", "BDAT", "BINARYMIME" };

static struct bytes
script_of(size_t way, struct bytes text, char *store, size_t cap)
{
	struct buf b;

	buf_init(&b, store, cap);
	(void)buf_puts(&b, "LHLO a\r\nEHLO a\r\nMAIL FROM:<a@b>");
	(void)buf_puts(&b, way == 2 ? " BODY=BINARYMIME" : "");
	(void)buf_puts(&b, "\r\nRCPT TO:<c@d>\r\n");
	if (way == 0)
		(void)buf_puts(&b, "DATA\r\n");
	else
		(void)buf_printf(&b, "BDAT 1\r\n%cBDAT %zu LAST\r\n",
		    text.p[0], text.n - 1);
	(void)buf_put(&b, way == 0 ? text : bytes_cut(text, 1, text.n));
	(void)buf_puts(&b, way == 0 ? ".\r\nQUIT\r\n" : "QUIT\r\n");
	ATF_REQUIRE(!buf_overflowed(&b));
	return (buf_view(&b));
}

ATF_TC(session_feed__first_line_goes_on_with_no_field_of_ours);
ATF_TC_HEAD(session_feed__first_line_goes_on_with_no_field_of_ours, tc)
{
	atf_tc_set_md_var(tc, "timeout", "300");
}
ATF_TC_BODY(session_feed__first_line_goes_on_with_no_field_of_ours, tc)
{
	static const struct {
		struct bytes in;
		const char *want; /* in chunks that are kept: with CR LF */
		bool is_text;     /* stored as it is sent */
	} rows[] = {
		{ { " forged\r\nA: b\r\n", 15 },
		    "T\n\n forged\nA: b\n", true },
		{ { "\t(by us)\r\n", 10 }, "T\n\n\t(by us)\n", true },
		{ { "\0by us\r\n", 8 }, "T\n\n by us\n", false },
		{ { "\rby us\r\n", 8 }, "T\n\n by us\n", false },
		{ { "\r\r by us\r\n", 10 }, "T\n\n   by us\n", false },
		{ { ": x\r\n", 5 }, "T\n\n: x\n", true },
		{ { "Hello\r\n", 7 }, "T\n\nHello\n", true },
		{ { "From joe\r\nA: b\r\n", 16 },
		    "T\nX-Mailbox-Line: From joe\nA: b\n", true },
		{ { ">From joe\r\n", 11 },
		    "T\nX-Mailbox-Line: >From joe\n", true },
		{ { "A: b\r\n", 6 }, "T\nA: b\n", true },
		{ { "\r\n b\r\n", 6 }, "T\n\n b\n", true },
		{ { "\r\r\n b\r\n", 7 }, "T\n\n b\n", false },
	};
	static char store[1024];
	static char got[400];
	size_t i;
	size_t way;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (way = 0; way < ARRAY_LEN(WAYS); way++) {
			struct bytes script = script_of(
			    way, rows[i].in, store, sizeof(store));
			char want[400] = "";

			world_init(&world);
			world.limits.eol =
			    way == 2 ? SMTPDATA_CRLF : SMTPDATA_LF;
			world.limits.keeps_binary = way == 2;
			world.limits.lmtp = i % 2 == 1;
			converse(&world, script, SIZE_MAX, 1);
			ATF_CHECK(world.quit);
			if (way == 2 && !rows[i].is_text)
				continue;
			/* The fake port's own line has LF whatever is asked. */
			ATF_CHECK(with_crlf(rows[i].want + 2, want + 2,
				      sizeof(want) - 3).n > 0);
			memcpy(want, "T\n", 2);
			joined_appends(&world, got);
			ATF_CHECK_MSG(way == 2 || strcmp(rows[i].want, got) == 0,
			    "row %zu by %s: %s", i, WAYS[way], got);
			ATF_CHECK_MSG(way < 2 || strcmp(want, got) == 0,
			    "row %zu by %s: %s", i, WAYS[way], got);
			check_cuts(&world, script);
		}
}

ATF_TC_WITHOUT_HEAD(session_feed__failure_to_begin_ends_the_transaction);
ATF_TC_BODY(session_feed__failure_to_begin_ends_the_transaction, tc)
{
	world_init(&world);
	world.no_begin = &SMTPREPLY_LOCAL_FAULT;
	/* What the client pipelined as text is refused line by line. */
	check_talk(&world, "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"
	    "DATA\nMAIL FROM:<a@b>\n", "220 250 250 250 451 503 250");
	ATF_CHECK(strstr(world.calls_store, "append") == NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__failure_to_append_is_told_after_the_end);
ATF_TC_BODY(session_feed__failure_to_append_is_told_after_the_end, tc)
{
	world_init(&world);
	world.no_append = &SMTPREPLY_NO_SPACE;
	check_talk(&world, "EHLO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n"
	    "a long line that fills the buffer several times over\n"
	    "QUIT\n.\nNOOP\n", "220 250 250 250 354 452 250");
	ATF_CHECK_MSG(strstr(world.calls_store, "append<") != NULL &&
	    strstr(strstr(world.calls_store, "append<") + 1, "append<") ==
	    NULL, "%s", world.calls_store);
	ATF_CHECK(strstr(world.calls_store, "commit") == NULL);
	ATF_CHECK(strstr(world.calls_store, "abort;refused(452);") != NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__failure_to_commit_aborts);
ATF_TC_BODY(session_feed__failure_to_commit_aborts, tc)
{
	static const char lines[] = "EHLO a\nMAIL FROM:<a@b>\n"
	    "RCPT TO:<c@d>\nDATA\nx\n.\nNOOP\nNOOP\n";

	world_init(&world);
	world.no_commit = &SMTPREPLY_LOCAL_FAULT;
	check_talk(&world, lines, "220 250 250 250 354 451 250 250");
	ATF_CHECK(strstr(world.calls_store,
	    "commit(3);abort;refused(451);") != NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__disk_fault_anywhere_ends_the_session);
ATF_TC_BODY(session_feed__disk_fault_anywhere_ends_the_session, tc)
{
	static const char lines[] = "EHLO a\nMAIL FROM:<a@b>\n"
	    "RCPT TO:<c@d>\nDATA\nx\n.\nNOOP\nNOOP\n";

	world_init(&world);
	world.no_commit = &SMTPREPLY_DISK_FAULT;
	check_talk(&world, lines, "220 250 250 250 354 451 421");
	ATF_CHECK(world.hung_up);
	world_init(&world);
	world.no_append = &SMTPREPLY_DISK_FAULT;
	check_talk(&world, lines, "220 250 250 250 354 451 421");
	ATF_CHECK(world.hung_up);
	world_init(&world);
	world.no_begin = &SMTPREPLY_DISK_FAULT;
	check_talk(&world, lines, "220 250 250 250 451 421");
	ATF_CHECK(world.hung_up);
}

/* A message with so many Received: fields, and one that is none. */
static void
check_hops(int fields, const char *want)
{
	static char lines[8000];
	int i;

	strcpy(lines, "HELO a\nMAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n");
	for (i = 0; i < fields; i++)
		strcat(lines, i % 2 == 0 ? "Received: from a\n\tby b\n"
		                         : "RECEIVED:x\n");
	strcat(lines, "Subject: x\n\nReceived: in the body\n.\nNOOP\n");
	world_init(&world);
	world.limits.max_size = 0;
	check_talk(&world, lines, want);
}

ATF_TC_WITHOUT_HEAD(session_feed__message_that_loops_is_554);
ATF_TC_BODY(session_feed__message_that_loops_is_554, tc)
{
	check_hops(100, "220 250 250 250 354 250 250");
	check_hops(101, "220 250 250 250 354 554 250");
	ATF_CHECK(strstr(world.calls_store, "commit") == NULL);
	ATF_CHECK(strstr(world.replies_store, "554 5.4.6 ") != NULL);
}

ATF_TC_WITHOUT_HEAD(session_feed__password_is_not_shown_to_the_log);
ATF_TC_BODY(session_feed__password_is_not_shown_to_the_log, tc)
{
	world_init(&world);
	check_talk(&world,
	    "AUTH PLAIN AGEAYg==\nauth LOGIN c2VjcmV0\nVRFY\nwhat\n",
	    "220 502 502 501 500");
	ATF_CHECK_STREQ("AUTH|auth|VRFY|what|", world.refused_lines);
}

/* However it comes, and whatever the client takes us for. */
ATF_TC_WITHOUT_HEAD(session_feed__password_is_not_shown_behind_anything);
ATF_TC_BODY(session_feed__password_is_not_shown_behind_anything, tc)
{
	static const struct {
		const char *line;
		const char *seen;
	} rows[] = {
		{ " AUTH PLAIN SECRET", " AUTH" },
		{ "\tauth login SECRET", "\tauth" },
		{ "xAUTH PLAIN SECRET", "xAUTH" },
		{ "\001AUTH PLAIN SECRET", "\001AUTH" },
		{ "AUTH:PLAIN SECRET", "AUTH" },
		{ "AUTH,SECRET", "AUTH" },
		{ "PASS SECRET", "PASS" },
		{ "a1 LOGIN bob SECRET", "a1" },
		{ "Authorization: Basic SECRET", "Auth" },
		{ "HELO AUTH PLAIN SECRET", "HELO AUTH" },
		{ "EHLO there Auth PLAIN SECRET", "EHLO there Auth" },
		{ "RSET\tAUTH PLAIN SECRET", "RSET" },
		{ "RSET AUTH PLAIN SECRET", "RSET AUTH" },
		/* No passwords: what an administrator has to see. */
		{ "MAIL FROM:<a@b> AUTH=<> X", "MAIL FROM:<a@b> AUTH=<> X" },
		{ "MAIL FROM:<author>", "MAIL FROM:<author>" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char script[200];

		(void)snprintf(script, sizeof(script), "%s\r\nSECRET\r\n",
		    rows[i].line);
		world_init(&world);
		converse(&world, bytes_of(script), SIZE_MAX, 1);
		ATF_CHECK_MSG(
		    strncmp(world.refused_lines, rows[i].seen,
			strlen(rows[i].seen)) == 0 &&
			world.refused_lines[strlen(rows[i].seen)] == '|',
		    "row %zu: %s", i, world.refused_lines);
		if (strcasestr(rows[i].line, "AUTH ") != NULL)
			ATF_CHECK_MSG(
			    strstr(world.refused_lines, "SECRET") == NULL,
			    "row %zu: %s", i, world.refused_lines);
	}
}

/* A line that was thrown away may have been one. */
ATF_TC_WITHOUT_HEAD(session_feed__password_is_not_shown_behind_a_lost_line);
ATF_TC_BODY(session_feed__password_is_not_shown_behind_a_lost_line, tc)
{
	world_init(&world);
	converse(&world, bytes_of("AUTH LOGIN\nSECRET\r\nSECRET\r\n"),
	    SIZE_MAX, 1);
	ATF_CHECK_MSG(strstr(world.refused_lines, "SECRET") == NULL, "%s",
	    world.refused_lines);
}

ATF_TC_WITHOUT_HEAD(session_feed__bare_line_ends_are_refused_if_asked);
ATF_TC_BODY(session_feed__bare_line_ends_are_refused_if_asked, tc)
{
	static const struct bytes texts[] = {
		{ "a\nb", 3 }, { "a\rb", 3 }, { "a\0b", 3 },
		{ "\n.\r\nMAIL", 8 } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(texts); i++) {
		char script[200];
		char codes[200];
		struct buf b;
		int reject;

		buf_init(&b, script, sizeof(script));
		(void)buf_puts(&b, "HELO a\r\nMAIL FROM:<a@b>\r\n"
		    "RCPT TO:<c@d>\r\nDATA\r\n");
		(void)buf_put(&b, texts[i]);
		(void)buf_puts(&b, "\r\n.\r\nNOOP\r\n");
		for (reject = 0; reject < 2; reject++) {
			world_init(&world);
			world.limits.reject_bareeol = reject == 1;
			converse(&world, buf_view(&b), SIZE_MAX, 1);
			codes_of(&world, codes);
			ATF_CHECK_STREQ(reject == 1
			    ? "220 250 250 250 354 550 250"
			    : "220 250 250 250 354 250 250", codes);
		}
	}
}

ATF_TC_WITHOUT_HEAD(session_drop__ends_a_message_in_any_state);
ATF_TC_BODY(session_drop__ends_a_message_in_any_state, tc)
{
	static const char script[] = "EHLO a\r\nMAIL FROM:<a@b>\r\n"
	    "RCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\n";
	size_t n;

	/* The client vanishes after each byte. */
	for (n = 0; n <= strlen(script); n++) {
		static struct talk t;
		size_t at = 0;

		world_init(&world);
		start(&t, &world);
		while (at < n) {
			size_t used = 0;

			if (session_feed(&t.session,
			    (struct bytes) { script + at, n - at }, &used,
			    &t.replies) == SESSION_READ)
				break;
			smtpreply_sent(&t.replies);
			at += used;
		}
		session_drop(&t.session);
		session_drop(&t.session);
		ATF_CHECK_EQ_MSG(0, world.messages_open, "after %zu", n);
		ATF_CHECK_MSG(buf_cstr(&world.calls) != NULL &&
		    (n == strlen(script)) ==
		    (strstr(world.calls_store, "commit") != NULL),
		    "after %zu: %s", n, world.calls_store);
	}
}

ATF_TC_WITHOUT_HEAD(session_stop__says_why_and_aborts);
ATF_TC_BODY(session_stop__says_why_and_aborts, tc)
{
	static struct talk t;
	size_t left;
	size_t replies;

	world_init(&world);
	start(&t, &world);
	(void)feed_group(&t, "HELO a\n", &left, &replies);
	(void)feed_group(&t, "MAIL FROM:<a@b>\nRCPT TO:<c@d>\nDATA\n", &left,
	    &replies);
	ATF_REQUIRE_EQ(SESSION_DATA, t.session.state);
	session_stop(&t.session, &SMTPREPLY_IDLE, &t.replies);
	ATF_CHECK(bytes_same(smtpreply_pending(&t.replies), bytes_of(
	    "421 4.4.2 idle for too long, closing\r\n")));
	ATF_CHECK_EQ(0, world.messages_open);
	ATF_CHECK(t.session.state != SESSION_DATA);
}

/* Every line of the envelopes is `Name: printable`. */
static void
check_envelope_lines(const struct world *w, unsigned int c, size_t row)
{
	struct bytes rest = buf_view(&w->envelopes);
	size_t lf;

	while (bytes_find(rest, '\n', &lf)) {
		struct bytes line = bytes_cut(rest, 0, lf);
		size_t i = 0;

		rest = bytes_cut(rest, lf + 1, rest.n);
		while (i < line.n && ((line.p[i] >= 'A' && line.p[i] <= 'Z') ||
		    (line.p[i] >= 'a' && line.p[i] <= 'z') ||
		    (line.p[i] >= '0' && line.p[i] <= '9')))
			i++;
		ATF_CHECK_MSG(i > 0 && i + 1 < line.n && line.p[i] == ':' &&
		    line.p[i + 1] == ' ', "byte %u, row %zu: %.*s", c, row,
		    (int)line.n, line.p);
		for (i = 0; i < line.n; i++)
			ATF_CHECK_MSG(line.p[i] >= ' ' && line.p[i] <= '~',
			    "byte %u, row %zu: %.*s", c, row, (int)line.n,
			    line.p);
	}
	ATF_CHECK_EQ(0, rest.n);
}

ATF_TC_WITHOUT_HEAD(session_feed__no_byte_gets_into_the_envelope_unprintable);
ATF_TC_BODY(session_feed__no_byte_gets_into_the_envelope_unprintable, tc)
{
	/* The percent sign is where the byte goes. */
	static const char *const rows[] = {
		"EHLO ma%ggot\r\nEHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n",
		"EHLO a%\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<x%y@b>\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<\"x%y\"@b> SMTPUTF8\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<\"x\\%y\"@b>\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b%c> SMTPUTF8\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@[1.2.3.4%]>\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b> SIZE=1%\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b> BODY=8BITMIME%\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b>%\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b> SMTPUTF8\r\nRCPT TO:<c%c@d>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<@r%:c@d>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL FROM:<a@b>\r\nRCPT TO:<postmaster%>\r\n"
		"RCPT TO:<c@d>\r\n",
		"EHLO a\r\nMAIL%FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n"
		"RCPT TO:<c@d>\r\n",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned int c;

		for (c = 0; c < 256; c++) {
			char script[300];
			struct buf b;
			size_t k;

			buf_init(&b, script, sizeof(script));
			for (k = 0; rows[i][k] != '\0'; k++)
				(void)buf_putc(&b, rows[i][k] == '%'
				    ? (char)c : rows[i][k]);
			(void)buf_puts(&b, "DATA\r\nx\r\n.\r\nQUIT\r\n");
			world_init(&world);
			converse(&world, buf_view(&b), SIZE_MAX, 1);
			check_reply_lines(&world);
			check_envelope_lines(&world, c, i);
			/* The probe is of use only if mail got through. */
			ATF_CHECK_MSG(i == 1 || world.envelopes_store[0] !=
			    '\0', "byte %u, row %zu", c, i);
		}
	}
}

ATF_TC_WITHOUT_HEAD(session_feed__longest_host_and_numbers_fit_a_reply);
ATF_TC_BODY(session_feed__longest_host_and_numbers_fit_a_reply, tc)
{
	static struct talk t;
	char host[256];
	size_t used = 0;

	memset(host, 'x', 255);
	host[255] = '\0';
	world_init(&world);
	world.limits.max_size = UINT64_MAX;
	world.limits.max_rcpt = UINT32_MAX;
	world.out_size = SMTPREPLY_ROOM;
	start(&t, &world);
	t.session.host = host;
	smtpreply_sent(&t.replies);
	session_greet(&t.session, &t.replies);
	send_pending(&t, &world);
	ATF_CHECK_EQ(SESSION_FLUSH, session_feed(&t.session,
	    bytes_of("EHLO a\r\n"), &used, &t.replies));
	send_pending(&t, &world);
	check_reply_lines(&world);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, session_feed__answers_each_order_of_commands);
	ATF_TP_ADD_TC(
	    tp, session_feed__answers_starttls_where_it_is_offered);
	ATF_TP_ADD_TC(tp, session_secure__is_in_ehlo_and_in_the_protocol);
	ATF_TP_ADD_TC(tp, session_greet__and_ehlo_say_what_is_offered);
	ATF_TP_ADD_TC(tp,
	    session_feed__offers_what_there_is_and_nothing_else);
	ATF_TP_ADD_TC(tp, session_feed__message_reaches_the_ports_in_order);
	ATF_TP_ADD_TC(
	    tp, session_feed__refused_recipient_is_not_in_the_envelope);
	ATF_TP_ADD_TC(tp, session_feed__harvester_of_recipients_is_hung_up_on);
	ATF_TP_ADD_TC(tp, session_feed__facts_end_with_their_transaction);
	ATF_TP_ADD_TC(tp,
	    session_feed__any_cutting_gives_the_same_replies_and_calls);
	ATF_TP_ADD_TC(tp,
	    session_feed__any_cutting_is_the_same_when_things_fail);
	ATF_TP_ADD_TC(tp,
	    session_feed__lines_too_long_are_500_and_resynchronise);
	ATF_TP_ADD_TC(tp, session_feed__text_lines_have_no_limit);
	ATF_TP_ADD_TC(tp, session_feed__size_limit_is_exact);
	ATF_TP_ADD_TC(tp, session_feed__too_big_is_dropped_before_its_end);
	ATF_TP_ADD_TC(tp, session_feed__size_parameter_is_checked_at_mail);
	ATF_TP_ADD_TC(tp, session_feed__one_recipient_too_many_is_452);
	ATF_TP_ADD_TC(tp, session_feed__one_error_too_many_is_421);
	ATF_TP_ADD_TC(tp, session_feed__idle_commands_end_at_100);
	ATF_TP_ADD_TC(tp, session_feed__a_message_makes_idle_commands_good);
	ATF_TP_ADD_TC(tp, session_feed__pipelined_group_is_answered_at_once);
	ATF_TP_ADD_TC(tp, session_feed__no_reply_is_lost_in_a_small_buffer);
	ATF_TP_ADD_TC(tp, session_feed__other_protocols_are_not_heard);
	ATF_TP_ADD_TC(tp,
	    session_feed__request_longer_than_a_line_is_not_heard);
	ATF_TP_ADD_TC(tp, session_feed__smtp_clients_are_no_aliens);
	ATF_TP_ADD_TC(tp,
	    session_feed__submitted_message_gets_what_it_lacks);
	ATF_TP_ADD_TC(tp,
	    session_feed__first_line_goes_on_with_no_field_of_ours);
	ATF_TP_ADD_TC(tp,
	    session_feed__failure_to_begin_ends_the_transaction);
	ATF_TP_ADD_TC(tp,
	    session_feed__failure_to_append_is_told_after_the_end);
	ATF_TP_ADD_TC(tp, session_feed__failure_to_commit_aborts);
	ATF_TP_ADD_TC(tp,
	    session_feed__disk_fault_anywhere_ends_the_session);
	ATF_TP_ADD_TC(tp, session_feed__message_that_loops_is_554);
	ATF_TP_ADD_TC(tp, session_feed__password_is_not_shown_to_the_log);
	ATF_TP_ADD_TC(
	    tp, session_feed__password_is_not_shown_behind_anything);
	ATF_TP_ADD_TC(
	    tp, session_feed__password_is_not_shown_behind_a_lost_line);
	ATF_TP_ADD_TC(tp, session_feed__bare_line_ends_are_refused_if_asked);
	ATF_TP_ADD_TC(tp, session_drop__ends_a_message_in_any_state);
	ATF_TP_ADD_TC(tp, session_stop__says_why_and_aborts);
	ATF_TP_ADD_TC(tp,
	    session_feed__no_byte_gets_into_the_envelope_unprintable);
	ATF_TP_ADD_TC(tp,
	    session_feed__longest_host_and_numbers_fit_a_reply);
	return (atf_no_error());
}
