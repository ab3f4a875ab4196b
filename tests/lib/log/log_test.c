/* SPDX-License-Identifier: ISC */
#include "log/log.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/sysfilter.h"

static int log_fd[2];

/* A log to a pipe, of process 42. */
static struct log
open_log(void)
{
	struct log l;

	ATF_REQUIRE(pipe2(log_fd, O_NONBLOCK) == 0);
	log_init(&l, log_fd[1], NULL, 42);
	return (l);
}

/* What was written since the last time. */
static size_t
written(char *text, size_t cap)
{
	ssize_t n = read(log_fd[0], text, cap - 1);

	if (n < 0)
		n = 0;
	text[n] = '\0';
	return ((size_t)n);
}

static void
check_written(const char *want)
{
	char text[4096];

	(void)written(text, sizeof(text));
	ATF_CHECK_STREQ(want, text);
}

ATF_TC_WITHOUT_HEAD(log_end__writes_one_line_of_fields);
ATF_TC_BODY(log_end__writes_one_line_of_fields, tc)
{
	struct log l = open_log();
	struct log_line line;

	log_begin(&line, &l, "accepted");
	log_number(&line, "number", UINT32_MAX);
	log_text(&line, "from", bytes_of("erick@maggot"));
	log_text(&line, "to", bytes_of("two words"));
	/* Nothing before the end, then all at once. */
	check_written("");
	log_end(&line);
	check_written("ip=local pid=42 event=accepted number=4294967295 "
	    "from=erick@maggot to=\"two words\"\n");
}

ATF_TC_WITHOUT_HEAD(log_set_peer__is_the_first_field);
ATF_TC_BODY(log_set_peer__is_the_first_field, tc)
{
	struct log l = open_log();
	struct log_line line;

	log_set_peer(&l, bytes_of("2001:db8::7"));
	log_begin(&line, &l, "end");
	log_end(&line);
	check_written("ip=2001:db8::7 pid=42 event=end\n");
}

ATF_TC_WITHOUT_HEAD(log_text__quotes_and_escapes_where_needed);
ATF_TC_BODY(log_text__quotes_and_escapes_where_needed, tc)
{
	static const struct {
		struct bytes value;
		const char *want;
	} rows[] = {
		{ { "plain", 5 }, "plain" },
		{ { "a@b.c,<>:/", 10 }, "a@b.c,<>:/" },
		{ { "", 0 }, "\"\"" },
		{ { NULL, 0 }, "\"\"" },
		{ { " ", 1 }, "\" \"" },
		{ { "a b", 3 }, "\"a b\"" },
		{ { "a=b", 3 }, "\"a=b\"" },
		{ { "a\"b", 3 }, "\"a\\\"b\"" },
		{ { "a\\b", 3 }, "\"a\\\\b\"" },
		/* A forged field, and a forged line. */
		{ { "x\" event=\"accepted", 18 },
		    "\"x\\\" event=\\\"accepted\"" },
		{ { "x\nip=1.2.3.4", 12 }, "\"x\\x0aip=1.2.3.4\"" },
		{ { "a\r\n", 3 }, "\"a\\x0d\\x0a\"" },
		{ { "a\0b", 3 }, "\"a\\x00b\"" },
		{ { "\x1b[2J", 4 }, "\"\\x1b[2J\"" },
		{ { "\x7f", 1 }, "\"\\x7f\"" },
		{ { "\xc3\xbc", 2 }, "\"\\xc3\\xbc\"" },
	};
	struct log l = open_log();
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct log_line line;
		char want[200] = "ip=local pid=42 event=e k=";

		strcat(want, rows[i].want);
		strcat(want, "\n");
		log_begin(&line, &l, "e");
		log_text(&line, "k", rows[i].value);
		log_end(&line);
		check_written(want);
	}
}

ATF_TC_WITHOUT_HEAD(log_text__no_byte_gets_out_unescaped);
ATF_TC_BODY(log_text__no_byte_gets_out_unescaped, tc)
{
	struct log l = open_log();
	unsigned int c;

	for (c = 0; c < 256; c++) {
		char value[3] = { 'a', (char)c, 'b' };
		struct log_line line;
		char text[200];
		size_t n;
		size_t i;

		log_begin(&line, &l, "e");
		log_text(&line, "k", (struct bytes) { value, 3 });
		log_end(&line);
		n = written(text, sizeof(text));
		ATF_REQUIRE(n > 0 && text[n - 1] == '\n');
		for (i = 0; i < n - 1; i++)
			ATF_CHECK_MSG(text[i] >= ' ' && text[i] <= '~',
			    "byte %u", c);
	}
}

ATF_TC_WITHOUT_HEAD(log_text__value_over_256_bytes_is_cut_and_marked);
ATF_TC_BODY(log_text__value_over_256_bytes_is_cut_and_marked, tc)
{
	static const char start[] = "ip=local pid=42 event=e k=";
	struct log l = open_log();
	char value[300];
	size_t n;

	memset(value, 'x', sizeof(value));
	for (n = 255; n < 260; n++) {
		struct log_line line;
		char text[1000];
		size_t got;

		log_begin(&line, &l, "e");
		log_text(&line, "k", (struct bytes) { value, n });
		log_end(&line);
		got = written(text, sizeof(text));
		ATF_CHECK_EQ_MSG(strlen(start) + (n <= 256 ? n : 259) + 1,
		    got, "n %zu", n);
		ATF_CHECK_EQ_MSG(n > 256, strstr(text, "x...\n") != NULL,
		    "n %zu", n);
	}
	/* The mark is inside the quotes. */
	value[0] = ' ';
	{
		struct log_line line;
		char text[1000];

		log_begin(&line, &l, "e");
		log_text(&line, "k", (struct bytes) { value, 300 });
		log_end(&line);
		(void)written(text, sizeof(text));
		ATF_CHECK(strstr(text, "xxx...\"\n") != NULL);
	}
}

ATF_TC_WITHOUT_HEAD(log_end__too_many_fields_are_still_one_line);
ATF_TC_BODY(log_end__too_many_fields_are_still_one_line, tc)
{
	struct log l = open_log();
	struct log_line line;
	char value[256];
	char text[8192];
	size_t n;
	int i;

	memset(value, '\n', sizeof(value));
	log_begin(&line, &l, "e");
	for (i = 0; i < 10; i++)
		log_text(&line, "k", (struct bytes) { value, sizeof(value) });
	log_end(&line);
	n = written(text, sizeof(text));
	ATF_REQUIRE(n > 0);
	ATF_CHECK(n <= sizeof(line.store));
	ATF_CHECK_EQ('\n', text[n - 1]);
	ATF_CHECK_MSG(strchr(text, '\n') == text + n - 1, "one line end");
}

ATF_TC_WITHOUT_HEAD(log_end__longest_event_of_a_session_fits);
ATF_TC_BODY(log_end__longest_event_of_a_session_fits, tc)
{
	struct log l = open_log();
	struct log_line line;
	char value[600];
	char text[8192];

	/* A refused command: every byte of it takes four. */
	log_set_peer(&l, bytes_of("2001:0db8:0000:0000:0000:0000:0000:0007"));
	memset(value, '\xff', sizeof(value));
	log_begin(&line, &l, "refused");
	log_number(&line, "code", 555);
	log_text(&line, "status", bytes_of("5.5.4"));
	log_text(&line, "why", bytes_of("recipient address lacks a domain"));
	log_text(&line, "command", (struct bytes) { value, sizeof(value) });
	log_end(&line);
	(void)written(text, sizeof(text));
	ATF_CHECK_MSG(strstr(text, "\\xff...\"\n") != NULL, "%s", text);
}

ATF_TC_WITHOUT_HEAD(log_fault__names_operation_object_and_error);
ATF_TC_BODY(log_fault__names_operation_object_and_error, tc)
{
	struct log l = open_log();
	struct fault why;

	(void)fault_set(&why, "sync directory", "5321.TXT", ENOSPC);
	log_fault(&l, &why);
	check_written("ip=local pid=42 event=fault op=\"sync directory\" "
	    "name=5321.TXT error=\"No space left on device\"\n");
	(void)fault_set(&why, "garbage", "", 0);
	log_fault(&l, &why);
	check_written("ip=local pid=42 event=fault op=garbage name=\"\"\n");
}

ATF_TC_WITHOUT_HEAD(log_why__is_an_event_and_its_reason);
ATF_TC_BODY(log_why__is_an_event_and_its_reason, tc)
{
	struct log l = open_log();

	log_why(&l, "notls", "bad \"record\"");
	check_written("ip=local pid=42 event=notls why=\"bad \\\"record\\\"\"\n");
}

ATF_TC_WITHOUT_HEAD(log_init__with_tag_sends_syslog_datagrams);
ATF_TC_BODY(log_init__with_tag_sends_syslog_datagrams, tc)
{
	struct log_line line;
	struct log l;
	char text[1000];
	int fds[2];
	ssize_t n;

	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) == 0);
	log_init(&l, fds[0], "smtpserv-session", 42);
	log_begin(&line, &l, "end");
	log_end(&line);
	n = read(fds[1], text, sizeof(text) - 1);
	ATF_REQUIRE(n > 0);
	text[n] = '\0';
	/* Facility mail (2), severity informational (6): RFC 3164 4.1.1. */
	ATF_CHECK_STREQ(
	    "<22>smtpserv-session[42]: ip=local pid=42 event=end", text);
}

ATF_TC_WITHOUT_HEAD(log_end__a_log_that_is_gone_is_no_error);
ATF_TC_BODY(log_end__a_log_that_is_gone_is_no_error, tc)
{
	struct log_line line;
	struct log l;

	log_init(&l, -1, NULL, 42);
	log_begin(&line, &l, "end");
	log_end(&line);
}

/* What a process with these descriptors logs where, seen from outside. */
ATF_TC_WITHOUT_HEAD(log_start__never_writes_to_the_client);
ATF_TC_BODY(log_start__never_writes_to_the_client, tc)
{
	int client[2];
	char text[4096];
	struct log l;
	struct log_line line;
	ssize_t n;

	ATF_REQUIRE(pipe2(log_fd, O_NONBLOCK) == 0);
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    client) == 0);
	ATF_REQUIRE(dup2(client[1], STDOUT_FILENO) >= 0);
	/* A pipe of the super-server's. */
	ATF_REQUIRE(dup2(log_fd[1], STDERR_FILENO) >= 0);
	log_start(&l, "test");
	log_begin(&line, &l, "one");
	log_end(&line);
	ATF_CHECK(written(text, sizeof(text)) > 0);
	ATF_CHECK(strstr(text, "event=one\n") != NULL);
	/* The client's socket: it gets nothing, nor from a library. */
	ATF_REQUIRE(dup2(client[1], STDERR_FILENO) >= 0);
	log_start(&l, "test");
	log_begin(&line, &l, "two");
	log_end(&line);
	n = write(STDERR_FILENO, "x", 1);
	ATF_CHECK_EQ(1, n);
	ATF_CHECK_ERRNO(EAGAIN, read(client[0], text, sizeof(text)) == -1);
	ATF_CHECK_EQ(0, written(text, sizeof(text)));
}

/* A line of that event, and whether it was the last. */
static void
say(const struct log *l, const char *event, bool is_last)
{
	struct log_line line;

	log_begin(&line, l, event);
	if (is_last)
		log_end_last(&line);
	else
		log_end(&line);
}

/* Until nothing more goes into it; our end does not block, the log's does. */
static void
fill(int fd, int type)
{
	char byte = 'x';
	int flags = fcntl(fd, F_GETFL);

	ATF_REQUIRE(fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
	while ((type == 0 ? write(fd, &byte, 1)
			  : send(fd, &byte, 1, MSG_DONTWAIT)) == 1)
		continue;
	ATF_REQUIRE(errno == EAGAIN);
	ATF_REQUIRE(fcntl(fd, F_SETFL, flags) == 0);
}

static void
drain(int fd)
{
	char scrap[4096];

	while (read(fd, scrap, sizeof(scrap)) > 0)
		continue;
	ATF_REQUIRE(errno == EAGAIN);
}

/* Lines to a full log are dropped, and counted when there is room again. */
static void
check_stalled(const struct log *l, int write_fd, int type, const char *tag)
{
	char want[200];

	fill(write_fd, type);
	say(l, "one", false);
	say(l, "two", false);
	say(l, "three", true);
	drain(log_fd[0]);
	say(l, "four", false);
	(void)snprintf(want, sizeof(want), "%sip=local pid=%d event=four "
	    "lost=3%s", tag, (int)l->pid, tag[0] == '\0' ? "\n" : "");
	check_written(want);
	say(l, "five", false);
	(void)snprintf(want, sizeof(want), "%sip=local pid=%d event=five%s",
	    tag, (int)l->pid, tag[0] == '\0' ? "\n" : "");
	check_written(want);
}

ATF_TC_WITHOUT_HEAD(log_end__no_reader_holds_it_up);
ATF_TC_BODY(log_end__no_reader_holds_it_up, tc)
{
	struct log l;

	/* As a super-server makes it: with a wait. */
	ATF_REQUIRE(pipe(log_fd) == 0);
	ATF_REQUIRE(fcntl(log_fd[0], F_SETFL, O_NONBLOCK) == 0);
	log_init(&l, log_fd[1], NULL, 42);
	check_stalled(&l, log_fd[1], 0, "");
	ATF_REQUIRE(dup2(log_fd[1], STDERR_FILENO) >= 0);
	log_start(&l, "test");
	check_stalled(&l, log_fd[1], 0, "");
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, log_fd) == 0);
	ATF_REQUIRE(fcntl(log_fd[0], F_SETFL, O_NONBLOCK) == 0);
	log_init(&l, log_fd[1], NULL, 42);
	check_stalled(&l, log_fd[1], 1, "");
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, log_fd) == 0);
	ATF_REQUIRE(fcntl(log_fd[0], F_SETFL, O_NONBLOCK) == 0);
	log_init(&l, log_fd[1], "tag", 42);
	check_stalled(&l, log_fd[1], 1, "<22>tag[42]: ");
}

/* Where write(2) cannot be told not to wait, by another way. */
ATF_TC_WITHOUT_HEAD(log_end__no_reader_holds_it_up_on_older_kernels);
ATF_TC_BODY(log_end__no_reader_holds_it_up_on_older_kernels, tc)
{
	static const unsigned int all[] = { SYS_read, SYS_write, SYS_writev,
		SYS_ppoll, SYS_splice, SYS_fcntl, SYS_close, SYS_openat,
		SYS_newfstatat, SYS_fstat, SYS_lseek, SYS_brk, SYS_munmap,
		SYS_mremap, SYS_futex, SYS_clock_gettime, SYS_exit_group };
	struct log l;

#if defined(__SANITIZE_ADDRESS__)
	atf_tc_skip("a sanitizer makes calls of its own");
#endif
	ATF_REQUIRE(pipe(log_fd) == 0);
	ATF_REQUIRE(fcntl(log_fd[0], F_SETFL, O_NONBLOCK) == 0);
	ATF_REQUIRE(dup2(log_fd[1], STDERR_FILENO) >= 0);
	log_start(&l, "test");
	ATF_REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	if (!sysfilter_enter(all, ARRAY_LEN(all)))
		atf_tc_skip("this kernel has no seccomp");
	check_stalled(&l, log_fd[1], 0, "");
}

ATF_TC_WITHOUT_HEAD(log_end__a_slow_reader_gets_it);
ATF_TC_BODY(log_end__a_slow_reader_gets_it, tc)
{
	char text[4096];
	struct log l;
	int status;
	pid_t pid;

	ATF_REQUIRE(pipe(log_fd) == 0);
	ATF_REQUIRE(dup2(log_fd[1], STDERR_FILENO) >= 0);
	log_start(&l, "test");
	fill(log_fd[1], 0);
	ATF_REQUIRE(fcntl(log_fd[0], F_SETFL, O_NONBLOCK) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		/* It waits for that: the read may well come later. */
		(void)usleep(50000);
		while (read(log_fd[0], text, sizeof(text)) > 0)
			continue;
		_exit(0);
	}
	do
		say(&l, "one", true);
	while (waitpid(pid, &status, WNOHANG) == 0);
	ATF_CHECK_EQ(0, status);
	/* We may have filled it once more before it was seen to be over. */
	while (read(log_fd[0], text, sizeof(text)) > 0)
		continue;
	say(&l, "two", true);
	(void)written(text, sizeof(text));
	ATF_CHECK(strstr(text, "event=two\n") != NULL);
}

ATF_TC_WITHOUT_HEAD(log_end__a_line_that_was_cut_stays_alone);
ATF_TC_BODY(log_end__a_line_that_was_cut_stays_alone, tc)
{
	struct rlimit limit;
	struct log l;

	ATF_REQUIRE(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	log_fd[1] = open("log", O_CREAT | O_WRONLY | O_APPEND, 0600);
	log_fd[0] = open("log", O_RDONLY);
	ATF_REQUIRE(log_fd[0] >= 0 && log_fd[1] >= 0);
	log_init(&l, log_fd[1], NULL, 42);
	ATF_CHECK(log_is_file());
	ATF_REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = 40;
	ATF_REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	say(&l, "one", false);
	say(&l, "two", false);
	say(&l, "three", true);
	check_written("ip=local pid=42 event=one\nip=local pid=4");
	limit.rlim_cur = limit.rlim_max;
	ATF_REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	say(&l, "four", false);
	check_written("\nip=local pid=42 event=four lost=2\n");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, log_end__writes_one_line_of_fields);
	ATF_TP_ADD_TC(tp, log_set_peer__is_the_first_field);
	ATF_TP_ADD_TC(tp, log_text__quotes_and_escapes_where_needed);
	ATF_TP_ADD_TC(tp, log_text__no_byte_gets_out_unescaped);
	ATF_TP_ADD_TC(tp, log_text__value_over_256_bytes_is_cut_and_marked);
	ATF_TP_ADD_TC(tp, log_end__too_many_fields_are_still_one_line);
	ATF_TP_ADD_TC(tp, log_end__longest_event_of_a_session_fits);
	ATF_TP_ADD_TC(tp, log_fault__names_operation_object_and_error);
	ATF_TP_ADD_TC(tp, log_why__is_an_event_and_its_reason);
	ATF_TP_ADD_TC(tp, log_init__with_tag_sends_syslog_datagrams);
	ATF_TP_ADD_TC(tp, log_end__a_log_that_is_gone_is_no_error);
	ATF_TP_ADD_TC(tp, log_start__never_writes_to_the_client);
	ATF_TP_ADD_TC(tp, log_end__no_reader_holds_it_up);
	ATF_TP_ADD_TC(tp, log_end__no_reader_holds_it_up_on_older_kernels);
	ATF_TP_ADD_TC(tp, log_end__a_slow_reader_gets_it);
	ATF_TP_ADD_TC(tp, log_end__a_line_that_was_cut_stays_alone);
	return (atf_no_error());
}
