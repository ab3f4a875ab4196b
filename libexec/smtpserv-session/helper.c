/* SPDX-License-Identifier: ISC */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/broker.h"
#include "bytes/buf.h"
#include "program/program.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

#define HELPER "smtpserv-broker"

enum {
	PATH_SIZE = 1024,
	ARGS_MAX = 9, /* with the NULL at the end */
	/* Milliseconds: more than the helper waits for a program given up. */
	END_WAIT = 8000
};

/* 0, or an errno. */
static int
spawn(pid_t *pid, const char *path, const char *const *argv, int fd)
{
	char *args[ARGS_MAX];
	posix_spawn_file_actions_t files;
	int err = posix_spawn_file_actions_init(&files);

	if (err != 0)
		return (err);
	/* Nothing writes to the strings, whatever the type says. */
	memcpy(args, argv, sizeof(args));
	err = posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	/* The helper must not hold the client's connection open. */
	if (err == 0)
		err = posix_spawn_file_actions_addopen(
		    &files, STDOUT_FILENO, "/dev/null", O_RDWR, 0);
	if (err == 0)
		err = posix_spawn(pid, path, &files, NULL, args, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	return (err);
}

static void
add(const char **argv, size_t *n, const char *option, const char *value)
{
	if (value[0] == '\0')
		return;
	argv[(*n)++] = option;
	argv[(*n)++] = value;
}

enum result
helper_start(
    struct helper *h, const struct helper_programs *p, struct fault *why)
{
	const char *argv[ARGS_MAX] = { HELPER };
	char path[PATH_SIZE];
	char seconds[16];
	struct buf number;
	size_t n = 1;
	int fds[2];
	int err;

	buf_init(&number, seconds, sizeof(seconds));
	(void)buf_put_number(&number, p->seconds);
	(void)buf_cstr(&number);
	add(argv, &n, "-a", p->auth);
	if (p->gives_whole)
		argv[n++] = "-e";
	add(argv, &n, "-q", p->queue);
	add(argv, &n, "-t", seconds);
	if (program_find(path, sizeof(path), 1, "/" HELPER, why) != RES_OK)
		return (fault_class(why));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		return (fault_set(why, "make a socket for", HELPER, errno));
	err = spawn(&h->pid, path, argv, fds[1]);
	(void)close(fds[1]);
	if (err == 0) {
		h->fd = fds[0];
		return (RES_OK);
	}
	(void)close(fds[0]);
	return (fault_set(why, "run", path, err));
}

void
helper_end(struct helper *h)
{
	enum sysio_status status = SYSIO_OK;
	char last[BROKER_RECORD_MAX];
	int64_t until;
	size_t got;

	if (h->fd < 0)
		return;
	until = sysclock_ms() + END_WAIT;
	/* Its end of the socket is closed when it ends. */
	(void)shutdown(h->fd, SHUT_WR);
	while (status == SYSIO_OK)
		status =
		    sysio_read(h->fd, last, sizeof(last), &got, until, NULL);
	(void)close(h->fd);
	h->fd = -1;
	/* A helper that hangs is left alone: it will see that we are gone. */
	if (status != SYSIO_TIMEOUT)
		(void)waitpid(h->pid, NULL, 0);
}
