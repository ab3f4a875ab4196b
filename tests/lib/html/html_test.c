/* SPDX-License-Identifier: ISC */
#include "html/html.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define BAD "\xef\xbf\xbd"

static const char *
put(struct bytes text, size_t most)
{
	static char store[256];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	html_put_cut(&b, text, most);
	return (buf_cstr(&b));
}

ATF_TC_WITHOUT_HEAD(html_put__leaves_nothing_that_means_something);
ATF_TC_BODY(html_put__leaves_nothing_that_means_something, tc)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
		{ "<script>alert(1)</script>",
		    "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "\" onload='x' &amp;",
		    "&quot; onload=&#39;x&#39; &amp;amp;" },
		{ "a\tb\r\nc\rd\n", "a\tb\nc" BAD "d\n" },
		{ "\x1b[2J\x7f", BAD "[2J" BAD },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		/* Latin 1; overlong; a surrogate; a C1 control; torn. */
		{ "gr\xfc\xdf", "gr" BAD BAD },
		{ "\xc0\xbc", BAD BAD },
		{ "\xed\xa0\x80", BAD BAD BAD },
		{ "\xc2\x85", BAD BAD },
		{ "\xe2\x82", BAD BAD },
		/* exe.fdp, written as pdf.exe */
		{ "\xe2\x80\xae" "exe.fdp", BAD "exe.fdp" },
		{ "\xe2\x81\xa6x", BAD "x" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_STREQ_MSG(rows[i].want,
		    put(bytes_of(rows[i].text), SIZE_MAX), "row %zu", i);
	ATF_CHECK_STREQ(
	    "a" BAD "b", put((struct bytes){ "a\0b", 3 }, SIZE_MAX));
}

ATF_TC_WITHOUT_HEAD(html_put__of_any_byte_grows_as_is_said);
ATF_TC_BODY(html_put__of_any_byte_grows_as_is_said, tc)
{
	int c;

	for (c = 0; c < 256; c++) {
		char byte = (char)c;
		const char *text = put((struct bytes){ &byte, 1 }, 1);

		ATF_CHECK_MSG(strlen(text) <= HTML_GROWS, "%d", c);
		ATF_CHECK_MSG(strpbrk(text, "<>\"'") == NULL, "%d", c);
	}
}

ATF_TC_WITHOUT_HEAD(html_put_cut__counts_characters);
ATF_TC_BODY(html_put_cut__counts_characters, tc)
{
	ATF_CHECK_STREQ("abc", put(bytes_of("abc"), 3));
	ATF_CHECK_STREQ("ab\xe2\x80\xa6", put(bytes_of("abc"), 2));
	ATF_CHECK_STREQ("\xc3\xbc\xe2\x80\xa6",
	    put(bytes_of("\xc3\xbc\xc3\xbc"), 1));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, html_put__leaves_nothing_that_means_something);
	ATF_TP_ADD_TC(tp, html_put__of_any_byte_grows_as_is_said);
	ATF_TP_ADD_TC(tp, html_put_cut__counts_characters);
	return (atf_no_error());
}
