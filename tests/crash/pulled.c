/* SPDX-License-Identifier: ISC */
#include "pulled.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "feed.h"
#include "model.h"

enum {
	PATH = 256,
	TEXT = 1024
};

/* Of each message, how often it is there. */
struct census {
	unsigned int n[FEED_MESSAGES];
};

static void
set_up(struct world *w, const struct feed *f)
{
	char login[PATH];
	char more[2 * PATH];
	FILE *file;

	(void)snprintf(login, sizeof(login), "%s/login", w->dir);
	(void)snprintf(more, sizeof(more),
	    "smtp.amqp.nodes = 127.0.0.1:%u\nsmtp.amqp.login = \"%s\"\n"
	    "smtp.amqp.time = 5\n",
	    f->port, login);
	world_conf(w->spool_conf, w->spool, more);
	(void)umask(077);
	file = fopen(login, "w");
	if (file == NULL || fputs("ann\nsecret\n", file) < 0 ||
	    fclose(file) != 0)
		die("%s: %s", login, strerror(errno));
}

static void
start(struct world *w, struct feed *f, const struct trace_fault *fault)
{
	const char *argv[] = { w->pull, "-f", w->spool_conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trace_command command = { argv, null, null, null };

	w->runs++;
	feed_run(f, 0);
	trace_start(&w->trace, &command, fault, &w->run);
	feed_run(f, w->trace.pid);
	(void)close(null);
}

/* The spool is empty, and the queue full. */
static void
start_anew(struct world *w, struct feed *f, const struct trace_fault *fault)
{
	static const struct state empty;

	w->run.used = 0;
	w->scratch.used = 0;
	state_store(&empty, w->spoolfd);
	feed_reset(f);
	start(w, f, fault);
}

/* The message with its id, and all of it. */
static bool
is_message(const struct state *s, uint32_t n, const struct feed_message *m)
{
	const struct state_file *wrk = state_message(s, n, ".WRK");
	const struct state_file *txt = state_message(s, n, ".TXT");
	char want[TEXT];
	size_t len = (size_t)snprintf(
	    want, sizeof(want), "%sQueue-Id: %s\n", m->envelope, m->id);

	return (wrk != NULL && txt != NULL && wrk->n == len &&
	    memcmp(wrk->p, want, len) == 0 && txt->n == strlen(m->text) &&
	    memcmp(txt->p, m->text, txt->n) == 0);
}

/* What is there; each must be one of ours, and whole. */
static void
count(struct world *w, const struct state *s, struct census *c)
{
	size_t i;
	size_t j;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < s->n; i++) {
		const char *suffix;
		uint32_t n = state_number(s->file[i].name, &suffix);
		bool found = false;

		if (n == 0 || strcmp(suffix, ".WRK") != 0)
			continue;
		for (j = 0; j < FEED_MESSAGES; j++)
			if (is_message(s, n, &FEED[j])) {
				c->n[j]++;
				found = true;
			}
		if (!found)
			violation(w, s, "%lu.WRK is not a whole message",
			    (unsigned long)n);
	}
}

/* It would be known, even if its consumers had done with it. */
static bool
is_noted(const struct state *s, const struct feed_message *m)
{
	const struct state_file *notes = state_find(s, "pulled.a");
	char line[TEXT];
	size_t n = (size_t)snprintf(
	    line, sizeof(line), "%zu %s\n", strlen(m->id), m->id);

	return (notes != NULL && memmem(notes->p, notes->n, line, n) != NULL);
}

/* What the queue has let go of is in the spool, before anybody goes on. */
static void
check_now(struct world *w, const struct feed *f)
{
	struct state now;
	struct census c;
	size_t i;

	state_load(&now, w->spoolfd, &w->scratch);
	count(w, &now, &c);
	for (i = 0; i < FEED_MESSAGES; i++) {
		if (f->is_acked[i] && c.n[i] == 0)
			violation(
			    w, &now, "%s is acknowledged and lost", FEED[i].id);
		if (f->is_acked[i] && !is_noted(&now, &FEED[i]))
			violation(w, &now,
			    "%s is acknowledged, and is not noted", FEED[i].id);
	}
	if (f->was_refused)
		violation(w, &now, "a message was refused");
	w->checked_states++;
}

/* Another goes on, without trouble: then each is here, and no more of them. */
static void
check_end(struct world *w, struct feed *f, unsigned int repeats)
{
	const char *argv[] = { w->pull, "-f", w->spool_conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct state now;
	struct census c;
	unsigned int more = 0;
	size_t i;

	while (!feed_is_empty(f)) {
		pid_t pid;
		int status;

		feed_run(f, 0);
		pid = world_spawn(argv, null, null);
		feed_run(f, pid);
		while (waitpid(pid, &status, 0) < 0)
			continue;
		feed_run(f, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			violation(w, NULL, "the next ends with %#x", status);
			break;
		}
	}
	(void)close(null);
	w->scratch.used = 0;
	state_load(&now, w->spoolfd, &w->scratch);
	count(w, &now, &c);
	for (i = 0; i < FEED_MESSAGES; i++) {
		if (c.n[i] == 0)
			violation(w, &now, "%s is lost", FEED[i].id);
		else
			more += c.n[i] - 1;
	}
	if (more > repeats)
		violation(w, &now, "%u messages came twice", more);
}

static void
describe(
    struct world *w, const struct trace_fault *f, const struct trace_call *c)
{
	(void)snprintf(w->where, sizeof(w->where),
	    "the pull's call %zu (%s) %s%s%s", f->at, faults_call_name(c->nr),
	    faults_how_name(f->how), f->err > 0 ? ": " : "",
	    f->err > 0 ? strerror(f->err) : "");
}

/* If its last sync or rename is in doubt, a message may be taken once more. */
static bool
leaves_doubt(const struct trace_fault *f, const struct trace_call *c)
{
	return (f->how != TRACE_KILL_BEFORE && f->how != TRACE_KILL_AFTER &&
	    (c->nr == SYS_fsync || c->nr == SYS_fdatasync ||
		c->nr == SYS_renameat2 || c->nr == SYS_sync_file_range));
}

static struct trace_call clean[TRACE_CALLS];

/*
 * The same in any run: how often it waits for the broker is different each
 * time, so calls are counted by their kind.
 */
static struct trace_fault
by_kind(const struct trace_fault *fault)
{
	struct trace_fault g = *fault;
	size_t i;

	if (fault->how == TRACE_FROM || fault->how == TRACE_NOTHING)
		return (g);
	g.by_kind = true;
	g.only = clean[fault->at].nr + 1;
	g.at = 0;
	for (i = 0; i < fault->at; i++)
		g.at += clean[i].nr == clean[fault->at].nr;
	return (g);
}

static void
try_fault(struct world *w, struct feed *f, const struct trace_fault *fault,
    const struct trace_call *c)
{
	struct trace_fault g = by_kind(fault);

	describe(w, fault, c);
	start_anew(w, f, &g);
	(void)trace_go(&w->trace);
	feed_run(f, 0);
	if (w->trace.hung)
		violation(w, NULL, "it hangs");
	check_now(w, f);
	check_end(w, f, leaves_doubt(fault, c) ? 1 : 0);
}

/* From where it opens the spool on. */
static size_t
first_call(const struct world *w, const struct trace_call *call, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (call[i].nr == SYS_openat && call[i].path != NULL &&
		    strcmp(call[i].path, w->spool) == 0)
			return (i);
	die("it does not open the spool");
}

/* The run in which nothing goes wrong; how many calls it has. */
static size_t
run_clean_pull(struct world *w, struct feed *f)
{
	struct trace_fault none = { .how = TRACE_NOTHING };
	size_t n;

	(void)snprintf(w->where, sizeof(w->where), "a run without a fault");
	start_anew(w, f, &none);
	(void)trace_go(&w->trace);
	feed_run(f, 0);
	n = w->trace.n;
	memcpy(clean, w->trace.call, n * sizeof(clean[0]));
	if (!feed_is_empty(f) || w->trace.status != 0)
		violation(w, NULL, "it does not take all: status %#x",
		    w->trace.status);
	check_now(w, f);
	check_end(w, f, 0);
	return (n);
}

/* What is neither of the spool nor of what it says is not tried. */
static bool
matters(const struct trace_call *c)
{
	switch (c->nr) {
	case SYS_rt_sigprocmask:
	case SYS_rt_sigaction:
	case SYS_mmap:
	case SYS_munmap:
	case SYS_mprotect:
	case SYS_brk:
	case SYS_getpid:
	case SYS_timer_settime:
	case SYS_poll:
		return (false);
	default:
		return (true);
	}
}

void
pulled_kill(struct world *w)
{
	struct feed *f = feed_start();
	size_t n;
	size_t i;

	set_up(w, f);
	n = run_clean_pull(w, f);
	for (i = first_call(w, clean, n); i < n; i++) {
		struct trace_fault fault = { .how = TRACE_KILL_BEFORE,
			.at = i };

		if (!matters(&clean[i]))
			continue;
		try_fault(w, f, &fault, &clean[i]);
		fault.how = TRACE_KILL_AFTER;
		try_fault(w, f, &fault, &clean[i]);
	}
	feed_end(f);
}

/*
 * Each call of the spool fails in the first way, is done but reported as failed,
 * and is cut short.
 */
static bool
is_tried(const struct trace_fault *list, size_t j)
{
	size_t k;

	for (k = 0; k < j; k++)
		if (list[k].how == list[j].how)
			return (list[j].how == TRACE_FROM &&
			    list[k].err != list[j].err);
	return (true);
}

void
pulled_fail(struct world *w)
{
	struct feed *f = feed_start();
	struct trace_fault list[FAULTS_MAX];
	size_t n;
	size_t i;
	size_t j;

	set_up(w, f);
	n = run_clean_pull(w, f);
	for (i = first_call(w, clean, n); i < n; i++) {
		size_t faults;

		if (!matters(&clean[i]))
			continue;
		faults = faults_of(&clean[i], i, list);
		for (j = 0; j < faults; j++)
			if (list[j].how != TRACE_KILL_BEFORE &&
			    list[j].how != TRACE_KILL_AFTER &&
			    is_tried(list, j))
				try_fault(w, f, &list[j], &clean[i]);
	}
	feed_end(f);
}

/* What is known at a point of a run that the power is cut at. */
struct cutting {
	struct world *w;
	struct model model;
	bool is_acked[FEED_MESSAGES];
};

/* What was acknowledged is whole, and nothing half is there. */
static void
check_cut(void *ctx, const struct state *s)
{
	struct cutting *c = ctx;
	struct census there;
	uint64_t known = 0;
	size_t i;

	for (i = 0; i < FEED_MESSAGES; i++)
		known = 2 * known + (c->is_acked[i] ? 1 : 0);
	if (!seen_add(&c->w->states, state_hash(s, known)))
		return;
	c->w->checked_states++;
	count(c->w, s, &there);
	for (i = 0; i < FEED_MESSAGES; i++)
		if (c->is_acked[i] && there.n[i] == 0)
			violation(
			    c->w, s, "%s is acknowledged and lost", FEED[i].id);
}

static void
cut_at(struct cutting *c, size_t i, const struct trace_call *call,
    const char *which)
{
	int acked = call->nr == SYS_sendto && call->made && call->data != NULL
	    ? feed_acked(call->data, (size_t)call->arg[2])
	    : -1;
	bool changed = model_feed(&c->model, call);

	if (acked >= 0)
		c->is_acked[acked] = true;
	if (!changed && acked < 0)
		return;
	(void)snprintf(c->w->where, sizeof(c->w->where),
	    "a power cut after %s pull's call %zu (%s)", which, i,
	    faults_call_name(call->nr));
	c->w->scratch.used = 0;
	model_states(&c->model, &c->w->scratch, check_cut, c);
}

/* A run, and perhaps the one after it, with a power cut at each point. */
static void
begin_cutting(struct cutting *c, struct world *w)
{
	static const struct state empty;

	memset(c, 0, sizeof(*c));
	c->w = w;
	w->always.used = 0;
	model_init(&c->model, w->spool, &empty, &w->always);
}

static void
cut_everywhere(struct cutting *c, const struct trace *t, const char *which)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		cut_at(c, i, &t->call[i], which);
	model_end(&c->model);
}

/* A run with a fault, and the one that goes on after it. */
static void
cut_two(struct world *w, struct feed *f, const struct trace_fault *fault)
{
	static struct cutting c;
	const struct trace_fault none = { .how = TRACE_NOTHING };
	struct trace_fault g = by_kind(fault);

	begin_cutting(&c, w);
	start_anew(w, f, &g);
	(void)trace_go(&w->trace);
	feed_run(f, 0);
	cut_everywhere(&c, &w->trace, "the first");
	if (fault->how == TRACE_NOTHING || feed_is_empty(f))
		return;
	start(w, f, &none);
	(void)trace_go(&w->trace);
	feed_run(f, 0);
	cut_everywhere(&c, &w->trace, "the next");
}

/* At which call a message becomes visible, and which one is a sync. */
static enum trace_how
fault_for(const struct trace_call *c)
{
	if (c->nr == SYS_renameat2 && strstr(c->path2, ".WRK") != NULL)
		return (TRACE_KILL_AFTER);
	if (c->nr == SYS_fsync || c->nr == SYS_fdatasync)
		return (TRACE_FAIL);
	return (TRACE_NOTHING);
}

void
pulled_power(struct world *w)
{
	static struct trace_fault faults[TRACE_CALLS];
	struct trace_fault none = { .how = TRACE_NOTHING };
	struct feed *f = feed_start();
	size_t n;
	size_t i;

	set_up(w, f);
	n = run_clean_pull(w, f);
	/* As long as their paths are good. */
	for (i = first_call(w, clean, n); i < n; i++)
		faults[i] = (struct trace_fault){
			.how = fault_for(&clean[i]), .at = i, .err = EIO
		};
	cut_two(w, f, &none);
	for (i = 0; i < n; i++)
		if (faults[i].how != TRACE_NOTHING)
			cut_two(w, f, &faults[i]);
	feed_end(f);
}
