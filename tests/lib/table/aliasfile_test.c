/* SPDX-License-Identifier: ISC */
#include "table/aliasfile.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static void
settle(const char *name)
{
	const struct timespec then[2] = { { 1000, 0 }, { 1000, 0 } };

	ATF_REQUIRE_EQ(0, utimensat(AT_FDCWD, name, then, 0));
}

ATF_TC_WITHOUT_HEAD(aliasfile_load__only_what_can_be_trusted);
ATF_TC_BODY(aliasfile_load__only_what_can_be_trusted, tc)
{
	struct bytes text;
	struct fault why;
	char store[8];

	atf_utils_create_file("a", "x: y\n");
	/* It may be half written. */
	ATF_CHECK_EQ(
	    RES_TEMP, aliasfile_load("a", store, sizeof(store), &text, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
	settle("a");
	ATF_REQUIRE_EQ(
	    RES_OK, aliasfile_load("a", store, sizeof(store), &text, &why));
	ATF_CHECK(bytes_same(text, bytes_of("x: y\n")));
	ATF_REQUIRE_EQ(0, chmod("a", 0646));
	ATF_CHECK_EQ(
	    RES_TEMP, aliasfile_load("a", store, sizeof(store), &text, &why));
	ATF_REQUIRE_EQ(0, chmod("a", 0644));
	/* A part of it would make others nobody. */
	ATF_CHECK_EQ(RES_TEMP, aliasfile_load("a", store, 5, &text, &why));
	ATF_CHECK_EQ(EFBIG, why.err);
	/* What is no file, and would not end, or not begin. */
	ATF_REQUIRE_EQ(0, mkfifo("fifo", 0600));
	ATF_CHECK_EQ(RES_TEMP,
	    aliasfile_load("fifo", store, sizeof(store), &text, &why));
	ATF_CHECK_EQ(RES_TEMP,
	    aliasfile_load("/dev/zero", store, sizeof(store), &text, &why));
	ATF_CHECK_EQ(RES_TEMP,
	    aliasfile_load("none", store, sizeof(store), &text, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
}

ATF_TC_WITHOUT_HEAD(aliasfile_line__one_after_the_other);
ATF_TC_BODY(aliasfile_line__one_after_the_other, tc)
{
	static const char *const want[] = { "ann, bob", "", "# c", "last" };
	struct aliasfile_place place = { 0 };
	struct fault why;
	char store[16];
	struct buf line;
	size_t i;

	atf_utils_create_file("l", "ann, bob\n\n# c\nlast");
	settle("l");
	buf_init(&line, store, sizeof(store));
	for (i = 0; i < ARRAY_LEN(want); i++) {
		ATF_REQUIRE_EQ(
		    RES_OK, aliasfile_line("l", &place, &line, &why));
		ATF_CHECK_STREQ(want[i], buf_cstr(&line));
	}
	ATF_CHECK_EQ(RES_PERM, aliasfile_line("l", &place, &line, &why));
	ATF_CHECK_EQ(RES_TEMP, aliasfile_line("none", &place, &line, &why));
}

/* The rest of it, or what there is of it, could be somebody else. */
ATF_TC_WITHOUT_HEAD(aliasfile_line__none_that_has_no_room);
ATF_TC_BODY(aliasfile_line__none_that_has_no_room, tc)
{
	char text[6000];
	char store[8192];
	size_t rooms[] = { 16, sizeof(store) };
	struct fault why;
	struct buf line;
	size_t i;

	memset(text, 'x', sizeof(text));
	memcpy(text + sizeof(text) - 6, "@b.c\n", 6);
	for (i = 0; i < ARRAY_LEN(rooms); i++) {
		struct aliasfile_place place = { 0 };

		atf_utils_create_file("l", "%s", text);
		settle("l");
		buf_init(&line, store, rooms[i]);
		ATF_CHECK_EQ(
		    RES_TEMP, aliasfile_line("l", &place, &line, &why));
		ATF_CHECK_EQ(EMSGSIZE, why.err);
	}
}

/* In the middle of a line of another file there may be another address. */
ATF_TC_WITHOUT_HEAD(aliasfile_line__of_one_file_only);
ATF_TC_BODY(aliasfile_line__of_one_file_only, tc)
{
	struct aliasfile_place place = { 0 };
	struct fault why;
	char store[64];
	struct buf line;

	buf_init(&line, store, sizeof(store));
	atf_utils_create_file("l", "ann\nbob\n");
	/* It may be half written. */
	ATF_CHECK_EQ(RES_TEMP, aliasfile_line("l", &place, &line, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
	settle("l");
	place = (struct aliasfile_place){ 0 };
	ATF_REQUIRE_EQ(RES_OK, aliasfile_line("l", &place, &line, &why));
	ATF_CHECK_STREQ("ann", buf_cstr(&line));
	atf_utils_create_file("new", "maryann\n");
	settle("new");
	ATF_REQUIRE_EQ(0, rename("new", "l"));
	ATF_CHECK_EQ(RES_TEMP, aliasfile_line("l", &place, &line, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, aliasfile_load__only_what_can_be_trusted);
	ATF_TP_ADD_TC(tp, aliasfile_line__one_after_the_other);
	ATF_TP_ADD_TC(tp, aliasfile_line__none_that_has_no_room);
	ATF_TP_ADD_TC(tp, aliasfile_line__of_one_file_only);
	return (atf_no_error());
}
