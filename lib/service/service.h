/* SPDX-License-Identifier: ISC */
/*
 * service: what a super-server is told: addresses, limits, service entries.
 *
 * Pure: settings and paths in, text out.  smtpserv-conf(1) prints the entries,
 * smtpserv(8) starts the super-servers.  A comment in an entry says what the
 * super-server cannot do for the settings.
 */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include <stdint.h>

#include "bytes/buf.h"
#include "conf/keys.h"

enum {
	/* The shortest address:port and its comma take 10 bytes. */
	SERVICE_ADDRESSES_MAX = CONF_VALUE_MAX / 9,
	SERVICE_ADDRESS_SIZE = 64, /* [address]:port */
	SERVICE_WORDS_MAX = 16,
	/* An entry of the longest smtp.listen and the longest paths. */
	SERVICE_TEXT_MAX = 524288
};

#define SERVICE_USER "smtpserv"
/* Where the status page is; no key moves it to where others could read it. */
#define SERVICE_STATUS_LISTEN "127.0.0.1:8025"
/* What xinetd calls a log that is syslog. */
#define SERVICE_SYSLOG "SYSLOG mail info"

struct service_address {
	char host[SERVICE_ADDRESS_SIZE];
	uint32_t port;
	bool is_v6;
	/* Of 0.0.0.0:P and [::]:P, which one dual-stack socket can serve. */
	bool is_paired;
};

/* What is served. */
enum service_role {
	SERVICE_SMTP,
	SERVICE_SUBMISSION,
	SERVICE_SUBMISSIONS, /* the same, under TLS from the start */
	SERVICE_LMTP,        /* on a Unix socket */
	SERVICE_STATUS       /* HTTP, for browsers on this machine */
};

/* The role of that name; false: there is none. */
bool service_role_named(const char *name, enum service_role *role);

/* The addresses of a role's key, in its order. */
struct service_listen {
	struct service_address at[SERVICE_ADDRESSES_MAX];
	size_t n;
};

struct service {
	const struct settings *settings;
	const struct service_listen *listen;
	const char *conf;    /* full path */
	const char *session; /* full path; of smtpserv-status for its role */
	const char *busy;    /* full path, or NULL: no such file */
	const char *user;    /* a name */
	const char *log;     /* for xinetd: SERVICE_SYSLOG, "FILE /..." */
	enum service_role role;
	const char *tls;   /* full path of smtpserv-tls */
	const char *proxy; /* full path of smtpserv-proxy */
	const char *spool; /* full path of smtpserv-spool */
};

/* Append the entry; NULL, or why there cannot be one, static text. */
typedef const char *service_print_fn(
    const struct service *service, struct buf *out);

service_print_fn service_xinetd;
service_print_fn service_s6;
service_print_fn service_tcpserver;
service_print_fn service_systemd;
service_print_fn service_inetd;

/*
 * What s6-supervise runs once the service has ended: the script `finish', which
 * goes beside the script that service_s6() prints.
 */
extern const char SERVICE_FINISH[];

/* The one of these that is called so, or NULL. */
service_print_fn *service_named(const char *name);

/* The value of the role's key, which was checked when it was loaded. */
void service_get_listen(const struct settings *settings, enum service_role role,
    struct service_listen *listen);

/* smtpserv, or with the role behind it: smtpserv-lmtp. */
const char *service_name(const struct service *s);

/* Is there TLS?  Then it is smtpserv-tls that becomes the user. */
bool service_has_tls(const struct service *s);

/* NULL, or why the role cannot be served, static text. */
const char *service_lacks(const struct service *s);

/* What each connection runs: the session, and what is in front of it. */
struct service_command {
	const char *word[SERVICE_WORDS_MAX];
	size_t n;
};

void service_get_command(const struct service *s, struct service_command *c);

/* address:port or [address]:port */
void service_put_address(
    struct buf *out, const struct service_address *address);

/* What `smtpserv-conf service' was told of the role: "-r lmtp ", or nothing. */
void service_put_role(struct buf *out, const struct service *s);

/* How many of the role run at once, and of these from one address. */
uint32_t service_sessions(const struct service *s);
uint32_t service_sessions_each(const struct service *s);

/* Sessions at once from one address: never more than there are in all. */
uint32_t service_persource(const struct settings *settings);

/*
 * How many connections the kernel may hold that are not accepted yet.  A client
 * that waits there for a session to end must not be refused.
 */
uint32_t service_backlog(const struct settings *settings);

/* Could this be the name, or the number, of a user? */
bool service_is_user(const char *name);

/*
 * Is the path one that needs no quoting in any entry?  Those of xinetd,
 * systemd and inetd have no common way to quote.
 */
bool service_is_plain(const char *path);

#endif
