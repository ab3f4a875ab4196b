/* SPDX-License-Identifier: ISC */
/* The subcommand check: is every pair whole, and the counter good? */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "envelope/plan.h"
#include "look/each.h"
#include "spool/counter.h"
#include "spool/samples.h"
#include "spool/scan.h"
#include "spool/sequence.h"
#include "sys/sysfile.h"
#include "tool.h"

/* What is wrong with one pair, or NULL. */
static const char *
wrong_with(const struct tool *t, uint32_t number, enum scan_kind kind)
{
	struct tool_file wrk;
	struct tool_file txt;
	struct bytes text;
	struct bytes sender;
	struct fault why = { .err = 0 };
	size_t nrcpt;
	const char *wrong;
	char *envelope;

	if (kind == SCAN_BAD)
		return ("it was set aside, as the log of smtpserv-work says");
	tool_look(t, number, SCAN_TXT, &txt);
	envelope = tool_read_envelope(t, number, kind, &text, &why);
	tool_look(t, number, kind, &wrk);
	if (!wrk.exists)
		wrong = NULL;
	else if (envelope == NULL)
		wrong = "the envelope cannot be read";
	else if (!txt.exists)
		wrong = "there is no text beside it";
	else if (!txt.is_regular)
		wrong = "its text is not a file";
	else if (txt.size == 0)
		wrong = "its text is empty";
	else
		wrong = plan_check(text, &sender, &nrcpt);
	free(envelope);
	return (wrong);
}

/* The counter must be good, and above what it has handed out. */
static int
check_counter(const struct tool *t)
{
	struct counter c;
	struct fault why = { .err = 0 };
	uint32_t highest;
	enum result r = scan_highest(t->dirfd, &highest, &why);

	if (r == RES_OK)
		r = sequence_read(t->dirfd, &c, &why);
	if (r != RES_OK && why.err == 0) {
		(void)printf("%s: %s\n", why.name, why.op);
		return (XC_FOUND);
	}
	if (r != RES_OK && why.err != ENOENT)
		return (problem_fault(&TOOL_SELF, &why));
	/* An empty spool may have none yet: the first session makes it. */
	if (r != RES_OK && highest == 0)
		return (XC_OK);
	if (r != RES_OK) {
		(void)printf("%s: missing, though there are messages; the next "
			     "session makes one above their numbers\n",
		    SEQUENCE_FILE);
		return (XC_FOUND);
	}
	if (highest != 0 && !scan_is_later(c.next, highest) &&
	    !scan_is_later(c.limit[0], highest) &&
	    !scan_is_later(c.limit[1], highest)) {
		(void)printf("%s: is at %lu, but there is a file with number "
			     "%lu: run smtpserv-spool repair\n",
		    SEQUENCE_FILE, (unsigned long)c.next,
		    (unsigned long)highest);
		return (XC_FOUND);
	}
	return (XC_OK);
}

/* For `users`. */
struct users {
	const struct tool *t;
	struct stat dir;
	int code;
};

/*
 * May the directory's user do that with the file?  Of groups only the
 * directory's is looked at: the user's programs have that one.
 */
static bool
may(const struct stat *dir, const struct stat *st, mode_t need)
{
	if (dir->st_uid == 0)
		return (true);
	if (st->st_uid == dir->st_uid)
		return ((st->st_mode >> 6 & need) == need);
	if (st->st_gid == dir->st_gid)
		return ((st->st_mode >> 3 & need) == need);
	return ((st->st_mode & need) == need);
}

/* A text is only read; others are locked, too, which takes write access. */
static void
check_file(struct users *u, const char *name, bool is_text)
{
	struct stat st;

	if (fstatat(u->t->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(st.st_mode) || may(&u->dir, &st, is_text ? 04 : 06))
		return;
	(void)printf("%s: user %lu, whose the spool is, cannot read%s it\n",
	    name, (unsigned long)u->dir.st_uid, is_text ? "" : " and write");
	u->code = XC_FOUND;
}

/* A mark whose message may have been answered 250, left by a dead session. */
static void
check_mark(struct users *u, const char *name)
{
	struct tool_file mark;

	tool_look_at(u->t, name, &mark);
	/* A session that lives gives the next name before it lets go. */
	if (!mark.exists || mark.is_locked ||
	    !sysfile_exists(u->t->dirfd, name))
		return;
	(void)printf("%s: its session has died; smtpserv-spool clean makes a "
		     "message of it, or removes it\n",
	    name);
	u->code = XC_FOUND;
}

static bool
check_one(void *ctx, uint32_t number, enum scan_kind kind, const char *name)
{
	(void)number;
	check_file(ctx, name, kind == SCAN_TXT);
	if (kind == SCAN_MARK)
		check_mark(ctx, name);
	return (true);
}

/* Files that the programs, run as the user, could do nothing with. */
static int
check_users(const struct tool *t)
{
	struct users u = { .t = t, .code = XC_OK };
	struct fault why = { .err = 0 };

	if (fstat(t->dirfd, &u.dir) != 0)
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "unable to look at %s: %s", t->dir, strerror(errno)));
	if (scan_each_name(t->dirfd, check_one, &u, &why) != RES_OK)
		return (problem_fault(&TOOL_SELF, &why));
	check_file(&u, SEQUENCE_FILE, false);
	check_file(&u, SEQUENCE_NEW_FILE, false);
	check_file(&u, SAMPLES_FILE, false);
	return (u.code);
}

/* For messages. */
struct pairs {
	const struct tool *t;
	bool is_any_wrong;
};

static bool
check_pair(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct pairs *p = ctx;
	const char *wrong = wrong_with(p->t, number, kind);
	char name[SCAN_NAME_MAX];

	if (wrong == NULL)
		return (true);
	scan_name(name, number, kind);
	(void)printf("%s: %s\n", name, wrong);
	p->is_any_wrong = true;
	return (true);
}

int
tool_check(struct tool *t)
{
	struct pairs pairs = { t, false };
	struct fault why = { .err = 0 };
	int code = check_counter(t);

	if (each_run(t->dirfd, EACH_MESSAGE, check_pair, &pairs, &why) !=
	    RES_OK)
		code = problem_fault(&TOOL_SELF, &why);
	if (code == XC_OK && pairs.is_any_wrong)
		code = XC_FOUND;
	if (code == XC_OK || code == XC_FOUND) {
		int also = check_users(t);

		tool_say_stages(t);
		code = also == XC_OK ? code : also;
		also = tool_check_lock(t);
		code = also == XC_OK ? code : also;
	}
	return (code);
}
