/* SPDX-License-Identifier: ISC */
#include "amqp/amqplogin.h"

#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum result
read_file(const char *text, mode_t mode, struct amqplogin *l)
{
	int fd = open("login", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	struct fault why;

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	ATF_REQUIRE_EQ(0, fchmod(fd, mode));
	(void)close(fd);
	return (amqplogin_read(l, "login", &why));
}

ATF_TC_WITHOUT_HEAD(amqplogin_read__takes_two_lines);
ATF_TC_BODY(amqplogin_read__takes_two_lines, tc)
{
	static const char *const good[] = { "ann\nse cret\n", "ann\nse cret",
		"ann\r\nse cret\r\n" };
	static const char *const bad[] = { "", "ann", "ann\n", "\nsecret\n",
		"ann\n\n", "ann\nsecret\nmore\n", "a\001n\nsecret\n" };
	struct amqplogin l;
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		ATF_CHECK_EQ_MSG(
		    RES_OK, read_file(good[i], 0600, &l), "%zu", i);
		ATF_CHECK_STREQ("ann", l.user);
		ATF_CHECK_STREQ("se cret", l.password);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++)
		ATF_CHECK_EQ_MSG(
		    RES_PERM, read_file(bad[i], 0600, &l), "%zu", i);
}

ATF_TC_WITHOUT_HEAD(amqplogin_read__each_line_has_its_longest);
ATF_TC_BODY(amqplogin_read__each_line_has_its_longest, tc)
{
	char text[2 * AMQPLOGIN_MAX + 8];
	struct amqplogin l;

	memset(text, 'x', sizeof(text));
	text[AMQPLOGIN_MAX - 1] = '\n';
	text[2 * AMQPLOGIN_MAX - 1] = '\n';
	text[2 * AMQPLOGIN_MAX] = '\0';
	ATF_CHECK_EQ(RES_OK, read_file(text, 0600, &l));
	ATF_CHECK_EQ(AMQPLOGIN_MAX - 1, strlen(l.password));
	memset(text, 'x', sizeof(text));
	text[AMQPLOGIN_MAX] = '\n';
	text[AMQPLOGIN_MAX + 2] = '\0';
	ATF_CHECK_EQ(RES_PERM, read_file(text, 0600, &l));
}

ATF_TC_WITHOUT_HEAD(amqplogin_read__a_file_for_everybody_is_refused);
ATF_TC_BODY(amqplogin_read__a_file_for_everybody_is_refused, tc)
{
	struct amqplogin l;
	struct fault why;

	ATF_CHECK_EQ(RES_PERM, read_file("ann\nsecret\n", 0604, &l));
	ATF_CHECK_EQ(RES_OK, read_file("ann\nsecret\n", 0640, &l));
	ATF_CHECK(amqplogin_read(&l, "nothing", &why) != RES_OK);
	ATF_REQUIRE_EQ(0, mkfifo("fifo", 0600));
	ATF_CHECK_EQ(RES_PERM, amqplogin_read(&l, "fifo", &why));
	amqplogin_forget(&l);
	ATF_CHECK_STREQ("", l.password);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, amqplogin_read__takes_two_lines);
	ATF_TP_ADD_TC(tp, amqplogin_read__each_line_has_its_longest);
	ATF_TP_ADD_TC(tp, amqplogin_read__a_file_for_everybody_is_refused);
	return (atf_no_error());
}
