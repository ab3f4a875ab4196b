/* SPDX-License-Identifier: ISC */
/*
 * The session stands still at each of its system calls in turn, while others
 * do their work in the same spool from beginning to end; then it goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "check.h"
#include "spool/claim.h"

/* The traced session, and what is known of its spool. */
struct meeting {
	struct world *w;
	const struct script *script;
	struct oracle oracle;
	struct numbers consumed;
	uint32_t disturbed; /* a number whose text is a stranger's */
	size_t fed;         /* calls that the oracle knows */
};

static struct trace cleaner;
static struct arena cleaner_arena;

static void
learn(struct meeting *m)
{
	const struct trace *t = &m->w->trace;

	for (; m->fed < t->n && (t->call[m->fed].returned || t->ended);
	     m->fed++)
		oracle_feed(&m->oracle, &t->call[m->fed]);
}

/* Start the session and stop it before its call k.  False: it has ended. */
static bool
begin(struct meeting *m, struct world *w, const struct script *s, size_t k)
{
	struct trace_fault pause = { .how = TRACE_PAUSE, .at = k };

	(void)snprintf(w->where, sizeof(w->where),
	    "script %s, stopped before call %zu", s->name, k);
	world_start(w, s, NULL, &pause, &w->trace);
	m->w = w;
	m->script = s;
	m->consumed.n = 0;
	m->disturbed = 0;
	m->fed = 0;
	oracle_init(&m->oracle, w, s, NULL);
	if (!trace_go(&w->trace))
		return (false);
	learn(m);
	w->scratch.used = 0;
	return (true);
}

static void
be_cleaner(struct meeting *m)
{
	const char *argv[] = { m->w->tool, "-f", m->w->spool_conf, "clean",
		NULL };
	char text[256];
	struct state now;
	struct state after;
	int status;
	size_t i;

	state_load(&now, m->w->spoolfd, &m->w->scratch);
	status = world_run(argv, "", text, sizeof(text));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		violation(m->w, NULL, "clean fails beside a session");
	/* Where CMD is not locked yet, its session takes another number. */
	state_load(&after, m->w->spoolfd, &m->w->scratch);
	for (i = 0; i < now.n; i++) {
		const char *name = now.file[i].name;
		const char *suffix;

		if (state_number(name, &suffix) != 0 &&
		    (strcmp(suffix, ".TXT") == 0 || state_is_mark(suffix)) &&
		    state_find(&m->oracle.before, name) == NULL &&
		    state_find(&after, name) == NULL)
			violation(
			    m->w, &now, "clean takes %s from a session", name);
	}
}

/* It may have to wait for the counter, as the session cannot go on. */
static void
be_session(struct meeting *m)
{
	char text[256];
	int err = 0;
	uint32_t n = check_deliver(&m->w->other, 0, &err, text, sizeof(text));

	if (n == 0 && err != EAGAIN)
		violation(
		    m->w, NULL, "a session fails beside another: %s", text);
	if (n == 0)
		return;
	if (numbers_has(&m->oracle.acked, n) ||
	    numbers_has(&m->oracle.visible, n))
		violation(m->w, NULL, "%lu is given to two sessions",
		    (unsigned long)n);
	numbers_add(&m->oracle.visible, n);
	numbers_add(&m->oracle.acked, n);
}

/* Takes all messages it can get. */
static void
be_consumer(struct meeting *m)
{
	struct state now;
	struct fault why;
	size_t i;

	state_load(&now, m->w->spoolfd, &m->w->scratch);
	for (i = 0; i < now.n; i++) {
		struct claim c;
		const char *suffix;
		uint32_t n = state_number(now.file[i].name, &suffix);

		if (n == 0 || strcmp(suffix, ".WRK") != 0 ||
		    claim_take(m->w->spoolfd, n, &c, &why) != CLAIM_OK)
			continue;
		if (!oracle_is_whole(&m->oracle, &now, n))
			violation(m->w, &now,
			    "a consumer gets %lu, which is "
			    "not whole",
			    (unsigned long)n);
		numbers_add(&m->consumed, n);
		numbers_add(&m->oracle.visible, n);
		if (claim_finish(&c, &why) != RES_OK)
			violation(m->w, &now, "a consumer fails: %s %s: %s",
			    why.op, why.name, strerror(why.err));
	}
}

/* What the one still sees may be gone, and made anew by the other. */
static void
be_both(struct meeting *m)
{
	be_session(m);
	be_consumer(m);
}

static const char STRANGE[] = "a stranger's\n";

/* Somebody puts a file of his under a name that the session is to use. */
static void
be_stranger(struct meeting *m)
{
	struct state now;
	char name[STATE_NAME];
	size_t i;
	int fd;

	state_load(&now, m->w->spoolfd, &m->w->scratch);
	for (i = 0; i < now.n; i++) {
		const char *suffix;
		uint32_t n = state_number(now.file[i].name, &suffix);

		if (n != 0 && strcmp(suffix, ".CMD") == 0 &&
		    state_message(&now, n, ".TXT") == NULL)
			m->disturbed = n;
	}
	if (m->disturbed == 0)
		return;
	(void)snprintf(
	    name, sizeof(name), "%lu.TXT", (unsigned long)m->disturbed);
	fd = openat(m->w->spoolfd, name, O_WRONLY | O_CREAT | O_EXCL, 0640);
	if (fd < 0 ||
	    write(fd, STRANGE, strlen(STRANGE)) != (ssize_t)strlen(STRANGE))
		die("%s: %s", name, strerror(errno));
	(void)close(fd);
	state_add(&m->oracle.before, name, STRANGE, strlen(STRANGE), 99);
}

/* It is as it was, and no message was put in its place. */
static void
check_stranger(const struct meeting *m, const struct state *now)
{
	const struct state_file *f = state_message(now, m->disturbed, ".TXT");

	if (f == NULL || f->n != strlen(STRANGE) ||
	    memcmp(f->p, STRANGE, f->n) != 0)
		violation(m->w, now, "a stranger's %lu.TXT is gone",
		    (unsigned long)m->disturbed);
}

/* The pair is not expected to be there any more. */
static void
forget(struct state *before, uint32_t n)
{
	state_remove(before, state_message(before, n, ".WRK")->name);
	state_remove(before, state_message(before, n, ".TXT")->name);
}

/* All have ended. */
static void
judge(struct meeting *m, size_t others)
{
	struct world *w = m->w;
	struct state now;
	size_t i;
	const char *suffix;

	learn(m);
	if (m->disturbed == 0 &&
	    m->oracle.acked.n != m->script->accepted + others)
		violation(w, NULL, "the session accepts %zu messages",
		    m->oracle.acked.n - others);
	for (i = 0; i < m->consumed.n; i++) {
		numbers_remove(&m->oracle.acked, m->consumed.list[i]);
		if (m->oracle.owed == m->consumed.list[i])
			m->oracle.owed = 0;
		/* What was there before has been consumed. */
		if (state_message(
			&m->oracle.before, m->consumed.list[i], ".WRK") != NULL)
			forget(&m->oracle.before, m->consumed.list[i]);
	}
	state_load(&now, w->spoolfd, &w->scratch);
	if (m->disturbed != 0)
		check_stranger(m, &now);
	for (i = 0; i < m->oracle.before.n; i++)
		if (state_number(m->oracle.before.file[i].name, &suffix) != 0 &&
		    state_find(&now, m->oracle.before.file[i].name) == NULL)
			state_remove(
			    &m->oracle.before, m->oracle.before.file[i--].name);
	check_state(w, &m->oracle, &now, false, 64);
	check_rest(w, &m->oracle, &now, NULL, 0);
}

typedef void other_fn(struct meeting *m);

/* False: the session has no call k. */
static bool
meet(struct world *w, const struct script *s, size_t k, other_fn *other)
{
	static struct meeting m;
	size_t known;
	size_t others;

	if (!begin(&m, w, s, k))
		return (false);
	known = m.oracle.acked.n;
	other(&m);
	others = m.oracle.acked.n - known;
	if (trace_go(&w->trace) || w->trace.hung)
		violation(w, NULL, "the session hangs");
	judge(&m, others);
	return (true);
}

/* Start clean, or check, in the same spool, and stop it before its call j. */
static bool
begin_tool(struct world *w, const char *command_name, size_t j)
{
	const char *argv[] = { w->tool, "-f", w->spool_conf, command_name,
		NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trace_command command = { argv, null, null, null };
	struct trace_fault pause = { .how = TRACE_PAUSE, .at = j };

	if (cleaner_arena.cap == 0)
		arena_init(&cleaner_arena, 16 << 20);
	cleaner_arena.used = 0;
	trace_start(&cleaner, &command, &pause, &cleaner_arena);
	(void)close(null);
	return (trace_go(&cleaner));
}

/* The first call with which it looks at the spool. */
static size_t
first_look(struct world *w, const struct script *s, const char *command_name)
{
	static struct meeting m;
	size_t i;

	if (!begin(&m, w, s, 0) || begin_tool(w, command_name, SIZE_MAX))
		die("%s does not end", command_name);
	trace_kill(&w->trace);
	for (i = 0; i < cleaner.n; i++)
		if (cleaner.call[i].nr == SYS_getdents64)
			return (i);
	die("%s does not read the directory", command_name);
}

/*
 * Two stand still: the session before call k, clean before call j.  The
 * session goes on first, with a consumer behind it every other time; clean
 * then acts on what it saw before.  False: clean has no call j.
 */
static bool
meet_halfway(struct world *w, const struct script *s, size_t k, size_t j)
{
	static struct meeting m;
	size_t n;
	size_t others = 0;

	if (!begin(&m, w, s, k))
		return (false);
	n = strlen(w->where);
	(void)snprintf(w->where + n, sizeof(w->where) - n,
	    ", clean before its call %zu", j);
	if (!begin_tool(w, "clean", j)) {
		trace_kill(&w->trace);
		return (false);
	}
	(void)trace_go(&w->trace);
	learn(&m);
	if ((j & 1) != 0) {
		be_consumer(&m);
		n = m.oracle.acked.n;
		be_session(&m);
		others = m.oracle.acked.n - n;
	}
	(void)trace_go(&cleaner);
	if (!WIFEXITED(cleaner.status) || WEXITSTATUS(cleaner.status) != 0)
		violation(w, NULL, "clean fails beside a session");
	judge(&m, others);
	return (true);
}

/* Is an envelope there under a mark? */
static bool
has_mark(struct world *w)
{
	struct state now;
	const char *suffix;
	size_t i;

	state_load(&now, w->spoolfd, &w->scratch);
	for (i = 0; i < now.n; i++)
		if (state_number(now.file[i].name, &suffix) != 0 &&
		    state_is_mark(suffix))
			return (true);
	return (false);
}

/*
 * The session is about to give the last name, and check has begun; then the
 * session ends, and check goes on.  False: check has no call j.
 */
static bool
check_halfway(struct world *w, const struct script *s, size_t k, size_t j)
{
	static struct meeting m;

	if (!begin(&m, w, s, k) || !begin_tool(w, "check", j)) {
		trace_kill(&w->trace);
		return (false);
	}
	(void)trace_go(&w->trace);
	(void)trace_go(&cleaner);
	if (!WIFEXITED(cleaner.status) || WEXITSTATUS(cleaner.status) != 0)
		violation(w, NULL,
		    "check, before its call %zu, finds fault with a session "
		    "that lives",
		    j);
	judge(&m, 0);
	return (true);
}

/* Check beside a session that has a mark, at the last call with it. */
static void
check_marks(struct world *w, const struct script *s, size_t first)
{
	static struct meeting m;
	size_t from = first_look(w, s, "check");
	size_t last = 0;
	size_t k;
	size_t j;

	for (k = first; begin(&m, w, s, k); k++) {
		if (has_mark(w))
			last = k;
		trace_kill(&w->trace);
	}
	for (j = from; last != 0 && check_halfway(w, s, last, j); j++)
		continue;
}

void
cases_others(struct world *w, const struct script *s)
{
	static other_fn *const OTHERS[] = { be_cleaner, be_session, be_consumer,
		be_both };
	size_t first;
	size_t from;
	size_t i;
	size_t j;
	size_t k;

	if (s->tool != NULL && s->owed == 0)
		return;
	first = cases_first(w, s);
	for (i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++)
		for (k = first; meet(w, s, k, OTHERS[i]); k++)
			continue;
	/* One script is enough for all the pairs of calls. */
	if (strcmp(s->name, "one") != 0)
		return;
	for (k = first; meet(w, s, k, be_stranger); k++)
		continue;
	if (w->one)
		check_marks(w, s, first);
	from = first_look(w, s, "clean");
	/* Before that it has not seen the spool. */
	for (k = 40; meet_halfway(w, s, k, from); k++)
		for (j = from + 1; meet_halfway(w, s, k, j); j++)
			continue;
}
