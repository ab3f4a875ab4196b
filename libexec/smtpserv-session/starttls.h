/* SPDX-License-Identifier: ISC */
/*
 * starttls: UCSPI-TLS, the side of the program.
 *
 * TLS is another process's work.  It waits at the other end of three
 * descriptors: one to tell it to begin and to hear how it went, two that carry
 * the clear text afterwards.  smtpserv-tls(8), s6-ucspitlsd and sslserver are
 * such providers.  This needs only system calls that a session makes anyway.
 */
#ifndef SMTPSERV_SESSION_STARTTLS_H
#define SMTPSERV_SESSION_STARTTLS_H

#include <signal.h>

#include "peer.h"
#include "sys/sysio.h"
#include "ucspi/ucspitls.h"

struct starttls {
	bool is_possible;
	/* Private. */
	bool can_ask;
	int ctl;
	int in;
	int out;
};

/*
 * From SSLCTLFD, SSLREADFD and SSLWRITEFD: if these are not descriptors that
 * are open, TLS is not possible.  With SMTPSERV_TLS=ask the provider can be
 * asked first.
 */
void starttls_find(struct starttls *t, peer_env_fn *env);

/* Close all from 3 upwards but those. */
void starttls_close_others(const struct starttls *t);

/* Could the provider begin?  If it cannot be asked, yes. */
bool starttls_ask(
    const struct starttls *t, int64_t until_ms, const sigset_t *open);

/*
 * Begin, now that the client was told so: 0 and 1 are clear text again when
 * the answer is SYSIO_OK.  Else the connection cannot be used any further;
 * SYSIO_EOF: the handshake failed.
 */
enum sysio_status starttls_begin(struct starttls *t,
    struct ucspitls_facts *facts, int64_t until_ms, const sigset_t *open);

#endif
