/* SPDX-License-Identifier: ISC */
#include "report.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const struct report_peer MX = { "mx.example", "192.0.2.1" };
static const struct report_peer NOBODY = { "", "" };
static const struct report_peer LITERAL = { "", "192.0.2.1" };

static char store[REPORT_MAX];
static struct buf out;

/* The report, which ends with its only NUL. */
static const char *
whole(void)
{
	struct bytes text = buf_view(&out);
	size_t nul;

	ATF_REQUIRE(bytes_find(text, '\0', &nul));
	ATF_CHECK_EQ(text.n - 1, nul);
	return (text.p);
}

static void
hear(struct talkmail_outcome *o, char letter, unsigned int code,
    const char *words)
{
	memset(o, 0, sizeof(*o));
	talkoutcome_hear(o, letter, code, bytes_of(words));
	buf_init(&out, store, sizeof(store));
}

/* OB-2, OB-4: a letter, who, what they have said, and a status. */
ATF_TC_WITHOUT_HEAD(report__names_host_and_quotes_it);
ATF_TC_BODY(report__names_host_and_quotes_it, tc)
{
	struct talkmail_outcome o;

	hear(&o, 'h', 550, "5.1.1 no such user");
	report_rcpt(&out, &o, &MX);
	ATF_CHECK_STREQ("h192.0.2.1 (mx.example) does not like recipient.\n"
			"Remote host said: 550 5.1.1 no such user (#5.1.1)\n",
	    whole());
	hear(&o, 's', 450, "later");
	report_rcpt(&out, &o, &LITERAL);
	ATF_CHECK_STREQ("s192.0.2.1 does not like recipient.\n"
			"Remote host said: 450 later (#4.0.0)\n",
	    whole());
	hear(&o, 'r', 250, "ok");
	report_rcpt(&out, &o, &MX);
	ATF_CHECK_STREQ("r", whole());
	hear(&o, 'K', 250, "2.0.0 queued");
	report_mail(&out, &o, &MX);
	ATF_CHECK_STREQ("K192.0.2.1 (mx.example) accepted message.\n"
			"Remote host said: 250 2.0.0 queued (#2.0.0)\n",
	    whole());
	hear(&o, 'D', 554, "5.7.1 spam");
	report_mail(&out, &o, &MX);
	ATF_CHECK_STREQ("D192.0.2.1 (mx.example) failed.\n"
			"Remote host said: 554 5.7.1 spam (#5.7.1)\n",
	    whole());
	talkoutcome_say(&o, 'Z', "4.4.2", "%s", "no answer in time at DATA");
	buf_reset(&out);
	report_mail(&out, &o, &MX);
	ATF_CHECK_STREQ("Z192.0.2.1 (mx.example) could not take the message "
			"now.\nno answer in time at DATA (#4.4.2)\n",
	    whole());
	talkoutcome_say(&o, 'N', "4.4.1", "%s", "nobody was reached");
	buf_reset(&out);
	report_mail(&out, &o, &NOBODY);
	ATF_CHECK_STREQ("Znobody was reached (#4.4.1)\n", whole());
	buf_reset(&out);
	report_say(&out, 'D', "5.3.5", "started wrongly");
	ATF_CHECK_STREQ("Dstarted wrongly (#5.3.5)\n", whole());
}

/* OB-3, OB-56: one line of printable ASCII, and not without end. */
ATF_TC_WITHOUT_HEAD(report__is_harmless_whatever_was_said);
ATF_TC_BODY(report__is_harmless_whatever_was_said, tc)
{
	static char words[20000];
	struct talkmail_outcome o;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof(words); i++)
		words[i] = (char)(i % 256);
	memset(&o, 0, sizeof(o));
	talkoutcome_hear(&o, 'D', 550, (struct bytes){ words, sizeof(words) });
	buf_init(&out, store, sizeof(store));
	report_mail(&out, &o, &MX);
	text = whole();
	ATF_CHECK(!buf_overflowed(&out));
	for (i = 0; text[i] != '\0'; i++)
		ATF_CHECK(
		    text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	ATF_CHECK(strstr(text, "550 ?????") != NULL);
	hear(&o, 'K', 250, "ok\r\nDlies\n\tx");
	report_mail(&out, &o, &MX);
	ATF_CHECK_STREQ("K192.0.2.1 (mx.example) accepted message.\n"
			"Remote host said: 250 ok  Dlies  x (#2.0.0)\n",
	    whole());
}

/* OB-55: a status of another class than the outcome's says nothing. */
ATF_TC_WITHOUT_HEAD(report__status_suits_the_letter);
ATF_TC_BODY(report__status_suits_the_letter, tc)
{
	static const struct {
		char letter;
		unsigned int code;
		const char *words;
		const char *want;
	} rows[] = {
		{ 'D', 550, "5.1.1 x", "5.1.1" },
		{ 'D', 550, "4.1.1 x", "5.0.0" },
		{ 'D', 550, "x", "5.0.0" },
		{ 'Z', 550, "5.7.1 greeting", "4.7.1" },
		{ 'Z', 451, "4.7.1 x", "4.7.1" },
		{ 'K', 250, "2.6.0 x", "2.6.0" },
		{ 's', 450, "", "4.0.0" },
	};
	struct talkmail_outcome o;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		hear(&o, rows[i].letter, rows[i].code, rows[i].words);
		ATF_CHECK_STREQ(rows[i].want, o.status);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, report__names_host_and_quotes_it);
	ATF_TP_ADD_TC(tp, report__is_harmless_whatever_was_said);
	ATF_TP_ADD_TC(tp, report__status_suits_the_letter);
	return (atf_no_error());
}
