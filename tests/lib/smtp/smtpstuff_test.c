/* SPDX-License-Identifier: ISC */
#include "smtp/smtpstuff.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* The text in two pieces, into buffers of so much room. */
static void
stuff(struct bytes in, size_t cut, size_t room, struct buf *whole)
{
	char store[64];
	struct smtpstuff s;
	struct buf out;
	size_t at = 0;

	buf_init(&out, store, room);
	smtpstuff_init(&s);
	while (at < in.n) {
		size_t end = at < cut ? cut : in.n;

		at += smtpstuff_feed(&s, bytes_cut(in, at, end - at), &out);
		ATF_REQUIRE(buf_put(whole, buf_view(&out)));
		buf_reset(&out);
	}
	ATF_REQUIRE(smtpstuff_end(&s, &out));
	ATF_REQUIRE(buf_put(whole, buf_view(&out)));
}

ATF_TC_WITHOUT_HEAD(smtpstuff_feed__nothing_in_the_text_can_end_it);
ATF_TC_BODY(smtpstuff_feed__nothing_in_the_text_can_end_it, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "", ".\r\n" },
		{ "a\n", "a\r\n.\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ "\n", "\r\n.\r\n" },
		{ ".\n", "..\r\n.\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ "..\n.a\nb.\n", "...\r\n..a\r\nb.\r\n.\r\n" },
		/* What some servers take for the end. */
		{ "a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r\n.\r\nb\n", "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\r\nb", "a .\r\nb\r\n.\r\n" },
		{ "a\n.\rb", "a\r\n.. b\r\n.\r\n" },
		{ "a\r\r\n.\n", "a\r\n..\r\n.\r\n" },
		{ "\r.\r", " .\r\n.\r\n" },
		{ "\r.\r\ra", " .  a\r\n.\r\n" },
		{ "\r", "\r\n.\r\n" },
		{ "\r\r\n", "\r\n.\r\n" },
		{ "a\r\r\r\n.\r\r\n", "a\r\n..\r\n.\r\n" },
	};
	char store[128];
	struct buf whole;
	size_t i;
	size_t cut;
	size_t room;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].in); cut++)
			for (room = SMTPSTUFF_GROWTH; room < 20; room++) {
				buf_init(&whole, store, sizeof(store));
				stuff(bytes_of(rows[i].in), cut, room, &whole);
				ATF_CHECK_STREQ(
				    rows[i].want, buf_cstr(&whole));
			}
}

ATF_TC_WITHOUT_HEAD(smtpstuff_feed__nul_is_a_blank);
ATF_TC_BODY(smtpstuff_feed__nul_is_a_blank, tc)
{
	char store[64];
	struct buf whole;

	buf_init(&whole, store, sizeof(store));
	stuff((struct bytes){ "a\n\0.\0\n", 6 }, 3, 32, &whole);
	ATF_CHECK_STREQ("a\r\n . \r\n.\r\n", buf_cstr(&whole));
}

ATF_TC_WITHOUT_HEAD(smtpstuff_end__without_room_adds_nothing);
ATF_TC_BODY(smtpstuff_end__without_room_adds_nothing, tc)
{
	char store[SMTPSTUFF_GROWTH];
	struct smtpstuff s;
	struct buf out;

	smtpstuff_init(&s);
	buf_init(&out, store, sizeof(store));
	(void)buf_putc(&out, 'x');
	ATF_CHECK(!smtpstuff_end(&s, &out));
	ATF_CHECK_EQ(1, buf_view(&out).n);
	ATF_CHECK_EQ(0, smtpstuff_feed(&s, bytes_of("a"), &out));
	buf_reset(&out);
	ATF_CHECK(smtpstuff_end(&s, &out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpstuff_feed__nothing_in_the_text_can_end_it);
	ATF_TP_ADD_TC(tp, smtpstuff_feed__nul_is_a_blank);
	ATF_TP_ADD_TC(tp, smtpstuff_end__without_room_adds_nothing);
	return (atf_no_error());
}
