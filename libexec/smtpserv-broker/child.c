/* SPDX-License-Identifier: ISC */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "program/program.h"
#include "sys/sysclock.h"

enum {
	WORDS_MAX = 32,
	COMMAND_MAX = 1024,
	/* Above all descriptors that a program is promised. */
	SPARE = 16,
	/* qmail's programs exit with this when they cannot exec. */
	CANNOT_EXEC = 120,
	/* Where a program has the whole envelope; and of how many octets. */
	WHOLE = 5,
	WHOLE_MAX = 32 << 20
};

#define WHOLE_VARIABLE "SMTPSERV_ENVELOPE"

/* The words of a command line, each with its NUL, in store. */
static bool
split(const char *command, const char *last, char *store, char **argv)
{
	struct buf words;
	size_t n = 0;
	char *at = store;
	char *end;

	buf_init(&words, store, COMMAND_MAX);
	(void)buf_puts(&words, command);
	(void)buf_putc(&words, ' ');
	(void)buf_puts(&words, last == NULL ? "" : last);
	if (buf_cstr(&words) == NULL)
		return (false);
	for (end = store + buf_view(&words).n; at < end;) {
		if (n == WORDS_MAX)
			return (false);
		while (*at == ' ' || *at == '\t')
			*at++ = '\0';
		if (*at == '\0')
			break;
		argv[n++] = at;
		while (*at != ' ' && *at != '\t' && *at != '\0')
			at++;
	}
	argv[n] = NULL;
	/* There is no directory that another path would be relative to. */
	return (n > 0 && argv[0][0] == '/');
}

/* fd becomes `to`, and survives exec. */
static bool
move(int fd, int to)
{
	return (fd >= 0 && dup2(fd, to) == to);
}

/* Whoever has started us may have said otherwise. */
static bool
say_whole(bool is_there)
{
	return ((is_there ? setenv(WHOLE_VARIABLE, "5", 1)
			  : unsetenv(WHOLE_VARIABLE)) == 0);
}

/* In the new process: the descriptors, then the program. */
static _Noreturn void
become(
    const struct child *c, const int *ends, int null, char **argv, pid_t parent)
{
	int spare[CHILD_PIPES];
	int whole;
	bool good = true;
	size_t i;

	program_reset_signals();
	/* It fails only if the parent failed first, in the same way. */
	(void)setpgid(0, 0);
	/* If the parent is gone already, nobody would end us. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(CANNOT_EXEC);
	/*
	 * First move them out of the way of the descriptors that they become.
	 */
	null = fcntl(null, F_DUPFD_CLOEXEC, SPARE);
	whole = fcntl(c->whole, F_DUPFD_CLOEXEC, SPARE);
	for (i = 0; i < CHILD_PIPES; i++)
		spare[i] = c->pipe[i].theirs < 0
		    ? -1
		    : fcntl(ends[i], F_DUPFD_CLOEXEC, SPARE);
	good = move(null, STDIN_FILENO) && move(null, STDOUT_FILENO);
	for (i = 0; i < CHILD_PIPES && good; i++)
		if (c->pipe[i].theirs >= 0)
			good = move(spare[i], c->pipe[i].theirs);
	if (c->gets_whole)
		good = good && move(whole, WHOLE);
	if (good && say_whole(c->gets_whole))
		(void)execv(argv[0], argv);
	_exit(CANNOT_EXEC);
}

/* Our ends; *ends are the program's. */
static bool
open_pipes(struct child *c, int *ends)
{
	size_t i;

	for (i = 0; i < CHILD_PIPES; i++)
		c->pipe[i].ours = ends[i] = -1;
	for (i = 0; i < CHILD_PIPES; i++) {
		struct child_pipe *p = &c->pipe[i];
		int fds[2];

		if (p->theirs < 0)
			continue;
		if (pipe2(fds, O_CLOEXEC) != 0)
			return (false);
		p->ours = fds[p->is_report ? 0 : 1];
		ends[i] = fds[p->is_report ? 1 : 0];
		/* So that no program can keep us longer than it may. */
		if (fcntl(p->ours, F_SETFL, O_NONBLOCK) != 0)
			return (false);
	}
	return (true);
}

void
child_close(struct child_pipe *pipe)
{
	if (pipe->ours >= 0)
		(void)close(pipe->ours);
	pipe->ours = -1;
}

static void
close_all(struct child *c)
{
	size_t i;

	if (c->whole >= 0)
		(void)close(c->whole);
	c->whole = -1;
	for (i = 0; i < CHILD_PIPES; i++)
		child_close(&c->pipe[i]);
}

void
child_start(struct child *c, const char *command, const char *last, int session)
{
	char *argv[WORDS_MAX + 1];
	char store[COMMAND_MAX];
	int ends[CHILD_PIPES];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t parent = getpid();
	size_t i;

	c->pid = -1;
	c->session = session;
	c->whole = -1;
	c->nwhole = 0;
	c->nsaid = 0;
	c->is_unread = false;
	c->is_given_up = false;
	c->is_hung = false;
	if (c->gets_whole)
		c->whole = memfd_create("envelope", MFD_CLOEXEC);
	if (open_pipes(c, ends) && null >= 0 &&
	    c->gets_whole == (c->whole >= 0) &&
	    split(command, last, store, argv))
		c->pid = fork();
	if (c->pid == 0)
		become(c, ends, null, argv, parent);
	for (i = 0; i < CHILD_PIPES; i++)
		if (ends[i] >= 0)
			(void)close(ends[i]);
	if (null >= 0)
		(void)close(null);
	c->is_ended = c->pid < 0;
	c->code = BROKER_NO_PROCESS;
	if (c->is_ended)
		close_all(c);
	else
		/*
		 * Parent and child both do it, whoever comes first; it may have
		 * ended already.
		 */
		(void)setpgid(c->pid, c->pid);
}

/* Read more of its words; the first part is kept. */
static void
read_report(struct child *c, struct child_pipe *pipe)
{
	char text[BROKER_SAID_MAX];
	ssize_t n;

	while ((n = read(pipe->ours, text, sizeof(text))) > 0) {
		size_t i;

		for (i = 0; i < (size_t)n && c->nsaid < sizeof(c->said); i++)
			c->said[c->nsaid++] = text[i];
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		child_close(pipe);
}

static void
read_reports(struct child *c)
{
	size_t i;

	for (i = 0; i < CHILD_PIPES; i++)
		if (c->pipe[i].is_report && c->pipe[i].ours >= 0)
			read_report(c, &c->pipe[i]);
}

/* Has it ended?  Only then is the code what it is. */
static void
reap(struct child *c, int flags)
{
	int status;

	if (c->is_ended || waitpid(c->pid, &status, flags) != c->pid)
		return;
	c->is_ended = true;
	if (c->is_hung)
		c->code = BROKER_HUNG;
	else if (WIFEXITED(status))
		c->code = (unsigned int)WEXITSTATUS(status);
	else
		c->code = BROKER_CRASHED;
}

static void
end_now(struct child *c)
{
	if (c->is_ended)
		return;
	c->is_hung = true;
	/* Its children, if it has any; itself is below. */
	(void)kill(-c->pid, SIGKILL);
	if (kill(c->pid, SIGKILL) != 0) {
		/* It runs as another user now: it has to end by itself. */
		c->is_ended = true;
		c->code = BROKER_HUNG;
	}
	while (!c->is_ended)
		reap(c, 0);
}

static void
timespec_until(struct timespec *left, int64_t until)
{
	int64_t ms = until - sysclock_ms();

	if (ms < 0)
		ms = 0;
	left->tv_sec = (time_t)(ms / 1000);
	left->tv_nsec = (long)(ms % 1000) * 1000000L;
}

/*
 * Until fd takes more, the program says something or ends, the session goes
 * away (true), or the deadline comes.
 */
static bool
wait_for(struct child *c, int fd, int64_t until)
{
	struct pollfd list[CHILD_PIPES + 2] = { { c->session, POLLRDHUP, 0 },
		{ fd, POLLOUT, 0 } };
	struct timespec left;
	sigset_t none;
	nfds_t n = 2;
	size_t i;

	for (i = 0; i < CHILD_PIPES; i++)
		if (c->pipe[i].is_report)
			list[n++] =
			    (struct pollfd){ c->pipe[i].ours, POLLIN, 0 };
	timespec_until(&left, until);
	(void)sigemptyset(&none);
	/* A signal is SIGCHLD, and so as good as an event. */
	if (ppoll(list, n, &left, &none) < 0)
		list[0].revents = 0;
	read_reports(c);
	return ((list[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0);
}

void
child_write(
    struct child *c, struct child_pipe *pipe, struct bytes text, int64_t until)
{
	while (text.n > 0 && !c->is_unread) {
		ssize_t n =
		    pipe->ours < 0 ? -1 : write(pipe->ours, text.p, text.n);

		if (n >= 0) {
			text = bytes_cut(text, (size_t)n, text.n);
			continue;
		}
		if (pipe->ours >= 0 && errno == EINTR)
			continue;
		if (pipe->ours < 0 || errno != EAGAIN) {
			/* Its exit code will say why. */
			c->is_unread = true;
			break;
		}
		if (sysclock_ms() >= until) {
			end_now(c);
			c->is_unread = true;
		} else if (wait_for(c, pipe->ours, until)) {
			/* It will not end by itself in time: give it up. */
			c->is_given_up = true;
			c->is_unread = true;
		}
	}
}

void
child_add_whole(struct child *c, struct bytes lines)
{
	while (lines.n > 0 && !c->is_unread && c->whole >= 0) {
		/* Its reader's position is the same as ours, and stays. */
		ssize_t n = c->nwhole > WHOLE_MAX
		    ? -1
		    : pwrite(c->whole, lines.p, lines.n, (off_t)c->nwhole);

		if (n >= 0) {
			c->nwhole += (size_t)n;
			lines = bytes_cut(lines, (size_t)n, lines.n);
		} else if (c->nwhole > WHOLE_MAX || errno != EINTR) {
			/* Then it does not get the rest either. */
			c->is_unread = true;
		}
	}
}

unsigned int
child_wait(struct child *c, int64_t until, bool with_session)
{
	size_t i;

	for (i = 0; i < CHILD_PIPES; i++)
		if (!c->pipe[i].is_report)
			child_close(&c->pipe[i]);
	for (;;) {
		reap(c, WNOHANG);
		if (c->is_ended)
			break;
		if (sysclock_ms() < until && wait_for(c, -1, until))
			c->is_given_up = with_session;
		if (sysclock_ms() >= until || c->is_given_up) {
			end_now(c);
			break;
		}
		/* A session that is gone would wake us all the time. */
		if (!with_session)
			c->session = -1;
	}
	read_reports(c);
	close_all(c);
	return (c->code);
}

void
child_idle(int session, int64_t until)
{
	struct pollfd gone = { session, POLLRDHUP, 0 };
	struct timespec left;
	int n;

	do {
		timespec_until(&left, until);
		n = ppoll(&gone, 1, &left, NULL);
	} while (n < 0 && errno == EINTR);
}
