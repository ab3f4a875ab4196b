/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-count: counters for Prometheus, of the log that passes through.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "counts.h"
#include "program/problem.h"
#include "program/program.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

enum {
	LINE_MAX_OCTETS = 8192, /* the rest of a longer one is not looked at */
	PERIOD_MS = 10000       /* between two files, if there is news */
};

static const struct program PROGRAM = { "smtpserv-count", "[-q] file", NULL };

struct counting {
	const char *path; /* of the file */
	bool is_quiet;
	bool is_changed; /* since the file was written */
	bool has_failed; /* to write the file, which was said */
	int64_t due_ms;
	size_t n; /* of the line that has begun */
	char line[LINE_MAX_OCTETS];
	struct counts counts;
};

/* The log goes on, whatever becomes of the file. */
static void
save(struct counting *c)
{
	static char text[COUNTS_TEXT_MAX];
	struct buf out;

	c->due_ms = sysclock_ms() + PERIOD_MS;
	if (!c->is_changed)
		return;
	buf_init(&out, text, sizeof(text));
	counts_print(&c->counts, &out);
	if (sysfile_replace(c->path, buf_view(&out))) {
		c->is_changed = false;
		c->has_failed = false;
	} else if (!c->has_failed) {
		problem_say(&PROGRAM, "unable to write %s: %s", c->path,
		    strerror(errno));
		c->has_failed = true;
	}
}

static void
take(struct counting *c, struct bytes chunk)
{
	size_t i;

	for (i = 0; i < chunk.n; i++) {
		if (chunk.p[i] == '\n') {
			counts_add(&c->counts, (struct bytes){ c->line, c->n });
			c->n = 0;
			c->is_changed = true;
		} else if (c->n < sizeof(c->line)) {
			c->line[c->n++] = chunk.p[i];
		}
	}
}

/* Wait for more of the log, but not beyond the time for the file. */
static bool
wait_for_more(const struct counting *c)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };
	int64_t left = c->due_ms - sysclock_ms();
	int timeout = !c->is_changed ? -1 : left < 0 ? 0 : (int)left;

	return (poll(&in, 1, timeout) != 0);
}

static int
run(struct counting *c)
{
	char chunk[16384];
	ssize_t n;

	/* A file at once, so that a mistake in its name is seen. */
	c->is_changed = true;
	save(c);
	for (;;) {
		if (c->is_changed && sysclock_ms() >= c->due_ms)
			save(c);
		if (!wait_for_more(c))
			continue;
		n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		if (!c->is_quiet &&
		    sysio_write_file(STDOUT_FILENO,
			(struct bytes){ chunk, (size_t)n }) != SYSIO_OK)
			return (problem_fail(&PROGRAM, XC_TEMP,
			    "unable to write: %s", strerror(errno)));
		take(c, (struct bytes){ chunk, (size_t)n });
	}
	if (n < 0)
		return (problem_fail(
		    &PROGRAM, XC_TEMP, "unable to read: %s", strerror(errno)));
	save(c);
	return (c->has_failed ? XC_TEMP : XC_OK);
}

int
main(int argc, char **argv)
{
	static struct counting counting;
	int code;
	int opt;

	if (program_answers(&PROGRAM, argc, argv, &code))
		return (code);
	while ((opt = getopt(argc, argv, "q")) != -1) {
		if (opt != 'q')
			return (program_misused(&PROGRAM));
		counting.is_quiet = true;
	}
	if (argc - optind != 1)
		return (program_misused(&PROGRAM));
	counting.path = argv[optind];
	counts_init(&counting.counts);
	return (run(&counting));
}
