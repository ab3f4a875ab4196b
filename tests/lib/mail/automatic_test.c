/* SPDX-License-Identifier: ISC */
#include "mail/automatic.h"

#include <atf-c.h>

#include "base/base.h"

ATF_TC_WITHOUT_HEAD(automatic_is__lists_and_programs);
ATF_TC_BODY(automatic_is__lists_and_programs, tc)
{
	static const struct {
		const char *header;
		bool is;
	} rows[] = {
		{ "", false },
		{ "Received: x\n\ty\nSubject: x\n", false },
		{ "Subject: x\nList-Id: <a.example>\n", true },
		{ "Subject: x\r\nLIST-ID: <a.example>\r\n", true },
		{ "List-Post: <mailto:a@b>\n", false },
		{ "Precedence: bulk\n", true },
		{ "precedence:\tLIST\r\n", true },
		{ "Precedence: junk (really)\n", true },
		{ "Precedence: first-class\n", false },
		{ "Precedence: bulky\n", false },
		{ "Auto-Submitted: no\n", false },
		{ "Auto-Submitted: NO (a person)\n", false },
		{ "Auto-Submitted: (a (nested \\) one)) no; x=y\n", false },
		{ "Auto-Submitted:\n no;x\n", false },
		{ "Auto-Submitted: auto-generated\n", true },
		{ "Auto-Submitted: auto-replied; owner-email=\"a@b\"\n", true },
		{ "Auto-Submitted:\n\tauto-notified\n", true },
		/* It says nothing. */
		{ "Auto-Submitted: \n", false },
		{ "Auto-Submitted: (auto-generated\n", false },
		/* Not in the header, or not that field. */
		{ "Subject: x\n\nList-Id: <a.example>\n", false },
		{ "Subject: x\r\n\r\nPrecedence: bulk\r\n", false },
		{ "Subject: x\n List-Id: <a.example>\n", false },
		{ "X-List-Id: <a.example>\n", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].is,
		    automatic_is(bytes_of(rows[i].header)), "%s",
		    rows[i].header);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, automatic_is__lists_and_programs);
	return (atf_no_error());
}
