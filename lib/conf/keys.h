/* SPDX-License-Identifier: ISC */
/*
 * keys: the one table of the configuration's keys.
 *
 * Parsing, defaults, etc/wattcp.cfg and smtpserv.conf(5) are checked against
 * it.  A new key is a row here, a member of struct settings, and a paragraph
 * in both.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stdint.h>

#include "bytes/buf.h"
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
 * What is not set, and has no default, is "".  Not to be copied: the texts lie
 * in its store.
 */
struct settings {
	const char *hostname;
	const char *domain;
	uint32_t inactive; /* seconds; 0: no limit */
	uint32_t mss;      /* octets; 0: the system's */
	uint32_t sessions;
	uint32_t persource; /* 0: as sessions */
	const char *listen;
	const char *submission;
	const char *submissions;
	const char *lmtp;
	const char *proxy;
	const char *subdir;
	uint32_t sync; /* boolean */
	uint32_t eol;  /* enum settings_eol, and so on */
	uint32_t envelope;
	uint32_t bareeol;
	uint32_t maxsize; /* octets; 0: no limit */
	uint32_t maxrcpts;
	uint32_t maxerrors;
	uint32_t maxtime;    /* seconds; 0: no limit */
	const char *deliver; /* "": every recipient is accepted */
	const char *postmaster;
	const char *aliases;  /* "": there are none */
	uint32_t queuelife;   /* seconds */
	uint32_t workers;     /* deliveries at once */
	uint32_t commandtime; /* seconds */
	const char *tls_cert;
	const char *tls_key;
	const char *queue;       /* "": the spool, in-process */
	const char *auth;        /* "": AUTH is not offered */
	uint32_t auth_plaintext; /* boolean */
	uint32_t programtime;    /* seconds */
	/* Private. */
	size_t used; /* of the store; no more of it is touched */
	char store[SETTINGS_STORE];
};

enum key_type {
	KEY_NAME, /* a domain name */
	KEY_PATH,
	KEY_COMMAND, /* a full path, and arguments parted by blanks */
	KEY_NUMBER,
	KEY_CHOICE,   /* one of the words in `choices` */
	KEY_LISTEN,   /* address:port, separated by commas */
	KEY_PREFIXES, /* address or address/bits, separated by commas */
	KEY_POST,     /* a mailbox, or an instruction of the table */
	KEY_STACK     /* of the original's TCP/IP stack: accepted, not used */
};

struct key {
	const char *name;
	enum key_type type;
	const char *preset; /* the default, as one would write it; may be "" */
	size_t offset;      /* in struct settings */
	size_t size;        /* of that member */
	uint32_t min;
	uint32_t max;
	const char *choices; /* "no yes": the value's index is stored */
	const char *meaning; /* one line, for etc/wattcp.cfg and people */
};

enum {
	KEYS_MAX = 64
};

/* The rows, in the order in which people read them; KEYS_MAX at most. */
extern const struct key KEYS[];
extern const size_t KEYS_COUNT;

/*
 * The row of that name, without case, or NULL.  Aliases give the row they
 * stand for.
 */
const struct key *key_named(const char *name);

/* All at their defaults. */
void settings_init(struct settings *settings);

/* Store a value; NULL, or what is wrong with it, static text. */
const char *key_set(
    const struct key *key, struct settings *settings, const char *value);

/* ": 1 to 10000", ": no, yes": what a number or word of it can be, if it is. */
void key_put_range(const struct key *key, struct buf *out);

/* The value as one would write it. */
void key_get(
    const struct key *key, const struct settings *settings, struct buf *out);

/*
 * Who answers: hostname.domain; `machine` where hostname is not set.  False:
 * that is no domain name.
 */
bool settings_host(
    const struct settings *settings, const char *machine, struct buf *out);

/*
 * The next address:port of smtp.listen; *rest moves on.  False: no more.
 * The address is without brackets.
 */
bool settings_next_listen(
    struct bytes *rest, struct bytes *address, uint32_t *port);

#endif
