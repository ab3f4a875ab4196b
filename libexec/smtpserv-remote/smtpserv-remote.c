/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-remote: bring mail to another host.
 *
 * It reads the command line and the settings, connects to the first address
 * that can be had, and parts in two.  The child is the dialer (dialer.c), which
 * reaches the next address and starts TLS, and never reads a byte of a host.
 * The parent is the talker (talker.c): before it reads the first byte it is in
 * a sandbox, and has nothing to lose.
 *
 * In this order a message to a host that answers waits for no other process.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/remote.h"
#include "dialer.h"
#include "fed.h"
#include "message.h"
#include "order.h"
#include "program/configured.h"
#include "program/logged.h"
#include "program/problem.h"
#include "relay/account.h"
#include "sandbox.h"
#include "sieve.h"
#include "single.h"
#include "sys/sysclock.h"
#include "sys/sysconfine.h"
#include "sys/sysfd.h"
#include "trial.h"

enum {
	HOST_SIZE = 256, /* octets of our name */
	RCPTS_MAX = 10000,
	WHY_SIZE = 1024
};

static const struct program SELF = { "smtpserv-remote",
	"[-f file] host sender recipient ...\n"
	"       smtpserv-remote -n [-f file] host\n"
	"       smtpserv-remote --feed [-f file] [--requiretls | --tlsno] hop",
	NULL };

/* A peer that is gone is an error of send(2). */
static const struct program_signals SIGNALS = {
	.ignored = { SIGPIPE, SIGXFSZ },
	.usual = { SIGCHLD, SIGTERM, SIGINT, SIGHUP },
};

struct rooms {
	int code; /* to end with */
	struct order order;
	struct configured configured;
	struct settings settings;
	char name[HOST_SIZE];
	struct relay_account account;
	struct talk_settings talk;
	struct dialer dialer;
	struct log log;
	struct talker talker;
	struct fed fed;
	struct letter letter;
	struct talkmail_rcpt rcpts[RCPTS_MAX];
	/* The first thing that is wrong with the settings. */
	struct buf why;
	char why_store[WHY_SIZE];
};

/* Not on the stack: it is large, and touched only as far as it is used. */
static struct rooms rooms;

/* A conf_report_fn. */
static void
take_mistake(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line, const char *key, const char *text)
{
	struct rooms *r = ctx;

	if (weight == CONF_NOTE || buf_view(&r->why).n > 0)
		return;
	problem_put_conf(&r->why, weight, file, line, key, text);
}

/* Each kind of start has its own way to say why nothing was done; false. */
static bool
refuse(struct rooms *r, char letter, const char *status, const char *why)
{
	struct log_line line;

	r->code =
	    letter == 'D' && r->order.kind != ORDER_SEND ? XC_PERM : XC_TEMP;
	if (why == NULL)
		why = "settings that are wrong, and too long to be told";
	if (r->order.kind == ORDER_SEND) {
		if (single_say(letter, status, why))
			r->code = XC_OK;
	} else if (r->order.kind == ORDER_TRY) {
		problem_say(&SELF, "%s", why);
	} else {
		log_begin(&line, &r->log, "refused");
		log_text(&line, "why", bytes_of(why));
		log_end(&line);
	}
	return (false);
}

static bool
load(struct rooms *r)
{
	buf_init(&r->why, r->why_store, sizeof(r->why_store));
	r->configured = (struct configured){
		.option = r->order.config, .report = take_mistake, .ctx = r
	};
	if (configured_load_bare(&r->configured, &r->settings, &REMOTE_KEYS) !=
	    RES_OK)
		return (refuse(r, 'Z', "4.3.5", buf_cstr(&r->why)));
	if (configured_host(&r->configured, &r->settings, r->name,
		sizeof(r->name)) != RES_OK)
		return (refuse(r, 'Z', "4.3.5", buf_cstr(&r->why)));
	return (true);
}

static bool
find_host(struct rooms *r)
{
	struct dialer *d = &r->dialer;

	if (!relay_parse(bytes_of(r->order.argv[0]), &d->finder.to))
		return (refuse(r, 'D', "5.1.2",
		    "not a host: want example.org, or "
		    "[relay.example]:587"));
	d->remote = &r->settings.remote;
	d->hop = r->order.argv[0];
	d->log = &r->log;
	d->finder.config = r->order.config;
	d->finder.port = d->finder.to.port;
	if (d->finder.port == 0)
		d->finder.port = (uint16_t)r->settings.remote.port;
	d->is_requiretls = r->order.is_requiretls;
	d->is_tlsno = r->order.is_tlsno;
	return (true);
}

/* Only a host that is named has one. */
static bool
find_account(struct rooms *r)
{
	struct dialer *d = &r->dialer;
	const char *path = r->settings.remote.auth;
	enum relay_found found = RELAY_NONE;

	buf_init(&r->why, r->why_store, sizeof(r->why_store));
	if (path[0] != '\0' && d->finder.to.kind != RELAY_DOMAIN)
		found = account_find(
		    path, &d->finder.to, d->finder.port, &r->account, &r->why);
	if (found == RELAY_BAD)
		return (refuse(r, 'Z', "4.3.5", buf_cstr(&r->why)));
	d->has_account = found == RELAY_FOUND;
	d->is_plaintext = r->account.is_plaintext;
	return (true);
}

static bool
take_message(struct rooms *r)
{
	struct letter *l = &r->letter;
	struct fault why;
	int i;

	if (r->order.argc - 2 > RCPTS_MAX)
		return (refuse(r, 'D', "5.5.3", "too many recipients"));
	if (message_take(STDIN_FILENO, r->settings.remote.filter, &l->fd,
		&l->from, &why) != RES_OK) {
		buf_reset(&r->why);
		(void)buf_printf(&r->why, "unable to %s %s: %s", why.op,
		    why.name, strerror(why.err));
		return (refuse(r, 'Z', "4.3.0", buf_cstr(&r->why)));
	}
	l->since_ms = sysclock_ms();
	l->mail.sender = bytes_of(r->order.argv[1]);
	l->mail.rcpt = r->rcpts;
	l->mail.nrcpt = (size_t)(r->order.argc - 2);
	for (i = 2; i < r->order.argc; i++)
		r->rcpts[i - 2].mailbox = bytes_of(r->order.argv[i]);
	return (true);
}

static void
set_talk(struct rooms *r)
{
	const struct settings_remote *remote = &r->settings.remote;
	const struct dialer *d = &r->dialer;

	r->talk = (struct talk_settings){
		.helo =
		    bytes_of(remote->helo[0] != '\0' ? remote->helo : r->name),
		.window = remote->window < TALK_WINDOW_MAX ? remote->window
							   : TALK_WINDOW_MAX,
		.chunking = remote->chunking != 0,
		.messages = remote->messages,
		.is_relay = d->finder.to.kind != RELAY_DOMAIN,
		.is_requiretls = d->is_requiretls,
		.fears_loops = d->finder.to.kind == RELAY_DOMAIN,
		.has_account = d->has_account,
		.says_auth = remote->mailauth != 0,
		.user = { r->account.user, r->account.nuser },
		.password = { r->account.password, r->account.npassword },
	};
}

/*
 * From here on a stranger speaks.  A kernel that lacks something is no reason
 * to keep mail, but the administrator should know.
 */
static void
confine(struct rooms *r)
{
	static const struct {
		unsigned int bit;
		const char *what;
	} rows[] = {
		{ SYSCONFINE_NO_PRIVS, "no_new_privs" },
		{ SYSCONFINE_NO_LANDLOCK, "Landlock" },
		{ SYSCONFINE_NO_SECCOMP, "seccomp" },
		{ SYSCONFINE_NO_LIMITS, "resource limits" },
	};
	unsigned int missing = sandbox_enter();
	struct log_line line;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if ((missing & rows[i].bit) == 0)
			continue;
		log_begin(&line, &r->log, "sandbox");
		log_text(&line, "missing", bytes_of(rows[i].what));
		log_end(&line);
	}
}

/*
 * The talker: what it has is 0, 1, 2, the dialer, and what messages come from:
 * a text, or a socket of records.
 */
static int
talk(struct rooms *r, int hand, int input)
{
	struct talker *t = &r->talker;
	int keep[2] = { hand, input };
	bool good = true;

	sysfd_close_others(keep, input > STDERR_FILENO ? 2 : 1);
	log_start(&r->log, SELF.name);
	t->remote = &r->settings.remote;
	t->settings = &r->talk;
	t->is_plaintext = r->dialer.is_plaintext;
	t->hop = r->order.argv[0];
	t->log = &r->log;
	t->hand = hand;
	confine(r);
	if (r->order.kind == ORDER_SEND) {
		good = single_run(t, &r->letter);
	} else if (r->order.kind == ORDER_TRY) {
		good = trial_run(t);
	} else {
		t->input = input;
		good = sysfd_set_nonblocking(input);
		if (good)
			fed_run(&r->fed, t);
	}
	explicit_bzero(&r->account, sizeof(r->account));
	talker_end(t);
	return (good ? XC_OK : XC_TEMP);
}

/* The dialer, until the talker ends.  What that has is not for it. */
static int
dial(struct rooms *r, int hand)
{
	int keep[2] = { r->dialer.talk, r->dialer.socket };

	explicit_bzero(&r->account, sizeof(r->account));
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	/* Where nothing can be opened, programs find nothing there. */
	if (!program_open_standard())
		return (XC_TEMP);
	(void)close(hand);
	sysfd_close_others(keep, keep[1] < 0 ? 1 : 2);
	dialer_serve(&r->dialer);
	return (XC_OK);
}

/* A child that lives no longer than we do. */
static pid_t
fork_child(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0 &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(XC_TEMP);
	return (pid);
}

/*
 * Where the talker reads messages from: the text, or the worker's socket, or
 * that of the process which filters what comes from there.
 */
static int
open_input(struct rooms *r)
{
	const char *filter = r->settings.remote.filter;
	int pair[2];
	pid_t pid;

	if (r->order.kind == ORDER_SEND)
		return (r->letter.fd);
	if (r->order.kind == ORDER_TRY || filter[0] == '\0')
		return (STDIN_FILENO);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return (-1);
	pid = fork_child();
	if (pid == 0) {
		explicit_bzero(&r->account, sizeof(r->account));
		(void)close(pair[0]);
		sieve_run(STDIN_FILENO, pair[1], filter);
		_exit(XC_OK);
	}
	(void)close(pair[1]);
	return (pid > 0 ? pair[0] : -1);
}

/* True: r->code is what came of it. */
static bool
part(struct rooms *r)
{
	int input = open_input(r);
	int pair[2];
	pid_t pid;

	if (input < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return (refuse(r, 'Z', "4.3.0", strerror(errno)));
	r->dialer.talk = pair[0];
	r->dialer.watch = r->order.kind == ORDER_FEED ? STDIN_FILENO : -1;
	/* What comes of it waits in the socket for the talker. */
	if (!dialer_begin(&r->dialer))
		return (false);
	pid = dialer_is_needed(&r->dialer) ? fork_child() : 1;
	if (pid < 0)
		return (refuse(r, 'Z', "4.3.0", strerror(errno)));
	r->code = pid == 0 ? dial(r, pair[1]) : talk(r, pair[1], input);
	return (true);
}

/*
 * qmail-rspawn gives its programs the report's pipe as descriptor 2, too.  What
 * is logged must not get in there.
 */
static void
set_log(struct rooms *r)
{
	struct stat out;
	struct stat err;

	if (r->order.kind == ORDER_SEND && fstat(STDOUT_FILENO, &out) == 0 &&
	    fstat(STDERR_FILENO, &err) == 0 && !S_ISCHR(out.st_mode) &&
	    out.st_dev == err.st_dev && out.st_ino == err.st_ino)
		(void)close(STDERR_FILENO);
	log_start(&r->log, SELF.name);
}

static bool
run(struct rooms *r)
{
	if (!load(r) || !find_host(r) || !find_account(r) ||
	    (r->order.kind == ORDER_SEND && !take_message(r)))
		return (false);
	set_talk(r);
	return (part(r));
}

/* What is missing is not in the message, but in who starts us. */
static int
misuse(const struct rooms *r)
{
	if (r->order.kind != ORDER_SEND)
		return (program_misused(&SELF));
	return (single_say('D', "5.3.5", "smtpserv-remote was started wrongly")
		? XC_OK
		: XC_TEMP);
}

int
main(int argc, char **argv)
{
	struct rooms *r = &rooms;
	int code;

	r->code = XC_TEMP;
	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	/* qmail-rspawn takes this for a trouble that passes. */
	if (!program_has_connection())
		return (XC_TEMP);
	if (!order_parse(argc, argv, &r->order))
		return (misuse(r));
	set_log(r);
	/* A password may be in here: no core, and no looking in. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	program_set_signals(&SIGNALS, NULL);
	r->letter.fd = -1;
	/* Where it went wrong, it is said why. */
	(void)run(r);
	return (r->code);
}
