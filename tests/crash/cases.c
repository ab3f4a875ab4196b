/* SPDX-License-Identifier: ISC */
#include "cases.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "faults.h"
#include "run.h"

/* A consumer takes the message only once its command has been run. */
static void
check_consumer(struct world *w, const struct script *s, const struct state *now)
{
	if (s->consumed != 0 && strcmp(s->tool[0], "claim") == 0 &&
	    state_message(now, s->consumed, ".WRK") == NULL &&
	    access(w->done, F_OK) != 0)
		violation(w, now, "%lu.WRK is gone, and nobody got it",
		    (unsigned long)s->consumed);
}

/* Nothing that was written may be trusted then, so the session must end. */
static void
check_end(struct world *w, const struct trace *t)
{
	bool is_broken = false;
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct trace_call *c = &t->call[i];

		if ((c->nr == SYS_fsync || c->nr == SYS_fdatasync) &&
		    c->ret < 0 && c->ret != -EINTR)
			is_broken = true;
		if (is_broken && c->data != NULL && c->arg[0] == 1 &&
		    strstr(c->data, "250 2.0.0 A") != NULL)
			violation(w, NULL,
			    "it accepts a message after a failed sync");
	}
}

/* Invariant 6, for qmail-queue's callers: 11 to 40 refuse for good. */
static void
check_exit(struct world *w, const struct script *s, const struct trace *t)
{
	int code = WIFEXITED(t->status) ? WEXITSTATUS(t->status) : 0;

	if (s->envelope != NULL && code >= 11 && code <= 40)
		violation(w, NULL, "a local fault is answered %d", code);
}

/* One run with one fault, and all that can be said of it. */
static void
try_fault(struct world *w, const struct script *s, const struct trace_fault *f,
    bool cuts)
{
	static struct run r;
	struct trace *t = &w->trace;
	struct state now;

	if (f != NULL)
		run_describe(w, s, f, &run_clean_calls[f->at]);
	run_start(&r, w, s, NULL, f);
	run_finish(w);
	w->scratch.used = 0;
	run_replay(&r, cuts);
	state_load(&now, w->spoolfd, &w->scratch);
	run_check_model(&r, &now);
	check_consumer(w, s, &now);
	check_state(w, &r.oracle, &now, false, 1);
	check_replies(w, &r.oracle);
	check_exit(w, s, t);
	check_end(w, t);
	if (f != NULL &&
	    (f->how == TRACE_KILL_BEFORE || f->how == TRACE_KILL_AFTER))
		return;
	if (s->tool == NULL ||
	    (s->cleans && WIFEXITED(t->status) && WEXITSTATUS(t->status) == 0))
		check_rest(w, &r.oracle, &now,
		    f == NULL || f->how == TRACE_LATE || f->at >= t->n
			? NULL
			: &t->call[f->at],
		    f == NULL ? 0 : f->err);
}

size_t
cases_first(struct world *w, const struct script *s)
{
	return (run_first_call(s, run_clean(w, s)));
}

void
cases_kill(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	for (i = run_first_call(s, n); i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		/* The names are of the clean run; its paths are gone. */
		run_clean_calls[i].path = NULL;
		try_fault(w, s, &f, false);
		f.how = TRACE_KILL_AFTER;
		try_fault(w, s, &f, false);
	}
}

/* To qmail-queue an earlier end of file is a shorter message. */
static bool
is_another_message(const struct script *s, const struct trace_call *c,
    const struct trace_fault *f)
{
	return (s->envelope != NULL && c->nr == SYS_read && c->arg[0] == 0 &&
	    f->how == TRACE_FAIL && f->err == 0);
}

void
cases_fail(struct world *w, const struct script *s)
{
	struct trace_fault list[FAULTS_MAX];
	size_t n = run_clean(w, s);
	size_t i;
	size_t j;

	for (i = run_first_call(s, n); i < n; i++) {
		size_t nfault = faults_of(&run_clean_calls[i], i, list);

		run_clean_calls[i].path = NULL;
		for (j = 0; j < nfault; j++)
			if (!is_another_message(
				s, &run_clean_calls[i], &list[j]))
				try_fault(w, s, &list[j], true);
	}
}

void
cases_power(struct world *w, const struct script *s)
{
	(void)run_clean(w, s);
	try_fault(w, s, NULL, true);
}
