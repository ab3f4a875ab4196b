/* SPDX-License-Identifier: ISC */
#include "smtp/smtpxtext.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(smtpxtext_decode__gives_printable_ascii_or_nothing);
ATF_TC_BODY(smtpxtext_decode__gives_printable_ascii_or_nothing, tc)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
		{ "", "" },
		{ "plain@gnat", "plain@gnat" },
		{ "a+2Bb+3Dc", "a+b=c" },
		{ "+20+7E", " ~" },
		{ "\\x{FC}", "\\x{FC}" },
		/* Not xtext. */
		{ "a=b", NULL },
		{ "a b", NULL },
		{ "+", NULL },
		{ "+2", NULL },
		{ "+2b", NULL },
		{ "+G1", NULL },
		{ "x+", NULL },
		{ "\x80", NULL },
		{ "a\tb", NULL },
		/* It is, but of what could leave its line. */
		{ "+0A", NULL },
		{ "a+0D+0Ab", NULL },
		{ "+00", NULL },
		{ "+7F", NULL },
		{ "+80", NULL },
		{ "+FF", NULL },
	};
	char store[64];
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		bool good;

		buf_init(&out, store, sizeof(store));
		(void)buf_putc(&out, '!');
		good = smtpxtext_decode(bytes_of(rows[i].in), &out);
		ATF_CHECK_EQ_MSG(
		    rows[i].want != NULL, good, "\"%s\"", rows[i].in);
		ATF_CHECK_EQ_MSG(good,
		    smtpxtext_decode(bytes_of(rows[i].in), NULL), "row %zu",
		    i);
		ATF_CHECK_EQ_MSG('!', buf_view(&out).p[0], "row %zu", i);
		ATF_CHECK_MSG(bytes_same(bytes_cut(buf_view(&out), 1, 64),
				  bytes_of(good ? rows[i].want : "")),
		    "\"%s\"", rows[i].in);
	}
}

ATF_TC_WITHOUT_HEAD(smtpxtext_decode__what_does_not_fit_leaves_no_trace);
ATF_TC_BODY(smtpxtext_decode__what_does_not_fit_leaves_no_trace, tc)
{
	char store[4];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	ATF_CHECK(!smtpxtext_decode(bytes_of("abcde"), &out));
	ATF_CHECK_EQ(0, buf_view(&out).n);
	ATF_CHECK(!buf_overflowed(&out));
	ATF_CHECK(smtpxtext_decode(bytes_of("+41bcd"), &out));
	ATF_CHECK(bytes_same(buf_view(&out), bytes_of("Abcd")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpxtext_decode__gives_printable_ascii_or_nothing);
	ATF_TP_ADD_TC(tp, smtpxtext_decode__what_does_not_fit_leaves_no_trace);
	return (atf_no_error());
}
