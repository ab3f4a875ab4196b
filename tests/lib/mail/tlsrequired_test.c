/* SPDX-License-Identifier: ISC */
#include "mail/tlsrequired.h"

#include <atf-c.h>

#include "base/base.h"

/* OB-139 */
ATF_TC_WITHOUT_HEAD(tlsrequired_is_no__only_if_it_says_so);
ATF_TC_BODY(tlsrequired_is_no__only_if_it_says_so, tc)
{
	static const struct {
		const char *header;
		bool is;
	} rows[] = {
		{ "", false },
		{ "Subject: x\n", false },
		{ "TLS-Required: No\n", true },
		{ "Subject: x\r\ntls-required:no\r\nTo: y\r\n", true },
		{ "TLS-Required:\n NO \n", true },
		{ "TLS-Required: Yes\n", false },
		{ "TLS-Required: No thanks\n", false },
		{ "TLS-Required: \n", false },
		{ "TLS-Required: No\nTLS-Required: No\n", false },
		{ "TLS-Required: Yes\nTLS-Required: No\n", false },
		/* Not in the header, or not that field. */
		{ "Subject: x\n\nTLS-Required: No\n", false },
		{ "Subject: x\n TLS-Required: No\n", false },
		{ "X-TLS-Required: No\n", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		ATF_CHECK_EQ_MSG(rows[i].is,
		    tlsrequired_is_no(bytes_of(rows[i].header)), "%s",
		    rows[i].header);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, tlsrequired_is_no__only_if_it_says_so);
	return (atf_no_error());
}
