/* SPDX-License-Identifier: ISC */
#include "tunnel/confine.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

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

bool
confine_enter(void)
{
	static const struct sysconfine tls = {
		.dirfd = -1, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	return (sysconfine_enter(&tls) == 0);
}
