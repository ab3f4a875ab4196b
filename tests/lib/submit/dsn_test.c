/* SPDX-License-Identifier: ISC */
#include "submit/dsn.h"

#include <atf-c.h>
#include <string.h>

static const char *name;
static const char *value;

static const char *
env(const char *wanted)
{
	return (strcmp(name, wanted) == 0 ? value : NULL);
}

ATF_TC_WITHOUT_HEAD(dsn_read__takes_what_a_client_could_say);
ATF_TC_BODY(dsn_read__takes_what_a_client_could_say, tc)
{
	static const struct {
		const char *name;
		const char *value;
		bool is_good;
	} rows[] = {
		{ "SMTPSERV_NOTIFY", "SUCCESS,DELAY", true },
		{ "SMTPSERV_NOTIFY", "SOMETIMES", false },
		{ "SMTPSERV_RET", "hdrs", true },
		{ "SMTPSERV_RET", "HALF", false },
		{ "SMTPSERV_ENVID", "a+2Bb", true },
		{ "SMTPSERV_ENVID", "a b", false },
		{ "SMTPSERV_ENVELOPE", "5", true },
		{ "SMTPSERV_ENVELOPE", "", true },
		{ "SMTPSERV_ENVELOPE", "05", false },
		{ "SMTPSERV_ENVELOPE", "6", false },
		{ "SMTPSERV_ENVELOPE", "x", false },
	};
	static struct submit s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *wrong;

		name = rows[i].name;
		value = rows[i].value;
		wrong = dsn_read(&s, env);
		ATF_CHECK_EQ_MSG(rows[i].is_good, wrong == NULL, "row %zu", i);
		ATF_CHECK(wrong == NULL || strcmp(wrong, name) == 0);
	}
	name = "SMTPSERV_RET";
	value = "hdrs";
	ATF_REQUIRE(dsn_read(&s, env) == NULL);
	ATF_CHECK(bytes_same(bytes_of("HDRS"), s.ret));
	ATF_CHECK(s.notify.n == 0 && s.envid.n == 0 && s.full == -1);
	name = "SMTPSERV_ENVELOPE";
	value = "5";
	ATF_REQUIRE(dsn_read(&s, env) == NULL);
	ATF_CHECK_EQ(5, s.full);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, dsn_read__takes_what_a_client_could_say);
	return (atf_no_error());
}
