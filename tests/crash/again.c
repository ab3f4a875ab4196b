/* SPDX-License-Identifier: ISC */
/* The cases with a power cut in the session that comes after another end. */
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "check.h"
#include "run.h"
#include "spool/sequence.h"

enum {
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

static struct gathering {
	struct arena arena;
	struct seen seen;
	size_t n;
	struct again list[AGAIN_MAX];
} gathered;

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
gather(const struct run *r, const struct state *s)
{
	struct gathering *g = &gathered;
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

/* Of two limits that differ the one ahead must be believed: some of each kind. */
static bool
is_half_reserved(const struct state *s)
{
	const struct state_file *f = state_find(s, SEQUENCE_FILE);
	struct counter c;

	return (f != NULL && counter_parse((struct bytes){ f->p, f->n }, &c) &&
	    c.limit[0] != c.limit[1]);
}

/* The next session meets a power cut too. */
static void
cut_again(struct run *r, struct again *a)
{
	struct world *w = r->w;

	w->scratch.used = 0;
	check_reboot(w, &a->state);
	run_start(r, w, r->script, &a->state, NULL);
	r->oracle.acked = a->acked;
	r->oracle.visible = a->visible;
	r->oracle.floor = a->floor;
	run_finish(w);
	run_replay(r, true);
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
	struct state now;

	run_clean_calls[f->at].path = NULL;
	run_describe(w, s, f, &run_clean_calls[f->at]);
	run_start(&r, w, s, NULL, f);
	run_finish(w);
	w->scratch.used = 0;
	run_replay(&r, false);
	model_end(&r.model);
	if (next == s ? !is_new_end(&r) : !seen_add(&w->ends, run_hash(&r)))
		return;
	r.oracle.nout = 0;
	world_start_again(w, next, NULL, &w->trace);
	run_finish(w);
	run_replay(&r, true);
	state_load(&now, w->spoolfd, &w->scratch);
	run_check_model(&r, &now);
}

void
cases_kill_power(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	if (s->tool != NULL && !s->bad_counter)
		return;
	for (i = run_first_call(s, n); i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		cut_after(w, s, &f, s);
		f.how = TRACE_KILL_AFTER;
		cut_after(w, s, &f, s);
		f = (struct trace_fault){
			.how = TRACE_FAIL, .at = i, .err = EIO
		};
		if (run_clean_calls[i].nr == SYS_fdatasync)
			cut_after(w, s, &f, s);
	}
}

void
cases_kill_clean(struct world *w, const struct script *s)
{
	size_t n = run_clean(w, s);
	size_t i;

	if (s->tool != NULL && s->consumed == 0)
		return;
	for (i = run_first_call(s, n); i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE, .at = i };

		cut_after(w, s, &f, script_find("clean"));
		f.how = TRACE_KILL_AFTER;
		cut_after(w, s, &f, script_find("clean"));
	}
}

void
cases_twice(struct world *w, const struct script *s)
{
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
	if (gathered.arena.cap == 0)
		arena_init(&gathered.arena, 16 << 20);
	gathered.arena.used = 0;
	gathered.n = 0;
	run_describe(w, s, NULL, NULL);
	run_start(&r, w, s, NULL, NULL);
	r.at_cut = gather;
	run_finish(w);
	w->scratch.used = 0;
	run_replay(&r, true);
	r.at_cut = NULL;
	for (i = 0; i < gathered.n; i++)
		if (is_half_reserved(&gathered.list[i].state))
			half++;
	for (i = 0; i < gathered.n; i++) {
		bool is_half = is_half_reserved(&gathered.list[i].state);
		size_t step =
		    (is_half ? half : gathered.n - half) / AGAIN_TRIED + 1;

		if (seen[is_half]++ % step != 0)
			continue;
		(void)snprintf(w->where, sizeof(w->where),
		    "script %s, after power cut %zu", s->name, i);
		cut_again(&r, &gathered.list[i]);
	}
}
