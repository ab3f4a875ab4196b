/* SPDX-License-Identifier: ISC */
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/program.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"

enum {
	/* Above all descriptors that a program is promised. */
	SPARE = 16,
	/* Milliseconds between two looks at a program that takes its time. */
	PAUSE_MAX = 16
};

/* In the new process: the descriptors, then the program. */
static _Noreturn void
become(const char *path, char *const *argv, const struct helper_fd *fds,
    size_t n, pid_t parent)
{
	int spare[HELPER_FDS_MAX];
	int keep[HELPER_FDS_MAX];
	size_t nkeep = 0;
	/* What is not given to it is not what we read from. */
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool good;
	size_t i;

	program_reset_signals();
	/* It fails only if the parent failed first, in the same way. */
	(void)setpgid(0, 0);
	/* If the parent is gone already, nobody would end us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(XC_TEMP);
	/* First out of the way of the descriptors that they become. */
	for (i = 0; i < n; i++)
		spare[i] = fcntl(fds[i].ours, F_DUPFD_CLOEXEC, SPARE);
	good = null >= 0 && dup2(null, STDIN_FILENO) == STDIN_FILENO;
	for (i = 0; i < n && good; i++) {
		good = spare[i] >= 0 &&
		    dup2(spare[i], fds[i].theirs) == fds[i].theirs;
		if (fds[i].theirs > STDERR_FILENO)
			keep[nkeep++] = fds[i].theirs;
	}
	sysfd_close_others(keep, nkeep);
	if (good)
		(void)execv(path, argv);
	_exit(XC_TEMP);
}

pid_t
helper_start(
    const char *path, char *const *argv, const struct helper_fd *fds, size_t n)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
		become(path, argv, fds, n, parent);
	if (pid > 0)
		/* Both do it, whoever comes first; it may be over already. */
		(void)setpgid(pid, pid);
	return (pid);
}

void
helper_kill(pid_t pid)
{
	if (pid <= 0)
		return;
	/* Its children, if it has any; itself is below. */
	(void)kill(-pid, SIGKILL);
	/* It is not waited for yet, so it is there. */
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

bool
helper_wait(pid_t pid, int64_t until_ms, int *code)
{
	unsigned int pause_ms = 1;
	int status = 0;
	pid_t got;

	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			break;
		if (sysclock_ms() >= until_ms) {
			helper_kill(pid);
			return (false);
		}
		sysclock_sleep_ms(pause_ms);
		if (pause_ms < PAUSE_MAX)
			pause_ms *= 2;
	}
	*code = got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP;
	return (got == pid && WIFEXITED(status));
}
