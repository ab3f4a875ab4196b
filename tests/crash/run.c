/* SPDX-License-Identifier: ISC */
#include "run.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"
#include "faults.h"

enum {
	/* Every so many states the programs themselves, not the library. */
	REAL_EVERY = 64
};

/* A copy: the calls of the clean run are gone when the next is made. */
struct trace_call run_clean_calls[TRACE_CALLS];

void
run_describe(struct world *w, const struct script *s,
    const struct trace_fault *f, const struct trace_call *c)
{
	int n = snprintf(w->where, sizeof(w->where), "script %s", s->name);

	if (f != NULL && n > 0)
		n += snprintf(w->where + n, sizeof(w->where) - (size_t)n,
		    ", call %zu (%s%s%s) %s", f->at, faults_call_name(c->nr),
		    c->path == NULL ? "" : " ", c->path == NULL ? "" : c->path,
		    faults_how_name(f->how));
	if (f != NULL && f->count > 0)
		n += snprintf(w->where + n, sizeof(w->where) - (size_t)n,
		    " at byte %zu", f->count);
	if (f != NULL && f->err > 0)
		(void)snprintf(w->where + n, sizeof(w->where) - (size_t)n,
		    ": %s", strerror(f->err));
}

void
run_start(struct run *r, struct world *w, const struct script *s,
    const struct state *from, const struct trace_fault *f)
{
	world_start(w, s, from, f, &w->trace);
	r->w = w;
	r->script = s;
	oracle_init(&r->oracle, w, s, from);
	model_init(&r->model, w->spool, from == NULL ? &r->oracle.before : from,
	    &w->run);
	r->model.atomic = w->one;
}

void
run_finish(struct world *w)
{
	(void)trace_go(&w->trace);
	if (w->trace.hung)
		violation(w, NULL, "it hangs");
}

size_t
run_clean(struct world *w, const struct script *s)
{
	struct trace *t = &w->trace;
	struct oracle o;
	struct state now;
	size_t i;

	w->scratch.used = 0;
	run_describe(w, s, NULL, NULL);
	world_start(w, s, NULL, NULL, t);
	oracle_init(&o, w, s, NULL);
	run_finish(w);
	for (i = 0; i < t->n; i++)
		oracle_feed(&o, &t->call[i]);
	if (o.acked.n != s->accepted || !WIFEXITED(t->status) ||
	    WEXITSTATUS(t->status) != s->exits)
		violation(w, NULL,
		    "a run without faults accepts %zu messages "
		    "and has status %#x",
		    o.acked.n, (unsigned int)t->status);
	state_load(&now, w->spoolfd, &w->scratch);
	for (i = 0; i < o.acked.n && s->body[0] != NULL; i++)
		if (i >= SCRIPT_BODIES || s->body[i] == NULL ||
		    !oracle_is_message(&o, &now, o.acked.list[i], i))
			violation(w, &now, "%lu is not message %zu",
			    (unsigned long)o.acked.list[i], i);
	memcpy(run_clean_calls, t->call, t->n * sizeof(t->call[0]));
	return (t->n);
}

/*
 * The start-up is the same in all sessions: two scripts try it, one with a
 * file and one with a socket.  For the others, the call that greets.  And so
 * with the queues, of which one tries what comes before the first read.
 */
size_t
run_first_call(const struct script *s, size_t n)
{
	size_t i;

	if (s->tool != NULL || s == &SCRIPTS[0] || s == &SCRIPTS[1] ||
	    strcmp(s->name, "queue") == 0)
		return (0);
	for (i = 0; i < n; i++)
		if (run_clean_calls[i].nr == SYS_sendto ||
		    (run_clean_calls[i].nr == SYS_read &&
			run_clean_calls[i].arg[0] == 0))
			return (i);
	return (0);
}

static void
visit_cut(void *ctx, const struct state *s)
{
	struct run *r = ctx;

	if (r->at_cut != NULL)
		r->at_cut(r, s);
	check_state(r->w, &r->oracle, s, true, REAL_EVERY);
}

uint64_t
run_hash(const struct run *r)
{
	const struct model *m = &r->model;
	uint64_t h =
	    state_hash_bytes(3, r->script->name, strlen(r->script->name));
	size_t i;
	size_t j;

	h = state_hash_bytes(
	    h, r->oracle.acked.list, r->oracle.acked.n * sizeof(uint32_t));
	h = state_hash_bytes(
	    h, r->oracle.visible.list, r->oracle.visible.n * sizeof(uint32_t));
	h = state_hash_bytes(
	    h, m->durable, m->ndurable * sizeof(m->durable[0]));
	h = state_hash_bytes(h, m->edit, m->nedit * sizeof(m->edit[0]));
	for (i = 0; i < m->ninode; i++)
		for (j = 0; j < m->inode[i].n; j++)
			h = state_hash_bytes(h, m->inode[i].version[j].p,
			    m->inode[i].version[j].n);
	return (h);
}

/*
 * Who gives a message up removes its CMD last: until then a cleaner sees whose
 * the other files are.  Unless one of them could not be removed.
 */
static void
check_order(struct run *r, const struct trace *t, size_t at)
{
	const struct trace_call *c = &t->call[at];
	struct state now;
	const struct state_file *txt;
	const char *suffix;
	uint32_t n;
	size_t i;

	if (c->nr != SYS_unlinkat || !c->made || c->real != 0 ||
	    (n = state_number(c->path, &suffix)) == 0 ||
	    (strcmp(suffix, ".CMD") != 0 &&
		(r->script->tool != NULL || !state_is_mark(suffix))))
		return;
	for (i = 0; i < at; i++)
		if (t->call[i].nr == SYS_unlinkat && t->call[i].real != 0)
			return;
	model_now(&r->model, &now);
	/* What was there before is another's, who has the number. */
	txt = state_message(&now, n, ".TXT");
	if (txt == NULL)
		txt = state_message(&now, n, ".TMP");
	if (txt != NULL && state_message(&now, n, ".WRK") == NULL &&
	    state_find(&r->oracle.before, txt->name) == NULL)
		violation(r->w, &now, "%s is removed first", c->path);
}

void
run_replay(struct run *r, bool cuts)
{
	const struct trace *t = &r->w->trace;
	size_t base = strlen(r->w->where);
	bool changed = true;
	size_t i;

	for (i = 0; i <= t->n; i++) {
		size_t known = r->oracle.acked.n + r->oracle.visible.n;

		if (cuts && changed && seen_add(&r->w->models, run_hash(r))) {
			(void)snprintf(r->w->where + base,
			    sizeof(r->w->where) - base,
			    "; power cut before call %zu (%s)", i,
			    i == t->n ? "end"
				      : faults_call_name(t->call[i].nr));
			model_states(&r->model, &r->w->scratch, visit_cut, r);
			r->w->where[base] = '\0';
		}
		if (i == t->n)
			break;
		oracle_feed(&r->oracle, &t->call[i]);
		changed = model_feed(&r->model, &t->call[i]);
		check_order(r, t, i);
		if (r->oracle.acked.n + r->oracle.visible.n != known)
			changed = true;
	}
}

void
run_check_model(struct run *r, const struct state *now)
{
	struct state by_model;

	model_now(&r->model, &by_model);
	if (!state_equal(&by_model, now)) {
		(void)printf("the model says:\n");
		state_print(&by_model);
		violation(r->w, now, "the model is wrong");
	}
}
