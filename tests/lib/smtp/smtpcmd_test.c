/* SPDX-License-Identifier: ISC */
#include "smtp/smtpcmd.h"

#include <atf-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

#define X10  "xxxxxxxxxx"
#define X40  X10 X10 X10 X10
#define X60  X40 X10 X10
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
	{ "EHLO \xc3\xbc", SMTP_EHLO, SMTPCMD_OK },
	{ "EHLO \xfc", SMTP_EHLO, SMTPCMD_BAD_ARGUMENT },
	{ "EHLO a..b", SMTP_EHLO, SMTPCMD_OK },
	{ "EHLO a\tb", SMTP_EHLO, SMTPCMD_BAD_BYTE },
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
	{ "MAIL FROM:<a@b>\tSIZE=1", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:\t<a@b>\t", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a\t@b>", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<\"a\tb\"@b>", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b>\t\x01", SMTP_MAIL, SMTPCMD_BAD_BYTE },
	{ "MAIL FROM:\x01\t<a@b>", SMTP_MAIL, SMTPCMD_BAD_BYTE },
	{ "MAIL FROM:<a@b> ENVID=a\x01", SMTP_MAIL, SMTPCMD_BAD_BYTE },

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
	{ "MAIL FROM:a@b", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM: \t a@b SIZE=1", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:a", SMTP_MAIL, SMTPCMD_PATH_NO_DOMAIN },
	{ "MAIL FROM: SIZE=1", SMTP_MAIL, SMTPCMD_PATH_NO_DOMAIN },
	{ "MAIL FROM:Ann <a@b>", SMTP_MAIL, SMTPCMD_PATH_NO_DOMAIN },
	{ "RCPT TO:a@b c@d", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:a@b,c@d", SMTP_RCPT, SMTPCMD_BAD_PATH },
	{ "RCPT TO:postmaster", SMTP_RCPT, SMTPCMD_OK },
	{ "RCPT TO: ", SMTP_RCPT, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b>x", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<a@b>SIZE=1", SMTP_MAIL, SMTPCMD_BAD_PATH },
	{ "MAIL FROM:<erick>", SMTP_MAIL, SMTPCMD_PATH_NO_DOMAIN },
	{ "MAIL FROM:<" X60 "xxxxx@b>", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<" X60 X60 X60 X60 "xxxxxxxxxxxxx@b>", SMTP_MAIL,
	    SMTPCMD_PATH_TOO_LONG },
	{ "MAIL FROM:" X60 X60 X60 X60 "xxxxxxxxxxxxx@b", SMTP_MAIL,
	    SMTPCMD_PATH_TOO_LONG },
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
	{ "MAIL FROM:<a@b> BODY=BINARYMIME", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> BODY=9BIT", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> BODY", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8=", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> SMTPUTF8 SMTPUTF8", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> =1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> -X=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> X_Y=1", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> X=\xc3\xbc", SMTP_MAIL, SMTPCMD_UNKNOWN_PARAMETER },
	{ "MAIL FROM:<a@b> X-Y=1", SMTP_MAIL, SMTPCMD_UNKNOWN_PARAMETER },
	{ "RCPT TO:<a@b> SIZE=1", SMTP_RCPT, SMTPCMD_UNKNOWN_PARAMETER },

	/* REQUIRETLS and AUTH. */
	{ "MAIL FROM:<a@b> REQUIRETLS", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> REQUIRETLS=yes", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> AUTH=<>", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> AUTH=e+3Dmc2@example.com", SMTP_MAIL,
	    SMTPCMD_OK },
	{ "MAIL FROM:<a@b> AUTH=a+0Ab", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> AUTH", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> AUTH=a AUTH=a", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> AUTH=<>", SMTP_RCPT, SMTPCMD_UNKNOWN_PARAMETER },

	/* DSN. */
	{ "MAIL FROM:<a@b> RET=HDRS", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> ret=full envid=QQ314159", SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> RET=BODY", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> RET", SMTP_MAIL, SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> RET=FULL RET=FULL", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> ENVID=a ENVID=b", SMTP_MAIL,
	    SMTPCMD_BAD_PARAMETER },
	{ "MAIL FROM:<a@b> ENVID=" X60 X40, SMTP_MAIL, SMTPCMD_OK },
	{ "MAIL FROM:<a@b> NOTIFY=NEVER", SMTP_MAIL,
	    SMTPCMD_UNKNOWN_PARAMETER },
	{ "RCPT TO:<a@b> RET=FULL", SMTP_RCPT, SMTPCMD_UNKNOWN_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=NEVER", SMTP_RCPT, SMTPCMD_OK },
	{ "RCPT TO:<a@b> notify=success,Failure,DELAY", SMTP_RCPT,
	    SMTPCMD_OK },
	{ "RCPT TO:<a@b> NOTIFY=NEVER,FAILURE", SMTP_RCPT,
	    SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=FAILURE,NEVER", SMTP_RCPT,
	    SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=DELAY,DELAY", SMTP_RCPT,
	    SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=DELAY,", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=,DELAY", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=ALWAYS", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY", SMTP_RCPT, SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> NOTIFY=DELAY NOTIFY=DELAY", SMTP_RCPT,
	    SMTPCMD_BAD_PARAMETER },
	{ "RCPT TO:<a@b> ORCPT=rfc822;Ann+40gnat", SMTP_RCPT, SMTPCMD_OK },
	{ "RCPT TO:<a@b> ORCPT=utf-8;\\x{FC}@gnat", SMTP_RCPT, SMTPCMD_OK },
	{ "RCPT TO:<a@b> ORCPT=rfc822;a ORCPT=rfc822;a", SMTP_RCPT,
	    SMTPCMD_BAD_PARAMETER },

	/* Chunks. */
	{ "BDAT 0", SMTP_BDAT, SMTPCMD_OK },
	{ "bdat  7  last ", SMTP_BDAT, SMTPCMD_OK },
	{ "BDAT", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT LAST", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT -1", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT +1", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 0x10", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 1 2", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 1 FIRST", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 1 LAST LAST", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 1LAST", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 1,LAST", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },
	{ "BDAT 100000000000000000000", SMTP_BDAT, SMTPCMD_BAD_ARGUMENT },

	/* LMTP. */
	{ "LHLO gnat", SMTP_LHLO, SMTPCMD_OK },
	{ "LHLO", SMTP_LHLO, SMTPCMD_BAD_ARGUMENT },
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
	/* Octets without CR LF; RFC 5321 4.5.3.1.4, RFC 1870, 6152, 6531,
	 * 8689, 3461, 4954. */
	const struct {
		const char *start;
		char filler;
		size_t longest;
	} rows[] = {
		{ "NOOP ", 'x', 510 },
		/* Each parameter at its longest fits beside the rest. */
		{ "RCPT TO:<a@b>", ' ',
		    510 + strlen(" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=") +
			500 },
		{ "MAIL FROM:<a@b>", ' ',
		    510 + 26 + 17 + 10 +
			strlen(" REQUIRETLS RET=FULL ENVID=") + 100 + 500 },
		{ "what ", 'x', 510 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char line[1300];
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

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__dsn_comes_out_as_it_was_sent);
ATF_TC_BODY(smtpcmd_parse__dsn_comes_out_as_it_was_sent, tc)
{
	struct smtp_cmd cmd;

	ATF_REQUIRE_EQ(SMTPCMD_OK, smtpcmd_parse(bytes_of(
	    "MAIL FROM:<a@b> RET=hdrs ENVID=q+3Dq REQUIRETLS AUTH=x@y "
	    "BODY=binarymime"), &cmd));
	ATF_CHECK_EQ(SMTP_RET_HDRS, cmd.ret);
	ATF_CHECK_EQ(SMTP_BODY_BINARYMIME, cmd.body);
	ATF_CHECK(bytes_same(cmd.envid, bytes_of("q+3Dq")));
	ATF_CHECK(cmd.requiretls);
	ATF_REQUIRE_EQ(SMTPCMD_OK, smtpcmd_parse(bytes_of(
	    "RCPT TO:<a@b> ORCPT=rfc822;c+2Bd@e NOTIFY=Delay"), &cmd));
	ATF_CHECK(bytes_same(cmd.orcpt, bytes_of("rfc822;c+2Bd@e")));
	ATF_CHECK(bytes_same(cmd.notify, bytes_of("Delay")));
	ATF_CHECK_EQ(0, cmd.envid.n);
	ATF_CHECK(!cmd.requiretls);
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__orcpt_of_500_octets_is_the_longest);
ATF_TC_BODY(smtpcmd_parse__orcpt_of_500_octets_is_the_longest, tc)
{
	char line[700] = "RCPT TO:<a@b> ORCPT=rfc822;";
	size_t n = strlen(line);
	struct smtp_cmd cmd;

	memset(line + n, 'x', 500 - strlen("rfc822;"));
	n += 500 - strlen("rfc822;");
	ATF_CHECK_EQ(SMTPCMD_OK,
	    smtpcmd_parse((struct bytes) { line, n }, &cmd));
	ATF_CHECK_EQ(500, cmd.orcpt.n);
	line[n++] = 'x';
	ATF_CHECK_EQ(SMTPCMD_OK,
	    smtpcmd_parse((struct bytes) { line, n }, &cmd));
	ATF_CHECK_EQ(0, cmd.orcpt.n);
	ATF_CHECK_EQ(501 + strlen("ORCPT="), cmd.dropped.n);
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__labels_are_kept_or_dropped);
ATF_TC_BODY(smtpcmd_parse__labels_are_kept_or_dropped, tc)
{
	/* The parameter, and what is kept of it; NULL: nothing. */
	static const struct {
		const char *parameter;
		const char *want;
	} rows[] = {
		{ "ENVID=QQ+3D31", "QQ+3D31" },
		{ "ENVID", NULL },
		{ "ENVID=", NULL },
		{ "ENVID=+G1", NULL },
		{ "ENVID=a+", NULL },
		{ "ENVID=+2", NULL },
		{ "ENVID=+2b", NULL },
		{ "ENVID=a=b", NULL },
		{ "ENVID=a+0D+0Ab", NULL },
		{ "ENVID=\xc3\xbc", NULL },
		{ "ENVID=" X60 X40 "x", NULL },
		{ "ORCPT=rfc822;ann+2B1@gnat", "rfc822;ann+2B1@gnat" },
		{ "ORCPT=utf-8;\\x{FC}@gnat", "utf-8;\\x{FC}@gnat" },
		{ "ORCPT=x-what;+2Bann", "x-what;+2Bann" },
		{ "ORCPT", NULL },
		{ "ORCPT=", NULL },
		{ "ORCPT=ann@gnat", NULL },
		{ "ORCPT=;ann@gnat", NULL },
		{ "ORCPT=rfc.822;a", NULL },
		{ "ORCPT=rfc822;", NULL },
		{ "ORCPT=rfc822;a+0Ab", NULL },
		{ "ORCPT=rfc822;a+ZZ", NULL },
		{ "ORCPT=rfc822;j\xf6rg@gnat", NULL },
		{ "ORCPT=rfc822;a\xc2\x85@gnat", NULL },
		{ "ORCPT=x-what;j\xc3\xb6rg", NULL },
		/* UTF-8 as xtext, as Postfix relays it, or bare. */
		{ "ORCPT=rfc822;j+C3+B6rg@gnat", "utf-8;j\\x{F6}rg@gnat" },
		{ "ORCPT=rfc822;j+C3rg@gnat", NULL },
		{ "ORCPT=rfc822;a+C2+85@gnat", NULL },
		{ "ORCPT=rfc822;a+00+C3+B6@gnat", NULL },
		{ "ORCPT=rfc822;j\xc3\xb6rg+2B1@gnat",
		    "utf-8;j\\x{F6}rg\\x{2B}1@gnat" },
		{ "ORCPT=utf-8;j\xc3\xb6rg@\xe4\xb8\xad",
		    "utf-8;j\\x{F6}rg@\\x{4E2D}" },
		{ "ORCPT=rfc822;a=b@gnat", "utf-8;a\\x{3D}b@gnat" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes parameter = bytes_of(rows[i].parameter);
		bool is_envid = bytes_starts_nocase(parameter,
		    bytes_of("ENVID"));
		const char *want = rows[i].want != NULL ? rows[i].want : "";
		char line[300];
		struct smtp_cmd cmd;

		(void)snprintf(line, sizeof(line), "%s%s",
		    is_envid ? "MAIL FROM:<a@b> " : "RCPT TO:<a@b> ",
		    rows[i].parameter);
		ATF_CHECK_EQ_MSG(SMTPCMD_OK, smtpcmd_parse(bytes_of(line),
		    &cmd), "%s", line);
		ATF_CHECK_MSG(bytes_same(is_envid ? cmd.envid : cmd.orcpt,
		    bytes_of(want)), "%s: kept %.*s", line,
		    (int)cmd.orcpt.n, cmd.orcpt.p);
		ATF_CHECK_MSG(bytes_same(cmd.dropped,
		    bytes_of(want[0] == '\0' ? rows[i].parameter : "")),
		    "%s", line);
	}
}

ATF_TC_WITHOUT_HEAD(smtpcmd_parse__chunk_of_1_to_20_digits);
ATF_TC_BODY(smtpcmd_parse__chunk_of_1_to_20_digits, tc)
{
	static const struct {
		const char *line;
		uint64_t octets;
		bool is_last;
	} rows[] = {
		{ "BDAT 0", 0, false },
		{ "BDAT 0 LAST", 0, true },
		{ "BDAT 86 last", 86, true },
		{ "BDAT 00000000000000000007", 7, false },
		{ "BDAT 18446744073709551615", UINT64_MAX, false },
		/* More than we can count will not end before the session. */
		{ "BDAT 99999999999999999999 LAST", UINT64_MAX, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtp_cmd cmd;

		ATF_REQUIRE_EQ_MSG(SMTPCMD_OK,
		    smtpcmd_parse(bytes_of(rows[i].line), &cmd), "%s",
		    rows[i].line);
		ATF_CHECK_EQ_MSG(rows[i].octets, cmd.chunk, "%s",
		    rows[i].line);
		ATF_CHECK_EQ_MSG(rows[i].is_last, cmd.is_last_chunk, "%s",
		    rows[i].line);
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
	ATF_TP_ADD_TC(tp, smtpcmd_parse__dsn_comes_out_as_it_was_sent);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__orcpt_of_500_octets_is_the_longest);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__labels_are_kept_or_dropped);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__chunk_of_1_to_20_digits);
	ATF_TP_ADD_TC(tp, smtpcmd_parse__nul_is_a_control_byte);
	return (atf_no_error());
}
