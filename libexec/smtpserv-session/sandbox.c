/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <linux/landlock.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
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

/*
 * What a session does after its start, what it does most of all first.  Both C
 * libraries' ways to make each call are here.
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

/* By these owner_create() makes another user's files, if we are root. */
static const unsigned int OTHERS_CALLS[] = { SYS_setfsuid, SYS_setfsgid,
	SYS_getegid, SYS_fchmod, SYS_fchown };

/* Rights that older kernels' headers do not name. */
enum {
	FS_RIGHTS_ABI1 = (1U << 13) - 1,
	FS_REFER = 1U << 13,     /* ABI 2 */
	FS_TRUNCATE = 1U << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1U << 15, /* ABI 5 */
	NET_RIGHTS = 3U,         /* ABI 4: bind and connect by TCP */
	SCOPES = 3U,             /* ABI 6: abstract sockets, and signals */
	SPOOL_RIGHTS = LANDLOCK_ACCESS_FS_READ_FILE |
	    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
};

/* struct landlock_ruleset_attr, as later kernels know it. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* All that this kernel can forbid; returns the size of what it knows. */
static size_t
handled(long abi, struct ruleset *r)
{
	*r = (struct ruleset){ FS_RIGHTS_ABI1, 0, 0 };
	if (abi >= 2)
		r->fs |= FS_REFER;
	if (abi >= 3)
		r->fs |= FS_TRUNCATE;
	if (abi >= 5)
		r->fs |= FS_IOCTL_DEV;
	if (abi >= 4)
		r->net = NET_RIGHTS;
	if (abi >= 6)
		r->scoped = SCOPES;
	if (abi >= 6)
		return (sizeof(*r));
	return (abi >= 4 ? offsetof(struct ruleset, scoped)
			 : offsetof(struct ruleset, net));
}

static bool
allow_spool(int ruleset, int dirfd, uint64_t known)
{
	struct landlock_path_beneath_attr spool = {
		.allowed_access = (SPOOL_RIGHTS | FS_TRUNCATE) & known,
		.parent_fd = dirfd
	};

	return (dirfd < 0 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&spool, 0) == 0);
}

static bool
enter_landlock(int dirfd)
{
	struct ruleset rights;
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	bool good;
	int fd;

	if (abi < 1)
		return (false);
	fd = (int)syscall(
	    SYS_landlock_create_ruleset, &rights, handled(abi, &rights), 0);
	if (fd < 0)
		return (false);
	good = allow_spool(fd, dirfd, rights.fs) &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	(void)close(fd);
	return (good);
}

static bool
lower_limit(int resource, rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) != 0)
		return (false);
	if (limit.rlim_max > most)
		limit.rlim_max = most;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return (setrlimit(resource, &limit) == 0);
}

static bool
enter_seccomp(bool is_others)
{
	unsigned int calls[ARRAY_LEN(CALLS) + ARRAY_LEN(OTHERS_CALLS)];

	if (!is_others)
		return (sysfilter_enter(CALLS, ARRAY_LEN(CALLS)));
	memcpy(calls, CALLS, sizeof(CALLS));
	memcpy(calls + ARRAY_LEN(CALLS), OTHERS_CALLS, sizeof(OTHERS_CALLS));
	return (sysfilter_enter(calls, ARRAY_LEN(calls)));
}

unsigned int
sandbox_enter(int dirfd, bool is_others, uint64_t file_max)
{
	unsigned int missing = 0;

	/* A message in a core file is a message in the wrong place. */
	if (!lower_limit(RLIMIT_CORE, 0) ||
	    (file_max > 0 && !lower_limit(RLIMIT_FSIZE, (rlim_t)file_max)))
		missing |= SANDBOX_NO_LIMITS;
	if (SANITIZED)
		return (missing);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return (missing | SANDBOX_NO_PRIVS | SANDBOX_NO_LANDLOCK |
		    SANDBOX_NO_SECCOMP);
	if (!enter_landlock(dirfd))
		missing |= SANDBOX_NO_LANDLOCK;
	/* Last, because it forbids the calls above. */
	if (!enter_seccomp(is_others))
		missing |= SANDBOX_NO_SECCOMP;
	return (missing);
}
