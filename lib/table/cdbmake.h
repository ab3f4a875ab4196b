/* SPDX-License-Identifier: ISC */
/*
 * cdbmake: a constant database, made of its text, over the one that is there.
 *
 * It is written beside the old one, can be looked at there, is made durable,
 * and is renamed over it: a reader of the table has the one or the other.
 * Blocks only as files do; tinycdb's library has memory for what it writes.
 */
#ifndef TABLE_CDBMAKE_H
#define TABLE_CDBMAKE_H

#include "base/base.h"
#include "bytes/bytes.h"

enum cdbmake_line {
	CDBMAKE_PAIR,
	CDBMAKE_END
};

/*
 * Pure.  The next line of the text that has a key, as cdb -c -m takes it
 * apart; the value may be empty.
 */
enum cdbmake_line cdbmake_next(
    struct bytes *rest, struct bytes *key, struct bytes *value);

struct cdbmake {
	const char *path; /* of the table */
	char name[1024];  /* where it is until then */
	int fd;
};

/* A new file with the mode, and for root the owner, of the table. */
enum result cdbmake_begin(
    struct cdbmake *m, const char *path, struct fault *why) MUST_CHECK;

/* Of the text's lines, which are looked up at m->name from here on. */
enum result cdbmake_fill(
    struct cdbmake *m, struct bytes text, struct fault *why) MUST_CHECK;

/* The table is this one, or, after a failure, what it was. */
enum result cdbmake_end(struct cdbmake *m, struct fault *why) MUST_CHECK;

/* It stays what it was.  Safe after cdbmake_end(), and twice. */
void cdbmake_abort(struct cdbmake *m);

#endif
