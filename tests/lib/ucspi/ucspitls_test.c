/* SPDX-License-Identifier: ISC */
#include "ucspi/ucspitls.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

#define LITERAL(text) { text, sizeof(text) - 1 }
#define TEXT(text)    ((struct bytes) LITERAL(text))

/* What s6-ucspitlsd sends, and what sslserver adds. */
static const struct {
	struct bytes in;
	const char *protocol;
	const char *cipher;
	size_t used; /* with its end */
} STREAMS[] = {
	{ LITERAL("SSL_PROTOCOL=TLSv1.3\0SSL_CIPHER=TLS_AES_256_GCM_SHA384\0"
	       "SSL_TLS_SNI_SERVERNAME\0\0tail"),
	    "TLSv1.3", "TLS_AES_256_GCM_SHA384", 79 },
	{ LITERAL("SSL_CIPHER=ECDHE-RSA-AES128-GCM-SHA256\0\0"), "",
	    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 40 },
	/* A stranger's bytes are not words. */
	{ LITERAL("SSL_PROTOCOL=TLSv1.3\nFrom: x\0SSL_CIPHER=a b\0\0"), "", "",
	    45 },
	{ LITERAL("XSSL_PROTOCOL=TLSv1\0SSL_PROTOCOL\0\0"), "", "", 34 },
	{ LITERAL("\0"), "", "", 1 },
};

static bool
feed(struct ucspitls *u, struct bytes in, size_t cut)
{
	ucspitls_init(u);
	return (ucspitls_feed(u, bytes_cut(in, 0, cut)) |
	    ucspitls_feed(u, bytes_cut(in, cut, in.n)));
}

ATF_TC_WITHOUT_HEAD(ucspitls_feed__keeps_two_words_however_it_is_cut);
ATF_TC_BODY(ucspitls_feed__keeps_two_words_however_it_is_cut, tc)
{
	struct ucspitls u;
	size_t cut;
	size_t i;

	for (i = 0; i < ARRAY_LEN(STREAMS); i++)
		for (cut = 0; cut <= STREAMS[i].in.n; cut++) {
			ATF_CHECK_MSG(feed(&u, STREAMS[i].in, cut),
			    "row %zu cut at %zu", i, cut);
			ATF_CHECK_STREQ(STREAMS[i].protocol, u.facts.protocol);
			ATF_CHECK_STREQ(STREAMS[i].cipher, u.facts.cipher);
		}
}

ATF_TC_WITHOUT_HEAD(ucspitls_feed__ends_at_the_empty_record_only);
ATF_TC_BODY(ucspitls_feed__ends_at_the_empty_record_only, tc)
{
	struct ucspitls u;
	size_t n;
	size_t i;

	for (i = 0; i < ARRAY_LEN(STREAMS); i++)
		for (n = 0; n <= STREAMS[i].in.n; n++) {
			ucspitls_init(&u);
			ATF_CHECK_EQ_MSG(n >= STREAMS[i].used,
			    ucspitls_feed(&u, bytes_cut(STREAMS[i].in, 0, n)),
			    "row %zu, %zu bytes", i, n);
		}
}

ATF_TC_WITHOUT_HEAD(ucspitls_feed__a_record_too_long_is_skipped);
ATF_TC_BODY(ucspitls_feed__a_record_too_long_is_skipped, tc)
{
	static char text[1000] = "SSL_PROTOCOL=TLS";
	struct ucspitls u;

	memset(text + 16, 'x', sizeof(text) - 17);
	ucspitls_init(&u);
	ATF_CHECK(!ucspitls_feed(&u, (struct bytes) { text, sizeof(text) }));
	ATF_CHECK_STREQ("", u.facts.protocol);
	ATF_CHECK(ucspitls_feed(&u, TEXT("SSL_PROTOCOL=TLSv1.2\0\0")));
	ATF_CHECK_STREQ("TLSv1.2", u.facts.protocol);
	/* What fits into a record need not be a word that is kept. */
	text[100] = '\0';
	ATF_CHECK(feed(&u, (struct bytes) { text, 102 }, 50) == false);
	ATF_CHECK_STREQ("", u.facts.protocol);
}

ATF_TC_WITHOUT_HEAD(ucspitls_put__is_what_feed_takes);
ATF_TC_BODY(ucspitls_put__is_what_feed_takes, tc)
{
	char store[80];
	struct ucspitls u;
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_CHECK(ucspitls_put(&b, "SSL_PROTOCOL", bytes_of("TLSv1.3")));
	ATF_CHECK(ucspitls_put(&b, "SSL_CIPHER", bytes_of("TLS_X")));
	ATF_CHECK(buf_putc(&b, '\0'));
	ATF_CHECK(feed(&u, buf_view(&b), 10));
	ATF_CHECK_STREQ("TLSv1.3", u.facts.protocol);
	ATF_CHECK_STREQ("TLS_X", u.facts.cipher);
}

ATF_TC_WITHOUT_HEAD(ucspitls_set_facts__takes_words_or_nothing);
ATF_TC_BODY(ucspitls_set_facts__takes_words_or_nothing, tc)
{
	struct ucspitls_facts facts;

	ucspitls_set_facts(&facts, "TLSv1.2", "AES128-SHA");
	ATF_CHECK_STREQ("TLSv1.2", facts.protocol);
	ATF_CHECK_STREQ("TLS_RSA_WITH_AES_128_CBC_SHA", facts.cipher);
	ucspitls_set_facts(&facts, NULL, "(x)");
	ATF_CHECK_STREQ("", facts.protocol);
	ATF_CHECK_STREQ("", facts.cipher);
	/* What has no name of IANA's is kept as it is. */
	ucspitls_set_facts(&facts, "TLSv1.2", "GOST-2012");
	ATF_CHECK_STREQ("GOST-2012", facts.cipher);
}

/* Lines of `openssl ciphers -stdname': IANA's name, a dash, OpenSSL's. */
ATF_TC(ucspitls_put_cipher__names_are_those_of_iana);
ATF_TC_HEAD(ucspitls_put_cipher__names_are_those_of_iana, tc)
{
	atf_tc_set_md_var(tc, "require.progs", "openssl");
}
ATF_TC_BODY(ucspitls_put_cipher__names_are_those_of_iana, tc)
{
	FILE *list = popen("openssl ciphers -stdname -tls1_2 "
			   "'HIGH:!aNULL:!PSK:!SRP'", "r");
	char line[512];
	char want[128];
	char name[128];
	unsigned int n = 0;

	ATF_REQUIRE(list != NULL);
	while (fgets(line, sizeof(line), list) != NULL) {
		char store[128];
		struct buf b;

		buf_init(&b, store, sizeof(store));
		ATF_REQUIRE(sscanf(line, "%127s - %127s", want, name) == 2);
		ATF_CHECK_MSG(ucspitls_put_cipher(&b, bytes_of(name)), "%s",
		    name);
		ATF_REQUIRE(buf_cstr(&b) != NULL);
		ATF_CHECK_STREQ(want, store);
		n++;
	}
	ATF_CHECK_EQ(0, pclose(list));
	ATF_CHECK_MSG(n > 20, "%u names", n);
}

ATF_TC_WITHOUT_HEAD(ucspitls_put_cipher__what_is_no_cipher_puts_nothing);
ATF_TC_BODY(ucspitls_put_cipher__what_is_no_cipher_puts_nothing, tc)
{
	static const char *const names[] = { "", "-", "NULL-SHA", "DES-CBC3-SHA",
		"AES128", "AES128-", "AES128-GCM", "AES128-GCM-SHA256-X",
		"ECDHE-RSA", "AES128-SHA-SHA", "CHACHA20-GCM-SHA256",
		"TLS_a", "AES128-CCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA1" };
	char store[128];
	struct buf b;
	size_t i;

	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE(buf_puts(&b, "x"));
	for (i = 0; i < ARRAY_LEN(names); i++) {
		ATF_CHECK_MSG(!ucspitls_put_cipher(&b, bytes_of(names[i])),
		    "%s", names[i]);
		ATF_CHECK_EQ(1, buf_view(&b).n);
	}
	buf_init(&b, store, 10);
	ATF_CHECK(!ucspitls_put_cipher(&b, bytes_of("AES128-SHA")));
	ATF_CHECK_EQ(0, buf_view(&b).n);
	ATF_CHECK(!buf_overflowed(&b));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, ucspitls_feed__keeps_two_words_however_it_is_cut);
	ATF_TP_ADD_TC(tp, ucspitls_feed__ends_at_the_empty_record_only);
	ATF_TP_ADD_TC(tp, ucspitls_feed__a_record_too_long_is_skipped);
	ATF_TP_ADD_TC(tp, ucspitls_put__is_what_feed_takes);
	ATF_TP_ADD_TC(tp, ucspitls_set_facts__takes_words_or_nothing);
	ATF_TP_ADD_TC(tp, ucspitls_put_cipher__names_are_those_of_iana);
	ATF_TP_ADD_TC(tp, ucspitls_put_cipher__what_is_no_cipher_puts_nothing);
	return (atf_no_error());
}
