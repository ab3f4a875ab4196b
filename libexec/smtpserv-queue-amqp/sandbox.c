/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

/*
 * The message and its envelope, the keeper, then time and memory.  If the two C
 * libraries make a call in different ways, both are here.
 */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_ppoll,
	SYS_pread64,
	SYS_fstat,
	SYS_newfstatat,
	SYS_splice,
	SYS_pwritev2,
	SYS_memfd_create,
	SYS_connect,
	SYS_sendmsg,
	SYS_close,
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
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

unsigned int
sandbox_enter(void)
{
	struct sysconfine c = {
		.dirfd = -1, .calls = CALLS, .n = ARRAY_LEN(CALLS)
	};

	return (sysconfine_enter(&c));
}
