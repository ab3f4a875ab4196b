/* SPDX-License-Identifier: ISC */
#include "policy/mapcall.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sysclock.h"

static char store[SOCKETMAP_WIRE_MAX];
static char why_store[128];
static char key[128];
static struct settings_policy where;
static struct bytes text;
static struct buf why;

/* A socket that somebody listens at and nobody answers. */
static int
begin(struct mapcall *call)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(bind(fd, (struct sockaddr *)&in, n) == 0);
	ATF_REQUIRE(getsockname(fd, (struct sockaddr *)&in, &n) == 0);
	ATF_REQUIRE(listen(fd, 5) == 0);
	(void)snprintf(key, sizeof(key), "socketmap:inet:127.0.0.1:%u:postfix",
	    ntohs(in.sin_port));
	ATF_REQUIRE(settings_policy(bytes_of(key), &where));
	buf_init(&why, why_store, sizeof(why_store));
	*call = (struct mapcall) { .where = &where,
		.watch = -1,
		.until_ms = sysclock_after(sysclock_ms(), 60),
		.store = store,
		.cap = sizeof(store),
		.why = &why };
	return (fd);
}

static void
fails(const struct mapcall *call, int err)
{
	buf_reset(&why);
	ATF_CHECK_EQ(SOCKETMAP_FAILED,
	    mapcall_ask(call, bytes_of("example.org"), &text));
	ATF_REQUIRE(buf_cstr(&why) != NULL);
	ATF_CHECK_MSG(strstr(why_store, strerror(err)) != NULL, "%s",
	    why_store);
}

/* OB-130 */
ATF_TC_WITHOUT_HEAD(mapcall_ask__silence_ends);
ATF_TC_BODY(mapcall_ask__silence_ends, tc)
{
	struct mapcall call;
	int fd = begin(&call);

	call.until_ms = sysclock_ms() + 20;
	fails(&call, ETIMEDOUT);
	(void)close(fd);
}

ATF_TC_WITHOUT_HEAD(mapcall_ask__nobody_is_told_at_once);
ATF_TC_BODY(mapcall_ask__nobody_is_told_at_once, tc)
{
	struct mapcall call;

	(void)close(begin(&call));
	fails(&call, ECONNREFUSED);
	ATF_REQUIRE(settings_policy(
	    bytes_of("socketmap:unix:/nonexistent/map:postfix"), &where));
	fails(&call, ENOENT);
}

/* OB-171: the wait for an answer does not outlast who wants it. */
ATF_TC_WITHOUT_HEAD(mapcall_ask__ends_with_who_asked);
ATF_TC_BODY(mapcall_ask__ends_with_who_asked, tc)
{
	struct mapcall call;
	int fd = begin(&call);
	int ends[2];

	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
	ATF_REQUIRE(close(ends[1]) == 0);
	call.watch = ends[0];
	fails(&call, ECANCELED);
	(void)close(fd);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mapcall_ask__silence_ends);
	ATF_TP_ADD_TC(tp, mapcall_ask__nobody_is_told_at_once);
	ATF_TP_ADD_TC(tp, mapcall_ask__ends_with_who_asked);
	return (atf_no_error());
}
