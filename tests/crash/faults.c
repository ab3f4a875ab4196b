/* SPDX-License-Identifier: ISC */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

enum {
	ERRORS_MAX = 8
};

/*
 * The errors that a call can plausibly return.  A close that fails has closed
 * all the same; a rename or unlink that fails may have done its work.
 */
static const struct row {
	long nr;
	const char *name;
	enum trace_how how;
	int err[ERRORS_MAX];
} ROWS[] = {
	{ SYS_read, "read", TRACE_FAIL, { EIO, EINTR } },
	{ SYS_pread64, "pread", TRACE_FAIL, { EIO, EINTR } },
	{ SYS_write, "write", TRACE_FAIL,
	    { ENOSPC, EDQUOT, EIO, EINTR, EFBIG } },
	{ SYS_pwrite64, "pwrite", TRACE_FAIL, { ENOSPC, EDQUOT, EIO, EINTR } },
	{ SYS_sendto, "send", TRACE_FAIL,
	    { EPIPE, ECONNRESET, EINTR, EAGAIN, ENOMEM } },
	{ SYS_openat, "openat", TRACE_FAIL,
	    { EMFILE, ENOMEM, EACCES, EIO, EINTR, ENOSPC, EDQUOT } },
#ifdef SYS_open
	{ SYS_open, "open", TRACE_FAIL,
	    { EMFILE, ENOMEM, EACCES, EIO, EINTR } },
#endif
	{ SYS_close, "close", TRACE_LATE, { EIO, EINTR, ENOSPC, EDQUOT } },
	{ SYS_fsync, "fsync", TRACE_FAIL, { EIO, ENOSPC, EDQUOT, EINTR } },
	{ SYS_fdatasync, "fdatasync", TRACE_FAIL,
	    { EIO, ENOSPC, EDQUOT, EINTR } },
	{ SYS_sync_file_range, "sync_file_range", TRACE_FAIL,
	    { EIO, ENOSPC, EDQUOT, ESPIPE, ENOSYS } },
	{ SYS_renameat2, "renameat2", TRACE_FAIL,
	    { ENOSPC, EDQUOT, EIO, ENOMEM, EACCES, EINVAL, EEXIST } },
	{ SYS_renameat2, "renameat2", TRACE_LATE, { EIO, ENOENT, EINTR } },
#ifdef SYS_renameat
	{ SYS_renameat, "renameat", TRACE_FAIL,
	    { ENOSPC, EDQUOT, EIO, EACCES } },
	{ SYS_renameat, "renameat", TRACE_LATE, { EIO, ENOENT } },
#endif
	{ SYS_linkat, "linkat", TRACE_FAIL, { ENOSPC, EDQUOT, EIO, EACCES } },
	{ SYS_linkat, "linkat", TRACE_LATE, { EIO, ENOENT } },
	{ SYS_unlinkat, "unlinkat", TRACE_FAIL, { EIO, EACCES, EBUSY } },
	{ SYS_unlinkat, "unlinkat", TRACE_LATE, { EIO, EINTR } },
	{ SYS_ftruncate, "ftruncate", TRACE_FAIL, { EIO, EINTR, ENOSPC } },
	{ SYS_newfstatat, "fstatat", TRACE_FAIL, { EIO, ENOMEM, EACCES } },
	{ SYS_fstat, "fstat", TRACE_FAIL, { EIO, ENOMEM } },
	{ SYS_fstatfs, "fstatfs", TRACE_FAIL, { EIO, ENOSYS } },
	{ SYS_getdents64, "getdents", TRACE_FAIL, { EIO, ENOMEM } },
	{ SYS_fcntl, "fcntl", TRACE_FAIL, { EINTR, ENOLCK, EIO } },
	{ SYS_ppoll, "ppoll", TRACE_FAIL, { EINTR, ENOMEM } },
	{ SYS_mmap, "mmap", TRACE_FAIL, { ENOMEM } },
	{ SYS_munmap, "munmap", TRACE_FAIL, { ENOMEM } },
	{ SYS_mprotect, "mprotect", TRACE_FAIL, { ENOMEM } },
	{ SYS_brk, "brk", TRACE_FAIL, { ENOMEM } },
	{ SYS_close_range, "close_range", TRACE_FAIL, { ENOSYS, ENOMEM } },
	{ SYS_getpeername, "getpeername", TRACE_FAIL, { ENOTCONN, ENOMEM } },
	{ SYS_prctl, "prctl", TRACE_FAIL, { EINVAL, EPERM } },
	{ SYS_prlimit64, "prlimit", TRACE_FAIL, { EPERM } },
	{ 444, "landlock_create_ruleset", TRACE_FAIL, { ENOSYS, EOPNOTSUPP } },
	{ 445, "landlock_add_rule", TRACE_FAIL, { ENOMEM } },
	{ 446, "landlock_restrict_self", TRACE_FAIL, { EPERM, E2BIG } },
	{ SYS_shutdown, "shutdown", TRACE_FAIL, { ENOTCONN } },
	{ SYS_uname, "uname", TRACE_FAIL, { EFAULT } },
	{ SYS_clone, "clone", TRACE_FAIL, { EAGAIN, ENOMEM } },
	{ SYS_wait4, "wait4", TRACE_FAIL, { EINTR } },
	{ SYS_ioctl, "ioctl", TRACE_FAIL, { ENOTTY } },
	{ SYS_lseek, "lseek", TRACE_FAIL, { ESPIPE } },
	{ SYS_exit_group, "exit_group", TRACE_NOTHING, { 0 } },
	{ SYS_getuid, "getuid", TRACE_NOTHING, { 0 } },
	{ SYS_getpid, "getpid", TRACE_NOTHING, { 0 } },
	{ SYS_rt_sigaction, "rt_sigaction", TRACE_FAIL, { EINVAL } },
	{ SYS_rt_sigprocmask, "rt_sigprocmask", TRACE_FAIL, { EINVAL } },
	{ SYS_set_tid_address, "set_tid_address", TRACE_NOTHING, { 0 } },
#ifdef SYS_arch_prctl
	{ SYS_arch_prctl, "arch_prctl", TRACE_NOTHING, { 0 } },
#endif
};

enum {
	NROWS = sizeof(ROWS) / sizeof(ROWS[0])
};

const char *
faults_call_name(uint64_t nr)
{
	static char text[32];
	size_t i;

	for (i = 0; i < NROWS; i++)
		if ((uint64_t)ROWS[i].nr == nr)
			return (ROWS[i].name);
	(void)snprintf(text, sizeof(text), "call %llu", (unsigned long long)nr);
	return (text);
}

const char *
faults_how_name(enum trace_how how)
{
	static const char *const names[] = { "nothing", "killed before",
		"killed after", "fails", "done, reported as failed", "short",
		"short, then fails", "fails from here on", "paused" };

	return (names[how]);
}

struct list {
	struct trace_fault *f;
	size_t n;
	size_t at;
};

static void
add(struct list *l, enum trace_how how, int err, size_t count)
{
	if (l->n == FAULTS_MAX)
		die("too many faults");
	l->f[l->n++] = (struct trace_fault){ .how = how,
		.at = l->at,
		.err = err,
		.count = count };
}

/* Fewer bytes than were asked for. */
static void
add_transfers(struct list *l, const struct trace_call *c)
{
	size_t n = c->real > 0 ? (size_t)c->real : 0;
	size_t cut;

	if (n > 1)
		add(l, TRACE_SHORT, 0, 1);
	if (n > 3)
		add(l, TRACE_SHORT, 0, n / 2);
	/* The client is gone, at the byte it pleases. */
	if (c->nr == SYS_read && c->arg[0] == 0)
		add(l, TRACE_FAIL, 0, 0);
	if (c->nr == SYS_pwrite64)
		for (cut = 1; cut < n && cut < 90; cut++)
			add(l, TRACE_CUT, EIO, cut);
	if (c->nr == SYS_write && c->arg[0] > 2)
		add(l, TRACE_CUT, ENOSPC, n / 2);
}

static bool
takes_space(const struct trace_call *c)
{
	return (c->nr == SYS_pwrite64 || c->nr == SYS_renameat2 ||
	    (c->nr == SYS_write && c->arg[0] > 2) ||
	    (c->nr == SYS_openat && (c->arg[2] & O_CREAT) != 0));
}

size_t
faults_of(
    const struct trace_call *c, size_t at, struct trace_fault list[FAULTS_MAX])
{
	struct list l = { list, 0, at };
	bool known = false;
	size_t i;
	size_t j;

	for (i = 0; i < NROWS; i++) {
		if ((uint64_t)ROWS[i].nr != c->nr)
			continue;
		known = true;
		if (ROWS[i].how == TRACE_NOTHING)
			continue;
		for (j = 0; j < ERRORS_MAX && ROWS[i].err[j] != 0; j++)
			add(&l, ROWS[i].how, ROWS[i].err[j], 0);
	}
	if (!known) {
		add(&l, TRACE_FAIL, ENOSYS, 0);
		add(&l, TRACE_FAIL, ENOMEM, 0);
	}
	if (c->nr == SYS_fcntl && c->arg[1] == F_OFD_SETLK)
		add(&l, TRACE_FAIL, EAGAIN, 0);
	if (c->nr == SYS_read || c->nr == SYS_pread64 || c->nr == SYS_write ||
	    c->nr == SYS_pwrite64 || c->nr == SYS_sendto)
		add_transfers(&l, c);
	if (takes_space(c))
		add(&l, TRACE_FROM, ENOSPC, 0);
	return (l.n);
}
