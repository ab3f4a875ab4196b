/* SPDX-License-Identifier: ISC */
#include "proxy/proxy.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define LITERAL(text) { text, sizeof(text) - 1 }
#define SIGNATURE     "\r\n\r\n\0\r\nQUIT\n"

/* Whole headers; ip "" is a local one. */
static const struct {
	struct bytes in;
	const char *ip;
	const char *port;
	const char *local_ip;
	const char *local_port;
} GOOD[] = {
	{ LITERAL("PROXY TCP4 192.0.2.7 198.51.100.1 1234 25\r\n"),
	    "192.0.2.7", "1234", "198.51.100.1", "25" },
	{ LITERAL("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
	    "255.255.255.255", "65535", "255.255.255.255", "65535" },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 0 0\r\n"),
	    "1.1.1.1", "0", "2.2.2.2", "0" },
	{ LITERAL("PROXY TCP6 2001:DB8:0::7 ::1 1 2\r\n"),
	    "2001:db8::7", "1", "::1", "2" },
	{ LITERAL("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "65535",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "65535" },
	{ LITERAL("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:10.0.0.1 1 2\r\n"),
	    "192.0.2.7", "1", "10.0.0.1", "2" },
	{ LITERAL("PROXY UNKNOWN\r\n"), "", "", "", "" },
	{ LITERAL("PROXY UNKNOWN ffff::1 and whatever else\r\n"), "", "", "",
	    "" },
	/* What HAProxy sends: a client, a health check. */
	{ LITERAL(SIGNATURE "\x21\x11\0\x0c\x7f\0\0\x01\xc0\0\x02\x07"
		"\xb2\x6e\0\x19"),
	    "127.0.0.1", "45678", "192.0.2.7", "25" },
	{ LITERAL(SIGNATURE "\x20\0\0\0"), "", "", "", "" },
	{ LITERAL(SIGNATURE "\x20\x11\0\x02xx"), "", "", "", "" },
	/* IPv6, with something behind the addresses. */
	{ LITERAL(SIGNATURE "\x21\x21\0\x28"
		"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
		"\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01"
		"\xff\xff\0\x19\x04\0\x01!"),
	    "2001:db8::7", "65535", "10.0.0.1", "25" },
	/* The proxy does not know, or it came by a Unix socket. */
	{ LITERAL(SIGNATURE "\x21\0\0\x01x"), "", "", "", "" },
};

/* The first byte of these that can be no header's is at `bad`. */
static const struct {
	struct bytes in;
	size_t bad;
} BAD[] = {
	{ LITERAL("EHLO maggot\r\n"), 1 },
	{ LITERAL("\0"), 1 },
	{ LITERAL("QUIT\r\n"), 1 },
	{ LITERAL("PROXY\r\n"), 6 },
	{ LITERAL("PROXI TCP4"), 5 },
	{ LITERAL("proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n"), 1 },
	{ LITERAL("PROXY \r\n"), 8 },
	{ LITERAL("PROXY TCP4\r\n"), 12 },
	{ LITERAL("PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n"), 32 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n"), 30 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n"), 33 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n"), 34 },
	{ LITERAL("PROXY TCP4 1.1.1.1  2.2.2.2 1 2\r\n"), 33 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 1 65536\r\n"), 36 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n"), 33 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n"), 33 },
	{ LITERAL("PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n"), 34 },
	{ LITERAL("PROXY TCP4 ::1 ::2 1 2\r\n"), 24 },
	{ LITERAL("PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n"), 32 },
	{ LITERAL("PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n"), 31 },
	{ LITERAL("PROXY TCP4 1.1.1.1\0 2.2.2.2 1 2\r\n"), 33 },
	{ LITERAL("PROXY UNKNOWNS\r\n"), 16 },
	{ LITERAL(SIGNATURE "\x11\x11\0\x0c"), 16 },
	{ LITERAL(SIGNATURE "\x22\x11\0\x0c"), 16 },
	{ LITERAL(SIGNATURE "\x21\x12\0\x0c"), 16 },
	{ LITERAL(SIGNATURE "\x21\x11\0\x0b"), 16 },
	{ LITERAL(SIGNATURE "\x21\x21\0\x23"), 16 },
	{ LITERAL(SIGNATURE "\x21\x31\0\x10"), 16 },
	{ LITERAL("\r\n\r\n\0\r\nQUIT\r"), 12 },
};

static void
check_end(const struct proxy_end *end, const char *ip, const char *port,
    size_t row)
{
	ATF_CHECK_MSG(strcmp(ip, end->ip) == 0, "row %zu: %s", row, end->ip);
	ATF_CHECK_MSG(
	    strcmp(port, end->port) == 0, "row %zu: %s", row, end->port);
}

/* Reading as the program reads; the bytes behind must stay. */
static enum proxy_status
read_exactly(struct bytes in, size_t most, struct proxy *p, size_t *used)
{
	enum proxy_status status;
	size_t n;

	*used = 0;
	while ((status = proxy_parse(bytes_cut(in, 0, *used), p, &n)) ==
	    PROXY_MORE) {
		ATF_REQUIRE(n > 0);
		if (n > most)
			n = most;
		ATF_REQUIRE_MSG(*used + n <= in.n, "reads too far");
		*used += n;
	}
	return (status);
}

ATF_TC_WITHOUT_HEAD(proxy_parse__header_is_read_and_not_a_byte_more);
ATF_TC_BODY(proxy_parse__header_is_read_and_not_a_byte_more, tc)
{
	struct proxy p;
	size_t used;
	size_t most;
	size_t i;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		for (most = 1; most <= GOOD[i].in.n; most++) {
			ATF_REQUIRE_EQ_MSG(PROXY_DONE,
			    read_exactly(GOOD[i].in, most, &p, &used),
			    "row %zu", i);
			ATF_CHECK_EQ_MSG(GOOD[i].in.n, used, "row %zu", i);
			ATF_CHECK_EQ(GOOD[i].ip[0] == '\0', p.is_local);
			check_end(&p.remote, GOOD[i].ip, GOOD[i].port, i);
			check_end(&p.local, GOOD[i].local_ip,
			    GOOD[i].local_port, i);
		}
	}
}

ATF_TC_WITHOUT_HEAD(proxy_parse__every_cut_wants_more);
ATF_TC_BODY(proxy_parse__every_cut_wants_more, tc)
{
	struct proxy p;
	size_t cut;
	size_t i;
	size_t n;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		for (cut = 0; cut < GOOD[i].in.n; cut++) {
			ATF_CHECK_EQ_MSG(PROXY_MORE,
			    proxy_parse(
				bytes_cut(GOOD[i].in, 0, cut), &p, &n),
			    "row %zu cut at %zu", i, cut);
			ATF_CHECK(n > 0 && cut + n <= GOOD[i].in.n);
		}
	}
}

ATF_TC_WITHOUT_HEAD(proxy_parse__what_is_behind_does_not_matter);
ATF_TC_BODY(proxy_parse__what_is_behind_does_not_matter, tc)
{
	char store[512];
	struct proxy p;
	size_t i;
	size_t n;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		size_t size = GOOD[i].in.n;

		memcpy(store, GOOD[i].in.p, size);
		memcpy(store + size, "EHLO x\r\n", 8);
		ATF_CHECK_EQ(PROXY_DONE,
		    proxy_parse(
			(struct bytes) { store, size + 8 }, &p, &n));
		ATF_CHECK_EQ(size, n);
	}
}

ATF_TC_WITHOUT_HEAD(proxy_parse__what_is_none_is_known_early);
ATF_TC_BODY(proxy_parse__what_is_none_is_known_early, tc)
{
	struct proxy p;
	size_t cut;
	size_t i;
	size_t n;

	for (i = 0; i < ARRAY_LEN(BAD); i++)
		for (cut = 0; cut <= BAD[i].in.n; cut++)
			ATF_CHECK_EQ_MSG(
			    cut < BAD[i].bad ? PROXY_MORE : PROXY_BAD,
			    proxy_parse(
				bytes_cut(BAD[i].in, 0, cut), &p, &n),
			    "row %zu cut at %zu", i, cut);
}

ATF_TC_WITHOUT_HEAD(proxy_parse__a_line_has_an_end);
ATF_TC_BODY(proxy_parse__a_line_has_an_end, tc)
{
	char line[200];
	struct proxy p;
	size_t length;
	size_t n;

	/* 107 bytes with CR LF, and not one more. */
	for (length = 20; length < sizeof(line); length++) {
		memset(line, 'x', sizeof(line));
		memcpy(line, "PROXY UNKNOWN ", 14);
		line[length - 2] = '\r';
		line[length - 1] = '\n';
		ATF_CHECK_EQ_MSG(length <= 107 ? PROXY_DONE : PROXY_BAD,
		    proxy_parse((struct bytes) { line, length }, &p, &n),
		    "%zu bytes", length);
	}
	memset(line + 14, 'x', sizeof(line) - 14);
	for (length = 14; length < 107; length++) {
		ATF_CHECK_EQ(PROXY_MORE,
		    proxy_parse((struct bytes) { line, length }, &p, &n));
		ATF_CHECK(length + n <= 107);
	}
	ATF_CHECK_EQ(PROXY_BAD,
	    proxy_parse((struct bytes) { line, 107 }, &p, &n));
}

ATF_TC_WITHOUT_HEAD(proxy_parse__the_longest_header_fits);
ATF_TC_BODY(proxy_parse__the_longest_header_fits, tc)
{
	static char header[PROXY_MAX];
	struct proxy p;
	size_t n;

	memcpy(header, SIGNATURE "\x21\x11\xff\xff", 16);
	ATF_CHECK_EQ(PROXY_MORE,
	    proxy_parse((struct bytes) { header, 16 }, &p, &n));
	ATF_CHECK_EQ(65535, n);
	ATF_CHECK_EQ(PROXY_DONE,
	    proxy_parse((struct bytes) { header, sizeof(header) }, &p, &n));
	ATF_CHECK_EQ(sizeof(header), n);
	ATF_CHECK_STREQ("0.0.0.0", p.remote.ip);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, proxy_parse__header_is_read_and_not_a_byte_more);
	ATF_TP_ADD_TC(tp, proxy_parse__every_cut_wants_more);
	ATF_TP_ADD_TC(tp, proxy_parse__what_is_behind_does_not_matter);
	ATF_TP_ADD_TC(tp, proxy_parse__what_is_none_is_known_early);
	ATF_TP_ADD_TC(tp, proxy_parse__a_line_has_an_end);
	ATF_TP_ADD_TC(tp, proxy_parse__the_longest_header_fits);
	return (atf_no_error());
}
