/* SPDX-License-Identifier: ISC */
#include "sys/sysclock.h"

#include <sys/time.h>
#include <atf-c.h>
#include <inttypes.h>
#include <signal.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(sysclock_ms__never_goes_back);
ATF_TC_BODY(sysclock_ms__never_goes_back, tc)
{
	int64_t last = sysclock_ms();
	int i;

	ATF_REQUIRE(last > 0);
	for (i = 0; i < 10000; i++) {
		int64_t now = sysclock_ms();

		ATF_REQUIRE(now >= last);
		last = now;
	}
}

ATF_TC_WITHOUT_HEAD(sysclock_after__adds_seconds_and_0_is_never);
ATF_TC_BODY(sysclock_after__adds_seconds_and_0_is_never, tc)
{
	static const struct {
		int64_t now;
		uint32_t seconds;
		int64_t want;
	} rows[] = {
		{ 0, 1, 1000 },
		{ 1234, 1, 2234 },
		{ 1234, 1200, 1201234 },
		{ 5, UINT32_MAX, INT64_C(4294967295005) },
		{ 0, 0, SYSCLOCK_NEVER },
		{ 1234, 0, SYSCLOCK_NEVER },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].want,
		    sysclock_after(rows[i].now, rows[i].seconds),
		    "row %zu: %" PRId64, i,
		    sysclock_after(rows[i].now, rows[i].seconds));
	ATF_CHECK(SYSCLOCK_NEVER > sysclock_ms());
}

ATF_TC_WITHOUT_HEAD(sysclock_sleep_ms__sleeps_at_least_that_long);
ATF_TC_BODY(sysclock_sleep_ms__sleeps_at_least_that_long, tc)
{
	int64_t before = sysclock_ms();

	sysclock_sleep_ms(30);
	/* The clock's milliseconds are cut, which may hide one of them. */
	ATF_CHECK(sysclock_ms() - before >= 29);
	before = sysclock_ms();
	sysclock_sleep_ms(1020);
	ATF_CHECK(sysclock_ms() - before >= 1019);
}

static void
ignore_alarm(int sig)
{
	(void)sig;
}

ATF_TC(sysclock_sleep_ms__is_ended_by_a_signal);
ATF_TC_HEAD(sysclock_sleep_ms__is_ended_by_a_signal, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysclock_sleep_ms__is_ended_by_a_signal, tc)
{
	struct sigaction action = { .sa_handler = ignore_alarm };
	struct itimerval soon = { { 0, 20000 }, { 0, 20000 } };

	ATF_REQUIRE(sigaction(SIGALRM, &action, NULL) == 0);
	ATF_REQUIRE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	/* Far beyond the timeout of this case. */
	sysclock_sleep_ms(3600000);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysclock_ms__never_goes_back);
	ATF_TP_ADD_TC(tp, sysclock_after__adds_seconds_and_0_is_never);
	ATF_TP_ADD_TC(tp, sysclock_sleep_ms__sleeps_at_least_that_long);
	ATF_TP_ADD_TC(tp, sysclock_sleep_ms__is_ended_by_a_signal);
	return (atf_no_error());
}
