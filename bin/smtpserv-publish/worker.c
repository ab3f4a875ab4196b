/* SPDX-License-Identifier: ISC */
#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "amqp/amqpsite.h"
#include "courier.h"
#include "program/logged.h"
#include "sandbox.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	/* What may pass by itself, such as too many open files. */
	TROUBLE_MS = 200
};

/*
 * A client, or -1: a signal, or another worker was faster, or errno.  The
 * socket does not block, so that this is the only place to wait.
 */
static int
next_client(const struct crew *crew)
{
	struct pollfd p = { .fd = crew->listener, .events = POLLIN };

	/* While clients wait, ppoll(2) lets no signal in. */
	if (sysio_look(SYSCLOCK_NEVER, crew->waiting) != SYSIO_OK ||
	    ppoll(&p, 1, NULL, crew->waiting) < 0)
		return (-1);
	return (accept4(crew->listener, NULL, NULL, SOCK_CLOEXEC));
}

static bool
may_pass(int err)
{
	return (err == EINTR || err == EAGAIN || err == EWOULDBLOCK ||
	    err == ECONNABORTED || err == EPROTO);
}

static int
serve(const struct crew *crew, struct courier *c)
{
	while (*crew->is_stopped == 0) {
		int client = next_client(crew);

		if (client >= 0) {
			courier_serve(c, client);
		} else if (!may_pass(errno)) {
			/* It is tried again. */
			(void)logged_failure(crew->log, "accept", "0");
			sysclock_sleep_ms(TROUBLE_MS);
		}
		if (*crew->is_renewed != 0) {
			*crew->is_renewed = 0;
			sending_close(&c->sending);
		}
	}
	sending_close(&c->sending);
	return (XC_OK);
}

int
worker_run(const struct crew *crew, size_t number, struct tally *tally)
{
	/* Not on the stack: a piece of a message is in it. */
	static struct courier courier;
	struct log log;
	struct crew own = *crew;

	log_start(&log, crew->self->name);
	own.log = &log;
	if (setenv("RES_OPTIONS", AMQPSITE_RESOLVER, 0) != 0)
		(void)logged_failure(&log, "set", "RES_OPTIONS"); /* go on */
	courier_init(&courier, &log, crew->settings, tally, number);
	program_cut_by_timers();
	/* What is wrong with the files may be mended by the next link. */
	(void)amqplink_prepare(&courier.site);
	logged_unconfined(&log, sandbox_enter(&courier.site));
	return (serve(&own, &courier));
}
