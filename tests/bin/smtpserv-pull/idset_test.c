/* SPDX-License-Identifier: ISC */
#include "idset.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

static struct idset set;

static struct bytes
id_of(char *store, size_t cap, unsigned int i)
{
	int n = snprintf(store, cap, "179500000%u.%u.gnat", i, i % 7);

	return ((struct bytes){ store, (size_t)n });
}

ATF_TC_WITHOUT_HEAD(idset_find__knows_what_was_put_and_nothing_else);
ATF_TC_BODY(idset_find__knows_what_was_put_and_nothing_else, tc)
{
	char store[64];
	unsigned int i;

	idset_clear(&set);
	for (i = 0; i < IDSET_MAX; i++)
		ATF_REQUIRE(idset_put(
		    &set, id_of(store, sizeof(store), i), IDSET_TAKEN));
	for (i = 0; i < IDSET_MAX; i++)
		ATF_REQUIRE_EQ(IDSET_TAKEN,
		    idset_find(&set, id_of(store, sizeof(store), i)));
	for (; i < 2 * IDSET_MAX; i++)
		ATF_REQUIRE_EQ(IDSET_ABSENT,
		    idset_find(&set, id_of(store, sizeof(store), i)));
	/* It is full: no other, but the same ones. */
	ATF_CHECK(!idset_put(&set, bytes_of("one.more"), IDSET_TAKEN));
	ATF_CHECK(
	    idset_put(&set, id_of(store, sizeof(store), 7), IDSET_DOUBTED));
	ATF_CHECK_EQ(
	    IDSET_DOUBTED, idset_find(&set, id_of(store, sizeof(store), 7)));
	idset_clear(&set);
	ATF_CHECK_EQ(0, set.n);
	ATF_CHECK_EQ(
	    IDSET_ABSENT, idset_find(&set, id_of(store, sizeof(store), 7)));
}

ATF_TC_WITHOUT_HEAD(idset_put__ids_are_whole);
ATF_TC_BODY(idset_put__ids_are_whole, tc)
{
	char text[PUBLISHED_ID_MAX + 1];
	struct bytes id = { text, sizeof(text) };

	memset(text, 'a', sizeof(text));
	idset_clear(&set);
	ATF_CHECK(!idset_put(&set, id, IDSET_TAKEN));
	ATF_CHECK(!idset_put(&set, bytes_cut(id, 0, 0), IDSET_TAKEN));
	id.n = PUBLISHED_ID_MAX;
	ATF_CHECK(idset_put(&set, id, IDSET_TAKEN));
	text[PUBLISHED_ID_MAX - 1] = 'b';
	ATF_CHECK_EQ(IDSET_ABSENT, idset_find(&set, id));
	id.n--;
	ATF_CHECK_EQ(IDSET_ABSENT, idset_find(&set, id));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, idset_find__knows_what_was_put_and_nothing_else);
	ATF_TP_ADD_TC(tp, idset_put__ids_are_whole);
	return (atf_no_error());
}
