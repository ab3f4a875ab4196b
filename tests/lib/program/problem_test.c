/* SPDX-License-Identifier: ISC */
#include "program/problem.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/sysio.h"

static const struct program SELF = { "smtpserv-x", "", NULL };

static int kept;

/* What goes to standard error between the two is checked. */
static void
begin(void)
{
	int to = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);

	kept = dup(STDERR_FILENO);
	ATF_REQUIRE(kept >= 0 && to >= 0);
	ATF_REQUIRE_EQ(STDERR_FILENO, dup2(to, STDERR_FILENO));
	ATF_REQUIRE_EQ(0, close(to));
}

static void
end(const char *want)
{
	ATF_REQUIRE_EQ(STDERR_FILENO, dup2(kept, STDERR_FILENO));
	ATF_REQUIRE_EQ(0, close(kept));
	ATF_CHECK(atf_utils_compare_file("out", want));
}

ATF_TC_WITHOUT_HEAD(say__is_a_line_with_the_name);
ATF_TC_BODY(say__is_a_line_with_the_name, tc)
{
	begin();
	problem_say(&SELF, "%s is %d", "one", 1);
	end("smtpserv-x: one is 1\n");
}

ATF_TC_WITHOUT_HEAD(say__cuts_what_is_too_long);
ATF_TC_BODY(say__cuts_what_is_too_long, tc)
{
	static char text[8192];
	char got[8192];
	size_t n;
	int fd;

	memset(text, 'x', sizeof(text) - 1);
	begin();
	problem_say(&SELF, "%s", text);
	ATF_REQUIRE_EQ(STDERR_FILENO, dup2(kept, STDERR_FILENO));
	fd = open("out", O_RDONLY);
	ATF_REQUIRE_EQ(SYSIO_OK, sysio_read_file(fd, got, sizeof(got), &n));
	ATF_CHECK(n > 1100 && n < 4096);
	ATF_CHECK_EQ('x', got[n - 2]);
	ATF_CHECK_EQ('\n', got[n - 1]);
}

ATF_TC_WITHOUT_HEAD(fail__gives_the_code_back);
ATF_TC_BODY(fail__gives_the_code_back, tc)
{
	begin();
	ATF_CHECK_EQ(75, problem_fail(&SELF, 75, "no %s", "x"));
	end("smtpserv-x: no x\n");
}

ATF_TC_WITHOUT_HEAD(fault__says_what_could_not_be_done_and_why);
ATF_TC_BODY(fault__says_what_could_not_be_done_and_why, tc)
{
	struct fault why;

	(void)fault_set(&why, "open", "/spool", ENOENT);
	begin();
	ATF_CHECK_EQ(XC_PERM, problem_fault(&SELF, &why));
	end("smtpserv-x: unable to open /spool: No such file or directory\n");
	(void)fault_set(&why, "sync", "1.TXT", EIO);
	begin();
	ATF_CHECK_EQ(XC_TEMP, problem_fault(&SELF, &why));
	end("smtpserv-x: unable to sync 1.TXT: Input/output error\n");
}

ATF_TC_WITHOUT_HEAD(fault__that_is_no_errno_says_what_is_wrong);
ATF_TC_BODY(fault__that_is_no_errno_says_what_is_wrong, tc)
{
	struct fault why;

	(void)fault_set(&why, "not a file", "SEQUENCE", 0);
	begin();
	(void)problem_fault(&SELF, &why);
	end("smtpserv-x: SEQUENCE: not a file\n");
}

ATF_TC_WITHOUT_HEAD(conf__says_where_and_tells_no_notes);
ATF_TC_BODY(conf__says_where_and_tells_no_notes, tc)
{
	struct program self = SELF;

	begin();
	problem_conf(&self, CONF_ERROR, "/w.cfg", 7, "smtp.eol", "wrong");
	problem_conf(&self, CONF_NOTE, "/w.cfg", 8, "smtp.eol", "curious");
	problem_conf(&self, CONF_ERROR, "/w.cfg", 9, "", "no `='");
	problem_conf(&self, CONF_ERROR, "/w.cfg", 0, "", "no such file");
	end("smtpserv-x: /w.cfg:7: smtp.eol: wrong\n"
	    "smtpserv-x: /w.cfg:9: no `='\n"
	    "smtpserv-x: /w.cfg: no such file\n");
}

ATF_TC_WITHOUT_HEAD(put_conf__says_that_a_note_is_one);
ATF_TC_BODY(put_conf__says_that_a_note_is_one, tc)
{
	char store[256];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	problem_put_conf(&b, CONF_NOTE, "/w.cfg", 8, "smtp.eol", "curious");
	ATF_CHECK_STREQ("/w.cfg:8: note: smtp.eol: curious", buf_cstr(&b));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, say__is_a_line_with_the_name);
	ATF_TP_ADD_TC(tp, say__cuts_what_is_too_long);
	ATF_TP_ADD_TC(tp, fail__gives_the_code_back);
	ATF_TP_ADD_TC(tp, fault__says_what_could_not_be_done_and_why);
	ATF_TP_ADD_TC(tp, fault__that_is_no_errno_says_what_is_wrong);
	ATF_TP_ADD_TC(tp, conf__says_where_and_tells_no_notes);
	ATF_TP_ADD_TC(tp, put_conf__says_that_a_note_is_one);
	return (atf_no_error());
}
