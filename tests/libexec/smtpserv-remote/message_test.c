/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that the descriptor gives from there on. */
static const char *
all_of(int fd, off_t from)
{
	static char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, from);

	ATF_REQUIRE(n >= 0);
	text[n] = '\0';
	return (text);
}

static int
file_with(const char *text)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	return (fd);
}

/* OB-6. */
ATF_TC_WITHOUT_HEAD(message_take__a_file_begins_where_it_stands);
ATF_TC_BODY(message_take__a_file_begins_where_it_stands, tc)
{
	int fd = file_with("skipped text");
	struct fault why;
	off_t from;
	int text;

	ATF_REQUIRE(lseek(fd, 8, SEEK_SET) == 8);
	ATF_REQUIRE_EQ(RES_OK, message_take(fd, "", &text, &from, &why));
	ATF_CHECK_STREQ("text", all_of(text, from));
}

/* OB-6. */
ATF_TC_WITHOUT_HEAD(message_take__a_pipe_is_read_to_its_end);
ATF_TC_BODY(message_take__a_pipe_is_read_to_its_end, tc)
{
	int ends[2];
	struct fault why;
	off_t from;
	int text;

	ATF_REQUIRE(pipe(ends) == 0);
	ATF_REQUIRE(write(ends[1], "text", 4) == 4 && close(ends[1]) == 0);
	ATF_REQUIRE_EQ(RES_OK, message_take(ends[0], "", &text, &from, &why));
	ATF_CHECK_STREQ("text", all_of(text, from));
	ATF_CHECK_STREQ("text", all_of(text, from));
}

/* OB-12. */
ATF_TC_WITHOUT_HEAD(message_take__what_cannot_be_read_is_a_fault);
ATF_TC_BODY(message_take__what_cannot_be_read_is_a_fault, tc)
{
	struct fault why;
	off_t from;
	int text;
	int fd;

	ATF_CHECK(message_take(-1, "", &text, &from, &why) != RES_OK);
	ATF_CHECK_EQ(EBADF, why.err);
	fd = open(".", O_RDONLY);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK(message_take(fd, "", &text, &from, &why) != RES_OK);
	ATF_CHECK_EQ(EISDIR, why.err);
}

static void
make_filter(const char *text)
{
	int fd = open("filter", O_WRONLY | O_CREAT | O_TRUNC, 0700);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(message_take__a_filter_makes_the_text);
ATF_TC_BODY(message_take__a_filter_makes_the_text, tc)
{
	int fd = file_with("text");
	char command[4200];
	struct fault why;
	off_t from;
	int text;

	make_filter("#!/bin/sh\necho \"$1/$2/$#\"; cat\n");
	ATF_REQUIRE(getcwd(command, 4096) != NULL);
	strcat(command, "/filter  a  b ");
	ATF_REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	ATF_REQUIRE_EQ(RES_OK, message_take(fd, command, &text, &from, &why));
	ATF_CHECK_STREQ("a/b/2\ntext", all_of(text, from));
}

ATF_TC_WITHOUT_HEAD(message_take__a_filter_that_fails_is_a_fault);
ATF_TC_BODY(message_take__a_filter_that_fails_is_a_fault, tc)
{
	struct fault why;
	off_t from;
	int text;
	int fd = file_with("text");

	ATF_CHECK(message_take(fd, "/bin/false", &text, &from, &why) != RES_OK);
	ATF_CHECK_STREQ("/bin/false", why.name);
	ATF_CHECK(message_take(fd, "/missing", &text, &from, &why) != RES_OK);
	ATF_CHECK_EQ(-1, text);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, message_take__a_file_begins_where_it_stands);
	ATF_TP_ADD_TC(tp, message_take__a_pipe_is_read_to_its_end);
	ATF_TP_ADD_TC(tp, message_take__what_cannot_be_read_is_a_fault);
	ATF_TP_ADD_TC(tp, message_take__a_filter_makes_the_text);
	ATF_TP_ADD_TC(tp, message_take__a_filter_that_fails_is_a_fault);
	return (atf_no_error());
}
