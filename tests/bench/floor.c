/* SPDX-License-Identifier: ISC */
/*
 * floor: what the disk asks for a message, with no mail program around it.
 *
 *     floor directory messages processes
 *     floor directory
 *
 * Makes the two files of a message and the counter durable in the order of
 * smtpserv-spool(5), by so many processes at once, and prints how many
 * seconds that took.  Looks for nothing, recovers nothing, speaks no SMTP.
 *
 * The second form is the least that a program under a super-server can do:
 * it takes smtp-source's word for everything, and stores what it sends as it
 * comes, with the same write-behind hints as ours.
 */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MESSAGE = 4096,
	TEXT_SIZE = 16384,
	DIGITS = 10,
	RESERVED = 1000 /* numbers that one sync of the counter is good for */
};

static const char ENVELOPE[] = "From: erick@maggot\nTo: bruce@gnat\n";

struct spool {
	int dirfd;
	int counter;
	unsigned int hint; /* for sync_file_range(2), or 0 */
	char text[TEXT_SIZE];
};

static void
must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

/* The same lock, read and write as ours, one sync a thousand. */
static unsigned long
take_number(struct spool *s)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char line[DIGITS + 2];
	unsigned long number;

	must(fcntl(s->counter, F_OFD_SETLKW, &whole), "lock");
	memset(line, 0, sizeof(line));
	must((int)pread(s->counter, line, DIGITS, 0), "read counter");
	number = strtoul(line, NULL, 10) + 1;
	(void)snprintf(line, sizeof(line), "%010lu", number);
	must((int)pwrite(s->counter, line, DIGITS, 0), "write counter");
	if (number % RESERVED == 1)
		must(fdatasync(s->counter), "sync counter");
	whole.l_type = F_UNLCK;
	must(fcntl(s->counter, F_OFD_SETLK, &whole), "unlock");
	return (number);
}

static int
create(struct spool *s, unsigned long number, const char *kind,
    const char *text, size_t n)
{
	char name[32];
	int fd;

	(void)snprintf(name, sizeof(name), "%lu.%s", number, kind);
	fd = openat(s->dirfd, name, O_RDWR | O_CREAT | O_EXCL, 0640);
	must(fd, name);
	must((int)write(fd, text, n), name);
	return (fd);
}

static void
rename_to(
    struct spool *s, unsigned long number, const char *from, const char *to)
{
	char old[32];
	char new[32];

	(void)snprintf(old, sizeof(old), "%lu.%s", number, from);
	(void)snprintf(new, sizeof(new), "%lu.%s", number, to);
	must(renameat(s->dirfd, old, s->dirfd, new), old);
}

static void
store_message(struct spool *s, size_t n)
{
	unsigned long number = take_number(s);
	int cmd = create(s, number, "CMD", ENVELOPE, sizeof(ENVELOPE) - 1);
	int tmp = create(s, number, "TMP", s->text, n);

	if (s->hint != 0) {
		must(sync_file_range(cmd, 0, 0, s->hint), "start CMD");
		must(sync_file_range(tmp, 0, 0, s->hint), "start TMP");
	}
	must(fdatasync(tmp), "sync TMP");
	must(fdatasync(cmd), "sync CMD");
	rename_to(s, number, "TMP", "TXT");
	must(fsync(s->dirfd), "sync directory");
	rename_to(s, number, "CMD", "WRK");
	must(fsync(s->dirfd), "sync directory");
	(void)close(tmp);
	(void)close(cmd);
}

static void
open_spool(struct spool *s, const char *dir)
{
	s->dirfd = open(dir, O_RDONLY | O_DIRECTORY);
	must(s->dirfd, dir);
	s->counter = openat(s->dirfd, "sequence.seq", O_RDWR | O_CREAT, 0640);
	must(s->counter, "sequence.seq");
}

/* A process of its own, with its own open files. */
static void
work(const char *dir, long messages)
{
	static struct spool s;

	open_spool(&s, dir);
	memset(s.text, 'x', MESSAGE);
	while (messages-- > 0)
		store_message(&s, MESSAGE);
	exit(0);
}

static void
answer(const char *line)
{
	must((int)write(1, line, strlen(line)), "write");
}

/* The text, to the line with the dot: how long it is. */
static size_t
take_text(struct spool *s)
{
	size_t n = 0;
	ssize_t got;

	answer("354 go ahead\r\n");
	do {
		got = read(0, s->text + n, sizeof(s->text) - n);
		if (got <= 0)
			exit(0);
		n += (size_t)got;
	} while (n < 5 || memcmp(s->text + n - 5, "\r\n.\r\n", 5) != 0);
	return (n - 3);
}

/* smtp-source waits for each answer before it goes on. */
static void
serve(const char *dir)
{
	static struct spool s = { .hint = SYNC_FILE_RANGE_WRITE };
	char line[1024];

	answer("220 floor ESMTP\r\n");
	open_spool(&s, dir);
	while (read(0, line, sizeof(line)) > 0 && line[0] != 'Q') {
		/* Only DATA begins with this letter. */
		if (line[0] == 'D')
			store_message(&s, take_text(&s));
		answer("250 ok\r\n");
	}
	answer("221 bye\r\n");
	exit(0);
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
	double start = seconds();
	long messages;
	long processes;
	long i;
	int failed = 0;
	int status;

	if (argc == 2)
		serve(argv[1]);
	if (argc != 4)
		errx(100, "usage: floor directory [messages processes]");
	messages = strtol(argv[2], NULL, 10);
	processes = strtol(argv[3], NULL, 10);
	for (i = 0; i < processes; i++) {
		/* The first ones take what does not divide. */
		long share = messages / processes + (i < messages % processes);
		pid_t pid = fork();

		must(pid, "fork");
		if (pid == 0)
			work(argv[1], share);
	}
	while (wait(&status) > 0)
		failed |= status;
	(void)printf("%.6f\n", seconds() - start);
	return (failed == 0 ? 0 : 1);
}
