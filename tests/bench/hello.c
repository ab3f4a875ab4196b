/* SPDX-License-Identifier: ISC */
/*
 * hello: the least that a program which sends mail can do, and how long another
 * takes to come as far.
 *
 *     hello PORT
 *     hello PORT FILE
 *     hello ROUNDS PROGRAM ARGUMENT ...
 *
 * The first form connects to 127.0.0.1, hears a greeting, says EHLO, and leaves
 * when it has an answer.  The second sends a file, one command at a time and
 * the text in writes of 1024 octets, as qmail-remote does.  The third is a
 * server that starts the program again and again, with its port for each `%`
 * of the arguments, and prints the median of the microseconds from before the
 * start until EHLO has come.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	BUFFER = 1024,
	ROUNDS_MAX = 10000,
	WORDS_MAX = 16
};

static void
must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static struct sockaddr_in
here(unsigned long port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return (a);
}

/* To the end of a line that has a blank behind its code. */
static void
hear(int fd)
{
	static char text[BUFFER];
	static size_t n;
	char *end;

	for (;;) {
		while ((end = memchr(text, '\n', n)) != NULL) {
			int is_last = text[3] == ' ';

			n -= (size_t)(end + 1 - text);
			memmove(text, end + 1, n);
			if (is_last)
				return;
		}
		ssize_t got = read(fd, text + n, sizeof(text) - n);

		if (got <= 0)
			exit(0);
		n += (size_t)got;
	}
}

static void
say(int fd, const char *text)
{
	must(write(fd, text, strlen(text)), "write");
}

static int
reach(const char *port)
{
	struct sockaddr_in a = here(strtoul(port, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	must(fd, "socket");
	must(connect(fd, (struct sockaddr *)&a, sizeof(a)), "connect");
	hear(fd);
	return (fd);
}

/* The text, in pieces of a small buffer; its end is in the last. */
static void
blast(int fd, FILE *file)
{
	char buffer[BUFFER];
	size_t n = 0;
	int c;
	int last = '\n';

	while ((c = getc(file)) != EOF || last == '\n') {
		const char *put = (char[]){ (char)c, '\0' };

		if (c == EOF)
			put = ".\r\n";
		else if (c == '\n')
			put = "\r\n";
		for (; *put != '\0'; put++) {
			if (n == sizeof(buffer)) {
				must(write(fd, buffer, n), "write");
				n = 0;
			}
			buffer[n++] = *put;
		}
		if (c == EOF)
			break;
		last = c;
	}
	must(write(fd, buffer, n), "write");
}

static int
send_file(const char *port, const char *name)
{
	static const char *const commands[] = { "HELO gnat\r\n",
		"MAIL FROM:<a@x>\r\n", "RCPT TO:<b@y>\r\n", "DATA\r\n" };
	FILE *file = fopen(name, "r");
	int fd = reach(port);
	size_t i;

	if (file == NULL)
		err(1, "%s", name);
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		say(fd, commands[i]);
		hear(fd);
	}
	blast(fd, file);
	hear(fd);
	say(fd, "QUIT\r\n");
	return (0);
}

static int64_t
now_us(void)
{
	struct timespec t;

	must(clock_gettime(CLOCK_MONOTONIC, &t), "clock");
	return ((int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a;
	int64_t y = *(const int64_t *)b;

	return ((x > y) - (x < y));
}

/* One start: the microseconds until its EHLO is here. */
static int64_t
time_one(int listener, char **words)
{
	int64_t begun = now_us();
	int64_t came;
	char line[BUFFER];
	pid_t pid;
	int fd;

	if (posix_spawn(&pid, words[0], NULL, NULL, words, environ) != 0)
		errx(1, "cannot start %s", words[0]);
	fd = accept(listener, NULL, NULL);
	must(fd, "accept");
	say(fd, "220 hi\r\n");
	must(read(fd, line, sizeof(line)), "read");
	came = now_us();
	say(fd, "421 bye\r\n");
	(void)close(fd);
	must(waitpid(pid, NULL, 0), "wait");
	return (came - begun);
}

static int
time_program(int rounds, char **argv)
{
	static int64_t took[ROUNDS_MAX];
	static char store[WORDS_MAX][256];
	char *words[WORDS_MAX + 1] = { NULL };
	struct sockaddr_in a = here(0);
	socklen_t n = sizeof(a);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int null = open("/dev/null", O_RDWR);
	int i;

	must(bind(listener, (struct sockaddr *)&a, n), "bind");
	must(listen(listener, 5), "listen");
	must(getsockname(listener, (struct sockaddr *)&a, &n), "name");
	for (i = 0; argv[i] != NULL && i < WORDS_MAX; i++) {
		char *mark = strchr(argv[i], '%');

		words[i] = store[i];
		if (mark == NULL)
			(void)snprintf(store[i], sizeof(store[i]), "%s",
			    argv[i]);
		else
			(void)snprintf(store[i], sizeof(store[i]), "%.*s%d%s",
			    (int)(mark - argv[i]), argv[i], ntohs(a.sin_port),
			    mark + 1);
	}
	/* Some text of a few lines, as a message is. */
	must(dup2(open("/etc/hosts", O_RDONLY | O_CLOEXEC), 0), "message");
	must(dup2(null, 2), "dup");
	for (i = 0; i < rounds && i < ROUNDS_MAX; i++) {
		int out = dup(1);

		must(dup2(null, 1), "dup");
		took[i] = time_one(listener, words);
		must(dup2(out, 1), "dup");
		(void)close(out);
	}
	qsort(took, (size_t)i, sizeof(took[0]), compare);
	(void)printf("%lld\n", (long long)took[i / 2]);
	return (0);
}

int
main(int argc, char **argv)
{
	if (argc == 2) {
		int fd = reach(argv[1]);

		say(fd, "EHLO gnat\r\n");
		hear(fd);
		return (0);
	}
	if (argc == 3)
		return (send_file(argv[1], argv[2]));
	if (argc > 3)
		return (time_program(atoi(argv[1]), argv + 2));
	errx(1, "usage: hello PORT [FILE], or hello ROUNDS PROGRAM ...");
}
