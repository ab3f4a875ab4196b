/* SPDX-License-Identifier: ISC */
#include "spool/mark.h"

#include <atf-c.h>
#include <string.h>

static struct mark_sum
sum_of(const char *p, size_t n)
{
	struct mark_sum s;

	mark_sum_init(&s);
	mark_sum_add(&s, (struct bytes){ p, n });
	return (s);
}

static const char TEXT[] = "Received: from maggot by gnat\n\tid A1; now\n\n"
			   "0123456789abcdef0123456789abcdef\n";

ATF_TC_WITHOUT_HEAD(mark_sum_add__the_pieces_do_not_matter);
ATF_TC_BODY(mark_sum_add__the_pieces_do_not_matter, tc)
{
	struct mark_sum none = sum_of("", 0);
	struct mark_sum whole = sum_of(TEXT, sizeof(TEXT));
	struct mark want = mark_of(1, &whole, &none);
	size_t i;
	size_t j;

	for (i = 0; i <= sizeof(TEXT); i++)
		for (j = i; j <= sizeof(TEXT); j++) {
			struct mark_sum s = sum_of(TEXT, i);
			struct mark got;

			mark_sum_add(&s, (struct bytes){ TEXT + i, j - i });
			mark_sum_add(
			    &s, (struct bytes){ TEXT + j, sizeof(TEXT) - j });
			got = mark_of(1, &s, &none);
			ATF_CHECK_MSG(mark_equal(&want, &got),
			    "cut at %zu and %zu", i, j);
		}
}

ATF_TC_WITHOUT_HEAD(mark_of__every_bit_and_every_length_matters);
ATF_TC_BODY(mark_of__every_bit_and_every_length_matters, tc)
{
	struct mark_sum whole = sum_of(TEXT, sizeof(TEXT));
	struct mark was = mark_of(1, &whole, &whole);
	char torn[sizeof(TEXT)];
	size_t i;

	for (i = 0; i < 8 * sizeof(TEXT); i++) {
		struct mark_sum s;
		struct mark text;
		struct mark envelope;

		memcpy(torn, TEXT, sizeof(TEXT));
		torn[i / 8] = (char)(torn[i / 8] ^ 1 << i % 8);
		s = sum_of(torn, sizeof(torn));
		text = mark_of(1, &s, &whole);
		envelope = mark_of(1, &whole, &s);
		ATF_CHECK_MSG(text.sum != was.sum, "text, bit %zu", i);
		ATF_CHECK_MSG(envelope.sum != was.sum, "envelope, bit %zu", i);
		ATF_CHECK_MSG(text.sum != envelope.sum, "exchanged, %zu", i);
	}
	/* What a power cut makes of them: shorter, or zeros from there on. */
	for (i = 0; i < sizeof(TEXT) - 1; i++) {
		struct mark_sum s = sum_of(TEXT, i);
		struct mark cut = mark_of(1, &whole, &s);
		struct mark zeros;

		ATF_CHECK_MSG(cut.sum != was.sum, "cut at %zu", i);
		memset(torn, 0, sizeof(torn));
		memcpy(torn, TEXT, i);
		s = sum_of(torn, sizeof(torn));
		zeros = mark_of(1, &s, &whole);
		ATF_CHECK_MSG(zeros.sum != was.sum, "zeros from %zu", i);
	}
	/* Zeros differ by how many they are. */
	for (i = 0; i < 32; i++) {
		static const char none[33];
		struct mark_sum a = sum_of(none, i);
		struct mark_sum b = sum_of(none, i + 1);
		struct mark x = mark_of(1, &whole, &a);
		struct mark y = mark_of(1, &whole, &b);

		ATF_CHECK_MSG(x.sum != y.sum, "%zu zeros", i);
	}
}

ATF_TC_WITHOUT_HEAD(mark_name__and_back);
ATF_TC_BODY(mark_name__and_back, tc)
{
	static const struct {
		struct mark mark;
		const char *name;
	} rows[] = {
		{ { 5321, 1042, UINT64_C(0x0123456789abcdef) },
		    "5321.K1042-0123456789abcdef" },
		{ { 1, 0, 0 }, "1.K0-0000000000000000" },
		{ { UINT32_MAX, UINT64_MAX, UINT64_MAX },
		    "4294967295.K18446744073709551615-ffffffffffffffff" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		char name[MARK_NAME_MAX];
		struct mark back;

		mark_name(name, &rows[i].mark);
		ATF_CHECK_STREQ(rows[i].name, name);
		ATF_REQUIRE(mark_parse(name, &back));
		ATF_CHECK(mark_equal(&rows[i].mark, &back));
	}
}

ATF_TC_WITHOUT_HEAD(mark_parse__has_one_spelling);
ATF_TC_BODY(mark_parse__has_one_spelling, tc)
{
	static const char *const rows[] = { "", ".K", "1.K", "1.K-", "1.K1-",
		"1.K1-0123456789abcde", "1.K1-0123456789abcdef0",
		"1.K1-0123456789ABCDEF", "1.K1-0123456789abcdeg",
		"01.K1-0123456789abcdef", "0.K1-0123456789abcdef",
		"1.K01-0123456789abcdef", "1.K-1-0123456789abcdef",
		"1.k1-0123456789abcdef", "1.KX-0123456789abcdef",
		"4294967296.K1-0123456789abcdef",
		"1.K18446744073709551616-0123456789abcdef",
		"1.K1_0123456789abcdef", "1-K1.0123456789abcdef",
		"1.WRK-0123456789abcdef", ".K1-0123456789abcdef",
		"1.K1-0123456789abcdef ", "a.K1-0123456789abcdef" };
	struct mark m = { 7, 7, 7 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_MSG(!mark_parse(rows[i], &m), "%s", rows[i]);
	ATF_CHECK_EQ(7, m.number);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, mark_sum_add__the_pieces_do_not_matter);
	ATF_TP_ADD_TC(tp, mark_of__every_bit_and_every_length_matters);
	ATF_TP_ADD_TC(tp, mark_name__and_back);
	ATF_TP_ADD_TC(tp, mark_parse__has_one_spelling);
	return (atf_no_error());
}
