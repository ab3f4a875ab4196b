/* SPDX-License-Identifier: ISC */
/*
 * sysconfine: give up, for good, the rights that a process which faces
 * strangers does not need.
 *
 * After sysconfine_enter() the process reaches only the files beneath some
 * directories (Landlock), makes only the system calls named (seccomp, see
 * sysfilter.h; others fail with EPERM), gains no privilege (no_new_privs), and
 * leaves no core (resource limits).  Descriptors that are open stay open.
 *
 * A program that is built with sanitizers gets only the limits, because the
 * sanitizers' run time makes calls of its own at any time.
 */
#ifndef SYS_SYSCONFINE_H
#define SYS_SYSCONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The parts that this kernel could not do; bits. */
enum {
	SYSCONFINE_NO_PRIVS = 1U << 0, /* no_new_privs, nor the two below */
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
	/* Those files can only be read and listed. */
	bool is_reader;
	/* Other directories, for reading alone; -1: one that is not there. */
	const int *readable;
	size_t nreadable;
	/* And one whose files can be written; 0: none. */
	int other;
	/* No file grows beyond this size; 0: as it was. */
	uint64_t file_max;
	/* Octets of memory, and seconds of work until SIGXCPU; 0: as before. */
	uint64_t memory_max;
	unsigned int work_max;
	/* For sysfilter_enter(): the most frequent first. */
	const unsigned int *calls;
	size_t n;
	/* TCP connections can be made to these ports, and to no other. */
	const unsigned int *ports;
	size_t nports;
};

/*
 * Returns the parts that are missing; the others hold all the same.
 */
unsigned int sysconfine_enter(const struct sysconfine *c);

#endif
