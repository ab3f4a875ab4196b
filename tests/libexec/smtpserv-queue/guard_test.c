/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include <atf-c.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* How a child ends that does this. */
static int
status_of(void (*act)(void))
{
	int status;
	pid_t pid = fork();

	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		act();
		_exit(0);
	}
	ATF_REQUIRE_EQ(pid, waitpid(pid, &status, 0));
	return (status);
}

static void
begin(struct guard *g)
{
	struct fault why;

	if (guard_begin(g, 1, &why) != RES_OK)
		_exit(1);
}

static void
stop(void)
{
	struct guard g;

	begin(&g);
	(void)raise(SIGSTOP);
}

static void
hide(void)
{
	struct guard g;
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	begin(&g);
	(void)sleep(60);
}

static void
be_in_time(void)
{
	struct guard g;

	begin(&g);
	guard_end(&g);
	begin(&g);
	guard_end(&g);
	(void)sleep(2);
}

static void
have_no_signals(void)
{
	struct rlimit none = { 0, 0 };
	struct guard g;
	struct fault why;

	/* Without a guard there is no moment to be had. */
	if (setrlimit(RLIMIT_SIGPENDING, &none) != 0)
		_exit(1);
	_exit(
	    guard_begin(&g, 1, &why) == RES_TEMP && why.err == EAGAIN ? 0 : 2);
}

ATF_TC(guard__ends_whoever_stands_still);
ATF_TC_HEAD(guard__ends_whoever_stands_still, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(guard__ends_whoever_stands_still, tc)
{
	int status = status_of(stop);

	ATF_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	status = status_of(hide);
	ATF_CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

ATF_TC_WITHOUT_HEAD(guard__lets_go_whoever_is_in_time);
ATF_TC_BODY(guard__lets_go_whoever_is_in_time, tc)
{
	ATF_CHECK_EQ(0, status_of(be_in_time));
}

ATF_TC_WITHOUT_HEAD(guard__says_that_there_is_none);
ATF_TC_BODY(guard__says_that_there_is_none, tc)
{
	ATF_CHECK_EQ(0, status_of(have_no_signals));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, guard__ends_whoever_stands_still);
	ATF_TP_ADD_TC(tp, guard__lets_go_whoever_is_in_time);
	ATF_TP_ADD_TC(tp, guard__says_that_there_is_none);
	return (atf_no_error());
}
