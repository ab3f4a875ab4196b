/* SPDX-License-Identifier: ISC */
#include "agent.h"

#include <atf-c.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	N = 3
};

static struct agent agent;
static struct outcome outs[N];

static void
close_nothing(void *ctx)
{
	(void)ctx;
}

/* Until there is nothing more to come. */
static void
run(agent_work_fn *work, void *ctx)
{
	ATF_REQUIRE(agent_start(&agent, outs, N, work, close_nothing, ctx));
	for (;;) {
		struct pollfd p = { agent.fd, POLLIN, 0 };

		ATF_REQUIRE_EQ(1, poll(&p, 1, -1));
		if (agent_hear(&agent))
			break;
	}
	agent_end(&agent);
	ATF_CHECK_EQ(-1, agent.fd);
}

static void
check(size_t i, enum outcome_kind kind, const char *status, const char *text)
{
	ATF_CHECK_EQ(kind, outs[i].kind);
	ATF_CHECK_STREQ(status, outs[i].status);
	ATF_CHECK_STREQ(text, outs[i].text);
}

/* Another program, with the pipe as its standard output. */
static void
run_shell(void *ctx, int fd)
{
	const char *script = ctx;

	(void)dup2(fd, STDOUT_FILENO);
	(void)execl("/bin/sh", "sh", "-c", script, (char *)NULL);
}

ATF_TC_WITHOUT_HEAD(agent__what_is_done_stays_done);
ATF_TC_BODY(agent__what_is_done_stays_done, tc)
{
	char script[] = "echo '0 done 4.0.0 1 0123456789abcdef';"
			"echo '1 done 4.0.0 1 0123456789abcdef';"
			"echo '1 done 4.0.0 2 123456789abcdef0';"
			"echo '2 done 4.0.0 nonsense';"
			"echo '1 later 4.2.2 full'; kill -9 $$";

	run(run_shell, script);
	check(0, OUTCOME_TRY_AGAIN, "4.3.0",
	    "the delivery was killed by signal 9");
	ATF_CHECK_STREQ("1 0123456789abcdef", outs[0].done);
	check(1, OUTCOME_TRY_AGAIN, "4.2.2", "full");
	ATF_CHECK_STREQ("2 123456789abcdef0", outs[1].done);
	ATF_CHECK_STREQ("", outs[2].done);
}

ATF_TC_WITHOUT_HEAD(agent__is_syncing_from_when_it_says_so_to_its_end);
ATF_TC_BODY(agent__is_syncing_from_when_it_says_so_to_its_end, tc)
{
	char script[] = "echo syncing; read -r _ <go; exit 0";

	ATF_REQUIRE_EQ(0, mkfifo("go", 0600));
	ATF_REQUIRE(
	    agent_start(&agent, outs, N, run_shell, close_nothing, script));
	ATF_CHECK(!agent.is_syncing);
	ATF_CHECK(!agent_hear(&agent));
	ATF_CHECK(agent.is_syncing);
	atf_utils_create_file("go", "%s", "\n");
	ATF_CHECK(agent_hear(&agent));
	agent_end(&agent);
	ATF_CHECK(!agent.is_syncing);
}

ATF_TC_WITHOUT_HEAD(agent__speaks_for_each_recipient_in_any_order);
ATF_TC_BODY(agent__speaks_for_each_recipient_in_any_order, tc)
{
	char script[] = "printf '2 failed 5.1.1 no\\n0 del'; sleep 0.1;"
			"printf 'ivered 2.0.0 yes\\n1 later 4.2.2 full\\n'";

	run(run_shell, script);
	check(0, OUTCOME_DELIVERED, "2.0.0", "yes");
	check(1, OUTCOME_TRY_AGAIN, "4.2.2", "full");
	check(2, OUTCOME_FAILED, "5.1.1", "no");
}

ATF_TC_WITHOUT_HEAD(agent__that_dies_keeps_what_it_has_told);
ATF_TC_BODY(agent__that_dies_keeps_what_it_has_told, tc)
{
	char script[] = "printf '1 delivered 2.0.0 yes\\n0 delivered 2.0.0 '; "
			"kill -9 $$";

	run(run_shell, script);
	check(1, OUTCOME_DELIVERED, "2.0.0", "yes");
	check(0, OUTCOME_TRY_AGAIN, "4.3.0",
	    "the delivery was killed by signal 9");
	check(2, OUTCOME_TRY_AGAIN, "4.3.0",
	    "the delivery was killed by signal 9");
}

/* Junk, strangers and second thoughts say nothing. */
ATF_TC_WITHOUT_HEAD(agent__is_believed_only_in_form_and_once);
ATF_TC_BODY(agent__is_believed_only_in_form_and_once, tc)
{
	char script[] = "printf '%0600d\\n' 0; printf '\\n3 failed 5.0.0 x\\n"
			"0 delivered yes\\n1 failed 5.0.0 first\\n"
			"1 delivered 2.0.0 second\\n'";

	run(run_shell, script);
	check(0, OUTCOME_TRY_AGAIN, "4.3.0",
	    "the delivery ended without a result");
	check(1, OUTCOME_FAILED, "5.0.0", "first");
	check(2, OUTCOME_TRY_AGAIN, "4.3.0",
	    "the delivery ended without a result");
}

static void
tell_all(void *ctx, int fd)
{
	struct outcome out;
	size_t i;

	(void)ctx;
	for (i = 0; i < N; i++) {
		outcome_set(&out, OUTCOME_DELIVERED, "2.0.0", "%zu", i);
		(void)agent_tell(fd, i, &out);
	}
}

ATF_TC_WITHOUT_HEAD(agent_tell__is_heard);
ATF_TC_BODY(agent_tell__is_heard, tc)
{
	run(tell_all, NULL);
	check(0, OUTCOME_DELIVERED, "2.0.0", "0");
	check(1, OUTCOME_DELIVERED, "2.0.0", "1");
	check(2, OUTCOME_DELIVERED, "2.0.0", "2");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, agent__what_is_done_stays_done);
	ATF_TP_ADD_TC(tp, agent__is_syncing_from_when_it_says_so_to_its_end);
	ATF_TP_ADD_TC(tp, agent__speaks_for_each_recipient_in_any_order);
	ATF_TP_ADD_TC(tp, agent__that_dies_keeps_what_it_has_told);
	ATF_TP_ADD_TC(tp, agent__is_believed_only_in_form_and_once);
	ATF_TP_ADD_TC(tp, agent_tell__is_heard);
	return (atf_no_error());
}
