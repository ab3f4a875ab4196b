/* SPDX-License-Identifier: ISC */
/*
 * sink PORT [-d MS] [-c]: an SMTP server that stores nothing, for the benchmark
 * of mail that leaves.
 *
 * One process.  What a client sends is looked at MS milliseconds after it came,
 * which is a round trip of that.  PIPELINING, SIZE, 8BITMIME and DSN; with -c
 * CHUNKING, too.  To a signal USR1 it answers on stdout:
 *
 *     MESSAGES CONNECTIONS FIRST LAST
 *
 * the moments (seconds, monotonic) of the first connection and the last final
 * reply since the last answer, and counts anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CLIENTS = 1024,
	PIECE = 65536,
	OUT = 65536,
	PENDING = 64
};

enum state {
	COMMANDS,
	TEXT,
	CHUNK
};

struct piece {
	int64_t due;
	size_t n;
	char *text;
};

struct client {
	int fd;
	enum state state;
	uint64_t left; /* of a chunk */
	bool is_last;
	unsigned int tail; /* how much of CR LF . CR LF was seen */
	size_t line_n;
	char line[1024];
	size_t out_n;
	char out[OUT];
	size_t first; /* a ring of what is not looked at yet */
	size_t n;
	struct piece pieces[PENDING];
};

static struct client *clients[CLIENTS];
static volatile sig_atomic_t asked;
static int64_t delay_ns;
static bool has_chunking;
static uint64_t messages;
static uint64_t connections;
static int64_t first_ns;
static int64_t last_ns;

static int64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
}

static void
say(struct client *c, const char *text)
{
	size_t n = strlen(text);

	if (c->out_n + n > sizeof(c->out))
		abort();
	memcpy(c->out + c->out_n, text, n);
	c->out_n += n;
}

static void
flush(struct client *c)
{
	/* A client that takes no replies is none that is measured. */
	if (c->out_n > 0 && write(c->fd, c->out, c->out_n) < 0)
		(void)shutdown(c->fd, SHUT_RDWR);
	c->out_n = 0;
}

static void
stored(struct client *c)
{
	messages++;
	last_ns = now_ns();
	say(c, "250 2.0.0 stored\r\n");
}

static bool
is_verb(const char *line, const char *verb)
{
	return (strncasecmp(line, verb, strlen(verb)) == 0);
}

static void
command(struct client *c, char *line)
{
	if (is_verb(line, "EHLO") || is_verb(line, "HELO")) {
		say(c,
		    "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n"
		    "250-DSN\r\n");
		if (has_chunking)
			say(c, "250-CHUNKING\r\n");
		say(c, "250 SIZE 0\r\n");
	} else if (is_verb(line, "DATA")) {
		say(c, "354 go ahead\r\n");
		c->state = TEXT;
		c->tail = 2;
	} else if (is_verb(line, "BDAT ")) {
		c->left = strtoull(line + 5, &line, 10);
		c->is_last = strcasestr(line, "LAST") != NULL;
		c->state = CHUNK;
	} else if (is_verb(line, "QUIT")) {
		say(c, "221 2.0.0 bye\r\n");
	} else {
		say(c, "250 2.0.0 ok\r\n");
	}
}

/* How many octets of it are of the text. */
static size_t
take_text(struct client *c, const char *p, size_t n)
{
	static const char end[] = "\r\n.\r\n";
	size_t i;

	for (i = 0; i < n; i++) {
		if (c->tail == 0) {
			const char *cr = memchr(p + i, '\r', n - i);

			if (cr == NULL)
				return (n);
			i = (size_t)(cr - p);
		}
		c->tail = p[i] == end[c->tail] ? c->tail + 1
		    : p[i] == '\r'             ? 1
					       : 0;
		if (c->tail == 5) {
			c->state = COMMANDS;
			stored(c);
			return (i + 1);
		}
	}
	return (n);
}

static size_t
take_line(struct client *c, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '\n') {
			c->line[c->line_n] = '\0';
			c->line_n = 0;
			command(c, c->line);
			return (i + 1);
		}
		if (c->line_n + 1 < sizeof(c->line))
			c->line[c->line_n++] = p[i];
	}
	return (n);
}

static void
end_chunk(struct client *c)
{
	if (c->state != CHUNK || c->left > 0)
		return;
	c->state = COMMANDS;
	if (c->is_last)
		stored(c);
	else
		say(c, "250 2.0.0 ok\r\n");
}

static void
look_at(struct client *c, const char *p, size_t n)
{
	while (n > 0) {
		size_t used = n;

		if (c->state == CHUNK) {
			if (c->left < used)
				used = (size_t)c->left;
			c->left -= used;
		} else if (c->state == TEXT) {
			used = take_text(c, p, n);
		} else {
			used = take_line(c, p, n);
		}
		end_chunk(c);
		p += used;
		n -= used;
	}
	flush(c);
}

static void
hang_up(size_t i)
{
	struct client *c = clients[i];

	for (; c->n > 0; c->n--) {
		free(c->pieces[c->first].text);
		c->first = (c->first + 1) % PENDING;
	}
	(void)close(c->fd);
	free(c);
	clients[i] = NULL;
}

static void
hear(size_t i)
{
	static char store[PIECE];
	struct client *c = clients[i];
	struct piece *piece;
	ssize_t n;

	if (c->n == PENDING)
		return;
	n = read(c->fd, store, sizeof(store));
	if (n <= 0) {
		hang_up(i);
		return;
	}
	if (delay_ns == 0) {
		look_at(c, store, (size_t)n);
		return;
	}
	piece = &c->pieces[(c->first + c->n++) % PENDING];
	*piece =
	    (struct piece){ now_ns() + delay_ns, (size_t)n, malloc((size_t)n) };
	if (piece->text == NULL)
		abort();
	memcpy(piece->text, store, (size_t)n);
}

static void
greet(int sock, int poller)
{
	int one = 1;
	int fd = accept4(sock, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct epoll_event e = { .events = EPOLLIN };
	size_t i = 0;

	while (i < CLIENTS && clients[i] != NULL)
		i++;
	if (fd < 0 || i == CLIENTS)
		abort();
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	clients[i] = calloc(1, sizeof(*clients[i]));
	if (clients[i] == NULL)
		abort();
	clients[i]->fd = fd;
	e.data.u64 = i;
	(void)epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
	if (connections++ == 0)
		first_ns = now_ns();
	say(clients[i], "220 sink\r\n");
	flush(clients[i]);
}

/* Look at what is due; milliseconds until more is, -1: nothing will be. */
static int
look_at_due(void)
{
	int64_t next = INT64_MAX;
	int64_t now = now_ns();
	size_t i;

	for (i = 0; delay_ns > 0 && i < CLIENTS; i++) {
		struct client *c = clients[i];

		while (
		    c != NULL && c->n > 0 && c->pieces[c->first].due <= now) {
			struct piece *p = &c->pieces[c->first];

			look_at(c, p->text, p->n);
			free(p->text);
			c->first = (c->first + 1) % PENDING;
			c->n--;
		}
		if (c != NULL && c->n > 0 && c->pieces[c->first].due < next)
			next = c->pieces[c->first].due;
	}
	if (next == INT64_MAX)
		return (-1);
	return (next <= now ? 0 : (int)((next - now) / 1000000) + 1);
}

static void
ask(int signo)
{
	(void)signo;
	asked = 1;
}

static void
answer(void)
{
	asked = 0;
	(void)printf("%llu %llu %.6f %.6f\n", (unsigned long long)messages,
	    (unsigned long long)connections, (double)first_ns / 1e9,
	    (double)last_ns / 1e9);
	(void)fflush(stdout);
	messages = 0;
	connections = 0;
}

static int
listen_at(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	(void)setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(sock, 256) != 0) {
		perror("sink");
		exit(111);
	}
	return (sock);
}

int
main(int argc, char **argv)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = CLIENTS };
	struct epoll_event got[64];
	int poller = epoll_create1(EPOLL_CLOEXEC);
	struct sigaction usr1 = { .sa_handler = ask };
	int sock;
	int opt;

	while ((opt = getopt(argc, argv, "d:c")) != -1) {
		if (opt == 'd')
			delay_ns = strtoll(optarg, NULL, 10) * 1000000;
		else if (opt == 'c')
			has_chunking = true;
		else
			return (100);
	}
	if (optind + 1 != argc)
		return (100);
	sock = listen_at((uint16_t)strtoul(argv[optind], NULL, 10));
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigaction(SIGUSR1, &usr1, NULL);
	(void)epoll_ctl(poller, EPOLL_CTL_ADD, sock, &e);
	for (;;) {
		int n = epoll_wait(poller, got, 64, look_at_due());
		int i;

		if (asked != 0)
			answer();
		for (i = 0; i < n; i++) {
			if (got[i].data.u64 == CLIENTS)
				greet(sock, poller);
			else if (clients[got[i].data.u64] != NULL)
				hear(got[i].data.u64);
		}
	}
}
