/* SPDX-License-Identifier: ISC */
#include "smtp/smtpcmd.h"

#include <atf-c.h>
#include <inttypes.h>
#include <string.h>

#include "base/base.h"

#define X10  "xxxxxxxxxx"
#define X60  X10 X10 X10 X10 X10 X10
#define X63  X60 "xxx"
#define X255 X63 "." X63 "." X63 "." X63

static const struct {
	const char *line;
	enum smtp_verb verb;
	enum smtpcmd_status want;
} LINES[] = {
	/* Verbs, in any case, and their arguments. */
	{ "EHLO gnat", SMTP_EHLO, SMTPCMD_OK },
	{ "ehlo gnat", SMTP_EHLO, SMTPCMD_OK },
	{ "EhLo [192.0.2.1]", SMTP_EHLO, SMTPCMD_OK },
	{ "EHLO", SMTP_EHLO, SMTPCMD_BAD_ARGUMENT },
	{ "EHLO a b", SMTP_EHLO, SMTPCMD_BAD_ARGUMENT },
	{ "EHLO " X255, SMTP_EHLO, SMTPCMD_OK },
	{ "EHLO " X255 "x", SMTP_EHLO, SMTPCMD_BAD_ARGUMENT },
	{ "EHLO \xc3\xbc", SMTP_EHLO, SMTPCMD_BAD_ARGUMENT },
	{ "HELO gnat", SMTP_HELO, SMTPCMD_OK },
	{ "HELO  gnat  ", SMTP_HELO, SMTPCMD_OK },
	{ "HELO", SMTP_HELO, SMTPCMD_BAD_ARGUMENT },
	{ "DATA", SMTP_DATA, SMTPCMD_OK },
	{ "DATA ", SMTP_DATA, SMTPCMD_OK },
	{ "DATA x", SMTP_DATA, SMTPCMD_BAD_ARGUMENT },
	{ "RSET", SMTP_RSET, SMTPCMD_OK },
	{ "RSET x", SMTP_RSET, SMTPCMD_BAD_ARGUMENT },
	{ "NOOP", SMTP_NOOP, SMTPCMD_OK },
	{ "NOOP what ever", SMTP_NOOP, SMTPCMD_OK },
	{ "QUIT", SMTP_QUIT, SMTPCMD_OK },
	{ "QUIT\t ", SMTP_QUIT, SMTPCMD_OK },
	{ "QUIT now", SMTP_QUIT, SMTPCMD_BAD_ARGUMENT },
	{ "VRFY bruce", SMTP_VRFY, SMTPCMD_OK },
	{ "VRFY", SMTP_VRFY, SMTPCMD_BAD_ARGUMENT },
	{ "HELP", SMTP_HELP, SMTPCMD_OK },
	{ "HELP MAIL", SMTP_HELP, SMTPCMD_OK },
	{ "BDAT 10 LAST", SMTP_BDAT, SMTPCMD_OK },
	{ "EXPN staff", SMTP_ABSENT, SMTPCMD_OK },
	{ "STARTTLS", SMTP_STARTTLS, SMTPCMD_OK },
	{ "starttls ", SMTP_STARTTLS, SMTPCMD_OK },
	{ "STARTTLS now", SMTP_STARTTLS, SMTPCMD_BAD_ARGUMENT },
	{ "AUTH PLAIN AGEAYg==", SMTP_AUTH, SMTPCMD_OK },
	{ "AUTH", SMTP_AUTH, SMTPCMD_BAD_ARGUMENT },
	{ "TURN", SMTP_ABSENT, SMTPCMD_OK },
	{ "", SMTP_UNKNOWN, SMTPCMD_OK },
	{ " ", SMTP_UNKNOWN, SMTPCMD_OK },
	{ " QUIT", SMTP_UNKNOWN, SMTPCMD_OK },
	{ "QUITx", SMTP_UNKNOWN, SMTPCMD_OK },
	{ "QUI", SMTP_UNKNOWN, SMTPCMD_OK },
	{ "GET / HTTP/1.0", SMTP_UNKNOWN, SMTPCMD_OK },
	{ "MAILFROM:<a@b>", SMTP_UNKNOWN, SMTPCMD_OK },

	/* Control bytes. */
	{ "QUIT\r", SMTP_UNKNOWN, SMTPCMD_BAD_BYTE },
	{ "NOOP \r", SMTP_NOOP, SMTPCMD_BAD_BYTE },
	{ "NOOP \x7f", SMTP_NOOP, SMTPCMD_BAD_BYTE },
	{ "NOOP a\tb", SMTP_NOOP, SMTPCMD_BAD_BYTE },
	{ "MAIL\tFROM:<a@b>", SMTP_UNKNOWN, SMTPCMD_BAD_BYTE },
	{ "MAIL FROM:<a@b>\tSIZE=1", SMTP_MAIL, SMTPCMD_BAD_BYTE },

	/* MAIL and RCPT. */
	{ "MAIL FROM:<erick@maggot>", SMTP_MAIL, SMTPCMD_OK },
	{ "mail from:<erick@maggot>", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM: <erick@maggot>", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<>", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<> ", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL FROM", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL FROM <a@b>", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL FROM :<a@b>", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL TO:<a@b>", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL <a@b>", SMTP_MAIL, SMTPCMD_BAD_ARGUMENT },
	{ "MAIL FROM:", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:a@b", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b>x", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b>SIZE=1", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<erick>", SMTP_MAIL, SMTPCMD_PATH_NO_DOMAIN },
	{ "MAIL FROM:<" X60 "xxxxx@b>", SMTP_MAIL, SMTPCMD_PATH_TOO_LONG },
	{ "RCPT TO:<bruce@gnat>", SMTP_RCPT, SMTPCMD_OK },
	{ "rcpt to: <postmaster>", SMTP_RCPT, SMTPCMD_OK },
	{ "RCPT TO:<>", SMTP_RCPT, SMTPCMD_BAD_PATH },
	{ "RCPT FROM:<a@b>", SMTP_RCPT, SMTPCMD_BAD_ARGUMENT },
	{ "RCPT TO:<bruce>", SMTP_RCPT, SMTPCMD_PATH_NO_DOMAIN },
	{ "RCPT TO:<a@b>,<c@d>", SMTP_RCPT, SMTPCMD_BAD_PATH },

	/* Parameters. */
	{ "MAIL FROM:<a@b> SIZE=1", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b>  size=1   body=8bitmime", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> SIZE=1 BODY=7BIT SMTPUTF8", SMTP_MAIL,
	    SMTPCMD_OK },
	{ "MAIL FROM:<a@b> SIZE", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=x", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=-1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=1=2", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=1 SIZE=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SIZE=1 size=2", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> BODY=BINARYMIME", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> BODY", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8=", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> =1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> -X=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> X_Y=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> X=\xc3\xbc", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> X-Y=1", SMTP_MAIL, SMTPCMD_UNKNOWN_PARAMETER },
	{ "MAIL FROM:<a@b> RET=HDRS", SMTP_MAIL, SMTPCMD_UNKNOWN_PARAMETER },
	{ "MAIL FROM:<a@b> AUTH=<>", SMTP_MAIL, SMTPCMD_UNKNOWN_PARAMETER },
	{ "RCPT TO:<a@b> SIZE=1", SMTP_RCPT, SMTPCMD_UNKNOWN_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=NEVER", SMTP_RCPT,
	    SMTPCMD_UNKNOWN_PARAMETER },
};

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__every_line_gets_its_answer);
ATF_TC_BODY(smtpcmd_parse__every_line_gets_its_answer, tc)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(LINES); i++) {
		struct smtp_cmd cmd;
		enum smtpcmd_status status = smtpcmd_parse(
		    bytes_of(LINES[i].line), &cmd);

		ATF_CHECK_EQ_MSG(LINES[i].want, status, "%s: status %d",
		    LINES[i].line, (int)status);
		ATF_CHECK_EQ_MSG(LINES[i].verb, cmd.verb, "%s: verb %d",
		    LINES[i].line, (int)cmd.verb);
	}
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__argument_has_no_blanks_around_it);
ATF_TC_BODY(smtpcmd_parse__argument_has_no_blanks_around_it, tc)
{
	static const struct {
		const char *line;
		const char *want;
	} rows[] = {
		{ "NOOP", "" },
		{ "NOOP  ", "" },
		{ "NOOP a  b \t", "a  b" },
		{ "EHLO   gnat", "gnat" },
		{ "what is this", "is this" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtp_cmd cmd;

		ATF_REQUIRE_EQ(SMTPCMD_OK,
		    smtpcmd_parse(bytes_of(rows[i].line), &cmd));
		ATF_CHECK_MSG(bytes_same(cmd.argument,
		        bytes_of(rows[i].want)), "row %zu: %.*s", i,
		    (int)cmd.argument.n, cmd.argument.p);
	}
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__path_and_parameters_come_out);
ATF_TC_BODY(smtpcmd_parse__path_and_parameters_come_out, tc)
{
	struct smtp_cmd cmd;

	ATF_REQUIRE_EQ(SMTPCMD_OK, smtpcmd_parse(bytes_of(
	    "MAIL FROM:<@r:Erick@Maggot> SIZE=77 BODY=8BITMIME SMTPUTF8"),
	    &cmd));
	ATF_CHECK(bytes_same(cmd.path.mailbox, bytes_of("Erick@Maggot")));
	ATF_CHECK(cmd.has_size);
	ATF_CHECK_EQ(77, cmd.size);
	ATF_CHECK_EQ(SMTP_BODY_8BITMIME, cmd.body);
	ATF_CHECK(cmd.smtputf8);

	ATF_REQUIRE_EQ(SMTPCMD_OK,
	    smtpcmd_parse(bytes_of("MAIL FROM:<> BODY=7bit"), &cmd));
	ATF_CHECK_EQ(0, cmd.path.mailbox.n);
	ATF_CHECK(!cmd.has_size);
	ATF_CHECK_EQ(SMTP_BODY_7BIT, cmd.body);
	ATF_CHECK(!cmd.smtputf8);

	/* Nothing of the command before is left. */
	ATF_REQUIRE_EQ(SMTPCMD_OK,
	    smtpcmd_parse(bytes_of("RCPT TO:<a@b>"), &cmd));
	ATF_CHECK(bytes_same(cmd.path.mailbox, bytes_of("a@b")));
	ATF_CHECK_EQ(SMTP_BODY_UNSAID, cmd.body);
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__size_of_1_to_20_digits);
ATF_TC_BODY(smtpcmd_parse__size_of_1_to_20_digits, tc)
{
	static const struct {
		const char *digits;
		enum smtpcmd_status want;
		uint64_t size;
	} rows[] = {
		{ "0", SMTPCMD_OK, 0 },
		{ "33554432", SMTPCMD_OK, 33554432 },
		{ "4294967296", SMTPCMD_OK, 4294967296 },
		{ "00000000000000000007", SMTPCMD_OK, 7 },
		{ "18446744073709551614", SMTPCMD_OK, UINT64_MAX - 1 },
		{ "18446744073709551615", SMTPCMD_OK, UINT64_MAX },
		/* More than we can count is more than we can store. */
		{ "18446744073709551616", SMTPCMD_OK, UINT64_MAX },
		{ "99999999999999999999", SMTPCMD_OK, UINT64_MAX },
		{ "000000000000000000007", SMTPCMD_BAD_PARAMETER, 0 },
		{ "100000000000000000000", SMTPCMD_BAD_PARAMETER, 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char line[80] = "MAIL FROM:<a@b> SIZE=";
		struct smtp_cmd cmd;

		strcat(line, rows[i].digits);
		ATF_CHECK_EQ_MSG(rows[i].want,
		    smtpcmd_parse(bytes_of(line), &cmd), "%s", line);
		if (rows[i].want == SMTPCMD_OK)
			ATF_CHECK_EQ_MSG(rows[i].size, cmd.size,
			    "%s: %" PRIu64, line, cmd.size);
	}
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__each_verb_has_its_longest_line);
ATF_TC_BODY(smtpcmd_parse__each_verb_has_its_longest_line, tc)
{
	/* Octets without CR LF; RFC 5321 4.5.3.1.4, RFC 1870, 6152, 6531. */
	static const struct {
		const char *start;
		char filler;
		size_t longest;
	} rows[] = {
		{ "NOOP ", 'x', 510 },
		{ "RCPT TO:<a@b>", ' ', 510 },
		{ "MAIL FROM:<a@b>", ' ', 563 },
		{ "what ", 'x', 510 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char line[600];
		struct smtp_cmd cmd;

		memset(line, rows[i].filler, sizeof(line));
		memcpy(line, rows[i].start, strlen(rows[i].start));
		ATF_CHECK_EQ_MSG(SMTPCMD_OK,
		    smtpcmd_parse((struct bytes) { line, rows[i].longest },
		        &cmd), "%s", rows[i].start);
		ATF_CHECK_EQ_MSG(SMTPCMD_LINE_TOO_LONG,
		    smtpcmd_parse((struct bytes) { line,
		        rows[i].longest + 1 }, &cmd), "%s", rows[i].start);
	}
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__nul_is_a_control_byte);
ATF_TC_BODY(smtpcmd_parse__nul_is_a_control_byte, tc)
{
	struct smtp_cmd cmd;

	ATF_CHECK_EQ(SMTPCMD_BAD_BYTE,
	    smtpcmd_parse((struct bytes) { "NOOP \0", 6 }, &cmd));
	ATF_CHECK_EQ(SMTPCMD_BAD_BYTE,
	    smtpcmd_parse((struct bytes) { "MAIL FROM:<a@b>\0", 16 }, &cmd));
	ATF_CHECK_EQ(SMTPCMD_BAD_BYTE,
	    smtpcmd_parse((struct bytes) { "\0", 1 }, &cmd));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpcmd_parse__every_line_gets_its_answer);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__argument_has_no_blanks_around_it);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__path_and_parameters_come_out);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__size_of_1_to_20_digits);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__each_verb_has_its_longest_line);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__nul_is_a_control_byte);
	return (atf_no_error());
}
