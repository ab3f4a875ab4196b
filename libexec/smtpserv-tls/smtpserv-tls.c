/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-tls: UCSPI-TLS, the side of the server: waits to be asked for TLS.
 *
 * Most connections never ask.  So this program does not know TLS: it starts the
 * program that is to be served, and waits for one byte.  When asked, it becomes
 * smtpserv-tlsd(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "program/logged.h"
#include "sys/sysclock.h"
#include "sys/sysfd.h"
#include "sys/sysio.h"
#include "sys/syspeer.h"
#include "sys/sysuser.h"
#include "ucspi/ucspitls.h"

#define ENGINE "smtpserv-tlsd"

enum {
	PATH_SIZE = 4096,
	DIGITS = 12
};

struct order {
	bool is_first;         /* -i: TLS, and then the program */
	bool is_trial;         /* -n: can the key be used? */
	const char *user_name; /* or NULL */
	struct sysuser user;
	char **program;
	/* The engine's command line. */
	char *argv[20];
	size_t argc;
	char engine[PATH_SIZE];
};

/* The three descriptors, each with its other end. */
struct ends {
	int program[3]; /* control, in, out */
	int tls[3];
};

enum {
	CTL,
	IN,
	OUT
};

static const struct program SELF = { "smtpserv-tls",
	"[-i] [-f file] [-c cert] [-k key] [-t seconds] [-u user] [-U user]\n"
	"           program [argument ...]",
	"       smtpserv-tls -n [-f file] [-c cert] [-k key]\n" };

/* The program's end is ours, even where our starter ignores all ends. */
static const struct program_signals SIGNALS = { .usual = { SIGCHLD } };

/*
 * A stop signal is for the program.  This process carries its last words or
 * ends with it, so it must not end before.
 */
static const struct program_signals WITH_PROGRAM = {
	.ignored = { SIGTERM, SIGINT, SIGHUP },
};

static struct order order;
static struct log to_log;

static void
add(struct order *o, char *word)
{
	/* There are fewer options than room; a repeated one is the last. */
	if (o->argc + 1 < sizeof(o->argv) / sizeof(o->argv[0]))
		o->argv[o->argc++] = word;
}

static bool
read_options(int argc, char **argv, struct order *o)
{
	static char engine[] = ENGINE;
	static char words[8][3];
	size_t n = 0;
	int opt;

	add(o, engine);
	while ((opt = getopt(argc, argv, "+inf:c:k:t:u:U:")) != -1) {
		if (opt == '?' || n == ARRAY_LEN(words))
			return (false);
		o->is_first = o->is_first || opt == 'i';
		o->is_trial = o->is_trial || opt == 'n';
		if (opt == 'u')
			o->user_name = optarg;
		if (opt == 'i' || opt == 'n')
			continue;
		words[n][0] = '-';
		words[n][1] = (char)opt;
		add(o, words[n++]);
		add(o, optarg);
	}
	o->program = argv + optind;
	return (
	    (optind < argc) != o->is_trial && !(o->is_first && o->is_trial));
}

static bool
make_ends(struct ends *e)
{
	int ctl[2];
	int in[2];
	int out[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ctl) != 0 ||
	    pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		return (false);
	*e = (struct ends){ { ctl[0], in[0], out[1] },
		{ ctl[1], out[0], in[1] } };
	return (true);
}

static void
close_all(const int *fds)
{
	size_t i;

	for (i = 0; i < 3; i++)
		(void)close(fds[i]);
}

static bool
keep(const int *fds)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (fcntl(fds[i], F_SETFD, 0) != 0)
			return (false);
	return (true);
}

static char *
print(char *digits, uint64_t n)
{
	struct buf b;

	buf_init(&b, digits, DIGITS);
	(void)buf_put_number(&b, n);
	return (buf_cstr(&b) == NULL ? NULL : digits);
}

/* Become the engine; `how' is the byte that came, or "first". */
static int
become_engine(struct order *o, const struct ends *e, pid_t pid, char *how)
{
	static char digits[4][DIGITS];
	size_t i;

	add(o, how);
	for (i = 0; i < 3; i++)
		add(o, print(digits[i], (uint64_t)e->tls[i]));
	add(o, print(digits[3], (uint64_t)pid));
	o->argv[o->argc] = NULL;
	if (keep(e->tls))
		(void)execv(o->engine, o->argv);
	return (logged_failure(&to_log, "run", o->engine));
}

static int
become_trial(struct order *o)
{
	static char trial[] = "n";

	add(o, trial);
	o->argv[o->argc] = NULL;
	(void)execv(o->engine, o->argv);
	return (logged_failure(&to_log, "run", o->engine));
}

/* The program's end is ours. */
static int
end_with(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return (logged_failure(&to_log, "wait for", "program"));
	return (WIFEXITED(status) ? WEXITSTATUS(status) : XC_TEMP);
}

/* A closed end means that the program is gone, or will not ask. */
static int
wait_to_be_asked(struct order *o, const struct ends *e, pid_t pid)
{
	static char how[2];
	ssize_t n;

	/*
	 * The super-server's descriptors are closed; the log's is opened again.
	 */
	sysfd_close_others(e->tls, ARRAY_LEN(e->tls));
	log_start(&to_log, SELF.name);
	do
		n = read(e->tls[CTL], how, 1);
	while (n < 0 && errno == EINTR);
	if (n == 1)
		return (become_engine(o, e, pid, how));
	close_all(e->tls);
	return (end_with(pid));
}

static bool
set_fd(const char *name, int fd)
{
	char digits[DIGITS];

	return (print(digits, (uint64_t)fd) != NULL &&
	    setenv(name, digits, 1) == 0);
}

/*
 * Variables that name the key, and those that somebody's shell may have had,
 * are not for the program.
 */
static bool
clean_environment(void)
{
	static const char *const names[] = { "CERTFILE", "KEYFILE", "CADIR",
		"CAFILE", "DHFILE", "TLS_UID", "TLS_GID", "SSLCTLFD",
		"SSLREADFD", "SSLWRITEFD", "SSL_PROTOCOL", "SSL_CIPHER",
		"SMTPSERV_TLS" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		if (unsetenv(names[i]) != 0)
			return (false);
	return (true);
}

static int
become_program(struct order *o)
{
	struct fault why;
	enum result r =
	    o->user_name != NULL ? sysuser_become(&o->user, &why) : RES_OK;

	if (r != RES_OK)
		return (logged_fault(&to_log, &why));
	(void)execvp(o->program[0], o->program);
	return (logged_failure(&to_log, "run", o->program[0]));
}

/*
 * The variables for the program; they are set in our own environment, which
 * nobody else uses.
 */
static bool
prepare_offer(const struct ends *e)
{
	return (keep(e->program) && set_fd("SSLCTLFD", e->program[CTL]) &&
	    set_fd("SSLREADFD", e->program[IN]) &&
	    set_fd("SSLWRITEFD", e->program[OUT]) &&
	    setenv("SMTPSERV_TLS", "ask", 1) == 0);
}

/*
 * Most connections never ask, so this is to be cheap: the child has our memory
 * until it is the program, and we wait that long, instead of copying it.
 */
static int
offer(struct order *o, const struct ends *e)
{
	pid_t pid;

	if (!prepare_offer(e))
		return (logged_failure(&to_log, "prepare", o->program[0]));
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork) */
	pid = vfork();
	if (pid == 0)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): it is ours. */
		_exit(become_program(o));
	if (pid < 0)
		return (logged_failure(&to_log, "make", "process"));
	program_set_signals(&WITH_PROGRAM, NULL);
	close_all(e->program);
	return (wait_to_be_asked(o, e, pid));
}

/* The program will not see the socket, so tell it who is there. */
static bool
set_peer(void)
{
	struct syspeer remote;
	struct syspeer local;

	if (getenv("TCPREMOTEIP") != NULL || getenv("TCP6REMOTEIP") != NULL ||
	    getenv("SSLREMOTEIP") != NULL || getenv("REMOTE_ADDR") != NULL ||
	    !syspeer_remote(&remote, STDIN_FILENO) || remote.ip[0] == '\0')
		return (true);
	return (syspeer_local(&local, STDIN_FILENO) &&
	    setenv("PROTO", "TCP", 1) == 0 &&
	    setenv("TCPREMOTEIP", remote.ip, 1) == 0 &&
	    setenv("TCPREMOTEPORT", remote.port, 1) == 0 &&
	    setenv("TCPLOCALIP", local.ip, 1) == 0 &&
	    setenv("TCPLOCALPORT", local.port, 1) == 0);
}

/* The handshake has its deadline over there, so it has one here. */
static bool
wait_for_tls(int ctl, struct ucspitls_facts *facts)
{
	struct ucspitls u;
	char in[512] = "";
	size_t got = 0;

	ucspitls_init(&u);
	while (!ucspitls_feed(&u, (struct bytes){ in, got }))
		if (sysio_read(ctl, in, sizeof(in), &got, SYSCLOCK_NEVER,
			NULL) != SYSIO_OK)
			return (false);
	*facts = u.facts;
	return (true);
}

static int
follow(struct order *o, const struct ends *e)
{
	struct ucspitls_facts facts;

	close_all(e->tls);
	/* The engine's log says why. */
	if (!wait_for_tls(e->program[CTL], &facts))
		return (XC_OK);
	if (!set_peer() || setenv("SSL_PROTOCOL", facts.protocol, 1) != 0 ||
	    setenv("SSL_CIPHER", facts.cipher, 1) != 0 ||
	    dup2(e->program[IN], STDIN_FILENO) < 0 ||
	    dup2(e->program[OUT], STDOUT_FILENO) < 0)
		return (logged_failure(&to_log, "prepare", o->program[0]));
	close_all(e->program);
	return (become_program(o));
}

/* TLS, and then the program, which waits for that. */
static int
come_first(struct order *o, const struct ends *e)
{
	static char first[] = "first";
	pid_t pid = fork();

	if (pid < 0)
		return (logged_failure(&to_log, "make", "process"));
	if (pid == 0)
		return (follow(o, e));
	program_set_signals(&WITH_PROGRAM, NULL);
	close_all(e->program);
	return (become_engine(o, e, pid, first));
}

/*
 * The program is the child, so that our starter has one process to wait for,
 * and no process is left behind when it ends.
 */
static int
serve(struct order *o)
{
	struct ends e;

	if (!clean_environment() || !make_ends(&e))
		return (logged_failure(&to_log, "prepare", o->program[0]));
	return (o->is_first ? come_first(o, &e) : offer(o, &e));
}

int
main(int argc, char **argv)
{
	struct order *o = &order;
	struct fault why;
	enum result r;
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (XC_PERM);
	log_start(&to_log, SELF.name);
	program_set_signals(&SIGNALS, NULL);
	opterr = 0;
	if (!read_options(argc, argv, o))
		return (logged_misuse(&to_log, &SELF));
	/* The engine is beside this program. */
	r = program_find(o->engine, sizeof(o->engine), 1, "/" ENGINE, &why);
	if (r == RES_OK && o->user_name != NULL)
		r = sysuser_find(&o->user, o->user_name, &why);
	if (r != RES_OK)
		return (logged_fault(&to_log, &why));
	return (o->is_trial ? become_trial(o) : serve(o));
}
