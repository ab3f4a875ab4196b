/* SPDX-License-Identifier: ISC */
#include "submit/caller.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What stands in the file that is descriptor 2. */
static const char *
logged(void)
{
	static char text[1024];
	ssize_t n = pread(STDERR_FILENO, text, sizeof(text) - 1, 0);

	ATF_REQUIRE(n >= 0);
	text[n] = '\0';
	return (text);
}

static bool
is_open(int fd)
{
	return (fcntl(fd, F_GETFD) >= 0);
}

ATF_TC_WITHOUT_HEAD(caller_said__is_a_pipe_and_all_else_is_closed);
ATF_TC_BODY(caller_said__is_a_pipe_and_all_else_is_closed, tc)
{
	int ends[2];
	int fd = open("/dev/null", O_RDWR);

	ATF_REQUIRE(fd >= 0 && dup2(fd, 5) == 5 && dup2(fd, 6) == 6);
	ATF_REQUIRE(dup2(fd, 9) == 9);
	/* Not one that could be written to instead. */
	ATF_CHECK_EQ(-1, caller_said(5));
	ATF_CHECK(is_open(5) && !is_open(6) && !is_open(9));
	ATF_REQUIRE(pipe(ends) == 0 && dup2(ends[1], 6) == 6);
	ATF_CHECK_EQ(6, caller_said(-1));
	ATF_CHECK(is_open(6) && !is_open(5));
	/* None of ours becomes what the caller was to give. */
	ATF_CHECK_EQ(6, caller_said(5));
	ATF_CHECK_EQ(O_WRONLY, fcntl(5, F_GETFL) & O_ACCMODE);
}

/* A caller that does not listen does not hold us up. */
ATF_TC_WITHOUT_HEAD(caller_say__has_a_letter_and_a_status);
ATF_TC_BODY(caller_say__has_a_letter_and_a_status, tc)
{
	static const char want[] = "D5.3.4 too bigZ4.3.0 no";
	char got[sizeof(want)] = "";
	int ends[2];
	int i;

	ATF_REQUIRE(pipe2(ends, O_NONBLOCK) == 0);
	caller_say(ends[1], QQEXIT_REFUSED, "3.4", "too big");
	caller_say(ends[1], QQEXIT_READ, "3.0", "no");
	caller_say(-1, QQEXIT_READ, "3.0", "no");
	ATF_CHECK_EQ(sizeof(want) - 1, read(ends[0], got, sizeof(got)));
	ATF_CHECK_STREQ(want, got);
	for (i = 0; i < 10000; i++)
		caller_say(ends[1], QQEXIT_READ, "3.0", "no");
}

ATF_TC_WITHOUT_HEAD(caller_tell__log_and_caller_hear_the_same);
ATF_TC_BODY(caller_tell__log_and_caller_hear_the_same, tc)
{
	char got[200] = "";
	struct refusal no = { .code = 0 };
	struct fault why;
	struct log log;
	int ends[2];

	ATF_REQUIRE(pipe(ends) == 0);
	ATF_REQUIRE(dup2(open("log", O_RDWR | O_CREAT | O_APPEND, 0600),
			STDERR_FILENO) == STDERR_FILENO);
	log_start(&log, "test");
	(void)refusal_set(&no, QQEXIT_REFUSED, "3.4", "too big");
	caller_tell(ends[1], &log, &no, "");
	ATF_REQUIRE(read(ends[0], got, sizeof(got) - 1) > 0);
	ATF_CHECK_STREQ("D5.3.4 too big", got);
	ATF_CHECK(strstr(logged(), "event=refused why=\"too big\"") != NULL);
	(void)fault_set(&why, "open", "it", EACCES);
	(void)refusal_fault(&no, &why, QQEXIT_SPOOL);
	caller_tell(ends[1], &log, &no, " (so)");
	memset(got, 0, sizeof(got));
	ATF_REQUIRE(read(ends[0], got, sizeof(got) - 1) > 0);
	ATF_CHECK_STREQ(
	    "Z4.3.0 unable to open it: Permission denied (so)", got);
	ATF_CHECK(strstr(logged(), "event=fault op=open name=it") != NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, caller_said__is_a_pipe_and_all_else_is_closed);
	ATF_TP_ADD_TC(tp, caller_say__has_a_letter_and_a_status);
	ATF_TP_ADD_TC(tp, caller_tell__log_and_caller_hear_the_same);
	return (atf_no_error());
}
