/* SPDX-License-Identifier: ISC */
#include "envelope/queueid.h"

#include <atf-c.h>
#include <string.h>

#define ID64  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789ABCDEF"
#define ID128 ID64 ID64

static const struct {
	const char *text;
	const char *id;
} ROWS[] = {
	{ "From: a@b\nTo: c@d\nQueue-Id: 1.2.gnat\n", "1.2.gnat" },
	{ "From: a@b\r\nTo: c@d\r\nqueue-id: 1.2.gnat\r\n", "1.2.gnat" },
	{ "From: a@b\nTo: c@d\n", "" },
	{ "From: a@b\nTo: c@d\nQueue-Id: torn", "" },
	{ "", "" },
	/* What stands before ours is the sender's. */
	{ "From: a@b\nQueue-Id: theirs\nTo: c@d\nQueue-Id: ours\n", "ours" },
	{ "From: a@b\nQueue-Id: theirs\nTo: c@d\nQueue-Id: \n", "" },
	{ "From: a@b\nX-Queue-Id: 1\nQueue-Idle: 2\nSubject: Queue-Id: 3\n",
	    "" },
	/* What the worker has appended, and what cannot be read. */
	{ "From: a@b\nTo: c@d\nQueue-Id: 1\nJournal: yes\nResult: 0 Gone\n",
	    "1" },
	{ "garbage\n\n\001\nQueue-Id: 1\nit has no end", "1" },
	{ "From: a@b\nQueue-Id: " ID128 "\r\n", ID128 },
	{ "From: a@b\nQueue-Id: 1\nQueue-Id: " ID128 "x\n", "" },
	{ "From: " ID128 ID128 ID128 "\nQueue-Id: 1\nTo: " ID128 ID128 "\n",
	    "1" },
};

ATF_TC_WITHOUT_HEAD(queueid_feed__the_last_line_holds_however_it_is_cut);
ATF_TC_BODY(queueid_feed__the_last_line_holds_however_it_is_cut, tc)
{
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes text = bytes_of(ROWS[i].text);

		for (cut = 0; cut <= text.n; cut++) {
			struct queueid q;

			queueid_init(&q);
			queueid_feed(&q, bytes_cut(text, 0, cut));
			queueid_feed(&q, bytes_cut(text, cut, text.n));
			ATF_CHECK_MSG(
			    bytes_same(queueid_view(&q), bytes_of(ROWS[i].id)),
			    "row %zu cut at %zu: %.*s", i, cut,
			    (int)queueid_view(&q).n, queueid_view(&q).p);
		}
	}
}

ATF_TC_WITHOUT_HEAD(queueid_feed__a_byte_at_a_time_is_the_same);
ATF_TC_BODY(queueid_feed__a_byte_at_a_time_is_the_same, tc)
{
	size_t i;
	size_t at;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes text = bytes_of(ROWS[i].text);
		struct queueid q;

		queueid_init(&q);
		for (at = 0; at < text.n; at++)
			queueid_feed(&q, bytes_cut(text, at, 1));
		ATF_CHECK_MSG(
		    bytes_same(queueid_view(&q), bytes_of(ROWS[i].id)),
		    "row %zu", i);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, queueid_feed__the_last_line_holds_however_it_is_cut);
	ATF_TP_ADD_TC(tp, queueid_feed__a_byte_at_a_time_is_the_same);
	return (atf_no_error());
}
