/* SPDX-License-Identifier: ISC */
#include "order.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

enum {
	WORDS_MAX = 8
};

/* The words of a command line, parted by blanks. */
static bool
parse(const char *line, struct order *o)
{
	static char store[256];
	static char *argv[WORDS_MAX + 1];
	char *rest = store;
	int argc = 0;
	char *word;

	(void)snprintf(store, sizeof(store), "smtpserv-remote %s", line);
	while ((word = strsep(&rest, " ")) != NULL) {
		ATF_REQUIRE(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return (order_parse(argc, argv, o));
}

/* OB-1. */
ATF_TC_WITHOUT_HEAD(order_parse__takes_what_qmail_remote_does);
ATF_TC_BODY(order_parse__takes_what_qmail_remote_does, tc)
{
	struct order o;

	ATF_REQUIRE(parse("example.org a@x b@y c@z", &o));
	ATF_CHECK_EQ(ORDER_SEND, o.kind);
	ATF_CHECK_EQ(4, o.argc);
	ATF_CHECK_STREQ("example.org", o.argv[0]);
	ATF_CHECK_STREQ("c@z", o.argv[3]);
	ATF_REQUIRE(parse("-f file example.org a@x b@y", &o));
	ATF_CHECK_STREQ("file", o.config);
	ATF_CHECK_EQ(3, o.argc);
	ATF_CHECK(!parse("example.org a@x", &o));
	ATF_CHECK_EQ(ORDER_SEND, o.kind);
	ATF_CHECK(!parse("example.org", &o));
	ATF_CHECK_EQ(ORDER_SEND, o.kind);
}

ATF_TC_WITHOUT_HEAD(order_parse__knows_the_feed_and_the_dry_run);
ATF_TC_BODY(order_parse__knows_the_feed_and_the_dry_run, tc)
{
	struct order o;

	ATF_REQUIRE(parse("--feed example.org", &o));
	ATF_CHECK_EQ(ORDER_FEED, o.kind);
	ATF_REQUIRE(parse("--feed --requiretls -f file [r]:25", &o));
	ATF_CHECK(o.is_requiretls && !o.is_tlsno);
	ATF_CHECK_STREQ("[r]:25", o.argv[0]);
	ATF_REQUIRE(parse("-f file --feed --tlsno x", &o));
	ATF_CHECK(o.is_tlsno);
	ATF_REQUIRE(parse("-n example.org", &o));
	ATF_CHECK_EQ(ORDER_TRY, o.kind);
	ATF_CHECK(!parse("--feed", &o));
	ATF_CHECK(!parse("-n a b", &o));
}

/*
 * OB-188: a stranger's domain may be any word, but is the host, or all is
 * refused.
 */
ATF_TC_WITHOUT_HEAD(order_parse__no_host_becomes_an_option);
ATF_TC_BODY(order_parse__no_host_becomes_an_option, tc)
{
	static const char *const hosts[] = { "-x", "-ffile", "-nx", "--feed=x",
		"--", "-", "--help", "-F" };
	char line[64];
	struct order o;
	size_t i;

	for (i = 0; i < ARRAY_LEN(hosts); i++) {
		(void)snprintf(line, sizeof(line), "%s a@x b@y", hosts[i]);
		ATF_REQUIRE_MSG(parse(line, &o), "%s", hosts[i]);
		ATF_CHECK_EQ(ORDER_SEND, o.kind);
		ATF_CHECK_STREQ(hosts[i], o.argv[0]);
	}
	ATF_CHECK(!parse("-n a@x b@y", &o));
	ATF_CHECK(!parse("-f a@x b@y", &o));
	ATF_CHECK(!parse("--feed a@x b@y", &o));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, order_parse__takes_what_qmail_remote_does);
	ATF_TP_ADD_TC(tp, order_parse__knows_the_feed_and_the_dry_run);
	ATF_TP_ADD_TC(tp, order_parse__no_host_becomes_an_option);
	return (atf_no_error());
}
