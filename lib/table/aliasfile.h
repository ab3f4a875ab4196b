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

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

/* All of the file.  Not RES_OK: temporary, whatever it is. */
enum result aliasfile_load(const char *path, char *store, size_t cap,
    struct bytes *text, struct fault *why) MUST_CHECK;

/*
 * The line of an included file that *at is the place of, which moves on.  A
 * line that is longer than the room is cut.  RES_PERM: there is none.
 */
enum result aliasfile_line(const char *path, uint64_t *at, struct buf *line,
    struct fault *why) MUST_CHECK;

#endif
