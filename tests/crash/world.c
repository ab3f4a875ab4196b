/* SPDX-License-Identifier: ISC */
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spool/sequence.h"

enum {
	RUN_MEMORY = 64 << 20,
	SHOWN_MAX = 40,
	STATES_SHOWN_MAX = 3
};

/*
 * Syncs that go side by side are of use on a disk only, and not in memory,
 * where most of the harness's own are done: without threads they follow one
 * another.
 */
int __wrap_pthread_create(void);

int
__wrap_pthread_create(void)
{
	return (EAGAIN);
}

void
world_conf(const char *file, const char *spool, const char *more)
{
	FILE *f = fopen(file, "w");

	if (f == NULL)
		die("%s: %s", file, strerror(errno));
	(void)fprintf(f,
	    "hostname = gnat\ndomain = example.test\n"
	    "smtp.subdir = \"%s\"\n%s",
	    spool, more == NULL ? "" : more);
	if (fclose(f) != 0)
		die("%s: %s", file, strerror(errno));
}

static int
make_spool(
    char *path, char *conf, size_t cap, const char *dir, const char *name)
{
	int fd;

	(void)snprintf(path, cap, "%s/%s", dir, name);
	(void)snprintf(conf, cap, "%s/%s.cfg", dir, name);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		die("%s: %s", path, strerror(errno));
	world_conf(conf, path, NULL);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return (fd);
}

void
world_open(struct world *w, const char *work)
{
	struct fault why;

	(void)snprintf(w->dir, sizeof(w->dir), "%s/crash.XXXXXX", work);
	if (mkdtemp(w->dir) == NULL)
		die("%s: %s", w->dir, strerror(errno));
	w->spoolfd = make_spool(
	    w->spool, w->spool_conf, sizeof(w->spool), w->dir, "spool");
	w->checkfd = make_spool(
	    w->check, w->check_conf, sizeof(w->check), w->dir, "check");
	(void)snprintf(w->done, sizeof(w->done), "%s/done", w->dir);
	/* By that the sessions here know (stages.c). */
	(void)snprintf(
	    w->one_stage, sizeof(w->one_stage), "%s/one-stage", w->dir);
	if (w->one && mkdir(w->one_stage, 0700) != 0)
		die("%s: %s", w->one_stage, strerror(errno));
	if (spool_open(&w->checked, w->check, true, &why) != RES_OK)
		die("%s: %s", w->check, strerror(why.err));
	if (spool_open(&w->other, w->spool, true, &why) != RES_OK)
		die("%s: %s", w->spool, strerror(why.err));
	sequence_boot_id(w->boot);
	w->boot[COUNTER_BOOT_ID] = '\0';
	arena_init(&w->run, RUN_MEMORY);
	arena_init(&w->scratch, RUN_MEMORY);
	arena_init(&w->always, RUN_MEMORY);
	trace_init();
}

void
world_close(struct world *w)
{
	state_wipe(w->spoolfd);
	state_wipe(w->checkfd);
	(void)rmdir(w->spool);
	(void)rmdir(w->check);
	(void)unlink(w->spool_conf);
	(void)unlink(w->check_conf);
	(void)unlink(w->done);
	(void)rmdir(w->one_stage);
	(void)rmdir(w->dir);
}

void
violation(struct world *w, const struct state *s, const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (w->wanted != NULL && strstr(text, w->wanted) == NULL)
		return;
	if (++w->violations <= SHOWN_MAX)
		(void)printf("VIOLATION: %s\n    %s\n", text, w->where);
	if (s != NULL && w->violations <= STATES_SHOWN_MAX)
		state_print(s);
	(void)fflush(stdout);
	if (w->wanted != NULL) {
		world_close(w);
		exit(1);
	}
}

/* The text, with this boot's id for @. */
static const char *
fill_in(struct world *w, const char *text)
{
	const char *at = strchr(text, '@');
	char *p;

	if (at == NULL)
		return (text);
	p = arena_get(&w->always, strlen(text) + COUNTER_BOOT_ID + 1);
	(void)sprintf(p, "%.*s%s%s", (int)(at - text), text, w->boot, at + 1);
	return (p);
}

void
world_before(struct world *w, const struct script *s, struct state *out)
{
	unsigned int i;

	out->n = 0;
	for (i = 0; i < SCRIPT_FILES && s->before[i].name != NULL; i++) {
		const char *text = strcmp(s->before[i].name, SEQUENCE_FILE) == 0
		    ? fill_in(w, s->before[i].text)
		    : s->before[i].text;

		state_add(out, s->before[i].name, text, strlen(text), i);
	}
}

int
world_input(const char *text)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n ||
	    lseek(fd, 0, SEEK_SET) != 0)
		die("memfd: %s", strerror(errno));
	return (fd);
}

/* The same, with NULs in it. */
static int
envelope_input(const char *text)
{
	int fd = world_input(text);
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (text[i] == '|' && pwrite(fd, "", 1, (off_t)i) != 1)
			die("memfd: %s", strerror(errno));
	return (fd);
}

/* The client's end of a socket, on which it has said all that it will. */
static int
socket_input(const char *text, int *ours)
{
	size_t n = strlen(text);
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0 ||
	    write(fds[0], text, n) != (ssize_t)n ||
	    shutdown(fds[0], SHUT_WR) != 0)
		die("socket: %s", strerror(errno));
	*ours = fds[0];
	return (fds[1]);
}

static void
set_argv(struct world *w, const struct script *s, const char *argv[8])
{
	size_t i;
	size_t n = 0;

	argv[n++] = s->envelope != NULL ? w->queue
	    : s->tool != NULL           ? w->tool
					: w->session;
	argv[n++] = "-f";
	argv[n++] = w->spool_conf;
	for (i = 0; s->tool != NULL && s->tool[i] != NULL; i++)
		argv[n++] =
		    strcmp(s->tool[i], SCRIPT_DONE) == 0 ? w->done : s->tool[i];
	argv[n] = NULL;
}

void
world_start(struct world *w, const struct script *s, const struct state *before,
    const struct trace_fault *fault, struct trace *t)
{
	struct state by_script;

	w->always.used = 0;
	w->run.used = 0;
	world_before(w, s, &by_script);
	state_store(before == NULL ? &by_script : before, w->spoolfd);
	world_start_again(w, s, fault, t);
}

void
world_start_again(struct world *w, const struct script *s,
    const struct trace_fault *fault, struct trace *t)
{
	struct trace_command command;
	const char *argv[8];
	static int ours = -1;
	static int null = -1;

	if (null < 0)
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (ours >= 0)
		(void)close(ours);
	ours = -1;
	w->runs++;
	world_conf(w->spool_conf, w->spool, s->conf);
	(void)unlink(w->done);
	set_argv(w, s, argv);
	command = (struct trace_command){ argv, null, null, null };
	if (s->input != NULL && s->socket)
		command.in = command.out = socket_input(s->input, &ours);
	else if (s->input != NULL)
		command.in = world_input(s->input);
	if (s->envelope != NULL)
		command.out = envelope_input(s->envelope);
	trace_start(t, &command, fault, &w->run);
	if (command.in != null)
		(void)close(command.in);
	if (s->envelope != NULL)
		(void)close(command.out);
}

static pid_t
spawn(const char *const *argv, int in, int out, int err_fd)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	posix_spawn_file_actions_t files;
	pid_t pid;
	int err;

	if (posix_spawn_file_actions_init(&files) != 0 ||
	    posix_spawn_file_actions_adddup2(&files, in, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(&files, out, 1) != 0 ||
	    (err_fd >= 0 ? posix_spawn_file_actions_adddup2(&files, err_fd, 2)
			 : posix_spawn_file_actions_addopen(
			       &files, 2, "/dev/null", O_WRONLY, 0)) != 0)
		die("posix_spawn_file_actions");
	err = posix_spawn(&pid, argv[0], &files, NULL,
	    (char *const *)(uintptr_t)argv,
	    (char *const *)(uintptr_t)environment);
	if (err != 0)
		die("unable to run %s: %s", argv[0], strerror(err));
	(void)posix_spawn_file_actions_destroy(&files);
	return (pid);
}

pid_t
world_spawn(const char *const *argv, int in, int out)
{
	return (spawn(argv, in, out, -1));
}

/* Its output, or with is_log what it logs. */
static int
run(const char *const *argv, const char *in, bool is_log, char *out, size_t cap)
{
	int input = world_input(in);
	int output = memfd_create("output", MFD_CLOEXEC);
	pid_t pid = spawn(argv, input, output, is_log ? output : -1);
	ssize_t n;
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	n = pread(output, out, cap - 1, 0);
	out[n < 0 ? 0 : n] = '\0';
	(void)close(input);
	(void)close(output);
	return (status);
}

int
world_run(const char *const *argv, const char *in, char *out, size_t cap)
{
	return (run(argv, in, false, out, cap));
}

void
world_work(struct world *w)
{
	const char *argv[] = { w->worker, "--once", "--now", "-f",
		w->spool_conf, NULL };
	char log[1024];
	int status = run(argv, "", true, log, sizeof(log));

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		violation(
		    w, NULL, "the next worker ends with %#x: %s", status, log);
}
