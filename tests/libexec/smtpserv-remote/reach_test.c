/* SPDX-License-Identifier: ISC */
#include "reach.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/sysclock.h"

static const unsigned char HERE[] = { 127, 0, 0, 1 };
static const unsigned char ELSEWHERE[] = { 192, 0, 2, 1 };

static int pair[2];

/* A port of this machine, and whoever listens there. */
static int
open_port(int backlog, uint16_t *port)
{
	union reach_address a;
	socklen_t n = sizeof(a.in4);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	reach_set(&a, false, HERE, 0);
	ATF_REQUIRE(fd >= 0 && bind(fd, &a.any, n) == 0);
	ATF_REQUIRE(listen(fd, backlog) == 0);
	ATF_REQUIRE(getsockname(fd, &a.any, &n) == 0);
	*port = ntohs(a.in4.sin_port);
	return (fd);
}

static enum reach_status
try(uint16_t port, const union reach_address *from, int64_t ms, int *fd)
{
	union reach_address to;

	if (pair[0] == 0)
		ATF_REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	reach_set(&to, false, HERE, port);
	return (reach(&to, from, pair[0], sysclock_ms() + ms, fd));
}

/* OB-36: nothing waits for the peer to have acknowledged what was before. */
ATF_TC_WITHOUT_HEAD(reach__connects_without_nagle);
ATF_TC_BODY(reach__connects_without_nagle, tc)
{
	uint16_t port;
	int on = 0;
	socklen_t n = sizeof(on);
	int fd;

	(void)open_port(5, &port);
	ATF_REQUIRE_EQ(REACH_OK, try(port, NULL, 10000, &fd));
	ATF_REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &n) == 0);
	ATF_CHECK(on != 0);
}

/* OB-33. */
ATF_TC_WITHOUT_HEAD(reach__refused_is_told_at_once);
ATF_TC_BODY(reach__refused_is_told_at_once, tc)
{
	uint16_t port;
	int fd;

	ATF_REQUIRE(close(open_port(5, &port)) == 0);
	ATF_CHECK_EQ(REACH_FAILED, try(port, NULL, 10000, &fd));
	ATF_CHECK_EQ(ECONNREFUSED, errno);
	ATF_CHECK_EQ(-1, fd);
}

/* A queue that is full answers no more, as a silent host does. */
static void
fill(uint16_t port)
{
	int fd;
	int i;

	for (i = 0; i < 8; i++)
		if (try(port, NULL, 50, &fd) != REACH_OK)
			return;
	atf_tc_skip("a full queue of connections is not silent here");
}

/* OB-33. */
ATF_TC_WITHOUT_HEAD(reach__silence_has_its_time);
ATF_TC_BODY(reach__silence_has_its_time, tc)
{
	uint16_t port;
	int fd;

	(void)open_port(0, &port);
	fill(port);
	ATF_CHECK_EQ(REACH_FAILED, try(port, NULL, 50, &fd));
	ATF_CHECK_EQ(ETIMEDOUT, errno);
}

/* OB-171: nobody waits for a talker that is gone. */
ATF_TC_WITHOUT_HEAD(reach__ends_with_who_asked);
ATF_TC_BODY(reach__ends_with_who_asked, tc)
{
	uint16_t port;
	int fd;

	(void)open_port(0, &port);
	fill(port);
	ATF_REQUIRE(close(pair[1]) == 0);
	ATF_CHECK_EQ(REACH_GIVEN_UP, try(port, NULL, 60000, &fd));
}

/* OB-35. */
ATF_TC_WITHOUT_HEAD(reach__from_is_our_address_or_nothing);
ATF_TC_BODY(reach__from_is_our_address_or_nothing, tc)
{
	static const unsigned char other[] = { 127, 0, 0, 2 };
	union reach_address from;
	union reach_address got;
	socklen_t n = sizeof(got.in4);
	uint16_t port;
	int fd;

	(void)open_port(5, &port);
	reach_set(&from, false, other, 0);
	ATF_REQUIRE_EQ(REACH_OK, try(port, &from, 10000, &fd));
	ATF_REQUIRE(getsockname(fd, &got.any, &n) == 0);
	ATF_CHECK_EQ(from.in4.sin_addr.s_addr, got.in4.sin_addr.s_addr);
	reach_set(&from, false, ELSEWHERE, 0);
	ATF_CHECK_EQ(REACH_NO_SOURCE, try(port, &from, 10000, &fd));
	ATF_CHECK_EQ(EADDRNOTAVAIL, errno);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, reach__connects_without_nagle);
	ATF_TP_ADD_TC(tp, reach__refused_is_told_at_once);
	ATF_TP_ADD_TC(tp, reach__silence_has_its_time);
	ATF_TP_ADD_TC(tp, reach__ends_with_who_asked);
	ATF_TP_ADD_TC(tp, reach__from_is_our_address_or_nothing);
	return (atf_no_error());
}
