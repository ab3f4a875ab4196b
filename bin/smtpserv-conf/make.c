/* SPDX-License-Identifier: ISC */
#include "make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deliver.h"
#include "program/problem.h"
#include "sys/sysio.h"
#include "table/cdbmake.h"

enum {
	TEXT_MAX = 512 * 1024 * 1024, /* less than a cdb can hold */
	LOOKED_UP_MAX = 1000          /* problems that are told with a line */
};

struct making {
	const struct make *make;
	struct settings *settings;
	char *store; /* of the text, malloc()ed */
	struct bytes text;
	struct cdbmake cdb;
	unsigned int told;
	bool has_error;
};

/* Room for more text; false: errno says why. */
static bool
grow(struct making *m, size_t *cap)
{
	char *more;

	errno = EFBIG;
	if (*cap >= TEXT_MAX)
		return (false);
	*cap = *cap == 0 ? 65536 : 2 * *cap;
	more = realloc(m->store, *cap);
	if (more != NULL)
		m->store = more;
	return (more != NULL);
}

static bool
read_text(struct making *m, int fd)
{
	size_t cap = 0;
	size_t n = 0;
	ssize_t got;

	do {
		if (n == cap && !grow(m, &cap))
			return (false);
		got = read(fd, m->store + n, cap - n);
		if (got > 0)
			n += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	m->text = (struct bytes){ m->store, n };
	return (got == 0);
}

static enum result
open_text(struct making *m, struct fault *why)
{
	const char *path = m->make->text;
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum result r = RES_OK;

	if (fd < 0)
		return (fault_set(why, "open", path, errno));
	if (!read_text(m, fd))
		r = fault_set(why, "read", path, errno);
	if (!is_input)
		(void)close(fd); /* it was read only */
	return (r);
}

/* The line of a key, with the instruction that the problem begins with. */
static unsigned int
line_of(struct bytes text, struct bytes key, struct bytes problem)
{
	struct bytes rest = text;
	struct bytes a;
	struct bytes b;
	unsigned int line = 1;
	unsigned int first = 0;
	const char *counted = text.p;

	while (cdbmake_next(&rest, &a, &b) == CDBMAKE_PAIR) {
		for (; counted < a.p; counted++)
			line += *counted == '\n';
		if (!bytes_same(a, key))
			continue;
		if (b.n > 0 && problem.n >= b.n &&
		    bytes_same(bytes_cut(problem, 0, b.n), b))
			return (line);
		if (first == 0)
			first = line;
	}
	return (first);
}

/* A problem of the file that becomes the table is told of the text. */
static void
report(void *ctx, enum conf_weight weight, const char *file, unsigned int line,
    const char *key, const char *text)
{
	struct making *m = ctx;

	if (strcmp(file, m->cdb.name) == 0) {
		file = m->make->text;
		if (m->told++ < LOOKED_UP_MAX)
			line = line_of(m->text, bytes_of(key), bytes_of(text));
	}
	if (weight == CONF_ERROR)
		m->has_error = true;
	m->make->report(m->make->ctx, weight, file, line, key, text);
}

/* With the worker's eyes. */
static int
look(void *ctx)
{
	struct making *m = ctx;
	const struct make *make = m->make;

	deliver_check(m->settings, make->conf, make->host,
	    make->eyes->are_theirs, report, m);
	/* A note only: the table is made all the same. */
	deliver_check_waiting(
	    m->settings, make->conf, make->host, CONF_NOTE, report, m);
	return (m->has_error ? XC_FOUND : XC_OK);
}

static int
fill_and_look(struct making *m)
{
	struct fault why;
	int code;

	if (cdbmake_begin(&m->cdb, m->make->path, &why) != RES_OK ||
	    cdbmake_fill(&m->cdb, m->text, &why) != RES_OK)
		return (problem_fault(m->make->self, &why));
	m->settings->who.deliver = m->cdb.name;
	code = eyes_look(m->make->self, m->make->eyes, look, m);
	if (code != XC_OK)
		return (code);
	return (cdbmake_end(&m->cdb, &why) == RES_OK
		? XC_OK
		: problem_fault(m->make->self, &why));
}

int
make_table(const struct make *make, struct settings *settings)
{
	struct making m = { .make = make, .settings = settings };
	struct fault why;
	int code;

	m.cdb.fd = -1;
	code = open_text(&m, &why) == RES_OK ? fill_and_look(&m)
					     : problem_fault(make->self, &why);
	if (code == XC_FOUND)
		problem_say(make->self, "%s stays as it was", make->path);
	cdbmake_abort(&m.cdb);
	free(m.store);
	return (code);
}
