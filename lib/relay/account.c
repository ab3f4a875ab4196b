/* SPDX-License-Identifier: ISC */
#include "relay/account.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sysio.h"

static enum relay_found
refuse(struct buf *why, const char *path, const char *what)
{
	(void)buf_printf(why, "%s: %s", path, what);
	return (RELAY_BAD);
}

/* NULL, or what is wrong with it. */
static const char *
look_at(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return (strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ("not a file");
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return ("it belongs to another user");
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return ("others can read it: chmod 0600");
	return (NULL);
}

static enum relay_found
find_in(int fd, const char *path, const struct relay *r, uint16_t port,
    struct relay_account *account, struct buf *why)
{
	char text[RELAY_FILE_MAX];
	enum relay_found found;
	unsigned int line;
	size_t n = 0;

	if (sysio_read_file(fd, text, sizeof(text), &n) != SYSIO_OK)
		return (refuse(why, path, strerror(errno)));
	found =
	    relay_account((struct bytes){ text, n }, r, port, account, &line);
	explicit_bzero(text, sizeof(text));
	if (found == RELAY_BAD)
		(void)buf_printf(why,
		    "%s:%u: not an account: want HOST:PORT USER PASSWORD", path,
		    line);
	return (found);
}

enum relay_found
account_find(const char *path, const struct relay *r, uint16_t port,
    struct relay_account *account, struct buf *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum relay_found found;
	const char *wrong;

	if (fd < 0)
		return (refuse(why, path, strerror(errno)));
	wrong = look_at(fd);
	if (wrong != NULL)
		found = refuse(why, path, wrong);
	else
		found = find_in(fd, path, r, port, account, why);
	(void)close(fd);
	return (found);
}
