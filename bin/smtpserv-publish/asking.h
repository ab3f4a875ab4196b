/* SPDX-License-Identifier: ISC */
/*
 * asking: run programs side by side, and hear what each of them prints.
 */
#ifndef SMTPSERV_PUBLISH_ASKING_H
#define SMTPSERV_PUBLISH_ASKING_H

#include <sys/types.h>

#include "bytes/bytes.h"

enum {
	ASKING_WORDS_MAX = 24,
	ASKING_TEXT_MAX = 262144
};

struct asking {
	/* argv[0] is looked for in PATH, else in /usr/sbin; a NULL ends it. */
	const char *argv[ASKING_WORDS_MAX + 1];
	char text[ASKING_TEXT_MAX];
	size_t n;
	int code;        /* its exit code, or XC_TEMP: it has none */
	const char *why; /* it was not heard to its end, or NULL */
	/* Private. */
	int fd;
	pid_t pid;
};

/* Start it.  What it complains of is thrown away. */
void asking_begin(struct asking *a);

/* Hear it to its end, but at most until then; who is late is killed. */
void asking_end(struct asking *a, int64_t until_ms);

#endif
