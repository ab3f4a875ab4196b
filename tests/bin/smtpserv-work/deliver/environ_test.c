/* SPDX-License-Identifier: ISC */
#include "deliver/environ.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "bytes/buf.h"

static char made[65536];

static bool
put(void *ctx, const char *name, const char *value)
{
	struct buf *b = ctx;

	(void)buf_puts(b, name);
	if (value != NULL)
		(void)buf_puts(b, "=");
	(void)buf_puts(b, value == NULL ? "" : value);
	return (buf_puts(b, "|"));
}

static bool
refuse(void *ctx, const char *name, const char *value)
{
	const char *unwanted = ctx;

	(void)value;
	return (strcmp(name, unwanted) != 0);
}

static const struct delivery DELIVERY = {
	.number = 77,
	.txt_path = "/spool/77.TXT",
	.sender = { "a b@c", 5 },
	.recipient = { "u+x-y@h.k", 9 },
	.local = { "u+x-y", 5 },
	.domain = { "h.k", 3 },
	.ext = { "x-y", 3 },
	.deflt = { "x-y", 3 },
};

static void
make(const struct delivery *d)
{
	struct buf b;

	buf_init(&b, made, sizeof(made));
	ATF_REQUIRE(environ_make(d, 1795514400, put, &b));
	ATF_REQUIRE(buf_cstr(&b) != NULL);
}

ATF_TC_WITHOUT_HEAD(environ_make__as_qmail_command);
ATF_TC_BODY(environ_make__as_qmail_command, tc)
{
	make(&DELIVERY);
	ATF_CHECK_STREQ(
	    "SMTPSERV_NUMBER=77|SMTPSERV_TXT=/spool/77.TXT|SENDER=a b@c|"
	    "NEWSENDER=a b@c|RECIPIENT=u+x-y@h.k|LOCAL=u+x-y|EXT=x-y|EXT2=y|"
	    "EXT3=|EXT4=|HOST=h.k|HOST2=h|HOST3=|HOST4=|DEFAULT=x-y|"
	    "DTLINE=Delivered-To: u+x-y@h.k\n|RPLINE=Return-Path: <a b@c>\n|"
	    "UFLINE=From a-b@c Tue Nov 24 10:00:00 2026\n|",
	    made);
}

ATF_TC_WITHOUT_HEAD(environ_make__nobody_and_nothing);
ATF_TC_BODY(environ_make__nobody_and_nothing, tc)
{
	struct delivery d = DELIVERY;

	d.sender = d.ext = d.deflt = (struct bytes) { "", 0 };
	make(&d);
	ATF_CHECK(strstr(made, "|SENDER=|") != NULL);
	/* Not set, which is more than empty. */
	ATF_CHECK(strstr(made, "|DEFAULT|") != NULL);
	ATF_CHECK(strstr(made, "|EXT=|") != NULL);
	ATF_CHECK(strstr(made, "|RPLINE=Return-Path: <>\n|") != NULL);
	ATF_CHECK(strstr(made, "|UFLINE=From MAILER-DAEMON Tue") != NULL);
}

ATF_TC_WITHOUT_HEAD(environ_make__fails_where_put_does_and_when_too_long);
ATF_TC_BODY(environ_make__fails_where_put_does_and_when_too_long, tc)
{
	static const char *const names[] = { "SMTPSERV_NUMBER", "SMTPSERV_TXT",
		"SENDER", "NEWSENDER", "RECIPIENT", "LOCAL", "EXT", "EXT4",
		"HOST", "HOST4", "DEFAULT", "DTLINE", "RPLINE", "UFLINE" };
	static char longest[ENVIRON_VALUE_MAX];
	struct delivery d = DELIVERY;
	char name[32];
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		(void)snprintf(name, sizeof(name), "%s", names[i]);
		ATF_CHECK_MSG(
		    !environ_make(&DELIVERY, 0, refuse, name), "%s", name);
	}
	memset(longest, 'x', sizeof(longest));
	d.recipient = (struct bytes) { longest, sizeof(longest) };
	(void)snprintf(name, sizeof(name), "none");
	ATF_CHECK(!environ_make(&d, 0, refuse, name));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, environ_make__as_qmail_command);
	ATF_TP_ADD_TC(tp, environ_make__nobody_and_nothing);
	ATF_TP_ADD_TC(
	    tp, environ_make__fails_where_put_does_and_when_too_long);
	return (atf_no_error());
}
