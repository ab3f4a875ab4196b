/* SPDX-License-Identifier: ISC */
/*
 * run: one run of a script's program, followed call by call, with all that a
 * power cut can leave at each point of it.
 */
#ifndef CRASH_RUN_H
#define CRASH_RUN_H

#include "model.h"
#include "oracle.h"
#include "trace.h"
#include "world.h"

/* What one run is about, and what is known at a point of it. */
struct run {
	struct world *w;
	const struct script *script;
	struct oracle oracle;
	struct model model;
	/* What else is done with each state that a power cut leaves, or NULL. */
	void (*at_cut)(const struct run *r, const struct state *s);
};

/*
 * The run in which nothing goes wrong: returns how many calls it has.  Their
 * paths are good until the next run starts.
 */
size_t run_clean(struct world *w, const struct script *s);

/* The calls of the last clean run. */
extern struct trace_call run_clean_calls[TRACE_CALLS];

/* The first of n at which anything is to be tried. */
size_t run_first_call(const struct script *s, size_t n);

/* Violations say which run this is: with a fault, at which call. */
void run_describe(struct world *w, const struct script *s,
    const struct trace_fault *f, const struct trace_call *c);

/* Start it, from a state or NULL, with a fault or NULL; and let it end. */
void run_start(struct run *r, struct world *w, const struct script *s,
    const struct state *from, const struct trace_fault *f);
void run_finish(struct world *w);

/*
 * Go through the run's calls, as they were: what the world has seen of it in
 * the end, and with `cuts` what a power cut leaves at each point.
 */
void run_replay(struct run *r, bool cuts);

/* The model must agree with the directory, or the states are fiction. */
void run_check_model(struct run *r, const struct state *now);

/* All that the states at this point depend on. */
uint64_t run_hash(const struct run *r);

#endif
