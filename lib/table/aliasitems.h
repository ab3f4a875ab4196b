/* SPDX-License-Identifier: ISC */
/*
 * aliasitems: what one alias says, item by item, those of the files that it
 * includes in their place.
 *
 * Blocks only as reads of a file do.  The alias's text stays the caller's.
 */
#ifndef TABLE_ALIASITEMS_H
#define TABLE_ALIASITEMS_H

#include <stdbool.h>

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "mail/aliases.h"
#include "table/aliasfile.h"
#include "table/instruction.h"

struct aliasitems {
	bool is_include; /* the last item is an included file's */
	/* Private. */
	struct bytes own;  /* that are left of the alias */
	struct bytes line; /* and of a line of the included file */
	struct aliasfile_place at;
	char path[INSTRUCTION_MAX];
	char store[INSTRUCTION_MAX];
};

void aliasitems_init(struct aliasitems *a, struct bytes items);

/*
 * The next item: *text is a view into the room or into the alias, until the
 * next call; *kind is not ALIASES_END, and ALIASES_INCLUDE only for a file
 * that an included file names.  RES_PERM: there is no more.
 */
enum result aliasitems_next(struct aliasitems *a, struct buf *room,
    enum aliases_kind *kind, struct bytes *text, struct fault *why) MUST_CHECK;

#endif
