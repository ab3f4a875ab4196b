/* SPDX-License-Identifier: ISC */
#include "parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "sys/sysio.h"

enum {
	MODE = 0600,
	PATH_SIZE = 2048
};

int
parcel_make_named(const char *dir, unsigned int n)
{
	char store[PATH_SIZE];
	const char *path;
	struct buf out;
	int fd;

	buf_init(&out, store, sizeof(store));
	(void)buf_printf(&out, "%s/amqp.%ld.%u", dir, (long)getpid(), n);
	path = buf_cstr(&out);
	if (path == NULL) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	/* One that is there is of a process that was killed in between. */
	if (unlink(path) != 0 && errno != ENOENT)
		return (-1);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd >= 0 && unlink(path) != 0) {
		(void)close(fd);
		return (-1);
	}
	return (fd);
}

static int
make(const char *dir, unsigned int n)
{
	int fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, MODE);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = parcel_make_named(dir, n);
	return (fd);
}

enum result
parcel_open(struct parcel *p, const char *dir, struct fault *why)
{
	unsigned int i;

	for (i = 0; i < HANDOVER_FDS; i++) {
		p->size[i] = 0;
		p->fds[i] = make(dir, i);
		if (p->fds[i] < 0)
			return (fault_set(why, "make a file in", dir, errno));
	}
	return (RES_OK);
}

static enum result
begin(void *ctx, struct trace_facts *facts, struct fault *why)
{
	const struct parcel *p = ctx;

	(void)why;
	facts->id = p->id;
	return (RES_OK);
}

static enum result
add(struct parcel *p, enum parcel_file which, struct bytes text,
    struct fault *why)
{
	if (sysio_write_file(p->fds[which], text) != SYSIO_OK)
		return (fault_set(why, "write",
		    which == PARCEL_MESSAGE ? "the message" : "the envelope",
		    errno));
	p->size[which] += text.n;
	return (RES_OK);
}

static enum result
add_text(void *ctx, struct bytes text, struct fault *why)
{
	return (add(ctx, PARCEL_MESSAGE, text, why));
}

static enum result
add_lines(void *ctx, struct bytes lines, struct fault *why)
{
	return (add(ctx, PARCEL_ENVELOPE, lines, why));
}

const struct sink PARCEL_SINK = { begin, QQEXIT_CONFIG, add_text, add_lines };
