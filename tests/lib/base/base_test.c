/* SPDX-License-Identifier: ISC */
#include "base/base.h"

#include <atf-c.h>
#include <errno.h>
#include <string.h>

ATF_TC_WITHOUT_HEAD(fault_set__classifies_errors_and_defaults_to_temporary);
ATF_TC_BODY(fault_set__classifies_errors_and_defaults_to_temporary, tc)
{
	static const struct {
		int err;
		enum result want;
	} rows[] = {
		/* A person has to change something. */
		{ 0, RES_PERM },
		{ EACCES, RES_PERM },
		{ EINVAL, RES_PERM },
		{ EISDIR, RES_PERM },
		{ ELOOP, RES_PERM },
		{ ENAMETOOLONG, RES_PERM },
		{ ENOENT, RES_PERM },
		{ ENOTDIR, RES_PERM },
		{ EPERM, RES_PERM },
		{ EROFS, RES_PERM },
		{ EMSGSIZE, RES_PERM },
		/* It may pass. */
		{ EAGAIN, RES_TEMP },
		{ EDQUOT, RES_TEMP },
		{ EIO, RES_TEMP },
		{ EMFILE, RES_TEMP },
		{ ENFILE, RES_TEMP },
		{ ENOMEM, RES_TEMP },
		{ ENOSPC, RES_TEMP },
		{ ESTALE, RES_TEMP },
		{ ETIMEDOUT, RES_TEMP },
		/* Nobody knows what this is. */
		{ 9999, RES_TEMP },
	};
	struct fault why;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		ATF_CHECK_EQ_MSG(rows[i].want,
		    fault_set(&why, "op", "name", rows[i].err),
		    "errno %d", rows[i].err);
		ATF_CHECK_EQ_MSG(rows[i].err, why.err, "row %zu", i);
		ATF_CHECK_EQ_MSG(rows[i].want, fault_class(&why), "row %zu",
		    i);
	}
}

ATF_TC_WITHOUT_HEAD(fault_set__keeps_operation_name_and_errno);
ATF_TC_BODY(fault_set__keeps_operation_name_and_errno, tc)
{
	static const char op[] = "sync directory";
	struct fault why = { .broken = true };

	(void)fault_set(&why, op, "5321.CMD", EIO);
	ATF_CHECK_MSG(!why.broken, "what an older fault said is over");
	ATF_CHECK(why.op == op);
	ATF_CHECK_STREQ("5321.CMD", why.name);
	ATF_CHECK_EQ(EIO, why.err);
	(void)fault_set(&why, op, "", EIO);
	ATF_CHECK_STREQ("", why.name);
}

ATF_TC_WITHOUT_HEAD(fault_set__long_name_is_cut_and_ended);
ATF_TC_BODY(fault_set__long_name_is_cut_and_ended, tc)
{
	/* Bytes beyond the fault show whether it was written over. */
	struct {
		struct fault why;
		char guard[16];
	} box;
	char name[200];
	size_t n;

	for (n = sizeof(box.why.name) - 2; n < sizeof(name); n++) {
		size_t want = n < sizeof(box.why.name)
		    ? n : sizeof(box.why.name) - 1;

		memset(&box, 'G', sizeof(box));
		memset(name, 'x', n);
		name[n] = '\0';
		(void)fault_set(&box.why, "op", name, EIO);
		ATF_REQUIRE_EQ_MSG(want, strlen(box.why.name), "n %zu", n);
		ATF_CHECK_EQ_MSG('G', box.guard[0], "n %zu", n);
	}
}

ATF_TC_WITHOUT_HEAD(exit_code_of__is_0_111_or_100);
ATF_TC_BODY(exit_code_of__is_0_111_or_100, tc)
{
	ATF_CHECK_EQ(0, exit_code_of(RES_OK));
	ATF_CHECK_EQ(111, exit_code_of(RES_TEMP));
	ATF_CHECK_EQ(100, exit_code_of(RES_PERM));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp,
	    fault_set__classifies_errors_and_defaults_to_temporary);
	ATF_TP_ADD_TC(tp, fault_set__keeps_operation_name_and_errno);
	ATF_TP_ADD_TC(tp, fault_set__long_name_is_cut_and_ended);
	ATF_TP_ADD_TC(tp, exit_code_of__is_0_111_or_100);
	return (atf_no_error());
}
