/* SPDX-License-Identifier: ISC */
#include "service/site.h"

#include <atf-c.h>
#include <errno.h>
#include <string.h>

/* The test program is not in a bin/ with a libexec/ beside it. */
ATF_TC_WITHOUT_HEAD(find__needs_the_session);
ATF_TC_BODY(find__needs_the_session, tc)
{
	static struct site site;
	struct fault why;

	ATF_CHECK_EQ(RES_PERM, site_find(&site, "/etc/x.cfg", &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK_STREQ("find", why.op);
}

ATF_TC_WITHOUT_HEAD(find__makes_the_configuration_absolute);
ATF_TC_BODY(find__makes_the_configuration_absolute, tc)
{
	static struct site site;
	struct fault why;

	ATF_CHECK_EQ(RES_PERM, site_find(&site, "/etc/x.cfg", &why));
	ATF_CHECK_STREQ("/etc/x.cfg", site.conf);
	ATF_CHECK_EQ(RES_PERM, site_find(&site, "./a/x.cfg", &why));
	ATF_CHECK_EQ('/', site.conf[0]);
	ATF_CHECK(strstr(site.conf, "/./") == NULL);
	ATF_CHECK_STREQ("/a/x.cfg", strrchr(site.conf, 'a') - 1);
}

ATF_TC_WITHOUT_HEAD(find__too_long_a_name_is_refused);
ATF_TC_BODY(find__too_long_a_name_is_refused, tc)
{
	static char name[SITE_PATH_MAX + 2];
	static struct site site;
	struct fault why;

	memset(name, 'x', sizeof(name) - 1);
	ATF_CHECK_EQ(RES_PERM, site_find(&site, name, &why));
	ATF_CHECK_EQ(ENAMETOOLONG, why.err);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, find__needs_the_session);
	ATF_TP_ADD_TC(tp, find__makes_the_configuration_absolute);
	ATF_TP_ADD_TC(tp, find__too_long_a_name_is_refused);
	return (atf_no_error());
}
