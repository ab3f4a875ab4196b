/* SPDX-License-Identifier: ISC */
#include "mail/address.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* The mailboxes in a list, each with a blank behind it; `!' is a mistake. */
static const struct {
	const char *list;
	const char *want;
} ROWS[] = {
	{ "", "" },
	{ " \n ", "" },
	{ "root", "root " },
	{ "bruce@gnat", "bruce@gnat " },
	{ "bruce@gnat, ann@gnat", "bruce@gnat ann@gnat " },
	{ "bruce@gnat,ann@gnat", "bruce@gnat ann@gnat " },
	{ ",, bruce@gnat ,, ann@gnat,", "bruce@gnat ann@gnat " },
	{ "Bruce <bruce@gnat>", "bruce@gnat " },
	{ "Bruce Q. Public <bruce@gnat>, <ann@gnat>", "bruce@gnat ann@gnat " },
	{ "\"Public, Bruce\" <bruce@gnat>", "bruce@gnat " },
	{ "\"a \\\" < b\" <bruce@gnat>", "bruce@gnat " },
	{ "bruce@gnat (Bruce, of gnat)", "bruce@gnat " },
	{ "(a (nested \\) comment)) bruce (x) @ (y) gnat (z)", "bruce@gnat " },
	{ "bruce . q @ gnat . example", "bruce.q@gnat.example " },
	{ "=?utf-8?q?J=C3=BCrgen?= <j@gnat>", "j@gnat " },
	{ "J\xc3\xbcrgen <j\xc3\xbc@gnat>", "j\xc3\xbc@gnat " },
	/* Folded. */
	{ "Bruce\n <bruce@gnat>,\n\tann@gnat\n", "bruce@gnat ann@gnat " },
	{ "Bruce\r\n <bruce@gnat>,\r\n\tann@gnat\r\n",
	    "bruce@gnat ann@gnat " },
	/* Groups. */
	{ "undisclosed-recipients:;", "" },
	{ "A Group: Ed <ed@a>,joe@b, John <j@c>; d@d", "ed@a joe@b j@c d@d " },
	{ "Empty: ; , x@y", "x@y " },
	{ "\"a:b\": x@y;", "x@y " },
	/* As some write them. */
	{ "bruce@gnat; ann@gnat", "bruce@gnat ann@gnat " },
	{ "mailto:bruce@gnat", "bruce@gnat " },
	/* Local parts and domains. */
	{ "\"bruce q\"@gnat", "\"bruce q\"@gnat " },
	{ "\"a,b:c;d<e>(f)\"@gnat", "\"a,b:c;d<e>(f)\"@gnat " },
	{ "x <\"a\\\"b\"@gnat>", "\"a\\\"b\"@gnat " },
	{ "bruce@[192.0.2.7]", "bruce@[192.0.2.7] " },
	{ "bruce@[IPv6:2001:db8::7]", "bruce@[IPv6:2001:db8::7] " },
	/* Source routes. */
	{ "<@a,@b:bruce@gnat>, ann@gnat", "bruce@gnat ann@gnat " },
	{ "x <@a:bruce@gnat>", "bruce@gnat " },
	/* Mistakes. */
	{ "Bruce Public", "!" },
	{ "bruce@gnat ann@gnat", "!" },
	{ "a@b, Bruce <bruce@gnat", "a@b !" },
	/* One of them is that one alone. */
	{ "a@b, Bruce Public, c@d", "a@b !c@d " },
	{ "bruce@gnat>, c@d", "!c@d " },
	{ "a)b \"x, y\" <z, c@d", "!c@d " },
	{ "<>, \"x, y\" <c@d>", "!c@d " },
	{ "bruce@gnat>", "!" },
	{ "<>", "!" },
	{ "x <>", "!" },
	{ "<<bruce@gnat>>", "!" },
	{ "<bruce@gnat> x", "!" },
	{ "<bruce@gnat> <ann@gnat>", "!" },
	{ "<bruce gnat>", "!" },
	{ "<bruce@gnat,ann@gnat>", "bruce@gnat,ann@gnat " },
	{ "<bruce:x@gnat>", "!" },
	{ "\"bruce", "!" },
	{ "(bruce", "!" },
	{ "bruce)", "!" },
	{ "bruce\\@gnat", "!" },
	{ "bruce@[192.0.2.7", "!" },
	{ "bruce@192]", "!" },
};

static void
check_list(struct bytes list, const char *want, size_t row)
{
	char store[256];
	char got[512] = "";
	struct buf b;

	buf_init(&b, store, sizeof(store));
	for (;;) {
		enum address_status status = address_next(&list, &b);

		if (status == ADDRESS_END)
			break;
		if (status == ADDRESS_BAD) {
			strcat(got, "!");
			continue;
		}
		ATF_REQUIRE(buf_cstr(&b) != NULL);
		strcat(got, store);
		strcat(got, " ");
	}
	ATF_CHECK_MSG(strcmp(want, got) == 0, "row %zu: want %s, got %s", row,
	    want, got);
}

ATF_TC_WITHOUT_HEAD(address_next__takes_every_form_of_list_apart);
ATF_TC_BODY(address_next__takes_every_form_of_list_apart, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++)
		check_list(bytes_of(ROWS[i].list), ROWS[i].want, i);
}

ATF_TC_WITHOUT_HEAD(address_qualify__adds_a_domain_where_there_is_none);
ATF_TC_BODY(address_qualify__adds_a_domain_where_there_is_none, tc)
{
	static const char *const rows[][2] = { { "", "" },
		{ " root\n", " root@h.x\n" },
		{ " root (Cron Daemon)\n", " root@h.x (Cron Daemon)\n" },
		{ " ann, bob@x.example,\n eve\n",
		    " ann@h.x, bob@x.example,\n eve@h.x\n" },
		{ " A <a>, \"b, c\" <d> (e)", " A <a@h.x>, \"b, c\" <d@h.x> (e)" },
		{ "\"a@b\", \"c d\"@e", "\"a@b\"@h.x, \"c d\"@e" },
		{ "friends: a, b@c;, d", "friends: a@h.x, b@c;, d@h.x" },
		{ "undisclosed-recipients:;\n", "undisclosed-recipients:;\n" },
		{ ",, a ,,", ",, a@h.x ,," },
		{ "two words, a", "two words, a@h.x" },
		{ "<>, <a", "<>, <a" },
		{ "x@[192.0.2.1], y", "x@[192.0.2.1], y@h.x" },
		/* In brackets a quote is none, and an `@` is no domain's. */
		{ "[a\"b]c@d", "[a\"b]c@d" },
		{ "[a@b]", "[a@b]@h.x" } };
	char store[256];
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&b, store, sizeof(store));
		ATF_CHECK(address_qualify(bytes_of(rows[i][0]), "h.x", &b));
		ATF_CHECK_STREQ(rows[i][1], buf_cstr(&b));
	}
	buf_init(&b, store, 4);
	ATF_CHECK(!address_qualify(bytes_of("root"), "h.x", &b));
}

ATF_TC_WITHOUT_HEAD(address_next__a_nul_is_in_no_address);
ATF_TC_BODY(address_next__a_nul_is_in_no_address, tc)
{
	check_list((struct bytes) { "a\0b@c", 5 }, "!", 0);
}

ATF_TC_WITHOUT_HEAD(address_next__a_name_may_be_longer_than_the_room);
ATF_TC_BODY(address_next__a_name_may_be_longer_than_the_room, tc)
{
	char list[400];
	char store[16];
	struct buf b;
	struct bytes rest;

	buf_init(&b, store, sizeof(store));
	memset(list, 'x', sizeof(list));
	memcpy(list + 300, " <a@b>", 7);
	rest = bytes_of(list);
	ATF_CHECK_EQ(ADDRESS_FOUND, address_next(&rest, &b));
	ATF_CHECK_STREQ("a@b", buf_cstr(&b));
	/* A mailbox may not. */
	list[300] = '\0';
	rest = bytes_of(list);
	ATF_CHECK_EQ(ADDRESS_BAD, address_next(&rest, &b));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, address_next__takes_every_form_of_list_apart);
	ATF_TP_ADD_TC(
	    tp, address_qualify__adds_a_domain_where_there_is_none);
	ATF_TP_ADD_TC(tp, address_next__a_nul_is_in_no_address);
	ATF_TP_ADD_TC(tp, address_next__a_name_may_be_longer_than_the_room);
	return (atf_no_error());
}
