/* SPDX-License-Identifier: ISC */
#include "sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sysconfine.h"

enum {
	DNS_PORT = 53,
	DIRS_MAX = 16
};

/* Messages, a link; then what it takes to make one; then time and memory. */
static const unsigned int CALLS[] = {
	SYS_recvfrom,
	SYS_ppoll,
	SYS_pread64,
	SYS_timer_settime,
	SYS_accept4,
	SYS_recvmsg,
	SYS_fstat,
	SYS_newfstatat,
	SYS_close,
	SYS_read,
	SYS_write,
	SYS_writev,
	SYS_readv,
	SYS_splice,
	SYS_pwritev2,
	SYS_shutdown,
	SYS_socket,
	SYS_connect,
	SYS_getsockopt,
	SYS_setsockopt,
	SYS_getsockname,
	SYS_getpeername,
	SYS_bind,
	SYS_sendmmsg,
	SYS_ioctl,
	SYS_timer_create,
	SYS_timer_delete,
	SYS_openat,
	SYS_lseek,
	SYS_getdents64,
	SYS_getrandom,
	SYS_clock_gettime,
	SYS_clock_nanosleep,
	SYS_nanosleep,
	SYS_brk,
	SYS_munmap,
	SYS_mremap,
	SYS_madvise,
	SYS_futex,
	SYS_getpid,
	SYS_gettid,
	SYS_getuid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getegid,
	SYS_uname,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_restart_syscall,
	SYS_exit,
	SYS_exit_group,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_open
	SYS_open,
	SYS_stat,
#endif
#ifdef SYS_gettimeofday
	SYS_gettimeofday,
#endif
};

struct dirs {
	int fds[DIRS_MAX];
	size_t n;
};

/* What is not there need not be readable. */
static void
add_dir(struct dirs *d, const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (d->n < DIRS_MAX)
		d->fds[d->n++] = fd;
	else
		(void)close(fd);
}

static void
add_parent(struct dirs *d, const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(dir))
		return;
	memcpy(dir, path, n + 1);
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return;
	slash[slash == dir ? 1 : 0] = '\0';
	add_dir(d, dir);
}

/* A file is replaced in its directory; a link, and its aim as well. */
static void
add_file(struct dirs *d, const char *path)
{
	char real[PATH_MAX];

	add_parent(d, path);
	if (realpath(path, real) != NULL)
		add_parent(d, real);
}

unsigned int
sandbox_enter(const struct amqpsite *site)
{
	struct dirs dirs = { .n = 0 };
	unsigned int ports[SETTINGS_NODES_MAX + 1];
	struct sysconfine c = { .dirfd = -1,
		.calls = CALLS,
		.n = ARRAY_LEN(CALLS),
		.readable = dirs.fds,
		.ports = ports };
	unsigned int missing;
	size_t i;

	add_dir(&dirs, "/etc");
	add_dir(&dirs, "/run/systemd/resolve");
	add_dir(&dirs, "/usr/lib/ssl");
	add_file(&dirs, site->ca);
	add_file(&dirs, site->cert);
	add_file(&dirs, site->key);
	add_file(&dirs, site->login);
	for (i = 0; i < site->nnodes; i++)
		ports[c.nports++] = (unsigned int)site->nodes[i].port;
	ports[c.nports++] = DNS_PORT;
	c.nreadable = dirs.n;
	missing = sysconfine_enter(&c);
	for (i = 0; i < dirs.n; i++)
		(void)close(dirs.fds[i]);
	return (missing);
}
