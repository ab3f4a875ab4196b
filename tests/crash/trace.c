/* SPDX-License-Identifier: ISC */
#include "trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	/* Seconds that no run may take. */
	PATIENCE = 100,
	DATA_MAX = 1 << 17
};

/*
 * The only lines that know a machine: change the call's number, its third
 * argument and its result.  To look at them PTRACE_GET_SYSCALL_INFO is enough.
 */
#if defined(__x86_64__)
static void
poke(pid_t pid, size_t offset, uint64_t value)
{
	if (ptrace(PTRACE_POKEUSER, pid, (void *)offset, (void *)value) != 0)
		die("PTRACE_POKEUSER: %s", strerror(errno));
}

static void
set_number(pid_t pid, int number)
{
	poke(pid, offsetof(struct user, regs.orig_rax),
	    (uint64_t)(int64_t)number);
}

static void
set_count(pid_t pid, uint64_t count)
{
	poke(pid, offsetof(struct user, regs.rdx), count);
}

static void
set_result(pid_t pid, int64_t result)
{
	poke(pid, offsetof(struct user, regs.rax), (uint64_t)result);
}
#elif defined(__aarch64__)
static void
set_register(pid_t pid, size_t which, uint64_t value)
{
	struct user_regs_struct regs;
	struct iovec iov = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)(intptr_t)NT_PRSTATUS,
		&iov) != 0)
		die("PTRACE_GETREGSET: %s", strerror(errno));
	regs.regs[which] = value;
	if (ptrace(PTRACE_SETREGSET, pid, (void *)(intptr_t)NT_PRSTATUS,
		&iov) != 0)
		die("PTRACE_SETREGSET: %s", strerror(errno));
}

static void
set_number(pid_t pid, int number)
{
	struct iovec iov = { &number, sizeof(number) };

	if (ptrace(PTRACE_SETREGSET, pid, (void *)(intptr_t)NT_ARM_SYSTEM_CALL,
		&iov))
		die("NT_ARM_SYSTEM_CALL: %s", strerror(errno));
}

static void
set_count(pid_t pid, uint64_t count)
{
	set_register(pid, 2, count);
}

static void
set_result(pid_t pid, int64_t result)
{
	set_register(pid, 0, (uint64_t)result);
}
#else
#error "trace.c: how does this machine make system calls?"
#endif

static void
on_alarm(int sig)
{
	(void)sig;
}

void
trace_init(void)
{
	/* Interrupts waitpid(), and nothing else. */
	struct sigaction alarm_action = { .sa_handler = on_alarm };

	(void)sigaction(SIGALRM, &alarm_action, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static void
peek(pid_t pid, uint64_t from, char *into, size_t n)
{
	struct iovec local = { into, n };
	struct iovec remote = { (void *)(uintptr_t)from, n };

	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != (ssize_t)n)
		memset(into, '?', n);
}

static const char *
peek_path(struct trace *t, uint64_t from)
{
	char text[512] = "";
	struct iovec local = { text, sizeof(text) - 1 };
	struct iovec remote = { (void *)(uintptr_t)from, sizeof(text) - 1 };
	size_t n;

	/* The page behind the string need not exist. */
	if (process_vm_readv(t->pid, &local, 1, &remote, 1, 0) < 0) {
		size_t page_left = 4096 - (size_t)(from & 4095);

		if (page_left > sizeof(text) - 1)
			page_left = sizeof(text) - 1;
		peek(t->pid, from, text, page_left);
	}
	n = strlen(text);
	return (arena_copy(t->arena, text, n));
}

/* What the model needs to know beyond the numbers. */
static void
read_arguments(struct trace *t, struct trace_call *c)
{
	switch (c->nr) {
#ifdef SYS_open
	case SYS_open:
		c->path = peek_path(t, c->arg[0]);
		break;
#endif
	case SYS_openat:
	case SYS_unlinkat:
	case SYS_newfstatat:
		c->path = peek_path(t, c->arg[1]);
		break;
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_renameat2:
	case SYS_linkat:
		c->path = peek_path(t, c->arg[1]);
		c->path2 = peek_path(t, c->arg[3]);
		break;
	case SYS_write:
	case SYS_pwrite64:
	case SYS_sendto:
		if (c->arg[2] > DATA_MAX)
			die("a write of %llu bytes",
			    (unsigned long long)c->arg[2]);
		c->data = arena_get(t->arena, c->arg[2] + 1);
		/* Cast: filled here, constant from then on. */
		peek(t->pid, c->arg[1], (char *)(uintptr_t)c->data, c->arg[2]);
		state_stop_clock((char *)(uintptr_t)c->data, c->arg[2]);
		break;
	default:
		break;
	}
}

static _Noreturn void
become(const struct trace_command *command)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };

	if (dup2(command->in, 0) < 0 || dup2(command->out, 1) < 0 ||
	    dup2(command->err, 2) < 0 ||
	    ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(126);
	(void)raise(SIGSTOP);
	/* The casts are for execve(2)'s prototype, which is older than const. */
	(void)execve(command->argv[0], (char *const *)(uintptr_t)command->argv,
	    (char *const *)(uintptr_t)environment);
	_exit(127);
}

static bool
wait_stop(struct trace *t)
{
	struct itimerval patience = { .it_value = { PATIENCE, 0 } };

	(void)setitimer(ITIMER_REAL, &patience, NULL);
	while (waitpid(t->pid, &t->status, __WALL) < 0) {
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
		t->hung = true;
		(void)kill(t->pid, SIGKILL);
	}
	if (WIFSTOPPED(t->status))
		return (true);
	t->ended = true;
	return (false);
}

void
trace_start(struct trace *t, const struct trace_command *command,
    const struct trace_fault *fault, struct arena *arena)
{
	long options =
	    PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;

	if (fault != NULL && fault->generation > 0)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;

	t->n = 0;
	t->ended = t->hung = t->in_call = t->skipped = t->cut = false;
	t->arena = arena;
	t->fault = fault == NULL ? (struct trace_fault){ .how = TRACE_NOTHING }
				 : *fault;
	t->parent = 0;
	t->following = t->fault.generation;
	t->pid = fork();
	if (t->pid < 0)
		die("fork: %s", strerror(errno));
	if (t->pid == 0)
		become(command);
	if (!wait_stop(t) ||
	    ptrace(PTRACE_SETOPTIONS, t->pid, NULL, (void *)options) != 0 ||
	    ptrace(PTRACE_CONT, t->pid, NULL, NULL) != 0 || !wait_stop(t) ||
	    t->status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		die("unable to trace %s", command->argv[0]);
}

static bool
writes(const struct trace_call *c)
{
	switch (c->nr) {
	case SYS_write:
	case SYS_pwrite64:
		return (c->arg[0] > 2);
	case SYS_openat:
		return ((c->arg[2] & O_CREAT) != 0);
	case SYS_ftruncate:
	case SYS_renameat2:
	case SYS_linkat:
		return (true);
	default:
		return (false);
	}
}

/* Which call the last one is, as the fault counts them. */
static size_t
place(const struct trace *t)
{
	size_t at = 0;
	size_t i;

	if (!t->fault.by_kind)
		return (t->n - 1);
	for (i = 0; i + 1 < t->n; i++)
		at += t->call[i].nr + 1 == t->fault.only;
	return (at);
}

/* Does it go wrong at this call, and how? */
static enum trace_how
how_at(const struct trace *t, const struct trace_call *c)
{
	size_t at;

	if (t->following > 0 ||
	    (t->fault.only != 0 && c->nr + 1 != t->fault.only))
		return (TRACE_NOTHING);
	at = place(t);
	if (t->fault.how == TRACE_FROM)
		return (at >= t->fault.at && writes(c) ? TRACE_FAIL
						       : TRACE_NOTHING);
	if (t->fault.how == TRACE_CUT && at > t->fault.at && t->cut &&
	    writes(c))
		return (TRACE_FAIL);
	return (at == t->fault.at ? t->fault.how : TRACE_NOTHING);
}

/*
 * A thread would do its calls behind our back, in no order.  Without threads
 * syncs that go side by side follow one another (syssync_all()), and what a
 * sync has not yet done may be lost in any case, so no state is missed.
 */
static int
denied(const struct trace_call *c)
{
	if (c->nr == SYS_clone && (c->arg[0] & CLONE_THREAD) != 0)
		return (EAGAIN);
	/* Its flags are in memory; a C library then takes the other. */
	return (c->nr == SYS_clone3 ? ENOSYS : 0);
}

/* At the entry of a call.  False: stop here for the caller. */
static bool
enter(struct trace *t, const struct __ptrace_syscall_info *info)
{
	struct trace_call *c = &t->call[t->n];

	if (t->n == TRACE_CALLS)
		die("too many system calls");
	memset(c, 0, sizeof(*c));
	c->nr = info->entry.nr;
	memcpy(c->arg, info->entry.args, sizeof(c->arg));
	c->real = -1;
	t->n++;
	t->in_call = true;
	t->skipped = false;
	read_arguments(t, c);
	switch (how_at(t, c)) {
	case TRACE_KILL_BEFORE:
		set_number(t->pid, -1);
		t->skipped = true;
		(void)kill(t->pid, SIGKILL);
		break;
	case TRACE_FAIL:
		set_number(t->pid, -1);
		t->skipped = true;
		break;
	case TRACE_SHORT:
	case TRACE_CUT:
		t->saved_count = c->arg[2];
		t->cut = t->fault.how == TRACE_CUT;
		set_count(t->pid, t->fault.count);
		break;
	case TRACE_PAUSE:
		return (false);
	case TRACE_NOTHING:
	case TRACE_KILL_AFTER:
	case TRACE_LATE:
	case TRACE_FROM:
		if (denied(c) == 0)
			break;
		set_number(t->pid, -1);
		t->skipped = true;
		break;
	}
	return (true);
}

static void
leave(struct trace *t, const struct __ptrace_syscall_info *info)
{
	struct trace_call *c = &t->call[t->n - 1];
	enum trace_how how = how_at(t, c);

	t->in_call = false;
	c->returned = true;
	c->ret = info->exit.rval;
	if (!t->skipped) {
		c->made = true;
		c->real = info->exit.rval;
	}
	if (t->skipped || how == TRACE_LATE) {
		c->ret = denied(c) != 0 ? -denied(c) : -t->fault.err;
		set_result(t->pid, c->ret);
	}
	if (t->skipped && t->cut)
		t->cut = false;
	/* The kernel gives all registers back as they were. */
	if (how == TRACE_SHORT || (how == TRACE_CUT && !t->skipped))
		set_count(t->pid, t->saved_count);
	if (how == TRACE_KILL_AFTER)
		(void)kill(t->pid, SIGKILL);
}

/* The program has forked: let it go, and follow the child. */
static void
change_over(struct trace *t)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
	unsigned long pid;

	if (ptrace(PTRACE_GETEVENTMSG, t->pid, NULL, &pid) != 0)
		die("PTRACE_GETEVENTMSG: %s", strerror(errno));
	t->parent = t->pid;
	t->pid = (pid_t)pid;
	if (--t->following > 0)
		options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
	t->in_call = false;
	t->n = 0;
	/* It stops before its first call. */
	if (!wait_stop(t) ||
	    ptrace(PTRACE_SETOPTIONS, t->pid, NULL, (void *)options) != 0)
		die("unable to follow a child");
	if (ptrace(PTRACE_DETACH, t->parent, NULL, NULL) != 0)
		die("PTRACE_DETACH: %s", strerror(errno));
}

/* One stop.  False: pause. */
static bool
look(struct trace *t, int *signal)
{
	struct __ptrace_syscall_info info;
	int why = WSTOPSIG(t->status);

	*signal = 0;
	if (t->following > 0 &&
	    (t->status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8) ||
		t->status >> 8 == (SIGTRAP | PTRACE_EVENT_VFORK << 8))) {
		change_over(t);
		return (true);
	}
	if (why != (SIGTRAP | 0x80)) {
		if (why != SIGTRAP && why != SIGSTOP)
			*signal = why;
		return (true);
	}
	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof(info),
		&info) <= 0) {
		/* Somebody has killed it meanwhile. */
		if (errno == ESRCH)
			return (true);
		die("PTRACE_GET_SYSCALL_INFO: %s", strerror(errno));
	}
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		return (enter(t, &info));
	/* The end of the execve(2) that we saw no beginning of. */
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && t->in_call)
		leave(t, &info);
	return (true);
}

bool
trace_go(struct trace *t)
{
	int signal = 0;

	while (!t->ended) {
		if (ptrace(PTRACE_SYSCALL, t->pid, NULL,
			(void *)(intptr_t)signal) != 0 &&
		    errno != ESRCH)
			die("PTRACE_SYSCALL: %s", strerror(errno));
		if (wait_stop(t) && !look(t, &signal)) {
			struct itimerval none = { .it_value = { 0, 0 } };

			(void)setitimer(ITIMER_REAL, &none, NULL);
			return (true);
		}
	}
	return (false);
}

void
trace_kill(struct trace *t)
{
	if (t->ended)
		return;
	set_number(t->pid, -1);
	(void)kill(t->pid, SIGKILL);
	t->fault.how = TRACE_NOTHING;
	t->skipped = true;
	(void)trace_go(t);
}
