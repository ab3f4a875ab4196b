/* SPDX-License-Identifier: ISC */
#include "confine.h"

#include <sys/syscall.h>

#include "base/base.h"
#include "sys/sysconfine.h"

/* Sockets of the Internet, memory, time, chance, and the program's end. */
static const unsigned int CALLS[] = {
	SYS_ppoll,
	SYS_recvfrom,
	SYS_socket,
	SYS_connect,
	SYS_close,
	SYS_setsockopt,
	SYS_ioctl,
	SYS_getpeername,
	SYS_getsockname,
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_clock_gettime,
	SYS_getrandom,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_futex,
	SYS_getpid,
	SYS_gettid,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_time
	SYS_time,
#endif
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

void
confine_enter(const unsigned int *ports, size_t n)
{
	const struct sysconfine c = { .dirfd = -1,
		.calls = CALLS,
		.n = ARRAY_LEN(CALLS),
		.ports = ports,
		.nports = n };

	/* The page says that an older kernel does less. */
	(void)sysconfine_enter(&c);
}
