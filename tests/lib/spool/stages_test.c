/* SPDX-License-Identifier: ISC */
#include "spool/stages.h"

#include <atf-c.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/base.h"

static struct stages
find(const char *dir)
{
	struct stages s;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	stages_find(fd, &s);
	(void)close(fd);
	ATF_CHECK(s.why != NULL && s.why[0] != '\0');
	return (s);
}

ATF_TC_WITHOUT_HEAD(stages_find__in_doubt_there_are_two);
ATF_TC_BODY(stages_find__in_doubt_there_are_two, tc)
{
	struct stages s = find("/proc");

	ATF_CHECK(!s.is_one);
	ATF_CHECK(!s.is_shared);
	ATF_CHECK(strstr(s.why, "not known") != NULL);
	/* No directory at all. */
	stages_find(-1, &s);
	ATF_CHECK(!s.is_one);
}

/* What it is here depends on where the tests run; it must be what is known. */
ATF_TC_WITHOUT_HEAD(stages_find__one_only_where_the_file_system_is_known);
ATF_TC_BODY(stages_find__one_only_where_the_file_system_is_known, tc)
{
	struct stages s = find(".");
	struct statfs fs;

	ATF_REQUIRE(statfs(".", &fs) == 0);
	switch ((unsigned int)fs.f_type) {
	case 0x58465342U:
	case 0x9123683EU:
	case 0x2FC12FC1U:
		ATF_CHECK(s.is_one);
		break;
	case 0xEF53U:
		ATF_CHECK(strstr(s.why, "ext4") != NULL);
		ATF_CHECK_EQ(s.is_one, strstr(s.why, "atomically") != NULL);
		break;
	default:
		ATF_CHECK(!s.is_one);
	}
}

/* One only where nobody else uses it, and where it is known. */
ATF_TC_WITHOUT_HEAD(stages_of_kind__shared_ones_have_two);
ATF_TC_BODY(stages_of_kind__shared_ones_have_two, tc)
{
	static const unsigned int shared[] = {
		NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC,
		CIFS_SUPER_MAGIC, CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC,
		AFS_FS_MAGIC, V9FS_MAGIC, OCFS2_SUPER_MAGIC, FUSE_SUPER_MAGIC,
		0x01161970U /* gfs2 */
	};
	static const unsigned int doubtful[] = { 0, TMPFS_MAGIC,
		OVERLAYFS_SUPER_MAGIC, MSDOS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
		EXT4_SUPER_MAGIC };
	struct stages s;
	size_t i;

	for (i = 0; i < ARRAY_LEN(shared); i++) {
		stages_of_kind(shared[i], &s);
		ATF_CHECK_MSG(!s.is_one && s.is_shared, "%#x", shared[i]);
		ATF_CHECK(strstr(s.why, "not known") != NULL);
	}
	for (i = 0; i < ARRAY_LEN(doubtful); i++) {
		stages_of_kind(doubtful[i], &s);
		ATF_CHECK_MSG(!s.is_one && !s.is_shared, "%#x", doubtful[i]);
	}
	stages_of_kind(XFS_SUPER_MAGIC, &s);
	ATF_CHECK(s.is_one && !s.is_shared);
	ATF_CHECK_STREQ("xfs renames atomically", s.why);
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, stages_of_kind__shared_ones_have_two);
	ATF_TP_ADD_TC(tp, stages_find__in_doubt_there_are_two);
	ATF_TP_ADD_TC(tp, stages_find__one_only_where_the_file_system_is_known);
	return (atf_no_error());
}
