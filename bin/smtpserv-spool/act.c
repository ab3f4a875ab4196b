/* SPDX-License-Identifier: ISC */
/* Subcommands that change the spool: clean, repair, claim. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "spool/claim.h"
#include "spool/complete.h"
#include "spool/sequence.h"
#include "spool/spool.h"
#include "sys/sysclock.h"
#include "sys/sysfile.h"
#include "tool.h"

/* A claim, or the exit code that says why not. */
static int
take(const struct tool *t, const char *text, struct claim *c)
{
	struct fault why = { .err = 0 };
	uint32_t number;

	if (!tool_number(text, &number))
		return (XC_PERM);
	switch (claim_take(t->dirfd, number, c, &why)) {
	case CLAIM_OK:
		break;
	case CLAIM_BUSY:
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "%s: somebody else is working on it", text));
	case CLAIM_GONE:
		return (problem_fail(&TOOL_SELF, XC_PERM, "%s: %s", text,
		    tool_kind_of(t, number) == SCAN_HELD
			? "it is held: release lets it go"
			: "no such message"));
	case CLAIM_FAILED:
		return (problem_fault(&TOOL_SELF, &why));
	}
	return (XC_OK);
}

static int
finish(struct claim *c)
{
	struct fault why = { .err = 0 };
	enum result r = claim_finish(c, &why);

	return (r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, &why));
}

int
tool_clean(struct tool *t)
{
	struct fault why = { .err = 0 };
	struct complete done = { 0, 0, 0 };
	uint64_t removed;
	enum result r = complete_all(t->dirfd, 0, SYSCLOCK_NEVER, &done, &why);
	int code = r == RES_OK ? XC_OK : problem_fault(&TOOL_SELF, &why);

	/* A message that could not be completed keeps its files. */
	r = scan_clean(t->dirfd, &removed, &why);
	if (done.completed > 0)
		(void)printf(
		    "completed %llu\n", (unsigned long long)done.completed);
	removed += done.removed;
	(void)printf("removed %llu\n", (unsigned long long)removed);
	return (r == RES_OK ? code : problem_fault(&TOOL_SELF, &why));
}

int
tool_repair(struct tool *t)
{
	struct fault why = { .err = 0 };
	uint32_t above = 0;
	uint32_t next;
	enum result r;

	if (t->argc > 0 && (t->argc != 2 || strcmp(t->argv[0], "--above") != 0))
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "repair: want --above number, or nothing"));
	if (t->argc > 0 && !tool_number(t->argv[1], &above))
		return (XC_PERM);
	r = sequence_repair(t->dirfd, above,
	    sysclock_after(sysclock_ms(), SPOOL_LOCK_WAIT), &next, &why);

	if (r != RES_OK)
		return (problem_fault(&TOOL_SELF, &why));
	(void)printf("next %lu\n", (unsigned long)next);
	return (XC_OK);
}

/* NAME=DIR/N.KIND */
static bool
set_path(const struct tool *t, const struct claim *c, enum scan_kind kind,
    const char *variable)
{
	char file[SCAN_NAME_MAX];
	char path[4096];
	struct buf b;

	scan_name(file, c->number, kind);
	buf_init(&b, path, sizeof(path));
	(void)buf_printf(&b, "%s/%s", t->dir, file);
	return (buf_cstr(&b) != NULL && setenv(variable, path, 1) == 0);
}

static bool
set_environment(const struct tool *t, const struct claim *c)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%lu", (unsigned long)c->number);
	return (setenv("SMTPSERV_NUMBER", number, 1) == 0 &&
	    set_path(t, c, SCAN_WRK, "SMTPSERV_WRK") &&
	    set_path(t, c, SCAN_TXT, "SMTPSERV_TXT"));
}

/*
 * The child: text on descriptor 0, and the lock stays open in it, so that
 * the message is claimed as long as the command runs, even without us.
 */
static void
run(const struct claim *c, int text_fd, char **command)
{
	if (dup2(text_fd, STDIN_FILENO) < 0 ||
	    fcntl(c->wrk_fd, F_SETFD, 0) != 0)
		_exit(problem_fail(&TOOL_SELF, XC_TEMP,
		    "unable to set up descriptors: %s", strerror(errno)));
	(void)execvp(command[0], command);
	_exit(problem_fail(&TOOL_SELF,
	    errno == ENOENT || errno == EACCES ? XC_PERM : XC_TEMP,
	    "unable to run %s: %s", command[0], strerror(errno)));
}

/* The command's verdict as one of our exit codes. */
static int
wait_for(pid_t pid, const char *name)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (problem_fail(&TOOL_SELF, XC_TEMP,
			    "unable to wait: %s", strerror(errno)));
	if (WIFSIGNALED(status))
		return (problem_fail(&TOOL_SELF, XC_TEMP,
		    "%s: killed by signal %d", name, WTERMSIG(status)));
	if (WEXITSTATUS(status) == 0)
		return (XC_OK);
	return (problem_fail(&TOOL_SELF,
	    WEXITSTATUS(status) == XC_PERM ? XC_PERM : XC_TEMP,
	    "%s: exit %d; the message stays", name, WEXITSTATUS(status)));
}

int
tool_claim(struct tool *t)
{
	char **command = t->argv + 1;
	struct claim c;
	struct fault why = { .err = 0 };
	int text_fd;
	pid_t pid;
	int code;

	if (command[0] != NULL && strcmp(command[0], "--") == 0)
		command++;
	if (command[0] == NULL)
		return (problem_fail(&TOOL_SELF, XC_PERM,
		    "usage: smtpserv-spool claim number -- command ..."));
	code = take(t, t->argv[0], &c);
	if (code != XC_OK)
		return (code);
	text_fd = claim_open_text(&c, &why);
	if (text_fd < 0)
		return (problem_fault(&TOOL_SELF, &why));
	if (!set_environment(t, &c))
		return (problem_fail(
		    &TOOL_SELF, XC_TEMP, "unable to set environment"));
	pid = fork();
	if (pid < 0)
		return (problem_fail(&TOOL_SELF, XC_TEMP, "unable to fork: %s",
		    strerror(errno)));
	if (pid == 0)
		run(&c, text_fd, command);
	(void)close(text_fd);
	code = wait_for(pid, command[0]);
	if (code == XC_OK)
		code = finish(&c);
	else
		claim_release(&c);
	return (code);
}
