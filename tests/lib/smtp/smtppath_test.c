/* SPDX-License-Identifier: ISC */
#include "smtp/smtppath.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

#define X10 "xxxxxxxxxx"
#define X60 X10 X10 X10 X10 X10 X10
#define X63 X60 "xxx"
#define X64 X60 "xxxx"

/* What a mail administrator may want to look up: is this an address? */
static const struct {
	const char *path;
	enum smtppath_status want;
	const char *mailbox; /* where it is good */
} PATHS[] = {
	/* Ordinary ones. */
	{ "<erick@maggot>", SMTPPATH_OK, "erick@maggot" },
	{ "<a.b.c@example.org>", SMTPPATH_OK, "a.b.c@example.org" },
	{ "<Erick.Engelke@UWaterloo.CA>", SMTPPATH_OK,
	    "Erick.Engelke@UWaterloo.CA" },
	{ "<a+tag@example.org>", SMTPPATH_OK, "a+tag@example.org" },
	{ "<!#$%&'*+-/=?^_`{|}~@example.org>", SMTPPATH_OK,
	    "!#$%&'*+-/=?^_`{|}~@example.org" },
	{ "<1@2.3>", SMTPPATH_OK, "1@2.3" },
	{ "<a@x-y.z_z>", SMTPPATH_OK, "a@x-y.z_z" },
	{ "<a@_dmarc.example.org>", SMTPPATH_OK, "a@_dmarc.example.org" },

	/* No sender; and the one mailbox without a domain. */
	{ "<>", SMTPPATH_OK, "" },
	{ "<Postmaster>", SMTPPATH_OK, "Postmaster" },
	{ "<pOSTMASTER>", SMTPPATH_OK, "pOSTMASTER" },
	{ "<postmaster@gnat>", SMTPPATH_OK, "postmaster@gnat" },
	{ "<erick>", SMTPPATH_NO_DOMAIN, "erick" },
	{ "<postmaster1>", SMTPPATH_NO_DOMAIN, "postmaster1" },
	{ "<\"postmaster\">", SMTPPATH_NO_DOMAIN, "\"postmaster\"" },

	/* Quoted local parts. */
	{ "<\"a b\"@example.org>", SMTPPATH_OK, "\"a b\"@example.org" },
	{ "<\"\"@example.org>", SMTPPATH_OK, "\"\"@example.org" },
	{ "<\"a@b\"@example.org>", SMTPPATH_OK, "\"a@b\"@example.org" },
	{ "<\"a>b<c\"@example.org>", SMTPPATH_OK, "\"a>b<c\"@example.org" },
	{ "<\"a\\\"b\"@example.org>", SMTPPATH_OK, "\"a\\\"b\"@example.org" },
	{ "<\"a\\\\\"@example.org>", SMTPPATH_OK, "\"a\\\\\"@example.org" },
	{ "<\"a\\\"@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a\"b@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a\".b@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a\tb\"@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a\\\tb\"@example.org>", SMTPPATH_BAD, NULL },
	{ "<\"a\x7f\"@example.org>", SMTPPATH_BAD, NULL },

	/* Dots where none may be. */
	{ "<.a@example.org>", SMTPPATH_OK, ".a@example.org" },
	{ "<a.@example.org>", SMTPPATH_OK, "a.@example.org" },
	{ "<a..b@example.org>", SMTPPATH_OK, "a..b@example.org" },
	{ "<...@example.org>", SMTPPATH_OK, "...@example.org" },
	{ "<a..\"b\"@example.org>", SMTPPATH_BAD, NULL },
	{ "<a@.example.org>", SMTPPATH_BAD, NULL },
	{ "<a@example.org.>", SMTPPATH_OK, "a@example.org" },
	{ "<a@b.>", SMTPPATH_OK, "a@b" },
	{ "<a@b..>", SMTPPATH_BAD, NULL },
	{ "<a@[192.0.2.1].>", SMTPPATH_BAD, NULL },
	{ "<@r.,@s.:a@b.>", SMTPPATH_OK, "a@b" },
	{ "<a@example..org>", SMTPPATH_BAD, NULL },
	{ "<a@.>", SMTPPATH_BAD, NULL },

	/* Half an address, or something else. */
	{ "", SMTPPATH_BAD, NULL },
	{ "<", SMTPPATH_BAD, NULL },
	{ ">", SMTPPATH_BAD, NULL },
	{ "a@b", SMTPPATH_OK, "a@b" },
	{ "a@b.", SMTPPATH_OK, "a@b" },
	{ "\"a b\"@c", SMTPPATH_OK, "\"a b\"@c" },
	{ "postmaster", SMTPPATH_OK, "postmaster" },
	{ "erick", SMTPPATH_NO_DOMAIN, "erick" },
	{ "@r:a@b", SMTPPATH_OK, "a@b" },
	{ "<a@b", SMTPPATH_BAD, NULL },
	{ "<@>", SMTPPATH_BAD, NULL },
	{ "<@b>", SMTPPATH_BAD, NULL },
	{ "<a@>", SMTPPATH_BAD, NULL },
	{ "<a@b@c>", SMTPPATH_BAD, NULL },
	{ "<<a@b>>", SMTPPATH_BAD, NULL },
	{ "< a@b>", SMTPPATH_OK, "a@b" },
	{ "<a@b \t>", SMTPPATH_OK, "a@b" },
	{ "< @r: a@b>", SMTPPATH_BAD, NULL },
	{ "<a @b>", SMTPPATH_BAD, NULL },
	{ "<a b@c>", SMTPPATH_BAD, NULL },
	{ "<a@b c>", SMTPPATH_BAD, NULL },
	{ "<a@b,c@d>", SMTPPATH_BAD, NULL },
	{ "<a(comment)@b>", SMTPPATH_BAD, NULL },
	{ "<a@b;c>", SMTPPATH_BAD, NULL },
	{ "< >", SMTPPATH_OK, "" },
	{ "<  a@b", SMTPPATH_BAD, NULL },
	{ "<a\\b@c>", SMTPPATH_BAD, NULL },

	/* Hyphens in domains. */
	{ "<a@-b>", SMTPPATH_BAD, NULL },
	{ "<a@b->", SMTPPATH_BAD, NULL },
	{ "<a@b-.c>", SMTPPATH_BAD, NULL },
	{ "<a@b--c>", SMTPPATH_OK, "a@b--c" },
	{ "<-a-@b>", SMTPPATH_OK, "-a-@b" },

	/* Address literals. */
	{ "<a@[192.0.2.1]>", SMTPPATH_OK, "a@[192.0.2.1]" },
	{ "<a@[255.255.255.255]>", SMTPPATH_OK, "a@[255.255.255.255]" },
	{ "<a@[256.0.0.1]>", SMTPPATH_BAD, NULL },
	{ "<a@[1.2.3]>", SMTPPATH_BAD, NULL },
	{ "<a@[1.2.3.4.5]>", SMTPPATH_BAD, NULL },
	{ "<a@[1.2..4]>", SMTPPATH_BAD, NULL },
	{ "<a@[]>", SMTPPATH_BAD, NULL },
	{ "<a@[192.0.2.1>", SMTPPATH_BAD, NULL },
	{ "<a@[192.0.2.1]x>", SMTPPATH_BAD, NULL },
	{ "<a@[IPv6:2001:db8::1]>", SMTPPATH_OK, "a@[IPv6:2001:db8::1]" },
	{ "<a@[ipv6:::1]>", SMTPPATH_OK, "a@[ipv6:::1]" },
	{ "<a@[IPv6:::ffff:192.0.2.1]>", SMTPPATH_OK,
	    "a@[IPv6:::ffff:192.0.2.1]" },
	{ "<a@[2001:db8::1]>", SMTPPATH_BAD, NULL },
	{ "<a@[IPv6:2001:db8:::1]>", SMTPPATH_BAD, NULL },
	{ "<a@[IPv6:]>", SMTPPATH_BAD, NULL },
	{ "<a@[IPv6:1.2.3.4]>", SMTPPATH_BAD, NULL },
	{ "<a@[IPv6:fe80::1%eth0]>", SMTPPATH_BAD, NULL },
	{ "<a@[x400:c=ca]>", SMTPPATH_BAD, NULL },

	/* Source routes are read and left out. */
	{ "<@r:a@b>", SMTPPATH_OK, "a@b" },
	{ "<@r.example,@[192.0.2.1]:a@b>", SMTPPATH_OK, "a@b" },
	{ "<@r:postmaster>", SMTPPATH_OK, "postmaster" },
	{ "<@r:erick>", SMTPPATH_NO_DOMAIN, "erick" },
	{ "<@r,a@b>", SMTPPATH_BAD, NULL },
	{ "<@r a@b>", SMTPPATH_BAD, NULL },
	{ "<@r:>", SMTPPATH_BAD, NULL },
	{ "<@r:@s:a@b>", SMTPPATH_BAD, NULL },
	{ "<@:a@b>", SMTPPATH_BAD, NULL },
	{ "<@r,:a@b>", SMTPPATH_BAD, NULL },

	/* UTF-8: u umlaut, a Chinese character, an emoji. */
	{ "<\xc3\xbc@\xc3\xbc.example>", SMTPPATH_OK,
	    "\xc3\xbc@\xc3\xbc.example" },
	{ "<\xe4\xb8\xad@b>", SMTPPATH_OK, "\xe4\xb8\xad@b" },
	{ "<\"\xf0\x9f\x93\xa7\"@b>", SMTPPATH_OK, "\"\xf0\x9f\x93\xa7\"@b" },
	{ "<\"\\\xc3\xbc\"@b>", SMTPPATH_BAD, NULL },
	/* Not UTF-8: Latin 1, a lone tail, cut short, overlong, surrogate,
	 * above U+10FFFF. */
	{ "<\xfc@b>", SMTPPATH_BAD, NULL },
	{ "<\x80@b>", SMTPPATH_BAD, NULL },
	{ "<a\xc3>", SMTPPATH_BAD, NULL },
	{ "<\xc0\xaf@b>", SMTPPATH_BAD, NULL },
	{ "<\xc1\xbf@b>", SMTPPATH_BAD, NULL },
	{ "<\xe0\x80\xaf@b>", SMTPPATH_BAD, NULL },
	{ "<\xe0\x9f\xbf@b>", SMTPPATH_BAD, NULL },
	{ "<\xf0\x80\x80\xaf@b>", SMTPPATH_BAD, NULL },
	{ "<\xed\xa0\x80@b>", SMTPPATH_BAD, NULL },
	{ "<\xf4\x90\x80\x80@b>", SMTPPATH_BAD, NULL },
	{ "<\xf5\x80\x80\x80@b>", SMTPPATH_BAD, NULL },
	/* UTF-8 that some readers take for a line end or a control: NEL, the
	 * last of C1, U+2028, U+2029. */
	{ "<a\xc2\x85@b>", SMTPPATH_BAD, NULL },
	{ "<a\xc2\x9f@b>", SMTPPATH_BAD, NULL },
	{ "<a\xe2\x80\xa8@b>", SMTPPATH_BAD, NULL },
	{ "<a\xe2\x80\xa9@b>", SMTPPATH_BAD, NULL },
	{ "<a@b\xc2\x85>", SMTPPATH_BAD, NULL },
	/* Their neighbours are letters or marks. */
	{ "<a\xc2\xa0@b>", SMTPPATH_OK, "a\xc2\xa0@b" },
	{ "<a\xe2\x80\xaa@b>", SMTPPATH_OK, "a\xe2\x80\xaa@b" },

	/* Local part: 64 octets, and 65. */
	{ "<" X64 "@b>", SMTPPATH_OK, X64 "@b" },
	{ "<" X64 "x@b>", SMTPPATH_OK, X64 "x@b" },
	{ "<\"" X60 "xx\"@b>", SMTPPATH_OK, "\"" X60 "xx\"@b" },
	{ "<\"" X63 "\"@b>", SMTPPATH_OK, "\"" X63 "\"@b" },
	{ "<" X64 "x>", SMTPPATH_NO_DOMAIN, X64 "x" },
	{ "<" X64 X64 X64 X60 "@b>", SMTPPATH_OK, X64 X64 X64 X60 "@b" },
	{ "<" X64 X64 X64 X60 "x@b>", SMTPPATH_TOO_LONG, NULL },
	{ X64 X64 X64 X60 "@b", SMTPPATH_OK, X64 X64 X64 X60 "@b" },
	{ X64 X64 X64 X60 "x@b", SMTPPATH_TOO_LONG, NULL },

	/* Label: 63 octets, and 64. */
	{ "<a@" X63 ".org>", SMTPPATH_OK, "a@" X63 ".org" },
	{ "<a@" X64 ".org>", SMTPPATH_BAD, NULL },
	{ "<a@b." X63 ">", SMTPPATH_OK, "a@b." X63 },
	{ "<a@b." X64 ">", SMTPPATH_BAD, NULL },

	/* Path with its brackets: 256 octets, and 257. */
	{ "<a@" X63 "." X63 "." X63 "." X60 ">", SMTPPATH_OK,
	    "a@" X63 "." X63 "." X63 "." X60 },
	{ "<aa@" X63 "." X63 "." X63 "." X60 ">", SMTPPATH_TOO_LONG, NULL },
	{ "<@r:" X64 "@" X63 "." X63 ">", SMTPPATH_OK,
	    X64 "@" X63 "." X63 },
	{ "<@" X63 "." X63 ":" X64 "@" X60 ">", SMTPPATH_OK,
	    X64 "@" X60 },
	{ "<@" X63 "." X63 ":" X64 "@" X60 "x>", SMTPPATH_TOO_LONG, NULL },
	/* Domain: 256 octets. */
	{ "<a@" X63 "." X63 "." X63 "." X63 ".x>", SMTPPATH_TOO_LONG, NULL },
};

ATF_TC_WITHOUT_HEAD(smtppath_parse__every_form_gets_its_answer);
ATF_TC_BODY(smtppath_parse__every_form_gets_its_answer, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(PATHS); i++) {
		struct smtppath path;
		size_t used = 0;
		enum smtppath_status status = smtppath_parse(
		    bytes_of(PATHS[i].path), &path, &used);

		ATF_CHECK_EQ_MSG(PATHS[i].want, status, "%s: %d",
		    PATHS[i].path, (int)status);
		if (PATHS[i].mailbox == NULL || status != PATHS[i].want)
			continue;
		ATF_CHECK_EQ_MSG(strlen(PATHS[i].path), used, "%s",
		    PATHS[i].path);
		ATF_CHECK_MSG(bytes_same(path.mailbox,
		        bytes_of(PATHS[i].mailbox)), "%s: %.*s",
		    PATHS[i].path, (int)path.mailbox.n, path.mailbox.p);
	}
}

ATF_TC_WITHOUT_HEAD(smtppath_parse__stops_at_its_bracket);
ATF_TC_BODY(smtppath_parse__stops_at_its_bracket, tc)
{
	static const struct {
		const char *in;
		size_t want;
	} rows[] = {
		{ "<> SIZE=1", 2 },
		{ "<a@b> SIZE=1", 5 },
		{ "<a@b>>", 5 },
		{ "<\">\"@b>x", 7 },
		/* Without brackets, where a mailbox ends. */
		{ "a@b SIZE=1", 3 },
		{ "a@b>", 3 },
		{ "a@b.,c", 4 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtppath path;
		size_t used = 0;

		ATF_CHECK_EQ_MSG(SMTPPATH_OK,
		    smtppath_parse(bytes_of(rows[i].in), &path, &used),
		    "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].want, used, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(smtppath_parse__says_whether_domain_and_utf8_are_there);
ATF_TC_BODY(smtppath_parse__says_whether_domain_and_utf8_are_there, tc)
{
	static const struct {
		const char *in;
		bool has_domain;
		bool is_utf8;
	} rows[] = {
		{ "<>", false, false },
		{ "<postmaster>", false, false },
		{ "<erick>", false, false },
		{ "<a@b>", true, false },
		{ "<a@[192.0.2.1]>", true, false },
		{ "<\xc3\xbc@b>", true, true },
		{ "<a@\xc3\xbc>", true, true },
		{ "<\"\xc3\xbc\"@b>", true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtppath path;
		size_t used = 0;

		(void)smtppath_parse(bytes_of(rows[i].in), &path, &used);
		ATF_CHECK_EQ_MSG(rows[i].has_domain, path.has_domain,
		    "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].is_utf8, path.is_utf8, "row %zu", i);
	}
}

/* Put byte c at position `at` of a good path, and see what becomes of it. */
static void
check_byte(const char *good, size_t at, unsigned int c)
{
	char text[64];
	struct smtppath path;
	size_t n = strlen(good);
	size_t used = 0;
	enum smtppath_status status;

	memcpy(text, good, n);
	text[at] = (char)c;
	status = smtppath_parse((struct bytes) { text, n }, &path, &used);
	ATF_CHECK_MSG(used <= n, "%s: byte %u at %zu", good, c, at);
	if (status == SMTPPATH_BAD || status == SMTPPATH_TOO_LONG)
		return;
	ATF_CHECK_MSG(!bytes_has_control(path.mailbox),
	    "%s: byte %u at %zu", good, c, at);
	ATF_CHECK_MSG(c < 0x80, "%s: byte %u at %zu is no UTF-8", good, c, at);
	if (good[1] != '"')
		ATF_CHECK_MSG(!bytes_find(path.mailbox, ' ', &used),
		    "%s: byte %u at %zu", good, c, at);
}

ATF_TC_WITHOUT_HEAD(smtppath_parse__no_byte_anywhere_lets_a_control_in);
ATF_TC_BODY(smtppath_parse__no_byte_anywhere_lets_a_control_in, tc)
{
	static const char *const good[] = { "<abc@def.ghi>",
		"<\"a\\b c\"@def>", "<@ab,@cd:ef@gh>", "<a@[192.0.2.1]>",
		"<a@[IPv6:2001:db8::1]>", "<postmaster>" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		size_t at;

		for (at = 0; at < strlen(good[i]); at++) {
			unsigned int c;

			for (c = 0; c < 256; c++)
				check_byte(good[i], at, c);
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtppath_parse__nothing_cut_short_is_good);
ATF_TC_BODY(smtppath_parse__nothing_cut_short_is_good, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(PATHS); i++) {
		size_t n;

		/* Without brackets any part may be one. */
		if (PATHS[i].want != SMTPPATH_OK || PATHS[i].path[0] != '<')
			continue;
		for (n = 0; n < strlen(PATHS[i].path); n++) {
			struct smtppath path;
			size_t used = 0;

			ATF_CHECK_EQ_MSG(SMTPPATH_BAD,
			    smtppath_parse((struct bytes) { PATHS[i].path, n },
			        &path, &used),
			    "first %zu of %s", n, PATHS[i].path);
		}
	}
}

ATF_TC_WITHOUT_HEAD(smtppath_is_domain__and_greetings_by_their_rows);
ATF_TC_BODY(smtppath_is_domain__and_greetings_by_their_rows, tc)
{
	/* What of it may stand in a field; NULL: no greeting at all. */
	static const struct {
		const char *name;
		bool is_domain;
		const char *shown;
	} rows[] = {
		{ "maggot", true, "maggot" },
		{ "gnat.example.test", true, "gnat.example.test" },
		{ "my_pc", true, "my_pc" },
		{ "127.0.0.1", true, "127.0.0.1" },
		{ "", false, NULL },
		{ ".", false, "" },
		{ "..", false, "" },
		{ "a.", false, "a" },
		{ "a..", false, "" },
		{ ".a", false, "" },
		{ "a..b", false, "" },
		{ "-a", false, "-a" },
		{ "a-", false, "a-" },
		{ "a-.b", false, "a-.b" },
		{ "a b", false, NULL },
		{ "a\tb", false, NULL },
		{ "a\x7f", false, NULL },
		{ "a(b", false, "" },
		{ "a)", false, "" },
		{ "a@b", false, "" },
		{ "a;b", false, "" },
		{ "\"a\"", false, "" },
		{ "a\\b", false, "" },
		{ "\xc3\xbc", false, "" },
		{ "\xfc", false, NULL },
		{ "\xc2\x85", false, NULL },
		{ "[192.0.2.1]", false, "[192.0.2.1]" },
		{ "[IPv6:::1]", false, "[IPv6:::1]" },
		{ "[2001:db8::19]", false, "[2001:db8::19]" },
		{ "2001:db8::19", false, "" },
		{ "[192.0.2.1", false, "" },
		{ "[192.0.2.1]x", false, "" },
		{ "[192.0.2.300]", false, "" },
		{ "[]", false, "" },
		{ "[", false, "" },
		{ X63, true, X63 },
		{ X64, false, X64 },
		/* 255 octets, and 256. */
		{ X63 "." X63 "." X63 "." X63, true,
		    X63 "." X63 "." X63 "." X63 },
		{ X63 "." X63 "." X63 "." X60 ".xx", true,
		    X63 "." X63 "." X63 "." X60 ".xx" },
		{ X63 "." X63 "." X63 "." X60 ".xxx", false, NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes name = bytes_of(rows[i].name);
		struct bytes shown = smtppath_greeting_name(name);

		ATF_CHECK_EQ_MSG(rows[i].is_domain, smtppath_is_domain(name),
		    "\"%s\"", rows[i].name);
		ATF_CHECK_EQ_MSG(rows[i].shown != NULL,
		    smtppath_is_greeting(name), "\"%s\"", rows[i].name);
		if (rows[i].shown != NULL)
			ATF_CHECK_MSG(bytes_same(shown,
			    bytes_of(rows[i].shown)), "\"%s\": \"%.*s\"",
			    rows[i].name, (int)shown.n, shown.p);
	}
}

ATF_TC_WITHOUT_HEAD(smtppath_is_ip__takes_numeric_addresses_only);
ATF_TC_BODY(smtppath_is_ip__takes_numeric_addresses_only, tc)
{
	static const struct {
		const char *text;
		bool is_ipv4;
		bool is_ipv6;
	} rows[] = {
		{ "0.0.0.0", true, false },
		{ "192.0.2.1", true, false },
		{ "255.255.255.255", true, false },
		{ "256.1.1.1", false, false },
		{ "1.1.1.256", false, false },
		{ "1.1.1", false, false },
		{ "1.1.1.1.", false, false },
		{ ".1.1.1.1", false, false },
		{ "1.1.1.1.1", false, false },
		{ "1.1.1.0001", false, false },
		{ "1.1.1.a", false, false },
		{ " 1.1.1.1", false, false },
		{ "1.1.1.1 ", false, false },
		{ "0x7f.0.0.1", false, false },
		{ "2130706433", false, false },
		{ "", false, false },
		{ "::", false, true },
		{ "::1", false, true },
		{ "2001:db8::7", false, true },
		{ "2001:DB8:0:0:0:0:0:7", false, true },
		{ "::ffff:192.0.2.1", false, true },
		{ "1:2:3:4:5:6:7:8", false, true },
		{ "1:2:3:4:5:6:7", false, false },
		{ "1:2:3:4:5:6:7:8:9", false, false },
		{ "1::2::3", false, false },
		{ "12345::", false, false },
		{ "fe80::1%eth0", false, false },
		{ "[::1]", false, false },
		{ "2001:0db8:0000:0000:0000:0000:0000:00007", false, false },
		{ "2001:0db8:0000:0000:0000:0000:255.255.255.255xxxxxxxxx",
		    false, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes text = bytes_of(rows[i].text);

		ATF_CHECK_EQ_MSG(rows[i].is_ipv4, smtppath_is_ipv4(text),
		    "\"%s\"", rows[i].text);
		ATF_CHECK_EQ_MSG(rows[i].is_ipv6, smtppath_is_ipv6(text),
		    "\"%s\"", rows[i].text);
	}
	/* A NUL must not hide what is behind it. */
	ATF_CHECK(!smtppath_is_ipv6((struct bytes) { "::1\0x", 5 }));
	ATF_CHECK(!smtppath_is_ipv4((struct bytes) { "1.1.1.1\0", 8 }));
}

ATF_TC_WITHOUT_HEAD(smtppath_is_harmless__by_its_rows);
ATF_TC_BODY(smtppath_is_harmless__by_its_rows, tc)
{
	static const struct {
		const char *text;
		bool good;
		bool utf8;
	} rows[] = {
		{ "", true, false },
		{ "a b<>\"\\@~", true, false },
		{ "d\xc3\xbc@\xe2\x82\xac", true, true },
		{ "a\nb", false, false },
		{ "a\x1f", false, false },
		{ "a\x7f", false, false },
		{ "\xc3", false, false },
		{ "\xff", false, false },
		{ "\xc0\xaf", false, false },
		{ "\xed\xa0\x80", false, false },
		{ "a\xc2\x85", false, false },
		{ "a\xe2\x80\xa9", false, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool utf8 = false;

		ATF_CHECK_EQ_MSG(rows[i].good,
		    smtppath_is_harmless(bytes_of(rows[i].text), &utf8),
		    "row %zu", i);
		if (rows[i].good)
			ATF_CHECK_EQ_MSG(rows[i].utf8, utf8, "row %zu", i);
	}
	ATF_CHECK(!smtppath_is_harmless((struct bytes){ "a\0b", 3 },
	    &(bool){ false }));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtppath_parse__every_form_gets_its_answer);
	ATF_TP_ADD_TC(tp, smtppath_parse__stops_at_its_bracket);
	ATF_TP_ADD_TC(tp,
	    smtppath_parse__says_whether_domain_and_utf8_are_there);
	ATF_TP_ADD_TC(tp, smtppath_parse__no_byte_anywhere_lets_a_control_in);
	ATF_TP_ADD_TC(tp, smtppath_parse__nothing_cut_short_is_good);
	ATF_TP_ADD_TC(tp, smtppath_is_domain__and_greetings_by_their_rows);
	ATF_TP_ADD_TC(tp, smtppath_is_ip__takes_numeric_addresses_only);
	ATF_TP_ADD_TC(tp, smtppath_is_harmless__by_its_rows);
	return (atf_no_error());
}
