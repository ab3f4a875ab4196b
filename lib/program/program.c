/* SPDX-License-Identifier: ISC */
#include "program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysio.h"

enum {
	USAGE_SIZE = 2048
};

static int
print(int fd, const struct buf *text)
{
	return (
	    sysio_write_file(fd, buf_view(text)) == SYSIO_OK ? XC_OK : XC_TEMP);
}

static int
print_usage(const struct program *p, int fd)
{
	char store[USAGE_SIZE];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, "usage: ");
	(void)buf_puts(&text, p->name);
	(void)buf_putc(&text, ' ');
	(void)buf_puts(&text, p->synopsis);
	(void)buf_putc(&text, '\n');
	if (p->more != NULL)
		(void)buf_puts(&text, p->more);
	return (print(fd, &text));
}

static int
print_version(const struct program *p)
{
	char store[128];
	struct buf text;

	buf_init(&text, store, sizeof(store));
	(void)buf_puts(&text, p->name);
	(void)buf_puts(&text, " " SMTPSERV_VERSION "\n");
	return (print(STDOUT_FILENO, &text));
}

bool
program_answers(const struct program *p, int argc, char *const *argv, int *code)
{
	if (argc != 2)
		return (false);
	if (strcmp(argv[1], "--help") == 0)
		*code = print_usage(p, STDOUT_FILENO);
	else if (strcmp(argv[1], "--version") == 0)
		*code = print_version(p);
	else
		return (false);
	return (true);
}

int
program_misused(const struct program *p)
{
	/* Nobody can be told that the line was lost. */
	(void)print_usage(p, STDERR_FILENO);
	return (XC_PERM);
}

bool
program_has_connection(void)
{
	return (fcntl(STDIN_FILENO, F_GETFD) >= 0 &&
	    fcntl(STDOUT_FILENO, F_GETFD) >= 0);
}

bool
program_open_standard(void)
{
	/*
	 * 0 is opened for writing only and 1 for reading only, so that
	 * using them fails.
	 */
	static const int ways[] = { O_WRONLY, O_RDONLY, O_RDWR };
	int fd;

	/* open() gives the lowest descriptor that is closed. */
	for (fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", ways[fd]) != fd)
			return (false);
	return (true);
}

static void
set_row(const int *row, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };
	size_t i;

	/* It cannot fail with these arguments. */
	for (i = 0; row[i] != 0; i++)
		(void)sigaction(row[i], &action, NULL);
}

static void
add_row(sigset_t *set, const int *row)
{
	size_t i;

	for (i = 0; row[i] != 0; i++)
		(void)sigaddset(set, row[i]);
}

void
program_set_signals(const struct program_signals *s, sigset_t *waiting)
{
	sigset_t blocked;

	set_row(s->heard, s->hear);
	set_row(s->ignored, SIG_IGN);
	set_row(s->usual, SIG_DFL);
	if (waiting == NULL)
		return;
	(void)sigemptyset(waiting);
	(void)sigemptyset(&blocked);
	add_row(&blocked, s->heard);
	add_row(&blocked, s->held);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* In the middle of any call of a library: shutdown(2) is safe there. */
static void
cut_socket(int sig, siginfo_t *info, void *context)
{
	int err = errno;

	(void)sig;
	(void)context;
	if (info->si_code == SI_TIMER)
		/* If it is not connected any more, all the better. */
		(void)shutdown(info->si_value.sival_int, SHUT_RDWR);
	errno = err;
}

void
program_cut_by_timers(void)
{
	struct sigaction action = { .sa_sigaction = cut_socket,
		.sa_flags = SA_SIGINFO | SA_RESTART };

	(void)sigaction(SIGALRM, &action, NULL);
}

void
program_reset_signals(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &usual, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

enum result
program_find(char *path, size_t cap, unsigned int parts, const char *tail,
    struct fault *why)
{
	ssize_t n = readlink("/proc/self/exe", path, cap);
	struct buf b;

	if (n < 0)
		return (fault_set(why, "read link", "/proc/self/exe", errno));
	if ((size_t)n == cap)
		return (fault_set(
		    why, "read link", "/proc/self/exe", ENAMETOOLONG));
	while (n > 0 && parts > 0)
		if (path[--n] == '/')
			parts--;
	buf_init(&b, path + n, cap - (size_t)n);
	(void)buf_puts(&b, tail);
	if (buf_cstr(&b) == NULL)
		return (fault_set(why, "name", tail, ENAMETOOLONG));
	return (RES_OK);
}
