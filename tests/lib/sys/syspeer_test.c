/* SPDX-License-Identifier: ISC */
#include "sys/syspeer.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

union address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

static union address
address_of(const char *ip, uint16_t port)
{
	union address a;

	memset(&a, 0, sizeof(a));
	if (strchr(ip, ':') != NULL) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
		ATF_REQUIRE(inet_pton(AF_INET6, ip, &a.in6.sin6_addr) == 1);
	} else {
		a.in4.sin_family = AF_INET;
		a.in4.sin_port = htons(port);
		ATF_REQUIRE(inet_pton(AF_INET, ip, &a.in4.sin_addr) == 1);
	}
	return (a);
}

ATF_TC_WITHOUT_HEAD(syspeer_set__prints_each_kind_of_address);
ATF_TC_BODY(syspeer_set__prints_each_kind_of_address, tc)
{
	static const struct {
		const char *in;
		uint16_t port;
		const char *ip;
		const char *text;
		bool is_v6;
	} rows[] = {
		{ "192.0.2.7", 25, "192.0.2.7", "25", false },
		{ "255.255.255.255", 65535, "255.255.255.255", "65535", false },
		{ "2001:db8::7", 1, "2001:db8::7", "1", true },
		{ "::ffff:192.0.2.7", 9, "192.0.2.7", "9", false },
		{ "::1", 0, "::1", "0", true },
	};
	struct syspeer peer;
	union address a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		a = address_of(rows[i].in, rows[i].port);
		syspeer_set(&peer, &a.any);
		ATF_CHECK_STREQ(rows[i].ip, peer.ip);
		ATF_CHECK_STREQ(rows[i].text, peer.port);
		ATF_CHECK_EQ(rows[i].is_v6, peer.is_v6);
	}
	a.any.sa_family = AF_UNIX;
	syspeer_set(&peer, &a.any);
	ATF_CHECK_STREQ("", peer.ip);
	ATF_CHECK_STREQ("", peer.port);
}

ATF_TC_WITHOUT_HEAD(syspeer_remote__is_the_other_ends_local);
ATF_TC_BODY(syspeer_remote__is_the_other_ends_local, tc)
{
	union address a = address_of("127.0.0.1", 0);
	socklen_t n = sizeof(a);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct syspeer remote;
	struct syspeer local;
	int fds[2];
	int served;

	ATF_REQUIRE(bind(server, &a.any, n) == 0 && listen(server, 1) == 0 &&
	    getsockname(server, &a.any, &n) == 0);
	ATF_REQUIRE(!syspeer_remote(&remote, client));
	ATF_REQUIRE(connect(client, &a.any, n) == 0);
	served = accept(server, NULL, NULL);
	ATF_REQUIRE(served >= 0);
	ATF_CHECK(syspeer_remote(&remote, served));
	ATF_CHECK(syspeer_local(&local, client));
	ATF_CHECK_STREQ("127.0.0.1", remote.ip);
	ATF_CHECK_STREQ(local.port, remote.port);
	ATF_REQUIRE(pipe(fds) == 0);
	ATF_CHECK(!syspeer_remote(&remote, fds[0]));
	ATF_CHECK_STREQ("", remote.ip);
	ATF_CHECK(!syspeer_local(&local, -1));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, syspeer_set__prints_each_kind_of_address);
	ATF_TP_ADD_TC(tp, syspeer_remote__is_the_other_ends_local);
	return (atf_no_error());
}
