/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-session: one SMTP session on descriptors 0 and 1.
 *
 * This file is the wiring: arguments, the peer, and which part knows which.
 * setup.c says what the session is to be, connection.c is its loop, session.c
 * the conversation, and spooled.c or queued.c the world behind it.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "connection.h"
#include "helper.h"
#include "program/logged.h"
#include "program/program.h"
#include "sandbox.h"
#include "session.h"
#include "setup.h"
#include "spooled.h"
#include "sys/sysclock.h"

enum {
	TEXT_SIZE = 65536
};

static const struct program SELF = { "smtpserv-session",
	"[-l | -s] [-f file] [-q command]", NULL };

/* Whatever state the starter left them in: blocked, ignored or waiting. */
static const struct program_signals SIGNALS = {
	.hear = connection_stop,
	.heard = { SIGTERM, SIGINT, SIGHUP },
	/* A file limit is then an error of write(2), answered 452. */
	.ignored = { SIGPIPE, SIGXFSZ },
};

struct rooms {
	struct log log;
	struct setup setup;
	struct peer peer;
	struct session session;
	struct intake intake;
	struct helper helper;
	struct handover handover;
	struct starttls tls;
	struct ucspitls_facts tls_facts; /* of TLS that was there first */
	bool is_secure;
	sigset_t waiting; /* the signal mask while we wait */
	struct connection connection;
	char text[TEXT_SIZE];
};

/* Not on the stack: it is large, and touched only as far as it is used. */
static struct rooms rooms;

/*
 * Has another process begun TLS before us?  The environment says so, but is not
 * believed of a socket of the Internet: its bytes come from the network as they
 * are, without TLS around them.
 */
static void
find_tls(struct rooms *r, bool is_internet)
{
	const char *protocol = getenv("SSL_PROTOCOL");

	if (protocol == NULL || is_internet)
		return;
	ucspitls_set_facts(&r->tls_facts, protocol, getenv("SSL_CIPHER"));
	r->is_secure = true;
}

static void
find_peer(struct rooms *r)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} from = { .storage = { 0 } };
	socklen_t n = sizeof(from);
	bool is_socket = getpeername(STDIN_FILENO, &from.any, &n) == 0;
	int one = 1;

	/* glibc's getenv() returns a char *, which is not written to here. */
	peer_find(
	    &r->peer, (peer_env_fn *)getenv, is_socket ? &from.any : NULL);
	if (r->peer.ip[0] != '\0')
		log_set_peer(&r->log, bytes_of(r->peer.ip));
	if (r->peer.disagrees)
		log_why(&r->log, "note",
		    "the socket has another peer than the environment");
	find_tls(r, is_socket && from.any.sa_family != AF_UNIX);
	if (is_socket)
		/* Only speed depends on it; a Unix socket lacks it. */
		(void)setsockopt(
		    STDOUT_FILENO, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	else
		r->connection.is_terminal = isatty(STDIN_FILENO) == 1;
}

static void
set_mss(const struct rooms *r)
{
	int mss = (int)r->setup.settings.session.mss;

	/* If it is not a TCP socket, this fails, and does not matter. */
	if (mss > 0)
		(void)setsockopt(
		    STDOUT_FILENO, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss));
}

/*
 * From here on a stranger speaks.  A kernel that lacks something is no reason
 * to refuse mail, but the administrator should know.
 */
static void
confine(struct rooms *r)
{
	/*
	 * Line ends may double; the trace and the envelope come on top.  The
	 * limit would hold for a log that is a file, too, and that is longer.
	 */
	uint64_t file_max = r->setup.limits.max_size == 0 || log_is_file()
	    ? 0
	    : 2 * r->setup.limits.max_size + (16U << 20);
	const struct spool *spool = &r->intake.spool;

	logged_unconfined(&r->log,
	    sandbox_enter(spool->dirfd, spool->owner.is_other, file_max));
}

/* Memory for the longest envelope; untouched pages cost nothing. */
static bool
start_session(struct rooms *r)
{
	size_t cap = envelope_store_size(r->setup.settings.session.maxrcpts);
	struct buf envelope;
	struct buf text;
	void *store = mmap(NULL, cap, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (store == MAP_FAILED) {
		struct fault why;

		(void)fault_set(&why, "get memory for", "recipients", errno);
		log_fault(&r->log, &why);
		return (false);
	}
	buf_init(&envelope, store, cap);
	buf_init(&text, r->text, sizeof(r->text));
	session_init(&r->session, r->setup.host, &r->setup.limits,
	    r->setup.ports, &r->intake, envelope, text);
	if (r->is_secure)
		session_secure(
		    &r->session, r->tls_facts.protocol, r->tls_facts.cipher);
	else if (r->tls.is_possible)
		session_offer_tls(&r->session);
	return (true);
}

/*
 * Start the helper, which runs programs for us, while we still may run one.
 * Without it, a command that needs a program will be answered 451 or 454.
 */
static void
start_helper(struct rooms *r)
{
	const struct settings *settings = &r->setup.settings;
	struct helper_programs programs = { r->setup.queue,
		settings->session.auth, r->setup.gives_whole,
		settings->session.programtime };
	struct fault why;

	r->helper.fd = -1;
	if (!r->setup.is_queued && r->setup.limits.auth == SESSION_AUTH_NEVER)
		return;
	if (helper_start(&r->helper, &programs, &why) != RES_OK)
		log_fault(&r->log, &why);
	handover_init(&r->handover, r->helper.fd, settings->session.programtime,
	    r->connection.ends_at, &r->waiting);
	r->intake.handover = &r->handover;
	r->intake.helper = (uint64_t)r->helper.pid;
	r->intake.gives_whole = r->setup.gives_whole;
}

static void
open_intake(struct rooms *r)
{
	intake_open(&r->intake, &r->setup.settings, r->setup.deliver, &r->peer,
	    &r->log, r->setup.host);
	if (!r->setup.is_queued)
		spooled_open(&r->intake);
	r->intake.tls = &r->tls;
	r->intake.waiting = &r->waiting;
}

/* There will be no session; the reason is in the log. */
static int
turn_away(struct rooms *r, int code)
{
	connection_turn_away(&r->connection);
	return (code);
}

static int
serve(struct rooms *r, const struct setup_options *options)
{
	struct connection *c = &r->connection;
	enum result loaded = setup_load(&r->setup, options, &r->log);

	if (loaded != RES_OK)
		return (turn_away(r, exit_code_of(loaded)));
	set_mss(r);
	if (!start_session(r))
		return (turn_away(r, XC_TEMP));
	c->inactive = r->setup.settings.session.inactive;
	c->ends_at =
	    sysclock_after(sysclock_ms(), r->setup.settings.session.maxtime);
	if (connection_greet(c)) {
		open_intake(r);
		start_helper(r);
		confine(r);
		connection_serve(c);
		helper_end(&r->helper);
	}
	return (XC_OK);
}

/* False: the arguments are not as the usage says. */
static bool
read_options(int argc, char **argv, struct setup_options *options)
{
	enum setup_service *service = &options->service;
	enum setup_service said;
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0 && i + 1 < argc) {
			options->file = argv[++i];
			continue;
		}
		if (strcmp(argv[i], "-q") == 0 && i + 1 < argc) {
			options->queue = argv[++i];
			continue;
		}
		said = strcmp(argv[i], "-l") == 0 ? SETUP_LMTP
		    : strcmp(argv[i], "-s") == 0  ? SETUP_SUBMISSION
						  : SETUP_SMTP;
		if (said == SETUP_SMTP ||
		    (*service != SETUP_SMTP && *service != said))
			return (false);
		*service = said;
	}
	return (true);
}

static void
connect_rooms(struct rooms *r)
{
	connection_init(&r->connection);
	r->connection.log = &r->log;
	r->connection.session = &r->session;
	r->connection.intake = &r->intake;
	r->connection.tls = &r->tls;
	r->connection.waiting = &r->waiting;
}

int
main(int argc, char **argv)
{
	struct rooms *r = &rooms;
	struct setup_options options = { NULL, NULL, SETUP_SMTP };
	int code;

	if (program_answers(&SELF, argc, argv, &code))
		return (code);
	if (!program_has_connection())
		return (XC_PERM);
	/* Other descriptors that the starter had open are not for us. */
	starttls_find(&r->tls, (peer_env_fn *)getenv);
	starttls_close_others(&r->tls);
	connect_rooms(r);
	log_start(&r->log, SELF.name);
	program_set_signals(&SIGNALS, &r->waiting);
	find_peer(r);
	/* Somebody may be on the line, so usage goes where the log goes. */
	if (!read_options(argc, argv, &options))
		return (turn_away(r, logged_misuse(&r->log, &SELF)));
	return (serve(r, &options));
}
