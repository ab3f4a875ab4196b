/* SPDX-License-Identifier: ISC */
/*
 * smtp.queue: the session, its broker and the program that the broker runs are
 * each killed, and fail, at every system call.  What is in the spool when all
 * have ended is what the client was told.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "faults.h"

enum whom {
	SESSION,
	BROKER,
	QUEUE
};

static const char *const WHOM[] = { "session", "broker", "queue" };

/* A run, and what its client heard. */
struct
try {
	struct world *w;
	const struct script *script;
	char conf[192];
	char heard[8192];
	int out;
};

static void
start(struct try *y, const struct trace_fault *f)
{
	struct world *w = y->w;
	const char *argv[] = { w->session, "-f", y->conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trace_command command = { argv, world_input(y->script->input),
		memfd_create("output", MFD_CLOEXEC), null };
	struct state before;

	w->runs++;
	w->always.used = w->run.used = w->scratch.used = 0;
	world_before(w, y->script, &before);
	state_store(&before, w->spoolfd);
	trace_start(&w->trace, &command, f, &w->run);
	y->out = command.out;
	(void)close(command.in);
	(void)close(null);
}

/* All that it has brought to life have ended, too. */
static void
finish(struct try *y)
{
	ssize_t n;

	(void)trace_go(&y->w->trace);
	if (y->w->trace.hung)
		violation(y->w, NULL, "it hangs");
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
	n = pread(y->out, y->heard, sizeof(y->heard) - 1, 0);
	y->heard[n < 0 ? 0 : n] = '\0';
	(void)close(y->out);
}

/* The session's trace is below the queue's. */
static bool
is_message(const struct state *s, uint32_t n, const char *body)
{
	static const char head[] =
	    "Received: by gnat.example.test (smtpserv-queue, uid ";
	const struct state_file *wrk = state_message(s, n, ".WRK");
	const struct state_file *txt = state_message(s, n, ".TXT");
	size_t tail = strlen(body);

	return (wrk != NULL && txt != NULL &&
	    wrk->n == strlen(SCRIPT_ENVELOPE) &&
	    memcmp(wrk->p, SCRIPT_ENVELOPE, wrk->n) == 0 &&
	    txt->n > strlen(head) + tail &&
	    memcmp(txt->p, head, strlen(head)) == 0 &&
	    strstr(txt->p, "\nReceived: from maggot by ") != NULL &&
	    txt->p[txt->n - tail - 1] == '\n' &&
	    memcmp(txt->p + txt->n - tail, body, tail) == 0);
}

static size_t
count(const struct try *y, const struct state *s, const char *body)
{
	size_t found = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const char *suffix;
		uint32_t n = state_number(s->file[i].name, &suffix);

		if (n == 0 || strcmp(suffix, ".WRK") != 0)
			continue;
		if (!is_message(s, n, y->script->body[0]) &&
		    !is_message(s, n, y->script->body[1]))
			violation(y->w, s, "%lu.WRK is not a whole message",
			    (unsigned long)n);
		if (is_message(s, n, body))
			found++;
	}
	return (found);
}

/* The reply to each text, and what is there of it.  How many are accepted? */
static size_t
judge(struct try *y)
{
	const char *at = y->heard;
	struct state now;
	size_t accepted = 0;
	size_t i;

	state_load(&now, y->w->spoolfd, &y->w->scratch);
	for (i = 0; i < SCRIPT_BODIES; i++) {
		size_t there = count(y, &now, y->script->body[i]);

		at = at == NULL ? NULL : strstr(at, "\r\n354 ");
		at = at == NULL ? NULL : strstr(at + 2, "\r\n");
		if (there > 1)
			violation(y->w, &now, "message %zu is there twice", i);
		if (at == NULL)
			continue;
		if (at[2] == '2' && there == 0)
			violation(y->w, &now,
			    "message %zu was answered 250 and is not there", i);
		if (at[2] == '5')
			violation(y->w, &now, "a local fault is answered %.60s",
			    at + 2);
		accepted += at[2] == '2';
	}
	y->w->checked_states++;
	return (accepted);
}

static size_t
try_fault(struct try *y, enum whom whom, const struct trace_fault *f,
    const struct trace_call *c)
{
	struct trace_fault g = *f;

	(void)snprintf(y->w->where, sizeof(y->w->where),
	    "the %s's call %zu (%s) %s%s%s", WHOM[whom], f->at,
	    c == NULL ? "none" : faults_call_name(c->nr),
	    faults_how_name(f->how), f->err > 0 ? ": " : "",
	    f->err > 0 ? strerror(f->err) : "");
	g.generation = (unsigned int)whom;
	g.only = c == NULL || f->how == TRACE_FROM ? 0 : c->nr + 1;
	start(y, &g);
	finish(y);
	return (judge(y));
}

/* Before the greeting nothing of a message is there. */
static size_t
first_call(enum whom whom, const struct trace_call *call, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((whom == SESSION && call[i].nr == SYS_sendto) ||
		    (whom == BROKER && call[i].nr == SYS_recvfrom) ||
		    (whom == QUEUE && call[i].nr == SYS_read &&
			call[i].arg[0] == 0))
			return (i);
	return (0);
}

/* To the queue's program an earlier end of file is a shorter message. */
static bool
is_another_message(
    enum whom whom, const struct trace_call *c, const struct trace_fault *f)
{
	return (whom == QUEUE && c->nr == SYS_read && c->arg[0] == 0 &&
	    f->how == TRACE_FAIL && f->err == 0);
}

static void
try_all(struct try *y, enum whom whom)
{
	static struct trace_call clean[TRACE_CALLS];
	struct trace_fault none = { .how = TRACE_NOTHING };
	struct trace_fault list[FAULTS_MAX + 2];
	size_t calls;
	size_t i;
	size_t j;

	if (try_fault(y, whom, &none, NULL) != y->script->accepted)
		violation(y->w, NULL, "without faults not all is accepted: %s",
		    y->heard);
	calls = y->w->trace.n;
	memcpy(clean, y->w->trace.call, calls * sizeof(clean[0]));
	for (i = first_call(whom, clean, calls); i < calls; i++) {
		size_t n = faults_of(&clean[i], i, list);

		list[n++] =
		    (struct trace_fault){ .how = TRACE_KILL_BEFORE, .at = i };
		list[n++] =
		    (struct trace_fault){ .how = TRACE_KILL_AFTER, .at = i };
		for (j = 0; j < n; j++)
			if (!is_another_message(whom, &clean[i], &list[j]))
				(void)try_fault(y, whom, &list[j], &clean[i]);
	}
}

void
queued(struct world *w)
{
	static struct try y;
	char *queue = realpath(w->queue, NULL);
	char more[512];

	if (queue == NULL)
		die("%s: %s", w->queue, strerror(errno));
	y.w = w;
	y.script = script_find("two");
	(void)snprintf(y.conf, sizeof(y.conf), "%s/queued.cfg", w->dir);
	(void)snprintf(more, sizeof(more),
	    "smtp.queue = \"%s -f %s\"\nsmtp.programtime = 5\n", queue,
	    w->spool_conf);
	free(queue);
	world_conf(w->spool_conf, w->spool, NULL);
	world_conf(y.conf, w->spool, more);
	/* One whose parent is gone becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
		die("PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
	try_all(&y, SESSION);
	try_all(&y, BROKER);
	try_all(&y, QUEUE);
	(void)unlink(y.conf);
}
