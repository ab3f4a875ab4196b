/* SPDX-License-Identifier: ISC */
#include "spool/samples.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NOW = 1790000000
};

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static void
put(int dirfd, time_t at, uint32_t messages)
{
	struct sample s = { at, messages, 4096, 99, 5321 };
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, samples_put(dirfd, &s, &why));
}

static const struct samples *
read_all(int dirfd)
{
	static struct samples all;
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, samples_read(dirfd, NOW, &all, &why));
	return (&all);
}

static void
damage(off_t at, const char *text)
{
	int fd = open(SAMPLES_FILE, O_WRONLY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text),
	    pwrite(fd, text, strlen(text), at));
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(samples_print__is_read_back);
ATF_TC_BODY(samples_print__is_read_back, tc)
{
	static const struct sample most = { 9999999999, UINT32_MAX, UINT64_MAX,
		UINT32_MAX, UINT32_MAX };
	static const struct sample usual = { NOW, 12, 4096, 99, 5321 };
	char line[SAMPLES_LINE];
	struct sample s;

	samples_print(&usual, line);
	ATF_CHECK(bytes_same(bytes_of("1790000000 0000000012 "
				      "00000000000000004096 0000000099 "
				      "0000005321\n"),
	    (struct bytes){ line, sizeof(line) }));
	ATF_REQUIRE(samples_parse((struct bytes){ line, sizeof(line) }, &s));
	ATF_CHECK(s.at == NOW && s.messages == 12 && s.bytes == 4096 &&
	    s.oldest == 99 && s.next == 5321);
	samples_print(&most, line);
	ATF_REQUIRE(samples_parse((struct bytes){ line, sizeof(line) }, &s));
	ATF_CHECK(s.at == most.at && s.bytes == UINT64_MAX);
}

ATF_TC_WITHOUT_HEAD(samples_parse__takes_no_other_form);
ATF_TC_BODY(samples_parse__takes_no_other_form, tc)
{
	static const struct sample usual = { NOW, 12, 4096, 99, 5321 };
	char line[SAMPLES_LINE];
	struct sample s;
	size_t i;

	samples_print(&usual, line);
	for (i = 0; i < sizeof(line); i++) {
		char kept = line[i];

		line[i] = '\0';
		ATF_CHECK_MSG(!samples_parse(
				  (struct bytes){ line, sizeof(line) }, &s),
		    "at %zu", i);
		line[i] = kept;
		ATF_CHECK(!samples_parse((struct bytes){ line, i }, &s));
	}
}

ATF_TC_WITHOUT_HEAD(samples_read__has_the_last_day_in_order);
ATF_TC_BODY(samples_read__has_the_last_day_in_order, tc)
{
	const struct samples *all;
	int fd = open_dir();
	int i;

	/* Two days, so that each place was written twice. */
	for (i = 2 * SAMPLES_MAX - 1; i >= 0; i--)
		put(fd, NOW - (time_t)i * SAMPLES_STEP, (uint32_t)i);
	all = read_all(fd);
	ATF_REQUIRE_EQ(SAMPLES_MAX, all->n);
	for (i = 0; i < SAMPLES_MAX; i++)
		ATF_CHECK_EQ((uint32_t)(SAMPLES_MAX - 1 - i),
		    all->list[i].messages);
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(samples_read__skips_what_is_old_torn_or_from_the_future);
ATF_TC_BODY(samples_read__skips_what_is_old_torn_or_from_the_future, tc)
{
	const struct samples *all;
	int fd = open_dir();

	/* In this minute's place, but of yesterday; though not 24 hours ago. */
	put(fd, NOW - 86400 + 15, 1);
	put(fd, NOW - 120, 2);
	put(fd, NOW - 60, 3);
	put(fd, NOW + 60, 4);
	damage((NOW - 120) / 60 % SAMPLES_MAX * SAMPLES_LINE + 12, "x");
	all = read_all(fd);
	ATF_REQUIRE_EQ(1, all->n);
	ATF_CHECK_EQ(3, all->list[0].messages);
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TC_WITHOUT_HEAD(samples_put__makes_a_file_for_the_spools_user_alone);
ATF_TC_BODY(samples_put__makes_a_file_for_the_spools_user_alone, tc)
{
	struct samples all;
	struct sample s = { NOW, 1, 1, 1, 1 };
	struct fault why;
	struct stat st;
	int fd = open_dir();

	ATF_CHECK_EQ(RES_PERM, samples_read(fd, NOW, &all, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	put(fd, NOW, 1);
	ATF_REQUIRE_EQ(0, stat(SAMPLES_FILE, &st));
	ATF_CHECK_EQ(0, st.st_mode & 0137);
	ATF_CHECK(st.st_size <= SAMPLES_MAX * SAMPLES_LINE);
	/* A link leads nowhere. */
	ATF_REQUIRE_EQ(0, rename(SAMPLES_FILE, "elsewhere"));
	ATF_REQUIRE_EQ(0, symlink("elsewhere", SAMPLES_FILE));
	ATF_CHECK(samples_put(fd, &s, &why) != RES_OK);
	ATF_CHECK(samples_read(fd, NOW, &all, &why) != RES_OK);
	ATF_REQUIRE(close(fd) == 0);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, samples_print__is_read_back);
	ATF_TP_ADD_TC(tp, samples_parse__takes_no_other_form);
	ATF_TP_ADD_TC(tp, samples_read__has_the_last_day_in_order);
	ATF_TP_ADD_TC(
	    tp, samples_read__skips_what_is_old_torn_or_from_the_future);
	ATF_TP_ADD_TC(
	    tp, samples_put__makes_a_file_for_the_spools_user_alone);
	return (atf_no_error());
}
