/* SPDX-License-Identifier: ISC */
/*
 * cdbfile: a constant database in a file that may be damaged.
 *
 * tinycdb's format, read with read(2): tinycdb maps the file, and a mapped file
 * that somebody cuts short kills its reader.  Every number in the file is
 * checked before it is used, so a file that is damaged is TABLE_FAILED, not a
 * signal and not a read elsewhere.  A file that is written to in place can
 * still give a wrong answer: one that comes from cdbfile_find(), cdbfile_next()
 * or cdbfile_value() counts only after cdbfile_confirm().  Does not allocate;
 * blocks only as reads of a file do.
 */
#ifndef TABLE_CDBFILE_H
#define TABLE_CDBFILE_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "bytes/bytes.h"

enum {
	CDBFILE_HEAD = 2048,   /* octets before the first record */
	CDBFILE_KEY_MAX = 400, /* longer keys are not found */
	CDBFILE_WALK_CHUNK = 8192
};

enum table_answer {
	TABLE_HIT,
	TABLE_MISS,  /* not there, or no more */
	TABLE_FAILED /* temporary whatever it is; the file's `why` says */
};

struct cdbfile {
	struct fault why; /* of the last TABLE_FAILED */
	char name[80];    /* the path, for messages */
	/* Private. */
	int fd;
	uint32_t size;
	uint32_t data_end; /* where the records end */
	struct timespec changed;
	unsigned char head[CDBFILE_HEAD];
};

/* A struct cdbfile that is not open yet may be closed, and any may be twice. */
void cdbfile_init(struct cdbfile *f);
enum result cdbfile_open(
    struct cdbfile *f, const char *path, struct fault *why) MUST_CHECK;
void cdbfile_close(struct cdbfile *f);

/* Does `path` name another file by now, or was this one changed? */
bool cdbfile_is_stale(const struct cdbfile *f, const char *path);

/* The answer, or TABLE_FAILED if the file was changed since it was opened. */
enum table_answer cdbfile_confirm(
    struct cdbfile *f, enum table_answer answer) MUST_CHECK;

struct cdbfile_find {
	uint32_t at;      /* where the record is: tells records apart */
	uint32_t value_n; /* how long its value is */
	/* Private. */
	struct bytes key;
	uint32_t hash;
	uint32_t slots; /* where the hash table is */
	uint32_t nslots;
	uint32_t slot; /* the next one to look at */
	uint32_t left; /* how many there are to look at */
	uint32_t value_at;
};

/*
 * The key's first record, and each further one.  The key stays the caller's,
 * and is needed as long as there is a next.
 */
enum table_answer cdbfile_find(
    struct cdbfile *f, struct bytes key, struct cdbfile_find *found) MUST_CHECK;
enum table_answer cdbfile_next(
    struct cdbfile *f, struct cdbfile_find *found) MUST_CHECK;

/* The value of the record that was found; `into` has room for value_n. */
enum table_answer cdbfile_value(
    struct cdbfile *f, const struct cdbfile_find *found, char *into) MUST_CHECK;

/* Every record, as it stands there. */
struct cdbfile_walk {
	struct bytes key; /* views, good until the next call */
	struct bytes value;
	uint32_t at; /* of the record, as in struct cdbfile_find */
	/* Private. */
	struct cdbfile *file;
	uint32_t next; /* in the file */
	uint32_t from; /* what the store holds of it */
	uint32_t n;
	char store[CDBFILE_WALK_CHUNK];
};

/*
 * In the order of the file, each answer confirmed.  A record that does not fit
 * into the store is cut at its end.
 */
void cdbfile_walk_init(struct cdbfile_walk *w, struct cdbfile *f);
enum table_answer cdbfile_walk(struct cdbfile_walk *w) MUST_CHECK;

#endif
