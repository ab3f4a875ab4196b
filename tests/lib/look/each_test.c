/* SPDX-License-Identifier: ISC */
#include "look/each.h"

#include <atf-c.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct seen {
	char text[256];
	int most;
	int n;
};

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE(close(fd) == 0);
}

static bool
see(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	(void)snprintf(s->text + n, sizeof(s->text) - n, "%lu.%d ",
	    (unsigned long)number, (int)kind);
	return (++s->n != s->most);
}

static void
check_seen(unsigned int kinds, int most, const char *want)
{
	struct seen s = { "", most, 0 };
	struct fault why;
	int fd = open_dir();

	ATF_CHECK_EQ(RES_OK, each_run(fd, kinds, see, &s, &why));
	ATF_CHECK_STREQ(want, s.text);
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(each_run__is_in_the_order_of_the_numbers);
ATF_TC_BODY(each_run__is_in_the_order_of_the_numbers, tc)
{
	make_file("10.WRK");
	make_file("9.HLD");
	make_file("9.TXT");
	make_file("2.BAD");
	make_file("3.CMD");
	check_seen(EACH_MESSAGE, -1, "2.4 9.5 10.3 ");
	check_seen(1U << SCAN_CMD, -1, "3.0 ");
}

ATF_TC_WITHOUT_HEAD(each_run__goes_round_after_the_last_number);
ATF_TC_BODY(each_run__goes_round_after_the_last_number, tc)
{
	make_file("1.WRK");
	make_file("4294967295.WRK");
	make_file("4294967294.WRK");
	check_seen(EACH_MESSAGE, -1, "4294967294.3 4294967295.3 1.3 ");
}

ATF_TC_WITHOUT_HEAD(each_run__ends_when_the_visitor_has_enough);
ATF_TC_BODY(each_run__ends_when_the_visitor_has_enough, tc)
{
	make_file("1.WRK");
	make_file("2.WRK");
	make_file("3.WRK");
	check_seen(EACH_MESSAGE, 2, "1.3 2.3 ");
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, each_run__is_in_the_order_of_the_numbers);
	ATF_TP_ADD_TC(tp, each_run__goes_round_after_the_last_number);
	ATF_TP_ADD_TC(tp, each_run__ends_when_the_visitor_has_enough);
	return (atf_no_error());
}
