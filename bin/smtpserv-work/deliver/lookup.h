/* SPDX-License-Identifier: ISC */
/*
 * lookup: the table's entry for a recipient; and where their mail goes.
 *
 * The worker keeps one open to find out which mail has to wait for which
 * destination, and its agents use what they inherit of it: a read leaves no
 * trace in a descriptor that is shared.  Blocks only as reads of the table's
 * files do.
 */
#ifndef SMTPSERV_WORK_DELIVER_LOOKUP_H
#define SMTPSERV_WORK_DELIVER_LOOKUP_H

#include <stdint.h>
#include <sys/stat.h>

#include "outcome/outcome.h"
#include "table/table.h"

struct settings;

enum {
	LOOKUP_MOUNTS_MAX = 32768
};

struct lookup {
	struct table table;
	/* Private. */
	const struct settings *settings;
	const char *host;
	bool is_open;
	struct stat aliases_st;
	size_t mounts_n;
	char mounts[LOOKUP_MOUNTS_MAX];
	char aliases[TABLE_ALIASES_MAX];
	/* "user@our host", where the recipient has no domain. */
	char qualified[MAILBOX_LOCAL_MAX];
};

/* Both stay the caller's. */
void lookup_init(
    struct lookup *l, const struct settings *settings, const char *host);
void lookup_close(struct lookup *l);

/* Open the table, and the aliases.  False, and out says why not. */
bool lookup_open(struct lookup *l, struct outcome *out);

/* The outcome of a fault of the table for a recipient. */
void lookup_fault(const struct fault *why, struct outcome *out);

/* Find a recipient's entry.  False, and out says why there is not one. */
bool lookup_find(struct lookup *l, struct bytes recipient,
    struct table_match *match, struct outcome *out);

/* Has the table, or the file of the aliases, been replaced since it was opened?
 * Then it is closed. */
bool lookup_refresh(struct lookup *l);

enum lookup_kind {
	LOOKUP_NOWHERE, /* nothing has to be waited for, or it is not known */
	LOOKUP_SERVICE,
	LOOKUP_DISK,
	LOOKUP_HOP /* smtp:, and no other instruction */
};

/*
 * Find the place that this recipient's mail may have to wait for: the first
 * server or command of their instructions, else the file system of the first
 * directory.  A hop's name is mx:DOMAIN or relay:HOST:PORT, in lower case.
 */
struct lookup_place {
	enum lookup_kind kind;
	struct bytes name; /* a view, until the next call */
	/* A server, and no other instruction: recipients may share the way. */
	bool is_shared;
	/* Or a Maildir, and no other: equal for the same one; 0: it is none. */
	uint64_t maildir;
	/* Private. */
	struct table_match match;
	char store[INSTRUCTION_MAX];
};

void lookup_place(
    struct lookup *l, struct bytes recipient, struct lookup_place *place);

#endif
