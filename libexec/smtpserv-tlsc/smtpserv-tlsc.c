/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-tlsc: speak TLS to a server that somebody else has connected to,
 * and say who it is before it gets a byte of what we have to say.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine.h"
#include "order.h"
#include "program/logged.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"
#include "sys/sysio.h"
#include "tlspolicy/tlsverdict.h"
#include "tunnel/confine.h"
#include "tunnel/tunnel.h"
#include "verdict.h"

enum {
	NET_OUT = 7, /* the connection once more */
	/*
	 * Milliseconds for what the program said last.  One that was killed is
	 * not to be outlived by much.
	 */
	LAST_WORDS = 500,
	/* No server gets a line, or it gets one: there is no third. */
	XC_REFUSED = 1
};

static const struct program SELF = { "smtpserv-tlsc",
	"[-n] -l level [-C cafile] [-s name] [-m name ...]\n"
	"           [-T records ...] [-c cert [-k key]] [-w seconds]",
	"level: may, encrypt, verify or dane\n" };

/* A write to nobody is an error of write(2). */
static const struct program_signals SIGNALS = { .ignored = { SIGPIPE } };

static struct order order;
static struct engine engine;
static struct tunnel tunnel = { .library = &ENGINE_LIBRARY,
	.net = ENGINE_NET,
	.from_program = STDIN_FILENO,
	.to_program = STDOUT_FILENO,
	.last_words_ms = LAST_WORDS,
	.hears_out = true };
static struct log to_log;

/* All files are read: away with the right to read them, and all others. */
static bool
give_up_rights(void)
{
	/* The talker may run as the same user, and has less to hide. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return (false);
	if (!confine_enter())
		log_why(&to_log, "unconfined",
		    "this kernel has no Landlock or seccomp");
	return (true);
}

static bool
is_connected(void)
{
	return (program_has_connection() && fcntl(ENGINE_NET, F_GETFD) >= 0 &&
	    fcntl(NET_OUT, F_GETFD) >= 0);
}

/* True: there is TLS, as it was demanded, and the program knows. */
static bool
shake_hands(void)
{
	int64_t until = sysclock_after(sysclock_ms(), order.seconds);
	char store[TLSVERDICT_MAX];
	struct buf line;
	bool is_good = false;

	buf_init(&line, store, sizeof(store));
	tunnel.tls = engine.ssl;
	errno = 0;
	switch (tunnel_handshake(&tunnel, until)) {
	case TUNNEL_SHAKEN:
		is_good = verdict_put_good(&line, &engine);
		break;
	case TUNNEL_REFUSED:
		if (!verdict_put_bad(&line, &engine, NULL))
			return (false);
		break;
	case TUNNEL_SILENT:
		if (!verdict_put_bad(
			&line, &engine, "the server takes too long"))
			return (false);
		break;
	}
	return (sysio_write(STDOUT_FILENO, buf_view(&line), until, NULL) ==
		SYSIO_OK &&
	    is_good);
}

static int
serve(void)
{
	if (!sysfd_set_nonblocking(ENGINE_NET) ||
	    !sysfd_set_nonblocking(STDIN_FILENO) ||
	    !sysfd_set_nonblocking(STDOUT_FILENO))
		return (logged_failure(&to_log, "use", "descriptors"));
	if (!shake_hands())
		return (XC_REFUSED);
	engine_settle(&engine);
	tunnel_carry(&tunnel, SYSCLOCK_NEVER);
	return (XC_OK);
}

static int
run(void)
{
	char store[ENGINE_WHY_MAX];
	struct buf why;

	buf_init(&why, store, sizeof(store));
	if (!engine_open(&engine, &order, &why) ||
	    (order.is_trial && !engine_is_in_time(&engine, &order, &why))) {
		log_why(&to_log, "fault",
		    buf_cstr(&why) == NULL ? "unknown" : store);
		return (XC_TEMP);
	}
	if (order.is_trial)
		return (XC_OK);
	if (!give_up_rights())
		return (logged_failure(&to_log, "hide", "memory"));
	return (serve());
}

int
main(int argc, char **argv)
{
	static const int keep[] = { ENGINE_NET, NET_OUT };
	bool is_order;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	opterr = 0;
	is_order = order_read(&order, argc, argv);
	sysfd_close_others(keep, ARRAY_LEN(keep));
	log_start(&to_log, SELF.name);
	if (!is_order)
		return (logged_misuse(&to_log, &SELF));
	program_set_signals(&SIGNALS, NULL);
	if (!order.is_trial && !is_connected()) {
		log_why(&to_log, "fault", "0, 1, 6 and 7 are to be open");
		return (XC_PERM);
	}
	code = run();
	engine_close(&engine);
	return (code);
}
