/* SPDX-License-Identifier: ISC */
/* The subcommand list: what waits, since when, why, and until when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "filter.h"
#include "json.h"
#include "look/each.h"
#include "look/mail.h"
#include "look/units.h"
#include "tool.h"

enum {
	WIDTH = 80,
	WIDTH_MIN = 50,
	/* Columns before the sender's. */
	BEFORE_SENDER = 41,
	/* Recipients that are shown on a terminal. */
	SHOWN_MAX = 10
};

struct list {
	const struct tool *t;
	struct filter filter;
	bool is_json;
	time_t now;
	uint64_t unreadable;
	/* On a terminal: */
	size_t width; /* 0: it is none */
	bool has_colour;
	bool has_head;
};

/* Before and behind what is in the state's colour; none: "". */
static const char *
colour_of(const struct list *l, enum mail_state state)
{
	static const char *const colours[MAIL_STATES] = { "", "\033[32m",
		"\033[33m", "\033[31m", "\033[31m", "\033[31m" };

	return (l->has_colour ? colours[state] : "");
}

static const char *
colour_end(const struct list *l, enum mail_state state)
{
	return (colour_of(l, state)[0] == '\0' ? "" : "\033[0m");
}

/* At most so many columns of it; the last of one that is cut are dots. */
static void
put_cut(const char *text, size_t columns)
{
	size_t n = strlen(text);

	if (n <= columns)
		(void)fputs(text, stdout);
	else if (columns > 3)
		(void)printf("%.*s...", (int)(columns - 3), text);
	(void)putchar('\n');
}

/* A stranger's text as printable ASCII. */
static void
put_safe(struct buf *out, struct bytes text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= ' ' && c <= '~')
			(void)buf_putc(out, (char)c);
		else
			(void)buf_printf(out, "\\x%02x", c);
	}
}

static void
show_rcpt(const struct list *l, const struct plan_rcpt *r)
{
	char store[4096];
	struct buf line;

	buf_init(&line, store, sizeof(store) - 1);
	put_safe(&line, r->mailbox);
	if (r->state != PLAN_WAITING)
		(void)buf_puts(&line,
		    r->state == PLAN_FAILED ? ", failed" : ", delivered");
	else if (r->tries > 0)
		(void)buf_printf(&line, ", %lu %s", (unsigned long)r->tries,
		    r->tries == 1 ? "try" : "tries");
	if (r->status.n > 0) {
		(void)buf_puts(&line, ": ");
		put_safe(&line, r->status);
		(void)buf_putc(&line, ' ');
		put_safe(&line, r->diagnostic);
	}
	/* One that overflowed is far wider than any terminal. */
	store[buf_view(&line).n] = '\0';
	(void)fputs("        ", stdout);
	put_cut(store, l->width - 8);
}

static void
show_rcpts(const struct list *l, const struct mail *m)
{
	size_t shown = 0;
	size_t i;

	for (i = 0; i < m->plan.nrcpt; i++) {
		const struct plan_rcpt *r = &m->plan.rcpt[i];

		if (r->state == PLAN_GONE)
			continue;
		if (shown++ < SHOWN_MAX)
			show_rcpt(l, r);
	}
	if (shown > SHOWN_MAX)
		(void)printf("        and %zu more\n", shown - SHOWN_MAX);
	if (m->wrong != NULL)
		(void)printf("        %s\n", m->wrong);
}

static void
show(struct list *l, const struct mail *m)
{
	char age[UNITS_SIZE];
	char size[UNITS_SIZE];
	char next[UNITS_SIZE];
	char store[1024];
	struct buf sender;
	uint64_t wait = 0;
	bool has_next = mail_next(m, l->t->queuelife, l->now, &wait);

	if (!l->has_head)
		(void)printf("%10s %5s %5s %5s %-10s %s\n", "NUMBER", "AGE",
		    "SIZE", "NEXT", "STATE", "SENDER");
	l->has_head = true;
	(void)printf("%10lu %5s %5s %5s %s%-10s%s ", (unsigned long)m->number,
	    units_time(mail_age(m, l->now), age), units_size(m->size, size),
	    !has_next       ? "-"
		: wait == 0 ? "now"
			    : units_time(wait, next),
	    colour_of(l, m->state), mail_state_word(m->state),
	    colour_end(l, m->state));
	buf_init(&sender, store, sizeof(store) - 1);
	put_safe(
	    &sender, m->plan.sender.n == 0 ? bytes_of("<>") : m->plan.sender);
	store[buf_view(&sender).n] = '\0';
	put_cut(store, l->width - BEFORE_SENDER);
	show_rcpts(l, m);
}

static void
put_bytes(struct bytes text)
{
	(void)fwrite(text.p, 1, text.n, stdout);
}

/* For other programs: one line, tabs between. */
static void
print(const struct list *l, const struct mail *m)
{
	const struct plan_rcpt *r = mail_most_tried(m);
	uint64_t wait;

	(void)printf("%lu\t%llu\t%llu\t%zu\t%s\t", (unsigned long)m->number,
	    (unsigned long long)m->size,
	    (unsigned long long)mail_age(m, l->now), m->nrcpt,
	    mail_state_word(m->state));
	put_bytes(m->plan.sender.n == 0 ? bytes_of("<>") : m->plan.sender);
	(void)printf("\t%lu\t", r == NULL ? 0UL : (unsigned long)r->tries);
	if (mail_next(m, l->t->queuelife, l->now, &wait))
		(void)printf("%llu", (unsigned long long)wait);
	else
		(void)putchar('-');
	(void)putchar('\t');
	if (r == NULL) {
		(void)putchar('-');
	} else {
		put_bytes(r->status);
		(void)putchar(' ');
		put_bytes(r->diagnostic);
	}
	(void)putchar('\n');
}

static void
print_json_rcpt(const struct plan_rcpt *r)
{
	(void)fputs("{\"mailbox\":", stdout);
	json_put_string(r->mailbox);
	json_put_text("state",
	    bytes_of(r->state == PLAN_FAILED     ? "failed"
		    : r->state == PLAN_DELIVERED ? "delivered"
						 : "waiting"));
	if (r->state == PLAN_WAITING)
		json_put_number("tries", r->tries);
	json_put_text("tried", r->tried);
	json_put_text("status", r->status);
	json_put_text("reason", r->diagnostic);
	(void)putchar('}');
}

static void
print_json(const struct list *l, const struct mail *m)
{
	bool is_first = true;
	uint64_t wait;
	size_t i;

	(void)printf("{\"number\":%lu", (unsigned long)m->number);
	json_put_text("state", bytes_of(mail_state_word(m->state)));
	json_put_number("size", m->size);
	json_put_time("accepted", m->born);
	json_put_number("age", mail_age(m, l->now));
	if (mail_next(m, l->t->queuelife, l->now, &wait))
		json_put_number("next", wait);
	if (m->wrong != NULL)
		json_put_text("wrong", bytes_of(m->wrong));
	(void)fputs(",\"sender\":", stdout);
	json_put_string(m->plan.sender);
	(void)fputs(",\"recipients\":[", stdout);
	for (i = 0; i < m->plan.nrcpt; i++) {
		if (m->plan.rcpt[i].state == PLAN_GONE)
			continue;
		if (!is_first)
			(void)putchar(',');
		is_first = false;
		print_json_rcpt(&m->plan.rcpt[i]);
	}
	(void)fputs("]}\n", stdout);
}

static bool
list_one(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct list *l = ctx;
	struct mail m;

	if (!mail_read(l->t->dirfd, number, kind, &m))
		return (true);
	if (m.state == MAIL_UNREADABLE)
		l->unreadable++;
	if (filter_has(&l->filter, &m, l->now)) {
		if (l->is_json)
			print_json(l, &m);
		else if (l->width > 0)
			show(l, &m);
		else
			print(l, &m);
	}
	mail_free(&m);
	/* Nobody reads it any more. */
	return (ferror(stdout) == 0);
}

static void
look_at_terminal(struct list *l)
{
	const char *term = getenv("TERM");
	struct winsize size;

	if (l->is_json || isatty(STDOUT_FILENO) != 1)
		return;
	l->width = WIDTH;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		l->width = size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
	l->has_colour = getenv("NO_COLOR") == NULL && term != NULL &&
	    strcmp(term, "dumb") != 0;
}

int
tool_list(struct tool *t)
{
	struct list l = { .t = t, .now = time(NULL) };
	struct fault why = { .err = 0 };
	int i;

	for (i = 0; i < t->argc; i++) {
		if (strcmp(t->argv[i], "--json") == 0) {
			l.is_json = true;
			continue;
		}
		if (!tool_take_filter(t, &i, &l.filter))
			return (XC_PERM);
	}
	look_at_terminal(&l);
	if (each_run(t->dirfd, EACH_MESSAGE, list_one, &l, &why) != RES_OK)
		return (problem_fault(&TOOL_SELF, &why));
	if (l.unreadable > 0)
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "no right to read %llu of the messages: this is for the "
		    "user of %s, or root",
		    (unsigned long long)l.unreadable, t->dir));
	return (XC_OK);
}
