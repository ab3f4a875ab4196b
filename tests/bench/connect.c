/* SPDX-License-Identifier: ISC */
/*
 * connect: connect, read the banner, QUIT, read to the end; again and again.
 *
 *     connect port connections processes
 *
 * smtp-source has no such load.  Prints how many seconds it took.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
visit(const struct sockaddr_in *server)
{
	static const char quit[] = "QUIT\r\n";
	char text[4096];
	ssize_t n;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const void *)server, sizeof(*server)) != 0)
		err(1, "connect");
	do {
		n = read(fd, text, sizeof(text));
		if (n <= 0)
			errx(1, "no banner");
	} while (memchr(text, '\n', (size_t)n) == NULL);
	if (write(fd, quit, sizeof(quit) - 1) < 0)
		err(1, "write");
	while (read(fd, text, sizeof(text)) > 0)
		continue;
	(void)close(fd);
}

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return ((double)now.tv_sec + (double)now.tv_nsec / 1e9);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in server = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	double start = seconds();
	long connections;
	long processes;
	long i;
	int failed = 0;
	int status;

	if (argc != 4)
		errx(100, "usage: connect port connections processes");
	server.sin_port = htons((unsigned short)atoi(argv[1]));
	connections = strtol(argv[2], NULL, 10);
	processes = strtol(argv[3], NULL, 10);
	for (i = 0; i < processes; i++) {
		long n =
		    connections / processes + (i < connections % processes);
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid > 0)
			continue;
		while (n-- > 0)
			visit(&server);
		exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	(void)printf("%.6f\n", seconds() - start);
	return (failed == 0 ? 0 : 1);
}
