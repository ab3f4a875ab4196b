/* SPDX-License-Identifier: ISC */
#include "deliver/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "deliver/environ.h"
#include "deliver/family.h"
#include "deliver/rights.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* Octets of output that are kept, and how many are too many. */
	KEPT = 300,
	FLOOD = 1 << 20,
	/* The time that a process left by the command has to end. */
	GRACE_MS = 1000,
	/* The exit code of a child that did not get as far as the program. */
	NOT_RUN = 126,
	NOT_FOUND = 127
};

struct run {
	pid_t pid;
	int output; /* what the command prints comes out here */
	int term;   /* readable once the worker is gone */
	bool is_over;
	int status; /* as of wait(2), if over */
	uint64_t printed;
	size_t kept;
	char text[KEPT + 1];
};

/* Exit codes that say more than `not now`. */
static const struct verdict {
	int code;
	enum outcome_kind kind;
	const char *status;
	const char *text;
} VERDICTS[] = {
	{ 0, OUTCOME_DELIVERED, "2.0.0", "delivered" },
	{ 99, OUTCOME_DELIVERED, "2.0.0", "delivered, and nothing else" },
	{ 65, OUTCOME_FAILED, "5.6.0", "the message is not acceptable" },
	{ 67, OUTCOME_FAILED, "5.1.1", "no such user" },
	{ 68, OUTCOME_FAILED, "5.1.2", "no such host" },
	{ 69, OUTCOME_FAILED, "5.3.0", "service unavailable" },
	{ 76, OUTCOME_FAILED, "5.5.0", "protocol error" },
	{ 77, OUTCOME_FAILED, "5.7.1", "permission denied" },
	{ 100, OUTCOME_FAILED, "5.3.0", "refused" },
	{ 112, OUTCOME_FAILED, "5.3.0", "refused" },
	{ NOT_RUN, OUTCOME_TRY_AGAIN, "4.3.5", "the program cannot be run" },
	{ NOT_FOUND, OUTCOME_TRY_AGAIN, "4.3.5", "the program is not there" },
};

void
command_verdict(
    int code, bool has_left, const char *output, struct outcome *out)
{
	struct verdict v = { code, OUTCOME_TRY_AGAIN, "4.3.0",
		"temporary failure" };
	const char *colon = output[0] == '\0' ? "" : ": ";
	const char *left =
	    has_left ? ", and the processes it left behind were ended" : "";
	size_t i;

	for (i = 0; i < ARRAY_LEN(VERDICTS); i++)
		if (VERDICTS[i].code == code)
			v = VERDICTS[i];
	if (v.kind == OUTCOME_DELIVERED)
		outcome_set(out, v.kind, v.status, "%s%s%s%s", v.text, left,
		    colon, output);
	else
		outcome_set(out, v.kind, v.status,
		    "command: %s (exit %d)%s%s%s", v.text, code, left, colon,
		    output);
	out->is_last = code == 99;
}

static bool
put_variable(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	return ((value == NULL ? unsetenv(name) : setenv(name, value, 1)) == 0);
}

/* The user that we are; programs for delivery look for these. */
static void
set_user(const struct rights *rights)
{
	const struct passwd *user = rights->is_given
	    ? getpwnam(rights->user.name)
	    : getpwuid(geteuid());

	if (user == NULL)
		return;
	/* They may keep what they have: nothing depends on it here. */
	(void)setenv("USER", user->pw_name, 1);
	(void)setenv("LOGNAME", user->pw_name, 1);
	(void)setenv("HOME", user->pw_dir, 1);
}

/* The child's complaint goes where the command's would. */
_Noreturn static void
give_up(int code, const char *what)
{
	(void)dprintf(
	    STDERR_FILENO, "unable to run %s: %s", what, strerror(errno));
	_exit(code);
}

_Noreturn static void
become(const struct delivery *d, const struct rights *rights,
    char *const argv[], int output)
{
	sigset_t none;
	int err;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)setsid();
	if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0)
		_exit(NOT_RUN);
	err = rights_take(rights);
	if (err != 0) {
		errno = err;
		give_up(NOT_RUN, rights->user.name);
	}
	/*
	 * Should the agent be killed, its command is not to go on alone.  This
	 * is lost with a change of the user.
	 */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lseek(d->txt_fd, 0, SEEK_SET) < 0 ||
	    dup2(d->txt_fd, STDIN_FILENO) < 0)
		give_up(NOT_RUN, argv[0]);
	set_user(rights);
	if (!environ_make(d, time(NULL), put_variable, NULL))
		give_up(NOT_RUN, argv[0]);
	(void)execvp(argv[0], argv);
	err = errno;
	give_up(err == ENOENT ? NOT_FOUND : NOT_RUN, argv[0]);
}

static bool
start(const struct delivery *d, const struct rights *rights, char *const argv[],
    struct run *r, struct outcome *out)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		outcome_untried(out, "make", "a pipe", errno);
		return (false);
	}
	/* The command's end is to block, as programs expect. */
	if (fcntl(ends[1], F_SETFL, 0) != 0 || (r->pid = fork()) < 0) {
		outcome_untried(out, "start", "a process", errno);
		(void)close(ends[0]);
		(void)close(ends[1]);
		return (false);
	}
	if (r->pid == 0)
		become(d, rights, argv, ends[1]);
	(void)close(ends[1]);
	r->output = ends[0];
	return (true);
}

/* Read its output so far; false: no more will come. */
static bool
take_output(struct run *r)
{
	for (;;) {
		char store[4096];
		ssize_t n = read(r->output, store, sizeof(store));
		size_t keep;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (n < 0 && errno == EAGAIN);
		r->printed += (uint64_t)n;
		keep = (size_t)n < KEPT - r->kept ? (size_t)n : KEPT - r->kept;
		memcpy(r->text + r->kept, store, keep);
		r->kept += keep;
		if (r->printed > FLOOD)
			return (true);
	}
}

/* NULs would end it, and white space at the end says nothing. */
static void
end_output(struct run *r)
{
	size_t i;

	for (i = 0; i < r->kept; i++)
		if (r->text[i] == '\0')
			r->text[i] = '?';
	while (r->kept > 0 &&
	    (r->text[r->kept - 1] == '\n' || r->text[r->kept - 1] == '\r' ||
		r->text[r->kept - 1] == ' '))
		r->kept--;
	r->text[r->kept] = '\0';
}

static const char TOO_LONG[] = "it ran too long";

/* Wait until it is over.  NULL, or why we stopped waiting. */
static const char *
attend(struct run *r, int64_t until_ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0U);
	struct pollfd fds[] = { { pidfd, POLLIN, 0 }, { r->output, POLLIN, 0 },
		{ r->term, POLLIN, 0 } };
	const char *why = NULL;

	if (pidfd < 0)
		return ("the kernel has no pidfd_open");
	while (!r->is_over && why == NULL) {
		int64_t left = until_ms == SYSCLOCK_NEVER
		    ? 60000
		    : until_ms - sysclock_ms();

		if (left <= 0)
			why = TOO_LONG;
		else if (poll(fds, ARRAY_LEN(fds),
			     left < 60000 ? (int)left : 60000) < 0 &&
		    errno != EINTR)
			why = "unable to wait for it";
		if (fds[1].fd >= 0 && !take_output(r))
			fds[1].fd = -1;
		if (r->printed > FLOOD)
			why = "it printed without end";
		if ((fds[2].revents & POLLIN) != 0)
			why = "it outlived the worker";
		if (waitpid(r->pid, &r->status, WNOHANG) == r->pid)
			r->is_over = true;
	}
	(void)close(pidfd);
	return (why);
}

static void
judge(const struct run *r, const char *why, bool has_left, struct outcome *out)
{
	const char *colon = r->text[0] == '\0' ? "" : ": ";

	if (why != NULL)
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "command: %s and was killed%s%s", why, colon, r->text);
	else if (WIFSIGNALED(r->status))
		outcome_set(out, OUTCOME_TRY_AGAIN, "4.3.0",
		    "command: killed by signal %d%s%s", WTERMSIG(r->status),
		    colon, r->text);
	else
		command_verdict(WEXITSTATUS(r->status), has_left, r->text, out);
	/* If it took too long, there is no use to run it for others now. */
	out->is_down = why == TOO_LONG;
}

void
command_deliver(const struct delivery *d, struct bytes user, char *const argv[],
    struct outcome *out)
{
	struct rights rights;
	struct run r = { .is_over = false };
	bool has_left = false;
	const char *why;
	sigset_t term;

	if (!rights_find(d, user, &rights, out))
		return;
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	r.term = signalfd(-1, &term, SFD_CLOEXEC | SFD_NONBLOCK);
	/* The worker's death is not to be ours before we have cleaned up. */
	if (r.term < 0 || sigprocmask(SIG_BLOCK, &term, NULL) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || !family_adopt()) {
		outcome_fault(out, "4.3.0", "look after", "processes", errno);
		return;
	}
	if (!start(d, &rights, argv, &r, out))
		return;
	why = attend(&r, d->until_ms);
	if (why == NULL)
		has_left = !family_end_group(r.pid, GRACE_MS);
	else
		family_kill(r.pid);
	if (r.printed <= FLOOD)
		(void)take_output(&r);
	(void)close(r.output);
	(void)close(r.term);
	end_output(&r);
	judge(&r, why, has_left, out);
}
