/* SPDX-License-Identifier: ISC */
#include "pulled.h"

#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spool/mark.h"
#include "sys/sysclock.h"

static struct pulled one;
static struct pulled two;
static struct spool spool;

/* What happens just before the next write(2), once. */
static void (*before_write)(void);

/* In place of the C library's. */
ssize_t our_write(int fd, const void *p, size_t n) __asm__("write");

ssize_t
our_write(int fd, const void *p, size_t n)
{
	void (*now)(void) = before_write;

	before_write = NULL;
	if (now != NULL)
		now();
	return (syscall(SYS_write, fd, p, n));
}

static void
write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ((ssize_t)strlen(text), write(fd, text, strlen(text)));
	ATF_REQUIRE_EQ(0, close(fd));
}

static void
begin(struct pulled *p)
{
	struct fault why;

	(void)mkdir("spool", 0700);
	ATF_REQUIRE_EQ(RES_OK, spool_open(&spool, "spool", false, &why));
	ATF_REQUIRE_EQ_MSG(RES_OK, pulled_open(p, &spool, false, &why),
	    "%s %s: %s", why.op, why.name, strerror(why.err));
}

static bool
knows(struct pulled *p, const char *id, bool search)
{
	struct fault why;
	bool is_known = false;

	ATF_REQUIRE_EQ(
	    RES_OK, pulled_look(p, bytes_of(id), search, &is_known, &why));
	return (is_known);
}

static void
note(struct pulled *p, const char *id)
{
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, pulled_note(p, bytes_of(id), &why));
}

/* C4: shared by all, at once and from one start to the next. */
ATF_TC_WITHOUT_HEAD(pulled_note__is_known_to_all);
ATF_TC_BODY(pulled_note__is_known_to_all, tc)
{
	begin(&one);
	begin(&two);
	ATF_CHECK(!knows(&one, "1.a", false));
	note(&one, "1.a");
	ATF_CHECK(knows(&one, "1.a", false));
	ATF_CHECK(knows(&two, "1.a", false));
	note(&two, "1.b");
	ATF_CHECK(knows(&one, "1.b", false));
	pulled_close(&one);
	begin(&one);
	ATF_CHECK(knows(&one, "1.a", false) && knows(&one, "1.b", false));
	ATF_CHECK(!knows(&one, "1.c", true));
}

/* What a full disk or a power cut leaves is no id. */
ATF_TC_WITHOUT_HEAD(pulled_open__believes_whole_lines_only);
ATF_TC_BODY(pulled_open__believes_whole_lines_only, tc)
{
	ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
	write_file("spool/pulled.a",
	    "3 1.a\n4 1.b\n3 1.c 3\n3 1.4 1.dd\nx\n\n 3 1.e\n3\n"
	    "03 1.f\n3 1:g\n3 1.h\n-3 1.h\n3 1.i\n4 1.j");
	begin(&one);
	ATF_CHECK(knows(&one, "1.a", false));
	ATF_CHECK(!knows(&one, "1.b", false));
	ATF_CHECK(!knows(&one, "1.c", false));
	ATF_CHECK(!knows(&one, "1.4", false));
	ATF_CHECK(!knows(&one, "1.dd", false));
	ATF_CHECK(!knows(&one, "1.e", false));
	ATF_CHECK(!knows(&one, "1:g", false));
	ATF_CHECK(!knows(&one, "1.h", false));
	ATF_CHECK(knows(&one, "1.i", false));
	/* The last one is not whole, and the next is not glued to it. */
	ATF_CHECK(!knows(&one, "1.j", false));
	note(&one, "1.k");
	ATF_CHECK(knows(&one, "1.k", false));
	note(&one, "1.l");
	pulled_close(&one);
	begin(&one);
	ATF_CHECK(!knows(&one, "1.j", false));
	ATF_CHECK(knows(&one, "1.k", false) && knows(&one, "1.l", false));
}

/* C3: an envelope says what the journal does not, but for what is in doubt. */
ATF_TC_WITHOUT_HEAD(pulled_look__finds_the_envelope);
ATF_TC_BODY(pulled_look__finds_the_envelope, tc)
{
	begin(&one);
	write_file("spool/7.WRK", "From: \nTo: a@b\nQueue-Id: 1.a\n");
	write_file("spool/8.CMD", "From: \nTo: a@b\nQueue-Id: 1.b\n");
	write_file("spool/9.BAD", "\001\nQueue-Id: 1.c\n");
	ATF_CHECK(!knows(&one, "1.a", false));
	ATF_CHECK(knows(&one, "1.a", true));
	ATF_CHECK(knows(&one, "1.a", false));
	/* Not committed. */
	ATF_CHECK(!knows(&one, "1.b", true));
	ATF_CHECK(knows(&one, "1.c", true));
	write_file("spool/10.WRK", "From: \nTo: a@b\nQueue-Id: 1.d\n");
	pulled_doubt(&one, bytes_of("1.d"));
	ATF_CHECK(!knows(&one, "1.d", true));
	begin(&two);
	ATF_CHECK(knows(&two, "1.a", false));
	ATF_CHECK(!knows(&two, "1.d", true));
	note(&two, "1.d");
	ATF_CHECK(knows(&one, "1.d", false));
}

#define MARKED "From: \nTo: a@b\nQueue-Id: 1.a\n"

/* What a process leaves that is killed in the syncs of one stage. */
static void
leave_mark(void)
{
	char path[sizeof("spool/") + MARK_NAME_MAX] = "spool/";
	struct mark_sum text;
	struct mark_sum envelope;
	struct mark mark;

	mark_sum_init(&text);
	mark_sum_init(&envelope);
	mark_sum_add(&text, bytes_of("\nhello\n"));
	mark_sum_add(&envelope, bytes_of(MARKED));
	mark = mark_of(7, &text, &envelope);
	mark_name(path + strlen("spool/"), &mark);
	write_file("spool/7.TXT", "\nhello\n");
	write_file(path, MARKED);
}

/* C3: a mark will be a message, so it is one. */
ATF_TC_WITHOUT_HEAD(pulled_look__finds_the_mark);
ATF_TC_BODY(pulled_look__finds_the_mark, tc)
{
	begin(&one);
	spool.stages.is_one = true;
	leave_mark();
	ATF_CHECK(!knows(&one, "1.b", false));
	ATF_CHECK(access("spool/7.WRK", F_OK) != 0);
	ATF_CHECK(knows(&one, "1.a", true));
	ATF_CHECK(access("spool/7.WRK", F_OK) == 0);
}

/* A spool whose file has so many notes, 1.00000 and so on. */
static void
write_notes(int n)
{
	FILE *f;
	int i;

	ATF_REQUIRE_EQ(0, mkdir("spool", 0700));
	f = fopen("spool/pulled.a", "w");
	ATF_REQUIRE(f != NULL);
	for (i = 0; i < n; i++)
		(void)fprintf(f, "7 1.%05d\n", i);
	ATF_REQUIRE_EQ(0, fclose(f));
}

/* C4: the older of two files is overwritten, and not before it is full. */
ATF_TC_WITHOUT_HEAD(pulled_note__keeps_two_files);
ATF_TC_BODY(pulled_note__keeps_two_files, tc)
{
	char id[32];
	struct stat st;
	int i;

	write_notes(PULLED_LINES - 2);
	write_file("spool/pulled.b", "3 0.a\n");
	begin(&one);
	begin(&two);
	ATF_CHECK(knows(&one, "0.a", false) && knows(&one, "1.00000", false));
	for (i = 0; i < 4; i++) {
		(void)snprintf(id, sizeof(id), "2.%d", i);
		note(i % 2 == 0 ? &one : &two, id);
	}
	ATF_REQUIRE_EQ(0, stat("spool/pulled.a", &st));
	ATF_CHECK_EQ(2 * (off_t)strlen("3 2.0\n"), st.st_size);
	ATF_REQUIRE_EQ(0, stat("spool/pulled.b", &st));
	ATF_CHECK(st.st_size > PULLED_LINES * 10 - 20);
	for (i = 0; i < 4; i++) {
		(void)snprintf(id, sizeof(id), "2.%d", i);
		ATF_CHECK_MSG(knows(&one, id, false), "%s", id);
		ATF_CHECK_MSG(knows(&two, id, false), "%s", id);
	}
	ATF_CHECK(knows(&one, "1.00000", false));
	ATF_CHECK(knows(&two, "1.65533", false));
	ATF_CHECK(!knows(&one, "0.a", false));
}

/* C3, C4: what an envelope says is noted, though the file is full meanwhile. */
ATF_TC_WITHOUT_HEAD(pulled_open__learns_beyond_a_full_file);
ATF_TC_BODY(pulled_open__learns_beyond_a_full_file, tc)
{
	char text[64];
	char name[32];
	int i;

	write_notes(PULLED_LINES - 2);
	for (i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof(name), "spool/%d.WRK", i + 1);
		(void)snprintf(text, sizeof(text), "Queue-Id: 2.%d\n", i);
		write_file(name, text);
	}
	begin(&one);
	for (i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof(name), "spool/%d.WRK", i + 1);
		ATF_REQUIRE_EQ(0, unlink(name));
	}
	begin(&two);
	for (i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof(name), "2.%d", i);
		ATF_CHECK_MSG(knows(&one, name, false), "%s", name);
		ATF_CHECK_MSG(knows(&two, name, false), "%s", name);
	}
}

/* The other renames the file, and has read it. */
static void
rename_meanwhile(void)
{
	ATF_REQUIRE_EQ(0, rename("spool/pulled.a", "spool/pulled.b"));
	ATF_CHECK(knows(&two, "1.a", false));
}

/* C4: nor is a note lost that is written to a file that is just renamed. */
ATF_TC_WITHOUT_HEAD(pulled_note__is_read_whatever_is_renamed);
ATF_TC_BODY(pulled_note__is_read_whatever_is_renamed, tc)
{
	begin(&one);
	begin(&two);
	note(&one, "1.a");
	before_write = rename_meanwhile;
	note(&one, "1.b");
	ATF_CHECK(before_write == NULL);
	ATF_CHECK(knows(&two, "1.a", false));
	ATF_CHECK(knows(&two, "1.b", false));
}

/* C4: only the same message is waited for. */
ATF_TC_WITHOUT_HEAD(pulled_lock__is_of_one_id);
ATF_TC_BODY(pulled_lock__is_of_one_id, tc)
{
	struct fault why;

	begin(&one);
	begin(&two);
	ATF_REQUIRE_EQ(RES_OK, pulled_lock(&one, bytes_of("1.a"), 0, &why));
	ATF_CHECK_EQ(RES_OK, pulled_lock(&two, bytes_of("1.b"), 0, &why));
	ATF_CHECK_EQ(RES_TEMP, pulled_lock(&two, bytes_of("1.a"), 0, &why));
	ATF_CHECK_EQ(EAGAIN, why.err);
	pulled_unlock(&one, bytes_of("1.a"));
	ATF_CHECK_EQ(RES_OK, pulled_lock(&two, bytes_of("1.a"), 0, &why));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, pulled_note__is_known_to_all);
	ATF_TP_ADD_TC(tp, pulled_open__believes_whole_lines_only);
	ATF_TP_ADD_TC(tp, pulled_look__finds_the_envelope);
	ATF_TP_ADD_TC(tp, pulled_look__finds_the_mark);
	ATF_TP_ADD_TC(tp, pulled_note__keeps_two_files);
	ATF_TP_ADD_TC(tp, pulled_open__learns_beyond_a_full_file);
	ATF_TP_ADD_TC(tp, pulled_note__is_read_whatever_is_renamed);
	ATF_TP_ADD_TC(tp, pulled_lock__is_of_one_id);
	return (atf_no_error());
}
