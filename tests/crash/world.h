/* SPDX-License-Identifier: ISC */
/*
 * world: the programs under test, the directories they work in, the counts.
 */
#ifndef CRASH_WORLD_H
#define CRASH_WORLD_H

#include "script.h"
#include "spool/spool.h"
#include "state.h"
#include "trace.h"

struct world {
	const char *session;
	const char *tool;
	const char *queue;
	const char *worker;
	const char *pull;
	/*
	 * The violation to look for, any text in it: stop at the first, and
	 * take no notice of others.  NULL: count them all.
	 */
	const char *wanted;
	bool one; /* one stage, where renames are atomic; else two */
	char dir[128];
	char spool[160]; /* where the program under test works */
	char spool_conf[160];
	char check[160]; /* where a state is set up and looked at */
	char check_conf[160];
	char done[160];
	char one_stage[160];
	int spoolfd;
	int checkfd;
	struct spool checked; /* the library's view of `check`, */
	struct spool other;   /* and of `spool` */
	char boot[COUNTER_BOOT_ID + 1];
	struct arena run;     /* one run of the program under test */
	struct arena scratch; /* one state */
	struct arena always;
	struct trace trace;
	struct seen states;
	struct seen nexts;
	struct seen counters;
	struct seen models;
	struct seen ends;
	/* What is being done, for the report of a violation. */
	char where[256];
	size_t runs;
	size_t checked_states;
	size_t real_checks;
	size_t violations;
};

/* Everything below work, which is made; by w->one. */
void world_open(struct world *w, const char *work);
void world_close(struct world *w);

/* A spool of one's own: its configuration, with these lines more. */
void world_conf(const char *file, const char *spool, const char *more);

/* The finding: what is wrong, at w->where, in this state (or NULL). */
void violation(struct world *w, const struct state *s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The script's spool before the run, in w->always. */
void world_before(struct world *w, const struct script *s, struct state *out);

/*
 * Set up the script's spool, or this one, and start its program under trace,
 * in w->spool; the caller goes on with trace_go().
 */
void world_start(struct world *w, const struct script *s,
    const struct state *before, const struct trace_fault *fault,
    struct trace *t);

/* The same in w->spool as it is; what is in w->run stays. */
void world_start_again(struct world *w, const struct script *s,
    const struct trace_fault *fault, struct trace *t);

/* Start a program; descriptors 0 and 1 are these, 2 is nowhere. */
pid_t world_spawn(const char *const *argv, int in, int out);

/*
 * Run a program to its end, text on descriptor 0; what it says, NUL-ended,
 * to out.  Returns the status as of wait(2).
 */
int world_run(const char *const *argv, const char *in, char *out, size_t cap);

/* A worker, until nothing is left; a violation, with its log, if that fails. */
void world_work(struct world *w);

/* An open file with this text, at its beginning. */
int world_input(const char *text);

#endif
