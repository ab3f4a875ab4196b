/* SPDX-License-Identifier: ISC */
#include "crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/logged.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "tally.h"
#include "worker.h"

enum {
	WORKERS_MAX = 100,
	/* One that dies at once does not make this process a busy one. */
	PAUSE_MS = 1000,
	STAT_MS = 1000,
	NEVER_MS = 60000
};

struct member {
	pid_t pid;      /* 0: it is to be started */
	int64_t due_ms; /* then */
};

struct state {
	const struct crew *crew;
	struct tally *tallies; /* one for each, shared with them */
	struct member members[WORKERS_MAX];
	size_t n;
	struct tally written;
	bool is_stopping;
	bool has_failed; /* to write the file, which was said */
};

static void
start(struct state *s, size_t i)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0) {
		/* It is tried again. */
		(void)logged_failure(s->crew->log, "fork", "");
		s->members[i].due_ms = sysclock_ms() + PAUSE_MS;
		return;
	}
	s->members[i].pid = pid;
	if (pid > 0)
		return;
	/* Nobody would replace it, or stop it, any more. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent)
		_exit(XC_TEMP);
	_exit(worker_run(s->crew, i, &s->tallies[i]));
}

static void
start_due(struct state *s)
{
	int64_t now_ms = sysclock_ms();
	size_t i;

	for (i = 0; i < s->n && !s->is_stopping; i++)
		if (s->members[i].pid == 0 && s->members[i].due_ms <= now_ms)
			start(s, i);
}

static void
log_death(const struct state *s, pid_t pid, int status)
{
	struct log_line line;

	log_begin(&line, s->crew->log, "died");
	log_number(&line, "worker", (uint64_t)pid);
	if (WIFSIGNALED(status))
		log_number(&line, "signal", (uint64_t)WTERMSIG(status));
	else
		log_number(&line, "code", (uint64_t)WEXITSTATUS(status));
	log_end(&line);
}

static void
reap(struct state *s)
{
	int status;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < s->n && s->members[i].pid != pid; i++)
			continue;
		if (i == s->n)
			continue;
		if (!s->is_stopping || !WIFEXITED(status))
			log_death(s, pid, status);
		s->members[i].pid = 0;
		s->members[i].due_ms = sysclock_ms() + PAUSE_MS;
	}
}

static void
tell_all(const struct state *s, int sig)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->members[i].pid != 0)
			/* One that has just died is reaped later. */
			(void)kill(s->members[i].pid, sig);
}

static bool
are_all_gone(const struct state *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->members[i].pid != 0)
			return (false);
	return (true);
}

static void
write_stat(struct state *s)
{
	const char *path = s->crew->settings->amqp.stat;
	char store[TALLY_TEXT_MAX];
	struct tally sum;
	struct buf out;
	bool good;

	if (path[0] == '\0')
		return;
	tally_sum(&sum, s->tallies, s->n);
	if (memcmp(&sum, &s->written, sizeof(sum)) == 0)
		return;
	buf_init(&out, store, sizeof(store));
	tally_put(&sum, s->n, &out);
	good = sysfile_replace(path, buf_view(&out));
	if (!good && !s->has_failed)
		/* The messages matter more. */
		(void)logged_failure(s->crew->log, "write", path);
	s->has_failed = !good;
	s->written = sum;
}

/* How long nothing is to be done, unless a signal comes. */
static int64_t
idle_ms(const struct state *s)
{
	int64_t now_ms = sysclock_ms();
	int64_t ms =
	    s->crew->settings->amqp.stat[0] != '\0' ? STAT_MS : NEVER_MS;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->members[i].pid == 0 && !s->is_stopping &&
		    s->members[i].due_ms - now_ms < ms)
			ms = s->members[i].due_ms - now_ms;
	return (ms > 0 ? ms : 0);
}

static void
wait_a_while(const struct state *s)
{
	int64_t ms = idle_ms(s);
	struct timespec span = { ms / 1000, (ms % 1000) * 1000000 };

	/* A signal ends it, and is seen by what it has set. */
	(void)ppoll(NULL, 0, &span, s->crew->waiting);
}

static int
lead(struct state *s)
{
	const struct crew *crew = s->crew;

	for (;;) {
		reap(s);
		if (*crew->is_stopped != 0 && !s->is_stopping) {
			s->is_stopping = true;
			tell_all(s, SIGTERM);
		}
		if (*crew->is_renewed != 0) {
			*crew->is_renewed = 0;
			tell_all(s, SIGHUP);
		}
		start_due(s);
		write_stat(s);
		if (s->is_stopping && are_all_gone(s))
			return (XC_OK);
		wait_a_while(s);
	}
}

int
crew_run(const struct crew *crew)
{
	static struct state s;
	size_t size;

	s = (struct state){ .crew = crew, .n = crew->settings->amqp.workers };
	size = s.n * sizeof(*s.tallies);
	s.tallies = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.tallies == MAP_FAILED)
		return (logged_failure(crew->log, "share memory", ""));
	/* A file of zeros tells that it is there. */
	memset(&s.written, 1, sizeof(s.written));
	return (lead(&s));
}
