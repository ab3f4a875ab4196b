/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

/* The calls of a page, the most frequent first.  None of them changes a file
 * that is not open already, and of those that are only the client and the log
 * can be written to. */
static const unsigned int CALLS[] = {
	SYS_openat,
	SYS_close,
	SYS_fstat,
	SYS_newfstatat,
	SYS_read,
	SYS_pread64,
	SYS_lseek,
	SYS_write,
	SYS_writev,
	SYS_pwritev2, /* the log's, and splice */
	SYS_splice,
	SYS_getdents64,
	SYS_ppoll,
	SYS_statx,
	SYS_clock_gettime,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_shutdown,
	SYS_futex,
	SYS_getrandom,
	SYS_gettid,
	SYS_getpid,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit_group,
	SYS_exit,
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

unsigned int
sandbox_enter(int dirfd)
{
	struct sysconfine c = { .dirfd = dirfd,
		.is_reader = true,
		.memory_max = SANDBOX_MEMORY_MAX,
		.work_max = SANDBOX_WORK_MAX,
		.calls = CALLS,
		.n = ARRAY_LEN(CALLS) };

	return (sysconfine_enter(&c));
}
