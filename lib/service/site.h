/* SPDX-License-Identifier: ISC */
/*
 * site: where this installation is: full paths, for other programs to use.
 *
 * Found from the running program, PREFIX/bin/NAME, so that a build
 * directory works as an installed one does.
 */
#ifndef SERVICE_SITE_H
#define SERVICE_SITE_H

#include "base/base.h"

enum {
	SITE_PATH_MAX = 4096
};

struct site {
	char conf[SITE_PATH_MAX];    /* the configuration */
	char session[SITE_PATH_MAX]; /* PREFIX/libexec/smtpserv-session */
	char status[SITE_PATH_MAX];  /* PREFIX/libexec/smtpserv-status */
	char tls[SITE_PATH_MAX];     /* PREFIX/libexec/smtpserv-tls */
	char proxy[SITE_PATH_MAX];   /* PREFIX/libexec/smtpserv-proxy */
	char spool[SITE_PATH_MAX];   /* PREFIX/bin/smtpserv-spool */
	char sbin[SITE_PATH_MAX];    /* PREFIX/sbin, which need not be there */
	/* xinetd's words to a client it turns away; "": no such file */
	char busy[SITE_PATH_MAX];
};

/* conf may be relative to the working directory. */
enum result site_find(
    struct site *site, const char *conf, struct fault *why) MUST_CHECK;

#endif
