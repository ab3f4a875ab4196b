/* SPDX-License-Identifier: ISC */
#include "conf/pull.h"

#include <atf-c.h>

static struct settings s;

static const char *
set(const char *name, const char *value)
{
	const struct key *key = key_named_in(&PULL_KEYS, name);

	ATF_REQUIRE_MSG(key != NULL, "%s", name);
	ATF_CHECK_MSG(key_named(name) == NULL, "%s", name);
	return (key_set(key, &s, value));
}

ATF_TC_WITHOUT_HEAD(pull_keys__have_their_presets_and_bounds);
ATF_TC_BODY(pull_keys__have_their_presets_and_bounds, tc)
{
	keys_init_more(&s, &PULL_KEYS);
	ATF_CHECK_EQ(1000, s.pull.most);
	ATF_CHECK_STREQ("", s.pull.stat);
	ATF_CHECK(set("smtp.pull.most", "0") != NULL);
	ATF_CHECK(set("smtp.pull.most", "1000001") != NULL);
	ATF_CHECK(set("smtp.pull.most", "1000000") == NULL);
	ATF_CHECK_EQ(1000000, s.pull.most);
	ATF_CHECK(set("smtp.pull.stat", "pull.prom") != NULL);
	ATF_CHECK(set("SMTP.Pull.Stat", "/run/pull.prom") == NULL);
	ATF_CHECK_STREQ("/run/pull.prom", s.pull.stat);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pull_keys__have_their_presets_and_bounds);
	return (atf_no_error());
}
