/* SPDX-License-Identifier: ISC */
/*
 * aliases: the text of /etc/aliases, as sendmail and Postfix read it.
 *
 * Pure.  An entry is `name: item, item ...`.  A line that begins with a blank
 * continues the one before it; empty lines and lines that begin with `#` do not
 * count.  Entries are views into the text.  Nothing is followed: the caller
 * looks an address up, and reads a file that is included.
 */
#ifndef MAIL_ALIASES_H
#define MAIL_ALIASES_H

#include "base/base.h"
#include "bytes/buf.h"
#include "bytes/bytes.h"

enum aliases_kind {
	ALIASES_ADDRESS, /* a mailbox, perhaps without a domain */
	ALIASES_COMMAND, /* |command, without the bar */
	ALIASES_FILE,    /* a path */
	ALIASES_INCLUDE, /* :include:path, the path */
	ALIASES_BAD,     /* none of these; one may go on behind it */
	ALIASES_END      /* no more */
};

struct aliases_entry {
	struct bytes name; /* without its quotes */
	struct bytes items;
	bool is_bad; /* a line that is no entry, in name */
};

/* The next entry of *rest, which moves on.  False: no more. */
bool aliases_next(struct bytes *rest, struct aliases_entry *e);

/* The first entry of that name, in any case. */
bool aliases_find(struct bytes text, struct bytes name, struct bytes *items);

/*
 * The next item of *items, which moves on.  *text is the part that the kind
 * names, in `room`; for ALIASES_BAD it is the item as it stands.
 */
enum aliases_kind aliases_item(
    struct bytes *items, struct buf *room, struct bytes *text);

#endif
