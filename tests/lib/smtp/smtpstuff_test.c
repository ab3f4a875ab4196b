/* SPDX-License-Identifier: ISC */
#include "smtp/smtpstuff.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* The text in two pieces, into buffers of so much room. */
static void
feed(struct smtpstuff *s, struct bytes in, size_t cut, size_t room,
    struct buf *whole)
{
	char store[64];
	struct buf out;
	size_t at = 0;

	buf_init(&out, store, room);
	while (at < in.n) {
		size_t end = at < cut ? cut : in.n;

		at += smtpstuff_feed(s, bytes_cut(in, at, end - at), &out);
		ATF_REQUIRE(buf_put(whole, buf_view(&out)));
		buf_reset(&out);
	}
	ATF_REQUIRE(smtpstuff_end(s, &out));
	ATF_REQUIRE(buf_put(whole, buf_view(&out)));
}

static void
stuff(struct bytes in, size_t cut, size_t room, struct buf *whole)
{
	struct smtpstuff s;

	smtpstuff_init(&s);
	feed(&s, in, cut, room, whole);
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
		/* OB-76: what some servers take for the end. */
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

/* The same by the plainest means: what each byte becomes, by those around. */
static size_t
model(struct bytes in, bool in_chunks, char *to)
{
	bool in_line = false;
	size_t n = 0;
	size_t i;
	size_t j;

	for (i = 0; i < in.n; i++) {
		char c = in.p[i];

		for (j = i; j < in.n && in.p[j] == '\r';)
			j++;
		if (c == '\r' && (j == in.n || in.p[j] == '\n')) {
			/* A last one stands for a line end that is not there. */
			in_line = in_line || j == in.n;
			continue;
		}
		if (c == '\n') {
			to[n++] = '\r';
			to[n++] = '\n';
			in_line = false;
			continue;
		}
		if (c == '.' && !in_line && !in_chunks)
			to[n++] = '.';
		to[n++] = c == '\r' || c == '\0' ? ' ' : c;
		in_line = true;
	}
	if (in_line) {
		to[n++] = '\r';
		to[n++] = '\n';
	}
	if (!in_chunks) {
		memcpy(to + n, ".\r\n", 3);
		n += 3;
	}
	return (n);
}

/*
 * OB-75, OB-77: every text of seven bytes of those that mean something, and of
 * one that does not.
 */
ATF_TC_WITHOUT_HEAD(smtpstuff_feed__is_the_same_as_its_plain_model);
ATF_TC_BODY(smtpstuff_feed__is_the_same_as_its_plain_model, tc)
{
	static const char bytes[] = { '\r', '\n', '.', '\0', 'x' };
	char text[7];
	char want[64];
	char store[64];
	struct bytes in = { text, sizeof(text) };
	struct smtpstuff s;
	struct buf whole;
	size_t code;
	size_t rest;
	size_t n;
	size_t i;

	for (code = 0; code < 5 * 5 * 5 * 5 * 5 * 5 * 5; code++) {
		rest = code;
		for (i = 0; i < sizeof(text); i++, rest /= 5)
			text[i] = bytes[rest % 5];
		n = model(in, false, want);
		buf_init(&whole, store, sizeof(store));
		stuff(in, code % 8, SMTPSTUFF_GROWTH + code % 11, &whole);
		ATF_REQUIRE(bytes_same(
		    buf_view(&whole), (struct bytes){ want, n }));
		n = model(in, true, want);
		buf_reset(&whole);
		smtpstuff_init_chunks(&s);
		feed(&s, in, code % 8, SMTPSTUFF_GROWTH + code % 11, &whole);
		ATF_REQUIRE(bytes_same(
		    buf_view(&whole), (struct bytes){ want, n }));
	}
}

/* OB-78: long lines are not folded, and nothing else is touched. */
ATF_TC_WITHOUT_HEAD(smtpstuff_feed__leaves_long_lines_alone);
ATF_TC_BODY(smtpstuff_feed__leaves_long_lines_alone, tc)
{
	static char text[9000];
	static char store[20000];
	struct buf whole;

	memset(text, '\377', sizeof(text));
	text[5000] = '\n';
	buf_init(&whole, store, sizeof(store));
	stuff((struct bytes){ text, sizeof(text) }, 777, 64, &whole);
	ATF_CHECK_EQ(sizeof(text) + 1 + 5, buf_view(&whole).n);
	ATF_CHECK_EQ(0, memcmp(store, text, 5000));
	ATF_CHECK_EQ(0, memcmp(store + 5002, text + 5001, 3999));
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
	ATF_TP_ADD_TC(tp, smtpstuff_feed__is_the_same_as_its_plain_model);
	ATF_TP_ADD_TC(tp, smtpstuff_feed__leaves_long_lines_alone);
	ATF_TP_ADD_TC(tp, smtpstuff_end__without_room_adds_nothing);
	return (atf_no_error());
}
