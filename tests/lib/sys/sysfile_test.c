/* SPDX-License-Identifier: ISC */
#include "sys/sysfile.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <atf-c.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/sysclock.h"

static int
open_file(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	ATF_REQUIRE_MSG(fd >= 0, "%s: %s", name, strerror(errno));
	return (fd);
}

/* The file `name`, holding its own first name. */
static int
make_file(const char *name)
{
	int fd = open_file(name);

	ATF_REQUIRE(write(fd, name, strlen(name)) == (ssize_t)strlen(name));
	return (fd);
}

static int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

/* A child process that holds the lock on the file until it is killed. */
static pid_t
start_holder(const char *name)
{
	int ready[2];
	char c;
	pid_t pid;

	ATF_REQUIRE(pipe(ready) == 0);
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		int fd = open(name, O_RDWR);

		if (fd < 0 || sysfile_lock(fd) != 0 ||
		    write(ready[1], "!", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	ATF_REQUIRE(close(ready[1]) == 0);
	ATF_REQUIRE_MSG(read(ready[0], &c, 1) == 1, "no lock");
	ATF_REQUIRE(close(ready[0]) == 0);
	return (pid);
}

static void
stop_holder(pid_t pid)
{
	ATF_REQUIRE(kill(pid, SIGKILL) == 0);
	ATF_REQUIRE(waitpid(pid, NULL, 0) == pid);
}

ATF_TC_WITHOUT_HEAD(sysfile_lock__held_elsewhere_is_eagain);
ATF_TC_BODY(sysfile_lock__held_elsewhere_is_eagain, tc)
{
	int mine = open_file("f");
	pid_t pid = start_holder("f");

	ATF_CHECK_EQ(EAGAIN, sysfile_lock(mine));
	ATF_CHECK(sysfile_is_locked(mine));
	/* However it ends: nobody has to tidy up. */
	stop_holder(pid);
	ATF_CHECK(!sysfile_is_locked(mine));
	ATF_CHECK_EQ(0, sysfile_lock(mine));
	/* One's own lock is not somebody else's. */
	ATF_CHECK(!sysfile_is_locked(mine));
	ATF_CHECK_EQ(0, sysfile_lock(mine));
}

ATF_TC_WITHOUT_HEAD(sysfile_lock_byte__excludes_only_the_same_byte);
ATF_TC_BODY(sysfile_lock_byte__excludes_only_the_same_byte, tc)
{
	int one = open("file", O_RDWR | O_CREAT, 0600);
	int two = open("file", O_RDWR);

	ATF_REQUIRE(one >= 0 && two >= 0);
	ATF_REQUIRE_EQ(0, sysfile_lock_byte(one, 7, 0));
	ATF_CHECK_EQ(0, sysfile_lock_byte(two, UINT32_MAX, 0));
	ATF_CHECK_EQ(EAGAIN, sysfile_lock_byte(two, 7, 0));
	ATF_CHECK_EQ(0, sysfile_lock_byte(two, 8, 0));
	sysfile_unlock_byte(one, 7);
	ATF_CHECK_EQ(0, sysfile_lock_byte(two, 7, 0));
	ATF_CHECK_EQ(EAGAIN, sysfile_lock_byte(one, 7, 0));
}

ATF_TC_WITHOUT_HEAD(sysfile_lock__belongs_to_the_description);
ATF_TC_BODY(sysfile_lock__belongs_to_the_description, tc)
{
	int one = open_file("f");
	int two = open_file("f");
	int three = open_file("f");

	ATF_REQUIRE_EQ(0, sysfile_lock(one));
	ATF_CHECK_EQ(EAGAIN, sysfile_lock(two));
	/* A POSIX lock would be lost with any descriptor on the file. */
	ATF_REQUIRE(close(three) == 0);
	ATF_CHECK_EQ(EAGAIN, sysfile_lock(two));
	ATF_REQUIRE(close(one) == 0);
	ATF_CHECK_EQ(0, sysfile_lock(two));
}

ATF_TC_WITHOUT_HEAD(sysfile_lock__read_only_descriptor_fails);
ATF_TC_BODY(sysfile_lock__read_only_descriptor_fails, tc)
{
	int fd;

	(void)open_file("f");
	fd = open("f", O_RDONLY | O_CLOEXEC);
	ATF_REQUIRE(fd >= 0);
	ATF_CHECK_EQ(EBADF, sysfile_lock(fd));
}

ATF_TC(sysfile_lock_wait__gives_up_at_the_deadline);
ATF_TC_HEAD(sysfile_lock_wait__gives_up_at_the_deadline, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysfile_lock_wait__gives_up_at_the_deadline, tc)
{
	int mine = open_file("f");
	pid_t pid = start_holder("f");
	int64_t before = sysclock_ms();

	ATF_CHECK_EQ(EAGAIN, sysfile_lock_wait(mine, before + 80));
	ATF_CHECK(sysclock_ms() >= before + 80);
	stop_holder(pid);
	/* A free lock is taken even when the time is over. */
	ATF_CHECK_EQ(0, sysfile_lock_wait(mine, before));
}

ATF_TC(sysfile_lock_wait__gets_it_when_it_is_free);
ATF_TC_HEAD(sysfile_lock_wait__gets_it_when_it_is_free, tc)
{
	atf_tc_set_md_var(tc, "timeout", "120");
}
ATF_TC_BODY(sysfile_lock_wait__gets_it_when_it_is_free, tc)
{
	int mine = open_file("f");
	pid_t pid = start_holder("f");
	pid_t killer = fork();

	ATF_REQUIRE(killer >= 0);
	if (killer == 0) {
		sysclock_sleep_ms(50);
		_exit(kill(pid, SIGKILL) == 0 ? 0 : 1);
	}
	ATF_CHECK_EQ(0, sysfile_lock_wait(mine, SYSCLOCK_NEVER));
	ATF_CHECK(waitpid(killer, NULL, 0) == killer);
	ATF_CHECK(waitpid(pid, NULL, 0) == pid);
}

ATF_TC_WITHOUT_HEAD(sysfile_sync__succeeds_and_reports_errno);
ATF_TC_BODY(sysfile_sync__succeeds_and_reports_errno, tc)
{
	int fd = make_file("f");
	int dirfd = open_dir();
	int fds[2];

	ATF_CHECK_EQ(0, sysfile_sync_data(fd));
	ATF_CHECK_EQ(0, sysfile_sync_names(dirfd));
	/* What cannot be synced must not pass for synced. */
	ATF_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	ATF_CHECK_EQ(EINVAL, sysfile_sync_data(fds[0]));
	ATF_CHECK_EQ(EINVAL, sysfile_sync_names(fds[0]));
	ATF_REQUIRE(close(fd) == 0);
	ATF_CHECK_EQ(EBADF, sysfile_sync_data(fd));
}

ATF_TC_WITHOUT_HEAD(sysfile_rename_new__moves_the_name);
ATF_TC_BODY(sysfile_rename_new__moves_the_name, tc)
{
	int dirfd = open_dir();
	int fd = make_file("from");

	ATF_CHECK_EQ(0, sysfile_rename_new(dirfd, "from", "to", fd));
	ATF_CHECK(!sysfile_exists(dirfd, "from"));
	ATF_CHECK(sysfile_is(dirfd, "to", fd));
}

ATF_TC_WITHOUT_HEAD(sysfile_rename_new__never_goes_over_anything);
ATF_TC_BODY(sysfile_rename_new__never_goes_over_anything, tc)
{
	static const char *const targets[] = { "file", "dir", "link",
		"dangling", "fifo" };
	int dirfd = open_dir();
	int fd = make_file("from");
	size_t i;

	(void)make_file("file");
	ATF_REQUIRE(mkdir("dir", 0700) == 0);
	ATF_REQUIRE(symlink("file", "link") == 0);
	ATF_REQUIRE(symlink("nowhere", "dangling") == 0);
	ATF_REQUIRE(mkfifo("fifo", 0600) == 0);
	for (i = 0; i < ARRAY_LEN(targets); i++) {
		ATF_CHECK_EQ_MSG(EEXIST,
		    sysfile_rename_new(dirfd, "from", targets[i], fd),
		    "%s", targets[i]);
		ATF_CHECK_MSG(sysfile_exists(dirfd, targets[i]) &&
		    !sysfile_is(dirfd, targets[i], fd), "%s", targets[i]);
	}
	ATF_CHECK(sysfile_is(dirfd, "from", fd));
	ATF_CHECK(atf_utils_compare_file("file", "file"));
}

ATF_TC_WITHOUT_HEAD(sysfile_rename__missing_source_fails);
ATF_TC_BODY(sysfile_rename__missing_source_fails, tc)
{
	int dirfd = open_dir();
	int fd = make_file("other");

	ATF_CHECK_EQ(ENOENT, sysfile_rename_new(dirfd, "from", "to", fd));
	ATF_CHECK_EQ(ENOENT, sysfile_rename_over(dirfd, "from", "to", fd));
}

ATF_TC_WITHOUT_HEAD(sysfile_rename__error_report_is_checked_by_the_names);
ATF_TC_BODY(sysfile_rename__error_report_is_checked_by_the_names, tc)
{
	int dirfd = open_dir();
	int fd = make_file("to");

	/*
	 * As a network file system leaves it that did the rename, lost the
	 * answer, and reports the retry's ENOENT or EEXIST.
	 */
	ATF_CHECK_EQ(0, sysfile_rename_new(dirfd, "from", "to", fd));
	ATF_CHECK_EQ(0, sysfile_rename_over(dirfd, "from", "to", fd));
	/* Both names: it was not done, whatever was reported. */
	ATF_REQUIRE(link("to", "from") == 0);
	ATF_CHECK_EQ(EEXIST, sysfile_rename_new(dirfd, "from", "to", fd));
}

ATF_TC_WITHOUT_HEAD(sysfile_rename_over__replaces_a_file);
ATF_TC_BODY(sysfile_rename_over__replaces_a_file, tc)
{
	int dirfd = open_dir();
	int fd = make_file("from");

	(void)make_file("to");
	ATF_CHECK_EQ(0, sysfile_rename_over(dirfd, "from", "to", fd));
	ATF_CHECK(sysfile_is(dirfd, "to", fd));
	ATF_CHECK(atf_utils_compare_file("to", "from"));
	ATF_CHECK(!sysfile_exists(dirfd, "from"));
}

ATF_TC_WITHOUT_HEAD(sysfile_remove__gone_already_is_success);
ATF_TC_BODY(sysfile_remove__gone_already_is_success, tc)
{
	int dirfd = open_dir();

	(void)make_file("f");
	ATF_CHECK_EQ(0, sysfile_remove(dirfd, "f"));
	ATF_CHECK(!sysfile_exists(dirfd, "f"));
	ATF_CHECK_EQ(0, sysfile_remove(dirfd, "f"));
}

ATF_TC_WITHOUT_HEAD(sysfile_remove__takes_the_link_not_its_target);
ATF_TC_BODY(sysfile_remove__takes_the_link_not_its_target, tc)
{
	int dirfd = open_dir();

	(void)make_file("f");
	ATF_REQUIRE(symlink("f", "link") == 0);
	ATF_CHECK_EQ(0, sysfile_remove(dirfd, "link"));
	ATF_CHECK(!sysfile_exists(dirfd, "link"));
	ATF_CHECK(sysfile_exists(dirfd, "f"));
}

ATF_TC_WITHOUT_HEAD(sysfile_remove__directory_is_an_error_and_stays);
ATF_TC_BODY(sysfile_remove__directory_is_an_error_and_stays, tc)
{
	int dirfd = open_dir();

	ATF_REQUIRE(mkdir("d", 0700) == 0);
	ATF_CHECK(sysfile_remove(dirfd, "d") != 0);
	ATF_CHECK(sysfile_exists(dirfd, "d"));
}

ATF_TC_WITHOUT_HEAD(sysfile_is__compares_inodes_and_follows_no_link);
ATF_TC_BODY(sysfile_is__compares_inodes_and_follows_no_link, tc)
{
	int dirfd = open_dir();
	int fd = make_file("f");

	(void)make_file("other");
	ATF_REQUIRE(symlink("f", "link") == 0);
	ATF_REQUIRE(link("f", "second") == 0);
	ATF_CHECK(sysfile_is(dirfd, "f", fd));
	ATF_CHECK(sysfile_is(dirfd, "second", fd));
	ATF_CHECK(!sysfile_is(dirfd, "other", fd));
	ATF_CHECK(!sysfile_is(dirfd, "link", fd));
	ATF_CHECK(!sysfile_is(dirfd, "missing", fd));
	ATF_REQUIRE(unlink("f") == 0);
	(void)make_file("f");
	ATF_CHECK_MSG(!sysfile_is(dirfd, "f", fd), "made anew");
}

ATF_TC_WITHOUT_HEAD(sysfile_look__tells_absent_from_unknown);
ATF_TC_BODY(sysfile_look__tells_absent_from_unknown, tc)
{
	int dirfd = open_dir();
	int fd = make_file("f");

	(void)make_file("other");
	ATF_REQUIRE(symlink("f", "link") == 0);
	ATF_CHECK_EQ(SYSFILE_SAME, sysfile_look(dirfd, "f", fd));
	ATF_CHECK_EQ(SYSFILE_OTHER, sysfile_look(dirfd, "other", fd));
	ATF_CHECK_EQ(SYSFILE_OTHER, sysfile_look(dirfd, "link", fd));
	ATF_CHECK_EQ(SYSFILE_ABSENT, sysfile_look(dirfd, "missing", fd));
	ATF_CHECK_EQ(SYSFILE_UNKNOWN, sysfile_look(dirfd, "f/below", fd));
	ATF_CHECK_EQ(SYSFILE_UNKNOWN, sysfile_look(-1, "f", fd));
	ATF_CHECK_EQ(SYSFILE_UNKNOWN, sysfile_look(dirfd, "f", -1));
}

ATF_TC_WITHOUT_HEAD(sysfile_exists__sees_any_kind_and_unknown_is_yes);
ATF_TC_BODY(sysfile_exists__sees_any_kind_and_unknown_is_yes, tc)
{
	int dirfd = open_dir();

	(void)make_file("f");
	ATF_REQUIRE(symlink("nowhere", "dangling") == 0);
	ATF_CHECK(sysfile_exists(dirfd, "f"));
	ATF_CHECK(sysfile_exists(dirfd, "dangling"));
	ATF_CHECK(!sysfile_exists(dirfd, "missing"));
	/* It cannot be looked at, so it must not be called free. */
	ATF_CHECK(sysfile_exists(-1, "f"));
	ATF_CHECK(sysfile_exists(dirfd, "f/below"));
}

ATF_TC_WITHOUT_HEAD(sysfile_start_writing__tells_no_hint_from_a_fault);
ATF_TC_BODY(sysfile_start_writing__tells_no_hint_from_a_fault, tc)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	int ends[2];

	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(4, write(fd, "text", 4));
	ATF_CHECK_EQ(0, sysfile_start_writing(fd, 0));
	ATF_CHECK_EQ(0, sysfile_start_writing(fd, 1U << 20));
	ATF_CHECK_EQ(0, sysfile_sync_data(fd));
	/* ESPIPE: what cannot be written behind is left alone. */
	ATF_REQUIRE_EQ(0, pipe(ends));
	ATF_CHECK_EQ(0, sysfile_start_writing(ends[1], 0));
	/* ENOSPC and EIO are tried by the crash tests. */
	ATF_CHECK_EQ(EBADF, sysfile_start_writing(-1, 0));
	ATF_CHECK_EQ(4, write(ends[1], "text", 4));
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, sysfile_lock__held_elsewhere_is_eagain);
	ATF_TP_ADD_TC(tp, sysfile_lock_byte__excludes_only_the_same_byte);
	ATF_TP_ADD_TC(tp, sysfile_lock__belongs_to_the_description);
	ATF_TP_ADD_TC(tp, sysfile_lock__read_only_descriptor_fails);
	ATF_TP_ADD_TC(tp, sysfile_lock_wait__gives_up_at_the_deadline);
	ATF_TP_ADD_TC(tp, sysfile_lock_wait__gets_it_when_it_is_free);
	ATF_TP_ADD_TC(tp, sysfile_sync__succeeds_and_reports_errno);
	ATF_TP_ADD_TC(tp, sysfile_rename_new__moves_the_name);
	ATF_TP_ADD_TC(tp, sysfile_rename_new__never_goes_over_anything);
	ATF_TP_ADD_TC(tp, sysfile_rename__missing_source_fails);
	ATF_TP_ADD_TC(tp,
	    sysfile_rename__error_report_is_checked_by_the_names);
	ATF_TP_ADD_TC(tp, sysfile_rename_over__replaces_a_file);
	ATF_TP_ADD_TC(tp, sysfile_remove__gone_already_is_success);
	ATF_TP_ADD_TC(tp, sysfile_remove__takes_the_link_not_its_target);
	ATF_TP_ADD_TC(tp, sysfile_remove__directory_is_an_error_and_stays);
	ATF_TP_ADD_TC(tp, sysfile_is__compares_inodes_and_follows_no_link);
	ATF_TP_ADD_TC(tp, sysfile_look__tells_absent_from_unknown);
	ATF_TP_ADD_TC(tp, sysfile_exists__sees_any_kind_and_unknown_is_yes);
	ATF_TP_ADD_TC(tp, sysfile_start_writing__tells_no_hint_from_a_fault);
	return (atf_no_error());
}
