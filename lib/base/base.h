/* SPDX-License-Identifier: ISC */
/*
 * base: the vocabulary every other module shares.
 *
 * Pure: no I/O, no allocation, no global state.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>

#define ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#define SMTPSERV_VERSION "2.0"

/* The result of an operation, in the only three classes that mail knows. */
enum result {
	RES_OK = 0,
	RES_TEMP, /* may succeed if tried again unchanged: 4xx, 111 */
	RES_PERM  /* fails until a person changes something: 5xx, 100 */
};

/* The exit codes of every program, unless its protocol names others. */
enum exit_code {
	XC_OK = 0,
	XC_FOUND = 1, /* a `check` found problems */
	XC_PERM = 100,
	XC_TEMP = 111
};

/* Why a system operation failed.  lib/ fills it in, programs print it. */
struct fault {
	const char *op; /* static text: "rename", "sync directory" */
	char name[80];  /* the object, truncated; may be empty */
	int err;        /* errno at the time; 0 where op says it all */
	/*
	 * A sync has failed, or the outcome is not known: the data that this
	 * process has written cannot be trusted (a second sync may succeed
	 * without having written).  The process should end.
	 */
	bool broken;
};

/*
 * Record an errno with its context and classify it.  An errno that base.c does
 * not list is RES_TEMP: trying again is better than losing mail.
 */
enum result fault_set(
    struct fault *f, const char *op, const char *name, int err);

/* The class of a fault, as fault_set() returned it. */
enum result fault_class(const struct fault *f);

/* The one mapping from results to exit codes. */
int exit_code_of(enum result r);

#endif
