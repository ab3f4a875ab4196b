/* SPDX-License-Identifier: ISC */
#include "outbound/verdict.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/*
 * What comes of a message with three recipients and these records, one behind
 * the other: their letters, h and s with an index, and K, Z, D and N.
 */
static const struct {
	const char *heard;
	const char *want; /* `d`elivered, `l`ater, `f`ailed; `?` for a lie, */
	const char *lost; /* and after the remote's end then; `-`: no try */
} ROWS[] = {
	/* Not yet over: only what was in doubt was a try. */
	{ "", "...", "---" },
	{ "P", "...", "lll" },
	{ "PP", "...", "lll" },
	{ "h1", ".f.", "lfl" },
	{ "s2", "..l", "lll" },
	{ "h0P", "f..", "fll" },
	/* Over. */
	{ "PK", "ddd", NULL },
	{ "h0PK", "fdd", NULL },
	{ "Ph0K", "fdd", NULL },
	{ "h0s1PK", "fld", NULL },
	{ "h0h1h2Z", "fff", NULL },
	{ "h0s1h2Z", "flf", NULL },
	{ "Z", "lll", NULL },
	{ "PZ", "lll", NULL },
	{ "D", "fff", NULL },
	{ "s0D", "lff", NULL },
	{ "PD", "fff", NULL },
	{ "N", "---", NULL },
	{ "h1N", "lfl", NULL },
	{ "PN", "---", NULL },
	{ "h1PN", "lfl", NULL },
	/* Lies. */
	{ "K", "?", NULL },
	{ "h0K", "?", NULL },
	{ "h3", "?", NULL },
	{ "h9", "?", NULL },
	{ "h0h0", "?", NULL },
	{ "h0s0", "?", NULL },
	{ "PKK", "?", NULL },
	{ "PKD", "?", NULL },
	{ "PKP", "?", NULL },
	{ "ZN", "?", NULL },
	{ "NZ", "?", NULL },
	{ "Nh0", "?", NULL },
	{ "M", "?", NULL },
	{ "E", "?", NULL },
	{ "Q", "?", NULL },
	{ "C", "?", NULL },
	{ "F", "?", NULL },
};

static struct feed_record
record_of(const char **at)
{
	struct feed_record r = { .kind = (enum feed_kind) * *at,
		.result = { .status = bytes_of("4.2.2"),
		    .text = bytes_of("so it is") } };

	if (r.kind == FEED_DELIVERED)
		r.result.status = bytes_of("2.0.0");
	if (r.kind == FEED_FAILED || r.kind == FEED_RCPT_FAILED)
		r.result.status = bytes_of("5.1.1");
	++*at;
	if (r.kind == FEED_RCPT_FAILED || r.kind == FEED_RCPT_LATER)
		r.result.index = (uint32_t)(*(*at)++ - '0');
	return (r);
}

/* One letter for each of them. */
static void
print(const struct verdict *v, const struct outcome *outs, char got[4])
{
	static const char letters[] = { [OUTCOME_DELIVERED] = 'd',
		[OUTCOME_TRY_AGAIN] = 'l',
		[OUTCOME_FAILED] = 'f' };
	size_t i;

	for (i = 0; i < 3; i++) {
		got[i] = letters[outs[i].kind];
		if (v->is_untried)
			got[i] = '-';
		else if (outs[i].status[0] == '\0')
			got[i] = '.';
	}
	got[3] = '\0';
}

/* OB-178, OB-179 */
ATF_TC_WITHOUT_HEAD(verdict_hear__believes_the_order_of_records);
ATF_TC_BODY(verdict_hear__believes_the_order_of_records, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		const char *at = ROWS[i].heard;
		enum verdict_heard heard = VERDICT_GOES_ON;
		struct outcome outs[3];
		struct verdict v;
		char got[4];

		verdict_begin(&v, 1, outs, 3);
		while (*at != '\0' && heard != VERDICT_LIES) {
			struct feed_record r = record_of(&at);

			heard = verdict_hear(&v, &r, false);
		}
		print(&v, outs, got);
		ATF_CHECK_MSG(*at == '\0', "%s: too early", ROWS[i].heard);
		if (ROWS[i].want[0] == '?') {
			ATF_CHECK_EQ_MSG(
			    VERDICT_LIES, heard, "%s", ROWS[i].heard);
			continue;
		}
		ATF_CHECK_EQ_MSG(ROWS[i].lost == NULL,
		    heard == VERDICT_IS_OVER, "%s", ROWS[i].heard);
		ATF_CHECK_MSG(strcmp(ROWS[i].want, got) == 0, "%s: %s",
		    ROWS[i].heard, got);
		if (ROWS[i].lost == NULL)
			continue;
		verdict_lost(&v, "it died");
		print(&v, outs, got);
		ATF_CHECK_MSG(strcmp(ROWS[i].lost, got) == 0, "%s: %s",
		    ROWS[i].heard, got);
	}
}

/* A lie about a message in doubt is followed by its end: never delivered. */
ATF_TC_WITHOUT_HEAD(verdict_lost__after_a_lie_nobody_has_it);
ATF_TC_BODY(verdict_lost__after_a_lie_nobody_has_it, tc)
{
	const char *at = "h7";
	struct outcome outs[3];
	struct verdict v;
	struct feed_record r = record_of(&at);
	size_t i;

	verdict_begin(&v, 1, outs, 3);
	v.is_in_doubt = true;
	ATF_CHECK_EQ(VERDICT_LIES, verdict_hear(&v, &r, false));
	verdict_lost(&v, "it lied");
	for (i = 0; i < 3; i++) {
		ATF_CHECK_EQ(OUTCOME_TRY_AGAIN, outs[i].kind);
		ATF_CHECK(strstr(outs[i].text, "duplicate") != NULL);
		ATF_CHECK_STREQ("4.4.2", outs[i].status);
	}
}

/* OB-69, OB-70: who tells of success. */
ATF_TC_WITHOUT_HEAD(verdict_hear__a_host_without_dsn_has_it_relayed);
ATF_TC_BODY(verdict_hear__a_host_without_dsn_has_it_relayed, tc)
{
	struct outcome outs[1];
	struct verdict v;
	size_t dsn;

	for (dsn = 0; dsn < 2; dsn++) {
		const char *at = "PK";
		struct feed_record r = record_of(&at);

		verdict_begin(&v, 1, outs, 1);
		ATF_CHECK_EQ(VERDICT_GOES_ON, verdict_hear(&v, &r, false));
		r = record_of(&at);
		ATF_CHECK_EQ(
		    VERDICT_IS_OVER, verdict_hear(&v, &r, dsn == 1));
		ATF_CHECK_EQ(dsn == 1 ? OUTCOME_PASSED : OUTCOME_RELAYED,
		    outs[0].action);
		ATF_CHECK_STREQ("2.0.0", outs[0].status);
		ATF_CHECK_STREQ("so it is", outs[0].text);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, verdict_hear__believes_the_order_of_records);
	ATF_TP_ADD_TC(tp, verdict_lost__after_a_lie_nobody_has_it);
	ATF_TP_ADD_TC(tp, verdict_hear__a_host_without_dsn_has_it_relayed);
	return (atf_no_error());
}
