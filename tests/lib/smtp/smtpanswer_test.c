/* SPDX-License-Identifier: ISC */
#include "smtp/smtpanswer.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

/* All answers to a stream that comes in two pieces: "250-one 250 two !". */
static void
answers(struct bytes in, size_t cut, struct buf *out)
{
	struct smtpanswer a;
	size_t at = 0;

	smtpanswer_init(&a);
	while (at < in.n) {
		size_t end = at < cut ? cut : in.n;
		size_t used = 0;
		enum smtpanswer_status status =
		    smtpanswer_feed(&a, bytes_cut(in, at, end - at), &used);

		ATF_REQUIRE(used > 0);
		at += used;
		if (status == SMTPANSWER_BAD) {
			(void)buf_puts(out, "!");
			break;
		}
		if (status == SMTPANSWER_MORE)
			continue;
		(void)buf_put_number(out, a.code);
		(void)buf_putc(out, status == SMTPANSWER_PART ? '-' : '=');
		(void)buf_put(out, a.text);
		(void)buf_putc(out, ';');
	}
}

/* OB-49, OB-50, OB-51: what is a reply, and what is junk. */
ATF_TC_WITHOUT_HEAD(smtpanswer_feed__takes_replies_and_nothing_else);
ATF_TC_BODY(smtpanswer_feed__takes_replies_and_nothing_else, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "220 hello\r\n", "220=hello;" },
		{ "250-one\r\n250-two\r\n250 three\r\n354 go\r\n",
		    "250-one;250-two;250=three;354=go;" },
		{ "250\r\n", "250=;" },
		/* OB-50: the last line's code, of one class; else no reply. */
		{ "550-one\r\n554 two\r\n550 x\r\n",
		    "550-one;554=two;550=x;" },
		{ "250-one\r\n251-two\r\n250 x\r\n",
		    "250-one;251-two;250=x;" },
		{ "550-one\r\n551-two\r\n450 x\r\n", "550-one;551-two;!" },
		{ "250-one\r\n550 two\r\n", "250-one;!" },
		{ "550-one\r\n450 two\r\n", "550-one;!" },
		{ "250 \r\n250-\r\n250\r\n", "250=;250-;250=;" },
		{ "250 bare\n250 again\n", "250=bare;250=again;" },
		{ "250 a\rb\r\n", "250=a\rb;" },
		{ "599 \xff\r\n", "599=\xff;" },
		{ "250 not ended", "" },
		{ "", "" },
		{ "hello\r\n", "!" },
		{ "\r\n", "!" },
		{ "\n", "!" },
		{ "25\r\n", "!" },
		{ "2500 x\r\n", "!" },
		{ "250x\r\n", "!" },
		{ "150 x\r\n", "!" },
		{ "650 x\r\n", "!" },
		{ " 250 x\r\n", "!" },
		{ "250 fine\r\njunk\r\n250 fine\r\n", "250=fine;!" },
	};
	char store[256];
	struct buf out;
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].in); cut++) {
			buf_init(&out, store, sizeof(store));
			answers(bytes_of(rows[i].in), cut, &out);
			ATF_CHECK_STREQ(rows[i].want, buf_cstr(&out));
		}
}

ATF_TC_WITHOUT_HEAD(smtpanswer_feed__bad_stays_bad);
ATF_TC_BODY(smtpanswer_feed__bad_stays_bad, tc)
{
	struct smtpanswer a;
	size_t used;

	smtpanswer_init(&a);
	ATF_CHECK_EQ(SMTPANSWER_BAD, smtpanswer_feed(&a, bytes_of("x\n"), &used));
	ATF_CHECK_EQ(
	    SMTPANSWER_BAD, smtpanswer_feed(&a, bytes_of("250 ok\n"), &used));
	ATF_CHECK_EQ(7, used);
}

/* OB-51: 200 lines, 64 KiB a line. */
ATF_TC_WITHOUT_HEAD(smtpanswer_feed__is_bounded);
ATF_TC_BODY(smtpanswer_feed__is_bounded, tc)
{
	static char text[2 * SMTPANSWER_LINE_MAX];
	struct smtpanswer a;
	size_t used;
	int i;

	memset(text, 'x', sizeof(text));
	memcpy(text, "250 ", 4);
	/* Of a long line the beginning. */
	text[5000] = '\n';
	smtpanswer_init(&a);
	ATF_CHECK_EQ(SMTPANSWER_LAST,
	    smtpanswer_feed(&a, (struct bytes){ text, 5001 }, &used));
	ATF_CHECK_EQ(SMTPANSWER_TEXT_MAX, a.text.n);
	/* A line without end. */
	text[5000] = 'x';
	smtpanswer_init(&a);
	ATF_CHECK_EQ(SMTPANSWER_BAD,
	    smtpanswer_feed(&a, (struct bytes){ text, sizeof(text) }, &used));
	/* A reply without end. */
	smtpanswer_init(&a);
	for (i = 0; i < SMTPANSWER_LINES_MAX; i++)
		ATF_REQUIRE_EQ(SMTPANSWER_PART,
		    smtpanswer_feed(&a, bytes_of("250-x\r\n"), &used));
	ATF_CHECK_EQ(SMTPANSWER_BAD,
	    smtpanswer_feed(&a, bytes_of("250-x\r\n"), &used));
}

/* OB-55 */
ATF_TC_WITHOUT_HEAD(smtpanswer_enhanced__is_taken_over_if_it_suits_the_code);
ATF_TC_BODY(smtpanswer_enhanced__is_taken_over_if_it_suits_the_code, tc)
{
	static const struct {
		unsigned int code;
		const char *text;
		const char *want;
	} rows[] = {
		{ 550, "5.1.1 no such user", "5.1.1" },
		{ 550, "5.123.123 x", "5.123.123" },
		{ 550, "5.1.1", "5.1.1" },
		{ 250, "2.0.0 ok", "2.0.0" },
		{ 452, "4.2.2 full", "4.2.2" },
		{ 550, "4.1.1 contradicts itself", "5.0.0" },
		{ 450, "no status", "4.0.0" },
		{ 550, "", "5.0.0" },
		{ 550, "5", "5.0.0" },
		{ 550, "5.", "5.0.0" },
		{ 550, "5.1", "5.0.0" },
		{ 550, "5.1.", "5.0.0" },
		{ 550, "5.1.x", "5.0.0" },
		{ 550, "5..1", "5.0.0" },
		{ 550, "5.1.1x", "5.0.0" },
		{ 550, "5.1234.1 x", "5.0.0" },
		{ 550, "5.1.1234 x", "5.0.0" },
		{ 550, "5x1.1 x", "5.0.0" },
	};
	char status[SMTPANSWER_STATUS_MAX];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		smtpanswer_enhanced(
		    rows[i].code, bytes_of(rows[i].text), status);
		ATF_CHECK_STREQ(rows[i].want, status);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpanswer_feed__takes_replies_and_nothing_else);
	ATF_TP_ADD_TC(tp, smtpanswer_feed__bad_stays_bad);
	ATF_TP_ADD_TC(tp, smtpanswer_feed__is_bounded);
	ATF_TP_ADD_TC(
	    tp, smtpanswer_enhanced__is_taken_over_if_it_suits_the_code);
	return (atf_no_error());
}
