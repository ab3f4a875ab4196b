/* SPDX-License-Identifier: ISC */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/num.h"
#include "envelope/plan.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

const struct program TOOL_SELF = { "smtpserv-spool",
	"[-f file | -d directory] command ...", NULL };

bool
tool_number(const char *text, uint32_t *number)
{
	uint64_t n;

	if (!num_parse(bytes_of(text), UINT32_MAX, &n) || n == 0) {
		problem_say(&TOOL_SELF, "%s: not a message number", text);
		return (false);
	}
	*number = (uint32_t)n;
	return (true);
}

struct finding {
	struct tool_numbers *found;
	enum scan_kind kind;
	enum scan_kind or_kind;
	bool no_memory;
};

static bool
keep(void *ctx, uint32_t number, enum scan_kind kind)
{
	struct finding *f = ctx;
	struct tool_numbers *n = f->found;

	if (kind != f->kind && kind != f->or_kind)
		return (true);
	if (n->n == n->cap) {
		size_t cap = n->cap == 0 ? 1024 : n->cap * 2;
		uint32_t *list = realloc(n->list, cap * sizeof(*list));

		if (list == NULL) {
			f->no_memory = true;
			return (false);
		}
		n->list = list;
		n->cap = cap;
	}
	n->list[n->n++] = number;
	return (true);
}

static int
compare(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x < *y ? -1 : *x > *y);
}

/* The latest number last, before it the earlier ones, round the wraparound. */
static void
sort(struct tool_numbers *found)
{
	uint32_t latest = 0;
	size_t i;

	for (i = 0; i < found->n; i++)
		if (scan_is_later(found->list[i], latest))
			latest = found->list[i];
	for (i = 0; i < found->n; i++)
		found->list[i] -= latest + 1;
	qsort(found->list, found->n, sizeof(*found->list), compare);
	for (i = 0; i < found->n; i++)
		found->list[i] += latest + 1;
}

enum result
tool_find(const struct tool *t, enum scan_kind kind, enum scan_kind or_kind,
    struct tool_numbers *found, struct fault *why)
{
	struct finding f = { found, kind, or_kind, false };
	enum result r;

	*found = (struct tool_numbers){ NULL, 0, 0 };
	r = scan_each(t->dirfd, keep, &f, why);
	if (r == RES_OK && f.no_memory)
		r = fault_set(why, "list", t->dir, ENOMEM);
	if (r == RES_OK && found->n > 0)
		sort(found);
	return (r);
}

void
tool_look_at(const struct tool *t, const char *name, struct tool_file *file)
{
	struct stat st;
	int fd;

	*file = (struct tool_file){ .exists = false };
	if (fstatat(t->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	file->exists = true;
	file->is_regular = S_ISREG(st.st_mode);
	file->size = (uint64_t)st.st_size;
	file->modified = st.st_mtime;
	fd = openat(
	    t->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0) {
		file->is_locked = sysfile_is_locked(fd);
		(void)close(fd);
	}
}

void
tool_look(const struct tool *t, uint32_t number, enum scan_kind kind,
    struct tool_file *file)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, number, kind);
	tool_look_at(t, name, file);
}

/* The open file's text, or NULL and errno. */
static char *
read_whole(int fd, size_t *n)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) != 0)
		return (NULL);
	if (!S_ISREG(st.st_mode) || st.st_size > PLAN_GROWN_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		return (NULL);
	}
	text = malloc((size_t)st.st_size + 1);
	if (text != NULL &&
	    sysio_read_file(fd, text, (size_t)st.st_size + 1, n) != SYSIO_OK) {
		free(text);
		return (NULL);
	}
	return (text);
}

enum scan_kind
tool_kind_of(const struct tool *t, uint32_t number)
{
	struct tool_file wrk;
	struct tool_file bad;

	tool_look(t, number, SCAN_WRK, &wrk);
	tool_look(t, number, SCAN_BAD, &bad);
	return (!wrk.exists && bad.exists ? SCAN_BAD : SCAN_WRK);
}

char *
tool_read_envelope(const struct tool *t, uint32_t number, enum scan_kind kind,
    struct bytes *text, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	char *p = NULL;
	int err;
	int fd;

	scan_name(name, number, kind);
	fd = openat(
	    t->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0)
		p = read_whole(fd, &text->n);
	if (p == NULL)
		(void)fault_set(why, "read", name, errno);
	err = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = err;
	text->p = p;
	return (p);
}
