/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* The environment of a case: `NAME=value` strings. */
static const char *const *environment;

static const char *
fake_env(const char *name)
{
	size_t n = strlen(name);
	size_t i;

	for (i = 0; environment[i] != NULL; i++)
		if (strncmp(environment[i], name, n) == 0 &&
		    environment[i][n] == '=')
			return (environment[i] + n + 1);
	return (NULL);
}

union address {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/* "" is an address of another family, as of a Unix socket. */
static union address
address_of(const char *ip, uint16_t port)
{
	union address a;

	memset(&a, 0, sizeof(a));
	if (ip[0] == '\0') {
		a.any.sa_family = AF_UNIX;
	} else if (strchr(ip, ':') != NULL) {
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

enum { ENV_MAX = 6 };

static const struct {
	const char *env[ENV_MAX];
	const char *socket; /* NULL: descriptor 0 is none */
	uint16_t socket_port;
	const char *ip;
	const char *port;
	const char *name;
	bool disagrees;
} ROWS[] = {
	/* A terminal or a pipe. */
	{ { NULL }, NULL, 0, "", "", "", false },
	/* inetd: only the socket knows. */
	{ { NULL }, "192.0.2.7", 1234, "192.0.2.7", "1234", "", false },
	{ { NULL }, "2001:db8::7", 65535, "2001:db8::7", "65535", "", false },
	{ { NULL }, "::ffff:192.0.2.7", 1, "192.0.2.7", "1", "", false },
	{ { NULL }, "", 0, "", "", "", false },
	/* tcpserver. */
	{ { "PROTO=TCP", "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=1234",
	      "TCPREMOTEHOST=host.example.org" },
	    "192.0.2.7", 1234,
	    "192.0.2.7", "1234", "host.example.org", false },
	/* A mapped client on a dual-stack listener. */
	{ { "PROTO=TCP", "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=1234" },
	    "::ffff:192.0.2.7", 1234, "192.0.2.7", "1234", "", false },
	{ { "TCPREMOTEIP=::ffff:192.0.2.7" }, NULL, 0,
	    "192.0.2.7", "", "", false },
	{ { "TCPREMOTEIP=::FFFF:192.0.2.7" }, NULL, 0,
	    "192.0.2.7", "", "", false },
	/* Old names for IPv6, and for TLS. */
	{ { "PROTO=TCP6", "TCP6REMOTEIP=2001:db8::7", "TCP6REMOTEPORT=5",
	      "TCP6REMOTEHOST=six.example" },
	    "2001:db8::7", 5, "2001:db8::7", "5", "six.example", false },
	{ { "SSLREMOTEIP=192.0.2.8", "SSLREMOTEPORT=6", "SSLREMOTEHOST=s.t" },
	    NULL, 0, "192.0.2.8", "6", "s.t", false },
	/* systemd. */
	{ { "REMOTE_ADDR=192.0.2.9", "REMOTE_PORT=77" }, "192.0.2.9", 77,
	    "192.0.2.9", "77", "", false },
	/* xinetd: REMOTE_HOST is an address there, or a name. */
	{ { "REMOTE_HOST=192.0.2.9" }, "192.0.2.9", 77,
	    "192.0.2.9", "77", "", false },
	{ { "REMOTE_HOST=::ffff:127.0.0.1" }, "::ffff:127.0.0.1", 77,
	    "127.0.0.1", "77", "", false },
	{ { "REMOTE_HOST=host.example.org" }, "192.0.2.9", 77,
	    "192.0.2.9", "77", "host.example.org", false },
	/* UCSPI comes first. */
	{ { "REMOTE_ADDR=192.0.2.1", "TCPREMOTEIP=192.0.2.2" }, NULL, 0,
	    "192.0.2.2", "", "", false },
	/* A proxy, or variables of somebody's shell: the variables win, and
	 * the socket's port is not theirs. */
	{ { "TCPREMOTEIP=192.0.2.7" }, "198.51.100.1", 1234,
	    "192.0.2.7", "", "", true },
	{ { "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=5" }, "198.51.100.1", 9,
	    "192.0.2.7", "5", "", true },
	/* The proxy that was admitted is not worth a word. */
	{ { "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=5",
	      "SMTPSERV_PROXY=198.51.100.1" }, "198.51.100.1", 9,
	    "192.0.2.7", "5", "", false },
	{ { "TCPREMOTEIP=192.0.2.7", "SMTPSERV_PROXY=198.51.100.1" },
	    "::ffff:198.51.100.1", 9, "192.0.2.7", "", "", false },
	{ { "TCPREMOTEIP=192.0.2.7", "SMTPSERV_PROXY=198.51.100.2" },
	    "198.51.100.1", 9, "192.0.2.7", "", "", true },
	/* A Unix socket knows no peer, so it does not disagree. */
	{ { "TCPREMOTEIP=192.0.2.7" }, "", 0, "192.0.2.7", "", "", false },
	/* Other spellings of one IPv6 address. */
	{ { "TCPREMOTEIP=2001:DB8::7", "TCPREMOTEPORT=5" }, "2001:db8::7", 5,
	    "2001:DB8::7", "5", "", false },
	/* What is no address, port or name is not believed. */
	{ { "TCPREMOTEIP=unknown", "TCPREMOTEPORT=smtp",
	      "TCPREMOTEHOST=bad name" }, "192.0.2.7", 1234,
	    "192.0.2.7", "1234", "", false },
	{ { "TCPREMOTEIP=", "TCPREMOTEPORT=", "TCPREMOTEHOST=" },
	    "192.0.2.7", 1234, "192.0.2.7", "1234", "", false },
	{ { "TCPREMOTEIP=192.0.2.7\n", "REMOTE_ADDR=192.0.2.8" }, NULL, 0,
	    "192.0.2.8", "", "", false },
	{ { "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=65536",
	      "TCPREMOTEHOST=192.0.2.7" }, NULL, 0,
	    "192.0.2.7", "", "", false },
	{ { "TCPREMOTEIP=192.0.2.7", "TCPREMOTEHOST=a)(b" }, NULL, 0,
	    "192.0.2.7", "", "", false },
	{ { "TCPREMOTEIP=192.0.2.7", "TCPREMOTEPORT=000025" }, NULL, 0,
	    "192.0.2.7", "", "", false },
};

ATF_TC_WITHOUT_HEAD(peer_find__believes_each_supervisor_in_its_way);
ATF_TC_BODY(peer_find__believes_each_supervisor_in_its_way, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct peer p;
		union address a = address_of(
		    ROWS[i].socket == NULL ? "" : ROWS[i].socket,
		    ROWS[i].socket_port);

		environment = ROWS[i].env;
		memset(&p, 'x', sizeof(p));
		peer_find(&p, fake_env,
		    ROWS[i].socket == NULL ? NULL : &a.any);
		ATF_CHECK_MSG(strcmp(ROWS[i].ip, p.ip) == 0,
		    "row %zu: ip \"%s\"", i, p.ip);
		ATF_CHECK_MSG(strcmp(ROWS[i].port, p.port) == 0,
		    "row %zu: port \"%s\"", i, p.port);
		ATF_CHECK_MSG(strcmp(ROWS[i].name, p.name) == 0,
		    "row %zu: name \"%s\"", i, p.name);
		ATF_CHECK_EQ_MSG(ROWS[i].disagrees, p.disagrees, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(peer_find__ident_is_kept_as_it_is_but_bounded);
ATF_TC_BODY(peer_find__ident_is_kept_as_it_is_but_bounded, tc)
{
	static char longer[400] = "TCP6REMOTEINFO=";
	static const char *one[] = { "TCPREMOTEINFO=joe (\r\n\377)", NULL };
	static const char *two[] = { longer, NULL };
	static const char *none[] = { NULL };
	struct peer p;

	environment = one;
	peer_find(&p, fake_env, NULL);
	ATF_CHECK_STREQ("joe (\r\n\377)", p.ident);
	memset(longer + strlen(longer), 'x', 300);
	environment = two;
	peer_find(&p, fake_env, NULL);
	ATF_CHECK_EQ(sizeof(p.ident) - 1, strlen(p.ident));
	environment = none;
	peer_find(&p, fake_env, NULL);
	ATF_CHECK_STREQ("", p.ident);
}

ATF_TC_WITHOUT_HEAD(peer_find__no_byte_of_the_environment_gets_through);
ATF_TC_BODY(peer_find__no_byte_of_the_environment_gets_through, tc)
{
	/* They go into the trace header and the envelope. */
	unsigned int c;

	for (c = 1; c < 256; c++) {
		char ip[] = "TCPREMOTEIP=192.0.2.7%";
		char port[] = "TCPREMOTEPORT=12%";
		char name[] = "TCPREMOTEHOST=ho%st";
		const char *env[] = { ip, port, name, NULL };
		struct peer p;

		*strchr(ip, '%') = (char)c;
		*strchr(port, '%') = (char)c;
		*strchr(name, '%') = (char)c;
		environment = env;
		peer_find(&p, fake_env, NULL);
		ATF_CHECK_EQ_MSG(strlen(p.ip),
		    strspn(p.ip, "0123456789."), "byte %u: %s", c, p.ip);
		ATF_CHECK_EQ_MSG(strlen(p.port),
		    strspn(p.port, "0123456789"), "byte %u: %s", c, p.port);
		ATF_CHECK_EQ_MSG(strlen(p.name), strspn(p.name,
		    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "0123456789.-_"), "byte %u: %s", c, p.name);
	}
}

ATF_TC_WITHOUT_HEAD(peer_find__longest_values_fit_and_longer_are_dropped);
ATF_TC_BODY(peer_find__longest_values_fit_and_longer_are_dropped, tc)
{
	static char name[400] = "TCPREMOTEHOST=";
	static const char *env[] = {
		"TCPREMOTEIP=2001:0db8:1111:2222:3333:4444:255.255.255.255",
		name, NULL };
	size_t start = strlen(name);
	struct peer p;
	size_t n;

	environment = env;
	for (n = 250; n < 300; n++) {
		size_t i;

		for (i = 0; i < n; i++)
			name[start + i] = i % 50 == 49 ? '.' : 'x';
		name[start + n] = '\0';
		if (name[start + n - 1] == '.')
			continue;
		peer_find(&p, fake_env, NULL);
		ATF_CHECK_EQ_MSG(n <= 255 ? n : 0, strlen(p.name), "n %zu",
		    n);
		ATF_CHECK_STREQ("2001:0db8:1111:2222:3333:4444:"
		    "255.255.255.255", p.ip);
	}
}

ATF_TC_WITHOUT_HEAD(peer_find__relayclient_counts_when_it_is_set);
ATF_TC_BODY(peer_find__relayclient_counts_when_it_is_set, tc)
{
	static const struct {
		const char *env[2];
		bool may_relay;
		bool has_relay_value;
	} rows[] = {
		{ { NULL }, false, false },
		{ { "RELAYCLIENTS=" }, false, false },
		{ { "RELAYCLIENT=" }, true, false },
		{ { "RELAYCLIENT=@fixme" }, true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p;

		environment = rows[i].env;
		peer_find(&p, fake_env, NULL);
		ATF_CHECK_EQ_MSG(rows[i].may_relay, p.may_relay, "row %zu", i);
		ATF_CHECK_EQ_MSG(
		    rows[i].has_relay_value, p.has_relay_value, "row %zu", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, peer_find__relayclient_counts_when_it_is_set);
	ATF_TP_ADD_TC(tp, peer_find__believes_each_supervisor_in_its_way);
	ATF_TP_ADD_TC(tp, peer_find__ident_is_kept_as_it_is_but_bounded);
	ATF_TP_ADD_TC(tp, peer_find__no_byte_of_the_environment_gets_through);
	ATF_TP_ADD_TC(tp,
	    peer_find__longest_values_fit_and_longer_are_dropped);
	return (atf_no_error());
}
