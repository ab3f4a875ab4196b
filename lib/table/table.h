/* SPDX-License-Identifier: ISC */
/*
 * table: who is here, and what happens to their mail: smtp.deliver, a cdb.
 *
 * smtpserv-deliver(5) describes the keys.  An open table is the file that the
 * name stood for then: one that is renamed over it is not seen until the next
 * table_open().  The file is read, never mapped, and every answer is checked
 * against what it was when it was opened, so that one that is damaged or
 * written to in place is TABLE_FAILED, not a wrong answer and not a signal.
 * Does not allocate; blocks only as reads of a file do.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "table/instruction.h"

enum {
	TABLE_HEAD = 2048,   /* octets before the first record */
	TABLE_KEY_MAX = 400, /* longer ones belong to nobody */
	TABLE_WALK_CHUNK = 8192
};

enum table_answer {
	TABLE_HIT,
	TABLE_MISS,  /* nobody; of table_next() and table_walk(): no more */
	TABLE_FAILED /* temporary whatever it is; t->why says */
};

struct table {
	struct fault why; /* of the last TABLE_FAILED */
	/* Private. */
	int fd;
	uint32_t size;
	uint32_t data_end; /* where the records end */
	struct timespec changed;
	char name[80];
	struct bytes host;
	struct bytes postmaster;
	unsigned char head[TABLE_HEAD];
};

/* By which key a mailbox was found. */
enum table_key {
	TABLE_BY_MAILBOX,    /* local@domain */
	TABLE_BY_LOCAL,      /* the same without its +extension */
	TABLE_BY_DOMAIN,     /* @domain */
	TABLE_BY_POSTMASTER, /* by none: smtp.postmaster says */
	TABLE_BY_ROUTE       /* @ */
};

struct table_match {
	enum table_key by;
	struct bytes key; /* as it stands in the table; "" for postmaster */
	/*
	 * The mailbox taken apart, in the case it came in, without quotes.
	 * ext is what follows the local part's first `+`, if any; deflt what
	 * the key left open: TABLE_BY_LOCAL the extension, TABLE_BY_DOMAIN and
	 * TABLE_BY_ROUTE the local part, else nothing.
	 */
	struct bytes local;
	struct bytes host; /* "" for a postmaster without a domain */
	struct bytes ext;
	struct bytes deflt;
	uint32_t at; /* of the key's first record: tells keys apart */
	/* Private. */
	struct table *table;
	size_t plain_n; /* of the local part before its `+`; 0: has none */
	uint32_t slots; /* where the hash table is */
	uint32_t nslots;
	uint32_t slot; /* the next one to look at */
	uint32_t left; /* how many there are to look at */
	uint32_t hash;
	uint32_t text_at; /* the record's instruction, 0: look for the next */
	uint32_t text_n;
	char key_store[TABLE_KEY_MAX];
	char mailbox_store[TABLE_KEY_MAX];
	char text[INSTRUCTION_MAX];
};

/*
 * RES_PERM, too, becomes a temporary failure for a client: the administrator
 * can mend a table.
 */
enum result table_open(
    struct table *t, const char *path, struct fault *why) MUST_CHECK;

/* A struct table that is none yet may be closed, and one twice. */
void table_init(struct table *t);
void table_close(struct table *t);

/*
 * Who we are, and what smtp.postmaster says; without this there is no
 * postmaster but those the table has keys for.  Both stay the caller's.
 */
void table_set_postmaster(
    struct table *t, const char *host, const char *postmaster);

/*
 * Whose is the mailbox?  Keys without case, in this order: the mailbox, the
 * mailbox without its +extension, @domain.  Before the last two, postmaster
 * (alone, at our host, or at a domain of which the table has any key) is
 * TABLE_BY_POSTMASTER.  *m holds the answer, and belongs to t.
 */
enum table_answer table_find(
    struct table *t, struct bytes mailbox, struct table_match *m);

/*
 * The key `@`, for a mailbox that table_find() has missed.  It is for those
 * who may relay: whoever asks must know that they may.
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

/* Does `path` name another table by now, or was this one changed? */
bool table_is_stale(const struct table *t, const char *path);

/* Every record, as it stands there. */
struct table_walk {
	struct bytes key; /* views, good until the next call */
	struct bytes instruction;
	uint32_t at; /* of the record; the first of a key has its match's */
	/* Private. */
	struct table *table;
	uint32_t next; /* in the file */
	uint32_t from; /* what the store holds of it */
	uint32_t n;
	char store[TABLE_WALK_CHUNK];
};

/*
 * In the order of the file.  A record that does not fit into the store is cut
 * at its end.
 */
void table_walk_init(struct table_walk *w, struct table *t);
enum table_answer table_walk(struct table_walk *w) MUST_CHECK;

#endif
