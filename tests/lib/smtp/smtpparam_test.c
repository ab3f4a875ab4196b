/* SPDX-License-Identifier: ISC */
#include "smtp/smtpparam.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(smtpparam_read__belongs_to_one_verb);
ATF_TC_BODY(smtpparam_read__belongs_to_one_verb, tc)
{
	static const struct {
		const char *word;
		enum smtpcmd_status mail;
		enum smtpcmd_status rcpt;
	} rows[] = {
		{ "SIZE=1", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "size=1", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "BODY=8BITMIME", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "SMTPUTF8", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "REQUIRETLS", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "RET=HDRS", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "ENVID=x", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "AUTH=<>", SMTPCMD_OK, SMTPCMD_UNKNOWN_PARAMETER },
		{ "NOTIFY=NEVER", SMTPCMD_UNKNOWN_PARAMETER, SMTPCMD_OK },
		{ "ORCPT=rfc822;x", SMTPCMD_UNKNOWN_PARAMETER, SMTPCMD_OK },
		{ "X-OTHER=1", SMTPCMD_UNKNOWN_PARAMETER,
		    SMTPCMD_UNKNOWN_PARAMETER },
		{ "-X=1", SMTPCMD_BAD_PARAMETER, SMTPCMD_BAD_PARAMETER },
		{ "=1", SMTPCMD_BAD_PARAMETER, SMTPCMD_BAD_PARAMETER },
		{ "SIZE=x", SMTPCMD_BAD_PARAMETER, SMTPCMD_UNKNOWN_PARAMETER },
		{ "SMTPUTF8=", SMTPCMD_BAD_PARAMETER,
		    SMTPCMD_UNKNOWN_PARAMETER },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct smtp_cmd mail = { .verb = SMTP_MAIL };
		struct smtp_cmd rcpt = { .verb = SMTP_RCPT };
		unsigned int seen[2] = { 0, 0 };
		struct bytes word = bytes_of(rows[i].word);

		ATF_CHECK_EQ_MSG(rows[i].mail,
		    smtpparam_read(word, &mail, &seen[0]), "MAIL %s",
		    rows[i].word);
		ATF_CHECK_EQ_MSG(rows[i].rcpt,
		    smtpparam_read(word, &rcpt, &seen[1]), "RCPT %s",
		    rows[i].word);
	}
}

ATF_TC_WITHOUT_HEAD(smtpparam_read__is_said_once);
ATF_TC_BODY(smtpparam_read__is_said_once, tc)
{
	struct smtp_cmd cmd = { .verb = SMTP_MAIL };
	unsigned int seen = 0;

	ATF_CHECK_EQ(
	    SMTPCMD_OK, smtpparam_read(bytes_of("SIZE=7"), &cmd, &seen));
	ATF_CHECK_EQ(
	    SMTPCMD_OK, smtpparam_read(bytes_of("RET=FULL"), &cmd, &seen));
	ATF_CHECK_EQ(SMTPCMD_BAD_PARAMETER,
	    smtpparam_read(bytes_of("SIZE=7"), &cmd, &seen));
	ATF_CHECK_EQ(7, cmd.size);
	ATF_CHECK_EQ(SMTP_RET_FULL, cmd.ret);
}

/* A label that cannot be kept is no reason to refuse; the first is told. */
ATF_TC_WITHOUT_HEAD(smtpparam_read__drops_what_only_labels);
ATF_TC_BODY(smtpparam_read__drops_what_only_labels, tc)
{
	struct smtp_cmd cmd = { .verb = SMTP_RCPT };
	struct bytes bad = bytes_of("ORCPT=none");
	unsigned int seen = 0;

	ATF_CHECK_EQ(SMTPCMD_OK, smtpparam_read(bad, &cmd, &seen));
	ATF_CHECK(bytes_same(cmd.dropped, bad));
	ATF_CHECK_EQ(0, cmd.orcpt.n);
}

ATF_TC_WITHOUT_HEAD(smtpparam_octets__has_1_to_20_digits);
ATF_TC_BODY(smtpparam_octets__has_1_to_20_digits, tc)
{
	uint64_t n;

	ATF_CHECK(smtpparam_octets(bytes_of("0"), &n) && n == 0);
	ATF_CHECK(smtpparam_octets(bytes_of("99999999999999999999"), &n) &&
	    n == UINT64_MAX);
	ATF_CHECK(!smtpparam_octets(bytes_of("100000000000000000000"), &n));
	ATF_CHECK(!smtpparam_octets(bytes_of(""), &n));
	ATF_CHECK(!smtpparam_octets(bytes_of("1a"), &n));
	ATF_CHECK(!smtpparam_octets(bytes_of("-1"), &n));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpparam_read__belongs_to_one_verb);
	ATF_TP_ADD_TC(tp, smtpparam_read__is_said_once);
	ATF_TP_ADD_TC(tp, smtpparam_read__drops_what_only_labels);
	ATF_TP_ADD_TC(tp, smtpparam_octets__has_1_to_20_digits);
	return (atf_no_error());
}
