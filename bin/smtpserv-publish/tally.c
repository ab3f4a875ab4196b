/* SPDX-License-Identifier: ISC */
#include "tally.h"

#include "base/base.h"
#include "qmail/qqexit.h"

#define NAME "smtpserv_publish_"

static const struct {
	uint64_t ms;
	const char *le;
} BOUNDS[TALLY_BUCKETS] = { { 3, "0.003" }, { 10, "0.01" }, { 30, "0.03" },
	{ 100, "0.1" }, { 300, "0.3" }, { 1000, "1" }, { 3000, "3" },
	{ 10000, "10" }, { UINT64_MAX, "+Inf" } };

static const struct {
	const char *why;
	int code;
	bool is_unknown; /* perhaps it was stored */
} CODES[TALLY_CODES] = { { "memory", QQEXIT_MEMORY, false },
	{ "alarm", QQEXIT_WRITE, false }, { "unreadable", QQEXIT_READ, false },
	{ "configuration", QQEXIT_CONFIG, false },
	{ "refused", QQEXIT_NOT_NOW, false },
	{ "unreachable", QQEXIT_UNREACHABLE, false },
	{ "request", QQEXIT_BUG, false }, { "size", QQEXIT_CUSTOM, false },
	{ "silence", QQEXIT_TIMED_OUT, true }, { "lost", QQEXIT_LOST, true } };

/* Only one process writes it, and another reads. */
static void
add(uint64_t *number, uint64_t n)
{
	__atomic_store_n(number, *number + n, __ATOMIC_RELAXED);
}

void
tally_add(
    struct tally *t, int code, uint64_t size, uint64_t ms, unsigned int tries)
{
	size_t i;

	if (tries > 1)
		add(&t->retries, tries - 1);
	for (i = 0; i < TALLY_CODES; i++)
		if (CODES[i].code == code)
			add(&t->refused[i], 1);
	if (code != QQEXIT_ACCEPTED)
		return;
	add(&t->confirmed, 1);
	add(&t->bytes, size);
	add(&t->ms, ms);
	for (i = 0; i < TALLY_BUCKETS; i++)
		if (ms <= BOUNDS[i].ms)
			add(&t->within[i], 1);
}

void
tally_add_links(struct tally *t, uint64_t links)
{
	add(&t->links, links);
}

/* A struct of nothing but such numbers. */
void
tally_sum(struct tally *sum, const struct tally *all, size_t n)
{
	uint64_t *to = (uint64_t *)sum;
	size_t i;
	size_t k;

	*sum = (struct tally){ .confirmed = 0 };
	for (i = 0; i < n; i++) {
		const uint64_t *from = (const uint64_t *)&all[i];

		for (k = 0; k < sizeof(*sum) / sizeof(*to); k++)
			to[k] += __atomic_load_n(&from[k], __ATOMIC_RELAXED);
	}
}

static void
put(struct buf *out, const char *name, const char *type, const char *help,
    uint64_t n)
{
	(void)buf_printf(out,
	    "# HELP " NAME "%s %s\n# TYPE " NAME "%s %s\n" NAME "%s ", name,
	    help, name, type, name);
	(void)buf_put_number(out, n);
	(void)buf_putc(out, '\n');
}

static void
put_codes(struct buf *out, const struct tally *sum, bool is_unknown,
    const char *name, const char *help)
{
	size_t i;

	(void)buf_printf(out,
	    "# HELP " NAME "%s %s\n# TYPE " NAME "%s counter\n", name, help,
	    name);
	for (i = 0; i < TALLY_CODES; i++) {
		if (CODES[i].is_unknown != is_unknown)
			continue;
		(void)buf_printf(
		    out, NAME "%s{why=\"%s\"} ", name, CODES[i].why);
		(void)buf_put_number(out, sum->refused[i]);
		(void)buf_putc(out, '\n');
	}
}

static void
put_seconds(struct buf *out, const struct tally *sum)
{
	size_t i;

	(void)buf_puts(out,
	    "# HELP " NAME "seconds until a message was confirmed\n"
	    "# TYPE " NAME "seconds histogram\n");
	for (i = 0; i < TALLY_BUCKETS; i++) {
		(void)buf_printf(
		    out, NAME "seconds_bucket{le=\"%s\"} ", BOUNDS[i].le);
		(void)buf_put_number(out, sum->within[i]);
		(void)buf_putc(out, '\n');
	}
	(void)buf_printf(out,
	    NAME "seconds_sum %lu.%03u\n" NAME "seconds_count ",
	    (unsigned long)(sum->ms / 1000), (unsigned int)(sum->ms % 1000));
	(void)buf_put_number(out, sum->confirmed);
	(void)buf_putc(out, '\n');
}

void
tally_put(const struct tally *sum, size_t workers, struct buf *out)
{
	put(out, "confirmed_total", "counter",
	    "messages that a majority has on disk", sum->confirmed);
	put(out, "bytes_total", "counter", "octets of these", sum->bytes);
	put_codes(
	    out, sum, false, "refused_total", "messages that were not stored");
	put_codes(out, sum, true, "unknown_total",
	    "messages without a word, which may have been stored");
	put(out, "retries_total", "counter",
	    "tries of a message after its first", sum->retries);
	put(out, "connections_total", "counter", "connections to a broker",
	    sum->links);
	put(out, "workers", "gauge",
	    "messages that can be on their way at once", workers);
	put_seconds(out, sum);
}
