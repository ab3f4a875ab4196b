/* SPDX-License-Identifier: ISC */
#include "worker.h"

#include <cdb.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/num.h"
#include "faults.h"
#include "model.h"
#include "spool/sequence.h"

enum {
	USERS = 3,
	NUMBER = 40,
	PATH = 256,
	TEXT = 4096,
	/* Of the hammer. */
	MESSAGES = 12,
	WORKERS = 2,
	AT_ONCE = 4
};

#define BODY                                                                   \
	"Received: from maggot by gnat.example.test with ESMTP\n\tid A40; "    \
	"Mon, 23 Nov 2026 00:00:00 +0000\nSubject: to all\n\nhello\n"
#define ENVELOPE                                                               \
	"From: erick@maggot\nTo: u0@gnat.example.test\n"                       \
	"To: u1@gnat.example.test\nTo: u2@gnat.example.test\n"

/* What the message is, beside one to three Maildirs. */
static enum mode {
	PLAIN,
	MIXED,   /* it is forwarded, fails, and is delivered */
	TELLING, /* it has failed: the report is all that is to be done */
	LISTED,  /* plain, with an envelope that is long enough for a journal */
	HALVED,  /* of two instructions the second fails until it is ready */
	TOGETHER /* two messages, all of whose recipients have one Maildir */
} mode;

/* Nobody has read their mail yet: what is done once more is recognised. */
static bool is_unread;

/* A line that nobody knows. */
#define PAD                                                                    \
	"X-Pad: 0123456789012345678901234567890123456789012345678901234567\n"
#define PADS PAD PAD PAD PAD PAD PAD PAD PAD

static const char *const ENVELOPES[] = { ENVELOPE,
	"From: u2@gnat.example.test\nTo: fwd@gnat.example.test\n"
	"To: nobody@gnat.example.test\nTo: u0@gnat.example.test\n",
	"From: u2@gnat.example.test\nFailed: nobody@gnat.example.test\n"
	"Status: 5.1.1\nDiagnostic: nobody\n",
	ENVELOPE PADS PADS PADS PADS,
	"From: u2@gnat.example.test\nTo: two@gnat.example.test\n",
	"From: erick@maggot\nTo: u0@gnat.example.test\n"
	"To: u0+a@gnat.example.test\nTo: u0+b@gnat.example.test\n" };

/* The user's address. */
static const char *
address_of(size_t user)
{
	static const char *const own[USERS] = { "u0@gnat.example.test",
		"u1@gnat.example.test", "u2@gnat.example.test" };
	static const char *const shared[USERS] = { "u0@gnat.example.test",
		"u0+a@gnat.example.test", "u0+b@gnat.example.test" };

	return (mode == TOGETHER ? shared[user] : own[user]);
}

static unsigned int
messages_of_mode(void)
{
	return (mode == TOGETHER ? 2 : 1);
}

/* Is it delivered to all three? */
static bool
is_plain(void)
{
	return (mode == PLAIN || mode == LISTED || mode == TOGETHER);
}

/* How often each user has got each message. */
static unsigned int got[USERS][NUMBER + MESSAGES];

static void
user_path(const struct world *w, unsigned int user, const char *below,
    char path[PATH])
{
	(void)snprintf(path, PATH, "%s/u%u/%s", w->dir, user, below);
}

static void
add_key(struct cdb_make *cdb, const char *key, const char *value)
{
	if (cdb_make_add(cdb, key, (unsigned int)strlen(key), value,
		(unsigned int)strlen(value)) != 0)
		die("the table: %s", strerror(errno));
}

/* Where the second instruction looks. */
static void
ready_path(const struct world *w, char path[PATH])
{
	(void)snprintf(path, PATH, "%s/ready", w->dir);
}

/* The table, by the library that smtpserv-deliver(5)'s tool is of. */
static void
make_table(const struct world *w)
{
	char path[PATH];
	struct cdb_make cdb;
	unsigned int i;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/deliver.cdb", w->dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || cdb_make_start(&cdb, fd) != 0)
		die("%s: %s", path, strerror(errno));
	for (i = 0; i < USERS; i++) {
		char key[64];
		char value[PATH];

		(void)snprintf(key, sizeof(key), "u%u@gnat.example.test", i);
		user_path(w, i, "", value);
		add_key(&cdb, key, value);
	}
	add_key(&cdb, "fwd@gnat.example.test", "&u1@gnat.example.test");
	user_path(w, 0, "", path);
	add_key(&cdb, "two@gnat.example.test", path);
	(void)snprintf(path, sizeof(path), "|test -e %s/ready", w->dir);
	add_key(&cdb, "two@gnat.example.test", path);
	if (cdb_make_finish(&cdb) != 0)
		die("%s: %s", path, strerror(errno));
	(void)close(fd);
}

static void
set_up(struct world *w, unsigned int workers)
{
	char more[2 * PATH];

	make_table(w);
	(void)snprintf(more, sizeof(more),
	    "smtp.deliver = \"%s/deliver.cdb\"\n"
	    "smtp.postmaster = u0@gnat.example.test\n"
	    "smtp.workers = %u\n",
	    w->dir, workers);
	world_conf(w->spool_conf, w->spool, more);
	/* An agent whose worker is gone becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1UL, 0UL, 0UL, 0UL) != 0)
		die("PR_SET_CHILD_SUBREAPER: %s", strerror(errno));
}

typedef void file_fn(void *ctx, int dirfd, const char *name);

static void
each_file(const char *dir, file_fn *fn, void *ctx)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			fn(ctx, dirfd(d), e->d_name);
	(void)closedir(d);
}

static void
remove_one(void *ctx, int dirfd, const char *name)
{
	(void)ctx;
	(void)unlinkat(dirfd, name, 0);
}

static void
wipe_users(const struct world *w)
{
	static const char *const parts[] = { "tmp", "new", "cur", "" };
	char path[PATH];
	unsigned int i;
	size_t j;

	for (i = 0; i < USERS; i++) {
		for (j = 0; j < 4; j++) {
			user_path(w, i, parts[j], path);
			if (j < 3)
				each_file(path, remove_one, NULL);
			(void)rmdir(path);
		}
	}
	memset(got, 0, sizeof(got));
}

static void
tear_down(struct world *w)
{
	char path[PATH];

	wipe_users(w);
	(void)snprintf(path, sizeof(path), "%s/deliver.cdb", w->dir);
	(void)unlink(path);
	ready_path(w, path);
	(void)unlink(path);
}

struct counting {
	struct world *w;
	unsigned int user;
};

static bool
begins(const char *text, const char *with)
{
	return (strncmp(text, with, strlen(with)) == 0);
}

static bool
ends(const char *text, const char *with)
{
	size_t n = strlen(text);

	return (
	    n >= strlen(with) && strcmp(text + n - strlen(with), with) == 0);
}

/* The message as it was, but for its number; which is returned, or 0. */
static unsigned int
plain_number(const char *text, unsigned int user)
{
	const char *id = strstr(text, "\tid A");
	char want[TEXT];
	unsigned int number = 0;

	(void)snprintf(want, sizeof(want),
	    "Return-Path: <erick@maggot>\n"
	    "Delivered-To: %s\n%s",
	    address_of(user), BODY);
	if (id == NULL || sscanf(id, "\tid A%u;", &number) != 1 ||
	    number >= NUMBER + MESSAGES || strlen(text) != strlen(want) ||
	    memcmp(text, want, (size_t)(id - text)) != 0 ||
	    strcmp(strchr(text, ';'), strchr(want, ';')) != 0)
		return (0);
	return (number);
}

/* By the first instruction. */
static bool
is_halved(const char *text)
{
	static const char begin[] = "Return-Path: <u2@gnat.example.test>\n"
				    "Delivered-To: two@gnat.example.test\n";

	return (begins(text, begin) && strcmp(text + strlen(begin), BODY) == 0);
}

/* The first user has it directly, the second by way of fwd, the third a report. */
static bool
is_whole(const char *text, unsigned int user)
{
	static const char *const begin[] = {
		"Return-Path: <u2@gnat.example.test>\n"
		"Delivered-To: u0@gnat.example.test\n" BODY,
		"Return-Path: <u2@gnat.example.test>\n"
		"Delivered-To: u1@gnat.example.test\n"
		"Received: from gnat.example.test by gnat.example.test ",
		"Return-Path: <>\nDelivered-To: u2@gnat.example.test\n"
		"Received: "
	};
	static const char *const end[] = { BODY,
		"Delivered-To: fwd@gnat.example.test\n" BODY, "--\n" };

	return (begins(text, begin[user]) && ends(text, end[user]));
}

/* A delivery must be whole, and then counts. */
static void
count_one(void *ctx, int dirfd, const char *name)
{
	const struct counting *c = ctx;
	char text[TEXT];
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	unsigned int user = c->user;
	unsigned int number;

	if (fd >= 0)
		(void)close(fd);
	text[n < 0 ? 0 : n] = '\0';
	if (is_plain())
		number = plain_number(text, user);
	else if (mode == HALVED)
		number = is_halved(text) ? NUMBER : 0;
	else
		number = is_whole(text, c->user) ? NUMBER : 0;
	/* Or it is another's, of those who share the Maildir. */
	while (mode == TOGETHER && number == 0 && ++user < USERS)
		number = plain_number(text, user);
	if (number == 0)
		violation(c->w, NULL, "a delivery that is not whole: %s", text);
	else
		got[user][number]++;
}

static void
count_deliveries(struct world *w)
{
	struct counting c = { .w = w };
	char path[PATH];

	memset(got, 0, sizeof(got));
	for (c.user = 0; c.user < USERS; c.user++) {
		user_path(w, c.user, "new", path);
		each_file(path, count_one, &c);
		user_path(w, c.user, "cur", path);
		each_file(path, count_one, &c);
	}
}

static void
put_away(void *ctx, int dirfd, const char *name)
{
	static unsigned int n;
	char to[2 * PATH];

	(void)ctx;
	(void)snprintf(to, sizeof(to), "../cur/%s.%u:2,T", name, n++);
	/* A fault may have kept the agent from making it: readers do, too. */
	if (mkdirat(dirfd, "../cur", 0700) != 0 && errno != EEXIST)
		die("cur: %s", strerror(errno));
	if (renameat(dirfd, name, dirfd, to) != 0)
		die("%s: %s", name, strerror(errno));
}

/* Whoever has mail puts it away, so that what comes once more is seen. */
static void
read_mail(const struct world *w)
{
	char path[PATH];
	unsigned int i;

	for (i = 0; i < USERS && !is_unread; i++) {
		user_path(w, i, "new", path);
		each_file(path, put_away, NULL);
	}
}

/* One message with all users, the first of some. */
static void
add_message(struct state *s, unsigned int number)
{
	static char names[2 * MESSAGES][STATE_NAME];
	char *wrk = names[2 * (number - NUMBER)];
	char *txt = names[2 * (number - NUMBER) + 1];
	static char bodies[MESSAGES][TEXT];
	char *body = bodies[number - NUMBER];

	(void)snprintf(wrk, STATE_NAME, "%u.WRK", number);
	(void)snprintf(txt, STATE_NAME, "%u.TXT", number);
	(void)snprintf(body, TEXT, "%s", BODY);
	(void)memcpy(strstr(body, "A40") + 1, wrk, 2);
	state_add(s, txt, body, strlen(body), 2 * number);
	state_add(
	    s, wrk, ENVELOPES[mode], strlen(ENVELOPES[mode]), 2 * number + 1);
}

static void
prepare(struct world *w, struct state *s, unsigned int messages)
{
	char path[PATH];
	unsigned int i;

	s->n = 0;
	for (i = 0; i < messages; i++)
		add_message(s, NUMBER + i);
	state_store(s, w->spoolfd);
	wipe_users(w);
	ready_path(w, path);
	(void)unlink(path);
	w->run.used = 0;
	w->scratch.used = 0;
	w->runs++;
}

static void
start(struct world *w, const struct trace_fault *fault)
{
	const char *argv[] = { w->worker, "--once", "--now", "-f",
		w->spool_conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct trace_command command = { argv, null, null, null };

	trace_start(&w->trace, &command, fault, &w->run);
	(void)close(null);
}

/* Nobody is left of this run. */
static void
wait_for_all(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

/* No envelope is without its text, whoever made it. */
static void
check_pairs(struct world *w, const struct state *now)
{
	size_t i;

	for (i = 0; i < now->n; i++) {
		const char *suffix;
		uint32_t n = state_number(now->file[i].name, &suffix);
		const struct state_file *txt = state_message(now, n, ".TXT");

		if (n != 0 && strcmp(suffix, ".WRK") == 0 &&
		    (txt == NULL || txt->n < strlen(BODY) ||
			(n == NUMBER && memcmp(txt->p, BODY, txt->n) != 0)))
			violation(w, now, "an envelope without its whole text");
	}
}

static bool
holds(const struct state_file *f, const char *text)
{
	return (f != NULL && memmem(f->p, f->n, text, strlen(text)) != NULL);
}

/* Would a worker that finds this envelope deliver to that user? */
static bool
is_to_get_it(const struct state_file *wrk, size_t user)
{
	char line[64];

	(void)snprintf(line, sizeof(line), "Result: %zu Gone\n", user);
	if (holds(wrk, line))
		return (false);
	(void)snprintf(line, sizeof(line), "To: %s\n", address_of(user));
	return (holds(wrk, line));
}

/* What one run with a fault has come to, before anybody goes on. */
static void
check_spool(struct world *w)
{
	struct state now;
	size_t i;
	size_t j;

	state_load(&now, w->spoolfd, &w->scratch);
	check_pairs(w, &now);
	for (j = NUMBER; j < NUMBER + messages_of_mode() && is_plain(); j++) {
		const struct state_file *wrk =
		    state_message(&now, (uint32_t)j, ".WRK");

		for (i = 0; i < USERS; i++)
			if (got[i][j] == 0 && !is_to_get_it(wrk, i))
				violation(w, &now,
				    "%s has not got %zu and will never do",
				    address_of(i), j);
	}
}

/* Is it written down that the first of two instructions is done? */
static bool
is_half_done(struct world *w)
{
	struct state now;

	state_load(&now, w->spoolfd, &w->scratch);
	return (mode == HALVED &&
	    holds(state_message(&now, NUMBER, ".WRK"), "\nDone: 1 "));
}

static void
make_ready(const struct world *w)
{
	char path[PATH];
	int fd;

	ready_path(w, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	(void)close(fd);
}

/* A worker without trouble, to the end; then all must be well. */
static void
check_end(struct world *w, unsigned int messages, unsigned int repeats)
{
	struct state now;
	unsigned int more = 0;
	unsigned int i;
	unsigned int j;

	world_work(w);
	state_load(&now, w->spoolfd, &w->scratch);
	state_remove(&now, SEQUENCE_FILE);
	state_remove(&now, SEQUENCE_NEW_FILE);
	if (now.n > 0)
		violation(w, &now, "something is left in the spool");
	count_deliveries(w);
	for (i = 0; i < USERS; i++) {
		for (j = 0; j < messages; j++) {
			if ((mode == TELLING && i != 2) ||
			    (mode == HALVED && i != 0))
				continue;
			if (got[i][NUMBER + j] == 0)
				violation(
				    w, &now, "u%u never got %u", i, NUMBER + j);
			else
				more += got[i][NUMBER + j] - 1;
		}
	}
	if (more > repeats)
		violation(w, &now, "%u deliveries were repeated", more);
}

static void
describe(struct world *w, const char *whom, const struct trace_fault *f,
    const struct trace_call *c)
{
	static const char *const what[] = { "", " (fwd, failure)", " (report)",
		" (journal)", " (two instructions)", " (together)" };

	(void)snprintf(w->where, sizeof(w->where),
	    "the %s's%s call %zu (%s) %s%s%s", whom, what[mode], f->at,
	    faults_call_name(c->nr), faults_how_name(f->how),
	    f->err > 0 ? ": " : "", f->err > 0 ? strerror(f->err) : "");
}

/* One run, and what must be true after it. */
static void
try_fault(struct world *w, const struct trace_fault *f)
{
	unsigned int together =
	    mode == TOGETHER ? USERS * messages_of_mode() : 1;
	unsigned int repeats = f->how == TRACE_NOTHING ? 0 : together;
	struct state s;

	prepare(w, &s, messages_of_mode());
	start(w, f);
	(void)trace_go(&w->trace);
	if (w->trace.hung)
		violation(w, NULL, "it hangs");
	wait_for_all();
	count_deliveries(w);
	check_spool(w);
	if (is_half_done(w) || is_unread)
		repeats = 0;
	read_mail(w);
	make_ready(w);
	check_end(w, messages_of_mode(), repeats);
	w->checked_states++;
}

static struct trace_call clean_calls[TRACE_CALLS];

/* The run in which nothing goes wrong; from which call it matters. */
static size_t
run_clean(struct world *w, bool of_child, size_t *first)
{
	struct trace_fault f = { .how = TRACE_NOTHING,
		.generation = of_child ? 1 : 0 };
	struct trace *t = &w->trace;
	size_t i;

	(void)snprintf(w->where, sizeof(w->where), "nothing goes wrong");
	try_fault(w, &f);
	memcpy(clean_calls, t->call, t->n * sizeof(t->call[0]));
	*first = 0;
	for (i = 0; i < t->n && !of_child; i++)
		if (t->call[i].path != NULL &&
		    strcmp(t->call[i].path, w->spool) == 0)
			*first = i;
	for (i = *first; i > 0 && !of_child; i--)
		if (clean_calls[i].path != NULL &&
		    strcmp(clean_calls[i].path, w->spool) == 0)
			*first = i;
	for (i = 0; i < t->n; i++)
		clean_calls[i].path = NULL;
	return (t->n);
}

static void
kill_each(struct world *w, bool of_child)
{
	const char *whom = of_child ? "agent" : "worker";
	size_t first;
	size_t n;
	size_t i;

	set_up(w, 1);
	n = run_clean(w, of_child, &first);
	for (i = first; i < n; i++) {
		struct trace_fault f = { .how = TRACE_KILL_BEFORE,
			.at = i,
			.generation = of_child ? 1 : 0 };

		describe(w, whom, &f, &clean_calls[i]);
		try_fault(w, &f);
		f.how = TRACE_KILL_AFTER;
		describe(w, whom, &f, &clean_calls[i]);
		try_fault(w, &f);
	}
	tear_down(w);
}

static void
fail_each(struct world *w, bool of_child)
{
	const char *whom = of_child ? "agent" : "worker";
	struct trace_fault list[FAULTS_MAX];
	size_t first;
	size_t n;
	size_t i;
	size_t j;

	set_up(w, 1);
	n = run_clean(w, of_child, &first);
	for (i = first; i < n; i++) {
		size_t nfault = faults_of(&clean_calls[i], i, list);

		for (j = 0; j < nfault; j++) {
			list[j].generation = of_child ? 1 : 0;
			describe(w, whom, &list[j], &clean_calls[i]);
			try_fault(w, &list[j]);
		}
	}
	tear_down(w);
}

void
worker_kill(struct world *w)
{
	mode = PLAIN;
	kill_each(w, false);
	for (mode = MIXED; mode <= HALVED; mode++)
		if (mode != TELLING)
			kill_each(w, false);
}

void
worker_fail(struct world *w)
{
	mode = PLAIN;
	fail_each(w, false);
	for (mode = LISTED; mode <= HALVED; mode++)
		fail_each(w, false);
}

void
worker_kill_agent(struct world *w)
{
	for (mode = PLAIN; mode <= TELLING; mode++)
		kill_each(w, true);
	mode = HALVED;
	kill_each(w, true);
	is_unread = true;
	mode = PLAIN;
	kill_each(w, true);
	mode = TOGETHER;
	kill_each(w, true);
	is_unread = false;
}

void
worker_fail_agent(struct world *w)
{
	for (mode = PLAIN; mode <= TELLING; mode++)
		fail_each(w, true);
	mode = TOGETHER;
	fail_each(w, true);
}

/* Stopped before call k, then on, when the other has come and gone. */
static bool
try_other(struct world *w, size_t k)
{
	const char *argv[] = { w->worker, "--once", "--now", "-f",
		w->spool_conf, NULL };
	struct trace_fault pause = { .how = TRACE_PAUSE, .at = k };
	struct state s;
	char text[64];
	int status;

	prepare(w, &s, 1);
	(void)snprintf(w->where, sizeof(w->where),
	    "the worker stands before call %zu (%s)", k,
	    faults_call_name(clean_calls[k].nr));
	start(w, &pause);
	if (!trace_go(&w->trace)) {
		wait_for_all();
		return (false);
	}
	read_mail(w);
	status = world_run(argv, "", text, sizeof(text));
	if (!WIFEXITED(status) ||
	    (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 111))
		violation(w, NULL, "the other worker ends with %#x", status);
	read_mail(w);
	(void)trace_go(&w->trace);
	if (w->trace.hung)
		violation(w, NULL, "it hangs");
	wait_for_all();
	count_deliveries(w);
	check_spool(w);
	check_end(w, 1, 0);
	w->checked_states++;
	return (true);
}

void
worker_others(struct world *w)
{
	size_t first;
	size_t i;

	mode = PLAIN;
	set_up(w, 1);
	(void)run_clean(w, false, &first);
	for (i = first; try_other(w, i); i++)
		continue;
	tear_down(w);
}

struct cutting {
	struct world *w;
	struct model model;
	struct state now;
	bool is_removed; /* WRK was: nothing is left to do */
	bool is_settled; /* the next delivery begins: no way back */
};

/* What may not be torn: all of it, or what stands before a journal. */
static size_t
whole_part(const struct state_file *wrk)
{
	static const char mark[] = "\nJournal: yes\n";
	const char *at = memmem(wrk->p, wrk->n, mark, strlen(mark));

	return (at == NULL ? wrk->n : (size_t)(at - wrk->p) + strlen(mark));
}

/* What a power cut may leave at this point. */
static void
visit_cut(void *ctx, const struct state *s)
{
	const struct cutting *c = ctx;
	const struct state_file *wrk = state_message(s, NUMBER, ".WRK");
	const struct state_file *txt = state_message(s, NUMBER, ".TXT");
	const struct state_file *newest =
	    state_message(&c->now, NUMBER, ".WRK");

	size_t n;

	c->w->checked_states++;
	if (wrk == NULL) {
		if (!c->is_removed)
			violation(c->w, s, "the envelope is gone");
		return;
	}
	if (txt == NULL || txt->n != strlen(BODY))
		violation(c->w, s, "an envelope without its whole text");
	n = whole_part(wrk);
	if (n < 19 || memcmp(wrk->p, "From: erick@maggot\n", 19) != 0 ||
	    wrk->p[n - 1] != '\n' || memchr(wrk->p, 0, n) != NULL ||
	    memmem(wrk->p, n, "To: u2@gnat.example.test\n", 25) == NULL)
		violation(c->w, s, "the envelope is torn");
	if (c->is_settled && !state_same_file(wrk, newest))
		violation(c->w, s, "what was done is not durable");
}

static void
cut_everywhere(struct cutting *c, const struct trace *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		const struct trace_call *call = &t->call[i];
		bool changed;

		/* An agent, not the thread of a sync. */
		c->is_settled =
		    call->nr == SYS_clone && (call->arg[0] & CLONE_THREAD) == 0;
		model_now(&c->model, &c->now);
		if (c->is_settled)
			model_states(&c->model, &c->w->scratch, visit_cut, c);
		changed = model_feed(&c->model, call);
		if (call->nr == SYS_unlinkat && call->path != NULL &&
		    strstr(call->path, ".WRK") != NULL)
			c->is_removed = true;
		c->is_settled = false;
		(void)snprintf(c->w->where, sizeof(c->w->where),
		    "power cut after call %zu (%s)", i,
		    faults_call_name(call->nr));
		if (changed)
			model_states(&c->model, &c->w->scratch, visit_cut, c);
		c->w->scratch.used = 0;
	}
}

/* The calls of an agent, when nothing goes wrong. */
static void
run_agent(struct world *w)
{
	struct trace_fault f = { .how = TRACE_NOTHING, .generation = 1 };
	struct state s;

	prepare(w, &s, messages_of_mode());
	start(w, &f);
	(void)trace_go(&w->trace);
	wait_for_all();
}

/* What a Maildir needs of an agent, in this order. */
static void
check_agent_order(struct world *w)
{
	static const struct {
		long nr;
		const char *what;
	} steps[] = { { SYS_fdatasync, "its data are not synced" },
		{ SYS_renameat2, "it is not renamed" },
		{ SYS_fsync, "its name is not synced" },
		{ SYS_write, "nobody is told" } };
	const struct trace *t = &w->trace;
	size_t at = 0;
	size_t last = 0;
	size_t i;

	run_agent(w);
	/* The last write is to the worker; the text's come before all. */
	for (i = 0; i < t->n; i++)
		if (t->call[i].nr == SYS_write)
			last = i;
	for (i = 0; i < t->n && at < 4; i++)
		if (t->call[i].nr == (uint64_t)steps[at].nr &&
		    (at != 3 || i == last) && t->call[i].ret >= 0)
			at++;
		/* But after the rename it may say that it only waits. */
		else if (t->call[i].nr == SYS_write && at > 0 && at != 2 &&
		    i != last)
			violation(w, NULL, "a write after the sync");
	if (at < 4)
		violation(w, NULL, "of a delivery: %s", steps[at].what);
}

/*
 * Where several go together: all data before the first name, all names before
 * their sync, and that before anybody is told.
 */
static void
check_order_together(struct world *w)
{
	const struct trace *t = &w->trace;
	unsigned int data = 0;
	unsigned int names = 0;
	unsigned int synced = 0;
	size_t i;

	set_up(w, 1);
	run_agent(w);
	for (i = 0; i < t->n; i++) {
		const struct trace_call *c = &t->call[i];

		if (c->nr == SYS_fdatasync)
			data++;
		if (c->nr == SYS_renameat2 && ++names > 0 &&
		    data != USERS * messages_of_mode())
			violation(w, NULL, "a name before all data");
		if (c->nr == SYS_fsync && names > 0)
			synced = names;
		if (c->nr == SYS_write && c->data != NULL &&
		    strstr(c->data, " delivered ") != NULL && synced != names)
			violation(w, NULL, "told before the names are synced");
	}
	if (names != USERS * messages_of_mode() || synced != names)
		violation(
		    w, NULL, "%u names, %u of them synced", names, synced);
	tear_down(w);
}

static void
cut_power(struct world *w)
{
	static struct cutting c;
	struct trace_fault f = { .how = TRACE_NOTHING };
	struct state s;

	memset(&c, 0, sizeof(c));
	set_up(w, 1);
	prepare(w, &s, 1);
	c.w = w;
	model_init(&c.model, w->spool, &s, &w->always);
	start(w, &f);
	(void)trace_go(&w->trace);
	wait_for_all();
	cut_everywhere(&c, &w->trace);
	check_agent_order(w);
	tear_down(w);
}

void
worker_power(struct world *w)
{
	mode = PLAIN;
	cut_power(w);
	mode = LISTED;
	cut_power(w);
	mode = TOGETHER;
	check_order_together(w);
	mode = PLAIN;
}

void
worker_hammer(struct world *w, unsigned int kills, unsigned int seed)
{
	const char *argv[] = { w->worker, "--once", "--now", "-f",
		w->spool_conf, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned int repeats = 0;
	unsigned int i;
	unsigned int j;

	set_up(w, AT_ONCE);
	for (i = 0; i < kills; i++) {
		pid_t pid[WORKERS];
		struct state s;

		(void)snprintf(
		    w->where, sizeof(w->where), "round %u of seed %u", i, seed);
		prepare(w, &s, MESSAGES);
		for (j = 0; j < WORKERS; j++)
			pid[j] = world_spawn(argv, null, null);
		(void)usleep((useconds_t)rand_r(&seed) % 40000);
		for (j = 0; j < WORKERS; j++)
			(void)kill(pid[j], SIGKILL);
		wait_for_all();
		/* Nobody has read anything. */
		check_end(w, MESSAGES, 0);
		for (j = 0; j < USERS * MESSAGES; j++)
			repeats += got[j / MESSAGES][NUMBER + j % MESSAGES] - 1;
	}
	(void)printf("%u deliveries were repeated after %u kills\n", repeats,
	    kills * WORKERS);
	(void)close(null);
	tear_down(w);
}
