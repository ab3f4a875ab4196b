/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

/* If the two C libraries make a call in different ways, both are here. */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_ppoll,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_setsockopt,
	SYS_pread64,
	SYS_close,
	SYS_shutdown,
	SYS_fstat,
	SYS_newfstatat,
	SYS_lseek,
	SYS_pwritev2,
	SYS_splice,
	SYS_clock_gettime,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_brk,
	SYS_munmap,
	SYS_madvise,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_futex,
	SYS_restart_syscall,
	SYS_exit_group,
	SYS_exit,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

unsigned int
sandbox_enter(void)
{
	static const struct sysconfine c = {
		.dirfd = -1, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	return (sysconfine_enter(&c));
}
