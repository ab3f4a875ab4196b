/* SPDX-License-Identifier: ISC */
#include "amqp/amqplogin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes/bytes.h"
#include "sys/sysio.h"

enum {
	FILE_MAX = 2 * AMQPLOGIN_MAX + 4
};

/* One line of *rest; false: it is empty, or long, or not text. */
static bool
take_line(struct bytes *rest, char line[AMQPLOGIN_MAX])
{
	struct bytes part = *rest;

	if (!bytes_take(rest, '\n', &part))
		*rest = bytes_cut(*rest, rest->n, 0);
	if (part.n > 0 && part.p[part.n - 1] == '\r')
		part.n--;
	if (part.n == 0 || part.n >= AMQPLOGIN_MAX || bytes_has_control(part))
		return (false);
	memcpy(line, part.p, part.n);
	line[part.n] = '\0';
	return (true);
}

static enum result
read_lines(struct amqplogin *l, int fd, const char *path, struct fault *why)
{
	char text[FILE_MAX];
	struct bytes rest = { text, 0 };
	struct stat st;
	bool good;

	if (fstat(fd, &st) != 0)
		return (fault_set(why, "stat", path, errno));
	if (!S_ISREG(st.st_mode) || (st.st_mode & S_IROTH) != 0) {
		(void)fault_set(why, "keep from others", path, EPERM);
		return (RES_PERM);
	}
	if (sysio_read_file(fd, text, sizeof(text), &rest.n) != SYSIO_OK)
		return (fault_set(why, "read", path, errno));
	good = take_line(&rest, l->user) && take_line(&rest, l->password) &&
	    rest.n == 0;
	explicit_bzero(text, sizeof(text));
	if (good)
		return (RES_OK);
	(void)fault_set(why, "find two lines in", path, EINVAL);
	return (RES_PERM);
}

enum result
amqplogin_read(struct amqplogin *l, const char *path, struct fault *why)
{
	enum result r;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return (fault_set(why, "open", path, errno));
	r = read_lines(l, fd, path, why);
	(void)close(fd);
	return (r);
}

void
amqplogin_forget(struct amqplogin *l)
{
	explicit_bzero(l, sizeof(*l));
}
