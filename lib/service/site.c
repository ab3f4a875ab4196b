/* SPDX-License-Identifier: ISC */
#include "service/site.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bytes/buf.h"
#include "program/program.h"

#define SESSION "/libexec/smtpserv-session"
#define STATUS  "/libexec/smtpserv-status"
#define TLS     "/libexec/smtpserv-tls"
#define PROXY   "/libexec/smtpserv-proxy"
#define SPOOL   "/bin/smtpserv-spool"
#define SBIN    "/sbin"
#define BUSY    "/share/smtpserv/xinetd/busy.txt"

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

/* Of PREFIX. */
static enum result
find(char *path, const char *tail, struct fault *why)
{
	return (program_find(path, SITE_PATH_MAX, 2, tail, why));
}

enum result
site_find(struct site *site, const char *conf, struct fault *why)
{
	enum result r = find_conf(site, conf, why);

	if (r == RES_OK)
		r = find(site->session, SESSION, why);
	if (r == RES_OK)
		r = find(site->status, STATUS, why);
	if (r == RES_OK)
		r = find(site->tls, TLS, why);
	if (r == RES_OK)
		r = find(site->proxy, PROXY, why);
	if (r == RES_OK)
		r = find(site->spool, SPOOL, why);
	if (r == RES_OK)
		r = find(site->sbin, SBIN, why);
	if (r == RES_OK)
		r = find(site->busy, BUSY, why);
	if (r != RES_OK)
		return (r);
	if (access(site->session, X_OK) != 0)
		return (fault_set(why, "find", site->session, errno));
	if (access(site->busy, R_OK) != 0)
		site->busy[0] = '\0';
	return (RES_OK);
}
