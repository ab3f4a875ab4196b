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

/* A line of its own, beside those of outcome.h. */
#define SYNCING "syncing"

/* The agent's whole life. */
_Noreturn static void
live(agent_work_fn *work, void *ctx, int fd, pid_t worker)
{
	sigset_t none;

	/* A terminal's ^C is for the worker, which lets us finish. */
	(void)setsid();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* If the worker dies, nobody records the outcome: die with it. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != worker)
		_exit(1);
	work(ctx, fd);
	_exit(0);
}

bool
agent_tell(int fd, size_t which, const struct outcome *out)
{
	char store[OUTCOME_LINE_MAX];
	struct buf line;

	buf_init(&line, store, sizeof(store));
	return (outcome_print(out, which, &line) &&
	    sysio_write_file(fd, buf_view(&line)) == SYSIO_OK);
}

bool
agent_tell_done(int fd, size_t which, const struct done *done)
{
	char store[OUTCOME_LINE_MAX];
	struct buf line;

	buf_init(&line, store, sizeof(store));
	return (outcome_print_done(done, which, &line) &&
	    sysio_write_file(fd, buf_view(&line)) == SYSIO_OK);
}

bool
agent_tell_syncing(int fd)
{
	return (sysio_write_file(fd, bytes_of(SYNCING "\n")) == SYSIO_OK);
}

/* Marks an outcome not told yet; a real one never has such a status. */
static const struct outcome UNTOLD = { .kind = OUTCOME_TRY_AGAIN };

bool
agent_start(struct agent *a, struct outcome *outs, size_t n,
    agent_work_fn *work, agent_close_fn *close_others, void *ctx)
{
	pid_t worker = getpid();
	int ends[2];
	size_t i;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return (false);
	a->pid = fork();
	if (a->pid == 0) {
		close_others(ctx);
		(void)close(ends[0]);
		live(work, ctx, ends[1], worker);
	}
	(void)close(ends[1]);
	if (a->pid < 0) {
		int err = errno;

		(void)close(ends[0]);
		errno = err;
		return (false);
	}
	a->fd = ends[0];
	a->outs = outs;
	a->n = n;
	a->left = n;
	a->line_n = 0;
	a->is_long = false;
	a->is_syncing = false;
	for (i = 0; i < n; i++)
		outs[i] = UNTOLD;
	return (true);
}

static bool
is_told(const struct outcome *out)
{
	return (out->status[0] != '\0');
}

/* A line, without its end; one that says nothing new is ignored. */
static void
take_line(struct agent *a, struct bytes line)
{
	struct outcome out;
	size_t which;

	if (bytes_same(line, bytes_of(SYNCING)))
		a->is_syncing = true;
	if (!outcome_parse(line, &which, &out) || which >= a->n ||
	    is_told(&a->outs[which]))
		return;
	/* Instructions carried out stay so, whatever comes of the rest. */
	if (!out.is_part)
		memcpy(out.done, a->outs[which].done, sizeof(out.done));
	else
		memcpy(a->outs[which].done, out.done, sizeof(out.done));
	if (out.is_part)
		return;
	a->outs[which] = out;
	a->left--;
}

static void
take_byte(struct agent *a, char c)
{
	if (c != '\n' && a->line_n < sizeof(a->line)) {
		a->line[a->line_n++] = c;
		return;
	}
	if (c != '\n') {
		a->is_long = true;
		return;
	}
	if (!a->is_long)
		take_line(a, (struct bytes){ a->line, a->line_n });
	a->line_n = 0;
	a->is_long = false;
}

bool
agent_hear(struct agent *a)
{
	char store[4 * OUTCOME_LINE_MAX];
	ssize_t got = read(a->fd, store, sizeof(store));
	ssize_t i;

	if (got < 0 && errno == EINTR)
		return (false);
	for (i = 0; i < got; i++)
		take_byte(a, store[i]);
	return (got <= 0 || a->left == 0);
}

void
agent_end(struct agent *a)
{
	struct outcome silence;
	int status = 0;
	size_t i;
	pid_t pid;

	(void)close(a->fd);
	do
		pid = waitpid(a->pid, &status, 0);
	while (pid < 0 && errno == EINTR);
	a->fd = -1;
	a->pid = 0;
	a->is_syncing = false;
	if (pid > 0 && WIFSIGNALED(status))
		outcome_set(&silence, OUTCOME_TRY_AGAIN, "4.3.0",
		    "the delivery was killed by signal %d", WTERMSIG(status));
	else
		outcome_set(&silence, OUTCOME_TRY_AGAIN, "4.3.0",
		    "the delivery ended without a result");
	for (i = 0; i < a->n; i++)
		if (!is_told(&a->outs[i])) {
			memcpy(silence.done, a->outs[i].done,
			    sizeof(silence.done));
			a->outs[i] = silence;
		}
}
