/* SPDX-License-Identifier: ISC */
/*
 * scan: what is in the spool directory, and the removal of left-overs.
 */
#ifndef SPOOL_SCAN_H
#define SPOOL_SCAN_H

#include <stdint.h>

#include "base/base.h"
#include "bytes/bytes.h"

/*
 * The files of a message, in the order of their appearance.  A worker that
 * finds a WRK damaged makes it a BAD, which keeps its text and its number for
 * a person to look at; a person who wants to keep a message back makes its WRK
 * a HELD.  A WHY says why a message waits, and nothing hangs on it.  A MARK, of
 * a commit in one stage, comes between CMD and WRK; its name is for mark_name()
 * to make.
 */
enum scan_kind {
	SCAN_CMD,
	SCAN_TMP,
	SCAN_TXT,
	SCAN_WRK,
	SCAN_BAD,
	SCAN_HELD,
	SCAN_WHY,
	SCAN_MARK
};

enum {
	SCAN_NAMED = 7,    /* kinds whose names are for scan_name() to make */
	SCAN_NAME_MAX = 16 /* "4294967295.WRK" and its NUL */
};

/* Pure.  "5321.CMD"; not of a MARK. */
void scan_name(char name[SCAN_NAME_MAX], uint32_t number, enum scan_kind kind);

/* Pure.  False: not the name of one of them; 007.WRK is not. */
bool scan_parse_name(const char *name, uint32_t *number, enum scan_kind *kind);

/*
 * Pure.  Does number a come later than b?  Numbers begin anew after the last,
 * so the shorter way round decides.  0 is not a number, and comes before all.
 */
bool scan_is_later(uint32_t a, uint32_t b);

/* Called for each message file; returning false ends the scan. */
typedef bool scan_fn(void *ctx, uint32_t number, enum scan_kind kind);

/*
 * Visit every message file, in any order.  A file that comes or goes meanwhile
 * may be seen or not.
 */
enum result scan_each(
    int dirfd, scan_fn *visit, void *ctx, struct fault *why) MUST_CHECK;

/* The same, with the name. */
typedef bool scan_name_fn(
    void *ctx, uint32_t number, enum scan_kind kind, const char *name);

enum result scan_each_name(
    int dirfd, scan_name_fn *visit, void *ctx, struct fault *why) MUST_CHECK;

/*
 * The latest number that any file has, by scan_is_later(); 0 if there are not
 * any files.
 */
enum result scan_highest(
    int dirfd, uint32_t *highest, struct fault *why) MUST_CHECK;

/*
 * Remove the files that dead sessions and consumers left, and only these, while
 * live ones work: a CMD whose lock is free with its TMP and TXT, and a TMP, TXT
 * or WHY without CMD and WRK.  Never a WRK, BAD, HELD or MARK, nor the TXT
 * beside one; complete_all() is to deal with each MARK first.  *removed counts
 * files.  Goes on after a failure and reports the first.
 */
enum result scan_clean(
    int dirfd, uint64_t *removed, struct fault *why) MUST_CHECK;

#endif
