/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <stdio.h>

#include "asking.h"
#include "lasting.h"
#include "program/problem.h"
#include "sys/sysclock.h"
#include "verdict.h"

enum {
	WAIT_MS = 60000, /* for the programs; a busy machine starts slowly */
	HANDSHAKES_MS = 10000 /* for all nodes */
};

enum question {
	QUEUES, /* first, because the nodes' limits depend on the queue's */
	NODES,
	CLUSTER,
	BINDINGS,
	POLICIES,
	QUESTIONS
};

static const struct {
	const char *command;
	const char *const *columns;
} COMMANDS[QUESTIONS] = { { "list_queues", VERDICT_QUEUE_COLUMNS },
	{ "eval", NULL }, { "cluster_status", NULL },
	{ "list_bindings", VERDICT_BINDING_COLUMNS },
	{ "list_operator_policies", NULL } };

/* Of the verdict's: the worst so far. */
struct worst {
	int code;
};

static void
print(void *ctx, enum verdict_weight weight, const char *text)
{
	struct worst *worst = ctx;
	const char *p;

	(void)fputs(
	    weight == VERDICT_CRITICAL ? "critical: " : "warning: ", stdout);
	/* The names of others are in it. */
	for (p = text; *p != '\0'; p++)
		(void)putchar((unsigned char)*p < ' ' ? ' ' : *p);
	(void)putchar('\n');
	if ((int)weight > worst->code)
		worst->code = (int)weight;
}

static size_t
add(struct asking *a, size_t n, const char *const *words)
{
	for (; *words != NULL && n < ASKING_WORDS_MAX; words++)
		a->argv[n++] = *words;
	return (n);
}

static void
ask(struct asking *a, const char *node, const char *vhost, enum question which)
{
	const char *const begin[] = { "rabbitmqctl", "-q",
		node == NULL ? NULL : "-n", node, NULL };
	const char *const where[] = { "-p", vhost, "--no-table-headers", NULL };
	const char *const expression[] = { VERDICT_NODES_EXPRESSION, NULL };
	const char *const command[] = { COMMANDS[which].command, NULL };
	const char *const *columns = COMMANDS[which].columns;
	size_t n = add(a, 0, begin);

	n = add(a, n, command);
	if (which == NODES)
		n = add(a, n, expression);
	else if (which != CLUSTER)
		n = add(a, n, where);
	if (columns != NULL)
		n = add(a, n, columns);
	a->argv[n] = NULL;
	asking_begin(a);
}

/* Could it be asked?  If not, say why. */
static bool
was_heard(
    const struct program *self, const struct asking *a, const char *command)
{
	if (a->why != NULL)
		problem_say(self, "%s %s: %s", a->argv[0], command, a->why);
	else if (a->code != XC_OK)
		problem_say(self, "%s %s: its exit code is %d", a->argv[0],
		    command, a->code);
	return (a->why == NULL && a->code == XC_OK);
}

static struct bytes
text_of(const struct asking *a)
{
	struct bytes text = { a->text, a->n };

	return (text);
}

int
check_broker(const struct program *self, const struct settings *settings,
    const char *node)
{
	static struct asking asked[QUESTIONS];
	struct worst worst = { XC_OK };
	struct verdict v = { settings->amqp.exchange, settings->amqp.queue,
		settings->session.maxsize, print, &worst, bytes_of(""),
		bytes_of(""), 0 };
	int64_t until_ms = sysclock_ms() + WAIT_MS;
	bool heard = true;
	unsigned int i;

	for (i = 0; i < QUESTIONS; i++)
		ask(&asked[i], node, settings->amqp.vhost, (enum question)i);
	for (i = 0; i < QUESTIONS; i++) {
		asking_end(&asked[i], until_ms);
		heard =
		    was_heard(self, &asked[i], COMMANDS[i].command) && heard;
	}
	if (!heard)
		return (XC_TEMP);
	verdict_queues(&v, text_of(&asked[QUEUES]));
	verdict_nodes(&v, text_of(&asked[NODES]));
	verdict_cluster(&v, text_of(&asked[CLUSTER]));
	verdict_bindings(&v, text_of(&asked[BINDINGS]));
	verdict_policies(&v, text_of(&asked[POLICIES]));
	lasting_check(&v, &settings->amqp, sysclock_ms() + HANDSHAKES_MS);
	if (worst.code == XC_OK)
		(void)printf("ok: %s: leader %.*s, %.*s messages wait\n",
		    settings->amqp.queue, (int)v.leader.n, v.leader.p,
		    (int)v.messages.n, v.messages.p);
	return (worst.code);
}
