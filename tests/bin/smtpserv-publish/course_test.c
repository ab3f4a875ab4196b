/* SPDX-License-Identifier: ISC */
#include "course.h"

#include <atf-c.h>

#include "qmail/qqexit.h"

enum {
	ENDS_MAX = 8,
	UNTIL_MS = 30000,
	REFUSAL_MS = 250
};

#define OK     SENDING_CONFIRMED
#define NACK   SENDING_NACKED
#define GAVE   SENDING_RETURNED
#define NO     SENDING_REFUSED
#define LARGE  SENDING_TOO_LARGE
#define ALARM  SENDING_BLOCKED
#define SHORT  SENDING_UNREADABLE
#define NOBODY SENDING_UNREACHED
#define STALL  SENDING_STALLED
#define LOST   SENDING_LOST
#define SILENT SENDING_SILENT
#define HELD   SENDING_HELD

/*
 * How the tries end, 100 ms apart, the last of which is the last there is; and
 * what the client is told.
 */
static const struct {
	size_t nodes;
	size_t n;
	enum sending_end ends[ENDS_MAX];
	int code;
} ROWS[] = {
	{ 3, 1, { OK }, QQEXIT_ACCEPTED },
	/* K5: each of these goes on to the next node. */
	{ 3, 3, { NOBODY, LOST, OK }, QQEXIT_ACCEPTED },
	{ 3, 3, { NACK, SILENT, OK }, QQEXIT_ACCEPTED },
	{ 3, 3, { GAVE, STALL, OK }, QQEXIT_ACCEPTED },
	{ 3, 2, { NO, OK }, QQEXIT_ACCEPTED },
	/* All nodes, once; a lone one twice, if nothing was heard of it. */
	{ 3, 3, { NOBODY, NOBODY, NOBODY }, QQEXIT_UNREACHABLE },
	{ 1, 2, { NOBODY, NOBODY }, QQEXIT_UNREACHABLE },
	{ 1, 2, { STALL, NOBODY }, QQEXIT_UNREACHABLE },
	{ 3, 3, { GAVE, GAVE, GAVE }, QQEXIT_CONFIG },
	{ 3, 3, { NOBODY, NO, NOBODY }, QQEXIT_CONFIG },
	{ 1, 1, { NO }, QQEXIT_CONFIG },
	/* Refused for smtp.amqp.refusal. */
	{ 3, 3, { NACK, NACK, NACK }, QQEXIT_NOT_NOW },
	{ 1, 3, { NACK, NACK, NACK }, QQEXIT_NOT_NOW },
	{ 3, 4, { NACK, NOBODY, NOBODY, NACK }, QQEXIT_NOT_NOW },
	{ 3, 4, { NACK, NOBODY, NOBODY, NOBODY }, QQEXIT_NOT_NOW },
	/* At once. */
	{ 3, 1, { LARGE }, QQEXIT_CUSTOM },
	{ 3, 1, { ALARM }, QQEXIT_WRITE },
	{ 3, 1, { SHORT }, QQEXIT_READ },
	{ 3, 2, { NACK, ALARM }, QQEXIT_WRITE },
	/* K6: it lies in the node's socket. */
	{ 3, 1, { HELD }, QQEXIT_TIMED_OUT },
	/* K5: a doubt stays one, whatever comes behind it. */
	{ 3, 2, { SILENT, SILENT }, QQEXIT_TIMED_OUT },
	{ 3, 4, { LOST, NACK, NACK, NACK }, QQEXIT_TIMED_OUT },
	{ 3, 2, { LOST, ALARM }, QQEXIT_TIMED_OUT },
	{ 3, 2, { LOST, LARGE }, QQEXIT_TIMED_OUT },
	{ 3, 2, { LOST, SHORT }, QQEXIT_TIMED_OUT },
	{ 3, 3, { LOST, NO, NO }, QQEXIT_TIMED_OUT },
	{ 3, 4, { SILENT, NOBODY, NOBODY, NOBODY }, QQEXIT_TIMED_OUT },
	/* Without any word since. */
	{ 3, 3, { LOST, NOBODY, NOBODY }, QQEXIT_LOST },
	{ 3, 3, { LOST, LOST, LOST }, QQEXIT_LOST },
	{ 1, 2, { LOST, STALL }, QQEXIT_LOST },
	{ 3, 4, { NACK, LOST, NOBODY, NOBODY }, QQEXIT_LOST },
};

ATF_TC_WITHOUT_HEAD(course_take__has_the_word_of_all_tries);
ATF_TC_BODY(course_take__has_the_word_of_all_tries, tc)
{
	size_t i;
	size_t k;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct course c;

		course_init(&c, 0, ROWS[i].nodes, UNTIL_MS, REFUSAL_MS);
		for (k = 0; k < ROWS[i].n; k++)
			ATF_CHECK_EQ_MSG(k + 1 < ROWS[i].n,
			    course_take(&c, ROWS[i].ends[k],
				(int64_t)(100 * k)),
			    "row %zu, try %zu", i, k);
		ATF_CHECK_EQ_MSG(ROWS[i].code, c.code, "row %zu: %d", i,
		    c.code);
		ATF_CHECK_EQ(ROWS[i].n, c.tries);
	}
}

ATF_TC_WITHOUT_HEAD(course_take__goes_round_the_nodes_and_waits_after_a_nack);
ATF_TC_BODY(course_take__goes_round_the_nodes_and_waits_after_a_nack, tc)
{
	struct course c;

	course_init(&c, 2, 3, UNTIL_MS, REFUSAL_MS);
	ATF_CHECK_EQ(2, c.node);
	ATF_REQUIRE(course_take(&c, NOBODY, 0));
	ATF_CHECK_EQ(0, c.node);
	ATF_CHECK_EQ(0, c.pause_ms);
	ATF_REQUIRE(course_take(&c, NACK, 10));
	ATF_CHECK_EQ(1, c.node);
	ATF_CHECK_EQ(COURSE_NACK_PAUSE_MS, c.pause_ms);
	/* Where it worked it stays. */
	ATF_CHECK(!course_take(&c, OK, 20));
	ATF_CHECK_EQ(1, c.node);
}

ATF_TC_WITHOUT_HEAD(course_take__ends_with_the_time);
ATF_TC_BODY(course_take__ends_with_the_time, tc)
{
	static const struct {
		enum sending_end end;
		int code;
	} rows[] = { { NACK, QQEXIT_NOT_NOW }, { NO, QQEXIT_CONFIG },
		{ STALL, QQEXIT_UNREACHABLE }, { LOST, QQEXIT_LOST },
		{ SILENT, QQEXIT_TIMED_OUT }, { OK, QQEXIT_ACCEPTED } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct course c;

		course_init(&c, 0, 3, UNTIL_MS, UNTIL_MS);
		ATF_CHECK_MSG(
		    !course_take(&c, rows[i].end, UNTIL_MS), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].code, c.code, "row %zu", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, course_take__has_the_word_of_all_tries);
	ATF_TP_ADD_TC(
	    tp, course_take__goes_round_the_nodes_and_waits_after_a_nack);
	ATF_TP_ADD_TC(tp, course_take__ends_with_the_time);
	return (atf_no_error());
}
