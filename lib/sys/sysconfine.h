/* SPDX-License-Identifier: ISC */
/*
 * sysconfine: give up, for good, what a process that faces strangers does not
 * need.
 *
 * After sysconfine_enter() the process reaches no file but those beneath one
 * directory (Landlock), makes no system call but those named (seccomp, see
 * sysfilter.h; others fail with EPERM), gains no privilege (no_new_privs), and
 * leaves no core (resource limits).  What is open stays open.
 *
 * A program that is built with sanitizers gets the limits only: their run time
 * makes calls of its own, at any time.
 */
#ifndef SYS_SYSCONFINE_H
#define SYS_SYSCONFINE_H

#include <stddef.h>
#include <stdint.h>

/* What this kernel could not do; bits. */
enum {
	SYSCONFINE_NO_PRIVS = 1U << 0, /* no_new_privs, and so nothing else */
	SYSCONFINE_NO_LANDLOCK = 1U << 1,
	SYSCONFINE_NO_SECCOMP = 1U << 2,
	SYSCONFINE_NO_LIMITS = 1U << 3
};

struct sysconfine {
	/*
	 * Files beneath it can be read, written, made, removed and listed;
	 * -1: no file at all can be opened.
	 */
	int dirfd;
	/* No file grows beyond this size; 0: as it was. */
	uint64_t file_max;
	/* For sysfilter_enter(): what is called most of all first. */
	const unsigned int *calls;
	size_t n;
};

/* Returns what is missing; what the kernel can do is done all the same. */
unsigned int sysconfine_enter(const struct sysconfine *c);

#endif
