/* SPDX-License-Identifier: ISC */
#include "tlspolicy/tlsverdict.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

/* OB-116 */
static const char *const LINES[] = {
	"= TLSv1.3 TLS_AES_256_GCM_SHA384 256 name mx.example.org",
	"= TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 128 anonymous",
	"= TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 256 dane 2.1.1 mx.example.org",
	/* OB-190: the types of RFC 8460. */
	"! starttls-not-supported",
	"! certificate-host-mismatch it is for other.example",
	"! certificate-expired on 2020-01-01",
	"! certificate-not-trusted self-signed certificate",
	"! tlsa-invalid no record matches",
	"! dnssec-invalid x",
	"! dane-required x",
	"! sts-policy-fetch-error x",
	"! sts-policy-invalid x",
	"! sts-webpki-invalid x",
	"! validation-failure the server takes too long",
};

ATF_TC_WITHOUT_HEAD(tlsverdict_parse__is_what_was_put);
ATF_TC_BODY(tlsverdict_parse__is_what_was_put, tc)
{
	char store[TLSVERDICT_MAX];
	struct tlsverdict v;
	struct buf b;
	size_t i;

	for (i = 0; i < ARRAY_LEN(LINES); i++) {
		struct bytes line = bytes_of(LINES[i]);

		ATF_REQUIRE_MSG(tlsverdict_parse(line, &v), "%s", LINES[i]);
		ATF_CHECK_EQ(LINES[i][0] == '=', v.is_good);
		buf_init(&b, store, sizeof(store));
		ATF_REQUIRE(tlsverdict_put(&b, &v));
		ATF_CHECK_EQ(line.n + 1, buf_view(&b).n);
		ATF_CHECK_EQ(0, memcmp(store, line.p, line.n));
		ATF_CHECK_EQ('\n', store[line.n]);
	}
	ATF_REQUIRE(tlsverdict_parse(bytes_of(LINES[2]), &v));
	ATF_CHECK_EQ(256, v.bits);
	ATF_CHECK_EQ(TLSVERDICT_DANE, v.reached);
	ATF_CHECK_STREQ("dane", tlsverdict_reached_word(v.reached));
	ATF_CHECK(bytes_same(v.text, bytes_of("2.1.1 mx.example.org")));
	ATF_REQUIRE(tlsverdict_parse(bytes_of(LINES[7]), &v));
	ATF_CHECK_STREQ("tlsa-invalid", tlsverdict_failure_word(v.failure));
}

ATF_TC_WITHOUT_HEAD(tlsverdict_parse__nothing_else_is_a_verdict);
ATF_TC_BODY(tlsverdict_parse__nothing_else_is_a_verdict, tc)
{
	static const char *const lines[] = { "", "=", "= ", "!", "! ", "! x",
		"250 ok", "=TLSv1.3 X 1 name", "= TLSv1.3 X 256",
		"= TLSv1.3 X 256 certain", "= TLSv1.3 X many name",
		"= TLSv1.3 X 65536 name", "= TLSv1.3  256 name",
		"= TLSv1.3 X/Y 256 name", "= TLSv1.3 X 256 name a\nb",
		"= TLSv1.3 X 256 name \xc3\xb6", "! validation-failure a\tb",
		"! Validation-failure" };
	char longest[TLSVERDICT_MAX + 1];
	struct tlsverdict v;
	size_t i;

	for (i = 0; i < ARRAY_LEN(lines); i++)
		ATF_CHECK_MSG(!tlsverdict_parse(bytes_of(lines[i]), &v), "%s",
		    lines[i]);
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "! tlsa-invalid ", 15);
	ATF_CHECK(tlsverdict_parse(
	    (struct bytes){ longest, TLSVERDICT_MAX - 1 }, &v));
	ATF_CHECK(
	    !tlsverdict_parse((struct bytes){ longest, TLSVERDICT_MAX }, &v));
}

/* A certificate's words cannot make a second line, nor one without end. */
ATF_TC_WITHOUT_HEAD(tlsverdict_put__strange_words_do_no_harm);
ATF_TC_BODY(tlsverdict_put__strange_words_do_no_harm, tc)
{
	static char endless[2000];
	char store[TLSVERDICT_MAX];
	struct tlsverdict v = { .failure = TLSVERDICT_MISMATCH };
	struct buf b;

	v.text = bytes_of("a\r\n b\x01\xff");
	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE(tlsverdict_put(&b, &v));
	ATF_CHECK(bytes_same(buf_view(&b),
	    bytes_of("! certificate-host-mismatch a?? b?""?\n")));
	memset(endless, 'e', sizeof(endless));
	v.text = (struct bytes){ endless, sizeof(endless) };
	buf_reset(&b);
	ATF_REQUIRE(tlsverdict_put(&b, &v));
	ATF_CHECK_EQ(TLSVERDICT_MAX, buf_view(&b).n);
	ATF_CHECK_EQ('\n', store[TLSVERDICT_MAX - 1]);
	ATF_CHECK(tlsverdict_parse(
	    (struct bytes){ store, TLSVERDICT_MAX - 1 }, &v));
	/* No word, no line; no room, no line. */
	v = (struct tlsverdict){ .is_good = true };
	v.protocol = bytes_of("TLSv1.3");
	v.cipher = bytes_of("A B");
	buf_reset(&b);
	ATF_CHECK(!tlsverdict_put(&b, &v));
	v.cipher = bytes_of("AB");
	buf_init(&b, store, sizeof(store) - 1);
	ATF_CHECK(!tlsverdict_put(&b, &v));
	ATF_CHECK_EQ(0, buf_view(&b).n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tlsverdict_parse__is_what_was_put);
	ATF_TP_ADD_TC(tp, tlsverdict_parse__nothing_else_is_a_verdict);
	ATF_TP_ADD_TC(tp, tlsverdict_put__strange_words_do_no_harm);
	return (atf_no_error());
}
