/* SPDX-License-Identifier: ISC */
#include "spool/stages.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/base.h"
#include "bytes/buf.h"

#define EXT_MAGIC 0xEF53U

enum {
	PATH_BYTES = 512
};

#define ATOMIC(name)    name " renames atomically"
#define NOT_KNOWN(name) name " is not known to rename atomically"

/*
 * By the numbers of statfs(2).  Of a file system that is not here it is not
 * known whether other hosts use it, so after each boot's first number the
 * directory is searched: only slower where they do.
 */
static const struct {
	unsigned int magic;
	bool is_one;
	bool is_shared;
	const char *why;
} KINDS[] = {
	{ 0x58465342U, true, false, ATOMIC("xfs") },
	{ 0x9123683EU, true, false, ATOMIC("btrfs") },
	{ 0x2FC12FC1U, true, false, ATOMIC("zfs") },
	/* Of networks, and of clusters that share a disk. */
	{ 0x6969U, false, true, NOT_KNOWN("NFS") },
	{ 0x517BU, false, true, NOT_KNOWN("SMB") },
	{ 0xFF534D42U, false, true, NOT_KNOWN("CIFS") },
	{ 0xFE534D42U, false, true, NOT_KNOWN("SMB") },
	{ 0x00C36400U, false, true, NOT_KNOWN("Ceph") },
	{ 0x5346414FU, false, true, NOT_KNOWN("AFS") },
	{ 0x6B414653U, false, true, NOT_KNOWN("AFS") },
	{ 0x01021997U, false, true, NOT_KNOWN("9p") },
	{ 0x01161970U, false, true, NOT_KNOWN("gfs2") },
	{ 0x7461636FU, false, true, NOT_KNOWN("ocfs2") },
	{ 0x0BD00BD0U, false, true, NOT_KNOWN("Lustre") },
	{ 0x47504653U, false, true, NOT_KNOWN("GPFS") },
	{ 0x20030528U, false, true, NOT_KNOWN("OrangeFS") },
	{ 0x786F4256U, false, true, NOT_KNOWN("a shared folder") },
	/* Gluster and virtiofs are among these. */
	{ 0x65735546U, false, true, NOT_KNOWN("FUSE") },
};

/*
 * The kernel's name of the disk: the link in /sys/dev/block points to a path,
 * and its last part is the name.
 */
static const char *
name_of_disk(dev_t dev, char store[PATH_BYTES])
{
	char link[64];
	struct buf b;
	const char *slash;
	ssize_t n;

	buf_init(&b, link, sizeof(link));
	(void)buf_printf(&b, "/sys/dev/block/%u:%u", major(dev), minor(dev));
	n = readlink(buf_cstr(&b), store, PATH_BYTES - 1);
	if (n <= 0)
		return (NULL);
	store[n] = '\0';
	slash = strrchr(store, '/');
	return (slash == NULL ? NULL : slash + 1);
}

/*
 * ext4's driver serves ext2 and an ext4 without a journal, too.  It gives the
 * number of the task that writes the journal, or says <none>.
 */
static void
find_journal(int dirfd, struct stages *s)
{
	char store[PATH_BYTES];
	char path[PATH_BYTES + 64];
	char first = '\0';
	struct stat st;
	const char *disk;
	struct buf b;
	int fd;

	s->why = "of ext4's journal nothing is known";
	if (fstat(dirfd, &st) != 0 ||
	    (disk = name_of_disk(st.st_dev, store)) == NULL)
		return;
	buf_init(&b, path, sizeof(path));
	(void)buf_printf(&b, "/sys/fs/ext4/%s/journal_task", disk);
	if (buf_cstr(&b) == NULL)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (read(fd, &first, 1) == 1) {
		s->is_one = first >= '0' && first <= '9';
		s->why = s->is_one ? "ext4's journal renames atomically"
				   : "ext4 has no journal here";
	}
	(void)close(fd);
}

void
stages_of_kind(unsigned int magic, struct stages *s)
{
	size_t i;

	*s = (struct stages){ .why = NOT_KNOWN(
				  "the file system") " over a power cut" };
	for (i = 0; i < ARRAY_LEN(KINDS); i++)
		if (magic == KINDS[i].magic)
			*s = (struct stages){ KINDS[i].is_one, KINDS[i].why,
				KINDS[i].is_shared };
}

void
stages_find(int dirfd, struct stages *s)
{
	struct statfs fs;

	stages_of_kind(0, s);
#ifdef STAGES_BY_FILE
	/* For tests that try both on any file system. */
	if (faccessat(dirfd, "../one-stage", F_OK, 0) == 0)
		*s = (struct stages){ .is_one = true, .why = "a test says so" };
	return;
#endif
	if (fstatfs(dirfd, &fs) != 0)
		return;
	stages_of_kind((unsigned int)fs.f_type, s);
	if ((unsigned int)fs.f_type == EXT_MAGIC)
		find_journal(dirfd, s);
}
