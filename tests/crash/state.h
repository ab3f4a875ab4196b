/* SPDX-License-Identifier: ISC */
/*
 * state: the spool directory as a value: names, contents, and which names
 * are links to one file.
 *
 * Contents live in an arena, which whoever made the state resets.  The time of
 * day in a trace header is replaced by 00:00:00, so that equal runs give equal
 * states.
 */
#ifndef CRASH_STATE_H
#define CRASH_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STATE_FILES = 32,
	STATE_NAME = 64,
	STATE_NUMBERS = 16
};

struct arena {
	char *base;
	size_t used;
	size_t cap;
};

/* Harness trouble, no finding: print and exit with 3. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

void arena_init(struct arena *a, size_t cap);
void *arena_get(struct arena *a, size_t n);
char *arena_copy(struct arena *a, const char *p, size_t n);

struct state_file {
	char name[STATE_NAME];
	const char *p;
	size_t n;
	unsigned int inode; /* equal: links to one file */
};

struct state {
	size_t n;
	struct state_file file[STATE_FILES];
};

/* A set of message numbers. */
struct numbers {
	size_t n;
	uint32_t list[STATE_NUMBERS];
};

bool numbers_has(const struct numbers *s, uint32_t number);
void numbers_add(struct numbers *s, uint32_t number);
void numbers_remove(struct numbers *s, uint32_t number);

void state_add(struct state *s, const char *name, const char *p, size_t n,
    unsigned int inode);
const struct state_file *state_find(const struct state *s, const char *name);
const struct state_file *state_message(
    const struct state *s, uint32_t number, const char *suffix);
void state_remove(struct state *s, const char *name);

/*
 * N and suffix of "N.WRK"; of a mark the suffix is all behind N.  0: not a
 * message file.
 */
uint32_t state_number(const char *name, const char **suffix);

/* Is that the suffix of a mark? */
bool state_is_mark(const char *suffix);

/* The directory's contents, sorted; and the other way. */
void state_load(struct state *s, int dirfd, struct arena *a);
void state_store(const struct state *s, int dirfd);
void state_wipe(int dirfd);

/* The contents alone; NULL is no file. */
bool state_same_file(const struct state_file *a, const struct state_file *b);

bool state_equal(const struct state *a, const struct state *b);
uint64_t state_hash(const struct state *s, uint64_t seed);
uint64_t state_hash_bytes(uint64_t h, const void *p, size_t n);
void state_print(const struct state *s);

/* Put 00:00:00 in the place of the trace header's time of day. */
void state_stop_clock(char *p, size_t n);

/* A set of hashes; seen_add() is true for what was not in it. */
struct seen {
	uint64_t *slot;
	size_t cap;
	size_t n;
};

bool seen_add(struct seen *s, uint64_t h);

#endif
