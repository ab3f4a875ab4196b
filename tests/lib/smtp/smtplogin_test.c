/* SPDX-License-Identifier: ISC */
#include "smtp/smtplogin.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"
#include "smtp/smtpauth.h"

ATF_TC_WITHOUT_HEAD(smtplogin_put__is_base64);
ATF_TC_BODY(smtplogin_put__is_base64, tc)
{
	/* RFC 4648 10, and bytes that are not ASCII. */
	static const char *const rows[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\303\266\377", "w7b/" },
		{ "\373\357\276", "++++" },
	};
	char store[64];
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_init(&out, store, sizeof(store));
		smtplogin_put(&out, bytes_of(rows[i][0]));
		ATF_CHECK_STREQ(rows[i][1], buf_cstr(&out));
	}
}

static void
check_plain(struct bytes user, struct bytes password)
{
	static struct smtpauth auth;
	char store[2048];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	(void)buf_puts(&out, "PLAIN ");
	smtplogin_put_plain(&out, user, password);
	ATF_REQUIRE(!buf_overflowed(&out));
	ATF_REQUIRE(buf_view(&out).n < SMTPAUTH_LINE_MAX);
	ATF_REQUIRE_EQ(SMTPAUTH_DONE, smtpauth_begin(&auth, buf_view(&out)));
	ATF_CHECK(bytes_same(user, smtpauth_user(&auth)));
	ATF_CHECK(bytes_same(password, smtpauth_password(&auth)));
}

/* OB-147: what a server takes apart is what went in, of any length. */
ATF_TC_WITHOUT_HEAD(smtplogin_put_plain__is_what_a_server_takes_apart);
ATF_TC_BODY(smtplogin_put_plain__is_what_a_server_takes_apart, tc)
{
	char text[500];
	char store[2048];
	struct buf out;
	size_t n;

	for (n = 0; n < sizeof(text); n++)
		text[n] = (char)('a' + (char)(n % 26));
	for (n = 1; n + 1 < SMTPAUTH_SECRET_MAX && n < sizeof(text); n++)
		check_plain(
		    (struct bytes){ text, 1 }, (struct bytes){ text, n });
	check_plain(bytes_of("j\303\266rg"), bytes_of("\342\202\254uro"));
	/* Longer than our own server takes: it is whole all the same. */
	buf_init(&out, store, sizeof(store));
	smtplogin_put_plain(
	    &out, (struct bytes){ text, 500 }, (struct bytes){ text, 500 });
	ATF_CHECK_EQ(1336, buf_view(&out).n);
	buf_reset(&out);
	smtplogin_put_plain(&out, bytes_of(""), bytes_of(""));
	ATF_CHECK_STREQ("AAA=", buf_cstr(&out));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtplogin_put__is_base64);
	ATF_TP_ADD_TC(tp, smtplogin_put_plain__is_what_a_server_takes_apart);
	return (atf_no_error());
}
