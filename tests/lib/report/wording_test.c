/* SPDX-License-Identifier: ISC */
#include "report/wording.h"

#include <atf-c.h>
#include <string.h>

#include "bytes/buf.h"

static bool
collect(void *ctx, struct bytes text)
{
	return (buf_put(ctx, text));
}

struct page {
	char store[8192];
	struct buf out;
	struct report_port port;
	struct wording w;
};

static void
begin(struct page *p, const char *eol, bool is_utf8)
{
	buf_init(&p->out, p->store, sizeof(p->store));
	p->port = (struct report_port){ collect, &p->out };
	p->w = (struct wording){ &p->port, eol, is_utf8, true };
}

static void
check(struct page *p, const char *want)
{
	ATF_CHECK_STREQ(want, buf_cstr(&p->out));
}

ATF_TC_WITHOUT_HEAD(wording_put__spells_line_ends_as_told);
ATF_TC_BODY(wording_put__spells_line_ends_as_told, tc)
{
	struct page p;

	begin(&p, "\r\n", false);
	wording_put(&p.w, "\na\n\nb");
	check(&p, "\r\na\r\n\r\nb");
}

ATF_TC_WITHOUT_HEAD(wording_clean__leaves_nothing_that_ends_a_line);
ATF_TC_BODY(wording_clean__leaves_nothing_that_ends_a_line, tc)
{
	struct page p;

	begin(&p, "\n", false);
	wording_clean(&p.w, bytes_of("\ra\nb\x7f\xc3\xbc c\t"));
	check(&p, "?a?b??? c?");
	begin(&p, "\n", true);
	wording_clean(&p.w, bytes_of("\xc3\xbc\x80\xe2\x80\xa8z\xc3"));
	check(&p, "\xc3\xbc????z?");
}

ATF_TC_WITHOUT_HEAD(wording_folded__breaks_between_words_and_in_no_others);
ATF_TC_BODY(wording_folded__breaks_between_words_and_in_no_others, tc)
{
	char word[1900];
	struct page p;

	begin(&p, "\n", false);
	wording_folded(&p.w, bytes_of("  one   two  "), 0, "\t");
	check(&p, "one two");
	begin(&p, "\n", false);
	wording_folded(&p.w, bytes_of("aaa bbb ccc"), 70, "    ");
	check(&p, "aaa\n    bbb ccc");
	/* A word that no line could hold is broken all the same. */
	memset(word, 'w', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	begin(&p, "\n", false);
	wording_folded(&p.w, bytes_of(word), 0, "\t");
	ATF_CHECK_EQ(1899 + 4, buf_view(&p.out).n);
	ATF_CHECK_EQ('\n', buf_view(&p.out).p[900]);
	ATF_CHECK_EQ('\n', buf_view(&p.out).p[900 + 2 + 900]);
}

ATF_TC_WITHOUT_HEAD(wording_folded__cuts_what_is_absurd);
ATF_TC_BODY(wording_folded__cuts_what_is_absurd, tc)
{
	char text[3 * WORDING_VALUE_MAX];
	struct page p;

	memset(text, ' ', sizeof(text));
	text[0] = 'a';
	text[sizeof(text) - 2] = 'z';
	text[sizeof(text) - 1] = '\0';
	begin(&p, "\n", false);
	wording_folded(&p.w, bytes_of(text), 0, "\t");
	check(&p, "a");
}

ATF_TC_WITHOUT_HEAD(wording_date__is_a_line_of_its_own);
ATF_TC_BODY(wording_date__is_a_line_of_its_own, tc)
{
	struct page p;

	begin(&p, "\n", false);
	wording_date(&p.w, "Date: ", 1795514400);
	wording_number(&p.w, 42);
	check(&p, "Date: Tue, 24 Nov 2026 10:00:00 +0000\n42");
}

ATF_TC_WITHOUT_HEAD(wording_put__stops_when_the_port_says_so);
ATF_TC_BODY(wording_put__stops_when_the_port_says_so, tc)
{
	struct page p;

	begin(&p, "\n", false);
	buf_init(&p.out, p.store, 3);
	wording_put(&p.w, "abc");
	ATF_CHECK(p.w.good);
	wording_put(&p.w, "d");
	ATF_CHECK(!p.w.good);
	buf_reset(&p.out);
	wording_put(&p.w, "e");
	ATF_CHECK_EQ(0, buf_view(&p.out).n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, wording_put__spells_line_ends_as_told);
	ATF_TP_ADD_TC(tp, wording_clean__leaves_nothing_that_ends_a_line);
	ATF_TP_ADD_TC(
	    tp, wording_folded__breaks_between_words_and_in_no_others);
	ATF_TP_ADD_TC(tp, wording_folded__cuts_what_is_absurd);
	ATF_TP_ADD_TC(tp, wording_date__is_a_line_of_its_own);
	ATF_TP_ADD_TC(tp, wording_put__stops_when_the_port_says_so);
	return (atf_no_error());
}
