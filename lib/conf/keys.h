/* SPDX-License-Identifier: ISC */
/*
 * keys: the table of the configuration's keys.
 *
 * Those that only some programs read have a table of their own, a keyset, which
 * these programs name when they load.  Parsing, defaults, etc/wattcp.cfg and
 * smtpserv.conf(5) are checked against them.  A new key is a row in one of
 * them, a member of struct settings, and a paragraph in both.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "conf/settings.h"

enum key_type {
	KEY_NAME, /* a domain name */
	KEY_PATH,
	KEY_COMMAND, /* a full path, and arguments parted by blanks */
	KEY_NUMBER,
	KEY_CHOICE,   /* one of the words in `choices` */
	KEY_LISTEN,   /* address:port, separated by commas */
	KEY_PREFIXES, /* address or address/bits, separated by commas */
	KEY_POST,     /* a mailbox, or an instruction of the table */
	KEY_IPV4,     /* an address */
	KEY_IPV6,
	KEY_HELO,   /* a domain name, or an address literal */
	KEY_POLICY, /* the path of a table, or a socketmap */
	KEY_NODES,  /* host:port, separated by commas */
	KEY_LABEL,  /* a name that is a broker's, up to 255 printable bytes */
	KEY_STACK   /* of the original's TCP/IP stack: accepted, not used */
};

struct key {
	const char *name;
	enum key_type type;
	const char *preset; /* the default, as in the file; may be "" */
	size_t offset;      /* in struct settings */
	size_t size;        /* of that member */
	uint32_t min;
	uint32_t max;
	const char *choices; /* "no yes": the value's index is stored */
	const char *meaning; /* one line, for etc/wattcp.cfg and people */
};

/* The member of struct settings that a row is about. */
#define KEY_AT(member)                                                         \
	offsetof(struct settings, member),                                     \
	    sizeof(((struct settings *)0)->member)

/* The rows that keysets have. */
#define KEY_TEXT_ROW(name, type, preset, member, meaning)                      \
	{                                                                      \
		name, type, preset, KEY_AT(member), 0, 0, NULL, meaning        \
	}
#define KEY_NUMBER_ROW(name, preset, member, min, max, meaning)                \
	{                                                                      \
		name, KEY_NUMBER, preset, KEY_AT(member), min, max, NULL,      \
		    meaning                                                    \
	}

/* Keys that only some programs read, beside those below; and others behind. */
struct keyset {
	const char *prefix; /* of all its names */
	const struct key *rows;
	size_t count;
	const struct keyset *next; /* or NULL */
};

enum {
	KEYS_MAX = 64
};

/* The rows, in the order in which people read them; KEYS_MAX at most. */
extern const struct key KEYS[];
extern const size_t KEYS_COUNT;

/*
 * The row of that name, in any case, or NULL.  An alias gives the row that it
 * stands for.
 */
const struct key *key_named(const char *name);

/* The same, in the sets, too, if there are any. */
const struct key *key_named_in(const struct keyset *more, const char *name);

/* All at their defaults; and those of the sets, if there are any. */
void keys_init(struct settings *settings);
void keys_init_more(struct settings *settings, const struct keyset *more);

/* Store a value; NULL, or static text that says what is wrong with it. */
const char *key_set(
    const struct key *key, struct settings *settings, const char *value);

/* ": 1 to 10000", ": no, yes": the key's values, if numbers or words. */
void key_put_range(const struct key *key, struct buf *out);

/* The value as it would be written in the file. */
void key_get(
    const struct key *key, const struct settings *settings, struct buf *out);

#endif
