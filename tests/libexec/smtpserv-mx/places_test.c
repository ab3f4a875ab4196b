/* SPDX-License-Identifier: ISC */
#include "places.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

/*
 * Places, written down: a letter for each, in upper case if IPv6, with a `-`
 * behind it if it has no route; a blank parts hosts, and a `/` preferences.
 */
static void
fill(struct places *all, const char *text)
{
	struct place place = { .host = 0 };

	all->n = 0;
	for (; *text != '\0'; text++) {
		if (*text == ' ' || *text == '/') {
			place.host++;
			place.preference += *text == '/' ? 10 : 0;
		} else if (*text == '-') {
			all->at[all->n - 1].is_routed = false;
		} else {
			place.ip[0] = (unsigned char)*text;
			place.is_v6 = *text < 'a';
			place.is_routed = true;
			places_add(all, &place);
		}
	}
}

static void
pick(const char *text, size_t most, char *letters)
{
	static struct places all;
	size_t picked[PLACES_MAX];
	size_t n;
	size_t i;

	fill(&all, text);
	n = places_pick(&all, all.n, most, picked);
	for (i = 0; i < n; i++)
		letters[i] = (char)all.at[picked[i]].ip[0];
	letters[n] = '\0';
}

/* OB-21, OB-22, OB-23 */
ATF_TC_WITHOUT_HEAD(places_pick__by_its_rows);
ATF_TC_BODY(places_pick__by_its_rows, tc)
{
	static const struct {
		const char *places;
		size_t most;
		const char *want;
	} rows[] = {
		{ "", 5, "" },
		{ "a", 5, "a" },
		{ "A", 5, "A" },
		{ "abc", 5, "abc" },
		/* The families of a host take turns, IPv6 first. */
		{ "ABab", 5, "AaBb" },
		{ "Aabc", 5, "Aabc" },
		{ "ABCa", 5, "AaBC" },
		/* The first two of a preference are of both. */
		{ "ab C", 5, "aCb" },
		{ "AB c", 5, "AcB" },
		{ "A B c", 5, "AcB" },
		{ "a b Cd", 5, "aCbd" },
		{ "a/Bc", 5, "aBc" },
		{ "ab/Cd", 5, "abCd" },
		/* Preferences are not mixed. */
		{ "Aa/Bb/Cc", 6, "AaBbCc" },
		/* The cut keeps both families. */
		{ "abcdef/G", 5, "abcdG" },
		{ "ABCDEF/g", 5, "ABCDg" },
		{ "abcdef", 5, "abcde" },
		{ "abc/D", 2, "aD" },
		{ "Ab/c", 2, "Ab" },
		/* What has no route comes last, and is cut first. */
		{ "A-a", 5, "aA" },
		{ "A-a/b", 5, "abA" },
		{ "A-a/b", 2, "ab" },
		{ "A-B-ab/Cc", 5, "abCcA" },
		{ "A-B-", 5, "AB" },
		{ "abcde/F-", 4, "abcd" },
	};
	char letters[PLACES_MAX + 1];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		pick(rows[i].places, rows[i].most, letters);
		ATF_CHECK_MSG(strcmp(rows[i].want, letters) == 0,
		    "row %zu: want %s, got %s", i, rows[i].want, letters);
	}
}

/* Whatever there is: each once, in number as many as there can be. */
ATF_TC_WITHOUT_HEAD(places_pick__gives_each_once);
ATF_TC_BODY(places_pick__gives_each_once, tc)
{
	static struct places all;
	size_t picked[PLACES_MAX];
	unsigned int seed;
	size_t most;

	for (seed = 1; seed <= 2000; seed++) {
		bool seen[PLACES_MAX] = { false };
		bool has[2] = { false, false };
		bool got[2] = { false, false };
		size_t n;
		size_t i;

		srand(seed);
		memset(&all, 0, sizeof(all));
		all.n = (size_t)rand() % 20;
		for (i = 0; i < all.n; i++) {
			struct place *p = &all.at[i];

			p->is_v6 = rand() % 2 == 0;
			p->is_routed = rand() % 4 > 0;
			if (i > 0) {
				p->host = p[-1].host + (rand() % 2 ? 1 : 0);
				p->preference = p[-1].preference +
				    (p->host > p[-1].host && rand() % 2 ? 1
									: 0);
			}
			if (p->is_routed)
				has[p->is_v6] = true;
		}
		most = 2 + (size_t)rand() % 6;
		n = places_pick(&all, all.n, most, picked);
		ATF_CHECK_EQ(all.n < most ? all.n : most, n);
		for (i = 0; i < n; i++) {
			ATF_REQUIRE(picked[i] < all.n && !seen[picked[i]]);
			seen[picked[i]] = true;
			got[all.at[picked[i]].is_v6] = true;
		}
		ATF_CHECK_MSG((got[0] || !has[0]) && (got[1] || !has[1]),
		    "both families of seed %u", seed);
	}
}

ATF_TC_WITHOUT_HEAD(places_add__leaves_out_what_has_no_room);
ATF_TC_BODY(places_add__leaves_out_what_has_no_room, tc)
{
	static struct places all;
	struct place place = { .is_routed = true };
	size_t picked[PLACES_MAX];
	size_t i;

	for (i = 0; i <= PLACES_MAX; i++)
		places_add(&all, &place);
	ATF_CHECK_EQ(PLACES_MAX, all.n);
	ATF_CHECK_EQ(PLACES_MAX, places_pick(&all, all.n, PLACES_MAX, picked));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, places_pick__by_its_rows);
	ATF_TP_ADD_TC(tp, places_pick__gives_each_once);
	ATF_TP_ADD_TC(tp, places_add__leaves_out_what_has_no_room);
	return (atf_no_error());
}
