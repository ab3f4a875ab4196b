/* SPDX-License-Identifier: ISC */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>

#include "terms.h"

enum {
	SEGMENT_ENTRIES_MAX = 128,
	/* What an envelope may take beside the largest message. */
	ENVELOPE_ROOM = 1048576
};

#define WAL_MOST 64000000U

void
verdict_say(
    const struct verdict *v, enum verdict_weight weight, const char *fmt, ...)
{
	char text[VERDICT_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	v->tell(v->ctx, weight, text);
}

/* A line without its end, and without what makes a terminal show it bold. */
static bool
take_line(struct bytes *rest, struct bytes *line)
{
	if (rest->n == 0)
		return (false);
	if (!bytes_take(rest, '\n', line)) {
		*line = *rest;
		*rest = bytes_cut(*rest, rest->n, 0);
	}
	while (line->n > 0 && line->p[0] == '\033') {
		size_t at;

		if (!bytes_find(*line, 'm', &at))
			break;
		*line = bytes_cut(*line, at + 1, line->n);
	}
	if (line->n > 3 && line->p[line->n - 4] == '\033')
		*line = bytes_cut(*line, 0, line->n - 4);
	return (true);
}

/* The lines of a section, up to the empty one behind them. */
static bool
find_section(struct bytes text, const char *heading, struct bytes *lines)
{
	struct bytes line;

	while (take_line(&text, &line))
		if (bytes_same(line, bytes_of(heading))) {
			*lines = text;
			if (take_line(&text, &line) && line.n == 0)
				*lines = text;
			return (true);
		}
	return (false);
}

/* The next line of a section; false: at its end. */
static bool
take_item(struct bytes *lines, struct bytes *line)
{
	return (take_line(lines, line) && line->n > 0 &&
	    !bytes_same(*line, bytes_of("(none)")));
}

static void
tell_items(const struct verdict *v, struct bytes text, const char *heading,
    const char *why)
{
	struct bytes lines;
	struct bytes line;

	if (!find_section(text, heading, &lines)) {
		verdict_say(v, VERDICT_CRITICAL,
		    "cluster_status says nothing of %s", heading);
		return;
	}
	while (take_item(&lines, &line))
		verdict_say(
		    v, VERDICT_CRITICAL, "%.*s: %s", (int)line.n, line.p, why);
}

void
verdict_cluster(const struct verdict *v, struct bytes text)
{
	struct bytes lines = bytes_cut(text, 0, 0);
	struct bytes line;
	size_t running = 0;

	if (!find_section(text, "Running Nodes", &lines))
		verdict_say(v, VERDICT_CRITICAL,
		    "cluster_status says nothing of nodes that run");
	while (take_item(&lines, &line))
		running++;
	if (running < VERDICT_COPIES)
		verdict_say(v, running < 2 ? VERDICT_CRITICAL : VERDICT_WARNING,
		    "%zu of %d nodes run", running, VERDICT_COPIES);
	tell_items(v, text, "Alarms", "no node takes mail until it is over");
	tell_items(
	    v, text, "Network Partitions", "nodes that do not see each other");
}

/* As verdict_nodes() reads it. */
const char VERDICT_NODES_EXPRESSION[] =
    "[{N,"
    "rpc:call(N,application,get_env,[rabbit,max_message_size]),"
    "rpc:call(N,application,get_env,[ra,segment_max_entries]),"
    "rpc:call(N,application,get_env,[ra,wal_max_size_bytes]),"
    "rpc:call(N,application,get_env,[rabbit,cluster_partition_handling]),"
    "rpc:call(N,rabbit_disk_monitor,get_disk_free_limit,[]),"
    "rpc:call(N,vm_memory_monitor,get_total_memory,[])"
    "}||N<-[node()|nodes()]].";

static void
judge_limits(
    const struct verdict *v, struct bytes name, const struct bytes *term)
{
	uint64_t n;

	if (v->maxsize == 0 || !terms_number(term[0], &n) ||
	    n < (uint64_t)v->maxsize + ENVELOPE_ROOM)
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: max_message_size is %.*s, less than smtp.maxsize "
		    "and 1 MiB: large mail is refused",
		    (int)name.n, name.p, (int)term[0].n, term[0].p);
	if (!terms_number(term[1], &n) || n > SEGMENT_ENTRIES_MAX)
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: raft.segment_max_entries is %.*s, more than %d: "
		    "large mail that is gone stays on the disk",
		    (int)name.n, name.p, (int)term[1].n, term[1].p,
		    SEGMENT_ENTRIES_MAX);
	if (!terms_number(term[2], &n) || n > WAL_MOST)
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: raft.wal_max_size_bytes is %.*s, more than %u: it "
		    "is in memory, too",
		    (int)name.n, name.p, (int)term[2].n, term[2].p, WAL_MOST);
}

static void
judge_node(const struct verdict *v, struct bytes name, const struct bytes *term)
{
	struct bytes inside = terms_inside(term[3]);
	struct bytes first;
	struct bytes way;
	uint64_t n;

	judge_limits(v, name, term);
	if (!terms_take(&inside, &first) || !terms_take(&inside, &way) ||
	    !terms_is(way, "pause_minority"))
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: cluster_partition_handling is not pause_minority",
		    (int)name.n, name.p);
	if (terms_number(term[4], &n) && n / 2 < v->most)
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: disk_free_limit is %llu, less than twice "
		    "x-max-length-bytes",
		    (int)name.n, name.p, (unsigned long long)n);
	if (terms_number(term[5], &n) && n / 4 < v->most)
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: x-max-length-bytes is more than a quarter of its "
		    "memory: a full queue may not start again",
		    (int)name.n, name.p);
}

void
verdict_nodes(const struct verdict *v, struct bytes text)
{
	struct bytes list;
	struct bytes tuple;
	struct bytes name;
	struct bytes term[6];
	size_t nodes = 0;
	size_t n;

	if (!terms_take(&text, &list))
		list = text;
	list = terms_inside(list);
	while (terms_take(&list, &tuple)) {
		tuple = terms_inside(tuple);
		n = 0;
		if (!terms_take(&tuple, &name))
			break;
		while (n < ARRAY_LEN(term) && terms_take(&tuple, &term[n]))
			n++;
		if (n < ARRAY_LEN(term))
			break;
		judge_node(v, name, term);
		nodes++;
	}
	if (nodes == 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "what nodes say of their settings cannot be read");
}
