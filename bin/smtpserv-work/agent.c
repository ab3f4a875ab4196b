/* SPDX-License-Identifier: ISC */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sysio.h"

/* The agent's whole life. */
_Noreturn static void
live(agent_work_fn *work, void *ctx, int fd, pid_t worker)
{
	struct outcome out;
	struct bytes answer = { (const char *)&out, sizeof(out) };
	sigset_t none;

	/* A terminal's ^C is for the worker, which lets us finish. */
	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* What nobody is there to record must not go on. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(1);
	outcome_set(&out, OUTCOME_TRY_AGAIN, "4.3.0", "nothing was done");
	work(ctx, &out);
	_exit(sysio_write_file(fd, answer) == SYSIO_OK ? 0 : 1);
}

bool
agent_start(struct agent *a, agent_work_fn *work, void *work_ctx,
    agent_close_fn *close_others, void *close_ctx)
{
	pid_t worker = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return (false);
	a->pid = fork();
	if (a->pid == 0) {
		close_others(close_ctx);
		(void)close(ends[0]);
		live(work, work_ctx, ends[1], worker);
	}
	(void)close(ends[1]);
	if (a->pid < 0) {
		int err = errno;

		(void)close(ends[0]);
		errno = err;
		return (false);
	}
	a->fd = ends[0];
	return (true);
}

/* Whole, or the agent has not got that far, and *out is nothing. */
static bool
read_outcome(int fd, struct outcome *out)
{
	char *at = (char *)out;
	size_t n = 0;

	while (n < sizeof(*out)) {
		ssize_t got = read(fd, at + n, sizeof(*out) - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return (false);
		n += (size_t)got;
	}
	return (true);
}

void
agent_end(struct agent *a, struct outcome *out)
{
	bool has_said = read_outcome(a->fd, out);
	int status = 0;
	pid_t pid;

	(void)close(a->fd);
	do
		pid = waitpid(a->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	a->fd = -1;
	a->pid = 0;
	if (has_said)
		return;
	if (pid > 0 && WIFSIGNALED(status))
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "the delivery was killed by signal %d", WTERMSIG(status));
	else
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "the delivery ended without a result");
}
