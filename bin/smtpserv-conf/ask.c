/* SPDX-License-Identifier: ISC */
#include "ask.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/sysio.h"

enum {
	WORDS_MAX = 16
};

/* The child: what it says goes into the pipe. */
static void
run(const char *const *argv, int fd, int to)
{
	char *copy[WORDS_MAX + 1] = { NULL };
	size_t n = 0;

	/* execv(3) changes nothing, but its prototype does not say so. */
	while (n < WORDS_MAX && argv[n] != NULL)
		n++;
	memcpy(copy, argv, n * sizeof(copy[0]));
	if (dup2(to, fd) >= 0 && copy[0] != NULL)
		(void)execv(copy[0], copy);
	_exit(XC_TEMP);
}

int
ask_program(const char *const *argv, int fd, char *said, size_t cap)
{
	int status = 0;
	int ends[2];
	size_t n = 0;
	pid_t pid;

	said[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) != 0)
		return (XC_TEMP);
	pid = fork();
	if (pid == 0)
		run(argv, fd, ends[1]);
	(void)close(ends[1]);
	/* More than there is room for is cut, and its writer not held up. */
	(void)sysio_read_file(ends[0], said, cap - 1, &n);
	said[n] = '\0';
	(void)close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (XC_TEMP);
	return (pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP);
}

const char *
ask_field(char *line, const char *name)
{
	char *at = strstr(line, name);

	if (at == NULL)
		return (NULL);
	at += strlen(name);
	if (*at == '"')
		at[1 + strcspn(at + 1, "\"\n")] = '\0';
	else
		at[strcspn(at, " \n")] = '\0';
	return (*at == '"' ? at + 1 : at);
}
