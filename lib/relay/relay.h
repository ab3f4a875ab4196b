/* SPDX-License-Identifier: ISC */
/*
 * relay: the host that mail is to go to, as a command line names it, and the
 * accounts that are to be used there.
 *
 * Pure.  A host is
 *
 *     example.org              a domain: its MX records say where
 *     [relay.example]:587      this host; without a port the usual one
 *     [192.0.2.1]  [IPv6:2001:db8::1]:2525
 *
 * A file of accounts is lines of words parted by blanks:
 *
 *     HOST:PORT  USER  PASSWORD  [plaintext]
 *
 * HOST may stand in brackets.  A word that has blanks, or is empty, stands in
 * quotes; in these a backslash makes the next byte an ordinary one.  A line
 * that begins with # is for people.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/bytes.h"

enum {
	RELAY_WORD_MAX = 512, /* octets of a user, and of a password */
	RELAY_FILE_MAX = 65536
};

enum relay_kind {
	RELAY_DOMAIN,
	RELAY_HOST,
	RELAY_IPV4,
	RELAY_IPV6
};

struct relay {
	enum relay_kind kind;
	struct bytes name; /* a view, without brackets and tag */
	uint16_t port;     /* 0: none was named */
};

/* False: it is not a host. */
bool relay_parse(struct bytes text, struct relay *r);

struct relay_account {
	size_t nuser;
	size_t npassword;
	bool is_plaintext; /* to this machine it may go without TLS */
	char user[RELAY_WORD_MAX];
	char password[RELAY_WORD_MAX];
};

enum relay_found {
	RELAY_NONE,
	RELAY_FOUND,
	RELAY_BAD /* *line says which line cannot be understood */
};

/*
 * The first account for that host and port.  All lines are looked at, so that
 * a mistake does not wait for the day when its line is needed.
 */
enum relay_found relay_account(struct bytes file, const struct relay *r,
    uint16_t port, struct relay_account *account, unsigned int *line);

#endif
