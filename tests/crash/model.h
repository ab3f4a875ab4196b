/* SPDX-License-Identifier: ISC */
/*
 * model: what a power cut may leave of a directory.
 *
 * The model is fed a run's system calls, and knows at any point between them
 * what is durable and what is under way.  Of the latter any part may have
 * reached the disk, as POSIX has it and no better:
 *
 *   - data that was not synced: none of it, all, a part; zeros or junk where
 *     the size is there and the data is not; of a line that is overwritten in
 *     place any mixture of the old and the new bytes;
 *   - a name that was made or removed without a sync of the directory since:
 *     either; the two halves of a rename each for itself, so that both names
 *     may be there, or none; unless renames are said to be atomic, as they are
 *     where messages are committed in one stage;
 *   - fsync of a file makes its data durable, not its name; one that failed
 *     makes nothing durable, and what was under way then stays in doubt
 *     whatever a later fsync says, until it is written again; and so with a
 *     hint to begin writing that fails.  One that does not promises nothing.
 */
#ifndef CRASH_MODEL_H
#define CRASH_MODEL_H

#include "state.h"
#include "trace.h"

enum {
	MODEL_INODES = 48,
	MODEL_VERSIONS = 24,
	MODEL_NAMES = 32,
	MODEL_EDITS = 14,
	MODEL_FDS = 64
};

struct model_text {
	const char *p;
	size_t n;
};

struct model_inode {
	/* The first is durable, the others were written since, in order. */
	struct model_text version[MODEL_VERSIONS];
	size_t n;
	/* Bytes that a failed sync left in doubt. */
	size_t doubt_from;
	size_t doubt_to;
};

struct model_name {
	char name[STATE_NAME];
	int inode;
};

struct model_edit {
	bool adds;
	bool in_doubt;
	struct model_name what;
	char gone[STATE_NAME]; /* with it, the old name of a rename; or "" */
};

struct model_fd {
	int inode; /* -1: none; MODEL_DIR: the spool's directory */
	size_t at;
};

struct model {
	struct arena *arena;
	const char *dir;
	bool atomic; /* renames are; for the caller to set */
	struct model_inode inode[MODEL_INODES];
	size_t ninode;
	struct model_name now[MODEL_NAMES]; /* as a running process sees it */
	size_t nnow;
	struct model_name durable[MODEL_NAMES];
	size_t ndurable;
	struct model_edit edit[MODEL_EDITS];
	size_t nedit;
	struct model_fd fd[MODEL_FDS];
};

/* dir is the spool's path, by which the program opens it. */
void model_init(struct model *m, const char *dir, const struct state *start,
    struct arena *arena);

/* The edit on such a list. */
void model_apply(
    struct model_name *list, size_t *n, const struct model_edit *e);

/* True: what a power cut may leave has changed. */
bool model_feed(struct model *m, const struct trace_call *c);

/* The process has ended, and with it its descriptors. */
void model_end(struct model *m);

typedef void model_fn(void *ctx, const struct state *s);

/* Visit every state; some more than once. */
void model_states(
    const struct model *m, struct arena *scratch, model_fn *visit, void *ctx);

/* The directory as running processes see it. */
void model_now(const struct model *m, struct state *s);

#endif
