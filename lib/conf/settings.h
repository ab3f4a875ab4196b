/* SPDX-License-Identifier: ISC */
/*
 * settings: the configuration, in the form in which programs read it.
 *
 * Pure.  keys.h fills them in.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/bytes.h"
#include "conf/conf.h"

enum settings_eol {
	SETTINGS_LF,
	SETTINGS_CRLF
};

enum settings_envelope {
	SETTINGS_PLAIN,
	SETTINGS_FULL
};

enum settings_bareeol {
	SETTINGS_NORMALIZE,
	SETTINGS_REJECT
};

enum settings_remotetls {
	SETTINGS_TLS_NONE,
	SETTINGS_TLS_MAY,
	SETTINGS_TLS_DANE,
	SETTINGS_TLS_ENCRYPT,
	SETTINGS_TLS_VERIFY
};

enum settings_family {
	SETTINGS_FAMILY_ANY,
	SETTINGS_FAMILY_4,
	SETTINGS_FAMILY_6
};

enum settings_unknown {
	SETTINGS_IGNORE,
	SETTINGS_LATER
};

enum {
	SETTINGS_NODES_MAX = 8,
	SETTINGS_STORE = 24 * CONF_VALUE_MAX
};

/*
 * A text that is not set, and has no default, is "".  Do not copy the struct:
 * its texts lie in its own store.
 */
/* The server: for smtpserv, and the service entries. */
struct settings_service {
	uint32_t sessions;
	uint32_t persource; /* 0: as sessions */
	const char *listen;
	const char *submission;
	const char *submissions;
	const char *lmtp;
	const char *proxy;
};

/* The spool, and the form of its messages: for all programs that open it. */
struct settings_spool {
	const char *dir;
	uint32_t sync;     /* boolean */
	uint32_t eol;      /* enum settings_eol */
	uint32_t envelope; /* enum settings_envelope */
};

/* A session and its helper; smtpserv-queue and -inject use its limits. */
struct settings_session {
	uint32_t inactive; /* seconds; 0: no limit */
	uint32_t mss;      /* octets; 0: the system's */
	uint32_t bareeol;  /* enum settings_bareeol */
	uint32_t maxsize;  /* octets; 0: no limit */
	uint32_t maxrcpts;
	uint32_t maxerrors;
	uint32_t maxtime;        /* seconds; 0: no limit */
	const char *queue;       /* "": the spool, in-process */
	uint32_t queue_envelope; /* enum settings_envelope */
	const char *auth;        /* "": AUTH is not offered */
	uint32_t auth_plaintext; /* boolean */
	uint32_t programtime;    /* seconds */
};

/* Recipients: for all programs that ask the table. */
struct settings_who {
	const char *deliver; /* "": every recipient is accepted */
	const char *postmaster;
	const char *aliases; /* "": there are none */
};

/* The worker. */
struct settings_work {
	uint32_t queuelife;   /* seconds */
	uint32_t workers;     /* deliveries at once */
	uint32_t commandtime; /* seconds */
};

/* The TLS engine. */
struct settings_tls {
	const char *cert;
	const char *key;
};

/* Seconds that each step of a conversation may take. */
struct settings_timeout {
	uint32_t connect; /* to one address */
	uint32_t greeting;
	uint32_t ehlo;
	uint32_t mail;
	uint32_t rcpt;
	uint32_t data;
	uint32_t text; /* each write of it */
	uint32_t final;
	uint32_t rset;
	uint32_t quit;
};

/* Mail that leaves; set only where remote.h's keys were loaded. */
struct settings_remote {
	const char *helo;    /* "": our name */
	const char *source;  /* an IPv4 address; "": the system's choice */
	const char *source6; /* likewise, IPv6 */
	uint32_t tls;        /* enum settings_remotetls */
	const char *policy;  /* "": none; see settings_policy() */
	uint32_t unknown;    /* enum settings_unknown */
	const char *ca;
	const char *cert;     /* "": none is shown */
	const char *key;      /* "": it is in cert */
	const char *auth;     /* "": no accounts */
	uint32_t mailauth;    /* boolean */
	const char *resolver; /* "": resolv.conf's */
	uint32_t perhost;
	uint32_t window;
	uint32_t inflight;
	uint32_t chunking; /* boolean */
	uint32_t messages;
	uint32_t idle; /* seconds */
	uint32_t addresses;
	const char *self; /* "": only those that this machine has */
	uint32_t family;  /* enum settings_family */
	uint32_t port;
	const char *filter; /* "": none */
	struct settings_timeout timeout;
};

/* A message broker; set only where amqp.h's keys were loaded. */
struct settings_amqp {
	const char *nodes;  /* "": none; see settings_next_node() */
	const char *socket; /* of smtpserv-publish */
	const char *vhost;
	const char *exchange;
	const char *queue;
	const char *ca;    /* "": no TLS */
	const char *cert;  /* "": none is shown */
	const char *key;   /* "": it is in cert */
	const char *login; /* "": by the certificate */
	uint32_t workers;
	uint32_t time;    /* seconds */
	uint32_t refusal; /* seconds */
	uint32_t prefetch;
	const char *stat; /* "": none is kept */
};

/* Mail that is taken from it; set only where pull.h's keys were loaded. */
struct settings_pull {
	uint32_t most;    /* messages that wait in the spool */
	const char *stat; /* "": none is kept */
};

/* Grouped by the programs that read them; all read the name. */
struct settings {
	const char *hostname;
	const char *domain;
	struct settings_service service;
	struct settings_spool spool;
	struct settings_session session;
	struct settings_who who;
	struct settings_work work;
	struct settings_tls tls;
	struct settings_remote remote;
	struct settings_amqp amqp;
	struct settings_pull pull;
	/* Private. */
	size_t used; /* of the store; no more of it is touched */
	char store[SETTINGS_STORE];
};

/*
 * The name that we answer by: hostname.domain; if hostname is not set,
 * `machine` stands for it.  False: the result is not a domain name.
 */
bool settings_host(
    const struct settings *settings, const char *machine, struct buf *out);

/*
 * The next address:port of smtp.listen; *rest moves on.  False: at the end.
 * The address is without brackets.
 */
bool settings_next_listen(
    struct bytes *rest, struct bytes *address, uint32_t *port);

/*
 * The next host:port of smtp.amqp.nodes; *rest moves on.  A host is a domain
 * name, or an address, which is without its brackets here.  False: it is none.
 */
bool settings_next_node(struct bytes *rest, struct bytes *host, uint32_t *port);

/* Is it an address of this machine itself, or the name of such a one? */
bool settings_is_loopback(struct bytes host);

/*
 * smtp.remote.policy: the path of a table, or socketmap:inet:HOST:PORT:NAME, or
 * socketmap:unix:PATH:NAME, whose parts these are, without brackets.
 */
struct settings_policy {
	bool is_map;
	bool is_inet;
	struct bytes place; /* a host or a path */
	uint32_t port;      /* of is_inet */
	struct bytes name;  /* of is_map */
};

/* Views into the text.  False: it is none. */
bool settings_policy(struct bytes text, struct settings_policy *policy);

/* A domain, or an address literal with its brackets. */
bool settings_is_helo(struct bytes text);

#endif
