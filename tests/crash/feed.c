/* SPDX-License-Identifier: ISC */
#include "feed.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "state.h"

enum {
	METHOD = 1,
	HEADER = 2,
	BODY = 3,
	END = 0xce,
	FRAME_HEAD = 7,
	BUFFER = 65536,
	CONNECTION = 10,
	CHANNEL = 20,
	BASIC = 60,
	/* Of a header: message-id and type. */
	ID_AND_TYPE = 1 << 7 | 1 << 5
};

const struct feed_message FEED[FEED_MESSAGES] = {
	{ "1.1.gnat", "From: erick@maggot\nTo: bruce@gnat\n",
	    "Received: from a by b\n\tid A1; x\nSubject: one\n\none\n" },
	{ "1.2.gnat", "From: \nTo: ann@gnat\nTo: joe@gnat\n",
	    "Received: from a by b\n\tid A2; x\nSubject: two\n\n\ntwo\n" },
};

/* What goes out, or has come in. */
struct wire {
	unsigned char p[BUFFER];
	size_t n;
};

static void
put(struct wire *w, uint64_t value, unsigned int octets)
{
	while (octets-- > 0)
		w->p[w->n++] = (unsigned char)(value >> 8 * octets);
}

static void
put_text(struct wire *w, const char *text, unsigned int octets)
{
	size_t n = strlen(text);

	put(w, n, octets);
	memcpy(w->p + w->n, text, n);
	w->n += n;
}

static uint64_t
get(const unsigned char *p, unsigned int octets)
{
	uint64_t value = 0;

	while (octets-- > 0)
		value = value << 8 | *p++;
	return (value);
}

/* A frame, whose payload follows; returns what end() wants. */
static size_t
begin(struct wire *w, unsigned int kind, unsigned int channel)
{
	put(w, kind, 1);
	put(w, channel, 2);
	put(w, 0, 4);
	return (w->n);
}

static void
end(struct wire *w, size_t at)
{
	size_t n = w->n - at;
	struct wire *head = w;
	size_t whole = w->n;

	head->n = at - 4;
	put(head, n, 4);
	w->n = whole;
	put(w, END, 1);
}

static size_t
begin_method(struct wire *w, unsigned int class, unsigned int method)
{
	size_t at = begin(w, METHOD, class == CONNECTION ? 0 : 1);

	put(w, class, 2);
	put(w, method, 2);
	return (at);
}

static void
put_message(struct wire *w, const struct feed *f, size_t i)
{
	const struct feed_message *m = &FEED[i];
	size_t envelope = strlen(m->envelope);
	size_t text = strlen(m->text);
	size_t at = begin_method(w, BASIC, 60);

	put_text(w, "smtpserv-pull", 1);
	put(w, i + 1, 8);
	put(w, f->is_again[i] ? 1 : 0, 1);
	put_text(w, "smtpserv", 1);
	put_text(w, "smtpserv", 1);
	end(w, at);
	at = begin(w, HEADER, 1);
	put(w, BASIC, 2);
	put(w, 0, 2);
	put(w, envelope + 1 + text, 8);
	put(w, ID_AND_TYPE, 2);
	put_text(w, m->id, 1);
	put_text(w, "smtpserv.1", 1);
	end(w, at);
	at = begin(w, BODY, 1);
	memcpy(w->p + w->n, m->envelope, envelope);
	w->n += envelope;
	put(w, '\n', 1);
	memcpy(w->p + w->n, m->text, text);
	w->n += text;
	end(w, at);
}

/* All in one piece, so that equal runs are equal. */
static void
put_all(struct wire *w, struct feed *f)
{
	size_t i;

	for (i = 0; i < FEED_MESSAGES; i++)
		if (!f->is_acked[i]) {
			put_message(w, f, i);
			f->is_again[i] = true;
		}
}

/* The consumer of the run in which it has connected, and no other. */
static void
ask_to_end(const struct feed *f, unsigned int run)
{
	pid_t whom = 0;

	while (f->run == run && (whom = f->consumer) == 0)
		(void)usleep(100);
	if (f->run == run)
		(void)kill(whom, SIGTERM);
}

static void
take_ack(struct feed *f, unsigned int run, const unsigned char *arguments)
{
	uint64_t tag = get(arguments, 8);

	if (tag < 1 || tag > FEED_MESSAGES || arguments[8] != 0 ||
	    f->is_acked[tag - 1])
		f->was_refused = true;
	else
		f->is_acked[tag - 1] = true;
	if (feed_is_empty(f))
		ask_to_end(f, run);
}

/* The answer to a method; false: good-bye. */
static bool
answer(struct feed *f, unsigned int run, const unsigned char *payload,
    struct wire *out)
{
	const unsigned char *arguments = payload + 4;
	unsigned int class = (unsigned int)get(payload, 2);
	unsigned int method = (unsigned int)get(payload + 2, 2);
	size_t at = 0;

	switch (class << 8 | method) {
	case CONNECTION << 8 | 11: /* start-ok */
		at = begin_method(out, CONNECTION, 30);
		put(out, 2047, 2);
		put(out, 131072, 4);
		put(out, 0, 2);
		break;
	case CONNECTION << 8 | 40: /* open */
		at = begin_method(out, CONNECTION, 41);
		put(out, 0, 1);
		break;
	case CHANNEL << 8 | 10:
		at = begin_method(out, CHANNEL, 11);
		put(out, 0, 4);
		break;
	case BASIC << 8 | 10: /* qos */
		at = begin_method(out, BASIC, 11);
		break;
	case BASIC << 8 | 20: /* consume */
		at = begin_method(out, BASIC, 21);
		put_text(out, "smtpserv-pull", 1);
		end(out, at);
		put_all(out, f);
		return (true);
	case BASIC << 8 | 30: /* cancel */
		at = begin_method(out, BASIC, 31);
		put_text(out, "smtpserv-pull", 1);
		break;
	case BASIC << 8 | 80:
		take_ack(f, run, arguments);
		return (true);
	case BASIC << 8 | 90:  /* reject */
	case BASIC << 8 | 120: /* nack */
		f->was_refused = true;
		return (true);
	case CONNECTION << 8 | 50: /* close */
		return (false);
	default:
		return (true);
	}
	end(out, at);
	return (true);
}

/* The frames that are whole; how much of them was used up, or -1: it is over. */
static ssize_t
take(struct feed *f, unsigned int run, const struct wire *in, struct wire *out)
{
	size_t at = 0;

	while (in->n - at >= FRAME_HEAD) {
		const unsigned char *frame = in->p + at;
		size_t n = (size_t)get(frame + 3, 4);

		if (in->n - at < FRAME_HEAD + n + 1)
			break;
		if (frame[0] == METHOD &&
		    !answer(f, run, frame + FRAME_HEAD, out))
			return (-1);
		at += FRAME_HEAD + n + 1;
	}
	return ((ssize_t)at);
}

static void
greet(struct wire *out)
{
	size_t at = begin_method(out, CONNECTION, 10);

	put(out, 9, 2);
	put(out, 0, 4);
	put_text(out, "PLAIN", 4);
	put_text(out, "en_US", 4);
	end(out, at);
}

/* False: it was no consumer. */
static bool
serve(struct feed *f, unsigned int run, int fd)
{
	static struct wire in;
	static struct wire out;
	ssize_t used = 8; /* of its greeting */
	ssize_t n;

	in.n = 0;
	out.n = 0;
	while (in.n < 8 && (n = recv(fd, in.p + in.n, 8 - in.n, 0)) > 0)
		in.n += (size_t)n;
	if (in.n < 8 || memcmp(in.p, "AMQP", 4) != 0)
		return (false);
	greet(&out);
	for (;;) {
		if (out.n > 0 && send(fd, out.p, out.n, MSG_NOSIGNAL) < 0)
			return (true);
		out.n = 0;
		in.n -= (size_t)used;
		memmove(in.p, in.p + used, in.n);
		n = recv(fd, in.p + in.n, sizeof(in.p) - in.n, 0);
		if (n <= 0)
			return (true);
		in.n += (size_t)n;
		used = take(f, run, &in, &out);
		if (used < 0)
			return (true);
	}
}

static _Noreturn void
be_broker(struct feed *f, int listener)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGALRM, SIG_IGN);
	for (;;) {
		bool is_consumer;
		unsigned int run;
		int one = 1;
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		run = f->run;
		is_consumer = serve(f, run, fd);
		(void)close(fd);
		/* It would come again, after a while. */
		if (is_consumer)
			ask_to_end(f, run);
	}
}

struct feed *
feed_start(void)
{
	struct feed *f = mmap(NULL, sizeof(*f), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof(at);
	pid_t pid;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (f == MAP_FAILED || fd < 0 ||
	    bind(fd, (struct sockaddr *)&at, n) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		die("a broker: %s", strerror(errno));
	f->port = ntohs(at.sin_port);
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		be_broker(f, fd);
	f->broker = pid;
	(void)close(fd);
	return (f);
}

void
feed_end(struct feed *f)
{
	(void)kill(f->broker, SIGKILL);
}

void
feed_reset(struct feed *f)
{
	size_t i;

	f->was_refused = false;
	for (i = 0; i < FEED_MESSAGES; i++)
		f->is_acked[i] = f->is_again[i] = false;
}

bool
feed_is_empty(const struct feed *f)
{
	size_t i;

	for (i = 0; i < FEED_MESSAGES; i++)
		if (!f->is_acked[i])
			return (false);
	return (true);
}

int
feed_acked(const char *data, size_t n)
{
	static const unsigned char ack[] = { METHOD, 0, 1, 0, 0, 0, 13, 0,
		BASIC, 0, 80 };
	uint64_t tag;

	if (n < sizeof(ack) + 9 || memcmp(data, ack, sizeof(ack)) != 0)
		return (-1);
	tag = get((const unsigned char *)data + sizeof(ack), 8);
	return (tag >= 1 && tag <= FEED_MESSAGES ? (int)tag - 1 : -1);
}

/* All that have connected before are served, in their order. */
static void
wait_for_broker(const struct feed *f)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)f->port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char c;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    send(fd, "not AMQP", 8, MSG_NOSIGNAL) != 8)
		die("the broker: %s", strerror(errno));
	while (recv(fd, &c, 1, 0) < 0 && errno == EINTR)
		continue;
	(void)close(fd);
}

void
feed_run(struct feed *f, pid_t consumer)
{
	if (consumer == 0) {
		wait_for_broker(f);
		f->run++;
	}
	f->consumer = consumer;
}
