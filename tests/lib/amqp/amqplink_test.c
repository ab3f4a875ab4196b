/* SPDX-License-Identifier: ISC */
/* Against tests/support/amqpd.py, which does what its argument says. */
#include "amqp/amqplink.h"

#include <atf-c.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/program.h"
#include "sys/sysclock.h"

enum {
	PATH_SIZE = 1024,
	MESSAGE = 300000
};

struct server {
	pid_t pid;
	int in; /* closed, it ends */
	struct amqpsite site;
};

static const atf_tc_t *self;

static int
read_port(void)
{
	char text[16] = "";
	int fd;
	int tries = 0;

	while ((fd = open("port", O_RDONLY)) < 0 && tries++ < 500)
		sysclock_sleep_ms(10);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(read(fd, text, sizeof(text) - 1) > 0);
	(void)close(fd);
	return (atoi(text));
}

static void
serve(struct server *s, const char *fault)
{
	char path[PATH_SIZE];
	int in[2];

	(void)snprintf(path, sizeof(path), "%s/../../support/amqpd.py",
	    atf_tc_get_config_var(self, "srcdir"));
	(void)unlink("port");
	(void)unlink("log");
	ATF_REQUIRE_EQ(0, pipe2(in, O_CLOEXEC));
	s->pid = fork();
	ATF_REQUIRE(s->pid >= 0);
	if (s->pid == 0) {
		(void)dup2(in[0], STDIN_FILENO);
		execlp("python3", "python3", path, "-p", "port", "-l", "log",
		    fault, NULL);
		_exit(127);
	}
	(void)close(in[0]);
	s->in = in[1];
	s->site = (struct amqpsite){ .vhost = "mail",
		.ca = "",
		.cert = "",
		.key = "",
		.login = "login",
		.nnodes = 1 };
	(void)snprintf(
	    s->site.nodes[0].host, AMQPSITE_HOST_MAX, "127.0.0.1");
	s->site.nodes[0].port = read_port();
}

/* The server sees the end of what it was sent, and says so. */
static void
stop(struct server *s)
{
	int tries = 0;

	while (!atf_utils_grep_file("^end 1 ", "log") &&
	    !atf_utils_grep_file("^said 1 silence", "log") && tries++ < 100)
		sysclock_sleep_ms(20);
	(void)close(s->in);
	(void)waitpid(s->pid, NULL, 0);
}

static void
set_up(const atf_tc_t *tc)
{
	int fd = open("login", O_WRONLY | O_CREAT, 0600);

	self = tc;
	ATF_REQUIRE(fd >= 0 && write(fd, "ann\nsecret\n", 11) == 11);
	(void)close(fd);
	(void)signal(SIGPIPE, SIG_IGN);
	program_cut_by_timers();
}

static enum amqplink_word
dial(struct server *s, struct amqplink *l, const char *fault, int64_t ms)
{
	serve(s, fault);
	return (amqplink_dial(l, &s->site, 0, sysclock_ms() + ms));
}

static enum amqplink_word
begin(struct amqplink *l, int64_t until_ms)
{
	amqp_confirm_select_t confirm = { 0 };
	amqp_basic_publish_t publish = { .exchange = amqplink_bytes("smtpserv"),
		.routing_key = amqplink_bytes("smtpserv") };
	amqp_basic_properties_t properties = { ._flags = 0 };

	ATF_REQUIRE_EQ(AMQPLINK_OK,
	    amqplink_ask(l, AMQP_CONFIRM_SELECT_METHOD,
		AMQP_CONFIRM_SELECT_OK_METHOD, &confirm, until_ms));
	ATF_REQUIRE_EQ(AMQPLINK_OK,
	    amqplink_method(l, AMQP_BASIC_PUBLISH_METHOD, &publish, until_ms));
	return (amqplink_header(l, MESSAGE, &properties, until_ms));
}

static enum amqplink_word
send_all(struct amqplink *l, size_t n, int64_t until_ms)
{
	static char zeros[AMQP_DEFAULT_FRAME_SIZE];
	enum amqplink_word word = AMQPLINK_OK;
	size_t most = amqplink_piece_max(l);

	while (n > 0 && word == AMQPLINK_OK) {
		struct bytes piece = { zeros, n < most ? n : most };

		word = amqplink_body(l, piece, until_ms);
		n -= piece.n;
	}
	return (word);
}

static void
check_method(struct amqplink *l, amqp_method_number_t id, int64_t until_ms)
{
	amqp_frame_t frame;

	ATF_REQUIRE_EQ(AMQPLINK_OK, amqplink_read(l, &frame, until_ms));
	ATF_REQUIRE_EQ(AMQP_FRAME_METHOD, frame.frame_type);
	ATF_CHECK_EQ(id, frame.payload.method.id);
}

ATF_TC_WITHOUT_HEAD(amqplink__a_message_goes_out_in_frames_and_is_confirmed);
ATF_TC_BODY(amqplink__a_message_goes_out_in_frames_and_is_confirmed, tc)
{
	static const char *const kinds[] = { "ack", "split+heartbeats",
		"framemax=4096" };
	size_t i;

	set_up(tc);
	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		int64_t until_ms = sysclock_ms() + 20000;
		struct amqplink l;
		struct server s;

		ATF_REQUIRE_EQ_MSG(AMQPLINK_OK, dial(&s, &l, kinds[i], 9000),
		    "%s: %s", kinds[i], l.why);
		ATF_CHECK(amqplink_is_open(&l));
		ATF_REQUIRE_EQ(AMQPLINK_OK, begin(&l, until_ms));
		ATF_REQUIRE_EQ(AMQPLINK_OK, send_all(&l, MESSAGE, until_ms));
		check_method(&l, AMQP_BASIC_ACK_METHOD, until_ms);
		amqplink_close(&l);
		ATF_CHECK(!amqplink_is_open(&l));
		amqplink_close(&l);
		stop(&s);
		ATF_CHECK(atf_utils_grep_file("^login 1 PLAIN ann secret", "log"));
		ATF_CHECK(atf_utils_grep_file("connection.blocked", "log"));
		ATF_CHECK(atf_utils_grep_file("^end 1 closed", "log"));
		ATF_CHECK(atf_utils_grep_file("^whole 1 1 - 300000", "log"));
	}
}

ATF_TC_WITHOUT_HEAD(amqplink_dial__tells_why_it_has_no_link);
ATF_TC_BODY(amqplink_dial__tells_why_it_has_no_link, tc)
{
	static const struct {
		const char *fault;
		enum amqplink_word word;
		unsigned int code;
	} rows[] = { { "eof@accept", AMQPLINK_UNREACHED, 0 },
		{ "rst@start-ok", AMQPLINK_UNREACHED, 0 },
		{ "garbage@start-ok", AMQPLINK_UNREACHED, 0 },
		{ "half@open", AMQPLINK_UNREACHED, 0 },
		{ "eof@channel", AMQPLINK_UNREACHED, 0 },
		{ "320@open", AMQPLINK_UNREACHED, 320 },
		{ "403@start-ok", AMQPLINK_REFUSED, 403 },
		{ "530@open", AMQPLINK_REFUSED, 530 },
		{ "404@channel", AMQPLINK_REFUSED, 404 } };
	size_t i;

	set_up(tc);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct amqplink l;
		struct server s;

		ATF_CHECK_EQ_MSG(rows[i].word,
		    dial(&s, &l, rows[i].fault, 9000), "%s: %s",
		    rows[i].fault, l.why);
		ATF_CHECK_EQ_MSG(rows[i].code, l.code, "%s", rows[i].fault);
		ATF_CHECK_MSG(l.why[0] != '\0', "%s", rows[i].fault);
		ATF_CHECK(!amqplink_is_open(&l));
		stop(&s);
	}
}

ATF_TC_WITHOUT_HEAD(amqplink_dial__ends_at_its_deadline);
ATF_TC_BODY(amqplink_dial__ends_at_its_deadline, tc)
{
	static const char *const faults[] = { "silence@accept",
		"silence@start-ok", "mute@open", "silence@channel" };
	size_t i;

	set_up(tc);
	for (i = 0; i < ARRAY_LEN(faults); i++) {
		struct amqplink l;
		struct server s;

		ATF_CHECK_EQ_MSG(AMQPLINK_UNREACHED,
		    dial(&s, &l, faults[i], 200), "%s: %s", faults[i], l.why);
		stop(&s);
	}
}

ATF_TC_WITHOUT_HEAD(amqplink_body__ends_at_its_deadline_though_nobody_reads);
ATF_TC_BODY(amqplink_body__ends_at_its_deadline_though_nobody_reads, tc)
{
	struct amqplink l;
	struct server s;

	set_up(tc);
	ATF_REQUIRE_EQ(AMQPLINK_OK, dial(&s, &l, "silence@publish", 9000));
	ATF_REQUIRE_EQ(AMQPLINK_OK, begin(&l, sysclock_ms() + 9000));
	ATF_CHECK_EQ(AMQPLINK_TIMEOUT,
	    send_all(&l, SIZE_MAX / 2, sysclock_ms() + 300));
	amqplink_close(&l);
	stop(&s);
}

ATF_TC_WITHOUT_HEAD(amqplink_read__keeps_in_mind_whether_it_is_blocked);
ATF_TC_BODY(amqplink_read__keeps_in_mind_whether_it_is_blocked, tc)
{
	int64_t until_ms = sysclock_ms() + 20000;
	amqp_frame_t frame;
	struct amqplink l;
	struct server s;

	set_up(tc);
	ATF_REQUIRE_EQ(AMQPLINK_OK, dial(&s, &l, "blockable", 9000));
	ATF_CHECK_EQ(AMQPLINK_TIMEOUT, amqplink_read(&l, &frame, 0));
	ATF_REQUIRE_EQ(1, write(s.in, "\n", 1));
	check_method(&l, AMQP_CONNECTION_BLOCKED_METHOD, until_ms);
	ATF_CHECK(l.is_blocked);
	ATF_CHECK_STREQ("low on memory", l.why);
	ATF_REQUIRE_EQ(1, write(s.in, "\n", 1));
	check_method(&l, AMQP_CONNECTION_UNBLOCKED_METHOD, until_ms);
	ATF_CHECK(!l.is_blocked);
	amqplink_close(&l);
	stop(&s);
}

ATF_TC_WITHOUT_HEAD(amqplink_read__a_close_and_an_end_are_told_apart);
ATF_TC_BODY(amqplink_read__a_close_and_an_end_are_told_apart, tc)
{
	static const struct {
		const char *fault;
		enum amqplink_word word;
		unsigned int code;
	} rows[] = { { "404@header", AMQPLINK_CLOSED, 404 },
		{ "406@last", AMQPLINK_CLOSED, 406 },
		{ "320@last", AMQPLINK_CLOSED, 320 },
		{ "eof@last", AMQPLINK_LOST, 0 },
		{ "rst@last", AMQPLINK_LOST, 0 },
		{ "half@last", AMQPLINK_LOST, 0 },
		{ "garbage@last", AMQPLINK_LOST, 0 } };
	size_t i;

	set_up(tc);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t until_ms = sysclock_ms() + 20000;
		amqp_frame_t frame;
		struct amqplink l;
		struct server s;

		ATF_REQUIRE_EQ(
		    AMQPLINK_OK, dial(&s, &l, rows[i].fault, 9000));
		ATF_REQUIRE_EQ(AMQPLINK_OK, begin(&l, until_ms));
		ATF_REQUIRE_EQ(AMQPLINK_OK, send_all(&l, MESSAGE, until_ms));
		ATF_CHECK_EQ_MSG(rows[i].word,
		    amqplink_read(&l, &frame, until_ms), "%s: %s",
		    rows[i].fault, l.why);
		ATF_CHECK_EQ(rows[i].code, l.code);
		amqplink_close(&l);
		stop(&s);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, amqplink__a_message_goes_out_in_frames_and_is_confirmed);
	ATF_TP_ADD_TC(tp, amqplink_dial__tells_why_it_has_no_link);
	ATF_TP_ADD_TC(tp, amqplink_dial__ends_at_its_deadline);
	ATF_TP_ADD_TC(
	    tp, amqplink_body__ends_at_its_deadline_though_nobody_reads);
	ATF_TP_ADD_TC(tp, amqplink_read__keeps_in_mind_whether_it_is_blocked);
	ATF_TP_ADD_TC(tp, amqplink_read__a_close_and_an_end_are_told_apart);
	return (atf_no_error());
}
