/* SPDX-License-Identifier: ISC */
#include "bytes/bytes.h"

#include <atf-c.h>
#include <stdint.h>
#include <string.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(bytes_of__leaves_out_the_nul);
ATF_TC_BODY(bytes_of__leaves_out_the_nul, tc)
{
	static const char text[] = "abc";
	struct bytes b = bytes_of(text);

	ATF_CHECK(b.p == text);
	ATF_CHECK_EQ(3, b.n);
	ATF_CHECK_EQ(0, bytes_of("").n);
}

ATF_TC_WITHOUT_HEAD(bytes_cut__never_leaves_the_view);
ATF_TC_BODY(bytes_cut__never_leaves_the_view, tc)
{
	static const struct {
		size_t from;
		size_t n;
		const char *want;
	} rows[] = {
		{ 0, 0, "" },
		{ 0, 3, "abc" },
		{ 0, 4, "abc" },
		{ 0, SIZE_MAX, "abc" },
		{ 1, 1, "b" },
		{ 1, SIZE_MAX, "bc" },
		{ 2, 1, "c" },
		{ 3, 0, "" },
		{ 3, 1, "" },
		{ 4, 1, "" },
		{ SIZE_MAX, SIZE_MAX, "" },
	};
	/* The view ends before the text does. */
	struct bytes abc = { "abcdef", 3 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes got = bytes_cut(abc, rows[i].from, rows[i].n);

		ATF_CHECK_EQ_MSG(strlen(rows[i].want), got.n, "row %zu", i);
		ATF_CHECK_MSG(memcmp(got.p, rows[i].want, got.n) == 0,
		    "row %zu", i);
		ATF_CHECK_MSG(got.p >= abc.p && got.p <= abc.p + 3,
		    "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(bytes_same__compares_every_byte_and_the_length);
ATF_TC_BODY(bytes_same__compares_every_byte_and_the_length, tc)
{
	static const struct {
		struct bytes a;
		struct bytes b;
		bool same;
		bool same_nocase;
		bool starts_nocase;
	} rows[] = {
		{ { "", 0 }, { "", 0 }, true, true, true },
		{ { NULL, 0 }, { "", 0 }, true, true, true },
		{ { "a", 1 }, { "", 0 }, false, false, true },
		{ { "", 0 }, { "a", 1 }, false, false, false },
		{ { "abc", 3 }, { "abc", 3 }, true, true, true },
		{ { "abc", 3 }, { "abd", 3 }, false, false, false },
		{ { "abc", 3 }, { "ab", 2 }, false, false, true },
		{ { "ab", 2 }, { "abc", 3 }, false, false, false },
		{ { "aBz", 3 }, { "AbZ", 3 }, false, true, true },
		/* A NUL is a byte as others are. */
		{ { "a\0b", 3 }, { "a\0b", 3 }, true, true, true },
		{ { "a\0b", 3 }, { "a\0c", 3 }, false, false, false },
		/* Neighbours of the letters in ASCII, 0x20 apart. */
		{ { "@", 1 }, { "`", 1 }, false, false, false },
		{ { "[", 1 }, { "{", 1 }, false, false, false },
		/* Latin 1 has no case here. */
		{ { "\xc4", 1 }, { "\xe4", 1 }, false, false, false },
		{ { "\xe4", 1 }, { "\xe4", 1 }, true, true, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK_EQ_MSG(rows[i].same,
		    bytes_same(rows[i].a, rows[i].b), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].same_nocase,
		    bytes_same_nocase(rows[i].a, rows[i].b), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].starts_nocase,
		    bytes_starts_nocase(rows[i].a, rows[i].b), "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(bytes_find__gives_the_first_or_leaves_at_alone);
ATF_TC_BODY(bytes_find__gives_the_first_or_leaves_at_alone, tc)
{
	static const struct {
		struct bytes in;
		char c;
		bool found;
		size_t at;
	} rows[] = {
		{ { "abcabc", 6 }, 'a', true, 0 },
		{ { "abcabc", 6 }, 'c', true, 2 },
		{ { "abcabc", 6 }, 'd', false, 77 },
		/* Behind the view's end. */
		{ { "abcabc", 2 }, 'c', false, 77 },
		{ { "a\0b", 3 }, '\0', true, 1 },
		{ { "ab", 2 }, '\0', false, 77 },
		{ { "a\xff", 2 }, '\xff', true, 1 },
		{ { NULL, 0 }, 'a', false, 77 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		size_t at = 77;

		ATF_CHECK_EQ_MSG(rows[i].found,
		    bytes_find(rows[i].in, rows[i].c, &at), "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].at, at, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(bytes_has_control__for_each_of_the_256_bytes);
ATF_TC_BODY(bytes_has_control__for_each_of_the_256_bytes, tc)
{
	unsigned int c;

	for (c = 0; c < 256; c++) {
		char text[3] = { 'a', (char)c, 'b' };
		bool want = c < 0x20 || c == 0x7f;

		ATF_CHECK_EQ_MSG(want,
		    bytes_has_control((struct bytes) { text, 3 }),
		    "byte %u in the middle", c);
		ATF_CHECK_EQ_MSG(want,
		    bytes_has_control((struct bytes) { text + 1, 1 }),
		    "byte %u alone", c);
	}
	ATF_CHECK(!bytes_has_control((struct bytes) { NULL, 0 }));
	/* Only what is in the view counts. */
	ATF_CHECK(!bytes_has_control((struct bytes) { "ab\n", 2 }));
}

ATF_TC_WITHOUT_HEAD(bytes_trim_end__takes_blanks_and_tabs_off_the_end_only);
ATF_TC_BODY(bytes_trim_end__takes_blanks_and_tabs_off_the_end_only, tc)
{
	static const struct {
		const char *in;
		size_t want;
	} rows[] = {
		{ "", 0 },
		{ " ", 0 },
		{ " \t ", 0 },
		{ "a", 1 },
		{ "a \t\t ", 1 },
		{ " a b ", 4 },
		{ "a\r", 2 },
		{ "a\n", 2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes got = bytes_trim_end(bytes_of(rows[i].in));

		ATF_CHECK_EQ_MSG(rows[i].want, got.n, "row %zu", i);
		ATF_CHECK_MSG(got.p == rows[i].in, "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(bytes_lower__changes_the_26_letters_only);
ATF_TC_BODY(bytes_lower__changes_the_26_letters_only, tc)
{
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
	int c;

	for (c = -128; c < 128; c++) {
		const char *at = c == 0 ? NULL : strchr(upper, c);

		ATF_CHECK_EQ_MSG(at == NULL ? (char)c : lower[at - upper],
		    bytes_lower((char)c), "byte %d", c);
	}
}

ATF_TC_WITHOUT_HEAD(bytes_find_last__gives_the_last_or_leaves_at_alone);
ATF_TC_BODY(bytes_find_last__gives_the_last_or_leaves_at_alone, tc)
{
	size_t at = 77;

	ATF_CHECK(!bytes_find_last(bytes_of(""), '@', &at));
	ATF_CHECK(!bytes_find_last(bytes_of("bruce"), '@', &at));
	ATF_CHECK_EQ(77, at);
	ATF_CHECK(bytes_find_last(bytes_of("@gnat"), '@', &at));
	ATF_CHECK_EQ(0, at);
	ATF_CHECK(bytes_find_last(bytes_of("a@b@"), '@', &at));
	ATF_CHECK_EQ(3, at);
}

ATF_TC_WITHOUT_HEAD(bytes_take__parts_at_the_first_or_leaves_both_alone);
ATF_TC_BODY(bytes_take__parts_at_the_first_or_leaves_both_alone, tc)
{
	struct bytes rest = bytes_of("one::two");
	struct bytes part;

	ATF_REQUIRE(bytes_take(&rest, ':', &part));
	ATF_CHECK(bytes_same(bytes_of("one"), part));
	ATF_CHECK(bytes_same(bytes_of(":two"), rest));
	ATF_REQUIRE(bytes_take(&rest, ':', &part));
	ATF_CHECK_EQ(0, part.n);
	part = bytes_of("as it was");
	ATF_CHECK(!bytes_take(&rest, ':', &part));
	ATF_CHECK(bytes_same(bytes_of("two"), rest));
	ATF_CHECK(bytes_same(bytes_of("as it was"), part));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, bytes_lower__changes_the_26_letters_only);
	ATF_TP_ADD_TC(tp, bytes_of__leaves_out_the_nul);
	ATF_TP_ADD_TC(tp, bytes_cut__never_leaves_the_view);
	ATF_TP_ADD_TC(tp, bytes_same__compares_every_byte_and_the_length);
	ATF_TP_ADD_TC(tp, bytes_find__gives_the_first_or_leaves_at_alone);
	ATF_TP_ADD_TC(
	    tp, bytes_find_last__gives_the_last_or_leaves_at_alone);
	ATF_TP_ADD_TC(
	    tp, bytes_take__parts_at_the_first_or_leaves_both_alone);
	ATF_TP_ADD_TC(tp, bytes_has_control__for_each_of_the_256_bytes);
	ATF_TP_ADD_TC(tp,
	    bytes_trim_end__takes_blanks_and_tabs_off_the_end_only);
	return (atf_no_error());
}
