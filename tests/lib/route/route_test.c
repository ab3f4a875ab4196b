/* SPDX-License-Identifier: ISC */
#include "route/route.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static bool
is(struct bytes text, const char *want)
{
	return (bytes_same(text, bytes_of(want)));
}

static const char WHOLE[] =
    "= ok secure example.test\n"
    "10 mx1.example.test 2001:db8::25 25 secure tlsa=mx1.example.test "
    "3.1.1.AB12 2.0.1.\n"
    "10 mx2.example.net 192.0.2.25 2525 secure\n"
    "20 mx3.example.test - - error SERVFAIL for its addresses\n";

ATF_TC_WITHOUT_HEAD(route_parse__gives_the_verdict_and_each_hop);
ATF_TC_BODY(route_parse__gives_the_verdict_and_each_hop, tc)
{
	struct route r;
	struct bytes rest;
	struct route_tlsa t;

	ATF_REQUIRE(route_parse(bytes_of(WHOLE), &r));
	ATF_CHECK_EQ(ROUTE_OK, r.verdict);
	ATF_CHECK(r.is_secure && is(r.domain, "example.test"));
	ATF_REQUIRE_EQ(3, r.n);
	ATF_CHECK_EQ(10, r.hops[0].preference);
	ATF_CHECK(is(r.hops[0].host, "mx1.example.test"));
	ATF_CHECK(is(r.hops[0].address, "2001:db8::25"));
	ATF_CHECK(r.hops[0].is_v6 && r.hops[0].ip[0] == 0x20 &&
	    r.hops[0].ip[15] == 0x25);
	ATF_CHECK_EQ(25, r.hops[0].port);
	ATF_CHECK(r.hops[0].is_secure);
	ATF_CHECK(is(r.hops[0].tlsa_base, "mx1.example.test"));
	rest = r.hops[0].tlsa;
	ATF_REQUIRE(route_next_tlsa(&rest, &t));
	ATF_CHECK(t.usage == 3 && t.selector == 1 && t.matching == 1 &&
	    is(t.hex, "AB12") && is(t.text, "3.1.1.AB12"));
	ATF_REQUIRE(route_next_tlsa(&rest, &t));
	ATF_CHECK(t.usage == 2 && t.selector == 0 && t.hex.n == 0);
	ATF_CHECK(!route_next_tlsa(&rest, &t));
	ATF_CHECK(r.hops[1].is_secure && r.hops[1].tlsa.n == 0);
	ATF_CHECK(!r.hops[1].is_v6 && r.hops[1].ip[0] == 192 &&
	    r.hops[1].ip[3] == 25 && r.hops[1].port == 2525);
	ATF_CHECK(
	    is(r.hops[1].line, "10 mx2.example.net 192.0.2.25 2525 secure"));
	ATF_CHECK(r.hops[2].is_error && r.hops[2].preference == 20);
	ATF_CHECK(is(r.hops[2].words, "SERVFAIL for its addresses"));
}

ATF_TC_WITHOUT_HEAD(route_parse__knows_each_verdict);
ATF_TC_BODY(route_parse__knows_each_verdict, tc)
{
	static const struct {
		const char *text;
		enum route_verdict verdict;
		const char *status;
	} rows[] = {
		{ "= nullmx 5.1.10 a.test takes no mail\n", ROUTE_NULLMX,
		    "5.1.10" },
		{ "= nohost 5.1.2 no a.test\n", ROUTE_NOHOST, "5.1.2" },
		{ "= nomx 5.4.4 x\n", ROUTE_NOMX, "5.4.4" },
		{ "= again 4.4.3 SERVFAIL\n", ROUTE_AGAIN, "4.4.3" },
		{ "= self 5.4.6 x\n", ROUTE_SELF, "5.4.6" },
	};
	struct route r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_REQUIRE_MSG(
		    route_parse(bytes_of(rows[i].text), &r), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].verdict, r.verdict, "row %zu", i);
		ATF_CHECK_MSG(is(r.status, rows[i].status), "row %zu", i);
		ATF_CHECK_EQ_MSG(0, r.n, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(route_parse__takes_no_other_form);
ATF_TC_BODY(route_parse__takes_no_other_form, tc)
{
	static const char *const rows[] = {
		"",
		"\n",
		"=\n",
		"= \n",
		"= ok\n",
		/* Nothing to be tried, or cut off. */
		"= ok secure a.test\n",
		"= ok secure a.test",
		"= ok maybe a.test\n1 a 192.0.2.1 25 insecure\n",
		"= ok secure a_\1\n1 a 192.0.2.1 25 insecure\n",
		"= ok secure a.test x\n1 a 192.0.2.1 25 insecure\n",
		"= fine secure a.test\n1 a 192.0.2.1 25 insecure\n",
		"ok secure a.test\n1 a 192.0.2.1 25 insecure\n",
		"= again 4.4.3\n",
		"= again 4.4.3 \n",
		"= again x 4.4.3\n",
		"= again 2.0.0 x\n",
		"= again 4.4 x\n",
		"= again 4.4.3.1 x\n",
		"= again 4.4.1000 x\n",
		"= again 4.4.3 x\ty\n",
		"= again 4.4.3 x\n1 a 192.0.2.1 25 insecure\n",
	};
	struct route r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(
		    !route_parse(bytes_of(rows[i]), &r), "\"%s\"", rows[i]);
}

ATF_TC_WITHOUT_HEAD(route_parse__takes_no_cut_route);
ATF_TC_BODY(route_parse__takes_no_cut_route, tc)
{
	struct route r;
	size_t lines = 0;
	size_t i;

	for (i = 0; i < sizeof(WHOLE) - 1; i++)
		if (route_parse((struct bytes){ WHOLE, i }, &r)) {
			ATF_CHECK_EQ_MSG('\n', WHOLE[i - 1], "cut at %zu", i);
			lines++;
		}
	/* A route that lacks its last lines is one. */
	ATF_CHECK_EQ(2, lines);
}

ATF_TC_WITHOUT_HEAD(route_parse__is_bounded);
ATF_TC_BODY(route_parse__is_bounded, tc)
{
	static const char start[] = "= ok secure a\n1 a 192.0.2.1 25 secure "
				    "tlsa=a 3.0.0.";
	static char text[ROUTE_TEXT_MAX + 64];
	struct buf out;
	struct route r;
	size_t i;

	buf_init(&out, text, sizeof(text));
	route_put_ok(&out, false, bytes_of("a.test"));
	for (i = 0; i < ROUTE_MAX; i++)
		(void)buf_puts(&out, "1 a.test 192.0.2.1 25 insecure\n");
	ATF_CHECK(route_parse(buf_view(&out), &r));
	(void)buf_puts(&out, "1 a.test 192.0.2.1 25 insecure\n");
	ATF_CHECK(!route_parse(buf_view(&out), &r));
	buf_reset(&out);
	(void)buf_puts(&out, start);
	/* The longest that has an even number of digits. */
	while (buf_view(&out).n + 2 < ROUTE_TEXT_MAX)
		(void)buf_puts(&out, "AA");
	(void)buf_putc(&out, '\n');
	ATF_CHECK(route_parse(buf_view(&out), &r));
	buf_cut(&out, buf_view(&out).n - 1);
	(void)buf_puts(&out, "AA\n");
	ATF_CHECK(!route_parse(buf_view(&out), &r));
}

ATF_TC_WITHOUT_HEAD(route_parse_hop__by_its_rows);
ATF_TC_BODY(route_parse_hop__by_its_rows, tc)
{
	static const struct {
		const char *line;
		bool good;
	} rows[] = {
		{ "0 a.test 192.0.2.1 25 insecure", true },
		{ "65535 [192.0.2.1] 192.0.2.1 65535 insecure", true },
		{ "0 [2001:db8::1] 2001:db8::1 25 insecure", true },
		{ "0 a - - error x y", true },
		{ "0 _a.test 192.0.2.1 25 secure tlsa=b 255.255.255.", true },
		{ "", false },
		{ " ", false },
		{ "65536 a 192.0.2.1 25 insecure", false },
		{ "-1 a 192.0.2.1 25 insecure", false },
		{ "1  a 192.0.2.1 25 insecure", false },
		{ "1 a 192.0.2.1 25 insecure ", false },
		{ "1 a 192.0.2.1 25", false },
		{ "1 a 192.0.2.1 0 insecure", false },
		{ "1 a 192.0.2.1 65536 insecure", false },
		{ "1 a 192.0.2.256 25 insecure", false },
		{ "1 a 192.0.2 25 insecure", false },
		{ "1 a 2001:db8:::1 25 insecure", false },
		{ "1 a b 25 insecure", false },
		{ "1 a/b 192.0.2.1 25 insecure", false },
		{ "1 [a] 192.0.2.1 25 insecure", false },
		{ "1 [] 192.0.2.1 25 insecure", false },
		{ "1 a - - error", false },
		{ "1 a - - error ", false },
		{ "1 a - 25 error x", false },
		{ "1 a - - insecure", false },
		/* Records that were not secure are not there. */
		{ "1 a 192.0.2.1 25 insecure tlsa=a 3.1.1.AB", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a", false },
		{ "1 a 192.0.2.1 25 secure tlsa= 3.1.1.AB", false },
		{ "1 a 192.0.2.1 25 secure 3.1.1.AB", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.1.A", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.1.AG", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.256.AB", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.AB", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.1.AB ", false },
		{ "1 a 192.0.2.1 25 secure tlsa=a 3.1.1.AB x", false },
	};
	struct route_hop hop;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].good,
		    route_parse_hop(bytes_of(rows[i].line), &hop), "\"%s\"",
		    rows[i].line);
	ATF_CHECK(!route_parse_hop(
	    (struct bytes){ "1 a 192.0.2.1\0 25 insecure", 26 }, &hop));
}

ATF_TC_WITHOUT_HEAD(route_put__is_read_back);
ATF_TC_BODY(route_put__is_read_back, tc)
{
	char store[1024];
	char tlsa[128];
	struct buf out;
	struct buf records;
	struct route_hop hop = { .preference = 10 };

	buf_init(&out, store, sizeof(store));
	buf_init(&records, tlsa, sizeof(tlsa));
	route_put_tlsa(&records, 3, 1, 1, (struct bytes){ "\xab\x12", 2 });
	route_put_tlsa(&records, 2, 0, 1, (struct bytes){ "", 0 });
	route_put_ok(&out, true, bytes_of("example.test"));
	hop.host = bytes_of("mx1.example.test");
	hop.address = bytes_of("2001:db8::25");
	hop.port = 25;
	hop.is_secure = true;
	hop.tlsa_base = bytes_of("mx1.example.test");
	hop.tlsa = buf_view(&records);
	route_put_hop(&out, &hop);
	hop = (struct route_hop){ .preference = 10,
		.host = bytes_of("mx2.example.net"),
		.address = bytes_of("192.0.2.25"),
		.port = 2525,
		.is_secure = true };
	route_put_hop(&out, &hop);
	hop = (struct route_hop){ .preference = 20,
		.host = bytes_of("mx3.example.test"),
		.is_error = true,
		.words = bytes_of("SERVFAIL for its addresses") };
	route_put_hop(&out, &hop);
	ATF_CHECK(is(buf_view(&out), WHOLE));
}

ATF_TC_WITHOUT_HEAD(route_put_no__words_are_one_printable_line);
ATF_TC_BODY(route_put_no__words_are_one_printable_line, tc)
{
	static char words[ROUTE_WORDS_MAX + 10];
	char store[1024];
	struct buf out;
	struct route r;

	buf_init(&out, store, sizeof(store));
	route_put_no(
	    &out, ROUTE_AGAIN, "4.4.3", bytes_of("a\nb\r\x7f\xc3\xa9 c"));
	ATF_CHECK(is(buf_view(&out), "= again 4.4.3 a?b???? c\n"));
	ATF_CHECK(route_parse(buf_view(&out), &r));
	memset(words, 'x', sizeof(words));
	buf_reset(&out);
	route_put_no(
	    &out, ROUTE_SELF, "5.4.6", (struct bytes){ words, sizeof(words) });
	ATF_REQUIRE(route_parse(buf_view(&out), &r));
	ATF_CHECK_EQ(ROUTE_WORDS_MAX, r.words.n);
	buf_reset(&out);
	route_put_no(&out, ROUTE_SELF, "5.4.6", bytes_of(""));
	ATF_CHECK(route_parse(buf_view(&out), &r));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, route_parse__gives_the_verdict_and_each_hop);
	ATF_TP_ADD_TC(tp, route_parse__knows_each_verdict);
	ATF_TP_ADD_TC(tp, route_parse__takes_no_other_form);
	ATF_TP_ADD_TC(tp, route_parse__takes_no_cut_route);
	ATF_TP_ADD_TC(tp, route_parse__is_bounded);
	ATF_TP_ADD_TC(tp, route_parse_hop__by_its_rows);
	ATF_TP_ADD_TC(tp, route_put__is_read_back);
	ATF_TP_ADD_TC(tp, route_put_no__words_are_one_printable_line);
	return (atf_no_error());
}
