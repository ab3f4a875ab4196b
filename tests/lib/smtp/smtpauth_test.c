/* SPDX-License-Identifier: ISC */
#include "smtp/smtpauth.h"

#include <atf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "bytes/buf.h"

static struct smtpauth auth;

/* An answer of the client, cut in two. */
static enum smtpauth_status
feed(struct bytes line, size_t cut)
{
	enum smtpauth_status status = SMTPAUTH_MORE;
	size_t at = 0;

	while (at < line.n) {
		struct bytes piece =
		    bytes_cut(line, at, (at < cut ? cut : line.n) - at);
		size_t used = 0;

		status = smtpauth_feed(&auth, piece, &used);
		ATF_REQUIRE(used > 0 && used <= piece.n);
		ATF_REQUIRE(status != SMTPAUTH_MORE || used == piece.n);
		at += used;
		if (status != SMTPAUTH_MORE)
			ATF_CHECK_EQ_MSG(line.n, at, "to the end of the line");
	}
	return (status);
}

/*
 * The whole of it: the argument, then answers.  What comes of it as one text:
 * prompts, then "user:password" or the name of the status.
 */
static const char *
converse(const char *argument, const char *const *answers, size_t cut)
{
	static const char *const names[] = { "more", "", "", "wrong",
		"cancelled", "unknown", "text", "long" };
	static char text[2048];
	enum smtpauth_status status = smtpauth_begin(&auth, bytes_of(argument));
	struct buf out;

	buf_init(&out, text, sizeof(text));
	while (status == SMTPAUTH_PROMPT && *answers != NULL) {
		(void)buf_printf(&out, "[%s]", smtpauth_prompt(&auth));
		status = feed(bytes_of(*answers++), cut);
	}
	if (status == SMTPAUTH_DONE) {
		(void)buf_put(&out, smtpauth_user(&auth));
		(void)buf_putc(&out, ':');
		(void)buf_put(&out, smtpauth_password(&auth));
	} else if (status == SMTPAUTH_PROMPT) {
		(void)buf_printf(&out, "[%s]", smtpauth_prompt(&auth));
	} else {
		(void)buf_puts(&out, names[status]);
	}
	ATF_REQUIRE(buf_cstr(&out) != NULL);
	return (text);
}

ATF_TC_WITHOUT_HEAD(smtpauth__conversations_end_as_they_should);
ATF_TC_BODY(smtpauth__conversations_end_as_they_should, tc)
{
	static const struct {
		const char *argument;
		const char *answers[3];
		const char *want;
	} rows[] = {
		/* \0bob\0secret */
		{ "PLAIN AGJvYgBzZWNyZXQ=", { NULL }, "bob:secret" },
		{ "plain   AGJvYgBzZWNyZXQ=", { NULL }, "bob:secret" },
		{ "PLAIN", { "AGJvYgBzZWNyZXQ=\r\n" }, "[]bob:secret" },
		/* bob\0bob\0secret; ann\0bob\0secret */
		{ "PLAIN Ym9iAGJvYgBzZWNyZXQ=", { NULL }, "bob:secret" },
		{ "PLAIN YW5uAGJvYgBzZWNyZXQ=", { NULL }, "wrong" },
		{ "LOGIN", { "Ym9i\r\n", "c2VjcmV0\r\n" },
		    "[VXNlcm5hbWU6][UGFzc3dvcmQ6]bob:secret" },
		{ "login Ym9i", { "c2VjcmV0\r\n" },
		    "[UGFzc3dvcmQ6]bob:secret" },
		/* Cancelled, at any point. */
		{ "PLAIN", { "*\r\n" }, "[]cancelled" },
		{ "LOGIN", { "*\r\n" }, "[VXNlcm5hbWU6]cancelled" },
		{ "LOGIN", { "Ym9i\r\n", "*\r\n" },
		    "[VXNlcm5hbWU6][UGFzc3dvcmQ6]cancelled" },
		{ "PLAIN", { "**\r\n" }, "[]text" },
		{ "PLAIN", { "AA*\r\n" }, "[]text" },
		/* Empty: user or password, or all of it. */
		{ "PLAIN =", { NULL }, "text" },
		{ "PLAIN", { "\r\n" }, "[]text" },
		{ "PLAIN AABzZWNyZXQ=", { NULL }, "wrong" },
		{ "PLAIN AGJvYgA=", { NULL }, "wrong" },
		{ "LOGIN =", { "c2VjcmV0\r\n" }, "[UGFzc3dvcmQ6]wrong" },
		{ "LOGIN", { "Ym9i\r\n", "\r\n" },
		    "[VXNlcm5hbWU6][UGFzc3dvcmQ6]wrong" },
		/* bo\nb: no user has that. */
		{ "PLAIN AGJvCmIAc2VjcmV0", { NULL }, "wrong" },
		/* No NUL, one, three. */
		{ "PLAIN Ym9i", { NULL }, "text" },
		{ "PLAIN AGJvYg==", { NULL }, "text" },
		{ "PLAIN AGJvYgBzZWNyZXQA", { NULL }, "text" },
		{ "LOGIN Ym8AYg==", { NULL }, "text" },
		/* Base64 and nothing else. */
		{ "PLAIN AGJvYgBzZWNyZXQ", { NULL }, "text" },
		{ "PLAIN AGJvYgBzZWNyZXQ==", { NULL }, "text" },
		{ "PLAIN AGJvYgBzZWNyZXQ=A", { NULL }, "text" },
		{ "PLAIN AGJvYgBzZWNyZXR=", { NULL }, "text" },
		{ "PLAIN AGJv YgBzZWNyZXQ=", { NULL }, "text" },
		{ "PLAIN A", { NULL }, "text" },
		{ "PLAIN ====", { NULL }, "text" },
		{ "PLAIN AGJvYgBzZWNyZX-=", { NULL }, "text" },
		{ "PLAIN", { " AGJvYgBzZWNyZXQ=\r\n" }, "[]text" },
		{ "PLAIN", { "AGJvYgBzZWNyZXQ= \r\n" }, "[]text" },
		/* A bare CR or LF ends nothing. */
		{ "PLAIN", { "AGJvYgBz\nZWNyZXQ=\r\n" }, "[]text" },
		{ "PLAIN", { "AGJvYgBz\rZWNyZXQ=\r\n" }, "[]text" },
		{ "PLAIN", { "AGJvYgBzZWNyZXQ=\r\r\n" }, "[]text" },
		{ "PLAIN", { "*\r\r\n" }, "[]text" },
		/* Others. */
		{ "CRAM-MD5", { NULL }, "unknown" },
		{ "PLAINS AGJvYgBzZWNyZXQ=", { NULL }, "unknown" },
		{ "PLAI", { NULL }, "unknown" },
		{ "", { NULL }, "unknown" },
	};
	size_t cut;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut < 24; cut++)
			ATF_CHECK_STREQ_MSG(rows[i].want,
			    converse(rows[i].argument, rows[i].answers, cut),
			    "row %zu cut at %zu", i, cut);
}

static size_t
encode(char *to, const char *from, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	char *start = to;
	size_t i;

	for (i = 0; i < n; i += 3) {
		unsigned long group = 0;
		size_t left = n - i < 3 ? n - i : 3;
		size_t j;

		for (j = 0; j < 3; j++)
			group = group << 8 |
			    (j < left ? (unsigned char)from[i + j] : 0U);
		for (j = 0; j < 4; j++)
			*to++ = j <= left ? digits[group >> (18 - 6 * j) & 63]
					  : '=';
	}
	return ((size_t)(to - start));
}

/* PLAIN with a user and a password of such lengths. */
static enum smtpauth_status
try_lengths(size_t user, size_t password)
{
	static char plain[32768];
	static char line[65536];
	size_t n;

	memset(plain, 'u', sizeof(plain));
	plain[0] = '\0';
	plain[user + 1] = '\0';
	n = encode(line, plain, user + password + 2);
	memcpy(line + n, "\r\n", 2);
	ATF_REQUIRE_EQ(
	    SMTPAUTH_PROMPT, smtpauth_begin(&auth, bytes_of("PLAIN")));
	return (feed((struct bytes){ line, n + 2 }, 5));
}

ATF_TC_WITHOUT_HEAD(smtpauth__no_more_than_checkpassword_takes);
ATF_TC_BODY(smtpauth__no_more_than_checkpassword_takes, tc)
{
	size_t n;

	for (n = 1; n < SMTPAUTH_SECRET_MAX; n++) {
		ATF_CHECK_EQ(SMTPAUTH_DONE,
		    try_lengths(n, SMTPAUTH_SECRET_MAX - n));
		ATF_CHECK_EQ(n, smtpauth_user(&auth).n);
		ATF_CHECK_EQ(SMTPAUTH_WRONG,
		    try_lengths(n, SMTPAUTH_SECRET_MAX - n + 1));
	}
	for (n = 500; n < 6100; n += 100)
		ATF_CHECK_EQ(SMTPAUTH_WRONG, try_lengths(n, n / 2));
}

ATF_TC_WITHOUT_HEAD(smtpauth__line_has_a_limit_of_12288_octets);
ATF_TC_BODY(smtpauth__line_has_a_limit_of_12288_octets, tc)
{
	static char line[100002];
	size_t n;

	memset(line, 'A', sizeof(line));
	for (n = 12284; n < 12294; n++) {
		enum smtpauth_status want =
		    n % 4 == 0 ? SMTPAUTH_WRONG : SMTPAUTH_BAD_TEXT;

		memcpy(line + n, "\r\n", 2);
		ATF_REQUIRE_EQ(
		    SMTPAUTH_PROMPT, smtpauth_begin(&auth, bytes_of("PLAIN")));
		ATF_CHECK_EQ_MSG(n + 2 > SMTPAUTH_LINE_MAX ? SMTPAUTH_TOO_LONG
							   : want,
		    feed((struct bytes){ line, n + 2 }, 1000), "%zu", n);
		memcpy(line + n, "AA", 2);
	}
	memcpy(line + 100000, "\r\n", 2);
	ATF_REQUIRE_EQ(
	    SMTPAUTH_PROMPT, smtpauth_begin(&auth, bytes_of("LOGIN")));
	ATF_CHECK_EQ(SMTPAUTH_TOO_LONG,
	    feed((struct bytes){ line, sizeof(line) }, 1));
}

ATF_TC_WITHOUT_HEAD(smtpauth__every_byte_is_decoded);
ATF_TC_BODY(smtpauth__every_byte_is_decoded, tc)
{
	static char plain[256 + 5];
	static char line[512];
	struct bytes password;
	size_t i;
	size_t n;

	memcpy(plain, "\0bob\0", 5);
	for (i = 1; i < 256; i++)
		plain[4 + i] = (char)i;
	for (i = 0; i < 3; i++) {
		n = encode(line, plain, 260 - i);
		line[n] = '\0';
		memcpy(line + n, "\r\n", 2);
		ATF_REQUIRE_EQ(
		    SMTPAUTH_PROMPT, smtpauth_begin(&auth, bytes_of("PLAIN")));
		ATF_CHECK_EQ(SMTPAUTH_DONE,
		    feed((struct bytes){ line, n + 2 }, 7));
		password = smtpauth_password(&auth);
		ATF_CHECK(password.n == 255 - i &&
		    memcmp(password.p, plain + 5, password.n) == 0);
	}
}

ATF_TC_WITHOUT_HEAD(smtpauth_wipe__leaves_nothing);
ATF_TC_BODY(smtpauth_wipe__leaves_nothing, tc)
{
	const char *none[] = { NULL };
	static const struct smtpauth zero;

	ATF_CHECK_STREQ(
	    "bob:secret", converse("PLAIN AGJvYgBzZWNyZXQ=", none, 0));
	ATF_CHECK(memmem(&auth, sizeof(auth), "secret", 6) != NULL);
	smtpauth_wipe(&auth);
	ATF_CHECK(memcmp(&auth, &zero, sizeof(auth)) == 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtpauth__conversations_end_as_they_should);
	ATF_TP_ADD_TC(tp, smtpauth__no_more_than_checkpassword_takes);
	ATF_TP_ADD_TC(tp, smtpauth__line_has_a_limit_of_12288_octets);
	ATF_TP_ADD_TC(tp, smtpauth__every_byte_is_decoded);
	ATF_TP_ADD_TC(tp, smtpauth_wipe__leaves_nothing);
	return (atf_no_error());
}
