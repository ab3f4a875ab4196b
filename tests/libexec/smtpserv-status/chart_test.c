/* SPDX-License-Identifier: ISC */
#include "chart.h"

#include <atf-c.h>
#include <string.h>

enum {
	NOW = 1790000000
};

static struct samples all;
static char store[262144];

static const char *
put(void)
{
	struct buf b;
	const char *text;

	buf_init(&b, store, sizeof(store));
	chart_put(&b, &all, NOW);
	text = buf_cstr(&b);
	ATF_REQUIRE(text != NULL);
	return (text);
}

static void
add(time_t ago, uint32_t messages, uint32_t next)
{
	all.list[all.n++] = (struct sample){ NOW - ago, messages, 0,
		(uint32_t)ago, next };
}

ATF_TC_WITHOUT_HEAD(chart_put__has_three_figures_with_words);
ATF_TC_BODY(chart_put__has_three_figures_with_words, tc)
{
	const char *text;

	all.n = 0;
	add(120, 10, 100);
	add(60, 1234, 2000);
	add(0, 30, 2030);
	text = put();
	ATF_CHECK(strstr(text, ">now 30, most 1,234<") != NULL);
	/* 1900 came in a minute, and then 30; 676 went, and then 1234. */
	ATF_CHECK(strstr(text, "now 965, most 965<") != NULL);
	ATF_CHECK(strstr(text, "go</span> now 955, most 955<") != NULL);
	ATF_CHECK(strstr(text, "<span>1,000</span>") != NULL);
}

ATF_TC_WITHOUT_HEAD(chart_put__leaves_gaps_and_believes_no_nonsense);
ATF_TC_BODY(chart_put__leaves_gaps_and_believes_no_nonsense, tc)
{
	const char *text;

	all.n = 0;
	/* Hours apart; a counter that was repaired, and one not known. */
	add(80000, 5, 100);
	add(40000, 5, 900);
	add(39940, 5, 3);
	add(39880, 5, 0);
	text = put();
	ATF_CHECK(strstr(text, "nothing is known") != NULL);
	ATF_CHECK(strstr(text, "L") != NULL);
	ATF_CHECK(strstr(text, "now 5, most 5<") != NULL);
	/* From the future and the day before: no part of the day. */
	all.n = 0;
	add(-60, 5, 1);
	add(86400, 5, 1);
	text = put();
	ATF_CHECK(strstr(text, "now 5") == NULL);
}

ATF_TC_WITHOUT_HEAD(chart_put__of_a_whole_day_is_bounded);
ATF_TC_BODY(chart_put__of_a_whole_day_is_bounded, tc)
{
	uint32_t i;

	all.n = 0;
	for (i = 0; i < SAMPLES_MAX; i++)
		add((time_t)(SAMPLES_MAX - 1 - i) * SAMPLES_STEP,
		    i % 2 == 0 ? UINT32_MAX : 0, UINT32_MAX - 2000 + i);
	ATF_CHECK(strlen(put()) < 65536);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, chart_put__has_three_figures_with_words);
	ATF_TP_ADD_TC(tp, chart_put__leaves_gaps_and_believes_no_nonsense);
	ATF_TP_ADD_TC(tp, chart_put__of_a_whole_day_is_bounded);
	return (atf_no_error());
}
