/* SPDX-License-Identifier: ISC */
#include "qmail/qqenv.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static void
set_nuls(char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '|')
			p[i] = '\0';
}

/* An envelope in which | stands for NUL, cut in two, as one line of text. */
static const char *
read_all(const char *text, size_t cut, char *line, size_t cap)
{
	static const char *const ends[] = { "more", "more", "more", "end", "bad",
		"long", "byte" };
	char in[1024];
	struct qqenv e;
	struct buf out;
	size_t n = strlen(text);
	size_t at = 0;
	enum qqenv_status status = QQENV_MORE;

	ATF_REQUIRE(n < sizeof(in));
	memcpy(in, text, n + 1);
	set_nuls(in, n);
	buf_init(&out, line, cap);
	qqenv_init(&e);
	while (at < n) {
		struct bytes piece = { in + at, (at < cut ? cut : n) - at };
		struct bytes mailbox = { NULL, 0 };
		size_t used = 0;

		status = qqenv_feed(&e, piece, &used, &mailbox);
		ATF_REQUIRE(used > 0 && used <= piece.n);
		at += used;
		if (status == QQENV_SENDER || status == QQENV_RCPT) {
			(void)buf_putc(&out, status == QQENV_SENDER ? 'F' : 'T');
			(void)buf_put(&out, mailbox);
			(void)buf_putc(&out, ' ');
		} else if (status != QQENV_MORE) {
			break;
		}
	}
	(void)buf_puts(&out, at < n && status == QQENV_END ? "end+" :
							     ends[status]);
	ATF_REQUIRE(buf_cstr(&out) != NULL);
	return (line);
}

ATF_TC_WITHOUT_HEAD(qqenv_feed__reads_what_is_right_and_nothing_else);
ATF_TC_BODY(qqenv_feed__reads_what_is_right_and_nothing_else, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "Fa@b|Tc@d||", "Fa@b Tc@d end" },
		{ "F|Tc@d|Te@f||", "F Tc@d Te@f end" },
		{ "Fa@b|Tc@d||more", "Fa@b Tc@d end+" },
		{ "Froot|Tpostmaster||", "Froot Tpostmaster end" },
		{ "F\"a b\"@c|Tx y||", "F\"a b\"@c Tx y end" },
		{ "Fa@b|Td\xc3\xbc@e||", "Fa@b Td\xc3\xbc@e end" },
		/* Given up. */
		{ "Fa@b|Tc@d|", "Fa@b Tc@d more" },
		{ "Fa@b|Tc@d", "Fa@b more" },
		{ "Fa@b|", "Fa@b more" },
		{ "F", "more" },
		/* Of another form. */
		{ "|", "bad" },
		{ "Ta@b|", "bad" },
		{ "fa@b|Tc@d||", "bad" },
		{ "Fa@b|Fc@d||", "Fa@b bad" },
		{ "Fa@b|x", "Fa@b bad" },
		/* Nobody is to get it; <> is no recipient. */
		{ "Fa@b||", "Fa@b bad" },
		{ "Fa@b|T||", "Fa@b bad" },
		/* What no line of N.WRK can hold. */
		{ "Fa\nTo: x@b|Tc@d||", "byte" },
		{ "Fa@b|Tc\rd||", "Fa@b byte" },
		{ "Fa@b|Tc\td||", "Fa@b byte" },
		{ "Fa@b|Tc\x7f||", "Fa@b byte" },
		{ "Fa@b|Tc\x80||", "Fa@b byte" },
		{ "Fa@b|Tc\xc2\x85||", "Fa@b byte" },
		{ "Fa@b|Tc\xe2\x80\xa8||", "Fa@b byte" },
	};
	char line[1024];
	size_t cut;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut < strlen(rows[i].in); cut++)
			ATF_CHECK_STREQ_MSG(rows[i].want,
			    read_all(rows[i].in, cut, line, sizeof(line)),
			    "row %zu cut at %zu", i, cut);
}

/* An F or T with a mailbox of n bytes. */
static enum qqenv_status
feed_long(const char *before, size_t n)
{
	char in[1024];
	struct qqenv e;
	struct bytes mailbox;
	struct bytes rest;
	enum qqenv_status status = QQENV_MORE;
	size_t head = strlen(before);
	size_t used;

	memcpy(in, before, head + 1);
	memset(in + head, 'a', n);
	in[head + n] = '\0';
	set_nuls(in, head);
	qqenv_init(&e);
	rest = (struct bytes){ in, head + n + 1 };
	while (rest.n > 0) {
		status = qqenv_feed(&e, rest, &used, &mailbox);
		if (status > QQENV_RCPT)
			break;
		rest = bytes_cut(rest, used, rest.n);
	}
	return (status);
}

ATF_TC_WITHOUT_HEAD(qqenv_feed__mailbox_has_a_limit);
ATF_TC_BODY(qqenv_feed__mailbox_has_a_limit, tc)
{
	ATF_CHECK_EQ(QQENV_SENDER, feed_long("F", QQENV_MAILBOX_MAX));
	ATF_CHECK_EQ(QQENV_TOO_LONG, feed_long("F", QQENV_MAILBOX_MAX + 1));
	ATF_CHECK_EQ(QQENV_RCPT, feed_long("F|T", QQENV_MAILBOX_MAX));
	ATF_CHECK_EQ(QQENV_TOO_LONG, feed_long("F|T", QQENV_MAILBOX_MAX + 1));
}

ATF_TC_WITHOUT_HEAD(qqenv_feed__knows_where_utf8_was);
ATF_TC_BODY(qqenv_feed__knows_where_utf8_was, tc)
{
	static const char plain[] = "Fa@b\0Tc@d\0";
	static const char utf8[] = "Fa@b\0Td\xc3\xbc@e\0Tc@d\0";
	struct bytes rest = { plain, sizeof(plain) };
	struct bytes mailbox;
	struct qqenv e;
	size_t used;

	qqenv_init(&e);
	while (rest.n > 0) {
		(void)qqenv_feed(&e, rest, &used, &mailbox);
		rest = bytes_cut(rest, used, rest.n);
	}
	ATF_CHECK(!e.is_utf8);
	qqenv_init(&e);
	rest = (struct bytes){ utf8, sizeof(utf8) };
	while (rest.n > 0) {
		(void)qqenv_feed(&e, rest, &used, &mailbox);
		rest = bytes_cut(rest, used, rest.n);
	}
	ATF_CHECK(e.is_utf8);
}

ATF_TC_WITHOUT_HEAD(qqenv_put__writes_what_feed_reads);
ATF_TC_BODY(qqenv_put__writes_what_feed_reads, tc)
{
	char store[16];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	ATF_CHECK(qqenv_put(&out, 'F', bytes_of("")));
	ATF_CHECK(qqenv_put(&out, 'T', bytes_of("ann@gnat")));
	ATF_CHECK_EQ(12, buf_view(&out).n);
	ATF_CHECK(memcmp(store, "F\0Tann@gnat\0", 12) == 0);
	/* What does not fit leaves nothing. */
	ATF_CHECK(!qqenv_put(&out, 'T', bytes_of("bru")));
	ATF_CHECK_EQ(12, buf_view(&out).n);
	ATF_CHECK(qqenv_put(&out, 'T', bytes_of("br")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, qqenv_feed__reads_what_is_right_and_nothing_else);
	ATF_TP_ADD_TC(tp, qqenv_feed__mailbox_has_a_limit);
	ATF_TP_ADD_TC(tp, qqenv_feed__knows_where_utf8_was);
	ATF_TP_ADD_TC(tp, qqenv_put__writes_what_feed_reads);
	return (atf_no_error());
}
