/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlspolicy.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(tlspolicy_parse_level__words_and_back);
ATF_TC_BODY(tlspolicy_parse_level__words_and_back, tc)
{
	static const char *const words[] = { "none", "may", "dane", "encrypt",
		"verify" };
	static const char *const others[] = { "", "secure", "dane-only", "no",
		"may ", "verif" };
	enum tlspolicy_level level;
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		ATF_CHECK(tlspolicy_parse_level(bytes_of(words[i]), &level));
		ATF_CHECK_EQ(i, level);
		ATF_CHECK_STREQ(words[i], tlspolicy_level_word(level));
	}
	ATF_CHECK(tlspolicy_parse_level(bytes_of("Encrypt"), &level));
	ATF_CHECK_EQ(TLSPOLICY_ENCRYPT, level);
	for (i = 0; i < ARRAY_LEN(others); i++)
		ATF_CHECK_MSG(
		    !tlspolicy_parse_level(bytes_of(others[i]), &level), "%s",
		    others[i]);
}

static const struct {
	const char *words;
	enum tlspolicy_level level;
	const char *match;
	const char *names;
} GOOD[] = {
	/* OB-133 */
	{ "verify", TLSPOLICY_VERIFY, "", "" },
	{ "none", TLSPOLICY_NONE, "", "" },
	{ "encrypt", TLSPOLICY_ENCRYPT, "", "" },
	{ "dane-only", TLSPOLICY_DANE, "", "" },
	{ "match=mx.example.org", TLSPOLICY_VERIFY, "mx.example.org", "" },
	{ "verify name=relay.example:other.example", TLSPOLICY_VERIFY, "",
	    "relay.example:other.example" },
	{ "  May\tmatch=.a.b ", TLSPOLICY_MAY, ".a.b", "" },
	/* OB-130: what mta-sts-daemon says, without and with its extras. */
	{ "secure match=mx1.example.org:.example.net", TLSPOLICY_VERIFY,
	    "mx1.example.org:.example.net", "" },
	{ "secure match=a.b servername=hostname policy_type=sts "
	  "policy_domain=b mx_host_pattern=a.b",
	    TLSPOLICY_VERIFY, "a.b", "" },
};

ATF_TC_WITHOUT_HEAD(tlspolicy_parse__words_of_rows_and_answers);
ATF_TC_BODY(tlspolicy_parse__words_of_rows_and_answers, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		struct tlspolicy p = { .source = TLSPOLICY_ABSENT };
		const char *why = tlspolicy_parse(
		    bytes_of(GOOD[i].words), TLSPOLICY_TABLE, &p);

		ATF_REQUIRE_MSG(why == NULL, "%s: %s", GOOD[i].words, why);
		ATF_CHECK_EQ(TLSPOLICY_TABLE, p.source);
		ATF_CHECK_EQ_MSG(GOOD[i].level, p.level, "%s", GOOD[i].words);
		ATF_CHECK(bytes_same(p.match, bytes_of(GOOD[i].match)));
		ATF_CHECK(bytes_same(p.names, bytes_of(GOOD[i].names)));
		ATF_CHECK_EQ(strcmp(GOOD[i].words, "dane-only") == 0, p.is_only);
	}
}

/* A demand that is not understood is not taken for a smaller one. */
ATF_TC_WITHOUT_HEAD(tlspolicy_parse__other_words_are_refused);
ATF_TC_BODY(tlspolicy_parse__other_words_are_refused, tc)
{
	static const char *const words[] = { "", " ", "strict", "secure",
		"fingerprint match=3D:95", "verify protocols=TLSv1.3",
		"verify may", "match=", "match=a:", "match=:a", "match=a::b",
		"match=*.a", "match=a..b", "match=.", "match=..a", "verify name=",
		"verify name=.a", "verify match=a\nb", "verify servername=other",
		"verify match=\xc3\xb6.example" };
	struct tlspolicy p = { .source = TLSPOLICY_ABSENT };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		ATF_CHECK_MSG(tlspolicy_parse(bytes_of(words[i]),
				  TLSPOLICY_SOCKETMAP, &p) != NULL,
		    "%s", words[i]);
		ATF_CHECK_EQ(TLSPOLICY_ABSENT, p.source);
	}
}

/* OB-133 */
ATF_TC_WITHOUT_HEAD(tlspolicy_next_key__most_specific_first);
ATF_TC_BODY(tlspolicy_next_key__most_specific_first, tc)
{
	static const char *const hops[][5] = {
		{ "mail.example.org", ".example.org", ".org" },
		{ "org" },
		{ "[relay.example]:587", "[relay.example]" },
		{ "[relay.example]" },
		{ "[IPv6:2001:db8::1]:25", "[IPv6:2001:db8::1]" },
		{ "[", NULL },
	};
	size_t i;
	size_t n;

	for (i = 0; i < ARRAY_LEN(hops); i++) {
		struct bytes rest = bytes_of(hops[i][0]);
		struct bytes key;

		for (n = 0; hops[i][n] != NULL; n++) {
			ATF_REQUIRE(tlspolicy_next_key(&rest, &key));
			ATF_CHECK_MSG(bytes_same(key, bytes_of(hops[i][n])),
			    "%.*s", (int)key.n, key.p);
		}
		ATF_CHECK(!tlspolicy_next_key(&rest, &key));
	}
}

static const struct {
	const char *words;
	const char *host;
	bool has;
} HOSTS[] = {
	/* OB-130: a wildcard is one label (RFC 8461 4.1). */
	{ "match=a.example:.b.example", "a.example", true },
	{ "match=a.example:.b.example", "A.Example.", true },
	{ "match=a.example:.b.example", "x.b.example", true },
	{ "match=a.example:.b.example", "y.x.b.example", false },
	{ "match=a.example:.b.example", "b.example", false },
	{ "match=a.example:.b.example", "x.a.example", false },
	{ "match=a.example:.b.example", "xa.example", false },
	{ "match=.example", ".example", false },
	{ "match=a.example", "", false },
	{ "verify", "anything", true },
};

ATF_TC_WITHOUT_HEAD(tlspolicy_has_host__by_name_or_parent);
ATF_TC_BODY(tlspolicy_has_host__by_name_or_parent, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(HOSTS); i++) {
		struct tlspolicy p;

		ATF_REQUIRE(tlspolicy_parse(bytes_of(HOSTS[i].words),
				TLSPOLICY_SOCKETMAP, &p) == NULL);
		ATF_CHECK_EQ_MSG(HOSTS[i].has,
		    tlspolicy_has_host(&p, bytes_of(HOSTS[i].host)), "%s, %s",
		    HOSTS[i].words, HOSTS[i].host);
	}
}

/* OB-123 */
ATF_TC_WITHOUT_HEAD(tlspolicy_is_usable__two_usages_and_right_sizes);
ATF_TC_BODY(tlspolicy_is_usable__two_usages_and_right_sizes, tc)
{
	static const struct {
		unsigned int usage;
		unsigned int selector;
		unsigned int matching;
		size_t octets;
		bool is_usable;
	} rows[] = {
		{ 3, 1, 1, 32, true }, { 3, 0, 1, 32, true },
		{ 3, 1, 2, 64, true }, { 3, 1, 0, 91, true },
		{ 3, 0, 0, 500, true }, { 2, 0, 1, 32, true },
		{ 2, 1, 1, 32, true }, { 0, 0, 1, 32, false },
		{ 1, 1, 1, 32, false }, { 4, 1, 1, 32, false },
		{ 255, 1, 1, 32, false }, { 3, 2, 1, 32, false },
		{ 3, 1, 3, 32, false }, { 3, 1, 1, 31, false },
		{ 3, 1, 1, 33, false }, { 3, 1, 1, 64, false },
		{ 3, 1, 2, 32, false }, { 3, 1, 0, 0, false },
		{ 3, 1, 1, 0, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].is_usable,
		    tlspolicy_is_usable(rows[i].usage, rows[i].selector,
			rows[i].matching, rows[i].octets),
		    "row %zu", i);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tlspolicy_parse_level__words_and_back);
	ATF_TP_ADD_TC(tp, tlspolicy_parse__words_of_rows_and_answers);
	ATF_TP_ADD_TC(tp, tlspolicy_parse__other_words_are_refused);
	ATF_TP_ADD_TC(tp, tlspolicy_next_key__most_specific_first);
	ATF_TP_ADD_TC(tp, tlspolicy_has_host__by_name_or_parent);
	ATF_TP_ADD_TC(tp, tlspolicy_is_usable__two_usages_and_right_sizes);
	return (atf_no_error());
}
