/* SPDX-License-Identifier: ISC */
#include "mail/idn.h"

#include <atf-c.h>
#include <string.h>

#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10

static struct bytes
spelled(bool (*put)(struct bytes, struct buf *), const char *domain,
    char *store, size_t cap)
{
	struct buf b;

	buf_init(&b, store, cap);
	ATF_CHECK_MSG(put(bytes_of(domain), &b), "%s", domain);
	return (buf_view(&b));
}

static void
check(bool (*put)(struct bytes, struct buf *), const char *domain,
    const char *want)
{
	char store[300];
	struct bytes got = spelled(put, domain, store, sizeof(store));

	ATF_CHECK_MSG(bytes_same(got, bytes_of(want)), "%s: %.*s", domain,
	    (int)got.n, got.p);
}

ATF_TC_WITHOUT_HEAD(idn_put__each_spelling_gives_the_other);
ATF_TC_BODY(idn_put__each_spelling_gives_the_other, tc)
{
	/* The last ones are of RFC 3492, 7.1: Chinese, Hebrew, Russian. */
	static const char *const rows[][2] = {
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "\xc3\xbc.example", "xn--tda.example" },
		{ "gnat.b\xc3\xbc"
		  "cher",
		    "gnat.xn--bcher-kva" },
		{ "stra\xc3\x9f"
		  "e.example",
		    "xn--strae-oqa.example" },
		{ "a-b\xc3\xa4-.example", "xn--a-b--noa.example" },
		{ "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83"
		  "\x88",
		    "xn--r8jz45g.xn--zckzah" },
		{ "\xf0\x9f\x93\xa7.example", "xn--du8h.example" },
		{ "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9"
		  "\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87",
		    "xn--ihqwcrb4cv8a8dqg056pqjye" },
		{ "\xd7\x9c\xd7\x9e\xd7\x94\xd7\x94\xd7\x9d\xd7\xa4\xd7\xa9"
		  "\xd7\x95\xd7\x98\xd7\x9c\xd7\x90\xd7\x9e\xd7\x93\xd7\x91"
		  "\xd7\xa8\xd7\x99\xd7\x9d\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99"
		  "\xd7\xaa",
		    "xn--4dbcagdahymbxekheh6e0a7fei0b" },
		{ "\xd0\xbf\xd0\xbe\xd1\x87\xd0\xb5\xd0\xbc\xd1\x83\xd0\xb6"
		  "\xd0\xb5\xd0\xbe\xd0\xbd\xd0\xb8\xd0\xbd\xd0\xb5\xd0\xb3"
		  "\xd0\xbe\xd0\xb2\xd0\xbe\xd1\x80\xd1\x8f\xd1\x82\xd0\xbf"
		  "\xd0\xbe\xd1\x80\xd1\x83\xd1\x81\xd1\x81\xd0\xba\xd0\xb8",
		    "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		check(idn_put_ascii, rows[i][0], rows[i][1]);
		check(idn_put_unicode, rows[i][1], rows[i][0]);
		check(idn_put_ascii, rows[i][1], rows[i][1]);
		check(idn_put_unicode, rows[i][0], rows[i][0]);
		ATF_CHECK(idn_is_same(
		    bytes_of(rows[i][0]), bytes_of(rows[i][1])));
		ATF_CHECK(idn_has_spellings(bytes_of(rows[i][0])));
		ATF_CHECK(idn_has_spellings(bytes_of(rows[i][1])));
	}
}

ATF_TC_WITHOUT_HEAD(idn_put__of_letters_only_ascii_has_no_case);
ATF_TC_BODY(idn_put__of_letters_only_ascii_has_no_case, tc)
{
	check(idn_put_ascii, "B\xc3\xbc"
			     "CHER.Example",
	    "xn--bcher-kva.example");
	check(idn_put_unicode, "XN--BCHER-KVA.Example",
	    "b\xc3\xbc"
	    "cher.example");
	/* Capital U with its dots is another letter. */
	ATF_CHECK(!idn_is_same(bytes_of("b\xc3\x9c"
					"cher"),
	    bytes_of("xn--bcher-kva")));
}

ATF_TC_WITHOUT_HEAD(idn_put_unicode__leaves_alone_what_is_no_punycode);
ATF_TC_BODY(idn_put_unicode__leaves_alone_what_is_no_punycode, tc)
{
	static const char *const rows[] = {
		"xn--",
		/* It would be `abc', which is somebody else. */
		"xn--abc-",
		"xn---",
		"xn--a_b",
		"xn--bcher-kv",
		"xn--99999999",
		"xn--zzzzzzzzzzzzzzzzzz",
		/* A surrogate. */
		"xn--a-rc4g",
		"a.xn--.b",
		"",
		".",
		"[192.0.2.1]",
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		check(idn_put_unicode, rows[i], rows[i]);
	ATF_CHECK(!idn_is_same(bytes_of("xn--abc-"), bytes_of("abc")));
}

ATF_TC_WITHOUT_HEAD(idn_put_ascii__refuses_what_is_no_label);
ATF_TC_BODY(idn_put_ascii__refuses_what_is_no_label, tc)
{
	static const struct {
		const char *domain;
		bool want;
	} rows[] = {
		/* xn--50 letters-, and what stands for the other one. */
		{ X50 "\xc3\xbc", true },
		{ X50 "xxxxxxxxxx\xc3\xbc", false },
		{ X50 X10 "xxxx\xc3\xbc", false },
		{ "\xfc", false },
		{ "a.\xc3", false },
	};
	char store[300];
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&b, store, sizeof(store));
		ATF_CHECK_EQ_MSG(rows[i].want,
		    idn_put_ascii(bytes_of(rows[i].domain), &b), "%s",
		    rows[i].domain);
		ATF_CHECK(!idn_is_same(
		    bytes_of(rows[i].domain), bytes_of("a")));
	}
	buf_init(&b, store, 5);
	ATF_CHECK(!idn_put_ascii(bytes_of("a.bcde"), &b));
}

ATF_TC_WITHOUT_HEAD(idn_is_same__of_ascii_alone_is_without_case);
ATF_TC_BODY(idn_is_same__of_ascii_alone_is_without_case, tc)
{
	ATF_CHECK(idn_is_same(bytes_of("Gnat.Example"),
	    bytes_of("gnat.example")));
	ATF_CHECK(!idn_is_same(bytes_of("gnat"), bytes_of("gnats")));
	ATF_CHECK(!idn_has_spellings(bytes_of("gnat.example")));
	ATF_CHECK(!idn_has_spellings(bytes_of("gnat.xxn--a")));
	ATF_CHECK(!idn_has_spellings(bytes_of("")));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, idn_put__each_spelling_gives_the_other);
	ATF_TP_ADD_TC(tp, idn_put__of_letters_only_ascii_has_no_case);
	ATF_TP_ADD_TC(tp, idn_put_unicode__leaves_alone_what_is_no_punycode);
	ATF_TP_ADD_TC(tp, idn_put_ascii__refuses_what_is_no_label);
	ATF_TP_ADD_TC(tp, idn_is_same__of_ascii_alone_is_without_case);
	return (atf_no_error());
}
