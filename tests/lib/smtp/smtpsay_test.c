/* SPDX-License-Identifier: ISC */
#include "smtp/smtpsay.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const struct smtpehlo NOTHING = { .lines = 1 };
static const struct smtpehlo ALL = {
	.lines = 9,
	.has_size = true,
	.eightbit = true,
	.smtputf8 = true,
	.dsn = true,
	.binarymime = true,
	.requiretls = true,
	.has_auth = true,
};

static const char *
said(const struct smtpsay_mail *m, const struct smtpehlo *offers)
{
	static char store[SMTPSAY_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (smtpsay_mail(&out, m, offers))
		return (buf_cstr(&out));
	ATF_CHECK_EQ(0, buf_view(&out).n);
	return ("no");
}

static const char *
said_to(const struct smtpsay_rcpt *r, const struct smtpehlo *offers)
{
	static char store[SMTPSAY_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (smtpsay_rcpt(&out, r, offers))
		return (buf_cstr(&out));
	ATF_CHECK_EQ(0, buf_view(&out).n);
	return ("no");
}

/* OB-8: as it is, or quoted, or not at all. */
ATF_TC_WITHOUT_HEAD(smtpsay_path__is_one_path);
ATF_TC_BODY(smtpsay_path__is_one_path, tc)
{
	static const struct {
		const char *mailbox;
		const char *want;
	} rows[] = {
		{ "", "<>" },
		{ "ann@gnat", "<ann@gnat>" },
		{ "ann+x@gnat.example", "<ann+x@gnat.example>" },
		{ "\"a b\"@gnat", "<\"a b\"@gnat>" },
		{ "ann@[192.0.2.1]", "<ann@[192.0.2.1]>" },
		{ "ann@[IPv6:2001:db8::1]", "<ann@[IPv6:2001:db8::1]>" },
		{ "j\303\266rg@gnat", "<j\303\266rg@gnat>" },
		{ "Postmaster", "<Postmaster>" },
		{ "ann", "<ann>" },
		{ "a..b@gnat", "<a..b@gnat>" },
		/* qmail's raw form. */
		{ "a b@gnat", "<\"a b\"@gnat>" },
		{ "a\"b@gnat", "<\"a\\\"b\"@gnat>" },
		{ "a\\b@gnat", "<\"a\\\\b\"@gnat>" },
		{ "a@b@gnat", "<\"a@b\"@gnat>" },
		{ "a<b@gnat", "<\"a<b\"@gnat>" },
		{ "(ann)@gnat", "<\"(ann)\"@gnat>" },
		{ " ann@gnat", "<\" ann\"@gnat>" },
		{ "@a,@b:ann@gnat", "<\"@a,@b:ann\"@gnat>" },
		/* Nobody, or more than a path. */
		{ "ann@gnat>", "no" },
		{ "a>b@gnat", "no" },
		{ "\"a>b\"@gnat", "no" },
		{ "ann@gnat> NOTIFY=NEVER", "no" },
		{ "ann@gn at", "no" },
		{ "ann@gnat\t", "no" },
		{ "ann@gnat.", "no" },
		{ "ann\t", "no" },
		{ "ann@", "no" },
		{ "ann@[192.0.2.1", "no" },
		{ "a\nb@gnat", "no" },
		{ "a\rb@gnat", "no" },
		{ "a\177b@gnat", "no" },
		{ "ann@gnat\r\nRCPT TO:<x@y>", "no" },
		{ "a\377b@gnat", "no" },
	};
	char store[SMTPSAY_MAX];
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, store, sizeof(store));
		if (!smtpsay_path(&out, bytes_of(rows[i].mailbox)))
			(void)buf_puts(&out, "no");
		ATF_CHECK_STREQ_MSG(rows[i].want, buf_cstr(&out), "%s",
		    rows[i].mailbox);
	}
}

/* OB-73: nothing is cut. */
ATF_TC_WITHOUT_HEAD(smtpsay_path__is_not_too_long);
ATF_TC_BODY(smtpsay_path__is_not_too_long, tc)
{
	char store[SMTPSAY_MAX];
	char mailbox[300];
	struct buf out;

	memset(mailbox, 'a', sizeof(mailbox));
	mailbox[200] = '@';
	buf_init(&out, store, sizeof(store));
	ATF_CHECK(smtpsay_path(&out, (struct bytes){ mailbox, 240 }));
	ATF_CHECK_EQ(242, buf_view(&out).n);
	ATF_CHECK(!smtpsay_path(&out, (struct bytes){ mailbox, 260 }));
	ATF_CHECK_EQ(242, buf_view(&out).n);
	buf_init(&out, store, 100);
	ATF_CHECK(!smtpsay_path(&out, (struct bytes){ mailbox, 240 }));
	ATF_CHECK(buf_puts(&out, "still usable"));
}

/* OB-64, OB-66, OB-67, OB-68, OB-69, OB-71, OB-148. */
ATF_TC_WITHOUT_HEAD(smtpsay_mail__uses_what_is_offered);
ATF_TC_BODY(smtpsay_mail__uses_what_is_offered, tc)
{
	struct smtpsay_mail m = { .sender = bytes_of("erick@maggot") };

	ATF_CHECK_STREQ("MAIL FROM:<erick@maggot>\r\n", said(&m, &ALL));
	m.has_size = true;
	m.size = 77;
	m.is_8bit = true;
	m.smtputf8 = true;
	m.requiretls = true;
	m.says_auth = true;
	m.ret = bytes_of("hdrs");
	m.envid = bytes_of("QQ+2B314");
	ATF_CHECK_STREQ("MAIL FROM:<erick@maggot>\r\n", said(&m, &NOTHING));
	ATF_CHECK_STREQ("MAIL FROM:<erick@maggot> SIZE=77 BODY=8BITMIME "
			"SMTPUTF8 REQUIRETLS AUTH=<> RET=HDRS ENVID=QQ+2B314\r\n",
	    said(&m, &ALL));
	m = (struct smtpsay_mail){ .is_8bit = true, .is_binary = true };
	ATF_CHECK_STREQ("MAIL FROM:<> BODY=BINARYMIME\r\n", said(&m, &ALL));
	m = (struct smtpsay_mail){ .ret = bytes_of("FULL SIZE=1"),
		.envid = bytes_of("a b") };
	ATF_CHECK_STREQ("MAIL FROM:<>\r\n", said(&m, &ALL));
	m.sender = bytes_of("erick@mag got");
	ATF_CHECK_STREQ("no", said(&m, &ALL));
}

ATF_TC_WITHOUT_HEAD(smtpsay_rcpt__hands_dsn_on_unchanged);
ATF_TC_BODY(smtpsay_rcpt__hands_dsn_on_unchanged, tc)
{
	struct smtpsay_rcpt r = {
		.mailbox = bytes_of("ann@gnat"),
		.notify = bytes_of("success,DELAY"),
		.orcpt = bytes_of("rfc822;ann+2Bx@gnat"),
	};

	ATF_CHECK_STREQ("RCPT TO:<ann@gnat> NOTIFY=success,DELAY "
			"ORCPT=rfc822;ann+2Bx@gnat\r\n",
	    said_to(&r, &ALL));
	ATF_CHECK_STREQ("RCPT TO:<ann@gnat>\r\n", said_to(&r, &NOTHING));
	r.notify = bytes_of("NEVER SIZE=1");
	r.orcpt = bytes_of("rfc822;ann gnat");
	ATF_CHECK_STREQ("RCPT TO:<ann@gnat>\r\n", said_to(&r, &ALL));
	r.orcpt = bytes_of("ann@gnat");
	ATF_CHECK_STREQ("RCPT TO:<ann@gnat>\r\n", said_to(&r, &ALL));
	r.mailbox = bytes_of("ann@gn at");
	ATF_CHECK_STREQ("no", said_to(&r, &ALL));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpsay_path__is_one_path);
	ATF_TP_ADD_TC(tp, smtpsay_path__is_not_too_long);
	ATF_TP_ADD_TC(tp, smtpsay_mail__uses_what_is_offered);
	ATF_TP_ADD_TC(tp, smtpsay_rcpt__hands_dsn_on_unchanged);
	return (atf_no_error());
}
