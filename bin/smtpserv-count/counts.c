/* SPDX-License-Identifier: ISC */
#include "counts.h"

#include <string.h>

#include "bytes/num.h"
#include "log/logline.h"

enum metric {
	LINES,
	ACCEPTED,
	ACCEPTED_BYTES,
	ACCEPTED_RCPTS,
	REFUSED,
	DELIVERED,
	DEFERRED,
	FAILED,
	REPORTS,
	TLS,
	TLS_FAILED,
	LOGINS,
	SESSIONS,
	TURNED_AWAY,
	METRICS
};

_Static_assert((int)METRICS == (int)COUNTS_METRICS, "a row for each");

static const struct {
	const char *name;
	const char *help;
} ABOUT[METRICS] = {
	[LINES] = { "log_lines_total", "Lines of SMTPSERV's log, by event." },
	[ACCEPTED] = { "accepted_total", "Messages accepted, by protocol." },
	[ACCEPTED_BYTES] = { "accepted_bytes_total", "Their octets." },
	[ACCEPTED_RCPTS] = { "accepted_recipients_total", "Their recipients." },
	[REFUSED] = { "refused_total",
	    "Commands and messages refused, by reply." },
	[DELIVERED] = { "delivered_total",
	    "Recipients delivered, by destination." },
	[DEFERRED] = { "deferred_total",
	    "Attempts that have to be repeated, by destination." },
	[FAILED] = { "failed_total", "Recipients given up, by destination." },
	[REPORTS] = { "reports_total", "Reports to senders, by result." },
	[TLS] = { "tls_total", "STARTTLS that succeeded, by protocol." },
	[TLS_FAILED] = { "tls_failed_total", "Handshakes that failed." },
	[LOGINS] = { "logins_total", "Passwords asked about, by result." },
	[SESSIONS] = { "sessions_total", "Sessions that ended." },
	[TURNED_AWAY] = { "turned_away_total",
	    "Connections for which there was no session, by whom." },
};

/* Seconds; a delivery counts in the first bucket that it fits. */
static const uint32_t BUCKETS[COUNTS_BUCKETS] = { 1, 5, 15, 60, 300, 900, 3600,
	14400, 43200, 86400, 259200, 604800 };

void
counts_init(struct counts *c)
{
	memset(c, 0, sizeof(*c));
}

static void
add_row(struct counts *c, enum metric metric, const char *labels, uint64_t n)
{
	struct counts_metric *m = &c->metrics[metric];
	size_t i;

	for (i = 0; i < m->nrows; i++)
		if (strcmp(m->rows[i].labels, labels) == 0)
			break;
	if (i == m->nrows) {
		if (m->nrows == ARRAY_LEN(m->rows))
			return;
		m->nrows++;
		memcpy(m->rows[i].labels, labels, strlen(labels) + 1);
	}
	m->rows[i].n += n;
}

/* A label's value: printable ASCII, without what would need escapes. */
static bool
is_label(struct bytes value)
{
	size_t i;

	for (i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] > '~' ||
		    value.p[i] == '"' || value.p[i] == '\\')
			return (false);
	return (value.n <= COUNTS_LABEL_MAX);
}

static bool
is_full(const struct counts *c, enum metric metric, const char *labels)
{
	const struct counts_metric *m = &c->metrics[metric];
	size_t i;

	for (i = 0; i < m->nrows; i++)
		if (strcmp(m->rows[i].labels, labels) == 0)
			return (false);
	return (m->nrows >= COUNTS_VALUES_MAX);
}

/* One more with one or two labels; `two` may be NULL. */
static void
add_labelled(struct counts *c, enum metric metric, const char *one,
    struct bytes a, const char *two, struct bytes b)
{
	struct bytes other = bytes_of("other");
	char store[sizeof(((struct counts_row *)0)->labels)];
	struct buf labels;
	int round;

	for (round = 0; round < 2; round++) {
		buf_init(&labels, store, sizeof(store));
		(void)buf_printf(&labels, "{%s=\"", one);
		(void)buf_put(&labels, is_label(a) ? a : other);
		if (two != NULL) {
			(void)buf_printf(&labels, "\",%s=\"", two);
			(void)buf_put(&labels, is_label(b) ? b : other);
		}
		(void)buf_puts(&labels, "\"}");
		if (buf_cstr(&labels) == NULL)
			return;
		if (!is_full(c, metric, store))
			break;
		a = other;
		b = other;
	}
	add_row(c, metric, store, 1);
}

static void
add_one(struct counts *c, enum metric metric, const char *label, struct bytes v)
{
	add_labelled(c, metric, label, v, NULL, v);
}

/* A field's value; empty where there is none. */
static struct bytes
value_of(struct bytes fields, const char *name)
{
	struct bytes value;

	if (!logline_find(fields, name, &value))
		return (bytes_of(""));
	if (value.n >= 2 && value.p[0] == '"')
		value = bytes_cut(value, 1, value.n - 2);
	return (value);
}

static uint64_t
number_of(struct bytes fields, const char *name)
{
	uint64_t n = 0;

	/* A value that is not a number counts as 0. */
	(void)num_parse(value_of(fields, name), UINT64_MAX, &n);
	return (n);
}

static void
add_accepted(struct counts *c, struct bytes fields)
{
	add_one(c, ACCEPTED, "protocol", value_of(fields, "proto"));
	add_row(c, ACCEPTED_BYTES, "", number_of(fields, "size"));
	add_row(c, ACCEPTED_RCPTS, "", number_of(fields, "rcpts"));
}

/* Where a recipient is: the domain, in lower case. */
static void
put_destination(struct bytes mailbox, struct buf *out)
{
	size_t at = mailbox.n;
	size_t i;

	while (at > 0 && mailbox.p[at - 1] != '@')
		at--;
	if (at == 0)
		(void)buf_puts(out, "local");
	for (i = at; at > 0 && i < mailbox.n; i++)
		(void)buf_putc(out, bytes_lower(mailbox.p[i]));
}

static void
add_delay(struct counts *c, struct bytes fields)
{
	struct bytes value = value_of(fields, "delay");
	uint64_t seconds;
	size_t i = 0;

	if (!num_parse(value, UINT32_MAX, &seconds))
		return;
	while (i < COUNTS_BUCKETS && seconds > BUCKETS[i])
		i++;
	c->delays.buckets[i]++;
	c->delays.sum += seconds;
}

static void
add_delivery(struct counts *c, struct bytes fields)
{
	static const struct {
		const char *result;
		enum metric metric;
	} rows[] = { { "delivered", DELIVERED }, { "later", DEFERRED },
		{ "failed", FAILED } };
	struct bytes result = value_of(fields, "result");
	char store[COUNTS_LABEL_MAX + 1];
	struct buf where;
	size_t i;

	buf_init(&where, store, sizeof(store));
	put_destination(value_of(fields, "to"), &where);
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (bytes_same(result, bytes_of(rows[i].result)))
			add_one(c, rows[i].metric, "destination",
			    buf_overflowed(&where) ? bytes_of("other")
						   : buf_view(&where));
	if (bytes_same(result, bytes_of("delivered")))
		add_delay(c, fields);
}

/* Each super-server has its own words for being full. */
static void
add_stranger(struct counts *c, struct bytes line)
{
	static const struct {
		const char *words;
		const char *who;
	} rows[] = { { "FAIL: smtpserv", "xinetd" },
		{ "tcpserverd: info: deny ", "s6" } };
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (memmem(line.p, line.n, rows[i].words,
			strlen(rows[i].words)) != NULL)
			add_one(c, TURNED_AWAY, "by", bytes_of(rows[i].who));
}

void
counts_add(struct counts *c, struct bytes line)
{
	struct bytes event;
	struct bytes f;

	if (!logline_begin(line, &event, &f)) {
		add_stranger(c, line);
		return;
	}
	add_one(c, LINES, "event", event);
	if (bytes_same(event, bytes_of("accepted")) ||
	    bytes_same(event, bytes_of("queued")))
		add_accepted(c, f);
	else if (bytes_same(event, bytes_of("refused")))
		add_labelled(c, REFUSED, "code", value_of(f, "code"), "status",
		    value_of(f, "status"));
	else if (bytes_same(event, bytes_of("delivery")))
		add_delivery(c, f);
	else if (bytes_same(event, bytes_of("report")))
		add_one(c, REPORTS, "result", value_of(f, "result"));
	else if (bytes_same(event, bytes_of("tls")))
		add_one(c, TLS, "protocol", value_of(f, "protocol"));
	else if (bytes_same(event, bytes_of("notls")))
		add_row(c, TLS_FAILED, "", 1);
	else if (bytes_same(event, bytes_of("login")))
		add_one(c, LOGINS, "result",
		    bytes_of(bytes_same(value_of(f, "exit"), bytes_of("0"))
			    ? "right"
			    : "wrong"));
	else if (bytes_same(event, bytes_of("end")))
		add_row(c, SESSIONS, "", 1);
	else if (bytes_same(event, bytes_of("configuration")) ||
	    bytes_same(event, bytes_of("usage")))
		add_one(c, TURNED_AWAY, "by", event);
}

static void
print_head(
    struct buf *out, const char *name, const char *help, const char *type)
{
	(void)buf_printf(out, "# HELP smtpserv_%s %s\n# TYPE smtpserv_%s %s\n",
	    name, help, name, type);
}

static void
print_delays(const struct counts_histogram *h, struct buf *out)
{
	uint64_t n = 0;
	size_t i;

	print_head(out, "delivery_delay_seconds",
	    "From acceptance to delivery.", "histogram");
	for (i = 0; i < COUNTS_BUCKETS; i++) {
		n += h->buckets[i];
		(void)buf_printf(out,
		    "smtpserv_delivery_delay_seconds_bucket{le=\"%lu\"} %llu\n",
		    (unsigned long)BUCKETS[i], (unsigned long long)n);
	}
	n += h->buckets[COUNTS_BUCKETS];
	(void)buf_printf(out,
	    "smtpserv_delivery_delay_seconds_bucket{le=\"+Inf\"} %llu\n"
	    "smtpserv_delivery_delay_seconds_sum %llu\n"
	    "smtpserv_delivery_delay_seconds_count %llu\n",
	    (unsigned long long)n, (unsigned long long)h->sum,
	    (unsigned long long)n);
}

void
counts_print(const struct counts *c, struct buf *out)
{
	size_t m;
	size_t i;

	for (m = 0; m < METRICS; m++) {
		print_head(out, ABOUT[m].name, ABOUT[m].help, "counter");
		for (i = 0; i < c->metrics[m].nrows; i++) {
			const struct counts_row *row = &c->metrics[m].rows[i];

			(void)buf_printf(out, "smtpserv_%s%s %llu\n",
			    ABOUT[m].name, row->labels,
			    (unsigned long long)row->n);
		}
	}
	print_delays(&c->delays, out);
}
