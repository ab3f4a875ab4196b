/* SPDX-License-Identifier: ISC */
/* Subcommands that look: show and stat; sample writes what it saw. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envelope/plan.h"
#include "look/totals.h"
#include "spool/claim.h"
#include "spool/samples.h"
#include "spool/sequence.h"
#include "sys/sysio.h"
#include "tool.h"

/* Seconds since then; a clock that was set back makes nothing negative. */
static uint64_t
age_of(time_t then, time_t now)
{
	return (now > then ? (uint64_t)(now - then) : 0);
}

/*
 * Print a stranger's text.  On a terminal only printable ASCII and line ends
 * get through: some terminals obey control sequences.
 */
static void
print_text(struct bytes text, bool is_terminal)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (!is_terminal || c == '\n' || c == '\t' ||
		    (c >= ' ' && c <= '~'))
			(void)putchar(c);
		else
			(void)printf("\\x%02x", c);
	}
}

/* The rest of an open file to stdout. */
static bool
print_file(int fd, bool is_terminal)
{
	char store[16384];
	size_t n;

	for (;;) {
		ssize_t r = read(fd, store, sizeof(store));

		if (r <= 0)
			return (r == 0);
		n = (size_t)r;
		print_text((struct bytes){ store, n }, is_terminal);
	}
}

int
tool_show(struct tool *t)
{
	bool is_terminal = isatty(STDOUT_FILENO) == 1;
	struct claim c = { .dirfd = t->dirfd };
	struct bytes text;
	struct fault why = { .err = 0 };
	char *envelope;
	int fd;

	if (!tool_number(t->argv[0], &c.number))
		return (XC_PERM);
	envelope = tool_read_envelope(
	    t, c.number, tool_kind_of(t, c.number), &text, &why);
	if (envelope == NULL && why.err == ENOENT)
		return (problem_fail(
		    &TOOL_SELF, XC_PERM, "%s: no such message", t->argv[0]));
	if (envelope == NULL)
		return (problem_fault(&TOOL_SELF, &why));
	print_text(text, is_terminal);
	free(envelope);
	(void)printf("\n");
	fd = claim_open_text(&c, &why);
	if (fd < 0)
		return (problem_fault(&TOOL_SELF, &why));
	if (!print_file(fd, is_terminal))
		return (problem_fail(
		    &TOOL_SELF, XC_TEMP, "unable to read %s.TXT", t->argv[0]));
	(void)close(fd);
	return (XC_OK);
}

/* What `stat` counts. */
struct census {
	const struct tool *t;
	time_t now;
	uint64_t messages;
	uint64_t bytes;
	uint64_t oldest;
	uint64_t receiving;
	uint64_t left_over;
	uint64_t
	    committing; /* of these, texts under a mark of a live session */
	uint64_t aside;
	uint64_t held;
};

/* Files that `clean` would remove, as it sees them. */
static bool
is_left_over(const struct tool *t, uint32_t number, enum scan_kind kind)
{
	struct tool_file cmd;
	struct tool_file envelope;

	tool_look(t, number, SCAN_CMD, &cmd);
	tool_look(t, number, tool_kind_of(t, number), &envelope);
	return (!cmd.is_locked &&
	    ((kind != SCAN_TXT && kind != SCAN_WHY) || !envelope.exists));
}

static bool
count(void *ctx, uint32_t number, enum scan_kind kind, const char *name)
{
	struct census *c = ctx;
	struct tool_file file;
	struct tool_file txt;
	time_t born;

	tool_look_at(c->t, name, &file);
	if (!file.exists)
		return (true);
	if ((kind == SCAN_CMD || kind == SCAN_MARK) && file.is_locked)
		c->receiving++;
	if (kind == SCAN_WRK) {
		tool_look(c->t, number, SCAN_TXT, &txt);
		c->messages++;
		c->bytes += txt.size;
		/* Since it was accepted, not since it was tried. */
		born = txt.exists ? txt.modified : file.modified;
		if (age_of(born, c->now) > c->oldest)
			c->oldest = age_of(born, c->now);
	} else if (kind == SCAN_BAD) {
		c->aside++;
	} else if (kind == SCAN_HELD) {
		c->held++;
	} else if (kind == SCAN_MARK) {
		/* Only `clean` finds out if it is a message. */
		c->left_over += file.is_locked ? 0 : 1;
		c->committing += file.is_locked ? 1 : 0;
	} else if (is_left_over(c->t, number, kind)) {
		c->left_over++;
	}
	return (true);
}

static void
print_metric(const char *name, const char *help, uint64_t value)
{
	(void)printf("# HELP smtpserv_spool_%s %s\n"
		     "# TYPE smtpserv_spool_%s gauge\n"
		     "smtpserv_spool_%s %llu\n",
	    name, help, name, name, (unsigned long long)value);
}

int
tool_stat(struct tool *t)
{
	struct census c = { .t = t, .now = time(NULL) };
	const struct {
		const char *name;
		const char *help;
		const uint64_t *value;
	} rows[] = {
		{ "messages", "Committed messages.", &c.messages },
		{ "bytes", "Bytes of their text.", &c.bytes },
		{ "oldest_seconds", "Age of the oldest.", &c.oldest },
		{ "receiving", "Messages being received.", &c.receiving },
		{ "left_over", "Files left by dead sessions.", &c.left_over },
		{ "aside", "Damaged messages set aside.", &c.aside },
		{ "held", "Messages held back.", &c.held },
	};
	bool prometheus =
	    t->argc == 1 && strcmp(t->argv[0], "--prometheus") == 0;
	struct fault why = { .err = 0 };
	enum result r;
	size_t i;

	if (t->argc > 0 && !prometheus)
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "stat: want --prometheus, "
		    "or nothing"));
	r = scan_each_name(t->dirfd, count, &c, &why);
	if (r != RES_OK)
		return (problem_fault(&TOOL_SELF, &why));
	c.left_over -= c.committing < c.left_over ? c.committing : c.left_over;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (prometheus)
			print_metric(
			    rows[i].name, rows[i].help, *rows[i].value);
		else
			(void)printf("%s %llu\n", rows[i].name,
			    (unsigned long long)*rows[i].value);
	}
	return (XC_OK);
}

/* The number that comes next, or 0: a record does not depend on it. */
static uint32_t
next_number(const struct tool *t)
{
	struct counter counter;
	struct fault why;

	return (sequence_read(t->dirfd, &counter, &why) == RES_OK ? counter.next
								  : 0);
}

static int
sample_once(const struct tool *t)
{
	struct sample s = { .at = time(NULL), .next = next_number(t) };
	struct totals totals;
	struct fault why = { .err = 0 };
	enum result r = totals_take(t->dirfd, s.at, &totals, &why);

	s.messages = (uint32_t)totals.messages;
	s.bytes = totals.bytes;
	s.oldest =
	    totals.oldest > UINT32_MAX ? UINT32_MAX : (uint32_t)totals.oldest;
	if (r == RES_OK)
		r = samples_put(t->dirfd, &s, &why);
	return (r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, &why));
}

/* Early in each minute: a failure is told, and the next may succeed. */
int
tool_sample(struct tool *t)
{
	if (t->argc == 0)
		return (sample_once(t));
	if (strcmp(t->argv[0], "--forever") != 0)
		return (problem_fail(
		    &TOOL_SELF, XC_PERM, "sample: want --forever, or nothing"));
	for (;;) {
		time_t past = time(NULL) % SAMPLES_STEP;

		(void)sample_once(t); /* it was told */
		(void)sleep((unsigned int)(SAMPLES_STEP + 1 - past));
	}
}
