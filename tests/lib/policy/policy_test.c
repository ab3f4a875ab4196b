/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include <arpa/inet.h>
#include <atf-c.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"

static struct policy p;

static void
make_table(void)
{
	FILE *cdb = popen("cdb -c -m table.cdb", "w");

	ATF_REQUIRE(cdb != NULL);
	(void)fputs("example.org verify\n"
		    "mail.example.org none\n"
		    ".example.org encrypt\n"
		    ".org may\n"
		    "sts.example match=mx.sts.example:.b.example\n"
		    "broken.example strict\n"
		    "xn--jrg-sna.example dane-only\n"
		    "[relay.example]:587 verify name=other.example\n"
		    "[relay.example] none\n",
	    cdb);
	ATF_REQUIRE_EQ(0, pclose(cdb));
}

/* OB-133 */
ATF_TC(policy_find__most_specific_row);
ATF_TC_HEAD(policy_find__most_specific_row, tc)
{
	atf_tc_set_md_var(tc, "require.progs", "cdb");
}
ATF_TC_BODY(policy_find__most_specific_row, tc)
{
	static const struct {
		const char *hop;
		enum tlspolicy_source source;
		enum tlspolicy_level level;
	} rows[] = {
		{ "example.org", TLSPOLICY_TABLE, TLSPOLICY_VERIFY },
		{ "Example.ORG", TLSPOLICY_TABLE, TLSPOLICY_VERIFY },
		{ "mail.example.org", TLSPOLICY_TABLE, TLSPOLICY_NONE },
		{ "other.example.org", TLSPOLICY_TABLE, TLSPOLICY_ENCRYPT },
		{ "a.b.example.org", TLSPOLICY_TABLE, TLSPOLICY_ENCRYPT },
		{ "gnat.org", TLSPOLICY_TABLE, TLSPOLICY_MAY },
		{ "org", TLSPOLICY_ABSENT, TLSPOLICY_NONE },
		{ "example.com", TLSPOLICY_ABSENT, TLSPOLICY_NONE },
		{ "j\xc3\xb6rg.example", TLSPOLICY_TABLE, TLSPOLICY_DANE },
		{ "[relay.example]:587", TLSPOLICY_TABLE, TLSPOLICY_VERIFY },
		{ "[Relay.Example]:25", TLSPOLICY_TABLE, TLSPOLICY_NONE },
		{ "relay.example", TLSPOLICY_ABSENT, TLSPOLICY_NONE },
		{ "[192.0.2.1]", TLSPOLICY_ABSENT, TLSPOLICY_NONE },
	};
	struct settings_remote remote = { .policy = "" };
	char path[PATH_MAX];
	size_t i;

	make_table();
	ATF_REQUIRE(realpath("table.cdb", path) != NULL);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		remote.policy = path;
		ATF_CHECK_EQ_MSG(RES_OK,
		    policy_find(&remote, bytes_of(rows[i].hop), -1, &p),
		    "%s: %s", rows[i].hop, p.why);
		ATF_CHECK_EQ_MSG(
		    rows[i].source, p.words.source, "%s", rows[i].hop);
		if (rows[i].source == TLSPOLICY_TABLE)
			ATF_CHECK_EQ_MSG(
			    rows[i].level, p.words.level, "%s", rows[i].hop);
		ATF_CHECK_STREQ("", p.why);
		/* No key, no table. */
		remote.policy = "";
		ATF_CHECK_EQ(RES_OK,
		    policy_find(&remote, bytes_of(rows[i].hop), -1, &p));
		ATF_CHECK_EQ(TLSPOLICY_ABSENT, p.words.source);
	}
	remote.policy = path;
	ATF_REQUIRE_EQ(RES_OK,
	    policy_find(&remote, bytes_of("sts.example"), -1, &p));
	ATF_CHECK(tlspolicy_has_host(&p.words, bytes_of("a.b.example")));
	ATF_CHECK(!tlspolicy_has_host(&p.words, bytes_of("sts.example")));
}

/* What an administrator wants and is not understood is not left out. */
ATF_TC(policy_find__a_bad_row_or_table_waits);
ATF_TC_HEAD(policy_find__a_bad_row_or_table_waits, tc)
{
	atf_tc_set_md_var(tc, "require.progs", "cdb");
}
ATF_TC_BODY(policy_find__a_bad_row_or_table_waits, tc)
{
	struct settings_remote remote = { .policy = "/nonexistent/table" };
	char path[PATH_MAX];
	FILE *f;

	ATF_CHECK_EQ(RES_TEMP,
	    policy_find(&remote, bytes_of("example.org"), -1, &p));
	ATF_CHECK(strstr(p.why, "/nonexistent/table") != NULL);
	make_table();
	ATF_REQUIRE(realpath("table.cdb", path) != NULL);
	remote.policy = path;
	ATF_CHECK_EQ(RES_TEMP,
	    policy_find(&remote, bytes_of("broken.example"), -1, &p));
	ATF_CHECK_STREQ("the policy of broken.example is not one: "
			"a word that is not known here",
	    p.why);
	ATF_REQUIRE((f = fopen("table.cdb", "w")) != NULL);
	ATF_REQUIRE_EQ(0, fclose(f));
	ATF_CHECK_EQ(RES_TEMP,
	    policy_find(&remote, bytes_of("example.org"), -1, &p));
	ATF_CHECK(p.why[0] != '\0');
}

static int
listen_at(bool is_inet, char *key, size_t cap)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "map" };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(in);
	char here[PATH_MAX];
	int fd = socket(is_inet ? AF_INET : AF_UNIX, SOCK_STREAM, 0);

	ATF_REQUIRE(fd >= 0);
	if (is_inet) {
		ATF_REQUIRE(bind(fd, (struct sockaddr *)&in, n) == 0);
		ATF_REQUIRE(
		    getsockname(fd, (struct sockaddr *)&in, &n) == 0);
		(void)snprintf(key, cap, "socketmap:inet:localhost:%u:postfix",
		    ntohs(in.sin_port));
	} else {
		(void)unlink("map");
		ATF_REQUIRE(
		    bind(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
		ATF_REQUIRE(getcwd(here, sizeof(here)) != NULL);
		(void)snprintf(key, cap, "socketmap:unix:%.200s/map:postfix",
		    here);
	}
	ATF_REQUIRE(listen(fd, 5) == 0);
	return (fd);
}

/* In a child: one answer, a byte at a time; NULL: close without one. */
static void
answer_once(int listener, const char *question, const char *answer)
{
	char got[256] = "";
	size_t n = 0;
	int fd;

	if (fork() != 0)
		return;
	fd = accept(listener, NULL, NULL);
	while (n < strlen(question) && read(fd, got + n, 1) == 1)
		n++;
	if (strcmp(got, question) != 0)
		_exit(1);
	for (; answer != NULL && *answer != '\0'; answer++)
		if (write(fd, answer, 1) != 1)
			break;
	_exit(0);
}

/* OB-130, OB-131 */
static const struct {
	const char *answer;
	enum tlspolicy_source source;
	const char *why; /* part of it; NULL: nothing is wrong */
} ANSWERS[] = {
	{ "46:OK secure match=mx1.example.org:.example.net  ,",
	    TLSPOLICY_SOCKETMAP, NULL },
	{ "9:NOTFOUND ,", TLSPOLICY_ABSENT, NULL },
	{ "10:TEMP later,", TLSPOLICY_ABSENT, "TEMP later" },
	{ "8:TIMEOUT ,", TLSPOLICY_ABSENT, "TIMEOUT" },
	{ "7:PERM no,", TLSPOLICY_ABSENT, "PERM no" },
	{ "9:OK strict,", TLSPOLICY_ABSENT, "is not one" },
	{ "9:OK secure,", TLSPOLICY_ABSENT, "is not one" },
	{ "HTTP/1.1 400 Bad Request\r\n", TLSPOLICY_ABSENT, "netstring" },
	{ "99999:", TLSPOLICY_ABSENT, "netstring" },
	{ "9:NOTF", TLSPOLICY_ABSENT, "without an answer" },
	{ NULL, TLSPOLICY_ABSENT, "without an answer" },
};

ATF_TC_WITHOUT_HEAD(policy_find__what_a_socketmap_says);
ATF_TC_BODY(policy_find__what_a_socketmap_says, tc)
{
	struct settings_remote remote = { .policy = "" };
	char key[256];
	size_t i;

	for (i = 0; i < 2 * ARRAY_LEN(ANSWERS); i++) {
		size_t row = i / 2;
		bool waits = i % 2 == 1;
		int fd = listen_at(waits, key, sizeof(key));
		enum result want = waits && ANSWERS[row].why != NULL
		    ? RES_TEMP
		    : RES_OK;

		remote.policy = key;
		remote.unknown = waits ? SETTINGS_LATER : SETTINGS_IGNORE;
		answer_once(fd, "19:postfix example.org,", ANSWERS[row].answer);
		ATF_CHECK_EQ_MSG(want,
		    policy_find(&remote, bytes_of("Example.org"), -1, &p),
		    "%s: %s", ANSWERS[row].answer, p.why);
		ATF_CHECK_EQ_MSG(ANSWERS[row].source, p.words.source, "%s",
		    ANSWERS[row].answer);
		if (ANSWERS[row].why == NULL)
			ATF_CHECK_STREQ("", p.why);
		else
			ATF_CHECK_MSG(
			    strstr(p.why, ANSWERS[row].why) != NULL, "%s",
			    p.why);
		(void)close(fd);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, policy_find__most_specific_row);
	ATF_TP_ADD_TC(tp, policy_find__a_bad_row_or_table_waits);
	ATF_TP_ADD_TC(tp, policy_find__what_a_socketmap_says);
	return (atf_no_error());
}
