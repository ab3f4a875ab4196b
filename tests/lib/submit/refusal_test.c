/* SPDX-License-Identifier: ISC */
#include "submit/refusal.h"

#include <atf-c.h>
#include <errno.h>

ATF_TC_WITHOUT_HEAD(refusal_fault__says_what_the_errno_says);
ATF_TC_BODY(refusal_fault__says_what_the_errno_says, tc)
{
	static const struct {
		int err;
		int code;
	} rows[] = { { ENOSPC, 53 }, { EDQUOT, 53 }, { EFBIG, 53 },
		{ ENOMEM, 51 }, { EIO, 62 }, { 0, 62 } };
	struct refusal no = { .code = 0 };
	struct fault why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		(void)fault_set(&why, "write", "it", rows[i].err);
		ATF_CHECK_EQ(
		    rows[i].code, refusal_fault(&no, &why, QQEXIT_SPOOL));
		ATF_CHECK(no.code == rows[i].code && no.text == NULL);
		ATF_CHECK_EQ(rows[i].err, no.fault.err);
	}
}

ATF_TC_WITHOUT_HEAD(refusal_of_read__only_an_end_is_none);
ATF_TC_BODY(refusal_of_read__only_an_end_is_none, tc)
{
	struct refusal no = { .code = 0 };

	ATF_CHECK_EQ(0, refusal_of_read(&no, SYSIO_OK, "it"));
	ATF_CHECK_EQ(0, refusal_of_read(&no, SYSIO_EOF, "it"));
	ATF_CHECK_EQ(52, refusal_of_read(&no, SYSIO_TIMEOUT, "it"));
	ATF_CHECK_EQ(71, refusal_of_read(&no, SYSIO_SIGNAL, "it"));
	errno = EIO;
	ATF_CHECK_EQ(54, refusal_of_read(&no, SYSIO_FAILED, "it"));
	ATF_CHECK_STREQ("it", no.fault.name);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, refusal_fault__says_what_the_errno_says);
	ATF_TP_ADD_TC(tp, refusal_of_read__only_an_end_is_none);
	return (atf_no_error());
}
