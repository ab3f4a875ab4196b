/* SPDX-License-Identifier: ISC */
#include "mail/messageid.h"

#include <atf-c.h>
#include <string.h>

#include "base/base.h"

#define HUNDRED                                                                \
	"0123456789012345678901234567890123456789"                             \
	"012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *text;
	const char *id;
} ROWS[] = {
	{ "Subject: x\nMessage-ID: <a@b>\n\n", "<a@b>" },
	{ "message-id:<a@b>\r\nSubject: x\r\n\r\n", "<a@b>" },
	{ "Message-Id : <a@b> (comment)\n\n", "<a@b>" },
	{ "Message-ID:\n <a@b>\n\n", "<a@b>" },
	{ "Message-ID:\r\n\t <a@b>\r\n\r\n", "<a@b>" },
	{ "Message-ID: no-brackets x\n\n", "no-brackets" },
	{ "Message-ID: <a@b><c@d>\n\n", "<a@b>" },
	{ "Message-ID: <a b>\n\n", "<a" },
	{ "Message-ID: <a\033b>\n\n", "<a" },
	{ "Message-ID: <\303\274@b>\n\n", "<\303\274@b>" },
	{ "Message-ID: <" HUNDRED HUNDRED ">\n\n",
	    "<" HUNDRED "0123456789012345678901234567890123456789"
	    "01234567890123456789012345678901234567890123456789012345678" },
	{ "Message-ID: <a@b>\nMessage-ID: <c@d>\n\n", "<a@b>" },
	{ "Message-ID: <a@b>", "<a@b>" },
	/* It is not there. */
	{ "", "" },
	{ "\nMessage-ID: <a@b>\n", "" },
	{ "\r\nMessage-ID: <a@b>\n", "" },
	{ "Subject: x\n\nMessage-ID: <a@b>\n", "" },
	{ "X-Message-ID: <a@b>\n\n", "" },
	{ "Message-IDs: <a@b>\n\n", "" },
	{ "Message-I\nD: <a@b>\n\n", "" },
	{ "Subject: x\n Message-ID: <a@b>\n\n", "" },
	{ "Message-ID:\n\n<a@b>\n", "" },
	{ "Message-ID: \nSubject: x\n\n", "" },
	{ "Message-ID", "" },
};

ATF_TC_WITHOUT_HEAD(messageid_feed__finds_the_first);
ATF_TC_BODY(messageid_feed__finds_the_first, tc)
{
	size_t i;
	size_t cut;

	for (i = 0; i < ARRAY_LEN(ROWS); i++) {
		struct bytes text = bytes_of(ROWS[i].text);

		for (cut = 0; cut <= text.n; cut++) {
			struct messageid m;

			messageid_init(&m);
			(void)messageid_feed(&m, bytes_cut(text, 0, cut));
			(void)messageid_feed(&m, bytes_cut(text, cut, text.n));
			ATF_CHECK_MSG(bytes_same(messageid_view(&m),
					  bytes_of(ROWS[i].id)),
			    "row %zu, cut at %zu", i, cut);
		}
	}
}

ATF_TC_WITHOUT_HEAD(messageid_feed__says_when_more_is_in_vain);
ATF_TC_BODY(messageid_feed__says_when_more_is_in_vain, tc)
{
	struct messageid m;

	messageid_init(&m);
	ATF_CHECK(messageid_feed(&m, bytes_of("Subject: x\n")));
	ATF_CHECK(!messageid_feed(&m, bytes_of("\n")));
	ATF_CHECK(!messageid_feed(&m, bytes_of("Message-ID: <a@b>\n")));
	ATF_CHECK_EQ(0, messageid_view(&m).n);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, messageid_feed__finds_the_first);
	ATF_TP_ADD_TC(tp, messageid_feed__says_when_more_is_in_vain);
	return (atf_no_error());
}
