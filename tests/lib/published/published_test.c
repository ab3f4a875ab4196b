/* SPDX-License-Identifier: ISC */
#include "published/published.h"

#include <atf-c.h>
#include <string.h>

#include "bytes/buf.h"

static struct bytes
view(const char *p, size_t n)
{
	return ((struct bytes){ p, n });
}

#define LITERAL(s)                                                             \
	{                                                                      \
		s, sizeof(s) - 1                                               \
	}

/* C2, M3: bodies, and what they hold; no text: no empty line. */
static const struct {
	struct bytes body;
	struct bytes envelope;
	struct bytes text;
	bool is_split;
} BODIES[] = {
	{ LITERAL("From: a@b\nTo: c@d\n\nSubject: x\n\nHi\n"),
	    LITERAL("From: a@b\nTo: c@d\n"), LITERAL("Subject: x\n\nHi\n"),
	    true },
	{ LITERAL("From: \nTo: c@d\n\n"), LITERAL("From: \nTo: c@d\n"),
	    LITERAL(""), true },
	/* The text may begin with empty lines, and hold anything. */
	{ LITERAL("From: \nTo: c@d\n\n\n\n\0\xff\r\n"),
	    LITERAL("From: \nTo: c@d\n"), LITERAL("\n\n\0\xff\r\n"), true },
	{ LITERAL("a\0b\n\nc"), LITERAL("a\0b\n"), LITERAL("c"), true },
	/* Nothing is LF LF but that. */
	{ LITERAL("From: a@b\r\n\r\nHi\n"), LITERAL("From: a@b\r\n\r\nHi\n"),
	    LITERAL(""), false },
	{ LITERAL("From: a@b\nTo: c@d\n"), LITERAL("From: a@b\nTo: c@d\n"),
	    LITERAL(""), false },
	{ LITERAL("From: a@b"), LITERAL("From: a@b"), LITERAL(""), false },
	{ LITERAL(""), LITERAL(""), LITERAL(""), false },
	{ LITERAL("\n"), LITERAL("\n"), LITERAL(""), false },
	{ LITERAL("\n\nHi"), LITERAL("\n"), LITERAL("Hi"), true },
};

static void
feed(struct published_split *s, struct bytes piece, struct buf *envelope,
    struct buf *text)
{
	struct bytes e;
	struct bytes t;

	published_split(s, piece, &e, &t);
	ATF_REQUIRE(buf_put(envelope, e));
	ATF_REQUIRE(buf_put(text, t));
}

ATF_TC_WITHOUT_HEAD(published_split__finds_the_first_lf_lf_wherever_it_is_cut);
ATF_TC_BODY(published_split__finds_the_first_lf_lf_wherever_it_is_cut, tc)
{
	char store[2][256];
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(BODIES); i++)
		for (cut = 0; cut <= BODIES[i].body.n; cut++) {
			struct bytes body = BODIES[i].body;
			struct published_split s;
			struct buf envelope;
			struct buf text;

			buf_init(&envelope, store[0], sizeof(store[0]));
			buf_init(&text, store[1], sizeof(store[1]));
			published_split_init(&s);
			feed(&s, bytes_cut(body, 0, cut), &envelope, &text);
			feed(
			    &s, bytes_cut(body, cut, body.n), &envelope, &text);
			ATF_CHECK_EQ_MSG(BODIES[i].is_split, s.is_split,
			    "body %zu cut at %zu", i, cut);
			ATF_CHECK_EQ_MSG(BODIES[i].envelope.n, s.envelope,
			    "body %zu cut at %zu", i, cut);
			ATF_CHECK_MSG(
			    bytes_same(BODIES[i].envelope, buf_view(&envelope)),
			    "body %zu cut at %zu", i, cut);
			ATF_CHECK_MSG(
			    bytes_same(BODIES[i].text, buf_view(&text)),
			    "body %zu cut at %zu", i, cut);
		}
}

/* Q3: what an id is, and what could write a line of its own. */
ATF_TC_WITHOUT_HEAD(published_is_id__takes_letters_digits_dots_and_dashes);
ATF_TC_BODY(published_is_id__takes_letters_digits_dots_and_dashes, tc)
{
	static const char *const BAD[] = { "", "a b", "a\nTo: x@y", "a_b",
		"a@b", "<a.b>", "\xc3\xa9", "a/b", "a:b" };
	char long_id[PUBLISHED_ID_MAX + 1];
	size_t i;

	ATF_CHECK(published_is_id(bytes_of("1795000000000000000.4711.gnat")));
	ATF_CHECK(published_is_id(bytes_of("AZaz09.-")));
	for (i = 0; i < ARRAY_LEN(BAD); i++)
		ATF_CHECK_MSG(!published_is_id(bytes_of(BAD[i])), "%s", BAD[i]);
	ATF_CHECK(!published_is_id(view("a\0b", 3)));
	memset(long_id, 'a', sizeof(long_id));
	ATF_CHECK(published_is_id(view(long_id, PUBLISHED_ID_MAX)));
	ATF_CHECK(!published_is_id(view(long_id, PUBLISHED_ID_MAX + 1)));
}

/* M4: another major type is refused. */
ATF_TC_WITHOUT_HEAD(published_is_type__refuses_another_major_version);
ATF_TC_BODY(published_is_type__refuses_another_major_version, tc)
{
	static const char *const BAD[] = { "", "smtpserv", "smtpserv.",
		"smtpserv.2", "smtpserv.10", "smtpserv.1x", "SMTPSERV.1",
		" smtpserv.1" };
	size_t i;

	ATF_CHECK(published_is_type(bytes_of(PUBLISHED_TYPE)));
	ATF_CHECK(published_is_type(bytes_of("smtpserv.1.7")));
	for (i = 0; i < ARRAY_LEN(BAD); i++)
		ATF_CHECK_MSG(
		    !published_is_type(bytes_of(BAD[i])), "%s", BAD[i]);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(
	    tp, published_split__finds_the_first_lf_lf_wherever_it_is_cut);
	ATF_TP_ADD_TC(
	    tp, published_is_id__takes_letters_digits_dots_and_dashes);
	ATF_TP_ADD_TC(tp, published_is_type__refuses_another_major_version);
	return (atf_no_error());
}
