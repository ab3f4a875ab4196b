/* SPDX-License-Identifier: ISC */
#include "spool/claim.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/files.h"
#include "spool/scan.h"
#include "sys/sysfile.h"

/* The name that another consumer removes just before our next lock. */
static const char *finished_by_other;

/*
 * In place of the C library's: the only way to be sure of what happens
 * between the open and the lock.
 */
int
fcntl(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (cmd == F_OFD_SETLK && finished_by_other != NULL) {
		(void)unlink(finished_by_other);
		finished_by_other = NULL;
	}
	return ((int)syscall(SYS_fcntl, fd, cmd, arg));
}

static void
make_message(uint32_t number)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, number, SCAN_TXT);
	write_file(name, "Hello\n");
	scan_name(name, number, SCAN_WRK);
	write_file(name, "From: a@b\nTo: c@d\n");
}

ATF_TC_WITHOUT_HEAD(claim_take__gives_envelope_and_text);
ATF_TC_BODY(claim_take__gives_envelope_and_text, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;
	char text[32];
	int fd;

	make_message(7);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
	ATF_CHECK_EQ(7, c.number);
	ATF_CHECK_EQ(18, read(c.wrk_fd, text, sizeof(text)));
	ATF_CHECK(memcmp(text, "From: a@b\nTo: c@d\n", 18) == 0);
	fd = claim_open_text(&c, &why);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK_EQ(6, read(fd, text, sizeof(text)));
	/* The files keep their names while one works. */
	ATF_CHECK(sysfile_exists(dirfd, "7.WRK"));
	ATF_CHECK(sysfile_exists(dirfd, "7.TXT"));
}

ATF_TC_WITHOUT_HEAD(claim_take__of_two_only_one_gets_it);
ATF_TC_BODY(claim_take__of_two_only_one_gets_it, tc)
{
	int dirfd = open_dir();
	struct claim one;
	struct claim two;
	struct fault why;

	make_message(7);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &one, &why));
	ATF_CHECK_EQ(CLAIM_BUSY, claim_take(dirfd, 7, &two, &why));
	claim_release(&one);
	/* Unchanged, for the next. */
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &two, &why));
	ATF_CHECK(sysfile_exists(dirfd, "7.TXT"));
}

ATF_TC_WITHOUT_HEAD(claim_take__ends_with_a_killed_process);
ATF_TC_BODY(claim_take__ends_with_a_killed_process, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;
	int ready[2];
	char byte;
	pid_t pid;

	make_message(7);
	ATF_REQUIRE(pipe(ready) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		if (claim_take(dirfd, 7, &c, &why) != CLAIM_OK ||
		    write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	ATF_REQUIRE(close(ready[1]) == 0);
	ATF_REQUIRE(read(ready[0], &byte, 1) == 1);
	ATF_CHECK_EQ(CLAIM_BUSY, claim_take(dirfd, 7, &c, &why));
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
	ATF_CHECK_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
}

ATF_TC_WITHOUT_HEAD(claim_take__no_such_message_is_gone);
ATF_TC_BODY(claim_take__no_such_message_is_gone, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;

	ATF_CHECK_EQ(CLAIM_GONE, claim_take(dirfd, 7, &c, &why));
	/* Not committed is not there. */
	write_file("7.CMD", "");
	write_file("7.TXT", "");
	ATF_CHECK_EQ(CLAIM_GONE, claim_take(dirfd, 7, &c, &why));
}

ATF_TC_WITHOUT_HEAD(claim_take__finished_before_the_lock_is_gone);
ATF_TC_BODY(claim_take__finished_before_the_lock_is_gone, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;

	make_message(7);
	finished_by_other = "7.WRK";
	ATF_CHECK_EQ(CLAIM_GONE, claim_take(dirfd, 7, &c, &why));
	ATF_CHECK(finished_by_other == NULL);
	ATF_CHECK_EQ(-1, c.wrk_fd);
}

ATF_TC(claim_take__what_is_no_file_fails_and_does_not_block);
ATF_TC_HEAD(claim_take__what_is_no_file_fails_and_does_not_block, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(claim_take__what_is_no_file_fails_and_does_not_block, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why = { .op = "" };

	write_file("target", "precious");
	ATF_REQUIRE(symlink("target", "1.WRK") == 0);
	ATF_REQUIRE(mkfifo("2.WRK", 0600) == 0);
	ATF_REQUIRE(mkdir("3.WRK", 0700) == 0);
	ATF_CHECK_EQ(CLAIM_FAILED, claim_take(dirfd, 1, &c, &why));
	ATF_CHECK_STREQ("1.WRK", why.name);
	ATF_CHECK_EQ(CLAIM_FAILED, claim_take(dirfd, 2, &c, &why));
	ATF_CHECK_STREQ("2.WRK", why.name);
	ATF_CHECK_EQ(CLAIM_FAILED, claim_take(dirfd, 3, &c, &why));
	ATF_CHECK_STREQ("3.WRK", why.name);
}

ATF_TC(claim_open_text__what_is_no_file_fails);
ATF_TC_HEAD(claim_open_text__what_is_no_file_fails, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(claim_open_text__what_is_no_file_fails, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why = { .op = "" };

	make_message(7);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
	ATF_REQUIRE(unlink("7.TXT") == 0);
	ATF_CHECK_EQ(-1, claim_open_text(&c, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_REQUIRE(symlink("7.WRK", "7.TXT") == 0);
	ATF_CHECK_EQ(-1, claim_open_text(&c, &why));
	ATF_REQUIRE(unlink("7.TXT") == 0);
	ATF_REQUIRE(mkfifo("7.TXT", 0600) == 0);
	ATF_CHECK_EQ(-1, claim_open_text(&c, &why));
	ATF_CHECK_STREQ("7.TXT", why.name);
}

ATF_TC_WITHOUT_HEAD(claim_finish__removes_the_pair_and_only_it);
ATF_TC_BODY(claim_finish__removes_the_pair_and_only_it, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;

	make_message(7);
	make_message(8);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
	ATF_CHECK_EQ(RES_OK, claim_finish(&c, &why));
	ATF_CHECK(!sysfile_exists(dirfd, "7.WRK"));
	ATF_CHECK(!sysfile_exists(dirfd, "7.TXT"));
	ATF_CHECK(sysfile_exists(dirfd, "8.WRK"));
	ATF_CHECK(sysfile_exists(dirfd, "8.TXT"));
	ATF_CHECK_EQ(-1, c.wrk_fd);
	ATF_CHECK_EQ(CLAIM_GONE, claim_take(dirfd, 7, &c, &why));
}

ATF_TC_WITHOUT_HEAD(claim_finish__without_text_is_done_all_the_same);
ATF_TC_BODY(claim_finish__without_text_is_done_all_the_same, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why;

	make_message(7);
	ATF_REQUIRE(unlink("7.TXT") == 0);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
	ATF_CHECK_EQ(RES_OK, claim_finish(&c, &why));
	ATF_CHECK(!sysfile_exists(dirfd, "7.WRK"));
}

ATF_TC_WITHOUT_HEAD(claim_finish__text_outlives_the_envelope_on_failure);
ATF_TC_BODY(claim_finish__text_outlives_the_envelope_on_failure, tc)
{
	int dirfd = open_dir();
	struct claim c;
	struct fault why = { .op = "" };

	/* The text cannot be removed: the envelope is gone before. */
	make_message(7);
	ATF_REQUIRE(unlink("7.TXT") == 0);
	ATF_REQUIRE(mkdir("7.TXT", 0700) == 0);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 7, &c, &why));
	ATF_CHECK(claim_finish(&c, &why) != RES_OK);
	ATF_CHECK_STREQ("7.TXT", why.name);
	ATF_CHECK(!sysfile_exists(dirfd, "7.WRK"));
	/* The envelope cannot be removed: the text stays with it. */
	make_message(8);
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 8, &c, &why));
	ATF_REQUIRE(rename("8.WRK", "kept") == 0);
	ATF_REQUIRE(mkdir("8.WRK", 0700) == 0);
	ATF_CHECK(claim_finish(&c, &why) != RES_OK);
	ATF_CHECK(sysfile_exists(dirfd, "8.TXT"));
}

ATF_TC(claim_take__many_consumers_do_each_message_once);
ATF_TC_HEAD(claim_take__many_consumers_do_each_message_once, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(claim_take__many_consumers_do_each_message_once, tc)
{
	enum {
		CONSUMERS = 5,
		MESSAGES = 100
	};
	bool done[MESSAGES + 1] = { false };
	int dirfd = open_dir();
	int results[2];
	uint32_t number;
	int i;

	for (number = 1; number <= MESSAGES; number++)
		make_message(number);
	ATF_REQUIRE(pipe(results) == 0);
	for (i = 0; i < CONSUMERS; i++) {
		pid_t pid = fork();

		ATF_REQUIRE(pid >= 0);
		for (number = 1; pid == 0 && number <= MESSAGES; number++) {
			struct claim c;
			struct fault why;
			enum claim_status status =
			    claim_take(dirfd, number, &c, &why);

			if (status == CLAIM_FAILED)
				_exit(1);
			if (status != CLAIM_OK)
				continue;
			if (write(results[1], &number, sizeof(number)) !=
				(ssize_t)sizeof(number) ||
			    claim_finish(&c, &why) != RES_OK)
				_exit(2);
		}
		if (pid == 0)
			_exit(0);
	}
	ATF_REQUIRE(close(results[1]) == 0);
	while (read(results[0], &number, sizeof(number)) > 0) {
		ATF_REQUIRE(number <= MESSAGES);
		ATF_CHECK_MSG(!done[number], "%u twice", number);
		done[number] = true;
	}
	for (number = 1; number <= MESSAGES; number++)
		ATF_CHECK_MSG(done[number], "%u not at all", number);
	for (i = 0; i < CONSUMERS; i++) {
		int status;

		ATF_REQUIRE(wait(&status) > 0);
		ATF_CHECK_EQ(0, status);
	}
}

/* Held back, or released, by a process that died in between: WRK is right. */
ATF_TC_WITHOUT_HEAD(claim_take__drops_a_second_name);
ATF_TC_BODY(claim_take__drops_a_second_name, tc)
{
	int dirfd = open_dir();
	struct fault why;
	struct claim c;

	write_file("5.WRK", "From: a@b\nTo: c@d\n");
	write_file("5.TXT", "text\n");
	ATF_REQUIRE_EQ(0, link("5.WRK", "5.HLD"));
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 5, &c, &why));
	ATF_CHECK_EQ(-1, access("5.HLD", F_OK));
	ATF_CHECK_EQ(RES_OK, claim_finish(&c, &why));
	/* One that is another file is not ours to judge. */
	write_file("6.WRK", "From: a@b\nTo: c@d\n");
	write_file("6.HLD", "From: a@b\nTo: e@f\n");
	ATF_REQUIRE_EQ(CLAIM_OK, claim_take(dirfd, 6, &c, &why));
	ATF_CHECK_EQ(0, access("6.HLD", F_OK));
	claim_release(&c);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, claim_take__drops_a_second_name);
	ATF_TP_ADD_TC(tp, claim_take__gives_envelope_and_text);
	ATF_TP_ADD_TC(tp, claim_take__of_two_only_one_gets_it);
	ATF_TP_ADD_TC(tp, claim_take__ends_with_a_killed_process);
	ATF_TP_ADD_TC(tp, claim_take__no_such_message_is_gone);
	ATF_TP_ADD_TC(tp, claim_take__finished_before_the_lock_is_gone);
	ATF_TP_ADD_TC(tp, claim_take__what_is_no_file_fails_and_does_not_block);
	ATF_TP_ADD_TC(tp, claim_open_text__what_is_no_file_fails);
	ATF_TP_ADD_TC(tp, claim_finish__removes_the_pair_and_only_it);
	ATF_TP_ADD_TC(tp, claim_finish__without_text_is_done_all_the_same);
	ATF_TP_ADD_TC(tp, claim_finish__text_outlives_the_envelope_on_failure);
	ATF_TP_ADD_TC(tp, claim_take__many_consumers_do_each_message_once);
	return (atf_no_error());
}
