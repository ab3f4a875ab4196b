/* SPDX-License-Identifier: ISC */
#include "http/httpanswer.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const char *
put(const struct httpanswer *a)
{
	static char store[HTTPANSWER_HEAD_MAX];
	struct buf b;
	const char *text;

	buf_init(&b, store, sizeof(store));
	httpanswer_put(&b, a);
	text = buf_cstr(&b);
	ATF_REQUIRE(text != NULL);
	return (text);
}

ATF_TC_WITHOUT_HEAD(httpanswer_put__forbids_scripts_and_frames);
ATF_TC_BODY(httpanswer_put__forbids_scripts_and_frames, tc)
{
	static const char *const wants[] = { "HTTP/1.1 200 OK\r\n",
		"\r\nContent-Type: text/html; charset=utf-8\r\n",
		"\r\nContent-Length: 7\r\n", "\r\nConnection: close\r\n",
		"\r\nContent-Security-Policy: default-src 'none'; "
		"style-src 'self'; base-uri 'none'; form-action 'none'; "
		"frame-ancestors 'none'\r\n",
		"\r\nX-Content-Type-Options: nosniff\r\n",
		"\r\nCache-Control: no-store\r\n",
		"\r\nReferrer-Policy: no-referrer\r\n" };
	struct httpanswer a = { .code = 200,
		.type = "text/html; charset=utf-8",
		.length = 7 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(wants); i++)
		ATF_CHECK_MSG(strstr(put(&a), wants[i]) != NULL, "%s",
		    wants[i]);
	ATF_CHECK(strstr(put(&a), "Disposition") == NULL);
	ATF_CHECK(strcmp(put(&a) + strlen(put(&a)) - 4, "\r\n\r\n") == 0);
}

ATF_TC_WITHOUT_HEAD(httpanswer_put__makes_a_strangers_name_harmless);
ATF_TC_BODY(httpanswer_put__makes_a_strangers_name_harmless, tc)
{
	static const struct {
		const char *name;
		const char *want;
	} rows[] = { { "a b-1_2.pdf", "\"a b-1_2.pdf\"" },
		{ "", "\"part\"" }, { "../../.x", "\"_._.._.x\"" },
		{ ".bashrc", "\"_bashrc\"" },
		{ "x\"\r\nSet-Cookie: a=b", "\"x___Set-Cookie_ a_b\"" },
		{ "\xe2\x80\xae" "cod.exe", "\"___cod.exe\"" } };
	struct httpanswer a = { .code = 200, .type = "" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		a.name = bytes_of(rows[i].name);
		ATF_CHECK_MSG(strstr(put(&a), rows[i].want) != NULL, "%s",
		    put(&a));
		ATF_CHECK(strstr(put(&a),
			      "\r\nContent-Type: application/octet-stream\r\n"
			      "Content-Disposition: attachment;") != NULL);
		ATF_CHECK(strstr(put(&a), "\r\nSet-Cookie") == NULL);
	}
}

ATF_TC_WITHOUT_HEAD(httpanswer_put__of_the_longest_name_fits);
ATF_TC_BODY(httpanswer_put__of_the_longest_name_fits, tc)
{
	char name[4096];
	struct httpanswer a = { .code = 405,
		.type = "",
		.name = { name, sizeof(name) },
		.allow = "GET, HEAD",
		.length = UINT64_MAX };

	memset(name, 'x', sizeof(name));
	ATF_CHECK(strstr(put(&a), "\r\nAllow: GET, HEAD\r\n") != NULL);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, httpanswer_put__forbids_scripts_and_frames);
	ATF_TP_ADD_TC(tp, httpanswer_put__makes_a_strangers_name_harmless);
	ATF_TP_ADD_TC(tp, httpanswer_put__of_the_longest_name_fits);
	return (atf_no_error());
}
