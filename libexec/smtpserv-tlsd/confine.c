/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "sys/sysfilter.h"

/* The sanitizers' run time makes calls of its own, at any time. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* Bytes to and fro, memory, time, chance, and the program's end. */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_readv,
	SYS_pwritev2,
	SYS_splice,
	SYS_ppoll,
	SYS_close,
	SYS_shutdown,
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
	return (sysfilter_enter(CALLS, ARRAY_LEN(CALLS)) && good);
}
