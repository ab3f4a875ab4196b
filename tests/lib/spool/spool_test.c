/* SPDX-License-Identifier: ISC */
#include "spool/spool.h"

#include <atf-c.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../support/files.h"
#include "bytes/buf.h"
#include "spool/claim.h"
#include "spool/complete.h"
#include "spool/sequence.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"

static const char ENVELOPE[] = "From: erick@maggot\nTo: bruce@gnat\n";
static const char TEXT[] = "Received: x\n\nHello\n";

/* The spool of the case's own directory. */
static struct spool
open_spool(bool sync)
{
	struct spool s;
	struct fault why = { .op = "" };

	ATF_REQUIRE_MSG(spool_open(&s, ".", sync, &why) == RES_OK, "%s: %s",
	    why.op, strerror(why.err));
	return (s);
}

static void
begin(const struct spool *s, struct spool_msg *m)
{
	struct fault why = { .op = "" };

	ATF_REQUIRE_MSG(spool_begin(s, m, bytes_of(ENVELOPE),
			    sysclock_ms() + 5000, &why) == RES_OK,
	    "%s %s: %s", why.op, why.name, strerror(why.err));
}

static void
append(struct spool_msg *m, const char *text)
{
	struct fault why;

	ATF_REQUIRE_EQ(RES_OK, spool_append(m, bytes_of(text), &why));
}

static int
by_name(const void *a, const void *b)
{
	return (strcmp(*(const char *const *)a, *(const char *const *)b));
}

/* The names in the directory but the counter's, sorted, with blanks between. */
static void
check_names(const char *want)
{
	char *names[64];
	char got[1024] = "";
	size_t n = 0;
	size_t i;
	DIR *dir = opendir(".");
	const struct dirent *entry;

	ATF_REQUIRE(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' ||
		    strcmp(entry->d_name, SEQUENCE_FILE) == 0)
			continue;
		ATF_REQUIRE(n < ARRAY_LEN(names));
		names[n] = strdup(entry->d_name);
		ATF_REQUIRE(names[n++] != NULL);
	}
	(void)closedir(dir);
	qsort(names, n, sizeof(names[0]), by_name);
	for (i = 0; i < n; i++) {
		strcat(got, i == 0 ? "" : " ");
		strcat(got, names[i]);
		free(names[i]);
	}
	ATF_CHECK_STREQ(want, got);
}

ATF_TC_WITHOUT_HEAD(spool_open__no_directory_is_permanent);
ATF_TC_BODY(spool_open__no_directory_is_permanent, tc)
{
	struct spool s;
	struct fault why;

	ATF_CHECK_EQ(RES_PERM, spool_open(&s, "nowhere", true, &why));
	ATF_CHECK_EQ(ENOENT, why.err);
	ATF_CHECK_STREQ("nowhere", why.name);
	write_file("f", "");
	ATF_CHECK_EQ(RES_PERM, spool_open(&s, "f", true, &why));
	ATF_CHECK_EQ(ENOTDIR, why.err);
}

ATF_TC_WITHOUT_HEAD(spool_space__says_something);
ATF_TC_BODY(spool_space__says_something, tc)
{
	struct spool s = open_spool(true);

	ATF_CHECK(spool_space(&s) > 0);
	ATF_CHECK(spool_space(&s) < UINT64_MAX);
	spool_close(&s);
	ATF_CHECK_EQ(UINT64_MAX, spool_space(&s));
}

ATF_TC_WITHOUT_HEAD(spool_begin__names_appear_in_their_order);
ATF_TC_BODY(spool_begin__names_appear_in_their_order, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	check_names("");
	begin(&s, &m);
	ATF_CHECK_EQ(1, m.number);
	check_names("1.CMD 1.TMP");
	ATF_CHECK(atf_utils_compare_file("1.CMD", ENVELOPE));
	append(&m, TEXT);
	check_names("1.CMD 1.TMP");
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	check_names("1.TXT 1.WRK");
	ATF_CHECK(atf_utils_compare_file("1.WRK", ENVELOPE));
	ATF_CHECK(atf_utils_compare_file("1.TXT", TEXT));
}

ATF_TC_WITHOUT_HEAD(spool_append__pieces_and_late_facts_are_whole);
ATF_TC_BODY(spool_append__pieces_and_late_facts_are_whole, tc)
{
	static char large[1 << 18];
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;
	struct stat st;

	memset(large, 'x', sizeof(large));
	begin(&s, &m);
	append(&m, "one\n");
	append(&m, "");
	ATF_REQUIRE_EQ(RES_OK,
	    spool_append(&m, (struct bytes){ large, sizeof(large) }, &why));
	ATF_REQUIRE_EQ(
	    RES_OK, spool_append_envelope(&m, bytes_of("Size: 5\n"), &why));
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	ATF_REQUIRE(stat("1.TXT", &st) == 0);
	ATF_CHECK_EQ((off_t)sizeof(large) + 4, st.st_size);
	ATF_CHECK(atf_utils_compare_file(
	    "1.WRK", "From: erick@maggot\nTo: bruce@gnat\nSize: 5\n"));
}

ATF_TC_WITHOUT_HEAD(spool_begin__modes_are_0640_less_the_umask);
ATF_TC_BODY(spool_begin__modes_are_0640_less_the_umask, tc)
{
	static const struct {
		mode_t mask;
		mode_t want;
	} rows[] = {
		{ 0, 0640 },
		{ 022, 0640 },
		{ 027, 0640 },
		{ 077, 0600 },
	};
	struct spool s = open_spool(true);
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		static const char *const kinds[] = { "TXT", "WRK" };
		struct spool_msg m;
		struct fault why;
		size_t k;

		(void)umask(rows[i].mask);
		begin(&s, &m);
		ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
		for (k = 0; k < ARRAY_LEN(kinds); k++) {
			char name[32];
			struct stat st;

			(void)snprintf(
			    name, sizeof(name), "%u.%s", m.number, kinds[k]);
			ATF_REQUIRE(stat(name, &st) == 0);
			ATF_CHECK_EQ_MSG(rows[i].want, st.st_mode & 07777,
			    "%s, umask %o: %o", name, rows[i].mask,
			    st.st_mode & 07777);
		}
	}
}

/* What stands where a file of number 1 is to be made. */
enum thing {
	A_FILE,
	A_SYMLINK,
	A_DANGLING_LINK,
	A_DIRECTORY,
	A_FIFO,
	THINGS
};

static void
place(enum thing thing, const char *name)
{
	switch (thing) {
	case A_FILE:
		write_file(name, "precious");
		break;
	case A_SYMLINK:
		ATF_REQUIRE(symlink("target", name) == 0);
		break;
	case A_DANGLING_LINK:
		ATF_REQUIRE(symlink("nowhere", name) == 0);
		break;
	case A_DIRECTORY:
		ATF_REQUIRE(mkdir(name, 0700) == 0);
		break;
	case A_FIFO:
		ATF_REQUIRE(mkfifo(name, 0600) == 0);
		break;
	case THINGS:
		break;
	}
}

ATF_TC(spool_begin__a_name_in_use_skips_the_number);
ATF_TC_HEAD(spool_begin__a_name_in_use_skips_the_number, tc)
{
	atf_tc_set_md_var(tc, "timeout", "60");
}
ATF_TC_BODY(spool_begin__a_name_in_use_skips_the_number, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;
	uint32_t number = 1;
	int kind;
	int thing;

	write_file("target", "precious");
	write_file(SEQUENCE_FILE, "1\n");
	for (kind = 0; kind < SCAN_NAMED; kind++) {
		for (thing = 0; thing < THINGS; thing++) {
			char name[SCAN_NAME_MAX];
			struct stat was;
			struct stat is;

			scan_name(name, number, (enum scan_kind)kind);
			place((enum thing)thing, name);
			ATF_REQUIRE(lstat(name, &was) == 0);
			begin(&s, &m);
			ATF_CHECK_EQ_MSG(
			    number + 1, m.number, "%s %d", name, thing);
			append(&m, TEXT);
			ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
			ATF_REQUIRE(lstat(name, &is) == 0);
			ATF_CHECK_EQ_MSG(was.st_ino, is.st_ino, "%s", name);
			ATF_CHECK_EQ_MSG(was.st_size, is.st_size, "%s", name);
			/* And the skipped number leaves nothing else. */
			ATF_REQUIRE(remove(name) == 0);
			for (int k = 0; k < SCAN_NAMED; k++) {
				scan_name(name, number, (enum scan_kind)k);
				ATF_CHECK_MSG(
				    !sysfile_exists(s.dirfd, name), "%s", name);
			}
			number += 2;
		}
	}
	ATF_CHECK(atf_utils_compare_file("target", "precious"));
	ATF_CHECK(!sysfile_exists(s.dirfd, "nowhere"));
}

ATF_TC(spool_begin__gives_up_when_too_many_numbers_are_in_use);
ATF_TC_HEAD(spool_begin__gives_up_when_too_many_numbers_are_in_use, tc)
{
	atf_tc_set_md_var(tc, "timeout", "60");
}
ATF_TC_BODY(spool_begin__gives_up_when_too_many_numbers_are_in_use, tc)
{
	struct spool s = open_spool(false);
	struct spool_msg m;
	struct fault why;
	int i;

	write_file(SEQUENCE_FILE, "1\n");
	for (i = 1; i <= 1005; i++) {
		char name[SCAN_NAME_MAX];

		scan_name(name, (uint32_t)i, SCAN_WRK);
		write_file(name, "");
	}
	ATF_CHECK_EQ(RES_TEMP,
	    spool_begin(
		&s, &m, bytes_of(ENVELOPE), sysclock_ms() + 30000, &why));
	/* The next attempt goes on from there. */
	begin(&s, &m);
	ATF_CHECK_EQ(1006, m.number);
}

ATF_TC_WITHOUT_HEAD(spool_begin__garbage_counter_leaves_nothing);
ATF_TC_BODY(spool_begin__garbage_counter_leaves_nothing, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	write_file(SEQUENCE_FILE, "what?");
	ATF_CHECK_EQ(RES_PERM,
	    spool_begin(
		&s, &m, bytes_of(ENVELOPE), sysclock_ms() + 5000, &why));
	ATF_CHECK_STREQ(SEQUENCE_FILE, why.name);
	check_names("");
	spool_abort(&m);
	ATF_CHECK(atf_utils_compare_file(SEQUENCE_FILE, "what?"));
}

/* From now on a file may have so many bytes. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	ATF_REQUIRE(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ATF_REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

ATF_TC_WITHOUT_HEAD(spool_begin__full_disk_leaves_nothing);
ATF_TC_BODY(spool_begin__full_disk_leaves_nothing, tc)
{
	static char large[8192];
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	memset(large, 'x', sizeof(large));
	limit_files(4096);
	ATF_CHECK_EQ(RES_TEMP,
	    spool_begin(&s, &m, (struct bytes){ large, sizeof(large) },
		sysclock_ms() + 5000, &why));
	ATF_CHECK_EQ(EFBIG, why.err);
	check_names("");
}

ATF_TC_WITHOUT_HEAD(spool_append__full_disk_fails_and_abort_leaves_nothing);
ATF_TC_BODY(spool_append__full_disk_fails_and_abort_leaves_nothing, tc)
{
	static char large[8192];
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	memset(large, 'x', sizeof(large));
	limit_files(4096);
	begin(&s, &m);
	ATF_CHECK_EQ(RES_TEMP,
	    spool_append(&m, (struct bytes){ large, sizeof(large) }, &why));
	ATF_CHECK_EQ(EFBIG, why.err);
	ATF_CHECK_STREQ("1.TMP", why.name);
	spool_abort(&m);
	check_names("");
}

ATF_TC_WITHOUT_HEAD(spool_abort__removes_everything_and_twice_is_safe);
ATF_TC_BODY(spool_abort__removes_everything_and_twice_is_safe, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;

	spool_msg_init(&m);
	spool_abort(&m);
	begin(&s, &m);
	append(&m, TEXT);
	spool_abort(&m);
	check_names("");
	/* Somebody else's, by now. */
	write_file("1.CMD", "");
	write_file("1.TMP", "");
	write_file("1.TXT", "");
	spool_abort(&m);
	check_names("1.CMD 1.TMP 1.TXT");
	begin(&s, &m);
	ATF_CHECK_EQ_MSG(2, m.number, "the number is not given out again");
}

ATF_TC_WITHOUT_HEAD(spool_abort__after_commit_removes_nothing);
ATF_TC_BODY(spool_abort__after_commit_removes_nothing, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	begin(&s, &m);
	append(&m, TEXT);
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	spool_abort(&m);
	spool_abort(&m);
	check_names("1.TXT 1.WRK");
}

ATF_TC_WITHOUT_HEAD(spool_commit__foreign_txt_is_not_replaced);
ATF_TC_BODY(spool_commit__foreign_txt_is_not_replaced, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	begin(&s, &m);
	append(&m, TEXT);
	write_file("1.TXT", "precious");
	ATF_CHECK(spool_commit(&m, &why) != RES_OK);
	ATF_CHECK_EQ(EEXIST, why.err);
	spool_abort(&m);
	check_names("1.TXT");
	ATF_CHECK(atf_utils_compare_file("1.TXT", "precious"));
}

ATF_TC_WITHOUT_HEAD(spool_commit__foreign_wrk_is_not_replaced_nor_completed);
ATF_TC_BODY(spool_commit__foreign_wrk_is_not_replaced_nor_completed, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	begin(&s, &m);
	append(&m, TEXT);
	write_file("1.WRK", "precious");
	ATF_CHECK(spool_commit(&m, &why) != RES_OK);
	ATF_CHECK_EQ(EEXIST, why.err);
	ATF_CHECK_MSG(!why.broken, "it is known what happened");
	spool_abort(&m);
	ATF_CHECK(atf_utils_compare_file("1.WRK", "precious"));
	/* Not committed: nothing of it stays, least of all as that WRK's
	 * text. */
	check_names("1.WRK");
}

ATF_TC_WITHOUT_HEAD(spool_commit__in_one_stage_the_envelope_is_marked);
ATF_TC_BODY(spool_commit__in_one_stage_the_envelope_is_marked, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct complete done;
	struct fault why;
	struct mark mark;

	s.stages.is_one = true;
	begin(&s, &m);
	append(&m, "Received: x\n\n");
	append(&m, "Hello\n");
	ATF_REQUIRE_EQ(
	    RES_OK, spool_append_envelope(&m, bytes_of("Size: 5\n"), &why));
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	check_names("1.TXT 1.WRK");
	/* The mark that it had is the mark of what is there. */
	ATF_REQUIRE(mark_parse(m.mark, &mark));
	ATF_CHECK_EQ(1, mark.number);
	ATF_CHECK_EQ(strlen(TEXT), mark.size);
	ATF_REQUIRE(rename("1.WRK", m.mark) == 0);
	ATF_CHECK_EQ(
	    RES_OK, complete_all(s.dirfd, 0, SYSCLOCK_NEVER, &done, &why));
	ATF_CHECK_EQ(1, done.completed);
	check_names("1.TXT 1.WRK");
}

/* Before the last rename all of it is still ours, under whatever name. */
ATF_TC_WITHOUT_HEAD(spool_abort__removes_what_is_marked);
ATF_TC_BODY(spool_abort__removes_what_is_marked, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	s.stages.is_one = true;
	begin(&s, &m);
	append(&m, TEXT);
	write_file("1.WRK", "mine");
	ATF_CHECK(spool_commit(&m, &why) != RES_OK);
	ATF_CHECK_EQ(EEXIST, why.err);
	ATF_CHECK(access(m.mark, F_OK) == 0);
	ATF_CHECK(access("1.CMD", F_OK) != 0);
	spool_abort(&m);
	check_names("1.WRK");
	ATF_CHECK(atf_utils_compare_file("1.WRK", "mine"));
}

ATF_TC_WITHOUT_HEAD(spool_open__without_syncs_there_is_no_mark);
ATF_TC_BODY(spool_open__without_syncs_there_is_no_mark, tc)
{
	struct spool s = open_spool(false);

	ATF_CHECK(!s.stages.is_one);
	ATF_CHECK_STREQ("smtp.sync is no", s.stages.why);
}

ATF_TC_WITHOUT_HEAD(spool_commit__text_that_vanished_commits_nothing);
ATF_TC_BODY(spool_commit__text_that_vanished_commits_nothing, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;

	begin(&s, &m);
	append(&m, TEXT);
	ATF_REQUIRE(unlink("1.TMP") == 0);
	ATF_CHECK(spool_commit(&m, &why) != RES_OK);
	spool_abort(&m);
	check_names("");
}

ATF_TC_WITHOUT_HEAD(spool_commit__lock_lasts_from_begin_to_commit);
ATF_TC_BODY(spool_commit__lock_lasts_from_begin_to_commit, tc)
{
	struct spool s = open_spool(true);
	struct spool_msg m;
	struct fault why;
	int fd;

	begin(&s, &m);
	fd = open("1.CMD", O_RDWR);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK_EQ(EAGAIN, sysfile_lock(fd));
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	/* It is the same file, and free. */
	ATF_CHECK(sysfile_is(s.dirfd, "1.WRK", fd));
	ATF_CHECK_EQ(0, sysfile_lock(fd));
}

ATF_TC_WITHOUT_HEAD(spool_commit__without_sync_does_the_same_names);
ATF_TC_BODY(spool_commit__without_sync_does_the_same_names, tc)
{
	struct spool s = open_spool(false);
	struct spool_msg m;
	struct fault why;

	begin(&s, &m);
	append(&m, TEXT);
	ATF_REQUIRE_EQ(RES_OK, spool_commit(&m, &why));
	check_names("1.TXT 1.WRK");
	ATF_CHECK(atf_utils_compare_file("1.TXT", TEXT));
}

ATF_TC(spool_commit__a_watcher_never_sees_half_a_message);
ATF_TC_HEAD(spool_commit__a_watcher_never_sees_half_a_message, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(spool_commit__a_watcher_never_sees_half_a_message, tc)
{
	enum {
		MESSAGES = 150
	};
	struct spool s = open_spool(false);
	uint32_t next = 1;
	int status = 0;
	pid_t pid = fork();
	int i;

	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		for (i = 0; i < MESSAGES; i++) {
			struct spool_msg m;

			begin(&s, &m);
			append(&m, "Received: x\n\n");
			append(&m, "Hello\n");
			if (spool_commit(&m, &(struct fault){ 0 }) != RES_OK)
				_exit(1);
		}
		_exit(0);
	}
	/* Whenever WRK is there, both are whole. */
	while (next <= MESSAGES) {
		char name[SCAN_NAME_MAX];

		scan_name(name, next, SCAN_WRK);
		if (!sysfile_exists(s.dirfd, name)) {
			ATF_REQUIRE_MSG(waitpid(pid, &status, WNOHANG) == 0 ||
				sysfile_exists(s.dirfd, name),
			    "ended with %d before %s", status, name);
			continue;
		}
		ATF_REQUIRE(atf_utils_compare_file(name, ENVELOPE));
		scan_name(name, next, SCAN_TXT);
		ATF_REQUIRE_MSG(
		    atf_utils_compare_file(name, "Received: x\n\nHello\n"),
		    "%s", name);
		scan_name(name, next, SCAN_TMP);
		ATF_REQUIRE(!sysfile_exists(s.dirfd, name));
		next++;
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, spool_open__no_directory_is_permanent);
	ATF_TP_ADD_TC(tp, spool_space__says_something);
	ATF_TP_ADD_TC(tp, spool_begin__names_appear_in_their_order);
	ATF_TP_ADD_TC(tp, spool_append__pieces_and_late_facts_are_whole);
	ATF_TP_ADD_TC(tp, spool_begin__modes_are_0640_less_the_umask);
	ATF_TP_ADD_TC(tp, spool_begin__a_name_in_use_skips_the_number);
	ATF_TP_ADD_TC(
	    tp, spool_begin__gives_up_when_too_many_numbers_are_in_use);
	ATF_TP_ADD_TC(tp, spool_begin__garbage_counter_leaves_nothing);
	ATF_TP_ADD_TC(tp, spool_begin__full_disk_leaves_nothing);
	ATF_TP_ADD_TC(
	    tp, spool_append__full_disk_fails_and_abort_leaves_nothing);
	ATF_TP_ADD_TC(tp, spool_abort__removes_everything_and_twice_is_safe);
	ATF_TP_ADD_TC(tp, spool_abort__after_commit_removes_nothing);
	ATF_TP_ADD_TC(tp, spool_commit__foreign_txt_is_not_replaced);
	ATF_TP_ADD_TC(
	    tp, spool_commit__foreign_wrk_is_not_replaced_nor_completed);
	ATF_TP_ADD_TC(tp, spool_commit__in_one_stage_the_envelope_is_marked);
	ATF_TP_ADD_TC(tp, spool_abort__removes_what_is_marked);
	ATF_TP_ADD_TC(tp, spool_open__without_syncs_there_is_no_mark);
	ATF_TP_ADD_TC(tp, spool_commit__text_that_vanished_commits_nothing);
	ATF_TP_ADD_TC(tp, spool_commit__lock_lasts_from_begin_to_commit);
	ATF_TP_ADD_TC(tp, spool_commit__without_sync_does_the_same_names);
	ATF_TP_ADD_TC(tp, spool_commit__a_watcher_never_sees_half_a_message);
	return (atf_no_error());
}
