/* SPDX-License-Identifier: ISC */
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	VALUE_MAX = 256, /* bytes of a value that are shown */
	MAIL_INFO = 2 << 3 | 6
};

void
log_init(struct log *l, int fd, const char *tag, uint64_t pid)
{
	*l = (struct log){
		.fd = fd, .tag = tag, .pid = pid, .peer = bytes_of("local")
	};
}

void
log_set_peer(struct log *l, struct bytes peer)
{
	l->peer = peer;
}

int
log_open_syslog(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return (fd);
	err = errno;
	(void)close(fd);
	errno = err;
	return (-1);
}

/*
 * Descriptor 2 as log_start() leaves it for programs to come: nobody else has
 * /dev/null like that, so the next of ours knows that it was the client's.
 */
static int
open_nowhere(void)
{
	return (open("/dev/null", O_RDWR | O_APPEND));
}

static bool
is_nowhere(const struct stat *err)
{
	int flags = fcntl(STDERR_FILENO, F_GETFL);
	struct stat null;

	return (flags >= 0 && (flags & O_ACCMODE) == O_RDWR &&
	    (flags & O_APPEND) != 0 && S_ISCHR(err->st_mode) &&
	    stat("/dev/null", &null) == 0 && null.st_rdev == err->st_rdev);
}

void
log_start(struct log *l, const char *program)
{
	struct stat out;
	struct stat err;
	bool has_err = fstat(STDERR_FILENO, &err) == 0 && !is_nowhere(&err);
	bool is_client = has_err && fstat(STDOUT_FILENO, &out) == 0 &&
	    S_ISSOCK(err.st_mode) && out.st_dev == err.st_dev &&
	    out.st_ino == err.st_ino;
	uint64_t pid = (uint64_t)getpid();
	int fd;

	log_init(l, STDERR_FILENO, NULL, pid);
	if (has_err && !is_client)
		return;
	fd = open_nowhere();
	if (fd >= 0 && fd != STDERR_FILENO) {
		/* If it stays closed, syslog's socket may be 2. */
		(void)dup2(fd, STDERR_FILENO);
		(void)close(fd);
	}
	fd = log_open_syslog();
	if (fd >= 0)
		log_init(l, fd, program, pid);
}

/* Characters that need no quotes around them. */
static bool
is_plain(unsigned char c)
{
	return (c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '=');
}

static void
put_byte(struct buf *b, unsigned char c)
{
	if (c == '"' || c == '\\')
		(void)buf_putc(b, '\\');
	if (c >= ' ' && c <= '~')
		(void)buf_putc(b, (char)c);
	else
		(void)buf_printf(b, "\\x%02x", c);
}

static void
put_value(struct buf *b, struct bytes value)
{
	struct bytes shown = bytes_cut(value, 0, VALUE_MAX);
	bool plain = value.n > 0;
	size_t i;

	for (i = 0; i < shown.n; i++)
		plain = plain && is_plain((unsigned char)shown.p[i]);
	if (!plain)
		(void)buf_putc(b, '"');
	for (i = 0; i < shown.n; i++)
		put_byte(b, (unsigned char)shown.p[i]);
	if (shown.n < value.n)
		(void)buf_puts(b, "...");
	if (!plain)
		(void)buf_putc(b, '"');
}

void
log_begin(struct log_line *line, const struct log *l, const char *event)
{
	line->log = l;
	/* One byte is kept for the line end. */
	buf_init(&line->text, line->store, sizeof(line->store) - 1);
	if (l->tag != NULL)
		(void)buf_printf(&line->text, "<%d>%s[%llu]: ", MAIL_INFO,
		    l->tag, (unsigned long long)l->pid);
	(void)buf_puts(&line->text, "ip=");
	(void)buf_put(&line->text, l->peer);
	log_number(line, "pid", l->pid);
	log_text(line, "event", bytes_of(event));
}

static void
put_key(struct log_line *line, const char *key)
{
	(void)buf_putc(&line->text, ' ');
	(void)buf_puts(&line->text, key);
	(void)buf_putc(&line->text, '=');
}

void
log_text(struct log_line *line, const char *key, struct bytes value)
{
	put_key(line, key);
	put_value(&line->text, value);
}

void
log_number(struct log_line *line, const char *key, uint64_t value)
{
	put_key(line, key);
	(void)buf_put_number(&line->text, value);
}

void
log_end(struct log_line *line)
{
	struct bytes text = buf_view(&line->text);
	ssize_t n;

	/* The line's last byte was kept for this. */
	if (line->log->tag == NULL)
		line->store[text.n++] = '\n';
	n = write(line->log->fd, line->store, text.n);
	/* There is nobody to tell. */
	(void)n;
}

void
log_fault(const struct log *l, const struct fault *why)
{
	struct log_line line;

	log_begin(&line, l, "fault");
	log_text(&line, "op", bytes_of(why->op));
	log_text(&line, "name", bytes_of(why->name));
	if (why->err != 0)
		log_text(&line, "error", bytes_of(strerror(why->err)));
	log_end(&line);
}
