/* SPDX-License-Identifier: ISC */
#include "program/logged.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>

static struct log to_log;

static void
begin(void)
{
	int fd = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	log_init(&to_log, fd, NULL, 1);
}

ATF_TC_WITHOUT_HEAD(misuse__is_the_synopsis_in_one_line);
ATF_TC_BODY(misuse__is_the_synopsis_in_one_line, tc)
{
	static const struct program self = { "smtpserv-x",
		"[-f file]\n           program", "commands:\n" };

	begin();
	ATF_CHECK_EQ(XC_PERM, logged_misuse(&to_log, &self));
	ATF_CHECK(atf_utils_grep_file(
	    "event=usage want=\"smtpserv-x \\[-f file\\] program\"$", "out"));
}

ATF_TC_WITHOUT_HEAD(fault__gives_its_code);
ATF_TC_BODY(fault__gives_its_code, tc)
{
	struct fault why;

	(void)fault_set(&why, "open", "/spool", ENOENT);
	begin();
	ATF_CHECK_EQ(XC_PERM, logged_fault(&to_log, &why));
	ATF_CHECK(atf_utils_grep_file(
	    "event=fault op=open name=/spool error=", "out"));
}

ATF_TC_WITHOUT_HEAD(failure__is_what_errno_says);
ATF_TC_BODY(failure__is_what_errno_says, tc)
{
	begin();
	errno = EAGAIN;
	ATF_CHECK_EQ(XC_TEMP, logged_failure(&to_log, "make", "process"));
	ATF_CHECK(atf_utils_grep_file(
	    "event=fault op=make name=process error=\"Resource temporarily",
	    "out"));
}

ATF_TC_WITHOUT_HEAD(conf__says_where_and_tells_no_notes);
ATF_TC_BODY(conf__says_where_and_tells_no_notes, tc)
{
	begin();
	logged_conf(&to_log, CONF_NOTE, "/w.cfg", 8, "smtp.eol", "curious");
	ATF_CHECK(atf_utils_compare_file("out", ""));
	logged_conf(&to_log, CONF_ERROR, "/w.cfg", 7, "smtp.eol", "wrong");
	ATF_CHECK(atf_utils_grep_file(
	    "event=configuration at=/w.cfg:7 key=smtp.eol why=wrong$", "out"));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, misuse__is_the_synopsis_in_one_line);
	ATF_TP_ADD_TC(tp, fault__gives_its_code);
	ATF_TP_ADD_TC(tp, failure__is_what_errno_says);
	ATF_TP_ADD_TC(tp, conf__says_where_and_tells_no_notes);
	return (atf_no_error());
}
