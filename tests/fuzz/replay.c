/* SPDX-License-Identifier: ISC */
/*
 * replay: the fuzz targets without a fuzzer, for any compiler.
 *
 * Runs every file named on the command line, and every file in directories
 * named there, through LLVMFuzzerTestOneInput(), and prints how many that
 * were.  A target that finds something aborts; the last name printed is the
 * input's.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum {
	FILE_MAX = 1 << 20,
	NAME_SIZE = 4096
};

static void
fail(const char *name)
{
	perror(name);
	exit(1);
}

static void
replay_file(const char *name)
{
	static char store[FILE_MAX];
	FILE *f = fopen(name, "rb");
	uint8_t *copy;
	size_t n;

	if (f == NULL)
		fail(name);
	n = fread(store, 1, sizeof(store), f);
	if (ferror(f) || fclose(f) != 0)
		fail(name);
	/* Of its own size, so that a sanitizer sees a step too far. */
	copy = malloc(n > 0 ? n : 1);
	if (copy == NULL)
		fail(name);
	memcpy(copy, store, n);
	(void)fprintf(stderr, "%s\n", name);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t
replay(const char *name)
{
	char path[NAME_SIZE];
	struct dirent *entry;
	struct stat st;
	size_t count = 0;
	DIR *dir;

	if (stat(name, &st) != 0)
		fail(name);
	if (!S_ISDIR(st.st_mode)) {
		replay_file(name);
		return (1);
	}
	dir = opendir(name);
	if (dir == NULL)
		fail(name);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", name,
			entry->d_name) >= (int)sizeof(path))
			fail(name);
		count += replay(path);
	}
	(void)closedir(dir);
	return (count);
}

int
main(int argc, char **argv)
{
	size_t count = 0;
	int i;

	for (i = 1; i < argc; i++)
		count += replay(argv[i]);
	(void)printf("%zu inputs\n", count);
	return (count > 0 && fflush(stdout) == 0 ? 0 : 1);
}
