/* SPDX-License-Identifier: ISC */
#include "sys/sysfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/base.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#define ARCHITECTURE 0
#endif

/* Calls that are harmless only with the right argument. */
static const struct {
	unsigned int call;
	unsigned int argument;
	unsigned int forbidden; /* bits of its lower half */
} CHECKED[] = {
	/* To a connected socket: no address. */
	{ SYS_sendto, 4, ~0U }, { SYS_mmap, 2, PROT_EXEC },
	{ SYS_mprotect, 2, PROT_EXEC }
};

/*
 * The commands that fcntl may have: locks, copies, and flags.  Others make a
 * descriptor send signals, even SIGKILL, to any process of the same user.
 */
static const unsigned int FCNTLS[] = { F_OFD_SETLK, F_OFD_GETLK, F_GETFL,
	F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC };

enum {
	FCNTL_CODE = 7 + ARRAY_LEN(FCNTLS),
	CLONE_CODE = 7,
	SOCKET_CODE = 6,
	FILTER_MAX = 7 + 5 * ARRAY_LEN(CHECKED) + SOCKET_CODE + FCNTL_CODE +
	    CLONE_CODE + SYSFILTER_CALLS_MAX
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

/* The lower half of an argument. */
static void
emit_load_argument(struct program *p, unsigned int i)
{
	size_t low = offsetof(struct seccomp_data, args) + i * sizeof(uint64_t);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	low += sizeof(uint32_t);
#endif
	emit_load(p, low);
}

static void
emit_fcntl(struct program *p)
{
	unsigned char n = ARRAY_LEN(FCNTLS);
	unsigned char i;

	emit(p,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fcntl,
		0, (unsigned char)(FCNTL_CODE - 1)));
	emit_load_argument(p, 1);
	for (i = 0; i < n; i++)
		emit(p,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			FCNTLS[i], (unsigned char)(n - i + 3), 0));
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, F_SETFL, 0, 2));
	emit_load_argument(p, 2);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, O_ASYNC, 0, 1));
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_return(p, SECCOMP_RET_ALLOW);
}

/*
 * Threads, for syssync_all(); never another process.  What the newer call is to
 * make cannot be seen from here: a C library that is told that the kernel does
 * not know it takes the older one.
 */
static void
emit_clone(struct program *p)
{
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1));
	emit_return(p, SECCOMP_RET_ERRNO | ENOSYS);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, CLONE_CODE - 3));
	emit_load_argument(p, 0);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0));
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_return(p, SECCOMP_RET_ALLOW);
}

/* By other families local services could be reached, or the kernel's. */
static void
emit_socket(struct program *p)
{
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, SOCKET_CODE - 1));
	emit_load_argument(p, 0);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_return(p, SECCOMP_RET_ALLOW);
}

static bool
is_named(const unsigned int *calls, size_t n, unsigned int call)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (calls[i] == call)
			return (true);
	return (false);
}

static void
emit_checked(struct program *p, size_t i)
{
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, CHECKED[i].call, 0, 4));
	emit_load_argument(p, CHECKED[i].argument);
	emit(p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JSET | BPF_K, CHECKED[i].forbidden, 1, 0));
	emit_return(p, SECCOMP_RET_ALLOW);
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
}

static void
emit_calls(struct program *p, const unsigned int *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		emit(p,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			calls[i], (unsigned char)(n - i), 0));
	emit_return(p, SECCOMP_RET_ERRNO | EPERM);
	emit_return(p, SECCOMP_RET_ALLOW);
}

bool
sysfilter_enter(const unsigned int *calls, size_t n)
{
	struct program p = { .n = 0 };
	struct sock_fprog filter;
	size_t i;

	if (ARCHITECTURE == 0 || n > SYSFILTER_CALLS_MAX)
		return (false);
	emit_load(&p, offsetof(struct seccomp_data, arch));
	emit(&p,
	    (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
	/* Another architecture's numbers mean other calls. */
	emit_return(&p, SECCOMP_RET_KILL_PROCESS);
	emit_load(&p, offsetof(struct seccomp_data, nr));
	/*
	 * Its only purpose is to save time.  The kernel interprets a new filter
	 * once for every call there is, on each of its architectures, to learn
	 * which are always allowed, and gives up if it meets an instruction
	 * that it does not follow.  That search costs as much as all the rest
	 * of the installation; for the few calls of a short life it never pays.
	 */
	emit(&p, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	emit_fcntl(&p);
	emit_clone(&p);
	if (is_named(calls, n, SYS_socket))
		emit_socket(&p);
	for (i = 0; i < ARRAY_LEN(CHECKED); i++)
		emit_checked(&p, i);
	emit_calls(&p, calls, n);
	filter = (struct sock_fprog){ p.n, p.code };
	return (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
}
