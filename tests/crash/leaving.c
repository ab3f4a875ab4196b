/* SPDX-License-Identifier: ISC */
#include "leaving.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "model.h"
#include "sink.h"
#include "spool/sequence.h"

enum {
	USERS = 2,
	MESSAGES = 3,
	NUMBER = 40,
	PATH = 256,
	TEXT = 512
};

/* Whose calls, and what it takes to have it run. */
static const struct victim {
	const char *name;
	unsigned int generation;
	const char *place; /* in the instruction */
	const char *tls;
	bool offers_tls;
	size_t step; /* so many calls are passed over */
} VICTIMS[] = {
	{ "talker", 1, "127.0.0.1", "none", false, 1 },
	{ "worker", 0, "127.0.0.1", "none", false, 3 },
	{ "dialer", 2, "127.0.0.1", "may", false, 1 },
	{ "mx", 2, "relay.example", "none", false, 3 },
	{ "tlsc", 3, "127.0.0.1", "may", true, 7 },
};

enum {
	VICTIMS_MAX = sizeof(VICTIMS) / sizeof(VICTIMS[0])
};

static struct sink sink;
static struct trace_call clean_calls[TRACE_CALLS];

static void
make_table(const struct world *w, const struct victim *v)
{
	char path[PATH];
	char value[PATH];
	struct cdb_make cdb;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/deliver.cdb", w->dir);
	(void)snprintf(
	    value, sizeof(value), "smtp:[%s]:%u", v->place, sink.port);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || cdb_make_start(&cdb, fd) != 0 ||
	    cdb_make_add(&cdb, "@", 1, value, (unsigned int)strlen(value)) !=
		0 ||
	    cdb_make_finish(&cdb) != 0)
		die("%s: %s", path, strerror(errno));
	(void)close(fd);
}

static void
set_up(struct world *w, const struct victim *v)
{
	char more[4 * PATH];

	if (sink.port == 0)
		sink_start(&sink);
	sink.offers_tls = v->offers_tls;
	make_table(w, v);
	(void)snprintf(more, sizeof(more),
	    "smtp.deliver = \"%s/deliver.cdb\"\n"
	    "smtp.postmaster = u9@elsewhere.example\n"
	    "smtp.workers = 1\nsmtp.remote.perhost = 1\n"
	    "smtp.remote.idle = 0\nsmtp.remote.tls = %s\n"
	    "smtp.remote.resolver = 127.0.0.1:%u\n",
	    w->dir, v->tls, sink.dns_port);
	world_conf(w->spool_conf, w->spool, more);
	/* What outlives its parent becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
		die("PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
}

static void
tear_down(struct world *w)
{
	char path[PATH];

	(void)snprintf(path, sizeof(path), "%s/deliver.cdb", w->dir);
	(void)unlink(path);
}

static const char *
body_of(unsigned int i)
{
	static char bodies[MESSAGES][TEXT];

	(void)snprintf(bodies[i], TEXT,
	    "Received: from maggot by gnat.example.test with ESMTP\n"
	    "\tid A%u; Mon, 23 Nov 2026 00:00:00 +0000\n"
	    "Subject: to both\n\nhello\n",
	    NUMBER + i);
	return (bodies[i]);
}

static void
prepare(struct world *w, struct state *s)
{
	static const char envelope[] = "From: erick@maggot\n"
				       "To: u0@elsewhere.example\n"
				       "To: u1@elsewhere.example\n";
	static char names[2 * MESSAGES][STATE_NAME];
	unsigned int i;

	s->n = 0;
	for (i = 0; i < MESSAGES; i++) {
		unsigned int n = NUMBER + i;

		(void)snprintf(names[2 * i], STATE_NAME, "%u.WRK", n);
		(void)snprintf(names[2 * i + 1], STATE_NAME, "%u.TXT", n);
		state_add(s, names[2 * i], envelope, strlen(envelope), 2 * n);
		state_add(s, names[2 * i + 1], body_of(i), strlen(body_of(i)),
		    2 * n + 1);
	}
	state_store(s, w->spoolfd);
	memset(sink.got, 0, sizeof(sink.got));
	w->run.used = 0;
	w->scratch.used = 0;
	w->runs++;
}

static void
run_traced(struct world *w, const struct trace_fault *f)
{
	const char *argv[] = { w->worker, "--once", "--now", "-f",
		w->spool_conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trace_command command = { argv, null, null, null };

	trace_start(&w->trace, &command, f, &w->run);
	(void)close(null);
	(void)trace_go(&w->trace);
	if (w->trace.hung)
		violation(w, NULL, "it hangs");
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
	sink_settle(&sink);
}

static bool
holds(const struct state_file *f, const char *text)
{
	return (f != NULL && memmem(f->p, f->n, text, strlen(text)) != NULL);
}

/* Would the next worker send message i to that user? */
static bool
is_to_get_it(const struct state *now, unsigned int i, unsigned int user)
{
	const struct state_file *wrk = state_message(now, NUMBER + i, ".WRK");
	char line[64];

	(void)snprintf(line, sizeof(line), "Result: %u Gone\n", user);
	if (holds(wrk, line))
		return (false);
	(void)snprintf(line, sizeof(line), "To: u%u@elsewhere.example\n", user);
	return (holds(wrk, line));
}

/* What the run has left; how many messages will be sent once more? */
static unsigned int
check_spool(struct world *w, bool is_noted)
{
	unsigned int doubtful = 0;
	struct state now;
	unsigned int i;
	unsigned int user;

	state_load(&now, w->spoolfd, &w->scratch);
	for (i = 0; i < MESSAGES; i++) {
		const struct state_file *txt =
		    state_message(&now, NUMBER + i, ".TXT");
		bool is_twice = false;

		if (state_message(&now, NUMBER + i, ".WRK") != NULL &&
		    !holds(txt, body_of(i)))
			violation(w, &now, "an envelope without its text");
		for (user = 0; user < USERS; user++) {
			unsigned int n = sink.got[user][NUMBER + i];
			bool more = is_to_get_it(&now, i, user);

			if (n == 0 && !more)
				violation(w, &now,
				    "u%u has not got %u and will never do",
				    user, NUMBER + i);
			if (n > 1)
				violation(w, &now,
				    "u%u has got %u twice from one run", user,
				    NUMBER + i);
			is_twice = is_twice || (n > 0 && more);
		}
		doubtful += is_twice;
		if (is_twice && is_noted &&
		    !holds(
			state_message(&now, NUMBER + i, ".WHY"), "duplicate"))
			violation(w, &now, "a doubt that is not noted");
	}
	return (doubtful);
}

/* A worker without trouble, to the end. */
static void
check_end(struct world *w, unsigned int doubtful)
{
	unsigned int more[MESSAGES] = { 0 };
	unsigned int repeated = 0;
	struct state now;
	unsigned int i;

	world_work(w);
	sink_settle(&sink);
	state_load(&now, w->spoolfd, &w->scratch);
	state_remove(&now, SEQUENCE_FILE);
	state_remove(&now, SEQUENCE_NEW_FILE);
	if (now.n > 0)
		violation(w, &now, "something is left in the spool");
	for (i = 0; i < USERS * MESSAGES; i++) {
		unsigned int n = sink.got[i % USERS][NUMBER + i / USERS];

		if (n == 0)
			violation(w, NULL, "u%u never got %u", i % USERS,
			    NUMBER + i / USERS);
		else if (n - 1 > more[i / USERS])
			more[i / USERS] = n - 1;
	}
	for (i = 0; i < MESSAGES; i++)
		repeated += more[i];
	if (repeated > doubtful)
		violation(w, NULL, "%u messages were repeated", repeated);
}

/* One run, and what must be true after it. */
static void
try_fault(struct world *w, const struct victim *v, const struct trace_fault *f)
{
	bool is_alive = v->generation > 0;
	unsigned int doubtful;
	struct state s;

	prepare(w, &s);
	run_traced(w, f);
	doubtful = check_spool(w, is_alive);
	if (is_alive && doubtful > 1)
		violation(w, NULL, "%u messages in doubt", doubtful);
	check_end(w, doubtful);
	w->checked_states++;
}

/* The run in which nothing goes wrong; from which call it matters. */
static size_t
run_clean(struct world *w, const struct victim *v, size_t *first)
{
	struct trace_fault f = { .how = TRACE_NOTHING,
		.generation = v->generation };
	struct trace *t = &w->trace;
	size_t i;

	(void)snprintf(
	    w->where, sizeof(w->where), "%s: nothing goes wrong", v->name);
	try_fault(w, v, &f);
	memcpy(clean_calls, t->call, t->n * sizeof(t->call[0]));
	*first = 0;
	for (i = t->n; i > 0 && v->generation == 0; i--)
		if (clean_calls[i - 1].path != NULL &&
		    strcmp(clean_calls[i - 1].path, w->spool) == 0)
			*first = i - 1;
	for (i = 0; i < t->n; i++)
		clean_calls[i].path = NULL;
	if (t->n == 0)
		violation(w, NULL, "the %s has not run", v->name);
	return (t->n);
}

static void
describe(struct world *w, const struct victim *v, const struct trace_fault *f)
{
	(void)snprintf(w->where, sizeof(w->where),
	    "the %s's call %zu (%s) %s%s%s", v->name, f->at,
	    faults_call_name(clean_calls[f->at].nr), faults_how_name(f->how),
	    f->err > 0 ? ": " : "", f->err > 0 ? strerror(f->err) : "");
}

/*
 * Has the call to do with messages, or with the processes that bring them?  To
 * be killed before another is the same as to be killed before the next of these.
 */
static bool
is_of_interest(uint64_t nr)
{
	static const long list[] = { SYS_sendmsg, SYS_recvmsg, SYS_sendto,
		SYS_recvfrom, SYS_read, SYS_write, SYS_pread64, SYS_socketpair,
		SYS_socket, SYS_connect, SYS_clone, SYS_pipe2, SYS_ppoll,
#ifdef SYS_poll
		SYS_poll,
#endif
#ifdef SYS_fork
		SYS_fork,
#endif
		SYS_fsync, SYS_renameat2, SYS_unlinkat, SYS_shutdown, SYS_close,
		SYS_fcntl, SYS_exit_group };
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if ((uint64_t)list[i] == nr)
			return (true);
	return (false);
}

static void
kill_each(struct world *w, const struct victim *v)
{
	size_t first;
	size_t n;
	size_t i;

	set_up(w, v);
	n = run_clean(w, v, &first);
	for (i = first; i < n; i += v->step) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE,
			.at = i,
			.generation = v->generation };

		if (!is_of_interest(clean_calls[i].nr))
			continue;
		describe(w, v, &f);
		try_fault(w, v, &f);
	}
	tear_down(w);
}

/*
 * One of its faults, as the others are tried where a message comes in.  A send
 * does not fail while the other side is well, or we would only see a time limit.
 */
static bool
choose(const struct trace_call *c, size_t at, struct trace_fault *f)
{
	struct trace_fault list[FAULTS_MAX];
	size_t n = faults_of(c, at, list);
	bool is_feed = c->nr == SYS_sendto && c->arg[0] == 0;
	size_t i;

	for (i = 0; i < n; i++) {
		*f = list[i];
		if (c->nr != SYS_sendto ||
		    (is_feed ? f->err == EINTR : f->how == TRACE_SHORT))
			return (true);
	}
	return (false);
}

static void
fail_each(struct world *w, const struct victim *v)
{
	struct trace_fault f;
	size_t first;
	size_t n;
	size_t i;

	set_up(w, v);
	n = run_clean(w, v, &first);
	for (i = first; i < n; i += v->step) {
		if (!is_of_interest(clean_calls[i].nr) ||
		    !choose(&clean_calls[i], i, &f))
			continue;
		f.generation = v->generation;
		f.only = clean_calls[i].nr + 1;
		describe(w, v, &f);
		try_fault(w, v, &f);
	}
	tear_down(w);
}

void
leaving_kill(struct world *w)
{
	size_t i;

	for (i = 0; i < VICTIMS_MAX; i++)
		kill_each(w, &VICTIMS[i]);
}

void
leaving_fail(struct world *w)
{
	size_t i;

	for (i = 0; i < VICTIMS_MAX; i++)
		fail_each(w, &VICTIMS[i]);
}

struct cutting {
	struct world *w;
	struct model model;
	struct state before;
	bool is_removed[MESSAGES]; /* its envelope is, or is about to be */
};

/* What a power cut may leave at this point. */
static void
visit_cut(void *ctx, const struct state *s)
{
	const struct cutting *c = ctx;
	unsigned int i;

	c->w->checked_states++;
	for (i = 0; i < MESSAGES; i++) {
		const struct state_file *wrk =
		    state_message(s, NUMBER + i, ".WRK");

		if (wrk == NULL && !c->is_removed[i])
			violation(c->w, s, "the envelope is gone");
		if (wrk != NULL &&
		    !state_same_file(
			wrk, state_message(&c->before, NUMBER + i, ".WRK")))
			violation(c->w, s, "the envelope is another");
		if (wrk != NULL &&
		    !holds(state_message(s, NUMBER + i, ".TXT"), body_of(i)))
			violation(c->w, s, "an envelope without its text");
	}
}

static void
note_removal(struct cutting *c, const struct trace_call *call)
{
	const char *suffix;
	uint32_t n;

	if (call->nr != SYS_unlinkat || call->path == NULL)
		return;
	n = state_number(call->path, &suffix);
	if (n >= NUMBER && n < NUMBER + MESSAGES && strcmp(suffix, ".WRK") == 0)
		c->is_removed[n - NUMBER] = true;
}

void
leaving_power(struct world *w)
{
	static struct cutting c;
	struct trace_fault f = { .how = TRACE_NOTHING };
	size_t i;

	memset(&c, 0, sizeof(c));
	c.w = w;
	set_up(w, &VICTIMS[1]);
	prepare(w, &c.before);
	model_init(&c.model, w->spool, &c.before, &w->always);
	run_traced(w, &f);
	for (i = 0; i < w->trace.n; i++) {
		const struct trace_call *call = &w->trace.call[i];
		bool changed = model_feed(&c.model, call);

		note_removal(&c, call);
		(void)snprintf(w->where, sizeof(w->where),
		    "power cut after call %zu (%s)", i,
		    faults_call_name(call->nr));
		if (changed)
			model_states(&c.model, &w->scratch, visit_cut, &c);
		w->scratch.used = 0;
	}
	for (i = 0; i < MESSAGES; i++)
		if (!c.is_removed[i])
			violation(w, NULL, "%zu was not removed", NUMBER + i);
	tear_down(w);
}
