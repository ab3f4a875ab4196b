/* SPDX-License-Identifier: ISC */
/*
 * trace: run a program under ptrace(2), record its system calls, and let one
 * of them go wrong.
 *
 * Works on a statically linked program, and needs nothing from it.  Only the
 * program itself is traced, not its children, or, if that is wanted, the first
 * of these, or its first, and no longer the program.  Several may run at once, each stopped
 * where the caller left it.
 */
#ifndef CRASH_TRACE_H
#define CRASH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "state.h"

enum trace_how {
	TRACE_NOTHING,
	TRACE_KILL_BEFORE, /* SIGKILL; the call is not made */
	TRACE_KILL_AFTER,  /* SIGKILL when it has been made */
	TRACE_FAIL,        /* not made, reported as failed with err */
	TRACE_LATE,        /* made, reported as failed with err */
	TRACE_SHORT,       /* made for `count` bytes only */
	TRACE_CUT,         /* the same, and the next write fails with err */
	TRACE_FROM,        /* this and all later calls that write fail */
	TRACE_PAUSE        /* stop before it; trace_go() goes on */
};

struct trace_fault {
	enum trace_how how;
	size_t at; /* which call */
	int err;   /* 0 with TRACE_FAIL: it returns 0 */
	size_t count;
	/*
	 * Not the program: 1, its first child, from its beginning; 2, the first
	 * child of that one.
	 */
	unsigned int generation;
	/*
	 * 1 + the call's number, where another may stand at its place, as the
	 * run depends on what other processes do; 0: whatever it is.
	 */
	uint64_t only;
	/* `at` counts the calls of that number alone. */
	bool by_kind;
};

struct trace_call {
	uint64_t nr;
	uint64_t arg[6];
	int64_t ret;  /* what the program saw */
	int64_t real; /* what the kernel did; -1 where it was not made */
	bool made;
	bool returned; /* false: the program died in it */
	const char *path;
	const char *path2;
	const char *data; /* of write, pwrite and send: `real` bytes count */
};

enum {
	TRACE_CALLS = 4096
};

struct trace {
	size_t n;
	struct trace_call call[TRACE_CALLS];
	bool ended;
	bool hung;  /* it had to be killed */
	int status; /* as wait(2) gives it */
	/* With a generation: the one before, which goes on untraced. */
	pid_t parent;
	/* Private. */
	pid_t pid;
	struct arena *arena;
	struct trace_fault fault;
	bool in_call;
	bool skipped;
	bool cut;
	uint64_t saved_count;
	unsigned int following; /* so many generations still to go */
};

struct trace_command {
	const char *const *argv;
	int in;
	int out;
	int err;
};

/* Once, at the start. */
void trace_init(void);

/* Start it, stopped before its first system call. */
void trace_start(struct trace *t, const struct trace_command *command,
    const struct trace_fault *fault, struct arena *arena);

/* Run to the fault's pause (true) or to the end (false). */
bool trace_go(struct trace *t);

/* Kill it where it stands. */
void trace_kill(struct trace *t);

#endif
