/* SPDX-License-Identifier: ISC */
#include "qmail/qqtext.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

enum {
	STORE = 256
};

struct result_of {
	char text[STORE];
	size_t n;
	uint64_t size;
	bool irregular;
};

/* The text cut in two, through an output of so little room. */
static void
convert(struct bytes in, size_t cut, size_t room, enum smtpdata_eol eol,
    struct result_of *r)
{
	char store[STORE];
	struct buf out;
	struct qqtext t;
	size_t at = 0;

	r->n = 0;
	buf_init(&out, store, room);
	qqtext_init(&t, eol);
	while (at < in.n) {
		size_t used = 0;

		qqtext_feed(&t,
		    bytes_cut(in, at, (at < cut ? cut : in.n) - at), &used,
		    &out);
		at += used;
		ATF_REQUIRE(used > 0 || buf_view(&out).n > 0);
		memcpy(r->text + r->n, store, buf_view(&out).n);
		r->n += buf_view(&out).n;
		buf_reset(&out);
	}
	ATF_CHECK(qqtext_end(&t, &out));
	memcpy(r->text + r->n, store, buf_view(&out).n);
	r->n += buf_view(&out).n;
	r->size = t.size;
	r->irregular = t.irregular;
}

static const struct row {
	const char *in;
	size_t n;
	const char *want; /* with LF */
	bool irregular;
} ROWS[] = {
	{ "", 0, "", false },
	{ "a", 1, "a\n", false },
	{ "a\nb\n", 4, "a\nb\n", false },
	{ "a\r\nb\r\n", 6, "a\nb\n", false },
	{ "\n\n", 2, "\n\n", false },
	{ ".\n..\n", 5, ".\n..\n", false },
	{ "a\rb\n", 4, "a b\n", true },
	{ "a\r\r\nb", 5, "a\nb\n", true },
	{ "a\r\r\r\n\r\r\n", 8, "a\n\n", true },
	{ "a\r\rb\r\n", 6, "a  b\n", true },
	{ "a\r\0\r\n", 5, "a  \n", true },
	{ "a\r", 2, "a\n", true },
	{ "\r", 1, "\n", true },
	{ "a\0b\n", 4, "a b\n", true },
	{ "\0", 1, " \n", true },
	{ "\xff\x80\n", 3, "\xff\x80\n", false },
};

ATF_TC_WITHOUT_HEAD(qqtext_feed__makes_whole_lines_however_it_is_cut);
ATF_TC_BODY(qqtext_feed__makes_whole_lines_however_it_is_cut, tc)
{
	struct result_of r;
	size_t cut;
	size_t i;
	size_t room;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		const struct row *row = &ROWS[i];
		struct bytes in = { row->in, row->n };

		for (cut = 0; cut <= in.n; cut++)
			for (room = 2; room < 6; room++) {
				convert(in, cut, room, SMTPDATA_LF, &r);
				ATF_CHECK_MSG(r.n == strlen(row->want) &&
					memcmp(r.text, row->want, r.n) == 0,
				    "row %zu cut at %zu", i, cut);
				ATF_CHECK_EQ_MSG(row->irregular, r.irregular,
				    "row %zu cut at %zu", i, cut);
			}
	}
}

ATF_TC_WITHOUT_HEAD(qqtext_feed__crlf_is_what_size_counts);
ATF_TC_BODY(qqtext_feed__crlf_is_what_size_counts, tc)
{
	struct result_of lf;
	struct result_of crlf;
	size_t i;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes in = { ROWS[i].in, ROWS[i].n };

		convert(in, 0, STORE, SMTPDATA_LF, &lf);
		convert(in, 0, STORE, SMTPDATA_CRLF, &crlf);
		ATF_CHECK_EQ_MSG(crlf.n, crlf.size, "row %zu", i);
		ATF_CHECK_EQ_MSG(lf.size, crlf.size, "row %zu", i);
	}
	convert((struct bytes){ "a\nb", 3 }, 0, STORE, SMTPDATA_CRLF, &crlf);
	ATF_CHECK(crlf.n == 6 && memcmp(crlf.text, "a\r\nb\r\n", 6) == 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, qqtext_feed__makes_whole_lines_however_it_is_cut);
	ATF_TP_ADD_TC(tp, qqtext_feed__crlf_is_what_size_counts);
	return (atf_no_error());
}
