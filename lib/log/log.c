/* SPDX-License-Identifier: ISC */
#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sys/sysclock.h"

enum {
	VALUE_MAX = 256, /* bytes of a value that are shown */
	MAIL_INFO = 2 << 3 | 6,
	/* Milliseconds that a line has to get out. */
	WAIT_MS = 1000,
	/* Room in a line for its end, and for how many were lost. */
	TAIL_MAX = 32
};

/* How to write without waiting for a reader. */
enum way {
	WAY_FILE,   /* there is no reader */
	WAY_SOCKET, /* send(2) can be told not to wait */
	WAY_PIPE,   /* so can pwritev2(2), from Linux 6.5 on */
	WAY_SPLICE, /* and splice(2), on all */
	WAY_OTHER   /* if poll(2) says so */
};

/* The state of the descriptor; a process logs to one. */
static struct {
	enum way way;
	int own[2]; /* a pipe that is empty but in put_spliced(), or -1 */
	uint64_t lost;
	bool is_cut;  /* the beginning of a line got out, and not its end */
	bool is_slow; /* the last line did not get out in time */
} sink;

static enum way
way_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (WAY_OTHER);
	if (S_ISREG(st.st_mode))
		return (WAY_FILE);
	if (S_ISSOCK(st.st_mode))
		return (WAY_SOCKET);
	return (S_ISFIFO(st.st_mode) ? WAY_PIPE : WAY_OTHER);
}

void
log_init(struct log *l, int fd, const char *tag, uint64_t pid)
{
	sink.way = way_of(fd);
	sink.lost = 0;
	sink.is_cut = false;
	sink.is_slow = false;
	/* The descriptors of an earlier log may be somebody else's by now. */
	sink.own[0] = sink.own[1] = -1;
	*l = (struct log){
		.fd = fd, .tag = tag, .pid = pid, .peer = bytes_of("local")
	};
}

void
log_set_peer(struct log *l, struct bytes peer)
{
	l->peer = peer;
}

bool
log_is_file(void)
{
	return (sink.way == WAY_FILE);
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
 * Descriptor 2 as log_start() leaves it for the programs that follow.  Nobody
 * else opens /dev/null like that, so the next program of ours knows that 2 was
 * the client's.
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
	if (has_err && !is_client) {
		if (sink.way == WAY_PIPE && pipe2(sink.own, O_CLOEXEC) != 0)
			sink.own[0] = sink.own[1] = -1;
		return;
	}
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
	buf_init(&line->text, line->store, sizeof(line->store) - TAIL_MAX);
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

/* True: there is room, or something happened.  False: the time is over. */
static bool
wait_for_room(int fd, int64_t until_ms)
{
	struct pollfd pfd = { fd, POLLOUT, 0 };
	int64_t left = until_ms - sysclock_ms();
	struct timespec timeout;

	if (left < 0)
		left = 0;
	timeout.tv_sec = (time_t)(left / 1000);
	timeout.tv_nsec = (long)(left % 1000) * 1000000L;
	return (ppoll(&pfd, 1, &timeout, NULL) != 0);
}

/* This way does not suit the descriptor, or this kernel: take the next. */
static ssize_t
try_next(enum way way)
{
	sink.way = sink.own[0] < 0 ? WAY_OTHER : way;
	errno = EINTR;
	return (-1);
}

static bool
is_no_way(int err)
{
	return (err == EOPNOTSUPP || err == EINVAL || err == EPERM ||
	    err == ENOSYS);
}

/*
 * A pipe that poll(2) calls writable may be full when we come to write, because
 * other processes log to it, too.  To make it non-blocking would change it for
 * them.
 */
static ssize_t
put_to_pipe(int fd, struct bytes text)
{
	/* A struct iovec, but with a pointer that nothing is written by. */
	const struct {
		const void *base;
		size_t len;
	} part = { text.p, text.n };
	ssize_t n = syscall(SYS_pwritev2, fd, &part, 1UL, -1L, -1L, RWF_NOWAIT);

	return (n < 0 && is_no_way(errno) ? try_next(WAY_SPLICE) : n);
}

/*
 * Through a pipe of our own into the other.  Each line takes a whole page of
 * that one, however short it is.
 */
static ssize_t
put_spliced(int fd, struct bytes text)
{
	char scrap[sizeof(((struct log_line *)NULL)->store)];
	ssize_t n = write(sink.own[1], text.p, text.n);
	int err;

	if (n <= 0)
		return (n);
	n = splice(sink.own[0], NULL, fd, NULL, text.n, SPLICE_F_NONBLOCK);
	if (n == (ssize_t)text.n)
		return (n);
	err = errno;
	/* Take out the rest, so that the pipe is empty again. */
	(void)!read(sink.own[0], scrap, sizeof(scrap));
	if (n < 0 && is_no_way(err))
		return (try_next(WAY_OTHER));
	errno = err;
	return (n);
}

/* Write as much as goes without a wait; -1 and EAGAIN: nothing does. */
static ssize_t
put_some(int fd, struct bytes text)
{
	if (sink.way == WAY_SOCKET)
		return (send(fd, text.p, text.n, MSG_DONTWAIT | MSG_NOSIGNAL));
	if (sink.way == WAY_PIPE)
		return (put_to_pipe(fd, text));
	if (sink.way == WAY_SPLICE)
		return (put_spliced(fd, text));
	if (sink.way == WAY_FILE || wait_for_room(fd, 0))
		return (write(fd, text.p, text.n));
	errno = EAGAIN;
	return (-1);
}

/* Write all of it, or the part that gets out in time. */
static bool
put(int fd, struct bytes text, bool waits)
{
	int64_t until_ms = sysclock_ms() + (waits ? WAIT_MS : 0);

	while (text.n > 0) {
		ssize_t n = put_some(fd, text);

		if (n > 0) {
			text = bytes_cut(text, (size_t)n, text.n);
			sink.is_cut = text.n > 0;
		} else if (n < 0 && errno == EINTR) {
			continue;
		} else if (n == 0 || errno != EAGAIN) {
			return (false);
		} else if (!wait_for_room(fd, until_ms)) {
			sink.is_slow = true;
			return (false);
		}
	}
	sink.is_slow = false;
	return (true);
}

static void
finish(struct log_line *line, bool waits)
{
	struct bytes text = buf_view(&line->text);
	struct buf tail;

	buf_init(&tail, line->store + text.n, sizeof(line->store) - text.n);
	if (sink.lost > 0) {
		(void)buf_puts(&tail, " lost=");
		(void)buf_put_number(&tail, sink.lost);
	}
	if (line->log->tag == NULL)
		(void)buf_putc(&tail, '\n');
	text.n += buf_view(&tail).n;
	/* A half line stays a line of its own. */
	if ((sink.is_cut && !put(line->log->fd, bytes_of("\n"), waits)) ||
	    !put(line->log->fd, text, waits))
		sink.lost++;
	else
		sink.lost = 0;
}

void
log_end(struct log_line *line)
{
	finish(line, !sink.is_slow);
}

void
log_end_last(struct log_line *line)
{
	finish(line, true);
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

void
log_why(const struct log *l, const char *event, const char *why)
{
	struct log_line line;

	log_begin(&line, l, event);
	log_text(&line, "why", bytes_of(why));
	log_end(&line);
}
