/* SPDX-License-Identifier: ISC */
#include "program/configured.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What was reported last. */
struct told {
	unsigned int times;
	char text[4096];
};

static void
take(void *ctx, enum conf_weight weight, const char *file, unsigned int line,
    const char *key, const char *text)
{
	struct told *told = ctx;
	struct buf b;

	ATF_CHECK_EQ(CONF_ERROR, weight);
	told->times++;
	buf_init(&b, told->text, sizeof(told->text));
	(void)buf_printf(&b, "%s:%u:%s:%s", file, line, key, text);
	ATF_REQUIRE(buf_cstr(&b) != NULL);
}

static struct told told;
static struct settings settings;

static struct configured
configured(const char *option)
{
	ATF_REQUIRE_EQ(0, unsetenv("WATTCP.CFG"));
	ATF_REQUIRE_EQ(0, unsetenv("WATTCP_CFG"));
	return ((struct configured){ option, take, &told, "?" });
}

ATF_TC_WITHOUT_HEAD(find__asks_option_then_environment);
ATF_TC_BODY(find__asks_option_then_environment, tc)
{
	struct configured c = configured(NULL);

	ATF_REQUIRE_EQ(RES_OK, configured_find(&c));
	ATF_CHECK_STREQ("/etc/smtpserv/wattcp.cfg", c.path);
	ATF_REQUIRE_EQ(0, setenv("WATTCP_CFG", "/b", 1));
	ATF_REQUIRE_EQ(RES_OK, configured_find(&c));
	ATF_CHECK_STREQ("/b/wattcp.cfg", c.path);
	ATF_REQUIRE_EQ(0, setenv("WATTCP.CFG", "/a", 1));
	ATF_REQUIRE_EQ(RES_OK, configured_find(&c));
	ATF_CHECK_STREQ("/a/wattcp.cfg", c.path);
	c.option = "x.cfg";
	ATF_REQUIRE_EQ(RES_OK, configured_find(&c));
	ATF_CHECK_STREQ("x.cfg", c.path);
	ATF_CHECK_EQ(0, told.times);
}

ATF_TC_WITHOUT_HEAD(find__reports_a_name_that_is_too_long);
ATF_TC_BODY(find__reports_a_name_that_is_too_long, tc)
{
	static char name[CONF_VALUE_MAX + 1];
	struct configured c = configured(NULL);

	memset(name, 'x', sizeof(name) - 1);
	ATF_REQUIRE_EQ(0, setenv("WATTCP_CFG", name, 1));
	ATF_CHECK_EQ(RES_PERM, configured_find(&c));
	ATF_CHECK_STREQ(":0::file name too long", told.text);
	ATF_CHECK_STREQ("", c.path);
	c = configured(name);
	ATF_CHECK_EQ(RES_PERM, configured_load(&c, &settings));
	ATF_CHECK_EQ('x', told.text[0]);
	ATF_CHECK_EQ(2, told.times);
}

ATF_TC_WITHOUT_HEAD(load__fills_settings_or_reports);
ATF_TC_BODY(load__fills_settings_or_reports, tc)
{
	struct configured c = configured("w.cfg");

	ATF_CHECK_EQ(RES_PERM, configured_load(&c, &settings));
	ATF_CHECK_EQ(1, told.times);
	atf_utils_create_file("w.cfg", "smtp.subdir = /x\nsmtp.maxrcpts = 7\n");
	ATF_CHECK_EQ(RES_OK, configured_load(&c, &settings));
	ATF_CHECK_EQ(7, settings.session.maxrcpts);
	atf_utils_create_file("w.cfg", "smtp.subdir = /x\nsmtp.eol = no\n");
	ATF_CHECK_EQ(RES_PERM, configured_load(&c, &settings));
	ATF_CHECK(strncmp("w.cfg:2:smtp.eol:", told.text, 17) == 0);
	ATF_CHECK_EQ(2, told.times);
}

ATF_TC_WITHOUT_HEAD(load_bare__wants_no_key_and_no_file);
ATF_TC_BODY(load_bare__wants_no_key_and_no_file, tc)
{
	struct configured c = configured("w.cfg");

	/* One that is named must be there. */
	ATF_CHECK_EQ(RES_PERM, configured_load_bare(&c, &settings, NULL));
	ATF_CHECK_EQ(1, told.times);
	atf_utils_create_file("w.cfg", "smtp.maxrcpts = 7\n");
	ATF_CHECK_EQ(RES_PERM, configured_load(&c, &settings));
	ATF_CHECK_EQ(2, told.times);
	ATF_CHECK_EQ(RES_OK, configured_load_bare(&c, &settings, NULL));
	ATF_CHECK_EQ(7, settings.session.maxrcpts);
	ATF_CHECK_EQ(2, told.times);
	atf_utils_create_file("w.cfg", "smtp.eol = no\n");
	ATF_CHECK_EQ(RES_PERM, configured_load_bare(&c, &settings, NULL));
	ATF_CHECK_EQ(3, told.times);
	ATF_REQUIRE_EQ(0, setenv("WATTCP_CFG", "/nowhere", 1));
	c = configured(NULL);
	ATF_CHECK_EQ(RES_OK, configured_load_bare(&c, &settings, NULL));
	ATF_CHECK_EQ(1000, settings.session.maxrcpts);
	ATF_CHECK_EQ(3, told.times);
}

ATF_TC_WITHOUT_HEAD(wrong__is_of_the_file_as_a_whole);
ATF_TC_BODY(wrong__is_of_the_file_as_a_whole, tc)
{
	struct configured c = configured("w.cfg");

	ATF_REQUIRE_EQ(RES_OK, configured_find(&c));
	ATF_CHECK_EQ(RES_PERM, configured_wrong(&c, "smtp.auth", "not set"));
	ATF_CHECK_STREQ("w.cfg:0:smtp.auth:not set", told.text);
}

ATF_TC_WITHOUT_HEAD(host__is_of_the_settings);
ATF_TC_BODY(host__is_of_the_settings, tc)
{
	struct configured c = configured("w.cfg");
	char host[256];

	atf_utils_create_file(
	    "w.cfg", "smtp.subdir = /x\nhostname = gnat\ndomain = example\n");
	ATF_REQUIRE_EQ(RES_OK, configured_load(&c, &settings));
	ATF_CHECK_EQ(
	    RES_OK, configured_host(&c, &settings, host, sizeof(host)));
	ATF_CHECK_STREQ("gnat.example", host);
	ATF_CHECK_EQ(RES_PERM, configured_host(&c, &settings, host, 12));
	ATF_CHECK_STREQ(
	    "w.cfg:0:hostname:hostname.domain is not a domain name", told.text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, find__asks_option_then_environment);
	ATF_TP_ADD_TC(tp, find__reports_a_name_that_is_too_long);
	ATF_TP_ADD_TC(tp, load__fills_settings_or_reports);
	ATF_TP_ADD_TC(tp, load_bare__wants_no_key_and_no_file);
	ATF_TP_ADD_TC(tp, wrong__is_of_the_file_as_a_whole);
	ATF_TP_ADD_TC(tp, host__is_of_the_settings);
	return (atf_no_error());
}
