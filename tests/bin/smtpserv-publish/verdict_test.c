/* SPDX-License-Identifier: ISC */
#include "verdict.h"

#include <atf-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/buf.h"

/* What 3.10 and 4.0 print where nothing is wrong. */
static const char CLUSTER[] = "\033[1mBasics\033[0m\n\nCluster name: a\n\n"
			      "\033[1mRunning Nodes\033[0m\n\nr@a\nr@b\nr@c\n\n"
			      "Alarms\n\n(none)\n\n"
			      "\033[1mNetwork Partitions\033[0m\n\n(none)\n\n"
			      "Listeners\n\nNode: r@a\n";
static const char NODES[] =
    "[{r@a,{ok,50331648},\n  {ok,128},\n  {ok,64000000},\n"
    "  {ok,pause_minority},\n  4000000000,8000000000},\n"
    " {r@b,{ok,50331648},{ok,128},{ok,64000000},{ok,pause_minority},\n"
    "  4000000000,{badrpc,no}}]\n";
#define COMMON                                                                 \
	"{\"x-delivery-limit\",1000000},{\"x-max-length-bytes\",1000000000},"  \
	"{\"x-overflow\",\"reject-publish\"},{\"x-queue-type\",\"quorum\"},"   \
	"{\"x-quorum-initial-group-size\",3}]\t\t[r@a, r@b, r@c]\t"            \
	"[r@a, r@b, r@c]\tr@b\t"
static const char QUEUES[] =
    "other\tclassic\t[]\t\t\t\t\t7\n"
    "smtpserv.dead\tquorum\t[" COMMON "0\n"
    "smtpserv\tquorum\t[{\"x-dead-letter-exchange\",[]},"
    "{\"x-dead-letter-routing-key\",\"smtpserv.dead\"},"
    "{\"x-dead-letter-strategy\",\"at-least-once\"}," COMMON "12\n";
static const char BINDINGS[] = "\tsmtpserv\tqueue\tsmtpserv\n"
			       "\tother\tqueue\tother\n"
			       "others\tother\tqueue\t#\n"
			       "smtpserv\tsmtpserv\tqueue\tsmtpserv\n";

enum {
	SAID_MAX = 8192
};

static char said[SAID_MAX];
static struct buf told;

static void
take(void *ctx, enum verdict_weight weight, const char *text)
{
	(void)ctx;
	ATF_REQUIRE(buf_printf(&told, "%d %s\n", (int)weight, text));
}

static struct verdict
begin(void)
{
	struct verdict v = { "smtpserv", "smtpserv", 33554432, take, NULL,
		bytes_of(""), bytes_of(""), 0 };

	buf_init(&told, said, sizeof(said));
	return (v);
}

/* The text with one part, or more of its kind, replaced by another. */
static char *
but(const char *text, const char *old, const char *new)
{
	static char store[SAID_MAX];
	const char *at;
	struct buf b;

	buf_init(&b, store, sizeof(store));
	ATF_REQUIRE_MSG(strstr(text, old) != NULL, "no %s", old);
	while ((at = strstr(text, old)) != NULL) {
		struct bytes part = { text, (size_t)(at - text) };

		ATF_REQUIRE(buf_put(&b, part) && buf_puts(&b, new));
		text = at + strlen(old);
	}
	ATF_REQUIRE(buf_puts(&b, text) && buf_cstr(&b) != NULL);
	return (store);
}

static void
check_said(const char *what, const char *want)
{
	const char *is = buf_cstr(&told);

	ATF_REQUIRE(is != NULL);
	if (want[0] == '\0')
		ATF_CHECK_MSG(is[0] == '\0', "%s: %s", what, is);
	else
		ATF_CHECK_MSG(strstr(is, want) != NULL,
		    "%s: said '%s', not '%s'", what, is, want);
}

typedef void judge_fn(struct verdict *v, struct bytes text);

struct row {
	const char *old;
	const char *new;
	const char *want; /* in what is said */
};

static void
check_rows(
    judge_fn *judge, const char *sound, const struct row *rows, size_t n)
{
	struct verdict v = begin();
	size_t i;

	judge(&v, bytes_of(sound));
	check_said("nothing", "");
	for (i = 0; i < n; i++) {
		v = begin();
		judge(&v, bytes_of(but(sound, rows[i].old, rows[i].new)));
		check_said(rows[i].old, rows[i].want);
	}
}

static void
cluster(struct verdict *v, struct bytes text)
{
	verdict_cluster(v, text);
}

static void
nodes(struct verdict *v, struct bytes text)
{
	v->most = 1000000000;
	verdict_nodes(v, text);
}

static void
bindings(struct verdict *v, struct bytes text)
{
	verdict_bindings(v, text);
}

ATF_TC_WITHOUT_HEAD(verdict_cluster__tells_nodes_alarms_and_partitions);
ATF_TC_BODY(verdict_cluster__tells_nodes_alarms_and_partitions, tc)
{
	static const struct row rows[] = {
		{ "r@c\n", "", "1 2 of 3 nodes run" },
		{ "r@b\nr@c\n", "", "2 1 of 3 nodes run" },
		{ "Running", "Other", "2 cluster_status says nothing of" },
		{ "Alarms\n\n(none)", "Alarms\n\nMemory alarm on node r@b",
		    "2 Memory alarm on node r@b: no node takes mail" },
		{ "Alarms", "Alas", "2 cluster_status says nothing of Al" },
		{ "Partitions\033[0m\n\n(none)",
		    "Partitions\033[0m\n\nNode r@a cannot see r@b",
		    "2 Node r@a cannot see r@b: nodes that do not see" },
	};

	check_rows(cluster, CLUSTER, rows, ARRAY_LEN(rows));
	check_rows(cluster, CLUSTER, NULL, 0);
}

ATF_TC_WITHOUT_HEAD(verdict_nodes__tells_limits_that_are_too_small);
ATF_TC_BODY(verdict_nodes__tells_limits_that_are_too_small, tc)
{
	static const struct row rows[] = {
		{ "{r@b,{ok,50331648}", "{r@b,{ok,16777216}",
		    "2 r@b: max_message_size is {ok,16777216}, less" },
		{ "{r@b,{ok,50331648}", "{r@b,undefined",
		    "2 r@b: max_message_size is undefined" },
		{ "{ok,128}", "undefined",
		    "1 r@a: raft.segment_max_entries is undefined" },
		{ "{ok,128}", "{ok,4096}", "is {ok,4096}, more than 128" },
		{ "64000000}", "512000000}", "1 r@a: raft.wal_max_size" },
		{ "pause_minority", "ignore", "is not pause_minority" },
		{ "4000000000", "1999999999", "1 r@a: disk_free_limit" },
		{ "8000000000", "3999999999", "a quarter of its memory" },
		{ "[{", "{", "2 what nodes say of their settings cannot" },
		{ "4000000000,8000000000", "", "2 what nodes say" },
	};

	check_rows(nodes, NODES, rows, ARRAY_LEN(rows));
}

ATF_TC_WITHOUT_HEAD(verdict_queues__tells_what_may_lose_mail);
ATF_TC_BODY(verdict_queues__tells_what_may_lose_mail, tc)
{
	static const struct row rows[] = {
		{ "\nsmtpserv\t", "\nsmtp\t", "2 smtpserv: no such queue" },
		{ "smtpserv.dead\tq", "s\tq",
		    "2 smtpserv.dead: no such queue, for what smtpserv" },
		{ "smtpserv\tquorum", "smtpserv\tclassic",
		    "2 smtpserv: a classic queue: it has one copy" },
		{ "[r@a, r@b, r@c]\t[r@a, r@b, r@c]", "[r@a]\t[r@a]",
		    "2 smtpserv: 1 of 3 copies" },
		{ "\t[r@a, r@b, r@c]\tr@b", "\t[r@a, r@b]\tr@b",
		    "1 smtpserv: 2 of 3 copies are there" },
		{ "\t[r@a, r@b, r@c]\tr@b", "\t[r@a]\tr@b",
		    "2 smtpserv: no majority: 1 of 3" },
		{ "\tr@b\t", "\t\t", "2 smtpserv: no majority" },
		{ "\"reject-publish\"", "\"drop-head\"",
		    "2 smtpserv: x-overflow is drop-head: what does not" },
		{ "{\"x-overflow\",\"reject-publish\"},", "",
		    "2 smtpserv: without x-overflow" },
		{ "{\"x-max-length-bytes\",1000000000},", "",
		    "2 smtpserv: without x-max-length-bytes" },
		{ "{\"x-delivery-limit\",1000000},", "",
		    "2 smtpserv.dead: without x-delivery-limit" },
		{ "1000000}", "20}", "2 smtpserv: x-delivery-limit is 20" },
		{ "\"at-least-once\"", "\"at-most-once\"",
		    "2 smtpserv: x-dead-letter-strategy is at-most-once" },
		{ "\"x-dead-letter-exchange\",[]",
		    "\"x-dead-letter-exchange\",\"amq.fanout\"",
		    "2 smtpserv: x-dead-letter-exchange is amq.fanout" },
		{ "{\"x-dead-letter-routing-key\",\"smtpserv.dead\"},", "",
		    "2 smtpserv: without x-dead-letter-routing-key" },
		{ "{\"x-overflow\"", "{\"x-message-ttl\",5},{\"x-overflow\"",
		    "2 smtpserv: x-message-ttl may throw mail away" },
		{ "]\t\t[r@a", "]\tours\t[r@a",
		    "2 smtpserv: the policy ours may change" },
		{ "\t0\n", "\t3\n",
		    "1 smtpserv.dead: 3 messages were given up" },
	};
	struct verdict v;

	check_rows(verdict_queues, QUEUES, rows, ARRAY_LEN(rows));
	v = begin();
	verdict_queues(&v, bytes_of(QUEUES));
	ATF_CHECK_EQ(1000000000, v.most);
	ATF_CHECK(bytes_same(v.leader, bytes_of("r@b")));
	ATF_CHECK(bytes_same(v.messages, bytes_of("12")));
}

ATF_TC_WITHOUT_HEAD(verdict_bindings__want_ours_and_no_other);
ATF_TC_BODY(verdict_bindings__want_ours_and_no_other, tc)
{
	static const struct row rows[] = {
		{ "smtpserv\tsmtpserv\tqueue\tsmtpserv\n", "",
		    "2 smtpserv: not bound to smtpserv by smtpserv" },
		{ "\tqueue\tsmtpserv\n", "\tqueue\tother\n",
		    "2 smtpserv: not bound" },
		{ "others\tother", "smtpserv\tother",
		    "2 other: bound to smtpserv by #, too" },
		{ "others\tother", "others\tsmtpserv",
		    "2 smtpserv: bound to others by #, too" },
		{ "smtpserv\tsmtpserv\tqueue", "smtpserv\tsmtpserv\texchange",
		    "2 smtpserv: bound to smtpserv by smtpserv, too" },
	};

	check_rows(bindings, BINDINGS, rows, ARRAY_LEN(rows));
}

ATF_TC_WITHOUT_HEAD(verdict_policies__tells_each);
ATF_TC_BODY(verdict_policies__tells_each, tc)
{
	struct verdict v = begin();

	verdict_policies(&v, bytes_of("\n"));
	check_said("none", "");
	verdict_policies(&v, bytes_of("mail\tlimits\t.*\tall\t{}\t0"));
	check_said("one", "2 the operator's policy limits may change");
}

/* Whatever it is given, it tells something, and reads nothing else. */
ATF_TC_WITHOUT_HEAD(verdict__takes_texts_cut_anywhere);
ATF_TC_BODY(verdict__takes_texts_cut_anywhere, tc)
{
	struct verdict v;
	size_t n;

	for (n = 0; n < strlen(QUEUES); n++) {
		char *copy = malloc(n + 1);

		ATF_REQUIRE(copy != NULL);
		memcpy(copy, QUEUES, n);
		v = begin();
		verdict_queues(&v, (struct bytes) { copy, n });
		verdict_nodes(&v, (struct bytes) { copy, n });
		verdict_cluster(&v, (struct bytes) { copy, n });
		ATF_CHECK(buf_view(&told).n > 0);
		free(copy);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, verdict_cluster__tells_nodes_alarms_and_partitions);
	ATF_TP_ADD_TC(tp, verdict_nodes__tells_limits_that_are_too_small);
	ATF_TP_ADD_TC(tp, verdict_queues__tells_what_may_lose_mail);
	ATF_TP_ADD_TC(tp, verdict_bindings__want_ours_and_no_other);
	ATF_TP_ADD_TC(tp, verdict_policies__tells_each);
	ATF_TP_ADD_TC(tp, verdict__takes_texts_cut_anywhere);
	return (atf_no_error());
}
