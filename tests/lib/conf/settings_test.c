/* SPDX-License-Identifier: ISC */
#include "conf/settings.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(settings_host__joins_hostname_and_domain);
ATF_TC_BODY(settings_host__joins_hostname_and_domain, tc)
{
	static const struct {
		const char *hostname;
		const char *domain;
		const char *machine;
		const char *want; /* NULL: none */
	} rows[] = {
		{ "gnat", "example.test", "m", "gnat.example.test" },
		{ "gnat", "", "m", "gnat" },
		{ "", "", "m", "m" },
		{ "", "example.test", "m", "m.example.test" },
		/* A name that is whole already. */
		{ "gnat.example.test", "example.test", "m",
		    "gnat.example.test" },
		{ "", "Example.Test", "m.example.test", "m.example.test" },
		{ "example.test", "example.test", "m", "example.test" },
		/* Not a whole one, though it looks a little like it. */
		{ "gnatexample.test", "example.test", "m",
		    "gnatexample.test.example.test" },
		{ "t", "test", "m", "t.test" },
		/* No name at all. */
		{ "", "", "", NULL },
		{ "", "", "my machine", NULL },
		{ "", "example.test", "bad_host!", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct settings s = { .hostname = rows[i].hostname,
			.domain = rows[i].domain };
		char store[300];
		struct buf b;
		bool good;

		buf_init(&b, store, sizeof(store));
		good = settings_host(&s, rows[i].machine, &b);
		ATF_CHECK_EQ_MSG(rows[i].want != NULL, good, "row %zu", i);
		if (good && rows[i].want != NULL)
			ATF_CHECK_STREQ(rows[i].want, buf_cstr(&b));
	}
}

ATF_TC_WITHOUT_HEAD(settings_host__longest_name_has_255_octets);
ATF_TC_BODY(settings_host__longest_name_has_255_octets, tc)
{
	/* 253 octets of labels, a dot, and one or two octets of domain. */
	char hostname[256] = "";
	struct settings s = { .hostname = hostname, .domain = "t" };
	char store[300];
	struct buf b;
	size_t i;

	for (i = 0; i < 253; i++)
		hostname[i] = i % 50 == 49 ? '.' : 'x';
	buf_init(&b, store, 256);
	ATF_CHECK(settings_host(&s, "", &b));
	ATF_CHECK_EQ(255, buf_view(&b).n);
	s.domain = "tt";
	buf_init(&b, store, sizeof(store));
	ATF_CHECK(!settings_host(&s, "", &b));
	buf_init(&b, store, 100);
	ATF_CHECK_MSG(!settings_host(&s, "", &b), "no room");
}

ATF_TC_WITHOUT_HEAD(settings_next_listen__gives_each_address_and_port);
ATF_TC_BODY(settings_next_listen__gives_each_address_and_port, tc)
{
	struct bytes rest = bytes_of("0.0.0.0:25,[::1]:2525,10.0.0.1:65535");
	struct bytes address;
	uint32_t port = 0;

	ATF_REQUIRE(settings_next_listen(&rest, &address, &port));
	ATF_CHECK(bytes_same(address, bytes_of("0.0.0.0")));
	ATF_CHECK_EQ(25, port);
	ATF_REQUIRE(settings_next_listen(&rest, &address, &port));
	ATF_CHECK(bytes_same(address, bytes_of("::1")));
	ATF_CHECK_EQ(2525, port);
	ATF_REQUIRE(settings_next_listen(&rest, &address, &port));
	ATF_CHECK(bytes_same(address, bytes_of("10.0.0.1")));
	ATF_CHECK_EQ(65535, port);
	ATF_CHECK(!settings_next_listen(&rest, &address, &port));
}

ATF_TC_WITHOUT_HEAD(settings_next_node__gives_each_host_and_port);
ATF_TC_BODY(settings_next_node__gives_each_host_and_port, tc)
{
	struct bytes rest = bytes_of("a.example:5671,[::1]:2,192.0.2.1:3");
	struct bytes host;
	uint32_t port;

	ATF_REQUIRE(settings_next_node(&rest, &host, &port));
	ATF_CHECK(bytes_same(bytes_of("a.example"), host));
	ATF_CHECK_EQ(5671, port);
	ATF_REQUIRE(settings_next_node(&rest, &host, &port));
	ATF_CHECK(bytes_same(bytes_of("::1"), host));
	ATF_REQUIRE(settings_next_node(&rest, &host, &port));
	ATF_CHECK(bytes_same(bytes_of("192.0.2.1"), host));
	ATF_CHECK_EQ(3, port);
	ATF_CHECK(!settings_next_node(&rest, &host, &port));
}

ATF_TC_WITHOUT_HEAD(settings_is_loopback__knows_this_machine);
ATF_TC_BODY(settings_is_loopback__knows_this_machine, tc)
{
	static const char *const ours[] = { "127.0.0.1", "127.9.8.7", "::1",
		"localhost", "LocalHost" };
	static const char *const others[] = { "", "127", "127.0.0.1.example",
		"192.0.2.1", "::2", "localhost.example", "128.0.0.1" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(ours); i++)
		ATF_CHECK_MSG(
		    settings_is_loopback(bytes_of(ours[i])), "%s", ours[i]);
	for (i = 0; i < ARRAY_LEN(others); i++)
		ATF_CHECK_MSG(!settings_is_loopback(bytes_of(others[i])), "%s",
		    others[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, settings_host__joins_hostname_and_domain);
	ATF_TP_ADD_TC(tp, settings_host__longest_name_has_255_octets);
	ATF_TP_ADD_TC(tp, settings_next_listen__gives_each_address_and_port);
	ATF_TP_ADD_TC(tp, settings_next_node__gives_each_host_and_port);
	ATF_TP_ADD_TC(tp, settings_is_loopback__knows_this_machine);
	return (atf_no_error());
}
