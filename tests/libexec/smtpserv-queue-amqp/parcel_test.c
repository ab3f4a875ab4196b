/* SPDX-License-Identifier: ISC */
#include "parcel.h"

#include <atf-c.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Q1: nobody finds it, and what a process left that was killed is no trouble. */
ATF_TC_WITHOUT_HEAD(parcel_make_named__has_no_name_afterwards);
ATF_TC_BODY(parcel_make_named__has_no_name_afterwards, tc)
{
	char left[64];
	struct stat st;
	FILE *file;
	int fd;

	ATF_REQUIRE(mkdir("spool", 0700) == 0);
	(void)snprintf(left, sizeof(left), "spool/amqp.%ld.7", (long)getpid());
	file = fopen(left, "w");
	ATF_REQUIRE(file != NULL && fputs("old", file) >= 0);
	ATF_REQUIRE(fclose(file) == 0);
	fd = parcel_make_named("spool", 7);
	ATF_REQUIRE(fd >= 0 && fstat(fd, &st) == 0);
	ATF_CHECK(st.st_nlink == 0 && st.st_size == 0);
	ATF_CHECK_EQ(0600, st.st_mode & 0777);
	ATF_CHECK(write(fd, "x", 1) == 1 && pread(fd, left, 1, 0) == 1);
	ATF_CHECK(rmdir("spool") == 0);
	ATF_CHECK_EQ(-1, parcel_make_named("spool", 7));
	ATF_CHECK_EQ(ENOENT, errno);
}

ATF_TC_WITHOUT_HEAD(parcel__counts_what_is_in_its_files);
ATF_TC_BODY(parcel__counts_what_is_in_its_files, tc)
{
	struct trace_facts facts = { .number = 0 };
	struct parcel p = { .id = bytes_of("1.2.gnat") };
	struct fault why;
	struct stat st;
	char got[8] = "";

	ATF_REQUIRE(mkdir("spool", 0700) == 0);
	ATF_REQUIRE(parcel_open(&p, "spool", &why) == RES_OK);
	ATF_CHECK(rmdir("spool") == 0);
	ATF_REQUIRE(PARCEL_SINK.begin(&p, &facts, &why) == RES_OK);
	ATF_CHECK(bytes_same(facts.id, p.id));
	ATF_REQUIRE(PARCEL_SINK.text(&p, bytes_of("abc"), &why) == RES_OK);
	ATF_REQUIRE(PARCEL_SINK.text(&p, bytes_of("de"), &why) == RES_OK);
	ATF_REQUIRE(PARCEL_SINK.lines(&p, bytes_of("f"), &why) == RES_OK);
	ATF_CHECK_EQ(5, p.size[PARCEL_MESSAGE]);
	ATF_CHECK_EQ(1, p.size[PARCEL_ENVELOPE]);
	ATF_REQUIRE(fstat(p.fds[PARCEL_MESSAGE], &st) == 0);
	ATF_CHECK(st.st_nlink == 0 && st.st_size == 5);
	ATF_CHECK_EQ(5, pread(p.fds[PARCEL_MESSAGE], got, sizeof(got), 0));
	ATF_CHECK_STREQ("abcde", got);
	ATF_CHECK(parcel_open(&p, "spool", &why) != RES_OK);
	ATF_CHECK(why.err == ENOENT);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, parcel_make_named__has_no_name_afterwards);
	ATF_TP_ADD_TC(tp, parcel__counts_what_is_in_its_files);
	return (atf_no_error());
}
