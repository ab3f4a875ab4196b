/* SPDX-License-Identifier: ISC */
/* wait: until there is a message that is free to be worked on. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "look/each.h"
#include "tool.h"

enum {
	/*
	 * Look again after so many milliseconds, whatever inotify says: it
	 * does not see what other hosts do, nor the end of a claim.
	 */
	POLL_MS = 1000
};

struct search {
	const struct tool *t;
	uint32_t after;
	uint32_t number; /* 0: none is free */
	bool is_closed;  /* we cannot tell if it is */
};

/*
 * Can a consumer go to work on it?  A lone envelope is not a message; if it
 * were told again and again, a consumer would never get to those behind it.
 */
static bool
look_at(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct search *s = ctx;
	struct tool_file wrk;
	struct tool_file txt;

	if (!scan_is_later(number, s->after))
		return (true);
	tool_look(s->t, number, kind, &wrk);
	if (!wrk.is_regular || wrk.is_locked)
		return (true);
	tool_look(s->t, number, SCAN_TXT, &txt);
	if (!txt.is_regular)
		return (true);
	s->number = number;
	s->is_closed = wrk.is_closed;
	return (false);
}

static int
found(const struct search *s)
{
	if (s->is_closed)
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "no right to read %lu.WRK: this is for the user of %s, or "
		    "root",
		    (unsigned long)s->number, s->t->dir));
	(void)printf("%lu\n", (unsigned long)s->number);
	return (XC_OK);
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
	struct search s = { .t = t };
	int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (t->argc > 0 && (t->argc != 2 || strcmp(t->argv[0], "--after") != 0))
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "wait: want --after NUMBER, or nothing"));
	if (t->argc == 2 && strcmp(t->argv[1], "0") != 0 &&
	    !tool_number(t->argv[1], &s.after))
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
		if (each_run(t->dirfd, 1U << SCAN_WRK, look_at, &s, &why) !=
		    RES_OK)
			return (problem_fault(&TOOL_SELF, &why));
		if (s.number != 0)
			return (found(&s));
		if (!doze(notify))
			return (problem_fail(&TOOL_SELF, XC_TEMP,
			    "unable to wait: %s", strerror(errno)));
	}
}
