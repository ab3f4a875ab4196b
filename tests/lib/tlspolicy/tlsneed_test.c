/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlsneed.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* What is so, one letter each. */
#define FACTS_RELAY   'r'
#define FACTS_SECURE  's' /* the MX record */
#define FACTS_TLSA    't' /* there are, and usable ones */
#define FACTS_USELESS 'u' /* there are, and none usable */
#define FACTS_NEEDS   'q' /* REQUIRETLS */
#define FACTS_NOTLS   'n' /* TLS-Required: No */
#define FACTS_NULL    '0' /* from <> */
#define FACTS_ACCOUNT 'a'

enum { NONE, MAY, DANE, ENCRYPT, VERIFY };

static const struct row {
	const char *about;
	int key;
	const char *table; /* a row of it */
	const char *sts;   /* an answer of a socketmap */
	const char *facts;
	enum tlsneed_answer answer;
	int level;
	const char *by;
} ROWS[] = {
	{ "OB-107 none", NONE, "", "", "", TLSNEED_TRY, NONE, "key" },
	{ "OB-107 may", MAY, "", "", "", TLSNEED_TRY, MAY, "key" },
	{ "OB-107 encrypt", ENCRYPT, "", "", "", TLSNEED_TRY, ENCRYPT, "key" },
	{ "OB-107 verify", VERIFY, "", "", "", TLSNEED_TRY, VERIFY, "key" },
	{ "OB-107 dane", DANE, "", "", "st", TLSNEED_TRY, DANE, "dane" },
	{ "OB-107 dane without", DANE, "", "", "", TLSNEED_TRY, MAY, "key" },
	{ "OB-107 verify ignores TLSA", VERIFY, "", "", "st", TLSNEED_TRY,
	    VERIFY, "key" },
	{ "OB-125", DANE, "", "", "s", TLSNEED_TRY, MAY, "key" },
	{ "OB-123", DANE, "", "", "su", TLSNEED_TRY, ENCRYPT, "dane" },
	{ "OB-123, policy adds", DANE, "", "secure match=mx.example.org", "su",
	    TLSNEED_TRY, VERIFY, "dane" },
	{ "OB-128 a relay", DANE, "", "", "rst", TLSNEED_TRY, DANE, "dane" },
	/* A policy. */
	{ "OB-133 verify", MAY, "verify", "", "", TLSNEED_TRY, VERIFY,
	    "table" },
	{ "OB-133 less than the key", VERIFY, "none", "", "", TLSNEED_TRY, NONE,
	    "table" },
	{ "OB-133 may, whatever the TLSA", DANE, "may", "", "st", TLSNEED_TRY,
	    MAY, "table" },
	{ "OB-133 match", DANE, "match=mx.example.org", "", "", TLSNEED_TRY,
	    VERIFY, "table" },
	{ "OB-133 another host", DANE, "match=a.example.org", "", "",
	    TLSNEED_SKIP, VERIFY, "" },
	{ "a relay has no MX to match", MAY, "match=a.example.org", "", "r",
	    TLSNEED_TRY, VERIFY, "table" },
	{ "dane for one domain", MAY, "dane", "", "st", TLSNEED_TRY, DANE,
	    "dane" },
	{ "dane-only", MAY, "dane-only", "", "st", TLSNEED_TRY, DANE, "dane" },
	{ "dane-only without", MAY, "dane-only", "", "s", TLSNEED_SKIP, MAY,
	    "" },
	{ "dane-only, useless", MAY, "dane-only", "", "su", TLSNEED_SKIP,
	    ENCRYPT, "" },
	{ "OB-130", DANE, "", "secure match=.example.org", "", TLSNEED_TRY,
	    VERIFY, "sts" },
	{ "OB-130 another host", DANE, "", "secure match=a.b:.c", "",
	    TLSNEED_SKIP, VERIFY, "" },
	{ "OB-132 DANE rules", DANE, "", "secure match=mx.example.org", "st",
	    TLSNEED_TRY, DANE, "dane" },
	{ "OB-132 not weaker", DANE, "", "none", "st", TLSNEED_TRY, DANE,
	    "dane" },
	{ "OB-132 nor here", VERIFY, "", "may", "", TLSNEED_TRY, VERIFY,
	    "key" },
	{ "OB-132 it adds", DANE, "", "secure match=.c", "st", TLSNEED_SKIP,
	    VERIFY, "" },
	{ "OB-132 a row, too", DANE, "encrypt", "", "st", TLSNEED_TRY, DANE,
	    "dane" },
	{ "OB-132 DANE by a daemon", MAY, "", "dane", "st", TLSNEED_TRY, DANE,
	    "dane" },
	/* REQUIRETLS. */
	{ "OB-135 by DNSSEC and DANE", MAY, "", "", "stq", TLSNEED_TRY, DANE,
	    "requiretls" },
	{ "OB-135 by DNSSEC and name", MAY, "", "", "sq", TLSNEED_TRY, VERIFY,
	    "requiretls" },
	{ "OB-135 useless TLSA", DANE, "", "", "suq", TLSNEED_TRY, VERIFY,
	    "requiretls" },
	{ "OB-135 by STS", DANE, "", "secure match=mx.example.org", "q",
	    TLSNEED_TRY, VERIFY, "sts" },
	{ "OB-135 a relay", MAY, "", "", "rq", TLSNEED_TRY, VERIFY,
	    "requiretls" },
	{ "OB-136 no one vouches", DANE, "", "", "q", TLSNEED_UNFIT, MAY, "" },
	{ "OB-136 nor verify", DANE, "verify", "", "q", TLSNEED_UNFIT, VERIFY,
	    "" },
	{ "OB-136 no TLS", NONE, "", "", "sq", TLSNEED_UNFIT, NONE, "" },
	{ "OB-137", DANE, "", "", "q0", TLSNEED_TRY, MAY, "key" },
	{ "OB-137 and TLSA", DANE, "", "", "stq0", TLSNEED_TRY, DANE, "dane" },
	/* TLS-Required: No. */
	{ "OB-139 not DANE", DANE, "", "", "stn", TLSNEED_TRY, MAY, "key" },
	{ "OB-139 not STS", DANE, "", "secure match=a.b", "n", TLSNEED_TRY, MAY,
	    "key" },
	{ "OB-139 an administrator's wish", ENCRYPT, "", "", "n", TLSNEED_TRY,
	    ENCRYPT, "key" },
	{ "OB-139 or row", DANE, "verify", "", "nst", TLSNEED_TRY, VERIFY,
	    "table" },
	{ "OB-139 none stays", NONE, "", "", "n", TLSNEED_TRY, NONE, "key" },
	{ "OB-139 REQUIRETLS overrules", DANE, "", "", "stnq", TLSNEED_TRY,
	    DANE, "dane" },
	/* Accounts. */
	{ "OB-142", MAY, "", "", "ra", TLSNEED_TRY, VERIFY, "account" },
	{ "OB-142 by DANE", MAY, "", "", "rsta", TLSNEED_TRY, DANE,
	    "account" },
	{ "OB-142 encrypt is not enough", ENCRYPT, "", "", "ra", TLSNEED_TRY,
	    VERIFY, "account" },
	{ "OB-142 never without", NONE, "", "", "ra", TLSNEED_SKIP, NONE, "" },
	{ "OB-142 nor for no TLS", DANE, "", "", "rna", TLSNEED_TRY, VERIFY,
	    "account" },
};

static enum tlsneed_answer
find(const struct row *row, struct tlsneed *need)
{
	struct tlspolicy policy = { .source = TLSPOLICY_ABSENT };
	bool is_table = row->table[0] != '\0';
	struct tlsneed_facts f = {
		.key = (enum tlspolicy_level)row->key,
		.policy = &policy,
		.is_relay = strchr(row->facts, FACTS_RELAY) != NULL,
		.is_mx_secure = strchr(row->facts, FACTS_SECURE) != NULL,
		.host = bytes_of("mx.example.org"),
		.has_tlsa = strpbrk(row->facts, "tu") != NULL,
		.is_usable = strchr(row->facts, FACTS_TLSA) != NULL,
		.is_requiretls = strchr(row->facts, FACTS_NEEDS) != NULL,
		.is_tlsno = strchr(row->facts, FACTS_NOTLS) != NULL,
		.is_null = strchr(row->facts, FACTS_NULL) != NULL,
		.has_account = strchr(row->facts, FACTS_ACCOUNT) != NULL,
	};

	if (is_table || row->sts[0] != '\0')
		ATF_REQUIRE_MSG(
		    tlspolicy_parse(bytes_of(is_table ? row->table : row->sts),
			is_table ? TLSPOLICY_TABLE : TLSPOLICY_SOCKETMAP,
			&policy) == NULL,
		    "%s", row->about);
	return (tlsneed_find(&f, need));
}

ATF_TC_WITHOUT_HEAD(tlsneed_find__what_follows_from_the_facts);
ATF_TC_BODY(tlsneed_find__what_follows_from_the_facts, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		const struct row *row = &ROWS[i];
		struct tlsneed need;
		enum tlsneed_answer answer = find(row, &need);

		ATF_CHECK_EQ_MSG(row->answer, answer, "%s", row->about);
		ATF_CHECK_EQ_MSG(row->level, (int)need.level, "%s: %s",
		    row->about, tlspolicy_level_word(need.level));
		if (answer == TLSNEED_TRY)
			ATF_CHECK_MSG(strcmp(row->by, need.by) == 0, "%s: %s",
			    row->about, need.by);
		else
			ATF_CHECK_MSG(need.why[0] != '\0', "%s", row->about);
	}
}

/* OB-107, OB-111: what is left of clear text. */
ATF_TC_WITHOUT_HEAD(tlsneed_is_strict__beyond_may);
ATF_TC_BODY(tlsneed_is_strict__beyond_may, tc)
{
	struct tlsneed need = { .level = TLSPOLICY_NONE };

	ATF_CHECK(!tlsneed_is_strict(&need));
	need.level = TLSPOLICY_MAY;
	ATF_CHECK(!tlsneed_is_strict(&need));
	need.level = TLSPOLICY_DANE;
	ATF_CHECK(tlsneed_is_strict(&need));
	need.level = TLSPOLICY_ENCRYPT;
	ATF_CHECK(tlsneed_is_strict(&need));
	need.level = TLSPOLICY_VERIFY;
	ATF_CHECK(tlsneed_is_strict(&need));
}

/* OB-135, OB-137 */
ATF_TC_WITHOUT_HEAD(tlsneed_find__says_when_the_word_is_due);
ATF_TC_BODY(tlsneed_find__says_when_the_word_is_due, tc)
{
	struct row row = { "", MAY, "", "", "sq", TLSNEED_TRY, VERIFY, "" };
	struct tlsneed need;

	ATF_CHECK_EQ(TLSNEED_TRY, find(&row, &need));
	ATF_CHECK_EQ(TLSNEED_REQUIRETLS, need.requiretls);
	row.facts = "sq0";
	ATF_CHECK_EQ(TLSNEED_TRY, find(&row, &need));
	ATF_CHECK_EQ(TLSNEED_IF_OFFERED, need.requiretls);
	row.facts = "sn";
	ATF_CHECK_EQ(TLSNEED_TRY, find(&row, &need));
	ATF_CHECK_EQ(TLSNEED_PLAIN, need.requiretls);
}

/* OB-119 has its error from the route; this is RFC 8460's for the others. */
ATF_TC_WITHOUT_HEAD(tlsneed_find__a_refusal_has_its_type);
ATF_TC_BODY(tlsneed_find__a_refusal_has_its_type, tc)
{
	struct row row = { "", MAY, "dane-only", "", "s", TLSNEED_SKIP, MAY,
		"" };
	struct tlsneed need;

	ATF_CHECK_EQ(TLSNEED_SKIP, find(&row, &need));
	ATF_CHECK_EQ(TLSVERDICT_DANE_REQUIRED, need.failure);
	row.table = "match=other.example";
	ATF_CHECK_EQ(TLSNEED_SKIP, find(&row, &need));
	ATF_CHECK_EQ(TLSVERDICT_OTHER, need.failure);
}

/* OB-107, OB-120: what smtpserv-tlsc says is looked at once more. */
ATF_TC_WITHOUT_HEAD(tlsneed_is_reached__by_no_less);
ATF_TC_BODY(tlsneed_is_reached__by_no_less, tc)
{
	/* Needed, down; reached, across. */
	static const bool reached[5][3] = {
		/* anonymous name  dane */
		{ true, true, true },   /* none */
		{ true, true, true },   /* may */
		{ false, false, true }, /* dane */
		{ true, true, true },   /* encrypt */
		{ false, true, true },  /* verify */
	};
	struct tlsneed need = { .level = TLSPOLICY_NONE };
	struct tlsverdict v = { .is_good = true };
	int i;
	int j;

	for (i = 0; i < 5; i++)
		for (j = 0; j < 3; j++) {
			need.level = (enum tlspolicy_level)i;
			v.reached = (enum tlsverdict_reached)j;
			v.is_good = true;
			ATF_CHECK_EQ_MSG(reached[i][j],
			    tlsneed_is_reached(&need, &v), "%d by %d", i, j);
			v.is_good = false;
			ATF_CHECK(!tlsneed_is_reached(&need, &v));
		}
}

/* OB-105, OB-140 */
ATF_TC_WITHOUT_HEAD(tlsneed_is_met__never_by_less);
ATF_TC_BODY(tlsneed_is_met__never_by_less, tc)
{
	/* Needed, down; made for, across. */
	static const bool met[5][5] = {
		/* none   may    dane   encrypt verify */
		{ true, true, true, true, true },     /* none */
		{ false, true, true, true, true },    /* may */
		{ false, false, true, false, false }, /* dane */
		{ false, false, true, true, true },   /* encrypt */
		{ false, false, false, false, true }, /* verify */
	};
	struct tlsneed need = { .level = TLSPOLICY_NONE };
	struct tlsneed made = { .level = TLSPOLICY_NONE };
	int i;
	int j;

	for (i = 0; i < 5; i++)
		for (j = 0; j < 5; j++) {
			need.level = (enum tlspolicy_level)i;
			made.level = (enum tlspolicy_level)j;
			ATF_CHECK_EQ_MSG(met[i][j],
			    tlsneed_is_met(&need, &made), "%d over %d", i, j);
		}
	need.level = made.level = TLSPOLICY_VERIFY;
	need.requiretls = TLSNEED_REQUIRETLS;
	ATF_CHECK(!tlsneed_is_met(&need, &made));
	made.requiretls = TLSNEED_IF_OFFERED;
	ATF_CHECK(!tlsneed_is_met(&need, &made));
	made.requiretls = TLSNEED_REQUIRETLS;
	ATF_CHECK(tlsneed_is_met(&need, &made));
	need.requiretls = TLSNEED_PLAIN;
	ATF_CHECK(tlsneed_is_met(&need, &made));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tlsneed_find__what_follows_from_the_facts);
	ATF_TP_ADD_TC(tp, tlsneed_is_strict__beyond_may);
	ATF_TP_ADD_TC(tp, tlsneed_find__says_when_the_word_is_due);
	ATF_TP_ADD_TC(tp, tlsneed_find__a_refusal_has_its_type);
	ATF_TP_ADD_TC(tp, tlsneed_is_reached__by_no_less);
	ATF_TP_ADD_TC(tp, tlsneed_is_met__never_by_less);
	return (atf_no_error());
}
