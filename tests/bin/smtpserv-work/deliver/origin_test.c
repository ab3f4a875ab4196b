/* SPDX-License-Identifier: ISC */
#include "deliver/origin.h"

#include <atf-c.h>

#include "base/base.h"

#define OURS   "Received: from gnat by gnat with LOCAL\n\tid A7; Mon\n"
#define THEIRS "Received: from maggot by gnat with ESMTP\n\tid A6; Mon\n"

ATF_TC_WITHOUT_HEAD(origin_of__believes_what_is_on_top_alone);
ATF_TC_BODY(origin_of__believes_what_is_on_top_alone, tc)
{
	static const struct {
		const char *header;
		bool is_ours;
		bool was_postmasters;
	} rows[] = {
		{ "", false, false },
		{ "Subject: x\n", false, false },
		/* A report, also in a spool with DOS lines; forwarded. */
		{ "Received: from gnat by gnat with local\r\n\tid A1; Mon\r\n"
		  "Date: Mon\r\n",
		    true, false },
		{ OURS "Delivered-To: postmaster\n" OURS "Date: Mon\n", true,
		    true },
		{ OURS "Delivered-To: boss@gnat\n" OURS
		       "Delivered-To: Postmaster\r\n" OURS,
		    true, true },
		{ OURS "Delivered-To: postmaster@elsewhere\n", true, false },
		{ OURS "Delivered-To: postmaster\n" THEIRS, true, true },
		/* A stranger's own. */
		{ THEIRS "Delivered-To: postmaster\n", false, false },
		{ THEIRS OURS "Delivered-To: postmaster\n", false, false },
		{ OURS "Delivered-To: boss@gnat\n" THEIRS
		       "Delivered-To: postmaster\n",
		    true, false },
		{ OURS "Subject: x\nDelivered-To: postmaster\n", true, false },
		{ "Delivered-To: postmaster\n" OURS, false, false },
		{ "Received: from x (with local) by gnat with SMTP\n"
		  "Delivered-To: postmaster\n",
		    false, false },
		{ "Received: from gnat by gnat with\n", false, false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct origin o = origin_of(bytes_of(rows[i].header));

		ATF_CHECK_EQ_MSG(
		    rows[i].is_ours, o.is_ours, "%s", rows[i].header);
		ATF_CHECK_EQ_MSG(rows[i].was_postmasters, o.was_postmasters,
		    "%s", rows[i].header);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, origin_of__believes_what_is_on_top_alone);
	return (atf_no_error());
}
