/* SPDX-License-Identifier: ISC */
/* OB-146: a file that others can read is not used. */
#include "relay/account.h"

#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char why_store[256];

static enum relay_found
find(const char *path, struct relay_account *a, const char **why)
{
	enum relay_found found;
	struct relay r;
	struct buf b;

	ATF_REQUIRE(relay_parse(bytes_of("[relay.example]"), &r));
	buf_init(&b, why_store, sizeof(why_store));
	found = account_find(path, &r, 587, a, &b);
	*why = buf_cstr(&b);
	return (found);
}

static void
make(const char *text, mode_t mode)
{
	int fd = open("accounts", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE(fchmod(fd, mode) == 0 && close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(account_find__reads_what_is_ours_alone);
ATF_TC_BODY(account_find__reads_what_is_ours_alone, tc)
{
	struct relay_account a;
	const char *why;

	make("relay.example:587 erick secret\n", 0600);
	ATF_REQUIRE_EQ(RELAY_FOUND, find("accounts", &a, &why));
	ATF_CHECK(a.npassword == 6 && memcmp(a.password, "secret", 6) == 0);
	ATF_CHECK_STREQ("", why);
	make("other.example:587 erick secret\n", 0400);
	ATF_CHECK_EQ(RELAY_NONE, find("accounts", &a, &why));
}

ATF_TC_WITHOUT_HEAD(account_find__refuses_what_others_can_read);
ATF_TC_BODY(account_find__refuses_what_others_can_read, tc)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0601 };
	struct relay_account a;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		make("relay.example:587 erick secret\n", modes[i]);
		ATF_CHECK_EQ_MSG(RELAY_BAD, find("accounts", &a, &why),
		    "mode %o", (unsigned int)modes[i]);
		ATF_CHECK_STREQ(
		    "accounts: others can read it: chmod 0600", why);
	}
	if (geteuid() == 0) {
		make("relay.example:587 erick secret\n", 0600);
		ATF_REQUIRE(chown("accounts", 65534, 65534) == 0);
		ATF_CHECK_EQ(RELAY_BAD, find("accounts", &a, &why));
		ATF_CHECK_STREQ("accounts: it belongs to another user", why);
	}
	ATF_CHECK_EQ(RELAY_BAD, find("missing", &a, &why));
	ATF_CHECK_STREQ("missing: No such file or directory", why);
	ATF_CHECK_EQ(RELAY_BAD, find(".", &a, &why));
}

/* OB-146: no word of the file is told. */
ATF_TC_WITHOUT_HEAD(account_find__names_the_line_and_not_what_is_in_it);
ATF_TC_BODY(account_find__names_the_line_and_not_what_is_in_it, tc)
{
	struct relay_account a;
	const char *why;

	make("# relays\nrelay.example:587 erick sec\"ret\n", 0600);
	ATF_CHECK_EQ(RELAY_BAD, find("accounts", &a, &why));
	ATF_CHECK_STREQ("accounts:2: not an account: "
			"want HOST:PORT USER PASSWORD",
	    why);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, account_find__reads_what_is_ours_alone);
	ATF_TP_ADD_TC(tp, account_find__refuses_what_others_can_read);
	ATF_TP_ADD_TC(tp, account_find__names_the_line_and_not_what_is_in_it);
	return (atf_no_error());
}
