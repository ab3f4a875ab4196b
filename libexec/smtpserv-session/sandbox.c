/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"

/* The sanitizers' run time makes calls of its own, at any time. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0
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
	SYS_fcntl,
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
	SYS_ftruncate,
	SYS_getdents64,
	SYS_lseek,
	SYS_brk,
	SYS_munmap,
	SYS_madvise,
	SYS_rt_sigreturn,
	SYS_rt_sigprocmask,
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

/* Calls that are harmless with the right argument only. */
static const struct {
	unsigned int call;
	unsigned int argument;
	unsigned int forbidden; /* bits of its lower half */
} CHECKED[] = {
	/* To a connected socket: no address. */
	{ SYS_sendto, 4, ~0U }, { SYS_mmap, 2, PROT_EXEC },
	{ SYS_mprotect, 2, PROT_EXEC }
};

enum {
	FILTER_MAX = 7 + 5 * ARRAY_LEN(CHECKED) + ARRAY_LEN(CALLS)
};

struct program {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void
emit(struct program *p, struct sock_filter instruction)
{
	p->code[p->n++] = instruction;
}

static void
emit_load(struct program *p, size_t offset)
{
	emit(p,
	    (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset));
}

static void
emit_return(struct program *p, unsigned int verdict)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, verdict));
}

static void
emit_checked(struct program *p, size_t i)
{
	size_t low = offsetof(struct seccomp_data, args) +
	    CHECKED[i].argument * sizeof(uint64_t);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low += sizeof(uint32_t);
#endif
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, CHECKED[i].call, 0, 4));
	emit_load(p, low);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, CHECKED[i].forbidden, 1, 0));
	emit_return(p, SECCOMP_RET_ALLOW);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
}

static void
emit_calls(struct program *p)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(CALLS); i++)
		emit(p,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			CALLS[i], (unsigned char)(ARRAY_LEN(CALLS) - i), 0));
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_return(p, SECCOMP_RET_ALLOW);
}

static bool
enter_seccomp(void)
{
	struct program p = { .n = 0 };
	struct sock_fprog filter;
	size_t i;

	if (ARCHITECTURE == 0)
		return (false);
	emit_load(&p, offsetof(struct seccomp_data, arch));
	emit(&p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	/* Another architecture's numbers mean other calls. */
	emit_return(&p, SECCOMP_RET_KILL_PROCESS);
	emit_load(&p, offsetof(struct seccomp_data, nr));
	/*
	 * To no end but this: the kernel interprets a new filter once for
	 * every call there is, on each of its architectures, to learn which
	 * are always allowed, and gives up where it meets an instruction that
	 * it does not follow.  That search costs as much as all the rest of
	 * the installation; for the few calls of a session it never pays.
	 */
	emit(&p, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	for (i = 0; i < ARRAY_LEN(CHECKED); i++)
		emit_checked(&p, i);
	emit_calls(&p);
	filter = (struct sock_fprog){ p.n, p.code };
	return (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}

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

unsigned int
sandbox_enter(int dirfd, uint64_t file_max)
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
	if (!enter_seccomp())
		missing |= SANDBOX_NO_SECCOMP;
	return (missing);
}
