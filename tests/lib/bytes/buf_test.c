/* SPDX-License-Identifier: ISC */
#include "bytes/buf.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* A store with bytes behind it that show an overrun. */
struct box {
	char store[8];
	char guard[8];
};

static struct buf
open_box(struct box *box)
{
	struct buf b;

	memset(box, 'G', sizeof(*box));
	buf_init(&b, box->store, sizeof(box->store));
	return (b);
}

static void
check_holds(const struct buf *b, const char *want, const char *where)
{
	struct bytes got = buf_view(b);

	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)),
	    "%s: want \"%s\", got \"%.*s\"", where, want, (int)got.n, got.p);
}

static void
check_guard(const struct box *box)
{
	ATF_CHECK(memcmp(box->guard, "GGGGGGGG", 8) == 0);
}

ATF_TC_WITHOUT_HEAD(buf_put__what_fits_exactly_is_taken);
ATF_TC_BODY(buf_put__what_fits_exactly_is_taken, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK_EQ(8, buf_room(&b));
	ATF_CHECK(buf_puts(&b, "abcdefg"));
	ATF_CHECK_EQ(1, buf_room(&b));
	ATF_CHECK(buf_putc(&b, 'h'));
	ATF_CHECK_EQ(0, buf_room(&b));
	ATF_CHECK(!buf_overflowed(&b));
	ATF_CHECK(buf_put(&b, (struct bytes) { NULL, 0 }));
	check_holds(&b, "abcdefgh", "full");
	check_guard(&box);
}

ATF_TC_WITHOUT_HEAD(buf_put__one_byte_too_many_writes_nothing_and_marks);
ATF_TC_BODY(buf_put__one_byte_too_many_writes_nothing_and_marks, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK(buf_puts(&b, "abcdef"));
	ATF_CHECK(!buf_puts(&b, "xyz"));
	ATF_CHECK(buf_overflowed(&b));
	check_holds(&b, "abcdef", "after overflow");
	/* Two bytes would fit, but a run of puts needs one check. */
	ATF_CHECK(!buf_putc(&b, 'x'));
	ATF_CHECK(!buf_puts(&b, ""));
	ATF_CHECK(!buf_put_number(&b, 1));
	ATF_CHECK(!buf_printf(&b, "x"));
	ATF_CHECK_EQ(0, buf_room(&b));
	check_holds(&b, "abcdef", "after more puts");
	ATF_CHECK_EQ('G', box.store[6]);
	check_guard(&box);
}

ATF_TC_WITHOUT_HEAD(buf_reset__forgets_text_and_overflow);
ATF_TC_BODY(buf_reset__forgets_text_and_overflow, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK(!buf_puts(&b, "123456789"));
	buf_reset(&b);
	ATF_CHECK(!buf_overflowed(&b));
	ATF_CHECK_EQ(8, buf_room(&b));
	ATF_CHECK(buf_puts(&b, "12345678"));
	check_holds(&b, "12345678", "after reset");
}

ATF_TC_WITHOUT_HEAD(buf_cut__goes_back_and_forgets_an_overflow);
ATF_TC_BODY(buf_cut__goes_back_and_forgets_an_overflow, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK(buf_puts(&b, "abcd"));
	ATF_CHECK(!buf_puts(&b, "123456789"));
	buf_cut(&b, 2);
	check_holds(&b, "ab", "after cut");
	ATF_CHECK(buf_puts(&b, "CD"));
	check_holds(&b, "abCD", "after cut and put");
}

ATF_TC_WITHOUT_HEAD(buf_put_number__is_decimal_without_leading_zeros);
ATF_TC_BODY(buf_put_number__is_decimal_without_leading_zeros, tc)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0" },
		{ 9, "9" },
		{ 10, "10" },
		{ UINT32_MAX, "4294967295" },
		{ UINT64_MAX, "18446744073709551615" },
	};
	char store[32];
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&b, store, sizeof(store));
		ATF_CHECK(buf_put_number(&b, rows[i].n));
		check_holds(&b, rows[i].want, "number");
	}
}

ATF_TC_WITHOUT_HEAD(buf_printf__result_is_whole_or_refused);
ATF_TC_BODY(buf_printf__result_is_whole_or_refused, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK(buf_printf(&b, "%s-%d", "ab", 42));
	check_holds(&b, "ab-42", "printf");
	/* Three bytes of room: three do not fit with printf's NUL. */
	ATF_CHECK(!buf_printf(&b, "%s", "xyz"));
	ATF_CHECK(buf_overflowed(&b));
	check_holds(&b, "ab-42", "refused printf");
	check_guard(&box);
	buf_cut(&b, 5);
	ATF_CHECK(buf_printf(&b, "%s", "xy"));
	check_holds(&b, "ab-42xy", "printf that fits");
	check_guard(&box);
}

ATF_TC_WITHOUT_HEAD(buf_printf__no_room_at_all_is_refused);
ATF_TC_BODY(buf_printf__no_room_at_all_is_refused, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK(buf_puts(&b, "12345678"));
	ATF_CHECK(!buf_printf(&b, "%s", "x"));
	check_holds(&b, "12345678", "full");
	check_guard(&box);
}

ATF_TC_WITHOUT_HEAD(buf_cstr__needs_room_for_its_nul);
ATF_TC_BODY(buf_cstr__needs_room_for_its_nul, tc)
{
	struct box box;
	struct buf b = open_box(&box);

	ATF_CHECK_STREQ("", buf_cstr(&b));
	ATF_CHECK(buf_puts(&b, "1234567"));
	ATF_REQUIRE(buf_cstr(&b) != NULL);
	ATF_CHECK_STREQ("1234567", buf_cstr(&b));
	/* The NUL is not part of the text. */
	ATF_CHECK(buf_putc(&b, '8'));
	ATF_CHECK(buf_cstr(&b) == NULL);
	check_holds(&b, "12345678", "full");
	check_guard(&box);
	buf_cut(&b, 3);
	ATF_CHECK(!buf_puts(&b, "123456"));
	ATF_CHECK_MSG(buf_cstr(&b) == NULL, "a cut text must not pass");
}

/* Against the obvious loop: each byte value, at each place, in each length. */
ATF_TC_WITHOUT_HEAD(buf_put_text__stops_at_nul_cr_lf_and_at_the_end);
ATF_TC_BODY(buf_put_text__stops_at_nul_cr_lf_and_at_the_end, tc)
{
	char text[40];
	char store[40];
	unsigned int value;
	size_t n;
	size_t at;
	size_t cap;

	for (value = 0; value < 256; value++)
		for (n = 1; n < 20; n++)
			for (at = 0; at < n; at++) {
				char c = (char)value;
				bool ends =
				    c == '\0' || c == '\r' || c == '\n';
				size_t want = ends ? at : n;
				struct buf b;

				memset(text, 0x91, sizeof(text));
				text[at] = c;
				cap = 1 + value % 20;
				buf_init(&b, store, cap);
				if (want > cap)
					want = cap;
				ATF_REQUIRE_EQ_MSG(want,
				    buf_put_text(
					&b, (struct bytes){ text, n }),
				    "0x%02x at %zu of %zu", value, at, n);
				ATF_REQUIRE_EQ(want, buf_view(&b).n);
				ATF_REQUIRE_EQ(0, memcmp(text, store, want));
				ATF_REQUIRE(!buf_overflowed(&b));
			}
}

ATF_TC_WITHOUT_HEAD(buf_put_text__a_marked_buffer_takes_nothing);
ATF_TC_BODY(buf_put_text__a_marked_buffer_takes_nothing, tc)
{
	char store[4];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(!buf_puts(&b, "too long"));
	ATF_CHECK_EQ(0, buf_put_text(&b, bytes_of("x")));
	ATF_CHECK(buf_overflowed(&b));
}

ATF_TC_WITHOUT_HEAD(buf_end__is_where_others_may_write);
ATF_TC_BODY(buf_end__is_where_others_may_write, tc)
{
	char store[8];
	struct buf b;

	buf_init(&b, store, sizeof(store));
	(void)buf_puts(&b, "ab");
	memcpy(buf_end(&b), "cdefgh", buf_room(&b));
	buf_wrote(&b, 3);
	ATF_CHECK_STREQ("abcde", buf_cstr(&b));
	ATF_CHECK_EQ(3, buf_room(&b));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, buf_put__what_fits_exactly_is_taken);
	ATF_TP_ADD_TC(tp, buf_put__one_byte_too_many_writes_nothing_and_marks);
	ATF_TP_ADD_TC(tp, buf_reset__forgets_text_and_overflow);
	ATF_TP_ADD_TC(tp, buf_cut__goes_back_and_forgets_an_overflow);
	ATF_TP_ADD_TC(tp, buf_put_number__is_decimal_without_leading_zeros);
	ATF_TP_ADD_TC(tp, buf_printf__result_is_whole_or_refused);
	ATF_TP_ADD_TC(tp, buf_printf__no_room_at_all_is_refused);
	ATF_TP_ADD_TC(tp, buf_cstr__needs_room_for_its_nul);
	ATF_TP_ADD_TC(tp, buf_put_text__stops_at_nul_cr_lf_and_at_the_end);
	ATF_TP_ADD_TC(tp, buf_put_text__a_marked_buffer_takes_nothing);
	ATF_TP_ADD_TC(tp, buf_end__is_where_others_may_write);
	return (atf_no_error());
}
