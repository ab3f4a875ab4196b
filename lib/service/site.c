/* SPDX-License-Identifier: ISC */
#include "service/site.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"

#define SESSION "/libexec/smtpserv-session"
#define TLS     "/libexec/smtpserv-tls"
#define PROXY   "/libexec/smtpserv-proxy"
#define BUSY    "/share/smtpserv/xinetd/busy.txt"

/* PREFIX: the program's path without its last two parts. */
static enum result
find_prefix(struct bytes *prefix, char *path, size_t cap, struct fault *why)
{
	ssize_t n = readlink("/proc/self/exe", path, cap);
	unsigned int slashes = 0;

	if (n < 0)
		return (fault_set(why, "read link", "/proc/self/exe", errno));
	if ((size_t)n == cap)
		return (fault_set(
		    why, "read link", "/proc/self/exe", ENAMETOOLONG));
	while (n > 0 && slashes < 2)
		if (path[--n] == '/')
			slashes++;
	*prefix = (struct bytes){ path, (size_t)n };
	return (RES_OK);
}

static bool
join(char *into, struct bytes dir, const char *rest)
{
	struct buf b;

	buf_init(&b, into, SITE_PATH_MAX);
	(void)buf_put(&b, dir);
	(void)buf_puts(&b, rest);
	return (buf_cstr(&b) != NULL);
}

static enum result
find_conf(struct site *site, const char *conf, struct fault *why)
{
	struct buf b;
	char here[SITE_PATH_MAX];

	buf_init(&b, site->conf, sizeof(site->conf));
	if (conf[0] != '/') {
		if (getcwd(here, sizeof(here)) == NULL)
			return (fault_set(
			    why, "find the directory of", conf, errno));
		(void)buf_puts(&b, here);
		(void)buf_putc(&b, '/');
		if (strncmp(conf, "./", 2) == 0)
			conf += 2;
	}
	(void)buf_puts(&b, conf);
	if (buf_cstr(&b) == NULL)
		return (fault_set(why, "name", conf, ENAMETOOLONG));
	return (RES_OK);
}

enum result
site_find(struct site *site, const char *conf, struct fault *why)
{
	struct bytes prefix = { NULL, 0 };
	char path[SITE_PATH_MAX];
	enum result r = find_conf(site, conf, why);

	if (r == RES_OK)
		r = find_prefix(&prefix, path, sizeof(path), why);
	if (r != RES_OK)
		return (r);
	if (!join(site->session, prefix, SESSION) ||
	    !join(site->tls, prefix, TLS) ||
	    !join(site->proxy, prefix, PROXY) ||
	    !join(site->busy, prefix, BUSY))
		return (fault_set(why, "name", SESSION, ENAMETOOLONG));
	if (access(site->session, X_OK) != 0)
		return (fault_set(why, "find", site->session, errno));
	if (access(site->busy, R_OK) != 0)
		site->busy[0] = '\0';
	return (RES_OK);
}
