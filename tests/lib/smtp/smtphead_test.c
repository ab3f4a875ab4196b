/* SPDX-License-Identifier: ISC */
#include "smtp/smtphead.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

enum { NEVER = 999 };

/* Each header, where it ends, and what it has. */
static const struct {
	const char *text;
	size_t end; /* NEVER: it does not, or is damaged */
	bool has_date;
	bool has_message_id;
	bool is_whole;
} ROWS[] = {
	{ "", NEVER, false, false, false },
	{ "\n", 0, false, false, false },
	{ "\r\nDate: x\r\n", 0, false, false, false },
	{ "Subject: x\n\nDate: x\n", 11, false, false, false },
	{ "Subject: x\r\n\r\nDate: x\r\n", 12, false, false, false },
	{ "Date: x\n\n", 8, true, false, false },
	{ "DATE:x\nmessage-Id:\n\n", 19, true, true, false },
	{ "Message-ID : x\n\n", 15, false, true, false },
	{ "Date\t:\n\n", 7, true, false, false },
	{ "Dat: x\nDates: x\nMessage-I: x\nMessage-IDs: x\n\n", 44, false,
	    false, false },
	{ "Resent-Date: x\nX-Message-ID: x\n\n", 31, false, false, false },
	{ "Subject: x\n Date: y\n\tMessage-ID: z\n\n", 35, false, false,
	    false },
	{ "Subject: Date: y\n\n", 17, false, false, false },
	{ "X:\n\n", 3, false, false, false },
	/* All header. */
	{ "Subject: x\n", NEVER, false, false, true },
	{ "Date: x\nMessage-ID: y\n", NEVER, true, true, true },
	{ "Subject: x", NEVER, false, false, false },
	{ "Subj", NEVER, false, false, false },
	/* No header at all, or not to the end. */
	{ "Hello there\n\nDate: x\n\n", NEVER, false, false, false },
	{ "Hello\n\n", NEVER, false, false, false },
	{ " Subject: x\n\n", NEVER, false, false, false },
	{ ": x\n\n", NEVER, false, false, false },
	{ "Date: x\nFrom erick Mon Nov 23\n\n", NEVER, true, false, false },
	{ "Date: x\n: y\n\n", NEVER, true, false, false },
	{ "S\xc3\xbc: x\n\n", NEVER, false, false, false },
	{ "S\x01: x\n\n", NEVER, false, false, false },
};

static void
check(size_t row, size_t cut)
{
	struct bytes text = bytes_of(ROWS[row].text);
	struct smtphead h;
	size_t end = NEVER;
	size_t at;

	smtphead_init(&h);
	if (smtphead_feed(&h, bytes_cut(text, 0, cut), &at))
		end = at;
	if (smtphead_feed(&h, bytes_cut(text, cut, text.n), &at)) {
		ATF_CHECK_EQ_MSG(NEVER, end, "row %zu: twice", row);
		end = cut + at;
	}
	ATF_CHECK_EQ_MSG(ROWS[row].end, end, "row %zu cut at %zu: %zu", row,
	    cut, end);
	ATF_CHECK_EQ_MSG(ROWS[row].has_date, h.has_date, "row %zu", row);
	ATF_CHECK_EQ_MSG(
	    ROWS[row].has_message_id, h.has_message_id, "row %zu", row);
	ATF_CHECK_EQ_MSG(
	    ROWS[row].is_whole, smtphead_is_whole(&h), "row %zu", row);
}

ATF_TC_WITHOUT_HEAD(smtphead_feed__finds_the_end_however_it_is_cut);
ATF_TC_BODY(smtphead_feed__finds_the_end_however_it_is_cut, tc)
{
	size_t row;
	size_t cut;

	for (row = 0; row < ARRAY_LEN(ROWS); row++)
		for (cut = 0; cut <= strlen(ROWS[row].text); cut++)
			check(row, cut);
}

ATF_TC_WITHOUT_HEAD(smtphead_feed__byte_by_byte_is_the_same);
ATF_TC_BODY(smtphead_feed__byte_by_byte_is_the_same, tc)
{
	size_t row;

	for (row = 0; row < ARRAY_LEN(ROWS); row++) {
		struct bytes text = bytes_of(ROWS[row].text);
		struct smtphead h;
		size_t end = NEVER;
		size_t at;
		size_t i;

		smtphead_init(&h);
		for (i = 0; i < text.n; i++)
			if (smtphead_feed(&h, bytes_cut(text, i, 1), &at))
				end = i + at;
		ATF_CHECK_EQ_MSG(ROWS[row].end, end, "row %zu", row);
		ATF_CHECK_EQ_MSG(ROWS[row].has_date, h.has_date, "%zu", row);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, smtphead_feed__finds_the_end_however_it_is_cut);
	ATF_TP_ADD_TC(tp, smtphead_feed__byte_by_byte_is_the_same);
	return (atf_no_error());
}
