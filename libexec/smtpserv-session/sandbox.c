/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <string.h>
#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

/*
 * The calls that a session makes after its start, the most frequent first.  If
 * the two C libraries make a call in different ways, both are here.
 */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_ppoll,
	SYS_newfstatat,
	SYS_openat,
	SYS_close,
	SYS_pread64,
	SYS_pwrite64,
	SYS_fdatasync,
	SYS_fsync,
	SYS_sync_file_range,
	SYS_renameat2,
	SYS_fstat,
	SYS_unlinkat,
	SYS_fstatfs,
	SYS_statx,
	SYS_clock_gettime,
	SYS_nanosleep,
	SYS_clock_nanosleep,
	SYS_shutdown,
	SYS_getdents64,
	SYS_geteuid,
	SYS_lseek,
	SYS_pwritev2,
	SYS_splice,
	SYS_brk,
	SYS_munmap,
	SYS_madvise,
	SYS_fadvise64,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
	SYS_futex,
	SYS_restart_syscall,
	SYS_wait4,
	SYS_exit_group,
	SYS_exit,
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

/* If we are root, owner_create() makes another user's files by these. */
static const unsigned int OTHERS_CALLS[] = { SYS_setfsuid, SYS_setfsgid,
	SYS_getegid, SYS_fchmod, SYS_fchown };

unsigned int
sandbox_enter(int dirfd, bool is_others, uint64_t file_max)
{
	unsigned int calls[ARRAY_LEN(CALLS) + ARRAY_LEN(OTHERS_CALLS)];
	struct sysconfine c = { .dirfd = dirfd,
		.file_max = file_max,
		.calls = CALLS,
		.n = ARRAY_LEN(CALLS) };

	if (is_others) {
		memcpy(calls, CALLS, sizeof(CALLS));
		memcpy(calls + ARRAY_LEN(CALLS), OTHERS_CALLS,
		    sizeof(OTHERS_CALLS));
		c.calls = calls;
		c.n = ARRAY_LEN(calls);
	}
	return (sysconfine_enter(&c));
}
