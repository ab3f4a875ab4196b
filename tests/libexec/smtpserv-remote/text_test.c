/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "smtp/smtpstuff.h"

static void
look(struct text *t, struct bytes in, size_t cut)
{
	text_init(t);
	text_feed(t, bytes_cut(in, 0, cut));
	text_feed(t, bytes_cut(in, cut, in.n));
}

/* OB-66, OB-68: what is over 127, and where. */
ATF_TC_WITHOUT_HEAD(text_feed__finds_bytes_over_127);
ATF_TC_BODY(text_feed__finds_bytes_over_127, tc)
{
	static const struct {
		const char *text;
		bool is_8bit;
		bool is_utf8;
	} rows[] = {
		{ "", false, false },
		{ "Subject: x\n\nhi\n", false, false },
		{ "Subject: x\n\nh\303\244\n", true, false },
		{ "Subject: h\303\244\n\nhi\n", true, true },
		{ "Subject: x\r\n\r\nh\303\244\r\n", true, false },
		{ "Subject: x\r\r\n\r\r\nh\303\244\r\n", true, false },
		{ "Subject: x\r\nTo: \303\244\r\n\r\nhi\r\n", true, true },
		{ "\n\303\244", true, false },
		{ "\303\244", true, true },
		{ "Subject: x\n \n\303\244\n\n", true, true },
		{ "Subject: a long line of more than eight\n\nand \377 there",
		    true, false },
	};
	struct text t;
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		for (cut = 0; cut <= strlen(rows[i].text); cut++) {
			look(&t, bytes_of(rows[i].text), cut);
			ATF_CHECK_EQ(rows[i].is_8bit, t.is_8bit);
			ATF_CHECK_EQ_MSG(
			    rows[i].is_utf8, t.is_utf8, "%s", rows[i].text);
		}
}

/* What goes over the wire in chunks is the size, to the octet. */
static uint64_t
sent_size(struct bytes in)
{
	static char store[1 << 18];
	struct smtpstuff s;
	struct buf out;

	buf_init(&out, store, sizeof(store));
	smtpstuff_init_chunks(&s);
	ATF_REQUIRE_EQ(in.n, smtpstuff_feed(&s, in, &out));
	ATF_REQUIRE(smtpstuff_end(&s, &out));
	return (buf_view(&out).n);
}

/* OB-64: dots do not count, CR LF does; with and without a last LF. */
ATF_TC_WITHOUT_HEAD(text_size__is_that_on_the_wire);
ATF_TC_BODY(text_size__is_that_on_the_wire, tc)
{
	static const char bytes[] = { '\r', '\n', '.', '\0', 'x' };
	static char large[65536];
	char in[6];
	struct text t;
	size_t code;
	size_t rest;
	size_t i;

	for (code = 0; code < 5 * 5 * 5 * 5 * 5 * 5; code++) {
		rest = code;
		for (i = 0; i < sizeof(in); i++, rest /= 5)
			in[i] = bytes[rest % 5];
		look(&t, (struct bytes){ in, code % 7 }, code % 3);
		ATF_REQUIRE_EQ(
		    sent_size((struct bytes){ in, code % 7 }), text_size(&t));
	}
	memset(large, 'x', sizeof(large));
	for (i = 70; i < sizeof(large); i += 71)
		large[i] = '\n';
	for (i = 0; i < 3; i++) {
		struct bytes all = { large, sizeof(large) - i };

		look(&t, all, 4097);
		ATF_CHECK_EQ(sent_size(all), text_size(&t));
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, text_feed__finds_bytes_over_127);
	ATF_TP_ADD_TC(tp, text_size__is_that_on_the_wire);
	return (atf_no_error());
}
