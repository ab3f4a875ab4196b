/* SPDX-License-Identifier: ISC */
#include "deliver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "blame.h"
#include "bytes/buf.h"
#include "circles.h"
#include "mail/aliases.h"
#include "nodes.h"
#include "place.h"
#include "table/table.h"
#include "twice.h"
#include "waits.h"

enum {
	POSTMASTER = 0 /* the node that is smtp.postmaster's */
};

struct checking {
	const struct settings *settings;
	const char *conf_file;
	const char *host;
	bool is_worker;
	bool is_for_root; /* the spool is root's: so is the worker */
	struct blame_ear ear;
	struct table table;
	struct table_match match;
	struct table_match source; /* of the forwards that are followed */
	struct cdbfile_walk walk;
	struct nodes nodes; /* keys and aliases, and smtp.postmaster */
	struct circles circles;
	struct twice twice;
};

static void
tell(struct checking *c, enum conf_weight weight, const struct blame *blame,
    struct bytes about, const char *text)
{
	blame_tell(&c->ear, weight, blame, about, text);
}

static void
tell_fault(struct checking *c, const struct fault *why)
{
	struct blame blame = { c->conf_file, bytes_of("smtp.deliver") };
	char text[256];

	(void)snprintf(text, sizeof(text), "unable to %s %s%s%s", why->op,
	    why->name, why->err == 0 ? "" : ": ",
	    why->err == 0 ? "" : strerror(why->err));
	tell(c, CONF_ERROR, &blame, bytes_cut(blame.key, 0, 0), text);
}

static void
tell_no_memory(struct checking *c)
{
	struct fault why;

	(void)fault_set(
	    &why, "get memory for", c->settings->who.deliver, ENOMEM);
	tell_fault(c, &why);
}

/* What is said of a command, though it can be carried out. */
static void
note_command(struct checking *c, const struct blame *blame, struct bytes text,
    const struct instruction *in)
{
	struct bytes name;
	char bare[128];

	if (c->is_for_root && in->user.n == 0) {
		tell(c, CONF_NOTE, blame, text,
		    "would be run as root, as the spool is root's: give it to "
		    "a user, or name one by `user:NAME' here");
		/* Once says it of all. */
		c->is_for_root = false;
	}
	if (!place_has_bare_variable(in->target, &name))
		return;
	(void)snprintf(bare, sizeof(bare),
	    "$%.*s stands outside double quotes: the shell takes apart what "
	    "a client has written",
	    (int)name.n, name.p);
	tell(c, CONF_NOTE, blame, text, bare);
}

/* All problems of an instruction, but those of its forward's target. */
static void
check_instruction(
    struct checking *c, const struct blame *blame, struct bytes text)
{
	struct instruction in;
	enum conf_weight weight = CONF_ERROR;
	const char *wrong = instruction_parse(text, &in);
	bool is_one = wrong == NULL;

	if (is_one)
		wrong = place_user_problem(
		    in.user, table_is_roots(&c->table), &weight);
	/* Another user's eyes see other files. */
	if (is_one && wrong == NULL)
		wrong =
		    place_problem(&in, c->is_worker && in.user.n == 0, &weight);
	if (wrong != NULL)
		tell(c, weight, blame, text, wrong);
	if (is_one && in.kind == INSTRUCTION_COMMAND)
		note_command(c, blame, text, &in);
}

/* Look up a key of good form, as its mailbox is looked up. */
static enum table_answer
find_itself(struct table *t, struct bytes key, struct table_match *m)
{
	enum table_answer answer =
	    key.n == 1 ? table_route(t, key, m) : table_find(t, key, m);

	if (answer == TABLE_HIT && m->by != TABLE_BY_ALIAS &&
	    !bytes_same(m->key, key))
		return (TABLE_MISS);
	return (answer);
}

/* One record: its key, which becomes a node, and its instruction. */
static enum table_answer
check_record(struct checking *c)
{
	struct blame blame = { c->settings->who.deliver, c->walk.key };
	struct bytes none = bytes_cut(blame.key, 0, 0);
	const char *wrong = place_key_problem(blame.key);
	enum table_answer answer = TABLE_HIT;

	if (wrong != NULL) {
		tell(c, CONF_ERROR, &blame, none, wrong);
	} else {
		answer = find_itself(&c->table, blame.key, &c->match);
		if (answer == TABLE_MISS)
			tell(c, CONF_ERROR, &blame, none,
			    "not found: the table is damaged, make it anew");
		if (answer == TABLE_HIT && c->match.at == c->walk.at &&
		    !nodes_add(&c->nodes, c->walk.at, blame.key)) {
			tell_no_memory(c);
			return (TABLE_MISS);
		}
	}
	check_instruction(c, &blame, c->walk.value);
	if (!twice_add(&c->twice, c->walk.key, c->walk.value)) {
		tell_no_memory(c);
		return (TABLE_MISS);
	}
	return (answer == TABLE_FAILED ? TABLE_FAILED : TABLE_HIT);
}

/* If any line stands there twice, walk once more to tell which. */
static void
check_twice(struct checking *c)
{
	if (!twice_find(&c->twice))
		return;
	cdbfile_walk_init(&c->walk, &c->table.file);
	while (cdbfile_walk(&c->walk) == TABLE_HIT) {
		struct blame blame = { c->settings->who.deliver, c->walk.key };

		if (twice_is(&c->twice, c->walk.key, c->walk.value))
			tell(c, CONF_ERROR, &blame, c->walk.value,
			    "stands there twice: all mail would come twice");
	}
}

static bool
check_records(struct checking *c)
{
	enum table_answer answer;

	cdbfile_walk_init(&c->walk, &c->table.file);
	do {
		answer = cdbfile_walk(&c->walk);
		if (answer == TABLE_HIT)
			answer = check_record(c);
	} while (answer == TABLE_HIT);
	if (answer == TABLE_FAILED)
		tell_fault(c, &c->table.file.why);
	return (answer == TABLE_MISS);
}

/* The forward leads to the key that c->match has found. */
static bool
add_edge(struct checking *c, uint32_t from)
{
	uint32_t node = POSTMASTER;

	/* Postmaster's match has no record, nor has its node. */
	if (c->match.by != TABLE_BY_POSTMASTER &&
	    !nodes_find(&c->nodes, c->match.at, &node))
		return (true);
	return (circles_add(&c->circles, from, node));
}

/* Where a forward leads; false: the table or the memory has failed. */
static bool
follow(struct checking *c, uint32_t from, const struct blame *blame,
    struct bytes text)
{
	struct instruction in;
	enum table_answer answer;

	if (instruction_parse(text, &in) != NULL ||
	    in.kind != INSTRUCTION_FORWARD)
		return (true);
	answer = table_find(&c->table, in.target, &c->match);
	if (answer == TABLE_HIT) {
		if (add_edge(c, from))
			return (true);
		tell_no_memory(c);
		return (false);
	}
	if (answer == TABLE_MISS)
		answer = table_route(&c->table, in.target, &c->match);
	if (answer == TABLE_MISS)
		tell(c, CONF_ERROR, blame, text,
		    "nobody: it has no key, and there is no key `@'");
	if (answer == TABLE_FAILED)
		tell_fault(c, &c->table.file.why);
	return (answer != TABLE_FAILED);
}

/* smtp.postmaster, as table_next() has it. */
static bool
check_postmaster(struct checking *c)
{
	struct blame blame = { c->conf_file, bytes_of("smtp.postmaster") };
	struct bytes value = bytes_of(c->settings->who.postmaster);
	char store[CONF_VALUE_MAX + 1];
	struct instruction in;
	struct buf text;

	if (value.n == 0)
		return (true);
	buf_init(&text, store, sizeof(store));
	if (instruction_parse(value, &in) != NULL)
		(void)buf_putc(&text, '&');
	(void)buf_put(&text, value);
	check_instruction(c, &blame, buf_view(&text));
	return (follow(c, POSTMASTER, &blame, buf_view(&text)));
}

/* Each alias becomes a node, with our host behind its name. */
static bool
add_aliases(struct checking *c)
{
	struct bytes rest = c->table.aliases;
	char store[BLAME_TEXT_MAX];
	struct aliases_entry e;
	struct buf name;

	while (aliases_next(&rest, &e)) {
		struct blame blame = { c->settings->who.aliases, e.name };
		uint32_t before =
		    c->nodes.n > 0 ? nodes_at(&c->nodes, c->nodes.n - 1) : 0;

		buf_init(&name, store, sizeof(store));
		(void)buf_put(&name, e.name);
		(void)buf_putc(&name, '@');
		(void)buf_puts(&name, c->host);
		if (e.is_bad || buf_overflowed(&name)) {
			tell(c, CONF_ERROR, &blame, bytes_cut(e.name, 0, 0),
			    "want NAME: ADDRESS, ...");
			continue;
		}
		/* Postmaster has none; the first alias of a name counts. */
		if (table_find(&c->table, buf_view(&name), &c->match) !=
			TABLE_HIT ||
		    c->match.by != TABLE_BY_ALIAS || c->match.at <= before)
			continue;
		if (!nodes_add(&c->nodes, c->match.at, buf_view(&name)))
			return (false);
	}
	return (true);
}

/* Has the table, or an alias, any name at our host? */
static bool
has_local(const struct checking *c)
{
	struct bytes host = bytes_of(c->host);
	uint32_t i;

	for (i = POSTMASTER + 1; i < c->nodes.n; i++) {
		struct bytes name = nodes_name(&c->nodes, i);

		if (name.n > host.n &&
		    bytes_same(bytes_cut(name, name.n - host.n - 1, 1),
			bytes_of("@")) &&
		    bytes_same_nocase(
			bytes_cut(name, name.n - host.n, host.n), host))
			return (true);
	}
	return (false);
}

/* cron and its like write to root, and their mail must not be lost. */
static void
check_root(struct checking *c)
{
	struct blame blame = { c->settings->who.deliver, bytes_of("root") };
	char store[BLAME_TEXT_MAX];
	struct buf root;

	buf_init(&root, store, sizeof(store));
	(void)buf_printf(&root, "root@%s", c->host);
	blame.key = buf_view(&root);
	if (has_local(c) &&
	    table_find(&c->table, blame.key, &c->match) == TABLE_MISS &&
	    table_route(&c->table, blame.key, &c->match) == TABLE_MISS)
		tell(c, CONF_ERROR, &blame, bytes_cut(blame.key, 0, 0),
		    "nobody gets this mail, which is cron's and the like's");
}

/* The forwards of one key. */
static bool
check_forwards_of(struct checking *c, uint32_t node)
{
	struct blame blame = { c->settings->who.deliver,
		nodes_name(&c->nodes, node) };
	enum table_answer answer =
	    find_itself(&c->table, blame.key, &c->source);
	struct bytes text;

	if (answer == TABLE_HIT)
		answer = table_next(&c->source, &text);
	for (; answer == TABLE_HIT; answer = table_next(&c->source, &text)) {
		if (c->source.by == TABLE_BY_ALIAS) {
			blame.file = c->settings->who.aliases;
			check_instruction(c, &blame, text);
		}
		if (!follow(c, node, &blame, text))
			return (false);
	}
	if (answer == TABLE_FAILED)
		tell_fault(c, &c->table.file.why);
	return (answer != TABLE_FAILED);
}

static bool
check_forwards(struct checking *c)
{
	uint32_t i;

	for (i = POSTMASTER + 1; i < c->nodes.n; i++)
		if (!check_forwards_of(c, i))
			return (false);
	return (true);
}

static void
tell_circle(void *ctx, const uint32_t *nodes, size_t n)
{
	struct checking *c = ctx;
	struct blame blame = { c->settings->who.deliver,
		nodes_name(&c->nodes, nodes[0]) };
	char store[BLAME_TEXT_MAX / 2];
	struct buf text;
	size_t i;

	if (nodes[0] == POSTMASTER)
		blame.file = c->conf_file;
	else if (nodes_at(&c->nodes, nodes[0]) >=
	    UINT32_MAX - TABLE_ALIASES_MAX)
		blame.file = c->settings->who.aliases;
	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, "forwards go in a circle: ");
	for (i = 0; i < n && buf_room(&text) > BLAME_TEXT_MAX / 4; i++) {
		blame_show(&text, nodes_name(&c->nodes, nodes[i]));
		(void)buf_puts(&text, " -> ");
	}
	blame_show(&text, i < n ? bytes_of("...") : blame.key);
	tell(c, CONF_ERROR, &blame, bytes_cut(blame.key, 0, 0),
	    buf_cstr(&text) == NULL ? "forwards go in a circle" : store);
}

static void
check_table(struct checking *c)
{
	bool has_memory = nodes_add(&c->nodes, 0, bytes_of("smtp.postmaster"));

	if (has_memory && check_records(c)) {
		check_twice(c);
		if (add_aliases(c) && check_postmaster(c) && check_forwards(c))
			has_memory = circles_find(
			    &c->circles, c->nodes.n, tell_circle, c);
	}
	if (!has_memory)
		tell_no_memory(c);
	check_root(c);
}

static bool
is_roots(const char *dir)
{
	struct stat st;

	return (stat(dir, &st) == 0 && st.st_uid == 0);
}

static bool
load_aliases(struct checking *c)
{
	static char store[TABLE_ALIASES_MAX];
	struct fault why;

	if (c->settings->who.aliases[0] == '\0' ||
	    table_load_aliases(
		&c->table, c->settings->who.aliases, store, &why) == RES_OK)
		return (true);
	tell_fault(c, &why);
	return (false);
}

void
deliver_check(const struct settings *settings, const char *file,
    const char *host, bool is_worker, conf_report_fn *report, void *ctx)
{
	static struct checking checking;
	struct checking *c = &checking;
	struct fault why;

	if (settings->who.deliver[0] == '\0') {
		if (settings->who.aliases[0] != '\0')
			report(ctx, CONF_ERROR, file, 0, "smtp.aliases",
			    "is for a table: smtp.deliver is not set");
		return;
	}
	*c = (struct checking){ .settings = settings,
		.conf_file = file,
		.host = host,
		.is_worker = is_worker,
		.is_for_root = is_roots(settings->spool.dir),
		.ear = { .report = report, .ctx = ctx } };
	if (table_open(&c->table, settings->who.deliver, &why) != RES_OK) {
		tell_fault(c, &why);
		return;
	}
	table_set_postmaster(&c->table, host, settings->who.postmaster);
	circles_init(&c->circles);
	twice_init(&c->twice);
	if (load_aliases(c))
		check_table(c);
	twice_free(&c->twice);
	circles_free(&c->circles);
	nodes_free(&c->nodes);
	table_close(&c->table);
}

void
deliver_check_waiting(const struct settings *settings, const char *file,
    const char *host, enum conf_weight weight, conf_report_fn *report,
    void *ctx)
{
	static char aliases[TABLE_ALIASES_MAX];
	static struct table table;
	struct fault why;

	/* deliver_check() tells of a table that cannot be read. */
	if (settings->who.deliver[0] == '\0' ||
	    table_open(&table, settings->who.deliver, &why) != RES_OK)
		return;
	table_set_postmaster(&table, host, settings->who.postmaster);
	if (settings->who.aliases[0] == '\0' ||
	    table_load_aliases(&table, settings->who.aliases, aliases, &why) ==
		RES_OK)
		waits_check(settings, file, &table, weight, report, ctx);
	table_close(&table);
}

/*
 * A table without a route is a good table; but a sender elsewhere, who writes
 * to its keys, gets no report.
 */
void
deliver_check_route(const struct settings *settings, const char *file,
    conf_report_fn *report, void *ctx)
{
	static struct table table;
	static struct table_match match;
	struct fault why;

	if (settings->who.deliver[0] == '\0' ||
	    table_open(&table, settings->who.deliver, &why) != RES_OK)
		return;
	if (table_route(&table, bytes_of("a@b"), &match) == TABLE_MISS)
		report(ctx, CONF_NOTE, file, 0, "smtp.deliver",
		    "no key `@': no report can leave for senders elsewhere: "
		    "those of failures go to postmaster, those of delays "
		    "nowhere");
	table_close(&table);
}
