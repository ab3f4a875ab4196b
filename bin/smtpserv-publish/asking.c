/* SPDX-License-Identifier: ISC */
#include "asking.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "program/program.h"
#include "sys/sysio.h"

enum {
	PATH_SIZE = 256,
	CODE_NOT_FOUND = 127
};

/* The child.  Whose PATH is cron's does not have what root runs. */
static void
become(const char *const *argv, int to)
{
	char *copy[ASKING_WORDS_MAX + 1] = { NULL };
	char path[PATH_SIZE];
	struct buf other;
	int null = open("/dev/null", O_RDWR);
	size_t n;

	/* execvp(3) changes nothing, but its prototype does not say so. */
	for (n = 0; n < ASKING_WORDS_MAX && argv[n] != NULL; n++)
		memcpy(&copy[n], &argv[n], sizeof(copy[n]));
	if (n == 0 || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(to, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(XC_TEMP);
	program_reset_signals();
	/* For what it starts to end with it. */
	(void)setpgid(0, 0);
	(void)execvp(copy[0], copy);
	buf_init(&other, path, sizeof(path));
	if (buf_printf(&other, "/usr/sbin/%s", copy[0]) &&
	    buf_cstr(&other) != NULL)
		(void)execv(path, copy);
	_exit(CODE_NOT_FOUND);
}

void
asking_begin(struct asking *a)
{
	int ends[2];

	a->n = 0;
	a->fd = -1;
	a->pid = -1;
	a->code = XC_TEMP;
	a->why = NULL;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		a->why = strerror(errno);
		return;
	}
	a->pid = fork();
	if (a->pid == 0)
		become(a->argv, ends[1]);
	if (a->pid < 0)
		a->why = strerror(errno);
	(void)close(ends[1]);
	a->fd = ends[0];
}

static const char *
hear(struct asking *a, int64_t until_ms)
{
	size_t got;

	while (a->n < sizeof(a->text))
		switch (sysio_read(a->fd, a->text + a->n,
		    sizeof(a->text) - a->n, &got, until_ms, NULL)) {
		case SYSIO_OK:
			a->n += got;
			break;
		case SYSIO_EOF:
			return (NULL);
		case SYSIO_TIMEOUT:
			return ("it does not end");
		case SYSIO_SIGNAL:
		case SYSIO_FAILED:
			return (strerror(errno));
		}
	return ("it prints too much");
}

void
asking_end(struct asking *a, int64_t until_ms)
{
	int status = 0;

	if (a->pid > 0) {
		a->why = hear(a, until_ms);
		/* It may be gone, or have had no time to get its own group. */
		if (a->why != NULL && kill(-a->pid, SIGKILL) != 0)
			(void)kill(a->pid, SIGKILL);
		while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		if (WIFEXITED(status))
			a->code = WEXITSTATUS(status);
	}
	if (a->why == NULL && a->code == CODE_NOT_FOUND)
		a->why = "it cannot be run";
	if (a->fd >= 0)
		(void)close(a->fd);
}
