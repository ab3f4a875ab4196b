/* SPDX-License-Identifier: ISC */
/*
 * slowfs: a disk whose cache flush takes time, and which can be cut.
 *
 *     slowfs IMAGE DIR MICROSECONDS [LOG]
 *
 * Serves by FUSE, in the foreground, two files in DIR: disk, the bytes of
 * IMAGE, on which a loop device can stand; and count, how many flushes and
 * writes there were.  A flush takes so many microseconds, one at a time, as
 * in a device.
 *
 * With LOG each write is recorded, in order, with what was written, and each
 * flush, so that disks.py of tests/crash can make the image that a power cut at any moment
 * would have left.  A record is a line, "w OFFSET LENGTH" and then the bytes,
 * or "f".
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct {
	int image;
	FILE *log; /* or NULL */
	struct timespec delay;
	unsigned long flushes;
	unsigned long writes;
} disk;

static bool
is_disk(const char *path)
{
	return (strcmp(path, "/disk") == 0);
}

static bool
is_count(const char *path)
{
	return (strcmp(path, "/count") == 0);
}

static int
get_attributes(
    const char *path, struct stat *st, struct fuse_file_info *open_file)
{
	struct stat image;

	(void)open_file;
	*st = (struct stat){ .st_mode = S_IFREG | 0600, .st_nlink = 1 };
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0700;
		st->st_nlink = 2;
	} else if (is_disk(path)) {
		if (fstat(disk.image, &image) != 0)
			return (-errno);
		st->st_size = image.st_size;
	} else if (!is_count(path)) {
		return (-ENOENT);
	}
	return (0);
}

static int
open_file(const char *path, struct fuse_file_info *file)
{
	/* Its length is not known before it is read. */
	file->direct_io = is_count(path);
	return (is_disk(path) || is_count(path) ? 0 : -ENOENT);
}

static int
read_count(char *to, size_t n, off_t at)
{
	char text[64];
	int length = snprintf(text, sizeof(text), "%lu flushes %lu writes\n",
	    disk.flushes, disk.writes);

	if (at >= length)
		return (0);
	if (n > (size_t)(length - at))
		n = (size_t)(length - at);
	memcpy(to, text + at, n);
	return ((int)n);
}

static int
read_file(const char *path, char *to, size_t n, off_t at,
    struct fuse_file_info *file)
{
	ssize_t got;

	(void)file;
	if (is_count(path))
		return (read_count(to, n, at));
	got = pread(disk.image, to, n, at);
	return (got < 0 ? -errno : (int)got);
}

/* A record that is not whole would make wrong images: rather none at all. */
static void
record(const void *bytes, size_t n)
{
	if (n > 0 && fwrite(bytes, n, 1, disk.log) != 1) {
		perror("slowfs: log");
		exit(1);
	}
}

static void
record_write(const char *from, size_t n, off_t at)
{
	char line[64];

	record(line,
	    (size_t)snprintf(line, sizeof(line), "w %lld %zu\n",
		(long long)at, n));
	record(from, n);
}

static int
write_file(const char *path, const char *from, size_t n, off_t at,
    struct fuse_file_info *file)
{
	ssize_t done;

	(void)path;
	(void)file;
	done = pwrite(disk.image, from, n, at);
	if (done < 0)
		return (-errno);
	disk.writes++;
	if (disk.log != NULL)
		record_write(from, (size_t)done, at);
	return ((int)done);
}

static int
flush_disk(const char *path, int is_data_only, struct fuse_file_info *file)
{
	(void)path;
	(void)is_data_only;
	(void)file;
	while (nanosleep(&disk.delay, NULL) != 0 && errno == EINTR)
		continue;
	disk.flushes++;
	if (disk.log != NULL) {
		record("f\n", 2);
		if (fflush(disk.log) != 0)
			return (-EIO);
	}
	return (0);
}

static const struct fuse_operations OPERATIONS = {
	.getattr = get_attributes,
	.open = open_file,
	.read = read_file,
	.write = write_file,
	.fsync = flush_disk,
};

int
main(int argc, char **argv)
{
	/* One thread, so that flushes wait for each other. */
	static char foreground[] = "-f";
	static char single[] = "-s";
	char *fuse_argv[] = { argv[0], foreground, single,
		argc > 2 ? argv[2] : NULL, NULL };
	long delay;

	if (argc != 4 && argc != 5) {
		fputs("usage: slowfs IMAGE DIR MICROSECONDS [LOG]\n", stderr);
		return (2);
	}
	delay = strtol(argv[3], NULL, 10);
	disk.delay = (struct timespec){ .tv_sec = delay / 1000000,
		.tv_nsec = delay % 1000000 * 1000 };
	disk.image = open(argv[1], O_RDWR | O_CLOEXEC);
	if (disk.image < 0) {
		perror(argv[1]);
		return (1);
	}
	if (argc == 5 && (disk.log = fopen(argv[4], "wb")) == NULL) {
		perror(argv[4]);
		return (1);
	}
	return (fuse_main(4, fuse_argv, &OPERATIONS, NULL));
}
