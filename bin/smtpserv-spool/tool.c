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
#include "filter.h"
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

bool
tool_take_filter(const struct tool *t, int *i, struct filter *f)
{
	const char *name = t->argv[*i];
	const char *want;

	if (!filter_is_option(name)) {
		problem_say(&TOOL_SELF,
		    "%s: not a filter: want " FILTER_USAGE "%s", name,
		    name[0] == '-' ? "" : "; `show' prints one message");
		return (false);
	}
	if (++*i == t->argc) {
		problem_say(&TOOL_SELF, "%s: a value is missing", name);
		return (false);
	}
	want = filter_set(f, name, t->argv[*i]);
	if (want != NULL)
		problem_say(&TOOL_SELF, "%s %s: %s", name, t->argv[*i], want);
	return (want == NULL);
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
	file->is_closed = fd < 0 && (errno == EACCES || errno == EPERM);
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
	static const enum scan_kind kinds[] = { SCAN_WRK, SCAN_HELD, SCAN_BAD };
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		char name[SCAN_NAME_MAX];
		struct stat st;

		scan_name(name, number, kinds[i]);
		if (fstatat(t->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			return (kinds[i]);
	}
	return (SCAN_WRK);
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
