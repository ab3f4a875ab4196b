/* SPDX-License-Identifier: ISC */
#include "smtp/smtpehlo.h"

#include <atf-c.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

/* What is offered, as words, by lines that each end in a line feed. */
static void
offers(const char *lines, struct buf *out)
{
	struct bytes rest = bytes_of(lines);
	struct smtpehlo e;
	size_t i;

	smtpehlo_init(&e);
	while (rest.n > 0) {
		struct bytes line = rest;

		ATF_REQUIRE(bytes_find(rest, '\n', &line.n));
		smtpehlo_line(&e, line);
		rest = bytes_cut(rest, line.n + 1, rest.n);
	}
	{
		const struct {
			bool is_offered;
			const char *word;
		} words[] = {
			{ e.pipelining, "pipe " },
			{ e.has_size, "size " },
			{ e.eightbit, "8bit " },
			{ e.smtputf8, "utf8 " },
			{ e.dsn, "dsn " },
			{ e.chunking, "chunk " },
			{ e.binarymime, "binary " },
			{ e.starttls, "tls " },
			{ e.requiretls, "require " },
			{ e.has_auth, "auth " },
			{ (e.auth & SMTPEHLO_PLAIN) != 0, "plain " },
			{ (e.auth & SMTPEHLO_LOGIN) != 0, "login " },
		};

		for (i = 0; i < ARRAY_LEN(words); i++)
			if (words[i].is_offered)
				(void)buf_puts(out, words[i].word);
	}
	if (e.size > 0)
		(void)buf_printf(out, "%" PRIu64 " ", e.size);
	if (e.rcptmax + e.mailmax + e.rcptdomainmax > 0)
		(void)buf_printf(out, "r%" PRIu64 " m%" PRIu64 " d%" PRIu64 " ",
		    e.rcptmax, e.mailmax, e.rcptdomainmax);
	ATF_REQUIRE(buf_cstr(out) != NULL);
}

static const struct row {
	const char *lines;
	const char *want;
} OFFERS[] = {
	{ "", "" },
	/* OB-46: the first line is not a keyword; case and blanks do not count. */
	{ "STARTTLS\n", "" },
	{ "PIPELINING\nSIZE\n", "size " },
	{ "mx\nstarttls\n", "tls " },
	{ "mx\nStartTLS \n", "tls " },
	{ "mx\nSTARTTLS REQUIRED\n", "tls " },
	{ "mx\nSTARTTLS\tx\n", "tls " },
	{ "mx\nSTARTTLSX\nXSTARTTLS\nX STARTTLS\n", "" },
	{ "mx\n\n \n-\n", "" },
	{ "mx\nPIPELINING\n8BITMIME\nSMTPUTF8\nDSN\nCHUNKING\nBINARYMIME\n"
	  "REQUIRETLS\nHELP\n",
	    "pipe 8bit utf8 dsn chunk binary require " },
	{ "mx\nAUTH PLAIN LOGIN\n", "auth plain login " },
	{ "mx\nAUTH=LOGIN\n", "auth login " },
	{ "mx\nauth=plain CRAM-MD5\n", "auth plain " },
	{ "mx\nAUTH GSSAPI\nAUTH  login\n", "auth login " },
	{ "mx\nAUTH\n", "auth " },
	{ "mx\nAUTH PLAINER XLOGIN\n", "auth " },
	/* OB-47: a size that is none is no limit. */
	{ "mx\nSIZE 1000\n", "size 1000 " },
	{ "mx\nsize 0\n", "size " },
	{ "mx\nSIZE\n", "size " },
	{ "mx\nSIZE \n", "size " },
	{ "mx\nSIZE many\n", "size " },
	{ "mx\nSIZE -1\n", "size " },
	{ "mx\nSIZE 1k\n", "size " },
	{ "mx\nSIZE=1000\n", "" },
	{ "mx\nSIZE 99999999999999999999\n", "size 18446744073709551615 " },
	{ "mx\nSIZE 1000 2000\n", "size 1000 " },
	/* OB-74: LIMITS, all of it or nothing. */
	{ "mx\nLIMITS RCPTMAX=50 MAILMAX=10\n", "r50 m10 d0 " },
	{ "mx\nlimits rcptdomainmax=1\n", "r0 m0 d1 " },
	{ "mx\nLIMITS RCPTMAX=50 FUTURE=x SOME\n", "r50 m0 d0 " },
	{ "mx\nLIMITS RCPTMAX=0\n", "" },
	{ "mx\nLIMITS RCPTMAX=050\n", "" },
	{ "mx\nLIMITS RCPTMAX=1000000 MAILMAX=1\n", "" },
	{ "mx\nLIMITS RCPTMAX=999999\n", "r999999 m0 d0 " },
	{ "mx\nLIMITS RCPTMAX=x MAILMAX=5\n", "" },
	{ "mx\nLIMITS MAILMAX=5 RCPTMAX=\n", "" },
	{ "mx\nLIMITS MAILMAX=5 RCPTMAX\n", "" },
	{ "mx\nLIMITS MAILMAX=5 =3\n", "" },
	{ "mx\nLIMITS MAILMAX=5 A_B=3\n", "" },
	{ "mx\nLIMITS MAILMAX=5 MAILMAX=6\n", "" },
	{ "mx\nLIMITS\n", "" },
};

ATF_TC_WITHOUT_HEAD(smtpehlo_line__knows_what_is_offered);
ATF_TC_BODY(smtpehlo_line__knows_what_is_offered, tc)
{
	char store[256];
	struct buf out;
	size_t i;

	for (i = 0; i < ARRAY_LEN(OFFERS); i++) {
		buf_init(&out, store, sizeof(store));
		offers(OFFERS[i].lines, &out);
		ATF_CHECK_STREQ_MSG(OFFERS[i].want, buf_cstr(&out), "%s",
		    OFFERS[i].lines);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpehlo_line__knows_what_is_offered);
	return (atf_no_error());
}
