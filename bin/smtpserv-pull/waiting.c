/* SPDX-License-Identifier: ISC */
#include "waiting.h"

#include <fcntl.h>
#include <unistd.h>

#include "envelope/queueid.h"
#include "spool/scan.h"

enum {
	CHUNK = 4096
};

struct look {
	int dirfd;
	waiting_id_fn *visit;
	void *ctx;
};

static bool
count(void *ctx, uint32_t number, enum scan_kind kind)
{
	uint64_t *n = ctx;

	(void)number;
	*n += kind == SCAN_WRK ? 1 : 0;
	return (true);
}

enum result
waiting_count(int dirfd, uint64_t *n, struct fault *why)
{
	*n = 0;
	return (scan_each(dirfd, count, n, why));
}

/* What can be read of it: a message that is gone has no id. */
static void
read_id(int fd, struct queueid *id)
{
	char chunk[CHUNK];
	ssize_t n;

	queueid_init(id);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		queueid_feed(id, (struct bytes){ chunk, (size_t)n });
}

static bool
look(void *ctx, uint32_t number, enum scan_kind kind)
{
	const struct look *l = ctx;
	char name[SCAN_NAME_MAX];
	struct queueid id;
	int fd;

	if (kind != SCAN_WRK && kind != SCAN_HELD && kind != SCAN_BAD)
		return (true);
	scan_name(name, number, kind);
	fd = openat(
	    l->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return (true);
	read_id(fd, &id);
	/* It was only read. */
	(void)close(fd);
	if (queueid_view(&id).n > 0)
		l->visit(l->ctx, queueid_view(&id));
	return (true);
}

enum result
waiting_each_id(int dirfd, waiting_id_fn *visit, void *ctx, struct fault *why)
{
	struct look l = { dirfd, visit, ctx };

	return (scan_each(dirfd, look, &l, why));
}
