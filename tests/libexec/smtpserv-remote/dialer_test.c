/* SPDX-License-Identifier: ISC */
/*
 * OB-183: a talker that is not ours any more gets no further than to the
 * addresses of the route.  The dialer runs in a child, and the test is the
 * talker.
 */
#include "dialer.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "hand.h"
#include "reach.h"
#include "sys/syspass.h"

static const struct settings_remote remote = { .source = "",
	.source6 = "",
	.ca = "",
	.cert = "",
	.key = "",
	.policy = "",
	.timeout = { .connect = 10 } };

static struct settings_remote with;
static int talk = -1;
static pid_t child;
static char record[HAND_RECORD_MAX];

static int
listen_here(uint16_t *port)
{
	static const unsigned char here[] = { 127, 0, 0, 1 };
	union reach_address a;
	socklen_t n = sizeof(a.in4);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	reach_set(&a, false, here, 0);
	ATF_REQUIRE(fd >= 0 && bind(fd, &a.any, n) == 0);
	ATF_REQUIRE(listen(fd, 50) == 0);
	ATF_REQUIRE(getsockname(fd, &a.any, &n) == 0);
	*port = ntohs(a.in4.sin_port);
	return (fd);
}

static void
start(const char *host, enum settings_remotetls tls)
{
	static struct dialer d;
	int pair[2];

	ATF_REQUIRE(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	with = remote;
	with.tls = tls;
	d = (struct dialer){
		.remote = &with, .talk = pair[0], .watch = -1, .hop = host
	};
	ATF_REQUIRE(relay_parse(bytes_of(host), &d.finder.to));
	d.finder.port = d.finder.to.port;
	child = fork();
	ATF_REQUIRE(child >= 0);
	if (child == 0) {
		(void)close(pair[1]);
		if (dialer_begin(&d))
			dialer_serve(&d);
		_exit(0);
	}
	(void)close(pair[0]);
	talk = pair[1];
}

/* The answer that comes unasked. */
#define FIRST '1'

/* The answer to a byte; false: the dialer has ended. */
static bool
ask(char byte, struct hand *h, int *fd)
{
	ssize_t n;

	if (byte != FIRST)
		ATF_REQUIRE(send(talk, &byte, 1, MSG_NOSIGNAL) == 1);
	n = syspass_receive(talk, record, sizeof(record), fd);
	return (n > 0 && hand_parse((struct bytes){ record, (size_t)n }, h));
}

static void
finish(void)
{
	int status;

	ATF_REQUIRE(close(talk) == 0);
	ATF_REQUIRE(waitpid(child, &status, 0) == child);
	ATF_CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

ATF_TC_WITHOUT_HEAD(dialer_serve__connects_to_the_route_and_no_further);
ATF_TC_BODY(dialer_serve__connects_to_the_route_and_no_further, tc)
{
	char host[64];
	struct hand h;
	uint16_t port;
	int listener = listen_here(&port);
	int peer;
	int fd;

	(void)snprintf(
	    host, sizeof(host), "[127.0.0.1]:%u", (unsigned int)port);
	start(host, SETTINGS_TLS_NONE);
	ATF_REQUIRE(ask(FIRST, &h, &fd));
	ATF_REQUIRE_EQ(HAND_ADDRESS, h.kind);
	ATF_CHECK(bytes_same(bytes_of("[127.0.0.1]"), h.host));
	ATF_CHECK(bytes_same(bytes_of("127.0.0.1"), h.address));
	ATF_CHECK_EQ(port, h.port);
	ATF_CHECK(h.is_last && h.is_best);
	ATF_CHECK_EQ(HAND_TLS_NONE, h.tls);
	peer = accept(listener, NULL, NULL);
	ATF_REQUIRE(
	    peer >= 0 && write(fd, "x", 1) == 1 && read(peer, record, 1) == 1);
	ATF_REQUIRE(ask('n', &h, &fd));
	ATF_CHECK_EQ(HAND_NO, h.kind);
	ATF_CHECK_EQ('Z', h.letter);
	ATF_CHECK_EQ(-1, fd);
	/* And the connection is closed, though the talker still has it. */
	finish();
}

/* Any byte but those, and those that were not to be said now. */
ATF_TC_WITHOUT_HEAD(dialer_serve__ends_at_what_a_talker_does_not_say);
ATF_TC_BODY(dialer_serve__ends_at_what_a_talker_does_not_say, tc)
{
	static const struct {
		const char *bytes;
		enum settings_remotetls tls;
	} rows[] = {
		{ "1x", SETTINGS_TLS_MAY },
		{ "1e", SETTINGS_TLS_MAY },
		/* Clear text where it is not allowed, and TLS. */
		{ "1c", SETTINGS_TLS_ENCRYPT },
		{ "1c", SETTINGS_TLS_NONE },
		{ "1t", SETTINGS_TLS_NONE },
		/* Clear text once more. */
		{ "1cc", SETTINGS_TLS_MAY },
	};
	char host[64];
	struct hand h;
	uint16_t port;
	size_t i;
	int fd;

	(void)listen_here(&port);
	(void)snprintf(
	    host, sizeof(host), "[127.0.0.1]:%u", (unsigned int)port);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *at = rows[i].bytes;

		start(host, rows[i].tls);
		for (; *at != '\0' && at[1] != '\0'; at++)
			ATF_REQUIRE_MSG(
			    ask(*at, &h, &fd) && h.kind == HAND_ADDRESS,
			    "row %zu", i);
		ATF_CHECK_MSG(!ask(*at, &h, &fd), "row %zu", i);
		finish();
	}
}

/* OB-32: what a relay does is never a message's fault. */
ATF_TC_WITHOUT_HEAD(dialer_serve__without_its_helpers_says_later);
ATF_TC_BODY(dialer_serve__without_its_helpers_says_later, tc)
{
	struct hand h;
	int fd;

	/* Beside this test is no smtpserv-mx. */
	start("[relay.example]:25", SETTINGS_TLS_MAY);
	ATF_REQUIRE(ask(FIRST, &h, &fd));
	ATF_CHECK_EQ(HAND_NO, h.kind);
	ATF_CHECK_EQ('Z', h.letter);
	ATF_CHECK(bytes_same(bytes_of("4.3.0"), h.status));
	finish();
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, dialer_serve__connects_to_the_route_and_no_further);
	ATF_TP_ADD_TC(tp, dialer_serve__ends_at_what_a_talker_does_not_say);
	ATF_TP_ADD_TC(tp, dialer_serve__without_its_helpers_says_later);
	return (atf_no_error());
}
