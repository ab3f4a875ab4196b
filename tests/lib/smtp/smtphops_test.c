/* SPDX-License-Identifier: ISC */
#include "smtp/smtphops.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

static const struct {
	const char *text;
	uint32_t want;
} ROWS[] = {
	{ "", 0 },
	{ "\n", 0 },
	{ "Received: a\n\n", 1 },
	{ "Received:a\r\nReceived: b\r\n\r\n", 2 },
	{ "RECEIVED: a\nreceived: b\n\n", 2 },
	/* A folded field is one; its other lines are not looked at. */
	{ "Received: a\n\tReceived: b\n\n", 1 },
	{ " Received: a\n\n", 0 },
	{ "Received-SPF: pass\nX-Received: a\n\n", 0 },
	{ "Received\n:\n\n", 0 },
	{ "Rec\nReceived: a\n\n", 1 },
	/* Text is not the header. */
	{ "Subject: x\n\nReceived: a\n", 0 },
	{ "Subject: x\r\n\r\nReceived: a\r\n", 0 },
	{ "\nReceived: a\n", 0 },
	/* No empty line: all of it is the header. */
	{ "Subject: x\nReceived: a\nReceived: b", 2 },
};

ATF_TC_WITHOUT_HEAD(smtphops_feed__counts_fields_of_the_header_alone);
ATF_TC_BODY(smtphops_feed__counts_fields_of_the_header_alone, tc)
{
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes text = bytes_of(ROWS[i].text);

		for (cut = 0; cut <= text.n; cut++) {
			struct smtphops h;

			smtphops_init(&h);
			smtphops_feed(&h, bytes_cut(text, 0, cut));
			smtphops_feed(&h, bytes_cut(text, cut, text.n));
			ATF_CHECK_EQ_MSG(ROWS[i].want, h.count,
			    "row %zu cut at %zu: %u", i, cut, h.count);
		}
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtphops_feed__counts_fields_of_the_header_alone);
	return (atf_no_error());
}
