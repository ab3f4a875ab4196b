/* SPDX-License-Identifier: ISC */
#include "relay/relay.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* OB-7. */
ATF_TC_WITHOUT_HEAD(relay_parse__knows_each_form_of_a_host);
ATF_TC_BODY(relay_parse__knows_each_form_of_a_host, tc)
{
	static const struct {
		const char *text;
		enum relay_kind kind;
		const char *name;
		uint16_t port;
	} rows[] = {
		{ "example.org", RELAY_DOMAIN, "example.org", 0 },
		{ "gnat", RELAY_DOMAIN, "gnat", 0 },
		{ "a_b.example", RELAY_DOMAIN, "a_b.example", 0 },
		{ "b\xc3\xbc"
		  "cher.example",
		    RELAY_DOMAIN,
		    "b\xc3\xbc"
		    "cher.example",
		    0 },
		{ "[relay.example]", RELAY_HOST, "relay.example", 0 },
		{ "[relay.example]:587", RELAY_HOST, "relay.example", 587 },
		{ "[192.0.2.1]", RELAY_IPV4, "192.0.2.1", 0 },
		{ "[192.0.2.1]:65535", RELAY_IPV4, "192.0.2.1", 65535 },
		{ "[IPv6:2001:db8::1]", RELAY_IPV6, "2001:db8::1", 0 },
		{ "[ipv6:::1]:2525", RELAY_IPV6, "::1", 2525 },
		{ "[2001:db8::1]:25", RELAY_IPV6, "2001:db8::1", 25 },
	};
	struct relay r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_REQUIRE_MSG(
		    relay_parse(bytes_of(rows[i].text), &r), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].kind, r.kind, "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].port, r.port, "row %zu", i);
		ATF_CHECK_MSG(
		    bytes_same(bytes_of(rows[i].name), r.name), "row %zu", i);
	}
}

/* OB-188. */
ATF_TC_WITHOUT_HEAD(relay_parse__refuses_what_is_none);
ATF_TC_BODY(relay_parse__refuses_what_is_none, tc)
{
	static const char *const rows[] = { "", ".", "-f", "-n", "--feed",
		"-f/tmp/x", "a b", "a/b", "a;b", "$(id)", "a\nb", "192.0.2.1",
		"[", "[]", "[relay.example", "[relay.example]x",
		"[relay.example]:", "[relay.example]:0",
		"[relay.example]:65536", "[relay.example]:25x",
		"[relay.example]:000025", "[IPv6:192.0.2.1]", "[192.0.2.256]",
		"[a b]", "[-x]", "relay.example:25", "\xff.example",
		"x@example.org" };
	struct relay r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(
		    !relay_parse(bytes_of(rows[i]), &r), "%s", rows[i]);
}

static const char FILE_TEXT[] =
    "# relays\n"
    "\n"
    "relay.example:587  erick  secret\r\n"
    "[relay.example]:465\terick \"two words \\\"\\\\\"\n"
    "192.0.2.1:25 \"\" \"\"\n"
    "[IPv6:::1]:2525 \xc3\xbc p\xc3\xa4ss plaintext\n"
    "relay.example:587 other other\n";

static enum relay_found
look(const char *host, uint16_t port, struct relay_account *a)
{
	unsigned int line;
	struct relay r;

	ATF_REQUIRE(relay_parse(bytes_of(host), &r));
	return (relay_account(bytes_of(FILE_TEXT), &r, port, a, &line));
}

/* OB-141. */
ATF_TC_WITHOUT_HEAD(relay_account__is_that_of_the_same_host_and_port);
ATF_TC_BODY(relay_account__is_that_of_the_same_host_and_port, tc)
{
	static const struct {
		const char *host;
		uint16_t port;
		const char *user;
		const char *password;
		bool is_plaintext;
	} rows[] = {
		{ "[relay.example]", 587, "erick", "secret", false },
		{ "[RELAY.example]", 465, "erick", "two words \"\\", false },
		{ "[192.0.2.1]", 25, "", "", false },
		{ "[IPv6:::1]", 2525, "\xc3\xbc", "p\xc3\xa4ss", true },
	};
	struct relay_account a;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_REQUIRE_EQ_MSG(RELAY_FOUND,
		    look(rows[i].host, rows[i].port, &a), "row %zu", i);
		ATF_CHECK_MSG(bytes_same(bytes_of(rows[i].user),
				  (struct bytes){ a.user, a.nuser }) &&
			bytes_same(bytes_of(rows[i].password),
			    (struct bytes){ a.password, a.npassword }),
		    "row %zu", i);
		ATF_CHECK_EQ(rows[i].is_plaintext, a.is_plaintext);
	}
	ATF_CHECK_EQ(RELAY_NONE, look("[relay.example]", 25, &a));
	ATF_CHECK_EQ(RELAY_NONE, look("[other.example]", 587, &a));
}

ATF_TC_WITHOUT_HEAD(relay_account__a_line_that_is_wrong_is_named);
ATF_TC_BODY(relay_account__a_line_that_is_wrong_is_named, tc)
{
	static const char *const rows[] = { "relay.example:587 user",
		"relay.example:587", "relay.example user password",
		":587 user password", "relay.example:0 user password",
		"relay.example:587 user password clear",
		"relay.example:587 user password plaintext x",
		"relay.example:587 user \"password",
		"relay.example:587 user pass\"word",
		"relay.example:587 user pass\x01word", "[relay.example] u p",
		"a b:587 user password" };
	char text[256];
	struct relay_account a;
	struct relay r;
	unsigned int line;
	size_t i;

	ATF_REQUIRE(relay_parse(bytes_of("[relay.example]"), &r));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		(void)snprintf(text, sizeof(text),
		    "relay.example:587 user password\n%s\n", rows[i]);
		ATF_CHECK_EQ_MSG(RELAY_BAD,
		    relay_account(bytes_of(text), &r, 587, &a, &line), "%s",
		    rows[i]);
		ATF_CHECK_EQ_MSG(2, line, "%s", rows[i]);
	}
}

/* OB-147. */
ATF_TC_WITHOUT_HEAD(relay_account__takes_words_of_500_octets);
ATF_TC_BODY(relay_account__takes_words_of_500_octets, tc)
{
	char text[2048];
	char word[RELAY_WORD_MAX + 2];
	struct relay_account a;
	struct relay r;
	unsigned int line;

	ATF_REQUIRE(relay_parse(bytes_of("[relay.example]"), &r));
	memset(word, 'x', sizeof(word));
	word[RELAY_WORD_MAX] = '\0';
	(void)snprintf(
	    text, sizeof(text), "relay.example:587 %s %s", word, word);
	ATF_CHECK_EQ(
	    RELAY_FOUND, relay_account(bytes_of(text), &r, 587, &a, &line));
	ATF_CHECK_EQ(RELAY_WORD_MAX, a.npassword);
	word[RELAY_WORD_MAX] = 'x';
	word[RELAY_WORD_MAX + 1] = '\0';
	(void)snprintf(text, sizeof(text), "relay.example:587 u %s", word);
	ATF_CHECK_EQ(
	    RELAY_BAD, relay_account(bytes_of(text), &r, 587, &a, &line));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, relay_parse__knows_each_form_of_a_host);
	ATF_TP_ADD_TC(tp, relay_parse__refuses_what_is_none);
	ATF_TP_ADD_TC(tp, relay_account__is_that_of_the_same_host_and_port);
	ATF_TP_ADD_TC(tp, relay_account__a_line_that_is_wrong_is_named);
	ATF_TP_ADD_TC(tp, relay_account__takes_words_of_500_octets);
	return (atf_no_error());
}
