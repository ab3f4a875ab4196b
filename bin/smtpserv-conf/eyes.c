/* SPDX-License-Identifier: ISC */
#include "eyes.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/problem.h"
#include "service/service.h"

/* The spool's owner, if it has a name: without one we cannot become it. */
static const char *
name_of_owner(const struct settings *settings)
{
	const struct passwd *pw;
	struct stat st;

	if (settings->spool.dir[0] != '/' ||
	    stat(settings->spool.dir, &st) != 0)
		return (getpwnam(SERVICE_USER) != NULL ? SERVICE_USER : NULL);
	pw = getpwuid(st.st_uid);
	return (pw == NULL ? NULL : pw->pw_name);
}

enum result
eyes_open(struct eyes *eyes, const struct settings *settings, const char *name,
    struct fault *why)
{
	char found[sizeof(eyes->user.name)];
	enum result r;

	*eyes = (struct eyes){ .user.uid = geteuid() };
	if (name == NULL)
		name = name_of_owner(settings);
	if (name == NULL || strlen(name) >= sizeof(found))
		return (RES_OK);
	(void)snprintf(found, sizeof(found), "%s", name);
	r = sysuser_find(&eyes->user, found, why);
	eyes->are_lent = geteuid() == 0 && eyes->user.uid != 0;
	eyes->are_theirs = eyes->are_lent || geteuid() == eyes->user.uid;
	return (r);
}

static void
see(const struct program *self, const struct eyes *eyes, int (*look)(void *),
    void *ctx)
{
	struct fault why;
	int code;

	if (sysuser_become(&eyes->user, &why) != RES_OK)
		_exit(problem_fault(self, &why));
	code = look(ctx);
	_exit(fflush(stdout) == 0 ? code : XC_TEMP);
}

int
eyes_look(const struct program *self, const struct eyes *eyes,
    int (*look)(void *), void *ctx)
{
	int status = 0;
	pid_t pid;

	if (!eyes->are_lent)
		return (look(ctx));
	/* Print our buffer now, lest the child print it, too. */
	if (fflush(stdout) != 0)
		return (XC_TEMP);
	pid = fork();
	if (pid == 0)
		see(self, eyes, look, ctx);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (XC_TEMP);
	return (pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP);
}
