/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <errno.h>
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
	SYS_fadvise64,
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

/* Directories, all open. */
struct places {
	int fd[PLACES];
	size_t n;
};

static void
close_places(struct places *p)
{
	while (p->n > 0)
		(void)close(p->fd[--p->n]); /* the rules have been made */
}

/* The directory that a file is in; if there is not any file, none. */
static enum result
open_place(struct places *p, const char *path, struct fault *why)
{
	char dir[CONF_VALUE_MAX];
	struct bytes text = bytes_of(path);
	size_t at;
	int fd;

	if (!bytes_find_last(text, '/', &at))
		return (RES_OK);
	if (at >= sizeof(dir) - 1)
		return (fault_set(why, "open", path, ENAMETOOLONG));
	memcpy(dir, text.p, at + 1);
	dir[at + 1] = '\0';
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return (fault_set(why, "open", dir, errno));
	p->fd[p->n++] = fd;
	return (RES_OK);
}

/*
 * Without one of them the process could never connect; one of the system's may
 * be missing.
 */
static enum result
open_places(struct places *p, const struct amqpsite *site, struct fault *why)
{
	const char *const files[] = { site->ca, site->cert, site->key,
		site->login };
	enum result r = open_place(p, "/etc/", why);
	size_t i;

	if (r == RES_OK &&
	    open_place(p, "/run/systemd/resolve/", why) != RES_OK &&
	    why->err != ENOENT)
		r = fault_class(why);
	for (i = 0; i < ARRAY_LEN(files) && r == RES_OK; i++)
		r = open_place(p, files[i], why);
	return (r);
}

static unsigned int
enter(int dirfd, const struct amqpsite *site, const struct places *readable,
    const struct places *other)
{
	unsigned int calls[ARRAY_LEN(CALLS) + ARRAY_LEN(OTHERS_CALLS)];
	unsigned int ports[SETTINGS_NODES_MAX + 1] = { DNS_PORT };
	struct sysconfine c = { .dirfd = dirfd,
		.calls = calls,
		.n = ARRAY_LEN(CALLS),
		.ports = ports,
		.nports = site->nnodes + 1,
		.readable = readable->fd,
		.nreadable = readable->n,
		.other = other->n > 0 ? other->fd[0] : 0 };
	size_t i;

	memcpy(calls, CALLS, sizeof(CALLS));
	if (geteuid() == 0) {
		memcpy(calls + ARRAY_LEN(CALLS), OTHERS_CALLS,
		    sizeof(OTHERS_CALLS));
		c.n = ARRAY_LEN(calls);
	}
	for (i = 0; i < site->nnodes; i++)
		ports[i + 1] = (unsigned int)site->nodes[i].port;
	return (sysconfine_enter(&c));
}

enum result
sandbox_enter(int dirfd, const struct settings *settings,
    const struct amqpsite *site, unsigned int *missing, struct fault *why)
{
	struct places readable = { .n = 0 };
	struct places other = { .n = 0 };
	enum result r = open_places(&readable, site, why);

	if (r == RES_OK)
		r = open_place(&other, settings->pull.stat, why);
	if (r == RES_OK)
		*missing = enter(dirfd, site, &readable, &other);
	close_places(&readable);
	close_places(&other);
	return (r);
}
