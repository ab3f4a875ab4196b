/* SPDX-License-Identifier: ISC */
/*
 * given: the text of N.WRK, as the caller of a qmail-queue program gives it
 * beside the protocol's own envelope (SMTPSERV_ENVELOPE).
 *
 * It is read line by line, in constant memory, and believed as little as any
 * other input: a line is one that a session could have written.  It is a
 * regular file that is read from its beginning, wherever its descriptor stands,
 * and that may grow until the last line is wanted; or something else, such as a
 * pipe, which is read to its end before the first line.
 */
#ifndef SUBMIT_GIVEN_H
#define SUBMIT_GIVEN_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "bytes/bytes.h"
#include "sys/sysio.h"

enum {
	GIVEN_LINE_MAX = 4096,
	GIVEN_NAME_MAX = 63
};

enum given_status {
	GIVEN_SENDER, /* From: */
	GIVEN_RCPT,   /* To: */
	GIVEN_OF_RCPT,
	GIVEN_PARAMETER, /* of the message, an ESMTP parameter */
	GIVEN_FACT,      /* of the message, the session's word */
	GIVEN_END,
	GIVEN_BAD,   /* a line that is none of these, or is torn */
	GIVEN_FAILED /* errno says why */
};

struct given {
	/* Private. */
	int fd;
	bool is_file;
	off_t at;
	size_t n;
	size_t used;
	char chunk[GIVEN_LINE_MAX];
};

void given_init(struct given *g, int fd);

/*
 * Does it say that the message is binary?  What is there so far is asked; a
 * pipe is not.
 */
bool given_is_binary(const struct given *g);

/*
 * To be called once, before the first line.  What is no file is read into one
 * in memory, until the deadline, with that signal mask.  SYSIO_FAILED: errno.
 */
enum sysio_status given_open(
    struct given *g, int64_t until_ms, const sigset_t *open) MUST_CHECK;

/* The next line, its views valid until the next call. */
enum given_status given_next(
    struct given *g, struct bytes *name, struct bytes *value);

#endif
