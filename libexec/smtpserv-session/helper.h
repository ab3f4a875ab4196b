/* SPDX-License-Identifier: ISC */
/*
 * helper: the process that runs programs for the session, smtpserv-broker(8).
 *
 * This is the only file of the session that starts one, and it does so before
 * the session has read a byte.  A session that needs no helper has none.
 */
#ifndef SMTPSERV_SESSION_HELPER_H
#define SMTPSERV_SESSION_HELPER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"

struct helper {
	int fd; /* the socket to it; -1: there is none */
	pid_t pid;
};

/* Those of smtp.queue and smtp.auth, "" if not set. */
struct helper_programs {
	const char *queue;
	const char *auth;
	bool gives_whole; /* the whole envelope, to the queue */
	uint32_t seconds; /* that each may take */
};

/* Its file is beside the session's own program. */
enum result helper_start(struct helper *h, const struct helper_programs *p,
    struct fault *why) MUST_CHECK;

/*
 * The session is over: the helper ends, too, once it has made sure that no
 * program is left.  Waits for that, but not for long.
 */
void helper_end(struct helper *h);

#endif
