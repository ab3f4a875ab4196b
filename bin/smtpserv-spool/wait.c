/* SPDX-License-Identifier: ISC */
/* wait: until there is a message that is free to be worked on. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "tool.h"

enum {
	/*
	 * Look again after so many milliseconds, whatever inotify says: it
	 * does not see what other hosts do, nor the end of a claim.
	 */
	POLL_MS = 1000
};

/*
 * Can a consumer go to work on it?  A lone envelope is not a message; if it
 * were told again and again, a consumer would never get to those behind it.
 */
static bool
is_free(const struct tool *t, uint32_t number)
{
	struct tool_file wrk;
	struct tool_file txt;

	tool_look(t, number, SCAN_WRK, &wrk);
	if (!wrk.is_regular || wrk.is_locked)
		return (false);
	tool_look(t, number, SCAN_TXT, &txt);
	return (txt.is_regular);
}

/* The first free message above `after`; 0: none. */
static enum result
first_free(
    const struct tool *t, uint32_t after, uint32_t *number, struct fault *why)
{
	struct tool_numbers found = { .n = 0 };
	enum result r = tool_find(t, SCAN_WRK, SCAN_WRK, &found, why);
	size_t i;

	*number = 0;
	for (i = 0; r == RES_OK && i < found.n && *number == 0; i++)
		if (scan_is_later(found.list[i], after) &&
		    is_free(t, found.list[i]))
			*number = found.list[i];
	free(found.list);
	return (r);
}

/* Until something was renamed in the directory, or a while has passed. */
static bool
doze(int notify)
{
	struct pollfd pfd = { notify, POLLIN, 0 };
	char events[4096];

	if (poll(&pfd, 1, POLL_MS) < 0 && errno != EINTR)
		return (false);
	/* The events do not matter: the directory is read again. */
	if ((pfd.revents & POLLIN) != 0 &&
	    read(notify, events, sizeof(events)) < 0 && errno != EAGAIN)
		return (false);
	return (true);
}

int
tool_wait(struct tool *t)
{
	struct fault why = { .err = 0 };
	uint32_t after = 0;
	uint32_t number = 0;
	int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (t->argc > 0 && (t->argc != 2 || strcmp(t->argv[0], "--after") != 0))
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "wait: want --after NUMBER, or nothing"));
	if (t->argc == 2 && strcmp(t->argv[1], "0") != 0 &&
	    !tool_number(t->argv[1], &after))
		return (XC_PERM);
	/*
	 * A close ends a commit's lock, or a claim.  Those are open for
	 * writing; our own looks are not, and must not wake us.
	 */
	if (notify < 0 ||
	    inotify_add_watch(notify, t->dir, IN_MOVED_TO | IN_CLOSE_WRITE) < 0)
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "unable to watch %s: %s", t->dir, strerror(errno)));
	for (;;) {
		enum result r = first_free(t, after, &number, &why);

		if (r != RES_OK)
			return (problem_fault(&TOOL_SELF, &why));
		if (number != 0)
			break;
		if (!doze(notify))
			return (problem_fail(&TOOL_SELF, XC_TEMP,
			    "unable to wait: %s", strerror(errno)));
	}
	(void)printf("%lu\n", (unsigned long)number);
	return (XC_OK);
}
