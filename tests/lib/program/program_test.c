/* SPDX-License-Identifier: ISC */
#include "program/program.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct program SELF = { "smtpserv-x",
	"[-f file]\n       command ...", "commands:\n\tlook\n" };

/* From here on a descriptor is the file `out'. */
static void
turn_to_file(int fd)
{
	int to = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(to >= 0);
	ATF_REQUIRE_EQ(fd, dup2(to, fd));
	ATF_REQUIRE_EQ(0, close(to));
}

/* As main() has them. */
static char name_of[] = "x";
static char help[] = "--help";
static char version[] = "--version";

ATF_TC_WITHOUT_HEAD(answers__help_with_the_usage);
ATF_TC_BODY(answers__help_with_the_usage, tc)
{
	char *argv[] = { name_of, help, NULL };
	int kept = dup(STDOUT_FILENO);
	int code = -1;

	turn_to_file(STDOUT_FILENO);
	ATF_CHECK(program_answers(&SELF, 2, argv, &code));
	ATF_REQUIRE_EQ(STDOUT_FILENO, dup2(kept, STDOUT_FILENO));
	ATF_CHECK_EQ(XC_OK, code);
	ATF_CHECK(atf_utils_compare_file("out",
	    "usage: smtpserv-x [-f file]\n       command ...\n"
	    "commands:\n\tlook\n"));
}

ATF_TC_WITHOUT_HEAD(answers__version_with_name_and_number);
ATF_TC_BODY(answers__version_with_name_and_number, tc)
{
	char *argv[] = { name_of, version, NULL };
	int kept = dup(STDOUT_FILENO);
	int code = -1;

	turn_to_file(STDOUT_FILENO);
	ATF_CHECK(program_answers(&SELF, 2, argv, &code));
	ATF_REQUIRE_EQ(STDOUT_FILENO, dup2(kept, STDOUT_FILENO));
	ATF_CHECK_EQ(XC_OK, code);
	ATF_CHECK(
	    atf_utils_compare_file("out", "smtpserv-x " SMTPSERV_VERSION "\n"));
}

ATF_TC_WITHOUT_HEAD(answers__say_if_they_could_not_be_printed);
ATF_TC_BODY(answers__say_if_they_could_not_be_printed, tc)
{
	char *argv[] = { name_of, help, NULL };
	int kept = dup(STDOUT_FILENO);
	int code = -1;

	ATF_REQUIRE_EQ(0, close(STDOUT_FILENO));
	ATF_CHECK(program_answers(&SELF, 2, argv, &code));
	ATF_REQUIRE_EQ(STDOUT_FILENO, dup2(kept, STDOUT_FILENO));
	ATF_CHECK_EQ(XC_TEMP, code);
}

ATF_TC_WITHOUT_HEAD(answers__nothing_else);
ATF_TC_BODY(answers__nothing_else, tc)
{
	static char other[] = "-h";
	char *argv[] = { name_of, help, version, NULL };
	int code = -1;

	ATF_CHECK(!program_answers(&SELF, 0, argv + 3, &code));
	ATF_CHECK(!program_answers(&SELF, 1, argv, &code));
	ATF_CHECK(!program_answers(&SELF, 3, argv, &code));
	argv[1] = other;
	argv[2] = NULL;
	ATF_CHECK(!program_answers(&SELF, 2, argv, &code));
	ATF_CHECK_EQ(-1, code);
}

ATF_TC_WITHOUT_HEAD(misused__prints_usage_to_standard_error);
ATF_TC_BODY(misused__prints_usage_to_standard_error, tc)
{
	int kept = dup(STDERR_FILENO);

	turn_to_file(STDERR_FILENO);
	ATF_CHECK_EQ(XC_PERM, program_misused(&SELF));
	ATF_REQUIRE_EQ(STDERR_FILENO, dup2(kept, STDERR_FILENO));
	ATF_CHECK(atf_utils_grep_file("^usage: smtpserv-x", "out"));
}

ATF_TC_WITHOUT_HEAD(has_connection__wants_both);
ATF_TC_BODY(has_connection__wants_both, tc)
{
	int fd;

	ATF_CHECK(program_has_connection());
	for (fd = 0; fd <= 1; fd++) {
		int kept = dup(fd);
		bool has;

		ATF_REQUIRE_EQ(0, close(fd));
		has = program_has_connection();
		ATF_REQUIRE_EQ(fd, dup2(kept, fd));
		ATF_REQUIRE_EQ(0, close(kept));
		ATF_CHECK_MSG(!has, "without %d", fd);
	}
}

ATF_TC_WITHOUT_HEAD(open_standard__keeps_files_from_being_printed_into);
ATF_TC_BODY(open_standard__keeps_files_from_being_printed_into, tc)
{
	char byte = 'x';
	int kept[3];
	int errs[2];
	ssize_t n[3];
	bool opened;
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		kept[fd] = fcntl(fd, F_DUPFD, 10);
		ATF_REQUIRE(kept[fd] >= 10);
		ATF_REQUIRE_EQ(0, close(fd));
	}
	opened = program_open_standard();
	n[0] = read(0, &byte, 1);
	errs[0] = errno;
	n[1] = write(1, &byte, 1);
	errs[1] = errno;
	n[2] = write(2, &byte, 1);
	fd = open("/dev/null", O_RDONLY);
	for (int i = 0; i <= 2; i++)
		(void)dup2(kept[i], i);
	ATF_CHECK(opened);
	ATF_CHECK_EQ(-1, n[0]);
	ATF_CHECK_EQ(EBADF, errs[0]);
	ATF_CHECK_EQ(-1, n[1]);
	ATF_CHECK_EQ(EBADF, errs[1]);
	ATF_CHECK_EQ(1, n[2]);
	ATF_CHECK(fd > 2);
}

ATF_TC_WITHOUT_HEAD(open_standard__leaves_what_is_open);
ATF_TC_BODY(open_standard__leaves_what_is_open, tc)
{
	int kept = dup(STDOUT_FILENO);
	int next = dup(STDOUT_FILENO);

	ATF_REQUIRE_EQ(0, close(next));
	turn_to_file(STDOUT_FILENO);
	ATF_CHECK(program_open_standard());
	ATF_CHECK_EQ(1, write(STDOUT_FILENO, "x", 1));
	ATF_REQUIRE_EQ(STDOUT_FILENO, dup2(kept, STDOUT_FILENO));
	ATF_CHECK(atf_utils_compare_file("out", "x"));
	ATF_CHECK_EQ_MSG(next, dup(STDOUT_FILENO), "one was left open");
}

static volatile sig_atomic_t heard;

static void
hear(int sig)
{
	heard = sig;
}

static const struct program_signals SIGNALS = {
	.hear = hear,
	.heard = { SIGTERM, SIGHUP },
	.held = { SIGTSTP },
	.ignored = { SIGPIPE },
	.usual = { SIGCHLD },
};

ATF_TC_WITHOUT_HEAD(set_signals__hears_them_only_while_it_waits);
ATF_TC_BODY(set_signals__hears_them_only_while_it_waits, tc)
{
	sigset_t waiting;

	program_set_signals(&SIGNALS, &waiting);
	ATF_REQUIRE_EQ(0, raise(SIGTERM));
	ATF_REQUIRE_EQ(0, raise(SIGTSTP));
	ATF_CHECK_EQ(0, heard);
	/* Else it would stop us there. */
	(void)signal(SIGTSTP, SIG_IGN);
	ATF_CHECK_EQ(-1, sigsuspend(&waiting));
	ATF_CHECK_EQ(SIGTERM, heard);
}

/* As a starter may leave them. */
ATF_TC_WITHOUT_HEAD(set_signals__undoes_what_was_inherited);
ATF_TC_BODY(set_signals__undoes_what_was_inherited, tc)
{
	struct sigaction now;
	sigset_t all;
	sigset_t mask;

	(void)signal(SIGCHLD, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)sigfillset(&all);
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_SETMASK, &all, NULL));
	program_set_signals(&SIGNALS, &mask);
	ATF_CHECK_EQ(0, sigismember(&mask, SIGTERM));
	ATF_CHECK_EQ(0, sigismember(&mask, SIGUSR1));
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_SETMASK, NULL, &mask));
	ATF_CHECK_EQ(1, sigismember(&mask, SIGTERM));
	ATF_CHECK_EQ(1, sigismember(&mask, SIGTSTP));
	ATF_CHECK_EQ(0, sigismember(&mask, SIGUSR1));
	ATF_CHECK_EQ(0, sigismember(&mask, SIGCHLD));
	ATF_REQUIRE_EQ(0, sigaction(SIGCHLD, NULL, &now));
	ATF_CHECK(now.sa_handler == SIG_DFL);
	ATF_REQUIRE_EQ(0, sigaction(SIGTERM, NULL, &now));
	ATF_CHECK(now.sa_handler == hear);
	ATF_REQUIRE_EQ(0, sigaction(SIGPIPE, NULL, &now));
	ATF_CHECK(now.sa_handler == SIG_IGN);
}

ATF_TC_WITHOUT_HEAD(set_signals__leaves_the_mask_if_none_waits);
ATF_TC_BODY(set_signals__leaves_the_mask_if_none_waits, tc)
{
	static const struct program_signals some = { .ignored = { SIGPIPE } };
	sigset_t mask;

	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_SETMASK, &mask, NULL));
	program_set_signals(&some, NULL);
	ATF_REQUIRE_EQ(0, raise(SIGPIPE));
	ATF_REQUIRE_EQ(0, sigprocmask(SIG_SETMASK, NULL, &mask));
	ATF_CHECK_EQ(1, sigismember(&mask, SIGUSR1));
}

ATF_TC_WITHOUT_HEAD(find__begins_where_this_program_is);
ATF_TC_BODY(find__begins_where_this_program_is, tc)
{
	char self[4096];
	char beside[4096];
	char above[4096];
	struct fault why;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	ATF_REQUIRE(n > 0);
	self[n] = '\0';
	ATF_REQUIRE_EQ(RES_OK,
	    program_find(beside, sizeof(beside), 1, "/program_test", &why));
	ATF_CHECK_STREQ(self, beside);
	ATF_REQUIRE_EQ(RES_OK,
	    program_find(
		above, sizeof(above), 2, "/program/program_test", &why));
	ATF_CHECK_STREQ(self, above);
	/* There is nothing above the root. */
	ATF_REQUIRE_EQ(
	    RES_OK, program_find(above, sizeof(above), 100, "/x", &why));
	ATF_CHECK_STREQ("/x", above);
}

ATF_TC_WITHOUT_HEAD(find__refuses_what_has_no_room);
ATF_TC_BODY(find__refuses_what_has_no_room, tc)
{
	char path[4096];
	struct fault why;
	size_t cap;

	ATF_REQUIRE_EQ(RES_OK, program_find(path, sizeof(path), 1, "/x", &why));
	cap = strlen(path) + strlen("program_test") - 1;
	ATF_CHECK_EQ(RES_PERM, program_find(path, cap, 1, "/x", &why));
	ATF_CHECK_EQ(ENAMETOOLONG, why.err);
	cap++;
	ATF_CHECK_EQ(RES_OK, program_find(path, cap, 1, "/x", &why));
	ATF_CHECK_EQ(
	    RES_PERM, program_find(path, cap, 1, "/program_tests", &why));
	ATF_CHECK_EQ(ENAMETOOLONG, why.err);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, answers__help_with_the_usage);
	ATF_TP_ADD_TC(tp, answers__version_with_name_and_number);
	ATF_TP_ADD_TC(tp, answers__say_if_they_could_not_be_printed);
	ATF_TP_ADD_TC(tp, answers__nothing_else);
	ATF_TP_ADD_TC(tp, misused__prints_usage_to_standard_error);
	ATF_TP_ADD_TC(tp, has_connection__wants_both);
	ATF_TP_ADD_TC(tp, open_standard__keeps_files_from_being_printed_into);
	ATF_TP_ADD_TC(tp, open_standard__leaves_what_is_open);
	ATF_TP_ADD_TC(tp, set_signals__hears_them_only_while_it_waits);
	ATF_TP_ADD_TC(tp, set_signals__undoes_what_was_inherited);
	ATF_TP_ADD_TC(tp, set_signals__leaves_the_mask_if_none_waits);
	ATF_TP_ADD_TC(tp, find__begins_where_this_program_is);
	ATF_TP_ADD_TC(tp, find__refuses_what_has_no_room);
	return (atf_no_error());
}
