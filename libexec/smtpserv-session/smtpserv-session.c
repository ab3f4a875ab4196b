/* SPDX-License-Identifier: ISC */
/*
 * smtpserv-session: one SMTP session on descriptors 0 and 1.
 *
 * This file is the wiring: arguments, environment, descriptors, signals, the
 * loop and its deadlines.  The conversation is session.c, the world behind it
 * spooled.c or queued.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bytes/num.h"
#include "handover.h"
#include "helper.h"
#include "intake.h"
#include "queued.h"
#include "sandbox.h"
#include "session.h"
#include "spooled.h"
#include "starttls.h"
#include "sys/sysclock.h"
#include "sys/sysio.h"

enum {
	IN_SIZE = 65536,
	OUT_SIZE = 4096,
	TEXT_SIZE = 65536,
	/* Seconds for the last reply to get out, and be read. */
	LAST_REPLY = 10,
	/* And for a client to be through with TLS's. */
	HANDSHAKE = 60,
	LINGER = 2
};

#define PROGRAM  "smtpserv-session"
#define SYNOPSIS PROGRAM " [-l | -s] [-f file] [-q command]"
#define USAGE    "usage: " SYNOPSIS "\n"

/* Set by SIGTERM and its like, which come only while we wait. */
static volatile sig_atomic_t stop_asked;

struct connection {
	struct log log;
	struct settings settings;
	struct peer peer;
	struct session session;
	struct intake intake;
	struct helper helper;
	struct handover handover;
	struct starttls tls;
	struct ucspitls_facts tls_facts; /* of TLS that was there first */
	struct smtpreply replies;
	char host[256];
	sigset_t waiting; /* the signal mask while we wait */
	int64_t ends_at;
	bool is_terminal;
	bool is_secure;
	bool is_lmtp;
	bool is_submission;
	const char *queue; /* -q, or NULL */
	size_t nin;
	char in[IN_SIZE];
	char out[OUT_SIZE];
	char text[TEXT_SIZE];
};

/* Not on the stack: it is large, and touched only as far as it is used. */
static struct connection connection;

static void
ask_stop(int sig)
{
	(void)sig;
	stop_asked = 1;
}

/*
 * Whatever state the starter left us in: blocked, ignored or waiting.  None
 * of these calls can fail with these arguments.
 */
static void
set_signals(sigset_t *waiting)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction stop = { .sa_handler = ask_stop };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;
	size_t i;

	(void)sigemptyset(waiting);
	(void)sigemptyset(&blocked);
	for (i = 0; i < ARRAY_LEN(stops); i++) {
		(void)sigaddset(&blocked, stops[i]);
		(void)sigaction(stops[i], &stop, NULL);
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* A file limit is then an error of write(2), answered 452. */
	(void)sigaction(SIGXFSZ, &ignore, NULL);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/*
 * TLS that another process speaks, before us or at our word.  A socket of the
 * Internet is what its bytes are: whatever the environment says, no TLS is
 * around it.
 */
static void
find_tls(struct connection *c, bool is_internet)
{
	const char *protocol = getenv("SSL_PROTOCOL");

	if (protocol == NULL || is_internet)
		return;
	ucspitls_set_facts(&c->tls_facts, protocol, getenv("SSL_CIPHER"));
	c->is_secure = true;
}

static void
find_peer(struct connection *c)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} from = { .storage = { 0 } };
	socklen_t n = sizeof(from);
	bool is_socket = getpeername(STDIN_FILENO, &from.any, &n) == 0;
	int one = 1;

	/* glibc's getenv() returns a char *, which nobody here writes to. */
	peer_find(
	    &c->peer, (peer_env_fn *)getenv, is_socket ? &from.any : NULL);
	if (c->peer.ip[0] != '\0')
		log_set_peer(&c->log, bytes_of(c->peer.ip));
	if (c->peer.disagrees) {
		struct log_line line;

		log_begin(&line, &c->log, "note");
		log_text(&line, "why",
		    bytes_of(
			"the socket has another peer than the environment"));
		log_end(&line);
	}
	find_tls(c, is_socket && from.any.sa_family != AF_UNIX);
	if (is_socket)
		/* Only speed depends on it, and a Unix socket has none. */
		(void)setsockopt(
		    STDOUT_FILENO, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	else
		c->is_terminal = isatty(STDIN_FILENO) == 1;
}

static void
set_mss(const struct connection *c)
{
	int mss = (int)c->settings.mss;

	/* Refused by what is no TCP socket, where it has no meaning. */
	if (mss > 0)
		(void)setsockopt(
		    STDOUT_FILENO, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss));
}

static void
log_conf(void *ctx, enum conf_weight weight, const char *file,
    unsigned int line_number, const char *key, const char *text)
{
	const struct log *log = ctx;
	struct log_line line;
	char store[1200];
	struct buf where;

	if (weight == CONF_NOTE)
		return;
	buf_init(&where, store, sizeof(store));
	(void)buf_printf(&where, "%s:%u", file, line_number);
	log_begin(&line, log, "configuration");
	log_text(&line, "at", buf_view(&where));
	log_text(&line, "key", bytes_of(key));
	log_text(&line, "why", bytes_of(text));
	log_end(&line);
}

/*
 * What rules such as tcprules(1)'s say of this client, as qmail-smtpd has it:
 * another limit than smtp.maxsize; 0 is none.
 */
static void
heed_databytes(struct connection *c)
{
	const char *value = getenv("DATABYTES");
	struct log_line line;
	uint64_t n;

	if (value == NULL)
		return;
	if (num_parse(bytes_of(value), UINT64_MAX, &n)) {
		c->settings.maxsize = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
		return;
	}
	log_begin(&line, &c->log, "note");
	log_text(&line, "why", bytes_of("the value of DATABYTES is no number"));
	log_end(&line);
}

/*
 * -q: a local user's mail, for a program that may write to the spool.  Who may
 * not read the table sends to anybody, as that program lets him: the worker
 * will know.
 */
static bool
take_queue(struct connection *c)
{
	struct settings *settings = &c->settings;
	struct buf queue;

	if (c->queue == NULL)
		return (true);
	buf_init(&queue, settings->queue, sizeof(settings->queue));
	(void)buf_puts(&queue, c->queue);
	if (settings->deliver[0] != '\0' &&
	    access(settings->deliver, R_OK) != 0 && errno == EACCES)
		settings->deliver[0] = '\0';
	return (c->queue[0] == '/' && buf_cstr(&queue) != NULL);
}

/* The configuration, and who we are by it. */
static enum result
configure(struct connection *c, const char *option)
{
	char path[CONF_VALUE_MAX];
	struct utsname machine;
	struct buf host;
	enum result r;

	buf_init(&host, c->host, sizeof(c->host));
	if (uname(&machine) != 0)
		machine.nodename[0] = '\0';
	if (!conf_path(path, sizeof(path), option, getenv("WATTCP.CFG"),
		getenv("WATTCP_CFG"))) {
		log_conf(&c->log, CONF_ERROR, option == NULL ? "" : option, 0,
		    "", "file name too long");
		return (RES_PERM);
	}
	r = conf_load(path, &c->settings, log_conf, &c->log);
	if (r != RES_OK)
		return (r);
	heed_databytes(c);
	if (!take_queue(c)) {
		log_conf(&c->log, CONF_ERROR, path, 0, "smtp.queue",
		    "-q wants a full path, and arguments");
		return (RES_PERM);
	}
	if (!settings_host(&c->settings, machine.nodename, &host) ||
	    buf_cstr(&host) == NULL) {
		log_conf(&c->log, CONF_ERROR, path, 0, "hostname",
		    "hostname.domain is not a domain name");
		return (RES_PERM);
	}
	if (c->is_submission && c->settings.auth[0] == '\0') {
		log_conf(&c->log, CONF_ERROR, path, 0, "smtp.auth",
		    "not set, so nobody can authenticate as -s wants");
		return (RES_PERM);
	}
	return (RES_OK);
}

/*
 * From here on a stranger speaks.  A kernel that lacks something is no reason
 * to refuse mail, but the administrator should know.
 */
static void
confine(struct connection *c)
{
	static const struct {
		unsigned int bit;
		const char *what;
	} rows[] = {
		{ SANDBOX_NO_PRIVS, "no_new_privs" },
		{ SANDBOX_NO_LANDLOCK, "Landlock" },
		{ SANDBOX_NO_SECCOMP, "seccomp" },
		{ SANDBOX_NO_LIMITS, "resource limits" },
	};
	/*
	 * Line ends may double; the trace and the envelope come on top.  It
	 * would be the limit of a log that is a file, too, which is longer.
	 */
	uint64_t file_max = c->settings.maxsize == 0 || log_is_file()
	    ? 0
	    : 2 * (uint64_t)c->settings.maxsize + (16U << 20);
	const struct spool *spool = &c->intake.spool;
	unsigned int missing =
	    sandbox_enter(spool->dirfd, spool->owner.is_other, file_max);
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct log_line line;

		if ((missing & rows[i].bit) == 0)
			continue;
		log_begin(&line, &c->log, "unconfined");
		log_text(&line, "missing", bytes_of(rows[i].what));
		log_end(&line);
	}
}

static const struct session_ports *
ports_of(const struct settings *settings)
{
	return (settings->queue[0] == '\0' ? &SPOOLED_PORTS : &QUEUED_PORTS);
}

/* A queue's lines end in LF, whatever the spool's do. */
static enum smtpdata_eol
eol_of(const struct settings *settings)
{
	return (settings->eol == SETTINGS_CRLF && settings->queue[0] == '\0'
		? SMTPDATA_CRLF
		: SMTPDATA_LF);
}

static enum session_auth
auth_of(const struct settings *settings)
{
	if (settings->auth[0] == '\0')
		return (SESSION_AUTH_NEVER);
	return (settings->auth_plaintext != 0 ? SESSION_AUTH_ALWAYS
					      : SESSION_AUTH_IN_TLS);
}

/* Memory for the longest envelope; untouched pages cost nothing. */
static bool
start_session(struct connection *c)
{
	static struct session_limits limits;
	size_t cap = envelope_store_size(c->settings.maxrcpts);
	struct buf envelope;
	struct buf text;
	void *store = mmap(NULL, cap, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (store == MAP_FAILED) {
		struct fault why;

		(void)fault_set(&why, "get memory for", "recipients", errno);
		log_fault(&c->log, &why);
		return (false);
	}
	buf_init(&envelope, store, cap);
	buf_init(&text, c->text, sizeof(c->text));
	limits = (struct session_limits){ .max_size = c->settings.maxsize,
		.max_rcpt = c->settings.maxrcpts,
		.max_errors = c->settings.maxerrors,
		.reject_bareeol = c->settings.bareeol == SETTINGS_REJECT,
		.eol = eol_of(&c->settings),
		.auth = auth_of(&c->settings),
		.lmtp = c->is_lmtp,
		.submission = c->is_submission,
		/* qmail-queue's interface has no place for them. */
		.keeps_facts = c->settings.queue[0] == '\0' };
	session_init(&c->session, c->host, &limits, ports_of(&c->settings),
	    &c->intake, envelope, text);
	if (c->is_secure)
		session_secure(
		    &c->session, c->tls_facts.protocol, c->tls_facts.cipher);
	else if (c->tls.is_possible)
		session_offer_tls(&c->session);
	return (true);
}

static void
open_intake(struct connection *c)
{
	intake_open(&c->intake, &c->settings, &c->peer, &c->log, c->host);
	if (c->settings.queue[0] == '\0')
		spooled_open(&c->intake);
	c->intake.tls = &c->tls;
	c->intake.waiting = &c->waiting;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

/* Wait for a time of inactivity, but not beyond the session's end. */
static int64_t
wait_until(const struct connection *c)
{
	return (sooner(
	    c->ends_at, sysclock_after(sysclock_ms(), c->settings.inactive)));
}

static enum sysio_status
flush(struct connection *c, int64_t until_ms)
{
	enum sysio_status status = sysio_write(STDOUT_FILENO,
	    smtpreply_pending(&c->replies), until_ms, &c->waiting);

	smtpreply_sent(&c->replies);
	return (status);
}

/* As the loop does it: for as long as the client may be slow. */
static enum sysio_status
send_pending(struct connection *c)
{
	enum sysio_status status = flush(c, wait_until(c));

	return (status == SYSIO_SIGNAL && !stop_asked ? SYSIO_FAILED : status);
}

static enum sysio_status
fill(struct connection *c)
{
	size_t room = sizeof(c->in) - c->nin;
	size_t got = 0;
	enum sysio_status status;

	/* A terminal's line ends grow. */
	if (c->is_terminal)
		room /= 2;
	do {
		status = sysio_read(STDIN_FILENO, c->in + c->nin, room, &got,
		    wait_until(c), &c->waiting);
	} while (status == SYSIO_SIGNAL && !stop_asked);
	if (status == SYSIO_OK && c->is_terminal)
		got = smtpline_from_terminal(c->in + c->nin, got);
	c->nin += got;
	return (status);
}

/*
 * More input, where the session wants some.  Where it has enough to do it
 * waits for nobody, and is to be stopped all the same.
 */
static enum sysio_status
get_input(struct connection *c, enum session_next next)
{
	enum sysio_status status;

	if (next != SESSION_AGAIN && (next == SESSION_READ || c->nin == 0))
		return (fill(c));
	status = sysio_look(c->ends_at, &c->waiting);
	return (status == SYSIO_SIGNAL && !stop_asked ? SYSIO_OK : status);
}

/* The input that is there, as far as the session takes it. */
static enum session_next
feed(struct connection *c)
{
	struct bytes in = { c->in, c->nin };
	size_t used = 0;
	enum session_next next =
	    session_feed(&c->session, in, &used, &c->replies);

	c->nin -= used;
	if (c->nin > 0 && used > 0)
		memmove(c->in, c->in + used, c->nin);
	/* All behind the input: what was moved is still there. */
	if (c->session.has_secret)
		explicit_bzero(c->in + c->nin, used);
	c->session.has_secret = false;
	return (next);
}

/* The client was told to begin: what it sent before that is void. */
static enum sysio_status
start_tls(struct connection *c)
{
	struct log_line line;
	struct ucspitls_facts facts;
	enum sysio_status status = starttls_begin(&c->tls, &facts,
	    sooner(c->ends_at, sysclock_after(sysclock_ms(), HANDSHAKE)),
	    &c->waiting);

	c->nin = 0;
	log_begin(&line, &c->log, status == SYSIO_OK ? "tls" : "notls");
	if (status == SYSIO_OK) {
		log_text(&line, "protocol", bytes_of(facts.protocol));
		log_text(&line, "cipher", bytes_of(facts.cipher));
		session_secure(&c->session, facts.protocol, facts.cipher);
	}
	log_end(&line);
	return (status);
}

/* Why the loop ended, as the log says it, and the reply that goes with it. */
struct ending {
	const char *why;
	const struct smtp_reply *last_words; /* or NULL */
	bool by_client;
};

static struct ending
ending_of(const struct connection *c, enum sysio_status status)
{
	switch (status) {
	case SYSIO_EOF:
		return ((struct ending){ "closed by client", NULL, true });
	case SYSIO_SIGNAL:
		return (
		    (struct ending){ "signal", &SMTPREPLY_SHUTDOWN, false });
	case SYSIO_TIMEOUT:
		if (sysclock_ms() >= c->ends_at)
			return ((struct ending){
			    "smtp.maxtime", &SMTPREPLY_TOO_LATE, false });
		return ((struct ending){ "inactive", &SMTPREPLY_IDLE, false });
	case SYSIO_OK:
	case SYSIO_FAILED:
		break;
	}
	return ((struct ending){ strerror(errno), NULL, true });
}

/*
 * The loop: feed what is there; send what is pending before every wait.  That
 * one rule makes pipelining right (RFC 2920 3.2).
 */
static struct ending
converse(struct connection *c)
{
	enum session_next next = SESSION_READ;
	enum sysio_status status = SYSIO_OK;

	while (next != SESSION_HANG_UP) {
		/* It may have come while a port waited for somebody else. */
		status = stop_asked ? SYSIO_SIGNAL : send_pending(c);
		if (status == SYSIO_OK && next != SESSION_AGAIN)
			intake_log_outcome(&c->intake);
		if (status == SYSIO_OK && next == SESSION_START_TLS) {
			if (start_tls(c) != SYSIO_OK)
				return (
				    (struct ending){ "no TLS", NULL, true });
			next = SESSION_READ;
		}
		if (status == SYSIO_OK)
			status = get_input(c, next);
		if (status != SYSIO_OK)
			return (ending_of(c, status));
		next = feed(c);
	}
	return ((struct ending){
	    c->session.quit ? "quit" : "hung up", NULL, false });
}

/*
 * We hang up, perhaps while the client still sends: see to it that our last
 * words arrive.  A kernel that closes a socket with unread input resets the
 * connection, and throws away what we sent.
 */
static void
linger(struct connection *c)
{
	int64_t until = sysclock_after(sysclock_ms(), LINGER);
	size_t got;

	if (shutdown(STDOUT_FILENO, SHUT_WR) != 0)
		return;
	while (sysio_read(STDIN_FILENO, c->in, sizeof(c->in), &got, until,
		   &c->waiting) == SYSIO_OK)
		continue;
}

static void
finish(struct connection *c, struct ending end)
{
	struct log_line line;
	int64_t until = sysclock_after(sysclock_ms(), LAST_REPLY);
	bool is_heard;

	if (end.last_words != NULL)
		session_stop(&c->session, end.last_words, &c->replies);
	else
		session_drop(&c->session);
	is_heard = flush(c, until) == SYSIO_OK;
	intake_log_outcome(&c->intake);
	log_begin(&line, &c->log, "end");
	log_text(&line, "why", bytes_of(end.why));
	log_number(&line, "accepted", c->intake.accepted);
	log_number(&line, "refused", c->intake.refused);
	log_end_last(&line);
	if (is_heard && !end.by_client && !c->session.quit)
		linger(c);
}

/* There will be no session: 421, and the reason is in the log. */
static int
turn_away(struct connection *c, enum result r)
{
	smtpreply_put(&c->replies, &SMTPREPLY_BAD_SETUP);
	(void)flush(c, sysclock_after(sysclock_ms(), LAST_REPLY));
	return (exit_code_of(r));
}

/*
 * A wrong command line.  Somebody may be on the line all the same, so usage
 * goes where the log goes.
 */
static int
misused(struct connection *c)
{
	struct log_line line;

	log_begin(&line, &c->log, "usage");
	log_text(&line, "want", bytes_of(SYNOPSIS));
	log_end(&line);
	return (turn_away(c, RES_PERM));
}

/*
 * QMAILQUEUE is how rules give one client another program than the others.
 * Only where there is a queue at all: a variable that happens to be there must
 * not lead mail elsewhere.
 */
static void
choose_queue(struct settings *settings)
{
	const char *other = getenv("QMAILQUEUE");
	struct buf queue;

	if (settings->queue[0] == '\0' || other == NULL || other[0] == '\0')
		return;
	buf_init(&queue, settings->queue, sizeof(settings->queue));
	(void)buf_puts(&queue, other);
	/* Too long for any path: it cannot be run, and nothing else will be. */
	if (buf_cstr(&queue) == NULL) {
		buf_reset(&queue);
		(void)buf_puts(&queue, "/QMAILQUEUE-is-too-long");
		(void)buf_cstr(&queue);
	}
}

/*
 * While we still may run a program: who will run them for us.  Without it,
 * what needs one will be answered 451 or 454.
 */
static void
start_helper(struct connection *c)
{
	struct fault why;

	c->helper.fd = -1;
	choose_queue(&c->settings);
	if (c->settings.queue[0] == '\0' && c->settings.auth[0] == '\0')
		return;
	if (helper_start(&c->helper, &c->settings, &why) != RES_OK)
		log_fault(&c->log, &why);
	handover_init(&c->handover, c->helper.fd, c->settings.programtime,
	    c->ends_at, &c->waiting);
	c->intake.handover = &c->handover;
	c->intake.helper = (uint64_t)c->helper.pid;
}

static int
serve(struct connection *c, const char *option)
{
	enum result r = configure(c, option);
	enum sysio_status status;

	if (r != RES_OK)
		return (turn_away(c, r));
	set_mss(c);
	if (!start_session(c))
		return (turn_away(c, RES_TEMP));
	c->ends_at = sysclock_after(sysclock_ms(), c->settings.maxtime);
	session_greet(&c->session, &c->replies);
	/* The greeting travels while we prepare for what it brings. */
	status = send_pending(c);
	if (status == SYSIO_OK) {
		open_intake(c);
		start_helper(c);
		confine(c);
		finish(c, converse(c));
		helper_end(&c->helper);
	} else {
		finish(c, ending_of(c, status));
	}
	return (XC_OK);
}

static int
say(const char *text)
{
	return (sysio_write_file(STDOUT_FILENO, bytes_of(text)) == SYSIO_OK
		? XC_OK
		: XC_TEMP);
}

/* False: they are not what usage says. */
static bool
read_options(struct connection *c, int argc, char **argv, const char **file)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0 && i + 1 < argc)
			*file = argv[++i];
		else if (strcmp(argv[i], "-q") == 0 && i + 1 < argc)
			c->queue = argv[++i];
		else if (strcmp(argv[i], "-l") == 0)
			c->is_lmtp = true;
		else if (strcmp(argv[i], "-s") == 0)
			c->is_submission = true;
		else
			return (false);
	}
	return (!(c->is_lmtp && c->is_submission));
}

int
main(int argc, char **argv)
{
	struct connection *c = &connection;
	const char *file = NULL;

	if (argc == 2 && strcmp(argv[1], "--help") == 0)
		return (say(USAGE));
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return (say(PROGRAM " " SMTPSERV_VERSION "\n"));
	/* Without these a file could become descriptor 0 or 1. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 ||
	    fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return (XC_PERM);
	/* What else the starter had open is none of ours. */
	starttls_find(&c->tls, (peer_env_fn *)getenv);
	starttls_close_others(&c->tls);
	smtpreply_init(&c->replies, c->out, sizeof(c->out));
	log_start(&c->log, PROGRAM);
	set_signals(&c->waiting);
	find_peer(c);
	if (!read_options(c, argc, argv, &file))
		return (misused(c));
	return (serve(c, file));
}
