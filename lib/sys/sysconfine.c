/* SPDX-License-Identifier: ISC */
#include "sys/sysconfine.h"

#include <linux/landlock.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/sysfilter.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* Rights that the headers of older kernels do not name. */
enum {
	FS_RIGHTS_ABI1 = (1U << 13) - 1,
	FS_REFER = 1U << 13,     /* ABI 2 */
	FS_TRUNCATE = 1U << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1U << 15, /* ABI 5 */
	NET_RIGHTS = 3U,         /* ABI 4: bind and connect by TCP */
	NET_CONNECT = 2U,
	NET_ABI = 4,
	RULE_NET_PORT = 2,
	SCOPES = 3U, /* ABI 6: abstract sockets, and signals */
	READ_RIGHTS =
	    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	DIR_RIGHTS = READ_RIGHTS | LANDLOCK_ACCESS_FS_WRITE_FILE |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
	    FS_TRUNCATE
};

/* struct landlock_ruleset_attr, as later kernels know it. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

/* struct landlock_net_port_attr, likewise. */
struct port_rule {
	uint64_t allowed;
	uint64_t port;
};

/* All that this kernel can forbid; returns the size of the part it knows. */
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
	if (abi >= NET_ABI)
		r->net = NET_RIGHTS;
	if (abi >= 6)
		r->scoped = SCOPES;
	if (abi >= 6)
		return (sizeof(*r));
	return (abi >= NET_ABI ? offsetof(struct ruleset, scoped)
			       : offsetof(struct ruleset, net));
}

static bool
allow_beneath(int ruleset, int dirfd, uint64_t rights)
{
	struct landlock_path_beneath_attr dir = { .allowed_access = rights,
		.parent_fd = dirfd };

	return (dirfd < 0 ||
	    syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&dir, 0) == 0);
}

static bool
allow_port(int ruleset, unsigned int port)
{
	struct port_rule rule = { NET_CONNECT, port };

	return (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule,
		    0) == 0);
}

static bool
allow(int ruleset, const struct sysconfine *c, const struct ruleset *rights)
{
	uint64_t own = (c->is_reader ? READ_RIGHTS : DIR_RIGHTS) & rights->fs;
	size_t i;

	if (!allow_beneath(ruleset, c->dirfd, own) ||
	    (c->other > 0 &&
		!allow_beneath(ruleset, c->other, DIR_RIGHTS & rights->fs)))
		return (false);
	for (i = 0; i < c->nreadable; i++)
		if (!allow_beneath(
			ruleset, c->readable[i], READ_RIGHTS & rights->fs))
			return (false);
	for (i = 0; i < c->nports && rights->net != 0; i++)
		if (!allow_port(ruleset, c->ports[i]))
			return (false);
	return (true);
}

static bool
enter_landlock(const struct sysconfine *c)
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
	good = allow(fd, c, &rights) &&
	    syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	(void)close(fd);
	return (good);
}

/*
 * Of a processor's time the hard limit is a second later: a process that gets
 * there is killed, and never hears the signal of the other.
 */
static bool
lower_limit(int resource, rlim_t most)
{
	struct rlimit limit;
	rlim_t hard = resource == RLIMIT_CPU ? most + 1 : most;

	if (getrlimit(resource, &limit) != 0)
		return (false);
	if (limit.rlim_cur > most)
		limit.rlim_cur = most;
	if (limit.rlim_max > hard)
		limit.rlim_max = hard;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return (setrlimit(resource, &limit) == 0);
}

static bool
lower_limits(const struct sysconfine *c)
{
	const struct {
		int resource;
		uint64_t most;
	} rows[] = { { RLIMIT_FSIZE, c->file_max },
		/* The sanitizers map far more than they use. */
		{ RLIMIT_AS, SANITIZED ? 0 : c->memory_max },
		{ RLIMIT_CPU, c->work_max } };
	/* A core file must not hold a message or a key. */
	bool good = lower_limit(RLIMIT_CORE, 0);
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].most > 0 &&
		    !lower_limit(rows[i].resource, (rlim_t)rows[i].most))
			good = false;
	return (good);
}

unsigned int
sysconfine_enter(const struct sysconfine *c)
{
	unsigned int missing = lower_limits(c) ? 0 : SYSCONFINE_NO_LIMITS;

	if (SANITIZED)
		return (missing);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return (missing | SYSCONFINE_NO_PRIVS | SYSCONFINE_NO_LANDLOCK |
		    SYSCONFINE_NO_SECCOMP);
	if (!enter_landlock(c))
		missing |= SYSCONFINE_NO_LANDLOCK;
	/* Last, because it forbids the calls above. */
	if (!sysfilter_enter(c->calls, c->n))
		missing |= SYSCONFINE_NO_SECCOMP;
	return (missing);
}
