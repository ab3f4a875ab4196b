/* SPDX-License-Identifier: ISC */
/*
 * aliasfile: the files that aliases stand in.
 *
 * What an alias says can be a command, so the file must be one that no other
 * user can write to.  A file that was changed a moment ago may be half written:
 * nothing in it is believed yet.
 */
#ifndef TABLE_ALIASFILE_H
#define TABLE_ALIASFILE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

/* All of the file.  Not RES_OK: temporary, whatever it is. */
enum result aliasfile_load(const char *path, char *store, size_t cap,
    struct bytes *text, struct fault *why) MUST_CHECK;

/* Where in an included file we are, and which file it was at its beginning. */
struct aliasfile_place {
	uint64_t at;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

/*
 * The line of an included file at the place, which moves on; a place of zeros
 * is the first.  A part of a line could be another address, so a line that is
 * longer than the room is RES_TEMP.  So is a file that was changed just now, or
 * that is not the one of the beginning.  RES_PERM: there is no more.
 */
enum result aliasfile_line(const char *path, struct aliasfile_place *place,
    struct buf *line, struct fault *why) MUST_CHECK;

#endif
