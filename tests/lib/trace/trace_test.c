/* SPDX-License-Identifier: ISC */
#include "trace/trace.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

static void
check_text(const struct buf *b, const char *want)
{
	struct bytes got = buf_view(b);

	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)),
	    "want \"%s\", got \"%.*s\"", want, (int)got.n, got.p);
}

/* Moments, as date -u prints them. */
static const struct {
	time_t when;
	const char *date;
	const char *timestamp;
} MOMENTS[] = {
	{ 0, "Thu, 1 Jan 1970 00:00:00 +0000", "1970-01-01T00:00:00Z" },
	{ 1795460628, "Mon, 23 Nov 2026 19:03:48 +0000",
	    "2026-11-23T19:03:48Z" },
	{ 951782400, "Tue, 29 Feb 2000 00:00:00 +0000",
	    "2000-02-29T00:00:00Z" },
	{ 978307199, "Sun, 31 Dec 2000 23:59:59 +0000",
	    "2000-12-31T23:59:59Z" },
	{ 2147483648, "Tue, 19 Jan 2038 03:14:08 +0000",
	    "2038-01-19T03:14:08Z" },
};

ATF_TC_WITHOUT_HEAD(trace_date__is_rfc_5322_in_universal_time);
ATF_TC_BODY(trace_date__is_rfc_5322_in_universal_time, tc)
{
	size_t i;

	/* The machine's own time zone must not show. */
	ATF_REQUIRE(setenv("TZ", "ABC-5:30", 1) == 0);
	for (i = 0; i < ARRAY_LEN(MOMENTS); i++) {
		char store[80];
		struct buf b;

		buf_init(&b, store, sizeof(store));
		ATF_CHECK(trace_date(&b, MOMENTS[i].when));
		check_text(&b, MOMENTS[i].date);
		buf_reset(&b);
		ATF_CHECK(trace_timestamp(&b, MOMENTS[i].when));
		check_text(&b, MOMENTS[i].timestamp);
	}
}

ATF_TC_WITHOUT_HEAD(trace_date__without_room_is_false);
ATF_TC_BODY(trace_date__without_room_is_false, tc)
{
	char store[20];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(!trace_date(&b, 0));
	buf_init(&b, store, sizeof(store));
	ATF_CHECK(!trace_timestamp(&b, 0));
}

/* The manual's example, with another peer and protocol. */
static void
check_received(const char *peername, const char *peer, const char *protocol,
    const char *eol, const char *want)
{
	struct trace_facts facts = { .helo = bytes_of("maggot"),
		.peername = bytes_of(peername), .peer = bytes_of(peer),
		.host = bytes_of("gnat.example.test"), .protocol = protocol,
		.number = 5321, .now = 1795460628 };
	char store[512];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(trace_received(&b, &facts, eol));
	check_text(&b, want);
}

ATF_TC_WITHOUT_HEAD(trace_received__has_the_form_of_each_kind_of_peer);
ATF_TC_BODY(trace_received__has_the_form_of_each_kind_of_peer, tc)
{
	check_received("", "192.0.2.7", "ESMTP", "\n",
	    "Received: from maggot ([192.0.2.7]) by gnat.example.test"
	    " with ESMTP\n"
	    "\tid A5321; Mon, 23 Nov 2026 19:03:48 +0000\n");
	check_received("host.example.org", "192.0.2.7", "SMTP", "\n",
	    "Received: from maggot (host.example.org [192.0.2.7])"
	    " by gnat.example.test with SMTP\n"
	    "\tid A5321; Mon, 23 Nov 2026 19:03:48 +0000\n");
	check_received("", "2001:db8::7", "UTF8SMTP", "\n",
	    "Received: from maggot ([IPv6:2001:db8::7])"
	    " by gnat.example.test with UTF8SMTP\n"
	    "\tid A5321; Mon, 23 Nov 2026 19:03:48 +0000\n");
	/* On a terminal nobody has an address. */
	check_received("", "", "SMTP", "\r\n",
	    "Received: from maggot by gnat.example.test with SMTP\r\n"
	    "\tid A5321; Mon, 23 Nov 2026 19:03:48 +0000\r\n");
}

ATF_TC_WITHOUT_HEAD(trace_received__an_address_stands_in_for_a_name);
ATF_TC_BODY(trace_received__an_address_stands_in_for_a_name, tc)
{
	static const struct {
		const char *peer;
		const char *want;
	} rows[] = {
		{ "192.0.2.7", "Received: from [192.0.2.7] ([192.0.2.7]) by b "
			       "with ESMTP\n" },
		{ "2001:db8::7", "Received: from [IPv6:2001:db8::7] "
				 "([IPv6:2001:db8::7]) by b with ESMTP\n" },
		{ "", "Received: from unknown by b with ESMTP\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct trace_facts facts = { .peer = bytes_of(rows[i].peer),
			.host = bytes_of("b"), .protocol = "ESMTP",
			.number = 1 };
		char store[512];
		struct buf b;

		buf_init(&b, store, sizeof(store));
		ATF_CHECK(trace_received(&b, &facts, "\n"));
		ATF_CHECK_MSG(bytes_starts_nocase(buf_view(&b),
		    bytes_of(rows[i].want)), "%s", buf_cstr(&b));
	}
}

ATF_TC_WITHOUT_HEAD(trace_received__says_what_protected_it);
ATF_TC_BODY(trace_received__says_what_protected_it, tc)
{
	struct trace_facts facts = { .helo = bytes_of("a"),
		.peer = bytes_of("192.0.2.7"), .host = bytes_of("b"),
		.protocol = "ESMTPS", .cipher = "TLS_AES_256_GCM_SHA384",
		.number = 1, .now = 0 };
	char store[512];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(trace_received(&b, &facts, "\n"));
	check_text(&b, "Received: from a ([192.0.2.7]) by b with ESMTPS\n"
	    "\tid A1 tls TLS_AES_256_GCM_SHA384;"
	    " Thu, 1 Jan 1970 00:00:00 +0000\n");
}

ATF_TC_WITHOUT_HEAD(trace_received__a_strangers_word_stays_in_its_comment);
ATF_TC_BODY(trace_received__a_strangers_word_stays_in_its_comment, tc)
{
	struct trace_facts facts = { .helo = bytes_of("a"),
		.peername = bytes_of("n"), .peer = bytes_of("192.0.2.7"),
		.host = bytes_of("b"), .protocol = "SMTP",
		.ident = { "x) (y\\\r\nFrom: z\0\377\177", 18 },
		.number = 1, .now = 0 };
	char store[512];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(trace_received(&b, &facts, "\n"));
	check_text(&b, "Received: from a (n [192.0.2.7])"
	    " (ident x\\) \\(y\\\\?\?From: z?\?\?) by b with SMTP\n"
	    "\tid A1; Thu, 1 Jan 1970 00:00:00 +0000\n");
}

ATF_TC_WITHOUT_HEAD(trace_received__highest_number_is_whole);
ATF_TC_BODY(trace_received__highest_number_is_whole, tc)
{
	struct trace_facts facts = { .helo = bytes_of("a"),
		.peername = bytes_of(""), .peer = bytes_of(""),
		.host = bytes_of("b"), .protocol = "SMTP",
		.number = UINT32_MAX, .now = 0 };
	char store[512];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(trace_received(&b, &facts, "\n"));
	check_text(&b, "Received: from a by b with SMTP\n"
	    "\tid A4294967295; Thu, 1 Jan 1970 00:00:00 +0000\n");
}

ATF_TC_WITHOUT_HEAD(trace_received__fits_rfc_5321_lines_and_the_store);
ATF_TC_BODY(trace_received__fits_rfc_5321_lines_and_the_store, tc)
{
	char parentheses[1000];
	char name[255];
	struct trace_facts facts = { .helo = { name, sizeof(name) },
		.peername = { name, sizeof(name) },
		.peer = bytes_of("2001:0db8:0000:0000:0000:0000:0000:0007"),
		.host = { name, sizeof(name) }, .protocol = "UTF8SMTPSA",
		.ident = { parentheses, sizeof(parentheses) },
		.number = UINT32_MAX, .now = 1795460628 };
	char store[1200];
	struct buf b;
	size_t fold;

	memset(name, 'x', sizeof(name));
	memset(parentheses, ')', sizeof(parentheses));
	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE(trace_received(&b, &facts, "\r\n"));
	ATF_REQUIRE(bytes_find(buf_view(&b), '\n', &fold));
	ATF_CHECK_MSG(fold + 1 <= 1000, "line of %zu octets", fold + 1);
}

ATF_TC_WITHOUT_HEAD(trace_received__any_lack_of_room_is_false);
ATF_TC_BODY(trace_received__any_lack_of_room_is_false, tc)
{
	struct trace_facts facts = { .helo = bytes_of("maggot"),
		.peername = bytes_of("h"), .peer = bytes_of("192.0.2.7"),
		.host = bytes_of("gnat"), .protocol = "SMTP",
		.cipher = "TLS_X", .ident = bytes_of("(i)"), .number = 1,
		.now = 0 };
	char store[512];
	struct buf b;
	size_t whole;
	size_t cap;

	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE(trace_received(&b, &facts, "\n"));
	whole = buf_view(&b).n;
	for (cap = 0; cap < whole; cap++) {
		buf_init(&b, store, cap);
		ATF_CHECK_MSG(!trace_received(&b, &facts, "\n"), "cap %zu",
		    cap);
	}
}

ATF_TC_WITHOUT_HEAD(trace_local__has_no_from_and_says_by_what);
ATF_TC_BODY(trace_local__has_no_from_and_says_by_what, tc)
{
	struct trace_facts facts = { .host = bytes_of("gnat.example.test"),
		.number = 5321, .now = 1795460628 };
	char store[512];
	struct buf b;
	size_t room;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(trace_local(&b, &facts, "a program, uid 7", "\n"));
	check_text(&b,
	    "Received: by gnat.example.test (a program, uid 7)\n"
	    "\tid A5321; Mon, 23 Nov 2026 19:03:48 +0000\n");
	facts.id = bytes_of("1.2.gnat");
	buf_reset(&b);
	ATF_CHECK(trace_local(&b, &facts, "a program, uid 7", "\r\n"));
	check_text(&b,
	    "Received: by gnat.example.test (a program, uid 7)\r\n"
	    "\tid 1.2.gnat; Mon, 23 Nov 2026 19:03:48 +0000\r\n");
	for (room = 0; room < 93; room++) {
		buf_init(&b, store, room);
		ATF_CHECK(!trace_local(&b, &facts, "a program, uid 7", "\n"));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, trace_date__is_rfc_5322_in_universal_time);
	ATF_TP_ADD_TC(tp, trace_date__without_room_is_false);
	ATF_TP_ADD_TC(tp, trace_received__has_the_form_of_each_kind_of_peer);
	ATF_TP_ADD_TC(tp, trace_received__an_address_stands_in_for_a_name);
	ATF_TP_ADD_TC(tp, trace_received__says_what_protected_it);
	ATF_TP_ADD_TC(
	    tp, trace_received__a_strangers_word_stays_in_its_comment);
	ATF_TP_ADD_TC(tp, trace_received__highest_number_is_whole);
	ATF_TP_ADD_TC(tp, trace_received__fits_rfc_5321_lines_and_the_store);
	ATF_TP_ADD_TC(tp, trace_received__any_lack_of_room_is_false);
	ATF_TP_ADD_TC(tp, trace_local__has_no_from_and_says_by_what);
	return (atf_no_error());
}
