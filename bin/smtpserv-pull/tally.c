/* SPDX-License-Identifier: ISC */
#include "tally.h"

static const struct {
	uint64_t ms;
	const char *seconds;
} BOUNDS[TALLY_BUCKETS] = { { 1, "0.001" }, { 2, "0.002" }, { 5, "0.005" },
	{ 10, "0.01" }, { 50, "0.05" }, { 100, "0.1" }, { 500, "0.5" },
	{ 1000, "1" }, { 5000, "5" }, { 30000, "30" } };

void
tally_pulled(struct tally *t, uint64_t bytes, uint64_t ms, bool is_unreadable)
{
	size_t i;

	t->pulled++;
	t->unreadable += is_unreadable ? 1 : 0;
	t->bytes += bytes;
	t->ms += ms;
	for (i = 0; i < TALLY_BUCKETS; i++)
		t->buckets[i] += ms <= BOUNDS[i].ms ? 1 : 0;
}

static void
put(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t value)
{
	(void)buf_printf(out,
	    "# HELP smtpserv_pull_%s %s\n# TYPE smtpserv_pull_%s %s\n"
	    "smtpserv_pull_%s ",
	    name, help, name, type, name);
	(void)buf_put_number(out, value);
	(void)buf_putc(out, '\n');
}

static void
put_seconds(const struct tally *t, struct buf *out)
{
	size_t i;

	(void)buf_puts(out,
	    "# HELP smtpserv_pull_seconds From the first of a message to its "
	    "commit.\n# TYPE smtpserv_pull_seconds histogram\n");
	for (i = 0; i < TALLY_BUCKETS; i++)
		(void)buf_printf(out,
		    "smtpserv_pull_seconds_bucket{le=\"%s\"} %llu\n",
		    BOUNDS[i].seconds, (unsigned long long)t->buckets[i]);
	(void)buf_printf(out,
	    "smtpserv_pull_seconds_bucket{le=\"+Inf\"} %llu\n"
	    "smtpserv_pull_seconds_sum %llu.%03llu\n"
	    "smtpserv_pull_seconds_count %llu\n",
	    (unsigned long long)t->pulled, (unsigned long long)t->ms / 1000,
	    (unsigned long long)t->ms % 1000, (unsigned long long)t->pulled);
}

void
tally_print(const struct tally *t, struct buf *out)
{
	put(out, "messages_total", "counter",
	    "Messages that were taken into the spool.", t->pulled);
	put(out, "unreadable_total", "counter",
	    "Those of them that are not messages.", t->unreadable);
	put(out, "bytes_total", "counter", "Octets of them.", t->bytes);
	put(out, "duplicates_total", "counter",
	    "Messages that were here already.", t->duplicates);
	put(out, "connections_total", "counter", "Connections to nodes.",
	    t->connections);
	put(out, "lost_total", "counter",
	    "Connections that were lost, or were not to be had.", t->lost);
	put(out, "troubles_total", "counter",
	    "Times that the spool could not take a message.", t->troubles);
	put(out, "holds_total", "counter",
	    "Times that enough messages waited in the spool.", t->holds);
	put(out, "holding", "gauge", "1 while that is so.",
	    t->is_holding ? 1 : 0);
	put_seconds(t, out);
}
