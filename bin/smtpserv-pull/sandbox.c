/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "conf/conf.h"
#include "sys/sysconfine.h"
#include "sys/sysfilter.h"

enum {
	DNS_PORT = 53,
	PLACES = 6
};

/*
 * The calls of a commit, those of a connection with TLS, and those of the
 * resolver.  The most frequent come first.
 */
static const unsigned int CALLS[] = {
	SYS_read,
	SYS_write,
	SYS_newfstatat,
	SYS_rt_sigprocmask,
	SYS_recvfrom,
	SYS_ppoll,
	SYS_timer_settime,
	SYS_openat,
	SYS_close,
	SYS_pread64,
	SYS_pwrite64,
	SYS_sync_file_range,
	SYS_fdatasync,
	SYS_fsync,
	SYS_renameat2,
	SYS_futex,
	SYS_exit,
	SYS_set_robust_list,
	SYS_rseq,
	SYS_unlinkat,
	SYS_fstat,
	SYS_fstatfs,
	SYS_statx,
	SYS_getdents64,
	SYS_lseek,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_socket,
	SYS_connect,
	SYS_getsockname,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_shutdown,
	SYS_sendmsg,
	SYS_recvmsg,
	SYS_sendmmsg,
	SYS_ioctl,
	SYS_writev,
	SYS_uname,
	SYS_sysinfo,
	SYS_getrandom,
	SYS_getpid,
	SYS_gettid,
	SYS_geteuid,
	SYS_timer_create,
	SYS_timer_delete,
	SYS_rt_sigaction,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_rename
	SYS_rename,
	SYS_unlink,
#endif
};

/* If we are root, owner_create() makes another user's files by these. */
static const unsigned int OTHERS_CALLS[] = { SYS_setfsuid, SYS_setfsgid,
	SYS_getegid, SYS_fchmod, SYS_fchown };

_Static_assert(
    ARRAY_LEN(CALLS) + ARRAY_LEN(OTHERS_CALLS) <= SYSFILTER_CALLS_MAX,
    "more calls than there may be");

/* The directory that a path is in, or -1. */
static int
open_place(const char *path)
{
	char dir[CONF_VALUE_MAX];
	struct bytes text = bytes_of(path);
	size_t at;

	if (!bytes_find_last(text, '/', &at) || at >= sizeof(dir) - 1)
		return (-1);
	memcpy(dir, text.p, at + 1);
	dir[at + 1] = '\0';
	return (open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static void
close_places(const int *places, size_t n, int other)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (places[i] >= 0)
			(void)close(places[i]); /* the rules have been made */
	if (other > 0)
		(void)close(other); /* likewise */
}

unsigned int
sandbox_enter(
    int dirfd, const struct settings *settings, const struct amqpsite *site)
{
	unsigned int calls[ARRAY_LEN(CALLS) + ARRAY_LEN(OTHERS_CALLS)];
	unsigned int ports[SETTINGS_NODES_MAX + 1] = { DNS_PORT };
	int places[PLACES] = { open_place("/etc/"),
		open_place("/run/systemd/resolve/"), open_place(site->ca),
		open_place(site->cert), open_place(site->key),
		open_place(site->login) };
	struct sysconfine c = { .dirfd = dirfd,
		.calls = calls,
		.n = ARRAY_LEN(CALLS),
		.ports = ports,
		.nports = site->nnodes + 1,
		.readable = places,
		.nreadable = PLACES,
		.other = open_place(settings->pull.stat) };
	unsigned int missing;
	size_t i;

	memcpy(calls, CALLS, sizeof(CALLS));
	if (geteuid() == 0) {
		memcpy(calls + ARRAY_LEN(CALLS), OTHERS_CALLS,
		    sizeof(OTHERS_CALLS));
		c.n = ARRAY_LEN(calls);
	}
	for (i = 0; i < site->nnodes; i++)
		ports[i + 1] = (unsigned int)site->nodes[i].port;
	missing = sysconfine_enter(&c);
	close_places(places, PLACES, c.other);
	return (missing);
}
