/* SPDX-License-Identifier: ISC */
/*
 * faults: what can go wrong at a system call.
 */
#ifndef CRASH_FAULTS_H
#define CRASH_FAULTS_H

#include "trace.h"

enum {
	FAULTS_MAX = 128
};

/* All that is worth trying at this call, the at-th of its run. */
size_t faults_of(
    const struct trace_call *c, size_t at, struct trace_fault list[FAULTS_MAX]);

const char *faults_call_name(uint64_t nr);
const char *faults_how_name(enum trace_how how);

#endif
