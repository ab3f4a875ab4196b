/* SPDX-License-Identifier: ISC */
#include "reasons.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/owner.h"
#include "spool/scan.h"
#include "sys/sysfile.h"
#include "sys/sysio.h"

bool
reasons_read(const struct claim *c, time_t born, struct plan *p, char **store)
{
	char name[SCAN_NAME_MAX];
	struct bytes text;
	struct stat st;
	int fd;

	*store = NULL;
	scan_name(name, c->number, SCAN_WHY);
	fd = openat(
	    c->dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return (errno != ENOENT);
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime >= born &&
	    st.st_size <= PLAN_NOTED_MAX)
		*store = malloc((size_t)st.st_size + 1);
	if (*store != NULL &&
	    sysio_read_file(fd, *store, (size_t)st.st_size + 1, &text.n) ==
		SYSIO_OK) {
		text.p = *store;
		plan_read_reasons(p, text);
	}
	(void)close(fd);
	return (true);
}

/* The text over what there was.  0 or an errno. */
static int
write_over(const struct claim *c, const char *name, struct bytes text)
{
	int err = 0;
	int fd = openat(
	    c->dirfd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		fd = owner_create_like(c->dirfd, name, c->wrk_fd);
	if (fd < 0)
		return (errno);
	if (sysio_write_file(fd, text) != SYSIO_OK ||
	    ftruncate(fd, (off_t)text.n) != 0)
		err = errno;
	(void)close(fd);
	return (err);
}

enum result
reasons_write(const struct claim *c, const struct plan *p, struct fault *why)
{
	char name[SCAN_NAME_MAX];
	size_t cap = plan_size(p);
	char *store = malloc(cap);
	struct buf text;
	int err = ENOMEM;

	scan_name(name, c->number, SCAN_WHY);
	if (store != NULL) {
		buf_init(&text, store, cap);
		plan_print_reasons(p, &text);
		err = write_over(c, name, buf_view(&text));
	}
	free(store);
	return (err == 0 ? RES_OK : fault_set(why, "write", name, err));
}

void
reasons_remove(const struct claim *c)
{
	char name[SCAN_NAME_MAX];

	scan_name(name, c->number, SCAN_WHY);
	/* If it stays, it is a left-over. */
	(void)sysfile_remove(c->dirfd, name);
}
