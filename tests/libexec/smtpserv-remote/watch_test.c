/* SPDX-License-Identifier: ISC */
/* OB-41: each step has its own time, and a byte now and then does not do. */
#include "watch.h"

#include <atf-c.h>

#include "base/base.h"

static const struct settings_remote remote = { .idle = 5,
	.timeout = { .greeting = 300,
	    .ehlo = 301,
	    .mail = 302,
	    .rcpt = 303,
	    .data = 120,
	    .text = 180,
	    .final = 600,
	    .rset = 20,
	    .quit = 6 } };

ATF_TC_WITHOUT_HEAD(watch_reply__has_the_seconds_of_its_key);
ATF_TC_BODY(watch_reply__has_the_seconds_of_its_key, tc)
{
	static const struct {
		enum talk_timer timer;
		int64_t seconds;
	} rows[] = {
		{ TALK_TIMER_GREETING, 300 },
		{ TALK_TIMER_EHLO, 301 },
		{ TALK_TIMER_MAIL, 302 },
		{ TALK_TIMER_RCPT, 303 },
		{ TALK_TIMER_DATA, 120 },
		{ TALK_TIMER_FINAL, 600 },
		{ TALK_TIMER_RSET, 20 },
		{ TALK_TIMER_QUIT, 6 },
		{ TALK_TIMER_IDLE, 5 },
	};
	struct watch w = { .remote = &remote };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct talk_waits waits = { rows[i].timer, (uint32_t)i + 1,
			TALK_TIMER_NONE };

		ATF_CHECK_EQ_MSG(1000 + rows[i].seconds * 1000,
		    watch_reply(&w, &waits, 1000), "row %zu", i);
		ATF_CHECK_EQ(INT64_MAX, watch_write(&w, &waits, 1000));
	}
	ATF_CHECK_EQ(INT64_MAX,
	    watch_reply(&w,
		&(struct talk_waits){ TALK_TIMER_NONE, 99, TALK_TIMER_NONE },
		1000));
}

/* OB-102: a connection is not left before its first message. */
ATF_TC_WITHOUT_HEAD(watch_reply__of_a_fresh_connection_is_no_shorter_than_5);
ATF_TC_BODY(watch_reply__of_a_fresh_connection_is_no_shorter_than_5, tc)
{
	struct settings_remote at_once = { .idle = 0 };
	struct talk_waits waits = { TALK_TIMER_IDLE, 1, TALK_TIMER_NONE };
	struct watch w = { .remote = &at_once };

	ATF_CHECK_EQ(6000, watch_reply(&w, &waits, 1000));
	w.was_used = true;
	ATF_CHECK_EQ(1000, watch_reply(&w, &waits, 1000));
	at_once.idle = 60;
	w.was_used = false;
	ATF_CHECK_EQ(61000, watch_reply(&w, &waits, 1000));
}

ATF_TC_WITHOUT_HEAD(watch_reply__is_no_longer_than_twice);
ATF_TC_BODY(watch_reply__is_no_longer_than_twice, tc)
{
	struct talk_waits waits = { TALK_TIMER_RSET, 7, TALK_TIMER_NONE };
	struct watch w = { .remote = &remote };

	ATF_CHECK_EQ(21000, watch_reply(&w, &waits, 1000));
	watch_heard(&w, 11000);
	ATF_CHECK_EQ(31000, watch_reply(&w, &waits, 11000));
	watch_heard(&w, 30000);
	ATF_CHECK_EQ(41000, watch_reply(&w, &waits, 30000));
	watch_heard(&w, 40000);
	ATF_CHECK_EQ(41000, watch_reply(&w, &waits, 40000));
	/* The next reply has its own time. */
	waits.turn++;
	ATF_CHECK_EQ(60000, watch_reply(&w, &waits, 40000));
}

ATF_TC_WITHOUT_HEAD(watch_write__begins_anew_with_what_is_taken);
ATF_TC_BODY(watch_write__begins_anew_with_what_is_taken, tc)
{
	struct talk_waits waits = { TALK_TIMER_NONE, 1, TALK_TIMER_TEXT };
	struct watch w = { .remote = &remote };

	ATF_CHECK_EQ(181000, watch_write(&w, &waits, 1000));
	ATF_CHECK_EQ(181000, watch_write(&w, &waits, 100000));
	watch_wrote(&w);
	ATF_CHECK_EQ(280000, watch_write(&w, &waits, 100000));
	waits.write = TALK_TIMER_NONE;
	ATF_CHECK_EQ(INT64_MAX, watch_write(&w, &waits, 100000));
	waits.write = TALK_TIMER_TEXT;
	ATF_CHECK_EQ(380000, watch_write(&w, &waits, 200000));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, watch_reply__has_the_seconds_of_its_key);
	ATF_TP_ADD_TC(
	    tp, watch_reply__of_a_fresh_connection_is_no_shorter_than_5);
	ATF_TP_ADD_TC(tp, watch_reply__is_no_longer_than_twice);
	ATF_TP_ADD_TC(tp, watch_write__begins_anew_with_what_is_taken);
	return (atf_no_error());
}
