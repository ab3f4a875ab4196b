/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spool/complete.h"
#include "spool/scan.h"
#include "spool/sequence.h"
#include "sys/sysclock.h"

enum {
	/* Of states that are alike to the next session, so many are tried. */
	ALIKE_EVERY = 16
};

static const char NEXT_INPUT[] =
    "EHLO maggot\r\nMAIL FROM:<erick@maggot>\r\nRCPT TO:<bruce@gnat>\r\n"
    "DATA\r\nSubject: next\r\n\r\nnext\r\n.\r\nQUIT\r\n";
static const char OTHER_BOOT[COUNTER_BOOT_ID + 1] =
    "99999999-8888-7777-6666-555555555555";

/*
 * What completion is to make of a state, by what the messages are, and not by
 * what the marks say.
 */
static void
complete(const struct oracle *o, const struct state *s, struct state *out)
{
	size_t i;

	*out = *s;
	for (i = 0; i < s->n; i++) {
		const struct state_file *f = &s->file[i];
		struct state with = *out;
		char wrk[STATE_NAME];
		const char *suffix;
		uint32_t n = state_number(f->name, &suffix);

		if (n == 0 || !state_is_mark(suffix))
			continue;
		state_remove(out, f->name);
		if (state_message(s, n, ".WRK") != NULL ||
		    state_message(s, n, ".BAD") != NULL)
			continue;
		(void)snprintf(wrk, sizeof(wrk), "%lu.WRK", (unsigned long)n);
		state_remove(&with, f->name);
		state_add(&with, wrk, f->p, f->n, f->inode);
		if (oracle_is_whole(o, &with, n))
			*out = with;
	}
}

/* Will the next session do it? */
static bool
completes(const struct world *w, const struct state *s)
{
	const struct state_file *f = state_find(s, SEQUENCE_FILE);
	struct counter c;

	return (f == NULL || !counter_parse((struct bytes){ f->p, f->n }, &c) ||
	    memcmp(c.boot, w->boot, COUNTER_BOOT_ID) != 0);
}

/* 1 and 2; after a boot the first as soon as somebody has completed. */
static void
check_pairs(struct world *w, const struct oracle *o, const struct state *s,
    bool rebooted)
{
	struct state done;
	const struct state *seen = rebooted ? &done : s;
	const char *suffix;
	uint32_t n;
	size_t i;

	complete(o, s, &done);
	if (o->owed != 0 && !oracle_is_whole(o, &done, o->owed))
		violation(w, s, "%lu was answered 250, before",
		    (unsigned long)o->owed);
	n = o->script->steered;
	if (n != 0 && !oracle_is_whole(o, s, n))
		violation(w, s, "%lu was there before, and is lost",
		    (unsigned long)n);
	for (i = 0; i < o->acked.n; i++) {
		n = o->acked.list[i];
		if (!oracle_is_whole(o, seen, n))
			violation(w, s,
			    "%lu was answered 250 and is not there,"
			    " whole",
			    (unsigned long)n);
		if (o->floor != 0 && !oracle_is_at_or_above(n, o->floor))
			violation(w, s, "%lu was handed out before",
			    (unsigned long)n);
		if (state_message(&o->before, n, ".BAD") != NULL)
			violation(w, s, "%lu is one that was set aside",
			    (unsigned long)n);
	}
	for (i = 0; i < o->before.n; i++) {
		n = state_number(o->before.file[i].name, &suffix);
		if (n != 0 && strcmp(suffix, ".WRK") == 0 &&
		    n != o->script->consumed && !oracle_is_whole(o, s, n))
			violation(w, s,
			    "%lu was there before and is not any "
			    "more",
			    (unsigned long)n);
	}
	for (i = 0; i < s->n; i++) {
		n = state_number(s->file[i].name, &suffix);
		if (n != 0 && strcmp(suffix, ".WRK") == 0 &&
		    !oracle_is_whole(o, s, n))
			violation(w, s,
			    "%lu.WRK is there, but not with its "
			    "whole text",
			    (unsigned long)n);
	}
}

void
check_reboot(struct world *w, struct state *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		struct state_file *f = &s->file[i];
		char *at;
		char *p;

		if (strncmp(f->name, "sequence.", 9) != 0)
			continue;
		p = arena_copy(&w->scratch, f->p, f->n);
		at = memmem(p, f->n, w->boot, COUNTER_BOOT_ID);
		if (at != NULL)
			memcpy(at, OTHER_BOOT, COUNTER_BOOT_ID);
		f->p = p;
	}
}

/* What is there once clean has been: pairs, also those that are set aside. */
static void
only_pairs(const struct state *s, struct state *out)
{
	size_t i;

	out->n = 0;
	for (i = 0; i < s->n; i++) {
		const struct state_file *f = &s->file[i];
		const char *suffix;
		uint32_t n = state_number(f->name, &suffix);

		if (n == 0 || strcmp(suffix, ".BAD") == 0 ||
		    (strcmp(suffix, ".HLD") == 0 &&
			state_message(s, n, ".WRK") == NULL) ||
		    ((state_message(s, n, ".WRK") != NULL ||
			 state_message(s, n, ".HLD") != NULL ||
			 state_message(s, n, ".BAD") != NULL) &&
			(strcmp(suffix, ".WRK") == 0 ||
			    strcmp(suffix, ".TXT") == 0)))
			state_add(out, f->name, f->p, f->n, f->inode);
	}
}

/* But for the counter, which moves. */
static bool
same_messages(const struct state *a, const struct state *b)
{
	struct state x = *a;
	struct state y = *b;

	state_remove(&x, SEQUENCE_FILE);
	state_remove(&x, SEQUENCE_NEW_FILE);
	state_remove(&y, SEQUENCE_FILE);
	state_remove(&y, SEQUENCE_NEW_FILE);
	return (state_equal(&x, &y));
}

uint32_t
check_deliver(const struct spool *spool, int64_t wait_ms, int *err, char *text,
    size_t cap)
{
	char body[256];
	struct spool_msg m;
	struct fault why = { .op = "" };

	if (spool_begin(spool, &m, bytes_of(SCRIPT_ENVELOPE),
		sysclock_ms() + wait_ms, &why) == RES_OK) {
		(void)snprintf(body, sizeof(body),
		    "Received: from maggot by "
		    "gnat.example.test with ESMTP\n\tid A%lu; Mon, 23 Nov "
		    "2026 00:00:00 +0000\n" ORACLE_NEXT_BODY,
		    (unsigned long)m.number);
		if (spool_append(&m, bytes_of(body), &why) == RES_OK &&
		    spool_commit(&m, &why) == RES_OK)
			return (m.number);
		spool_abort(&m);
	}
	*err = why.err;
	(void)snprintf(
	    text, cap, "%s %s: %s", why.op, why.name, strerror(why.err));
	return (0);
}

static uint32_t
deliver(struct world *w, char *text, size_t cap)
{
	int err;

	return (check_deliver(&w->checked, 1000, &err, text, cap));
}

/* Nothing has repaired it yet. */
static bool
may_refuse(const struct oracle *o, const struct state *s)
{
	return (o->script->bad_counter &&
	    state_same_file(state_find(s, SEQUENCE_FILE),
		state_find(&o->before, SEQUENCE_FILE)));
}

static uint32_t
deliver_real(struct world *w, char *text, size_t cap)
{
	const char *argv[] = { w->session, "-f", w->check_conf, NULL };
	const char *at;
	unsigned long n;

	(void)world_run(argv, NEXT_INPUT, text, cap);
	at = strstr(text, "250 2.0.0 A");
	if (at == NULL || sscanf(at, "250 2.0.0 A%lu accepted", &n) != 1)
		return (0);
	return ((uint32_t)n);
}

static void
clean(struct world *w, const struct state *s, bool real)
{
	struct complete done;
	uint64_t removed;
	struct fault why;
	char text[256];

	if (real) {
		const char *argv[] = { w->tool, "-f", w->check_conf, "clean",
			NULL };
		int status = world_run(argv, "", text, sizeof(text));

		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			violation(w, s, "clean does not work");
	} else if (complete_all(w->checkfd, 0, SYSCLOCK_NEVER, &done, &why) !=
		RES_OK ||
	    scan_clean(w->checkfd, &removed, &why) != RES_OK) {
		violation(w, s, "clean: %s %s: %s", why.op, why.name,
		    strerror(why.err));
	}
}

/* 4: is n free to be handed out, and is it durably reserved? */
static void
check_number(struct world *w, const struct oracle *o, const struct state *s,
    uint32_t n, const struct state *after)
{
	const struct state_file *f = state_find(after, SEQUENCE_FILE);
	struct counter c;
	uint32_t limit;

	if (numbers_has(&o->acked, n) || numbers_has(&o->visible, n) ||
	    (o->floor != 0 && !oracle_is_at_or_above(n, o->floor)))
		violation(w, s, "%lu is handed out again", (unsigned long)n);
	if (f == NULL || !counter_parse((struct bytes){ f->p, f->n }, &c)) {
		violation(w, s, "after the next session the counter is bad");
		return;
	}
	limit = c.limit[0] > c.limit[1] ? c.limit[0] : c.limit[1];
	if (!oracle_is_at_or_above(limit, n + 1))
		violation(w, s,
		    "%lu is handed out, which is not reserved "
		    "(limit %lu)",
		    (unsigned long)n, (unsigned long)limit);
}

/* 3, 4 and 5, with the messages where they are. */
static void
check_next(struct world *w, const struct oracle *o, const struct state *s,
    const struct state *set_up, bool real)
{
	struct state after;
	struct state expected;
	struct state completed = *set_up;
	char text[1024];
	uint32_t n;

	if (completes(w, set_up))
		complete(o, set_up, &completed);
	state_store(set_up, w->checkfd);
	n = real ? deliver_real(w, text, sizeof(text))
		 : deliver(w, text, sizeof(text));
	state_load(&after, w->checkfd, &w->scratch);
	if (n == 0) {
		if (!may_refuse(o, s))
			violation(w, s, "the next session fails: %s", text);
		return;
	}
	check_number(w, o, s, n, &after);
	if (!oracle_is_whole(o, &after, n)) {
		violation(w, s, "the next session's message is not whole");
		return;
	}
	expected = after;
	state_remove(&expected, state_message(&after, n, ".WRK")->name);
	state_remove(&expected, state_message(&after, n, ".TXT")->name);
	if (!same_messages(&expected, &completed))
		violation(w, s, "the next session changes other files");
	complete(o, &after, &completed);
	only_pairs(&completed, &expected);
	clean(w, s, real);
	state_load(&after, w->checkfd, &w->scratch);
	if (!state_equal(&after, &expected)) {
		violation(w, s, "clean does not leave just the pairs");
		if (w->violations == 1)
			state_print(&after);
	}
}

/* 3 and 4, when everything has been consumed: only the counter is left. */
static void
check_next_empty(struct world *w, const struct oracle *o, const struct state *s,
    const struct state *set_up, bool real)
{
	struct state empty = { .n = 0 };
	struct state after;
	char text[1024];
	uint32_t n;
	size_t i;

	for (i = 0; i < set_up->n; i++) {
		const struct state_file *f = &set_up->file[i];
		const char *suffix;

		if (state_number(f->name, &suffix) == 0)
			state_add(&empty, f->name, f->p, f->n, f->inode);
	}
	state_store(&empty, w->checkfd);
	n = real ? deliver_real(w, text, sizeof(text))
		 : deliver(w, text, sizeof(text));
	if (n == 0) {
		if (!may_refuse(o, s))
			violation(w, s,
			    "when all is consumed, the next "
			    "session fails: %s",
			    text);
		return;
	}
	state_load(&after, w->checkfd, &w->scratch);
	check_number(w, o, s, n, &after);
}

uint64_t
check_hash_for_next(const struct state *s, uint64_t h)
{
	bool is_marked = false;
	struct state seen = *s;
	const char *suffix;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (state_number(s->file[i].name, &suffix) != 0 &&
		    state_is_mark(suffix))
			is_marked = true;
	for (i = 0; i < s->n && !is_marked; i++)
		if (strncmp(s->file[i].name, "sequence.", 9) != 0)
			seen.file[i].n = 0;
	return (state_hash(&seen, h));
}

void
check_state(struct world *w, const struct oracle *o, const struct state *s,
    bool rebooted, size_t real_every)
{
	uint64_t h = state_hash_bytes(
	    (uint64_t)rebooted + 7, o->script->name, strlen(o->script->name));
	struct state set_up = *s;
	size_t used = w->scratch.used;
	bool real;
	size_t i;

	h = state_hash_bytes(h, o->acked.list, o->acked.n * sizeof(uint32_t));
	h = state_hash_bytes(
	    h, o->visible.list, o->visible.n * sizeof(uint32_t));
	if (!seen_add(&w->states, state_hash(s, h)))
		return;
	real = real_every > 0 && w->checked_states % real_every == 0;
	w->checked_states++;
	check_pairs(w, o, s, rebooted);
	if (rebooted)
		check_reboot(w, &set_up);
	if (!seen_add(&w->nexts,
		check_hash_for_next(&set_up, h + (real_every == 1))) &&
	    w->checked_states % ALIKE_EVERY != 0) {
		w->scratch.used = used;
		return;
	}
	check_next(w, o, s, &set_up, false);
	if (real) {
		w->real_checks++;
		check_next(w, o, s, &set_up, true);
	}
	for (i = 0; i < set_up.n; i++)
		if (strncmp(set_up.file[i].name, "sequence.", 9) == 0)
			h = state_hash_bytes(
			    h, set_up.file[i].p, set_up.file[i].n);
	if (seen_add(&w->counters, h)) {
		check_next_empty(w, o, s, &set_up, false);
		if (real)
			check_next_empty(w, o, s, &set_up, true);
	}
	w->scratch.used = used;
}

/*
 * The client goes on with the transaction whatever we answer, so what follows
 * a temporary refusal may well be refused for good: text is no command.
 */
void
check_replies(struct world *w, const struct oracle *o)
{
	const char *at = o->out;
	const char *end;
	char code[4] = "";
	bool is_refused = false;

	if (o->nout == 0)
		return;
	while ((end = strstr(at, "\r\n")) != NULL) {
		(void)snprintf(code, sizeof(code), "%.3s", at);
		if (code[0] == '4')
			is_refused = true;
		if (strncmp(at, "250 2.1.0 ", 10) == 0)
			is_refused = false;
		if (code[0] == '5' && !is_refused &&
		    (o->script->refusals == NULL ||
			strstr(o->script->refusals, code) == NULL))
			violation(w, NULL, "a local fault is answered %.*s",
			    (int)(end - at), at);
		at = end + 2;
	}
}

static bool
has_mark(const struct state *s, uint32_t number)
{
	const char *suffix;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (state_number(s->file[i].name, &suffix) == number &&
		    state_is_mark(suffix))
			return (true);
	return (false);
}

/*
 * What could not be removed may stay.  If somebody else has the lock on CMD,
 * or on a mark, a cleaner is at this number, or its session.
 */
static bool
is_excused(const struct trace_call *failed, int err, const struct state *s,
    const char *name)
{
	const char *suffix;
	uint32_t n = state_number(name, &suffix);

	if (failed == NULL)
		return (false);
	if (failed->nr == SYS_fcntl && err == EAGAIN)
		return (state_message(s, n, ".CMD") != NULL || has_mark(s, n));
	return (failed->nr == SYS_unlinkat && failed->path != NULL &&
	    !failed->made && strcmp(failed->path, name) == 0);
}

void
check_rest(struct world *w, const struct oracle *o, const struct state *s,
    const struct trace_call *failed, int err)
{
	struct state pairs;
	size_t i;

	only_pairs(s, &pairs);
	for (i = 0; i < s->n; i++) {
		const char *name = s->file[i].name;
		const char *suffix;

		if (state_number(name, &suffix) != 0 &&
		    state_find(&pairs, name) == NULL &&
		    (o->script->cleans ||
			state_find(&o->before, name) == NULL) &&
		    !is_excused(failed, err, s, name))
			violation(w, s, "%s is left behind", name);
	}
}
