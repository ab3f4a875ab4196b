/* SPDX-License-Identifier: ISC */
#include "steer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "look/each.h"
#include "look/mail.h"
#include "sys/sysfile.h"

struct steer {
	const struct tool *t;
	const struct steer_verb *verb;
	struct filter filter;
	bool is_all;
	bool is_sure; /* nobody is to be asked */
	int nnumbers;
	time_t now;
	bool is_counting; /* before the question */
	uint32_t latest;  /* that was counted; 0: all that there are */
	uint64_t n;
	int code;
};

const struct filter *
steer_filter(const struct steer *s)
{
	return (&s->filter);
}

const struct tool *
steer_tool(const struct steer *s)
{
	return (s->t);
}

/* What will fail again is said rather than what may succeed later. */
static int
exit_of(int a, int b)
{
	return (a == XC_PERM || b == XC_OK ? a : b);
}

static void
note(struct steer *s, int code)
{
	if (code == XC_OK)
		s->n++;
	s->code = exit_of(s->code, code);
}

/* Claim it, and do it. */
static int
act(struct steer *s, uint32_t number, enum scan_kind kind)
{
	unsigned long n = number;
	struct claim c;
	struct fault why = { .err = 0 };

	/* Nobody works on it, and it may not be a file. */
	if (kind == SCAN_BAD) {
		c = (struct claim){ number, -1, s->t->dirfd, kind };
		return (s->verb->act(s, &c));
	}
	switch (claim_take_as(s->t->dirfd, number, kind, &c, &why)) {
	case CLAIM_OK:
		return (s->verb->act(s, &c));
	case CLAIM_BUSY:
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "%lu: somebody else is working on it", n));
	case CLAIM_GONE:
		return (problem_fail(
		    &TOOL_SELF, XC_PERM, "%lu: no such message", n));
	case CLAIM_FAILED:
		break;
	}
	return (problem_fault(&TOOL_SELF, &why));
}

static bool
act_on_match(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct steer *s = ctx;
	struct mail m;
	bool has_it;

	/* It came after the question. */
	if (!s->is_counting && s->latest != 0 &&
	    scan_is_later(number, s->latest))
		return (true);
	if (!mail_read(s->t->dirfd, number, kind, &m))
		return (true);
	has_it = filter_has(&s->filter, &m, s->now);
	mail_free(&m);
	if (has_it && s->is_counting) {
		s->n++;
		s->latest = number;
	} else if (has_it) {
		note(s, act(s, number, kind));
	}
	return (true);
}

static const char *
why_not(enum scan_kind kind)
{
	if (kind == SCAN_HELD)
		return ("it is held: release lets it go");
	return (kind == SCAN_BAD ? "it was set aside" : "it is not held");
}

static int
act_on_number(struct steer *s, const char *text)
{
	struct tool_file envelope;
	enum scan_kind kind;
	uint32_t number;

	if (!tool_number(text, &number))
		return (XC_PERM);
	kind = tool_kind_of(s->t, number);
	tool_look(s->t, number, kind, &envelope);
	if (envelope.exists && (s->verb->kinds >> kind & 1) == 0)
		return (problem_fail(
		    &TOOL_SELF, XC_PERM, "%s: %s", text, why_not(kind)));
	return (act(s, number, kind));
}

/* Only `y` and `yes` are. */
static bool
is_wanted(const struct steer *s)
{
	char answer[16];

	(void)fprintf(stderr, "%s: %s %llu %s? [y/N] ", TOOL_SELF.name,
	    s->verb->name, (unsigned long long)s->n,
	    s->n == 1 ? "message" : "messages");
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return (false);
	return (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

static int
act_on_all(struct steer *s)
{
	struct fault why = { .err = 0 };

	s->is_counting = !s->is_sure;
	if (each_run(s->t->dirfd, s->verb->kinds, act_on_match, s, &why) !=
	    RES_OK)
		return (problem_fault(&TOOL_SELF, &why));
	if (s->is_counting && s->n > 0) {
		if (!is_wanted(s))
			return (problem_fail(
			    &TOOL_SELF, XC_PERM, "nothing was done"));
		s->is_counting = false;
		s->n = 0;
		if (each_run(s->t->dirfd, s->verb->kinds, act_on_match, s,
			&why) != RES_OK)
			return (problem_fault(&TOOL_SELF, &why));
	}
	(void)printf("%s %llu\n", s->verb->done, (unsigned long long)s->n);
	return (s->code);
}

/* One sync makes all the names durable. */
static int
finish(const struct steer *s, int code)
{
	struct fault why;
	int err;

	if (s->verb->end != NULL)
		return (exit_of(code, s->verb->end()));
	err = s->n == 0 ? 0 : sysfile_sync_names(s->t->dirfd);
	if (err == 0)
		return (code);
	(void)fault_set(&why, "sync", s->t->dir, err);
	return (problem_fault(&TOOL_SELF, &why));
}

/* Numbers go to the front.  False: a mistake, which is told. */
static bool
read_arguments(struct steer *s, struct tool *t)
{
	int i;

	for (i = 0; i < t->argc; i++) {
		if (strcmp(t->argv[i], "-y") == 0 && !s->verb->is_sure)
			s->is_sure = true;
		else if (strcmp(t->argv[i], "--all") == 0)
			s->is_all = true;
		else if (t->argv[i][0] != '-' || t->argv[i][1] != '-')
			t->argv[s->nnumbers++] = t->argv[i];
		else if (!tool_take_filter(t, &i, &s->filter))
			return (false);
	}
	if ((s->nnumbers > 0) != (s->is_all || s->filter.is_set))
		return (true);
	problem_say(&TOOL_SELF,
	    "%s: want numbers, or a filter, or --all for all messages",
	    s->verb->name);
	return (false);
}

int
steer_run(struct tool *t, const struct steer_verb *verb)
{
	struct steer s = { .t = t,
		.verb = verb,
		.is_sure = verb->is_sure,
		.now = time(NULL) };
	int i;

	if (!read_arguments(&s, t))
		return (XC_PERM);
	if (s.nnumbers == 0)
		return (finish(&s, act_on_all(&s)));
	for (i = 0; i < s.nnumbers; i++)
		note(&s, act_on_number(&s, t->argv[i]));
	return (finish(&s, s.code));
}
