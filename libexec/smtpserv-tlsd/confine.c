/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

/* The sanitizers' run time makes calls of its own, at any time. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0
#endif

/* Bytes to and fro, memory, time, chance, and the program's end. */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_readv,
	SYS_ppoll,
	SYS_close,
	SYS_shutdown,
	SYS_fcntl,
	SYS_fstat,
	SYS_newfstatat,
	SYS_recvfrom,
	SYS_getrandom,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_futex,
	SYS_sched_yield,
	SYS_clock_gettime,
	SYS_getpid,
	SYS_gettid,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_wait4,
	SYS_exit,
	SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

/* Calls that are harmless with the right argument only. */
static const struct {
	unsigned int call;
	unsigned int argument;
	unsigned int forbidden; /* bits of its lower half */
} CHECKED[] = {
	/* To a connected socket: no address. */
	{ SYS_sendto, 4, ~0U }, { SYS_mmap, 2, PROT_EXEC },
	{ SYS_mprotect, 2, PROT_EXEC }
};

enum {
	FILTER_MAX = 5 + 5 * ARRAY_LEN(CHECKED) + 2 * ARRAY_LEN(CALLS)
};

struct program {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void
emit(struct program *p, struct sock_filter instruction)
{
	p->code[p->n++] = instruction;
}

static void
emit_load(struct program *p, size_t offset)
{
	emit(p,
	    (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset));
}

static void
emit_return(struct program *p, unsigned int verdict)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

static void
emit_if_call(struct program *p, unsigned int call, unsigned char otherwise)
{
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, call, 0, otherwise));
}

static void
emit_checked(struct program *p, size_t i)
{
	size_t low = offsetof(struct seccomp_data, args) +
	    CHECKED[i].argument * sizeof(uint64_t);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low += sizeof(uint32_t);
#endif
	emit_if_call(p, CHECKED[i].call, 4);
	emit_load(p, low);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, CHECKED[i].forbidden, 1, 0));
	emit_return(p, SECCOMP_RET_ALLOW);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
}

static bool
enter_seccomp(void)
{
	struct program p = { .n = 0 };
	struct sock_fprog filter;
	size_t i;

	if (ARCHITECTURE == 0)
		return (false);
	emit_load(&p, offsetof(struct seccomp_data, arch));
	emit(&p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	/* Another architecture's numbers mean other calls. */
	emit_return(&p, SECCOMP_RET_KILL_PROCESS);
	emit_load(&p, offsetof(struct seccomp_data, nr));
	for (i = 0; i < ARRAY_LEN(CHECKED); i++)
		emit_checked(&p, i);
	for (i = 0; i < ARRAY_LEN(CALLS); i++) {
		emit_if_call(&p, CALLS[i], 1);
		emit_return(&p, SECCOMP_RET_ALLOW);
	}
	emit_return(&p, SECCOMP_RET_ERRNO | EPERM);
	filter = (struct sock_fprog){ p.n, p.code };
	return (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

/* A ruleset without a rule: no file at all. */
static bool
enter_landlock(void)
{
	/* What the first version can forbid, opening anything among it. */
	uint64_t rights = (1U << 13) - 1;
	int fd = (int)syscall(
	    SYS_landlock_create_ruleset, &rights, sizeof(rights), 0);
	bool good;

	if (fd < 0)
		return (false);
	good = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	(void)close(fd);
	return (good);
}

bool
confine_enter(void)
{
	/* The key is in memory: never into a file. */
	struct rlimit none = { 0, 0 };
	bool good = setrlimit(RLIMIT_CORE, &none) == 0;

	if (SANITIZED)
		return (good);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return (false);
	good = enter_landlock() && good;
	/* Last, because it forbids the calls above. */
	return (enter_seccomp() && good);
}
