/* SPDX-License-Identifier: ISC */
#include "amqp/amqpsite.h"

#include <atf-c.h>
#include <string.h>

/* What is wrong with such keys: the key, or "" for nothing. */
static const char *
wrong_key(const char *nodes, const char *ca, const char *cert,
    const char *login)
{
	struct settings_amqp a = { .nodes = nodes,
		.ca = ca,
		.cert = cert,
		.key = "",
		.login = login };
	const char *key;

	return (amqpsite_wrong(&a, &key) == NULL ? "" : key);
}

ATF_TC_WITHOUT_HEAD(amqpsite_wrong__names_the_key_to_look_at);
ATF_TC_BODY(amqpsite_wrong__names_the_key_to_look_at, tc)
{
	ATF_CHECK_STREQ("", wrong_key("127.0.0.1:1,[::1]:2", "", "", "/l"));
	ATF_CHECK_STREQ("", wrong_key("a.example:1", "/ca", "", "/l"));
	ATF_CHECK_STREQ("", wrong_key("a.example:1", "/ca", "/c", ""));
	ATF_CHECK_STREQ("nodes", wrong_key("", "/ca", "/c", ""));
	ATF_CHECK_STREQ("ca", wrong_key("a.example:1", "", "", "/l"));
	ATF_CHECK_STREQ("ca", wrong_key("127.0.0.1:1,192.0.2.1:1", "", "", "/l"));
	ATF_CHECK_STREQ("cert", wrong_key("127.0.0.1:1", "", "/c", "/l"));
	ATF_CHECK_STREQ("login", wrong_key("127.0.0.1:1", "", "", ""));
	ATF_CHECK_STREQ("login", wrong_key("a.example:1", "/ca", "", ""));
}

ATF_TC_WITHOUT_HEAD(amqpsite_init__has_each_node_and_the_key_of_the_cert);
ATF_TC_BODY(amqpsite_init__has_each_node_and_the_key_of_the_cert, tc)
{
	struct settings_amqp a = { .nodes = "a.example:5671,[::1]:2,192.0.2.1:3",
		.vhost = "mail",
		.ca = "/ca",
		.cert = "/c",
		.key = "",
		.login = "" };
	struct amqpsite site;

	amqpsite_init(&site, &a);
	ATF_REQUIRE_EQ(3, site.nnodes);
	ATF_CHECK_STREQ("a.example", site.nodes[0].host);
	ATF_CHECK_EQ(5671, site.nodes[0].port);
	ATF_CHECK_STREQ("::1", site.nodes[1].host);
	ATF_CHECK_STREQ("192.0.2.1", site.nodes[2].host);
	ATF_CHECK_STREQ("/c", site.key);
	a.key = "/k";
	amqpsite_init(&site, &a);
	ATF_CHECK_STREQ("/k", site.key);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, amqpsite_wrong__names_the_key_to_look_at);
	ATF_TP_ADD_TC(tp, amqpsite_init__has_each_node_and_the_key_of_the_cert);
	return (atf_no_error());
}
