/* SPDX-License-Identifier: ISC */
#include "outbound/link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outbound/hopname.h"
#include "sys/sysclock.h"
#include "sys/syspass.h"

enum {
	/* Longer DSN parameters are nobody's (RFC 3461 4.2): left out. */
	PARAMETER_MAX = 500
};

/*
 * In a session of its own, as a terminal's ^C is for the worker, and without
 * the worker's signals.  Everything but its socket is closed on exec: it gets
 * no claim's lock.
 */
static int
spawn(pid_t *pid, char *const *argv, int sock)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	sigset_t usual;
	int err = posix_spawn_file_actions_init(&actions);

	if (err != 0)
		return (err);
	err = posix_spawnattr_init(&attr);
	if (err != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return (err);
	}
	(void)sigemptyset(&none);
	(void)sigemptyset(&usual);
	(void)sigaddset(&usual, SIGPIPE);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &usual);
	(void)posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSIGDEF);
	err = posix_spawn_file_actions_adddup2(&actions, sock, STDIN_FILENO);
	if (err == 0)
		err = posix_spawn(pid, argv[0], &actions, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	return (err);
}

static bool
start(struct link *l, const char *program, const char *conf, const char *hop,
    enum hopname_care care)
{
	const char *words[7] = { program, "--feed", "-f", conf, hop };
	char *argv[7] = { NULL };
	int ends[2];
	size_t n = 4;
	int err;

	if (care == HOPNAME_REQUIRETLS)
		words[n++] = "--requiretls";
	if (care == HOPNAME_TLSNO)
		words[n++] = "--tlsno";
	words[n++] = hop;
	/* execve(2) does not write to them. */
	memcpy(argv, words, n * sizeof(*words));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return (false);
	/* Ours; the other one's way of waiting is its own. */
	err = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0
	    ? spawn(&l->pid, argv, ends[1])
	    : errno;
	(void)close(ends[1]);
	if (err == 0) {
		l->fd = ends[0];
		return (true);
	}
	(void)close(ends[0]);
	errno = err;
	return (false);
}

bool
link_start(struct link *l, const char *program, const char *conf,
    struct bytes name, struct fault *why)
{
	char hop[HOPNAME_MAX + 16];
	struct buf argument;
	enum hopname_care care;

	*l = (struct link){ .fd = -1, .where = l->where };
	buf_init(&argument, hop, sizeof(hop));
	if (!hopname_argument(&argument, name, &care) ||
	    buf_cstr(&argument) == NULL) {
		(void)fault_set(why, "name the hop of", program, EINVAL);
		return (false);
	}
	if (!start(l, program, conf, hop, care)) {
		(void)fault_set(why, "start", program, errno);
		return (false);
	}
	l->state = LINK_STARTING;
	l->started_ms = sysclock_ms();
	l->heard_ms = l->started_ms;
	return (true);
}

bool
link_is_sending(const struct link *l)
{
	return (l->errand != NULL);
}

static enum link_sent
send_record(struct link *l, const struct feed_record *r, int fd)
{
	static char store[FEED_RECORD_MAX];
	struct buf out;

	buf_init(&out, store, sizeof(store));
	if (!feed_put(&out, r))
		return (LINK_REFUSED);
	if (syspass_send(l->fd, buf_view(&out), fd))
		return (LINK_SENT);
	return (
	    errno == EAGAIN || errno == ENOBUFS ? LINK_BLOCKED : LINK_BROKEN);
}

static struct bytes
parameter(struct bytes value)
{
	return (bytes_cut(value, 0, value.n > PARAMETER_MAX ? 0 : value.n));
}

static void
fill_message(struct feed_message *m, const struct plan *p, uint64_t size)
{
	*m = (struct feed_message){ .sender = p->sender,
		.size = size,
		.body = p->body,
		.smtputf8 = p->smtputf8,
		.requiretls = p->requiretls,
		.envid = parameter(p->envid),
		.ret = parameter(p->ret) };
}

/* The recipients, and the end. */
enum link_sent
link_go_on(struct link *l)
{
	const struct job_errand *e = l->errand;
	struct feed_record r = { .tag = l->tag };
	enum link_sent sent = LINK_SENT;

	while (sent == LINK_SENT && l->next <= e->n) {
		r.kind = FEED_END;
		if (l->next < e->n) {
			const struct job_part *p = &e->part[l->next];
			const struct plan_rcpt *to =
			    &p->job->message.plan.rcpt[p->rcpt];

			r.kind = FEED_RCPT;
			r.rcpt = (struct feed_rcpt){ to->mailbox,
				parameter(to->notify), parameter(to->orcpt) };
		}
		sent = send_record(l, &r, -1);
		if (sent == LINK_SENT)
			l->next++;
	}
	if (sent != LINK_BLOCKED)
		l->errand = NULL;
	/* The rest of it would never come. */
	return (sent == LINK_REFUSED ? LINK_BROKEN : sent);
}

enum link_sent
link_send(struct link *l, const struct job_errand *e, uint32_t tag, int text)
{
	struct feed_record r = { .kind = FEED_MESSAGE, .tag = tag };
	struct stat st;
	enum link_sent sent;

	if (fstat(text, &st) != 0)
		return (LINK_REFUSED);
	fill_message(
	    &r.message, &e->part[0].job->message.plan, (uint64_t)st.st_size);
	sent = send_record(l, &r, text);
	if (sent != LINK_SENT)
		return (sent);
	l->errand = e;
	l->tag = tag;
	l->next = 0;
	l->credit--;
	l->fed++;
	l->on_way++;
	l->octets += (uint64_t)st.st_size;
	return (link_go_on(l));
}

static void
copy(char *to, size_t cap, struct bytes from)
{
	from = bytes_cut(from, 0, cap - 1);
	memcpy(to, from.p, from.n);
	to[from.n] = '\0';
}

void
link_set_host(struct link *l, const struct feed_credit *c)
{
	l->is_connected = true;
	copy(l->host, sizeof(l->host), c->host);
	copy(l->address, sizeof(l->address), c->address);
	copy(l->tls, sizeof(l->tls), c->tls);
	l->port = c->port;
	l->offers_dsn = c->offers_dsn;
	l->credit += c->n;
	if (l->credit > FEED_CREDIT_MAX)
		l->credit = FEED_CREDIT_MAX;
}

void
link_stop(struct link *l, uint32_t tag)
{
	if (l->errand != NULL && l->tag == tag)
		l->errand = NULL;
}

void
link_give_up(struct link *l, uint32_t tag)
{
	struct feed_record r = { .kind = FEED_GIVE_UP, .tag = tag };

	/* Unheard, it is sent, and its answer waited for. */
	(void)send_record(l, &r, -1);
}

void
link_quit(struct link *l)
{
	struct feed_record r = { .kind = FEED_QUIT };

	if (l->state != LINK_STARTING && l->state != LINK_READY)
		return;
	l->state = LINK_QUITTING;
	/* One that does not listen is cut off when its time is over. */
	(void)send_record(l, &r, -1);
}

enum link_heard
link_hear(struct link *l, char *store, struct feed_record *r)
{
	ssize_t n;

	if (l->fd < 0)
		return (LINK_NOTHING);
	n = recv(l->fd, store, FEED_RECORD_MAX + 1, MSG_DONTWAIT);
	/* Once, if it has left something unread; what it said is behind. */
	if (n < 0 && errno == ECONNRESET)
		n = recv(l->fd, store, FEED_RECORD_MAX + 1, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return (LINK_NOTHING);
	if (n <= 0)
		return (LINK_ENDED);
	l->heard_ms = sysclock_ms();
	if (!feed_parse((struct bytes){ store, (size_t)n }, r) ||
	    feed_is_workers(r->kind))
		return (LINK_JUNK);
	return (LINK_RECORD);
}

void
link_hush(struct link *l)
{
	/* If there is no other end any more, it is hushed, too. */
	(void)shutdown(l->fd, SHUT_RD);
	l->state = LINK_GONE;
}

void
link_cut(struct link *l)
{
	if (l->fd < 0)
		return;
	/* Not by the close alone: an agent may have the descriptor, too. */
	(void)shutdown(l->fd, SHUT_RDWR);
	(void)close(l->fd);
	l->fd = -1;
	l->errand = NULL;
	l->state = LINK_GONE;
	l->heard_ms = sysclock_ms();
}

bool
link_reap(struct link *l, bool force)
{
	int status;

	if (l->state != LINK_GONE)
		return (false);
	if (force)
		(void)kill(l->pid, SIGKILL);
	if (waitpid(l->pid, &status, WNOHANG) == 0)
		return (false);
	l->state = LINK_FREE;
	return (true);
}
