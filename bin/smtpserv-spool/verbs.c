/* SPDX-License-Identifier: ISC */
/* The subcommands retry, hold, release, fail and remove. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "look/each.h"
#include "look/mail.h"
#include "spool/schedule.h"
#include "spool/successor.h"
#include "steer.h"
#include "sys/sysfile.h"

static int
done(struct claim *c, enum result r, const struct fault *why)
{
	claim_release(c);
	return (r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, why));
}

/* The envelope's time says that it is to be tried, until it was. */
static enum result
ask(const struct claim *c, struct fault *why)
{
	/* A change of both times is what inotify tells as one. */
	const struct timespec times[2] = { { 0, UTIME_NOW }, SCHEDULE_ASKED };
	char name[SCAN_NAME_MAX];

	scan_name(name, c->number, c->kind);
	return (futimens(c->wrk_fd, times) == 0
		? RES_OK
		: fault_set(why, "set the time of", name, errno));
}

static int
retry(struct steer *s, struct claim *c)
{
	struct fault why;
	enum result r = ask(c, &why);

	(void)s; /* no filter has a say in this */
	return (done(c, r, &why));
}

/* Messages that are dealt with by the same syncs. */
static struct {
	size_t n;
	struct claim list[64];
} batch;

/* Once their time was changed by its name, a worker hears of it. */
static void
ask_by_name(const struct claim *c)
{
	static const struct timespec times[2] = { { 0, UTIME_NOW },
		SCHEDULE_ASKED };
	char name[SCAN_NAME_MAX];

	scan_name(name, c->number, SCAN_WRK);
	/* A worker that has found it by now has no need to hear of it. */
	(void)utimensat(c->dirfd, name, times, AT_SYMLINK_NOFOLLOW);
}

static int
move_batch(enum scan_kind kind)
{
	struct fault why;
	enum result r = claim_move_all(batch.list, batch.n, kind, &why);
	size_t i;

	for (i = 0; i < batch.n; i++) {
		claim_release(&batch.list[i]);
		if (kind == SCAN_WRK && batch.list[i].kind == SCAN_WRK)
			ask_by_name(&batch.list[i]);
	}
	batch.n = 0;
	return (r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, &why));
}

static int
end_hold(void)
{
	return (move_batch(SCAN_HELD));
}

static int
end_release(void)
{
	return (move_batch(SCAN_WRK));
}

static int
put_into_batch(const struct claim *c, int (*end)(void))
{
	batch.list[batch.n++] = *c;
	return (batch.n < ARRAY_LEN(batch.list) ? XC_OK : end());
}

static int
hold(struct steer *s, struct claim *c)
{
	(void)s; /* as above */
	return (put_into_batch(c, end_hold));
}

static int
release(struct steer *s, struct claim *c)
{
	struct fault why;

	(void)s; /* as above */
	if (ask(c, &why) != RES_OK)
		return (done(c, RES_TEMP, &why));
	return (put_into_batch(c, end_release));
}

/* What the report says of a recipient, into *out. */
static struct bytes
words(const struct plan_rcpt *r, struct buf *out)
{
	size_t before = buf_view(out).n;

	(void)buf_puts(out, "given up by the administrator");
	if (r->status.n > 0) {
		(void)buf_puts(out, "; the last try: ");
		(void)buf_put(out, r->status);
		(void)buf_putc(out, ' ');
		(void)buf_put(out, r->diagnostic);
	}
	return (bytes_cut(buf_view(out), before, buf_view(out).n));
}

/* The recipients that the filter has.  How many these are. */
static size_t
settle(const struct filter *f, struct plan *p, struct buf *store)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < p->nrcpt; i++) {
		if (!filter_has_rcpt(f, &p->rcpt[i]))
			continue;
		plan_settle(p, i, PLAN_FAILED, bytes_of("5.0.0"),
		    words(&p->rcpt[i], store), bytes_of(""));
		n++;
	}
	return (n);
}

/* The plan as it is now into its envelope, for the worker to report. */
static enum result
put_plan(struct claim *c, const struct plan *p, struct fault *why)
{
	static const struct timespec asked = SCHEDULE_ASKED;
	size_t cap = plan_size(p);
	char *store = malloc(cap);
	struct buf text;
	enum result r;
	int err;

	if (store == NULL)
		return (fault_set(why, "read", "the envelope", ENOMEM));
	buf_init(&text, store, cap);
	plan_print(p, &text);
	r = successor_put(c, buf_view(&text), &asked, why);
	free(store);
	if (r != RES_OK || c->kind == SCAN_WRK)
		return (r);
	/* Else both files could stay, each under a name. */
	err = sysfile_sync_names(c->dirfd);
	return (err == 0 ? claim_move_all(c, 1, SCAN_WRK, why)
			 : fault_set(why, "sync", "the spool", err));
}

static int
fail_rcpts(const struct filter *f, struct claim *c, struct plan *p)
{
	/* The words, and those of the last tries. */
	size_t cap = plan_size(p) + 64 * p->nrcpt;
	char *store = malloc(cap);
	struct fault why = { .err = 0 };
	struct buf b;
	int code;

	if (store == NULL)
		return (problem_fail(&TOOL_SELF, XC_TEMP, "out of memory"));
	buf_init(&b, store, cap);
	if (settle(f, p, &b) == 0)
		code = problem_fail(&TOOL_SELF, XC_PERM,
		    "%lu: nobody is left to be tried",
		    (unsigned long)c->number);
	else if (plan_in(p, PLAN_GONE) == p->nrcpt)
		/* Nobody wants to hear of it. */
		code = claim_finish(c, &why) == RES_OK
		    ? XC_OK
		    : problem_fault(&TOOL_SELF, &why);
	else
		code = put_plan(c, p, &why) == RES_OK
		    ? XC_OK
		    : problem_fault(&TOOL_SELF, &why);
	free(store);
	return (code);
}

static int
fail(struct steer *s, struct claim *c)
{
	unsigned long number = c->number;
	struct mail m;
	int code;

	if (!mail_read(steer_tool(s)->dirfd, c->number, c->kind, &m)) {
		claim_release(c);
		return (problem_fail(
		    &TOOL_SELF, XC_PERM, "%lu: no such message", number));
	}
	if (m.wrong != NULL)
		code = problem_fail(
		    &TOOL_SELF, XC_PERM, "%lu: %s", number, m.wrong);
	else
		code = fail_rcpts(steer_filter(s), c, &m.plan);
	mail_free(&m);
	if (c->wrk_fd >= 0)
		claim_release(c);
	if (code == XC_OK)
		ask_by_name(c);
	return (code);
}

static int
remove_batch(void)
{
	struct fault why;
	enum result r = claim_finish_all(batch.list, batch.n, &why);

	batch.n = 0;
	return (r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, &why));
}

static int
remove_one(struct steer *s, struct claim *c)
{
	(void)s; /* as above */
	return (put_into_batch(c, remove_batch));
}

static const struct steer_verb RETRY = { "retry", "to be tried", 1U << SCAN_WRK,
	retry, true, NULL };
static const struct steer_verb HOLD = { "hold", "held", 1U << SCAN_WRK, hold,
	true, end_hold };
static const struct steer_verb RELEASE = { "release", "released",
	1U << SCAN_HELD, release, true, end_release };
static const struct steer_verb FAIL = { "fail", "failed",
	1U << SCAN_WRK | 1U << SCAN_HELD, fail, false, NULL };
static const struct steer_verb REMOVE = { "remove", "removed", EACH_MESSAGE,
	remove_one, false, remove_batch };

int
tool_retry(struct tool *t)
{
	return (steer_run(t, &RETRY));
}

int
tool_hold(struct tool *t)
{
	return (steer_run(t, &HOLD));
}

int
tool_release(struct tool *t)
{
	return (steer_run(t, &RELEASE));
}

int
tool_fail(struct tool *t)
{
	return (steer_run(t, &FAIL));
}

int
tool_remove(struct tool *t)
{
	return (steer_run(t, &REMOVE));
}
