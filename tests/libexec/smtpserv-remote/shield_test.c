/* SPDX-License-Identifier: ISC */
#include "shield.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const char SECURE[] =
    "= ok secure example.test\n"
    "10 mx1.example.test 192.0.2.25 25 secure"
    " tlsa=mx1.example.test 3.1.1."
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
    "20 mx2.example.net 127.0.0.1 25 insecure\n";

struct stand {
	struct settings_remote remote;
	struct relay to;
	struct route route;
	struct shield shield;
	struct tlsneed need;
	char store[SHIELD_STORE];
	char *argv[SHIELD_WORDS_MAX];
	char line[4096];
};

static struct stand s;

static void
set_up(const char *host, enum settings_remotetls tls)
{
	memset(&s, 0, sizeof(s));
	s.remote = (struct settings_remote){
		.tls = tls, .ca = "/ca.pem", .cert = "", .key = ""
	};
	ATF_REQUIRE(relay_parse(bytes_of(host), &s.to));
	ATF_REQUIRE(route_parse(bytes_of(SECURE), &s.route));
	s.shield = (struct shield){
		.remote = &s.remote, .to = &s.to, .route = &s.route
	};
}

/* The words for that hop, each with a blank behind it. */
static const char *
words(size_t hop)
{
	size_t i;

	s.line[0] = '\0';
	if (shield_need(&s.shield, &s.route.hops[hop], &s.need) != TLSNEED_TRY)
		return ("no");
	ATF_REQUIRE(shield_argv(
	    &s.shield, &s.route.hops[hop], &s.need, s.store, s.argv));
	for (i = 1; s.argv[i] != NULL; i++) {
		ATF_REQUIRE(
		    strlen(s.line) + strlen(s.argv[i]) + 2 < sizeof(s.line));
		strcat(s.line, s.argv[i]);
		strcat(s.line, " ");
	}
	return (s.line);
}

ATF_TC_WITHOUT_HEAD(shield_argv__may_and_encrypt_name_the_host);
ATF_TC_BODY(shield_argv__may_and_encrypt_name_the_host, tc)
{
	/* OB-113 */
	set_up("example.test", SETTINGS_TLS_MAY);
	ATF_CHECK_STREQ("-l may -w 25 -s mx2.example.net ", words(1));
	ATF_CHECK(!tlsneed_is_strict(&s.need));
	set_up("example.test", SETTINGS_TLS_ENCRYPT);
	ATF_CHECK_STREQ("-l encrypt -w 25 -s mx2.example.net ", words(1));
	ATF_CHECK(tlsneed_is_strict(&s.need));
}

ATF_TC_WITHOUT_HEAD(shield_argv__dane_has_the_base_the_next_hop_and_tlsa);
ATF_TC_BODY(shield_argv__dane_has_the_base_the_next_hop_and_tlsa, tc)
{
	/* RFC 7672 3.2.2; without TLSA it is as `may`. */
	set_up("alias.test", SETTINGS_TLS_DANE);
	ATF_CHECK_STREQ("-l dane -w 25 -s mx1.example.test "
			"-m mx1.example.test -m alias.test -m example.test "
			"-T 3.1.1.000102030405060708090a0b0c0d0e0f1011121314"
			"15161718191a1b1c1d1e1f ",
	    words(0));
	ATF_CHECK_STREQ("-l may -w 25 -s mx2.example.net ", words(1));
}

ATF_TC_WITHOUT_HEAD(shield_argv__verify_has_the_host_or_the_policys_names);
ATF_TC_BODY(shield_argv__verify_has_the_host_or_the_policys_names, tc)
{
	struct tlspolicy policy = { .source = TLSPOLICY_TABLE,
		.level = TLSPOLICY_VERIFY,
		.names = bytes_of("a.test:b.test") };

	set_up("example.test", SETTINGS_TLS_VERIFY);
	ATF_CHECK_STREQ(
	    "-l verify -w 25 -C /ca.pem -s mx2.example.net -m mx2.example.net ",
	    words(1));
	s.shield.policy = &policy;
	s.remote.cert = "/cert.pem";
	s.remote.key = "/key.pem";
	ATF_CHECK_STREQ("-l verify -w 25 -c /cert.pem -k /key.pem -C /ca.pem "
			"-s mx2.example.net -m a.test -m b.test ",
	    words(1));
}

ATF_TC_WITHOUT_HEAD(shield_need__an_account_wants_to_know_who_it_is);
ATF_TC_BODY(shield_need__an_account_wants_to_know_who_it_is, tc)
{
	/* OB-142 */
	set_up("[mx2.example.net]", SETTINGS_TLS_MAY);
	s.shield.has_account = true;
	ATF_CHECK_STREQ(
	    "-l verify -w 25 -C /ca.pem -s mx2.example.net -m mx2.example.net ",
	    words(1));
	/* This one is on this machine. */
	s.shield.is_plaintext = true;
	ATF_CHECK_STREQ("-l may -w 25 -s mx2.example.net ", words(1));
	set_up("[mx1.example.test]", SETTINGS_TLS_NONE);
	s.shield.has_account = true;
	s.shield.is_plaintext = true;
	ATF_CHECK_STREQ("no", words(0));
}

ATF_TC_WITHOUT_HEAD(shield_argv__that_is_too_long_is_refused);
ATF_TC_BODY(shield_argv__that_is_too_long_is_refused, tc)
{
	char names[64 * 7 + 1] = "";
	struct tlspolicy policy = { .source = TLSPOLICY_TABLE,
		.level = TLSPOLICY_VERIFY };
	size_t i;

	for (i = 0; i < 64; i++)
		strcat(names, "a.test:");
	names[strlen(names) - 1] = '\0';
	policy.names = bytes_of(names);
	set_up("example.test", SETTINGS_TLS_VERIFY);
	s.shield.policy = &policy;
	ATF_REQUIRE_EQ(
	    TLSNEED_TRY, shield_need(&s.shield, &s.route.hops[1], &s.need));
	ATF_CHECK(!shield_argv(
	    &s.shield, &s.route.hops[1], &s.need, s.store, s.argv));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, shield_argv__may_and_encrypt_name_the_host);
	ATF_TP_ADD_TC(tp, shield_argv__dane_has_the_base_the_next_hop_and_tlsa);
	ATF_TP_ADD_TC(
	    tp, shield_argv__verify_has_the_host_or_the_policys_names);
	ATF_TP_ADD_TC(tp, shield_need__an_account_wants_to_know_who_it_is);
	ATF_TP_ADD_TC(tp, shield_argv__that_is_too_long_is_refused);
	return (atf_no_error());
}
