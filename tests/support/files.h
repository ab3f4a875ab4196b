/* SPDX-License-Identifier: ISC */
/*
 * files: the directory of a test case, and files in it.
 */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include <atf-c.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static inline int
open_dir(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (fd);
}

static inline void
write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ATF_REQUIRE_MSG(fd >= 0, "%s", name);
	ATF_REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	ATF_REQUIRE(close(fd) == 0);
}

#endif
