/* SPDX-License-Identifier: ISC */
/*
 * stages: in how many stages is a message committed here?
 *
 * One is enough if a power cut in a rename always leaves the old name or the
 * new one: then the last name need not be waited for.  That is known of xfs,
 * btrfs and zfs, and of ext4 with its journal.  Everywhere else, and in doubt,
 * it takes two.
 */
#ifndef SPOOL_STAGES_H
#define SPOOL_STAGES_H

#include <stdbool.h>

struct stages {
	bool is_one;
	const char *why; /* static text, behind "one stage: " */
	/*
	 * Other hosts may use the directory at the same time; then none of
	 * them commits in one stage.
	 */
	bool is_shared;
};

/* Pure.  By the number that statfs(2) gives; of ext4 that is not enough. */
void stages_of_kind(unsigned int magic, struct stages *s);

/* Looks at the file system, and at /sys: before a sandbox. */
void stages_find(int dirfd, struct stages *s);

#endif
