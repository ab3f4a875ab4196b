/* SPDX-License-Identifier: ISC */
#include "mail/aliases.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* The items of an entry, each by a letter, its text and a bar. */
static const char *
items_of(struct bytes items)
{
	static const char letters[] = "acfi!";
	static char out[2048];
	char store[512];
	size_t n = 0;

	out[0] = '\0';
	for (;;) {
		enum aliases_kind kind;
		struct bytes text;
		struct buf room;

		buf_init(&room, store, sizeof(store));
		kind = aliases_item(&items, &room, &text);
		if (kind == ALIASES_END)
			return (out);
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%c%.*s~",
		    letters[kind], (int)text.n, text.p);
	}
}

ATF_TC_WITHOUT_HEAD(aliases_item__takes_every_form);
ATF_TC_BODY(aliases_item__takes_every_form, tc)
{
	static const char *const rows[][2] = { { "", "" }, { " \n , ,", "" },
		{ "root", "aroot~" },
		{ " ann, bob@x.example\n", "aann~abob@x.example~" },
		{ "\\ann,bob", "aann~abob~" },
		{ "Ann B <ann@x>, (c) bob", "aann@x~abob~" },
		{ "\"a b\"@x", "a\"a b\"@x~" }, { "|/bin/x y", "c/bin/x y~" },
		{ "\"|/bin/x 'a, b' \\\"c\\\"\", ann",
		    "c/bin/x 'a, b' \"c\"~aann~" },
		{ "|\"/bin/x y, z\"", "c/bin/x y, z~" }, { "\" | x\"", "cx~" },
		{ "/dev/null, \"/var/a b\"", "f/dev/null~f/var/a b~" },
		{ ":include:/l, \":INCLUDE: /m\"", "i/l~i/m~" },
		{ "ann,\n\tbob,\n# eve,\n  joe", "aann~abob~ajoe~" },
		{ "two words, ann", "!two words~aann~" },
		{ "|, \"|\", :include:, ann", "!|~!\"|\"~!:include:~aann~" },
		{ "\"|x, ann", "!\"|x, ann~" },
		{ "a\001b, ann", "!a\001b~aann~" } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_STREQ(rows[i][1], items_of(bytes_of(rows[i][0])));
}

ATF_TC_WITHOUT_HEAD(aliases_item__longer_than_the_room_is_none);
ATF_TC_BODY(aliases_item__longer_than_the_room_is_none, tc)
{
	struct bytes items = bytes_of("|12345678, a");
	struct bytes text;
	char store[8];
	struct buf room;

	buf_init(&room, store, sizeof(store));
	ATF_CHECK_EQ(ALIASES_BAD, aliases_item(&items, &room, &text));
	ATF_CHECK_EQ(ALIASES_ADDRESS, aliases_item(&items, &room, &text));
	ATF_CHECK(bytes_same(text, bytes_of("a")));
}

ATF_TC_WITHOUT_HEAD(aliases_find__name_in_any_case_and_the_first);
ATF_TC_BODY(aliases_find__name_in_any_case_and_the_first, tc)
{
	struct bytes text = bytes_of("# c\n\n lost, line\nRoot: ann,\n"
				     "# inside\n\n bob\n\t, eve\nno colon\n"
				     "\"a b\" : x\nroot: other\nempty:\n"
				     "last: one");
	struct bytes items;

	ATF_REQUIRE(aliases_find(text, bytes_of("rOOT"), &items));
	ATF_CHECK_STREQ("aann~abob~aeve~", items_of(items));
	ATF_REQUIRE(aliases_find(text, bytes_of("A b"), &items));
	ATF_CHECK_STREQ("ax~", items_of(items));
	ATF_REQUIRE(aliases_find(text, bytes_of("empty"), &items));
	ATF_CHECK_STREQ("", items_of(items));
	ATF_REQUIRE(aliases_find(text, bytes_of("last"), &items));
	ATF_CHECK_STREQ("aone~", items_of(items));
	ATF_CHECK(!aliases_find(text, bytes_of("no colon"), &items));
	ATF_CHECK(!aliases_find(text, bytes_of("bob"), &items));
	ATF_CHECK(!aliases_find(text, bytes_of(""), &items));
}

ATF_TC_WITHOUT_HEAD(aliases_next__tells_lines_that_are_none);
ATF_TC_BODY(aliases_next__tells_lines_that_are_none, tc)
{
	struct bytes rest = bytes_of(" lost\na: b\nno colon\n: x\n\"a: b\n");
	struct aliases_entry e;
	char got[16] = "";

	while (aliases_next(&rest, &e))
		strcat(got, e.is_bad ? "!" : "e");
	ATF_CHECK_STREQ("!e!!!", got);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, aliases_item__takes_every_form);
	ATF_TP_ADD_TC(tp, aliases_item__longer_than_the_room_is_none);
	ATF_TP_ADD_TC(tp, aliases_find__name_in_any_case_and_the_first);
	ATF_TP_ADD_TC(tp, aliases_next__tells_lines_that_are_none);
	return (atf_no_error());
}
