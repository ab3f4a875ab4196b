/* SPDX-License-Identifier: ISC */
#include "http/httprequest.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define HOST "Host: localhost\r\n\r\n"

static enum httprequest_status
parse(const char *text)
{
	struct httprequest r;

	return (httprequest_parse(bytes_of(text), &r));
}

ATF_TC_WITHOUT_HEAD(httprequest_parse__takes_what_browsers_send);
ATF_TC_BODY(httprequest_parse__takes_what_browsers_send, tc)
{
	const char *text =
	    "GET /message/5 HTTP/1.1\r\nhost: \tlocalhost:8025 \r\n"
	    "Accept: text/html, */*;q=0.8\r\nX-Utf: gr\xc3\xbc\xc3\x9f\r\n"
	    "Empty:\r\n\r\n";
	struct httprequest r;
	size_t cut;

	ATF_REQUIRE_EQ(HTTPREQUEST_OK, httprequest_parse(bytes_of(text), &r));
	ATF_CHECK(!r.is_head);
	ATF_CHECK(bytes_same(bytes_of("/message/5"), r.target));
	ATF_CHECK(bytes_same(bytes_of("localhost:8025"), r.host));
	for (cut = 0; cut < strlen(text); cut++)
		ATF_CHECK_EQ_MSG(HTTPREQUEST_MORE,
		    httprequest_parse((struct bytes){ text, cut }, &r),
		    "cut at %zu", cut);
	ATF_CHECK_EQ(HTTPREQUEST_OK,
	    httprequest_parse(bytes_of("HEAD / HTTP/1.0\r\n" HOST), &r));
	ATF_CHECK(r.is_head);
}

ATF_TC_WITHOUT_HEAD(httprequest_parse__refuses_what_is_not_a_request);
ATF_TC_BODY(httprequest_parse__refuses_what_is_not_a_request, tc)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\nHost: localhost\n\n",
		"GET / HTTP/1.1\r\nHost: localhost\n\r\n",
		"GET / HTTP/1.1\r\nHost: local\rhost\r\n\r\n",
		"GET / HTTP/2.0\r\n" HOST,
		"GET / http/1.1\r\n" HOST,
		"GET /\r\n" HOST,
		"GET  / HTTP/1.1\r\n" HOST,
		"GET / / HTTP/1.1\r\n" HOST,
		"GET http://localhost/ HTTP/1.1\r\n" HOST,
		"GET * HTTP/1.1\r\n" HOST,
		"GET /\xc3\xbc HTTP/1.1\r\n" HOST,
		"G\x01T / HTTP/1.1\r\n" HOST,
		" GET / HTTP/1.1\r\n" HOST,
		"\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\n" HOST,
		"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nX: a\r\n b\r\n" HOST,
		"GET / HTTP/1.1\r\nno colon\r\n" HOST,
		"GET / HTTP/1.1\r\n: x\r\n" HOST,
		"GET / HTTP/1.1\r\nX: \x1b\r\n" HOST,
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(
		    HTTPREQUEST_BAD, parse(rows[i]), "row %zu", i);
	ATF_CHECK_EQ(HTTPREQUEST_METHOD, parse("POST / HTTP/1.1\r\n" HOST));
	ATF_CHECK_EQ(HTTPREQUEST_METHOD, parse("get / HTTP/1.1\r\n" HOST));
}

ATF_TC_WITHOUT_HEAD(httprequest_parse__stops_at_a_nul);
ATF_TC_BODY(httprequest_parse__stops_at_a_nul, tc)
{
	static const char text[] = "GET /\0 HTTP/1.1\r\n" HOST;
	struct httprequest r;

	ATF_CHECK_EQ(HTTPREQUEST_BAD,
	    httprequest_parse((struct bytes){ text, sizeof(text) - 1 }, &r));
}

ATF_TC_WITHOUT_HEAD(httprequest_parse__has_limits);
ATF_TC_BODY(httprequest_parse__has_limits, tc)
{
	static char text[HTTPREQUEST_HEAD_MAX + 100];
	struct httprequest r;
	size_t n;

	memset(text, 'a', sizeof(text));
	memcpy(text, "GET /", 5);
	for (n = 0; n < HTTPREQUEST_LINE_MAX; n++)
		ATF_REQUIRE_EQ(HTTPREQUEST_MORE,
		    httprequest_parse((struct bytes){ text, n }, &r));
	ATF_CHECK_EQ(HTTPREQUEST_LONG_LINE,
	    httprequest_parse((struct bytes){ text, n }, &r));
	memcpy(text, "GET / HTTP/1.1\r\nA: ", 19);
	n = HTTPREQUEST_HEAD_MAX;
	ATF_CHECK_EQ(HTTPREQUEST_MORE,
	    httprequest_parse((struct bytes){ text, n - 1 }, &r));
	ATF_CHECK_EQ(HTTPREQUEST_LONG_HEAD,
	    httprequest_parse((struct bytes){ text, n }, &r));
	/* One that ends just behind the limit. */
	memcpy(text + n - 10, "\r\n" HOST, 21);
	ATF_CHECK_EQ(HTTPREQUEST_LONG_HEAD,
	    httprequest_parse((struct bytes){ text, n + 11 }, &r));
}

ATF_TC_WITHOUT_HEAD(httprequest_is_local__knows_no_other_name);
ATF_TC_BODY(httprequest_is_local__knows_no_other_name, tc)
{
	static const struct {
		const char *host;
		bool want;
	} rows[] = { { "localhost", true }, { "LocalHost:8025", true },
		{ "127.0.0.1", true }, { "127.0.0.1:1", true },
		{ "[::1]:65535", true }, { "", false },
		{ "localhost:", false }, { "localhost:99999", false },
		{ "localhost:80a", false }, { "localhost.", false },
		{ "localhost.evil.example", false },
		{ "evil.example", false }, { "127.0.0.1.evil.example", false },
		{ "192.0.2.1", false }, { "::1", false },
		{ "localhost:000000080", false } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].want,
		    httprequest_is_local(bytes_of(rows[i].host)), "%s",
		    rows[i].host);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, httprequest_parse__takes_what_browsers_send);
	ATF_TP_ADD_TC(tp, httprequest_parse__refuses_what_is_not_a_request);
	ATF_TP_ADD_TC(tp, httprequest_parse__stops_at_a_nul);
	ATF_TP_ADD_TC(tp, httprequest_parse__has_limits);
	ATF_TP_ADD_TC(tp, httprequest_is_local__knows_no_other_name);
	return (atf_no_error());
}
