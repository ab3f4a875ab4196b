/* SPDX-License-Identifier: ISC */
#include "tether.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Until its end: what asks us to stop is meant for it. */
static void
attend(pid_t pid, const sigset_t *waiting)
{
	struct pollfd end = { (int)syscall(SYS_pidfd_open, pid, 0U), POLLIN,
		0 };

	/* On a kernel that has no such thing it goes on without us. */
	if (end.fd < 0)
		(void)sigprocmask(SIG_SETMASK, waiting, NULL);
	while (
	    end.fd >= 0 && ppoll(&end, 1, NULL, waiting) < 0 && errno == EINTR)
		/* We have its user's rights still. */
		(void)kill(pid, SIGTERM);
}

/* As the child ended. */
static void
end_by(int sig)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(sig, SIG_DFL);
	/* It cannot fail, and is not ignored any more. */
	(void)raise(sig);
}

pid_t
tether_begin(const sigset_t *waiting, int *code)
{
	pid_t parent = getpid();
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return (-1);
	if (pid == 0)
		return (parent);
	attend(pid, waiting);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (-1);
	if (WIFSIGNALED(status))
		end_by(WTERMSIG(status));
	*code = WEXITSTATUS(status);
	return (0);
}

void
tether_fasten(pid_t parent)
{
	/* If it is dead already, nobody else will say so.  We can be told. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		(void)raise(SIGTERM);
}
