/* SPDX-License-Identifier: ISC */
#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "program/problem.h"
#include "service/service.h"
#include "sys/sysio.h"

enum {
	PATH_SIZE = 4096
};

static int
save(const struct program *self, const char *dir, const char *name, mode_t mode,
    struct bytes text)
{
	char path[PATH_SIZE];
	char part[PATH_SIZE + 8];
	struct fault why;
	bool is_good;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
	    (int)sizeof(path))
		return (problem_fail(self, XC_PERM, "%s: too long", dir));
	(void)snprintf(part, sizeof(part), "%s.new", path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	is_good = fd >= 0 && sysio_write_file(fd, text) == SYSIO_OK;
	if (fd >= 0 && close(fd) != 0)
		is_good = false;
	if (is_good && rename(part, path) == 0)
		return (XC_OK);
	(void)fault_set(&why, "make", path, errno);
	if (fd >= 0)
		(void)unlink(part); /* it was ours */
	return (problem_fault(self, &why));
}

/* The second unit begins at the comment with its name. */
static int
save_units(const struct program *self, const char *dir, const char *name,
    const char *text)
{
	char socket[256];
	char service[256];
	char begin[256 + 4];
	const char *second;
	int code;

	(void)snprintf(socket, sizeof(socket), "%s.socket", name);
	(void)snprintf(service, sizeof(service), "%s@.service", name);
	(void)snprintf(begin, sizeof(begin), "\n# %s\n", service);
	second = strstr(text, begin);
	if (second == NULL)
		return (problem_fail(self, XC_PERM, "no %s", service));
	second++;
	code = save(self, dir, socket, 0644,
	    (struct bytes){ text, (size_t)(second - text) });
	return (code == XC_OK ? save(self, dir, service, 0644, bytes_of(second))
			      : code);
}

int
entry_save(const struct program *self, const char *dir, const char *kind,
    const char *name, const char *text)
{
	int code;

	if (strcmp(kind, "systemd") == 0)
		return (save_units(self, dir, name, text));
	if (strcmp(kind, "xinetd") == 0)
		return (save(self, dir, name, 0644, bytes_of(text)));
	if (strcmp(kind, "inetd") == 0)
		return (problem_fail(self, XC_PERM,
		    "inetd has one file for all: add the lines to it"));
	code = save(self, dir, "run", 0755, bytes_of(text));
	if (code == XC_OK && strcmp(kind, "s6") == 0)
		code =
		    save(self, dir, "finish", 0755, bytes_of(SERVICE_FINISH));
	return (code);
}

void
entry_hint(const struct program *self, const char *kind)
{
	struct stat st;

	if (strcmp(kind, "s6") != 0 && strcmp(kind, "tcpserver") != 0)
		return;
	if (fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & S_IXUSR) == 0)
		problem_say(self,
		    "the file is a script: chmod +x it; or let `service -d "
		    "DIRECTORY %s' make it",
		    kind);
}
