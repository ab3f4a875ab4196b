/* SPDX-License-Identifier: ISC */
#include "visitor.h"

#include <atf-c.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"

static struct visitor visitor;

/* The client's end; ours becomes descriptors 0 and 1. */
static int
connect_client(void)
{
	int pair[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ATF_REQUIRE(dup2(pair[0], STDIN_FILENO) >= 0);
	ATF_REQUIRE_EQ(0, close(pair[0]));
	memset(&visitor, 0, sizeof(visitor));
	return (pair[1]);
}

static void
say(int fd, const char *text)
{
	ATF_REQUIRE_EQ(
	    (ssize_t)strlen(text), write(fd, text, strlen(text)));
}

/* A head that comes byte by byte ends with the time, not with the bytes. */
ATF_TC_WITHOUT_HEAD(visitor_read__waits_for_no_slow_client);
ATF_TC_BODY(visitor_read__waits_for_no_slow_client, tc)
{
	unsigned int code = 0;
	int fd = connect_client();

	memcpy(visitor.store, "GET / HT", 8);
	visitor.n = 8;
	ATF_CHECK(visitor_read(&visitor, sysclock_ms(), &code));
	ATF_CHECK_EQ(408, code);
	ATF_REQUIRE_EQ(0, close(fd));
	/* One that said nothing hears nothing. */
	fd = connect_client();
	ATF_CHECK(!visitor_read(&visitor, sysclock_ms(), &code));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TC_WITHOUT_HEAD(visitor_read__has_the_whole_request);
ATF_TC_BODY(visitor_read__has_the_whole_request, tc)
{
	unsigned int code = 1;
	int fd = connect_client();

	say(fd, "GET /style.css HTTP/1.1\r\nHost: localhost\r\n\r\n");
	ATF_CHECK(visitor_read(&visitor, SYSCLOCK_NEVER, &code));
	ATF_CHECK_EQ(0, code);
	ATF_CHECK(
	    bytes_same(bytes_of("/style.css"), visitor.request.target));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, visitor_read__waits_for_no_slow_client);
	ATF_TP_ADD_TC(tp, visitor_read__has_the_whole_request);
	return (atf_no_error());
}
