/* SPDX-License-Identifier: ISC */
/*
 * behalf: root delivers into somebody's directory as that somebody.
 *
 * A user could not read a file that root makes in their Maildir, and a link
 * that the user has made there would lead root anywhere.  So from the first
 * name on the path that is not root's (a directory or a link), all is done with
 * the rights of that name's owner, and of their group: new files are theirs,
 * and a place that they may not write to is not written to.  If all of the path
 * is root's, it ends in the directory that was looked at, so that nobody can
 * lead root elsewhere after that.  A worker that is not root keeps its rights.
 */
#ifndef SMTPSERV_WORK_DELIVER_BEHALF_H
#define SMTPSERV_WORK_DELIVER_BEHALF_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	BEHALF_GROUPS_MAX = 64,
	BEHALF_PATH_MAX = 4096
};

struct behalf {
	bool is_others; /* not root's own */
	/* Where to go on, and by which name: behind the part that is root's. */
	int fd;
	char path[BEHALF_PATH_MAX];
	int no_link; /* a flag of open(2) to open it by, or 0 */
	/* Private. */
	int ngroups;
	gid_t groups[BEHALF_GROUPS_MAX];
};

/*
 * From here to the end files are that user's.  0 or an errno; to be ended
 * either way.
 */
int behalf_begin(struct behalf *b, const char *path);
void behalf_end(struct behalf *b);

#endif
