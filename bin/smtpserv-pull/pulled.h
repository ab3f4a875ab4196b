/* SPDX-License-Identifier: ISC */
/*
 * pulled: the ids of the messages that were taken from the queue into this
 * spool, by any number of processes.
 *
 * They are noted in a file of the spool, pulled.a, which all of them append to,
 * a line with one write(2) and without a sync:
 *
 *     34 1795000000000000000.4711.mx1.example
 *     -34 1795000000000000000.4712.mx1.example
 *
 * The number is the id's length, so that a torn line is not taken for an id;
 * the note behind it begins with an LF.  A hyphen takes a note back.  After
 * 65,536 lines the file becomes pulled.b, in place of the one before.  The lock
 * is one of a byte of pulled.lock, that of the id: it excludes only those that
 * have the same message in hand.
 *
 * A message whose note is missing, because a process was killed before it, is
 * found by its envelope's Queue-Id.
 */
#ifndef SMTPSERV_PULL_PULLED_H
#define SMTPSERV_PULL_PULLED_H

#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "idset.h"
#include "spool/spool.h"

#define PULLED_FILE "pulled.a"
#define PULLED_OLD  "pulled.b"
#define PULLED_LOCK "pulled.lock"

enum {
	PULLED_LINES = 65536
};

/* It is large: never on the stack. */
struct pulled {
	/* Private. */
	const struct spool *spool;
	bool sync;
	int fd; /* of pulled.a, for appending, or -1 */
	int lock;
	dev_t dev;
	ino_t ino;
	uint64_t size; /* when we looked last */
	uint64_t at;   /* so far it was read: all that is whole */
	size_t lines;
	struct idset now;    /* what it says */
	struct idset before; /* and pulled.b */
	struct idset seen;   /* in the spool, and in neither */
};

/*
 * Open the files, which are made if they are missing, and learn what they say;
 * then note the id of each message in the spool that they do not know.
 */
enum result pulled_open(struct pulled *p, const struct spool *spool, bool sync,
    struct fault *why) MUST_CHECK;
void pulled_close(struct pulled *p);

/*
 * From here on no other process has this message in hand.  Waits for it until
 * the deadline, a moment of sysclock_ms().
 */
enum result pulled_lock(const struct pulled *p, struct bytes id,
    int64_t until_ms, struct fault *why) MUST_CHECK;
void pulled_unlock(const struct pulled *p, struct bytes id);

/*
 * Is the message in the spool, or was it, and durably?  `search`: look for it
 * in the envelopes, too, as its note may be missing.  To be asked with the lock
 * held.
 */
enum result pulled_look(struct pulled *p, struct bytes id, bool search,
    bool *is_known, struct fault *why) MUST_CHECK;

/* It is in the spool, durably.  If that fails, this process knows it still. */
enum result pulled_note(
    struct pulled *p, struct bytes id, struct fault *why) MUST_CHECK;

/*
 * It may be in the spool, but whether durably is not known: if it comes again,
 * it is to be taken again.
 */
void pulled_doubt(struct pulled *p, struct bytes id);

#endif
