/* SPDX-License-Identifier: ISC */
/* Subcommands that only look: list, show, stat, check. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envelope/plan.h"
#include "spool/claim.h"
#include "spool/counter.h"
#include "sys/sysio.h"
#include "tool.h"

/* Seconds since then; a clock that was set back makes nothing negative. */
static uint64_t
age_of(time_t then, time_t now)
{
	return (now > then ? (uint64_t)(now - then) : 0);
}

/*
 * Print a stranger's text.  On a terminal nothing but printable ASCII and
 * line ends gets through: its control sequences are commands to some.
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

static void
list_one(const struct tool *t, uint32_t number, time_t now)
{
	struct tool_file wrk;
	struct tool_file txt;
	struct bytes text;
	struct bytes sender = { NULL, 0 };
	struct fault why = { .err = 0 };
	size_t nrcpt = 0;
	const char *wrong = NULL;
	enum scan_kind kind = tool_kind_of(t, number);
	char *envelope = tool_read_envelope(t, number, kind, &text, &why);

	tool_look(t, number, kind, &wrk);
	tool_look(t, number, SCAN_TXT, &txt);
	if (envelope != NULL)
		wrong = plan_check(text, &sender, &nrcpt);
	/* Finished by a consumer since the directory was read. */
	if (!wrk.exists)
		goto done;
	(void)printf("%lu\t%llu\t%llu\t%zu\t%s\t", (unsigned long)number,
	    (unsigned long long)txt.size,
	    (unsigned long long)age_of(wrk.modified, now), nrcpt,
	    kind == SCAN_BAD                                       ? "aside"
		: envelope == NULL || wrong != NULL || !txt.exists ? "damaged"
		: wrk.is_locked                                    ? "claimed"
								   : "waiting");
	if (sender.n == 0)
		(void)printf("<>");
	print_text(sender, isatty(STDOUT_FILENO) == 1);
	(void)printf("\n");
done:
	free(envelope);
}

int
tool_list(struct tool *t)
{
	struct tool_numbers found = { .n = 0 };
	struct fault why = { .err = 0 };
	enum result r = tool_find(t, SCAN_WRK, SCAN_BAD, &found, &why);
	time_t now = time(NULL);
	size_t i;

	if (r == RES_OK)
		for (i = 0; i < found.n; i++)
			list_one(t, found.list[i], now);
	free(found.list);
	return (r == RES_OK ? XC_OK : tool_fail(&why));
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
	if (envelope == NULL)
		return (tool_fail(&why));
	print_text(text, is_terminal);
	free(envelope);
	(void)printf("\n");
	fd = claim_open_text(&c, &why);
	if (fd < 0)
		return (tool_fail(&why));
	if (!print_file(fd, is_terminal))
		return (tool_complain(
		    XC_TEMP, "unable to read %s.TXT", t->argv[0]));
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
	uint64_t aside;
};

/* Files that `clean` would remove, as it sees them. */
static bool
is_left_over(const struct tool *t, uint32_t number, enum scan_kind kind)
{
	struct tool_file cmd;
	struct tool_file wrk;
	struct tool_file bad;

	tool_look(t, number, SCAN_CMD, &cmd);
	tool_look(t, number, SCAN_WRK, &wrk);
	tool_look(t, number, SCAN_BAD, &bad);
	return (!cmd.is_locked &&
	    (kind != SCAN_TXT || (!wrk.exists && !bad.exists)));
}

static bool
count(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct census *c = ctx;
	struct tool_file file;
	struct tool_file txt;

	tool_look(c->t, number, kind, &file);
	if (!file.exists)
		return (true);
	if (kind == SCAN_CMD && file.is_locked)
		c->receiving++;
	if (kind == SCAN_WRK) {
		tool_look(c->t, number, SCAN_TXT, &txt);
		c->messages++;
		c->bytes += txt.size;
		if (age_of(file.modified, c->now) > c->oldest)
			c->oldest = age_of(file.modified, c->now);
	} else if (kind == SCAN_BAD) {
		c->aside++;
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
	};
	bool prometheus =
	    t->argc == 1 && strcmp(t->argv[0], "--prometheus") == 0;
	struct fault why = { .err = 0 };
	enum result r;
	size_t i;

	if (t->argc > 0 && !prometheus)
		return (tool_complain(XC_PERM,
		    "stat: want --prometheus, "
		    "or nothing"));
	r = scan_each(t->dirfd, count, &c, &why);
	if (r != RES_OK)
		return (tool_fail(&why));
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

/* What is wrong with one pair, or NULL. */
static const char *
wrong_with(const struct tool *t, uint32_t number)
{
	struct tool_file wrk;
	struct tool_file txt;
	struct bytes text;
	struct bytes sender;
	struct fault why = { .err = 0 };
	size_t nrcpt;
	const char *wrong;
	char *envelope;

	if (tool_kind_of(t, number) == SCAN_BAD)
		return ("it was set aside, as the log of smtpserv-work says");
	tool_look(t, number, SCAN_TXT, &txt);
	envelope = tool_read_envelope(t, number, SCAN_WRK, &text, &why);
	tool_look(t, number, SCAN_WRK, &wrk);
	if (!wrk.exists)
		wrong = NULL;
	else if (envelope == NULL)
		wrong = "the envelope cannot be read";
	else if (!txt.exists)
		wrong = "there is no text beside it";
	else if (!txt.is_regular)
		wrong = "its text is not a file";
	else if (txt.size == 0)
		wrong = "its text is empty";
	else
		wrong = plan_check(text, &sender, &nrcpt);
	free(envelope);
	return (wrong);
}

/* The counter must be good, and above what it has handed out. */
static int
check_counter(const struct tool *t)
{
	struct counter c;
	struct fault why = { .err = 0 };
	uint32_t highest;
	enum result r = scan_highest(t->dirfd, &highest, &why);

	if (r == RES_OK)
		r = counter_read(t->dirfd, &c, &why);
	if (r != RES_OK && why.err == 0) {
		(void)printf("%s: %s\n", why.name, why.op);
		return (XC_FOUND);
	}
	if (r != RES_OK && why.err != ENOENT)
		return (tool_fail(&why));
	/* An empty spool may have none yet: the first session makes it. */
	if (r != RES_OK && highest == 0)
		return (XC_OK);
	if (r != RES_OK) {
		(void)printf("%s: missing, though there are messages; the next "
			     "session makes one above their numbers\n",
		    COUNTER_FILE);
		return (XC_FOUND);
	}
	if (c.next <= highest && c.limit[0] <= highest &&
	    c.limit[1] <= highest) {
		(void)printf("%s: is at %lu, but there is a file with number "
			     "%lu: run smtpserv-spool repair\n",
		    COUNTER_FILE, (unsigned long)c.next,
		    (unsigned long)highest);
		return (XC_FOUND);
	}
	return (XC_OK);
}

int
tool_check(struct tool *t)
{
	struct tool_numbers found = { .n = 0 };
	struct fault why = { .err = 0 };
	enum result r = tool_find(t, SCAN_WRK, SCAN_BAD, &found, &why);
	int code = r == RES_OK ? check_counter(t) : tool_fail(&why);
	size_t i;

	for (i = 0; r == RES_OK && i < found.n; i++) {
		const char *wrong = wrong_with(t, found.list[i]);

		if (wrong == NULL)
			continue;
		(void)printf("%lu.%s: %s\n", (unsigned long)found.list[i],
		    tool_kind_of(t, found.list[i]) == SCAN_BAD ? "BAD" : "WRK",
		    wrong);
		code = code == XC_OK ? XC_FOUND : code;
	}
	free(found.list);
	return (code);
}
