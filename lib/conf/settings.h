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

enum {
	SETTINGS_STORE = 16 * CONF_VALUE_MAX
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

#endif
