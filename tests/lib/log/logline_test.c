/* SPDX-License-Identifier: ISC */
#include "log/logline.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(logline_begin__finds_ours_behind_anything);
ATF_TC_BODY(logline_begin__finds_ours_behind_anything, tc)
{
	static const struct {
		const char *line;
		const char *event; /* NULL: none of ours */
	} rows[] = {
		{ "ip=local pid=1 event=end", "end" },
		{ "ip=::1 pid=1 event=tls protocol=TLSv1.3", "tls" },
		{ "@4000 ip=::1 pid=1 event=tls protocol=x", "tls" },
		{ "Nov 30 15:01:04 gnat smtpserv[8]: ip=local pid=8 event=end",
		    "end" },
		{ "a=b ip=local pid=8 event=end", "end" },
		{ "", NULL },
		{ "ip=local pid=8", NULL },
		{ "ip=local event=end pid=8", NULL },
		{ "xip=local pid=8 event=end", NULL },
		{ "ip=local pid=8 event=\"end", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes event;
		struct bytes fields;
		bool found =
		    logline_begin(bytes_of(rows[i].line), &event, &fields);

		ATF_CHECK_MSG(found == (rows[i].event != NULL) &&
			(!found || bytes_same(event, bytes_of(rows[i].event))),
		    "row %zu", i);
	}
}

ATF_TC_WITHOUT_HEAD(logline_next__takes_values_apart_as_they_were_logged);
ATF_TC_BODY(logline_next__takes_values_apart_as_they_were_logged, tc)
{
	struct bytes rest = bytes_of(
	    " a=b from=\"\" why=\"x=\\\"y\\\" z\\\\\" n=\"\\x0a\\x\" c=");
	static const char *const want[][2] = { { "a", "b" }, { "from", "" },
		{ "why", "x=\"y\" z\\" }, { "n", "\nx" }, { "c", "" } };
	struct bytes key;
	struct bytes value;
	char store[64];
	struct buf text;
	size_t i;

	for (i = 0; i < ARRAY_LEN(want); i++) {
		buf_init(&text, store, sizeof(store));
		ATF_REQUIRE(logline_next(&rest, &key, &value));
		ATF_CHECK(bytes_same(key, bytes_of(want[i][0])));
		ATF_CHECK(logline_unquote(value, &text));
		ATF_CHECK_MSG(bytes_same(buf_view(&text), bytes_of(want[i][1])),
		    "row %zu", i);
	}
	ATF_CHECK(!logline_next(&rest, &key, &value));
}

ATF_TC_WITHOUT_HEAD(logline_find__only_names_count);
ATF_TC_BODY(logline_find__only_names_count, tc)
{
	struct bytes fields = bytes_of(" why=\"to=x to=y\" to=z to=q");
	struct bytes value;

	ATF_REQUIRE(logline_find(fields, "to", &value));
	ATF_CHECK(bytes_same(value, bytes_of("z")));
	ATF_CHECK(!logline_find(fields, "t", &value));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, logline_begin__finds_ours_behind_anything);
	ATF_TP_ADD_TC(
	    tp, logline_next__takes_values_apart_as_they_were_logged);
	ATF_TP_ADD_TC(tp, logline_find__only_names_count);
	return (atf_no_error());
}
