/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-tlsd: speak TLS for a program that never sees the key.
 *
 * smtpserv-tls(8) becomes this when the program has asked for TLS, and not
 * before: only here is a TLS library, and only here is the key.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/num.h"
#include "engine.h"
#include "key.h"
#include "program/logged.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"
#include "sys/sysio.h"
#include "sys/syspeer.h"
#include "sys/sysuser.h"
#include "tunnel/confine.h"
#include "tunnel/tunnel.h"
#include "ucspi/ucspitls.h"

enum {
	/* Seconds for a client to be through with the handshake. */
	HANDSHAKE = 50,
	/* More than a session needs to end when its time is over. */
	GRACE = 15,
	/* Milliseconds for what the program said last to get out. */
	LAST_WORDS = 20000,
	/* And for the client to read it and close. */
	LINGER = 2000,
	SECONDS_MAX = 3600,
	LAST_FD = 65535
};

/* How TLS was asked for. */
enum how {
	HOW_TRIAL,    /* n: nobody asked, somebody wants to know */
	HOW_FIRST,    /* TLS, and then the program */
	HOW_ASKED,    /* ?: could it begin? */
	HOW_TOLD,     /* Y: begin, and say what came of it */
	HOW_TOLD_ONLY /* y: begin */
};

struct order {
	enum how how;
	const char *user; /* "": stay who we are */
	struct key_files files;
	int ctl;
	int in;
	int out;
	pid_t program;
	uint32_t seconds; /* for the handshake */
	uint32_t life;    /* seconds for all that comes behind it; 0: any */
};

static const struct program SELF = { "smtpserv-tlsd",
	"[-f file] [-c cert] [-k key] [-t seconds] [-u user] "
	"[-U user] how control in out pid",
	"       smtpserv-tlsd [-f file] [-c cert] [-k key] n\n" };

static const struct program_signals SIGNALS = {
	/* A write to nobody is an error of write(2). */
	.ignored = { SIGPIPE },
	/* The program's end is ours. */
	.usual = { SIGCHLD },
};

static struct tunnel tunnel = {
	.library = &ENGINE, .last_words_ms = LAST_WORDS, .linger_ms = LINGER
};
static struct log to_log;
static struct syspeer peer;

static bool
read_how(const char *word, enum how *how)
{
	static const char *const words[] = { "n", "first", "?", "Y", "y" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(word, words[i]) == 0) {
			*how = (enum how)i;
			return (true);
		}
	return (false);
}

static bool
read_fd(const char *word, int *fd)
{
	uint64_t n;

	if (!num_parse(bytes_of(word), LAST_FD, &n) || n < 3)
		return (false);
	*fd = (int)n;
	return (true);
}

static bool
read_options(int argc, char **argv, struct order *o)
{
	const char *user = "";
	uint64_t n;
	int opt;

	*o = (struct order){
		.seconds = HANDSHAKE, .ctl = -1, .in = -1, .out = -1
	};
	while ((opt = getopt(argc, argv, "+f:c:k:t:u:U:")) != -1) {
		if (opt == 'f')
			o->files.conf = optarg;
		else if (opt == 'c')
			o->files.cert = optarg;
		else if (opt == 'k')
			o->files.key = optarg;
		else if (opt == 't' &&
		    num_parse(bytes_of(optarg), SECONDS_MAX, &n) && n > 0)
			o->seconds = (uint32_t)n;
		else if (opt == 'u')
			user = optarg;
		else if (opt == 'U')
			o->user = optarg;
		else
			return (false);
	}
	if (o->user == NULL)
		o->user = user;
	if (optind == argc || !read_how(argv[optind], &o->how))
		return (false);
	if (o->how == HOW_TRIAL)
		return (argc - optind == 1);
	if (argc - optind != 5 ||
	    !num_parse(bytes_of(argv[optind + 4]), INT32_MAX, &n) || n == 0)
		return (false);
	o->program = (pid_t)n;
	return (read_fd(argv[optind + 1], &o->ctl) &&
	    read_fd(argv[optind + 2], &o->in) &&
	    read_fd(argv[optind + 3], &o->out));
}

/* The key is in memory: away with the right to read it once more. */
static enum result
give_up_rights(const struct order *o)
{
	struct sysuser user;
	struct fault why;
	enum result r = RES_OK;

	if (o->user[0] != '\0') {
		r = sysuser_find(&user, o->user, &why);
		if (r == RES_OK)
			r = sysuser_become(&user, &why);
	}
	/* The session may run as the same user, and must not look in here. */
	if (r == RES_OK && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		r = fault_set(&why, "hide", "memory", errno);
	if (r != RES_OK)
		log_fault(&to_log, &why);
	else if (!confine_enter())
		log_why(&to_log, "unconfined",
		    "this kernel has no Landlock or seccomp");
	return (r);
}

static bool
tell(int ctl, struct bytes text)
{
	return (sysio_write(ctl, text, SYSCLOCK_NEVER, NULL) == SYSIO_OK);
}

/* The answer whether TLS could begin; then wait to be told to. */
static bool
is_told(struct order *o, bool can)
{
	char byte;
	size_t got;

	if (o->how != HOW_ASKED)
		return (can);
	if (!tell(o->ctl, bytes_of(can ? "+" : "-")) || !can ||
	    sysio_read(o->ctl, &byte, 1, &got, SYSCLOCK_NEVER, NULL) !=
		SYSIO_OK)
		return (false);
	o->how = byte == 'Y' ? HOW_TOLD : HOW_TOLD_ONLY;
	return (byte == 'Y' || byte == 'y');
}

static bool
tell_facts(struct order *o)
{
	char store[1024];
	struct buf b;
	const char *name = tls_conn_servername(tunnel.tls);

	if (o->how == HOW_TOLD_ONLY)
		return (true);
	buf_init(&b, store, sizeof(store));
	(void)ucspitls_put(
	    &b, "SSL_PROTOCOL", bytes_of(tls_conn_version(tunnel.tls)));
	(void)ucspitls_put(
	    &b, "SSL_CIPHER", bytes_of(tls_conn_cipher(tunnel.tls)));
	if (name != NULL && !bytes_has_control(bytes_of(name)))
		(void)ucspitls_put(
		    &b, "SSL_TLS_SNI_SERVERNAME", bytes_of(name));
	(void)buf_putc(&b, '\0');
	return (!buf_overflowed(&b) && tell(o->ctl, buf_view(&b)));
}

/* NULL, or why there is no TLS. */
static const char *
shake_hands(const struct order *o, struct tls *server)
{
	int64_t until = sysclock_after(sysclock_ms(), o->seconds);
	struct tls *tls = NULL;

	if (tls_accept_fds(server, &tls, STDIN_FILENO, STDOUT_FILENO) != 0)
		return (tls_error(server));
	tunnel.tls = tls;
	switch (tunnel_handshake(&tunnel, until)) {
	case TUNNEL_SHAKEN:
		return (NULL);
	case TUNNEL_SILENT:
		return ("the client takes too long");
	case TUNNEL_REFUSED:
		break;
	}
	return (tls_error(tls) == NULL ? "connection closed" : tls_error(tls));
}

static void
serve(struct order *o, struct tls *server)
{
	const char *why;

	tunnel.net = STDIN_FILENO;
	tunnel.from_program = o->in;
	tunnel.to_program = o->out;
	if (!sysfd_set_nonblocking(STDIN_FILENO) ||
	    !sysfd_set_nonblocking(STDOUT_FILENO) ||
	    !sysfd_set_nonblocking(o->in) || !sysfd_set_nonblocking(o->out))
		why = strerror(errno);
	else
		why = shake_hands(o, server);
	if (why != NULL) {
		log_why(&to_log, "notls", why);
		return;
	}
	if (!tell_facts(o))
		return;
	(void)close(o->ctl);
	o->ctl = -1;
	tunnel_carry(&tunnel,
	    sysclock_after(sysclock_ms(), o->life == 0 ? 0 : o->life + GRACE));
}

/* Show the program that no more comes from us; the client is its own again. */
static void
close_ends(const struct order *o)
{
	/* Some are closed already, and no other has taken their numbers. */
	if (o->ctl >= 0)
		(void)close(o->ctl);
	if (tunnel.tls == NULL || tunnel.from_program >= 0)
		(void)close(o->in);
	if (tunnel.tls == NULL || tunnel.to_program >= 0)
		(void)close(o->out);
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
}

/* The program's end is ours. */
static int
end_with(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (XC_TEMP);
	return (WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP);
}

static void
close_others(const struct order *o)
{
	const int keep[] = { o->ctl, o->in, o->out };

	sysfd_close_others(keep, ARRAY_LEN(keep));
}

static int
run(struct order *o)
{
	struct tls *server;
	enum result r;

	if (syspeer_remote(&peer, STDIN_FILENO) && peer.ip[0] != '\0')
		log_set_peer(&to_log, bytes_of(peer.ip));
	o->files.is_trial = o->how == HOW_TRIAL;
	server = key_load(&o->files, &to_log, &r, &o->life);
	if (o->how == HOW_TRIAL) {
		tls_free(server);
		return (exit_code_of(r));
	}
	if (r == RES_OK)
		r = give_up_rights(o);
	if (is_told(o, r == RES_OK))
		serve(o, server);
	close_ends(o);
	/* The key is not to be in memory longer than necessary. */
	tls_free(tunnel.tls);
	tls_free(server);
	return (end_with(o->program));
}

int
main(int argc, char **argv)
{
	struct order order;
	bool is_order;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	opterr = 0;
	is_order = read_options(argc, argv, &order);
	if (is_order && order.how != HOW_TRIAL)
		close_others(&order);
	/* Not before: the log may have a descriptor of its own. */
	log_start(&to_log, SELF.name);
	if (!is_order)
		return (logged_misuse(&to_log, &SELF));
	program_set_signals(&SIGNALS, NULL);
	return (run(&order));
}
