/* SPDX-License-Identifier: ISC */
#include "sink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "state.h"

enum {
	PEERS = 16,
	STORE = 65536,
	LISTENER = PEERS,
	ASKED,
	NFDS
};

/* What sink_settle() says. */
#define PROBE "PROBE"

struct peer {
	int fd; /* -1: free */
	bool in_text;
	bool waits; /* a probe */
	unsigned int number;
	bool rcpt[SINK_USERS];
	size_t n;
	char store[STORE];
};

static struct peer peers[PEERS];
static int listener;
static int asked;

static void
say(const struct peer *p, const char *text)
{
	/* A client that is gone does not want it. */
	(void)send(p->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
hang_up(struct peer *p)
{
	(void)close(p->fd);
	p->fd = -1;
}

static void
take_message(struct sink *s, struct peer *p)
{
	size_t i;

	for (i = 0; i < SINK_USERS; i++)
		if (p->rcpt[i] && p->number < SINK_NUMBERS)
			s->got[i][p->number]++;
}

static void
hear_text(struct sink *s, struct peer *p, const char *line)
{
	(void)sscanf(line, "\tid A%u;", &p->number);
	if (strcmp(line, ".") != 0)
		return;
	p->in_text = false;
	take_message(s, p);
	say(p, "250 2.0.0 taken\r\n");
}

static void
hear_line(struct sink *s, struct peer *p, const char *line)
{
	unsigned int user;

	if (p->in_text) {
		hear_text(s, p, line);
	} else if (strcmp(line, PROBE) == 0) {
		p->waits = true;
	} else if (strncmp(line, "EHLO", 4) == 0) {
		say(p,
		    s->offers_tls ? "250-sink\r\n250-STARTTLS\r\n"
				    "250 PIPELINING\r\n"
				  : "250-sink\r\n250 PIPELINING\r\n");
	} else if (strcmp(line, "STARTTLS") == 0) {
		say(p, "220 2.0.0 go\r\n");
	} else if (strncmp(line, "MAIL", 4) == 0) {
		memset(p->rcpt, 0, sizeof(p->rcpt));
		p->number = SINK_NUMBERS;
		say(p, "250 2.1.0 ok\r\n");
	} else if (sscanf(line, "RCPT TO:<u%u@", &user) == 1 &&
	    user < SINK_USERS) {
		p->rcpt[user] = true;
		say(p, "250 2.1.5 ok\r\n");
	} else if (strcmp(line, "DATA") == 0) {
		p->in_text = true;
		say(p, "354 go\r\n");
	} else if (strcmp(line, "RSET") == 0) {
		say(p, "250 2.0.0 ok\r\n");
	} else {
		/* QUIT, and the beginning of TLS. */
		say(p, "221 2.0.0 bye\r\n");
		hang_up(p);
	}
}

static void
hear(struct sink *s, struct peer *p)
{
	ssize_t n = recv(p->fd, p->store + p->n, STORE - p->n, MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		hang_up(p);
		return;
	}
	p->n += (size_t)n;
	while (p->fd >= 0 && (end = memchr(p->store, '\n', p->n)) != NULL) {
		size_t used = (size_t)(end - p->store) + 1;

		*end = '\0';
		if (end > p->store && end[-1] == '\r')
			end[-1] = '\0';
		hear_line(s, p, p->store);
		p->n -= used;
		memmove(p->store, p->store + used, p->n);
	}
	if (p->n == STORE)
		hang_up(p);
}

static void
take_peer(void)
{
	size_t i;

	for (i = 0; i < PEERS; i++)
		if (peers[i].fd < 0)
			break;
	if (i == PEERS)
		return;
	peers[i].fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (peers[i].fd < 0)
		return;
	peers[i].n = 0;
	peers[i].in_text = peers[i].waits = false;
	say(&peers[i], "220 sink\r\n");
}

/* All but probes have ended: whoever waits for that hears so. */
static void
answer_probes(void)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < PEERS; i++)
		n += peers[i].fd >= 0 && !peers[i].waits;
	for (i = 0; i < PEERS && n == 0; i++)
		if (peers[i].fd >= 0) {
			say(&peers[i], "!\n");
			hang_up(&peers[i]);
		}
}

/* A: 127.0.0.1; of other types there is nothing. */
static void
answer_question(void)
{
	static const unsigned char address[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0,
		1, 0, 4, 127, 0, 0, 1 };
	unsigned char m[512];
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	ssize_t n = recvfrom(asked, m, sizeof(m) - sizeof(address),
	    MSG_DONTWAIT, (struct sockaddr *)&from, &length);
	size_t end = 12;

	if (n < 17)
		return;
	while (end + 5 < (size_t)n && m[end] != 0)
		end += m[end] + 1U;
	end += 5;
	if (end > (size_t)n)
		return;
	/* An answer, recursive, without what was additional. */
	m[2] |= 0x80;
	m[3] = 0x80;
	memset(m + 6, 0, 6);
	if (m[end - 3] == 1) {
		m[7] = 1;
		memcpy(m + end, address, sizeof(address));
		end += sizeof(address);
	}
	(void)sendto(asked, m, end, 0, (const struct sockaddr *)&from, length);
}

static void *
run(void *ctx)
{
	struct sink *s = ctx;
	struct pollfd fds[NFDS];
	size_t i;

	while (listener >= 0) {
		for (i = 0; i < PEERS; i++)
			fds[i] = (struct pollfd){ peers[i].fd, POLLIN, 0 };
		fds[LISTENER] = (struct pollfd){ listener, POLLIN, 0 };
		fds[ASKED] = (struct pollfd){ asked, POLLIN, 0 };
		if (poll(fds, NFDS, -1) < 0)
			continue;
		for (i = 0; i < PEERS; i++)
			if (peers[i].fd >= 0 && fds[i].revents != 0)
				hear(s, &peers[i]);
		if (fds[LISTENER].revents != 0)
			take_peer();
		if (fds[ASKED].revents != 0)
			answer_question();
		answer_probes();
	}
	return (NULL);
}

static int
open_socket(int type, uint16_t *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(to);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    (type == SOCK_STREAM && listen(fd, PEERS) != 0) ||
	    getsockname(fd, (struct sockaddr *)&to, &length) != 0)
		die("a socket: %s", strerror(errno));
	*port = ntohs(to.sin_port);
	return (fd);
}

/* The one that world.c has taken from those who sync. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how,
    void *(*fn)(void *), void *ctx);

void
sink_start(struct sink *s)
{
	pthread_t thread;
	size_t i;

	for (i = 0; i < PEERS; i++)
		peers[i].fd = -1;
	listener = open_socket(SOCK_STREAM, &s->port);
	asked = open_socket(SOCK_DGRAM, &s->dns_port);
	if (__real_pthread_create(&thread, NULL, run, s) != 0)
		die("no thread");
}

void
sink_settle(struct sink *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
		.sin_port = htons(s->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char c = '\0';

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    send(fd, PROBE "\n", strlen(PROBE) + 1, 0) < 0)
		die("the sink: %s", strerror(errno));
	while (c != '!' && read(fd, &c, 1) > 0)
		continue;
	(void)close(fd);
}
