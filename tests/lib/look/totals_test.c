/* SPDX-License-Identifier: ISC */
#include "look/totals.h"

#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NOW = 1790000000
};

static void
make_file(const char *name, const char *text, time_t at)
{
	struct timespec times[2] = { { at, 0 }, { at, 0 } };
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE_EQ(0, futimens(fd, times));
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TC_WITHOUT_HEAD(totals_take__counts_what_is_committed);
ATF_TC_BODY(totals_take__counts_what_is_committed, tc)
{
	struct totals t;
	struct fault why;
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(RES_OK, totals_take(fd, NOW, &t, &why));
	ATF_CHECK_EQ(0, t.messages + t.bytes + t.oldest + t.held + t.aside);
	make_file("1.TXT", "four", NOW - 50);
	make_file("1.WRK", "x", NOW - 5000);
	make_file("2.TXT", "three", NOW + 50);
	make_file("2.WRK", "x", NOW);
	make_file("3.TXT", "held", NOW - 500);
	make_file("3.HLD", "x", NOW);
	make_file("4.TXT", "aside", NOW - 500);
	make_file("4.BAD", "x", NOW);
	make_file("5.TMP", "coming", NOW - 500);
	make_file("5.CMD", "x", NOW);
	make_file("samples.txt", "x", NOW);
	ATF_REQUIRE_EQ(RES_OK, totals_take(fd, NOW, &t, &why));
	ATF_CHECK_EQ(2, t.messages);
	ATF_CHECK_EQ(9, t.bytes);
	ATF_CHECK_EQ(50, t.oldest);
	ATF_CHECK_EQ(1, t.held);
	ATF_CHECK_EQ(1, t.aside);
	ATF_REQUIRE_EQ(0, close(fd));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, totals_take__counts_what_is_committed);
	return (atf_no_error());
}
