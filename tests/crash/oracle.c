/* SPDX-License-Identifier: ISC */
#include "oracle.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "spool/sequence.h"

/* Above what the counter has handed out: the limit, if by another boot. */
static uint32_t
floor_of(const struct world *w, const struct state *before)
{
	const struct state_file *f = state_find(before, SEQUENCE_FILE);
	struct counter c;

	if (f == NULL || !counter_parse((struct bytes){ f->p, f->n }, &c))
		return (0);
	return (memcmp(c.boot, w->boot, COUNTER_BOOT_ID) == 0 ? c.next
							      : c.limit[0]);
}

bool
oracle_is_at_or_above(uint32_t n, uint32_t floor)
{
	return (n - floor <= UINT32_MAX / 2);
}

void
oracle_init(struct oracle *o, struct world *w, const struct script *script,
    const struct state *before)
{
	size_t i;

	memset(o, 0, offsetof(struct oracle, out));
	o->script = script;
	o->owed = script->owed;
	if (before != NULL)
		o->before = *before;
	else
		world_before(w, script, &o->before);
	o->floor = floor_of(w, &o->before);
	for (i = 0; i < o->before.n; i++) {
		const char *suffix;
		uint32_t n = state_number(o->before.file[i].name, &suffix);

		if (n != 0 && strcmp(suffix, ".WRK") == 0)
			numbers_add(&o->visible, n);
	}
}

/* The numbers of "250 2.0.0 A5321 accepted" and a line end. */
static void
read_acks(struct oracle *o)
{
	const char *at = o->out;
	const char *end;

	o->out[o->nout] = '\0';
	while ((end = strstr(at, "\r\n")) != NULL) {
		unsigned long n;

		if (sscanf(at, "250 2.0.0 A%lu accepted\r", &n) == 1 &&
		    n <= UINT32_MAX)
			numbers_add(&o->acked, (uint32_t)n);
		at = end + 2;
	}
}

void
oracle_hear(struct oracle *o, const char *text, size_t n)
{
	if (o->nout + n >= sizeof(o->out))
		die("too many replies");
	memcpy(o->out + o->nout, text, n);
	o->nout += n;
	read_acks(o);
}

/* What has become visible in this run is what was accepted. */
static void
add_new(struct oracle *o)
{
	size_t i;

	for (i = 0; i < o->visible.n; i++)
		if (state_message(&o->before, o->visible.list[i], ".WRK") ==
		    NULL)
			numbers_add(&o->acked, o->visible.list[i]);
}

void
oracle_feed(struct oracle *o, const struct trace_call *c)
{
	const char *suffix;
	uint32_t n;

	/* A queue's caller hears the exit code alone. */
	if (o->script->envelope != NULL && c->nr == SYS_exit_group &&
	    c->arg[0] == 0)
		add_new(o);
	if (!c->made || c->real < 0)
		return;
	if ((c->nr == SYS_write || c->nr == SYS_sendto) && c->arg[0] == 1 &&
	    o->script->tool == NULL && o->script->envelope == NULL)
		oracle_hear(o, c->data, (size_t)c->real);
	if (c->path2 != NULL && (n = state_number(c->path2, &suffix)) != 0 &&
	    strcmp(suffix, ".WRK") == 0)
		numbers_add(&o->visible, n);
}

/* Our trace header, by whom, and whatever the date. */
static bool
is_text_by(const struct state_file *f, uint32_t number, const char *by,
    const char *body)
{
	char head[160];
	const char *date;
	const char *eol;
	size_t n;

	(void)snprintf(head, sizeof(head), "Received: %s\n\tid A%lu; ", by,
	    (unsigned long)number);
	n = strlen(head);
	if (f->n < n || memcmp(f->p, head, n) != 0)
		return (false);
	date = f->p + n;
	eol = memchr(date, '\n', f->n - n);
	if (eol == NULL || eol - date < 20 || memcmp(eol - 5, "+0000", 5) != 0)
		return (false);
	n = (size_t)(eol + 1 - f->p);
	return (
	    f->n - n == strlen(body) && memcmp(f->p + n, body, f->n - n) == 0);
}

static bool
is_text(const struct state_file *f, uint32_t number, const char *body)
{
	char by_queue[96];

	(void)snprintf(by_queue, sizeof(by_queue),
	    "by gnat.example.test (smtpserv-queue, uid %lu)",
	    (unsigned long)getuid());
	return (is_text_by(f, number,
		    "from maggot by gnat.example.test with ESMTP", body) ||
	    is_text_by(f, number, by_queue, body));
}

/* Exactly what was said; or, with facts behind it, text to the last of them. */
static bool
is_envelope(const struct state_file *f, const char *said, const char *end)
{
	size_t n = strlen(said);
	size_t tail = end == NULL ? 0 : strlen(end);
	size_t i;

	if (f->n < n + tail || memcmp(f->p, said, n) != 0)
		return (false);
	for (i = n; i < f->n; i++)
		if (f->p[i] != '\n' && (f->p[i] < ' ' || f->p[i] > '~'))
			return (false);
	return (end == NULL ? f->n == n
			    : memcmp(f->p + f->n - tail, end, tail) == 0);
}

bool
oracle_is_message(const struct oracle *o, const struct state *s,
    uint32_t number, size_t which)
{
	const struct state_file *wrk = state_message(s, number, ".WRK");
	const struct state_file *txt = state_message(s, number, ".TXT");
	const char *said =
	    o->script->written == NULL ? SCRIPT_ENVELOPE : o->script->written;

	return (wrk != NULL && txt != NULL &&
	    is_envelope(wrk, said, o->script->envelope_end) &&
	    is_text(txt, number, o->script->body[which]));
}

/* What scripts have of before. */
static bool
is_old(const struct state_file *wrk, const struct state_file *txt, uint32_t n)
{
	char body[64];

	(void)snprintf(
	    body, sizeof(body), "Subject: old\n\nold %lu\n", (unsigned long)n);
	return (
	    is_envelope(wrk, SCRIPT_ENVELOPE, NULL) && is_text(txt, n, body));
}

static bool
is_steered(const struct oracle *o, const struct state *s, uint32_t number)
{
	static const char *const names[] = { ".WRK", ".HLD" };
	size_t found = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct state_file *f = state_message(s, number, names[i]);

		if (f == NULL)
			continue;
		found++;
		if (!is_envelope(f, SCRIPT_ENVELOPE, NULL) &&
		    (o->script->steered_envelope == NULL ||
			!is_envelope(f, o->script->steered_envelope, NULL)))
			return (false);
	}
	return (found > 0 &&
	    state_same_file(state_message(s, number, ".TXT"),
		state_message(&o->before, number, ".TXT")));
}

/* Is number's pair one that was there before, or one of the script's? */
bool
oracle_is_whole(const struct oracle *o, const struct state *s, uint32_t number)
{
	const struct state_file *wrk = state_message(s, number, ".WRK");
	const struct state_file *txt = state_message(s, number, ".TXT");
	const struct state_file *old =
	    state_message(&o->before, number, ".WRK");
	size_t i;

	if (number == o->script->steered && txt != NULL)
		return (is_steered(o, s, number));
	if (wrk == NULL || txt == NULL)
		return (false);
	if (old != NULL)
		return (state_same_file(wrk, old) &&
		    state_same_file(
			txt, state_message(&o->before, number, ".TXT")));
	for (i = 0; i < SCRIPT_BODIES && o->script->body[i] != NULL; i++)
		if (oracle_is_message(o, s, number, i))
			return (true);
	if (number == o->script->owed && is_old(wrk, txt, number))
		return (true);
	return (
	    (is_envelope(wrk, SCRIPT_ENVELOPE, NULL) ||
		is_envelope(wrk, SCRIPT_ENVELOPE, o->script->envelope_end)) &&
	    is_text(txt, number, ORACLE_NEXT_BODY));
}
