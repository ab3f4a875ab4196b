/* SPDX-License-Identifier: ISC */
/*
 * tool: what the subcommands of smtpserv-spool share.
 *
 * A subcommand gets the open spool and its own arguments, prints to stdout,
 * complains to stderr, and returns the exit code.
 */
#ifndef SMTPSERV_SPOOL_TOOL_H
#define SMTPSERV_SPOOL_TOOL_H

#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "program/problem.h"
#include "spool/scan.h"

/* This program's name, for complaints, and its usage without commands. */
extern const struct program TOOL_SELF;

struct tool {
	int dirfd;
	const char *dir;
	uint32_t queuelife; /* seconds */
	int argc;           /* of the subcommand, without its name */
	char **argv;
};

struct filter;

typedef int tool_fn(struct tool *t);

tool_fn tool_list;                                      /* list.c */
tool_fn tool_show, tool_stat, tool_sample;              /* look.c */
tool_fn tool_check;                                     /* check.c */
tool_fn tool_clean, tool_repair, tool_claim;            /* act.c */
tool_fn tool_retry, tool_hold, tool_release, tool_fail; /* verbs.c */
tool_fn tool_remove;                                    /* likewise */
tool_fn tool_wait;                                      /* wait.c */
tool_fn tool_probe;                                     /* probe.c */

/* Print a line if the counter's lock is kept; then XC_FOUND (holder.c). */
int tool_check_lock(const struct tool *t);

/* A note: in how many stages messages are committed here, and why (cost.c). */
void tool_say_stages(const struct tool *t);

/* A note: what a sync and a message cost, in a spool of its own. */
void tool_say_cost(const char *dir);

/* The one argument, a message number; false if it is none, which is told. */
bool tool_number(const char *text, uint32_t *number);

/*
 * Take the argument *i, which is an option of filter.h, and its value, on to
 * which *i moves.  False: it is not, and that is told.
 */
bool tool_take_filter(const struct tool *t, int *i, struct filter *f);

/* N.WRK, else N.HLD or N.BAD where there is only that. */
enum scan_kind tool_kind_of(const struct tool *t, uint32_t number);

/* The facts of one file of a message. */
struct tool_file {
	bool exists;
	bool is_regular;
	bool is_locked; /* by a session, a consumer or a cleaner */
	bool is_closed; /* to us, who have no right to read it */
	uint64_t size;
	time_t modified;
};

void tool_look(const struct tool *t, uint32_t number, enum scan_kind kind,
    struct tool_file *file);
void tool_look_at(
    const struct tool *t, const char *name, struct tool_file *file);

/*
 * The whole text of such a file, in memory that is the caller's to free;
 * NULL if it cannot be read, or is of no sensible size, and then why says so.
 */
char *tool_read_envelope(const struct tool *t, uint32_t number,
    enum scan_kind kind, struct bytes *text, struct fault *why);

#endif
