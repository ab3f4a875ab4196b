/* SPDX-License-Identifier: ISC */
#include "table/instruction.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define FORTY  "1234567890123456789012345678901234567890"
#define LOCAL  "123456789012345678901234567890123456789012345678901234567890"

static const struct {
	const char *text;
	enum instruction_kind kind;
	const char *target;
	uint32_t port;
} GOOD[] = {
	{ "|cat", INSTRUCTION_COMMAND, "cat", 0 },
	{ "| cat >>\"$HOME/mail\"; true ", INSTRUCTION_COMMAND,
	    "cat >>\"$HOME/mail\"; true", 0 },
	{ "|\ta\tb", INSTRUCTION_COMMAND, "a\tb", 0 },
	{ "||", INSTRUCTION_COMMAND, "|", 0 },
	{ "|caf\xc3\xa9", INSTRUCTION_COMMAND, "caf\xc3\xa9", 0 },
	{ " \t/home/ann/Maildir/\t ", INSTRUCTION_MAILDIR,
	    "/home/ann/Maildir/", 0 },
	{ "/a/", INSTRUCTION_MAILDIR, "/a/", 0 },
	{ "/with blank/", INSTRUCTION_MAILDIR, "/with blank/", 0 },
	{ "&ann@gnat", INSTRUCTION_FORWARD, "ann@gnat", 0 },
	{ "&Ann+x@[192.0.2.1]", INSTRUCTION_FORWARD, "Ann+x@[192.0.2.1]", 0 },
	{ "&\"a b\"@gnat.example", INSTRUCTION_FORWARD,
	    "\"a b\"@gnat.example", 0 },
	{ "&Postmaster", INSTRUCTION_FORWARD, "Postmaster", 0 },
	{ "&a..b.@docomo.example", INSTRUCTION_FORWARD,
	    "a..b.@docomo.example", 0 },
	{ "&ann@gnat.", INSTRUCTION_FORWARD, "ann@gnat", 0 },
	{ "&" LOCAL "12345@gnat", INSTRUCTION_FORWARD, LOCAL "12345@gnat", 0 },
	{ "lmtp:unix:/run/dovecot/lmtp", INSTRUCTION_LMTP_UNIX,
	    "/run/dovecot/lmtp", 0 },
	{ "lmtp:unix:/" FORTY FORTY "12345678901234567890123456",
	    INSTRUCTION_LMTP_UNIX,
	    "/" FORTY FORTY "12345678901234567890123456", 0 },
	{ "LMTP:[127.0.0.1]:24", INSTRUCTION_LMTP_INET, "127.0.0.1", 24 },
	{ "lmtp:[::1]:65535", INSTRUCTION_LMTP_INET, "::1", 65535 },
	{ "lmtp:[mail.example.test]:1", INSTRUCTION_LMTP_INET,
	    "mail.example.test", 1 },
	{ "pegasus:/n/mail/ann/", INSTRUCTION_PEGASUS, "/n/mail/ann/", 0 },
	/* OB-205 */
	{ "smtp:", INSTRUCTION_SMTP_MX, "", 0 },
	{ " SMTP: ", INSTRUCTION_SMTP_MX, "", 0 },
	{ "smtp:[relay.example.test]:587", INSTRUCTION_SMTP_RELAY,
	    "relay.example.test", 587 },
	{ "smtp:[relay]", INSTRUCTION_SMTP_RELAY, "relay", 25 },
	{ "smtp:[192.0.2.1]:2525", INSTRUCTION_SMTP_RELAY, "192.0.2.1", 2525 },
	{ "smtp:[2001:db8::1]:25", INSTRUCTION_SMTP_RELAY, "2001:db8::1", 25 },
	{ "smtp:[IPv6:2001:db8::1]", INSTRUCTION_SMTP_RELAY, "2001:db8::1",
	    25 },
	{ "user:ann |cat\t-n", INSTRUCTION_COMMAND, "cat\t-n", 0 },
	{ "user:ann-x|cat", INSTRUCTION_COMMAND, "cat", 0 },
};

ATF_TC_WITHOUT_HEAD(instruction_parse__takes_every_form_apart);
ATF_TC_BODY(instruction_parse__takes_every_form_apart, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(GOOD); i++) {
		struct instruction in;
		struct bytes text = bytes_of(GOOD[i].text);
		const char *wrong = instruction_parse(text, &in);

		ATF_REQUIRE_MSG(
		    wrong == NULL, "%s: %s", GOOD[i].text, wrong);
		ATF_CHECK_EQ_MSG(GOOD[i].kind, in.kind, "%s", GOOD[i].text);
		ATF_CHECK_MSG(
		    bytes_same(in.target, bytes_of(GOOD[i].target)), "%s: %.*s",
		    GOOD[i].text, (int)in.target.n, in.target.p);
		ATF_CHECK_EQ_MSG(GOOD[i].port, in.port, "%s", GOOD[i].text);
		ATF_CHECK_MSG(in.target.p >= text.p &&
			in.target.p + in.target.n <= text.p + text.n,
		    "%s: the target is no view", GOOD[i].text);
	}
}

static const struct {
	const char *text;
	const char *says; /* part of what is wrong */
} BAD[] = {
	{ "", "no instruction" },
	{ " \t ", "no instruction" },
	{ "|", "no command" },
	{ "| \t", "no command" },
	{ "/", "ends with `/'" },
	{ "/home/ann/mbox", "ends with `/'" },
	{ "/home/ann\t/", "control byte" },
	{ "|a\x01", "control byte" },
	{ "|a\x7f", "control byte" },
	{ "|a\nb", "control byte" },
	{ "|a\r", "control byte" },
	{ "&", "&user@host" },
	{ "&ann", "&user@host" },
	{ "&ann@", "&user@host" },
	{ "&@gnat", "&user@host" },
	{ "&<ann@gnat>", "&user@host" },
	{ "&ann@gnat>", "&user@host" },
	{ "&@a:ann@gnat", "&user@host" },
	{ "&ann@gnat,bob@gnat", "&user@host" },
	{ "&ann@gnat bob@gnat", "&user@host" },
	{ "& ann@gnat", "&user@host" },
	{ "&ann@gnat..", "&user@host" },
	{ "&a@" LOCAL "." LOCAL "." LOCAL "." LOCAL "." LOCAL, "too long" },
	{ "lmtp:", "lmtp:unix:/path or" },
	{ "lmtp:/run/lmtp", "lmtp:unix:/path or" },
	{ "lmtp:127.0.0.1:24", "lmtp:unix:/path or" },
	{ "lmtp:unix:", "full path of a socket" },
	{ "lmtp:unix:run/lmtp", "full path of a socket" },
	{ "lmtp:unix:/run/", "full path of a socket" },
	{ "lmtp:unix:/" FORTY FORTY "123456789012345678901234567",
	    "too long for a socket" },
	{ "lmtp:[127.0.0.1]", "[host]:port" },
	{ "lmtp:[127.0.0.1]:", "[host]:port" },
	{ "lmtp:[127.0.0.1]:0", "[host]:port" },
	{ "lmtp:[127.0.0.1]:65536", "[host]:port" },
	{ "lmtp:[127.0.0.1]24", "[host]:port" },
	{ "lmtp:[127.0.0.1:24", "[host]:port" },
	{ "lmtp:[]:24", "[host]:port" },
	{ "lmtp:[a b]:24", "[host]:port" },
	{ "pegasus:", "ends with `/'" },
	{ "user:", "user:NAME |command" },
	{ "user: |cat", "user:NAME |command" },
	{ "user:ann", "user:NAME |command" },
	{ "user:ann |", "no command" },
	{ "user:ann /home/ann/Maildir/", "other instructions need no user" },
	{ "user:" LOCAL "1234 |cat", "user:NAME |command" },
	{ "pegasus:mail/", "ends with `/'" },
	{ "pegasus:/mail", "ends with `/'" },
	/* OB-205 */
	{ "smtp:mx", "smtp: alone, or" },
	{ "smtp:relay:25", "smtp: alone, or" },
	{ "smtp:127.0.0.1", "smtp: alone, or" },
	{ "smtp: [relay]:25", "smtp: alone, or" },
	{ "smtp:[]", "smtp:[host]:port" },
	{ "smtp:[relay", "smtp:[host]:port" },
	{ "smtp:[relay]25", "smtp:[host]:port" },
	{ "smtp:[relay]:", "smtp:[host]:port" },
	{ "smtp:[relay]:0", "smtp:[host]:port" },
	{ "smtp:[relay]:65536", "smtp:[host]:port" },
	{ "smtp:[relay]:25 x", "smtp:[host]:port" },
	{ "smtp:[IPv6:relay:25]", "smtp:[host]:port" },
	{ "smtp:[a b]:25", "smtp:[host]:port" },
	{ "ann@gnat", "want |command" },
	{ "./Maildir/", "want |command" },
	{ "local:ann", "want |command" },
	{ "!cat", "want |command" },
};

ATF_TC_WITHOUT_HEAD(instruction_parse__says_what_is_wrong);
ATF_TC_BODY(instruction_parse__says_what_is_wrong, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(BAD); i++) {
		struct instruction in;
		const char *wrong =
		    instruction_parse(bytes_of(BAD[i].text), &in);

		ATF_REQUIRE_MSG(wrong != NULL, "%s", BAD[i].text);
		ATF_CHECK_MSG(strstr(wrong, BAD[i].says) != NULL, "%s: %s",
		    BAD[i].text, wrong);
	}
}

ATF_TC_WITHOUT_HEAD(instruction_parse__refuses_a_nul);
ATF_TC_BODY(instruction_parse__refuses_a_nul, tc)
{
	struct instruction in;

	ATF_CHECK(instruction_parse((struct bytes){ "|a\0b", 4 }, &in) != NULL);
	ATF_CHECK(
	    instruction_parse((struct bytes){ "/a\0b/", 5 }, &in) != NULL);
	ATF_CHECK(instruction_parse((struct bytes){ "\0", 1 }, &in) != NULL);
}

ATF_TC_WITHOUT_HEAD(instruction_parse__has_a_longest_text_and_path);
ATF_TC_BODY(instruction_parse__has_a_longest_text_and_path, tc)
{
	static char text[INSTRUCTION_MAX + 1];
	struct instruction in;

	memset(text, 'x', sizeof(text));
	text[0] = '|';
	ATF_CHECK(instruction_parse(
		      (struct bytes){ text, INSTRUCTION_MAX }, &in) == NULL);
	ATF_CHECK_EQ(INSTRUCTION_MAX - 1, in.target.n);
	ATF_CHECK(instruction_parse((struct bytes){ text, sizeof(text) },
		      &in) != NULL);
	text[0] = '/';
	text[INSTRUCTION_PATH_MAX - 1] = '/';
	ATF_CHECK(instruction_parse((struct bytes){ text, INSTRUCTION_PATH_MAX },
		      &in) == NULL);
	text[INSTRUCTION_PATH_MAX] = '/';
	ATF_CHECK(instruction_parse(
		      (struct bytes){ text, INSTRUCTION_PATH_MAX + 1 },
		      &in) != NULL);
}

ATF_TC_WITHOUT_HEAD(instruction_parse__knows_the_commands_user);
ATF_TC_BODY(instruction_parse__knows_the_commands_user, tc)
{
	struct instruction in;

	ATF_REQUIRE(
	    instruction_parse(bytes_of(" user:ann  |cat"), &in) == NULL);
	ATF_CHECK(bytes_same(in.user, bytes_of("ann")));
	ATF_REQUIRE(instruction_parse(bytes_of("|cat"), &in) == NULL);
	ATF_CHECK_EQ(0, in.user.n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, instruction_parse__knows_the_commands_user);
	ATF_TP_ADD_TC(tp, instruction_parse__takes_every_form_apart);
	ATF_TP_ADD_TC(tp, instruction_parse__says_what_is_wrong);
	ATF_TP_ADD_TC(tp, instruction_parse__refuses_a_nul);
	ATF_TP_ADD_TC(tp, instruction_parse__has_a_longest_text_and_path);
	return (atf_no_error());
}
