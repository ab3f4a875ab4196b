/* SPDX-License-Identifier: ISC */
/* The part of verdict that looks at queues and what leads to them. */
#include <string.h>

#include "published/published.h"
#include "terms.h"
#include "verdict.h"

enum {
	/* Fewer deliveries could be used up by consumers that come and go. */
	DELIVERIES_MIN = 100000
};

/* In the order of VERDICT_QUEUE_COLUMNS. */
enum queue_column {
	QUEUE_NAME,
	QUEUE_TYPE,
	QUEUE_ARGUMENTS,
	QUEUE_POLICY,
	QUEUE_MEMBERS,
	QUEUE_ONLINE,
	QUEUE_LEADER,
	QUEUE_MESSAGES,
	QUEUE_COLUMNS
};

const char *const VERDICT_QUEUE_COLUMNS[] = { "name", "type", "arguments",
	"policy", "members", "online", "leader", "messages", NULL };

enum binding_column {
	BINDING_SOURCE,
	BINDING_DESTINATION,
	BINDING_KIND,
	BINDING_KEY,
	BINDING_COLUMNS
};

const char *const VERDICT_BINDING_COLUMNS[] = { "source_name",
	"destination_name", "destination_kind", "routing_key", NULL };

/* A line of columns between tabs.  False: at the end. */
static bool
take_row(struct bytes *rest, struct bytes *column, size_t columns)
{
	struct bytes line;
	size_t i;

	do {
		if (rest->n == 0)
			return (false);
		if (!bytes_take(rest, '\n', &line)) {
			line = *rest;
			*rest = bytes_cut(*rest, rest->n, 0);
		}
	} while (line.n == 0);
	for (i = 0; i < columns; i++)
		if (!bytes_take(&line, '\t', &column[i])) {
			column[i] = line;
			line = bytes_cut(line, line.n, 0);
		}
	return (true);
}

static bool
find_queue(struct bytes text, struct bytes name, struct bytes *column)
{
	while (take_row(&text, column, QUEUE_COLUMNS))
		if (bytes_same(column[QUEUE_NAME], name))
			return (true);
	return (false);
}

/* The argument is that text, or else it is a problem. */
static void
want_text(const struct verdict *v, const struct bytes *column,
    const char *argument, const char *want, const char *why)
{
	struct bytes value;

	if (!terms_find(column[QUEUE_ARGUMENTS], argument, &value))
		verdict_say(v, VERDICT_CRITICAL, "%.*s: without %s: %s",
		    (int)column[QUEUE_NAME].n, column[QUEUE_NAME].p, argument,
		    why);
	else if (!terms_is(value, want))
		verdict_say(v, VERDICT_CRITICAL, "%.*s: %s is %.*s: %s",
		    (int)column[QUEUE_NAME].n, column[QUEUE_NAME].p, argument,
		    (int)terms_text(value).n, terms_text(value).p, why);
}

/* Arguments that throw nothing away. */
static bool
is_harmless(struct bytes name)
{
	static const char *const known[] = { "x-queue-type",
		"x-quorum-initial-group-size", "x-overflow",
		"x-max-length-bytes", "x-max-length", "x-delivery-limit",
		"x-dead-letter-strategy", "x-dead-letter-exchange",
		"x-dead-letter-routing-key", "x-queue-leader-locator",
		"x-max-in-memory-length", "x-max-in-memory-bytes" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (terms_is(name, known[i]))
			return (true);
	return (false);
}

static void
judge_others(const struct verdict *v, const struct bytes *column)
{
	struct bytes rest = terms_inside(column[QUEUE_ARGUMENTS]);
	struct bytes tuple;
	struct bytes name;

	while (terms_take(&rest, &tuple)) {
		tuple = terms_inside(tuple);
		if (terms_take(&tuple, &name) && !is_harmless(name))
			verdict_say(v, VERDICT_CRITICAL,
			    "%.*s: %.*s may throw mail away",
			    (int)column[QUEUE_NAME].n, column[QUEUE_NAME].p,
			    (int)terms_text(name).n, terms_text(name).p);
	}
}

static void
judge_arguments(const struct verdict *v, const struct bytes *column)
{
	struct bytes name = column[QUEUE_NAME];
	struct bytes value;
	uint64_t n;

	want_text(v, column, "x-overflow", "reject-publish",
	    "what does not fit is thrown away");
	if (!terms_find(column[QUEUE_ARGUMENTS], "x-max-length-bytes", &value))
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: without x-max-length-bytes: nothing bounds it",
		    (int)name.n, name.p);
	if (!terms_find(column[QUEUE_ARGUMENTS], "x-delivery-limit", &value))
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: without x-delivery-limit: RabbitMQ 4 drops what "
		    "was delivered 20 times",
		    (int)name.n, name.p);
	else if (!terms_number(value, &n) || n < DELIVERIES_MIN)
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: x-delivery-limit is %.*s, less than %d", (int)name.n,
		    name.p, (int)value.n, value.p, DELIVERIES_MIN);
	judge_others(v, column);
	if (column[QUEUE_POLICY].n > 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: the policy %.*s may change what its arguments say",
		    (int)name.n, name.p, (int)column[QUEUE_POLICY].n,
		    column[QUEUE_POLICY].p);
}

static void
judge_copies(const struct verdict *v, const struct bytes *column)
{
	struct bytes name = column[QUEUE_NAME];
	size_t members = terms_count(terms_inside(column[QUEUE_MEMBERS]));
	size_t online = terms_count(terms_inside(column[QUEUE_ONLINE]));

	if (!terms_is(column[QUEUE_TYPE], "quorum")) {
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: a %.*s queue: it has "
		    "one copy",
		    (int)name.n, name.p, (int)column[QUEUE_TYPE].n,
		    column[QUEUE_TYPE].p);
		return;
	}
	if (members < VERDICT_COPIES)
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: %zu of %d copies: rabbitmq-queues grow makes more",
		    (int)name.n, name.p, members, VERDICT_COPIES);
	if (online <= members / 2 || column[QUEUE_LEADER].n == 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: no majority: %zu of %zu copies are there",
		    (int)name.n, name.p, online, members);
	else if (online < members)
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: %zu of %zu copies are there", (int)name.n, name.p,
		    online, members);
}

static void
judge_dead(
    const struct verdict *v, struct bytes text, const struct bytes *column)
{
	struct bytes dead[QUEUE_COLUMNS];
	struct bytes name;

	want_text(v, column, "x-dead-letter-strategy", "at-least-once",
	    "what is given up may be lost");
	want_text(v, column, "x-dead-letter-exchange", "",
	    "what is given up goes where nobody looks");
	if (!terms_find(
		column[QUEUE_ARGUMENTS], "x-dead-letter-routing-key", &name)) {
		verdict_say(v, VERDICT_CRITICAL,
		    "%s: without x-dead-letter-routing-key: what is given up "
		    "has nowhere to go",
		    v->queue);
		return;
	}
	name = terms_text(name);
	if (!find_queue(text, name, dead)) {
		verdict_say(v, VERDICT_CRITICAL,
		    "%.*s: no such queue, for what %s gives up", (int)name.n,
		    name.p, v->queue);
		return;
	}
	judge_copies(v, dead);
	judge_arguments(v, dead);
	if (!bytes_same(dead[QUEUE_MESSAGES], bytes_of("0")))
		verdict_say(v, VERDICT_WARNING,
		    "%.*s: %.*s messages were given up", (int)name.n, name.p,
		    (int)dead[QUEUE_MESSAGES].n, dead[QUEUE_MESSAGES].p);
}

void
verdict_queues(struct verdict *v, struct bytes text)
{
	struct bytes column[QUEUE_COLUMNS];
	struct bytes value;

	v->most = 0;
	v->leader = v->messages = bytes_of("");
	if (!find_queue(text, bytes_of(v->queue), column)) {
		verdict_say(v, VERDICT_CRITICAL, "%s: no such queue", v->queue);
		return;
	}
	v->leader = column[QUEUE_LEADER];
	v->messages = column[QUEUE_MESSAGES];
	if (terms_find(column[QUEUE_ARGUMENTS], "x-max-length-bytes", &value) &&
	    !terms_number(value, &v->most))
		v->most = 0;
	judge_copies(v, column);
	judge_arguments(v, column);
	judge_dead(v, text, column);
}

/* Is it from our exchange, or to our queue?  Each queue has one of "". */
static bool
is_ours(const struct verdict *v, const struct bytes *column)
{
	return (bytes_same(column[BINDING_SOURCE], bytes_of(v->exchange)) ||
	    (column[BINDING_SOURCE].n > 0 &&
		bytes_same(column[BINDING_DESTINATION], bytes_of(v->queue))));
}

void
verdict_bindings(const struct verdict *v, struct bytes text)
{
	struct bytes column[BINDING_COLUMNS];
	size_t found = 0;

	while (take_row(&text, column, BINDING_COLUMNS)) {
		if (!is_ours(v, column))
			continue;
		if (bytes_same(column[BINDING_SOURCE], bytes_of(v->exchange)) &&
		    bytes_same(
			column[BINDING_DESTINATION], bytes_of(v->queue)) &&
		    terms_is(column[BINDING_KIND], "queue") &&
		    bytes_same(column[BINDING_KEY], bytes_of(PUBLISHED_KEY)))
			found++;
		else
			verdict_say(v, VERDICT_CRITICAL,
			    "%.*s: bound to %.*s by %.*s, too",
			    (int)column[BINDING_DESTINATION].n,
			    column[BINDING_DESTINATION].p,
			    (int)column[BINDING_SOURCE].n,
			    column[BINDING_SOURCE].p,
			    (int)column[BINDING_KEY].n, column[BINDING_KEY].p);
	}
	if (found == 0)
		verdict_say(v, VERDICT_CRITICAL,
		    "%s: not bound to %s by %s: no mail gets there", v->queue,
		    v->exchange, PUBLISHED_KEY);
}

void
verdict_policies(const struct verdict *v, struct bytes text)
{
	struct bytes column[2];

	while (take_row(&text, column, ARRAY_LEN(column)))
		verdict_say(v, VERDICT_CRITICAL,
		    "the operator's policy %.*s may change what the queues' "
		    "arguments say",
		    (int)column[1].n, column[1].p);
}
