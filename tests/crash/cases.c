/* SPDX-License-Identifier: ISC */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "faults.h"
#include "model.h"

enum {
	/* Every so many states the programs themselves, not the library. */
	REAL_EVERY = 64,
	/* States that are gathered for a second power cut, and of them tried. */
	AGAIN_MAX = 1024,
	AGAIN_TRIED = 20
};

/* States to start from once more, with what was known when they came about. */
struct again {
	struct state state;
	struct numbers acked;
	struct numbers visible;
	uint32_t floor;
};

struct gathering {
	struct arena arena;
	struct seen seen;
	size_t n;
	struct again list[AGAIN_MAX];
};

/* What one run is about, and what is known at a point of it. */
struct run {
	struct world *w;
	const struct script *script;
	struct oracle oracle;
	struct model model;
	struct gathering *gathering; /* or NULL */
};

/* A copy: the calls of the clean run are gone when the next is made. */
static struct trace_call clean_calls[TRACE_CALLS];

static void
describe(struct world *w, const struct script *s, const struct trace_fault *f,
    const struct trace_call *c)
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

static void
finish_run(struct world *w, struct trace *t)
{
	(void)trace_go(t);
	if (t->hung)
		violation(w, NULL, "it hangs");
}

/* The run in which nothing goes wrong, and the number of its calls. */
static size_t
run_clean(struct world *w, const struct script *s)
{
	struct trace *t = &w->trace;
	struct oracle o;
	struct state now;
	size_t i;

	w->scratch.used = 0;
	describe(w, s, NULL, NULL);
	world_start(w, s, NULL, NULL, t);
	oracle_init(&o, w, s, NULL);
	finish_run(w, t);
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
	memcpy(clean_calls, t->call, t->n * sizeof(t->call[0]));
	return (t->n);
}

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

/* What matters to the next session is the counter, and which names there are. */
static uint64_t
hash_for_next(const struct state *s)
{
	uint64_t h = 11;
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct state_file *f = &s->file[i];

		h = state_hash_bytes(h, f->name, strlen(f->name));
		if (strncmp(f->name, "sequence.", 9) == 0)
			h = state_hash_bytes(h, f->p, f->n);
	}
	return (h);
}

static void
gather(struct gathering *g, const struct run *r, const struct state *s)
{
	struct again *a = &g->list[g->n];
	size_t i;

	if (g->n == AGAIN_MAX || !seen_add(&g->seen, hash_for_next(s)))
		return;
	g->n++;
	a->state = *s;
	for (i = 0; i < s->n; i++)
		a->state.file[i].p =
		    arena_copy(&g->arena, s->file[i].p, s->file[i].n);
	a->acked = r->oracle.acked;
	a->visible = r->oracle.visible;
	a->floor = r->oracle.floor;
}

static void
visit_cut(void *ctx, const struct state *s)
{
	struct run *r = ctx;

	if (r->gathering != NULL)
		gather(r->gathering, r, s);
	check_state(r->w, &r->oracle, s, true, REAL_EVERY);
}

/* All that the states at this point depend on. */
static uint64_t
point_hash(const struct run *r)
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

/*
 * Go through the run's calls, as they were: what the world has seen of it in
 * the end, and what a power cut leaves at each point.
 */
static void
replay(struct run *r, const struct trace *t, bool cuts)
{
	size_t base = strlen(r->w->where);
	bool changed = true;
	size_t i;

	for (i = 0; i <= t->n; i++) {
		size_t known = r->oracle.acked.n + r->oracle.visible.n;

		if (cuts && changed && seen_add(&r->w->models, point_hash(r))) {
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

/* The model must agree with the directory, or the states are fiction. */
static void
check_model(struct run *r, const struct state *now)
{
	struct state by_model;

	model_now(&r->model, &by_model);
	if (!state_equal(&by_model, now)) {
		(void)printf("the model says:\n");
		state_print(&by_model);
		violation(r->w, now, "the model is wrong");
	}
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
		describe(w, s, f, &clean_calls[f->at]);
	world_start(w, s, NULL, f, t);
	r.w = w;
	r.script = s;
	oracle_init(&r.oracle, w, s, NULL);
	model_init(&r.model, w->spool, &r.oracle.before, &w->run);
	r.model.atomic = w->one;
	finish_run(w, t);
	w->scratch.used = 0;
	replay(&r, t, cuts);
	state_load(&now, w->spoolfd, &w->scratch);
	check_model(&r, &now);
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

/*
 * The start-up is the same in all sessions: two scripts try it, one with a
 * file and one with a socket.  For the others, the call that greets.  And so
 * with the queues, of which one tries what comes before the first read.
 */
static size_t
first_call(const struct script *s, size_t n)
{
	size_t i;

	if (s->tool != NULL || s == &SCRIPTS[0] || s == &SCRIPTS[1] ||
	    strcmp(s->name, "queue") == 0)
		return (0);
	for (i = 0; i < n; i++)
		if (clean_calls[i].nr == SYS_sendto ||
		    (clean_calls[i].nr == SYS_read &&
			clean_calls[i].arg[0] == 0))
			return (i);
	return (0);
}

size_t
cases_first(struct world *w, const struct script *s)
{
	return (first_call(s, run_clean(w, s)));
}

void
cases_kill(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	for (i = first_call(s, n); i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		/* The names are of the clean run; its paths are gone. */
		clean_calls[i].path = NULL;
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

	for (i = first_call(s, n); i < n; i++) {
		size_t nfault = faults_of(&clean_calls[i], i, list);

		clean_calls[i].path = NULL;
		for (j = 0; j < nfault; j++)
			if (!is_another_message(s, &clean_calls[i], &list[j]))
				try_fault(w, s, &list[j], true);
	}
}

void
cases_power(struct world *w, const struct script *s)
{
	(void)run_clean(w, s);
	try_fault(w, s, NULL, true);
}

/* Of two limits that differ the one ahead must be believed: some of each kind. */
static bool
is_half_reserved(const struct state *s)
{
	const struct state_file *f = state_find(s, COUNTER_FILE);
	struct counter c;

	return (f != NULL && counter_parse((struct bytes){ f->p, f->n }, &c) &&
	    c.limit[0] != c.limit[1]);
}

/* The next session meets a power cut too. */
static void
cut_again(struct run *r, struct again *a)
{
	struct world *w = r->w;
	struct trace *t = &w->trace;

	w->scratch.used = 0;
	check_reboot(w, &a->state);
	world_start(w, r->script, &a->state, NULL, t);
	oracle_init(&r->oracle, w, r->script, &a->state);
	r->oracle.acked = a->acked;
	r->oracle.visible = a->visible;
	r->oracle.floor = a->floor;
	model_init(&r->model, w->spool, &a->state, &w->run);
	r->model.atomic = w->one;
	finish_run(w, t);
	replay(r, t, true);
}

static bool
is_counter(const char *name)
{
	return (strncmp(name, "sequence.", 9) == 0);
}

/*
 * What matters of a run that ended, to whoever comes after it: which names
 * there are, and what of the counter is not durable yet.
 */
static bool
is_new_end(struct run *r)
{
	const struct model *m = &r->model;
	uint64_t h =
	    state_hash_bytes(5, r->script->name, strlen(r->script->name));
	size_t i;
	size_t j;

	for (i = 0; i < m->nedit; i++)
		if (is_counter(m->edit[i].what.name))
			h = state_hash_bytes(
			    h, &m->edit[i], sizeof(m->edit[i]));
	for (i = 0; i < m->nnow; i++) {
		const struct model_name *name = &m->now[i];
		const struct model_inode *f = &m->inode[name->inode];

		h = state_hash_bytes(h, name->name, strlen(name->name));
		if (!is_counter(name->name))
			continue;
		h = state_hash_bytes(h, &f->doubt_to, sizeof(f->doubt_to));
		for (j = 0; j < f->n; j++)
			h = state_hash_bytes(
			    h, f->version[j].p, f->version[j].n);
	}
	return (seen_add(&r->w->ends, h));
}

/*
 * It ends by this fault, the machine stays up, the next comes, and in that one
 * there is the power cut.
 */
static void
cut_after(struct world *w, const struct script *s, const struct trace_fault *f,
    const struct script *next)
{
	static struct run r;
	struct trace *t = &w->trace;
	struct state now;

	clean_calls[f->at].path = NULL;
	describe(w, s, f, &clean_calls[f->at]);
	world_start(w, s, NULL, f, t);
	r.w = w;
	r.script = s;
	oracle_init(&r.oracle, w, s, NULL);
	model_init(&r.model, w->spool, &r.oracle.before, &w->run);
	r.model.atomic = w->one;
	finish_run(w, t);
	w->scratch.used = 0;
	replay(&r, t, false);
	model_end(&r.model);
	if (next == s ? !is_new_end(&r) : !seen_add(&w->ends, point_hash(&r)))
		return;
	r.oracle.nout = 0;
	world_start_again(w, next, NULL, t);
	finish_run(w, t);
	replay(&r, t, true);
	state_load(&now, w->spoolfd, &w->scratch);
	check_model(&r, &now);
}

void
cases_kill_power(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	if (s->tool != NULL && !s->bad_counter)
		return;
	for (i = first_call(s, n); i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		cut_after(w, s, &f, s);
		f.how = TRACE_KILL_AFTER;
		cut_after(w, s, &f, s);
		f = (struct trace_fault){
			.how = TRACE_FAIL, .at = i, .err = EIO
		};
		if (clean_calls[i].nr == SYS_fdatasync)
			cut_after(w, s, &f, s);
	}
}

void
cases_kill_clean(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	for (i = first_call(s, n); s->tool == NULL && i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		cut_after(w, s, &f, script_find("clean"));
		f.how = TRACE_KILL_AFTER;
		cut_after(w, s, &f, script_find("clean"));
	}
}

void
cases_twice(struct world *w, const struct script *s)
{
	static struct gathering g;
	static struct run r;
	size_t seen[2] = { 0, 0 };
	size_t half = 0;
	size_t i;

	/* Those in which the counter is more than one number moved on. */
	if (s->tool != NULL ||
	    (strcmp(s->name, "first") != 0 && strcmp(s->name, "limit") != 0 &&
		strcmp(s->name, "reboot") != 0 &&
		strcmp(s->name, "legacy") != 0 && strcmp(s->name, "wrap") != 0))
		return;
	if (g.arena.cap == 0)
		arena_init(&g.arena, 16 << 20);
	g.arena.used = 0;
	g.n = 0;
	describe(w, s, NULL, NULL);
	world_start(w, s, NULL, NULL, &w->trace);
	r = (struct run){ .w = w, .script = s, .gathering = &g };
	oracle_init(&r.oracle, w, s, NULL);
	model_init(&r.model, w->spool, &r.oracle.before, &w->run);
	r.model.atomic = w->one;
	finish_run(w, &w->trace);
	w->scratch.used = 0;
	replay(&r, &w->trace, true);
	r.gathering = NULL;
	for (i = 0; i < g.n; i++)
		if (is_half_reserved(&g.list[i].state))
			half++;
	for (i = 0; i < g.n; i++) {
		bool is_half = is_half_reserved(&g.list[i].state);
		size_t step = (is_half ? half : g.n - half) / AGAIN_TRIED + 1;

		if (seen[is_half]++ % step != 0)
			continue;
		(void)snprintf(w->where, sizeof(w->where),
		    "script %s, after power cut %zu", s->name, i);
		cut_again(&r, &g.list[i]);
	}
}
