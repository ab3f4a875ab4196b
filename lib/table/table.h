/* SPDX-License-Identifier: ISC */
/*
 * table: who is here, and what happens to their mail: smtp.deliver, a cdb.
 *
 * smtpserv-deliver(5) describes the keys.  An open table is the file that the
 * name stood for then: one that is renamed over it is not seen until the next
 * table_open().  A damaged table, or one that is written to in place, is
 * TABLE_FAILED, not a wrong answer (cdbfile.h).  Does not allocate; blocks only
 * as reads of a file do.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "mail/mailbox.h"
#include "table/aliasitems.h"
#include "table/cdbfile.h"
#include "table/domains.h"
#include "table/instruction.h"

enum {
	TABLE_KEY_MAX = CDBFILE_KEY_MAX, /* longer ones belong to nobody */
	TABLE_ALIASES_MAX = 1 << 20      /* octets of the file, and one */
};

struct table {
	struct cdbfile file; /* file.why: of the last TABLE_FAILED */
	/* Private. */
	struct bytes host;
	struct bytes postmaster;
	struct bytes aliases; /* the text, or nothing */
	struct domains domains;
};

/* By which key a mailbox was found. */
enum table_key {
	TABLE_BY_MAILBOX,    /* local@domain */
	TABLE_BY_LOCAL,      /* the same without its +extension */
	TABLE_BY_DOMAIN,     /* @domain */
	TABLE_BY_POSTMASTER, /* by none: smtp.postmaster says */
	TABLE_BY_ALIAS,      /* by none: an alias of our host says */
	TABLE_BY_ROUTE       /* @ */
};

struct table_match {
	enum table_key by;
	struct bytes key; /* as it stands in the table; "" for postmaster */
	/*
	 * What the key left open, in the case it came in: TABLE_BY_LOCAL the
	 * extension, TABLE_BY_DOMAIN and TABLE_BY_ROUTE the local part, else
	 * nothing.
	 */
	struct bytes deflt;
	uint32_t at; /* of the key's first record: tells keys apart */
	/* Private. */
	struct table *table;
	struct mailbox mailbox;
	struct cdbfile_find found;
	bool has_next; /* what was found was not handed out yet */
	struct aliasitems items;
	size_t ngiven; /* of the alias's instructions */
	bool is_own;   /* these are the key's, which the alias names */
	char key_store[TABLE_KEY_MAX];
	char text[INSTRUCTION_MAX];
};

/*
 * RES_PERM, too, becomes a temporary failure for a client: the administrator
 * can mend a table.
 */
enum result table_open(
    struct table *t, const char *path, struct fault *why) MUST_CHECK;

/* A struct table that is not open yet may be closed, and any may be twice. */
void table_init(struct table *t);
void table_close(struct table *t);

/*
 * Our host's name, and the value of smtp.postmaster.  Without these there is a
 * postmaster only if the table has a key for one.  Both stay the caller's.
 */
void table_set_postmaster(
    struct table *t, const char *host, const char *postmaster);

/*
 * The aliases of the mailboxes at our host, from a file; the store, of
 * TABLE_ALIASES_MAX octets, stays the caller's.  Whatever fails is temporary.
 */
enum result table_load_aliases(struct table *t, const char *path, char *store,
    struct fault *why) MUST_CHECK;

/*
 * Whose is the mailbox?  Keys without case, in this order: the mailbox, the
 * mailbox without its +extension, @domain.  Before the last two, postmaster
 * (alone, at our host, or at a domain of which the table has any key) is
 * TABLE_BY_POSTMASTER; and mailer-daemon at our host is what postmaster there
 * is.  Before all of these, but not for postmaster, an alias is TABLE_BY_ALIAS.
 * *m holds the answer, and belongs to t.
 */
enum table_answer table_find(
    struct table *t, struct bytes mailbox, struct table_match *m);

/*
 * The key `@`, for a mailbox that table_find() has missed.  It is for clients
 * that may relay, which the caller must have checked.
 */
enum table_answer table_route(
    struct table *t, struct bytes mailbox, struct table_match *m);

/*
 * After a TABLE_HIT: each instruction of the key, in the order of the table,
 * a view that is good until the next call.  Always at least one, before
 * TABLE_MISS says that these were all.
 */
enum table_answer table_next(
    struct table_match *m, struct bytes *instruction) MUST_CHECK;

/* Is it root's, and no one else may write to it? */
bool table_is_roots(const struct table *t);

/* Does `path` name another table by now, or was this one changed? */
bool table_is_stale(const struct table *t, const char *path);

#endif
